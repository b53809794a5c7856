//! Real advisories and plain devices.

use std::sync::LazyLock;
use tallyward_core::advisory::Advisory;
use tallyward_identity::aliases::Aliases;
use tallyward_matching::{Configuration, Resolver, VersionState};

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

/// A resolver with the shipped tables and no decisions.
pub fn resolver() -> Resolver {
    Resolver::new(Aliases::builtin(), &[])
}

/// A configuration with a maker, a model and a fresh version.
pub fn device(maker: &str, model: &str, version: &str) -> Configuration {
    let aliases = Aliases::builtin();
    let maker = aliases.canonical_maker(maker).name;
    Configuration {
        model: aliases.canonical_model(&maker, model).name,
        maker,
        software_version: version.to_owned(),
        version_state: if version.is_empty() { VersionState::Missing } else { VersionState::Fresh },
        ..Configuration::default()
    }
}
