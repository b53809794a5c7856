//! Which port and which access point is where: as a person's table says, else as devices teach.
//!
//! A device whose room is known and that hangs on a port says where the port is. A person who read the room within a week of the port being
//! seen says it best; then what lists say of rooms on that port counts for nothing. A port on which devices of two rooms hang teaches nothing
//! and is shown. What is learned is a pure function of the devices and of the table; the order in which they come does not matter. The price:
//! a device that a list has in the wrong room teaches that room until a person reads it, corrects the port, or another device contradicts it.

use crate::text::{fold, squash};
use std::collections::BTreeMap;
use tallyward_core::{Device, Field, Place, PortRule, SourceKind, Timestamp, Voice};

/// Days between the reading of a room and the sighting of a port for which the one says where the other is.
const WITHIN_DAYS: i64 = 7;

/// What one device teaches of one port.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lesson {
    /// The port, as the evidence names it: `sw-ed-1 Gi1/0/14`.
    pub port: String,
    /// Where the device is recorded.
    pub place: Place,
    /// Whether a person read the room while it hung there.
    pub by_person: bool,
}

/// Where a port is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortPlace {
    /// The place.
    pub place: Place,
    /// The unit, when the table names one.
    pub unit: String,
    /// How it is known, as the end of a sentence.
    pub why: String,
    /// Whether a person's table says so.
    pub by_table: bool,
}

/// One port with all that is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortLine {
    /// The port or access point.
    pub port: String,
    /// What a person's table says.
    pub table: Option<PortRule>,
    /// Every place that devices teach, with how many do, and how many of these by a person's reading.
    pub taught: Vec<(Place, usize, usize)>,
    /// What holds, if anything does.
    pub holds: Option<PortPlace>,
}

impl PortLine {
    /// Whether devices contradict each other about it and no table decides.
    #[must_use]
    pub fn is_contested(&self) -> bool {
        self.holds.is_none() && self.taught.len() > 1
    }
}

/// How many devices teach a place, and how many of them by a person's reading.
type Counts = BTreeMap<Place, (usize, usize)>;

/// Where ports are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ports {
    lines: BTreeMap<String, PortLine>,
}

impl Ports {
    /// From a person's table and what devices teach.
    #[must_use]
    pub fn new(rules: &[PortRule], lessons: impl IntoIterator<Item = Lesson>) -> Self {
        let mut taught: BTreeMap<String, (String, Counts)> = BTreeMap::new();
        for lesson in lessons {
            let (name, places) =
                taught.entry(fold(&lesson.port)).or_insert_with(|| (lesson.port.clone(), Counts::new()));
            // Spelled in two ways, one of them is shown whatever came first.
            if lesson.port < *name {
                name.clone_from(&lesson.port);
            }
            let counts = places.entry(lesson.place).or_default();
            counts.0 += 1;
            counts.1 += usize::from(lesson.by_person);
        }
        let mut lines: BTreeMap<String, PortLine> = BTreeMap::new();
        for (key, (port, places)) in taught {
            let by_person = places.values().any(|(_, persons)| *persons > 0);
            let counted = places.into_iter().filter(|(_, (_, persons))| !by_person || *persons > 0);
            let taught = counted.map(|(place, (devices, persons))| (place, devices, persons)).collect();
            lines.insert(key, PortLine { port, table: None, taught, holds: None });
        }
        for rule in rules {
            let empty = || PortLine { port: rule.port.clone(), table: None, taught: Vec::new(), holds: None };
            lines.entry(fold(&rule.port)).or_insert_with(empty).table = Some(rule.clone());
        }
        for line in lines.values_mut() {
            line.holds = holds(line);
        }
        Self { lines }
    }

    /// Where a port or an access point is, by the text of the evidence. Behind the name of an access point may stand its
    /// network in brackets.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&PortPlace> {
        let key = fold(name.split(" (").next().unwrap_or(name));
        self.lines.get(&key)?.holds.as_ref()
    }

    /// Every port known, by name.
    pub fn lines(&self) -> impl Iterator<Item = &PortLine> {
        self.lines.values()
    }

    /// The ports, in the spelling of comparison, whose place is another in `other`.
    #[must_use]
    pub fn differing(&self, other: &Self) -> Vec<String> {
        let of = |ports: &Self, key: &String| ports.lines.get(key).and_then(|line| line.holds.clone());
        let mut keys: Vec<&String> = self.lines.keys().chain(other.lines.keys()).collect();
        keys.sort();
        keys.dedup();
        keys.into_iter().filter(|key| of(self, key) != of(other, key)).cloned().collect()
    }
}

fn holds(line: &PortLine) -> Option<PortPlace> {
    if let Some(rule) = &line.table {
        let why = "as the places table says".to_owned();
        return Some(PortPlace { place: rule.place.clone(), unit: rule.unit.clone(), why, by_table: true });
    }
    let [(place, devices, persons)] = line.taught.as_slice() else { return None };
    let who = match (devices, persons) {
        (1, 0) => "a device that a list has there".to_owned(),
        (devices, 0) => format!("{devices} devices that lists have there"),
        (_, 1) => "a device that a person found there".to_owned(),
        (_, persons) => format!("{persons} devices that people found there"),
    };
    let why = format!("because {who} hung on that port");
    Some(PortPlace { place: place.clone(), unit: String::new(), why, by_table: false })
}

/// The port or access point a device hangs on now: the newest of both.
#[must_use]
pub fn hangs_on(device: &Device) -> Option<(&str, Field)> {
    let newest = |field: Field| voices(device, field).max_by_key(|voice| (voice.last, &voice.value));
    let (port, point) = (newest(Field::SwitchPort), newest(Field::AccessPoint));
    match (port, point) {
        (Some(port), Some(point)) if point.last > port.last => Some((&point.value, Field::AccessPoint)),
        (Some(port), _) => Some((&port.value, Field::SwitchPort)),
        (None, Some(point)) => Some((&point.value, Field::AccessPoint)),
        (None, None) => None,
    }
}

/// What a device teaches: of each port, if a person read its room while it hung there; else of its only port, if a list has its room. A
/// pooled device wanders, and its recorded room is where it is kept: only a person's reading counts.
#[must_use]
pub fn lessons(device: &Device) -> Vec<Lesson> {
    let Some(room) = device.fields.get(&Field::Room) else { return Vec::new() };
    let text = |field| device.get(field).unwrap_or_default().to_owned();
    let place = Place {
        site: text(Field::Site),
        building: text(Field::Building),
        floor: text(Field::Floor),
        room: room.value.clone(),
    };
    let read: Vec<Timestamp> = room
        .support
        .iter()
        .filter(|voice| voice.source.kind == SourceKind::Person)
        .map(|voice| voice.last)
        .collect();
    let ports: Vec<&Voice> = voices(device, Field::SwitchPort).collect();
    let beside = |voice: &&&Voice| {
        let (from, to) = (voice.first.plus_days(-WITHIN_DAYS), voice.last.plus_days(WITHIN_DAYS));
        read.iter().any(|moment| (from..=to).contains(moment))
    };
    let lesson =
        |voice: &&Voice, by_person| Lesson { port: voice.value.clone(), place: place.clone(), by_person };
    let mut taught: Vec<Lesson> = ports.iter().filter(beside).map(|voice| lesson(voice, true)).collect();
    let listed = room.support.iter().any(|voice| voice.source.kind == SourceKind::List);
    let pooled = device.get(Field::Pool).is_some_and(|pool| !pool.is_empty());
    let mut names: Vec<String> = ports.iter().map(|voice| fold(&voice.value)).collect();
    names.sort();
    names.dedup();
    if taught.is_empty() && listed && !pooled && names.len() == 1 {
        taught.extend(ports.first().map(|voice| lesson(voice, false)));
    }
    taught.sort();
    taught.dedup_by(|a, b| fold(&a.port) == fold(&b.port));
    taught
}

fn voices(device: &Device, field: Field) -> impl Iterator<Item = &Voice> {
    device.fields.get(&field).into_iter().flat_map(|held| held.support.iter().chain(&held.also))
}

/// Whether two rooms are known and are not one.
pub(crate) fn other_room(a: &str, b: &str) -> bool {
    !a.is_empty() && !b.is_empty() && squash(a) != squash(b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn place(room: &str) -> Place {
        Place { room: room.to_owned(), ..Place::default() }
    }

    fn lesson(port: &str, room: &str, by_person: bool) -> Lesson {
        Lesson { port: port.to_owned(), place: place(room), by_person }
    }

    fn rule(port: &str, room: &str) -> PortRule {
        PortRule { port: port.to_owned(), place: place(room), unit: String::new() }
    }

    #[test]
    fn one_room_teaches_and_two_teach_nothing() {
        let ports = Ports::new(
            &[],
            [
                lesson("sw 1", "12", false),
                lesson("SW 1", "12", false),
                lesson("sw 2", "12", false),
                lesson("sw 2", "14", false),
            ],
        );
        let held = ports.find("sw 1").unwrap();
        assert_eq!(
            (held.place.room.as_str(), held.why.as_str()),
            ("12", "because 2 devices that lists have there hung on that port")
        );
        assert_eq!(ports.find("sw 2"), None);
        assert!(ports.lines().any(PortLine::is_contested));
    }

    #[test]
    fn a_person_who_read_the_room_outweighs_lists_and_the_table_outweighs_all() {
        let lessons = [lesson("sw 1", "12", false), lesson("sw 1", "14", true), lesson("sw 1", "13", false)];
        let learned = Ports::new(&[], lessons.clone());
        assert_eq!(learned.find("sw 1").unwrap().place.room, "14");
        let table = Ports::new(&[rule("sw 1", "99")], lessons);
        assert_eq!(table.find("sw 1").unwrap().place.room, "99");
        assert_eq!(learned.differing(&table), ["sw 1"]);
        assert!(table.differing(&table).is_empty());
    }

    #[test]
    fn an_access_point_is_found_with_its_network_behind_it() {
        let ports = Ports::new(&[rule("ap-ed-3", "")], []);
        assert!(ports.find("AP-ED-3 (clinical)").is_some());
    }

    proptest! {
        #[test]
        fn the_order_of_devices_does_not_matter(
            lessons in prop::collection::vec(("sw [1-3]", "1[0-3]", any::<bool>()), 0..20),
            seed in any::<prop::sample::Index>(),
        ) {
            let lessons: Vec<Lesson> = lessons.iter().map(|(port, room, person)| lesson(port, room, *person)).collect();
            let rules = [rule("sw 3", "9")];
            let mut turned = lessons.clone();
            turned.reverse();
            if !turned.is_empty() {
                let by = seed.index(turned.len());
                turned.rotate_left(by);
            }
            prop_assert_eq!(Ports::new(&rules, lessons), Ports::new(&rules, turned));
        }
    }
}
