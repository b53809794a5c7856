//! What is learned from each shared capture, as a text a person can read and compare with Wireshark.
//!
//! The texts lie in `snapshots/`; `INSTA_UPDATE=always cargo test -p tallyward-discovery --test captures` writes them anew after a
//! change that was looked at. What they say is held against tshark's fields in the `tshark` tests beside this one.

mod common;

use common::{captures, options};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use tallyward_core::{Field, Key, SourceKind};
use tallyward_discovery::{Learned, describe, read_capture};

/// Statements of a field beyond this many on one device are only counted, so that a text stays readable.
const MOST: usize = 12;

fn text(learned: &Learned) -> String {
    let stats = &learned.stats;
    let mut out = format!("{} packets, {} not read\n", stats.packets, stats.ignored);
    let mut line = |text: String| {
        writeln!(out, "{}", text.trim_end()).expect("a string takes any text");
    };
    for problem in &learned.problems {
        line(format!("! {problem}"));
    }
    let mut services: BTreeMap<&str, (usize, u64)> = BTreeMap::new();
    for flow in &learned.flows {
        let sum = services.entry(if flow.service.is_empty() { "?" } else { &flow.service }).or_default();
        *sum = (sum.0 + 1, sum.1 + flow.packets);
    }
    for (service, (flows, packets)) in services {
        line(format!("{service}: {flows} flows, {packets} packets"));
    }
    for device in describe(learned) {
        let keys: Vec<String> = device.keys.iter().map(Key::to_string).collect();
        line(String::new());
        line(keys.join(" = "));
        let mut said: BTreeMap<Field, usize> = BTreeMap::new();
        for field in &device.fields {
            let count = said.entry(field.field).or_default();
            *count += 1;
            if *count <= MOST {
                let guess = if field.source == SourceKind::Guess { ", guess" } else { "" };
                line(format!(
                    "  {} = {} [{}, {}{guess}]",
                    field.field, field.value, field.protocol, field.place
                ));
            }
        }
        for (field, count) in said.iter().filter(|(_, count)| **count > MOST) {
            line(format!("  {field}: {} more", count - MOST));
        }
    }
    out
}

#[test]
fn every_capture_teaches_what_it_did() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for path in captures() {
            let name = path.file_stem().expect("a capture has a name").to_string_lossy().into_owned();
            let learned =
                read_capture(&std::fs::read(&path).expect("a shared capture can be read"), options());
            insta::assert_snapshot!(name, text(&learned));
        }
    });
}

/// The only captures with something to complain of are those that are cut or damaged themselves.
#[test]
fn no_complaint_that_is_not_the_captures_own() {
    let damaged = ["lab-a"];
    for path in captures() {
        let name = path.file_stem().expect("a capture has a name").to_string_lossy().into_owned();
        let learned = read_capture(&std::fs::read(&path).expect("a shared capture can be read"), options());
        assert_eq!(
            !learned.problems.is_empty(),
            damaged.contains(&name.as_str()),
            "{name}: {:?}",
            learned.problems
        );
    }
}
