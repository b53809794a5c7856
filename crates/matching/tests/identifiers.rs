//! Products that a document names by numbers beside their names: CSAF's identification helper, and device identifiers.

use proptest::prelude::*;
use std::collections::BTreeMap;
use tallyward_core::advisory::{Advisory, Product, ProductStatus, RECALLED_UNITS, Statement, Vulnerability};
use tallyward_core::verdict::{MissingFact, Verdict};
use tallyward_identity::aliases::Aliases;
use tallyward_matching::{Configuration, Fleet, Judged, Matcher, Resolution, Resolver, VersionState};

const DI: &str = "09506000134352";
const OTHER_DI: &str = "09506000134369";

fn advisory(id: &str, leaves: Vec<Product>) -> Advisory {
    let said = |leaf: &Product| Statement { product: leaf.id.clone(), status: ProductStatus::KnownAffected };
    let statements = leaves.iter().map(said).collect();
    let vulnerability =
        Vulnerability { id: "CVE-2026-1000".to_owned(), statements, ..Vulnerability::default() };
    Advisory {
        id: id.to_owned(),
        products: leaves,
        vulnerabilities: vec![vulnerability],
        ..Advisory::default()
    }
}

/// A product of Norvik's, affected below 2.0.
fn leaf(product: &str) -> Product {
    Product {
        id: "P1".to_owned(),
        name: format!("Norvik {product}"),
        vendor: "Norvik".to_owned(),
        product: product.to_owned(),
        version: "< 2.0".to_owned(),
        category: "product_version_range".to_owned(),
        ..Product::default()
    }
}

fn device(model: &str, version: &str) -> Configuration {
    Configuration {
        maker: "Norvik".to_owned(),
        model: model.to_owned(),
        software_version: version.to_owned(),
        version_state: VersionState::Fresh,
        ..Configuration::default()
    }
}

fn resolver() -> Resolver {
    Resolver::new(Aliases::builtin(), &[])
}

fn resolve(leaf: &Product, device: &Configuration) -> Resolution {
    resolver().resolve(device, &Advisory::default(), leaf)
}

fn judge(leaf: &Product, device: &Configuration) -> Option<Judged> {
    Matcher::new(&[advisory("A", vec![leaf.clone()])], resolver()).decide(device).into_iter().next()
}

fn texts(items: &[&str]) -> Vec<String> {
    items.iter().map(|item| (*item).to_owned()).collect()
}

#[track_caller]
fn exact(leaf: &Product, device: &Configuration, place: &str) {
    let found = resolve(leaf, device);
    let Resolution::Exact { ground: Some(ground), .. } = &found else { panic!("{found:?}") };
    assert_eq!(ground.place, place, "{found:?}");
    // The reason says where it stands, and the clause decides.
    let judged = judge(leaf, device).expect("a product that is the same has a verdict");
    let why = &judged.reasons[0].text;
    assert!(why.contains(&format!("It stands in {place} of product \"P1\".")), "{why}");
}

#[track_caller]
fn possible(leaf: &Product, device: &Configuration) -> String {
    let found = resolve(leaf, device);
    let Resolution::Possible { why, .. } = found else { panic!("{found:?}") };
    let judged = judge(leaf, device).expect("a possible product waits for a person");
    assert!(matches!(judged.missing, Some(MissingFact::SameProduct { .. })), "{judged:?}");
    why
}

#[track_caller]
fn no(leaf: &Product, device: &Configuration) {
    assert_eq!(resolve(leaf, device), Resolution::No);
}

#[test]
fn model_numbers_whole_with_wildcards_and_abbreviated() {
    let numbered = |numbers: &[&str]| Product { model_numbers: texts(numbers), ..leaf("Bedside line") };
    let with = |number: &str| Configuration { model_number: number.to_owned(), ..device("Vista 7", "1.0") };
    exact(&numbered(&["XX-1", "NV-700"]), &with("nv 700"), "model_numbers/1");
    exact(&numbered(&["NV-7??"]), &with("NV-700"), "model_numbers/0");
    exact(&numbered(&["NV-7*"]), &device("NV-700", "1.0"), "model_numbers/0");
    exact(&Product { skus: texts(&["NV-700"]), ..leaf("Bedside line") }, &with("NV-700"), "skus/0");
    no(&numbered(&["NV-8??"]), &with("NV-700"));
    assert!(possible(&numbered(&["NV-7"]), &with("NV-700")).contains("too short"));
    possible(&numbered(&["*"]), &with("NV-700"));
    // The name is the same and the number is another: no proof of a difference, a person looks.
    let other = Product { model_numbers: texts(&["NV-800"]), ..leaf("Vista 7") };
    assert!(possible(&other, &with("NV-700")).contains("other model numbers"));
    assert!(matches!(resolve(&other, &device("Vista 7", "1.0")), Resolution::Exact { ground: None, .. }));
    // Two makers may use one number.
    no(&numbered(&["NV-700"]), &Configuration { maker: "Zenith".to_owned(), ..with("NV-700") });
    possible(&numbered(&["NV-700"]), &Configuration { maker: String::new(), ..with("NV-700") });
    let verdict = |version| {
        judge(&numbered(&["NV-700"]), &Configuration { software_version: version, ..with("NV-700") })
            .map(|one| one.verdict)
    };
    assert_eq!(verdict("1.9".to_owned()), Some(Verdict::Affected));
    assert_eq!(verdict("2.0".to_owned()), Some(Verdict::NotAffected));
}

#[test]
fn serial_numbers_name_units_of_a_named_product() {
    let listed =
        |product: &str, serials: &[&str]| Product { serial_numbers: texts(serials), ..leaf(product) };
    let with =
        |model: &str, serial: &str| Configuration { serial: Some(serial.to_owned()), ..device(model, "1.0") };
    exact(&listed("Vista 7", &["AB1500"]), &with("Vista 7", "ab-1500"), "serial_numbers/0");
    exact(&listed("Vista 7", &["AB1*"]), &with("Vista 7", "AB1500"), "serial_numbers/0");
    exact(&listed("Bedside line", &["AB1500"]), &with("", "AB1500"), "serial_numbers/0");
    // One maker may give a number to two lines of products.
    assert!(
        possible(&listed("Bedside line", &["AB1500"]), &with("Vista 7", "AB1500")).contains("Bedside line")
    );
    no(&listed("Bedside line", &["AB1*"]), &with("Vista 7", "AB1500"));
    possible(&listed("Bedside line", &["AB1*"]), &with("", "AB1500"));
    no(
        &listed("Vista 7", &["AB1500"]),
        &Configuration { maker: "Zenith".to_owned(), ..with("Ward 3", "AB1500") },
    );

    let open = |serial: Option<&str>| {
        let device = Configuration { serial: serial.map(str::to_owned), ..device("Vista 7", "1.0") };
        let judged = judge(&listed("Vista 7", &["AB1*"]), &device).unwrap();
        (judged.verdict, judged.missing)
    };
    assert_eq!(open(Some("AB1500")), (Verdict::Affected, None));
    assert_eq!(open(None), (Verdict::Unknown, Some(MissingFact::SerialNumber)));
    assert_eq!(open(Some("N/A")), (Verdict::Unknown, Some(MissingFact::SerialNumber)));
    let (verdict, missing) = open(Some("AB2500"));
    assert_eq!(verdict, Verdict::Unknown, "nobody says that the list is whole");
    assert!(matches!(missing, Some(MissingFact::Condition { .. })), "{missing:?}");
}

#[test]
fn a_device_identifier_is_the_same_in_whatever_member_it_stands() {
    let with = |di: &str| Configuration { di: Some(di.to_owned()), ..device("Vista 7", "1.0") };
    exact(
        &Product { model_numbers: texts(&["9506000134352"]), ..leaf("Bedside line") },
        &with(DI),
        "model_numbers/0",
    );
    let uris =
        texts(&["https://norvik.example/sbom", "https://id.norvik.example/01/09506000134352?linkType=all"]);
    let by_uri = Product { generic_uris: uris, ..leaf("Bedside line") };
    exact(&by_uri, &with(DI), "x_generic_uris/1");
    exact(
        &by_uri,
        &Configuration { maker: String::new(), model: String::new(), ..with(DI) },
        "x_generic_uris/1",
    );
    no(&by_uri, &with(OTHER_DI));
    let named = Product { product: "Vista 7".to_owned(), ..by_uri.clone() };
    assert!(possible(&named, &with(OTHER_DI)).contains("other device identifiers"));
    let elsewhere = Configuration { maker: "Zenith".to_owned(), ..with(DI) };
    assert!(possible(&by_uri, &elsewhere).contains("another maker"));
    // The reviewed tables know both names, as different models.
    let at_odds = Product {
        vendor: "Philips".to_owned(),
        ..Product { product: "IntelliVue MX800".to_owned(), ..by_uri }
    };
    let mx = Configuration { maker: "Philips".to_owned(), model: "IntelliVue MX500".to_owned(), ..with(DI) };
    assert!(possible(&at_odds, &mx).contains("IntelliVue MX500"));
}

#[test]
fn a_recall_names_device_identifiers_in_its_text() {
    let recall = Product {
        name: format!("UDI-DI {DI}; serial numbers 100, 101"),
        version: String::new(),
        category: RECALLED_UNITS.to_owned(),
        ..leaf("Bedside line")
    };
    let held = Configuration { di: Some(DI.to_owned()), ..device("Vista 7", "1.0") };
    exact(&recall, &held, "code_info");
    let judged = judge(&recall, &held).unwrap();
    assert_eq!(judged.verdict, Verdict::Unknown, "which units, a person has to see");
}

#[test]
fn a_cpe_name_is_compared_by_the_alias_tables_and_its_version_as_a_clause() {
    let cpe = |text: &str| Product { other_ids: texts(&[text]), ..leaf("Bedside line") };
    exact(&cpe("cpe:2.3:h:norvik:vista_7:-:*:*:*:*:*:*:*"), &device("Vista 7", "1.0"), "cpe");
    exact(&cpe("cpe:2.3:o:norvik:vista_7_firmware:*:*:*:*:*:*:*:*"), &device("Vista 7", "1.0"), "cpe");
    exact(
        &Product { vendor: "Philips".to_owned(), ..cpe("cpe:/h:philips_healthcare:intellivue_mx800") },
        &Configuration { maker: "Philips".to_owned(), ..device("IntelliVue MX800", "1.0") },
        "cpe",
    );
    no(&cpe("cpe:2.3:h:zenith:vista_7:-:*:*:*:*:*:*:*"), &device("Vista 7", "1.0"));
    let narrowed = cpe("cpe:2.3:o:norvik:vista_7:*:*:*:*:*:*:arm:*");
    assert!(possible(&narrowed, &device("Vista 7", "1.0")).contains("edition"));
    let at_odds = Product { vendor: "Zenith".to_owned(), ..cpe("cpe:2.3:h:norvik:vista_7:-:*:*:*:*:*:*:*") };
    assert!(possible(&at_odds, &device("Vista 7", "1.0")).contains("another maker"));

    let versioned = |part: &str| Product {
        version: String::new(),
        ..cpe(&format!("cpe:2.3:{part}:norvik:vista_7:2.0:*:*:*:*:*:*:*"))
    };
    let verdict = |part: &str, version: &str| judge(&versioned(part), &device("Vista 7", version)).unwrap();
    assert_eq!(verdict("o", "2.0").verdict, Verdict::Affected);
    assert_eq!(verdict("o", "2.1").verdict, Verdict::NotAffected);
    assert!(verdict("o", "2.1").reasons.iter().any(|reason| reason.quote == "2.0"));
    // The version of hardware is no version of software.
    assert_eq!(verdict("h", "2.0").missing, Some(MissingFact::HardwareVersion));
}

#[test]
fn a_document_that_lists_every_unit_is_no_burden() {
    let serials: Vec<String> = (0..100_000).map(|number| format!("AB{number:06}")).collect();
    let listed = Product { serial_numbers: serials, ..leaf("Vista 7") };
    let resolver = resolver();
    let matcher = Matcher::new(&[advisory("A", vec![listed])], resolver);
    let affected = (0..2_000).filter(|number| {
        let device =
            Configuration { serial: Some(format!("AB{:06}", number * 100)), ..device("Vista 7", "1.0") };
        assert!(matcher.asks_serial(&device));
        matcher.decide(&device)[0].verdict == Verdict::Affected
    });
    assert_eq!(affected.count(), 1_000);
}

fn helper() -> impl Strategy<Value = Product> {
    let number = || {
        prop::sample::select(texts(&[
            "NV-700",
            "NV-7*",
            "NV-8??",
            "NV-7",
            "*",
            "??",
            "",
            "09506000134352",
            r"NV\*",
        ]))
    };
    let serial = prop::sample::select(texts(&["AB1500", "AB1*", "AB2???", "*", "1500"]));
    let uri = prop::sample::select(texts(&[
        "https://x.example/01/09506000134352",
        "https://x.example/01/09506000134369",
        "urn:x",
    ]));
    let id = prop::sample::select(texts(&[
        "cpe:2.3:h:norvik:vista_7:-:*:*:*:*:*:*:*",
        "cpe:2.3:o:norvik:vista_7:1.0:*:*:*:*:*:*:*",
        "cpe:2.3:h:zenith:ward_3:-:*:*:*:*:*:*:*",
        "pkg:npm/x@1",
    ]));
    let name = prop::sample::select(vec!["Vista 7", "Bedside line", "Vista 7 (WLAN only)", "Vista 9"]);
    let version = prop::sample::select(texts(&["< 2.0", "", "1.0 | 1.1", "serial numbers AB1000 to AB1600"]));
    let vendor = prop::sample::select(texts(&["Norvik", "Zenith", "Norvik GmbH"]));
    let some = 0..3_usize;
    (
        prop::collection::vec(number(), some.clone()),
        prop::collection::vec(number(), 0..2),
        prop::collection::vec(serial, some),
        prop::collection::vec(uri, 0..2),
        prop::collection::vec(id, 0..2),
        name,
        version,
        vendor,
    )
        .prop_map(
            |(model_numbers, skus, serial_numbers, generic_uris, other_ids, name, version, vendor)| Product {
                model_numbers,
                skus,
                serial_numbers,
                generic_uris,
                other_ids,
                version,
                vendor,
                ..leaf(name)
            },
        )
}

fn any_device() -> impl Strategy<Value = Configuration> {
    (
        prop::sample::select(vec!["Norvik", "Norvik", "Zenith", ""]),
        prop::sample::select(vec!["Vista 7", "Vista 9", "Ward 3", "NV-700", ""]),
        prop::sample::select(vec!["", "NV-700", "NV-800"]),
        prop::option::of(prop::sample::select(vec!["", "AB1500", "AB2500", "1500"])),
        prop::sample::select(vec!["", DI, OTHER_DI]),
        prop::sample::select(vec!["1.0", "2.0", ""]),
    )
        .prop_map(|(maker, model, number, serial, di, version)| Configuration {
            maker: maker.to_owned(),
            model_number: number.to_owned(),
            serial: serial.map(str::to_owned),
            di: Some(di.to_owned()),
            version_state: if version.is_empty() { VersionState::Missing } else { VersionState::Fresh },
            ..device(model, version)
        })
}

/// The same advisories with every list in them turned about.
fn turned(advisory: &Advisory) -> Advisory {
    let mut turned = advisory.clone();
    for leaf in &mut turned.products {
        for list in
            [&mut leaf.model_numbers, &mut leaf.skus, &mut leaf.serial_numbers, &mut leaf.generic_uris]
        {
            list.reverse();
        }
    }
    turned.products.reverse();
    turned
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn not_affected_needs_the_same_product_and_order_does_not_matter(
        leaves in prop::collection::vec(helper(), 1..4),
        device in any_device(),
    ) {
        let leaves = leaves.into_iter().enumerate().map(|(at, leaf)| Product { id: format!("P{at}"), ..leaf }).collect();
        let advisory = advisory("A", leaves);
        let judged = Matcher::new(std::slice::from_ref(&advisory), resolver()).decide(&device);
        let back = Matcher::new(&[turned(&advisory)], resolver()).decide(&device);
        let verdicts = |judged: &[Judged]| -> Vec<(Verdict, Option<MissingFact>)> {
            judged.iter().map(|one| (one.verdict, one.missing.clone())).collect()
        };
        prop_assert_eq!(verdicts(&judged), verdicts(&back));
        for one in &judged {
            prop_assert!(one.verdict != Verdict::NotAffected || one.products.iter().all(|id| {
                matches!(resolver().resolve(&device, &advisory, advisory.product(id).unwrap()), Resolution::Exact { .. })
            }), "{one:?}");
        }
    }

    #[test]
    fn a_fleet_that_keeps_only_what_is_asked_says_the_same(
        documents in prop::collection::vec(helper(), 1..5),
        devices in prop::collection::vec(any_device(), 1..6),
        cut in 0..5_usize,
    ) {
        let documents: Vec<Advisory> =
            documents.into_iter().enumerate().map(|(at, leaf)| advisory(&format!("A{}", at % 3), vec![leaf])).collect();
        let mut fleet: Fleet<usize> = Fleet::new(Matcher::new(&[], resolver()));
        for (at, device) in devices.iter().enumerate() {
            fleet.set_device(at, device.clone());
            for document in documents.get(at..=at).filter(|_| at < cut).into_iter().flatten() {
                fleet.add_advisory(document.clone());
            }
        }
        for document in &documents[devices.len().min(cut).min(documents.len())..] {
            fleet.add_advisory(document.clone());
        }
        let matcher = Matcher::new(&documents, resolver());
        for (at, device) in devices.iter().enumerate() {
            let of = |judged: &[Judged]| -> BTreeMap<String, Judged> {
                judged.iter().map(|one| (one.advisory.clone(), one.clone())).collect()
            };
            prop_assert_eq!(of(&matcher.decide(device)), of(fleet.verdicts_of(&at)));
        }
    }
}
