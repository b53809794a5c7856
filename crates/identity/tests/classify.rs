//! Classification through reconciliation: the reviewed cases, and the laws.

use proptest::prelude::*;
use proptest::sample::select;
use tallyward_core::{Device, Episode, Evidence, Field, IngestId, Key, Source, SourceKind, Timestamp};
use tallyward_identity::classify::{self, Alike, RuleTables, alike, explain, is_conclusion};
use tallyward_identity::reconcile::{Rules, reconcile};

fn at(day: i64) -> Timestamp {
    Timestamp::from_seconds(1_760_000_000).plus_days(day)
}

fn fact(field: Field, basis: &str, value: &str, kind: SourceKind, day: i64) -> Evidence {
    Evidence {
        subject: Key::AssetTag { scope: String::new(), tag: "T-1".to_owned() },
        field,
        value: value.to_owned(),
        source: Source { kind, name: "sensor one".to_owned() },
        basis: basis.to_owned(),
        episodes: vec![Episode {
            ingest: IngestId(1),
            first: at(day),
            last: at(day),
            count: 1,
            recorded_at: at(day),
            place: "packet 7".to_owned(),
        }],
    }
}

fn wire(field: Field, basis: &str, value: &str) -> Evidence {
    let kind = if field == Field::NicMaker { SourceKind::Guess } else { SourceKind::WireNetwork };
    fact(field, basis, value, kind, 0)
}

fn device(evidence: &[Evidence]) -> Device {
    reconcile(evidence, &[], &Rules::builtin(), at(1)).pop().expect("one subject, one device")
}

/// Every reviewed case: what one fact alone may be held to mean, and what it must not.
#[test]
fn the_reviewed_cases_hold() {
    let text = include_str!("../data/classification_truth.csv");
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
    let (mut cases, mut silent) = (0, 0);
    for row in reader.records() {
        let row = row.unwrap();
        let [name, basis, value, field, holds, _seen] = [0, 1, 2, 3, 4, 5].map(|at| row.get(at).unwrap());
        let field: Field = field.parse().unwrap();
        let device = device(&[wire(name.parse().unwrap(), basis, value)]);
        let expected = (!holds.is_empty()).then_some(holds);
        assert_eq!(device.get(field), expected, "{name} {value:?} gives {field}");
        cases += 1;
        silent += usize::from(holds.is_empty());
    }
    assert!(cases >= 70 && silent >= 25, "{cases} cases, {silent} of them silent");
}

#[test]
fn what_a_source_states_is_never_overwritten_and_what_contradicts_it_is_kept() {
    let mut evidence = vec![
        fact(Field::Manufacturer, "column Manufacturer", "Baxter", SourceKind::List, -2_000),
        wire(Field::MacAddress, "frame source", "00:09:fb:01:02:03"),
    ];
    let contradicted = device(&evidence);
    let held = &contradicted.fields[&Field::Manufacturer];
    assert_eq!(held.value, "Baxter");
    assert_eq!(held.dissent.iter().map(|voice| voice.value.as_str()).collect::<Vec<_>>(), ["Philips"]);
    assert!(held.support.iter().all(|voice| !is_conclusion(voice)));
    let why = explain(&contradicted, &Rules::builtin(), at(1));
    assert_eq!(why.contradictions.len(), 1, "{:?}", why.contradictions);
    evidence[0].value = "Philips Medical Systems".to_owned();
    let agreed = device(&evidence);
    assert!(agreed.fields[&Field::Manufacturer].dissent.is_empty());
    let why = explain(&agreed, &Rules::builtin(), at(1));
    let answer = why.of(Field::Manufacturer).unwrap();
    assert_eq!((answer.why.len(), answer.against.len()), (2, 0));
    assert!(answer.why[1].rule.starts_with("medical_oui.csv line "), "{}", answer.why[1].rule);
}

#[test]
fn conclusions_of_like_strength_that_disagree_hold_nothing_and_are_shown() {
    let evidence = [
        wire(Field::UserAgent, "HTTP", "Mozilla/5.0 (Windows NT 6.1; rv:34.0) Gecko/20100101 Firefox/34.0"),
        wire(Field::UserAgent, "HTTP", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_7_3) AppleWebKit/534.55.3"),
    ];
    let device = device(&evidence);
    assert_eq!(device.get(Field::OperatingSystem), None);
    let why = explain(&device, &Rules::builtin(), at(1));
    let answer = why.of(Field::OperatingSystem).unwrap();
    assert_eq!((answer.value.as_deref(), answer.against.len()), (None, 2));
    assert!(why.contradictions[0].ends_with("Nothing holds."), "{:?}", why.contradictions);
}

#[test]
fn the_finer_of_two_that_agree_holds() {
    let evidence = [
        wire(Field::DhcpVendorClass, "DHCP option 60", "MSFT 5.0"),
        wire(Field::UserAgent, "HTTP", "Mozilla/5.0 (Windows NT 6.1; rv:34.0)"),
    ];
    let device = device(&evidence);
    let held = &device.fields[&Field::OperatingSystem];
    assert_eq!((held.value.as_str(), held.support.len()), ("Windows 7 or Server 2008 R2", 2));
}

/// What a dissector guessed may say the same more finely, and never decides what is what.
#[test]
fn a_guess_of_a_dissector_makes_a_conclusion_finer_and_never_turns_it() {
    let build =
        |version: &str| fact(Field::OperatingSystem, "NTLMSSP version", version, SourceKind::Guess, 0);
    let windows = wire(Field::UserAgent, "HTTP", "Mozilla/5.0 (Windows NT 10.0; Win64; x64)");
    let finer = device(&[windows, build("Windows 10.0 build 17763")]);
    let held = &finer.fields[&Field::OperatingSystem];
    assert_eq!(held.value, "Windows 10.0 build 17763");
    assert_eq!(held.support[0].value, held.value, "who says it speaks first");
    assert_eq!(held.support.len(), 2);
    // macOS sends the version of a Windows 7, Samba that of a build 0.
    let mac = wire(Field::UserAgent, "HTTP", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_7_3)");
    let mac = device(&[mac, build("Windows 6.1 build 7600")]);
    assert_eq!(mac.get(Field::OperatingSystem), Some("Apple macOS"));
    assert_eq!(explain(&mac, &Rules::builtin(), at(1)).contradictions.len(), 1);
    let samba = wire(Field::Banner, "SMB1 native LAN manager", "Samba 4.3.11-Ubuntu");
    let samba = device(&[samba, build("Windows 6.1 build 0")]);
    assert_eq!(samba.get(Field::OperatingSystem), Some("Unix (Samba)"));
}

#[test]
fn an_old_fact_is_silent_beside_a_fresh_one() {
    let old = fact(
        Field::Banner,
        "SSH identification",
        "SSH-2.0-OpenSSH_for_Windows_7.7",
        SourceKind::WireNetwork,
        -400,
    );
    let fresh = wire(Field::Banner, "SSH identification", "SSH-2.0-OpenSSH_8.2p1 Ubuntu-4ubuntu0.11");
    let both = device(&[old.clone(), fresh]);
    assert_eq!(both.get(Field::OperatingSystem), Some("Ubuntu Linux"));
    assert!(both.fields[&Field::OperatingSystem].dissent.is_empty());
    let alone = device(&[old]);
    assert!(alone.fields[&Field::OperatingSystem].is_stale(), "it holds, but it is old");
}

#[test]
fn a_users_rule_stands_beside_the_shipped_ones_and_a_better_table_speaks_of_old_evidence() {
    let own = "fact,basis,pattern,gives,score,source\nhttp_server,,^WardBox/(\\d+),manufacturer=Ward Box Makers; model=WB $1,0.9,our own\n";
    let (tables, errors) = RuleTables::builtin().with_own("own.csv", own);
    assert_eq!(errors, []);
    let rules = Rules::builtin().with_classification(tables);
    let evidence = [wire(Field::HttpServer, "HTTP", "WardBox/4")];
    assert_eq!(device(&evidence).get(Field::Model), None);
    let known = reconcile(&evidence, &[], &rules, at(1)).pop().unwrap();
    assert_eq!(known.get(Field::Model), Some("WB 4"));
    let voice = &known.fields[&Field::Model].support[0];
    assert_eq!((voice.source.name.as_str(), voice.place.as_str()), (classify::RULES, "packet 7"));
    assert!(voice.basis.starts_with("own.csv line 2, score 0.90: HTTP server"), "{}", voice.basis);
    assert_ne!(rules, Rules::builtin(), "other tables are other rules");
}

#[test]
fn a_toolkit_never_names_a_maker_and_shipped_makers_are_canonical() {
    let aliases = tallyward_identity::aliases::Aliases::builtin();
    for info in RuleTables::builtin().infos() {
        assert!(!info.version.is_empty() && !info.source.is_empty(), "{}", info.name);
        let text = RuleTables::builtin_text(&info.name).unwrap();
        let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
        for row in reader.records() {
            let row = row.unwrap();
            let gives = row.get(3).unwrap();
            assert!(!(gives.contains("dicom_toolkit=") && gives.contains("manufacturer=")), "{gives}");
            for maker in gives.split(';').filter_map(|part| part.trim().strip_prefix("manufacturer=")) {
                assert_eq!(aliases.canonical_maker(maker).name, maker, "{}", info.name);
            }
        }
    }
}

fn any_fact() -> impl Strategy<Value = Evidence> {
    let said = select(
        &[
            (Field::UserAgent, "HTTP", "Mozilla/5.0 (Windows NT 6.1)"),
            (Field::UserAgent, "HTTP", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_7_3)"),
            (Field::UserAgent, "HTTP", "Mozilla/5.0 (X11; Linux x86_64)"),
            (Field::DhcpVendorClass, "DHCP option 60", "MSFT 5.0"),
            (Field::DhcpVendorClass, "DHCP option 60", "dhcpcd-6.11.5:Linux-4.1.18-v7+:armv7l:BCM2709"),
            (Field::DhcpVendorClass, "DHCP option 60", "Philips IntelliVue MX800"),
            (Field::Banner, "SSH identification", "SSH-2.0-OpenSSH_8.2p1 Ubuntu-4ubuntu0.11"),
            (Field::HttpServer, "HTTP", "Apache/2.2.25 (Unix)"),
            (Field::MacAddress, "frame source", "00:09:fb:01:02:03"),
            (Field::MacAddress, "frame source", "00:1a:fa:01:02:03"),
            (Field::DicomImplementation, "DICOM A-ASSOCIATE-RQ", "1.2.840.113619.6.251 EchoPAC_203"),
            (Field::DicomImplementation, "DICOM A-ASSOCIATE-RQ", "1.3.12.2.1107.5.2 MR_VB19A"),
            (Field::DicomImplementation, "DICOM A-ASSOCIATE-RQ", "2.16.840.1.113669.2.1.1 MergeCOM3_340"),
            (Field::Manufacturer, "column Manufacturer", "Baxter"),
            (Field::Manufacturer, "column Manufacturer", "GE MEDICAL SYSTEMS"),
            (Field::OperatingSystem, "column OS", "Windows XP"),
            (Field::SnmpEngine, "SNMPv3", "800000090300c0ffee000001"),
        ][..],
    );
    let kind =
        select(&[SourceKind::WireNetwork, SourceKind::WireDevice, SourceKind::List, SourceKind::Guess][..]);
    (said, kind, -400i64..1).prop_map(|((field, basis, value), kind, day)| {
        // What is heard on the wire comes from one kind of source, whatever it says; anybody may state a maker or a system.
        let stated = matches!(field, Field::Manufacturer | Field::OperatingSystem);
        fact(field, basis, value, if stated { kind } else { SourceKind::WireNetwork }, day)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Whatever order facts come in, the same is concluded.
    #[test]
    fn order_does_not_matter(facts in prop::collection::vec(any_fact(), 1..8), seed in any::<u64>()) {
        let mut turned = facts.clone();
        turned.rotate_left((seed % facts.len() as u64) as usize);
        turned.reverse();
        prop_assert_eq!(device(&facts), device(&turned));
    }

    /// A stated field has the value, the support and the first dissent it would have without any rules.
    #[test]
    fn what_is_stated_stands_as_without_rules(facts in prop::collection::vec(any_fact(), 1..8)) {
        let with = device(&facts);
        for (field, held) in &with.fields {
            let stated = held.support.iter().any(|voice| voice.source.kind != SourceKind::Guess);
            let said: Vec<_> = held.support.iter().filter(|voice| is_conclusion(voice)).collect();
            prop_assert!(!stated || said.is_empty() , "{field}: a conclusion supports what is stated");
            if stated && !field.is_many() {
                let after = held.dissent.iter().skip_while(|voice| !is_conclusion(voice));
                prop_assert!(after.clone().all(is_conclusion), "{field}: conclusions come after every source");
            }
        }
    }

    /// One more fact never turns a known maker or system into another without the old one standing in dissent.
    #[test]
    fn nothing_turns_silently(facts in prop::collection::vec(any_fact(), 1..7), more in any_fact()) {
        // A source that gives another answer takes its own old one back: that is on the page as its new word.
        let taken_back = facts.iter().any(|fact| fact.source == more.source && fact.field == more.field);
        prop_assume!(!taken_back || more.field.is_many());
        let before = device(&facts);
        let mut all = facts;
        all.push(more.clone());
        let after = device(&all);
        let aliases = tallyward_identity::aliases::Aliases::builtin();
        for field in [Field::Manufacturer, Field::OperatingSystem] {
            let (Some(old), Some(new)) = (before.fields.get(&field), after.fields.get(&field)) else { continue };
            if alike(field, &old.value, &new.value, &aliases) != Alike::Different || old.is_stale() {
                continue;
            }
            // Somebody stating it is no silent turn: the statement itself is on the page.
            let stated = more.field == field && more.source.kind != SourceKind::Guess;
            let kept = new.dissent.iter().any(|voice| alike(field, &old.value, &voice.value, &aliases) != Alike::Different);
            prop_assert!(stated || kept, "{field}: {} became {} ({:?})", old.value, new.value, new.dissent);
        }
    }

    /// The chain that is shown leads to the value that is stored.
    #[test]
    fn the_explanation_agrees_with_the_device(facts in prop::collection::vec(any_fact(), 1..8)) {
        let rules = Rules::builtin();
        let device = device(&facts);
        let why = explain(&device, &rules, at(1));
        for answer in why.answers.iter().filter(|answer| !answer.field.is_many()) {
            let stored = device.fields.get(&answer.field);
            let guessed = stored.is_some_and(|held| held.support.iter().all(|voice| voice.source.kind == SourceKind::Guess));
            if answer.value.is_some() || !guessed {
                prop_assert_eq!(answer.value.as_deref(), stored.map(|held| held.value.as_str()), "{}", answer.field);
            }
        }
        for (field, held) in &device.fields {
            if held.support.iter().any(is_conclusion) {
                let answer = why.of(*field).expect("a conclusion has its answer");
                prop_assert!(answer.why.iter().any(|step| step.value == held.value));
            }
        }
    }
}
