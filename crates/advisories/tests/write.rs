//! What was written is what is read.

mod common;

use proptest::prelude::*;
use tallyward_advisories::{Manuscript, Revision, check, read_csaf, read_csaf_noting, write_csaf};
use tallyward_core::advisory::{
    Advisory, Product, ProductStatus, Reference, Remediation, Score, Statement, Vulnerability,
};
use tallyward_core::time::Timestamp;

fn manuscript_of(advisory: &Advisory) -> Manuscript {
    let moment = |date: Option<Timestamp>| date.expect("a real document has its dates");
    let entry = |number: String, date| Revision { number, date, summary: "x".to_owned() };
    let mut revisions = vec![entry("1".to_owned(), moment(advisory.released))];
    let last: u32 = advisory.revision.parse().expect("a real document counts its revisions");
    revisions.extend((2..=last).map(|number| entry(number.to_string(), moment(advisory.revised))));
    Manuscript {
        publisher: advisory.publisher.clone(),
        publisher_category: advisory.publisher_category.clone(),
        namespace: advisory.namespace.clone(),
        language: advisory.language.clone(),
        id: advisory.id.clone(),
        title: advisory.title.clone(),
        status: advisory.status.clone(),
        tlp: advisory.tlp.clone(),
        summary: advisory.summary.clone(),
        revisions,
        products: advisory.products.clone(),
        vulnerabilities: advisory.vulnerabilities.clone(),
        references: advisory.references.clone(),
    }
}

#[test]
fn every_real_document_survives_being_written() {
    for (name, bytes) in common::real() {
        let mut held = read_csaf(&bytes, &name).unwrap();
        let text = write_csaf(&manuscript_of(&held));
        let (mut read, defects) = read_csaf_noting(text.as_bytes(), &name).unwrap();
        assert_eq!(defects, [], "{name}");
        assert_eq!(check(text.as_bytes()), [], "{name}");
        read.hash.clone_from(&held.hash);
        if held.revision == "1" {
            read.revised = held.revised;
        }
        for advisory in [&mut held, &mut read] {
            advisory.references.sort_by(|a, b| (&a.url, &a.summary).cmp(&(&b.url, &b.summary)));
            // A manuscript has its own words for its revisions, and no severity for the whole.
            advisory.history.clear();
            advisory.severity.clear();
        }
        assert_eq!(read, held, "{name}");
    }
}

const STATUS: [ProductStatus; 8] = [
    ProductStatus::FirstAffected,
    ProductStatus::KnownAffected,
    ProductStatus::LastAffected,
    ProductStatus::FirstFixed,
    ProductStatus::Fixed,
    ProductStatus::KnownNotAffected,
    ProductStatus::Recommended,
    ProductStatus::UnderInvestigation,
];

fn words() -> impl Strategy<Value = String> {
    "[A-Za-zÄé<>=\"\\\\][A-Za-z0-9 .<=>|\"\\\\é-]{0,12}[A-Za-z0-9.]"
}

fn product(at: usize) -> impl Strategy<Value = Product> {
    let version = prop_oneof![
        Just(String::new()),
        Just("<= 4.1".to_owned()),
        Just("4.1".to_owned()),
        Just("Rev B-M".to_owned()),
        words(),
    ];
    let numbers = || prop::collection::btree_set("[A-Z0-9?*-]{1,6}", 0..3);
    ("(Acme|Bolt)?", "(Pump|Monitor) [1-3]", version, numbers(), numbers(), any::<bool>()).prop_map(
        move |(vendor, product, version, models, serials, other)| Product {
            id: format!("P-{at}"),
            vendor,
            product,
            version,
            model_numbers: models.into_iter().collect(),
            serial_numbers: serials.into_iter().collect(),
            other_ids: if other {
                vec!["cpe:/h:acme:pump".to_owned(), "pkg:generic/pump@1".to_owned()]
            } else {
                Vec::new()
            },
            ..Product::default()
        },
    )
}

fn vulnerability(number: usize, products: usize) -> impl Strategy<Value = Vulnerability> {
    let ids = move || {
        prop::collection::btree_set(0..products, 1..=products)
            .prop_map(|ids| ids.into_iter().map(|at| format!("P-{at}")).collect::<Vec<_>>())
    };
    let statements = prop::collection::vec((0..products, prop::sample::select(&STATUS[..])), 0..6);
    let remedies = prop::collection::vec(("(vendor_fix|mitigation)", words(), ids()), 0..3);
    let score = prop_oneof![
        Just(("3.1", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "9.8")),
        Just(("3.0", "CVSS:3.0/AV:L/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N", "4.0")),
        Just(("2.0", "AV:N/AC:L/Au:N/C:P/I:P/A:P", "7.5")),
    ];
    let scores = prop::collection::vec((score, ids()), 0..2);
    (statements, remedies, scores, "(CVE-2024-|ACME-)", words()).prop_map(
        move |(statements, remedies, scores, prefix, description)| {
            let mut statements: Vec<Statement> = statements
                .into_iter()
                .map(|(at, status)| Statement { product: format!("P-{at}"), status })
                .collect();
            statements.sort();
            statements.dedup();
            Vulnerability {
                id: format!("{prefix}{}", 10_000 + number),
                description,
                cwe: "CWE-284 Improper Access Control".to_owned(),
                statements,
                remediations: remedies
                    .into_iter()
                    .map(|(category, text, products)| Remediation {
                        category,
                        text,
                        products,
                        url: String::new(),
                        date: "2024-01-01T00:00:00Z".to_owned(),
                    })
                    .collect(),
                scores: scores
                    .into_iter()
                    .map(|((version, vector, base), products)| Score {
                        version: version.to_owned(),
                        vector: vector.to_owned(),
                        base: base.to_owned(),
                        severity: match (version, base) {
                            ("2.0", _) => "",
                            (_, "9.8") => "CRITICAL",
                            _ => "MEDIUM",
                        }
                        .to_owned(),
                        products,
                    })
                    .collect(),
                threats: vec!["impact: some".to_owned()],
                ..Vulnerability::default()
            }
        },
    )
}

fn manuscript() -> impl Strategy<Value = Manuscript> {
    (1_usize..6, 1_usize..4)
        .prop_flat_map(|(products, flaws)| {
            let products_made: Vec<_> = (0..products).map(product).collect();
            let flaws_made: Vec<_> = (0..flaws).map(|at| vulnerability(at, products)).collect();
            (products_made, flaws_made, words(), words())
        })
        .prop_map(|(products, vulnerabilities, title, summary)| Manuscript {
            publisher: "House".to_owned(),
            namespace: "https://example.org".to_owned(),
            id: "H-1".to_owned(),
            title,
            status: "final".to_owned(),
            tlp: "GREEN".to_owned(),
            summary,
            revisions: vec![Revision {
                number: "1".to_owned(),
                date: Timestamp::from_seconds(1_700_000_000),
                summary: "First.".to_owned(),
            }],
            products,
            vulnerabilities,
            references: vec![Reference { url: "https://example.org/a".to_owned(), summary: "A".to_owned() }],
            ..Manuscript::default()
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn what_was_written_is_read(manuscript in manuscript()) {
        let text = write_csaf(&manuscript);
        let (read, defects) = read_csaf_noting(text.as_bytes(), "m.json").unwrap();
        let telling: Vec<_> = defects.iter().filter(|one| !one.what.contains("no status")).collect();
        prop_assert!(telling.is_empty(), "{telling:?}");
        prop_assert_eq!(&read.title, &manuscript.title);
        prop_assert_eq!(&read.summary, &manuscript.summary);
        prop_assert_eq!(&read.references, &manuscript.references);
        prop_assert_eq!(&read.vulnerabilities, &manuscript.vulnerabilities);
        prop_assert_eq!(read.products.len(), manuscript.products.len());
        for (read, held) in read.products.iter().zip(&manuscript.products) {
            let category = read.category.clone();
            prop_assert_eq!(category.starts_with("product_version"), !held.version.is_empty());
            prop_assert_eq!(read, &Product { name: read.name.clone(), category, ..held.clone() });
        }
    }
}

#[test]
fn what_is_for_no_product_in_particular_is_written_for_all() {
    let mut manuscript = Manuscript { id: "H-2".to_owned(), ..Manuscript::default() };
    manuscript.products = ["4.1", "<= 4.1"]
        .iter()
        .map(|version| Product {
            id: (*version).to_owned(),
            vendor: "Acme".to_owned(),
            product: "Pump".to_owned(),
            version: (*version).to_owned(),
            ..Product::default()
        })
        .collect();
    let remedy = Remediation {
        category: "mitigation".to_owned(),
        text: "Unplug it.".to_owned(),
        products: Vec::new(),
        url: String::new(),
        date: String::new(),
    };
    let fourth = Score {
        version: "4.0".to_owned(),
        vector: "CVSS:4.0/AV:L".to_owned(),
        base: String::new(),
        severity: String::new(),
        products: Vec::new(),
    };
    manuscript.vulnerabilities = vec![Vulnerability {
        id: "CVE-2024-1000".to_owned(),
        remediations: vec![remedy],
        scores: vec![fourth.clone()],
        ..Vulnerability::default()
    }];
    let read = read_csaf(write_csaf(&manuscript).as_bytes(), "m.json").unwrap();
    let flaw = &read.vulnerabilities[0];
    assert_eq!(flaw.remediations[0].products, ["4.1", "<= 4.1"]);
    assert_eq!(flaw.scores, [fourth]);
    assert_eq!(flaw.description, "");
    let categories: Vec<&str> = read.products.iter().map(|leaf| leaf.category.as_str()).collect();
    assert_eq!(categories, ["product_version", "product_version_range"]);
}
