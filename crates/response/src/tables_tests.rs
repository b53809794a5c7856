use super::*;

#[test]
fn every_builtin_table_says_version_source_and_default() {
    let tables = Tables::builtin();
    assert_eq!(tables.infos().len(), Tables::names().len());
    for info in tables.infos() {
        assert!(info.rows > 0 && info.hash.len() == 64 && !info.replaced, "{info:?}");
        assert!(!info.version.is_empty() && !info.source.is_empty() && !info.default.is_empty(), "{info:?}");
        assert!(Tables::builtin_text(&info.name).is_some());
    }
    let rows = |name: &str| tables.infos().iter().find(|info| info.name == name).map(|info| info.rows);
    assert_eq!((rows("ssvc_deployer"), rows("tiers"), rows("channels")), (Some(72), Some(20), Some(10)));
}

#[test]
fn every_class_has_words_levels_and_an_answer_for_the_bedside() {
    let tables = Tables::builtin();
    for class in DeviceClass::ALL {
        let (words, level, bedside) = (tables.class(*class), tables.level(*class), tables.bedside(*class));
        assert!(!words.one.is_empty());
        assert!(level.function() >= ClinicalLevel::C2, "{class:?}");
        assert_eq!(bedside.something_to_do, !bedside.steps.is_empty());
        assert_eq!(level.harm.is_empty(), *class == DeviceClass::Other);
    }
    assert_eq!(DeviceClass::of(" ventilator "), DeviceClass::Ventilator);
    assert_eq!(DeviceClass::of("toaster"), DeviceClass::Other);
}

#[test]
fn a_replaced_table_changes_the_hash_and_nothing_else_does() {
    let builtin = Tables::builtin();
    let text = Tables::builtin_text("ladder").unwrap();
    let crlf = text.replace('\n', "\r\n");
    assert_eq!(Tables::from_overrides([("ladder", crlf.as_str())]).unwrap().hash(), builtin.hash());
    let faster = text.replace("T1,Act this shift,60,30,60", "T1,Act this shift,30,15,30");
    let changed = Tables::from_overrides([("ladder", faster.as_str())]).unwrap();
    assert_ne!(changed.hash(), builtin.hash());
    assert_eq!(changed.rung(Tier::T1).reminder_after, Some(15));
    let replaced: Vec<&str> =
        changed.infos().iter().filter(|info| info.replaced).map(|info| info.name.as_str()).collect();
    assert_eq!(replaced, ["ladder"]);
}

#[test]
fn a_table_that_is_not_whole_is_refused_with_its_place() {
    let refuse = |name: &str, change: &dyn Fn(&str) -> String| {
        let text = change(Tables::builtin_text(name).unwrap_or(""));
        Tables::from_overrides([(name, text.as_str())]).unwrap_err().to_string()
    };
    let cut = |from: &'static str, to: &'static str| move |text: &str| text.replace(from, to);
    let cases = [
        refuse("tiers", &cut("C4,defer,T2\n", "")),
        refuse("tiers", &cut("C4,defer,T2", "C4,defer,T4")),
        refuse("tiers", &cut("C4,defer,T2", "C4,defer,soon")),
        refuse("bod_26_04", &cut("yes,yes,yes,total,", "yes,yes,yes,all,")),
        refuse("human_impact", &cut("C4,very_high", "C4,low")),
        refuse("channels", &cut("T0,no,huddle", "T0,no,notice")),
        refuse("ladder", &cut("10,5,10", "10,5,1")),
        refuse("bedside_actions", &cut("ct,no,", "ct,yes,")),
        refuse("classes", &cut("# source", "# sauce")),
        refuse("ladder", &cut("T4,Technical only,,,", "T4,Technical only")),
        refuse("defaults", &cut("exposure,open", "exposure,wide")),
        refuse("ages", &cut("kev,7", "kev,0")),
        refuse("ages", &cut("epss,7", "opinion,7")),
        refuse("nothing", &cut("", "")),
    ];
    insta::assert_snapshot!(cases.join("\n"), @r##"
    table tiers: has no row for (C4, Defer)
    table tiers: C4 with defer gives T4, calmer than C2 with defer (T3)
    table tiers, line 8: "soon" is no tier
    table bod_26_04, line 20: "all" is no technical impact
    table human_impact: a worse clinical level has a lower impact
    table channels, line 10: a notice needs something to do at the bedside
    table ladder, line 5: escalates before it reminds
    table bedside_actions, line 12: says yes without a step, or no with one
    table classes: has no line "# source: …"
    table ladder, line 9: has 2 cells, expected 5
    table defaults, line 6: "wide" is no value of "exposure"
    table ages, line 5: "0" is no number of days from 1 to 3650
    table ages, line 6: "opinion" is nothing whose age is asked for
    table nothing: is not known, expected one of ssvc_deployer, bod_26_04, human_impact, tiers, channels, clinical_levels, bedside_actions, classes, ladder, defaults, ages, words
    "##);
}

proptest::proptest! {
    #[test]
    fn a_damaged_table_is_refused_or_whole(
        name in proptest::sample::select(Tables::names()),
        at in 0usize..4000,
        cut in 0usize..60,
        put in "(,|\n|\"|T0|C4|\\PC){0,3}",
    ) {
        let text = Tables::builtin_text(name).unwrap();
        let chars: Vec<char> = text.chars().collect();
        let at = at % chars.len();
        let damaged: String =
            chars[..at].iter().copied().chain(put.chars()).chain(chars.iter().copied().skip(at + cut)).collect();
        if let Ok(tables) = Tables::from_overrides([(name, damaged.as_str())]) {
            for class in DeviceClass::ALL {
                let found = crate::triage(&tables, &crate::TriageInputs::unknown(*class));
                proptest::prop_assert!(!found.why.is_empty());
            }
        }
    }
}
