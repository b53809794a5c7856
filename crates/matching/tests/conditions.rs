//! What a person says of a condition settles it for that model and that advisory, until it is taken back.

#[path = "common/real.rs"]
mod real;

use real::REAL;
use tallyward_core::advisory::{Advisory, Product, ProductStatus, Statement, Vulnerability};
use tallyward_core::decision::{Decision, Judgement, in_force};
use tallyward_core::time::Timestamp;
use tallyward_core::verdict::{MissingFact, Verdict};
use tallyward_identity::aliases::Aliases;
use tallyward_matching::{Configuration, Judged, Matcher, Resolver, VersionState, may_be_settled};

const WORDS: &str = "with wireless option";

fn advisory(id: &str, leaf: Product) -> Advisory {
    let statements = vec![Statement { product: leaf.id.clone(), status: ProductStatus::KnownAffected }];
    let flaw = Vulnerability { id: "CVE-2026-0001".to_owned(), statements, ..Vulnerability::default() };
    Advisory { id: id.to_owned(), products: vec![leaf], vulnerabilities: vec![flaw], ..Advisory::default() }
}

fn leaf(version: &str) -> Product {
    Product {
        id: "P1".to_owned(),
        vendor: "Norvik".to_owned(),
        product: "Vista".to_owned(),
        version: version.to_owned(),
        category: "product_version_range".to_owned(),
        ..Product::default()
    }
}

fn device(model: &str, version: &str) -> Configuration {
    Configuration {
        maker: "Norvik".to_owned(),
        model: model.to_owned(),
        software_version: version.to_owned(),
        version_state: VersionState::Fresh,
        ..Configuration::default()
    }
}

fn decision(at: i64, judgement: Judgement) -> Decision {
    let at = Timestamp::from_seconds(at);
    Decision { at, id: format!("d{}", at.seconds()), by: "anna".to_owned(), reason: String::new(), judgement }
}

fn condition(at: i64, advisory: &str, model: &str, text: &str, holds: bool) -> Decision {
    let (advisory, maker) = (advisory.to_owned(), "Norvik".to_owned());
    let (model, text) = (model.to_owned(), text.to_owned());
    decision(at, Judgement::Condition { advisory, maker, model, text, holds })
}

fn ask(advisory: &Advisory, decisions: &[Decision], configuration: &Configuration) -> Judged {
    let standing = in_force(decisions, Timestamp::from_seconds(1_000_000));
    let matcher = Matcher::new(std::slice::from_ref(advisory), Resolver::new(Aliases::builtin(), &standing));
    matcher.decide(configuration).pop().expect("the product resolves")
}

fn waits_for(judged: &Judged) -> Option<&str> {
    match &judged.missing {
        Some(MissingFact::Condition { text }) => Some(text),
        _ => None,
    }
}

#[test]
fn a_settled_condition_decides_and_says_who_and_when() {
    let document = advisory("A-1", leaf("< 2.0 with wireless option"));
    let device = device("Vista", "1.5");
    let open = ask(&document, &[], &device);
    assert_eq!(waits_for(&open), Some(WORDS), "{open:?}");
    for (holds, verdict) in [(true, Verdict::Affected), (false, Verdict::NotAffected)] {
        let said = condition(5, "A-1", "Vista", WORDS, holds);
        let judged = ask(&document, &[said], &device);
        assert_eq!(judged.verdict, verdict, "{judged:?}");
        let chain = judged.reasons.iter().map(|reason| reason.text.as_str()).collect::<String>();
        assert!(chain.contains("anna decided on 1970-01-01") && chain.contains(WORDS), "{chain}");
    }
}

#[test]
fn taking_it_back_brings_the_unknown_back_and_a_later_word_wins() {
    let document = advisory("A-1", leaf("< 2.0 with wireless option"));
    let device = device("Vista", "1.5");
    let open = ask(&document, &[], &device);
    let first = condition(5, "A-1", "Vista", WORDS, true);
    let later = condition(6, "A-1", "Vista", "With  Wireless option", false);
    let revoke = |at, id: &str| decision(at, Judgement::Revoke { decision: id.to_owned() });
    let both = [first.clone(), later.clone()];
    assert_eq!(ask(&document, &both, &device).verdict, Verdict::NotAffected);
    let taken = [first.clone(), later.clone(), revoke(7, "d6")];
    assert_eq!(ask(&document, &taken, &device), ask(&document, std::slice::from_ref(&first), &device));
    let all = [first, later, revoke(7, "d6"), revoke(8, "d5")];
    assert_eq!(ask(&document, &all, &device), open);
}

#[test]
fn it_counts_for_its_model_and_advisory_and_words_only() {
    let document = advisory("A-1", leaf("< 2.0 with wireless option"));
    for other in [
        condition(5, "A-2", "Vista", WORDS, false),
        condition(5, "A-1", "Vista 2", WORDS, false),
        condition(5, "A-1", "Vista", "with wired option", false),
    ] {
        let judged = ask(&document, &[other], &device("Vista", "1.5"));
        assert_eq!(waits_for(&judged), Some(WORDS), "{judged:?}");
    }
}

#[test]
fn it_outlives_a_revision_that_keeps_its_words() {
    let said = [condition(5, "A-1", "Vista", WORDS, false)];
    let kept = advisory("A-1", leaf("< 3.0 with wireless option"));
    assert_eq!(ask(&kept, &said, &device("Vista", "2.5")).verdict, Verdict::NotAffected);
    let reworded = advisory("A-1", leaf("< 3.0 with wireless adapter"));
    assert_eq!(waits_for(&ask(&reworded, &said, &device("Vista", "2.5"))), Some("with wireless adapter"));
    // The condition is settled, the version still counts.
    let holds = [condition(5, "A-1", "Vista", WORDS, true)];
    assert_eq!(ask(&kept, &holds, &device("Vista", "3.5")).verdict, Verdict::NotAffected);
    assert_eq!(ask(&kept, &holds, &device("Vista", "")).missing, Some(MissingFact::SoftwareVersion));
}

#[test]
fn which_serial_numbers_are_meant_is_no_matter_of_a_model() {
    let mut listed = leaf("< 2.0");
    listed.serial_numbers = vec!["SN1*".to_owned()];
    let document = advisory("A-1", listed);
    let device = Configuration { serial: Some("SN200".to_owned()), ..device("Vista", "1.5") };
    let open = ask(&document, &[], &device);
    let text = waits_for(&open).expect("a list of serial numbers leaves it open").to_owned();
    assert!(!may_be_settled(&text));
    let said = [condition(5, "A-1", "Vista", &text, false)];
    assert_eq!(ask(&document, &said, &device), open);
}

#[test]
fn every_condition_of_the_real_documents_can_be_settled_both_ways() {
    let mut seen = 0;
    for real in REAL.iter().flat_map(|one| &one.products) {
        let document = advisory("A-1", leaf(&real.version));
        let first = tallyward_versions::Clause::parse(&real.version);
        let version = first.named_versions().first().copied().unwrap_or("1.0").to_owned();
        let device = device("Vista", &version);
        let Some(text) = waits_for(&ask(&document, &[], &device)).map(str::to_owned) else { continue };
        assert!(may_be_settled(&text), "{text}");
        seen += 1;
        for holds in [true, false] {
            let judged = ask(&document, &[condition(5, "A-1", "Vista", &text, holds)], &device);
            assert_ne!(waits_for(&judged), Some(text.as_str()), "{judged:?}");
            assert!(holds || judged.verdict != Verdict::Affected, "{judged:?}");
        }
    }
    assert!(REAL.is_empty() || seen > 0);
}
