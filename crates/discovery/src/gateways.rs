//! Who speaks for others in HL7, and whose the names in forwarded messages are.
//!
//! An integration engine passes messages on as they came: MSH-3 then names the application that wrote them, not the engine. So when one
//! sender goes by many names, they are only guesses about it; and a device's own id in MSH-3 makes the sender that device only if it is
//! the one id that the sender goes by, and not another local card's address.

use crate::hosts::Hosts;
use crate::notes::{About, Notes, Relay, Seen, Statement, Who};
use crate::options::Options;
use rustc_hash::{FxHashMap, FxHashSet};
use tallyward_core::{Field, Key, SourceKind};

/// A host may run two applications; by more names than that goes only one who forwards.
const MOST_NAMES: usize = 2;
/// Devices a sender speaks for before it is called a gateway.
const FEW_DEVICES: usize = 2;

/// Settles what HL7 senders are. Call when hosts are settled.
pub(crate) fn settle(notes: &mut Notes, hosts: &Hosts, options: &Options) {
    let site = &options.sensor;
    forwarders(notes, &|who, seen| hosts.resolve(who, seen.first, site));
    speakers(notes, hosts, &|who, seen| hosts.resolve(who, seen.first, site));
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
    let mut others: FxHashMap<Key, (Who, Seen, FxHashSet<&Key>)> = FxHashMap::default();
    for (relay, seen) in &notes.relays {
        let sender = resolve(relay.sender, *seen);
        if relay.itself {
            own.entry(sender).or_default().insert(&relay.key);
        } else if relay.key != sender {
            let (_, known, keys) =
                others.entry(sender).or_insert((relay.sender, *seen, FxHashSet::default()));
            known.join(*seen);
            keys.insert(&relay.key);
        }
    }
    let gateways: Vec<(Who, Seen)> = others
        .into_values()
        .filter(|(.., keys)| keys.len() >= FEW_DEVICES)
        .map(|(who, seen, _)| (who, seen))
        .collect();
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
    for (who, seen) in gateways {
        role(notes, who, "device gateway", "HL7 equipment identifiers", seen);
    }
}

fn role(notes: &mut Notes, who: Who, role: &str, basis: &'static str, seen: Seen) {
    let seen = Seen { count: 1, ..seen };
    notes.state(About::Who(who), Field::NetworkRole, role.to_owned(), SourceKind::Guess, basis, seen);
}
