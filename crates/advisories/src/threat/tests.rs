//! Real lists, lists made wrong on purpose, and damaged ones.

use super::*;
use crate::bounds::MAX_BYTES;
use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;
use std::io::Write as _;
use std::sync::LazyLock;
use tallyward_core::testkit::shared;

const EPSS: &str = "#model_version:v2025.03.14,score_date:2025-08-25T12:55:00Z\ncve,epss,percentile\n\
    CVE-2020-1938,0.94469,0.99994\nCVE-2024-1275,0.00043,0.1\nCVE-2018-8863,1e-05,0.00002\n";

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn refused(bytes: &[u8]) -> String {
    read_threats(bytes, "x").unwrap_err().to_string()
}

/// The catalogue is read whole, and what it shares with the medical advisories is what was found by hand.
#[test]
fn the_real_catalogue_is_read_whole() {
    let Some(path) = shared("kev/known_exploited_vulnerabilities.json") else { return };
    let bytes = std::fs::read(path).unwrap();
    let (Threats::Kev(kev), noted) = read_threats(&bytes, "kev").unwrap() else { panic!("no catalogue") };
    assert_eq!((kev.version.as_str(), kev.entries.len(), noted), ("2025.08.25", 1_404, vec![]));
    assert_eq!(kev.released.date(), "2025-08-25");
    let ghostcat = &kev.entries["CVE-2020-1938"];
    assert_eq!((ghostcat.added.as_str(), ghostcat.due.as_str()), ("2022-03-03", "2022-03-17"));
    let raw: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    for one in raw["vulnerabilities"].as_array().unwrap() {
        let entry = &kev.entries[one["cveID"].as_str().unwrap()];
        assert_eq!(entry.added, one["dateAdded"].as_str().unwrap());
        assert_eq!(entry.ransomware, one["knownRansomwareCampaignUse"] == "Known");
    }
    let (Some(overlap), Some(folder)) = (shared("kev/icsma_overlap.json"), shared("icsma")) else { return };
    let by_hand: std::collections::BTreeMap<String, Vec<String>> =
        serde_json::from_slice(&std::fs::read(overlap).unwrap()).unwrap();
    let mut found = std::collections::BTreeMap::<String, Vec<String>>::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let Ok(advisory) = crate::read_csaf(&std::fs::read(entry.unwrap().path()).unwrap(), "icsma") else {
            continue;
        };
        for flaw in advisory.vulnerabilities.iter().filter(|flaw| kev.entries.contains_key(&flaw.id)) {
            found.entry(flaw.id.clone()).or_default().push(advisory.id.clone());
        }
    }
    assert_eq!(found, by_hand);
    assert!(!found.is_empty());
}

/// All 29 records are enriched; counts as a second reader (a script over the raw files) has them.
#[test]
fn the_real_enriched_records_are_read() {
    let Some(folder) = shared("vulnrichment") else { return };
    let mut counts = std::collections::BTreeMap::<(String, String), usize>::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let (Threats::Cve(record), noted) = read_threats(&std::fs::read(&path).unwrap(), &name).unwrap()
        else {
            panic!("{name} is no record")
        };
        assert_eq!((record.id, noted), (name, vec![]));
        let said = record.enrichment.unwrap();
        assert_eq!(said.by, "CISA-ADP");
        assert!(["partial", "total"].contains(&said.technical_impact.as_str()));
        *counts.entry((said.exploitation, said.automatable)).or_default() += 1;
    }
    let count = |exploitation: &str, automatable: &str| {
        counts.get(&(exploitation.to_owned(), automatable.to_owned())).copied().unwrap_or_default()
    };
    assert_eq!((count("none", "no"), count("none", "yes")), (23, 4));
    assert_eq!((count("public_poc", "no"), count("public_poc", "yes")), (1, 1));
    assert_eq!(counts.values().sum::<usize>(), 29);
}

#[test]
fn an_epss_list_is_read_packed_and_plain() {
    let (plain, noted) = read_threats(EPSS.as_bytes(), "epss").unwrap();
    assert_eq!(noted, vec![]);
    assert_eq!(read_threats(&packed(EPSS.as_bytes()), "epss").unwrap(), (plain.clone(), vec![]));
    let Threats::Epss(epss) = plain else { panic!("no list") };
    assert_eq!(
        (epss.model.as_str(), epss.scored.to_string()),
        ("v2025.03.14", "2025-08-25T12:55:00Z".into())
    );
    assert_eq!(epss.scores["CVE-2020-1938"], EpssScore(944_690, 999_940));
    assert_eq!(epss.scores["CVE-2018-8863"], EpssScore(10, 20));
    let older = EPSS.replace("2025-08-25T12:55:00Z", "2023-03-07T00:00:00+0000");
    let (Threats::Epss(older), _) = read_threats(older.as_bytes(), "epss").unwrap() else {
        panic!("no list")
    };
    assert_eq!(older.scored.date(), "2023-03-07");
}

#[test]
fn a_row_that_cannot_be_used_is_named_and_the_rest_kept() {
    let text = format!(
        "{EPSS}CVE-1,0.1,0.1\nCVE-2020-1111,1.5,0.1\nCVE-2020-2222\nCVE-2024-1275,0.2,0.3\nCVE-2021-44228,NaN,0.9\n"
    );
    let (Threats::Epss(epss), noted) = read_threats(text.as_bytes(), "epss.csv").unwrap() else {
        panic!("no list")
    };
    assert_eq!((epss.scores.len(), epss.scores["CVE-2024-1275"]), (3, EpssScore(200_000, 300_000)));
    let noted: Vec<String> = noted.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(noted.join("\n"));
    let kev = r#"{"catalogVersion":"1","dateReleased":"2025-01-02T00:00:00Z","count":9,"vulnerabilities":[
        {"cveID":"cve-2020-1938","dateAdded":"2022-03-03"}, {"cveID":"CVE-2020-1938"}, {"cveID":7}, "x",
        {"cveID":"CVE-2019-0708","dateAdded":"soon","knownRansomwareCampaignUse":"Known"}]}"#;
    let (Threats::Kev(kev), noted) = read_threats(kev.as_bytes(), "kev.json").unwrap() else {
        panic!("no catalogue")
    };
    assert_eq!(kev.entries.keys().collect::<Vec<_>>(), ["CVE-2019-0708", "CVE-2020-1938"]);
    assert!(kev.entries["CVE-2019-0708"].ransomware && !kev.entries["CVE-2020-1938"].ransomware);
    assert_eq!(kev.entries["CVE-2020-1938"].added, "2022-03-03");
    let noted: Vec<String> = noted.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(noted.join("\n"));
}

/// Of several enrichments the newest counts; what nobody knows is not said.
#[test]
fn the_newest_enrichment_counts() {
    let ssvc = |at: &str, options: &str| {
        format!(
            r#"{{"providerMetadata":{{"shortName":"P"}},"metrics":[{{"cvssV3_1":{{}}}},{{"other":{{"type":"ssvc",
            "content":{{"timestamp":"{at}","options":{options}}}}}}}]}}"#
        )
    };
    let record = |adp: &[String]| {
        let adp = adp.join(",");
        format!(r#"{{"cveMetadata":{{"cveId":"CVE-2024-0001"}},"containers":{{"adp":[{adp}]}}}}"#)
    };
    let newer =
        ssvc("2025-02-01T00:00:00Z", r#"[{"Exploitation":"active"},{"Automatable":"maybe"},{"X":"y"}]"#);
    let older = ssvc("2024-02-01T00:00:00Z", r#"[{"Exploitation":"none"},{"Automatable":"no"}]"#);
    let undated = ssvc("", r#"[{"Exploitation":"none"}]"#);
    for order in [[newer.clone(), older.clone(), undated.clone()], [undated, older, newer]] {
        let (Threats::Cve(read), noted) = read_threats(record(&order).as_bytes(), "r").unwrap() else {
            panic!("no record")
        };
        let said = read.enrichment.unwrap();
        assert_eq!((said.exploitation.as_str(), said.automatable.as_str()), ("active", ""));
        assert_eq!(noted.len(), 2, "{noted:?}");
    }
    let (Threats::Cve(bare), _) = read_threats(record(&[]).as_bytes(), "r").unwrap() else {
        panic!("no record")
    };
    assert_eq!(bare.enrichment, None);
}

#[test]
fn a_list_of_records_keeps_what_can_be_read() {
    let ssvc = r#"{"other":{"type":"ssvc","content":{"timestamp":"2025-01-01T00:00:00Z","options":[{"Automatable":"no"}]}}}"#;
    let one = |id: &str| {
        format!(r#"{{"cveMetadata":{{"cveId":"{id}"}},"containers":{{"adp":[{{"metrics":[{ssvc}]}}]}}}}"#)
    };
    let list = format!("[{},\n{},\n7,{}]", one("CVE-2024-0001"), one("none"), one("CVE-2024-0002"));
    let (Threats::Records(records), noted) = read_threats(list.as_bytes(), "list").unwrap() else {
        panic!("no list")
    };
    let read: Vec<(&str, bool)> =
        records.iter().map(|one| (one.id.as_str(), one.enrichment.is_some())).collect();
    assert_eq!(read, [("CVE-2024-0001", true), ("CVE-2024-0002", true)]);
    let places: Vec<usize> = noted.iter().map(|one| one.line).collect();
    assert_eq!(places, [2, 3], "{noted:?}");
    assert!(refused(b"[]").contains("without one CVE record"));
    assert!(refused(b"[{},{}]").contains("without one CVE record"));
}

#[test]
fn what_is_none_of_the_three_is_refused_with_its_place() {
    let member = packed(&vec![b' '; MAX_BYTES / 50]);
    let bomb = member.repeat(51);
    assert!(bomb.len() < 1_000_000);
    let cases = [
        refused(b""),
        refused(b" \n"),
        refused(b"<html>"),
        refused(b"cve,epss,percentile\nCVE-2020-1938,0.9,0.9\n"),
        refused(b"#model_version:1,score_date:yesterday\ncve,epss,percentile\n"),
        refused(b"#score_date:2025-01-01\ncve,score\n"),
        refused(b"#score_date:2025-01-01\ncve,epss,percentile\nnothing\n"),
        refused(b"{}"),
        refused(br#"{"catalogVersion":"1","vulnerabilities":[]}"#),
        refused(br#"{"catalogVersion":"1","dateReleased":"2025-01-01","vulnerabilities":[]}"#),
        refused(br#"{"cveMetadata":{"cveId":"CVE-20"}}"#),
        refused(&packed(EPSS.as_bytes())[..40]),
        refused(&bomb),
    ];
    insta::assert_snapshot!(cases.join("\n"));
}

#[test]
fn a_cve_id_has_one_spelling() {
    assert_eq!(cve_id(" cve-2020-1938 ").as_deref(), Some("CVE-2020-1938"));
    for text in
        ["", "CVE-2020", "CVE-2020-123", "CVE-20-1234", "CVE-2020-12x4", "CVE-2020-+123", "GHSA-2020-1234"]
    {
        assert_eq!(cve_id(text), None, "{text}");
    }
}

static REAL: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let mut files = vec![EPSS.as_bytes().to_vec(), packed(EPSS.as_bytes())];
    files.push(br#"[{"cveMetadata":{"cveId":"CVE-2024-0001"},"containers":{"adp":[{"metrics":[]}]}},{"cveMetadata":{}}]"#.to_vec());
    for name in ["vulnrichment/CVE-2018-8863.json", "vulnrichment/CVE-2024-1275.json"] {
        files.extend(shared(name).map(|path| std::fs::read(path).unwrap()));
    }
    files.extend(shared("kev/known_exploited_vulnerabilities.json").map(|path| {
        // The head of the catalogue, closed again: the whole would make each case slow.
        let whole = std::fs::read(path).unwrap();
        let text = String::from_utf8_lossy(&whole[..20_000]).into_owned();
        let end = text.rfind("},").unwrap();
        format!("{}}}]}}", &text[..end]).into_bytes()
    }));
    files
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn damage_is_named_with_its_place_and_never_panics(
        which in any::<prop::sample::Index>(), kind in 0_u8..4, at in any::<usize>(), length in 1_usize..60,
        put in prop::collection::vec(any::<u8>(), 0..12),
    ) {
        let mut bytes = which.get(&REAL).clone();
        let at = at % bytes.len();
        let end = (at + length).min(bytes.len());
        match kind {
            0 => bytes.truncate(at),
            1 => bytes[at] ^= 1 << (length % 8),
            2 => drop(bytes.drain(at..end)),
            _ => drop(bytes.splice(at..end, put)),
        }
        let noted = match read_threats(&bytes, "file") {
            Ok((Threats::Kev(kev), noted)) => {
                prop_assert!(!kev.entries.is_empty() && kev.entries.len() <= bytes.len() / 16);
                noted
            }
            Ok((Threats::Epss(epss), noted)) => {
                prop_assert!(epss.scores.values().all(|one| one.0 <= 1_000_000 && one.1 <= 1_000_000));
                noted
            }
            Ok((Threats::Cve(record), noted)) => {
                prop_assert_eq!(cve_id(&record.id), Some(record.id.clone()));
                noted
            }
            Ok((Threats::Records(records), noted)) => {
                prop_assert!(!records.is_empty());
                noted
            }
            Err(error) => vec![error],
        };
        for error in noted {
            prop_assert!(error.line >= 1 && error.column >= 1 && error.what.len() < 600, "{error}");
        }
    }
}
