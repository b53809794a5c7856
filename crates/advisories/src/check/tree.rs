//! Mandatory tests about product ids and groups: 6.1.1 to 6.1.5, 6.1.13, 6.1.25, 6.1.31.

use super::{Findings, list, purl, text, texts};
use crate::error::short;
use serde_json::Value;
use std::collections::{HashMap, HashSet};

pub(super) fn check(root: &Value, found: &mut Findings) {
    let mut tree = Tree { found, ids: HashSet::new() };
    if let Some(held) = root.get("product_tree") {
        tree.branches(held, "/product_tree");
        for (index, product) in list(held, "full_product_names").iter().enumerate() {
            tree.product(product, &format!("/product_tree/full_product_names/{index}"));
        }
        for (index, one) in list(held, "relationships").iter().enumerate() {
            if let Some(product) = one.get("full_product_name") {
                tree.product(product, &format!("/product_tree/relationships/{index}/full_product_name"));
            }
        }
        for index in circles(held) {
            let id = list(held, "relationships").get(index).and_then(made).unwrap_or_default();
            let text = format!(
                "product id {:?} is made of itself, by way of other combinations or at once",
                short(id)
            );
            tree.found.add("6.1.3", format!("/product_tree/relationships/{index}"), text);
        }
    }
    let ids = std::mem::take(&mut tree.ids);
    references(root, &ids, found);
    groups(root, found);
}

struct Tree<'a, 'b> {
    found: &'b mut Findings,
    ids: HashSet<&'a str>,
}

impl<'a> Tree<'a, '_> {
    /// Depth is bounded before the document is parsed, so this recursion is too.
    fn branches(&mut self, above: &'a Value, place: &str) {
        for (index, branch) in list(above, "branches").iter().enumerate() {
            let place = format!("{place}/branches/{index}");
            let name = text(branch, "name").unwrap_or_default();
            if text(branch, "category") == Some("product_version")
                && let Some(word) = range_word(name)
            {
                let text = format!("a product_version that reads as a range, by {word:?}: {:?}", short(name));
                self.found.add("6.1.31", format!("{place}/name"), text);
            }
            if let Some(product) = branch.get("product") {
                self.product(product, &format!("{place}/product"));
            }
            self.branches(branch, &place);
        }
    }

    fn product(&mut self, product: &'a Value, place: &str) {
        if let Some(id) = text(product, "product_id").filter(|id| !id.is_empty())
            && !self.ids.insert(id)
        {
            let text = format!("product id {:?} is defined more than once", short(id));
            self.found.add("6.1.2", format!("{place}/product_id"), text);
        }
        let Some(helper) = product.get("product_identification_helper") else { return };
        let place = format!("{place}/product_identification_helper");
        if let Some(fault) = text(helper, "purl").and_then(purl::fault) {
            self.found.add("6.1.13", format!("{place}/purl"), format!("no package URL: {fault}"));
        }
        for (index, hash) in list(helper, "hashes").iter().enumerate() {
            let mut seen = HashSet::new();
            for (at, one) in list(hash, "file_hashes").iter().enumerate() {
                if let Some(algorithm) = text(one, "algorithm").filter(|name| !seen.insert(*name)) {
                    let place = format!("{place}/hashes/{index}/file_hashes/{at}");
                    let text = format!("a second hash by {:?} for one file", short(algorithm));
                    self.found.add("6.1.25", place, text);
                }
            }
        }
    }
}

/// The sign or word that makes a version a range (6.1.31).
fn range_word(name: &str) -> Option<&'static str> {
    const WORDS: [&str; 7] = ["after", "all", "before", "earlier", "later", "prior", "versions"];
    let lower = name.to_lowercase();
    let signs = ["<", ">"].into_iter().find(|sign| lower.contains(sign));
    signs.or_else(|| WORDS.into_iter().find(|word| lower.split_whitespace().any(|held| held == *word)))
}

/// 6.1.1 and, for groups, 6.1.4: what is referred to is defined.
fn references(root: &Value, ids: &HashSet<&str>, found: &mut Findings) {
    let undefined = |id: &str, place: &dyn Fn() -> String, found: &mut Findings| {
        if !id.is_empty() && !ids.contains(id) {
            let text = format!("product id {:?} is defined nowhere in the product tree", short(id));
            found.add("6.1.1", place(), text);
        }
    };
    if let Some(tree) = root.get("product_tree") {
        for (index, one) in list(tree, "relationships").iter().enumerate() {
            for key in ["product_reference", "relates_to_product_reference"] {
                let place = || format!("/product_tree/relationships/{index}/{key}");
                undefined(text(one, key).unwrap_or_default(), &place, found);
            }
        }
        for (index, one) in list(tree, "product_groups").iter().enumerate() {
            for (at, id) in texts(one, "product_ids").enumerate() {
                undefined(id, &|| format!("/product_tree/product_groups/{index}/product_ids/{at}"), found);
            }
        }
    }
    for (flaw, one) in list(root, "vulnerabilities").iter().enumerate() {
        let status = one.get("product_status").and_then(Value::as_object);
        for (key, ids) in status.into_iter().flatten().filter(|(key, _)| GROUPS.contains(&key.as_str())) {
            for (at, id) in ids.as_array().into_iter().flatten().enumerate() {
                let place = || format!("/vulnerabilities/{flaw}/product_status/{key}/{at}");
                undefined(id.as_str().unwrap_or_default(), &place, found);
            }
        }
        for (key, member) in [
            ("remediations", "product_ids"),
            ("scores", "products"),
            ("threats", "product_ids"),
            ("flags", "product_ids"),
        ] {
            for (index, item) in list(one, key).iter().enumerate() {
                for (at, id) in texts(item, member).enumerate() {
                    let place = || format!("/vulnerabilities/{flaw}/{key}/{index}/{member}/{at}");
                    undefined(id, &place, found);
                }
            }
        }
    }
}

/// The groups of a product status that CSAF 2.0 knows.
const GROUPS: [&str; 8] = [
    "first_affected",
    "first_fixed",
    "fixed",
    "known_affected",
    "known_not_affected",
    "last_affected",
    "recommended",
    "under_investigation",
];

/// 6.1.4 and 6.1.5.
fn groups(root: &Value, found: &mut Findings) {
    let mut defined = HashSet::new();
    let groups = root.get("product_tree").map_or(&[][..], |tree| list(tree, "product_groups"));
    for (index, id) in groups.iter().enumerate().filter_map(|(at, one)| Some((at, text(one, "group_id")?))) {
        if !id.is_empty() && !defined.insert(id) {
            let text = format!("group id {:?} is defined more than once", short(id));
            found.add("6.1.5", format!("/product_tree/product_groups/{index}/group_id"), text);
        }
    }
    for (flaw, one) in list(root, "vulnerabilities").iter().enumerate() {
        for key in ["remediations", "threats", "flags"] {
            for (index, item) in list(one, key).iter().enumerate() {
                for (at, id) in texts(item, "group_ids").enumerate() {
                    if !id.is_empty() && !defined.contains(id) {
                        let place = format!("/vulnerabilities/{flaw}/{key}/{index}/group_ids/{at}");
                        let text = format!("group id {:?} is defined nowhere", short(id));
                        found.add("6.1.4", place, text);
                    }
                }
            }
        }
    }
}

/// 6.1.3: what a combination is made of must end somewhere. Combinations whose parts are all settled are settled;
/// those that never are lead into a circle. Gives the indices of these; linear in the number of relationships.
pub(crate) fn circles(tree: &Value) -> Vec<usize> {
    let relationships = list(tree, "relationships");
    let mut by_id: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, one) in relationships.iter().enumerate() {
        if let Some(id) = made(one) {
            by_id.entry(id).or_default().push(index);
        }
    }
    let mut waits: Vec<usize> = vec![0; relationships.len()];
    let mut users: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, one) in relationships.iter().enumerate() {
        for part in PARTS.iter().filter_map(|key| text(one, key)).filter(|part| by_id.contains_key(part)) {
            waits[index] += 1;
            users.entry(part).or_default().push(index);
        }
    }
    let mut left: HashMap<&str, usize> = by_id.iter().map(|(id, makers)| (*id, makers.len())).collect();
    let mut ready: Vec<usize> = (0..relationships.len()).filter(|&index| waits[index] == 0).collect();
    let mut settled = vec![false; relationships.len()];
    while let Some(index) = ready.pop() {
        settled[index] = true;
        let Some(id) = made(&relationships[index]) else { continue };
        let open = left.entry(id).or_default();
        *open = open.saturating_sub(1);
        if *open > 0 {
            continue;
        }
        for &user in users.get(id).into_iter().flatten() {
            waits[user] -= 1;
            if waits[user] == 0 {
                ready.push(user);
            }
        }
    }
    (0..relationships.len()).filter(|&index| !settled[index]).collect()
}

/// The product id of a combination.
fn made(one: &Value) -> Option<&str> {
    one.get("full_product_name").and_then(|product| text(product, "product_id"))
}

const PARTS: [&str; 2] = ["product_reference", "relates_to_product_reference"];
