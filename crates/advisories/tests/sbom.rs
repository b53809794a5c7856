//! Parts lists and records of flaws in packages: what is read, what is refused, and that damage never adds a part.

use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::LazyLock;
use tallyward_advisories::{MAX_PARTS, read_document, read_parts};
use tallyward_core::part::{FlawEvent, Part, PartFlaw, PartsList};
use tallyward_core::testkit::shared;

fn cyclonedx() -> Value {
    json!({"bomFormat": "CycloneDX", "specVersion": "1.5", "serialNumber": "urn:uuid:1", "version": 2,
        "metadata": {"timestamp": "2024-01-01T00:00:00Z", "authors": [{"name": "A"}],
            "component": {"bom-ref": "pump", "name": "Pump 3", "version": "4.1", "manufacturer": {"name": "Acme"},
                "components": [{"name": "kernel", "version": "5.10", "cpe": "cpe:2.3:o:linux:linux_kernel:5.10:*:*:*:*:*:*:*"}]}},
        "components": [
            {"bom-ref": "o", "name": "openssl", "version": "1.1.1k", "purl": "pkg:generic/openssl@1.1.1k", "supplier": {"name": "OpenSSL"},
             "components": [{"group": "@x", "name": "y", "purl": "pkg:npm/%40x/y@1.0.0"}]},
            {"version": "1"}, "no component", {"bom-ref": "o", "name": "openssl", "version": "1.1.1k", "purl": "pkg:generic/openssl@1.1.1k", "supplier": {"name": "OpenSSL"}}]})
}

const TAGS: &str = "# made here\nSPDXVersion: SPDX-2.3\nDataLicense: CC0-1.0\nDocumentNamespace: https://example.org/sbom/1\n\
Creator: Tool: maker-1\nCreated: 2024-01-01T00:00:00Z\nPackageName: Pump 3\nSPDXID: SPDXRef-pump\nPackageVersion: 4.1\n\
PackageSupplier: Organization: Acme (psirt@example.org)\nPackageComment: <text>two\nPackageName: not one\n</text>\n\
PackageName: openssl\nSPDXID: SPDXRef-o\nPackageVersion: 1.1.1k\nPackageSupplier: NOASSERTION\n\
ExternalRef: PACKAGE-MANAGER purl pkg:generic/openssl@1.1.1k\nExternalRef: broken\nFileName: ./a.c\nSPDXID: SPDXRef-file\n\
Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-pump\nthis is no tag\n";

fn spdx() -> Value {
    json!({"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "documentNamespace": "https://example.org/sbom/1",
        "creationInfo": {"created": "2024-01-01T00:00:00Z", "creators": ["Tool: maker-1"]},
        "packages": [
            {"name": "Pump 3", "SPDXID": "SPDXRef-pump", "versionInfo": "4.1", "supplier": "Organization: Acme (psirt@example.org)"},
            {"name": "openssl", "SPDXID": "SPDXRef-o", "versionInfo": "1.1.1k", "supplier": "NOASSERTION",
             "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:generic/openssl@1.1.1k"}]}],
        "relationships": [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-pump"}]})
}

fn osv() -> Value {
    json!({"schema_version": "1.6.0", "id": "GHSA-1", "aliases": ["CVE-2024-1", "GHSA-1"], "modified": "2024-02-01T00:00:00Z",
        "published": "2024-01-01T00:00:00Z", "summary": "It breaks.",
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}, {"type": "Ubuntu", "score": "low"}],
        "references": [{"type": "WEB", "url": "https://example.org/a"}, {"type": "ADVISORY", "url": "https://example.org/b"}],
        "affected": [
            {"package": {"ecosystem": "npm", "name": "@Acme/link"}, "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.2.3"}]}], "versions": ["1.0.0"]},
            {"package": {"ecosystem": "Maven", "name": "org.acme:core"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "1"}, {"last_affected": "2"}]}]},
            {"package": {"ecosystem": "Debian:12", "name": "openssl", "purl": "pkg:deb/debian/openssl?arch=source"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"mended": "x"}]}]},
            {"package": {"ecosystem": "Elsewhere", "name": "x"}, "versions": ["1"]},
            {"ranges": [{"type": "GIT", "repo": "https://example.org/r", "events": [{"introduced": "0"}]}]}]})
}

fn parts(document: &[u8]) -> PartsList {
    read_parts(document, "a").expect("a parts list").0
}

fn flaws(document: &Value) -> Vec<PartFlaw> {
    read_document(document.to_string().as_bytes(), "a").expect("records").flaws
}

#[test]
fn cyclonedx_is_read_with_what_lies_inside_its_components() {
    let (list, noted) = read_parts(cyclonedx().to_string().as_bytes(), "a").unwrap();
    assert_eq!([&*list.id, &list.revision, &list.format], ["urn:uuid:1", "2", "cyclonedx 1.5"]);
    assert_eq!([&*list.maker, &list.product, &list.version, &list.author], ["Acme", "Pump 3", "4.1", "A"]);
    let named: Vec<(&str, &str)> = list.parts.iter().map(|part| (&*part.name, &*part.purl)).collect();
    let expected =
        [("@x/y", "pkg:npm/%40x/y@1.0.0"), ("kernel", ""), ("openssl", "pkg:generic/openssl@1.1.1k")];
    assert_eq!(named, expected);
    assert!(noted.iter().any(|one| one.pointer == "/components/1"), "{noted:?}");
}

#[test]
fn both_forms_of_spdx_say_the_same() {
    let (tags, noted) = read_parts(TAGS.as_bytes(), "a").unwrap();
    let json = parts(spdx().to_string().as_bytes());
    assert_eq!(PartsList { hash: json.hash.clone(), ..tags.clone() }, json);
    assert_eq!([&*tags.maker, &tags.product, &tags.version], ["Acme", "Pump 3", "4.1"]);
    let part = Part {
        name: "openssl".to_owned(),
        version: "1.1.1k".to_owned(),
        purl: "pkg:generic/openssl@1.1.1k".to_owned(),
        reference: "SPDXRef-o".to_owned(),
        ..Part::default()
    };
    assert_eq!(tags.parts, [part]);
    assert_eq!(noted.iter().map(|one| one.line).collect::<Vec<_>>(), [19, 23]);
}

#[test]
fn what_is_no_parts_list_is_refused_with_what_was_expected() {
    let why = |document: &[u8]| read_parts(document, "a").unwrap_err().what;
    assert!(why(b"{}").contains("bomFormat"));
    assert!(why(br#"{"@graph": []}"#).contains("SPDX 3"));
    assert!(why(br#"{"spdxVersion": "SPDX-3.0"}"#).contains("SPDX-2.x"));
    assert!(why(b"SPDXVersion: SPDX-9\nPackageName: x").contains("SPDX-2.x"));
    assert!(why(br#"{"bomFormat": "CycloneDX", "components": []}"#).contains("without parts"));
    let many: Vec<Value> = (0..=MAX_PARTS).map(|at| json!({"name": at.to_string()})).collect();
    let crowd = json!({"bomFormat": "CycloneDX", "components": many}).to_string();
    assert!(why(crowd.as_bytes()).contains("50001 parts; at most 50000"));
    // As an advisory it is pointed to where it belongs.
    for list in [spdx().to_string(), cyclonedx().to_string()] {
        let error = read_document(list.as_bytes(), "a").unwrap_err();
        assert!(error.what.contains("attach it to its model"), "{error}");
    }
}

#[test]
fn records_of_flaws_are_read_as_they_are_written() {
    let flaw = flaws(&osv()).remove(0);
    assert_eq!((&*flaw.id, flaw.known_as(), &*flaw.url), ("GHSA-1", "CVE-2024-1", "https://example.org/b"));
    assert_eq!(flaw.scores.len(), 1);
    let named: Vec<&str> = flaw.packages.iter().map(|package| &*package.package).collect();
    assert_eq!(named, ["npm/@acme/link", "maven/org.acme/core", "deb/debian/openssl", ""]);
    assert_eq!(
        flaw.packages[0].ranges[0].events,
        [FlawEvent::Introduced("0".to_owned()), FlawEvent::Fixed("1.2.3".to_owned())]
    );
    // What cannot be read of a range is never the end of a flaw.
    assert!(flaw.packages[2].ranges[0].damaged);
    for (key, value) in [("versions", json!("1.0")), ("versions", json!([1])), ("ranges", json!({}))] {
        let mut record = osv();
        record["affected"][1][key] = value;
        assert!(flaws(&record)[0].packages[1].ranges.iter().any(|range| range.damaged), "{key}");
    }
}

#[test]
fn one_bad_record_of_an_answer_is_lost_alone() {
    let document = json!({"vulns": [osv(), {"id": ""}, {"id": "X-1", "modified": "2024-01-01T00:00:00Z"}]});
    let read = read_document(document.to_string().as_bytes(), "a").unwrap();
    assert_eq!(read.flaws.iter().map(|flaw| &*flaw.id).collect::<Vec<_>>(), ["GHSA-1", "X-1"]);
    assert_eq!(read.lost[0].pointer, "/vulns/1");
}

/// The public example, and the made ones.
static DOCUMENTS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let mut documents = vec![cyclonedx().to_string().into_bytes(), TAGS.as_bytes().to_vec()];
    documents.extend([spdx().to_string().into_bytes(), osv().to_string().into_bytes()]);
    documents.extend(public().map(|bytes| bytes[..bytes.len().min(12_000)].to_vec()));
    documents
});

fn public() -> Option<Vec<u8>> {
    let path = shared("cyclonedx")?.join("SBOM/cern-lhc-vdm-editor-e564943/bom.json");
    Some(std::fs::read(path).expect("the public parts list is readable"))
}

#[test]
fn the_public_parts_list_is_read_whole() {
    let Some(bytes) = public() else { return };
    let document: Value = serde_json::from_slice(&bytes).unwrap();
    let list = parts(&bytes);
    assert_eq!(list.parts.len(), document["components"].as_array().unwrap().len());
    assert!(list.parts.iter().all(|part| part.purl.starts_with("pkg:npm/")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn damage_never_panics_and_has_its_place(which in any::<prop::sample::Index>(), at in any::<usize>(), kind in 0_u8..4, length in 1_usize..60) {
        let bytes = which.get(&DOCUMENTS);
        let at = at % bytes.len();
        let end = (at + length).min(bytes.len());
        let mut damaged = bytes.clone();
        match kind {
            0 => damaged.truncate(at),
            1 => damaged[at] ^= 1 << (length % 8),
            2 => drop(damaged.drain(at..end)),
            _ => drop(damaged.splice(at..at, bytes[at..end].iter().copied())),
        }
        let lines = damaged.split(|byte| *byte == b'\n').count();
        let noted = match read_parts(&damaged, "a") {
            Ok((list, noted)) => {
                prop_assert!(!list.id.is_empty() && !list.parts.is_empty() && list.parts.len() <= damaged.len() / 8);
                noted
            }
            Err(error) => vec![error],
        };
        let read = read_document(&damaged, "a").map_err(|error| vec![error]);
        let more = read.map_or_else(|errors| errors, |read| [read.noted, read.lost].concat());
        for error in noted.iter().chain(&more) {
            prop_assert!(error.line >= 1 && error.line <= lines.max(1) && error.column >= 1, "{}", error);
            prop_assert!(error.what.len() < 600, "{}", error);
        }
    }
}
