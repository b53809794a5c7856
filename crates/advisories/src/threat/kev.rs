//! CISA's catalogue of known exploited vulnerabilities (JSON).

use super::cve_id;
use crate::cursor::{At, Defects, placed};
use crate::error::{ReadError, short};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use tallyward_core::Timestamp;

/// The catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kev {
    /// Its version, as it names itself: `2025.08.25`.
    pub version: String,
    /// When it was released.
    pub released: Timestamp,
    /// What it says, by CVE id.
    pub entries: BTreeMap<String, KevEntry>,
}

/// What the catalogue says of one flaw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KevEntry {
    /// Since when it is listed, as written; empty when not said.
    pub added: String,
    /// By when US federal civilian agencies have to act, as written; empty when not said.
    pub due: String,
    /// Whether it is known to be used to extort.
    pub ransomware: bool,
}

/// Reads the catalogue. An entry without a usable CVE id is named and left out; one whose date cannot be read is
/// kept without it.
pub(super) fn read(bytes: &[u8], name: &str, root: &At<'_>) -> Result<(Kev, Vec<ReadError>), ReadError> {
    let mut noted = Defects::default();
    let version = root.text("catalogVersion", &mut noted);
    let released = root.text("dateReleased", &mut noted);
    let released: Timestamp = released.parse().map_err(|_| {
        let what = format!(
            "dateReleased is {:?}; without a date it cannot be told which is newer",
            short(&released)
        );
        placed(bytes, name, &[], what)
    })?;
    let mut entries = BTreeMap::new();
    let mut seen = 0_u64;
    for item in root.items("vulnerabilities", &mut noted).iter() {
        seen += 1;
        let given = item.text("cveID", &mut noted);
        let Some(id) = cve_id(&given) else {
            noted.note(&item, format!("cveID is {:?}, expected CVE-, a year and a number", short(&given)));
            continue;
        };
        let entry = KevEntry {
            added: date(&item, "dateAdded", &mut noted),
            due: date(&item, "dueDate", &mut noted),
            ransomware: item.text("knownRansomwareCampaignUse", &mut noted).eq_ignore_ascii_case("known"),
        };
        match entries.entry(id) {
            Entry::Occupied(held) => {
                noted.note(&item, format!("{} is listed a second time; the first entry is kept", held.key()));
            }
            Entry::Vacant(free) => drop(free.insert(entry)),
        }
    }
    let promised = root.get("count").and_then(|count| count.value.as_u64());
    if entries.is_empty() {
        return Err(placed(bytes, name, &[], "the catalogue lists no flaw that can be read".to_owned()));
    }
    if let Some(promised) = promised.filter(|promised| *promised != seen) {
        noted.note(root, format!("the catalogue says it lists {promised} flaws and lists {seen}"));
    }
    Ok((Kev { version: short(&version), released, entries }, noted.placed(bytes, name)))
}

/// A calendar date as written; anything else is noted and left out.
fn date(item: &At<'_>, key: &str, noted: &mut Defects) -> String {
    let given = item.text(key, noted);
    if given.is_empty() || given.parse::<Timestamp>().is_ok() {
        return given;
    }
    noted.note(item, format!("{key} is {:?}, expected a date", short(&given)));
    String::new()
}
