//! The laws of the house, held by the use cases on the real store over drawn worlds.

use crate::support::files::{csv_bytes, csv_rows};
use crate::support::house::{House, hospital, lead};
use proptest::prelude::*;
use std::collections::BTreeSet;
use tallyward_advisories::read_csaf;
use tallyward_app::Who;
use tallyward_app::change::DocKind;
use tallyward_app::ports::{ListDocs, Store};
use tallyward_app::query::{DeviceQuery, FindingQuery};
use tallyward_app::views::StoredDevice;
use tallyward_core::{Evidence, Field, SourceKind, Verdict};
use tallyward_identity::aliases::Aliases;
use tallyward_identity::device_class;
use tallyward_lab::Hospital;
use tallyward_matching::{Configuration, Matcher, Resolver};

/// What one list says of one device; few numbers, so that lists meet, repeat and contradict each other.
#[derive(Clone, Debug)]
struct Said {
    tag: Option<u8>,
    model: u8,
    serial: Option<u8>,
    mac: Option<u8>,
    version: Option<u8>,
    unit: Option<u8>,
    room: Option<u8>,
}

const HEADER: [&str; 8] = [
    "Asset Tag",
    "Manufacturer",
    "Model",
    "Serial Number",
    "MAC Address",
    "Software Version",
    "Department",
    "Room",
];

impl Said {
    fn row(&self) -> Vec<String> {
        let model = [("Norvik", "Vista 12"), ("Norvik", "Vista 8"), ("Halden Medical", "Infuse 8 LVP")];
        let (maker, model) = model[usize::from(self.model) % model.len()];
        let text = |value: Option<u8>, make: fn(u8) -> String| value.map(make).unwrap_or_default();
        vec![
            text(self.tag, |tag| format!("TAG-{:04}", 100 + u16::from(tag))),
            maker.to_owned(),
            model.to_owned(),
            text(self.serial, |serial| format!("SN4471{serial:02}")),
            text(self.mac, |mac| format!("00:1b:c5:0a:00:{mac:02x}")),
            text(self.version, |version| format!("{}.{}", version / 3 + 1, version % 3)),
            text(self.unit, |unit| ["ICU-A", "ED", "OR"][usize::from(unit) % 3].to_owned()),
            text(self.room, |room| format!("Room {room}")),
        ]
    }
}

fn said() -> impl Strategy<Value = Said> {
    let maybe = |most: u8| prop::option::weighted(0.7, 0..most);
    (maybe(9), 0..3u8, maybe(9), maybe(7), maybe(5), maybe(3), maybe(4)).prop_map(
        |(tag, model, serial, mac, version, unit, room)| {
            // A row that names nothing is refused, which is another test's subject.
            let tag = tag.or_else(|| serial.is_none().then_some(8));
            Said { tag, model, serial, mac, version, unit, room }
        },
    )
}

/// A list in which no two rows name the same device outright: such rows are refused, and which of the two is
/// first would depend on the order.
fn list() -> impl Strategy<Value = Vec<Said>> {
    prop::collection::vec(said(), 1..9).prop_map(|rows| {
        let (mut tags, mut serials) = (BTreeSet::new(), BTreeSet::new());
        let fresh = |row: &Said| {
            row.tag.is_none_or(|tag| tags.insert(tag))
                && row.serial.is_none_or(|serial| serials.insert((row.model, serial)))
        };
        let mut fresh = fresh;
        rows.into_iter().filter(|row| fresh(row)).collect()
    })
}

fn csv(rows: &[Said]) -> Vec<u8> {
    let header: Vec<String> = HEADER.iter().map(|name| (*name).to_owned()).collect();
    csv_bytes(&header, &rows.iter().map(Said::row).collect::<Vec<_>>())
}

const SOURCES: [&str; 3] = ["CMMS", "Purchasing", "Ward list"];

fn take(house: &House, source: &str, rows: &[Said]) -> tallyward_app::views::ImportReport {
    house.list("list.csv", &csv(rows), |mapping| mapping.source = source.to_owned())
}

fn world(lists: &[Vec<Said>]) -> House {
    let house = House::empty();
    for (source, rows) in SOURCES.iter().zip(lists) {
        take(&house, source, rows);
    }
    house
}

fn worlds() -> impl Strategy<Value = Vec<Vec<Said>>> {
    prop::collection::vec(list(), 1..4)
}

/// All documents and the audit log, to tell whether anything at all was written.
pub fn everything(house: &House) -> String {
    const KINDS: [DocKind; 18] = [
        DocKind::Account,
        DocKind::Session,
        DocKind::Invite,
        DocKind::Import,
        DocKind::Profile,
        DocKind::Places,
        DocKind::Unit,
        DocKind::Contact,
        DocKind::Capture,
        DocKind::Advisory,
        DocKind::Decision,
        DocKind::Draft,
        DocKind::Notice,
        DocKind::Delivery,
        DocKind::Answer,
        DocKind::Path,
        DocKind::SignOff,
        DocKind::Setting,
    ];
    let docs: Vec<_> =
        KINDS.iter().map(|kind| house.store.list(*kind, &ListDocs::default()).unwrap()).collect();
    let (version, head) = (house.store.fleet_version().unwrap(), house.store.audit_head().unwrap());
    format!("{version} {head:?} {docs:?}")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, max_shrink_iters: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn lists_in_any_order_and_split_give_the_same_devices(
        lists in worlds(),
        pieces in prop::collection::vec((0..3usize, 0..9usize, any::<u32>()), 0..6),
    ) {
        let whole = world(&lists);
        // Cut each list where the draw says, and shuffle the pieces and the rows inside.
        let mut cut: Vec<(u32, usize, Vec<Said>)> = Vec::new();
        for (at, rows) in lists.iter().enumerate() {
            let mut cuts: Vec<usize> =
                pieces.iter().filter(|piece| piece.0 == at).map(|piece| piece.1.min(rows.len())).collect();
            cuts.extend([0, rows.len()]);
            cuts.sort_unstable();
            for (number, ends) in cuts.windows(2).filter(|ends| ends[0] < ends[1]).enumerate() {
                let mut rows = rows[ends[0]..ends[1]].to_vec();
                let weight = pieces.get(number).map_or(number as u32, |piece| piece.2);
                if weight % 2 == 0 {
                    rows.reverse();
                }
                cut.push((weight.rotate_left(at as u32), at, rows));
            }
        }
        cut.sort_by_key(|piece| piece.0);
        let house = House::empty();
        for (_, at, rows) in &cut {
            take(&house, SOURCES[*at], rows);
        }
        prop_assert_eq!(house.devices(), whole.devices());
    }

    #[test]
    fn the_same_file_again_changes_nothing(lists in worlds()) {
        let house = world(&lists);
        let (bodies, evidence) = (house.bodies(), house.evidence());
        house.clock.pass(3_600);
        for (source, rows) in SOURCES.iter().zip(&lists) {
            let report = take(&house, source, rows);
            prop_assert_eq!(report.unchanged, rows.len(), "{:?}", report);
        }
        prop_assert_eq!(house.evidence(), evidence);
        prop_assert_eq!(house.bodies(), bodies);
    }

    #[test]
    fn an_export_taken_in_again_changes_nothing(lists in worlds()) {
        let house = world(&lists);
        let (bodies, evidence) = (house.bodies(), house.evidence());
        house.clock.pass(600);
        let export = house.app.export_devices(&DeviceQuery::default()).unwrap();
        let report = house.list("devices.csv", &export, |_| {});
        prop_assert_eq!((report.rows, report.unchanged), (bodies.len(), bodies.len()), "{:?}", report);
        prop_assert_eq!(house.evidence(), evidence);
        prop_assert_eq!(house.bodies(), bodies);
    }

    #[test]
    fn an_edited_cell_is_one_statement_and_no_other(
        lists in worlds(),
        row in any::<prop::sample::Index>(),
        field in prop::sample::select(vec![
            Field::Room, Field::SoftwareVersion, Field::Custodian, Field::AccountableOwner, Field::PatchLevel,
        ]),
    ) {
        let house = world(&lists);
        let before: BTreeSet<Evidence> = house.evidence().into_iter().collect();
        let export = house.app.export_devices(&DeviceQuery::default()).unwrap();
        let (header, mut rows) = csv_rows(&export);
        let edited = row.index(rows.len());
        let column = header.iter().position(|name| name == field.code()).unwrap();
        rows[edited][column] = "7.7.42".to_owned();
        let id: tallyward_core::DeviceId = rows[edited][0].parse().unwrap();
        let report = house.list("devices.csv", &csv_bytes(&header, &rows), |mapping| {
            mapping.source = "Corrections".to_owned();
        });
        prop_assert_eq!(report.unchanged, rows.len() - 1, "{:?}", report);
        let added: Vec<Evidence> =
            house.evidence().into_iter().filter(|piece| !before.contains(piece)).collect();
        prop_assert_eq!(added.len(), 1, "{:?}", added);
        prop_assert_eq!((added[0].field, added[0].value.as_str()), (field, "7.7.42"));
        prop_assert_eq!(added[0].source.kind, SourceKind::Person);
        let stored: StoredDevice =
            serde_json::from_str(&house.store.device(id).unwrap().unwrap().put.body).unwrap();
        prop_assert!(stored.device.fields[&field].values().any(|value| value == "7.7.42"));
    }

    #[test]
    fn undoing_an_import_restores_what_was_before(lists in worlds(), more in list()) {
        let house = world(&lists);
        let before = house.devices();
        let report = take(&house, "Mistake", &more);
        let with = house.devices();
        house.clock.pass(60);
        house.app.undo_import(&lead(), report.ingest).unwrap();
        prop_assert_eq!(house.devices(), before.clone());
        // Undone already: working it out once more, as after a kill half way, records nothing further.
        let decisions = || house.store.count(DocKind::Decision, None).unwrap();
        let decided = decisions();
        house.app.undo_import(&lead(), report.ingest).unwrap();
        prop_assert_eq!(decisions(), decided);
        prop_assert_eq!(house.devices(), before);
        // Undone by mistake: the same file can be taken in once more.
        house.clock.pass(60);
        take(&house, "Mistake", &more);
        prop_assert_eq!(house.devices(), with);
    }

    #[test]
    fn a_dry_run_changes_nothing_and_predicts_what_happens(lists in worlds(), more in list()) {
        let house = world(&lists);
        let (before, evidence, rows) = (everything(&house), house.evidence(), house.rows());
        let staged = house.app.stage_list("more.csv", csv(&more)).unwrap();
        let preview = house.app.preview_list(&staged, None).unwrap();
        prop_assert_eq!(everything(&house), before);
        prop_assert_eq!(house.evidence(), evidence);
        let report = house.app.apply_list(&lead(), &staged, &preview.mapping).unwrap();
        prop_assert_eq!(
            (preview.created, preview.changed, preview.disagree, preview.unchanged, preview.refused),
            (report.created, report.changed, report.disagree, report.unchanged, report.refused_count)
        );
        // And each field it said would change did, to the value it said.
        for row in &preview.shown {
            if let tallyward_app::views::RowOutcome::Change { device, changes, .. } = &row.outcome {
                let held = house.store.device(*device).unwrap().unwrap();
                let stored: StoredDevice = serde_json::from_str(&held.put.body).unwrap();
                let keys = |body: &str| {
                    let stored: StoredDevice = serde_json::from_str(body).unwrap();
                    stored.device.keys.into_iter().collect::<BTreeSet<_>>()
                };
                // A device that the rows split in two keeps its handle on one side only.
                if !keys(&held.put.body).is_superset(&keys(&rows[&device.0])) {
                    continue;
                }
                let told = |field: Field| field != Field::Listed && field != Field::Key;
                for (field, _, new) in changes.iter().filter(|change| told(change.0)) {
                    let values: Vec<&str> = stored.device.fields[field].values().collect();
                    prop_assert!(new.split(", ").all(|value| values.contains(&value)), "{} {:?}", new, values);
                }
            }
        }
    }
}

/// Everything the lab prints, each a step that can come at any time.
fn step(house: &House, hospital: &Hospital, number: usize) {
    let who = Who::program();
    match number {
        0 => drop(house.app.import_units(&who, hospital.units_csv().as_bytes()).unwrap()),
        1 => drop(house.app.import_places(&who, hospital.places_csv().as_bytes()).unwrap()),
        2 => drop(house.list("cmms.csv", &hospital.cmms_csv(), |_| {})),
        3 => {
            drop(house.app.read_capture(&who, "t.pcapng", "sensor-1", &hospital.capture()).unwrap());
        }
        4 => drop(house.app.import_advisories(&who, hospital.advisories()).unwrap()),
        _ => drop(
            house.list("second.csv", &second_list(hospital), |mapping| mapping.source = "Second".to_owned()),
        ),
    }
}

/// Another list over the same devices, with other rooms and versions.
fn second_list(hospital: &Hospital) -> Vec<u8> {
    let header = ["Asset Tag", "Room", "Software Version", "MAC Address"].map(str::to_owned);
    let rows: Vec<Vec<String>> = hospital
        .truth
        .iter()
        .step_by(3)
        .map(|device| {
            let mac = device.mac.map(|mac| mac.to_string()).unwrap_or_default();
            vec![device.tag.clone(), "Second 1".to_owned(), device.version.clone(), mac]
        })
        .collect();
    csv_bytes(&header, &rows)
}

fn lab_house(hospital: &Hospital) -> House {
    let mut house = House::empty();
    house.app = house.app.with_aliases(&hospital.maker_aliases_csv(), &hospital.model_aliases_csv()).unwrap();
    house
}

/// Findings of every device, by the number of the device's body.
fn verdicts(house: &House) -> BTreeSet<(u64, String, String, Verdict)> {
    let mut query = FindingQuery { limit: Some(1_000), ..FindingQuery::default() };
    let mut found = BTreeSet::new();
    loop {
        let page = house.store.findings(&query).unwrap();
        found.extend(
            page.rows.into_iter().map(|row| (row.device.0, row.advisory, row.vulnerability, row.verdict)),
        );
        match page.next {
            Some(next) => query.after = Some(next),
            None => return found,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3, max_shrink_iters: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn piece_by_piece_in_any_order_equals_all_at_once(
        seed in 1..1_000u64,
        order in Just(vec![0, 1, 2, 3, 4, 5]).prop_shuffle(),
    ) {
        let hospital = hospital(seed, 40);
        let (straight, shuffled) = (lab_house(&hospital), lab_house(&hospital));
        for number in 0..6 {
            step(&straight, &hospital, number);
        }
        for number in order {
            step(&shuffled, &hospital, number);
            shuffled.app.refresh().unwrap();
        }
        straight.app.refresh().unwrap();
        prop_assert_eq!(shuffled.bodies(), straight.bodies());
        let (ours, theirs) = (shuffled.store.finding_counts().unwrap(), straight.store.finding_counts().unwrap());
        prop_assert_eq!(ours, theirs);
    }

    #[test]
    fn verdicts_are_those_of_matching_each_device_alone(seed in 1..1_000u64, days in 0..600i64) {
        let hospital = hospital(seed, 60);
        let house = House::of(&hospital);
        house.clock.pass(days * 86_400);
        house.app.refresh().unwrap();
        let mut aliases = Aliases::builtin();
        aliases.extend_from_csv(&hospital.maker_aliases_csv()).unwrap();
        aliases.extend_models_from_csv(&hospital.model_aliases_csv()).unwrap();
        let advisories: Vec<_> = hospital
            .advisories()
            .iter()
            .map(|(name, bytes)| read_csaf(bytes, name).unwrap())
            .collect();
        let matcher = Matcher::new(&advisories, Resolver::new(aliases.clone(), &[]));
        let mut alone = BTreeSet::new();
        let mut query = DeviceQuery { limit: Some(1_000), ..DeviceQuery::default() };
        query.after = None;
        for row in house.store.devices(&query).unwrap().rows {
            let stored: StoredDevice = serde_json::from_str(&row.put.body).unwrap();
            let age = device_class::by_code(&row.put.class).map_or(365, |class| class.version_max_age_days.into());
            let configuration = Configuration::of(&stored.device, &aliases, age, house.app.now());
            alone.extend(matcher.decide(&configuration).into_iter().map(|judged| {
                (row.put.id.0, judged.advisory, judged.vulnerability, judged.verdict)
            }));
        }
        prop_assert!(!alone.is_empty());
        prop_assert_eq!(verdicts(&house), alone);
    }
}
