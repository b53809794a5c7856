//! What reconciliation does in the situations that other inventories got wrong.

use tallyward_core::evidence::normalise;
use tallyward_core::{
    Decision, Device, Episode, Evidence, Field, IngestId, Judgement, Key, Source, SourceKind, Timestamp,
};
use tallyward_identity::reconcile::{Rules, Standpoint, diff, reconcile, states};

fn day(day: i64) -> Timestamp {
    Timestamp::default().plus_days(day)
}

fn tag(tag: &str) -> Key {
    Key::AssetTag { scope: String::new(), tag: tag.to_owned() }
}

fn serial(serial: &str) -> Key {
    Key::MakerModelSerial { maker: "baxter".into(), model: "spectrum iq".into(), serial: serial.into() }
}

fn mac(last: u8) -> Key {
    Key::Mac(tallyward_core::Mac([0, 0x1a, 0x2b, 0, 0, last]))
}

/// One statement, made in one ingest on each of the days; each day and source is an ingest of its own.
fn said(kind: SourceKind, name: &str, subject: &Key, field: Field, value: &str, days: &[i64]) -> Evidence {
    let episode = |at: &i64| Episode {
        ingest: IngestId((*at as u128) << 8 | kind as u128),
        first: day(*at),
        last: day(*at),
        count: 1,
        recorded_at: day(*at),
        place: "row 4".to_owned(),
    };
    Evidence {
        subject: subject.clone(),
        field,
        value: value.to_owned(),
        source: Source { kind, name: name.to_owned() },
        basis: "column".to_owned(),
        episodes: days.iter().map(episode).collect(),
    }
}

fn list(subject: &Key, field: Field, value: &str, days: &[i64]) -> Evidence {
    said(SourceKind::List, "CMMS", subject, field, value, days)
}

fn wire(subject: &Key, field: Field, value: &str, days: &[i64]) -> Evidence {
    said(SourceKind::WireDevice, "sensor", subject, field, value, days)
}

fn tie(kind: SourceKind, a: &Key, b: &Key, days: &[i64]) -> Evidence {
    said(kind, "CMMS", a, Field::Key, &b.to_string(), days)
}

fn at(evidence: &[Evidence], decisions: &[Decision], as_of: i64) -> Vec<Device> {
    reconcile(&normalise(evidence.to_vec()), decisions, &Rules::builtin(), day(as_of))
}

fn one(evidence: &[Evidence], as_of: i64) -> Device {
    let mut devices = at(evidence, &[], as_of);
    assert_eq!(devices.len(), 1, "{devices:#?}");
    devices.remove(0)
}

fn of<'d>(devices: &'d [Device], key: &Key) -> &'d Device {
    devices.iter().find(|device| device.keys.contains(key)).expect("the key is on some device")
}

fn decide(at: i64, judgement: Judgement) -> Decision {
    let (by, reason) = ("M. Lopez".to_owned(), "looked at both".to_owned());
    Decision { at: day(at), id: format!("d{at}"), by, reason, judgement }
}

#[test]
fn list_and_wire_meet_over_a_card() {
    let device = one(
        &[
            tie(SourceKind::List, &tag("T1"), &mac(1), &[10]),
            list(&tag("T1"), Field::Manufacturer, "BAXTER", &[10]),
            wire(&mac(1), Field::Manufacturer, "Baxter", &[12, 15]),
            wire(&mac(1), Field::SoftwareVersion, "8.01", &[15]),
        ],
        20,
    );
    assert_eq!(device.keys, [tag("T1"), mac(1)]);
    assert_eq!(device.seen, Some((day(12), day(15))));
    assert!(device.recorded);
    let maker = &device.fields[&Field::Manufacturer];
    assert_eq!((maker.support.len(), maker.dissent.len()), (2, 0), "spelling is no dissent");
    assert_eq!(device.get(Field::AssetTag), Some("T1"), "a key shows as a field");
    assert_eq!(device.get(Field::MacAddress), Some("00:1a:2b:00:00:01"));
    assert_eq!(device.fields[&Field::AssetTag].support[0].source.name, "CMMS");
}

#[test]
fn a_label_beats_the_wire_beats_a_list_beats_a_guess() {
    let mut evidence = vec![said(SourceKind::Guess, "sensor", &tag("T1"), Field::Serial, "D", &[19])];
    assert_eq!(one(&evidence, 20).get(Field::Serial), Some("D"));
    evidence.push(list(&tag("T1"), Field::Serial, "C", &[1]));
    assert_eq!(one(&evidence, 20).get(Field::Serial), Some("C"));
    evidence.push(wire(&tag("T1"), Field::Serial, "B", &[2]));
    assert_eq!(one(&evidence, 20).get(Field::Serial), Some("B"));
    evidence.push(said(SourceKind::Person, "Ann", &tag("T1"), Field::Serial, "A", &[3]));
    let device = one(&evidence, 20);
    assert_eq!(device.get(Field::Serial), Some("A"));
    let dissent: Vec<&str> =
        device.fields[&Field::Serial].dissent.iter().map(|voice| voice.value.as_str()).collect();
    assert_eq!(dissent, ["B", "C", "D"], "best first");
}

#[test]
fn of_wire_and_person_the_newer_software_version_holds() {
    let list = list(&tag("T1"), Field::SoftwareVersion, "3.0", &[390]);
    let person = said(SourceKind::Person, "Ann", &tag("T1"), Field::SoftwareVersion, "4.1", &[370]);
    let wire = wire(&tag("T1"), Field::SoftwareVersion, "4.2", &[380]);
    assert_eq!(
        one(&[list.clone(), person.clone(), wire.clone()], 400).get(Field::SoftwareVersion),
        Some("4.2")
    );
    let reread = said(SourceKind::Person, "Ann", &tag("T1"), Field::SoftwareVersion, "4.1", &[381]);
    assert_eq!(one(&[list.clone(), wire.clone(), reread], 400).get(Field::SoftwareVersion), Some("4.1"));
    // Both grow old; then a list cell that is still fresh is the best there is.
    let much_later = one(&[list, person, wire], 750);
    assert_eq!(much_later.get(Field::SoftwareVersion), Some("3.0"));
    assert!(much_later.fields[&Field::SoftwareVersion].dissent.iter().all(|voice| voice.stale));
    assert!(!much_later.fields[&Field::SoftwareVersion].is_stale());
}

#[test]
fn place_is_for_lists_and_people() {
    let device = one(
        &[list(&tag("T1"), Field::Room, "A-12", &[10]), wire(&tag("T1"), Field::Room, "WARD", &[19])],
        20,
    );
    assert_eq!(device.get(Field::Room), Some("A-12"));
}

#[test]
fn a_list_that_repeats_a_cell_has_not_read_the_device_again() {
    let device = one(&[list(&tag("T1"), Field::SoftwareVersion, "4.1", &[10, 40, 70])], 80);
    let voice = &device.fields[&Field::SoftwareVersion].support[0];
    assert_eq!((voice.first, voice.last, voice.count), (day(10), day(10), 3));
    // Changed and changed back: the value stands since it came back.
    let there_and_back = one(
        &[
            list(&tag("T1"), Field::SoftwareVersion, "4.1", &[10, 40, 70]),
            list(&tag("T1"), Field::SoftwareVersion, "4.2", &[20, 30]),
        ],
        80,
    );
    let held = &there_and_back.fields[&Field::SoftwareVersion];
    assert_eq!((held.value.as_str(), held.support[0].last, held.dissent.len()), ("4.1", day(40), 0));
}

#[test]
fn a_source_that_gives_another_answer_takes_its_old_one_back() {
    let evidence = [
        list(&tag("T1"), Field::Room, "A-12", &[10, 20]),
        list(&tag("T1"), Field::Room, "B-3", &[30]),
        tie(SourceKind::List, &tag("T1"), &serial("SN-4711"), &[10]),
        tie(SourceKind::List, &tag("T1"), &serial("SN-4712"), &[30]),
        tie(SourceKind::List, &tag("T1"), &mac(1), &[10]),
    ];
    let today = one(&evidence, 40);
    assert_eq!(today.get(Field::Room), Some("B-3"));
    assert!(today.fields[&Field::Room].dissent.is_empty());
    assert_eq!(
        today.keys,
        [serial("SN-4712"), tag("T1"), mac(1)],
        "the new serial says nothing about the card"
    );
    assert_eq!(states(&today, &evidence[0]), Standpoint::Absent);
    assert_eq!(states(&today, &evidence[1]), Standpoint::Holds);
    // And the past is as it was.
    let past = one(&evidence, 25);
    assert_eq!(past.get(Field::Room), Some("A-12"));
    assert!(past.keys.contains(&serial("SN-4711")));
    let changes = diff(&past, &today);
    let room = changes.iter().find(|change| change.field == Field::Room).unwrap();
    assert_eq!((room.old.as_deref(), room.new.as_deref()), (Some("A-12"), Some("B-3")));
}

#[test]
fn a_source_at_odds_with_itself_shows() {
    let device =
        one(&[list(&tag("T1"), Field::Room, "A-12", &[10]), list(&tag("T1"), Field::Room, "B-3", &[10])], 20);
    assert_eq!(device.fields[&Field::Room].dissent.len(), 1, "two rows of one file disagree");
}

#[test]
fn a_dock_joins_nothing_and_keeps_its_own_facts() {
    let evidence = [
        tie(SourceKind::List, &tag("T1"), &mac(9), &[10]),
        tie(SourceKind::List, &tag("T2"), &mac(9), &[10]),
        wire(&mac(9), Field::HostName, "dock-1", &[15]),
    ];
    let devices = at(&evidence, &[], 20);
    assert_eq!(devices.len(), 3);
    let dock = of(&devices, &mac(9));
    assert_eq!(dock.keys, [mac(9)]);
    assert_eq!(dock.get(Field::HostName), Some("dock-1"));
    assert_eq!(dock.contested.len(), 2);
    assert_eq!(
        dock.contested[0].why,
        "CMMS (column) says that asset tag T1 and MAC 00:1a:2b:00:00:09 are one device; \
         MAC 00:1a:2b:00:00:09 is shared by 2 devices, so it joins nothing"
    );
    assert_eq!(states(of(&devices, &tag("T1")), &evidence[0]), Standpoint::Dissents);
    // A person may still say whose card it is.
    let merge = decide(16, Judgement::Merge { a: tag("T1"), b: mac(9) });
    let devices = at(&evidence, &[merge], 20);
    assert_eq!(of(&devices, &mac(9)).keys, [tag("T1"), mac(9)]);
    assert_eq!(devices.len(), 2);
}

#[test]
fn a_new_network_card_is_still_the_same_device() {
    let device = one(
        &[
            tie(SourceKind::WireDevice, &serial("SN-4711"), &mac(1), &[10]),
            tie(SourceKind::WireDevice, &serial("SN-4711"), &mac(2), &[30]),
            tie(SourceKind::List, &tag("T1"), &serial("SN-4711"), &[5]),
            wire(&mac(2), Field::IpAddress, "10.0.0.7", &[30]),
        ],
        40,
    );
    assert_eq!(device.keys.len(), 4);
    assert_eq!(device.fields[&Field::MacAddress].values().count(), 2);
}

#[test]
fn a_serial_on_many_machines_merges_none_of_them() {
    let shared = serial("DEMO-1");
    let tags: Vec<Key> = (0..5).map(|at| tag(&format!("T{at}"))).collect();
    let by_tags: Vec<Evidence> = tags.iter().map(|tag| tie(SourceKind::List, tag, &shared, &[10])).collect();
    let devices = at(&by_tags, &[], 20);
    assert_eq!(devices.len(), 6);
    assert!(of(&devices, &shared).contested.len() == 5);
    let by_cards: Vec<Evidence> =
        (1..=9).map(|card| tie(SourceKind::WireDevice, &mac(card), &shared, &[10])).collect();
    assert_eq!(at(&by_cards, &[], 20).len(), 10);
    assert_eq!(at(&by_cards[..8], &[], 20).len(), 1, "a device may have several cards");
    // A placeholder is not even a key.
    let junk = serial("To be filled by O.E.M.");
    let ties: Vec<Evidence> = tags[..2].iter().map(|tag| tie(SourceKind::List, tag, &junk, &[10])).collect();
    let named = [ties, tags[..2].iter().map(|tag| list(tag, Field::Room, "A", &[10])).collect()].concat();
    let devices = at(&named, &[], 20);
    assert_eq!(devices.len(), 2);
    assert!(devices.iter().all(|device| device.contested.is_empty()));
}

#[test]
fn two_serials_on_one_tag_are_contested() {
    let evidence = [
        tie(SourceKind::List, &tag("T1"), &serial("SN-4711"), &[10]),
        said(SourceKind::Person, "Ann", &tag("T1"), Field::Key, &serial("SN-4712").to_string(), &[12]),
        list(&serial("SN-4711"), Field::Room, "A", &[10]),
    ];
    let devices = at(&evidence, &[], 20);
    assert_eq!(of(&devices, &tag("T1")).keys, [serial("SN-4712"), tag("T1")], "the label was read");
    let other = of(&devices, &serial("SN-4711"));
    assert_eq!(other.contested.len(), 1);
    assert!(
        other.contested[0].why.ends_with("one device cannot bear two serial numbers, SN-4711 and SN-4712")
    );
    // Nor can a person merge what cannot be one.
    let merge = decide(15, Judgement::Merge { a: serial("SN-4711"), b: serial("SN-4712") });
    let devices = at(&evidence, &[merge], 20);
    assert_eq!(devices.len(), 2);
    assert!(
        of(&devices, &serial("SN-4711"))
            .contested
            .iter()
            .any(|contest| contest.why.starts_with("M. Lopez decided"))
    );
}

#[test]
fn a_split_keeps_apart_and_says_who_decided() {
    let evidence =
        [tie(SourceKind::List, &tag("T1"), &mac(1), &[10]), wire(&mac(1), Field::Model, "iq", &[11])];
    let split = decide(15, Judgement::Split { a: mac(1), b: tag("T1") });
    let devices = at(&evidence, std::slice::from_ref(&split), 20);
    assert_eq!(devices.len(), 2);
    assert!(
        devices[0].contested[0].why.contains("M. Lopez keeps them apart since 1970-01-16: looked at both")
    );
    assert_eq!(at(&evidence, &[split], 14).len(), 1, "not decided yet");
}

#[test]
fn hints_never_join() {
    let host = Key::HostName("pump-12".to_owned());
    let evidence = [
        tie(SourceKind::List, &tag("T1"), &host, &[10]),
        wire(&host, Field::IpAddress, "10.0.0.5", &[11]),
        tie(SourceKind::WireDevice, &host, &mac(1), &[11]),
        wire(&mac(1), Field::Model, "iq", &[11]),
    ];
    let devices = at(&evidence, &[], 20);
    assert_eq!(devices.len(), 3);
    assert_eq!(of(&devices, &host).get(Field::HostName), Some("pump-12"));
    assert_eq!(of(&devices, &tag("T1")).get(Field::Key), Some("host|pump-12"), "kept as a name");
    assert_eq!(states(of(&devices, &tag("T1")), &evidence[0]), Standpoint::Holds);
    let merge = decide(15, Judgement::Merge { a: host.clone(), b: tag("T1") });
    assert_eq!(at(&evidence, &[merge], 20).len(), 2, "a person may");
    // A host name that is only mentioned is nobody.
    assert_eq!(at(&evidence[..1], &[], 20).len(), 1);
}

#[test]
fn a_complete_list_can_drop_a_device_and_bring_it_back() {
    let mut evidence =
        vec![list(&tag("T1"), Field::Room, "A", &[10]), list(&tag("T1"), Field::Listed, "yes", &[10])];
    assert!(one(&evidence, 50).recorded);
    evidence.push(list(&tag("T1"), Field::Listed, "no", &[20]));
    assert!(!one(&evidence, 50).recorded);
    assert!(one(&evidence, 15).recorded);
    let second = said(SourceKind::List, "CMDB", &tag("T1"), Field::Room, "A", &[5]);
    assert!(one(&[evidence.clone(), vec![second]].concat(), 50).recorded, "another list still names it");
    evidence.push(list(&tag("T1"), Field::Room, "B", &[30]));
    assert!(one(&evidence, 50).recorded);
    assert!(!one(&[wire(&mac(1), Field::Model, "iq", &[10])], 50).recorded);
}

#[test]
fn a_pin_holds_whatever_is_said() {
    let evidence = [wire(&mac(1), Field::Model, "iq", &[10])];
    let pin = |at, value: &str| {
        decide(at, Judgement::Pin { subject: mac(1), field: Field::Model, value: value.to_owned() })
    };
    let devices = at(&evidence, &[pin(11, "sigma"), pin(12, "spectrum")], 20);
    let held = &devices[0].fields[&Field::Model];
    assert_eq!((held.value.as_str(), held.dissent.len()), ("spectrum", 1));
    assert_eq!(held.support[0].source.name, "M. Lopez");
    let revoke = decide(13, Judgement::Revoke { decision: "d12".to_owned() });
    let devices = at(&evidence, &[pin(11, "sigma"), pin(12, "spectrum"), revoke], 20);
    assert_eq!(devices[0].get(Field::Model), Some("sigma"));
}

#[test]
fn several_values_of_a_many_field_all_hold() {
    let evidence = [
        wire(&mac(1), Field::AeTitle, "CT1", &[10]),
        wire(&mac(1), Field::AeTitle, "CT2", &[12]),
        list(&mac(1), Field::AeTitle, "CT1", &[9]),
    ];
    let device = one(&evidence, 20);
    let held = &device.fields[&Field::AeTitle];
    assert_eq!(held.values().collect::<Vec<_>>(), ["CT2", "CT1"], "the newest first");
    assert!(held.dissent.is_empty());
    assert!(evidence[..1].iter().all(|piece| states(&device, piece) == Standpoint::AlsoHolds));
}

#[test]
fn of_addresses_one_that_can_be_reached_is_shown_first() {
    let device = mac(1);
    let said = [
        wire(&device, Field::IpAddress, "10.1.2.3", &[1]),
        wire(&device, Field::IpAddress, "fe80::1", &[5]),
        wire(&device, Field::IpAddress, "169.254.7.7", &[6]),
    ];
    assert_eq!(one(&said, 6).get(Field::IpAddress), Some("10.1.2.3"));
    assert_eq!(one(&said[1..2], 6).get(Field::IpAddress), Some("fe80::1"), "better than none");
    let listed = list(&device, Field::IpAddress, "fe80::9", &[6]);
    let all = one(&[said[0].clone(), listed], 6);
    assert_eq!(all.get(Field::IpAddress), Some("10.1.2.3"), "a list's too");
}

#[test]
fn an_import_undone_leaves_nothing() {
    let evidence = [list(&tag("T1"), Field::Room, "A", &[10]), wire(&mac(1), Field::Model, "iq", &[10])];
    let ingest = evidence[0].episodes[0].ingest;
    let devices = at(&evidence, &[decide(15, Judgement::Retract { ingest })], 20);
    assert_eq!(devices.len(), 1);
    assert_eq!(devices[0].keys, [mac(1)]);
}
