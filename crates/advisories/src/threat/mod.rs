//! What others know of attacks: CISA's catalogue of exploited flaws (KEV), the EPSS list, and CVE records with
//! SSVC enrichment.
//!
//! The kind of a file is told by its content, never by its name. A row or entry that cannot be used is named with
//! its place and the rest is kept; a file that is none of the three, or that does not say of when it is, is refused:
//! a list without a date could silently take the place of a newer one.

mod cve;
mod epss;
mod gzip;
mod kev;
#[cfg(test)]
mod tests;

pub use cve::{CveRecord, Enrichment};
pub use epss::{Epss, EpssScore};
pub use kev::{Kev, KevEntry};

use crate::csaf::parse;
use crate::cursor::At;
use crate::error::ReadError;
use crate::place::line_column;
use std::borrow::Cow;

/// A file of threats, by kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Threats {
    /// CISA's catalogue of exploited flaws.
    Kev(Kev),
    /// The list of EPSS scores.
    Epss(Epss),
    /// One CVE record.
    Cve(CveRecord),
    /// A list of CVE records.
    Records(Vec<CveRecord>),
}

/// Reads a file of threats, packed with gzip or not; `name` is what errors call it. What could be read past is
/// given beside, at most 200 of it.
///
/// # Errors
/// When the file exceeds the bounds or is none of these.
pub fn read_threats(bytes: &[u8], name: &str) -> Result<(Threats, Vec<ReadError>), ReadError> {
    let bytes: Cow<'_, [u8]> =
        if gzip::is_packed(bytes) { gzip::unpack(bytes, name)?.into() } else { bytes.into() };
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    match start.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{' | b'[') => read_json(&bytes, name),
        Some(_) => epss::read(&bytes, name).map(|(epss, noted)| (Threats::Epss(epss), noted)),
        None => Err(fault(&bytes, name, 0, "the file is empty".to_owned())),
    }
}

fn read_json(bytes: &[u8], name: &str) -> Result<(Threats, Vec<ReadError>), ReadError> {
    let value = parse(bytes, name)?;
    if value.is_array() {
        return cve::read_list(bytes, name, &value)
            .map(|(records, noted)| (Threats::Records(records), noted));
    }
    let root = At::root(&value);
    if root.get("cveMetadata").is_some() {
        cve::read(bytes, name, &root).map(|(record, noted)| (Threats::Cve(record), noted))
    } else if root.get("catalogVersion").is_some() {
        kev::read(bytes, name, &root).map(|(kev, noted)| (Threats::Kev(kev), noted))
    } else {
        let what = "neither a KEV catalogue (no catalogVersion) nor a CVE record (no cveMetadata)";
        Err(fault(bytes, name, 0, what.to_owned()))
    }
}

/// An error at a byte of the file.
fn fault(bytes: &[u8], name: &str, offset: usize, what: String) -> ReadError {
    let (line, column) = line_column(bytes, offset);
    ReadError { name: name.to_owned(), line, column, pointer: String::new(), what }
}

/// A CVE id in its one spelling, if `text` is one: `CVE-`, a year of four digits, `-`, a number of 4 to 19 digits.
#[must_use]
pub fn cve_id(text: &str) -> Option<String> {
    let id = text.trim().to_ascii_uppercase();
    let (year, number) = id.strip_prefix("CVE-")?.split_once('-')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (year.len() == 4 && digits(year) && (4..=19).contains(&number.len()) && digits(number)).then_some(id)
}
