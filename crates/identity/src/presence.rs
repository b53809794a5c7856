//! How the record and the observation of a device agree.
//!
//! The words are those of the screens: known, stranger, ghost, not observable, moved, zombie. Each comes with
//! the sentence that says why. The rule behind all of them is that silence means something only where somebody
//! listens and for longer than such a device is usually silent: a doubtful case is *not observable*, never
//! *ghost*.

use crate::ports::{PortPlace, Ports, hangs_on, other_room};
use crate::table;
use crate::text::{fold, squash};
use std::net::IpAddr;
use std::sync::LazyLock;
use tallyward_core::{Device, Field, Held, Place, PlaceRule, Places, Presence, Timestamp, Voice};

/// What the house knows around a device.
pub struct Surroundings<'a> {
    /// Which subnet and VLAN is which place.
    pub places: &'a Places,
    /// Which port and which access point is where, as the table says or devices teach.
    pub ports: &'a Ports,
    /// Days a device of this class (a code of the class table, or none) may be silent.
    pub habit_days: &'a dyn Fn(Option<&str>) -> i64,
    /// The unit that works in a place, when places are assigned to units.
    pub unit_of: &'a dyn Fn(&Place) -> Option<String>,
    /// Since when somebody listens in the watched subnets. Without it the silence of a device never seen is
    /// counted from the day a list first named it, so that the first day of a house shows no ghosts.
    pub listening_since: Option<Timestamp>,
}

/// Where a device stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// How record and observation agree.
    pub presence: Presence,
    /// Why, in a sentence with dates and subnets.
    pub why: String,
    /// The best known place: as recorded, with what the network adds; where it was seen when it has moved.
    pub place: Place,
    /// The operating unit as recorded, else that of the subnet, else that of the place; empty when unknown.
    pub unit: String,
    /// Where its port is, or else where its last address lies, when either is known.
    pub observed_place: Option<Place>,
}

/// What a recorded life-cycle state means for being on the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    InService,
    Idle,
    Gone,
}

/// The life-cycle words with what they mean, folded.
static STAGES: LazyLock<Vec<(String, Stage)>> = LazyLock::new(|| {
    let read = |row: Vec<String>| {
        let stage = match row.get(1).map(String::as_str) {
            Some("in_service") => Stage::InService,
            Some("idle") => Stage::Idle,
            Some("gone") => Stage::Gone,
            other => panic!("life_cycle.csv: {other:?} is no stage"),
        };
        (fold(&row[0]), stage)
    };
    table::rows(include_str!("../data/life_cycle.csv"), "life_cycle.csv").into_iter().map(read).collect()
});

/// How record and observation of `device` agree at `as_of`.
///
/// In this order: *zombie* when it is recorded as gone and was seen since; *stranger* when no list names it and
/// it was seen; then, seen within the habit of its class, *moved* or *known*; then, not seen for longer,
/// *ghost* if it is in service, known to be on a network, and every subnet it should be in is watched. All else
/// is *not observable*.
#[must_use]
pub fn presence(device: &Device, surroundings: &Surroundings<'_>, as_of: Timestamp) -> Standing {
    let view = View::new(device, surroundings);
    let (presence, why) = view.judge(device, surroundings, as_of);
    let observed_place = view.seen_place();
    let place = match (&observed_place, presence) {
        (Some(seen), Presence::Moved) => seen.clone(),
        (Some(seen), _) => fill(&view.recorded_place, seen),
        (None, _) => view.recorded_place.clone(),
    };
    let of_subnet = view.seen_unit().map(str::to_owned);
    let unit = Some(view.recorded_unit.to_owned())
        .filter(|unit| !unit.is_empty())
        .or(of_subnet)
        .or_else(|| (surroundings.unit_of)(&place))
        .unwrap_or_default();
    Standing { presence, why, place, unit, observed_place }
}

/// `recorded` with the parts it lacks taken from `seen`, as long as the two do not contradict each other.
fn fill(recorded: &Place, seen: &Place) -> Place {
    if contradiction(recorded, seen).is_some() {
        return recorded.clone();
    }
    let pick = |ours: &String, theirs: &String| if ours.is_empty() { theirs.clone() } else { ours.clone() };
    Place {
        site: pick(&recorded.site, &seen.site),
        building: pick(&recorded.building, &seen.building),
        floor: pick(&recorded.floor, &seen.floor),
        room: pick(&recorded.room, &seen.room),
    }
}

/// The largest part in which two places differ: (what, here, there). Parts unknown on a side say nothing, and
/// a floor or room is too fine for a subnet to contradict.
fn contradiction<'p>(a: &'p Place, b: &'p Place) -> Option<(&'static str, &'p str, &'p str)> {
    [("site", &a.site, &b.site), ("building", &a.building, &b.building)]
        .into_iter()
        .find(|(_, a, b)| differ(a, b))
        .map(|(what, a, b)| (what, a.as_str(), b.as_str()))
}

fn differ(a: &str, b: &str) -> bool {
    !a.is_empty() && !b.is_empty() && a != b && squash(a) != squash(b)
}

/// What record and wire say of one device.
struct View<'a> {
    recorded_place: Place,
    recorded_unit: &'a str,
    pooled: bool,
    stage: Stage,
    /// The life-cycle word with the voice behind it.
    life: Option<&'a Held>,
    /// Last address on the wire.
    address: Option<IpAddr>,
    /// The line of the places table for that address.
    observed: Option<&'a PlaceRule>,
    /// The port or access point it hangs on, and where that is.
    port: Option<(&'a str, Option<&'a PortPlace>, Field)>,
    /// The line for the address a list gives.
    listed: Option<(IpAddr, Option<&'a PlaceRule>)>,
    networked: bool,
    habit: i64,
    class: &'a str,
}

impl<'a> View<'a> {
    fn new(device: &'a Device, surroundings: &Surroundings<'a>) -> Self {
        let text = |field| device.get(field).unwrap_or_default();
        let own = |field| text(field).to_owned();
        let places = surroundings.places;
        let address =
            newest(device, Field::IpAddress, true).and_then(|voice| voice.value.trim().parse().ok());
        let vlan = newest(device, Field::Vlan, true).and_then(|voice| voice.value.trim().parse().ok());
        let listed =
            newest(device, Field::IpAddress, false).and_then(|voice| voice.value.trim().parse().ok());
        let listed_vlan =
            newest(device, Field::Vlan, false).and_then(|voice| voice.value.trim().parse().ok());
        let life = device.fields.get(&Field::LifeCycle);
        let word = life.map(|held| fold(&held.value)).unwrap_or_default();
        // A word nobody listed says nothing; most lists leave out what is at work.
        let stage =
            STAGES.iter().find(|(known, _)| *known == word).map_or(Stage::InService, |(_, stage)| *stage);
        let on_network = [Field::MacAddress, Field::IpAddress, Field::HostName, Field::AeTitle];
        Self {
            recorded_place: Place {
                site: own(Field::Site),
                building: own(Field::Building),
                floor: own(Field::Floor),
                room: own(Field::Room),
            },
            recorded_unit: text(Field::OperatingUnit),
            pooled: !text(Field::Pool).is_empty(),
            stage,
            life,
            address,
            observed: address.and_then(|address| places.find(address, vlan)),
            port: hangs_on(device).map(|(name, field)| (name, surroundings.ports.find(name), field)),
            listed: listed.map(|address| (address, places.find(address, listed_vlan))),
            networked: device.seen.is_some() || on_network.iter().any(|field| device.get(*field).is_some()),
            habit: (surroundings.habit_days)(device.get(Field::DeviceClass)).max(0),
            class: text(Field::DeviceClass),
        }
    }

    fn judge(
        &self,
        device: &Device,
        surroundings: &Surroundings<'_>,
        as_of: Timestamp,
    ) -> (Presence, String) {
        if self.stage == Stage::Gone {
            return self.judge_gone(device);
        }
        let Some((first, last)) = device.seen else {
            return if device.recorded {
                self.judge_silent(device, surroundings, as_of)
            } else {
                (Presence::NotObservable, "no list names it and nobody has seen it on the network".to_owned())
            };
        };
        if !device.recorded {
            let probably = self.probably();
            let why = format!(
                "seen from {} to {}{}, in no list{probably}",
                first.date(),
                last.date(),
                self.subnet()
            );
            return (Presence::Stranger, why);
        }
        if as_of.days_since(last) > self.habit {
            return self.judge_silent(device, surroundings, as_of);
        }
        match self.displacement() {
            Some(how) => (Presence::Moved, format!("last seen on {}{}: {how}", last.date(), self.subnet())),
            None => (Presence::Known, format!("recorded, and last seen on {}{}", last.date(), self.subnet())),
        }
    }

    /// Recorded as gone: seen on that day or later makes a zombie, being seen before does not.
    fn judge_gone(&self, device: &Device) -> (Presence, String) {
        let (word, since) = self.life.map_or(("gone", None), |held| {
            (held.value.as_str(), held.support.first().map(|voice| voice.last))
        });
        let dated = since.map(|since| format!(" since {}", since.date())).unwrap_or_default();
        match device.seen {
            Some((_, last)) if since.is_none_or(|since| last >= since || last.date() == since.date()) => (
                Presence::Zombie,
                format!("recorded as {word}{dated}, but last seen on {}{}", last.date(), self.subnet()),
            ),
            Some((_, last)) => (
                Presence::NotObservable,
                format!("recorded as {word}{dated}; last seen before, on {}", last.date()),
            ),
            None => {
                (Presence::NotObservable, format!("recorded as {word}{dated}; never seen on the network"))
            }
        }
    }

    /// Recorded, and not seen for longer than its habit or never.
    fn judge_silent(
        &self,
        device: &Device,
        surroundings: &Surroundings<'_>,
        as_of: Timestamp,
    ) -> (Presence, String) {
        let not_observable = |why: String| (Presence::NotObservable, why);
        let seen = match device.seen {
            Some((_, last)) => format!("last seen on {}{}", last.date(), self.subnet()),
            None => "never seen on the network".to_owned(),
        };
        if self.stage == Stage::Idle {
            let word = self.life.map_or("", |held| held.value.as_str());
            return not_observable(format!(
                "recorded as {word}, so nobody expects it on the network; {seen}"
            ));
        }
        if !self.networked {
            return not_observable("recorded; nothing says that it is on a network".to_owned());
        }
        let (expected, how) = self.expected(surroundings.places);
        if expected.is_empty() {
            return not_observable(format!(
                "{seen}; no line of the places table says which subnet it should be in"
            ));
        }
        if let Some(deaf) = expected.iter().find(|rule| !rule.watched) {
            return not_observable(format!("{seen}; nobody listens in {} ({how})", deaf.subnet()));
        }
        let subnets: Vec<String> = expected.iter().take(3).map(|rule| rule.subnet()).collect();
        let subnets = subnets.join(", ");
        let since = device
            .seen
            .map(|(_, last)| last)
            .or(surroundings.listening_since)
            .or_else(|| named_since(device));
        let silent = since.map_or(0, |since| as_of.days_since(since));
        if silent <= self.habit {
            return not_observable(format!(
                "{seen}; silence in {subnets} for {} says nothing yet, the habit is {}",
                days(silent),
                days(self.habit)
            ));
        }
        let class = if self.class.is_empty() { "device" } else { self.class };
        let why = format!(
            "recorded, but {seen}; silent for {}, while a {class} is heard within {} and {subnets} is watched ({how})",
            days(silent),
            days(self.habit)
        );
        (Presence::Ghost, why)
    }

    /// The subnets it should be in, with why: that of its recorded or last address; else those whose place and
    /// unit agree with the record in the most parts. Several may agree equally, and then only silence in all of
    /// them means something.
    fn expected<'p>(&self, places: &'p Places) -> (Vec<&'p PlaceRule>, String)
    where
        'a: 'p,
    {
        if let Some((address, Some(rule))) = self.listed {
            return (vec![rule], format!("its recorded address is {address}"));
        }
        if let (Some(address), Some(rule)) = (self.address, self.observed) {
            return (vec![rule], format!("its last address is {address}"));
        }
        let scores = places.rules.iter().map(|rule| (self.agreement(rule), rule));
        let scored: Vec<(usize, &PlaceRule)> = scores.filter(|(score, _)| *score > 0).collect();
        let best = scored.iter().map(|(score, _)| *score).max().unwrap_or(0);
        let rules = scored.into_iter().filter(|(score, _)| *score == best).map(|(_, rule)| rule).collect();
        let place = [self.recorded_place.plain(), self.recorded_unit.to_owned()];
        let place: Vec<String> = place.into_iter().filter(|part| !part.is_empty()).collect();
        (rules, format!("recorded in {}", place.join(", ")))
    }

    /// In how many parts the record agrees with a line of the places table; 0 when any part contradicts.
    fn agreement(&self, rule: &PlaceRule) -> usize {
        let (ours, theirs) = (&self.recorded_place, &rule.place);
        let parts = [
            (ours.site.as_str(), theirs.site.as_str()),
            (&ours.building, &theirs.building),
            (&ours.floor, &theirs.floor),
            (&ours.room, &theirs.room),
            (self.recorded_unit, &rule.unit),
        ];
        if parts.iter().any(|(a, b)| differ(a, b)) {
            return 0;
        }
        parts.iter().filter(|(a, b)| !a.is_empty() && !b.is_empty()).count()
    }

    /// How the place of its last address differs from the record. A pooled device wanders between units, so
    /// there only another site or building is a move.
    fn displacement(&self) -> Option<String> {
        let seen = self.seen_place()?;
        let why = self.port_place().map(|(_, at)| format!(", {}", at.why)).unwrap_or_default();
        if let Some((what, ours, theirs)) = contradiction(&self.recorded_place, &seen) {
            return Some(format!("that is {what} {theirs}{why}, recorded is {what} {ours}"));
        }
        if self.pooled {
            return None;
        }
        if let Some(unit) = self.seen_unit().filter(|unit| differ(self.recorded_unit, unit)) {
            return Some(format!("that is unit {unit}, recorded is unit {}", self.recorded_unit));
        }
        // A port is as fine as a room; an access point covers several.
        let (field, at) = self.port_place()?;
        let (ours, theirs) = (&self.recorded_place.room, &at.place.room);
        (field == Field::SwitchPort && other_room(ours, theirs))
            .then(|| format!("that is room {theirs}{why}, recorded is room {ours}"))
    }

    /// Where its port is, if that can be believed: what the table says, or what devices teach and the table's line for its
    /// subnet does not contradict.
    fn port_place(&self) -> Option<(Field, &'a PortPlace)> {
        let (_, at, field) = self.port?;
        let at = at?;
        let fits = |rule: &PlaceRule| {
            contradiction(&rule.place, &at.place).is_none() && !differ(&rule.place.floor, &at.place.floor)
        };
        (at.by_table || self.observed.is_none_or(fits)).then_some((field, at))
    }

    /// Where it was seen: of a port by the table first, of its subnet, with what a taught port adds.
    fn seen_place(&self) -> Option<Place> {
        let subnet = self.observed.map(|rule| &rule.place);
        match (self.port_place(), subnet) {
            (Some((_, at)), Some(subnet)) if at.by_table => Some(fill(&at.place, subnet)),
            (Some((_, at)), Some(subnet)) => Some(fill(subnet, &at.place)),
            (Some((_, at)), None) => Some(at.place.clone()),
            (None, subnet) => subnet.cloned(),
        }
    }

    /// The unit where it was seen: that of the port by the table, else that of the subnet.
    fn seen_unit(&self) -> Option<&'a str> {
        let port = self.port_place().map(|(_, at)| at.unit.as_str());
        let subnet = self.observed.map(|rule| rule.unit.as_str());
        [port, subnet].into_iter().flatten().find(|unit| !unit.is_empty())
    }

    /// "; probably in room 12, because …", of a device whose place no list tells.
    fn probably(&self) -> String {
        match self.port_place() {
            Some((_, at)) if !at.place.plain().is_empty() => {
                format!("; probably in {}, {}", at.place.plain(), at.why)
            }
            _ => String::new(),
        }
    }

    /// " in 10.20.4.0/24" or " at 10.20.4.7", when an address is known; " on sw-ed-1 Gi1/0/14", when a port is.
    fn subnet(&self) -> String {
        let port = self.port.map(|(port, ..)| format!(" on {port}")).unwrap_or_default();
        match (self.observed, self.address) {
            (Some(rule), _) => format!(" in {}{port}", rule.subnet()),
            (None, Some(address)) => format!(" at {address}{port}"),
            (None, None) => port,
        }
    }
}

/// The newest voice of a field from the wire, or from anybody else.
fn newest(device: &Device, field: Field, wire: bool) -> Option<&Voice> {
    let held = device.fields.get(&field)?;
    held.support
        .iter()
        .chain(&held.also)
        .filter(|voice| voice.source.kind.is_wire() == wire)
        // The better of two equally new ones stands first.
        .reduce(|best, voice| if voice.last > best.last { voice } else { best })
}

/// When somebody first named the device in a list or by hand.
fn named_since(device: &Device) -> Option<Timestamp> {
    let voices =
        device.fields.values().flat_map(|held| held.support.iter().chain(&held.also).chain(&held.dissent));
    voices.filter(|voice| !voice.source.kind.is_wire()).map(|voice| voice.first).min()
}

fn days(count: i64) -> String {
    if count == 1 { "1 day".to_owned() } else { format!("{count} days") }
}
