//! Every word of presence, and the cases where silence must not be taken for absence.

use tallyward_core::device::Voice;
use tallyward_core::{
    Device, Field, Held, Key, Place, PlaceRule, Places, PortRule, Presence, Source, SourceKind, Timestamp,
};
use tallyward_identity::ports::{Lesson, Ports, lessons};
use tallyward_identity::presence::{Standing, Surroundings, presence};

fn day(day: i64) -> Timestamp {
    Timestamp::default().plus_days(day)
}

fn place(site: &str, building: &str) -> Place {
    Place { site: site.to_owned(), building: building.to_owned(), ..Place::default() }
}

fn rule(network: &str, site: &str, building: &str, unit: &str, watched: bool) -> PlaceRule {
    PlaceRule {
        network: network.parse().expect("a network address"),
        bits: 24,
        vlan: None,
        place: place(site, building),
        unit: unit.to_owned(),
        watched,
    }
}

fn places() -> Places {
    Places {
        rules: vec![
            rule("10.1.1.0", "North", "A", "ICU", true),
            rule("10.1.2.0", "North", "B", "ED", true),
            rule("10.1.3.0", "North", "C", "", false),
            rule("10.2.1.0", "South", "A", "ICU South", true),
        ],
    }
}

fn room(room: &str) -> Place {
    Place { room: room.to_owned(), ..Place::default() }
}

fn ports() -> Ports {
    let taught = |port: &str, room_name: &str| Lesson {
        port: port.to_owned(),
        place: room(room_name),
        by_person: false,
    };
    let table = PortRule {
        port: "sw-1 3".to_owned(),
        place: Place { room: "B7".to_owned(), ..place("North", "B") },
        unit: String::new(),
    };
    let elsewhere = Lesson { port: "sw-1 4".to_owned(), place: place("South", "A"), by_person: false };
    Ports::new(&[table], [taught("sw-1 1", "12"), taught("sw-1 2", "12"), taught("sw-1 2", "14"), elsewhere])
}

struct Case(Device);

impl Case {
    fn new() -> Self {
        let tag = Key::AssetTag { scope: String::new(), tag: "4711".to_owned() };
        Self(Device { keys: vec![tag], ..Device::default() })
    }

    fn says(mut self, kind: SourceKind, field: Field, value: &str, at: i64) -> Self {
        let voice = Voice {
            value: value.to_owned(),
            source: Source { kind, name: "somebody".to_owned() },
            basis: "test".to_owned(),
            place: String::new(),
            first: day(at),
            last: day(at),
            recorded_at: day(at),
            count: 1,
            stale: false,
        };
        self.0.recorded |= kind == SourceKind::List;
        if kind.is_wire() {
            let (first, last) = self.0.seen.unwrap_or((day(at), day(at)));
            self.0.seen = Some((first.min(day(at)), last.max(day(at))));
        }
        match self.0.fields.get_mut(&field) {
            Some(held) => held.also.push(voice),
            None => {
                let held =
                    Held { value: value.to_owned(), support: vec![voice], dissent: vec![], also: vec![] };
                self.0.fields.insert(field, held);
            }
        }
        self
    }

    fn list(self, field: Field, value: &str) -> Self {
        self.says(SourceKind::List, field, value, 10)
    }

    fn seen(self, address: &str, at: i64) -> Self {
        self.says(SourceKind::WireNetwork, Field::IpAddress, address, at)
    }

    fn at(&self, as_of: i64) -> Standing {
        let (places, habit) = (places(), |class: Option<&str>| if class == Some("ct") { 60 } else { 14 });
        let unit_of = |place: &Place| (place.building == "C").then(|| "Imaging".to_owned());
        let surroundings = Surroundings {
            places: &places,
            ports: &ports(),
            habit_days: &habit,
            unit_of: &unit_of,
            listening_since: None,
        };
        presence(&self.0, &surroundings, day(as_of))
    }

    #[track_caller]
    fn is(&self, as_of: i64, want: Presence, why: &str) -> Standing {
        let standing = self.at(as_of);
        assert_eq!(standing.presence, want, "{}", standing.why);
        assert!(standing.why.contains(why), "{}", standing.why);
        standing
    }
}

#[test]
fn recorded_and_seen_is_known() {
    let standing = Case::new().list(Field::Site, "North").list(Field::Room, "A-12").seen("10.1.1.5", 20).is(
        21,
        Presence::Known,
        "last seen on 1970-01-21 in 10.1.1.0/24",
    );
    assert_eq!(standing.place.plain(), "North, A, A-12");
    assert_eq!(standing.unit, "ICU");
    assert_eq!(standing.observed_place, Some(place("North", "A")));
}

#[test]
fn seen_in_no_list_is_a_stranger() {
    let case = Case::new().seen("10.1.1.5", 20).seen("10.9.9.9", 25);
    let standing =
        case.is(400, Presence::Stranger, "seen from 1970-01-21 to 1970-01-26 at 10.9.9.9, in no list");
    assert_eq!(standing.observed_place, None);
    Case::new().says(SourceKind::Person, Field::Model, "X", 3).is(
        9,
        Presence::NotObservable,
        "no list names it",
    );
}

#[test]
fn silence_beyond_the_habit_in_a_watched_subnet_is_a_ghost() {
    let case = Case::new().list(Field::Site, "North").seen("10.1.1.5", 20);
    case.is(34, Presence::Known, "recorded");
    case.is(35, Presence::Ghost, "silent for 15 days");
    // Another class is silent for longer.
    Case::new().list(Field::DeviceClass, "ct").seen("10.1.1.5", 20).is(60, Presence::Known, "");
    // Never seen: a list's own address, or its place, says where it should be.
    let never = Case::new().list(Field::MacAddress, "00:1a:2b:3c:4d:5e").list(Field::OperatingUnit, "ICU");
    never.is(24, Presence::NotObservable, "says nothing yet");
    never.is(25, Presence::Ghost, "never seen on the network");
    Case::new().list(Field::IpAddress, "10.1.2.7").is(
        25,
        Presence::Ghost,
        "its recorded address is 10.1.2.7",
    );
}

#[test]
fn silence_where_nobody_listens_means_nothing() {
    let unwatched = Case::new().list(Field::IpAddress, "10.1.3.7");
    let standing = unwatched.is(400, Presence::NotObservable, "nobody listens in 10.1.3.0/24");
    assert_eq!(standing.unit, "");
    let unplaced = Case::new().list(Field::HostName, "ct-1");
    unplaced.is(400, Presence::NotObservable, "no line of the places table");
    // One of the subnets that fit the record equally is not listened to.
    let somewhere = Case::new().list(Field::HostName, "ct-1").list(Field::Site, "North");
    somewhere.is(400, Presence::NotObservable, "nobody listens in 10.1.3.0/24");
    let offline = Case::new().list(Field::OperatingUnit, "ICU");
    offline.is(400, Presence::NotObservable, "nothing says that it is on a network");
    let stored = Case::new().list(Field::IpAddress, "10.1.1.7").list(Field::LifeCycle, "In Storage");
    stored.is(400, Presence::NotObservable, "In Storage");
}

#[test]
fn the_unit_of_a_place_is_asked_last() {
    let standing = Case::new().list(Field::Site, "North").seen("10.1.3.5", 20).at(21);
    assert_eq!(standing.presence, Presence::Known);
    assert_eq!(standing.unit, "Imaging");
}

#[test]
fn seen_elsewhere_than_recorded_has_moved() {
    let other_site = Case::new().list(Field::Site, "north").seen("10.2.1.5", 20);
    let standing = other_site.is(21, Presence::Moved, "site South, recorded is site north");
    assert_eq!(standing.place, place("South", "A"));
    let other_unit = Case::new().list(Field::OperatingUnit, "ED").seen("10.1.1.5", 20);
    other_unit.is(21, Presence::Moved, "unit ICU, recorded is unit ED");
    // A pooled device is at home in every unit; the last address counts, not an earlier one.
    let pooled = Case::new().list(Field::OperatingUnit, "ED").list(Field::Pool, "Pumps").seen("10.1.1.5", 20);
    pooled.is(21, Presence::Known, "");
    let back = Case::new().list(Field::Site, "North").seen("10.2.1.5", 20).seen("10.1.1.5", 22);
    back.is(23, Presence::Known, "10.1.1.0/24");
}

#[test]
fn retired_but_seen_is_a_zombie() {
    let retired = || Case::new().list(Field::LifeCycle, "RETIRED");
    retired().seen("10.1.1.5", 40).is(
        41,
        Presence::Zombie,
        "RETIRED since 1970-01-11, but last seen on 1970-02-10",
    );
    retired().seen("10.1.1.5", 10).is(41, Presence::Zombie, "");
    retired().seen("10.1.1.5", 9).is(41, Presence::NotObservable, "last seen before");
    retired().is(41, Presence::NotObservable, "never seen");
}

fn wire(port: &str) -> Case {
    Case::new().says(SourceKind::WireNetwork, Field::IpAddress, "10.1.1.7", 99).says(
        SourceKind::WireNetwork,
        Field::SwitchPort,
        port,
        99,
    )
}

#[test]
fn a_stranger_is_probably_where_its_port_is() {
    let standing = wire("sw-1 1").at(100);
    assert_eq!(standing.presence, Presence::Stranger);
    assert_eq!(standing.place, Place { room: "12".to_owned(), ..place("North", "A") });
    assert!(
        standing.why.ends_with(
            "on sw-1 1, in no list; probably in 12, because a device that a list has there hung on that port"
        ),
        "{}",
        standing.why
    );
    // Two rooms for one port, and a place that the table has elsewhere, say nothing.
    for port in ["sw-1 2", "sw-1 4", "sw-1 9"] {
        let standing = wire(port).at(100);
        assert_eq!(standing.place, place("North", "A"), "{port}");
        assert!(!standing.why.contains("probably"), "{}", standing.why);
    }
}

#[test]
fn another_room_by_the_port_is_a_move_but_not_of_what_wanders() {
    let recorded = |port: &str| wire(port).says(SourceKind::List, Field::Room, "14", 1);
    let moved = recorded("sw-1 1").at(100);
    assert_eq!(moved.presence, Presence::Moved);
    assert!(
        moved.why.contains(
            "that is room 12, because a device that a list has there hung on that port, recorded is room 14"
        ),
        "{}",
        moved.why
    );
    assert_eq!(recorded("sw-1 2").at(100).presence, Presence::Known);
    let pooled = recorded("sw-1 1").says(SourceKind::List, Field::Pool, "pumps", 1).at(100);
    assert_eq!(pooled.presence, Presence::Known);
}

#[test]
fn the_table_of_a_person_beats_the_subnet_and_what_is_taught() {
    let standing = wire("sw-1 3").at(100);
    assert_eq!(standing.place, Place { room: "B7".to_owned(), ..place("North", "B") });
}

#[test]
fn a_device_teaches_by_a_room_read_beside_its_port_or_by_its_only_port() {
    let port = |case: Case| case.says(SourceKind::WireNetwork, Field::SwitchPort, "sw 1", 10);
    let taught = |case: Case| {
        lessons(&case.0).into_iter().map(|one| (one.port, one.place.room, one.by_person)).collect::<Vec<_>>()
    };
    let one = |port: &str, room: &str, person| vec![(port.to_owned(), room.to_owned(), person)];
    let read = port(Case::new().says(SourceKind::Person, Field::Room, "12", 12));
    assert_eq!(taught(read), one("sw 1", "12", true));
    let long_after = port(Case::new().says(SourceKind::Person, Field::Room, "12", 60));
    assert_eq!(taught(long_after), []);
    let listed = port(Case::new().says(SourceKind::List, Field::Room, "12", 1));
    assert_eq!(taught(listed), one("sw 1", "12", false));
    let pooled = port(Case::new().says(SourceKind::List, Field::Room, "12", 1).says(
        SourceKind::List,
        Field::Pool,
        "pumps",
        1,
    ));
    assert_eq!(taught(pooled), []);
    assert_eq!(taught(port(Case::new())), []);
}
