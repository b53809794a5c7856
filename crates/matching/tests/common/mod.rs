//! Real advisories and plain devices.

mod real;

pub use real::REAL;
use tallyward_identity::aliases::Aliases;
use tallyward_matching::{Configuration, Resolver, VersionState};

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
