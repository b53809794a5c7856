//! Nothing that arrived is closed while somebody it concerns was not told, and it says who.

use crate::support::house::{House, administrator, hospital, lead, reader};
use crate::support::program::run;
use tallyward_app::untold::{Arrival, ArrivalKind, ArrivalState, GroupDevice, GroupLine, Telling};
use tallyward_app::{AppError, Who};
use tallyward_core::Verdict;

const ADVISORY: ArrivalKind = ArrivalKind::Advisory;
const LETTER: ArrivalKind = ArrivalKind::Letter;

fn arrival(house: &House, id: &str) -> Arrival {
    house.app.arrival(ADVISORY, id).unwrap()
}

/// The advisory that concerns most groups, some of them with a draft.
fn one(house: &House) -> Arrival {
    let rows = house.app.untold().unwrap().rows;
    let drafted = |row: &&Arrival| row.groups.iter().any(|group| group.telling == Telling::Draft);
    rows.iter().filter(drafted).max_by_key(|row| row.groups.len()).expect("the sample has drafts").clone()
}

fn seen(groups: &[GroupLine]) -> Vec<(String, String)> {
    groups
        .iter()
        .filter(|group| group.telling.waits())
        .map(|group| (group.key.clone(), group.mark.clone()))
        .collect()
}

fn refusal(result: Result<(), AppError>) -> String {
    match result {
        Err(AppError::Refused(why)) => why,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

#[test]
fn told_is_who_a_sent_notice_told_and_closing_waits_for_everybody() {
    let house = House::live(&hospital(7, 60));
    let app = &house.app;
    let id = one(&house).id;
    let why = refusal(app.close_arrival(&lead(), ADVISORY, &id, ""));
    let waits = arrival(&house, &id).groups.into_iter().find(|group| group.telling.waits()).unwrap();
    assert!(why.contains(&waits.name()), "it says who: {why}");

    for draft in app.drafts().unwrap().into_iter().filter(|draft| draft.advisory == id) {
        app.release(&lead(), &draft.id).unwrap();
    }
    let by_mail = |group: &&GroupLine| group.audience != "huddle" && group.affected > 0;
    let released = arrival(&house, &id);
    let mailed: Vec<&GroupLine> = released.groups.iter().filter(by_mail).collect();
    assert!(!mailed.is_empty() && mailed.iter().all(|group| group.telling == Telling::Unsent), "{mailed:?}");
    app.send_due().unwrap();
    let sent = arrival(&house, &id);
    for group in sent.groups.iter().filter(|group| group.affected > 0) {
        assert_eq!(group.not_told, 0, "{group:?}");
        assert!(matches!(group.telling, Telling::Told | Telling::Undecided), "{group:?}");
    }

    let left = seen(&sent.groups);
    if !left.is_empty() {
        refusal(app.close_arrival(&lead(), ADVISORY, &id, ""));
        app.sign_untold(&lead(), &id, &left, "They look at the versions this week.").unwrap();
    }
    let ready = arrival(&house, &id);
    assert_eq!((ready.state, ready.waiting), (ArrivalState::Ready, 0));
    app.close_arrival(&administrator(), ADVISORY, &id, "Done.").unwrap();
    let closed = arrival(&house, &id);
    assert_eq!(closed.state, ArrivalState::Closed);
    assert_eq!(closed.closed.as_ref().unwrap().login, "brenner");

    let notice =
        app.notices().unwrap().into_iter().find(|one| one.advisory == id && one.audience != "huddle");
    app.stand_down(&lead(), &notice.unwrap().id, "That was too early a word.").unwrap();
    let again = arrival(&house, &id);
    assert_eq!(again.state, ArrivalState::Untold, "whose last word was a stand-down is not told: {again:?}");
    assert!(again.closed.is_some());
    let audit = app.store().audit_of(&format!("advisory {id}"), 50).unwrap();
    assert!(audit.iter().any(|one| one.action == "arrival.close" && one.who == "brenner"));
}

#[test]
fn a_named_lead_signs_why_not_for_the_devices_they_saw() {
    let house = House::of(&hospital(7, 60));
    let app = &house.app;
    let found = one(&house);
    let groups = seen(&found.groups);
    let sign = |who: &Who, groups: &[(String, String)], because: &str| {
        app.sign_untold(who, &found.id, groups, because)
    };
    for who in [administrator(), reader(), Who::program()] {
        refusal(sign(&who, &groups, "A good reason."));
        if !who.role.may_write() || who == Who::program() {
            refusal(app.close_arrival(&who, ADVISORY, &found.id, ""));
        }
    }
    assert!(matches!(sign(&lead(), &groups, "no"), Err(AppError::Invalid { .. })));
    assert!(matches!(sign(&lead(), &[], "A good reason."), Err(AppError::Invalid { .. })));
    let other = vec![(groups[0].0.clone(), "0".repeat(16))];
    assert!(matches!(sign(&lead(), &other, "A good reason."), Err(AppError::Conflict)), "not what they saw");

    sign(&lead(), &groups[..1], "They were told by telephone.").unwrap();
    let after = arrival(&house, &found.id);
    assert_eq!(after.waiting, found.waiting - 1);
    let signed = after.groups.iter().find(|group| group.key == groups[0].0).unwrap();
    assert_eq!(signed.telling, Telling::Signed);
    assert_eq!(signed.signed.as_ref().unwrap().name, "Dr. Ines Maro");
    let csv = String::from_utf8(app.export_untold().unwrap()).unwrap();
    assert!(csv.contains("They were told by telephone.") && csv.contains("Dr. Ines Maro"), "{csv}");
    let lines = app.untold().unwrap().rows.iter().map(|row| row.groups.len().max(1)).sum::<usize>();
    assert_eq!(csv.lines().count(), lines + 1, "one line for each group");

    let why = refusal(app.remove_advisory(&lead(), &found.id, "not ours any more"));
    assert!(why.contains("cannot be closed"), "removing is no way around: {why}");
}

#[test]
fn not_told_nobody_assigned_and_undecided_are_three_things() {
    let house = House::live(&hospital(7, 60));
    let app = &house.app;
    let id = one(&house).id;
    let counts = |one: &Arrival| {
        let of = |is: fn(Telling) -> bool| one.groups.iter().filter(|group| is(group.telling)).count();
        (
            of(Telling::is_untold),
            of(|telling| telling == Telling::Unassigned),
            of(|telling| telling == Telling::Undecided),
        )
    };
    for one in app.untold().unwrap().rows {
        if one.kind == ADVISORY {
            assert_eq!((one.untold, one.unassigned, one.undecided), counts(&one), "{}", one.id);
            assert_eq!(one.waiting, one.untold + one.unassigned + one.undecided, "{}", one.id);
        }
        for group in &one.groups {
            assert!(!group.telling.is_untold() || group.not_told > 0, "untold of nothing: {group:?}");
            let listed = app.untold_devices(&one.id, &group.key).unwrap().devices;
            let affected = listed.iter().filter(|device| device.verdict == Verdict::Affected);
            let (told, not_told): (Vec<_>, Vec<_>) = affected.partition(|device| device.told);
            assert_eq!(listed.len() as u64, group.affected + group.unknown, "{group:?}");
            assert_eq!(not_told.len() as u64, group.not_told, "{group:?}");
            assert_eq!(told.len() as u64, group.affected - group.not_told, "{group:?}");
            if group.audience != "technical" {
                let of_the_class = |device: &&GroupDevice| device.line.class != group.class;
                assert_eq!(listed.iter().find(of_the_class), None, "{group:?}");
            }
        }
    }
    for draft in app.drafts().unwrap().into_iter().filter(|draft| draft.advisory == id) {
        app.release(&lead(), &draft.id).unwrap();
    }
    app.send_due().unwrap();
    let sent = arrival(&house, &id);
    assert_eq!(sent.untold, 0, "{sent:?}");
    assert!(sent.undecided > 0 && sent.state == ArrivalState::Undecided, "told is told: {sent:?}");
    assert!(!Telling::Undecided.is_untold() && Telling::Undecided.waits());

    let glance = || app.overview().unwrap().attention.into_iter().find(|one| one.link == "/untold");
    let line = glance().expect("other advisories have somebody untold");
    let open = app.untold().unwrap().rows;
    let groups: usize = open.iter().filter(|one| one.kind == ADVISORY).map(|one| one.untold).sum();
    let advisories = open.iter().filter(|one| one.kind == ADVISORY && one.untold > 0).count();
    assert!(line.text.starts_with(&format!("{groups} group")), "{line:?}");
    assert!(line.text.contains(&format!("not told of {advisories} advisor")), "{line:?}");
}

#[test]
fn where_nobody_is_on_record_nobody_is_assigned_and_naming_somebody_makes_them_untold() {
    let (house, hospital) = (House::empty(), hospital(7, 60));
    let app = &house.app;
    house.list("cmms.csv", &hospital.cmms_csv(), |mapping| mapping.complete = true);
    app.import_advisories(&Who::program(), hospital.advisories()).unwrap();
    let affected = |rows: Vec<Arrival>| -> Vec<GroupLine> {
        rows.into_iter().flat_map(|row| row.groups).filter(|group| group.affected > 0).collect()
    };
    let groups = affected(app.untold().unwrap().rows);
    assert!(!groups.is_empty());
    assert!(groups.iter().all(|group| group.telling == Telling::Unassigned), "{groups:?}");
    let line = |link: &str| app.overview().unwrap().attention.into_iter().find(|one| one.link == link);
    assert_eq!(line("/untold"), None);
    let said = line("/untold?state=unassigned").expect("the overview says so").text;
    assert!(said.starts_with(&groups.len().to_string()), "{said}");
    let open = app.untold().unwrap().rows.into_iter().find(|row| row.unassigned > 0).unwrap();
    assert!(refusal(app.close_arrival(&lead(), ADVISORY, &open.id, "")).contains("nobody is assigned"));

    app.import_units(&Who::program(), hospital.units_csv().as_bytes()).unwrap();
    app.import_contacts(&Who::program(), hospital.contacts_csv().as_bytes()).unwrap();
    let groups = affected(app.untold().unwrap().rows);
    let known: Vec<String> = app.units().unwrap().into_iter().map(|unit| unit.code).collect();
    for group in groups {
        let recorded = group.audience == "technical" || known.contains(&group.unit);
        assert_eq!(group.telling != Telling::Unassigned, recorded, "{group:?}");
    }
}

#[test]
fn a_letter_is_as_open_as_what_it_is_about() {
    let house = House::of(&hospital(7, 60));
    let app = &house.app;
    let found = one(&house);
    let mail = "From: a@b.example\nSubject: s\n\nNothing here is named.\n";
    let letter = app.take_letters(&lead(), vec![("a.eml".to_owned(), mail.into())]).unwrap().taken.remove(0);
    let state = || app.arrival(LETTER, &letter).unwrap().state;
    assert_eq!(state(), ArrivalState::Unsaid);
    assert!(matches!(app.close_arrival(&lead(), LETTER, &letter, ""), Err(AppError::Invalid { .. })));
    app.close_arrival(&lead(), LETTER, &letter, "An advertisement.").unwrap();
    assert_eq!(state(), ArrivalState::Closed);
    assert!(matches!(app.letter_about(&lead(), &letter, "no such", true), Err(AppError::Invalid { .. })));

    app.letter_about(&lead(), &letter, &found.id, true).unwrap();
    assert_eq!(state(), ArrivalState::Untold, "what it is about has told nobody yet");
    let why = refusal(app.close_arrival(&lead(), LETTER, &letter, "An advertisement."));
    assert!(why.contains(&found.groups.iter().find(|group| group.telling.waits()).unwrap().name()), "{why}");
    app.sign_untold(&lead(), &found.id, &seen(&found.groups), "Told at the morning round.").unwrap();
    assert_eq!(state(), ArrivalState::Closed, "closed before, and nobody is untold now");
    app.reopen_arrival(&lead(), LETTER, &letter).unwrap();
    assert_eq!(state(), ArrivalState::Ready);
    app.letter_about(&lead(), &letter, &found.id, false).unwrap();
    assert_eq!(state(), ArrivalState::Unsaid);
}

#[test]
fn the_list_is_exported_from_the_command_line() {
    let home = tempfile::tempdir().unwrap();
    let mail = "From: a@b.example\nSubject: A notice, with a comma\n\nText.\n";
    std::fs::write(home.path().join("n.eml"), mail).unwrap();
    run(home.path(), &["letters", "take", "n.eml"]).expect_code(0);
    let told = run(home.path(), &["export", "untold"]).expect_code(0).out;
    let rows: Vec<&str> = told.lines().collect();
    assert_eq!(rows.len(), 2, "{told}");
    assert!(rows[1].starts_with("letter,") && rows[1].contains("\"A notice, with a comma\""), "{told}");
    assert!(rows[1].contains("nobody has said what it is about"), "{told}");
}
