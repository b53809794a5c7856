//! What is answered of parts lists.

use crate::views::{Damaged, Moment, ScoreLine};
use serde::Serialize;
use tallyward_core::{DeviceId, Part, Reason, Verdict};

/// A parts list taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SbomIntake {
    /// Its id here.
    pub id: String,
    /// Maker, model and version it is attached to.
    pub maker: String,
    /// Model.
    pub model: String,
    /// Software version.
    pub version: String,
    /// How many parts it names.
    pub parts: usize,
    /// How many of them cannot be looked up, because the list gives no package URL.
    pub nameless: usize,
    /// `new`, `changed` or `unchanged`.
    pub what: &'static str,
    /// What was read past.
    pub noted: Vec<Damaged>,
}

/// What became of files of parts lists.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SbomsTaken {
    /// Those taken in.
    pub taken: Vec<SbomIntake>,
    /// Those that could not be.
    pub damaged: Vec<Damaged>,
}

/// A line of the list of parts lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SbomLine {
    /// Its id here.
    pub id: String,
    /// Maker.
    pub maker: String,
    /// Model.
    pub model: String,
    /// Software version.
    pub version: String,
    /// Format of the document.
    pub format: String,
    /// When the document was made, as it says.
    pub created: Option<Moment>,
    /// When it was taken in.
    pub received: Moment,
    /// Who brought it.
    pub by: String,
    /// How many parts it names.
    pub parts: usize,
    /// How many of them cannot be looked up.
    pub nameless: usize,
    /// Parts with a known flaw, or of which it is open.
    pub flawed: usize,
    /// Flaws by what they come to for the product.
    pub affected: usize,
    /// Those that are open.
    pub unknown: usize,
    /// Those that are settled: not affected.
    pub not_affected: usize,
    /// Devices of this model and version.
    pub devices: u64,
    /// Devices of this model whose version nobody has recorded.
    pub devices_unversioned: u64,
    /// Whether there are more flaws than are counted here.
    pub more: bool,
}

/// One flaw of one part, and what it comes to for the product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PartHit {
    /// Part, by its position in the list.
    pub part: usize,
    /// Name of the part.
    pub name: String,
    /// Version of the part.
    pub part_version: String,
    /// Ids of the records that say so.
    pub records: Vec<String>,
    /// The id people know the flaw by.
    pub flaw: String,
    /// Every other id of it.
    pub aliases: Vec<String>,
    /// Whether CISA's catalogue lists it as used in attacks; none when no catalogue is on file.
    pub in_kev: Option<bool>,
    /// What it is, in a line.
    pub summary: String,
    /// A link; empty when the record has none.
    pub url: String,
    /// When it was published.
    pub published: Option<Moment>,
    /// Scores, computed.
    pub scores: Vec<ScoreLine>,
    /// Whether the part's version has the flaw beyond doubt.
    pub has_it: bool,
    /// The verdict on the product.
    pub verdict: Verdict,
    /// How it came about.
    pub reasons: Vec<Reason>,
    /// What would settle it; empty when it is settled.
    pub missing: String,
}

impl PartHit {
    /// The highest base score that could be computed; empty when none could.
    #[must_use]
    pub fn base(&self) -> &str {
        self.scores.iter().max_by_key(|score| tenths(score)).map_or("", |score| score.base.as_str())
    }

    /// The same in tenths, zero when none could be computed.
    pub(crate) fn tenths(&self) -> u32 {
        self.scores.iter().map(tenths).max().unwrap_or(0)
    }
}

fn tenths(score: &ScoreLine) -> u32 {
    score.base.replace('.', "").parse().unwrap_or(0)
}

/// A device a parts list is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SbomDevice {
    /// Handle.
    pub id: DeviceId,
    /// Display name.
    pub name: String,
    /// Asset tag.
    pub tag: String,
    /// Software version on record.
    pub version: String,
    /// Whether that version was recorded too long ago to rest on.
    pub is_stale: bool,
    /// Unit.
    pub unit: String,
}

/// One parts list with what is known of its parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SbomPage {
    /// The line.
    pub line: SbomLine,
    /// The document's own id.
    pub document: String,
    /// Who made the document.
    pub author: String,
    /// What the document calls the product.
    pub product: String,
    /// SHA-256 of the file.
    pub hash: String,
    /// Name of the file.
    pub file: String,
    /// Flaws, the worst first.
    pub hits: Vec<PartHit>,
    /// All parts, in order.
    pub parts: Vec<Part>,
    /// Devices it is about, at most [`super::MOST_DEVICES`].
    pub devices: Vec<SbomDevice>,
    /// How many entries of known flaws it was held against.
    pub records: u64,
}

/// A flaw found by one of its ids, with the list it is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FlawFound {
    /// The parts list.
    pub sbom: SbomLine,
    /// The part and what it comes to.
    pub hit: PartHit,
}

/// What was found of a part or a flaw.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Found {
    /// Parts by name, package URL or CPE.
    pub parts: Vec<PartFound>,
    /// Flaws by any of their ids.
    pub flaws: Vec<FlawFound>,
}

/// A part found by name, with the model and version it is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PartFound {
    /// Id of the parts list.
    pub sbom: String,
    /// Maker.
    pub maker: String,
    /// Model.
    pub model: String,
    /// Software version.
    pub version: String,
    /// The part.
    pub part: Part,
    /// Devices of this model and version.
    pub devices: u64,
}
