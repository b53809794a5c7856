//! Letters taken in.

use super::StoredLetter;
use crate::App;
use crate::app::{doc, hex, lock};
use crate::change::{ChangeSet, DocKind, DocPut};
use crate::error::{AppError, Result};
use crate::originals::Origin;
use crate::views::Damaged;
use crate::who::Who;
use serde::Serialize;
use sha2::{Digest, Sha256};
use tallyward_advisories::{Letter, MAX_LETTER_BYTES, pdfs_in, read_letter, split_mbox};

/// The most bytes a mailbox file may have; each message in it has the limit of a letter.
pub const MAX_MAILBOX: usize = 256 * 1024 * 1024;

/// What became of letters taken in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LetterIntake {
    /// Ids of the new ones.
    pub taken: Vec<String>,
    /// How many were here already, byte for byte.
    pub held: usize,
    /// What was refused, with the reason.
    pub refused: Vec<Damaged>,
}

impl LetterIntake {
    /// Adds what became of more letters.
    pub fn add(&mut self, more: Self) {
        self.taken.extend(more.taken);
        self.held += more.held;
        self.refused.extend(more.refused);
    }

    fn refuse(&mut self, file: &str, place: String, why: impl Into<String>) {
        self.refused.push(Damaged { file: file.to_owned(), place, why: why.into() });
    }
}

impl App {
    /// Takes in what arrived: `(name, bytes)`, each a mail, a text, a page, any other file, or a mailbox file (mbox) of
    /// many mails. Each is kept byte for byte; the same bytes again change nothing. What is too large or empty is
    /// refused with its place and the rest goes on.
    pub fn take_letters(&self, who: &Who, files: Vec<(String, Vec<u8>)>) -> Result<LetterIntake> {
        if !who.role.may_write() {
            return Err(AppError::Refused("a reader cannot take in letters".to_owned()));
        }
        let mut intake = LetterIntake::default();
        for (name, bytes) in files {
            let messages = if is_mailbox(&name, &bytes) { split_mbox(&bytes) } else { Vec::new() };
            if bytes.len() > MAX_MAILBOX {
                intake.refuse(&name, String::new(), "a mailbox file of more than 256 MB; split it");
            } else if messages.is_empty() {
                self.take_letter(who, &name, "", &bytes, "", &mut intake)?;
            } else {
                for (at, message) in messages.into_iter().enumerate() {
                    let place = format!("message {}", at + 1);
                    self.take_letter(who, &name, &place, message, "", &mut intake)?;
                }
            }
        }
        Ok(intake)
    }

    /// One letter, of a file or of the named source, with its own commit: a long mailbox that is cut short keeps what was taken, and taking it again goes on.
    pub(crate) fn take_letter(
        &self,
        who: &Who,
        name: &str,
        place: &str,
        bytes: &[u8],
        source: &str,
        intake: &mut LetterIntake,
    ) -> Result<()> {
        if bytes.is_empty() {
            intake.refuse(name, place.to_owned(), "it is empty");
            return Ok(());
        }
        if bytes.len() > MAX_LETTER_BYTES {
            intake.refuse(
                name,
                place.to_owned(),
                "it is larger than 20 MB; keep it elsewhere and write here what it says",
            );
            return Ok(());
        }
        let id = hex(&Sha256::digest(bytes));
        let held = || Ok::<_, AppError>(self.store.get(DocKind::Letter, &id)?.is_some());
        if held()? {
            intake.held += 1;
            return Ok(());
        }
        let name: String = name.chars().filter(|letter| !letter.is_control()).take(300).collect();
        // A mailbox's own name says nothing of the form of the messages in it.
        let letter = self.read_whole(bytes, if place.is_empty() { name.as_str() } else { "message.eml" });
        let _writing = lock(&self.state.desk);
        if held()? {
            intake.held += 1;
            return Ok(());
        }
        let stored = StoredLetter {
            id: id.clone(),
            letter,
            name: name.clone(),
            bytes: bytes.len() as u64,
            received: self.now(),
            by: who.login.clone(),
            source: source.to_owned(),
            advisories: std::collections::BTreeSet::new(),
        };
        let put = DocPut { expected: Some(0), ..doc(DocKind::Letter, id.clone(), "", &stored) };
        let origin = Origin { source: source.to_owned(), via: None };
        let original = self.original_put(&id, &name, bytes, &origin)?;
        let mut event = self.event(who, "letter.take", format!("letter {id}"));
        event.after = format!("{} bytes, {}", bytes.len(), stored.letter.subject);
        self.commit(ChangeSet {
            docs: std::iter::once(put).chain(original).collect(),
            audit: vec![event],
            ..ChangeSet::default()
        })?;
        intake.taken.push(id);
        Ok(())
    }
}

impl App {
    /// Reads a letter with the PDF files in it. It takes as long as they take, so nothing is locked meanwhile.
    fn read_whole(&self, bytes: &[u8], name: &str) -> Letter {
        let mut letter = read_letter(bytes, name);
        for (name, pdf) in pdfs_in(bytes, name) {
            letter.add_pdf(&name, self.pdf.text(&pdf));
        }
        letter
    }
}

fn is_mailbox(name: &str, bytes: &[u8]) -> bool {
    let named = name.rsplit_once('.').is_some_and(|(_, ending)| ending.eq_ignore_ascii_case("mbox"));
    // Other files may begin with the word "From "; a mail may not.
    named || (!name.contains('.') && bytes.starts_with(b"From "))
}
