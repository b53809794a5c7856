//! What the standard asks of an asset matching system (CSAF 2.0, clauses 9.1.12 and 9.1.13), on the real store.

use crate::support::house::{House, hospital, lead, reader};
use serde_json::Value;
use tallyward_app::query::FindingQuery;
use tallyward_app::untold::ArrivalKind;
use tallyward_app::views::AdvisoryPage;
use tallyward_app::{AdvisoryField, AdvisoryOrder, AdvisoryQuery, AppError, RemedyState};
use tallyward_core::{DeviceId, Verdict};
use tallyward_lab::Hospital;

/// The house, its lab, and an affected finding: device, advisory, vulnerability.
fn house() -> (House, Hospital, (DeviceId, String, String)) {
    let lab = hospital(7, 400);
    let house = House::of(&lab);
    let query = FindingQuery { verdict: Some(Verdict::Affected), limit: Some(1), ..FindingQuery::default() };
    let row = house.app.findings(&query).unwrap().page.rows.remove(0);
    (house, lab, (row.device, row.advisory, row.vulnerability))
}

fn counts(page: &AdvisoryPage, flaw: &str) -> (u64, u64, u64, u64, u64) {
    let one = page.remedies.iter().find(|one| one.vulnerability == flaw).unwrap();
    (one.matching, one.not_remediated, one.in_progress, one.done, one.outdated)
}

/// A document with something changed, as its next revision.
fn revised(lab: &Hospital, id: &str, revision: &str, change: impl FnOnce(&mut Value)) -> (String, Vec<u8>) {
    let files = lab.advisories();
    let (name, bytes) = files.iter().find(|(name, _)| name.starts_with(&id.to_lowercase())).unwrap();
    let mut document: Value = serde_json::from_slice(bytes).unwrap();
    document["document"]["tracking"]["version"] = Value::from(revision);
    change(&mut document);
    (name.clone(), serde_json::to_vec(&document).unwrap())
}

#[test]
fn a_remedy_is_marked_counted_and_asked_anew_only_when_it_changes() {
    let (house, lab, (device, advisory, flaw)) = house();
    let page = || house.app.advisory(&advisory).unwrap();
    let (matching, open, ..) = counts(&page(), &flaw);
    assert!(open > 1 && matching >= open);

    let done = RemedyState::Done;
    let refused = house.app.mark_remedy(&reader(), Some(device), &advisory, &flaw, done, "");
    assert!(matches!(refused, Err(AppError::Refused(_))));
    house.app.mark_remedy(&lead(), Some(device), &advisory, &flaw, done, "patched on the ward").unwrap();
    assert_eq!(counts(&page(), &flaw), (matching, open - 1, 0, 1, 0));
    let mark = house.app.finding(device, &advisory, &flaw).unwrap().remedy.unwrap();
    assert_eq!(
        (mark.state.as_str(), mark.note.as_str(), mark.outdated),
        ("done", "patched on the ward", false)
    );
    let verdict = house.app.finding(device, &advisory, &flaw).unwrap().line.verdict;
    assert_eq!(verdict, Verdict::Affected, "a mark changes no verdict");

    // A revision whose remedies are the same is no new match: the mark stands.
    let same = revised(&lab, &advisory, "2", |document| {
        document["document"]["title"] = Value::from("The same, worded otherwise");
    });
    house.app.import_advisories(&lead(), vec![same]).unwrap();
    assert_eq!(counts(&page(), &flaw), (matching, open - 1, 0, 1, 0));
    let other = revised(&lab, &advisory, "3", |document| {
        for one in document["vulnerabilities"].as_array_mut().unwrap() {
            for remedy in one["remediations"].as_array_mut().unwrap() {
                remedy["details"] = Value::from("The fix was withdrawn. Take it off the network.");
            }
        }
    });
    house.app.import_advisories(&lead(), vec![other]).unwrap();
    assert_eq!(counts(&page(), &flaw), (matching, open, 0, 0, 1));

    let all = house.app.mark_remedy(&lead(), None, &advisory, &flaw, RemedyState::InProgress, "").unwrap();
    assert_eq!(all as u64, open);
    assert_eq!(counts(&page(), &flaw), (matching, 0, open, 0, 0));
}

#[test]
fn documents_are_commented_read_compared_and_removed() {
    let (house, lab, (_, advisory, _)) = house();
    house.app.comment_advisory(&lead(), &advisory, "Asked the maker on Monday.").unwrap();
    assert!(house.app.comment_advisory(&lead(), &advisory, "  ").is_err());
    house.app.mark_read(&lead(), &advisory, true).unwrap();
    assert!(house.app.mark_read(&reader(), &advisory, true).is_err());
    let page = house.app.advisory(&advisory).unwrap();
    assert_eq!(page.comments.len(), 1);
    assert_eq!(page.read_by, ["maro"]);
    let unread = AdvisoryQuery { unread_by: Some("maro".to_owned()), ..AdvisoryQuery::default() };
    let all = house.app.advisories().unwrap().len();
    assert_eq!(house.app.advisories_where(&unread).unwrap().len(), all - 1);

    // A later revision is unread again, and the two can be compared.
    let next =
        revised(&lab, &advisory, "2", |document| document["document"]["title"] = Value::from("Otherwise"));
    house.app.import_advisories(&lead(), vec![next]).unwrap();
    assert_eq!(house.app.advisories_where(&unread).unwrap().len(), all);
    let compared = house.app.compare_revisions(&advisory, &page.advisory.hash, None).unwrap();
    assert!(compared.changes.iter().any(|line| line.contains("Otherwise")), "{:?}", compared.changes);
    assert!(house.app.compare_revisions(&advisory, "nothing", None).is_err());

    assert!(matches!(house.app.remove_advisory(&reader(), &advisory, "not ours"), Err(AppError::Refused(_))));
    let waits = house.app.arrival(ArrivalKind::Advisory, &advisory).unwrap().groups;
    let waits: Vec<(String, String)> = waits.into_iter().map(|group| (group.key, group.mark)).collect();
    house.app.sign_untold(&lead(), &advisory, &waits, "Told under the other document.").unwrap();
    house.app.remove_advisory(&lead(), &advisory, "replaced by another document").unwrap();
    assert!(house.app.advisory(&advisory).is_err());
    let gone = FindingQuery { advisory: Some(advisory.clone()), ..FindingQuery::default() };
    assert_eq!(house.app.findings(&gone).unwrap().page.total, 0, "its verdicts go with it");
}

#[test]
fn documents_are_found_and_ordered() {
    let (house, _, (_, advisory, flaw)) = house();
    let found = |text: &str, field: Option<AdvisoryField>| {
        let query = AdvisoryQuery { text: Some((text.to_owned(), field)), ..AdvisoryQuery::default() };
        let lines = house.app.advisories_where(&query).unwrap();
        lines.into_iter().map(|line| line.id).collect::<Vec<_>>()
    };
    assert_eq!(found(&flaw, Some(AdvisoryField::Cve)), std::slice::from_ref(&advisory));
    assert!(found(&flaw, Some(AdvisoryField::Title)).is_empty());
    assert!(found("vista", Some(AdvisoryField::Product)).len() > 1);
    let document = house.app.advisory(&advisory).unwrap().advisory;
    for (field, value) in [
        (AdvisoryField::Id, document.id.clone()),
        (AdvisoryField::Title, document.title.to_uppercase()),
        (AdvisoryField::Category, document.category.clone()),
        (AdvisoryField::Publisher, document.publisher.clone()),
        (AdvisoryField::Status, document.status.clone()),
        (AdvisoryField::Revision, document.revision.clone()),
        (AdvisoryField::Released, document.released.unwrap().date()),
        (AdvisoryField::Revised, document.revised.unwrap().date()),
    ] {
        assert!(found(&value, Some(field)).contains(&advisory), "{field:?} {value:?}");
    }
    let order =
        |order| house.app.advisories_where(&AdvisoryQuery { order, ..AdvisoryQuery::default() }).unwrap();
    let scores: Vec<f64> =
        order(AdvisoryOrder::Cvss).iter().map(|line| line.cvss.parse().unwrap_or(0.0)).collect();
    assert!(scores[0] > 0.0 && scores.is_sorted_by(|a, b| a >= b), "{scores:?}");
    let ids: Vec<String> =
        order(AdvisoryOrder::Field(AdvisoryField::Id)).into_iter().map(|line| line.id).collect();
    assert!(ids.is_sorted());
    let touched: Vec<u64> = order(AdvisoryOrder::Affected).iter().map(|line| line.devices_affected).collect();
    assert!(touched.is_sorted_by(|a, b| a >= b));
}

#[test]
fn runs_start_by_themselves_and_on_demand_and_are_kept_apart() {
    let (house, lab, (device, advisory, _)) = house();
    let runs = house.app.runs().unwrap();
    assert!(runs.manual.is_empty());
    assert!(runs.automatic.iter().any(|run| run.what.contains(&advisory) || run.what.contains("more")));
    assert!(runs.automatic.iter().any(|run| run.what.contains("new device")), "new devices start one");

    house.app.match_documents(&lead(), std::slice::from_ref(&advisory)).unwrap();
    house.clock.pass(1);
    let findings = house.app.match_devices(&lead(), &[device]).unwrap();
    assert!(findings > 0);
    let manual = house.app.runs().unwrap().manual;
    assert_eq!(manual.len(), 2);
    assert!(manual[0].what.contains(&device.to_string()) && manual[1].what.contains(&advisory));
    assert!(house.app.match_documents(&lead(), &["NOTHING".to_owned()]).is_err());

    // Semantic versioning: another major number starts a run although nothing else changed.
    let before = house.app.runs().unwrap().automatic.len();
    let first = revised(&lab, &advisory, "1.0.0", |_| {});
    assert_eq!(house.app.import_advisories(&lead(), vec![first]).unwrap().unchanged, 1);
    let first =
        revised(&lab, &advisory, "1.0.0", |document| document["document"]["title"] = Value::from("A"));
    house.app.import_advisories(&lead(), vec![first]).unwrap();
    assert!(house.app.advisory(&advisory).unwrap().semantic);
    let minor =
        revised(&lab, &advisory, "1.1.0", |document| document["document"]["title"] = Value::from("A"));
    assert_eq!(house.app.import_advisories(&lead(), vec![minor]).unwrap().unchanged, 1);
    let major =
        revised(&lab, &advisory, "2.0.0", |document| document["document"]["title"] = Value::from("A"));
    assert_eq!(house.app.import_advisories(&lead(), vec![major]).unwrap().changed.len(), 1);
    assert_eq!(house.app.runs().unwrap().automatic.len(), before + 2);
}

#[test]
fn matches_read_both_ways() {
    let (house, _, (device, advisory, _)) = house();
    let all = house.app.matches(None, None).unwrap().rows;
    let of = house.app.matches(Some(&advisory), None).unwrap().rows;
    assert!(!of.is_empty() && of.iter().all(|row| row.advisory == advisory));
    let kept: Vec<_> = all.iter().filter(|row| row.advisory == advisory).cloned().collect();
    assert_eq!(of.len(), kept.len());
    let line = house.app.device(device).unwrap().line;
    let product = format!("{} {}", line.maker, line.model);
    let mine = house.app.matches(None, Some(&product)).unwrap().rows;
    assert!(mine.iter().any(|row| row.advisory == advisory) && mine.iter().all(|row| row.product == product));
    let total = |rows: &[tallyward_app::views::MatchLine]| {
        rows.iter()
            .map(|row| row.findings.affected + row.findings.unknown + row.findings.not_affected)
            .sum::<u64>()
    };
    let listed = house.app.findings(&FindingQuery::default()).unwrap().page.total;
    assert_eq!(total(&all), listed, "every finding belongs to one match");
}
