//! Parts against known flaws: what a record covers, what stays open, and whose word settles it for the product.

use proptest::prelude::*;
use serde_json::{Value, json};
use tallyward_advisories::{read_document, read_parts};
use tallyward_core::advisory::{Advisory, Product, ProductStatus, Statement, Vulnerability};
use tallyward_core::part::{Part, PartFlaw, PartsList};
use tallyward_core::verdict::Verdict;
use tallyward_identity::aliases::Aliases;
use tallyward_matching::{
    Configuration, Matcher, Resolver, Standing, VersionState, judge_product, look_ups, packages_named,
    stands, stands_in, words,
};

fn flaw(affected: &Value) -> PartFlaw {
    let record = json!({"id": "GHSA-1", "aliases": ["CVE-2024-1"], "modified": "2024-02-01T00:00:00Z", "affected": affected});
    read_document(record.to_string().as_bytes(), "osv").expect("a record").flaws.remove(0)
}

fn one(ecosystem: &str, name: &str, range: &Value, versions: &Value) -> PartFlaw {
    let ranges = if range.is_null() { json!([]) } else { json!([range]) };
    flaw(
        &json!([{"package": {"ecosystem": ecosystem, "name": name}, "ranges": ranges, "versions": versions}]),
    )
}

fn range(kind: &str, events: &[(&str, &str)]) -> Value {
    let events: Vec<Value> = events.iter().map(|(key, version)| json!({ *key: version })).collect();
    json!({"type": kind, "events": events})
}

fn part(purl: &str) -> Part {
    Part { name: "x".to_owned(), purl: purl.to_owned(), ..Part::default() }
}

#[track_caller]
fn stand(purl: &str, flaw: &PartFlaw, expected: Option<Standing>) -> String {
    let found = stands(&part(purl), flaw);
    assert_eq!(found.as_ref().map(|found| found.standing), expected, "{purl}: {found:?}");
    found.map_or_else(String::new, |found| found.why)
}

use Standing::{Has, Open, Spared};

#[test]
fn a_range_is_read_by_the_rules_of_its_ecosystem() {
    let npm = one(
        "npm",
        "link",
        &range(
            "SEMVER",
            &[("introduced", "0"), ("fixed", "1.10.0"), ("introduced", "2.0.0-rc.1"), ("fixed", "2.3.1")],
        ),
        &json!([]),
    );
    for (version, expected) in [
        ("0.0.1", Has),
        ("1.9.9", Has),
        ("1.10.0-rc.1", Has),
        ("1.10.0", Spared),
        ("1.99.0", Spared),
        ("2.0.0-rc.1", Has),
        ("2.3.0", Has),
        ("2.3.1", Spared),
        ("2.3", Open),
        ("latest", Open),
    ] {
        stand(&format!("pkg:npm/link@{version}"), &npm, Some(expected));
    }
    // Events are read by their versions, not by their order in the record.
    let shuffled =
        one("npm", "link", &range("SEMVER", &[("fixed", "2.0.0"), ("introduced", "1.0.0")]), &json!([]));
    stand("pkg:npm/link@1.5.0", &shuffled, Some(Has));
    stand("pkg:npm/link@2.5.0", &shuffled, Some(Spared));
    let python = one(
        "PyPI",
        "A_b",
        &range("ECOSYSTEM", &[("introduced", "0"), ("fixed", "2.0")]),
        &json!(["2.0.post1"]),
    );
    stand("pkg:pypi/a.B@2.0rc1", &python, Some(Has));
    stand("pkg:pypi/a-b@2.0.POST1", &python, Some(Has));
    stand("pkg:pypi/a-b@2.0", &python, Some(Spared));
    let last = one(
        "npm",
        "link",
        &range("SEMVER", &[("introduced", "1.0.0"), ("last_affected", "1.4.0")]),
        &json!([]),
    );
    stand("pkg:npm/link@1.4.0", &last, Some(Has));
    stand("pkg:npm/link@1.4.1", &last, Some(Spared));
    stand("pkg:npm/link@0.9.0", &last, Some(Spared));
    let limited =
        one("npm", "link", &range("SEMVER", &[("introduced", "0"), ("limit", "2.0.0")]), &json!([]));
    stand("pkg:npm/link@1.0.0", &limited, Some(Has));
    stand("pkg:npm/link@2.0.0", &limited, Some(Spared));
}

#[test]
fn only_the_same_package_is_meant() {
    let scoped = one("npm", "@acme/link", &range("SEMVER", &[("introduced", "0")]), &json!([]));
    stand("pkg:npm/%40acme/link@1.0.0", &scoped, Some(Has));
    for other in
        ["pkg:npm/link@1.0.0", "pkg:npm/%40acme/linker@1.0.0", "pkg:pypi/acme/link@1.0.0", "link", ""]
    {
        stand(other, &scoped, None);
    }
    let mut withdrawn = scoped;
    withdrawn.withdrawn = Some("2024-03-01T00:00:00Z".parse().unwrap());
    stand("pkg:npm/%40acme/link@1.0.0", &withdrawn, None);
}

#[test]
fn what_cannot_be_told_is_open_and_never_spared() {
    let from_start = [("introduced", "0"), ("fixed", "2")];
    let unknown = one("Hackage", "x", &range("ECOSYSTEM", &from_start), &json!(["1.0"]));
    let mut unknown = unknown;
    unknown.packages[0].package = "hackage/x".to_owned();
    assert!(stand("pkg:hackage/x@9", &unknown, Some(Open)).contains("no order of versions"));
    stand("pkg:hackage/x@1.0", &unknown, Some(Has));
    for (range, versions) in [
        (range("ECOSYSTEM", &[("fixed", "1.0")]), json!([])),
        (range("ECOSYSTEM", &[("introduced", "1"), ("fixed", "1")]), json!([])),
        (range("ECOSYSTEM", &[("introduced", "1"), ("fixed", "2"), ("last_affected", "3")]), json!([])),
        (range("ECOSYSTEM", &[("introduced", "1"), ("mended", "2")]), json!([])),
        (range("ECOSYSTEM", &[("introduced", "1"), ("fixed", "what?")]), json!([])),
        (range("TIDE", &from_start), json!([])),
        (range("GIT", &from_start), json!([])),
        (Value::Null, json!([])),
    ] {
        stand("pkg:pypi/x@5", &one("PyPI", "x", &range, &versions), Some(Open));
    }
    // A list of versions is a word on those it leaves out, when ours is a version at all.
    let listed = one("PyPI", "x", &range("GIT", &from_start), &json!(["1.0"]));
    stand("pkg:pypi/x@1", &listed, Some(Has));
    stand("pkg:pypi/x@5", &listed, Some(Spared));
    stand("pkg:pypi/x@main", &listed, Some(Open));
    assert!(stand("pkg:pypi/x", &listed, Some(Open)).contains("which version"));
}

#[test]
fn a_distribution_s_releases_are_kept_apart() {
    let entry = |release: &str, fixed: &str| {
        json!({"package": {"ecosystem": release, "name": "openssl"},
            "ranges": [range("ECOSYSTEM", &[("introduced", "0"), ("fixed", fixed)])]})
    };
    let both = flaw(&json!([entry("Debian:11", "1.1.1n-0+deb11u5"), entry("Debian:12", "3.0.9-1")]));
    let purl =
        |version: &str, distro: &str| format!("pkg:deb/debian/libssl@{version}?upstream=openssl{distro}");
    stand(&purl("1.1.1n-0%2Bdeb11u5", "&distro=debian-11"), &both, Some(Spared));
    assert!(
        stand(&purl("1.1.1n-0%2Bdeb11u4", "&distro=debian-11.7"), &both, Some(Has)).starts_with("its source")
    );
    stand(&purl("1.1.1n-0%2Bdeb11u5", "&distro=debian-12"), &both, Some(Has));
    assert!(stand(&purl("1.1.1n-0%2Bdeb11u5", ""), &both, Some(Open)).contains("Debian:11, Debian:12"));
    stand(&purl("1.1.1n-0%2Bdeb11u5", "&distro=debian-13"), &both, Some(Open));
    stand(&purl("3.0.9-1", ""), &both, Some(Spared));
    // The package of that very name is none of its own source's, and both are looked up.
    assert_eq!(look_ups(&part("pkg:deb/debian/openssl@1?upstream=openssl")).len(), 1);
    let rpm = look_ups(&part("pkg:rpm/redhat/openssl@1.1.1k-9.el8?epoch=1"));
    assert_eq!(rpm[0].version, "1:1.1.1k-9.el8");
}

fn list() -> PartsList {
    let document = json!({"bomFormat": "CycloneDX", "specVersion": "1.5", "serialNumber": "urn:uuid:77", "version": 1,
        "metadata": {"component": {"bom-ref": "pump", "name": "Pump 3", "version": "4.1", "manufacturer": {"name": "Acme"}}},
        "components": [{"bom-ref": "l", "name": "link", "version": "1.0.0", "purl": "pkg:npm/link@1.0.0"}]});
    read_parts(document.to_string().as_bytes(), "a").expect("a parts list").0
}

fn openvex(id: &str, status: &str, version: &str) -> Advisory {
    let document = json!({"@context": "https://openvex.dev/ns/v0.2.0", "@id": id, "author": "Acme",
        "timestamp": "2024-01-01T00:00:00Z", "version": 1, "statements": [{"vulnerability": {"name": "CVE-2024-1"}, "status": status,
            "justification": "vulnerable_code_not_in_execute_path", "action_statement": "Update.",
            "products": [{"@id": "p", "identifiers": {"cpe23": format!("cpe:2.3:h:acme:pump_3:{version}:*:*:*:*:*:*:*")}}]}]});
    read_document(document.to_string().as_bytes(), "a").expect("a document").advisories.remove(0)
}

fn cyclonedx(state: &str, reference: &str) -> Advisory {
    let document = json!({"bomFormat": "CycloneDX", "specVersion": "1.5", "serialNumber": "urn:uuid:99", "version": 1,
        "vulnerabilities": [{"id": "CVE-2024-1", "analysis": {"state": state}, "affects": [{"ref": reference}]}]});
    read_document(document.to_string().as_bytes(), "a").expect("a document").advisories.remove(0)
}

fn csaf(range: &str) -> Advisory {
    let document = json!({"document": {"category": "csaf_security_advisory", "csaf_version": "2.0", "title": "t",
            "publisher": {"category": "vendor", "name": "Acme", "namespace": "https://example.org"},
            "tracking": {"id": "A-1", "version": "1", "status": "final", "initial_release_date": "2024-01-01T00:00:00Z",
                "current_release_date": "2024-01-01T00:00:00Z", "revision_history": []}},
        "product_tree": {"branches": [{"category": "vendor", "name": "Acme", "branches": [{"category": "product_name", "name": "Pump 3",
            "branches": [{"category": "product_version_range", "name": range, "product": {"product_id": "P", "name": "Pump 3"}}]}]}]},
        "vulnerabilities": [{"cve": "CVE-2024-1", "product_status": {"known_affected": ["P"]}}]});
    read_document(document.to_string().as_bytes(), "a").expect("a document").advisories.remove(0)
}

/// The verdict on the product of [`list`] over these advisories, with the last reason and what is missing.
fn verdict(advisories: &[Advisory]) -> (Verdict, String) {
    let list = list();
    let flaw = one("npm", "link", &range("SEMVER", &[("introduced", "0"), ("fixed", "2.0.0")]), &json!([]));
    let product = Configuration {
        maker: "Acme".to_owned(),
        model: "Pump 3".to_owned(),
        software_version: "4.1".to_owned(),
        version_state: VersionState::Fresh,
        ..Configuration::default()
    };
    let matcher = Matcher::new(advisories, Resolver::new(Aliases::builtin(), &[]));
    let judged = matcher.decide(&product);
    let stand = stands(&list.parts[0], &flaw).expect("the record names the part");
    let said = words(&list, &list.parts[0], &flaw, &judged, matcher.advisories());
    let verdict = judge_product(&stand, &said);
    assert_eq!(verdict.missing.is_empty(), verdict.verdict != Verdict::Unknown);
    let last = verdict.reasons.last().expect("a reason").text.clone();
    (verdict.verdict, format!("{last} {}", verdict.missing))
}

#[test]
fn a_part_alone_is_unknown_and_a_word_about_the_product_settles_it() {
    let alone = verdict(&[]);
    assert_eq!(alone.0, Verdict::Unknown);
    assert!(alone.1.contains("nobody has said"), "{}", alone.1);
    assert_eq!(verdict(&[openvex("v", "not_affected", "4.1")]).0, Verdict::NotAffected);
    assert_eq!(verdict(&[openvex("v", "fixed", "4.1")]).0, Verdict::NotAffected);
    assert_eq!(verdict(&[openvex("v", "affected", "4.1")]).0, Verdict::Affected);
    assert_eq!(verdict(&[openvex("v", "under_investigation", "4.1")]).0, Verdict::Unknown);
    // Of another version it says nothing of this one.
    assert_eq!(verdict(&[openvex("v", "not_affected", "4.0")]).0, Verdict::Unknown);
    assert_eq!(
        verdict(&[openvex("v", "not_affected", "4.1"), openvex("w", "affected", "4.1")]).0,
        Verdict::Affected
    );
    assert_eq!(
        verdict(&[openvex("v", "not_affected", "4.1"), openvex("w", "under_investigation", "4.1")]).0,
        Verdict::Unknown
    );
}

#[test]
fn a_clause_that_leaves_the_version_out_does_not_clear_a_part_that_is_there() {
    assert_eq!(verdict(&[csaf("<=4.1")]).0, Verdict::Affected);
    let silent = verdict(&[csaf("<4.1")]);
    assert_eq!(silent.0, Verdict::Unknown);
    assert!(silent.1.contains("and yet the list"), "{}", silent.1);
}

#[test]
fn a_reference_into_this_list_is_a_word_about_its_part() {
    assert_eq!(verdict(&[cyclonedx("not_affected", "urn:cdx:77/1#l")]).0, Verdict::NotAffected);
    assert_eq!(verdict(&[cyclonedx("exploitable", "urn:cdx:77/1#l")]).0, Verdict::Affected);
    assert_eq!(verdict(&[cyclonedx("not_affected", "urn:cdx:77/1#pump")]).0, Verdict::NotAffected);
    for elsewhere in ["urn:cdx:77/2#l", "urn:cdx:78/1#l", "urn:cdx:77/1#m", "l", "urn:cdx:77/1"] {
        assert_eq!(verdict(&[cyclonedx("not_affected", elsewhere)]).0, Verdict::Unknown, "{elsewhere}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever a range says, a part is spared only where every event could be compared, and the order in which a
    /// record gives its events changes nothing.
    #[test]
    fn sparing_needs_understanding(
        version in "[0-9]\\.[0-9]\\.[0-9](-rc)?|[a-z0-9.]{0,6}",
        events in prop::collection::vec((0_usize..4, "0|[0-9]\\.[0-9]\\.[0-9]|[a-z0-9.]{0,5}"), 0..5),
    ) {
        let keys = ["introduced", "fixed", "last_affected", "limit"];
        let events: Vec<(&str, &str)> = events.iter().map(|(key, at)| (keys[*key], at.as_str())).collect();
        let record = one("npm", "link", &range("SEMVER", &events), &json!([]));
        let purl = format!("pkg:npm/link@{version}");
        let found = stands(&part(&purl), &record).expect("the record names the package");
        if found.standing == Spared {
            let strict = |text: &str| tallyward_versions::Scheme::Semver.compare(text, text).is_some();
            prop_assert!(strict(&version), "{} {:?}", version, events);
            prop_assert!(events.iter().any(|(key, _)| *key == "introduced"));
        }
        let mut turned = events.clone();
        turned.reverse();
        let other = one("npm", "link", &range("SEMVER", &turned), &json!([]));
        prop_assert_eq!(stands(&part(&purl), &other).map(|one| one.standing), Some(found.standing));
    }
}

/// An advisory with one leaf that is named by a package URL.
fn naming(purl: &str, version: &str, status: ProductStatus) -> Advisory {
    let leaf = Product {
        id: "P".to_owned(),
        product: "Link".to_owned(),
        version: version.to_owned(),
        other_ids: vec![purl.to_owned()],
        ..Product::default()
    };
    let said = Statement { product: "P".to_owned(), status };
    let flaw =
        Vulnerability { id: "CVE-2024-1".to_owned(), statements: vec![said], ..Vulnerability::default() };
    Advisory { products: vec![leaf], vulnerabilities: vec![flaw], ..Advisory::default() }
}

#[test]
fn a_package_an_advisory_names_is_decided_by_its_clause_or_its_own_version() {
    use ProductStatus::{Fixed, KnownAffected, LastAffected, UnderInvestigation};
    for (purl, version, status, part_purl, expected) in [
        ("pkg:npm/link", "< 2.0.0", KnownAffected, "pkg:npm/link@1.0.0", Some(Has)),
        ("pkg:npm/link", "< 2.0.0", KnownAffected, "pkg:npm/link@2.0.0", Some(Spared)),
        ("pkg:npm/link", "vers:npm/>=1.0.0|<2.0.0", KnownAffected, "pkg:npm/link@2.0.0-rc.1", Some(Has)),
        ("pkg:npm/link", "vers:deb/<2.0~rc1", KnownAffected, "pkg:npm/link@main", Some(Open)),
        ("pkg:npm/link", "when it rains", KnownAffected, "pkg:npm/link@2.0.0", Some(Open)),
        ("pkg:npm/link", "< 2.0.0", KnownAffected, "pkg:npm/link", Some(Open)),
        ("pkg:npm/link", "", KnownAffected, "pkg:npm/link@2.0.0", Some(Has)),
        ("pkg:npm/link@1.0.0", "", KnownAffected, "pkg:npm/link@1.0.0", Some(Has)),
        ("pkg:npm/link@1.0.0", "", KnownAffected, "pkg:npm/link@1.0.1", Some(Spared)),
        ("pkg:pypi/link@1.0", "", KnownAffected, "pkg:pypi/Link@1.0.0", Some(Has)),
        ("pkg:generic/link@1.0", "", KnownAffected, "pkg:generic/link@1", Some(Open)),
        ("pkg:npm/link", "< 2.0.0", UnderInvestigation, "pkg:npm/link@1.0.0", Some(Open)),
        ("pkg:npm/link", "1.0.0", LastAffected, "pkg:npm/link@0.9.0", Some(Open)),
        ("pkg:npm/link", "< 2.0.0", Fixed, "pkg:npm/link@1.0.0", None),
        ("pkg:npm/linked", "< 2.0.0", KnownAffected, "pkg:npm/link@1.0.0", None),
        // One build of it.
        (
            "pkg:deb/debian/link?arch=arm64",
            "< 2.0",
            KnownAffected,
            "pkg:deb/debian/link@1.0?arch=arm64",
            Some(Has),
        ),
        (
            "pkg:deb/debian/link?arch=arm64",
            "< 2.0",
            KnownAffected,
            "pkg:deb/debian/link@1.0?arch=amd64",
            Some(Open),
        ),
        (
            "pkg:deb/debian/link?arch=arm64",
            "< 2.0",
            KnownAffected,
            "pkg:deb/debian/link@3.0?arch=amd64",
            Some(Spared),
        ),
        // The source it was built from.
        (
            "pkg:deb/debian/openssl",
            "< 2.0",
            KnownAffected,
            "pkg:deb/debian/libssl3@1.0?upstream=openssl",
            Some(Has),
        ),
    ] {
        let advisory = naming(purl, version, status);
        let found = stands_in(&part(part_purl), &advisory);
        let standing = found.first().map(|(_, stands)| stands.standing);
        assert_eq!(standing, expected, "{purl} {version:?} {part_purl}: {found:?}");
        assert!(found.is_empty() || !packages_named(&advisory).is_empty());
    }
}
