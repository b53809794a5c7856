//! A store made of maps, against which a real one is compared after random changes.

use super::lists::{Finding, ORDERS, facet_of, joined, sort_key, walk_devices, walk_findings};
use super::{config, device, doc, event, flow, list, ok, page, summary, tag};
use crate::change::{ChangeSet, ConfigPut, DevicePut, DocKind, DocPut, DocRow, EvidencePage, JudgementPut};
use crate::ports::{AdvisoryCounts, ListDocs, Store, StoreError, UnknownRow, VerdictCounts};
use crate::query::{DeviceQuery, Facet, FindingQuery};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::collections::{BTreeMap, BTreeSet};
use tallyward_core::{DeviceId, Evidence, Field, Flow, IngestId, Key, Source, Verdict};

/// Runs random changes on a store of `fresh` and on maps, and compares what both answer after each change.
///
/// # Panics
/// With the shortest sequence of changes after which they differ.
pub fn agrees(fresh: impl Fn() -> Box<dyn Store>, cases: u32) {
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let histories = proptest::collection::vec(proptest::collection::vec(step(), 1..6), 1..8);
    let outcome = runner.run(&histories, |history| {
        let store = fresh();
        let mut model = Model::default();
        for steps in history {
            let change = model.change(steps);
            let expected = model.apply(&change);
            match (store.commit(change), expected) {
                (Ok(version), true) => prop_assert_eq!(version, model.version),
                (Err(StoreError::Conflict), false) => {}
                (answer, expected) => prop_assert!(false, "{:?}, a commit expected: {}", answer, expected),
            }
            model.compare(&*store);
        }
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

/// One thing a random change does. Numbers are drawn from few, so that changes meet.
#[derive(Clone, Debug)]
enum Step {
    Device { id: u64, alike: u64, config: i64 },
    Gone(u64),
    Merge(u64, u64),
    Judge { config: i64, advisory: u8, verdicts: Vec<(u8, Verdict)> },
    Page { subject: u8, source: u8, value: Option<u8>, links: Vec<u8> },
    Doc { id: u8, index: bool, body: Option<u8>, expected: Option<u64> },
    Flow { ingest: u128, client: u8, server: u8, bytes: u64 },
    Event(u8),
    StaleFleet,
}

fn step() -> impl Strategy<Value = Step> {
    let verdict = prop_oneof![Just(Verdict::Affected), Just(Verdict::Unknown), Just(Verdict::NotAffected)];
    let links = proptest::collection::vec(0u8..6, 0..3);
    prop_oneof![
        6 => (1u64..9, 0u64..9, 1i64..5)
            .prop_map(|(id, alike, config)| Step::Device { id, alike, config }),
        1 => (1u64..9).prop_map(Step::Gone),
        1 => (1u64..9, 1u64..9).prop_map(|(from, to)| Step::Merge(from, to)),
        4 => (1i64..5, 0u8..3, proptest::collection::vec((0u8..4, verdict), 0..4))
            .prop_map(|(config, advisory, verdicts)| Step::Judge { config, advisory, verdicts }),
        3 => (0u8..6, 0u8..2, proptest::option::of(0u8..3), links)
            .prop_map(|(subject, source, value, links)| Step::Page { subject, source, value, links }),
        2 => (0u8..3, any::<bool>(), proptest::option::of(0u8..3), proptest::option::weighted(0.3, 0u64..2))
            .prop_map(|(id, index, body, expected)| Step::Doc { id, index, body, expected }),
        2 => (0u128..3, 1u8..4, 1u8..4, 1u64..99)
            .prop_map(|(ingest, client, server, bytes)| Step::Flow { ingest, client, server, bytes }),
        2 => (0u8..3).prop_map(Step::Event),
        1 => Just(Step::StaleFleet),
    ]
}

#[derive(Clone, Debug, Default)]
struct Model {
    version: u64,
    devices: BTreeMap<u64, DevicePut>,
    configs: BTreeMap<i64, Vec<JudgementPut>>,
    merged: BTreeMap<u64, u64>,
    pages: BTreeMap<(Key, Source), EvidencePage>,
    docs: BTreeMap<String, DocRow>,
    flows: BTreeMap<(u8, u8), BTreeMap<u128, u64>>,
    audit: Vec<String>,
}

impl Model {
    fn end(&self, mut id: u64) -> u64 {
        while let Some(next) = self.merged.get(&id) {
            id = *next;
        }
        id
    }

    /// The change that the steps make of the present state, kept to what a caller may ask.
    fn change(&self, steps: Vec<Step>) -> ChangeSet {
        let mut change = ChangeSet::default();
        let mut merging = self.clone();
        for step in &steps {
            if let Step::Merge(from, to) = step
                && !merging.merged.contains_key(from)
                && merging.end(*to) != *from
            {
                merging.merged.insert(*from, *to);
                change.redirects.push((DeviceId(*from), DeviceId(*to)));
            }
        }
        let mut configs = self.configs.clone();
        for step in steps {
            match step {
                Step::Merge(..) => {}
                Step::Device { id, alike, config } if !merging.merged.contains_key(&id) => {
                    configs.entry(config).or_default();
                    change.devices.push(DevicePut { id: DeviceId(id), ..device(alike, config) });
                }
                Step::Device { .. } => {}
                Step::Gone(id) => change.gone.push(DeviceId(id)),
                Step::Judge { config, advisory, verdicts } => {
                    let put = judged(&mut configs, config, advisory, &verdicts);
                    change.configs.push(put);
                }
                Step::Page { subject, source, value, links } => change.evidence.push(said(
                    &tag(&format!("k{subject}")),
                    &list(&format!("list {source}")),
                    value,
                    &links,
                )),
                Step::Doc { id, index, body, expected } => {
                    let index = if index { "open" } else { "done" };
                    let put = doc(DocKind::Draft, &format!("F-{id}"), index, "");
                    change.docs.push(DocPut { body: body.map(|body| body.to_string()), expected, ..put });
                }
                Step::Flow { ingest, client, server, bytes } => {
                    change.flows.push((IngestId(ingest), flow(client, server, bytes)));
                }
                Step::Event(subject) => change.audit.push(event(&format!("thing {subject}"))),
                Step::StaleFleet => change.fleet = Some(self.version + 1),
            }
        }
        // Configurations that devices refer to and nobody judged in this change come with an empty answer.
        for put in &change.devices {
            let id = put.config.0;
            if !self.configs.contains_key(&id) && change.configs.iter().all(|put| put.id.0 != id) {
                change.configs.push(config(id, &[]));
            }
        }
        change
    }

    /// Answers whether the change is committed.
    fn apply(&mut self, change: &ChangeSet) -> bool {
        let mut next = self.clone();
        if change.fleet.is_some_and(|fleet| fleet != self.version) || !next.apply_docs(&change.docs) {
            return false;
        }
        for page in &change.evidence {
            let key = (page.subject.clone(), page.source.clone());
            next.pages.remove(&key);
            if !page.statements.is_empty() {
                next.pages.insert(key, page.clone());
            }
        }
        for put in &change.configs {
            let held = next.configs.entry(put.id.0).or_default();
            held.retain(|one| put.judged.as_ref().is_some_and(|judged| !judged.contains(&one.advisory)));
            held.extend(put.judgements.clone());
        }
        next.devices.extend(change.devices.iter().map(|put| (put.id.0, put.clone())));
        for (from, to) in &change.redirects {
            next.merged.insert(from.0, to.0);
            next.devices.remove(&from.0);
        }
        for id in &change.gone {
            next.devices.remove(&id.0);
        }
        let used: BTreeSet<i64> = next.devices.values().map(|put| put.config.0).collect();
        next.configs.retain(|id, _| used.contains(id));
        for (ingest, flow) in &change.flows {
            let last = |address: std::net::IpAddr| match address {
                std::net::IpAddr::V4(address) => address.octets()[3],
                std::net::IpAddr::V6(_) => 0,
            };
            let key = (last(flow.client.address), last(flow.server.address));
            let bytes = next.flows.entry(key).or_default().entry(ingest.0).or_default();
            *bytes = (*bytes).max(flow.bytes);
        }
        next.audit.extend(change.audit.iter().map(|event| event.subject.clone()));
        let ChangeSet { evidence, redirects, devices, gone, configs, .. } = change;
        let still = evidence.is_empty() && redirects.is_empty() && devices.is_empty();
        next.version += u64::from(!(still && gone.is_empty() && configs.is_empty()));
        *self = next;
        true
    }

    fn apply_docs(&mut self, puts: &[DocPut]) -> bool {
        for put in puts {
            let revision = self.docs.get(&put.id).map_or(0, |row| row.revision);
            if put.expected.is_some_and(|expected| expected != revision) {
                return false;
            }
            self.docs.remove(&put.id);
            if let Some(body) = &put.body {
                let (id, index, body) = (put.id.clone(), put.index.clone(), body.clone());
                self.docs.insert(put.id.clone(), DocRow { id, index, body, revision: revision + 1 });
            }
        }
        true
    }

    fn compare(&self, store: &dyn Store) {
        assert_eq!(ok(store.fleet_version()), self.version);
        for order in ORDERS {
            let mut devices: Vec<&DevicePut> = self.devices.values().collect();
            devices.sort_by_cached_key(|put| sort_key(order, put, summary(&self.configs[&put.config.0])[0]));
            let sorted: Vec<u64> = devices.iter().map(|put| put.id.0).collect();
            assert_eq!(walk_devices(store, &DeviceQuery { order, ..DeviceQuery::default() }, 3), sorted);
        }
        let all = joined(self.devices.values(), &self.configs);
        assert_eq!(walk_findings(store, &FindingQuery::default(), 4), all);
        counts_equal_walking(store);
        for id in 1..9 {
            let row = ok(store.device(DeviceId(id)));
            assert_eq!(row.map(|row| row.put).as_ref(), self.devices.get(&self.end(id)));
        }
        let asked: Vec<DeviceId> = (1..9).map(DeviceId).collect();
        let stored = asked.iter().filter_map(|id| self.devices.get(&id.0).map(|put| (*id, put.config)));
        assert_eq!(ok(store.configs_of(&asked)), stored.collect::<Vec<_>>());
        for one in ok(store.config_counts()) {
            let holders: Vec<DeviceId> =
                self.devices.values().filter(|put| put.config == one.id).map(|put| put.id).collect();
            assert_eq!(one.devices, holders.len() as u64);
            assert_eq!(ok(store.holders(one.id)), holders);
            assert_eq!(one.by_verdict, summary(&self.configs[&one.id.0]));
        }
        assert_eq!(ok(store.config_counts()).len(), self.configs.len());
        let icu = self.devices.values().filter(|put| facet_of(Facet::Unit, put) == "ICU").count() as u64;
        let counted = ok(store.facet(Facet::Unit)).into_iter().find(|(unit, _)| unit == "ICU");
        assert_eq!(counted.map_or(0, |(_, count)| count), icu);
        let open: Vec<DocRow> = self.docs.values().filter(|row| row.index == "open").cloned().collect();
        let which = ListDocs { index: Some("open"), ..ListDocs::default() };
        assert_eq!(ok(store.list(DocKind::Draft, &which)), open);
        let subjects: Vec<String> =
            ok(store.audit(None, false, 1000)).into_iter().map(|row| row.subject).collect();
        assert_eq!(subjects, self.audit);
        self.compare_evidence(store);
        self.compare_flows(store);
    }

    fn compare_evidence(&self, store: &dyn Store) {
        for number in 0..6 {
            let mut reached = BTreeSet::from([tag(&format!("k{number}"))]);
            loop {
                let mut more = reached.clone();
                for page in self.pages.values() {
                    for link in &page.links {
                        if reached.contains(&page.subject) || reached.contains(link) {
                            more.extend([page.subject.clone(), link.clone()]);
                        }
                    }
                }
                if more.len() == reached.len() {
                    break;
                }
                reached = more;
            }
            let pages = self.pages.values().filter(|page| reached.contains(&page.subject));
            let wanted: Vec<Evidence> = pages.flat_map(|page| page.statements.clone()).collect();
            assert_eq!(ok(store.component(&[tag(&format!("k{number}"))])), wanted);
        }
    }

    fn compare_flows(&self, store: &dyn Store) {
        for end in 1..4u8 {
            let stored = ok(store.flows_of(&[], &[format!("10.0.0.{end}")], 100));
            let mut wanted: Vec<u64> = self
                .flows
                .iter()
                .filter(|((client, server), _)| *client == end || *server == end)
                .map(|(_, parts)| parts.values().sum())
                .collect();
            wanted.sort_unstable_by(|a, b| b.cmp(a));
            let bytes: Vec<u64> = stored.iter().map(|flow: &Flow| flow.bytes).collect();
            assert_eq!(bytes, wanted);
        }
    }
}

fn judged(
    configs: &mut BTreeMap<i64, Vec<JudgementPut>>,
    id: i64,
    advisory: u8,
    verdicts: &[(u8, Verdict)],
) -> ConfigPut {
    let advisory = format!("A-{advisory}");
    let once: BTreeMap<String, Verdict> =
        verdicts.iter().map(|(number, verdict)| (format!("CVE-{number}"), *verdict)).collect();
    let named: Vec<(&str, &str, Verdict)> =
        once.iter().map(|(cve, verdict)| (advisory.as_str(), cve.as_str(), *verdict)).collect();
    let mut put = config(id, &named);
    let held = configs.entry(id).or_default();
    held.retain(|one| one.advisory != advisory);
    held.extend(put.judgements.clone());
    [put.affected, put.unknown, put.not_affected] = summary(held.iter());
    put.judged = Some(vec![advisory]);
    put
}

fn said(subject: &Key, source: &Source, value: Option<u8>, links: &[u8]) -> EvidencePage {
    let links: Vec<Key> =
        links.iter().map(|link| tag(&format!("k{link}"))).filter(|link| link != subject).collect();
    let text = value.map(|value| value.to_string()).unwrap_or_default();
    let mut said = page(subject, source, Field::Serial, &text, &links);
    if value.is_none() {
        said.statements.clear();
        said.links.clear();
    }
    said
}

/// Compares every count a store answers with what walking its findings gives.
pub(super) fn counts_equal_walking(store: &dyn Store) {
    let walked = walk_findings(store, &FindingQuery::default(), 1000);
    let mut worst: BTreeMap<(u64, &str), Verdict> = BTreeMap::new();
    for (verdict, _, vulnerability, device) in &walked {
        let held = worst.entry((*device, vulnerability)).or_insert(*verdict);
        *held = held.fold(*verdict);
    }
    assert_eq!(ok(store.finding_counts()), tally(worst.into_values()));
    let advisories: BTreeSet<&String> = walked.iter().map(|(_, advisory, ..)| advisory).collect();
    let wanted: Vec<AdvisoryCounts> =
        advisories.into_iter().map(|advisory| advisory_counts(&walked, advisory)).collect();
    assert_eq!(ok(store.advisory_counts()), wanted);
    let unknowns = ok(store.unknowns());
    let weight = |row: &UnknownRow| row.vulnerabilities * row.devices;
    assert!(unknowns.windows(2).all(|pair| weight(&pair[0]) >= weight(&pair[1])), "most findings first");
    let unknown: BTreeSet<(u64, &str)> = walked
        .iter()
        .filter(|(verdict, ..)| *verdict == Verdict::Unknown)
        .map(|(_, _, vulnerability, device)| (*device, vulnerability.as_str()))
        .collect();
    assert_eq!(unknowns.iter().map(weight).sum::<u64>(), unknown.len() as u64);
}

fn tally(verdicts: impl Iterator<Item = Verdict>) -> VerdictCounts {
    let mut counts = VerdictCounts::default();
    for verdict in verdicts {
        match verdict {
            Verdict::Affected => counts.affected += 1,
            Verdict::Unknown => counts.unknown += 1,
            Verdict::NotAffected => counts.not_affected += 1,
        }
    }
    counts
}

fn advisory_counts(walked: &[Finding], advisory: &str) -> AdvisoryCounts {
    let of = || walked.iter().filter(|(_, named, ..)| named == advisory);
    let devices = |wanted: Verdict| -> BTreeSet<u64> {
        of().filter(|(verdict, ..)| *verdict == wanted).map(|(.., device)| *device).collect()
    };
    let affected = devices(Verdict::Affected);
    AdvisoryCounts {
        advisory: advisory.to_owned(),
        findings: tally(of().map(|(verdict, ..)| *verdict)),
        devices_affected: affected.len() as u64,
        devices_unknown: devices(Verdict::Unknown).difference(&affected).count() as u64,
    }
}
