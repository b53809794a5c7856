//! Lists and commits with 100,000 devices in a file.
//!
//! `cargo bench -p tallyward-store`. Devices are synthetic, sized like real ones: 3 kB of body, 150 bytes of
//! searched text, five keys, 2,000 configurations with 25 judgements each.

use divan::{Bencher, black_box};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use tallyward_app::change::{
    AuditPut, ChangeSet, ConfigId, ConfigPut, DevicePut, EvidencePage, JudgementPut,
};
use tallyward_app::ports::Store;
use tallyward_app::query::{DeviceOrder, DeviceQuery, Facet, FindingQuery};
use tallyward_core::{
    DeviceId, Episode, Evidence, Field, IngestId, Key, Mac, Presence, Source, SourceKind, Timestamp, Verdict,
};
use tallyward_store::SqliteStore;

const DEVICES: u64 = 100_000;
const CONFIGS: u64 = 2_000;
const MAKERS: [&str; 8] =
    ["Baxter", "Philips", "GE HealthCare", "Dräger", "BD", "Siemens", "Hillrom", "ICU Medical"];
const NOUNS: [&str; 6] = ["Infusion pump", "Ventilator", "Patient monitor", "Ultrasound", "Analyser", "Bed"];

fn main() {
    divan::main();
}

struct Filled {
    path: PathBuf,
    store: SqliteStore,
}

// In the build folder, because a static is never dropped and would leave a temporary folder behind.
static FILLED: LazyLock<Filled> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("store-bench");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join("store.db");
    let store = SqliteStore::open(&path).expect("a new store");
    for chunk in (1..=DEVICES).collect::<Vec<_>>().chunks(5_000) {
        let configs = if chunk[0] == 1 { (0..CONFIGS).map(config).collect() } else { Vec::new() };
        let devices = chunk.iter().map(|id| device(*id, 0)).collect();
        let evidence = chunk.iter().flat_map(|id| pages(*id)).collect();
        let change = ChangeSet { configs, devices, evidence, ..ChangeSet::default() };
        store.commit(change).expect("committed");
    }
    store.devices(&DeviceQuery::default()).expect("the image is loaded");
    Filled { path, store }
});

/// Spreads ids so that neighbours differ.
fn mix(id: u64) -> u64 {
    (id ^ (id >> 7)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20
}

fn keys(id: u64) -> Vec<Key> {
    let serial = format!("SN{:08}", mix(id) % 100_000_000);
    let mac = mix(id).to_be_bytes();
    vec![
        Key::AssetTag { scope: String::new(), tag: format!("BME-{id:06}") },
        Key::SystemId { system: "cmms".to_owned(), id: id.to_string() },
        Key::MakerModelSerial { maker: "baxter".to_owned(), model: "spectrum iq".to_owned(), serial },
        Key::Mac(Mac([2, mac[3], mac[4], mac[5], mac[6], mac[7]])),
        Key::HostName(format!("dev-{id}")),
    ]
}

fn device(id: u64, round: u64) -> DevicePut {
    let at = mix(id);
    let pick = |texts: &[&str], salt: u64| texts[((at >> salt) % texts.len() as u64) as usize].to_owned();
    let (maker, noun) = (pick(&MAKERS, 3), pick(&NOUNS, 9));
    let name = format!("{noun} {}", at % 5_000);
    let keys = keys(id);
    let search =
        format!("{name} {maker} bme-{id:06} sn{:08} room {} {}", at % 100_000_000, at % 900, keys[3]);
    DevicePut {
        id: DeviceId(id),
        presence: Presence::ALL[(at % 6) as usize],
        unit: format!("U{:02}", at % 60),
        pool: String::new(),
        site: pick(&["North", "South", "East"], 5),
        class: noun.to_lowercase().replace(' ', "_"),
        maker,
        model: format!("Model {}", at % 400),
        name,
        tag: format!("BME-{id:06}"),
        room: format!("{}", at % 900),
        version: format!("4.{}", at % 30),
        last_seen: (!at.is_multiple_of(4)).then(|| Timestamp::from_seconds((at % 9_000_000) as i64)),
        config: ConfigId(((at + round) % CONFIGS) as i64),
        search: search.to_lowercase(),
        keys,
        body: format!("{{\"pad\":\"{}\"}}", "field and voice ".repeat(190)),
    }
}

fn config(id: u64) -> ConfigPut {
    let judgements: Vec<JudgementPut> = (0..25)
        .map(|at| JudgementPut {
            advisory: format!("ICSMA-26-{:03}-01", (id + at / 3) % 60),
            vulnerability: format!("CVE-2026-{:05}", (id + at / 3) % 60 * 10 + at),
            verdict: Verdict::ALL[((id + at) % 7 % 3) as usize],
            missing: "{\"fact\":\"software_version\"}".to_owned(),
            reasons: format!("[{{\"text\":\"{}\"}}]", "the clause covers 4.0 to 4.7 ".repeat(12)),
        })
        .collect();
    let [affected, unknown, not_affected] =
        Verdict::ALL.map(|verdict| judgements.iter().filter(|one| one.verdict == verdict).count() as u32);
    ConfigPut {
        id: ConfigId(id as i64),
        body: "{}".to_owned(),
        affected,
        unknown,
        not_affected,
        judgements,
        judged: None,
    }
}

/// What a list and a sensor say of a device: eighteen statements and six.
fn pages(id: u64) -> Vec<EvidencePage> {
    let keys = keys(id);
    let page = |subject: &Key, kind: SourceKind, name: &str, count: usize, links: &[Key]| {
        let source = Source { kind, name: name.to_owned() };
        let moment = Timestamp::from_seconds(1_790_000_000);
        let statements = Field::ALL.iter().take(count).map(|field| Evidence {
            subject: subject.clone(),
            field: *field,
            value: format!("value {}", mix(id) % 1000),
            source: source.clone(),
            basis: "column Serial No".to_owned(),
            episodes: vec![Episode {
                ingest: IngestId(7),
                first: moment,
                last: moment,
                count: 1,
                recorded_at: moment,
                place: format!("row {id}"),
            }],
        });
        EvidencePage {
            subject: subject.clone(),
            source: source.clone(),
            statements: statements.collect(),
            links: links.to_vec(),
        }
    };
    vec![
        page(&keys[0], SourceKind::List, "CMMS export", 18, &keys[1..4]),
        page(&keys[3], SourceKind::WireNetwork, "sensor ED-1", 6, &keys[4..]),
    ]
}

const ORDERS: [DeviceOrder; 5] =
    [DeviceOrder::Name, DeviceOrder::Model, DeviceOrder::Unit, DeviceOrder::LastSeen, DeviceOrder::Affected];

#[divan::bench(args = ORDERS)]
fn first_page(bencher: Bencher<'_, '_>, order: DeviceOrder) {
    let query = DeviceQuery { order, limit: Some(50), ..DeviceQuery::default() };
    let store = &FILLED.store;
    bencher.bench(|| store.devices(black_box(&query)).expect("answers"));
}

#[divan::bench(args = ORDERS)]
fn a_page_in_the_middle(bencher: Bencher<'_, '_>, order: DeviceOrder) {
    let store = &FILLED.store;
    let mut query = DeviceQuery { order, limit: Some(1000), ..DeviceQuery::default() };
    for _ in 0..50 {
        query.after = store.devices(&query).expect("answers").next;
    }
    query.limit = Some(50);
    bencher.bench(|| store.devices(black_box(&query)).expect("answers"));
}

#[divan::bench]
fn largest_page(bencher: Bencher<'_, '_>) {
    let query = DeviceQuery { limit: Some(1000), ..DeviceQuery::default() };
    let store = &FILLED.store;
    bencher.bench(|| store.devices(black_box(&query)).expect("answers"));
}

#[divan::bench(args = ["pump", "a", "sn0012", "dräger ventilator 77", "nothing has this"])]
fn text_search(bencher: Bencher<'_, '_>, text: &str) {
    let query = DeviceQuery { text: Some(text.to_owned()), limit: Some(50), ..DeviceQuery::default() };
    let store = &FILLED.store;
    bencher.bench(|| store.devices(black_box(&query)).expect("answers"));
}

#[divan::bench]
fn filtered_by_unit_verdict_and_advisory(bencher: Bencher<'_, '_>) {
    let query = DeviceQuery {
        unit: Some("U07".to_owned()),
        verdict: Some(Verdict::Affected),
        advisory: Some("ICSMA-26-012-01".to_owned()),
        limit: Some(50),
        ..DeviceQuery::default()
    };
    let store = &FILLED.store;
    bencher.bench(|| store.devices(black_box(&query)).expect("answers"));
}

#[divan::bench]
fn facet_of_models(bencher: Bencher<'_, '_>) {
    let store = &FILLED.store;
    bencher.bench(|| store.facet(Facet::Model).expect("answers"));
}

#[divan::bench]
fn counts_of_findings(bencher: Bencher<'_, '_>) {
    let store = &FILLED.store;
    bencher.bench(|| store.finding_counts().expect("answers"));
}

#[divan::bench]
fn counts_by_advisory(bencher: Bencher<'_, '_>) {
    let store = &FILLED.store;
    bencher.bench(|| store.advisory_counts().expect("answers"));
}

#[divan::bench]
fn unknowns(bencher: Bencher<'_, '_>) {
    let store = &FILLED.store;
    bencher.bench(|| store.unknowns().expect("answers"));
}

#[divan::bench(args = [None, Some("U07")])]
fn page_of_findings(bencher: Bencher<'_, '_>, unit: Option<&str>) {
    let query = FindingQuery { unit: unit.map(str::to_owned), limit: Some(50), ..FindingQuery::default() };
    let store = &FILLED.store;
    bencher.bench(|| store.findings(black_box(&query)).expect("answers"));
}

#[divan::bench]
fn findings_of_a_device(bencher: Bencher<'_, '_>) {
    let query = FindingQuery { device: Some(DeviceId(777)), ..FindingQuery::default() };
    let store = &FILLED.store;
    bencher.bench(|| store.findings(black_box(&query)).expect("answers"));
}

#[divan::bench]
fn component_of_a_device(bencher: Bencher<'_, '_>) {
    let store = &FILLED.store;
    let keys = keys(777);
    bencher.bench(|| store.component(black_box(&keys[4..])).expect("answers"));
}

#[divan::bench]
fn commit_of_a_device(bencher: Bencher<'_, '_>) {
    let store = &FILLED.store;
    let mut round = 0;
    bencher.bench_local(|| {
        round += 1;
        let id = mix(round) % DEVICES + 1;
        store
            .commit(ChangeSet {
                devices: vec![device(id, 0)],
                evidence: pages(id),
                audit: vec![AuditPut {
                    at: Timestamp::from_seconds(1),
                    who: "sensor".to_owned(),
                    action: "capture.apply".to_owned(),
                    subject: format!("device D{id}"),
                    before: String::new(),
                    after: String::new(),
                }],
                ..ChangeSet::default()
            })
            .expect("committed")
    });
}

#[divan::bench]
fn page_after_a_commit(bencher: Bencher<'_, '_>) {
    let store = &FILLED.store;
    let query = DeviceQuery { limit: Some(50), ..DeviceQuery::default() };
    bencher
        .with_inputs(|| {
            let change = ChangeSet { devices: vec![device(5, 0)], ..ChangeSet::default() };
            store.commit(change).expect("committed")
        })
        .bench_local_values(|_| store.devices(&query).expect("answers"));
}

/// A new list of 100,000 rows with eighteen mapped columns: its evidence and devices, 5,000 a commit.
#[divan::bench(sample_count = 1, sample_size = 1)]
fn a_list_of_100_000_rows(bencher: Bencher<'_, '_>) {
    let changes = || -> Vec<ChangeSet> {
        let ids: Vec<u64> = (1..=DEVICES).collect();
        let change = |ids: &[u64]| ChangeSet {
            configs: (0..CONFIGS).map(|id| ConfigPut { judgements: Vec::new(), ..config(id) }).collect(),
            devices: ids.iter().map(|id| device(*id, 0)).collect(),
            evidence: ids.iter().flat_map(|id| pages(*id).into_iter().take(1)).collect(),
            ..ChangeSet::default()
        };
        ids.chunks(5_000).map(change).collect()
    };
    bencher.with_inputs(changes).bench_local_values(|changes| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = SqliteStore::open(&folder.path().join("store.db")).expect("a new store");
        for change in changes {
            store.commit(change).expect("committed");
        }
        folder
    });
}

/// 2,000 new configurations with 50,000 judgements.
#[divan::bench(sample_count = 1, sample_size = 1)]
fn judgements_of_2_000_configurations(bencher: Bencher<'_, '_>) {
    let change = || ChangeSet {
        configs: (0..CONFIGS).map(config).collect(),
        devices: (1..=20_000).map(|id| device(id, 0)).collect(),
        ..ChangeSet::default()
    };
    let store = SqliteStore::open_in_memory().expect("a new store");
    store.commit(change()).expect("committed");
    bencher
        .with_inputs(|| ChangeSet { devices: Vec::new(), ..change() })
        .bench_local_values(|change| store.commit(change).expect("committed"));
}

/// The moment the first list after a start waits for.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn first_list_after_opening(bencher: Bencher<'_, '_>) {
    let path = &FILLED.path;
    bencher
        .with_inputs(|| SqliteStore::open_read_only(path).expect("opens"))
        .bench_local_refs(|store| store.devices(&DeviceQuery::default()).expect("answers").total);
}
