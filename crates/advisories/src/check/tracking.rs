//! Mandatory tests about versions of the document: 6.1.14, 6.1.16 to 6.1.22, 6.1.30.

use super::version::{Version, is_integer};
use super::{Findings, list, text};
use crate::error::short;
use serde_json::Value;
use std::collections::HashSet;
use tallyward_core::time::Timestamp;

const HISTORY: &str = "/document/tracking/revision_history";
const VERSION: &str = "/document/tracking/version";

/// An entry of the history whose date and number are readable.
struct Entry<'a> {
    date: Timestamp,
    number: &'a str,
    version: Version<'a>,
}

pub(super) fn check(root: &Value, found: &mut Findings) {
    let Some(tracking) = root.get("document").and_then(|document| document.get("tracking")) else { return };
    let history = list(tracking, "revision_history");
    numbers(tracking, history, found);
    let read = |one| {
        let number = text(one, "number")?;
        let date = text(one, "date")?.parse().ok()?;
        Some(Entry { date, number, version: Version::read(number)? })
    };
    // An entry that cannot be read is an error of structure, and says nothing about order.
    if let Some(mut entries) = history.iter().map(read).collect::<Option<Vec<_>>>() {
        entries.sort_by(|a, b| (a.date, &a.version).cmp(&(b.date, &b.version)));
        order(&entries, found);
        latest(tracking, &entries, found);
    }
    status(tracking, history, found);
}

/// 6.1.14 and 6.1.21.
fn order(entries: &[Entry<'_>], found: &mut Findings) {
    let later = entries.windows(2).find(|pair| pair[1].version < pair[0].version);
    if let Some([earlier, later]) = later {
        let text = format!("{} is dated before {}", short(earlier.number), short(later.number));
        found.add("6.1.14", HISTORY.to_owned(), text);
    }
    let Some(first) = entries.first().map(|entry| entry.version.major) else { return };
    if first > 1 {
        found.add("6.1.21", HISTORY.to_owned(), format!("the first version is {first}; expected 0 or 1"));
    }
    let mut next = first;
    for entry in entries {
        if entry.version.major > next.saturating_add(1) {
            let text = format!("nothing between version {next} and {}", entry.version.major);
            found.add("6.1.21", HISTORY.to_owned(), text);
        }
        next = next.max(entry.version.major);
    }
}

/// 6.1.16. Build data does not count, nor, for a draft, what makes it a pre-release.
fn latest(tracking: &Value, entries: &[Entry<'_>], found: &mut Findings) {
    let (Some(version), Some(last)) = (text(tracking, "version"), entries.last()) else { return };
    let draft = text(tracking, "status") == Some("draft");
    let bare = |version: &'_ str| -> String {
        let ends: &[char] = if draft { &['+', '-'] } else { &['+'] };
        version.split(ends).next().unwrap_or_default().to_owned()
    };
    if bare(version) != bare(last.number) {
        let text = format!("the version is {}, the latest revision {}", short(version), short(last.number));
        found.add("6.1.16", VERSION.to_owned(), text);
    }
}

/// 6.1.17 to 6.1.20.
fn status(tracking: &Value, history: &[Value], found: &mut Findings) {
    let Some(status) = text(tracking, "status") else { return };
    let Some(version) = text(tracking, "version") else { return };
    let released = matches!(status, "final" | "interim");
    if let Some(read) = Version::read(version) {
        if status != "draft" && (read.major == 0 || read.is_pre_release()) {
            let text = format!("version {} is that of a draft, the status is {status}", short(version));
            found.add("6.1.17", "/document/tracking/status".to_owned(), text);
        }
        if released && read.is_pre_release() {
            let text = format!("a pre-release version {} with the status {status}", short(version));
            found.add("6.1.20", VERSION.to_owned(), text);
        }
    }
    for (index, number) in history.iter().enumerate().filter_map(|(at, one)| Some((at, text(one, "number")?)))
    {
        let Some(read) = Version::read(number) else { continue };
        let place = format!("{HISTORY}/{index}/number");
        if released && read.major == 0 {
            let text = format!("draft version {} in the history of a released document", short(number));
            found.add("6.1.18", place.clone(), text);
        }
        if read.is_pre_release() {
            found.add("6.1.19", place, format!("pre-release {} in the history", short(number)));
        }
    }
}

/// 6.1.22 and 6.1.30.
fn numbers(tracking: &Value, history: &[Value], found: &mut Findings) {
    let mut seen = HashSet::new();
    let mut integers = None;
    for (index, number) in history.iter().enumerate().filter_map(|(at, one)| Some((at, text(one, "number")?)))
    {
        let place = format!("{HISTORY}/{index}/number");
        if !seen.insert(number) {
            let text = format!("version {} stands twice in the history", short(number));
            found.add("6.1.22", place.clone(), text);
        }
        mixed(number, &mut integers, place, found);
    }
    if let Some(version) = text(tracking, "version") {
        mixed(version, &mut integers, VERSION.to_owned(), found);
    }
}

fn mixed(number: &str, integers: &mut Option<bool>, place: String, found: &mut Findings) {
    if *integers.get_or_insert(is_integer(number)) != is_integer(number) {
        let text = format!("{} mixes integers with semantic versioning", short(number));
        found.add("6.1.30", place, text);
    }
}
