//! Folders of files: what is in them, and whether bytes occur in any.

use std::path::{Path, PathBuf};

/// Every file below `folder`, in order.
pub fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(walk(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// The spellings under which `text` could lie in a file: UTF-8, UTF-16LE and Latin-1, folded to lower case as
/// search columns are.
pub fn spellings(text: &str) -> Vec<Vec<u8>> {
    let text = text.to_lowercase();
    let wide = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let latin: Option<Vec<u8>> = text.chars().map(|letter| u8::try_from(u32::from(letter)).ok()).collect();
    let mut spellings = vec![text.into_bytes(), wide];
    spellings.extend(latin);
    spellings.sort();
    spellings.dedup();
    spellings
}

/// Which of `texts` occur in `bytes` in any spelling.
pub fn found<'a>(bytes: &[u8], texts: &[&'a str]) -> Vec<&'a str> {
    let folded: Vec<u8> = bytes.to_ascii_lowercase();
    texts
        .iter()
        .copied()
        .filter(|text| spellings(text).iter().any(|spelling| holds(&folded, spelling)))
        .collect()
}

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    let Some(first) = wanted.first() else { return false };
    let mut from = 0;
    while let Some(at) = bytes[from..].iter().position(|byte| byte == first) {
        if bytes[from + at..].starts_with(wanted) {
            return true;
        }
        from += at + 1;
    }
    false
}

/// Rows of a CSV file as maps would give them: the header, then the cells.
pub fn csv_rows(bytes: &[u8]) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let header = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
    (header, rows)
}

/// Writes rows as CSV.
pub fn csv_bytes(header: &[String], rows: &[Vec<String>]) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    writer.write_record(header).unwrap();
    for row in rows {
        writer.write_record(row).unwrap();
    }
    writer.into_inner().unwrap()
}
