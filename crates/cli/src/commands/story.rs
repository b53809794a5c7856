//! What happened in the sample hospital before you arrived: accounts, sign-offs, a few releases and answers, each
//! through the use case a person would have used.

use crate::exit::Failure;
use crate::ports::ToldClock;
use std::path::Path;
use tallyward_app::views::{DraftEdit, PathEntry, PathStep};
use tallyward_app::{App, Role, Who};

/// An account of the sample hospital.
pub struct Account {
    /// Sign-in name.
    pub login: &'static str,
    /// Name under what this person releases.
    pub name: &'static str,
    /// What they may do.
    pub role: Role,
    /// In words.
    pub what: &'static str,
}

/// The sample accounts; the first is the administrator.
pub const ACCOUNTS: [Account; 3] = [
    Account { login: "admin", name: "Robin Castellano", role: Role::Administrator, what: "administrator" },
    Account { login: "lead", name: "Dr. Amara Osei", role: Role::Lead, what: "clinical lead: releases" },
    Account { login: "reader", name: "Sam Whitfield", role: Role::Reader, what: "reader" },
];

/// Every n-th draft of an audience stays open, so that there is something to release.
const LEFT_OPEN: usize = 3;

/// Tells the story. Answers what came of it.
pub fn tell(app: &App, clock: &ToldClock, password: &str, outbox: &Path) -> Result<String, Failure> {
    let lead = accounts(app, password)?;
    for what in ["tables", "contacts", "templates"] {
        app.sign_off(&lead, what)?;
    }
    app.go_live(&lead)?;
    paths(app, &lead)?;
    clock.pass(12);
    let released = releases(app, &lead)?;
    clock.pass(1);
    app.send_due()?;
    let answered = answers(app, clock, outbox)?;
    Ok(format!("{released} notices released, {answered} answers given"))
}

fn accounts(app: &App, password: &str) -> Result<Who, Failure> {
    let [admin, others @ ..] = &ACCOUNTS;
    if let Some(link) = app.first_link()? {
        let token = link.trim_start_matches("/first/");
        app.create_first(token, admin.login, admin.name, password)?;
    }
    let who = Who { name: admin.name.to_owned(), login: admin.login.to_owned(), role: admin.role };
    let held = app.accounts()?;
    for account in others.iter().filter(|account| !held.iter().any(|one| one.login == account.login)) {
        app.create_account(&who, account.login, account.name, account.role, password)?;
    }
    let lead = &ACCOUNTS[1];
    Ok(Who { name: lead.name.to_owned(), login: lead.login.to_owned(), role: lead.role })
}

/// How two units were reached before, told by their charge nurses.
fn paths(app: &App, lead: &Who) -> Result<(), Failure> {
    let step = |by: &str, channel: &str, minutes: u32| PathStep {
        by: by.to_owned(),
        channel: channel.to_owned(),
        minutes,
    };
    for (unit, steps) in app.units()?.into_iter().zip([
        vec![
            step("Risk management", "mail to all managers", 1_440),
            step("Unit manager", "huddle the next morning", 960),
        ],
        vec![
            step("Purchasing", "letter from the maker", 4_320),
            step("Biomed", "mail", 480),
            step("Unit manager", "note at the desk", 720),
        ],
    ]) {
        let remark = "as the charge nurse described it".to_owned();
        let entry =
            PathEntry { unit: unit.code, kind: "recall".to_owned(), steps, remark, ..PathEntry::default() };
        app.record_path(lead, &entry)?;
    }
    Ok(())
}

fn releases(app: &App, lead: &Who) -> Result<usize, Failure> {
    let mut released = 0;
    for (at, draft) in app.drafts()?.into_iter().enumerate() {
        if at % LEFT_OPEN == LEFT_OPEN - 1 {
            continue;
        }
        if draft.audience == "clinical" && at % 2 == 0 {
            let edit = DraftEdit {
                instruction: "keep".to_owned(),
                authority: "lead".to_owned(),
                next_word_hours: 24,
                ..DraftEdit::default()
            };
            app.edit_draft(lead, &draft.id, &edit)?;
        }
        // A draft that a lint blocks, or that would reach nobody, stays open: that is worth seeing too.
        if app.release(lead, &draft.id).is_ok() {
            released += 1;
        }
    }
    Ok(released)
}

/// Readers open the links in their mail and answer, some at once, some late, some not at all.
fn answers(app: &App, clock: &ToldClock, outbox: &Path) -> Result<usize, Failure> {
    const SAID: [(&str, &str); 8] = [
        ("got it", "MK"),
        ("done", "JT"),
        ("doing it", "PL"),
        ("", ""),
        ("need help", "RW"),
        ("got it", "AS"),
        ("not ours", "DN"),
        ("", ""),
    ];
    let mut names: Vec<_> = match std::fs::read_dir(outbox) {
        Ok(folder) => folder.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect(),
        Err(_) => Vec::new(),
    };
    names.sort();
    let mut answered = 0;
    for (path, (said, initials)) in names.iter().zip(SAID.iter().cycle()) {
        clock.pass(3);
        let text = crate::files::read(path)?;
        let Some(token) = token_in(&String::from_utf8_lossy(&text)) else { continue };
        if !said.is_empty() {
            app.answer(&token, said, initials)?;
            answered += 1;
        }
    }
    Ok(answered)
}

/// The token of the answer link in a mail. Mail wraps long lines with `=` at their end (RFC 2045 6.7).
fn token_in(mail: &str) -> Option<String> {
    let unwrapped = mail.replace("=\r\n", "").replace("=\n", "");
    let start = unwrapped.find("/a/1.")? + 3;
    let token: String = unwrapped[start..]
        .chars()
        .take_while(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_'))
        .collect();
    Some(token)
}
