use super::*;
use tallyward_advisories::threat::{Threats, read_threats};
use tallyward_core::{Decision, Judgement, Score};

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

/// What is told on a day on which everything is fresh.
fn told(on_file: &OnFile, id: &str) -> Flaw {
    told_on(on_file, id, "2024-10-01", &[])
}

fn told_on(on_file: &OnFile, id: &str, day: &str, decisions: &[Decision]) -> Flaw {
    let judged = Judged::of(&decisions.iter().collect::<Vec<_>>(), |id| id);
    on_file.of(&Tables::builtin(), &flaw(id), &judged, day.parse().unwrap())
}

fn set(value: &str) -> Decision {
    let about = TriageAbout::Exploitation { vulnerability: "CVE-2024-1275".into() };
    Decision {
        at: "2024-09-01".parse().unwrap(),
        id: "d1".into(),
        by: "Ada".into(),
        reason: "the maker says so".into(),
        judgement: Judgement::Triage { about, value: value.into() },
    }
}

#[test]
fn no_known_attack_is_not_believed_for_ever_and_an_attack_is() {
    let id = "CVE-2024-1275";
    let mut on_file = OnFile { enrichments: enrichment("none", "no", "total"), ..OnFile::default() };
    let ask = |on_file: &OnFile, day: &str| told_on(on_file, id, day, &[]);
    assert_eq!(ask(&on_file, "2024-12-02").exploitation, Some(Exploitation::None), "180 days later");
    let old = ask(&on_file, "2024-12-03");
    assert_eq!(old.exploitation, None, "181 days later");
    assert!(old.exploitation_why.contains("181 days old"), "{}", old.exploitation_why);
    assert_eq!(old.automatable, Some(Automatable::No), "what the flaw is does not age");
    for value in ["public_poc", "active"] {
        on_file.enrichments = enrichment(value, "no", "total");
        let known = ask(&on_file, "2044-01-01").exploitation.map(Exploitation::code);
        assert_eq!(known, Some(value));
    }
}

#[test]
fn an_old_kev_says_who_is_in_it_and_not_who_is_not() {
    let on_file = OnFile { kev: Some(kev(&["CVE-2020-1938"])), ..OnFile::default() };
    for (day, absent) in [("2025-09-01", Some(InKev::No)), ("2025-09-02", None)] {
        assert_eq!(told_on(&on_file, "CVE-2024-1275", day, &[]).in_kev, absent);
        let listed = told_on(&on_file, "CVE-2020-1938", day, &[]);
        assert_eq!((listed.in_kev, listed.exploitation), (Some(InKev::Yes), Some(Exploitation::Active)));
    }
}

#[test]
fn what_a_person_set_counts_and_what_stands_against_it_is_said() {
    let (id, day) = ("CVE-2024-1275", "2025-08-26");
    let on_file = OnFile { kev: Some(kev(&[id])), ..OnFile::default() };
    let set = told_on(&on_file, id, day, &[set("none")]);
    assert_eq!(set.exploitation, Some(Exploitation::None));
    assert!(set.exploitation_why.starts_with("Set by Ada on 2024-09-01: the maker says so."));
    assert!(set.exploitation_why.contains("Against it stands: Listed since"), "{}", set.exploitation_why);
    assert_eq!(set.in_kev, Some(InKev::Yes), "what the list says stays what it is");
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
    let here = told_on(&on_file, "CVE-2024-1275", "2025-08-26", &[]);
    let listed = told_on(&on_file, "cve-2020-1938", "2026-08-26", &[]);
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
