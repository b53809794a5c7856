//! A CVE record (JSON 5) and the SSVC options with which an authorized data publisher enriched it.

use super::cve_id;
use crate::cursor::{At, Defects, placed};
use crate::error::{ReadError, short};
use crate::place::Step;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tallyward_core::Timestamp;

/// A CVE record: its id and what stands in it of attacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CveRecord {
    /// CVE id.
    pub id: String,
    /// The newest SSVC options; none when nobody enriched the record.
    pub enrichment: Option<Enrichment>,
}

/// SSVC options somebody chose for a flaw. Values are written as our SSVC tables write them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrichment {
    /// Who chose, such as `CISA-ADP`.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// `none`, `public_poc` or `active`; empty when not said.
    pub exploitation: String,
    /// `no` or `yes`; empty when not said.
    pub automatable: String,
    /// `partial` or `total`; empty when not said.
    pub technical_impact: String,
}

/// Reads a record. SSVC options without a date are named and left out: it could not be told whether they are the
/// newest.
pub(super) fn read(
    bytes: &[u8],
    name: &str,
    root: &At<'_>,
) -> Result<(CveRecord, Vec<ReadError>), ReadError> {
    let mut noted = Defects::default();
    match record(root, &mut noted) {
        Ok(record) => Ok((record, noted.placed(bytes, name))),
        Err((path, what)) => Err(placed(bytes, name, &path, what)),
    }
}

/// Reads a list of records. One that cannot be read is named with its place and the rest is kept; a list without a
/// record is refused.
pub(super) fn read_list(
    bytes: &[u8],
    name: &str,
    document: &Value,
) -> Result<(Vec<CveRecord>, Vec<ReadError>), ReadError> {
    let (mut records, mut noted) = (Vec::new(), Defects::default());
    for item in At::elements(document).iter() {
        match record(&item, &mut noted) {
            Ok(record) => records.push(record),
            Err((_, what)) => noted.note(&item, what),
        }
    }
    if records.is_empty() {
        return Err(placed(bytes, name, &[], "a list without one CVE record".to_owned()));
    }
    Ok((records, noted.placed(bytes, name)))
}

/// One record, or where and why it is none.
fn record(root: &At<'_>, noted: &mut Defects) -> Result<CveRecord, (Vec<Step>, String)> {
    let meta = root.get("cveMetadata");
    let given = meta.as_ref().map_or_else(String::new, |meta| meta.text("cveId", noted));
    let Some(id) = cve_id(&given) else {
        let path = meta.map_or_else(Vec::new, |meta| meta.path());
        return Err((path, format!("the record's cveId is {:?}, no CVE id", short(&given))));
    };
    let mut enrichment: Option<Enrichment> = None;
    if let Some(containers) = root.get("containers") {
        for publisher in containers.items("adp", noted).iter() {
            for found in enrichments(&publisher, noted) {
                if enrichment.as_ref().is_none_or(|held| held.at < found.at) {
                    enrichment = Some(found);
                }
            }
        }
    }
    Ok(CveRecord { id, enrichment })
}

fn enrichments(publisher: &At<'_>, noted: &mut Defects) -> Vec<Enrichment> {
    let by = publisher.get("providerMetadata").map_or_else(String::new, |meta| meta.text("shortName", noted));
    let mut found = Vec::new();
    for metric in publisher.items("metrics", noted).iter() {
        let Some(other) = metric.get("other") else { continue };
        if !other.text("type", noted).eq_ignore_ascii_case("ssvc") {
            continue;
        }
        let Some(content) = other.get("content") else {
            noted.note(&other, "an SSVC metric without content".to_owned());
            continue;
        };
        let at = content.text("timestamp", noted);
        let Ok(at) = at.parse() else {
            noted.note(&content, format!("SSVC options of {:?}, which is no time; left out", short(&at)));
            continue;
        };
        let mut one = Enrichment {
            by: short(&by),
            at,
            exploitation: String::new(),
            automatable: String::new(),
            technical_impact: String::new(),
        };
        for option in content.items("options", noted).iter() {
            take_option(&option, &mut one, noted);
        }
        found.push(one);
    }
    found
}

/// Takes the options of one object into `one`; a value nobody knows is named and counts as not said.
fn take_option(option: &At<'_>, one: &mut Enrichment, noted: &mut Defects) {
    for (key, value) in option.value.as_object().into_iter().flatten() {
        let value = value.as_str().unwrap_or_default().trim().to_ascii_lowercase();
        let (slot, code) = match (key.trim().to_ascii_lowercase().as_str(), value.as_str()) {
            ("exploitation", "none") => (&mut one.exploitation, "none"),
            ("exploitation", "poc" | "public poc" | "public_poc") => (&mut one.exploitation, "public_poc"),
            ("exploitation", "active") => (&mut one.exploitation, "active"),
            ("automatable", "no") => (&mut one.automatable, "no"),
            ("automatable", "yes") => (&mut one.automatable, "yes"),
            ("technical impact", "partial") => (&mut one.technical_impact, "partial"),
            ("technical impact", "total") => (&mut one.technical_impact, "total"),
            ("exploitation" | "automatable" | "technical impact", _) => {
                noted.note(option, format!("{:?} is no value of {:?}", short(&value), short(key)));
                continue;
            }
            // Other roles answer other questions.
            _ => continue,
        };
        code.clone_into(slot);
    }
}
