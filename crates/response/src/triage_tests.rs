use super::*;
use crate::impact::Effect;
use proptest::prelude::*;
use std::collections::BTreeSet;
use tallyward_core::testkit::shared;

/// Reading the tables takes longer than any test of what is in them.
static TABLES: std::sync::LazyLock<Tables> = std::sync::LazyLock::new(Tables::builtin);

fn any_inputs() -> impl Strategy<Value = TriageInputs> {
    use proptest::option::of;
    use proptest::sample::select;
    let effect = || select(vec![Effect::None, Effect::Low, Effect::High]);
    let hint = (effect(), effect(), effect(), any::<bool>()).prop_map(|(c, i, a, credentials)| ImpactHint {
        confidentiality: c,
        integrity: i,
        availability: a,
        credentials,
    });
    (
        select(DeviceClass::ALL),
        of(select(Exploitation::ALL)),
        of(select(Exposure::ALL)),
        of(select(Automatable::ALL)),
        of(select(ClinicalLevel::ALL)),
        of(hint),
        of(any::<bool>()),
        any::<bool>(),
    )
        .prop_map(
            |(class, exploitation, exposure, automatable, level, impact, bedside_action, malfunction)| {
                TriageInputs {
                    class,
                    exploitation,
                    exposure,
                    automatable,
                    level,
                    impact,
                    bedside_action,
                    malfunction_confirmed: malfunction,
                }
            },
        )
}

proptest! {
    #[test]
    fn a_higher_level_is_never_calmer(inputs in any_inputs()) {
        let tables = &*TABLES;
        let tiers: Vec<Tier> = ClinicalLevel::ALL
            .iter()
            .map(|level| triage(tables, &TriageInputs { level: Some(*level), ..inputs }).tier)
            .collect();
        prop_assert!(tiers.windows(2).all(|pair| pair[1] <= pair[0]), "{tiers:?}");
    }

    #[test]
    fn worse_exploitation_exposure_or_automation_is_never_calmer(inputs in any_inputs()) {
        let tables = &*TABLES;
        let run = |inputs| triage(tables, &inputs).tier;
        for pair in Exploitation::ALL.windows(2) {
            let [calm, bad] = [0, 1].map(|at| run(TriageInputs { exploitation: Some(pair[at]), ..inputs }));
            prop_assert!(bad <= calm);
        }
        for pair in Exposure::ALL.windows(2) {
            let [calm, bad] = [0, 1].map(|at| run(TriageInputs { exposure: Some(pair[at]), ..inputs }));
            prop_assert!(bad <= calm);
        }
        let [calm, bad] = [0, 1].map(|at| run(TriageInputs { automatable: Some(Automatable::ALL[at]), ..inputs }));
        prop_assert!(bad <= calm);
    }

    #[test]
    fn an_unknown_input_is_what_the_defaults_table_states(inputs in any_inputs()) {
        let tables = &*TABLES;
        let found = triage(tables, &inputs);
        let stated = TriageInputs {
            exploitation: inputs.exploitation.or(Some(Exploitation::PublicPoc)),
            exposure: inputs.exposure.or(Some(Exposure::Open)),
            automatable: inputs.automatable.or(Some(Automatable::Yes)),
            ..inputs
        };
        prop_assert_eq!(found.tier, triage(tables, &stated).tier);
        let unknown = [inputs.exploitation.is_none(), inputs.exposure.is_none(), inputs.automatable.is_none(),
            inputs.level.is_none() && inputs.impact.is_none(), inputs.bedside_action.is_none()];
        prop_assert_eq!(found.assumed.len(), unknown.iter().filter(|one| **one).count());
        for input in &found.assumed {
            let named = format!("Not known: {}", input.replace('_', " "));
            prop_assert!(found.why.iter().any(|line| line.starts_with(&named)));
        }
        // An unknown reach of the flaw is never calmer than any known one.
        if inputs.level.is_none() && inputs.impact.is_none() {
            for (integrity, confidentiality) in [(Effect::High, Effect::High), (Effect::None, Effect::High)] {
                let impact = Some(ImpactHint { integrity, confidentiality, ..ImpactHint::default() });
                let known = triage(tables, &TriageInputs { impact, ..inputs }).tier;
                prop_assert!(found.tier <= known);
            }
        }
    }

    /// The range holds every outcome that may turn out right, and the one handled by; all known leaves none.
    #[test]
    fn the_range_holds_whatever_the_inputs_turn_out_to_be(
        inputs in any_inputs(),
        e in proptest::sample::select(Exploitation::ALL),
        x in proptest::sample::select(Exposure::ALL),
        a in proptest::sample::select(Automatable::ALL),
    ) {
        let found = triage(&TABLES, &inputs);
        let (calmest, strictest) = found.range.unwrap_or((found.outcome, found.outcome));
        prop_assert!(calmest <= found.outcome && found.outcome <= strictest);
        let known = TriageInputs {
            exploitation: inputs.exploitation.or(Some(e)),
            exposure: inputs.exposure.or(Some(x)),
            automatable: inputs.automatable.or(Some(a)),
            ..inputs
        };
        let one = triage(&TABLES, &known);
        prop_assert!(calmest <= one.outcome && one.outcome <= strictest);
        prop_assert!(one.range.is_none() || (inputs.level.is_none() && inputs.impact.is_none()));
    }

    #[test]
    fn without_something_to_do_nobody_is_interrupted(inputs in any_inputs()) {
        let inputs = TriageInputs { bedside_action: Some(false), malfunction_confirmed: false, ..inputs };
        let found = triage(&TABLES, &inputs);
        prop_assert!(!found.interrupts);
        prop_assert_ne!(found.channel, Channel::Notice);
    }
}

#[test]
fn the_ssvc_table_is_the_published_one() {
    let Some(path) = shared("ssvc/data/csv/ssvc/deployer_patch_application_priority_1_0_0.csv") else {
        return;
    };
    let text = std::fs::read_to_string(path).unwrap();
    let tables = &*TABLES;
    let mut counts = std::collections::BTreeMap::new();
    let mut rows = 0;
    for line in text.lines().skip(1) {
        let cells: Vec<String> = line.split(',').map(|cell| cell.replace([' ', '-'], "_")).collect();
        let key = (
            Exploitation::from_code(&cells[1]).unwrap(),
            Exposure::from_code(&cells[2]).unwrap(),
            Automatable::from_code(&cells[3]).unwrap(),
            HumanImpact::from_code(&cells[4]).unwrap(),
        );
        assert_eq!(tables.ssvc[&key].code(), cells[5], "row {line}");
        *counts.entry(cells[5].clone()).or_insert(0) += 1;
        rows += 1;
    }
    assert_eq!(rows, 72);
    let counts: Vec<(&str, i32)> = counts.iter().map(|(name, count)| (name.as_str(), *count)).collect();
    assert_eq!(counts, [("defer", 7), ("immediate", 3), ("out_of_cycle", 20), ("scheduled", 42)]);
}

#[test]
fn every_row_of_the_matrices_is_reached() {
    let tables = &*TABLES;
    let (mut vectors, mut pairs, mut channels) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for e in Exploitation::ALL {
        for x in Exposure::ALL {
            for a in Automatable::ALL {
                for level in ClinicalLevel::ALL {
                    for action in [true, false] {
                        let inputs = TriageInputs {
                            exploitation: Some(*e),
                            exposure: Some(*x),
                            automatable: Some(*a),
                            level: Some(*level),
                            bedside_action: Some(action),
                            ..TriageInputs::unknown(DeviceClass::InfusionPump)
                        };
                        let found = triage(tables, &inputs);
                        vectors.insert(found.vector);
                        pairs.insert((found.clinical, found.outcome));
                        channels.insert((found.tier, action));
                    }
                }
            }
        }
    }
    assert_eq!(vectors.len(), tables.ssvc.len());
    assert_eq!(channels.len(), tables.channels.len());
    // SSVC never defers a very high impact and never calls a medium or low one immediate, so those cells of
    // the tier matrix can only be reached with another impact or SSVC table; all others are.
    let never: Vec<_> =
        tables.tiers.keys().filter(|pair| !pairs.contains(pair)).map(|(l, o)| (l.code(), o.code())).collect();
    let expected =
        [("C0", "immediate"), ("C1", "immediate"), ("C2", "immediate"), ("C3", "defer"), ("C4", "defer")];
    assert_eq!(never, expected);
}

#[test]
fn privacy_goes_to_the_privacy_officer_and_a_malfunction_to_the_bedside() {
    let tables = &*TABLES;
    let impact = Some(ImpactHint { confidentiality: Effect::High, ..ImpactHint::default() });
    let inputs = TriageInputs { impact, ..TriageInputs::unknown(DeviceClass::InfusionPump) };
    let found = triage(tables, &inputs);
    assert_eq!((found.clinical, found.tier, found.channel), (ClinicalLevel::C1, Tier::T4, Channel::Privacy));
    let broken = triage(tables, &TriageInputs { malfunction_confirmed: true, ..inputs });
    assert_eq!((broken.tier, broken.channel, broken.interrupts), (Tier::T1, Channel::Notice, true));
}

#[test]
fn a_pump_a_scanner_and_an_archive_part_ways() {
    let tables = &*TABLES;
    let run = |class| {
        let found = triage(tables, &TriageInputs::unknown(class));
        (found.clinical, found.outcome, found.tier, found.channel)
    };
    use {ClinicalLevel as C, SsvcOutcome as S};
    assert_eq!(run(DeviceClass::InfusionPump), (C::C4, S::OutOfCycle, Tier::T1, Channel::Notice));
    assert_eq!(run(DeviceClass::Mr), (C::C2, S::Scheduled, Tier::T3, Channel::Digest));
    assert_eq!(run(DeviceClass::Other), (C::C3, S::OutOfCycle, Tier::T1, Channel::Huddle));
}
