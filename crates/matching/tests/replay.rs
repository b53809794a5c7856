//! Laws of the replay of documents, and what it says over the real ones.

mod common;

use common::{REAL, device, resolver};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use tallyward_core::Timestamp;
use tallyward_core::advisory::Advisory;
use tallyward_identity::aliases::Aliases;
use tallyward_lab::scale::{Catalogue, Documents};
use tallyward_matching::{
    Expected, Judged, Made, Marks, Matcher, Replay, Truth, in_order_of_publication, made, next_sync,
};

/// Thirty documents of the lab in all their revisions, each document's in order.
static REVISIONS: LazyLock<Vec<Vec<Advisory>>> = LazyLock::new(|| {
    let catalogue = Catalogue::new(7, 60);
    let written = Documents::new(&catalogue, "2026-11-01T00:00:00Z".parse().expect("a moment"));
    let read = |bytes: Vec<u8>| tallyward_advisories::read_csaf(&bytes, "lab").expect("the lab writes CSAF");
    let of =
        |number| (1..=written.revisions(number)).map(|nth| read(written.revision(number, nth))).collect();
    (0..30).map(of).collect()
});

static MADE: LazyLock<Made> = LazyLock::new(|| made(&newest(), &Aliases::builtin()));

fn newest() -> Vec<Advisory> {
    REVISIONS.iter().filter_map(|revisions| revisions.last().cloned()).collect()
}

fn replay(documents: impl IntoIterator<Item = Advisory>) -> BTreeMap<u32, Vec<Judged>> {
    let devices = MADE.devices.iter().map(|device| (device.clone(), 1));
    let mut replay = Replay::new(Matcher::new(&[], resolver()), devices);
    for document in documents {
        replay.take(document);
    }
    let verdicts = |at: u32| {
        let mut verdicts = replay.fleet().verdicts_of(&at).to_vec();
        verdicts.sort();
        (at, verdicts)
    };
    (0..).take(MADE.devices.len()).map(verdicts).collect()
}

/// Any order of all revisions in which each document's own stay in order.
fn orders() -> impl Strategy<Value = Vec<Advisory>> {
    let owners: Vec<usize> =
        REVISIONS.iter().enumerate().flat_map(|(at, revisions)| vec![at; revisions.len()]).collect();
    Just(owners).prop_shuffle().prop_map(|owners| {
        let mut next = vec![0; REVISIONS.len()];
        let mut take = |owner: usize| {
            next[owner] += 1;
            REVISIONS[owner][next[owner] - 1].clone()
        };
        owners.into_iter().map(&mut take).collect()
    })
}

/// Some of all revisions, all dated at one moment, in any order.
fn one_moment() -> impl Strategy<Value = Vec<Advisory>> {
    let all: Vec<Advisory> = REVISIONS.iter().flatten().cloned().collect();
    let moment = all[0].revised;
    let count = all.len();
    prop::sample::subsequence(all, count / 2..=count).prop_shuffle().prop_map(move |mut documents| {
        documents.iter_mut().for_each(|one| one.revised = moment);
        documents
    })
}

/// The highest revision of each document, in the order in which the documents first stand there.
fn newest_of(documents: &[Advisory]) -> Vec<Advisory> {
    let number = |one: &Advisory| one.revision.parse::<u32>().expect("the lab counts");
    let mut newest: Vec<Advisory> = Vec::new();
    for one in documents {
        match newest.iter_mut().find(|held| held.id == one.id) {
            Some(held) if number(held) < number(one) => *held = one.clone(),
            Some(_) => {}
            None => newest.push(one.clone()),
        }
    }
    newest
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn any_order_of_documents_ends_in_the_same_verdicts(order in orders()) {
        prop_assert!(REVISIONS.iter().any(|revisions| revisions.len() > 1), "some documents are revised");
        prop_assert_eq!(replay(order), replay(newest()));
    }

    #[test]
    fn documents_of_one_moment_in_any_order_and_replayed_twice_change_nothing(shuffled in one_moment()) {
        let mut ordered = shuffled.clone();
        in_order_of_publication(&mut ordered);
        let ids: BTreeSet<_> = ordered.iter().map(|one| one.revised).collect();
        prop_assert_eq!(ids.len(), 1, "all of one moment");
        let once = replay(ordered.clone());
        prop_assert_eq!(&replay(newest_of(&shuffled)), &once, "as importing the last revisions at once");
        let twice = ordered.iter().chain(&ordered).cloned();
        prop_assert_eq!(&replay(twice), &once, "replayed twice");
        let stammered = ordered.iter().flat_map(|one| [one.clone(), one.clone()]);
        prop_assert_eq!(&replay(stammered), &once, "each taken in twice");
    }

    #[test]
    fn the_wait_for_a_sync_is_never_nothing_and_never_longer_than_the_pace(
        at in -4_000_000_000_i64..4_000_000_000, every in 1_i64..1_000_000,
    ) {
        let published = Timestamp::from_seconds(at);
        let wait = next_sync(published, every).seconds_since(published);
        prop_assert!((1..=every).contains(&wait), "{wait}");
    }
}

#[test]
fn publication_order_keeps_each_documents_revisions_in_order() {
    let mut all: Vec<Advisory> = REVISIONS.iter().flatten().rev().cloned().collect();
    in_order_of_publication(&mut all);
    for revisions in REVISIONS.iter() {
        let wanted: Vec<&str> = revisions.iter().map(|one| one.revision.as_str()).collect();
        let found: Vec<&str> =
            all.iter().filter(|one| one.id == revisions[0].id).map(|one| one.revision.as_str()).collect();
        assert_eq!(found, wanted);
    }
}

#[test]
fn a_missed_device_is_seen_as_missed() {
    let devices = [(device("BD", "Alaris 8015", "9.0"), 3)];
    let replay = Replay::new(Matcher::new(&[], resolver()), devices);
    let expected = Expected { device: 0, advisory: "A".to_owned(), leaf: None, truth: Truth::Affected };
    assert_eq!(replay.marks("A", &[expected]).misses, 3, "three devices, no finding");
}

/// Marks of every document of `documents` over the devices made of them, and what went wrong.
fn marks(documents: &[Advisory]) -> (Marks, Vec<String>) {
    let made = made(documents, &Aliases::builtin());
    let matcher = Matcher::new(&[], resolver());
    let mut replay = Replay::new(matcher, made.devices.iter().map(|device| (device.clone(), 1)));
    let (mut all, mut wrong) = (Marks::default(), Vec::new());
    for document in documents {
        let id = document.id.clone();
        replay.take(document.clone());
        for one in made.expected.iter().filter(|one| one.advisory == id) {
            let marks = replay.marks(&id, std::slice::from_ref(one));
            if marks.misses + marks.false_alarms > 0 {
                wrong.push(describe(one, &made, &replay));
            }
            all.right += marks.right;
            all.left_open += marks.left_open;
            all.misses += marks.misses;
            all.false_alarms += marks.false_alarms;
        }
    }
    (all, wrong)
}

fn describe(one: &Expected, made: &Made, replay: &Replay) -> String {
    let device = &made.devices[one.device as usize];
    let said: Vec<&Judged> = replay
        .fleet()
        .verdicts_of(&one.device)
        .iter()
        .filter(|judged| judged.advisory == one.advisory)
        .collect();
    format!(
        "{} {:?} {} {} {:?}: {:?}",
        one.advisory, one.truth, device.maker, device.model, device.software_version, said
    )
}

#[test]
fn no_device_made_of_the_lab_is_cleared_or_alarmed_wrongly() {
    let (marks, wrong) = marks(&newest());
    println!("{marks:?}");
    assert!(marks.compared() > 300, "{marks:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_device_made_of_the_real_documents_is_cleared_or_alarmed_wrongly() {
    if REAL.is_empty() {
        return;
    }
    let (marks, wrong) = marks(&REAL);
    println!("{marks:?}");
    assert!(marks.compared() > 300, "{marks:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
