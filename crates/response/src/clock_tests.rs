use super::*;
use crate::ladder::{Step, due};
use crate::tables::Tables;
use proptest::prelude::*;
use tallyward_core::Tier;

/// Reading the tables takes longer than any test of what is in them.
static TABLES: std::sync::LazyLock<Tables> = std::sync::LazyLock::new(Tables::builtin);

const fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

fn released(seconds: i64) -> NoticeEvent {
    NoticeEvent::Released { at: at(seconds), by: "A. Lead".into() }
}

fn answered(seconds: i64, answer: Answer) -> NoticeEvent {
    NoticeEvent::Answered { at: at(seconds), answer, strength: Strength::Link, initials: None }
}

fn any_event() -> impl Strategy<Value = NoticeEvent> {
    let time = (0i64..100_000).prop_map(at);
    prop_oneof![
        time.clone().prop_map(|at| NoticeEvent::Sent { at }),
        time.clone().prop_map(|at| NoticeEvent::Delivered { at }),
        (time.clone(), proptest::sample::select(Answer::ALL), proptest::sample::select(Strength::ALL))
            .prop_map(|(at, answer, strength)| NoticeEvent::Answered {
                at,
                answer,
                strength,
                initials: None
            }),
        time.clone().prop_map(|at| NoticeEvent::Withdrawn { at }),
        time.clone().prop_map(|at| NoticeEvent::StoodDown { at }),
        time.prop_map(|at| NoticeEvent::Corrected { at }),
    ]
}

proptest! {
    #[test]
    fn order_and_repetition_of_events_do_not_matter(
        events in prop::collection::vec(any_event(), 0..12),
        turn in 0usize..12,
    ) {
        let mut events = events;
        events.push(released(5));
        let straight = standing(&events);
        let mut turned = events.clone();
        turned.rotate_left(turn % events.len());
        turned.extend(events.iter().cloned());
        prop_assert_eq!(standing(&turned), straight);
    }

    #[test]
    fn nothing_moves_a_notice_nobody_released(events in prop::collection::vec(any_event(), 0..12)) {
        prop_assert_eq!(standing(&events), Standing::default());
    }

    /// The ladder run every minute over a random history: each step at most once, none once it is over.
    #[test]
    fn each_step_fires_at_most_once_and_never_when_over(
        history in prop::collection::vec(any_event(), 0..6),
        tier in proptest::sample::select(Tier::ALL),
    ) {
        let tables = &*TABLES;
        let mut history = history;
        history.push(released(0));
        let mut happened: Vec<NoticeEvent> = Vec::new();
        let mut fired: Vec<Step> = Vec::new();
        for minute in (0..4000).step_by(7) {
            let now = at(minute * 60);
            let mut so_far: Vec<NoticeEvent> = history.iter().filter(|event| event.at() <= now).cloned().collect();
            so_far.extend(happened.iter().cloned());
            let standing = standing(&so_far);
            let Some(step) = due(&standing, tables.rung(tier), now) else { continue };
            prop_assert!(!standing.state.is_over());
            prop_assert!(standing.acknowledged.is_none() || standing.machine_like);
            fired.push(step);
            happened.push(match step {
                Step::Reminder => NoticeEvent::Reminded { at: now },
                Step::Escalation => NoticeEvent::Escalated { at: now },
            });
        }
        let mut once = fired.clone();
        once.dedup();
        prop_assert_eq!(&once, &fired);
        prop_assert!(fired.len() <= 2);
    }
}

#[test]
fn the_four_timestamps_are_kept_apart() {
    let events = [
        answered(900, Answer::Done),
        NoticeEvent::Delivered { at: at(60) },
        released(0),
        NoticeEvent::Sent { at: at(30) },
        answered(300, Answer::GotIt),
    ];
    let found = standing(&events);
    assert_eq!(found.state, NoticeState::Done);
    let times = [found.sent, found.delivered, found.acknowledged, found.done];
    assert_eq!(times, [Some(at(30)), Some(at(60)), Some(at(300)), Some(at(900))]);
    assert!(!found.machine_like);
}

#[test]
fn not_ours_raises_and_the_clock_runs_on() {
    for answer in [Answer::NotOurs, Answer::WrongPerson, Answer::NeedHelp] {
        let events = [released(0), NoticeEvent::Sent { at: at(0) }, answered(60, answer)];
        let found = standing(&events);
        assert_eq!((found.state, found.raised.len()), (NoticeState::Sent, 1));
        let rung = TABLES.rung(Tier::T0).clone();
        assert_eq!(due(&found, &rung, at(5 * 60)), Some(Step::Reminder));
    }
}

#[test]
fn an_answer_within_three_seconds_is_flagged_and_does_not_stop_the_ladder() {
    let mut events = vec![
        released(0),
        NoticeEvent::Sent { at: at(0) },
        NoticeEvent::Delivered { at: at(10) },
        answered(12, Answer::GotIt),
    ];
    let rung = TABLES.rung(Tier::T0).clone();
    let found = standing(&events);
    assert_eq!((found.state, found.machine_like), (NoticeState::Acknowledged, true));
    assert_eq!(due(&found, &rung, at(600)), Some(Step::Reminder));
    events.push(answered(400, Answer::GotIt));
    let found = standing(&events);
    assert!(!found.machine_like);
    assert_eq!(due(&found, &rung, at(600)), None);
}

#[test]
fn a_notice_that_could_not_be_sent_climbs_from_its_release() {
    let found = standing(&[released(0)]);
    let rung = TABLES.rung(Tier::T1).clone();
    assert_eq!(due(&found, &rung, at(29 * 60)), None);
    assert_eq!(due(&found, &rung, at(30 * 60)), Some(Step::Reminder));
}
