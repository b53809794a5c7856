//! Who speaks for others, and whose the names in forwarded messages are.
//!
//! An integration engine passes messages on as they came: MSH-3 then names the application that wrote them, not the engine. So when one
//! sender goes by many names, they are only guesses about it; and a device's own id in MSH-3 makes the sender that device only if it is
//! the one id that the sender goes by, and not another local card's address.
//!
//! Field protocols number their devices (BACnet instances, Modbus units). An address that answers under one number is that device; one
//! that answers under several is a router, and each number is a device of its own.

use crate::equipment::own_key;
use crate::hosts::Hosts;
use crate::notes::{About, Notes, Numbers, Relay, Seen, Statement, Who, sender_name};
use crate::options::Options;
use rustc_hash::{FxHashMap, FxHashSet};
use tallyward_core::{Field, Key, SourceKind};

/// A host may run two applications; by more names than that goes only one who forwards.
const MOST_NAMES: usize = 2;
/// Devices a sender speaks for before it is called a gateway.
const FEW_DEVICES: usize = 2;

/// Settles who is meant where one sender speaks for several. Call when hosts are settled.
pub(crate) fn settle(notes: &mut Notes, hosts: &Hosts, options: &Options) {
    let site = &options.sensor;
    forwarders(notes, &|who, seen| hosts.resolve(who, seen.first, site));
    speakers(notes, hosts, &|who, seen| hosts.resolve(who, seen.first, site));
    numbered(notes, site, &|who, seen| hosts.resolve(who, seen.first, site));
}

/// Statements about numbered devices become statements about the sender, if that is the only one, or about a device of their own.
fn numbered(notes: &mut Notes, site: &str, resolve: &dyn Fn(Who, Seen) -> Key) {
    let is_numbered = |statement: &mut Statement| matches!(statement.about, About::Numbered { .. });
    let moved: Vec<Statement> = notes.facts.extract_if(is_numbered).collect();
    let mut direct: FxHashMap<(Key, Numbers), FxHashSet<u32>> = FxHashMap::default();
    for statement in &moved {
        if let About::Numbered { who, numbers, number, routed: false } = statement.about {
            direct.entry((resolve(who, statement.seen), numbers)).or_default().insert(number);
        }
    }
    let mut made: FxHashMap<About, Made> = FxHashMap::default();
    for statement in moved {
        let seen = statement.seen;
        let About::Numbered { who, numbers, number, routed } = statement.about else { continue };
        let sender = resolve(who, seen);
        let only = direct.get(&(sender.clone(), numbers)).is_some_and(|all| all.len() == 1);
        let Statement { field, value, kind, basis, .. } = statement;
        let about = if only && !routed {
            About::Who(who)
        } else {
            let about = About::Key(numbers.key(&sender, number, site));
            let relayed = sender_name(None, who);
            notes.state(about.clone(), Field::RelayedBy, relayed, SourceKind::WireNetwork, basis, seen);
            about
        };
        made.entry(about.clone()).or_default().take(field, &value, seen, basis);
        notes.state(about, field, value, kind, basis, seen);
    }
    for (about, made) in made {
        let [Some(maker), Some(model), Some((serial, seen, basis))] = [made.maker, made.model, made.serial]
        else {
            continue;
        };
        if let Some(key) = own_key(&maker.0, &model.0, &serial).filter(|_| !made.differs) {
            notes.state(about, Field::Key, key.to_string(), SourceKind::WireDevice, basis, seen);
        }
    }
}

/// What a numbered device said that makes its own key, if it always said the same.
#[derive(Debug, Default)]
struct Made {
    maker: Option<Word>,
    model: Option<Word>,
    serial: Option<Word>,
    differs: bool,
}

/// A value, when it was said and by what.
type Word = (Box<str>, Seen, &'static str);

impl Made {
    fn take(&mut self, field: Field, value: &str, seen: Seen, basis: &'static str) {
        let place = match field {
            Field::Manufacturer => &mut self.maker,
            Field::Model => &mut self.model,
            Field::Serial => &mut self.serial,
            _ => return,
        };
        self.differs |= place.as_ref().is_some_and(|(known, ..)| **known != *value);
        place.get_or_insert_with(|| (value.into(), seen, basis));
    }
}

const fn is_name(statement: &Statement) -> bool {
    matches!(statement.field, Field::Hl7Application | Field::Hl7Facility)
        && matches!(statement.kind, SourceKind::WireNetwork)
}

/// Names of a sender that forwards become guesses.
fn forwarders(notes: &mut Notes, resolve: &dyn Fn(Who, Seen) -> Key) {
    let mut names: FxHashMap<Key, FxHashSet<&str>> = FxHashMap::default();
    for statement in &notes.facts {
        if let (About::Who(who), Field::Hl7Application) = (&statement.about, statement.field)
            && is_name(statement)
        {
            names.entry(resolve(*who, statement.seen)).or_default().insert(&statement.value);
        }
    }
    let engines: FxHashSet<Key> =
        names.into_iter().filter(|(_, names)| names.len() > MOST_NAMES).map(|(key, _)| key).collect();
    if engines.is_empty() {
        return;
    }
    let forwarded = |statement: &mut Statement| match statement.about {
        About::Who(who) if is_name(statement) => engines.contains(&resolve(who, statement.seen)),
        _ => false,
    };
    let moved: Vec<Statement> = notes.facts.extract_if(forwarded).collect();
    let mut told: FxHashMap<Key, (Who, Seen)> = FxHashMap::default();
    for statement in moved {
        let seen = statement.seen;
        if let About::Who(who) = statement.about {
            told.entry(resolve(who, seen)).and_modify(|(_, known)| known.join(seen)).or_insert((who, seen));
        }
        let Statement { about, field, value, basis, .. } = statement;
        notes.state(about, field, value, SourceKind::Guess, basis, seen);
    }
    for (who, seen) in told.into_values() {
        role(notes, who, "integration engine", "HL7 MSH-3", seen);
    }
}

/// Whether senders are the devices they say they are, and which speak for several.
fn speakers(notes: &mut Notes, hosts: &Hosts, resolve: &dyn Fn(Who, Seen) -> Key) {
    let mut own: FxHashMap<Key, FxHashSet<&Key>> = FxHashMap::default();
    for (relay, seen) in notes.relays.iter().filter(|(relay, _)| relay.itself) {
        own.entry(resolve(relay.sender, *seen)).or_default().insert(&relay.key);
    }
    let mistaken: FxHashSet<Key> =
        own.into_iter().filter(|(_, keys)| keys.len() > 1).map(|(sender, _)| sender).collect();
    let is_mistaken = |relay: &Relay, seen: &Seen| {
        let other_card = match (&relay.key, hosts.local(relay.sender, seen.first)) {
            (Key::Mac(own), Some(card)) => *own != card,
            _ => false,
        };
        relay.itself && (other_card || mistaken.contains(&resolve(relay.sender, *seen)))
    };
    let moved: Vec<(Relay, Seen)> = notes.relays.extract_if(|relay, seen| is_mistaken(relay, seen)).collect();
    for (relay, seen) in moved {
        let relay = Relay { itself: false, ..relay };
        notes.relays.entry(relay).and_modify(|known| known.join(seen)).or_insert(seen);
    }

    let mut others: FxHashMap<Key, Gateway<'_>> = FxHashMap::default();
    for (relay, seen) in notes.relays.iter().filter(|(relay, _)| !relay.itself) {
        let sender = resolve(relay.sender, *seen);
        if relay.key == sender {
            continue;
        }
        let first =
            Gateway { who: relay.sender, basis: relay.basis, seen: *seen, devices: FxHashSet::default() };
        let gateway = others.entry(sender).or_insert(first);
        gateway.basis = gateway.basis.min(relay.basis);
        gateway.seen.join(*seen);
        gateway.devices.insert(&relay.key);
    }
    let gateways = others.into_values().filter(|gateway| gateway.devices.len() >= FEW_DEVICES);
    let told: Vec<_> = gateways.map(|gateway| (gateway.who, gateway.basis, gateway.seen)).collect();
    for (who, basis, seen) in told {
        role(notes, who, "device gateway", basis, seen);
    }
}

/// A sender that speaks for others.
struct Gateway<'a> {
    who: Who,
    basis: &'static str,
    seen: Seen,
    devices: FxHashSet<&'a Key>,
}

fn role(notes: &mut Notes, who: Who, role: &str, basis: &'static str, seen: Seen) {
    let seen = Seen { count: 1, ..seen };
    notes.state(About::Who(who), Field::NetworkRole, role.to_owned(), SourceKind::Guess, basis, seen);
}
