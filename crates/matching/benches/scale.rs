//! A million devices against 2,400 advisories: `cargo bench -p tallyward-matching --bench scale`.
//!
//! The curve is `growth`, whose argument is the number of devices; 10,000,000 needs some 2 GB.

use divan::Bencher;
use std::sync::LazyLock;
use tallyward_core::advisory::Advisory;
use tallyward_identity::aliases::Aliases;
use tallyward_lab::scale::{ADVISORIES, Catalogue, Documents, PRODUCTS, ScaleDevice, ScaleFleet};
use tallyward_matching::{Configuration, Fleet, Matcher, Resolver, VersionState};

const MILLION: usize = 1_000_000;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::new(7, PRODUCTS));

static ALL: LazyLock<Vec<Advisory>> = LazyLock::new(|| {
    let now = "2026-11-01T00:00:00Z".parse().expect("a moment");
    let documents = Documents::new(&CATALOGUE, now);
    // One more than asked: the new one.
    (0..=ADVISORIES)
        .filter_map(|number| tallyward_advisories::read_csaf(&documents.document(number), "lab").ok())
        .collect()
});

fn main() {
    divan::main();
}

fn configuration(device: ScaleDevice) -> Configuration {
    let version_state = if device.version.is_empty() { VersionState::Missing } else { VersionState::Fresh };
    Configuration {
        maker: device.maker,
        model: device.model,
        model_number: device.model_number,
        software_version: device.version,
        version_state,
        manufacture_date: device.manufactured,
        ..Configuration::default()
    }
}

fn fleet(devices: usize) -> Fleet<u32> {
    let matcher = Matcher::new(&ALL[..ADVISORIES], Resolver::new(Aliases::builtin(), &[]));
    let mut fleet = Fleet::new(matcher);
    let lab = ScaleFleet::new(&CATALOGUE, devices);
    let configurations: Vec<Configuration> =
        (0..lab.distinct()).map(|number| configuration(lab.configuration(number))).collect();
    for device in 0..lab.len() {
        fleet.set_device(device as u32, configurations[lab.configuration_of(device)].clone());
    }
    fleet
}

/// What this process holds in memory, in MB (Linux; 0 elsewhere).
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|text| text.split_whitespace().next()?.parse::<usize>().ok()).unwrap_or_default() / 1_024
}

fn described(devices: usize) -> Fleet<u32> {
    let _ = ALL.len();
    let before = resident();
    let fleet = fleet(devices);
    let (groups, verdicts) = fleet
        .groups()
        .fold((0, 0), |(groups, verdicts), group| (groups + 1, verdicts + group.verdicts.len()));
    let findings: usize = fleet.groups().map(|group| group.devices.len() * group.verdicts.len()).sum();
    println!(
        "{} devices, {groups} configurations, {verdicts} verdicts, {findings} findings; {} MB with the advisories, {} MB more than without the fleet",
        fleet.len(),
        resident(),
        resident().saturating_sub(before)
    );
    fleet
}

/// Every verdict worked out anew, one thread.
#[divan::bench(sample_count = 5)]
fn all_verdicts_of_a_million(bencher: Bencher<'_, '_>) {
    let mut fleet = described(MILLION);
    bencher.bench_local(|| fleet.recompute());
}

/// The same, for the curve.
#[divan::bench(sample_count = 3, args = [10_000, 100_000, 1_000_000, 10_000_000])]
fn growth(bencher: Bencher<'_, '_>, devices: usize) {
    let mut fleet = described(devices);
    bencher.bench_local(|| fleet.recompute());
}

/// One advisory that was not there yet.
#[divan::bench(sample_count = 10)]
fn one_new_advisory(bencher: Bencher<'_, '_>) {
    let mut fleet = fleet(MILLION);
    let mut number = 0;
    bencher
        .with_inputs(|| {
            number += 1;
            Advisory { id: format!("NEW-{number}"), ..ALL[ADVISORIES].clone() }
        })
        .bench_local_values(|advisory| fleet.add_advisory(advisory).len());
}

/// One device is found to run a version nobody has had yet.
#[divan::bench(sample_count = 100)]
fn one_new_version(bencher: Bencher<'_, '_>) {
    let mut fleet = fleet(MILLION);
    let lab = ScaleFleet::new(&CATALOGUE, MILLION);
    let mut number = 0;
    bencher
        .with_inputs(|| {
            number += 1;
            let device = number % MILLION;
            let known = configuration(lab.device(device));
            let version = format!("{number}.77.1");
            (
                device as u32,
                Configuration { software_version: version, version_state: VersionState::Fresh, ..known },
            )
        })
        .bench_local_values(|(device, configuration)| fleet.set_device(device, configuration));
}
