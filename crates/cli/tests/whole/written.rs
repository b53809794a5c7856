//! An advisory written here takes effect when a second person agreed to what they saw, and is a document like any other.

use crate::support::house::{House, administrator, hospital, lead, reader};
use crate::support::program::{arg, run};
use tallyward_advisories::{check, read_csaf};
use tallyward_app::query::FindingQuery;
use tallyward_app::written::{FlawSaid, ProductSaid, RemedySaid, Writing, WrittenState};
use tallyward_app::{AppError, Who};

const LETTER: &str = "From: Product Security <psirt@halden.example>\r\nSubject: Infuse 8 LVP: security notice\r\n\
    Date: Mon, 02 Nov 2026 08:00:00 +0000\r\n\r\n\
    Halden Medical: Infuse 8 LVP before 99 is affected by CVE-2026-11111 and CVE-2026-22222.\r\n";

fn said(version: &str) -> ProductSaid {
    ProductSaid {
        maker: "Halden Medical".to_owned(),
        product: "Infuse 8 LVP".to_owned(),
        version: version.to_owned(),
        ..ProductSaid::default()
    }
}

fn writing() -> Writing {
    Writing {
        title: "Infuse 8 LVP takes commands from anybody".to_owned(),
        summary: "Told by letter.".to_owned(),
        publisher: "Test House".to_owned(),
        namespace: "https://house.example".to_owned(),
        products: vec![said("before 99")],
        flaws: vec![FlawSaid {
            id: "cve-2026-11111".to_owned(),
            vector: "CVSS:3.1/AV:A/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:H".to_owned(),
            description: "No sign-in is asked for.".to_owned(),
        }],
        remedies: vec![RemedySaid { kind: "mitigation".to_owned(), text: "Close port 5000.".to_owned() }],
        links: vec!["https://halden.example/notice".to_owned()],
        ..Writing::default()
    }
}

fn seen(house: &House, id: &str) -> String {
    house.app.written_page(id).unwrap().seen
}

/// How many affected findings of it there are.
fn affected(house: &House, id: &str) -> u64 {
    let query = FindingQuery { advisory: Some(id.to_owned()), ..FindingQuery::default() };
    let rows = house.app.findings(&query).unwrap().page.rows;
    rows.iter().filter(|row| row.verdict == tallyward_core::Verdict::Affected).count() as u64
}

#[test]
fn a_letter_becomes_an_advisory_when_a_second_person_agrees() {
    let house = House::of(&hospital(7, 60));
    let app = &house.app;
    let files = vec![("notice.eml".to_owned(), LETTER.as_bytes().to_vec())];
    let letter = app.take_letters(&lead(), files).unwrap().taken.remove(0);

    let fresh = app.fresh_writing(Some(&letter)).unwrap();
    assert_eq!(fresh.title, "Infuse 8 LVP: security notice");
    assert_eq!(fresh.products[0].product, "Infuse 8 LVP");
    assert_eq!(fresh.flaws.len(), 2, "the CVE ids it names are proposed");

    let text = Writing { letter: letter.clone(), ..writing() };
    let shown = app.preview_writing(text.clone()).unwrap();
    assert!(shown.wrong.is_empty(), "{:?}", shown.wrong);
    assert!(shown.affected > 0 && !shown.units.is_empty(), "{shown:?}");
    assert!(
        app.advisories().unwrap().iter().all(|line| !line.id.starts_with("TEST-HOUSE")),
        "nothing is kept"
    );

    let id = app.begin_writing(&lead(), text).unwrap();
    assert_eq!(id, "TEST-HOUSE-2026-0001");
    app.hand_over(&lead(), &id, &seen(&house, &id)).unwrap();
    let own = app.agree(&lead(), &id, &seen(&house, &id)).unwrap_err();
    assert!(own.to_string().contains("somebody else"), "{own}");
    let same = Who { login: "maro-2".to_owned(), ..lead() };
    let again = app.agree(&same, &id, &seen(&house, &id)).unwrap_err();
    assert!(
        again.to_string().contains("somebody else"),
        "another account of the same name is no second reader"
    );
    for who in [reader(), Who::program()] {
        let refused = app.agree(&who, &id, &seen(&house, &id));
        assert!(matches!(refused, Err(AppError::Refused(_))), "{who:?}");
    }
    assert!(matches!(app.agree(&administrator(), &id, "something else"), Err(AppError::Conflict)));
    assert_eq!(affected(&house, &id), 0, "nothing took effect yet");

    let judged = app.agree(&administrator(), &id, &seen(&house, &id)).unwrap();
    assert!(judged > 0);
    assert!(affected(&house, &id) > 0);
    let page = app.written_page(&id).unwrap();
    assert_eq!(page.line.state, WrittenState::Released);
    assert_eq!(page.passed[0].reader.login, "brenner");
    assert_eq!(page.passed[0].writers[0].login, "maro");
    assert_eq!(app.letter(&letter).unwrap().written[0].id, id, "the letter knows what was made of it");

    let document = app.written_csaf(&id).unwrap();
    assert_eq!(check(document.as_bytes()), [], "valid CSAF 2.0");
    let on_file = app.advisory(&id).unwrap().advisory;
    assert_eq!(
        read_csaf(document.as_bytes(), "x").unwrap().hash,
        on_file.hash,
        "what is handed out is what counts"
    );
    assert_eq!(on_file.vulnerabilities[0].scores[0].base, "8.1", "worked out from the vector");
    let audit = house.app.store().audit_of(&format!("advisory {id}"), 20).unwrap();
    let did: Vec<&str> = audit.iter().map(|one| one.action.as_str()).collect();
    for wanted in ["written.begin", "written.hand_over", "written.release", "advisory.take"] {
        assert!(did.contains(&wanted), "{did:?}");
    }
    assert!(matches!(app.agree(&administrator(), &id, &page.seen), Err(AppError::Refused(_))), "once");
}

#[test]
fn a_new_revision_needs_its_own_second_reader_and_narrows_what_it_narrows() {
    let house = House::of(&hospital(7, 60));
    let app = &house.app;
    let id = app.begin_writing(&lead(), writing()).unwrap();
    app.hand_over(&lead(), &id, &seen(&house, &id)).unwrap();
    app.send_back(&administrator(), &id, &seen(&house, &id), "Which port?").unwrap();
    assert_eq!(app.written_page(&id).unwrap().sent_back.unwrap().1, "Which port?");
    app.hand_over(&lead(), &id, &seen(&house, &id)).unwrap();
    app.agree(&administrator(), &id, &seen(&house, &id)).unwrap();
    let before = affected(&house, &id);

    app.write_again(&administrator(), &id).unwrap();
    let old = seen(&house, &id);
    let narrowed = Writing { products: vec![said("before 0.0.1")], ..writing() };
    app.write_on(&administrator(), &id, &old, narrowed.clone()).unwrap();
    assert!(
        matches!(app.write_on(&lead(), &id, &old, writing()), Err(AppError::Conflict)),
        "no edit is lost"
    );
    let lacking = app.hand_over(&administrator(), &id, &seen(&house, &id)).unwrap_err();
    assert!(lacking.to_string().contains("what this revision changes"), "{lacking}");
    let told = Writing { change: "Only the very first versions.".to_owned(), ..narrowed };
    app.write_on(&administrator(), &id, &seen(&house, &id), told).unwrap();
    app.hand_over(&administrator(), &id, &seen(&house, &id)).unwrap();
    assert!(app.agree(&administrator(), &id, &seen(&house, &id)).is_err());
    app.agree(&lead(), &id, &seen(&house, &id)).unwrap();
    assert!(affected(&house, &id) < before);
    let page = app.advisory(&id).unwrap();
    assert_eq!(page.line.revision, "2");
    assert!(!page.changes.is_empty());
    assert_eq!(check(app.written_csaf(&id).unwrap().as_bytes()), []);
}

#[test]
fn what_is_unfinished_is_named_and_cannot_be_handed_over() {
    let house = House::of(&hospital(7, 30));
    let app = &house.app;
    let mut text = writing();
    text.flaws[0].vector = "CVSS:3.1/AV:Q".to_owned();
    text.products[0].flaws = "CVE-2026-99999".to_owned();
    text.namespace = "no address".to_owned();
    let id = app.begin_writing(&lead(), text).unwrap();
    let page = app.written_page(&id).unwrap();
    assert!(page.preview.wrong.iter().any(|why| why.contains("CVE-2026-99999")), "{:?}", page.preview.wrong);
    assert!(
        page.preview.wrong.iter().any(|why| why.starts_with("Vulnerability 1")),
        "{:?}",
        page.preview.wrong
    );
    assert!(app.hand_over(&lead(), &id, &page.seen).is_err());
    let mut text = writing();
    text.namespace = "no address".to_owned();
    let found = app.preview_writing(text).unwrap().wrong;
    assert!(
        found.iter().any(|why| why.contains("CSAF 2.0")),
        "the check of the document speaks too: {found:?}"
    );
    let huge = Writing { products: vec![said("1"); 300], ..writing() };
    assert!(matches!(app.begin_writing(&lead(), huge), Err(AppError::Invalid { .. })));
    let nowhere = Writing { letter: "none".to_owned(), ..writing() };
    assert!(matches!(app.begin_writing(&lead(), nowhere), Err(AppError::NotFound { .. })));
    assert!(matches!(app.begin_writing(&reader(), writing()), Err(AppError::Refused(_))));
    assert!(matches!(app.hand_over(&Who::program(), &id, &page.seen), Err(AppError::Refused(_))));
}

#[test]
fn the_command_line_prepares_previews_and_exports() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("a.json");
    std::fs::write(home.path().join("n.eml"), LETTER).unwrap();
    let took = run(home.path(), &["--json", "letters", "take", "n.eml"]).expect_code(0).json();
    let letter = took["taken"][0].as_str().unwrap();
    run(home.path(), &["written", "new", "--letter", letter, "--out", arg(&file)]).expect_code(0);
    let begun: Writing = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    assert_eq!((begun.letter.as_str(), begun.flaws.len()), (letter, 2));
    let unfinished = run(home.path(), &["written", "preview", arg(&file)]);
    assert!(
        unfinished.code == 1 && unfinished.out.contains("no web address"),
        "{} {}",
        unfinished.code,
        unfinished.out
    );
    std::fs::write(&file, serde_json::to_vec(&writing()).unwrap()).unwrap();
    run(home.path(), &["written", "preview", arg(&file)]).expect_code(0);
    let kept = run(home.path(), &["--json", "written", "save", arg(&file)]).expect_code(0).json();
    let (id, mark) = (kept["line"]["id"].as_str().unwrap(), kept["seen"].as_str().unwrap());
    let mut other = writing();
    other.title = "Another title".to_owned();
    std::fs::write(&file, serde_json::to_vec(&other).unwrap()).unwrap();
    run(home.path(), &["written", "save", arg(&file), "--id", id, "--seen", mark]).expect_code(0);
    let late = run(home.path(), &["written", "save", arg(&file), "--id", id, "--seen", mark]);
    assert!(late.code != 0, "{}", late.out);
    let listed = run(home.path(), &["--json", "written", "list"]).expect_code(0).json();
    assert_eq!(listed[0]["title"], "Another title");
    run(home.path(), &["written", "export", id, "--out", arg(&file)]).expect_code(0);
    let draft = std::fs::read(&file).unwrap();
    assert_eq!(check(&draft), [], "a draft is a valid document too");
    assert!(run(home.path(), &["written", "preview", arg(&file)]).code == 3, "a document is no text of ours");
}
