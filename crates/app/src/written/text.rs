//! What a writer types, and the document it becomes.

use super::StoredManuscript;
use serde::{Deserialize, Serialize};
use tallyward_advisories::{Manuscript, Revision, write_csaf};
use tallyward_core::Timestamp;
use tallyward_core::advisory::{
    Product, ProductStatus, Reference, Remediation, Score, Statement, Vulnerability,
};

/// Rows a manuscript may have of one kind.
const MAX_ROWS: usize = 200;
/// Letters one field may have.
const MAX_LETTERS: usize = 20_000;

/// What may be said of a product: code and words.
pub const SAYS: [(&str, &str); 4] = [
    ("affected", "affected"),
    ("fixed", "fixed"),
    ("not_affected", "not affected"),
    ("under_investigation", "under investigation"),
];

/// Kinds of remedies (CSAF 2.0 clause 3.2.3.12.1): code and words.
pub const REMEDIES: [(&str, &str); 5] = [
    ("vendor_fix", "fix by the maker"),
    ("mitigation", "mitigation"),
    ("workaround", "workaround"),
    ("none_available", "none available yet"),
    ("no_fix_planned", "no fix planned"),
];

/// What is said of one product.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProductSaid {
    /// Maker.
    pub maker: String,
    /// Product.
    pub product: String,
    /// Version text in the clause language; empty for all versions.
    pub version: String,
    /// One of [`SAYS`]; affected when empty.
    pub says: String,
    /// Ids of the vulnerabilities it is said of, with commas; empty for all.
    pub flaws: String,
}

/// One vulnerability.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FlawSaid {
    /// CVE id, or the sender's own number; empty when there is none.
    pub id: String,
    /// CVSS vector of any version; empty when there is none.
    pub vector: String,
    /// What it is, in words.
    pub description: String,
}

/// One remedy, for all products.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RemedySaid {
    /// One of [`REMEDIES`].
    pub kind: String,
    /// What to do.
    pub text: String,
}

/// What a person typed of an advisory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Writing {
    /// Title.
    pub title: String,
    /// What it is about.
    pub summary: String,
    /// Who publishes it: this house.
    pub publisher: String,
    /// A web address of the house, which makes its ids its own.
    pub namespace: String,
    /// Traffic Light Protocol label; empty for none.
    pub tlp: String,
    /// What is said of which product.
    pub products: Vec<ProductSaid>,
    /// The vulnerabilities.
    pub flaws: Vec<FlawSaid>,
    /// The remedies.
    pub remedies: Vec<RemedySaid>,
    /// Web addresses, one each.
    pub links: Vec<String>,
    /// What this revision changes; from the second on.
    pub change: String,
    /// Id of the letter it is made of; empty for none.
    pub letter: String,
}

impl Writing {
    /// Takes out blank rows and the blanks around texts.
    pub fn tidy(&mut self) {
        let trim = |text: &mut String| *text = text.trim().to_owned();
        for text in [
            &mut self.title,
            &mut self.summary,
            &mut self.publisher,
            &mut self.namespace,
            &mut self.tlp,
            &mut self.change,
            &mut self.letter,
        ] {
            trim(text);
        }
        for one in &mut self.products {
            [&mut one.maker, &mut one.product, &mut one.version, &mut one.says, &mut one.flaws]
                .into_iter()
                .for_each(trim);
        }
        for one in &mut self.flaws {
            [&mut one.id, &mut one.vector, &mut one.description].into_iter().for_each(trim);
            if one.id.to_ascii_uppercase().starts_with("CVE-") {
                one.id = one.id.to_ascii_uppercase();
            }
        }
        self.remedies.iter_mut().for_each(|one| trim(&mut one.text));
        self.links.iter_mut().for_each(trim);
        self.products
            .retain(|one| ![&one.maker, &one.product, &one.version].iter().all(|text| text.is_empty()));
        self.flaws.retain(|one| ![&one.id, &one.vector, &one.description].iter().all(|text| text.is_empty()));
        self.remedies.retain(|one| !one.text.is_empty());
        self.links.retain(|link| !link.is_empty());
    }

    /// More than can be kept, in a sentence.
    pub(super) fn too_much(&self) -> Option<String> {
        let rows = [self.products.len(), self.flaws.len(), self.remedies.len(), self.links.len()];
        if rows.into_iter().any(|count| count > MAX_ROWS) {
            return Some(format!("more than {MAX_ROWS} rows of one kind; write a second advisory"));
        }
        let long = |text: &&String| text.len() > MAX_LETTERS;
        let mut texts: Vec<&String> = vec![&self.title, &self.summary, &self.publisher, &self.namespace];
        texts.extend([&self.tlp, &self.change, &self.letter]);
        texts.extend(self.links.iter());
        for one in &self.products {
            texts.extend([&one.maker, &one.product, &one.version, &one.says, &one.flaws]);
        }
        for one in &self.flaws {
            texts.extend([&one.id, &one.vector, &one.description]);
        }
        texts.extend(self.remedies.iter().flat_map(|one| [&one.kind, &one.text]));
        texts.iter().find(|text| long(text)).map(|_| format!("a text of more than {MAX_LETTERS} letters"))
    }

    /// What the revision brings, as the history tells it.
    pub(super) fn change_told(&self, first: bool) -> String {
        if first { "First release.".to_owned() } else { self.change.clone() }
    }

    /// What cannot be written as it stands, in sentences; the rest is for the check of the document.
    pub(super) fn wrong(&self, first: bool) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut lacks = |is: bool, why: &str| {
            if is {
                wrong.push(why.to_owned());
            }
        };
        lacks(self.title.is_empty(), "It has no title.");
        lacks(self.publisher.is_empty(), "Nobody is named as its publisher.");
        lacks(self.namespace.is_empty(), "It has no web address of the publisher.");
        lacks(self.products.is_empty(), "It speaks of no product.");
        lacks(self.flaws.is_empty(), "It describes no vulnerability.");
        lacks(!first && self.change.is_empty(), "It does not say what this revision changes.");
        for (at, one) in self.products.iter().enumerate() {
            let row = at + 1;
            lacks(one.product.is_empty(), &format!("Product {row} has no name."));
            lacks(one.maker.is_empty(), &format!("Product {row} has no maker."));
            lacks(status(&one.says).is_none(), &format!("Product {row}: {:?} is no statement.", one.says));
            for id in ids(&one.flaws).filter(|id| !self.flaws.iter().any(|flaw| flaw.id == *id)) {
                lacks(
                    true,
                    &format!("Product {row} names the vulnerability {id:?}, which is not described."),
                );
            }
        }
        for (at, one) in self.flaws.iter().enumerate() {
            let row = at + 1;
            lacks(one.description.is_empty(), &format!("Vulnerability {row} is not described."));
            let twice = !one.id.is_empty() && self.flaws[..at].iter().any(|held| held.id == one.id);
            lacks(twice, &format!("Vulnerability {row}: {:?} is described twice.", one.id));
            if let Some(Err(why)) = vector(one) {
                lacks(true, &format!("Vulnerability {row}: {why}."));
            }
        }
        for one in self.remedies.iter().filter(|one| !REMEDIES.iter().any(|(code, _)| *code == one.kind)) {
            lacks(true, &format!("{:?} is no kind of remedy.", one.kind));
        }
        wrong
    }
}

fn vector(flaw: &FlawSaid) -> Option<Result<tallyward_core::cvss::Computed, String>> {
    (!flaw.vector.is_empty()).then(|| tallyward_core::cvss::computed(&flaw.vector))
}

fn status(says: &str) -> Option<ProductStatus> {
    Some(match says {
        "" | "affected" => ProductStatus::KnownAffected,
        "fixed" => ProductStatus::Fixed,
        "not_affected" => ProductStatus::KnownNotAffected,
        "under_investigation" => ProductStatus::UnderInvestigation,
        _ => return None,
    })
}

fn ids(list: &str) -> impl Iterator<Item = String> + '_ {
    list.split([',', ';', ' ']).filter(|id| !id.is_empty()).map(|id| {
        if id.to_ascii_uppercase().starts_with("CVE-") { id.to_ascii_uppercase() } else { id.to_owned() }
    })
}

/// The document as it would be released at `at`.
pub(super) fn released(held: &StoredManuscript, at: Timestamp) -> String {
    write_csaf(&manuscript(held, "final", held.history(at)))
}

/// The document as a draft.
pub(super) fn draft(held: &StoredManuscript, at: Timestamp) -> String {
    let entry = Revision { number: "0".to_owned(), date: at, summary: "Draft.".to_owned() };
    write_csaf(&manuscript(held, "draft", vec![entry]))
}

fn manuscript(held: &StoredManuscript, status: &str, revisions: Vec<Revision>) -> Manuscript {
    let writing = &held.writing;
    let mut products: Vec<Product> = Vec::new();
    let mut said: Vec<(String, &ProductSaid)> = Vec::new();
    for one in &writing.products {
        let same = |leaf: &&Product| {
            leaf.vendor == one.maker && leaf.product == one.product && leaf.version == one.version
        };
        let id = match products.iter().find(same) {
            Some(leaf) => leaf.id.clone(),
            None => {
                let id = format!("P{}", products.len() + 1);
                products.push(Product {
                    id: id.clone(),
                    vendor: one.maker.clone(),
                    product: one.product.clone(),
                    version: one.version.clone(),
                    ..Product::default()
                });
                id
            }
        };
        said.push((id, one));
    }
    let remedies: Vec<Remediation> = writing.remedies.iter().map(remedy).collect();
    let flaws = writing.flaws.iter().map(|flaw| vulnerability(flaw, &said, &remedies)).collect();
    Manuscript {
        publisher: writing.publisher.clone(),
        publisher_category: "user".to_owned(),
        namespace: writing.namespace.clone(),
        id: held.id.clone(),
        title: writing.title.clone(),
        status: status.to_owned(),
        tlp: writing.tlp.clone(),
        language: String::new(),
        summary: writing.summary.clone(),
        revisions,
        products,
        vulnerabilities: flaws,
        references: writing.links.iter().map(|url| link(url)).collect(),
    }
}

fn link(url: &str) -> Reference {
    Reference { url: url.to_owned(), summary: "Named by the writer".to_owned() }
}

fn remedy(one: &RemedySaid) -> Remediation {
    Remediation {
        category: one.kind.clone(),
        text: one.text.clone(),
        products: Vec::new(),
        url: String::new(),
        date: String::new(),
    }
}

fn vulnerability(
    flaw: &FlawSaid,
    said: &[(String, &ProductSaid)],
    remedies: &[Remediation],
) -> Vulnerability {
    let about =
        |one: &ProductSaid| ids(&one.flaws).next().is_none() || ids(&one.flaws).any(|id| id == flaw.id);
    let statement = |(id, one): &(String, &ProductSaid)| {
        Some(Statement { product: id.clone(), status: status(&one.says)? })
    };
    let statements: Vec<Statement> =
        said.iter().filter(|(_, one)| about(one)).filter_map(statement).collect();
    let mut touched: Vec<String> = statements.iter().map(|one| one.product.clone()).collect();
    touched.dedup();
    let score = vector(flaw).and_then(Result::ok).map(|computed| Score {
        base: computed.base(),
        version: computed.version,
        vector: flaw.vector.clone(),
        severity: String::new(),
        products: touched.clone(),
    });
    // A remedy is for those who need one.
    let needs = |one: &&Statement| {
        matches!(one.status, ProductStatus::KnownAffected | ProductStatus::UnderInvestigation)
    };
    let mut needing: Vec<String> = statements.iter().filter(needs).map(|one| one.product.clone()).collect();
    needing.dedup();
    Vulnerability {
        id: flaw.id.clone(),
        title: String::new(),
        description: flaw.description.clone(),
        cwe: String::new(),
        remediations: remedies
            .iter()
            .filter(|_| !needing.is_empty())
            .map(|one| Remediation { products: needing.clone(), ..one.clone() })
            .collect(),
        statements,
        scores: score.filter(|_| !touched.is_empty()).into_iter().collect(),
        threats: Vec::new(),
    }
}
