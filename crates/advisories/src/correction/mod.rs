//! What a house corrects in a document of others, and whether it still may.
//!
//! The document itself is never changed: it is read with its corrections each time it is judged. Each says what it
//! found at its passage. Where a revision says something else there, it is not applied any more but [`Fate::Stale`],
//! so that a person decides anew; a revision that leaves the passage alone leaves the correction in force.

mod apply;

pub use apply::apply;

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use tallyward_core::Timestamp;
use tallyward_core::advisory::{Advisory, Product, ProductStatus};

/// One leaf of the product tree, by its id and its words.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Leaf {
    /// The document's id.
    pub id: String,
    /// Name of the vendor.
    pub vendor: String,
    /// Name of the product.
    pub product: String,
    /// Version text.
    pub version: String,
}

/// What is made of a leaf.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Edit {
    /// Another version text.
    Version(String),
    /// Another vendor and product.
    Name {
        /// Name of the vendor.
        vendor: String,
        /// Name of the product.
        product: String,
    },
    /// One status for a vulnerability in the place of all that it gives the leaf; none for no statement.
    Status {
        /// Vulnerability id.
        vulnerability: String,
        /// What is said.
        status: Option<ProductStatus>,
    },
    /// The leaf goes, with all that is said of it.
    Drop,
    /// The leaf comes, with what is said of it: vulnerability id and status.
    Add(Vec<(String, ProductStatus)>),
}

/// One passage corrected, with what was found there, by whom, when and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// The leaf as it was found; for [`Edit::Add`] the leaf that comes.
    pub leaf: Leaf,
    /// What is made of it.
    pub edit: Edit,
    /// What vulnerabilities were found to say of it, as far as the correction touches that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub found: Vec<(String, ProductStatus)>,
    /// The revision it was made on.
    pub revision: String,
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub why: String,
}

/// What became of a correction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It is in force.
    Applied,
    /// The passage is not what it was; why, in a sentence. A person has to look again.
    Stale(String),
}

impl Correction {
    /// A correction of `advisory` as it is now: what it has to find is taken from there. Of `leaf` only the id
    /// counts, but for one that is added.
    ///
    /// # Errors
    /// A sentence, when there is no such passage or nothing would change.
    pub fn of(advisory: &Advisory, leaf: Leaf, edit: Edit) -> Result<Self, String> {
        let leaf = match (&edit, advisory.product(&leaf.id)) {
            (Edit::Add(_), _) => leaf,
            (_, Some(held)) => Leaf::of(held),
            (_, None) => return Err(format!("no leaf has the id {:?}", leaf.id)),
        };
        let found = match &edit {
            Edit::Status { vulnerability, .. } => said_of(advisory, &leaf.id, Some(vulnerability)),
            Edit::Drop => said_of(advisory, &leaf.id, None),
            _ => Vec::new(),
        };
        let revision = advisory.revision.clone();
        let (by, why) = (String::new(), String::new());
        let correction = Self { leaf, edit, found, revision, by, at: Timestamp::from_micros(0), why };
        let (after, fates) = apply(advisory, std::slice::from_ref(&correction));
        let restated = matches!(&correction.edit, Edit::Status { status: Some(status), .. }
            if matches!(correction.found.as_slice(), [(_, only)] if only == status));
        match fates.into_iter().next() {
            Some(Fate::Stale(why)) => Err(why),
            _ if restated => Err("the document says so already".to_owned()),
            _ if (&after.products, &after.vulnerabilities)
                == (&advisory.products, &advisory.vulnerabilities) =>
            {
                Err("the document says so already".to_owned())
            }
            _ => Ok(correction),
        }
    }

    /// The same made anew on the passage as it is now: the leaf of the same vendor and product, under its id or as
    /// the only one.
    ///
    /// # Errors
    /// A sentence, when there is no such leaf any more or the document says so itself.
    pub fn again(&self, advisory: &Advisory) -> Result<Self, String> {
        if let Edit::Add(_) = &self.edit {
            return Self::of(advisory, self.leaf.clone(), self.edit.clone());
        }
        let same = |leaf: &&Product| (&leaf.vendor, &leaf.product) == (&self.leaf.vendor, &self.leaf.product);
        let held: Vec<&Product> = advisory.products.iter().filter(same).collect();
        let leaf = match (held.iter().find(|leaf| leaf.id == self.leaf.id), held.as_slice()) {
            (Some(leaf), _) => leaf,
            (None, [only]) => only,
            (None, []) => {
                return Err(format!("the document lists no {} any more", self.leaf.product_named()));
            }
            (None, _) => return Err(format!("several leaves are of {}", self.leaf.product_named())),
        };
        Self::of(advisory, Leaf::of(leaf), self.edit.clone())
    }

    /// What it does, in a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let leaf = self.leaf.named();
        match &self.edit {
            Edit::Version(text) => {
                format!(
                    "The clause of {} is read as {text:?}, not as {:?}.",
                    self.leaf.product_named(),
                    self.leaf.version
                )
            }
            Edit::Name { vendor, product } => {
                format!("{leaf} is read as a product {product:?} of {vendor:?}.")
            }
            Edit::Status { vulnerability, status: Some(status) } => {
                format!(
                    "For {vulnerability}, {leaf} is read as {}, not as {}.",
                    status.label(),
                    words(&self.found)
                )
            }
            Edit::Status { vulnerability, status: None } => {
                format!(
                    "For {vulnerability}, {leaf} is read as not mentioned, not as {}.",
                    words(&self.found)
                )
            }
            Edit::Drop => format!("{leaf} is left out."),
            Edit::Add(said) => {
                let said: Vec<String> =
                    said.iter().map(|(flaw, status)| format!("{} for {flaw}", status.label())).collect();
                format!("{leaf} is added: {}.", said.join(", "))
            }
        }
    }
}

impl Leaf {
    fn of(product: &Product) -> Self {
        Self {
            id: product.id.clone(),
            vendor: product.vendor.clone(),
            product: product.product.clone(),
            version: product.version.clone(),
        }
    }

    fn same_words(&self, product: &Product) -> bool {
        (&self.vendor, &self.product, &self.version) == (&product.vendor, &product.product, &product.version)
    }

    fn product_named(&self) -> String {
        format!("{} {}", self.vendor.trim(), self.product.trim()).trim().to_owned()
    }

    fn named(&self) -> String {
        format!("{} {}", self.product_named(), self.version.trim()).trim().to_owned()
    }
}

/// What vulnerabilities, or one, say of a leaf; each once, in order.
fn said_of(advisory: &Advisory, id: &str, flaw: Option<&str>) -> Vec<(String, ProductStatus)> {
    let entries = advisory.vulnerabilities.iter().filter(|entry| flaw.is_none_or(|flaw| entry.id == flaw));
    let said = entries.flat_map(|entry| {
        let of = entry.statements.iter().filter(|one| one.product == id);
        of.map(|one| (entry.id.clone(), one.status))
    });
    said.collect::<BTreeSet<_>>().into_iter().collect()
}

fn words(said: &[(String, ProductStatus)]) -> String {
    let said: Vec<String> =
        said.iter().map(|(flaw, status)| format!("{} for {flaw}", status.label())).collect();
    if said.is_empty() { "nothing".to_owned() } else { said.join(", ") }
}
