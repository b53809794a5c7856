//! Advisories as they are listed and shown.

use super::{CommentLine, Moment, RemedyCounts};
use crate::ports::{AdvisoryCounts, VerdictCounts};
use serde::Serialize;
use tallyward_core::Advisory;
use tallyward_core::advisory::Contradiction;

/// One row of the advisory list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AdvisoryLine {
    /// Tracking id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Publisher.
    pub publisher: String,
    /// Revision.
    pub revision: String,
    /// First release.
    pub released: Option<Moment>,
    /// Release of this revision.
    pub revised: Option<Moment>,
    /// When it was taken in here.
    pub received: Moment,
    /// Category of the document.
    pub category: String,
    /// The highest base score its vectors come to; empty when it has none.
    pub cvss: String,
    /// CVSS version of that score.
    pub cvss_version: String,
    /// The publisher's own severity word.
    pub severity: String,
    /// How many vulnerabilities it describes.
    pub vulnerabilities: usize,
    /// How many places where it contradicts itself.
    pub contradictions: usize,
    /// Findings here.
    pub findings: VerdictCounts,
    /// Devices with an affected finding.
    pub devices_affected: u64,
    /// Devices with an unknown finding and no affected one.
    pub devices_unknown: u64,
}

/// One clause of an advisory and how it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClauseLine {
    /// Product id.
    pub product_id: String,
    /// Vendor, verbatim.
    pub vendor: String,
    /// Product, verbatim.
    pub product: String,
    /// Version text, verbatim.
    pub clause: String,
    /// How it was read, printed from the tree.
    pub read_as: String,
    /// `exact`, `tolerant` or `needs a person`.
    pub quality: String,
    /// Notes of the reader.
    pub notes: Vec<String>,
    /// Statuses given to the product, such as `known affected in 3 vulnerabilities`.
    pub says: String,
    /// What the document names the product by beside its name: model numbers, CPE name …
    pub identifiers: Vec<String>,
}

/// A product of an advisory that no model here matches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnmatchedProduct {
    /// Vendor.
    pub vendor: String,
    /// Product.
    pub product: String,
    /// Nearest models here.
    pub nearest: Vec<String>,
}

/// An earlier revision of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RevisionLine {
    /// Its number.
    pub revision: String,
    /// Its release.
    pub revised: Option<Moment>,
    /// When it was taken in here.
    pub received: Moment,
    /// SHA-256 of its file.
    pub hash: String,
    /// What it changed against the one before it, in words.
    pub changes: Vec<String>,
}

/// An advisory page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AdvisoryPage {
    /// The row as listed.
    pub line: AdvisoryLine,
    /// The document.
    pub advisory: Advisory,
    /// Its clauses.
    pub clauses: Vec<ClauseLine>,
    /// Counts here.
    pub counts: AdvisoryCounts,
    /// Corrections made here, those to look at again first.
    pub corrections: Vec<super::CorrectionLine>,
    /// The contradictions left when it is read with those in force.
    pub contradictions_left: Vec<Contradiction>,
    /// Products no model here matches.
    pub unmatched: Vec<UnmatchedProduct>,
    /// What changed in this revision against the one before, in words.
    pub changes: Vec<String>,
    /// Earlier revisions kept here, newest first.
    pub revisions: Vec<RevisionLine>,
    /// How far the remedies are, by vulnerability.
    pub remedies: Vec<RemedyCounts>,
    /// Whether its revisions are numbered by semantic versioning.
    pub semantic: bool,
    /// Comments, oldest first.
    pub comments: Vec<CommentLine>,
    /// Logins of those who marked this revision as read.
    pub read_by: Vec<String>,
    /// To whom it may be passed on: its label as TLP 2.0 writes it.
    pub tlp: String,
    /// SHA-256 of the document as it arrived, under which its bytes are kept; empty when they are not.
    pub original: String,
    /// When this was true.
    pub as_of: Moment,
}

/// A file that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Damaged {
    /// File name.
    pub file: String,
    /// Where in it.
    pub place: String,
    /// What is wrong.
    pub why: String,
}

/// What became of a batch of advisory files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AdvisoryIntake {
    /// Ids taken in for the first time.
    pub new: Vec<String>,
    /// Ids whose content changed: `(id, what changed)`.
    pub changed: Vec<(String, Vec<String>)>,
    /// How many were unchanged.
    pub unchanged: usize,
    /// Ids of which a newer revision is held; what is held stands.
    pub older: Vec<String>,
    /// Files that could not be read.
    pub damaged: Vec<Damaged>,
    /// Configurations whose verdict changed.
    pub verdicts_changed: usize,
    /// What became of records of flaws in packages (OSV).
    pub flaws: crate::sboms::FlawIntake,
}

impl AdvisoryIntake {
    /// Adds what became of another batch.
    pub(crate) fn add(&mut self, more: Self) {
        self.new.extend(more.new);
        self.changed.extend(more.changed);
        self.unchanged += more.unchanged;
        self.older.extend(more.older);
        self.damaged.extend(more.damaged);
        self.verdicts_changed += more.verdicts_changed;
        self.flaws.new += more.flaws.new;
        self.flaws.changed += more.flaws.changed;
        self.flaws.unchanged += more.flaws.unchanged;
        self.flaws.unplaced += more.flaws.unplaced;
    }
}
