//! Advisories: one published document in one revision.

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What a document says of a product and a vulnerability (CSAF 2.0 clause 3.2.3.9). Absence of a statement
/// is not listed here: it is no statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProductStatus {
    /// Affected from this version on.
    FirstAffected,
    /// Known to be affected.
    KnownAffected,
    /// Affected up to this version.
    LastAffected,
    /// The first version with a fix.
    FirstFixed,
    /// Has the fix.
    Fixed,
    /// Known not to be affected.
    KnownNotAffected,
    /// Recommended by the maker.
    Recommended,
    /// The maker does not know yet.
    UnderInvestigation,
}

impl ProductStatus {
    /// As CSAF writes it (3.2.3.9, `product_status`).
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.names().0
    }

    /// In words.
    #[must_use]
    pub const fn label(self) -> &'static str {
        self.names().1
    }

    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::FirstAffected => ("first_affected", "first affected"),
            Self::KnownAffected => ("known_affected", "known affected"),
            Self::LastAffected => ("last_affected", "last affected"),
            Self::FirstFixed => ("first_fixed", "first fixed"),
            Self::Fixed => ("fixed", "fixed"),
            Self::KnownNotAffected => ("known_not_affected", "known not affected"),
            Self::Recommended => ("recommended", "recommended"),
            Self::UnderInvestigation => ("under_investigation", "under investigation"),
        }
    }
}

/// [`Product::category`] of a leaf whose devices the document names by lots, serial numbers or codes in free text:
/// whether one of ours is among them, a person has to see.
pub const RECALLED_UNITS: &str = "recalled_units";

/// [`Product::category`] of a software package or component that is named without a maker. The same name may be
/// another build elsewhere, so alone it neither clears nor convicts.
pub const PACKAGE: &str = "package";

/// One leaf of the product tree, verbatim.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// The document's id of the leaf.
    pub id: String,
    /// Full product name as the leaf gives it.
    pub name: String,
    /// Name of the vendor branch above it.
    pub vendor: String,
    /// Name of the product branch above it.
    pub product: String,
    /// Version text: the name of the version or range branch; empty when the leaf ends at the product.
    pub version: String,
    /// Category of the leaf (`product_version`, `product_version_range`, `product_name` …, [`RECALLED_UNITS`],
    /// [`PACKAGE`]).
    pub category: String,
    /// Model numbers of the identification helper.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub model_numbers: Vec<String>,
    /// Serial numbers of the identification helper.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub serial_numbers: Vec<String>,
    /// Stock keeping units of the identification helper.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skus: Vec<String>,
    /// Generic URIs of the identification helper. Only a UDI device identifier is looked for in them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub generic_uris: Vec<String>,
    /// Files that the identification helper names by their hashes. No device's record has hashes: they decide nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hashed_files: Vec<String>,
    /// CPE and purl of the identification helper.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_ids: Vec<String>,
    /// For a relationship: `installed_on` and the like, with the two product ids it joins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relation: Option<(String, String, String)>,
}

/// What one vulnerability says of one product id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Statement {
    /// Product id.
    pub product: String,
    /// What is said.
    pub status: ProductStatus,
}

/// A remedy as the document words it. The category is kept but never believed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remediation {
    /// `vendor_fix`, `mitigation` …
    pub category: String,
    /// The text, verbatim.
    pub text: String,
    /// Product ids it is for; empty means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub products: Vec<String>,
    /// A link.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub url: String,
    /// Date of the remedy as written.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub date: String,
}

/// A severity score as the document gives it; what its vector comes to is worked out, see [`crate::cvss`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    /// `2.0`, `3.0`, `3.1`, `4.0`.
    pub version: String,
    /// The vector string.
    pub vector: String,
    /// The base score as written, such as `7.5`.
    pub base: String,
    /// The severity word as written, such as `HIGH`; empty when there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub severity: String,
    /// Product ids; empty means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub products: Vec<String>,
}

/// A link with the document's summary of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// Where to.
    pub url: String,
    /// What it is.
    pub summary: String,
}

/// A flaw described in an advisory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vulnerability {
    /// CVE id, or another id, or `#n` for the n-th when the document gives none.
    pub id: String,
    /// Title, when there is one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// Description note, verbatim.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// CWE id and name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub cwe: String,
    /// What it says of which product.
    pub statements: Vec<Statement>,
    /// Remedies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remediations: Vec<Remediation>,
    /// Scores.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<Score>,
    /// Threats and flags as `category: text`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub threats: Vec<String>,
}

/// One published document in one revision.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advisory {
    /// `document.tracking.id`.
    pub id: String,
    /// Title.
    pub title: String,
    /// `csaf_security_advisory`, `csaf_vex` …
    pub category: String,
    /// Publisher's name.
    pub publisher: String,
    /// `tracking.version`, the revision.
    pub revision: String,
    /// `tracking.status`: draft, interim, final.
    pub status: String,
    /// First release.
    pub released: Option<Timestamp>,
    /// Release of this revision.
    pub revised: Option<Timestamp>,
    /// Traffic Light Protocol label.
    #[serde(default)]
    pub tlp: String,
    /// SHA-256 of the file, hexadecimal: content changes without a revision do occur.
    pub hash: String,
    /// Summary note, verbatim.
    #[serde(default)]
    pub summary: String,
    /// Leaves of the product tree, in document order.
    pub products: Vec<Product>,
    /// Vulnerabilities, in document order.
    pub vulnerabilities: Vec<Vulnerability>,
    /// Links.
    #[serde(default)]
    pub references: Vec<Reference>,
    /// Where the document contradicts itself, in sentences; each names product ids and versions.
    #[serde(default)]
    pub contradictions: Vec<Contradiction>,
    /// Format of the document as it came: `csaf 2.0`, `openvex`, `cyclonedx 1.6`, `openfda recall` …; empty when read before this was kept.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub format: String,
    /// What the publisher calls itself: `vendor`, `coordinator`, `other` …
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub publisher_category: String,
    /// The publisher's namespace, an address under its control.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub namespace: String,
    /// Aggregate severity in the publisher's own words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub severity: String,
    /// Language of the text, such as `en`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub language: String,
    /// What the document says of its own revisions, in its order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<RevisionEntry>,
}

/// One entry of a document's revision history, as written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevisionEntry {
    /// The revision's number.
    pub number: String,
    /// Its date.
    pub date: String,
    /// What the publisher says it changed.
    pub summary: String,
}

/// Two things a document says that cannot both hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contradiction {
    /// Vulnerability id, or empty for the whole document.
    pub vulnerability: String,
    /// Product id it is about.
    pub product: String,
    /// The version that is in question; empty when the whole product is.
    pub version: String,
    /// The contradiction in a sentence, quoting both sides.
    pub text: String,
}

impl Advisory {
    /// The leaf with this product id.
    #[must_use]
    pub fn product(&self, id: &str) -> Option<&Product> {
        self.products.iter().find(|product| product.id == id)
    }

    /// Whether it speaks of the versions it lists and of no others: OpenVEX and CycloneDX state one version after
    /// another, so that a version they leave out is not thereby clear.
    #[must_use]
    pub fn speaks_only_of_listed(&self) -> bool {
        self.format.starts_with("openvex") || self.format.starts_with("cyclonedx")
    }
}
