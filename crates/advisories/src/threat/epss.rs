//! The EPSS list (CSV): how likely FIRST's model finds attacks on a flaw within the next 30 days.

use super::{cve_id, fault};
use crate::bounds::MAX_BYTES;
use crate::error::{ReadError, short};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tallyward_core::Timestamp;

/// Most rows noted as unusable; the rest would only repeat.
const MAX_NOTED: usize = 200;

/// The list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Epss {
    /// Version of the model, as it names itself; empty when not said.
    pub model: String,
    /// Of when the scores are.
    pub scored: Timestamp,
    /// Scores by CVE id.
    pub scores: BTreeMap<String, EpssScore>,
}

/// One score, in millionths: 975650 is a chance of 97.565 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EpssScore(
    /// The chance.
    pub u32,
    /// The share of all scored flaws with the same score or a lower one.
    pub u32,
);

/// Reads the list: a line `#model_version:…,score_date:…`, the names of the columns, a row a flaw.
pub(super) fn read(bytes: &[u8], name: &str) -> Result<(Epss, Vec<ReadError>), ReadError> {
    if bytes.len() > MAX_BYTES {
        let what = format!("the list has {} bytes; at most {MAX_BYTES} are read", bytes.len());
        return Err(fault(bytes, name, MAX_BYTES, what));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|error| fault(bytes, name, error.valid_up_to(), "this byte is no UTF-8".to_owned()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let at = |line: usize, what: String| ReadError {
        name: name.to_owned(),
        line: line + 1,
        column: 1,
        pointer: String::new(),
        what,
    };
    let mut lines = text.lines().enumerate();
    let (_, first) = lines.next().unwrap_or_default();
    let (model, scored) = said_first(first).ok_or_else(|| {
        let what =
            "neither JSON nor an EPSS list, which begins with #model_version:…,score_date:… and a date";
        at(0, format!("{what}; found {:?}", short(first)))
    })?;
    let (_, header) = lines.next().unwrap_or_default();
    let columns = Columns::of(header).ok_or_else(|| {
        at(1, format!("expected the columns cve, epss, percentile; found {:?}", short(header)))
    })?;
    let (mut scores, mut noted) = (BTreeMap::new(), Vec::new());
    for (number, row) in lines.filter(|(_, row)| !row.trim().is_empty()) {
        let mut note = |what: String| {
            if noted.len() < MAX_NOTED {
                noted.push(at(number, what));
            }
        };
        let Some((id, score)) = columns.read(row) else {
            note(format!("expected a CVE id and two numbers from 0 to 1, found {:?}", short(row)));
            continue;
        };
        let held = scores.entry(id).or_insert(score);
        if *held != score {
            note(format!("{:?} is scored a second time; the higher score is kept", short(row)));
            *held = (*held).max(score);
        }
    }
    if scores.is_empty() {
        return Err(at(1, "the list has no row that can be read".to_owned()));
    }
    Ok((Epss { model, scored, scores }, noted))
}

/// Model version and date of the first line.
fn said_first(line: &str) -> Option<(String, Timestamp)> {
    let said: BTreeMap<&str, &str> =
        line.strip_prefix('#')?.split(',').filter_map(|part| part.trim().split_once(':')).collect();
    let date = said.get("score_date")?;
    // FIRST writes the offset as +0000, RFC 3339 as +00:00.
    let date = date.strip_suffix("+0000").map_or_else(|| (*date).to_owned(), |moment| format!("{moment}Z"));
    Some((said.get("model_version").map_or_else(String::new, |model| short(model)), date.parse().ok()?))
}

/// Where the columns stand.
struct Columns {
    cve: usize,
    epss: usize,
    percentile: usize,
}

impl Columns {
    fn of(header: &str) -> Option<Self> {
        let find = |name: &str| header.split(',').position(|column| column.trim() == name);
        Some(Self { cve: find("cve")?, epss: find("epss")?, percentile: find("percentile")? })
    }

    fn read(&self, row: &str) -> Option<(String, EpssScore)> {
        let cell = |at: usize| row.split(',').nth(at).map(str::trim);
        let score = EpssScore(millionths(cell(self.epss)?)?, millionths(cell(self.percentile)?)?);
        Some((cve_id(cell(self.cve)?)?, score))
    }
}

/// A number from 0 to 1 in millionths.
fn millionths(text: &str) -> Option<u32> {
    let number: f64 = text.parse().ok().filter(|number| (0.0..=1.0).contains(number))?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1,000,000 fits")]
    let whole = (number * 1_000_000.0).round() as u32;
    Some(whole)
}
