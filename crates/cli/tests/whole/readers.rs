//! Damaged files at the use cases: no panic, an error that names its place, and the rest is taken in.

use crate::support::files::walk;
use crate::support::house::{House, hospital};
use proptest::prelude::*;
use std::sync::LazyLock;
use tallyward_app::{AppError, Who};
use tallyward_core::testkit::shared;
use tallyward_lab::Hospital;

static LAB: LazyLock<Hospital> = LazyLock::new(|| hospital(5, 25));

/// One way to damage a file.
#[derive(Clone, Debug)]
enum Damage {
    Cut(prop::sample::Index),
    Flip(prop::sample::Index, u8),
    /// A piece of the file is written once more somewhere else.
    Repeat(prop::sample::Index, prop::sample::Index, u8),
    Drop(prop::sample::Index, u8),
    Insert(prop::sample::Index, Vec<u8>),
}

fn damage() -> impl Strategy<Value = Vec<Damage>> {
    let index = any::<prop::sample::Index>;
    let hostile = prop::sample::select(vec![
        b"\"".to_vec(),
        b"\n".to_vec(),
        b"\r".to_vec(),
        b",,;\t".to_vec(),
        vec![0; 9],
        vec![0xff; 12],
        b"{\"a\":[".repeat(40),
        b"=cmd|' /C calc'!A0".to_vec(),
        "\u{feff}\u{202e}é".as_bytes().to_vec(),
        b"99999999999999999999".to_vec(),
    ]);
    let one = prop_oneof![
        1 => index().prop_map(Damage::Cut),
        4 => (index(), 1..=255u8).prop_map(|(at, bits)| Damage::Flip(at, bits)),
        2 => (index(), index(), any::<u8>()).prop_map(|(from, to, length)| Damage::Repeat(from, to, length)),
        2 => (index(), 1..=255u8).prop_map(|(at, length)| Damage::Drop(at, length)),
        3 => (index(), hostile).prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
    ];
    prop::collection::vec(one, 1..6)
}

fn damaged(whole: &[u8], damage: &[Damage]) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    for one in damage {
        if bytes.is_empty() {
            break;
        }
        let length = bytes.len();
        match one {
            Damage::Cut(at) => bytes.truncate(at.index(length)),
            Damage::Flip(at, bits) => bytes[at.index(length)] ^= bits,
            Damage::Repeat(from, to, count) => {
                let from = from.index(length);
                let piece = bytes[from..(from + usize::from(*count)).min(length)].to_vec();
                let to = to.index(length);
                bytes.splice(to..to, piece);
            }
            Damage::Drop(at, count) => {
                let at = at.index(length);
                bytes.drain(at..(at + usize::from(*count)).min(length));
            }
            Damage::Insert(at, piece) => {
                let at = at.index(length);
                bytes.splice(at..at, piece.iter().copied());
            }
        }
    }
    bytes
}

/// A file is taken, or refused with words that name something; nothing else may happen.
fn named<T>(outcome: Result<T, AppError>) -> Option<T> {
    match outcome {
        Ok(value) => Some(value),
        Err(AppError::Invalid { field, why }) => {
            assert!(!field.is_empty() && !why.is_empty());
            None
        }
        Err(other) => panic!("not a defect of the file: {other}"),
    }
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, max_shrink_iters: 40, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config(20))]

    #[test]
    fn damaged_lists(damage in damage()) {
        let house = House::empty();
        let bytes = damaged(&LAB.cmms_csv(), &damage);
        let staged = house.app.stage_list("cmms.csv", bytes).unwrap();
        if let Some(preview) = named(house.app.preview_list(&staged, None)) {
            let counted = preview.created + preview.changed + preview.disagree + preview.unchanged + preview.refused;
            prop_assert_eq!(counted, preview.rows, "every row is accounted for");
            if let Some(report) = named(house.app.apply_list(&Who::program(), &staged, &preview.mapping)) {
                prop_assert_eq!(report.created, preview.created);
                prop_assert!(report.refused.iter().all(|(line, _, why)| *line > 1 && !why.is_empty()));
            }
        }
    }

    #[test]
    fn damaged_exports_of_ours(damage in damage()) {
        let house = House::empty();
        house.list("cmms.csv", &LAB.cmms_csv(), |_| {});
        let export = house.app.export_devices(&tallyward_app::query::DeviceQuery::default()).unwrap();
        let staged = house.app.stage_list("devices.csv", damaged(&export, &damage)).unwrap();
        if let Some(preview) = named(house.app.preview_list(&staged, None)) {
            named(house.app.apply_list(&Who::program(), &staged, &preview.mapping));
        }
    }

    #[test]
    fn damaged_tables_of_places_units_and_contacts(damage in damage()) {
        let house = House::empty();
        let who = Who::program();
        let lines = |text: &str| text.lines().count();
        if let Some(report) = named(house.app.import_places(&who, &damaged(LAB.places_csv().as_bytes(), &damage))) {
            prop_assert!(report.refused.iter().all(|(line, why)| *line > 1 && !why.is_empty()));
            prop_assert!(report.taken <= lines(&LAB.places_csv()) + 300);
        }
        named(house.app.import_units(&who, &damaged(LAB.units_csv().as_bytes(), &damage)));
        named(house.app.import_contacts(&who, &damaged(LAB.contacts_csv().as_bytes(), &damage)));
    }

    #[test]
    fn damaged_captures(damage in damage()) {
        let house = House::empty();
        let bytes = damaged(&LAB.capture(), &damage);
        if let Some(report) = named(house.app.read_capture(&Who::program(), "lab.pcapng", "s", &bytes)) {
            prop_assert!(report.packets > 0);
            prop_assert!(report.problems.iter().all(|(place, what)| !place.is_empty() && !what.is_empty()));
        }
    }

    #[test]
    fn damaged_advisories(damage in damage(), which in any::<prop::sample::Index>()) {
        let mut files = real_advisories();
        files.extend(LAB.advisories());
        let whole = files.len().min(6);
        let at = which.index(files.len());
        let broken = damaged(&files[at].1, &damage);
        files.rotate_left(at);
        files.truncate(whole);
        files[0].1 = broken;
        let house = House::empty();
        let intake = house.app.import_advisories(&Who::program(), files).unwrap();
        prop_assert!(intake.new.len() + intake.changed.len() + intake.unchanged >= whole - 1, "the rest goes on");
        for bad in &intake.damaged {
            prop_assert!(!bad.file.is_empty() && !bad.place.is_empty() && !bad.why.is_empty());
        }
    }
}

/// One import with a CSAF document, a VEX document and a list of recalls, one of which is damaged.
#[test]
fn formats_are_told_by_their_content_and_one_bad_recall_holds_up_nothing() {
    let house = House::empty();
    let vex = r#"{"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.org/vex/1", "author": "Acme",
        "timestamp": "2024-01-01T00:00:00Z", "version": 1, "statements": [{"vulnerability": {"name": "CVE-2024-1"},
        "status": "affected", "products": [{"@id": "cpe:/h:acme:pump:4"}]}]}"#;
    let recalls = r#"{"results": [{"recall_number": "Z-1", "product_description": "Pump", "recalling_firm": "Acme",
        "code_info": "Lot 1"}, {"recall_number": 7}]}"#;
    let csaf = LAB.advisories().remove(0);
    let files = || vec![csaf.clone(), ("a".to_owned(), vex.into()), ("b".to_owned(), recalls.into())];
    let intake = house.app.import_advisories(&Who::program(), files()).unwrap();
    assert_eq!(intake.new.len(), 3);
    assert_eq!(intake.new[1..], ["https://example.org/vex/1", "FDA-ENFORCEMENT-Z-1"]);
    assert_eq!(intake.damaged.len(), 1);
    assert_eq!(intake.damaged[0].place, "line 2, column 32 (/results/1)");
    let again = house.app.import_advisories(&Who::program(), files()).unwrap();
    assert_eq!((again.unchanged, again.new.len(), again.changed.len()), (3, 0, 0));

    // The same in one bundle, beside a hash and an archive of its own.
    let mut bundle = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let inside: [(&str, &[u8]); 5] = [
        ("csaf.json", &csaf.1),
        ("csaf.json.sha256", b"0"),
        ("vex/a.json", vex.as_bytes()),
        ("b.json", recalls.as_bytes()),
        ("c.zip", b"PK"),
    ];
    for (name, bytes) in inside {
        bundle.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut bundle, bytes).unwrap();
    }
    let bundle = bundle.finish().unwrap().into_inner();
    let house = House::empty();
    let intake = house.app.import_advisories(&Who::program(), vec![("all.zip".to_owned(), bundle)]).unwrap();
    assert_eq!(intake.new.len(), 3);
    let told: Vec<&str> = intake.damaged.iter().map(|bad| &*bad.file).collect();
    assert_eq!(told, ["all.zip: b.json", "all.zip: c.zip"]);
}

fn real_advisories() -> Vec<(String, Vec<u8>)> {
    let Some(folder) = shared("icsma") else { return Vec::new() };
    walk(&folder)
        .into_iter()
        .step_by(9)
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(path).unwrap()))
        .collect()
}

#[test]
fn a_bad_row_of_a_table_is_named_and_the_rest_is_taken() {
    let house = House::empty();
    let places = "subnet,vlan,site,building,floor,unit,watched\n10.1.0.0/24,100,North,Main,2,ICU,yes\n\
        10.2.0.0/99,100,North,,,,no\n10.3.0.0/24,5000,North,,,,no\n10.4.0.0/24,,North,,,,perhaps\n\
        2001:db8::/64,,South,,,,2026-08-25\n";
    let report = house.app.import_places(&Who::program(), places.as_bytes()).unwrap();
    assert_eq!(report.taken, 2);
    let lines: Vec<u64> = report.refused.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [3, 4, 5]);
    assert!(
        report.refused[0].1.contains("10.2.0.0/99") && report.refused[1].1.contains("5000"),
        "{report:?}"
    );
    let contacts = "unit,duty,profession,name,email,phone\nICU,charge,,A. Nurse,a@house.example,\n\
        ICU,nobody,,B. Nurse,b@house.example,\nICU,charge,,C. Nurse,,\n";
    let report = house.app.import_contacts(&Who::program(), contacts.as_bytes()).unwrap();
    assert_eq!((report.taken, report.refused.len()), (1, 2));
    let wrong = house.app.import_units(&Who::program(), b"name;site\nx;y\n").unwrap_err();
    assert!(wrong.to_string().contains("code") && wrong.to_string().contains("line 1"), "{wrong}");
}

#[test]
fn a_capture_cut_in_mid_packet_gives_all_before_the_cut_and_says_so() {
    let whole = LAB.capture();
    let all = House::empty().app.read_capture(&Who::program(), "whole.pcapng", "s", &whole).unwrap();
    let house = House::empty();
    let cut = house.app.read_capture(&Who::program(), "cut.pcapng", "s", &whole[..whole.len() - 7]).unwrap();
    assert_eq!(cut.packets, all.packets - 1);
    assert!(all.problems.is_empty() && !cut.problems.is_empty(), "{:?}", cut.problems);
    let junk = House::empty().app.read_capture(&Who::program(), "junk.pcap", "s", b"no capture").unwrap_err();
    assert!(junk.to_string().contains("junk.pcap"), "{junk}");
}
