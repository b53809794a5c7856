//! What VEX documents and recalls do to verdicts: never clear, never convicted, beyond what they say.

use serde_json::{Value, json};
use tallyward_core::verdict::{MissingFact, Verdict};
use tallyward_identity::aliases::Aliases;
use tallyward_matching::{Component, Configuration, Judged, Matcher, Resolver, VersionState};

fn judged(document: &Value, configuration: &Configuration) -> Vec<Judged> {
    let read = tallyward_advisories::read_document(document.to_string().as_bytes(), "a.json")
        .expect("a readable document");
    Matcher::new(&read.advisories, Resolver::new(Aliases::builtin(), &[])).decide(configuration)
}

fn verdicts(document: &Value, configuration: &Configuration) -> Vec<Verdict> {
    judged(document, configuration).into_iter().map(|one| one.verdict).collect()
}

fn device(maker: &str, version: &str) -> Configuration {
    Configuration {
        maker: maker.to_owned(),
        model: "Pump 3".to_owned(),
        software_version: version.to_owned(),
        version_state: if version.is_empty() { VersionState::Missing } else { VersionState::Fresh },
        ..Configuration::default()
    }
}

fn pump(version: &str) -> Configuration {
    device("Acme", version)
}

fn openvex(status: &str, product: &str) -> Value {
    json!({"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.org/vex/1", "author": "Acme",
        "timestamp": "2024-01-01T00:00:00Z", "version": 1, "statements": [{"vulnerability": {"name": "CVE-2024-1"},
        "status": status, "justification": "component_not_present", "products": [{"@id": product}]}]})
}

fn cyclonedx(analysis: &Value, affects: &Value) -> Value {
    json!({"bomFormat": "CycloneDX", "specVersion": "1.6",
        "metadata": {"component": {"name": "Pump 3", "version": "4.1", "bom-ref": "pump", "manufacturer": {"name": "Acme"}}},
        "components": [{"name": "openssl", "version": "1.1", "bom-ref": "ssl"}],
        "vulnerabilities": [{"id": "CVE-2024-1", "analysis": analysis, "affects": affects}]})
}

fn recall(codes: &str) -> Value {
    json!({"results": [{"recall_number": "Z-0001-2024", "product_type": "Devices", "recalling_firm": "Acme",
        "product_description": "Pump 3", "code_info": codes, "reason_for_recall": "The alarm may stay silent."}]})
}

#[test]
fn vex_decides_the_versions_it_lists_and_no_others() {
    let cpe = "cpe:2.3:h:acme:pump_3:4.1:*:*:*:*:*:*:*";
    for (status, here) in [
        ("affected", Verdict::Affected),
        ("not_affected", Verdict::NotAffected),
        ("fixed", Verdict::NotAffected),
    ] {
        assert_eq!(verdicts(&openvex(status, cpe), &pump("4.1")), [here], "{status}");
        // A version it leaves out is not thereby clear.
        for other in ["4.0", "4.2", ""] {
            assert_eq!(verdicts(&openvex(status, cpe), &pump(other)), [Verdict::Unknown], "{status} {other}");
        }
    }
    let state = |state: &str, affects: &Value, version: &str| {
        verdicts(&cyclonedx(&json!({"state": state}), affects), &pump(version))
    };
    let whole = json!([{"ref": "pump"}]);
    assert_eq!(state("not_affected", &whole, "4.1"), [Verdict::NotAffected]);
    assert_eq!(state("exploitable", &whole, "4.1"), [Verdict::Affected]);
    assert_eq!(state("exploitable", &whole, "4.2"), [Verdict::Unknown]);
    assert_eq!(state("in_triage", &whole, "4.1"), [Verdict::Unknown]);
    let listed = json!([{"ref": "pump", "versions": [{"range": "vers:generic/>=4.0|<4.3", "status": "affected"}, {"version": "4.3", "status": "unaffected"}]}]);
    for (version, here) in
        [("4.2", Verdict::Affected), ("4.3", Verdict::NotAffected), ("4.4", Verdict::Unknown)]
    {
        assert_eq!(state("exploitable", &listed, version), [here], "{version}");
    }
    // At odds with itself.
    let odd = json!([{"ref": "pump", "versions": [{"version": "4.1", "status": "affected"}]}]);
    assert_eq!(state("not_affected", &odd, "4.1"), [Verdict::Unknown]);
}

/// A package of that name may be another build: it neither clears nor convicts.
#[test]
fn packages_and_parts_leave_devices_open() {
    let holding = Configuration { components: vec![Component::read("openssl 1.1", false)], ..pump("4.1") };
    for status in ["affected", "not_affected", "fixed"] {
        let found = judged(&openvex(status, "pkg:apk/wolfi/openssl@1.1"), &holding);
        assert_eq!(found.len(), 1, "{status}");
        assert_eq!(found[0].verdict, Verdict::Unknown, "{status}");
    }
    for state in ["exploitable", "not_affected", "resolved"] {
        let of = |reference: &str| {
            verdicts(&cyclonedx(&json!({"state": state}), &json!([{"ref": reference}])), &holding)
        };
        assert_eq!(of("ssl"), [Verdict::Unknown], "{state}");
        // What another document describes is nothing this one can speak for.
        assert_eq!(of("urn:cdx:1/1#Pump%203"), [], "{state}");
    }
}

#[test]
fn a_recall_by_lots_is_open_and_a_plain_one_decides() {
    for codes in ["Lot 5008", "", "Serial numbers 100 to 200", "4.1", "All lots of number 7"] {
        for version in ["4.1", "4.0", ""] {
            let found = judged(&recall(codes), &pump(version));
            assert_eq!(found.len(), 1, "{codes}");
            assert_eq!(found[0].verdict, Verdict::Unknown, "{codes} {version}");
            assert!(
                matches!(&found[0].missing, Some(MissingFact::Condition { text }) if text.contains("recalled"))
            );
            let quoted = found[0].reasons.iter().any(|reason| format!("{reason:?}").contains(codes));
            assert!(quoted, "{:?}", found[0].reasons);
        }
    }
    assert_eq!(verdicts(&recall("All units"), &pump("")), [Verdict::Affected]);
    assert_eq!(verdicts(&recall("Software version 4.1"), &pump("4.1")), [Verdict::Affected]);
    assert_eq!(verdicts(&recall("Software version 4.1"), &pump("")), [Verdict::Unknown]);
    assert_eq!(verdicts(&recall("Lot 5008"), &device("Other", "4.1")), []);
    // Whatever the device is called here, the recall names its device identifier.
    let by_di = Configuration { di: Some("09506000134352".to_owned()), ..device("Other", "4.1") };
    assert_eq!(verdicts(&recall("UDI-DI: 09506000134352; Lot 5008"), &by_di), [Verdict::Unknown]);
    assert_eq!(verdicts(&recall("Lot 09506000134352"), &by_di), []);
}
