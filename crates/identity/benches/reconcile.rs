//! Reconciling a large inventory: `cargo bench -p tallyward-identity --bench reconcile`.

use tallyward_core::evidence::normalise;
use tallyward_core::{Episode, Evidence, Field, IngestId, Key, Mac, Source, SourceKind, Timestamp};
use tallyward_identity::reconcile::{Rules, reconcile};

const ROWS: usize = 100_000;

fn main() {
    divan::main();
}

/// A list of `rows` devices, twelve statements a row, two of them ties to a tag and a serial; with `wire`, half
/// of the rows name a card as well and that card was seen.
fn inventory(rows: usize, wire: bool) -> Vec<Evidence> {
    let list = Source { kind: SourceKind::List, name: "CMMS export".to_owned() };
    let sensor = Source { kind: SourceKind::WireNetwork, name: "sensor ED-1".to_owned() };
    let start = Timestamp::from_seconds(1_760_000_000);
    let mut evidence = Vec::with_capacity(rows * 12);
    let mut say = |subject: &Key, field: Field, value: String, source: &Source, basis: &str, row: usize| {
        let episode = Episode {
            ingest: IngestId(if source.kind == SourceKind::List { 7 } else { 8 }),
            first: start,
            last: start,
            count: 1,
            recorded_at: start,
            place: format!("row {row}"),
        };
        let (source, basis, episodes) = (source.clone(), basis.to_owned(), vec![episode]);
        evidence.push(Evidence { subject: subject.clone(), field, value, source, basis, episodes });
    };
    for row in 0..rows {
        let record = Key::SystemId { system: "cmms".to_owned(), id: format!("{}", 500_000 + row) };
        let tag = Key::AssetTag { scope: String::new(), tag: format!("T{row:06}") };
        let serial = Key::MakerModelSerial {
            maker: format!("maker {}", row % 60),
            model: format!("model {}", row % 900),
            serial: format!("SN{:07}", row * 37),
        };
        for (field, value, basis) in [
            (Field::Key, tag.to_string(), "column Tag"),
            (Field::Key, serial.to_string(), "column Serial No"),
            (Field::Manufacturer, format!("Maker {} Inc.", row % 60), "column Manufacturer"),
            (Field::Model, format!("Model {}", row % 900), "column Model"),
            (Field::Serial, format!("SN{:07}", row * 37), "column Serial No"),
            (Field::AssetTag, format!("T{row:06}"), "column Tag"),
            (Field::Description, format!("Infusion pump {}", row % 7), "column Description"),
            (Field::Site, format!("Site {}", row % 3), "column Site"),
            (Field::Building, format!("Building {}", row % 11), "column Building"),
            (Field::Room, format!("R{}", row % 2000), "column Room"),
            (Field::OperatingUnit, format!("Unit {}", row % 80), "column Unit"),
            (Field::SoftwareVersion, format!("{}.{}.0", row % 9, row % 4), "column Software"),
        ] {
            say(&record, field, value, &list, basis, row);
        }
        if wire && row % 2 == 0 {
            let [a, b, c, d] = (row as u32).to_be_bytes();
            let card = Key::Mac(Mac([0, 0x1a, a, b, c, d]));
            say(&record, Field::Key, card.to_string(), &list, "column MAC", row);
            let address = format!("10.{}.{}.{}", row >> 16, (row >> 8) & 255, row & 255);
            say(&card, Field::IpAddress, address, &sensor, "DHCP", row);
            say(&card, Field::HostName, format!("pump-{row}"), &sensor, "DHCP option 12", row);
        }
    }
    normalise(evidence)
}

#[divan::bench(args = [false, true], sample_count = 5, sample_size = 1)]
fn large_inventory(bencher: divan::Bencher<'_, '_>, wire: bool) {
    let (evidence, rules) = (inventory(ROWS, wire), Rules::builtin());
    let as_of = Timestamp::from_seconds(1_761_000_000);
    assert_eq!(reconcile(&evidence, &[], &rules, as_of).len(), ROWS);
    bencher.bench_local(|| reconcile(&evidence, &[], &rules, as_of));
}

/// What one new statement costs: the component it touches, reconciled again.
#[divan::bench(sample_count = 100)]
fn one_touched_component(bencher: divan::Bencher<'_, '_>) {
    let (evidence, rules) = (inventory(1, true), Rules::builtin());
    bencher.bench_local(|| reconcile(&evidence, &[], &rules, Timestamp::from_seconds(1_761_000_000)));
}

/// A gateway: one card that ten thousand tags claim.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn shared_card(bencher: divan::Bencher<'_, '_>) {
    let card = Key::Mac(Mac([0, 0x1a, 0x2b, 0, 0, 1])).to_string();
    let mut evidence = inventory(10_000, false);
    for piece in evidence.iter_mut().filter(|piece| piece.basis == "column Room") {
        piece.field = Field::Key;
        piece.value.clone_from(&card);
    }
    let (evidence, rules) = (normalise(evidence), Rules::builtin());
    bencher.bench_local(|| reconcile(&evidence, &[], &rules, Timestamp::from_seconds(1_761_000_000)));
}
