//! The real medical advisories.

use std::sync::LazyLock;
use tallyward_core::advisory::Advisory;

/// The real medical advisories; empty when the shared data is absent.
pub static REAL: LazyLock<Vec<Advisory>> = LazyLock::new(|| {
    let Some(folder) = tallyward_core::testkit::shared("icsma") else { return Vec::new() };
    let entries = std::fs::read_dir(folder).expect("the shared folder is readable");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "json"));
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        let bytes = std::fs::read(path).expect("a readable file");
        tallyward_advisories::read_csaf(&bytes, &path.display().to_string()).expect("a real document is read")
    };
    paths.iter().map(read).collect()
});
