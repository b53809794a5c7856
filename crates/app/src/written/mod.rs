//! Advisories written here: what a letter says, in the clause language, until two named persons stand behind it.
//!
//! A manuscript goes through three states. While it is *written*, anybody who may write changes it, and everybody who
//! did is one of its writers. Handed over, it *waits* for its second reader, who must be somebody else, and whose
//! agreement *releases* it: the text becomes a CSAF document and is taken in the way every other document is. The
//! program may prepare a manuscript; it can neither hand it over nor agree.

mod pass;
mod preview;
mod text;

pub use preview::{PreviewModel, PreviewUnit, WritingPreview};
pub use text::{FlawSaid, ProductSaid, REMEDIES, RemedySaid, SAYS, Writing};

use crate::App;
use crate::app::{hex, json};
use crate::change::{DocKind, DocPut};
use crate::error::{AppError, Result};
use crate::views::Moment;
use crate::who::Who;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tallyward_advisories::Revision;
use tallyward_core::Timestamp;

/// How a manuscript stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WrittenState {
    /// Being written.
    Written,
    /// Waits for its second reader.
    Waiting,
    /// Taken in as an advisory.
    Released,
}

impl WrittenState {
    /// The stored and shown name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Written => "being written",
            Self::Waiting => "waits for its second reader",
            Self::Released => "released",
        }
    }

    /// The rest of a sentence about it.
    #[must_use]
    pub const fn told(self) -> &'static str {
        match self {
            Self::Written => "is being written",
            Self::Waiting => "waits for its second reader",
            Self::Released => "is released",
        }
    }
}

/// Somebody who acted on a manuscript.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hand {
    /// Name as it was then.
    pub name: String,
    /// Sign-in name.
    pub login: String,
    /// When, the last time.
    pub at: Moment,
}

impl Hand {
    fn of(who: &Who, at: Timestamp) -> Self {
        Self { name: who.name.clone(), login: who.login.clone(), at: Moment(at) }
    }

    /// Whether this is the same person: the same account, or another one under the same name.
    fn is(&self, who: &Who) -> bool {
        let folded = |name: &str| name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        self.login == who.login || folded(&self.name) == folded(&who.name)
    }
}

/// One revision that was released.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passed {
    /// Its number.
    pub number: String,
    /// What it brought, in the writer's words.
    pub summary: String,
    /// Who wrote it.
    pub writers: Vec<Hand>,
    /// Who read it and agreed; when it took effect.
    pub reader: Hand,
    /// SHA-256 of the document.
    pub hash: String,
}

/// A manuscript as kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StoredManuscript {
    /// Also the tracking id of the document.
    pub id: String,
    pub state: WrittenState,
    pub writing: Writing,
    pub since: Timestamp,
    /// Everybody who wrote on the present revision.
    pub writers: Vec<Hand>,
    /// Why the second reader sent it back, the last time.
    #[serde(default)]
    pub sent_back: Option<(Hand, String)>,
    #[serde(default)]
    pub passed: Vec<Passed>,
    /// The newest released document, as it was taken in.
    #[serde(default)]
    pub csaf: String,
}

impl StoredManuscript {
    /// What a person has seen of it, as a hash.
    fn seen(&self) -> String {
        hex(&Sha256::digest(json(&(&self.writing, self.state, self.passed.len())).as_bytes())[..16])
    }

    /// The history the document would have if it were released at `at`.
    fn history(&self, at: Timestamp) -> Vec<Revision> {
        let told = |one: &Passed| Revision {
            number: one.number.clone(),
            date: one.reader.at.0,
            summary: one.summary.clone(),
        };
        let next = Revision {
            number: (self.passed.len() + 1).to_string(),
            date: at,
            summary: self.writing.change_told(self.passed.is_empty()),
        };
        self.passed.iter().map(told).chain([next]).collect()
    }
}

/// One row of the list of advisories written here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WrittenLine {
    /// Its id, also that of the advisory.
    pub id: String,
    /// Title.
    pub title: String,
    /// How it stands.
    pub state: WrittenState,
    /// The letter it was made of; empty for none.
    pub letter: String,
    /// Names of those who wrote the present revision.
    pub writers: Vec<String>,
    /// Released revisions so far.
    pub revisions: usize,
    /// Since when it is as it is.
    pub since: Moment,
}

/// One advisory written here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WrittenPage {
    /// The row as listed.
    pub line: WrittenLine,
    /// What its writers typed.
    pub writing: Writing,
    /// Who wrote the present revision.
    pub writers: Vec<Hand>,
    /// Who sent it back last, and why.
    pub sent_back: Option<(Hand, String)>,
    /// Released revisions, oldest first.
    pub passed: Vec<Passed>,
    /// Whom it would touch here, and what is wrong with it.
    pub preview: WritingPreview,
    /// What stands here, to be handed back with what a person does to it.
    pub seen: String,
    /// When this was true.
    pub as_of: Moment,
}

impl App {
    /// Advisories written here: those that wait for a person first, newest first.
    pub fn written(&self) -> Result<Vec<WrittenLine>> {
        let mut lines: Vec<WrittenLine> =
            self.load_all::<StoredManuscript>(DocKind::Manuscript, None)?.iter().map(line).collect();
        let order = |line: &WrittenLine| match line.state {
            WrittenState::Waiting => 0,
            WrittenState::Written => 1,
            WrittenState::Released => 2,
        };
        lines.sort_by(|a, b| (order(a), b.since, &a.id).cmp(&(order(b), a.since, &b.id)));
        Ok(lines)
    }

    /// One of them.
    pub fn written_page(&self, id: &str) -> Result<WrittenPage> {
        let (held, _) = self.manuscript(id)?;
        Ok(WrittenPage {
            line: line(&held),
            preview: self.preview_of(&held)?,
            seen: held.seen(),
            writing: held.writing,
            writers: held.writers,
            sent_back: held.sent_back,
            passed: held.passed,
            as_of: Moment(self.now()),
        })
    }

    /// What a new advisory begins with: nothing but its publisher, or what a letter names, as a proposal.
    pub fn fresh_writing(&self, letter: Option<&str>) -> Result<Writing> {
        let held = self.load_all::<StoredManuscript>(DocKind::Manuscript, None)?;
        let last = held.into_iter().max_by_key(|one| one.since).map(|one| one.writing);
        let mut writing = Writing {
            publisher: last.as_ref().map_or_else(|| self.site.name.clone(), |one| one.publisher.clone()),
            namespace: last.map(|one| one.namespace).unwrap_or_default(),
            ..Writing::default()
        };
        let Some(letter) = letter.filter(|id| !id.is_empty()) else { return Ok(writing) };
        let page = self.letter(letter)?;
        writing.title.clone_from(&page.line.subject);
        // As the writer's form names labels.
        writing.tlp = page.line.tlp.trim_start_matches("TLP:").to_owned();
        writing.letter = page.line.id;
        writing.flaws = page.line.cves.into_iter().map(|id| FlawSaid { id, ..FlawSaid::default() }).collect();
        writing.products = page
            .proposals
            .into_iter()
            .filter(|one| !one.model.is_empty())
            .map(|one| ProductSaid { maker: one.maker, product: one.model, ..ProductSaid::default() })
            .collect();
        Ok(writing)
    }

    /// The newest released document exactly as it was taken in, or, before there is one, the draft.
    pub fn written_csaf(&self, id: &str) -> Result<String> {
        let (held, _) = self.manuscript(id)?;
        if held.csaf.is_empty() { Ok(text::draft(&held, self.now())) } else { Ok(held.csaf) }
    }

    /// The advisories written of a letter.
    pub(crate) fn written_of(&self, letter: &str) -> Result<Vec<WrittenLine>> {
        Ok(self.written()?.into_iter().filter(|line| line.letter == letter).collect())
    }

    /// A manuscript, and the revision of its document.
    fn manuscript(&self, id: &str) -> Result<(StoredManuscript, u64)> {
        let row = self
            .store
            .get(DocKind::Manuscript, id)?
            .ok_or_else(|| AppError::not_found("advisory written here", id))?;
        Ok((crate::app::parse(DocKind::Manuscript, &row.id, &row.body)?, row.revision))
    }
}

/// Writes it unless somebody else did in between.
fn put(held: &StoredManuscript, revision: u64) -> DocPut {
    let put = crate::app::doc(DocKind::Manuscript, held.id.clone(), held.state.code(), held);
    DocPut { expected: Some(revision), ..put }
}

fn line(held: &StoredManuscript) -> WrittenLine {
    WrittenLine {
        id: held.id.clone(),
        title: held.writing.title.clone(),
        state: held.state,
        letter: held.writing.letter.clone(),
        writers: held.writers.iter().map(|hand| hand.name.clone()).collect(),
        revisions: held.passed.len(),
        since: Moment(held.since),
    }
}
