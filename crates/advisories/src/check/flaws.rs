//! Mandatory tests about vulnerabilities: 6.1.6, 6.1.7, 6.1.11, 6.1.23, 6.1.24, 6.1.29, 6.1.32, 6.1.33.

use super::{Findings, list, text, texts};
use crate::error::short;
use serde_json::Value;
use std::collections::{HashMap, HashSet};

const WEAKNESSES: &str = include_str!("../../data/cwe.tsv");

pub(super) fn check(root: &Value, found: &mut Findings) {
    let groups = Groups::of(root);
    let mut cves = HashSet::new();
    for (index, one) in list(root, "vulnerabilities").iter().enumerate() {
        let place = format!("/vulnerabilities/{index}");
        if let Some(cve) = text(one, "cve").filter(|cve| !cves.insert(*cve)) {
            let text = format!("{} has more than one vulnerability item", short(cve));
            found.add("6.1.23", format!("{place}/cve"), text);
        }
        opposed(one, &place, found);
        scored_twice(one, &place, found);
        weakness(one, &place, found);
        involved_twice(one, &place, found);
        about_nothing(one, &place, found);
        flagged_twice(one, &groups, &place, found);
    }
}

/// Members of the product groups.
pub(super) struct Groups<'a>(HashMap<&'a str, Vec<&'a str>>);

impl<'a> Groups<'a> {
    pub fn of(root: &'a Value) -> Self {
        let groups = root.get("product_tree").map_or(&[][..], |tree| list(tree, "product_groups"));
        let mut members: HashMap<&str, Vec<&str>> = HashMap::new();
        for one in groups {
            // Of groups that share an id only the first counts; the id itself is an error of its own.
            members
                .entry(text(one, "group_id").unwrap_or_default())
                .or_insert_with(|| texts(one, "product_ids").collect());
        }
        Self(members)
    }

    /// The product ids of an item, groups expanded.
    pub fn products<'b>(&'b self, item: &'a Value) -> impl Iterator<Item = &'a str> + 'b
    where
        'a: 'b,
    {
        let grouped = texts(item, "group_ids").flat_map(|id| self.0.get(id).into_iter().flatten().copied());
        texts(item, "product_ids").chain(grouped)
    }
}

/// 6.1.6.
fn opposed(one: &Value, place: &str, found: &mut Findings) {
    const CAMPS: [(&str, &[&str]); 4] = [
        ("affected", &["first_affected", "known_affected", "last_affected"]),
        ("not affected", &["known_not_affected"]),
        ("fixed", &["first_fixed", "fixed"]),
        ("under investigation", &["under_investigation"]),
    ];
    let Some(status) = one.get("product_status") else { return };
    let mut said: HashMap<&str, &str> = HashMap::new();
    for (camp, keys) in CAMPS {
        for key in keys {
            for (at, id) in texts(status, key).enumerate() {
                let first = *said.entry(id).or_insert(camp);
                if first != camp {
                    let text = format!("product id {:?} is listed as {first} and as {camp}", short(id));
                    found.add("6.1.6", format!("{place}/product_status/{key}/{at}"), text);
                }
            }
        }
    }
}

/// 6.1.7.
fn scored_twice(one: &Value, place: &str, found: &mut Findings) {
    let mut seen = HashSet::new();
    for (index, score) in list(one, "scores").iter().enumerate() {
        let versions: HashSet<&str> = ["cvss_v2", "cvss_v3"]
            .iter()
            .filter_map(|key| score.get(key).and_then(|cvss| text(cvss, "version")))
            .collect();
        for (at, id) in texts(score, "products").enumerate() {
            for version in &versions {
                if !seen.insert((id, *version)) {
                    let text =
                        format!("product id {:?} has a CVSS {} score already", short(id), short(version));
                    found.add("6.1.7", format!("{place}/scores/{index}/products/{at}"), text);
                }
            }
        }
    }
}

/// The name of a weakness by its id, such as `CWE-79`.
fn weakness_name(id: &str) -> Option<&'static str> {
    let number = id.strip_prefix("CWE-")?;
    let mut rows = WEAKNESSES.lines().filter_map(|line| line.split_once('\t'));
    rows.find(|(held, _)| *held == number).map(|(_, name)| name)
}

/// 6.1.11.
fn weakness(one: &Value, place: &str, found: &mut Findings) {
    let Some(cwe) = one.get("cwe") else { return };
    let (Some(id), Some(name)) = (text(cwe, "id"), text(cwe, "name")) else { return };
    match weakness_name(id) {
        None => {
            let text = format!("{:?} is no weakness of CWE 4.17", short(id));
            found.add("6.1.11", format!("{place}/cwe/id"), text);
        }
        Some(held) if held != name => {
            let text = format!("{} is called {held:?}, not {:?}", short(id), short(name));
            found.add("6.1.11", format!("{place}/cwe/name"), text);
        }
        Some(_) => {}
    }
}

/// 6.1.24.
fn involved_twice(one: &Value, place: &str, found: &mut Findings) {
    let mut seen = HashSet::new();
    for (index, item) in list(one, "involvements").iter().enumerate() {
        if let (Some(date), Some(party)) = (text(item, "date"), text(item, "party"))
            && !seen.insert((date, party))
        {
            let text = format!("a second involvement of {} at {}", short(party), short(date));
            found.add("6.1.24", format!("{place}/involvements/{index}"), text);
        }
    }
}

/// 6.1.29 and 6.1.32.
fn about_nothing(one: &Value, place: &str, found: &mut Findings) {
    for (test, key, what) in [("6.1.29", "remediations", "remediation"), ("6.1.32", "flags", "flag")] {
        for (index, item) in list(one, key).iter().enumerate() {
            if item.get("group_ids").is_none() && item.get("product_ids").is_none() {
                let text = format!("a {what} that names no product; expected product_ids or group_ids");
                found.add(test, format!("{place}/{key}/{index}"), text);
            }
        }
    }
}

/// 6.1.33: every label of CSAF 2.0 is a justification for VEX.
fn flagged_twice(one: &Value, groups: &Groups<'_>, place: &str, found: &mut Findings) {
    let mut flagged: HashMap<&str, usize> = HashMap::new();
    for (index, flag) in list(one, "flags").iter().enumerate() {
        let twice = groups.products(flag).find(|id| *flagged.entry(id).or_insert(index) != index);
        if let Some(id) = twice {
            let text = format!("product id {:?} has a flag already", short(id));
            found.add("6.1.33", format!("{place}/flags/{index}"), text);
        }
    }
}
