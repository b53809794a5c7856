//! Reading the tables that ship with this room.

/// The rows of a CSV table after its header; lines that begin with `#` (version and source) are skipped.
///
/// # Panics
/// When a shipped table is not CSV; the tests of this room read every one.
pub(crate) fn rows(text: &'static str, name: &str) -> Vec<Vec<String>> {
    read(text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The same for a table a user brings: surrounding blanks are dropped, rows may be of different length.
pub(crate) fn read(text: &str) -> Result<Vec<Vec<String>>, csv::Error> {
    csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes())
        .records()
        .map(|record| record.map(|record| record.iter().map(str::to_owned).collect()))
        .collect()
}
