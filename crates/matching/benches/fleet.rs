//! Verdicts of a fleet: `cargo bench -p tallyward-matching`.
//!
//! 100,000 devices in 2,000 configurations: 500 models in four versions each, half of the models from the real
//! advisories, half of the same makers but in no advisory.

use divan::Bencher;
use tallyward_core::advisory::Advisory;
use tallyward_identity::aliases::Aliases;
use tallyward_matching::{Configuration, Fleet, Matcher, Resolver, VersionState};

const DEVICES: usize = 100_000;
const CONFIGURATIONS: usize = 2_000;
const VERSIONS: usize = 4;

fn main() {
    divan::main();
}

fn advisories() -> Vec<Advisory> {
    let Some(folder) = tallyward_core::testkit::shared("icsma") else { return Vec::new() };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let bytes = entries.filter_map(|entry| std::fs::read(entry.path()).ok());
    bytes.filter_map(|bytes| tallyward_advisories::read_csaf(&bytes, "bench").ok()).collect()
}

fn configurations(advisories: &[Advisory]) -> Vec<Configuration> {
    let aliases = Aliases::builtin();
    let leaves: Vec<_> = advisories.iter().flat_map(|advisory| &advisory.products).collect();
    let make = |number: usize| {
        let (kind, version) = (number / VERSIONS, number % VERSIONS);
        let leaf = leaves[kind % leaves.len()];
        let maker = aliases.canonical_maker(&leaf.vendor).name;
        let product = if kind.is_multiple_of(2) { leaf.product.clone() } else { format!("Model {kind}") };
        Configuration {
            model: aliases.canonical_model(&maker, &product).name,
            maker,
            software_version: format!("{}.{kind}", version * 3),
            version_state: VersionState::Fresh,
            ..Configuration::default()
        }
    };
    if leaves.is_empty() { Vec::new() } else { (0..CONFIGURATIONS).map(make).collect() }
}

fn fleet(advisories: &[Advisory], all: &[Advisory]) -> Fleet<usize> {
    let matcher = Matcher::new(advisories, Resolver::new(Aliases::builtin(), &[]));
    let mut fleet = Fleet::new(matcher);
    let configurations = configurations(all);
    if configurations.is_empty() {
        return fleet;
    }
    for device in 0..DEVICES {
        fleet.set_device(device, configurations[device % configurations.len()].clone());
    }
    fleet
}

/// Sixty advisories against the whole fleet.
#[divan::bench(sample_count = 20)]
fn all_verdicts(bencher: Bencher<'_, '_>) {
    let advisories = advisories();
    let mut fleet = fleet(&advisories, &advisories);
    println!("{} devices, {} findings", fleet.len(), fleet.findings().count());
    bencher.bench_local(|| fleet.recompute());
}

/// One new advisory, the one with the most leaves of the sixty.
#[divan::bench(sample_count = 10)]
fn one_new_advisory(bencher: Bencher<'_, '_>) {
    let mut rest = advisories();
    rest.sort_by_key(|advisory| advisory.products.len());
    let all = rest.clone();
    let Some(new) = rest.pop() else { return };
    let mut fleet = fleet(&rest, &all);
    let mut number = 0;
    bencher
        .with_inputs(|| {
            number += 1;
            Advisory { id: format!("NEW-{number}"), ..new.clone() }
        })
        .bench_local_values(|advisory| fleet.add_advisory(advisory).len());
}

/// Grouping the devices and working out every verdict, from nothing.
#[divan::bench(sample_count = 5)]
fn load_a_hundred_thousand_devices(bencher: Bencher<'_, '_>) {
    let advisories = advisories();
    bencher.bench_local(|| fleet(&advisories, &advisories).len());
}
