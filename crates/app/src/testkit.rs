//! The laws every store must pass, whatever it stands on.
//!
//! A store's own tests call [`laws`] and [`model::agrees`] with a function that makes an empty store. Laws say what
//! a caller may rely on and nothing of how it is done. A law that does not hold panics, naming itself.

use crate::change::{
    AuditPut, ChangeSet, ConfigId, ConfigPut, DevicePut, DocKind, DocPut, EvidencePage, JudgementPut,
};
use crate::ports::{ListDocs, Store, StoreError, StoreResult};
use crate::query::{DeviceQuery, FindingQuery};
use std::collections::{BTreeMap, BTreeSet};
use tallyward_core::flow::Endpoint;
use tallyward_core::{
    DeviceId, Episode, Evidence, Field, Flow, IngestId, Key, Presence, Source, SourceKind, Timestamp, Verdict,
};

pub mod lists;
pub mod model;

use lists::{
    filters_are_their_predicates, findings_are_the_join, joined, paging_gives_each_device_once, walk_findings,
};

/// Runs every law, each on a store of its own made by `fresh`.
///
/// # Panics
/// When a law does not hold.
pub fn laws(fresh: impl Fn() -> Box<dyn Store>) {
    for law in [
        a_change_is_whole_or_nothing,
        documents_have_revisions,
        documents_are_listed_in_order,
        a_component_follows_links_both_ways,
        a_page_replaces_the_stored_one,
        redirects_are_for_ever,
        a_device_is_found_by_its_keys,
        paging_gives_each_device_once,
        filters_are_their_predicates,
        findings_are_the_join,
        counts_equal_walking,
        a_configuration_lives_with_its_devices,
        an_ingest_counts_once,
        the_audit_log_grows_as_a_chain,
    ] {
        law(&*fresh());
    }
}

fn ok<T>(answer: StoreResult<T>) -> T {
    answer.expect("a store in order answers")
}

/// An asset tag key, `tag||<name>`.
#[must_use]
pub fn tag(name: &str) -> Key {
    Key::AssetTag { scope: String::new(), tag: name.to_owned() }
}

/// A list as a source.
#[must_use]
pub fn list(name: &str) -> Source {
    Source { kind: SourceKind::List, name: name.to_owned() }
}

/// A page that says one value of `field`, once.
#[must_use]
pub fn page(subject: &Key, source: &Source, field: Field, value: &str, links: &[Key]) -> EvidencePage {
    let episode = Episode {
        ingest: IngestId(7),
        first: Timestamp::from_seconds(10),
        last: Timestamp::from_seconds(20),
        count: 3,
        recorded_at: Timestamp::from_seconds(30),
        place: "row 4".to_owned(),
    };
    let statement = Evidence {
        subject: subject.clone(),
        field,
        value: value.to_owned(),
        source: source.clone(),
        basis: "column X".to_owned(),
        episodes: vec![episode],
    };
    EvidencePage {
        subject: subject.clone(),
        source: source.clone(),
        statements: vec![statement],
        links: links.to_vec(),
    }
}

/// A device whose columns differ by `id` and often coincide between ids, so that orders have ties.
#[must_use]
pub fn device(id: u64, config: i64) -> DevicePut {
    let pick = |texts: [&str; 4]| texts[(id % 4) as usize].to_owned();
    DevicePut {
        id: DeviceId(id),
        presence: Presence::ALL[(id % 6) as usize],
        unit: pick(["ICU", "", "ED", "ICU"]),
        pool: String::new(),
        site: pick(["North", "South", "North", ""]),
        class: pick(["infusion_pump", "ventilator", "", "infusion_pump"]),
        maker: pick(["Baxter", "Philips", "baxter", "Baxter"]),
        model: pick(["Spectrum IQ", "V60", "Spectrum IQ", "Sigma"]),
        name: pick(["Pump Ä", "pump ä", "Ventilator", "alaris 100% _x"]),
        tag: format!("T{id}"),
        room: String::new(),
        version: "4.1".to_owned(),
        last_seen: (!id.is_multiple_of(3)).then(|| Timestamp::from_seconds(1000 + (id % 5) as i64)),
        config: ConfigId(config),
        search: format!("t{id} {} 100%", pick(["pump ä", "pump", "ventilator", "alaris_x"])),
        keys: vec![tag(&format!("T{id}")), Key::HostName("shared".to_owned())],
        body: format!("{{\"device\":{id}}}"),
    }
}

/// A configuration with these judgements (advisory, vulnerability, verdict) as the whole answer, and the
/// summary that follows from them: each vulnerability once, by its worst verdict.
#[must_use]
pub fn config(id: i64, judgements: &[(&str, &str, Verdict)]) -> ConfigPut {
    let judgements: Vec<JudgementPut> = judgements
        .iter()
        .map(|(advisory, vulnerability, verdict)| JudgementPut {
            advisory: (*advisory).to_owned(),
            vulnerability: (*vulnerability).to_owned(),
            verdict: *verdict,
            missing: if *verdict == Verdict::Unknown { "{\"fact\":\"software_version\"}" } else { "" }
                .to_owned(),
            reasons: format!("[\"{advisory} {vulnerability} on {id}\"]"),
        })
        .collect();
    let [affected, unknown, not_affected] = summary(&judgements);
    let body = format!("{{\"config\":{id}}}");
    ConfigPut { id: ConfigId(id), body, affected, unknown, not_affected, judgements, judged: None }
}

fn summary<'a>(judgements: impl IntoIterator<Item = &'a JudgementPut>) -> [u32; 3] {
    let mut worst: BTreeMap<&str, Verdict> = BTreeMap::new();
    for one in judgements {
        let held = worst.entry(&one.vulnerability).or_insert(one.verdict);
        *held = held.fold(one.verdict);
    }
    Verdict::ALL.map(|verdict| worst.values().filter(|held| **held == verdict).count() as u32)
}

/// A document without an expected revision.
#[must_use]
pub fn doc(kind: DocKind, id: &str, index: &str, body: &str) -> DocPut {
    DocPut { kind, id: id.to_owned(), index: index.to_owned(), body: Some(body.to_owned()), expected: None }
}

/// An audit event about `subject`.
#[must_use]
pub fn event(subject: &str) -> AuditPut {
    AuditPut {
        at: Timestamp::from_seconds(50),
        who: "mlopez".to_owned(),
        action: "notice.release".to_owned(),
        subject: subject.to_owned(),
        before: String::new(),
        after: "{\"state\":\"released\"}".to_owned(),
    }
}

/// A conversation between two addresses with cards.
#[must_use]
pub fn flow(client: u8, server: u8, bytes: u64) -> Flow {
    let end = |last: u8| Endpoint {
        address: std::net::Ipv4Addr::new(10, 0, 0, last).into(),
        mac: Some(tallyward_core::Mac([0, 1, 2, 3, 4, last])),
    };
    Flow {
        client: end(client),
        server: end(server),
        transport: 6,
        port: 104,
        service: String::new(),
        first: Timestamp::from_seconds(100),
        last: Timestamp::from_seconds(200),
        packets: bytes / 10,
        bytes,
        count: 1,
        seen_by: vec!["ED-1".to_owned()],
    }
}

/// Some sixty devices over four configurations.
fn fleet() -> ChangeSet {
    use Verdict::{Affected, NotAffected, Unknown};
    let configs = vec![
        config(1, &[("A-1", "CVE-1", Affected), ("A-1", "CVE-2", Unknown), ("A-2", "CVE-1", NotAffected)]),
        config(2, &[("A-1", "CVE-1", Affected), ("A-2", "CVE-3", NotAffected)]),
        config(-3, &[("A-2", "CVE-3", Unknown), ("A-3", "CVE-2", Unknown)]),
        config(4, &[]),
    ];
    let devices = (1..=60).map(|id| device(id, [1, 2, -3, 4][(id % 7 % 4) as usize])).collect();
    ChangeSet { configs, devices, ..ChangeSet::default() }
}

fn a_change_is_whole_or_nothing(store: &dyn Store) {
    let version = ok(store.commit(fleet()));
    let source = list("CMMS");
    let mut change = ChangeSet {
        fleet: Some(version),
        evidence: vec![page(&tag("new"), &source, Field::Serial, "S1", &[])],
        handles: vec![(tag("new"), DeviceId(5000))],
        redirects: vec![(DeviceId(1), DeviceId(2))],
        devices: vec![device(5000, 4)],
        gone: vec![DeviceId(3)],
        configs: vec![config(4, &[("A-9", "CVE-9", Verdict::Affected)])],
        flows: vec![(IngestId(1), flow(1, 2, 100))],
        docs: vec![doc(DocKind::Unit, "ICU", "", "{}")],
        audit: vec![event("device D5000")],
    };
    let next = ok(store.next_handle());
    let unchanged = |why: &str| {
        assert_eq!(ok(store.fleet_version()), version, "{why}");
        assert_eq!(ok(store.next_handle()), next, "{why}");
        assert_eq!(ok(store.component(&[tag("new")])), [], "{why}");
        assert_eq!(ok(store.handles(&[tag("new")])), [], "{why}");
        assert_eq!(ok(store.devices(&DeviceQuery::default())).total, 60, "{why}");
        assert_eq!(ok(store.device(DeviceId(5000))), None, "{why}");
        assert_eq!(ok(store.device(DeviceId(1))).map(|row| row.put), Some(device(1, 2)), "{why}");
        assert!(ok(store.advisory_counts()).iter().all(|one| one.advisory != "A-9"), "{why}");
        assert_eq!(ok(store.flows_of(&[], &["10.0.0.1".to_owned()], 9)), [], "{why}");
        assert_eq!(ok(store.count(DocKind::Unit, None)), 0, "{why}");
        assert_eq!(ok(store.audit_head()), None, "{why}");
    };
    change.docs.push(DocPut { expected: Some(1), ..doc(DocKind::Unit, "ED", "", "{}") });
    assert!(matches!(store.commit(change.clone()), Err(StoreError::Conflict)));
    unchanged("after a document's conflict");
    change.docs.pop();
    change.fleet = Some(version + 1);
    assert!(matches!(store.commit(change.clone()), Err(StoreError::Conflict)));
    unchanged("after a conflict of the fleet version");
    change.fleet = Some(version);
    change.devices.push(device(5001, 777));
    assert!(store.commit(change.clone()).is_err(), "a device of an unknown configuration is refused");
    unchanged("after a refused device");
    change.devices.pop();
    assert_eq!(ok(store.commit(change)), version + 1);
    assert_eq!(ok(store.devices(&DeviceQuery::default())).total, 59, "two left, one came");
    assert_eq!(ok(store.audit_head()).map(|row| row.subject), Some("device D5000".to_owned()));
    let notes = ChangeSet { docs: vec![doc(DocKind::Unit, "ED", "", "{}")], ..ChangeSet::default() };
    assert_eq!(ok(store.commit(notes)), version + 1, "a document is not part of the fleet");
}

fn documents_have_revisions(store: &dyn Store) {
    let put = |body: Option<&str>, expected| {
        let body = body.map(str::to_owned);
        let put = DocPut { body, expected, ..doc(DocKind::Draft, "F-1", "open", "") };
        store.commit(ChangeSet { docs: vec![put], ..ChangeSet::default() })
    };
    let revision = || ok(store.get(DocKind::Draft, "F-1")).map(|row| (row.body, row.revision));
    assert!(matches!(put(Some("a"), Some(1)), Err(StoreError::Conflict)), "it does not exist yet");
    ok(put(Some("a"), Some(0)));
    assert!(matches!(put(Some("b"), Some(0)), Err(StoreError::Conflict)), "it exists");
    ok(put(Some("b"), Some(1)));
    ok(put(Some("c"), None));
    assert_eq!(revision(), Some(("c".to_owned(), 3)));
    assert!(matches!(put(None, Some(2)), Err(StoreError::Conflict)));
    assert_eq!(ok(store.get(DocKind::Notice, "F-1")), None, "nouns are apart");
    ok(put(None, Some(3)));
    assert_eq!(revision(), None);
    ok(put(None, Some(0)));
    ok(put(Some("d"), Some(0)));
    assert_eq!(revision(), Some(("d".to_owned(), 1)));
}

fn documents_are_listed_in_order(store: &dyn Store) {
    let docs = ["N-2", "N-10", "N-1", "a", "Z", "ä"]
        .iter()
        .zip(["sent", "done"].iter().cycle())
        .map(|(id, index)| doc(DocKind::Notice, id, index, id))
        .collect();
    ok(store.commit(ChangeSet { docs, ..ChangeSet::default() }));
    let ids = |which: &ListDocs<'_>| -> Vec<String> {
        ok(store.list(DocKind::Notice, which)).into_iter().map(|row| row.id).collect()
    };
    let all = ["N-1", "N-10", "N-2", "Z", "a", "ä"];
    assert_eq!(ids(&ListDocs::default()), all);
    assert_eq!(ids(&ListDocs { newest_first: true, limit: Some(2), ..ListDocs::default() }), ["ä", "a"]);
    assert_eq!(
        ids(&ListDocs { newest_first: true, after: Some("N-2"), ..ListDocs::default() }),
        ["N-10", "N-1"]
    );
    assert_eq!(ids(&ListDocs { after: Some("N-10"), limit: Some(2), ..ListDocs::default() }), ["N-2", "Z"]);
    assert_eq!(ids(&ListDocs { index: Some("sent"), ..ListDocs::default() }), ["N-1", "N-2", "Z"]);
    assert_eq!(ids(&ListDocs { limit: Some(0), ..ListDocs::default() }).len(), 0);
    assert_eq!(ok(store.count(DocKind::Notice, None)), 6);
    assert_eq!(ok(store.count(DocKind::Notice, Some("done"))), 3);
    assert_eq!(ok(store.count(DocKind::Draft, None)), 0);
}

fn a_component_follows_links_both_ways(store: &dyn Store) {
    let [a, b, c, d, lone] = ["a", "b", "c", "d", "lone"].map(tag);
    let source = list("CMMS");
    let say = |subject: &Key, links: &[Key]| page(subject, &source, Field::Serial, "S", links);
    let evidence = vec![
        say(&a, std::slice::from_ref(&b)),
        say(&c, &[b.clone(), d.clone()]),
        say(&d, &[]),
        say(&lone, &[]),
    ];
    ok(store.commit(ChangeSet { evidence: evidence.clone(), ..ChangeSet::default() }));
    let whole: Vec<Evidence> = evidence[..3].iter().flat_map(|page| page.statements.clone()).collect();
    for key in [&a, &b, &c, &d] {
        assert_eq!(ok(store.component(std::slice::from_ref(key))), whole, "from {key}");
    }
    assert_eq!(ok(store.component(&[d.clone(), a.clone()])), whole, "each once");
    assert_eq!(ok(store.component(std::slice::from_ref(&lone))), evidence[3].statements);
    assert_eq!(ok(store.component(&[tag("nobody")])), []);
    let mut walked = Vec::new();
    while let Some(key) = ok(store.subjects(walked.last(), 1)).pop() {
        walked.push(key);
    }
    assert_eq!(walked, [a, c, d, lone], "b is linked to and has no evidence itself");
}

fn a_page_replaces_the_stored_one(store: &dyn Store) {
    let [a, b, c] = ["a", "b", "c"].map(tag);
    let [cmms, person] = [list("CMMS"), Source { kind: SourceKind::Person, name: "M. Lopez".to_owned() }];
    let put =
        |page: EvidencePage| ok(store.commit(ChangeSet { evidence: vec![page], ..ChangeSet::default() }));
    put(page(&a, &cmms, Field::Serial, "old", std::slice::from_ref(&b)));
    put(page(&a, &person, Field::Serial, "read", &[]));
    let new = page(&a, &cmms, Field::Model, "new", std::slice::from_ref(&c));
    put(new.clone());
    put(page(&b, &cmms, Field::Serial, "b", &[]));
    let values: Vec<String> =
        ok(store.component(std::slice::from_ref(&c))).into_iter().map(|one| one.value).collect();
    assert_eq!(values, ["new", "read"], "the old page and its link are gone, the other source's stays");
    assert_eq!(ok(store.subjects_of_source(&cmms)), [a.clone(), b]);
    let before = ok(store.fleet_version());
    put(EvidencePage { statements: Vec::new(), links: Vec::new(), ..new });
    assert!(ok(store.fleet_version()) > before);
    assert_eq!(ok(store.component(&[c])), []);
    assert_eq!(ok(store.subjects_of_source(&person)), [a]);
    assert_eq!(ok(store.subjects_of_source(&list("nobody"))), []);
}

fn redirects_are_for_ever(store: &dyn Store) {
    let first = ok(store.next_handle());
    let [a, b, c, d] = [first, first + 1, first + 2, first + 3].map(DeviceId);
    let merge = |redirects: &[(DeviceId, DeviceId)]| {
        store.commit(ChangeSet { redirects: redirects.to_vec(), ..ChangeSet::default() })
    };
    ok(store.commit(ChangeSet {
        handles: vec![(tag("a"), a), (tag("b"), b), (tag("c"), c)],
        configs: vec![config(1, &[])],
        devices: vec![device(a.0, 1), device(b.0, 1), device(c.0, 1)],
        ..ChangeSet::default()
    }));
    assert_eq!(ok(store.next_handle()), d.0);
    assert_eq!(ok(store.handles(&[tag("b"), tag("x")])), [(tag("b"), b)]);
    ok(merge(&[(a, b)]));
    ok(merge(&[(b, c)]));
    for handle in [a, b, c] {
        assert_eq!(ok(store.device(handle)).map(|row| row.put.id), Some(c), "{handle}");
    }
    assert_eq!(ok(store.handles(&[tag("a"), tag("c")])), [(tag("a"), c), (tag("c"), c)]);
    assert_eq!(ok(store.devices(&DeviceQuery::default())).total, 1, "merged handles have no device");
    ok(merge(&[(a, c), (a, b)]));
    assert!(merge(&[(c, a)]).is_err(), "a ring");
    assert!(merge(&[(a, d)]).is_err(), "another target");
    let back = ChangeSet { devices: vec![device(a.0, 1)], ..ChangeSet::default() };
    assert!(store.commit(back).is_err(), "a merged handle is no device again");
    let split = ChangeSet { handles: vec![(tag("a"), d)], ..ChangeSet::default() };
    ok(store.commit(split));
    assert_eq!(ok(store.handles(&[tag("a")])), [(tag("a"), d)], "a key may be minted anew");
    assert_eq!(ok(store.next_handle()), d.0 + 1);
    assert_eq!(ok(store.device(DeviceId(u64::MAX))), None);
}

fn a_device_is_found_by_its_keys(store: &dyn Store) {
    ok(store.commit(fleet()));
    assert_eq!(ok(store.device_of(&tag("T9"))), Some(DeviceId(9)));
    assert_eq!(ok(store.device_of(&Key::HostName("shared".to_owned()))), Some(DeviceId(1)), "the oldest");
    assert_eq!(ok(store.device_of(&tag("T99"))), None);
    let put = DevicePut { keys: vec![tag("other")], ..device(9, 1) };
    ok(store.commit(ChangeSet {
        devices: vec![put.clone()],
        gone: vec![DeviceId(1)],
        ..ChangeSet::default()
    }));
    assert_eq!(ok(store.device(DeviceId(9))).map(|row| row.put), Some(put));
    assert_eq!(ok(store.device_of(&tag("T9"))), None);
    assert_eq!(ok(store.device_of(&tag("other"))), Some(DeviceId(9)));
    assert_eq!(ok(store.device_of(&Key::HostName("shared".to_owned()))), Some(DeviceId(2)));
}

fn counts_equal_walking(store: &dyn Store) {
    let mut change = fleet();
    ok(store.commit(change.clone()));
    model::counts_equal_walking(store);
    // A new revision of one advisory replaces its judgements and leaves the others.
    let mut again = config(1, &[("A-1", "CVE-7", Verdict::Affected), ("A-2", "CVE-1", Verdict::NotAffected)]);
    again.judgements.truncate(1);
    again.judged = Some(vec!["A-1".to_owned()]);
    ok(store.commit(ChangeSet { configs: vec![again], ..ChangeSet::default() }));
    change.configs[0] =
        config(1, &[("A-1", "CVE-7", Verdict::Affected), ("A-2", "CVE-1", Verdict::NotAffected)]);
    let configs = change.configs.iter().map(|one| (one.id.0, one.judgements.clone())).collect();
    assert_eq!(walk_findings(store, &FindingQuery::default(), 1000), joined(&change.devices, &configs));
    model::counts_equal_walking(store);
    let row = ok(store.devices_with(ConfigId(1), 10)).remove(0);
    assert_eq!((row.affected, row.unknown, row.not_affected), (1, 0, 1));
}

fn a_configuration_lives_with_its_devices(store: &dyn Store) {
    let configs = vec![config(1, &[("A-1", "CVE-1", Verdict::Affected)]), config(2, &[]), config(3, &[])];
    let devices = vec![device(1, 1), device(2, 1), device(3, 2)];
    ok(store.commit(ChangeSet { configs, devices, ..ChangeSet::default() }));
    let held = || -> Vec<(i64, u64)> {
        ok(store.configs()).into_iter().map(|row| (row.id.0, row.devices)).collect()
    };
    assert_eq!(held(), [(1, 2), (2, 1)], "no device has the third");
    let counted = |row: &crate::ports::ConfigCount| (row.id.0, row.devices, row.by_verdict);
    let counts = ok(store.config_counts());
    assert_eq!(counts.iter().map(counted).collect::<Vec<_>>(), [(1, 2, [1, 0, 0]), (2, 1, [0, 0, 0])]);
    assert_eq!(ok(store.holders(ConfigId(1))), [1, 2].map(DeviceId));
    assert_eq!(ok(store.holders(ConfigId(3))), []);
    assert_eq!(ok(store.known_configs(&[3, 2, 1].map(ConfigId))), [2, 1].map(ConfigId));
    ok(store.commit(ChangeSet { devices: vec![device(1, 2)], ..ChangeSet::default() }));
    assert_eq!(held(), [(1, 1), (2, 2)]);
    ok(store.commit(ChangeSet { gone: vec![DeviceId(2)], ..ChangeSet::default() }));
    assert_eq!(held(), [(2, 2)]);
    assert_eq!(ok(store.known_configs(&[ConfigId(1)])), [], "the next device with it must be judged anew");
    assert_eq!(ok(store.finding_counts()), crate::ports::VerdictCounts::default());
}

fn an_ingest_counts_once(store: &dyn Store) {
    let read = |ingest: u128, flows: &[Flow]| {
        let flows = flows.iter().map(|flow| (IngestId(ingest), flow.clone())).collect();
        ok(store.commit(ChangeSet { flows, ..ChangeSet::default() }));
    };
    let of = |address: &str, limit| ok(store.flows_of(&[], &[address.to_owned()], limit));
    let [small, large] = [flow(1, 2, 100), flow(3, 1, 900)];
    read(1, &[small.clone(), large.clone()]);
    assert_eq!(of("10.0.0.1", 9), [large.clone(), small.clone()], "client or server, most bytes first");
    read(1, &[large.clone(), small.clone()]);
    assert_eq!(of("10.0.0.1", 9), [large.clone(), small.clone()], "the same capture again");
    let later = Flow { last: Timestamp::from_seconds(300), service: "dicom".to_owned(), ..flow(1, 2, 50) };
    let later = Flow { seen_by: vec!["CT-2".to_owned()], ..later };
    read(2, std::slice::from_ref(&later));
    read(2, &[later]);
    let [both] = &of("10.0.0.2", 9)[..] else { panic!("one conversation") };
    assert_eq!((both.bytes, both.packets, both.count), (150, 15, 2));
    assert_eq!((both.first, both.last), (small.first, Timestamp::from_seconds(300)));
    assert_eq!(both.service, "dicom");
    assert_eq!(both.seen_by, ["CT-2", "ED-1"], "by all that saw it, in order");
    let card = large.client.mac.expect("flows of the laws have cards");
    assert_eq!(ok(store.flows_of(&[card], &["10.0.0.1".to_owned()], 1)), [large]);
    let mut all = Vec::new();
    ok(store.each_flow(&mut |flow| all.push(flow.clone())));
    let mut listed: Vec<_> =
        all.iter().flat_map(|flow| ok(store.flows_of(&[], &[flow.client.address.to_string()], 99))).collect();
    assert!(!all.is_empty() && all.iter().all(|flow| listed.contains(flow)), "{all:?}");
    listed.retain(|flow| !all.contains(flow));
    assert_eq!(listed, []);
    assert_eq!(of("10.0.0.77", 9), []);
    assert_eq!(of("no address", 9), []);
}

fn the_audit_log_grows_as_a_chain(store: &dyn Store) {
    for subjects in [&["a", "b"][..], &["a"], &["c", "a"]] {
        let audit = subjects.iter().map(|subject| event(subject)).collect();
        ok(store.commit(ChangeSet { audit, ..ChangeSet::default() }));
    }
    let rows = ok(store.audit(None, false, 100));
    assert_eq!(rows.iter().map(|row| row.seq).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert!(rows.windows(2).all(|pair| pair[1].previous == pair[0].hash), "each follows from the one before");
    let hashes: BTreeSet<&str> = rows.iter().map(|row| row.hash.as_str()).collect();
    assert_eq!(hashes.len(), 5, "equal events at different positions have different hashes");
    assert_eq!(ok(store.audit_head()).as_ref(), rows.last());
    let seqs = |after, newest_first, limit| -> Vec<u64> {
        ok(store.audit(after, newest_first, limit)).iter().map(|row| row.seq).collect()
    };
    assert_eq!(seqs(Some(2), false, 2), [3, 4]);
    assert_eq!(seqs(None, true, 2), [5, 4]);
    assert_eq!(seqs(Some(4), true, 9), [3, 2, 1]);
    assert_eq!(seqs(Some(u64::MAX), false, 9), [0; 0]);
    let of: Vec<u64> = ok(store.audit_of("a", 2)).iter().map(|row| row.seq).collect();
    assert_eq!(of, [1, 3]);
}
