//! Mail by SMTP: to a real server, and to servers that fail in every way that matters.

use crate::support::browser::http;
use crate::support::house::{app, furnish, go_live, hospital, lead, token};
use crate::support::mailbox::{Fault, MailServer, faulty, parsed};
use std::sync::Arc;
use tallyward_app::ports::{Mail, Mailer, SendOutcome};
use tallyward_connect::{Security, Smtp, SmtpSettings};
use tallyward_store::SqliteStore;
use tallyward_web::answer_router;
use tempfile::tempdir;

fn smtp(port: u16) -> Smtp {
    Smtp::new(SmtpSettings {
        host: "127.0.0.1".to_owned(),
        port,
        security: Security::None,
        user: String::new(),
        password: String::new(),
        timeout_seconds: 5,
    })
}

fn mail() -> Mail {
    Mail {
        id: "N0001-1-aa@house.example".to_owned(),
        from: "tallyward@house.example".to_owned(),
        to: "charge@house.example".to_owned(),
        subject: "Act this shift: 2 pumps".to_owned(),
        text: "Line one\n.a line that begins with a dot\n\nGrüße – ende\n".to_owned(),
        html: String::new(),
    }
}

#[test]
fn a_message_arrives_as_it_was_written() {
    let folder = tempdir().unwrap();
    let Some(server) = MailServer::start(folder.path(), 0.0) else { return };
    let outcome = smtp(server.port).send(&mail());
    assert!(
        matches!(&outcome, SendOutcome::Accepted { detail, receipt: true } if detail.contains("250")),
        "{outcome:?}"
    );
    let received = server.received();
    assert_eq!(received.len(), 1);
    assert_eq!(
        (received[0].from.as_str(), received[0].to.as_str()),
        ("tallyward@house.example", "charge@house.example")
    );
    let (message, text) = parsed(&received[0].message);
    assert_eq!(text.replace("\r\n", "\n").trim_end(), mail().text.trim_end());
    assert_eq!(message["defects"].as_array().unwrap().len(), 0);
    let headers = &message["headers"];
    assert_eq!(headers["message-id"], "<N0001-1-aa@house.example>");
    assert_eq!((&headers["subject"], &headers["to"]), (&mail().subject.into(), &mail().to.into()));
    // A date is required of every message (RFC 5322 3.6).
    assert!(headers["date"].as_str().is_some_and(|date| !date.is_empty()), "{headers}");
}

#[test]
fn a_released_notice_arrives_and_its_link_opens() {
    let folder = tempdir().unwrap();
    let Some(server) = MailServer::start(folder.path(), 0.0) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let port = listener.local_addr().unwrap().port();
    let store = Arc::new(SqliteStore::open_in_memory().unwrap());
    let (app, clock) = app(store, Arc::new(smtp(server.port)), &format!("http://127.0.0.1:{port}"));
    let app = furnish(app, &hospital(7, 120));
    go_live(&app);
    runtime.spawn(tallyward_web::serve(listener, answer_router(app.clone()), std::future::pending()));
    let draft = app
        .drafts()
        .unwrap()
        .into_iter()
        .find(|draft| draft.audience == "clinical" && draft.blocked == 0 && draft.people > 0)
        .unwrap();
    assert_eq!(app.send_due().unwrap(), 0);
    assert!(server.received().is_empty(), "a draft stays in the house");
    let notice = app.release(&lead(), &draft.id).unwrap();
    app.send_due().unwrap();
    let received = server.received();
    assert_eq!(received.len(), draft.people);
    let page = app.notice(&notice).unwrap();
    assert!(page.deliveries.iter().all(|one| one.state == "sent" && one.detail.contains("250")), "{page:?}");
    let (message, text) = parsed(&received[0].message);
    assert_eq!(message["headers"]["subject"], draft.subject.as_str());
    let link = token(&text);
    let (status, body) = http(port, "GET", &format!("/a/{link}"), "").unwrap();
    assert_eq!(status, 200, "{body}");
    assert!(body.contains("Your answer") && body.contains(&lead().name), "{body}");
    clock.pass(600);
    assert!(app.notice(&notice).unwrap().line.acknowledged.is_none(), "looking is no answer");
    let (status, _) = http(port, "GET", "/devices", "").unwrap();
    assert_eq!(status, 404, "nothing else is on the listener of answers");
    runtime.shutdown_background();
}

/// What a server that fails so is told to have done.
fn outcome(fault: Fault) -> (SendOutcome, bool) {
    let (port, told) = faulty(fault);
    let outcome = smtp(port).send(&mail());
    (outcome, told.recv().unwrap())
}

#[test]
fn a_reply_of_4xx_is_not_sent_and_of_5xx_refused() {
    for fault in [Fault::Recipient("450 mailbox busy"), Fault::Data("451 try later"), Fault::Busy] {
        let (outcome, _) = outcome(fault);
        assert!(matches!(&outcome, SendOutcome::NotSent { .. }), "{fault:?}: {outcome:?}");
    }
    for fault in [Fault::Recipient("550 no such person"), Fault::Data("554 not taken")] {
        let (outcome, _) = outcome(fault);
        let SendOutcome::Rejected { detail } = &outcome else { panic!("{fault:?}: {outcome:?}") };
        let (Fault::Recipient(reply) | Fault::Data(reply)) = fault else { unreachable!() };
        assert!(detail.contains(&reply[4..]), "the server's own words are kept: {detail}");
    }
}

#[test]
fn a_connection_cut_before_the_data_is_not_sent() {
    let (outcome, whole) = outcome(Fault::CutAtHello);
    assert!(matches!(outcome, SendOutcome::NotSent { .. }) && !whole, "{outcome:?}");
    let closed = crate::support::program::free_port();
    assert!(matches!(smtp(closed).send(&mail()), SendOutcome::NotSent { .. }));
}

#[test]
fn a_connection_cut_in_or_after_the_data_is_unknown() {
    for fault in [Fault::CutInData, Fault::CutBeforeAnswer] {
        let (outcome, whole) = outcome(fault);
        assert!(matches!(outcome, SendOutcome::Unknown { .. }), "{fault:?}: {outcome:?}");
        assert_eq!(whole, fault == Fault::CutBeforeAnswer, "and the server may indeed have it all");
    }
}

#[test]
fn a_server_without_starttls_gets_nothing_in_the_clear() {
    let (port, told) = faulty(Fault::Data("250 taken"));
    let strict = Smtp::new(SmtpSettings {
        host: "127.0.0.1".to_owned(),
        port,
        security: Security::Starttls,
        user: "ward".to_owned(),
        password: "secret".to_owned(),
        timeout_seconds: 5,
    });
    let outcome = strict.send(&mail());
    let SendOutcome::NotSent { detail } = &outcome else { panic!("{outcome:?}") };
    assert!(detail.contains("STARTTLS") && !detail.contains("secret"), "{detail}");
    drop(told);
}

#[test]
fn an_address_that_cannot_be_one_is_refused_without_a_connection() {
    let outcome = smtp(1).send(&Mail { to: "charge at house".to_owned(), ..mail() });
    assert!(
        matches!(&outcome, SendOutcome::Rejected { detail } if detail.contains("charge at house")),
        "{outcome:?}"
    );
}
