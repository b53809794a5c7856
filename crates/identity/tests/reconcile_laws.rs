//! The laws of reconciliation, on small worlds in which keys, sources and times collide all the time.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use tallyward_core::evidence::normalise;
use tallyward_core::{
    Decision, Device, Episode, Evidence, Field, IngestId, Judgement, Key, KeyStrength, Mac, Source,
    SourceKind, Timestamp,
};
use tallyward_identity::reconcile::{
    Rules, Standpoint, components, diff, is_statement, linked_keys, reconcile, states,
};

fn day(day: i64) -> Timestamp {
    Timestamp::default().plus_days(day)
}

/// The day every law looks from unless it says otherwise; all that a world holds is written down by then.
const TODAY: i64 = 400;

fn any_key() -> impl Strategy<Value = Key> {
    let text = |pool: &'static [&'static str]| select(pool).prop_map(str::to_owned);
    prop_oneof![
        4 => (text(&["", "north"]), text(&["T-1", "T-2", "T-3"])).prop_map(|(scope, tag)| Key::AssetTag { scope, tag }),
        3 => (text(&["spectrum", "iq"]), text(&["SN-1", "SN-2", "SN-3"])).prop_map(|(model, serial)| {
            Key::MakerModelSerial { maker: "baxter".to_owned(), model, serial }
        }),
        2 => text(&["SN-1", "SN-2"]).prop_map(|serial| Key::DiSerial { di: "00884838000001".to_owned(), serial }),
        2 => text(&["77", "78"]).prop_map(|id| Key::SystemId { system: "cmms".to_owned(), id }),
        4 => (0u8..4).prop_map(|last| Key::Mac(Mac([if last == 0 { 0 } else { 4 }, 0, 0, 0, 0, last]))),
        1 => Just(Key::HostName("pump-12".to_owned())),
        1 => Just(Key::Address { site: "north".to_owned(), address: "10.0.0.5".to_owned() }),
    ]
}

fn any_source() -> impl Strategy<Value = Source> {
    use SourceKind::{Guess, List, Person, WireDevice, WireNetwork};
    (select(&[Person, List, List, WireDevice, WireNetwork, Guess][..]), select(&["one", "two"][..]))
        .prop_map(|(kind, name)| Source { kind, name: name.to_owned() })
}

/// An ingest is written down once, so its day follows from its id.
fn any_episode() -> impl Strategy<Value = Episode> {
    (0u8..8, 0i64..60, 0i64..20, 1u64..4).prop_map(|(ingest, start, length, count)| Episode {
        ingest: IngestId(u128::from(ingest)),
        first: day(300 + start),
        last: day(300 + start + length),
        count,
        recorded_at: day(310 + i64::from(ingest) * 10),
        place: format!("row {count}"),
    })
}

fn any_evidence() -> impl Strategy<Value = Evidence> {
    let fields =
        [Field::Serial, Field::Model, Field::SoftwareVersion, Field::Room, Field::IpAddress, Field::HostName];
    let statement = prop_oneof![
        5 => any_key().prop_map(|key| (Field::Key, key.to_string())),
        6 => (select(fields.to_vec()), select(&["4.1", "4.2", "iq", "IQ", ""][..]))
            .prop_map(|(field, value)| (field, value.to_owned())),
        1 => select(&["yes", "no"][..]).prop_map(|value| (Field::Listed, value.to_owned())),
    ];
    let episodes = prop::collection::vec(any_episode(), 1..4);
    (any_key(), statement, any_source(), select(&["a", "b"][..]), episodes).prop_map(
        |(subject, (field, value), source, basis, episodes)| Evidence {
            subject,
            field,
            value,
            source,
            basis: basis.to_owned(),
            episodes,
        },
    )
}

fn any_decision() -> impl Strategy<Value = Judgement> {
    prop_oneof![
        2 => (any_key(), any_key()).prop_map(|(a, b)| Judgement::Merge { a, b }),
        2 => (any_key(), any_key()).prop_map(|(a, b)| Judgement::Split { a, b }),
        1 => (any_key(), select(&["4.1", "9.9"][..])).prop_map(|(subject, value)| Judgement::Pin {
            subject,
            field: Field::SoftwareVersion,
            value: value.to_owned(),
        }),
        1 => (0u128..8).prop_map(|ingest| Judgement::Retract { ingest: IngestId(ingest) }),
        1 => (0usize..4).prop_map(|id| Judgement::Revoke { decision: format!("d{id}") }),
    ]
}

fn decided(judgements: Vec<Judgement>) -> Vec<Decision> {
    let decision =
        |(at, judgement): (usize, Judgement)| decide(&format!("d{at}"), 320 + at as i64, judgement);
    judgements.into_iter().enumerate().map(decision).collect()
}

fn decide(id: &str, at: i64, judgement: Judgement) -> Decision {
    Decision { at: day(at), id: id.to_owned(), by: "M. Lopez".to_owned(), reason: String::new(), judgement }
}

/// Evidence in the form a store keeps, and decisions.
fn world() -> impl Strategy<Value = (Vec<Evidence>, Vec<Decision>)> {
    let evidence = prop::collection::vec(any_evidence(), 0..40).prop_map(normalise);
    (evidence, prop::collection::vec(any_decision(), 0..5).prop_map(decided))
}

fn run(evidence: &[Evidence], decisions: &[Decision]) -> Vec<Device> {
    reconcile(evidence, decisions, &Rules::builtin(), day(TODAY))
}

fn with_key<'d>(devices: &'d [Device], key: &Key) -> Vec<&'d Device> {
    devices.iter().filter(|device| device.keys.contains(key)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn order_does_not_matter((evidence, decisions) in world(), seed in any::<[Index; 40]>()) {
        let want = run(&evidence, &decisions);
        let mut shuffled = evidence.clone();
        for (at, index) in seed.iter().enumerate().take(evidence.len()) {
            shuffled.swap(at, index.index(evidence.len()));
        }
        prop_assert_eq!(run(&shuffled, &decisions), want.clone());
        let backwards: Vec<Decision> = decisions.into_iter().rev().collect();
        prop_assert_eq!(run(&evidence, &backwards), want);
    }

    #[test]
    fn any_split_gives_the_same_whole((evidence, decisions) in world(), to_left in any::<[bool; 120]>()) {
        let want = run(&evidence, &decisions);
        let mut coins = to_left.iter().copied().cycle();
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for piece in &evidence {
            let (ours, theirs) = piece.episodes.iter().cloned().partition::<Vec<_>, _>(|_| coins.next() == Some(true));
            left.push(Evidence { episodes: ours, ..piece.clone() });
            right.push(Evidence { episodes: theirs, ..piece.clone() });
        }
        right.append(&mut left);
        // Reconciling unmerged parts and merging them first are the same.
        prop_assert_eq!(run(&right, &decisions), want.clone());
        prop_assert_eq!(run(&normalise(right), &decisions), want);
    }

    #[test]
    fn repetition_changes_nothing((evidence, decisions) in world(), twice in any::<[Index; 8]>()) {
        let want = run(&evidence, &decisions);
        let mut repeated = evidence.clone();
        if !evidence.is_empty() {
            repeated.extend(twice.iter().map(|index| evidence[index.index(evidence.len())].clone()));
        }
        repeated.extend(evidence);
        prop_assert_eq!(run(&repeated, &decisions), want);
    }

    #[test]
    fn batch_equals_incremental((evidence, decisions) in world()) {
        let want = run(&evidence, &decisions);
        let mut pieces = Vec::new();
        for component in components(&evidence, &decisions) {
            let alone: Vec<Evidence> = component.into_iter().map(|at| evidence[at].clone()).collect();
            pieces.extend(run(&alone, &decisions));
        }
        pieces.sort_by(|a: &Device, b| a.keys.first().cmp(&b.keys.first()));
        prop_assert_eq!(pieces, want);
    }

    #[test]
    fn components_are_closed_under_links((evidence, decisions) in world()) {
        let components = components(&evidence, &decisions);
        prop_assert_eq!(components.iter().map(Vec::len).sum::<usize>(), evidence.len());
        let mut home = std::collections::BTreeMap::new();
        for (number, component) in components.iter().enumerate() {
            for at in component {
                let (subject, other) = linked_keys(&evidence[*at]);
                for key in std::iter::once(subject).chain(other) {
                    prop_assert_eq!(*home.entry(key).or_insert(number), number);
                }
            }
        }
    }

    #[test]
    fn past_days_do_not_change(
        (evidence, decisions) in world(),
        later in prop::collection::vec(any_evidence(), 1..10),
        judged in prop::collection::vec(any_decision(), 0..3),
        past in 300i64..TODAY,
    ) {
        let rules = Rules::builtin();
        let want = reconcile(&evidence, &decisions, &rules, day(past));
        let mut whole = evidence;
        for mut piece in later {
            for episode in &mut piece.episodes {
                episode.ingest = IngestId(episode.ingest.0 + 100);
                episode.recorded_at = day(past).plus_seconds(1);
            }
            whole.push(piece);
        }
        let mut decisions = decisions;
        let judged = judged.into_iter().enumerate().map(|(at, judgement)| decide(&format!("l{at}"), TODAY, judgement));
        decisions.extend(judged);
        prop_assert_eq!(reconcile(&normalise(whole), &decisions, &rules, day(past)), want);
    }

    #[test]
    fn a_merge_is_undone_by_a_split_or_a_revocation((evidence, decisions) in world(), a in any_key(), b in any_key()) {
        let pair = |judgement: &Judgement| match judgement {
            Judgement::Merge { a: x, b: y } | Judgement::Split { a: x, b: y } => (x, y) == (&a, &b) || (x, y) == (&b, &a),
            _ => false,
        };
        prop_assume!(a != b && !decisions.iter().any(|decision| pair(&decision.judgement)));
        let before = run(&evidence, &decisions);
        let mut merged = decisions.clone();
        merged.push(decide("m", 390, Judgement::Merge { a: a.clone(), b: b.clone() }));
        let together = run(&evidence, &merged);
        let joined = with_key(&together, &a).first().is_some_and(|device| device.keys.contains(&b));
        let known = !with_key(&before, &a).is_empty() && !with_key(&before, &b).is_empty();
        if known && a.excludes(&b) {
            prop_assert!(!joined);
        }
        let mut revoked = merged.clone();
        revoked.push(decide("r", 391, Judgement::Revoke { decision: "m".to_owned() }));
        prop_assert_eq!(&run(&evidence, &revoked), &before);
        // A split also keeps apart what evidence joins, so it restores only what the merge brought together.
        let one_before = with_key(&before, &a).first().is_some_and(|device| device.keys.contains(&b));
        let mut split = merged;
        split.push(decide("s", 391, Judgement::Split { a: a.clone(), b: b.clone() }));
        let apart = run(&evidence, &split);
        prop_assert!(!with_key(&apart, &a).iter().any(|device| device.keys.contains(&b)));
        if !one_before {
            prop_assert_eq!(&apart, &before);
        }
    }

    #[test]
    fn a_retracted_ingest_never_was((evidence, decisions) in world(), ingest in 0u128..8) {
        let mut without = evidence.clone();
        for piece in &mut without {
            piece.episodes.retain(|episode| episode.ingest != IngestId(ingest));
        }
        without.retain(|piece| !piece.episodes.is_empty());
        let mut undone = decisions.clone();
        undone.push(decide("u", 390, Judgement::Retract { ingest: IngestId(ingest) }));
        prop_assert_eq!(run(&evidence, &undone), run(&without, &decisions));
    }

    #[test]
    fn devices_are_sound((evidence, decisions) in world()) {
        let devices = run(&evidence, &decisions);
        let mut keys = std::collections::BTreeSet::new();
        for device in &devices {
            prop_assert!(!device.keys.is_empty());
            prop_assert!(device.keys.is_sorted());
            for key in &device.keys {
                prop_assert!(keys.insert(key.clone()), "{} is on two devices", key);
                prop_assert!(!device.keys.iter().any(|other| key.excludes(other)));
            }
            for held in device.fields.values() {
                prop_assert!(!held.support.is_empty());
            }
            for contest in &device.contested {
                prop_assert!(device.keys.contains(&contest.ours) && !device.keys.contains(&contest.theirs));
                let mirrored = with_key(&devices, &contest.theirs);
                let mirrors = |other: &&Device| other.contested.iter().any(|back| {
                    (&back.ours, &back.theirs, &back.why) == (&contest.theirs, &contest.ours, &contest.why)
                });
                prop_assert!(mirrored.iter().all(mirrors));
            }
        }
        prop_assert!(devices.is_sorted_by(|a, b| a.keys[0] < b.keys[0]));
        // Without a decision, a hint stands alone.
        for device in run(&evidence, &[]) {
            let hint = device.keys.iter().any(|key| key.strength() == KeyStrength::Hint);
            prop_assert!(!hint || device.keys.len() == 1);
        }
    }

    #[test]
    fn nothing_is_lost((evidence, decisions) in world()) {
        let unretracted: Vec<Decision> = decisions
            .into_iter()
            .filter(|decision| !matches!(decision.judgement, Judgement::Retract { .. }))
            .collect();
        let devices = run(&evidence, &unretracted);
        for piece in evidence.iter().filter(|piece| is_statement(piece)) {
            let homes = with_key(&devices, &piece.subject);
            prop_assert_eq!(homes.len(), 1);
            let elsewhere = devices.iter().filter(|device| **device != *homes[0]);
            prop_assert!(elsewhere.into_iter().all(|device| states(device, piece) == Standpoint::Absent));
            let itself = piece.field == Field::Key && piece.value == piece.subject.to_string();
            if states(homes[0], piece) == Standpoint::Absent && !itself {
                // Then its own source has given another answer since.
                let last = |piece: &Evidence| piece.episodes.iter().map(|episode| episode.last).max();
                let answered = evidence.iter().any(|other| {
                    (&other.subject, other.field, &other.source) == (&piece.subject, piece.field, &piece.source)
                        && other.value != piece.value
                        && last(other) > last(piece)
                });
                prop_assert!(answered, "lost: {:?} on {:?}", piece, homes[0]);
            }
        }
    }

    #[test]
    fn worse_never_overwrites_better(
        (evidence, decisions) in world(),
        which in any::<Index>(),
        source in any_source(),
        value in select(&["4.1", "4.2", "7.7"][..]),
        at in 300i64..TODAY,
    ) {
        let rules = Rules::builtin();
        let devices = run(&evidence, &decisions);
        let settled: Vec<(&Key, Field, &tallyward_core::Held)> = devices
            .iter()
            .flat_map(|device| device.fields.iter().map(|(field, held)| (&device.keys[0], *field, held)))
            .filter(|(_, field, _)| !field.is_many() && *field != Field::Listed)
            .collect();
        prop_assume!(!settled.is_empty());
        let (key, field, held) = settled[which.index(settled.len())];
        let (best, fresh) = (rules.weight(field, held.support[0].source.kind).rank, !held.support[0].stale);
        prop_assume!(fresh && rules.weight(field, source.kind).rank < best);
        let mut more = evidence.clone();
        more.push(Evidence {
            subject: key.clone(),
            field,
            value: value.to_owned(),
            source: Source { name: "newcomer".to_owned(), ..source },
            basis: "screen".to_owned(),
            episodes: vec![Episode {
                ingest: IngestId(99),
                first: day(at),
                last: day(at),
                count: 1,
                recorded_at: day(at),
                place: String::new(),
            }],
        });
        let after = run(&more, &decisions);
        let home = with_key(&after, key);
        // A field that only a key stated is stated by the newcomer now.
        if states_by_evidence(&evidence, home[0], field) {
            prop_assert_eq!(home[0].get(field), Some(held.value.as_str()));
        }
    }

    #[test]
    fn hostile_text_does_not_panic(
        texts in prop::collection::vec((".{0,20}", ".{0,30}", ".{0,10}"), 0..12),
        fields in any::<[Index; 12]>(),
        times in any::<[i64; 12]>(),
        as_of in any::<i64>(),
    ) {
        let mut evidence = Vec::new();
        for (at, (subject, value, name)) in texts.into_iter().enumerate() {
            let parsed = subject.parse().unwrap_or(Key::AssetTag { scope: name.clone(), tag: subject });
            let time = Timestamp::from_micros(times[at]);
            let episode = Episode {
                ingest: IngestId(at as u128 % 3),
                first: time,
                last: Timestamp::from_micros(times[11 - at]),
                count: u64::MAX,
                recorded_at: time,
                place: value.clone(),
            };
            evidence.push(Evidence {
                subject: parsed,
                field: Field::ALL[fields[at].index(Field::ALL.len())],
                value,
                source: Source { kind: SourceKind::List, name },
                basis: String::new(),
                episodes: vec![episode.clone(), episode],
            });
        }
        let devices = reconcile(&evidence, &[], &Rules::builtin(), Timestamp::from_micros(as_of));
        for pair in devices.windows(2) {
            let _ = diff(&pair[0], &pair[1]);
        }
    }
}

fn states_by_evidence(evidence: &[Evidence], device: &Device, field: Field) -> bool {
    evidence.iter().any(|piece| {
        piece.field == field && matches!(states(device, piece), Standpoint::Holds | Standpoint::Dissents)
    })
}
