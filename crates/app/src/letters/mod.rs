//! What arrives and is no CSAF document: mail, letters, field safety notices, pages, reports of an exchange of threats.
//!
//! The original is kept byte for byte under its hash, which is also the letter's id: the same bytes count once. What
//! can be read is shown as text; the CVE ids it names, and the makers and models held here, are proposed. A proposal
//! decides nothing: a person says what the letter is about.

mod naming;
mod take;
mod watched;

pub use naming::Proposal;
pub use take::{LetterIntake, MAX_MAILBOX};
pub use watched::WatchedFolder;

use crate::App;
use crate::change::DocKind;
use crate::error::{AppError, Result};
use crate::untold::{Arrival, ArrivalKind, ArrivalState};
use crate::views::Moment;
use naming::Holdings;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use tallyward_advisories::{Attachment, Letter};
use tallyward_core::{Label, Timestamp};

/// A letter as kept; the original bytes stand beside it under the same id.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StoredLetter {
    /// SHA-256 of the original, hexadecimal.
    pub id: String,
    /// Name it arrived under.
    pub name: String,
    pub bytes: u64,
    pub received: Timestamp,
    /// Who took it in, by login.
    pub by: String,
    /// Name of the source it was fetched from; empty for a file.
    #[serde(default)]
    pub source: String,
    pub letter: Letter,
    /// Advisories on file that a person said it is about.
    #[serde(default)]
    pub advisories: BTreeSet<String>,
}

impl StoredLetter {
    /// Subject, title or file name.
    pub fn title(&self) -> &str {
        if self.letter.subject.is_empty() { &self.name } else { &self.letter.subject }
    }
}

/// One row of the list of letters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LetterLine {
    /// SHA-256 of the original.
    pub id: String,
    /// Subject, title or file name.
    pub subject: String,
    /// Who sent it, as it says itself.
    pub sender: String,
    /// `mail`, `text`, `page`, `stix` or `file`.
    pub form: String,
    /// Its label of the traffic light protocol; empty when it may be passed on to anybody.
    pub tlp: String,
    /// When it was written, as it says itself.
    pub written: Option<Moment>,
    /// When it was taken in.
    pub received: Moment,
    /// How it stands: whether somebody it concerns is untold, or it is closed.
    pub state: ArrivalState,
    /// CVE ids it names.
    pub cves: Vec<String>,
    /// How many files are attached.
    pub attachments: usize,
    /// Models held here that it names, while it is open.
    pub names: Vec<String>,
}

/// One letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LetterPage {
    /// Its row.
    pub line: LetterLine,
    /// Name it arrived under.
    pub name: String,
    /// Bytes of the original.
    pub bytes: u64,
    /// Who took it in, by login.
    pub by: String,
    /// Name of the source it was fetched from; empty for a file.
    pub source: String,
    /// The text that could be read.
    pub text: String,
    /// What could not be read.
    pub note: String,
    /// Attached files.
    pub attachments: Vec<Attachment>,
    /// Makers and models held here that it names.
    pub proposals: Vec<Proposal>,
    /// Advisories on file that speak of a CVE it names: CVE and advisory.
    pub spoken_of: Vec<(String, String)>,
    /// Advisories on file that it is about.
    pub about: Vec<String>,
    /// Advisories written of it here.
    pub written: Vec<crate::written::WrittenLine>,
    /// When this was true.
    pub as_of: Moment,
}

/// The original, to hand out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Original {
    /// Name it arrived under.
    pub name: String,
    /// The bytes as they arrived.
    pub bytes: Vec<u8>,
}

impl App {
    /// Letters, open ones first, newest first.
    pub fn letters(&self) -> Result<Vec<LetterLine>> {
        let holdings = self.holdings()?;
        let stand: BTreeMap<String, Arrival> = self
            .arrivals()?
            .into_iter()
            .filter(|one| one.kind == ArrivalKind::Letter)
            .map(|one| (one.id.clone(), one))
            .collect();
        let mut lines: Vec<LetterLine> = self
            .load_all::<StoredLetter>(DocKind::Letter, None)?
            .iter()
            .filter_map(|held| Some(letter_line(held, stand.get(&held.id)?.state, &holdings)))
            .collect();
        lines.sort_by(|a, b| (a.state, b.received, &a.id).cmp(&(b.state, a.received, &b.id)));
        Ok(lines)
    }

    /// One letter, by its id or the beginning of it.
    pub fn letter(&self, id: &str) -> Result<LetterPage> {
        let held = self.stored_letter(id)?;
        let stand = self.arrival(ArrivalKind::Letter, id)?;
        let holdings = self.holdings()?;
        let known = self.known()?;
        let spoken_of = held
            .letter
            .cves
            .iter()
            .flat_map(|cve| {
                let speaks = known.flaws.iter().filter(|(_, flaws)| flaws.contains_key(cve));
                speaks.map(|(advisory, _)| (cve.clone(), advisory.clone()))
            })
            .collect();
        Ok(LetterPage {
            line: letter_line(&held, stand.state, &holdings),
            about: stand.advisories,
            proposals: holdings.named_in(&held.letter),
            written: self.written_of(&held.id)?,
            name: held.name,
            bytes: held.bytes,
            by: held.by,
            source: held.source,
            text: held.letter.text,
            note: held.letter.note,
            attachments: held.letter.attachments,
            spoken_of,
            as_of: Moment(self.now()),
        })
    }

    /// The original of a letter, byte for byte.
    pub fn letter_original(&self, id: &str) -> Result<Original> {
        let held = self.stored_letter(id)?;
        let (name, bytes) = self.original(&held.id)?;
        Ok(Original { name, bytes })
    }

    pub(crate) fn stored_letter(&self, id: &str) -> Result<StoredLetter> {
        self.load(DocKind::Letter, id)?.ok_or_else(|| AppError::not_found("letter", id))
    }
}

fn letter_line(held: &StoredLetter, state: ArrivalState, holdings: &Holdings<'_>) -> LetterLine {
    let letter = &held.letter;
    let named = |one: Proposal| {
        (!one.model.is_empty()).then(|| format!("{} {}", one.maker, one.model).trim().to_owned())
    };
    let names = if state == ArrivalState::Closed {
        Vec::new()
    } else {
        holdings.named_in(letter).into_iter().filter_map(named).collect()
    };
    LetterLine {
        id: held.id.clone(),
        subject: held.title().to_owned(),
        sender: letter.sender.clone(),
        form: letter.form.clone(),
        tlp: if letter.label == Label::Clear { String::new() } else { letter.label.code().to_owned() },
        written: letter.date.map(Moment),
        received: Moment(held.received),
        state,
        cves: letter.cves.clone(),
        attachments: letter.attachments.len(),
        names,
    }
}
