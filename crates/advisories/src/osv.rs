//! Known flaws of packages: records of the OSV schema 1.x.
//!
//! The record is kept as it is written: what its ranges come to is decided where a part is held against it. What cannot
//! be read of a range leaves that range open and never lets a part off.

use crate::csaf::moment;
use crate::cursor::{At, Defects, placed};
use crate::document::Documents;
use crate::error::{ReadError, short};
use crate::product_id::clipped;
use std::collections::BTreeSet;
use tallyward_core::advisory::Score;
use tallyward_core::part::{FlawEvent, FlawRange, FlawedPackage, PartFlaw};
use tallyward_core::purl::{Purl, package};
use tallyward_versions::Ecosystem;

/// Whether an object is a record: it has an id, a date of change or what it affects.
pub(crate) fn is_record(root: &At<'_>) -> bool {
    let has = |key: &str| root.get(key).is_some();
    has("id")
        && has("modified")
        && (has("affected") || has("schema_version") || has("aliases") || has("withdrawn"))
}

/// One record, or a list of them under `vulns` as OSV's interface answers; one bad record of a list is lost alone.
pub(crate) fn read(root: &At<'_>, bytes: &[u8], name: &str) -> Result<Documents, ReadError> {
    let mut noted = Defects::default();
    let mut documents = Documents::default();
    if root.get("vulns").is_none() {
        documents.flaws.push(record(root, &mut noted).map_err(|what| placed(bytes, name, &[], what))?);
    }
    for item in root.items("vulns", &mut noted).iter() {
        match record(&item, &mut noted) {
            Ok(flaw) => documents.flaws.push(flaw),
            Err(what) => documents.lost.push(placed(bytes, name, &item.path(), what)),
        }
    }
    documents.noted = noted.placed(bytes, name);
    Ok(documents)
}

fn record(at: &At<'_>, noted: &mut Defects) -> Result<PartFlaw, String> {
    let id = at.text("id", noted).trim().to_owned();
    if id.is_empty() || id.len() > 200 || id.chars().any(char::is_control) {
        return Err(format!("a record whose id is {:?}; expected 1 to 200 bytes", short(&id)));
    }
    let aliases: BTreeSet<String> = at.texts("aliases", noted).into_iter().map(clipped).collect();
    let mut summary = at.text("summary", noted);
    if summary.trim().is_empty() {
        summary = at
            .text("details", noted)
            .lines()
            .find(|line| !line.trim().is_empty())
            .unwrap_or_default()
            .to_owned();
    }
    let withdrawn = moment(at, "withdrawn", noted);
    Ok(PartFlaw {
        aliases: aliases.into_iter().filter(|alias| *alias != id).collect(),
        summary: clipped(summary.trim().to_owned()),
        published: moment(at, "published", noted),
        modified: moment(at, "modified", noted),
        withdrawn,
        scores: scores(at, noted),
        url: link(at, noted),
        packages: at.items("affected", noted).iter().filter_map(|item| affected(&item, noted)).collect(),
        id,
    })
}

fn link(at: &At<'_>, noted: &mut Defects) -> String {
    let links: Vec<(String, String)> = at
        .items("references", noted)
        .iter()
        .map(|item| (item.text("type", noted), item.text("url", noted)))
        .filter(|(_, url)| url.starts_with("https://") || url.starts_with("http://"))
        .collect();
    let best = links.iter().find(|(kind, _)| kind == "ADVISORY").or(links.first());
    best.map_or_else(String::new, |(_, url)| clipped(url.clone()))
}

fn scores(at: &At<'_>, noted: &mut Defects) -> Vec<Score> {
    let mut scores = Vec::new();
    for item in at.items("severity", noted).iter() {
        let vector = item.text("score", noted);
        let version = match item.text("type", noted).as_str() {
            "CVSS_V2" => "2.0",
            "CVSS_V3" if vector.starts_with("CVSS:3.1") => "3.1",
            "CVSS_V3" => "3.0",
            "CVSS_V4" => "4.0",
            _ => continue,
        };
        scores.push(Score {
            version: version.to_owned(),
            vector: clipped(vector),
            base: String::new(),
            severity: String::new(),
            products: Vec::new(),
        });
    }
    scores
}

/// What is affected; `None` when it names no package, as records of bare repositories do.
fn affected(at: &At<'_>, noted: &mut Defects) -> Option<FlawedPackage> {
    let named = at.get("package")?;
    let (ecosystem, name) = (clipped(named.text("ecosystem", noted)), clipped(named.text("name", noted)));
    let purl = named.text("purl", noted);
    let spelled = match Purl::read(&purl) {
        Some(purl) => purl.package(),
        None => by_ecosystem(&ecosystem, &name).unwrap_or_default(),
    };
    if spelled.is_empty() {
        let what = format!(
            "no package URL, and none is known for the ecosystem {:?}; nothing can be found by it",
            short(&ecosystem)
        );
        noted.note(at, what);
    }
    let mut ranges: Vec<FlawRange> =
        at.items("ranges", noted).iter().map(|item| range(&item, noted)).collect();
    let is_list = |key: &str| at.get(key).is_none_or(|member| member.value.is_array());
    let is_text = |member: At<'_>| {
        member.value.as_array().is_none_or(|all| all.iter().all(serde_json::Value::is_string))
    };
    if !is_list("ranges") || !is_list("versions") || !at.get("versions").is_none_or(is_text) {
        ranges.push(FlawRange { damaged: true, ..FlawRange::default() });
    }
    Some(FlawedPackage {
        package: clipped(spelled),
        versions: at.texts("versions", noted).into_iter().map(clipped).collect(),
        ranges,
        ecosystem,
        name,
    })
}

/// The package URL's spelling of a name in an ecosystem.
fn by_ecosystem(ecosystem: &str, name: &str) -> Option<String> {
    let known = Ecosystem::named(ecosystem)?;
    let (namespace, bare) = match known.purl_type {
        "maven" => name.split_once(':').unwrap_or(("", name)),
        "npm" | "golang" | "swift" => name.rsplit_once('/').unwrap_or(("", name)),
        _ => (known.purl_namespace, name),
    };
    (!bare.is_empty()).then(|| package(known.purl_type, namespace, bare))
}

fn range(at: &At<'_>, noted: &mut Defects) -> FlawRange {
    let mut range = FlawRange { kind: clipped(at.text("type", noted)), ..FlawRange::default() };
    for item in at.items("events", noted).iter() {
        let members = item.value.as_object().map_or(0, serde_json::Map::len);
        let event = ["introduced", "fixed", "last_affected", "limit"].into_iter().find_map(|key| {
            let version = clipped(item.get(key)?.value.as_str()?.trim().to_owned());
            Some(match key {
                "introduced" => FlawEvent::Introduced(version),
                "fixed" => FlawEvent::Fixed(version),
                "last_affected" => FlawEvent::LastAffected(version),
                _ => FlawEvent::Limit(version),
            })
        });
        match event {
            Some(event) if members == 1 => range.events.push(event),
            _ => {
                noted.note(&item, "an event that is none of introduced, fixed, last_affected, limit; the range is left open".to_owned());
                range.damaged = true;
            }
        }
    }
    range
}
