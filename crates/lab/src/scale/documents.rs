//! Advisories as CSAF 2.0 documents, written one at a time.

use crate::rng::Rng;
use crate::scale::catalogue::{Catalogue, Product};
use crate::scale::clauses::clause;
use serde_json::{Value, json};
use tallyward_core::Timestamp;

/// The documents of a seed.
#[derive(Clone, Debug)]
pub struct Documents<'a> {
    catalogue: &'a Catalogue,
    now: Timestamp,
}

struct Leaf {
    product: usize,
    category: &'static str,
    text: String,
}

impl<'a> Documents<'a> {
    /// The documents about `catalogue`, with dates counted back from `now`.
    #[must_use]
    pub fn new(catalogue: &'a Catalogue, now: Timestamp) -> Self {
        Self { catalogue, now }
    }

    /// How many revisions a document has: one in three of four, five at most, as counted over the real ones.
    #[must_use]
    pub fn revisions(&self, number: usize) -> usize {
        match self.rng(number, "revisions").below(144) {
            0..105 => 1,
            105..133 => 2,
            133..139 => 3,
            139..143 => 4,
            _ => 5,
        }
    }

    /// The newest revision of a document.
    #[must_use]
    pub fn document(&self, number: usize) -> Vec<u8> {
        self.revision(number, self.revisions(number))
    }

    /// One revision, counted from 1, as bytes. Each later one names one product more, until all stand there.
    #[must_use]
    pub fn revision(&self, number: usize, revision: usize) -> Vec<u8> {
        let mut leaves = self.leaves(number);
        let later = self.revisions(number).saturating_sub(revision);
        leaves.truncate(leaves.len().saturating_sub(later).max(1));
        let document = json!({
            "document": self.header(number, revision),
            "product_tree": { "branches": self.tree(&leaves) },
            "vulnerabilities": self.vulnerabilities(number, &leaves),
        });
        document.to_string().into_bytes()
    }

    fn rng(&self, number: usize, purpose: &str) -> Rng {
        Rng::new(self.catalogue.seed, &format!("advisory {number} {purpose}"))
    }

    /// Most name one to six products, one in forty a whole range of a maker (up to 90).
    fn leaves(&self, number: usize) -> Vec<Leaf> {
        let mut rng = self.rng(number, "leaves");
        let products = &self.catalogue.products;
        let first = rng.below(products.len());
        let count = match rng.below(40) {
            0 => 40 + rng.below(51),
            1..6 => 7 + rng.below(20),
            _ => 1 + rng.below(6),
        };
        let maker = &products[first].maker;
        let of_maker = products.iter().enumerate().cycle().skip(first).take(products.len());
        let of_maker = of_maker.filter(|(_, product)| product.maker == *maker).take(count);
        let leaf = |(product, sold): (usize, &Product)| {
            let (category, text) = clause(&mut rng, sold);
            Leaf { product, category, text }
        };
        of_maker.map(leaf).collect()
    }

    fn header(&self, number: usize, revision: usize) -> Value {
        let mut rng = self.rng(number, "dates");
        let mut date = self.now.plus_days(-(365 + rng.below(2_900) as i64));
        let mut history = Vec::new();
        for at in 1..=revision {
            history.push(
                json!({ "date": date.to_string(), "number": at.to_string(), "summary": "Publication" }),
            );
            date = date.plus_days(20 + rng.below(40) as i64);
        }
        let id = id(number);
        json!({
            "category": "csaf_security_advisory",
            "csaf_version": "2.0",
            "distribution": { "text": "Disclosure is not limited", "tlp": { "label": "WHITE" } },
            "lang": "en-US",
            "notes": [{ "category": "legal_disclaimer", "title": "Sample",
                "text": "This advisory is a sample. Its maker, products and flaws do not exist." }],
            "publisher": { "category": "coordinator", "name": "Sample Coordinator",
                "namespace": "https://coordinator.example" },
            "references": [{ "category": "self", "summary": "This document",
                "url": format!("https://coordinator.example/white/{}.json", id.to_lowercase()) }],
            "title": format!("Sample advisory {number}"),
            "tracking": {
                "current_release_date": history.last().map(|entry| entry["date"].clone()),
                "id": id,
                "initial_release_date": history.first().map(|entry| entry["date"].clone()),
                "revision_history": history,
                "status": "final",
                "version": revision.to_string(),
            },
        })
    }

    fn tree(&self, leaves: &[Leaf]) -> Vec<Value> {
        let branch = |(at, leaf): (usize, &Leaf)| {
            let sold = &self.catalogue.products[leaf.product];
            json!({ "category": "product_name", "name": sold.model, "branches": [{
                "category": leaf.category, "name": leaf.text, "product": {
                    "name": format!("{} {}: {}", sold.maker, sold.model, leaf.text),
                    "product_id": product_id(at),
                },
            }] })
        };
        let Some(first) = leaves.first() else { return Vec::new() };
        let products: Vec<Value> = leaves.iter().enumerate().map(branch).collect();
        vec![json!({ "category": "vendor", "name": self.catalogue.products[first.product].maker,
            "branches": products })]
    }

    /// Three in the middle; each names most of the leaves. One document in 40 says of a product that it is both
    /// affected and fixed.
    fn vulnerabilities(&self, number: usize, leaves: &[Leaf]) -> Vec<Value> {
        let mut rng = self.rng(number, "flaws");
        let contradicts = rng.below(40) == 0;
        let count = 1 + rng.below(5);
        let mut flaw = |at: usize| {
            let named: Vec<String> = (0..leaves.len())
                .filter(|leaf| *leaf == at % leaves.len() || rng.percent(87))
                .map(product_id)
                .collect();
            let mut status = json!({ "known_affected": named });
            if contradicts && at == 0 {
                status["fixed"] = json!([named[0]]);
            }
            json!({
                "cve": format!("CVE-2099-{:05}", 10_000 + number * 5 + at),
                "cwe": { "id": "CWE-306", "name": "Missing Authentication for Critical Function" },
                "notes": [{ "category": "summary", "title": "Vulnerability summary",
                    "text": "An invented flaw, so that something can be decided about it." }],
                "product_status": status,
                "remediations": [{ "category": "vendor_fix", "product_ids": named,
                    "details": "The maker asks its customers to call their service representative." }],
                "scores": [{ "products": named, "cvss_v3": { "version": "3.1", "baseScore": 9.8,
                    "baseSeverity": "CRITICAL",
                    "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H" } }],
            })
        };
        (0..count).map(&mut flaw).collect()
    }
}

fn id(number: usize) -> String {
    format!("LAB-{number:05}")
}

fn product_id(leaf: usize) -> String {
    format!("LABPID-{:04}", leaf + 1)
}
