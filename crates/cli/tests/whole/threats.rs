//! Lists of threats: what they say reaches triage, drafts and the finding, and an older list undoes nothing.

use crate::support::house::{House, hospital, lead, reader};
use crate::support::program::{arg, run};
use tallyward_app::AppError;
use tallyward_app::query::FindingQuery;
use tallyward_app::views::{FindingLine, ThreatOutcome};
use tallyward_core::Verdict;
use tallyward_core::testkit::shared;
use tempfile::tempdir;

fn kev(day: &str, ids: &[&str]) -> (String, Vec<u8>) {
    let entries: Vec<_> =
        ids.iter().map(|id| serde_json::json!({"cveID": id, "dateAdded": "2026-01-02"})).collect();
    let kev = serde_json::json!({
        "catalogVersion": day, "dateReleased": format!("{day}T00:00:00Z"), "vulnerabilities": entries,
    });
    ("kev.json".to_owned(), kev.to_string().into_bytes())
}

fn record(id: &str, day: &str, exploitation: &str) -> (String, Vec<u8>) {
    let ssvc = serde_json::json!({"type": "ssvc", "content": {
        "timestamp": format!("{day}T00:00:00Z"),
        "options": [{"Exploitation": exploitation}, {"Automatable": "no"}, {"Technical Impact": "total"}],
    }});
    let adp =
        serde_json::json!([{"providerMetadata": {"shortName": "CISA-ADP"}, "metrics": [{"other": ssvc}]}]);
    let record = serde_json::json!({"cveMetadata": {"cveId": id}, "containers": {"adp": adp}});
    (format!("{id}.json"), record.to_string().into_bytes())
}

fn affected(house: &House) -> Vec<FindingLine> {
    let query =
        FindingQuery { verdict: Some(Verdict::Affected), limit: Some(1_000), ..FindingQuery::default() };
    house.app.findings(&query).unwrap().page.rows
}

#[test]
fn a_flaw_used_in_attacks_is_more_urgent_and_its_finding_says_why() {
    let house = House::of(&hospital(7, 400));
    let before = affected(&house);
    let calm =
        before.iter().find(|line| line.outcome == "scheduled" && line.vulnerability.starts_with("CVE-"));
    let calm = calm.expect("the lab has an affected finding that is not urgent").clone();
    let again = |house: &House| house.app.finding(calm.device, &calm.advisory, &calm.vulnerability).unwrap();
    assert!(again(&house).triage.iter().any(|step| step.starts_with("Not known: exploitation.")));
    assert!(house.app.threats().unwrap().is_empty());

    let refused = house.app.take_threats(&reader(), vec![kev("2026-11-01", &[&calm.vulnerability])]);
    assert!(matches!(refused, Err(AppError::Refused(_))), "{refused:?}");

    let taken = house.app.take_threats(&lead(), vec![kev("2026-11-01", &[&calm.vulnerability])]).unwrap();
    assert_eq!(taken.lists[0].outcome, ThreatOutcome::Taken);
    let active = again(&house);
    assert_eq!(
        active.triage[0],
        "Listed since 2026-01-02 in CISA's catalogue of exploited flaws (KEV 2026-11-01): used in attacks."
    );
    assert!(!active.triage.iter().any(|step| step.starts_with("Not known: exploitation.")));
    assert!(["out_of_cycle", "immediate"].contains(&active.line.outcome.as_str()), "{}", active.line.outcome);
    assert!(active.line.tier <= calm.tier);
    assert!(active.beside.iter().any(|one| one.starts_with("CISA BOD 26-04 (binding on US federal")));
    for (was, is) in before.iter().zip(affected(&house)) {
        assert!(was.vulnerability == calm.vulnerability || *was == is, "another flaw is triaged as before");
    }
    let drafts = house.app.drafts().unwrap();
    let told = |id: &str| house.app.draft(id).unwrap().triage;
    assert!(
        drafts.iter().any(|one| told(&one.id).iter().any(|step| step.contains("KEV 2026-11-01"))),
        "the open drafts follow"
    );
    let lines = house.app.threats().unwrap();
    assert_eq!((lines.len(), lines[0].flaws, lines[0].here), (1, 1, 1));
    let log = house.app.audit_log(None, 1).unwrap();
    assert_eq!((log[0].action.as_str(), log[0].subject.as_str()), ("threats.take", "kev"));
}

#[test]
fn an_older_list_undoes_nothing_and_the_same_one_does_nothing() {
    let house = House::of(&hospital(7, 400));
    let id = affected(&house).into_iter().find(|line| line.vulnerability.starts_with("CVE-")).unwrap();
    let id = id.vulnerability.as_str();
    house.app.take_threats(&lead(), vec![kev("2026-11-02", &[id])]).unwrap();
    let entries = house.app.audit_log(None, 100).unwrap().len();
    let files = vec![
        kev("2026-11-01", &["CVE-2020-1938"]),
        kev("2026-11-02", &[id]),
        ("x.txt".to_owned(), b"<html>".to_vec()),
    ];
    let intake = house.app.take_threats(&lead(), files).unwrap();
    let outcomes: Vec<ThreatOutcome> = intake.lists.iter().map(|one| one.outcome).collect();
    assert_eq!(outcomes, [ThreatOutcome::Older, ThreatOutcome::Unchanged]);
    assert_eq!(intake.damaged.len(), 1);
    assert_eq!(house.app.threats().unwrap()[0].here, 1);
    assert_eq!(
        house.app.audit_log(None, 100).unwrap().len(),
        entries,
        "what changed nothing leaves no entry"
    );
    let newer = house.app.take_threats(&lead(), vec![kev("2026-11-03", &["CVE-2020-1938"])]).unwrap();
    assert_eq!(newer.lists[0].gone, 1, "what a newer list does not name any more is counted");
}

#[test]
fn the_newer_enrichment_of_a_flaw_counts() {
    let house = House::of(&hospital(7, 400));
    let line = affected(&house).into_iter().find(|line| line.vulnerability.starts_with("CVE-")).unwrap();
    let id = line.vulnerability.as_str();
    let steps = |house: &House| {
        house.app.finding(line.device, &line.advisory, &line.vulnerability).unwrap().triage.join("\n")
    };
    house.app.take_threats(&lead(), vec![record(id, "2026-09-01", "active")]).unwrap();
    assert!(steps(&house).contains("CISA-ADP said of it on 2026-09-01: used in attacks; not automatable"));
    let older = house.app.take_threats(&lead(), vec![record(id, "2026-08-01", "none")]).unwrap();
    assert_eq!((older.records, older.records_kept), (0, 1));
    assert!(steps(&house).contains("Attacks: used in attacks;"));
    house.app.take_threats(&lead(), vec![record(id, "2026-10-01", "none")]).unwrap();
    assert!(steps(&house).contains("Attacks: no known attack;"));
    house.clock.pass(200 * 86_400);
    assert!(steps(&house).contains("counts as not known after 180"), "{}", steps(&house));
    assert!(steps(&house).contains("Attacks: a method is public;"), "the stated default stands in again");
    house.app.take_threats(&lead(), vec![kev("2026-10-02", &[id])]).unwrap();
    assert!(steps(&house).contains("Attacks: used in attacks;"), "KEV is believed over an enrichment");
}

/// The real catalogue, the real records and the real advisories, through the real program.
#[test]
fn real_lists_name_the_flaws_of_real_advisories() {
    let (Some(kev), Some(overlap), Some(records), Some(icsma)) = (
        shared("kev/known_exploited_vulnerabilities.json"),
        shared("kev/icsma_overlap.json"),
        shared("vulnrichment"),
        shared("icsma"),
    ) else {
        return;
    };
    let home = tempdir().unwrap();
    run(home.path(), &["advisories", arg(&icsma)]);
    let taken =
        run(home.path(), &["--json", "threats", "take", arg(&kev), arg(&records)]).expect_code(0).json();
    assert_eq!((&taken["lists"][0]["flaws"], &taken["records"]), (&1_404.into(), &29.into()), "{taken}");
    let overlap: serde_json::Value = serde_json::from_slice(&std::fs::read(overlap).unwrap()).unwrap();
    let list = run(home.path(), &["--json", "threats", "list"]).expect_code(0).json();
    let of = |name: &str| list.as_array().unwrap().iter().find(|one| one["name"] == name).unwrap().clone();
    assert_eq!(of("kev")["here"], overlap.as_object().unwrap().len());
    assert_eq!(of("kev")["of"], "2025.08.25");
    assert_eq!(of("enrichment")["flaws"], 29);
    let words = run(home.path(), &["threats", "list"]).expect_code(0).out;
    assert!(words.contains("1404") && words.contains("newest of 2024-"), "{words}");
    run(home.path(), &["threats", "take", arg(&overlap_file(home.path()))]).expect_code(3);
}

/// A file that is no list of threats.
fn overlap_file(folder: &std::path::Path) -> std::path::PathBuf {
    let path = folder.join("other.json");
    std::fs::write(&path, "{}").unwrap();
    path
}
