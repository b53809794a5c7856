//! How urgent a finding is: its inputs with reasons, what a person sets, the list by decision.

use crate::house::{Browser, encode, filled, person};
use axum::http::StatusCode;
use std::sync::atomic::Ordering;
use tallyward_app::TriageInput;
use tallyward_app::query::{FindingOrder, FindingQuery};
use tallyward_core::{SsvcOutcome, Verdict};

fn path(line: &tallyward_app::views::FindingLine) -> String {
    format!("/findings/{}/{}/{}", line.device, line.advisory, encode(&line.vulnerability))
}

#[tokio::test]
async fn a_person_sets_an_input_and_takes_it_back() {
    let house = filled();
    let query = FindingQuery { verdict: Some(Verdict::Affected), ..FindingQuery::default() };
    let rows = house.app.findings(&query).unwrap().page.rows;
    // One whose decision hangs on what nobody knows.
    let line = rows.iter().find(|line| line.calmest != line.strictest).expect("something is not known");
    let browser = Browser::signed_in(&house, "lead").await;
    let before = browser.get(&path(line)).await;
    assert!(before.body.contains("◆ not known"), "{}", before.body);
    assert!(before.body.contains("Not all is known: it may turn out anything from"));

    let csrf = before.csrf();
    let post = |input: &'static str, value: &'static str, because: &'static str, act: &'static str| {
        let fields = [
            ("csrf", csrf.clone()),
            ("input", input.to_owned()),
            ("value", value.to_owned()),
            ("because", because.to_owned()),
            ("act", act.to_owned()),
        ];
        house.clock.0.fetch_add(1_000_000, Ordering::Relaxed);
        let (browser, path) = (&browser, format!("{}/triage", path(line)));
        async move {
            let fields: Vec<(&str, &str)> =
                fields.iter().map(|(key, value)| (*key, value.as_str())).collect();
            browser.post(&path, &fields).await.status
        }
    };
    assert_eq!(post("exposure", "wide", "because", "set").await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(post("exposure", "small", " ", "set").await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(post("exposure", "small", "fenced, proved on Monday", "set").await, StatusCode::SEE_OTHER);
    assert_eq!(post("exploitation", "none", "asked the maker", "set").await, StatusCode::SEE_OTHER);
    assert_eq!(post("automatable", "no", "needs a key", "set").await, StatusCode::SEE_OTHER);
    let set = browser.get(&path(line)).await.body;
    assert!(set.contains("Set by lead of the tests") || set.contains("Set by Lea Lead"), "{set}");
    assert!(set.contains("fenced, proved on Monday"));

    // Exposure is the device's, exploitation the flaw's.
    let all =
        |query: FindingQuery| house.app.findings(&FindingQuery { limit: Some(1_000), ..query }).unwrap();
    for one in all(FindingQuery { device: Some(line.device), ..FindingQuery::default() }).page.rows {
        assert!(one.vector.contains("EXP:small"), "{one:?}");
    }
    for one in
        all(FindingQuery { vulnerability: Some(line.vulnerability.clone()), ..FindingQuery::default() })
            .page
            .rows
    {
        assert!(one.vector.starts_with("E:none/"), "{one:?}");
        assert!(one.vector.contains("EXP:small") == (one.device == line.device), "{one:?}");
    }
    let now = house.app.finding(line.device, &line.advisory, &line.vulnerability).unwrap();
    assert_eq!(now.line.calmest, now.line.strictest, "nothing is left open: {:?}", now.line);
    assert!(
        now.line.outcome < line.outcome || now.line.outcome == "scheduled" || now.line.outcome == "defer"
    );

    assert_eq!(post("exposure", "", "moved", "back").await, StatusCode::SEE_OTHER);
    let back = house.app.finding(line.device, &line.advisory, &line.vulnerability).unwrap();
    assert!(back.inputs.iter().all(|input| input.input != "exposure" || input.set_by.is_none()));
    assert!(!back.line.vector.contains("EXP:small"), "{:?}", back.line);
    let audit = browser.get("/settings/audit").await.body;
    assert!(audit.contains("triage.set") && audit.contains("fenced, proved on Monday"), "{audit}");
}

#[test]
fn a_level_is_a_clinical_act_and_a_reader_sets_nothing() {
    let house = filled();
    let line = house.app.findings(&FindingQuery::default()).unwrap().page.rows.remove(0);
    let set = |login: &str, input, value| {
        let because = "for the test";
        let who = person(login);
        house.clock.0.fetch_add(1_000_000, Ordering::Relaxed);
        house.app.set_triage(
            &who,
            line.device,
            &line.advisory,
            &line.vulnerability,
            input,
            Some(value),
            because,
        )
    };
    assert!(set("admin", TriageInput::ClinicalLevel, "C0").is_err());
    assert!(set("reader", TriageInput::Exposure, "open").is_err());
    set("lead", TriageInput::ClinicalLevel, "C0").unwrap();
    let now = house.app.finding(line.device, &line.advisory, &line.vulnerability).unwrap().line;
    assert_eq!(now.clinical, "C0");
    set("lead", TriageInput::ClinicalLevel, "C4").unwrap();
    let now = house.app.finding(line.device, &line.advisory, &line.vulnerability).unwrap().line;
    assert_eq!(
        (now.clinical.as_str(), now.vector.ends_with("HI:very_high")),
        ("C4", true),
        "the newest counts"
    );
}

#[tokio::test]
async fn the_list_by_decision_holds_the_same_findings() {
    let house = filled();
    let app = &house.app;
    let walk = |query: FindingQuery| {
        let mut query = FindingQuery { limit: Some(37), ..query };
        let mut rows = Vec::new();
        loop {
            let page = app.findings(&query).unwrap().page;
            rows.extend(page.rows);
            match page.next {
                Some(next) => query.after = Some(next),
                None => {
                    assert_eq!(rows.len() as u64, page.total);
                    return rows;
                }
            }
        }
    };
    let all = walk(FindingQuery::default());
    let ordered = walk(FindingQuery { order: FindingOrder::Decision, ..FindingQuery::default() });
    assert_eq!(all.len(), ordered.len());
    let urgency = |line: &tallyward_app::views::FindingLine| {
        let outcome = SsvcOutcome::from_code(&line.outcome).unwrap();
        (line.verdict != Verdict::NotAffected).then_some(outcome)
    };
    assert!(ordered.is_sorted_by(|a, b| urgency(a) >= urgency(b)));
    let mut seen = 0;
    for outcome in SsvcOutcome::ALL {
        let some = walk(FindingQuery { outcome: Some(*outcome), ..FindingQuery::default() });
        assert!(some.iter().all(|line| urgency(line) == Some(*outcome)));
        seen += some.len();
    }
    assert_eq!(seen, all.iter().filter(|line| line.verdict != Verdict::NotAffected).count());

    let browser = Browser::signed_in(&house, "reader").await;
    for outcome in ["out_of_cycle", "scheduled"] {
        let page = browser.get(&format!("/findings?outcome={outcome}&order=decision")).await;
        assert_eq!(page.status, StatusCode::OK);
        let csv = browser.get(&format!("/findings.csv?outcome={outcome}")).await.body;
        let at = csv.lines().next().unwrap().split(',').position(|column| column == "outcome").unwrap();
        assert!(
            csv.lines().next().unwrap().ends_with("outcome_calmest,outcome_strictest,ssvc_vector,not_known")
        );
        assert!(csv.contains(outcome) && at > 0, "{csv}");
    }
    assert_eq!(browser.get("/findings?outcome=soon").await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

/// KEV taken in moves a finding, and a year later it still says so.
#[test]
fn a_flaw_in_kev_is_used_in_attacks_however_old_the_list() {
    let house = filled();
    let app = &house.app;
    let query = FindingQuery { verdict: Some(Verdict::Affected), ..FindingQuery::default() };
    let rows = app.findings(&query).unwrap().page.rows;
    let line = rows.iter().find(|line| line.vulnerability.starts_with("CVE-")).unwrap();
    let kev = format!(
        r#"{{"catalogVersion":"2026.01.01","dateReleased":"2026-01-01T00:00:00Z","vulnerabilities":[{{"cveID":"{}","dateAdded":"2025-12-24"}}]}}"#,
        line.vulnerability
    );
    app.take_threats(&person("admin"), vec![("kev.json".to_owned(), kev.into_bytes())]).unwrap();
    for days in [0_i64, 400] {
        house.clock.0.fetch_add(days * 86_400_000_000, Ordering::Relaxed);
        let now = app.finding(line.device, &line.advisory, &line.vulnerability).unwrap();
        assert!(now.line.vector.starts_with("E:active/"), "{:?}", now.line);
        assert!(now.inputs[0].why[0].contains("KEV 2026.01.01"), "{:?}", now.inputs[0]);
        assert!(
            now.beside
                .iter()
                .any(|one| one.contains("BOD 26-04 (binding on US federal civilian agencies only"))
        );
    }
}

#[test]
fn answers_to_the_rubric_are_kept_beside_the_decision_and_decide_nothing() {
    let house = filled();
    let line = house.app.findings(&FindingQuery::default()).unwrap().page.rows.remove(0);
    let page = || house.app.finding(line.device, &line.advisory, &line.vulnerability).unwrap();
    let set = |value| {
        let (who, input) = (person("lead"), TriageInput::Rubric);
        house.clock.0.fetch_add(1_000_000, Ordering::Relaxed);
        house.app.set_triage(
            &who,
            line.device,
            &line.advisory,
            &line.vulnerability,
            input,
            value,
            "scored in May",
        )
    };
    let before = page();
    assert!(set(Some("XAVN=yes")).is_err());
    let whole = "edition=2020-10 XAVN=yes XACL=no CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:H";
    set(Some(whole)).unwrap();
    let after = page();
    assert_eq!(after.rubric, whole);
    let said = after.beside.last().unwrap();
    assert!(
        said.contains("base 9.1") && said.contains("29 of 31") && said.contains("scored in May"),
        "{said}"
    );
    assert_eq!((&after.line, &after.inputs), (&before.line, &before.inputs), "it decides nothing");
    set(None).unwrap();
    assert_eq!((page().rubric, page().beside), (String::new(), before.beside));
}
