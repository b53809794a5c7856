//! What holds for every sample hospital.

use proptest::prelude::*;
use std::collections::HashSet;
use tallyward_core::{Mac, Presence, Timestamp};
use tallyward_identity::aliases::Aliases;
use tallyward_lab::{Hospital, LabDevice, Plan, build};

fn plan(seed: u64, devices: usize) -> Plan {
    Plan { seed, devices, ..Plan::default() }
}

fn unique<T: std::hash::Hash + Eq>(values: impl Iterator<Item = T>) -> bool {
    let mut seen = HashSet::new();
    values.into_iter().all(|value| seen.insert(value))
}

/// Rows of the export as text; a character is a byte, which is what Windows-1252 means for all we compare.
fn rows(hospital: &Hospital) -> Vec<Vec<String>> {
    let bytes = hospital.cmms_csv();
    let delimiter = if hospital.plan.seed % 2 == 1 { b';' } else { b',' };
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(bytes.as_slice());
    let text = |cell: &[u8]| cell.iter().map(|&byte| char::from(byte)).collect::<String>();
    reader.byte_records().map(|row| row.expect("the export is CSV").iter().map(text).collect()).collect()
}

#[test]
fn the_demo_house_has_what_the_story_needs() {
    let house = build(&Plan::default());
    let counts = house.expectations();
    println!("{counts:#?}");
    assert_eq!((counts.devices, counts.strangers, counts.ghosts), (400, 8, 12));
    assert_eq!((counts.moved, counts.zombies, counts.advisories), (6, 2, 12));
    assert!((55..110).contains(&counts.not_observable), "{}", counts.not_observable);
    assert!((130..190).contains(&counts.without_version), "{}", counts.without_version);
    assert!(counts.version_disagreements >= 5, "{}", counts.version_disagreements);
    assert!(counts.affected > 60 && counts.not_affected > 20 && counts.unknown > 60);
    assert_eq!(house.units.len(), 12);
    assert_eq!(house.sites.len(), 3);
    let states = counts.known + counts.strangers + counts.ghosts + counts.not_observable;
    assert_eq!(states + counts.moved + counts.zombies, 400);
    let classes: HashSet<&str> = house.truth.iter().map(|device| class(&house, device)).collect();
    assert_eq!(classes.len(), 21);
    let (before, after) = ((counts.affected, counts.not_affected, counts.unknown), counts.after_update);
    assert!(after.0 > before.0 && after.1 >= before.1 && after.2 >= before.2, "{before:?} {after:?}");
}

fn class<'a>(house: &'a Hospital, device: &LabDevice) -> &'a str {
    &house.models[device.model].class
}

#[test]
fn the_same_plan_gives_the_same_bytes_and_another_seed_others() {
    let (one, two, other) = (build(&plan(7, 120)), build(&plan(7, 120)), build(&plan(8, 120)));
    assert_eq!(one.cmms_csv(), two.cmms_csv());
    assert_eq!(one.capture(), two.capture());
    assert_eq!(one.advisories(), two.advisories());
    assert_ne!(one.cmms_csv(), other.cmms_csv());
    assert_ne!(one.capture(), other.capture());
}

#[test]
fn the_export_is_messy_in_every_promised_way() {
    let house = build(&Plan::default());
    let bytes = house.cmms_csv();
    assert!(std::str::from_utf8(&bytes).is_err(), "Windows-1252, not UTF-8");
    assert!(bytes.contains(&0xfc) && bytes.contains(&0x96));
    let rows = rows(&house);
    let counts = house.expectations();
    assert_eq!(rows.len(), counts.cmms_rows);
    let distinct: HashSet<&Vec<String>> = rows.iter().collect();
    assert_eq!(rows.len() - distinct.len(), counts.cmms_duplicates);
    let any = |test: &dyn Fn(&str) -> bool| rows.iter().flatten().any(|cell| test(cell));
    for junk in ["N/A", "Default string"] {
        assert!(any(&|cell| cell.trim() == junk), "{junk}");
    }
    assert!(any(&|cell| cell.contains('\n')), "a quoted line break");
    assert!(any(&|cell| cell.ends_with(' ')), "a trailing blank");
    assert!(any(&|cell| cell.contains(tallyward_lab::CANARY_NOTE)));
    assert!(any(&|cell| cell.contains("Märtens")));
    let refused = rows.iter().filter(|row| row[0].is_empty());
    assert_eq!(refused.count(), counts.cmms_refused);
    let makers: HashSet<&str> = house.models.iter().map(|model| model.maker.as_str()).collect();
    let fold = |text: &str| text.trim().to_lowercase();
    let misspelt = |cell: &str| !cell.is_empty() && makers.iter().all(|maker| fold(maker) != fold(cell));
    assert!(rows.iter().any(|row| row.get(3).is_some_and(|cell| misspelt(cell))));
}

#[test]
fn the_tidy_files_have_their_headers_and_one_line_each() {
    let house = build(&Plan::default());
    let head = |text: &str| text.lines().next().unwrap_or_default().to_owned();
    assert_eq!(head(&house.places_csv()), "subnet,vlan,site,building,floor,unit,watched");
    assert_eq!(head(&house.units_csv()), "code,name,site,building,floor,pools,aliases");
    assert_eq!(head(&house.contacts_csv()), "unit,duty,profession,name,email,phone");
    assert_eq!(house.places_csv().lines().count(), 14);
    assert_eq!(house.units_csv().lines().count(), 13);
    assert!(house.places_csv().contains("10.25.0.0/24,150,Hillcrest Annex,Annex,1,MSH,no"));
}

/// The tables in force once the house's own are loaded.
fn aliases(house: &Hospital) -> Aliases {
    let mut aliases = Aliases::builtin();
    aliases.extend_from_csv(&house.maker_aliases_csv()).expect("the maker table is in identity's form");
    aliases
        .extend_models_from_csv(&house.model_aliases_csv())
        .expect("the model table is in identity's form");
    aliases
}

#[test]
fn the_tables_of_identity_know_what_the_list_says() {
    use tallyward_identity::{device_class, oui};
    let house = build(&Plan::default());
    let aliases = aliases(&house);
    for device in &house.truth {
        let model = &house.models[device.model];
        let class = device_class::class_of(&model.description).map(|class| class.code.as_str());
        assert_eq!(class, Some(model.class.as_str()), "{}", model.description);
        if let Some(mac) = device.mac {
            assert!(oui::maker_of(mac).is_none(), "{mac} belongs to a real maker");
        }
    }
    // A finding expected of a device rests on its maker being recognised in whatever form the list has it.
    for finding in house.findings() {
        let device = &house.truth[finding.device];
        let Some(listed) = &device.listed else { continue };
        let want = aliases.canonical_maker(&house.models[device.model].maker);
        assert_eq!(aliases.canonical_maker(&listed.maker).name, want.name, "{}", listed.maker);
    }
}

#[test]
fn a_large_house_still_has_distinct_addresses() {
    let house = build(&plan(3, 20_000));
    assert!(unique(house.truth.iter().filter_map(|device| device.ip)));
    assert!(unique(house.truth.iter().filter_map(|device| device.mac)));
}

fn label_reads_back(device: &LabDevice, di: &str, year: u16) -> Result<(), TestCaseError> {
    let today = tallyward_identity::udi::Today::from_year(year);
    let udi = tallyward_identity::udi::parse(&device.udi, today);
    prop_assert!(udi.valid, "{}", device.udi);
    prop_assert_eq!(udi.di.as_deref(), Some(di));
    prop_assert_eq!(udi.serial.as_deref(), Some(device.serial.as_str()));
    prop_assert_eq!(udi.manufactured.map(|day| day.to_string()), Some(device.made.clone()));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_seed_and_size_builds(seed in any::<u64>(), devices in 0usize..300) {
        let house = build(&plan(seed, devices));
        let counts = house.expectations();
        prop_assert_eq!(counts.devices, devices);
        prop_assert_eq!(rows(&house).len(), counts.cmms_rows);
        prop_assert!(unique(house.truth.iter().map(|device| &device.tag)));
        prop_assert!(unique(house.truth.iter().map(|device| (device.model, &device.serial))));
        prop_assert!(unique(house.truth.iter().filter_map(|device| device.mac)));
        prop_assert!(unique(house.truth.iter().filter_map(|device| device.ip)));
        for device in &house.truth {
            label_reads_back(device, &house.models[device.model].di, 2026)?;
            prop_assert!(device.ae_title.len() <= 16 && device.host_name.len() <= 15);
            prop_assert!(device.mac.is_none_or(|mac: Mac| !mac.is_local() && !mac.is_junk()));
        }
    }

    #[test]
    fn states_follow_from_list_and_wire(seed in any::<u64>()) {
        let house = build(&plan(seed, 250));
        let aliases = aliases(&house);
        for device in &house.truth {
            let home = |subnet: usize| {
                let code = &house.subnets[subnet].code;
                code == "DC" || *code == house.units[device.unit].code
            };
            let seen_at = device.seen.as_ref().map(|seen| seen.subnet);
            let retired = device.listed.as_ref().is_some_and(|listed| listed.status == "Retired");
            let want = match (&device.listed, seen_at) {
                (None, _) => Presence::Stranger,
                (Some(_), Some(_)) if retired => Presence::Zombie,
                (Some(_), Some(subnet)) if !home(subnet) => Presence::Moved,
                (Some(_), Some(_)) => Presence::Known,
                (Some(_), None) if device.mac.is_none() => Presence::NotObservable,
                (Some(_), None) => {
                    let at = house.subnets.iter().find(|subnet| subnet.code == house.units[device.unit].code);
                    if at.is_some_and(|subnet| subnet.watched) { Presence::Ghost } else { Presence::NotObservable }
                }
            };
            prop_assert_eq!(device.presence, want, "{}", device.tag);
            // What ties list and wire together is there for every device that has both.
            if let (Some(listed), Some(seen)) = (&device.listed, &device.seen) {
                let maker = aliases.canonical_maker(&listed.maker).name;
                let by_serial = maker == aliases.canonical_maker(&house.models[device.model].maker).name
                    && listed.serial == device.serial;
                prop_assert!(listed.mac.is_some() || (seen.in_dicom && by_serial));
                prop_assert!(!seen.in_hl7 || listed.udi.contains(&device.serial));
            }
        }
    }

    #[test]
    fn traffic_stays_within_its_half_hour(seed in any::<u64>()) {
        let now = Timestamp::from_seconds(1_800_000_000);
        let house = build(&Plan { seed, devices: 60, now });
        let frames = house.frames();
        let start = now.plus_seconds(-tallyward_lab::SECONDS);
        prop_assert!(frames.iter().all(|frame| frame.time >= start && frame.time <= now));
        prop_assert!(frames.is_sorted_by_key(|frame| frame.time));
    }
}
