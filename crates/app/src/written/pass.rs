//! From hand to hand: written, handed over, agreed to or sent back, written again.

use super::{Hand, Passed, StoredManuscript, Writing, WrittenState, preview, put, text};
use crate::App;
use crate::app::{doc, hex, json, lock};
use crate::change::{ChangeSet, DocKind, DocPut};
use crate::error::{AppError, Result};
use crate::who::Who;
use sha2::{Digest, Sha256};
use tallyward_advisories::read_csaf;
use tallyward_core::Label;

impl App {
    /// Begins an advisory; answers its id.
    pub fn begin_writing(&self, who: &Who, mut writing: Writing) -> Result<String> {
        may_write(who)?;
        writing.tidy();
        self.fit(&writing)?;
        let _writing = lock(&self.state.desk);
        let id = self.fresh_id(&writing)?;
        let held = StoredManuscript {
            id: id.clone(),
            state: WrittenState::Written,
            writing,
            since: self.now(),
            writers: vec![Hand::of(who, self.now())],
            sent_back: None,
            passed: Vec::new(),
            csaf: String::new(),
        };
        let mut event = self.event(who, "written.begin", format!("advisory {id}"));
        event.after = json(&held.writing);
        self.commit(ChangeSet {
            docs: vec![DocPut {
                expected: Some(0),
                ..doc(DocKind::Manuscript, id.clone(), held.state.code(), &held)
            }],
            audit: vec![event],
            ..ChangeSet::default()
        })?;
        Ok(id)
    }

    /// Writes on it. `seen` is the mark of what the person had before them; another's change in between is a conflict.
    pub fn write_on(&self, who: &Who, id: &str, seen: &str, mut writing: Writing) -> Result<()> {
        may_write(who)?;
        writing.tidy();
        self.fit(&writing)?;
        let (mut held, revision) = self.as_seen(id, seen)?;
        only(&held, WrittenState::Written)?;
        let before = json(&held.writing);
        held.writing = writing;
        held.since = self.now();
        sign(&mut held, who, self);
        self.keep_written(who, "written.write", &held, revision, before, json(&held.writing))
    }

    /// Hands it over to a second reader, in the name of whoever does so: they are one of its writers.
    pub fn hand_over(&self, who: &Who, id: &str, seen: &str) -> Result<()> {
        named(who, "hand it over")?;
        let (mut held, revision) = self.as_seen(id, seen)?;
        only(&held, WrittenState::Written)?;
        if let Some(why) = preview::wrong(&held, self.now()).first() {
            return Err(AppError::Refused(format!("It cannot be handed over yet. {why}")));
        }
        held.state = WrittenState::Waiting;
        held.since = self.now();
        sign(&mut held, who, self);
        self.keep_written(who, "written.hand_over", &held, revision, String::new(), json(&held.writing))
    }

    /// Sends it back to its writers with a reason. A writer may take it back so, too.
    pub fn send_back(&self, who: &Who, id: &str, seen: &str, reason: &str) -> Result<()> {
        named(who, "send it back")?;
        let reason = reason.trim();
        if reason.chars().count() < 3 {
            return Err(AppError::invalid("reason", "say why, so that the writer knows"));
        }
        if reason.chars().count() > 2_000 {
            return Err(AppError::invalid("reason", "at most 2,000 letters"));
        }
        let (mut held, revision) = self.as_seen(id, seen)?;
        only(&held, WrittenState::Waiting)?;
        held.state = WrittenState::Written;
        held.since = self.now();
        held.sent_back = Some((Hand::of(who, self.now()), reason.to_owned()));
        self.keep_written(who, "written.send_back", &held, revision, String::new(), reason.to_owned())
    }

    /// The second reader agrees: the text becomes a document and is taken in as every other. Refused to its writers,
    /// and when it is no longer what the reader saw. Answers how many configurations have a finding of it.
    pub fn agree(&self, who: &Who, id: &str, seen: &str) -> Result<usize> {
        named(who, "agree to it")?;
        let (mut held, revision) = self.as_seen(id, seen)?;
        only(&held, WrittenState::Waiting)?;
        if held.writers.iter().any(|hand| hand.is(who)) {
            return Err(AppError::Refused(
                "you wrote on it; the second reader must be somebody else".to_owned(),
            ));
        }
        let now = self.now();
        if let Some(why) = preview::wrong(&held, now).first() {
            return Err(AppError::Refused(format!("It cannot be released. {why}")));
        }
        if held.passed.is_empty() && self.store.get(DocKind::Advisory, id)?.is_some() {
            return Err(AppError::Refused(format!("another advisory on file has the id {id} already")));
        }
        let document = text::released(&held, now);
        let advisory = read_csaf(document.as_bytes(), id)
            .map_err(|error| AppError::Refused(format!("it cannot be read back: {}", error.what)))?;
        held.passed.push(Passed {
            number: (held.passed.len() + 1).to_string(),
            summary: held.writing.change_told(held.passed.is_empty()),
            writers: std::mem::take(&mut held.writers),
            reader: Hand::of(who, now),
            hash: hex(&Sha256::digest(document.as_bytes())),
        });
        held.csaf.clone_from(&document);
        held.state = WrittenState::Released;
        held.since = now;
        held.sent_back = None;
        let mut event = self.event(who, "written.release", format!("advisory {id}"));
        event.after.clone_from(&document);
        let change =
            ChangeSet { docs: vec![put(&held, revision)], audit: vec![event], ..ChangeSet::default() };
        self.take_in_written(who, advisory, &document, change)
    }

    /// Begins a new revision of a released one.
    pub fn write_again(&self, who: &Who, id: &str) -> Result<()> {
        may_write(who)?;
        let (mut held, revision) = self.manuscript(id)?;
        only(&held, WrittenState::Released)?;
        held.state = WrittenState::Written;
        held.since = self.now();
        held.writing.change.clear();
        held.writers = vec![Hand::of(who, self.now())];
        self.keep_written(who, "written.again", &held, revision, String::new(), String::new())
    }

    fn keep_written(
        &self,
        who: &Who,
        action: &str,
        held: &StoredManuscript,
        revision: u64,
        before: String,
        after: String,
    ) -> Result<()> {
        let mut event = self.event(who, action, format!("advisory {}", held.id));
        (event.before, event.after) = (before, after);
        self.commit(ChangeSet {
            docs: vec![put(held, revision)],
            audit: vec![event],
            ..ChangeSet::default()
        })?;
        Ok(())
    }

    fn as_seen(&self, id: &str, seen: &str) -> Result<(StoredManuscript, u64)> {
        let (held, revision) = self.manuscript(id)?;
        if held.seen() == seen { Ok((held, revision)) } else { Err(AppError::Conflict) }
    }

    fn fit(&self, writing: &Writing) -> Result<()> {
        if let Some(much) = writing.too_much() {
            return Err(AppError::invalid("text", much));
        }
        if !writing.letter.is_empty() {
            let letter = self.stored_letter(&writing.letter)?.letter;
            if Label::of(&writing.tlp) < letter.label {
                let why = format!(
                    "the letter it is made of is {}; the advisory cannot be freer",
                    letter.label.code()
                );
                return Err(AppError::invalid("tlp", why));
            }
        }
        Ok(())
    }

    /// Ids are of this house, so that nobody else's document is taken for a revision of one.
    fn fresh_id(&self, writing: &Writing) -> Result<String> {
        let name = if writing.publisher.is_empty() { &self.site.name } else { &writing.publisher };
        let words = name.split(|one: char| !one.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        let mut prefix = words.collect::<Vec<_>>().join("-").to_ascii_uppercase();
        prefix.truncate(30);
        let prefix = if prefix.is_empty() { "LOCAL" } else { prefix.trim_end_matches('-') };
        let year = self.now().date().chars().take(4).collect::<String>();
        let mut number = self.store.count(DocKind::Manuscript, None)? + 1;
        loop {
            let id = format!("{prefix}-{year}-{number:04}");
            let taken = self.store.get(DocKind::Manuscript, &id)?.is_some()
                || self.store.get(DocKind::Advisory, &id)?.is_some();
            if !taken {
                return Ok(id);
            }
            number += 1;
        }
    }
}

/// Puts a person among the writers of the present revision.
fn sign(held: &mut StoredManuscript, who: &Who, app: &App) {
    held.writers.retain(|hand| hand.login != who.login);
    held.writers.push(Hand::of(who, app.now()));
}

fn only(held: &StoredManuscript, wanted: WrittenState) -> Result<()> {
    if held.state == wanted {
        Ok(())
    } else {
        Err(AppError::Refused(format!("that cannot be done: it is {}", state_told(held.state))))
    }
}

const fn state_told(state: WrittenState) -> &'static str {
    match state {
        WrittenState::Written => "still being written",
        WrittenState::Waiting => "with its second reader; send it back first",
        WrittenState::Released => "released; begin a new revision",
    }
}

fn may_write(who: &Who) -> Result<()> {
    if who.role.may_write() {
        Ok(())
    } else {
        Err(AppError::Refused("a reader cannot write advisories".to_owned()))
    }
}

/// A named person, not the program.
fn named(who: &Who, what: &str) -> Result<()> {
    may_write(who)?;
    if who.login == Who::program().login {
        return Err(AppError::Refused(format!("only a named person can {what}: sign in on the page")));
    }
    Ok(())
}
