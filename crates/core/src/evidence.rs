//! Evidence: what a source said.

use crate::field::Field;
use crate::id::IngestId;
use crate::key::Key;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What kind of source speaks. Precedence tables rank by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SourceKind {
    /// A person read it off the device or its label.
    Person,
    /// A list: CMMS, spreadsheet, CMDB.
    List,
    /// The device itself said it in its own protocol (DICOM data set, HL7 device segment).
    WireDevice,
    /// The network said it (ARP, DHCP, association parameters).
    WireNetwork,
    /// Worked out from something weaker (MAC prefix, toolkit UID, port).
    Guess,
}

impl SourceKind {
    /// Whether it comes from traffic, so that it also proves the device was there.
    #[must_use]
    pub const fn is_wire(self) -> bool {
        matches!(self, Self::WireDevice | Self::WireNetwork | Self::Guess)
    }

    /// The stored name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::List => "list",
            Self::WireDevice => "wire_device",
            Self::WireNetwork => "wire_network",
            Self::Guess => "guess",
        }
    }
}

/// One source: its kind and its name ("CMMS export", "sensor ED-1", "M. Lopez").
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Source {
    /// What kind of source.
    pub kind: SourceKind,
    /// Which one.
    pub name: String,
}

/// When one taking-in saw the statement. Merging two of the same `ingest` keeps the wider span, so reading a
/// file twice, or its halves in any order, gives the same episode.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Episode {
    /// What was taken in; counts once.
    #[serde(rename = "i")]
    pub ingest: IngestId,
    /// First moment the statement was true as far as the source knows.
    #[serde(rename = "f")]
    pub first: Timestamp,
    /// Last such moment.
    #[serde(rename = "l")]
    pub last: Timestamp,
    /// How often it was seen within this ingest.
    #[serde(rename = "n")]
    pub count: u64,
    /// When we wrote it down, apart from when it was true.
    #[serde(rename = "r")]
    pub recorded_at: Timestamp,
    /// Where in the ingest: `packet 17`, `row 4`. The smallest is kept.
    #[serde(rename = "p", default, skip_serializing_if = "String::is_empty")]
    pub place: String,
}

impl Episode {
    /// Widens this episode by another of the same ingest. Commutative, associative and idempotent.
    pub fn widen(&mut self, other: &Self) {
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.count = self.count.max(other.count);
        self.recorded_at = self.recorded_at.min(other.recorded_at);
        let shorter = (other.place.len(), &other.place) < (self.place.len(), &self.place);
        if self.place.is_empty() || (!other.place.is_empty() && shorter) {
            self.place.clone_from(&other.place);
        }
    }
}

/// One statement by one source about one subject, with the episodes in which it was made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Evidence {
    /// Whom it is about.
    pub subject: Key,
    /// Which field.
    pub field: Field,
    /// The value as said; for [`Field::Key`] the canonical text of a [`Key`].
    pub value: String,
    /// Who said it.
    pub source: Source,
    /// How: `DICOM C-STORE`, `DHCP option 12`, `column Serial No`.
    pub basis: String,
    /// When, one entry an ingest, ordered by ingest.
    pub episodes: Vec<Episode>,
}

impl Evidence {
    /// What makes two pieces of evidence the same statement: all but the episodes.
    #[must_use]
    pub fn identity(&self) -> (&Key, Field, &str, &Source, &str) {
        (&self.subject, self.field, &self.value, &self.source, &self.basis)
    }

    /// Adds the episodes of `other`, which must be the same statement. Commutative, associative, idempotent.
    pub fn absorb(&mut self, other: &Self) {
        for episode in &other.episodes {
            self.add(episode.clone());
        }
    }

    fn add(&mut self, episode: Episode) {
        match self.episodes.binary_search_by_key(&episode.ingest, |held| held.ingest) {
            Ok(at) => self.episodes[at].widen(&episode),
            Err(at) => self.episodes.insert(at, episode),
        }
    }
}

/// Evidence as a set: statements in canonical order, each once, episodes merged.
#[must_use]
pub fn normalise(mut evidence: Vec<Evidence>) -> Vec<Evidence> {
    for piece in &mut evidence {
        if !piece.episodes.is_sorted_by(|a, b| a.ingest < b.ingest) {
            for episode in std::mem::take(&mut piece.episodes) {
                piece.add(episode);
            }
        }
    }
    // Sources speak of one subject at a time, so runs of a subject are sorted as a whole and each within itself:
    // far fewer comparisons than sorting every statement against every other.
    let mut runs: Vec<Vec<Evidence>> = Vec::new();
    for piece in evidence {
        match runs.last_mut() {
            Some(run) if run[0].subject == piece.subject => run.push(piece),
            _ => runs.push(vec![piece]),
        }
    }
    runs.sort_by(|a, b| a[0].subject.cmp(&b[0].subject));
    runs.dedup_by(|later, kept| {
        let same = later[0].subject == kept[0].subject;
        if same {
            kept.append(later);
        }
        same
    });
    let mut whole = Vec::with_capacity(runs.iter().map(Vec::len).sum());
    for mut run in runs {
        run.sort_by(|a, b| a.identity().cmp(&b.identity()));
        run.dedup_by(|later, kept| {
            let same = later.identity() == kept.identity();
            if same {
                kept.absorb(later);
            }
            same
        });
        whole.append(&mut run);
    }
    whole
}
