//! openFDA's device recalls and enforcement reports: bytes to advisories, one a recall.
//!
//! A recall names a product in one free text and the units it means in another: lots, serial numbers, catalogue
//! numbers, sometimes a version of software. Only where that second text says plainly that all are meant, or a version
//! that the clause language reads whole, does it become a clause. Everywhere else the leaf is one of recalled units:
//! a person has to see whether a device is among them, so that a recall neither clears nor convicts by a guess.

use crate::csaf::sha256;
use crate::cursor::{At, Defects, placed};
use crate::document::Documents;
use crate::error::{ReadError, short};
use std::collections::BTreeSet;
use tallyward_core::advisory::{
    Advisory, Product, ProductStatus, RECALLED_UNITS, Remediation, Statement, Vulnerability,
};
use tallyward_core::time::Timestamp;
use tallyward_versions::{Clause, Quality};

/// Most parts listed that could not be read; the rest would only repeat.
const MAX_LOST: usize = 200;

/// Which of the two endpoints a result comes from, with the names it has for the same things.
struct Endpoint {
    format: &'static str,
    prefix: &'static str,
    id: &'static str,
    status: &'static str,
    released: &'static [&'static str],
    revised: &'static [&'static str],
}

const ENFORCEMENT: Endpoint = Endpoint {
    format: "openfda enforcement",
    prefix: "FDA-ENFORCEMENT-",
    id: "recall_number",
    status: "status",
    released: &["recall_initiation_date"],
    revised: &["termination_date", "report_date", "center_classification_date"],
};

const RECALL: Endpoint = Endpoint {
    format: "openfda recall",
    prefix: "FDA-RECALL-",
    id: "product_res_number",
    status: "recall_status",
    released: &["event_date_initiated"],
    revised: &["event_date_terminated", "event_date_posted", "event_date_created"],
};

pub(crate) fn read(root: &At<'_>, bytes: &[u8], name: &str) -> Result<Documents, ReadError> {
    let mut noted = Defects::default();
    let mut documents = Documents::default();
    let mut ids = BTreeSet::new();
    let lose = |at: &At<'_>, what: String, documents: &mut Documents| {
        if documents.lost.len() < MAX_LOST {
            documents.lost.push(placed(bytes, name, &at.path(), what));
        }
    };
    for item in root.items("results", &mut noted).iter() {
        let read = recall(&item, &mut noted).and_then(|advisory| {
            let twice =
                format!("recall {:?} stands in this file twice; the first is kept", short(&advisory.id));
            if ids.insert(advisory.id.clone()) { Ok(advisory) } else { Err(twice) }
        });
        match read {
            Ok(advisory) => documents.advisories.push(advisory),
            Err(what) => lose(&item, what, &mut documents),
        }
    }
    documents.noted = noted.placed(bytes, name);
    if documents.advisories.is_empty() {
        let first = documents.lost.into_iter().next();
        let none = || placed(bytes, name, &[], "results without any recall of a device".to_owned());
        return Err(first.unwrap_or_else(none));
    }
    Ok(documents)
}

fn recall(at: &At<'_>, noted: &mut Defects) -> Result<Advisory, String> {
    let endpoint = [&ENFORCEMENT, &RECALL].into_iter().find(|endpoint| at.get(endpoint.id).is_some());
    let endpoint = endpoint.ok_or("no recall: neither recall_number nor product_res_number")?;
    let number = at.text(endpoint.id, noted);
    if number.trim().is_empty() {
        return Err(format!("the recall has no number; expected a text in {}", endpoint.id));
    }
    let kind = at.text("product_type", noted);
    if !(kind.is_empty() || kind.eq_ignore_ascii_case("devices")) {
        return Err(format!("a recall of {:?}, not of devices", short(&kind)));
    }
    let leaf = leaf(at, &number, noted);
    let vulnerability = vulnerability(at, &number, &leaf, noted);
    let revised = date(at, endpoint.revised, noted);
    Ok(Advisory {
        id: format!("{}{number}", endpoint.prefix),
        title: format!("Recall {number}: {}", short(&leaf.product)),
        category: endpoint.format.replace(' ', "_"),
        publisher: "FDA (openFDA)".to_owned(),
        // CSAF's word for one who neither made nor found it nor brings the parties together.
        publisher_category: "other".to_owned(),
        status: at.text(endpoint.status, noted),
        released: date(at, endpoint.released, noted),
        revised,
        revision: revised.map_or_else(String::new, |moment| moment.to_string().chars().take(10).collect()),
        hash: sha256(at.value.to_string().as_bytes()),
        summary: at.text("reason_for_recall", noted),
        severity: at.text("classification", noted),
        format: endpoint.format.to_owned(),
        products: vec![leaf],
        vulnerabilities: vec![vulnerability],
        ..Advisory::default()
    })
}

fn leaf(at: &At<'_>, number: &str, noted: &mut Defects) -> Product {
    let codes = codes(at, noted);
    let product = at.text("product_description", noted);
    let (category, version) = match units(&codes) {
        Units::All => ("product_name", String::new()),
        Units::Versions(clause) => ("product_version_range", clause.to_owned()),
        Units::Listed => (RECALLED_UNITS, String::new()),
    };
    Product {
        id: number.to_owned(),
        name: if codes.is_empty() { product.clone() } else { codes.clone() },
        vendor: at.text("recalling_firm", noted),
        product,
        version,
        category: category.to_owned(),
        ..Product::default()
    }
}

/// The text that says which units are meant; `more_code_info` continues it.
fn codes(at: &At<'_>, noted: &mut Defects) -> String {
    let texts = ["code_info", "more_code_info"].map(|key| at.text(key, noted).trim().to_owned());
    texts.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n")
}

/// Which units of the product are recalled.
enum Units<'a> {
    All,
    /// Those with these versions of software.
    Versions(&'a str),
    /// Those that the text lists in some way.
    Listed,
}

fn units(codes: &str) -> Units<'_> {
    let plain = codes.trim_end_matches(['.', ' ']);
    let words = plain.to_ascii_lowercase();
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if matches!(
        words.as_str(),
        "all"
            | "all units"
            | "all lots"
            | "all lot numbers"
            | "all serial numbers"
            | "all devices"
            | "all codes"
    ) {
        return Units::All;
    }
    for label in ["software versions:", "software version:", "software versions ", "software version "] {
        if let Some(clause) = plain
            .get(label.len()..)
            .filter(|_| plain.get(..label.len()).is_some_and(|start| start.eq_ignore_ascii_case(label)))
        {
            let clause = clause.trim();
            let is_read = !clause.is_empty() && Clause::parse(clause).quality() != Quality::NeedsPerson;
            return if is_read { Units::Versions(clause) } else { Units::Listed };
        }
    }
    Units::Listed
}

fn vulnerability(at: &At<'_>, number: &str, leaf: &Product, noted: &mut Defects) -> Vulnerability {
    let action = at.text("action", noted);
    let remedy = Remediation {
        category: "action".to_owned(),
        text: action,
        products: vec![leaf.id.clone()],
        url: String::new(),
        date: String::new(),
    };
    let told = [
        ("classification", "classification"),
        ("codes", "code_info"),
        ("more codes", "more_code_info"),
        ("cause", "root_cause_description"),
        ("quantity", "product_quantity"),
        ("distribution", "distribution_pattern"),
        ("product code", "product_code"),
        ("event", "event_id"),
        ("event", "res_event_number"),
    ];
    let told = told.map(|(word, key)| (word, at.text(key, noted)));
    let told = told.into_iter().filter(|(_, text)| !text.trim().is_empty());
    Vulnerability {
        id: number.to_owned(),
        description: at.text("reason_for_recall", noted),
        statements: vec![Statement { product: leaf.id.clone(), status: ProductStatus::KnownAffected }],
        remediations: Some(remedy).filter(|remedy| !remedy.text.trim().is_empty()).into_iter().collect(),
        threats: told.map(|(word, text)| format!("{word}: {text}")).collect(),
        ..Vulnerability::default()
    }
}

/// The first of these dates that is given: `20240131` or `2024-01-31`, at the start of that day in UTC, for openFDA
/// gives no hour.
fn date(at: &At<'_>, keys: &[&str], noted: &mut Defects) -> Option<Timestamp> {
    for key in keys {
        let Some(member) = at.get(key) else { continue };
        let text = member.as_text(noted);
        if text.trim().is_empty() {
            continue;
        }
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let dashed = text.len() == 10 && digits.len() == 8;
        let found = (digits.len() == 8 && (text.len() == 8 || dashed))
            .then(|| format!("{}-{}-{}T00:00:00Z", &digits[..4], &digits[4..6], &digits[6..]))
            .and_then(|moment| moment.parse().ok());
        if found.is_some() {
            return found;
        }
        noted.note(&member, format!("{:?} is no date; expected such as 20240131", short(&text)));
    }
    None
}
