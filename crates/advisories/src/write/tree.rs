//! The product tree of a manuscript: vendor, product, version; products that stand apart; combinations.

use super::put;
use serde_json::{Map, Value, json};
use tallyward_core::advisory::Product;
use tallyward_versions::{Clause, Node, Op};

pub(super) fn tree(products: &[Product]) -> Value {
    let mut tree = Map::new();
    let mut put = |key: &str, values: Vec<Value>| {
        if !values.is_empty() {
            tree.insert(key.to_owned(), values.into());
        }
    };
    let apart = |leaf: &Product| leaf.category == "full_product_name";
    let in_branches: Vec<&Product> =
        products.iter().filter(|leaf| !apart(leaf) && leaf.relation.is_none()).collect();
    put("branches", vendors(&in_branches));
    put("full_product_names", products.iter().filter(|leaf| apart(leaf)).map(product).collect());
    put("relationships", products.iter().filter_map(relationship).collect());
    Value::Object(tree)
}

/// Neighbours of one vendor share a branch; the order of the leaves is kept.
fn vendors(leaves: &[&Product]) -> Vec<Value> {
    let mut branches = Vec::new();
    for run in leaves.chunk_by(|a, b| a.vendor == b.vendor) {
        let below = named_products(run);
        match run.first().map_or("", |leaf| leaf.vendor.as_str()) {
            "" => branches.extend(below),
            vendor => branches.push(json!({"category": "vendor", "name": vendor, "branches": below})),
        }
    }
    branches
}

/// A branch holds either a product or branches, so a leaf without a version stands by itself.
fn named_products(leaves: &[&Product]) -> Vec<Value> {
    let mut branches = Vec::new();
    let together =
        |a: &&Product, b: &&Product| a.product == b.product && !a.version.is_empty() && !b.version.is_empty();
    for run in leaves.chunk_by(together) {
        let Some(first) = run.first() else { continue };
        let mut branch = json!({"category": "product_name", "name": first.product});
        if first.version.is_empty() {
            branch["product"] = product(first);
        } else {
            branch["branches"] = run.iter().map(|leaf| version(leaf)).collect();
        }
        branches.push(branch);
    }
    branches
}

fn version(leaf: &Product) -> Value {
    json!({"category": category(leaf), "name": leaf.version, "product": product(leaf)})
}

/// `product_version` may not hold a range (CSAF 2.0 clause 3.1.2.2). Only what reads as one single version goes
/// there; what is a range, a list, or not understood goes to `product_version_range`.
fn category(leaf: &Product) -> &'static str {
    match leaf.category.as_str() {
        "product_version" => "product_version",
        "product_version_range" => "product_version_range",
        _ => match Clause::parse(&leaf.version).tree() {
            Node::Version(Op::Equal, _) => "product_version",
            _ => "product_version_range",
        },
    }
}

fn product(leaf: &Product) -> Value {
    let name = if leaf.name.is_empty() { full_name(leaf) } else { leaf.name.clone() };
    let mut product = json!({"product_id": leaf.id, "name": name});
    let mut helper = json!({});
    let lists = [
        ("model_numbers", &leaf.model_numbers),
        ("skus", &leaf.skus),
        ("serial_numbers", &leaf.serial_numbers),
    ];
    for (key, numbers) in lists {
        if !numbers.is_empty() {
            helper[key] = numbers.as_slice().into();
        }
    }
    for (key, start) in [("cpe", "cpe:"), ("purl", "pkg:")] {
        let found = leaf.other_ids.iter().find(|id| id.starts_with(start));
        put(&mut helper, key, found.map_or("", String::as_str));
    }
    if helper.as_object().is_some_and(|members| !members.is_empty()) {
        product["product_identification_helper"] = helper;
    }
    product
}

fn full_name(leaf: &Product) -> String {
    let parts = [&leaf.vendor, &leaf.product, &leaf.version];
    parts.into_iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join(" ")
}

fn relationship(leaf: &Product) -> Option<Value> {
    let (category, part, whole) = leaf.relation.as_ref()?;
    Some(json!({
        "category": category,
        "product_reference": part,
        "relates_to_product_reference": whole,
        "full_product_name": product(leaf),
    }))
}
