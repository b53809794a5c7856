//! Laws of the two long lists: devices and findings.

use super::{fleet, ok};
use crate::change::{ChangeSet, ConfigPut, DevicePut, JudgementPut};
use crate::ports::{REACHES, Ranking, Store};
use crate::query::{DeviceOrder, DeviceQuery, Facet, FindingQuery};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use tallyward_core::{DeviceId, Presence, Timestamp, Verdict};

/// How an order compares: names without regard to case, everything else as written, ties by handle.
#[must_use]
pub fn sort_key(order: DeviceOrder, put: &DevicePut, affected: u32) -> (Reverse<i64>, String, String, u64) {
    let text = |first: &str, second: &str| (Reverse(0), first.to_owned(), second.to_owned(), put.id.0);
    let number = |value: i64| (Reverse(value), String::new(), String::new(), put.id.0);
    match order {
        DeviceOrder::Name => text(&put.name.to_lowercase(), ""),
        DeviceOrder::Model => text(&put.maker, &put.model),
        DeviceOrder::Unit => text(&put.unit, ""),
        DeviceOrder::LastSeen => number(put.last_seen.map_or(i64::MIN, Timestamp::micros)),
        DeviceOrder::Affected => number(i64::from(affected)),
    }
}

/// Every order of the device list.
pub const ORDERS: [DeviceOrder; 5] =
    [DeviceOrder::Name, DeviceOrder::Model, DeviceOrder::Unit, DeviceOrder::LastSeen, DeviceOrder::Affected];

/// Walks a device list page by page and answers the handles in the order they came.
#[must_use]
pub fn walk_devices(store: &dyn Store, query: &DeviceQuery, size: u32) -> Vec<u64> {
    let mut query = DeviceQuery { limit: Some(size), ..query.clone() };
    let mut walked = Vec::new();
    loop {
        let page = ok(store.devices(&query));
        assert!(page.rows.len() <= size as usize);
        walked.extend(page.rows.iter().map(|row| row.put.id.0));
        let Some(next) = page.next else {
            assert_eq!(page.total, walked.len() as u64, "the total is exact: {query:?}");
            return walked;
        };
        assert_eq!(page.rows.len(), size as usize, "only the last page is short");
        query.after = Some(next);
    }
}

pub(super) fn paging_gives_each_device_once(store: &dyn Store) {
    let change = fleet();
    ok(store.commit(change.clone()));
    let affected: BTreeMap<i64, u32> = change.configs.iter().map(|one| (one.id.0, one.affected)).collect();
    for order in ORDERS {
        let mut devices = change.devices.clone();
        devices.sort_by_cached_key(|put| sort_key(order, put, affected[&put.config.0]));
        let sorted: Vec<u64> = devices.iter().map(|put| put.id.0).collect();
        for size in [1, 7, 60, 1000] {
            let query = DeviceQuery { order, ..DeviceQuery::default() };
            assert_eq!(walk_devices(store, &query, size), sorted, "{order:?} by {size}");
        }
        let first = DeviceQuery { order, limit: Some(10), ..DeviceQuery::default() };
        let page = ok(store.devices(&first));
        let last = page.rows.last().expect("ten rows").put.id;
        ok(store.commit(ChangeSet { gone: vec![last], ..ChangeSet::default() }));
        let rest = ok(store.devices(&DeviceQuery { after: page.next, limit: None, ..first }));
        assert_eq!(rest.rows[0].put.id.0, sorted[10], "a cursor outlives its device");
        let put = devices[9].clone();
        ok(store.commit(ChangeSet { devices: vec![put], ..ChangeSet::default() }));
    }
    let other = DeviceQuery { after: Some("nonsense".to_owned()), ..DeviceQuery::default() };
    assert!(store.devices(&other).is_err(), "a cursor of another list is refused");
}

pub(super) fn filters_are_their_predicates(store: &dyn Store) {
    let change = fleet();
    ok(store.commit(change.clone()));
    let some = |text: &str| Some(text.to_owned());
    let base = DeviceQuery::default;
    let configs = |pass: &dyn Fn(&ConfigPut) -> bool| -> BTreeSet<i64> {
        change.configs.iter().filter(|one| pass(one)).map(|one| one.id.0).collect()
    };
    let unknown = configs(&|one| one.unknown > 0);
    let advisory = configs(&|one| one.judgements.iter().any(|one| one.advisory == "A-2"));
    let both = configs(&|one| {
        one.judgements.iter().any(|one| one.advisory == "A-2" && one.verdict == Verdict::Unknown)
    });
    type Pass<'a> = Box<dyn Fn(&DevicePut) -> bool + 'a>;
    let cases: Vec<(DeviceQuery, Pass<'_>)> = vec![
        (
            DeviceQuery { presence: Some(Presence::Ghost), ..base() },
            Box::new(|put| put.presence == Presence::Ghost),
        ),
        (DeviceQuery { unit: some("ICU"), ..base() }, Box::new(|put| put.unit == "ICU")),
        (DeviceQuery { unit: some(""), ..base() }, Box::new(|put| put.unit.is_empty())),
        (DeviceQuery { unit: some("icu"), ..base() }, Box::new(|_| false)),
        (DeviceQuery { site: some("North"), ..base() }, Box::new(|put| put.site == "North")),
        (DeviceQuery { maker: some("baxter"), ..base() }, Box::new(|put| put.maker == "baxter")),
        (DeviceQuery { model: some("V60"), ..base() }, Box::new(|put| put.model == "V60")),
        (DeviceQuery { class: some("ventilator"), ..base() }, Box::new(|put| put.class == "ventilator")),
        (
            DeviceQuery { verdict: Some(Verdict::Unknown), ..base() },
            Box::new(|put| unknown.contains(&put.config.0)),
        ),
        (DeviceQuery { advisory: some("A-2"), ..base() }, Box::new(|put| advisory.contains(&put.config.0))),
        (
            DeviceQuery { advisory: some("A-2"), verdict: Some(Verdict::Unknown), ..base() },
            Box::new(|put| both.contains(&put.config.0)),
        ),
        (DeviceQuery { advisory: some("A-77"), ..base() }, Box::new(|_| false)),
        (
            DeviceQuery { text: some("  PUMP Ä "), ..base() },
            Box::new(|put| put.search.contains("pump") && put.search.contains("ä")),
        ),
        (
            DeviceQuery { text: some("t1 ump"), ..base() },
            Box::new(|put| put.search.contains("t1") && put.search.contains("ump")),
        ),
        (DeviceQuery { text: some("_"), ..base() }, Box::new(|put| put.search.contains('_'))),
        (DeviceQuery { text: some("0%"), unit: some("ED"), ..base() }, Box::new(|put| put.unit == "ED")),
        (DeviceQuery { text: some("'; --"), ..base() }, Box::new(|_| false)),
    ];
    for (query, pass) in cases {
        let found: BTreeSet<u64> = walk_devices(store, &query, 9).into_iter().collect();
        let wanted: BTreeSet<u64> =
            change.devices.iter().filter(|put| pass(put)).map(|put| put.id.0).collect();
        assert_eq!(found, wanted, "{query:?}");
    }
    facets_count_all(store, &change.devices);
}

fn facets_count_all(store: &dyn Store, devices: &[DevicePut]) {
    for facet in [Facet::Presence, Facet::Unit, Facet::Site, Facet::Model, Facet::Class] {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for put in devices {
            *counts.entry(facet_of(facet, put)).or_default() += 1;
        }
        let mut wanted: Vec<(String, u64)> = counts.into_iter().collect();
        wanted.sort_by_key(|(_, count)| Reverse(*count));
        assert_eq!(ok(store.facet(facet)), wanted, "{facet:?}: most first, ties by text");
    }
}

/// The text a device counts under.
#[must_use]
pub fn facet_of(facet: Facet, put: &DevicePut) -> String {
    match facet {
        Facet::Presence => put.presence.code().to_owned(),
        Facet::Unit => put.unit.clone(),
        Facet::Site => put.site.clone(),
        Facet::Model => format!("{} {}", put.maker, put.model).trim().to_owned(),
        Facet::Class => put.class.clone(),
    }
}

/// A finding as compared: verdict, advisory, vulnerability, device.
pub type Finding = (Verdict, String, String, u64);

/// Walks a finding list page by page.
#[must_use]
pub fn walk_findings(store: &dyn Store, query: &FindingQuery, size: u32) -> Vec<Finding> {
    let mut query = FindingQuery { limit: Some(size), ..query.clone() };
    let mut walked = Vec::new();
    loop {
        let page = ok(store.findings(&query));
        walked.extend(page.rows.into_iter().map(|row| {
            let on = format!("[\"{} {} on {}\"]", row.advisory, row.vulnerability, row.config.0);
            assert_eq!(row.reasons, on, "a finding carries the reasons of its judgement");
            (row.verdict, row.advisory, row.vulnerability, row.device.0)
        }));
        let Some(next) = page.next else {
            assert_eq!(page.total, walked.len() as u64, "the total is exact: {query:?}");
            return walked;
        };
        query.after = Some(next);
    }
}

/// The findings of devices and configurations, in the order of the list.
#[must_use]
pub fn joined<'a>(
    devices: impl IntoIterator<Item = &'a DevicePut>,
    configs: &BTreeMap<i64, Vec<JudgementPut>>,
) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for put in devices {
        findings.extend(
            configs
                .get(&put.config.0)
                .into_iter()
                .flatten()
                .map(|one| (one.verdict, one.advisory.clone(), one.vulnerability.clone(), put.id.0)),
        );
    }
    findings.sort();
    findings
}

/// Ranks by verdict, flaw and handle, and leaves some out.
struct ByHandle;

impl ByHandle {
    fn rank(one: &Finding) -> Option<u8> {
        Self.ranks(one.0, "", &one.1, &one.2)[Self.reach(DeviceId(one.3))]
    }
}

impl Ranking for ByHandle {
    fn ranks(&self, verdict: Verdict, _: &str, _: &str, vulnerability: &str) -> [Option<u8>; REACHES] {
        match (verdict, vulnerability) {
            (Verdict::NotAffected, _) => [None; REACHES],
            (_, "CVE-1") => [Some(7), Some(2), Some(7), None],
            _ => [Some(2), Some(2), Some(3), Some(7)],
        }
    }

    fn reach(&self, device: DeviceId) -> usize {
        (device.0 % 4) as usize
    }
}

fn ranked_findings_are_the_same_in_another_order(store: &dyn Store, all: &[Finding]) {
    let mut wanted: Vec<(Reverse<u8>, Finding)> =
        all.iter().filter_map(|one| Some((Reverse(ByHandle::rank(one)?), one.clone()))).collect();
    wanted.sort();
    let wanted: Vec<Finding> = wanted.into_iter().map(|(_, one)| one).collect();
    assert!(!wanted.is_empty() && wanted.len() < all.len());
    for size in [1, 5, 1000] {
        let mut query = FindingQuery { limit: Some(size), ..FindingQuery::default() };
        let mut walked = Vec::new();
        loop {
            let page = ok(store.findings_ranked(&query, &ByHandle));
            assert_eq!(page.total, wanted.len() as u64, "the total is exact");
            walked.extend(
                page.rows.into_iter().map(|row| (row.verdict, row.advisory, row.vulnerability, row.device.0)),
            );
            let Some(next) = page.next else { break };
            query.after = Some(next);
        }
        assert_eq!(walked, wanted, "by {size}");
    }
}

pub(super) fn findings_are_the_join(store: &dyn Store) {
    let change = fleet();
    ok(store.commit(change.clone()));
    let configs = change.configs.iter().map(|one| (one.id.0, one.judgements.clone())).collect();
    let all = joined(&change.devices, &configs);
    for size in [1, 13, 1000] {
        assert_eq!(walk_findings(store, &FindingQuery::default(), size), all, "by {size}");
    }
    let base = FindingQuery::default;
    let icu: BTreeSet<u64> =
        change.devices.iter().filter(|put| put.unit == "ICU").map(|put| put.id.0).collect();
    type Pass<'a> = Box<dyn Fn(&Finding) -> bool + 'a>;
    let cases: Vec<(FindingQuery, Pass<'_>)> = vec![
        (
            FindingQuery { verdict: Some(Verdict::Unknown), ..base() },
            Box::new(|one| one.0 == Verdict::Unknown),
        ),
        (FindingQuery { advisory: Some("A-2".to_owned()), ..base() }, Box::new(|one| one.1 == "A-2")),
        (
            FindingQuery { vulnerability: Some("CVE-2".to_owned()), ..base() },
            Box::new(|one| one.2 == "CVE-2"),
        ),
        (FindingQuery { device: Some(DeviceId(8)), ..base() }, Box::new(|one| one.3 == 8)),
        (FindingQuery { device: Some(DeviceId(800)), ..base() }, Box::new(|_| false)),
        (FindingQuery { unit: Some("ICU".to_owned()), ..base() }, Box::new(|one| icu.contains(&one.3))),
        (FindingQuery { advisory: Some("A-77".to_owned()), ..base() }, Box::new(|_| false)),
    ];
    for (query, pass) in cases {
        let wanted: Vec<Finding> = all.iter().filter(|one| pass(one)).cloned().collect();
        assert_eq!(walk_findings(store, &query, 3), wanted, "{query:?}");
    }
    ranked_findings_are_the_same_in_another_order(store, &all);
    let other = FindingQuery { after: Some("nonsense".to_owned()), ..base() };
    assert!(store.findings_ranked(&other, &ByHandle).is_err(), "a cursor of another list is refused");
    assert!(store.findings(&other).is_err(), "a cursor of another list is refused");
}
