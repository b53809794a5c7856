//! Software drafts, people release: held at the use cases, with a mailer that keeps what it is handed.

use crate::laws::everything;
use crate::support::house::{House, administrator, hospital, lead, reader, token};
use std::collections::{BTreeMap, BTreeSet};
use tallyward_app::change::DocKind;
use tallyward_app::ports::{Mail, SendOutcome, Store};
use tallyward_app::query::{DeviceQuery, FindingQuery};
use tallyward_app::views::{DraftEdit, DraftLine, NoticePage};
use tallyward_app::{AppError, Who};
use tallyward_core::{DeviceId, Field};

const MINUTE: i64 = 60;
const DAY: i64 = 86_400;

fn live() -> House {
    House::live(&hospital(7, 120))
}

/// A draft for those at the bedside that can be released as it is; the one that reaches most people.
fn ready(house: &House) -> DraftLine {
    let drafts = house.app.drafts().unwrap();
    drafts
        .into_iter()
        .filter(|draft| draft.audience == "clinical" && draft.blocked == 0 && draft.people > 0)
        .max_by_key(|draft| draft.people)
        .expect("the lab's hospital gives a clinical draft that can be released")
}

fn released(house: &House) -> String {
    let draft = ready(house);
    house.app.release(&lead(), &draft.id).unwrap()
}

fn sent(house: &House) -> (String, Vec<Mail>) {
    let notice = released(house);
    house.app.send_due().unwrap();
    let mails = house.post.take();
    assert!(!mails.is_empty());
    (notice, mails)
}

fn addresses(mails: &[Mail]) -> BTreeSet<String> {
    mails.iter().map(|mail| mail.to.clone()).collect()
}

fn refused<T: std::fmt::Debug>(outcome: Result<T, AppError>) {
    assert!(matches!(outcome, Err(AppError::Refused(_))), "{outcome:?}");
}

fn lower(notice: &NoticePage, step: &str) -> usize {
    notice.deliveries.iter().filter(|one| one.step == step).count()
}

/// Everything a person or a timer may do with drafts on file, except releasing one.
fn everything_but_release(house: &House) {
    let app = &house.app;
    for draft in app.drafts().unwrap() {
        app.draft(&draft.id).unwrap();
        let edit = DraftEdit {
            instruction: "stop".to_owned(),
            authority: "lead".to_owned(),
            text: "Take the pump in bed 4 out of use.".to_owned(),
            next_word_hours: 4,
            steps: "Fetch a spare pump".to_owned(),
        };
        app.edit_draft(&lead(), &draft.id, &edit).unwrap();
    }
    let first = app.drafts().unwrap().remove(0);
    app.discard_draft(&lead(), &first.id, "known already").unwrap();
    app.refresh().unwrap();
    app.refresh_drafts().unwrap();
    for (unit, _, _) in app.huddles().unwrap() {
        app.huddle(&unit).unwrap();
    }
    app.overview().unwrap();
    app.worklist().unwrap();
    app.notices().unwrap();
    app.paths().unwrap();
    app.search("pump").unwrap();
    app.findings(&FindingQuery::default()).unwrap();
    for row in app.devices(&DeviceQuery::default()).unwrap().page.rows.iter().take(5) {
        app.device(row.id).unwrap();
        app.enter_fact(&lead(), row.id, Field::Room, "Room 7").unwrap();
    }
    app.export_devices(&DeviceQuery::default()).unwrap();
    app.export_cmms().unwrap();
    let lab = hospital(7, 120);
    app.import_advisories(&Who::program(), vec![lab.advisory_update()]).unwrap();
    app.import_contacts(&Who::program(), lab.contacts_csv().as_bytes()).unwrap();
    refused(app.release(&administrator(), &app.drafts().unwrap()[0].id));
    for _ in 0..6 {
        house.clock.pass(10 * 3_600);
        app.send_due().unwrap();
    }
}

#[test]
fn a_draft_reaches_nobody_without_release() {
    let house = live();
    everything_but_release(&house);
    assert_eq!(house.post.tried(), Vec::new());
    for kind in [DocKind::Notice, DocKind::Delivery, DocKind::Answer] {
        assert_eq!(house.store.count(kind, None).unwrap(), 0, "{kind:?}");
    }
    // The same recorder does hear of a release: the silence above means something.
    let draft = ready(&house);
    house.app.release(&lead(), &draft.id).unwrap();
    house.app.send_due().unwrap();
    assert!(!house.post.tried().is_empty());
}

#[test]
fn nothing_leaves_in_shadow_mode() {
    let house = House::of(&hospital(7, 120));
    assert!(house.app.mode().unwrap().shadow, "a fresh installation is in shadow mode");
    let draft = ready(&house);
    refused(house.app.release(&lead(), &draft.id));
    assert!(house.app.draft(&draft.id).unwrap().refusal.is_some(), "and the page says why");
    refused(house.app.go_live(&lead()));
    everything_but_release(&house);
    assert_eq!((house.post.tried(), house.store.count(DocKind::Delivery, None).unwrap()), (Vec::new(), 0));
}

#[test]
fn back_in_shadow_mode_what_is_queued_stays() {
    let house = live();
    let (open, first) = sent(&house);
    let queued = released(&house);
    house.app.go_shadow(&administrator()).unwrap();
    for _ in 0..8 {
        house.clock.pass(6 * 3_600);
        assert_eq!(house.app.send_due().unwrap(), 0);
    }
    assert_eq!(house.post.tried(), Vec::new(), "neither the queue nor a reminder");
    refused(house.app.correct(&lead(), &open, "The room was wrong"));
    refused(house.app.stand_down(&lead(), &open, "It is over for all"));
    let page = house.app.notice(&queued).unwrap();
    assert!(page.deliveries.iter().all(|one| one.state == "queued" && one.attempts == 0), "{page:?}");
    // Contacts, tables and wording are as they were signed, so the house may go live again.
    house.app.go_live(&lead()).unwrap();
    house.app.send_due().unwrap();
    let mails = house.post.take();
    for delivery in &page.deliveries {
        let sent = mails.iter().filter(|mail| mail.id.starts_with(&format!("{}@", delivery.id))).count();
        assert_eq!(sent, 1, "each once");
    }
    assert_eq!(first.iter().filter(|mail| mails.iter().any(|other| other.id == mail.id)).count(), 0);
}

#[test]
fn only_a_lead_releases() {
    let house = live();
    let draft = ready(&house);
    let before = everything(&house);
    let edit = DraftEdit { instruction: "keep".to_owned(), next_word_hours: 1, ..DraftEdit::default() };
    for who in [reader(), administrator(), Who::program()] {
        refused(house.app.release(&who, &draft.id));
        refused(house.app.edit_draft(&who, &draft.id, &edit));
        refused(house.app.discard_draft(&who, &draft.id, "not needed"));
        refused(house.app.sign_off(&who, "tables"));
    }
    refused(house.app.go_shadow(&reader()));
    assert_eq!(everything(&house), before, "a refused act leaves no trace in what is kept");
    let (notice, _) = sent(&house);
    for who in [reader(), administrator(), Who::program()] {
        refused(house.app.correct(&who, &notice, "The room was wrong"));
        refused(house.app.stand_down(&who, &notice, "It is over for all"));
    }
    refused(house.app.answer_signed_in(&reader(), &notice, "done"));
    // A released draft cannot be released again.
    refused(house.app.release(&lead(), &draft.id));
}

#[test]
fn a_changed_contact_needs_a_new_signature_before_going_live_again() {
    let house = live();
    let lab = hospital(7, 120);
    let contacts = format!("{}ICU-A,charge,,New Person,new@house.example,\n", lab.contacts_csv());
    house.app.import_contacts(&Who::program(), contacts.as_bytes()).unwrap();
    house.app.go_shadow(&lead()).unwrap();
    refused(house.app.go_live(&lead()));
    house.app.sign_off(&lead(), "contacts").unwrap();
    house.app.go_live(&lead()).unwrap();
}

#[test]
fn what_is_released_is_sent_once() {
    let house = live();
    let draft = ready(&house);
    let notice = house.app.release(&lead(), &draft.id).unwrap();
    assert_eq!(house.post.tried(), Vec::new(), "the intent is on record before anything leaves");
    let queued = house.app.notice(&notice).unwrap();
    assert_eq!(queued.deliveries.len(), draft.people);
    assert!(
        house
            .store
            .audit_of(&format!("notice {notice}"), 10)
            .unwrap()
            .iter()
            .any(|e| e.action == "notice.release")
    );
    for _ in 0..10 {
        house.app.send_due().unwrap();
        house.clock.pass(20);
    }
    let mails = house.post.tried();
    assert_eq!(mails.len(), draft.people);
    let ids: BTreeSet<&str> = mails.iter().map(|mail| mail.id.as_str()).collect();
    assert_eq!(ids.len(), draft.people, "one message to each person");
    for mail in &mails {
        assert!(mail.text.contains("Do not disconnect"), "{}", mail.text);
        assert!(mail.text.contains(&lead().name) && !mail.text.contains("CVE-"), "{}", mail.text);
    }
    let page = house.app.notice(&notice).unwrap();
    assert!(page.deliveries.iter().all(|one| one.state == "sent" && one.attempts == 1));
    assert!(page.line.sent.is_some() && page.line.delivered.is_some() && page.line.acknowledged.is_none());
}

#[test]
fn silence_climbs_the_ladder_once_a_step() {
    // Minutes of reminder and escalation by tier, as the ladder table has them.
    for (tier, reminder, escalation) in [("T1", 30, 60), ("T2", 1_440, 2_880)] {
        let house = live();
        let Some(draft) = house.app.drafts().unwrap().into_iter().find(|draft| {
            draft.tier == tier && draft.audience == "clinical" && draft.blocked == 0 && draft.people > 0
        }) else {
            assert_ne!(tier, "T1", "the lab's hospital has something to act on this shift");
            continue;
        };
        let notice = house.app.release(&lead(), &draft.id).unwrap();
        house.app.send_due().unwrap();
        let first = house.post.take();
        house.clock.pass(reminder * MINUTE - 1);
        house.app.send_due().unwrap();
        assert_eq!(house.post.take(), Vec::new(), "{tier}: a second too early");
        house.clock.pass(1);
        house.app.send_due().unwrap();
        house.app.send_due().unwrap();
        let reminders = house.post.take();
        assert_eq!(addresses(&reminders), addresses(&first), "{tier}: once more to the same people");
        assert_eq!(reminders.len(), first.len());
        assert!(reminders.iter().all(|mail| mail.subject.starts_with("Reminder: ")));
        house.clock.pass((escalation - reminder) * MINUTE - 1);
        house.app.send_due().unwrap();
        assert_eq!(house.post.take(), Vec::new(), "{tier}: no second reminder, no early escalation");
        house.clock.pass(1);
        house.app.send_due().unwrap();
        let raised = house.post.take();
        assert!(!raised.is_empty() && raised.iter().all(|mail| mail.subject.starts_with("No answer: ")));
        assert!(addresses(&raised).is_disjoint(&addresses(&first)), "{tier}: to somebody else");
        for _ in 0..40 {
            house.clock.pass(12 * 3_600);
            house.app.send_due().unwrap();
        }
        assert_eq!(house.post.take(), Vec::new(), "{tier}: each step once");
        let page = house.app.notice(&notice).unwrap();
        assert_eq!((lower(&page, "reminder"), lower(&page, "escalation")), (first.len(), raised.len()));
        assert!(page.line.overdue);
    }
}

#[test]
fn an_answer_stops_the_ladder_and_a_machine_does_not() {
    let house = live();
    let (notice, mails) = sent(&house);
    house.clock.pass(10 * MINUTE);
    house.app.answer(&token(&mails[0].text), "got_it", "MK").unwrap();
    for _ in 0..20 {
        house.clock.pass(12 * 3_600);
        house.app.send_due().unwrap();
    }
    assert_eq!(house.post.take(), Vec::new());
    let page = house.app.notice(&notice).unwrap();
    assert_eq!(
        (page.answers.len(), page.answers[0].initials.as_str(), page.answers[0].suspicious),
        (1, "MK", false)
    );

    let house = live();
    let (notice, mails) = sent(&house);
    // Nobody reads and taps within a second: some gateway pressed every button it found.
    house.clock.pass(1);
    house.app.answer(&token(&mails[0].text), "got_it", "X").unwrap();
    assert!(house.app.notice(&notice).unwrap().answers[0].suspicious);
    for _ in 0..8 {
        house.clock.pass(12 * 3_600);
        house.app.send_due().unwrap();
    }
    let page = house.app.notice(&notice).unwrap();
    assert!(lower(&page, "reminder") > 0 && lower(&page, "escalation") > 0);
}

#[test]
fn corrections_and_stand_downs_reach_exactly_the_same_people() {
    let house = live();
    let (notice, first) = sent(&house);
    assert!(first.len() > 1, "several people, so that one could be forgotten");
    house.clock.pass(DAY / 2);
    let correction = house.app.correct(&lead(), &notice, "Room 4 was named by mistake").unwrap();
    house.app.send_due().unwrap();
    let corrected = house.post.take();
    assert_eq!(addresses(&corrected), addresses(&first));
    assert_eq!(corrected.len(), first.len());
    let over = house.app.stand_down(&lead(), &correction, "The maker's fix is on every device").unwrap();
    house.app.send_due().unwrap();
    let ended = house.post.take();
    assert_eq!(addresses(&ended), addresses(&first));
    assert_eq!(ended.len(), first.len());
    // The old links show what is new, and are not answered any more.
    let old = token(&first[0].text);
    let page = house.app.answer_page(&old).unwrap();
    assert!(!page.open && page.superseded.is_some());
    refused(house.app.answer(&old, "done", "MK"));
    refused(house.app.correct(&lead(), &notice, "Another correction"));
    for _ in 0..20 {
        house.clock.pass(12 * 3_600);
        house.app.send_due().unwrap();
    }
    assert_eq!(house.post.take(), Vec::new(), "nobody is reminded of what is over");
    let page = house.app.notice(&over).unwrap();
    assert_eq!(page.line.kind, "stand-down");
    // A person ended it while nothing about the devices changed: it is not brought up again.
    let again = |one: &DraftLine| {
        (&one.advisory, &one.unit, &one.audience)
            == (&page.line.advisory, &page.line.unit, &page.line.audience)
    };
    house.app.refresh_drafts().unwrap();
    assert!(!house.app.drafts().unwrap().iter().any(again));
}

#[test]
fn looking_at_the_answer_page_changes_nothing() {
    let house = live();
    let (notice, mails) = sent(&house);
    let before = everything(&house);
    for mail in &mails {
        for _ in 0..30 {
            house.clock.pass(1);
            let page = house.app.answer_page(&token(&mail.text)).unwrap();
            assert!(page.open && page.answers.is_empty());
        }
    }
    assert_eq!(everything(&house), before);
    assert!(house.app.notice(&notice).unwrap().line.acknowledged.is_none());
}

#[test]
fn links_that_were_not_given_out_do_nothing() {
    let house = live();
    let (_, mails) = sent(&house);
    let good = token(&mails[0].text);
    let (_, foreign) = {
        let other = live();
        // Their randomness runs another way, so their key is another one.
        other.app.stage_list("x", Vec::new()).unwrap();
        sent(&other)
    };
    let before = everything(&house);
    let mut forged: Vec<String> =
        vec![String::new(), ".".to_owned(), "1.x.1.00".to_owned(), token(&foreign[0].text)];
    for at in 0..good.len() {
        let mut bytes = good.clone().into_bytes();
        bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
        forged.push(String::from_utf8(bytes).unwrap());
        forged.push(good[..at].to_owned());
    }
    forged.retain(|token| *token != good);
    for token in &forged {
        assert!(house.app.answer_page(token).is_err(), "{token}");
        assert!(house.app.answer(token, "done", "MK").is_err(), "{token}");
    }
    assert_eq!(everything(&house), before);
    house.clock.pass(14 * DAY);
    assert!(house.app.answer_page(&good).is_err(), "a link runs out after a fortnight");
    assert!(house.app.answer(&good, "done", "MK").is_err());
    assert_eq!(everything(&house), before);
}

#[test]
fn the_same_answer_again_changes_nothing() {
    let house = live();
    let (notice, mails) = sent(&house);
    let link = token(&mails[0].text);
    house.clock.pass(5 * MINUTE);
    house.app.answer(&link, "doing_it", "MK").unwrap();
    let before = everything(&house);
    for _ in 0..5 {
        house.clock.pass(MINUTE);
        house.app.answer(&link, "doing_it", "MK").unwrap();
    }
    assert_eq!(everything(&house), before);
    house.app.answer(&link, "done", "MK").unwrap();
    let page = house.app.notice(&notice).unwrap();
    assert_eq!(page.answers.iter().map(|one| one.answer.as_str()).collect::<Vec<_>>(), ["doing it", "done"]);
    assert!(page.line.done > page.line.acknowledged && page.line.acknowledged > page.line.sent);
    assert!(
        matches!(house.app.answer(&link, "done", ""), Err(AppError::Invalid { .. })),
        "initials are asked for"
    );
    assert!(matches!(house.app.answer(&link, "maybe", "MK"), Err(AppError::Invalid { .. })));
}

/// Attempts made for each message.
fn attempts(mails: &[Mail]) -> BTreeMap<String, usize> {
    let mut count = BTreeMap::new();
    for mail in mails {
        *count.entry(mail.id.clone()).or_default() += 1;
    }
    count
}

fn unknown() -> SendOutcome {
    SendOutcome::Unknown { detail: "the connection broke".to_owned() }
}

#[test]
fn an_unknown_outcome_is_repeated_once_and_shown() {
    let house = live();
    let notice = released(&house);
    house.post.answers(std::iter::repeat_with(unknown).take(200));
    for _ in 0..20 {
        house.app.send_due().unwrap();
        house.clock.pass(61);
    }
    let tried = attempts(&house.post.take());
    let page = house.app.notice(&notice).unwrap();
    assert_eq!(tried.len(), page.deliveries.len());
    assert!(tried.values().all(|count| *count == 2), "{tried:?}");
    assert!(
        page.deliveries.iter().all(|one| one.state == "unknown" && one.detail.contains("broke")),
        "{page:?}"
    );
    let audit = house.store.audit_of(&format!("notice {notice}"), 50).unwrap();
    assert!(audit.iter().any(|entry| entry.action == "delivery.unknown"));
    let attention = house.app.overview().unwrap().attention;
    assert!(
        attention.iter().any(|one| one.link.contains("notice")),
        "it is shown to a person: {attention:?}"
    );
}

#[test]
fn an_unknown_outcome_that_ends_well_the_second_time_is_sent() {
    let house = live();
    let notice = released(&house);
    house.post.answers([unknown()]);
    for _ in 0..5 {
        house.app.send_due().unwrap();
        house.clock.pass(61);
    }
    let tried = attempts(&house.post.take());
    let page = house.app.notice(&notice).unwrap();
    assert_eq!(tried.values().sum::<usize>(), page.deliveries.len() + 1);
    assert!(page.deliveries.iter().all(|one| one.state == "sent"));
}

#[test]
fn what_did_not_leave_is_tried_again_ever_more_slowly_and_then_failed() {
    let house = live();
    let notice = released(&house);
    let first = house.app.notice(&notice).unwrap().deliveries[0].id.clone();
    let down = || SendOutcome::NotSent { detail: "450 try later".to_owned() };
    house.post.answers(std::iter::repeat_with(down).take(100_000));
    let mut at = Vec::new();
    for step in 0..1_200 {
        house.app.send_due().unwrap();
        if house.post.take().iter().any(|mail| mail.id.starts_with(&first)) {
            at.push(step * 30);
        }
        house.clock.pass(30);
    }
    assert_eq!(at.len(), 8, "{at:?}");
    let waits: Vec<i64> = at.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(waits.windows(2).all(|pair| pair[0] <= pair[1]) && waits[0] < waits[6], "{waits:?}");
    let page = house.app.notice(&notice).unwrap();
    let delivery = page.deliveries.iter().find(|one| one.id == first).unwrap();
    assert_eq!((delivery.state.as_str(), delivery.detail.as_str()), ("failed", "450 try later"));
    assert!(page.line.sent.is_none(), "nothing is called sent that was not");
}

#[test]
fn a_refused_message_is_not_repeated() {
    let house = live();
    let notice = released(&house);
    house.post.answers([SendOutcome::Rejected { detail: "550 no such person".to_owned() }]);
    for _ in 0..10 {
        house.app.send_due().unwrap();
        house.clock.pass(MINUTE);
    }
    let tried = attempts(&house.post.take());
    assert!(tried.values().all(|count| *count == 1), "{tried:?}");
    let page = house.app.notice(&notice).unwrap();
    assert_eq!(page.deliveries.iter().filter(|one| one.state == "failed").count(), 1);
}

/// Devices the notice names, as ids.
fn named(page: &NoticePage) -> Vec<DeviceId> {
    page.devices.iter().map(|device| device.0).collect()
}

/// A version of the lab's products that its advisory calls fixed.
fn mended(house: &House, id: DeviceId) -> &'static str {
    let model = house.app.device(id).unwrap().line.model;
    match model.as_str() {
        "Infuse 8 LVP" => "8.10.0",
        "Vista 12" => "U62",
        "Vista 8" => "15.0",
        "Aeris 500" => "VM5.1",
        "Somna A7" => "4.3",
        other => panic!("{other}: name the version that mends it here"),
    }
}

#[test]
fn a_device_that_is_mended_corrects_the_notice_and_the_last_one_ends_it() {
    let house = live();
    let draft = house
        .app
        .drafts()
        .unwrap()
        .into_iter()
        .filter(|draft| draft.audience == "clinical" && draft.blocked == 0 && draft.devices > 1)
        .find(|draft| draft.advisory.contains("021") || draft.advisory.contains("014"))
        .expect("a draft that names more than one monitor or pump");
    let notice = house.app.release(&lead(), &draft.id).unwrap();
    house.app.send_due().unwrap();
    let first = house.post.take();
    let follow = |kind: &str| {
        let drafts = house.app.drafts().unwrap();
        drafts.into_iter().find(|other| {
            other.kind == kind
                && other.unit == draft.unit
                && other.advisory == draft.advisory
                && other.audience == "clinical"
        })
    };
    assert!(follow("correction").is_none() && follow("stand-down").is_none());
    let devices = named(&house.app.notice(&notice).unwrap());
    let versions: Vec<String> =
        devices.iter().map(|device| house.app.device(*device).unwrap().line.version).collect();
    house.clock.pass(3_600);
    house.app.enter_fact(&lead(), devices[0], Field::SoftwareVersion, mended(&house, devices[0])).unwrap();
    let correction = follow("correction").expect("one device less is a correction");
    assert_eq!(correction.devices, devices.len() - 1);
    assert_eq!(house.post.take(), Vec::new(), "a correction is released by a person too");
    house.app.release(&lead(), &correction.id).unwrap();
    house.app.send_due().unwrap();
    assert_eq!(addresses(&house.post.take()), addresses(&first));
    for device in &devices[1..] {
        house.app.enter_fact(&lead(), *device, Field::SoftwareVersion, mended(&house, *device)).unwrap();
    }
    let over = follow("stand-down").expect("nothing left to act on ends it");
    house.app.release(&lead(), &over.id).unwrap();
    house.app.send_due().unwrap();
    assert_eq!(addresses(&house.post.take()), addresses(&first));
    assert!(follow("correction").is_none() && follow("stand-down").is_none());
    assert_eq!(house.app.notice(&notice).unwrap().line.state, "corrected");

    // Somebody puts the old software back: the people who were told that it is over have to hear of it.
    assert!(follow(&draft.kind).is_none());
    house.clock.pass(3_600);
    for (device, version) in devices.iter().zip(&versions).skip(1) {
        house.app.enter_fact(&lead(), *device, Field::SoftwareVersion, version).unwrap();
    }
    let again = follow(&draft.kind).expect("affected again under the same revision");
    assert_eq!(again.devices, devices.len() - 1);
    assert_eq!(house.app.refresh_drafts().unwrap(), 0);
}
