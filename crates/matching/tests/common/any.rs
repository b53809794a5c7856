//! Configurations that resemble what hospitals hold of the products of real advisories.

use crate::common::{REAL, device};
use proptest::prelude::*;
use tallyward_matching::{Component, Configuration, VersionState};
use tallyward_versions::Clause;

/// Versions near those that clauses name, and some that are odd.
fn version() -> impl Strategy<Value = String> {
    let named: Vec<String> = REAL
        .iter()
        .flat_map(|advisory| &advisory.products)
        .flat_map(|leaf| {
            Clause::parse(&leaf.version).named_versions().into_iter().map(str::to_owned).collect::<Vec<_>>()
        })
        .chain(["1.0".to_owned()])
        .collect();
    prop_oneof![
        4 => prop::sample::select(named.clone()),
        2 => (prop::sample::select(named), "[.A-Z]?[0-9]{1,2}").prop_map(|(version, more)| version + &more),
        3 => "[A-Z]?[0-9]{1,2}(\\.[0-9]{1,3}){0,3}",
        1 => "[ -~]{0,8}",
        1 => Just(String::new()),
    ]
}

/// A maker and a model, mostly as a real advisory names them, cut or spelled otherwise.
fn maker_and_model() -> impl Strategy<Value = (String, String)> {
    let real: Vec<(String, String)> = REAL
        .iter()
        .flat_map(|advisory| &advisory.products)
        .map(|leaf| (leaf.vendor.clone(), leaf.product.clone()))
        .chain([
            ("BD".to_owned(), "Alaris PC Unit 8015".to_owned()),
            ("Philips".to_owned(), "MX500".to_owned()),
        ])
        .collect();
    (prop::sample::select(real), 0_u8..6).prop_map(|((vendor, product), kind)| match kind {
        0 => (vendor, product.split('(').next().unwrap_or_default().trim().to_owned()),
        1 => (vendor, product.split(' ').next().unwrap_or_default().to_owned()),
        2 => (vendor.to_uppercase(), product.to_lowercase()),
        3 => (String::new(), product),
        _ => (vendor, product),
    })
}

/// Any configuration.
pub fn configuration() -> impl Strategy<Value = Configuration> {
    let state = prop_oneof![4 => Just(VersionState::Fresh), 1 => Just(VersionState::Stale)];
    let number = prop_oneof![3 => Just(String::new()), 1 => prop::sample::select(vec!["35700BAX2", "8015", "MMT-508", "865240", "VLFT10GEN", "A51200"]).prop_map(str::to_owned)];
    let date = prop_oneof![2 => Just(String::new()), 1 => "20(1[5-9]|2[0-4])-0[1-9]-1[0-9]"];
    let component = prop_oneof![
        3 => Just(Vec::new()),
        1 => (prop::sample::select(vec!["Wireless Battery Module", "DCMTK", "VxWorks"]), version(), any::<bool>())
            .prop_map(|(name, version, stale)| vec![Component { name: name.to_owned(), version, stale }]),
    ];
    let system = prop_oneof![3 => Just(String::new()), 1 => Just("Windows 10 Professional".to_owned())];
    (maker_and_model(), version(), state, number, date, component, system).prop_map(
        |((maker, model), version, state, model_number, manufacture_date, components, operating_system)| {
            Configuration {
                version_state: if version.trim().is_empty() { VersionState::Missing } else { state },
                model_number,
                manufacture_date,
                components,
                operating_system,
                ..device(&maker, &model, version.trim())
            }
        },
    )
}
