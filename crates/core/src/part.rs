//! Parts of a product (SBOM), and what is known to be wrong with a part (OSV).

use crate::advisory::Score;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// One part as a parts list names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// Its version; empty when not said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// Who supplied it; empty when not said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub supplier: String,
    /// Package URL, verbatim; empty when not said. Without one nothing can be looked up.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub purl: String,
    /// CPE name, verbatim; empty when not said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub cpe: String,
    /// The document's own name of it (`bom-ref`, `SPDXID`).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reference: String,
}

/// What one document says a product is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartsList {
    /// The document's own id: serial number, namespace, or its hash when it has neither.
    pub id: String,
    /// Its revision; empty when it has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub revision: String,
    /// The document's own name of the product (`bom-ref`, `SPDXID`).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub subject: String,
    /// `cyclonedx 1.5`, `spdx 2.3` …
    pub format: String,
    /// Maker of the product it describes, as written; empty when not said.
    pub maker: String,
    /// The product, as written; empty when not said.
    pub product: String,
    /// Its version, as written; empty when not said.
    pub version: String,
    /// When the document was made.
    pub created: Option<Timestamp>,
    /// Who made the document; empty when not said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub author: String,
    /// SHA-256 of the file, hexadecimal.
    pub hash: String,
    /// The parts, ordered, each once.
    pub parts: Vec<Part>,
}

/// A known flaw of packages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartFlaw {
    /// The record's id.
    pub id: String,
    /// Other ids of the same flaw, such as its CVE.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// What it is, in a line.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub summary: String,
    /// First publication.
    pub published: Option<Timestamp>,
    /// Last change.
    pub modified: Option<Timestamp>,
    /// Since when it is no flaw after all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Timestamp>,
    /// Severity vectors.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<Score>,
    /// A link, when there is one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub url: String,
    /// The packages, in document order.
    pub packages: Vec<FlawedPackage>,
}

/// Which versions of one package have a flaw.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlawedPackage {
    /// Its ecosystem as written, with the release when there is one: `PyPI`, `Debian:12`.
    pub ecosystem: String,
    /// Its name there.
    pub name: String,
    /// The package as [`crate::purl::package`] spells it; empty when there is no such spelling.
    pub package: String,
    /// Versions listed one by one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<String>,
    /// Ranges; a version in any of them has the flaw.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ranges: Vec<FlawRange>,
}

/// A range of versions with a flaw.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlawRange {
    /// `SEMVER`, `ECOSYSTEM`, `GIT`, or what the record calls it.
    pub kind: String,
    /// Where the flaw begins and ends, in document order.
    pub events: Vec<FlawEvent>,
    /// Whether something in it could not be read, so that nothing can be concluded from it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub damaged: bool,
}

/// Where a flaw begins or ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlawEvent {
    /// From this version on; `0` is before every version.
    Introduced(String),
    /// Gone with this version.
    Fixed(String),
    /// Up to this version, which still has it.
    LastAffected(String),
    /// The range speaks of nothing from this version on; `*` sets no limit.
    Limit(String),
}

impl PartFlaw {
    /// Every id of the flaw, the record's own first.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.id.as_str()).chain(self.aliases.iter().map(String::as_str))
    }

    /// The id people know it by: its CVE when it has one.
    #[must_use]
    pub fn known_as(&self) -> &str {
        self.ids().find(|id| id.starts_with("CVE-")).unwrap_or(&self.id)
    }
}
