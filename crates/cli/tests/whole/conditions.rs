//! A condition waits for a person; what that person says settles every finding of the model, and can be taken back.

use crate::support::documents::document;
use crate::support::house::{House, hospital, lead, reader};
use tallyward_app::query::FindingQuery;
use tallyward_app::views::FindingLine;
use tallyward_app::{AppError, ConditionOf};
use tallyward_core::{MissingFact, Verdict};

const TEXT: &str = "with wireless option";

fn lines(house: &House) -> Vec<FindingLine> {
    let query =
        FindingQuery { advisory: Some("NV-1".to_owned()), limit: Some(100), ..FindingQuery::default() };
    house.app.findings(&query).unwrap().page.rows
}

fn verdicts(house: &House) -> Vec<Verdict> {
    lines(house).iter().map(|line| line.verdict).collect()
}

#[test]
fn a_condition_is_settled_for_a_model_and_taken_back() {
    let house = House::of(&hospital(7, 60));
    let list = b"Asset Tag,Manufacturer,Model,Serial Number,Software Version\nTAG-9001,Norvik,Vista 7,SN900100,1.5\nTAG-9002,Norvik,Vista 7,SN900101,1.6\n";
    house.list("ward.csv", list, |_| {});
    let import = |revision, clause| {
        let file = document(revision, clause);
        house.app.import_advisories(&lead(), vec![file]).unwrap()
    };
    import("1", "< 2.0 with wireless option");
    assert_eq!(verdicts(&house), [Verdict::Unknown; 2]);
    let line = lines(&house).remove(0);
    let page = || house.app.finding(line.device, "NV-1", "CVE-2026-1000").unwrap();
    assert_eq!(page().missing, Some(MissingFact::Condition { text: TEXT.to_owned() }));
    assert_eq!(page().condition.as_deref(), Some(TEXT));

    let device = house.app.device(line.device).unwrap().line;
    let of = ConditionOf {
        advisory: "NV-1".to_owned(),
        maker: device.maker,
        model: device.model,
        text: TEXT.to_owned(),
    };
    let refused = house.app.decide_condition(&reader(), &of, false);
    assert!(matches!(refused, Err(AppError::Refused(_))), "{refused:?}");
    let other = ConditionOf { text: "with another option".to_owned(), ..of.clone() };
    let unheard = house.app.decide_condition(&lead(), &other, false);
    assert!(matches!(unheard, Err(AppError::NotFound { .. })), "{unheard:?}");

    house.clock.pass(60);
    assert!(house.app.decide_condition(&lead(), &of, false).unwrap() > 0);
    assert_eq!(verdicts(&house), [Verdict::NotAffected; 2]);
    let chain = page().reasons.iter().map(|reason| reason.text.as_str()).collect::<String>();
    assert!(chain.contains("maro") && chain.contains(TEXT), "{chain}");
    let events = house.app.verdict_changes(1).unwrap().events;
    assert!(events[0].cause.contains("maro") && events[0].cause.contains(TEXT), "{}", events[0].cause);
    assert_eq!(page().rests_on, Vec::<String>::new(), "it rests on a judgement, not on the version");

    house.clock.pass(60);
    import("2", "< 2.5 with wireless option");
    assert_eq!(verdicts(&house), [Verdict::NotAffected; 2], "it outlives a revision");

    house.clock.pass(60);
    let said = page().settled;
    assert_eq!(said.len(), 1);
    assert!(matches!(house.app.take_back_condition(&reader(), &said[0].decision), Err(AppError::Refused(_))));
    house.app.take_back_condition(&lead(), &said[0].decision).unwrap();
    assert_eq!(verdicts(&house), [Verdict::Unknown; 2]);
    assert!(page().settled.is_empty());
    let again = house.app.take_back_condition(&lead(), &said[0].decision);
    assert!(matches!(again, Err(AppError::NotFound { .. })), "{again:?}");
}

#[test]
fn not_affected_says_on_which_reading_it_rests_and_until_when() {
    let house = House::of(&hospital(7, 60));
    let list = b"Asset Tag,Manufacturer,Model,Serial Number,Software Version\nTAG-9001,Norvik,Vista 7,SN900100,2.5\n";
    house.list("ward.csv", list, |_| {});
    let file = document("1", "< 2.0");
    house.app.import_advisories(&lead(), vec![file]).unwrap();
    let line = lines(&house).remove(0);
    assert_eq!(line.verdict, Verdict::NotAffected);
    let rests_on = house.app.finding(line.device, "NV-1", "CVE-2026-1000").unwrap().rests_on;
    let [sentence] = rests_on.as_slice() else { panic!("one reading: {rests_on:?}") };
    assert!(sentence.starts_with("It rests on the software version 2.5 of "), "{sentence}");

    // The day the sentence names is the day the verdict falls back.
    let ends = sentence.split("from ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
    let ends: tallyward_core::Timestamp = ends.parse().unwrap();
    let on = |days: i64| {
        let now = house.app.finding(line.device, "NV-1", "CVE-2026-1000").unwrap().as_of.0;
        house.clock.pass(ends.plus_days(days).seconds_since(now));
        house.app.refresh().unwrap();
        verdicts(&house)[0]
    };
    assert_eq!(on(-1), Verdict::NotAffected, "{sentence}");
    assert_eq!(on(1), Verdict::Unknown, "{sentence}");
}
