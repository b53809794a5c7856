use super::*;
use tallyward_advisories::threat::{Threats, read_threats};
use tallyward_core::Score;

fn kev(ids: &[&str]) -> Kev {
    let entry = |id: &&str| {
        format!(r#"{{"cveID":"{id}","dateAdded":"2022-03-03","knownRansomwareCampaignUse":"Known"}}"#)
    };
    let entries = ids.iter().map(entry).collect::<Vec<_>>().join(",");
    let text = format!(
        r#"{{"catalogVersion":"2025.08.25","dateReleased":"2025-08-25T00:00:00Z","vulnerabilities":[{entries}]}}"#
    );
    match read_threats(text.as_bytes(), "kev") {
        Ok((Threats::Kev(kev), _)) => kev,
        other => panic!("{other:?}"),
    }
}

fn enrichment(exploitation: &str, automatable: &str, technical_impact: &str) -> Enrichments {
    let one = Enrichment {
        by: "CISA-ADP".into(),
        at: "2024-06-05".parse().unwrap(),
        exploitation: exploitation.into(),
        automatable: automatable.into(),
        technical_impact: technical_impact.into(),
    };
    BTreeMap::from([("CVE-2024-1275".to_owned(), one)])
}

/// Open to the network, without rights or a user: automatable, by its vector.
fn flaw(id: &str) -> Vulnerability {
    let score = Score {
        version: String::new(),
        vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H".into(),
        base: String::new(),
        severity: String::new(),
        products: vec![],
    };
    Vulnerability { id: id.into(), scores: vec![score], ..Vulnerability::default() }
}

fn told(on_file: &OnFile, id: &str) -> Flaw {
    on_file.of(&Tables::builtin(), &flaw(id))
}

#[test]
fn kev_is_believed_over_an_enrichment_and_an_enrichment_over_the_vectors() {
    let id = "CVE-2024-1275";
    let nothing = told(&OnFile::default(), id);
    assert_eq!((nothing.exploitation, nothing.automatable), (None, Some(Automatable::Yes)));
    assert!(nothing.said.is_empty() && nothing.beside.is_empty());

    let mut on_file = OnFile { enrichments: enrichment("none", "no", "total"), ..OnFile::default() };
    let enriched = told(&on_file, id);
    assert_eq!(enriched.exploitation, Some(Exploitation::None));
    assert_eq!(enriched.automatable, Some(Automatable::No));

    on_file.kev = Some(kev(&[id]));
    let both = told(&on_file, id);
    assert_eq!((both.exploitation, both.automatable), (Some(Exploitation::Active), Some(Automatable::No)));
    assert_eq!(both.said.len(), 2, "what the enrichment said stays to be read: {:?}", both.said);

    on_file.kev = Some(kev(&["CVE-2020-1938"]));
    assert_eq!(told(&on_file, id).exploitation, Some(Exploitation::None));
    assert_eq!(told(&on_file, "CVE-2024-9999").exploitation, None, "silence is no \"none\"");
    let unnumbered = told(&on_file, "ACME-1");
    assert!(unnumbered.exploitation.is_none() && unnumbered.beside.is_empty());
}

#[test]
fn what_an_enrichment_leaves_open_stays_open() {
    let on_file = OnFile { enrichments: enrichment("", "", "total"), ..OnFile::default() };
    let told = told(&on_file, "CVE-2024-1275");
    assert_eq!((told.exploitation, told.automatable), (None, Some(Automatable::Yes)));
}

#[test]
fn each_list_is_told_of_in_a_sentence_with_its_date() {
    let epss = b"#model_version:v1,score_date:2025-08-25\ncve,epss,percentile\nCVE-2024-1275,0.00043,0.1\n";
    let Ok((Threats::Epss(epss), _)) = read_threats(epss, "epss") else { panic!("no list") };
    let on_file = OnFile {
        kev: Some(kev(&["CVE-2020-1938"])),
        epss: Some(epss),
        enrichments: enrichment("public_poc", "yes", "partial"),
    };
    let here = told(&on_file, "CVE-2024-1275");
    let listed = told(&on_file, "cve-2020-1938");
    let lines = [here.said, here.beside, listed.said, listed.beside].concat();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn a_percentage_is_never_rounded_to_certainty() {
    let shown: Vec<String> =
        [0, 1, 49, 50, 430, 944_690, 999_949, 999_950, 999_999, 1_000_000].map(percent).into();
    assert_eq!(
        shown,
        [
            "0 %",
            "less than 0.01 %",
            "less than 0.01 %",
            "0.01 %",
            "0.04 %",
            "94.47 %",
            "99.99 %",
            "more than 99.99 %",
            "more than 99.99 %",
            "100 %",
        ]
    );
}
