//! Real documents for the tests.

use std::path::PathBuf;

/// The real medical advisories as name and bytes, ordered by name; empty when the shared data is absent.
pub fn real() -> Vec<(String, Vec<u8>)> {
    let Some(folder) = tallyward_core::testkit::shared("icsma") else { return Vec::new() };
    let entries = std::fs::read_dir(folder)
        .expect("the shared folder is readable")
        .map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|end| end == "json")).collect();
    paths.sort();
    let name = |path: &PathBuf| path.file_name().expect("a file name").to_string_lossy().into_owned();
    paths.iter().map(|path| (name(path), std::fs::read(path).expect("a readable file"))).collect()
}
