//! What was learned while reading, before it is known for certain who is who.
//!
//! Statements are held by [`Who`] was seen at packet time, each once with its first and last time, and become evidence only at the
//! end, when [`crate::hosts::Hosts`] knows which cards are routers.

use crate::dissect::Visit;
use crate::dissect::duid::UniqueId;
use crate::dissect::sop::Class;
use crate::hosts::Hosts;
use crate::options::Options;
use crate::outside::without_outsiders;
use crate::stack::Signature;
use hashbrown::HashTable;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};
use std::hash::BuildHasher;
use std::net::IpAddr;
use tallyward_core::{Episode, Evidence, Field, Key, Mac, Source, SourceKind, Timestamp};

/// A partner as a packet shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Who {
    /// A card that named itself (DHCP).
    Card(Mac),
    /// An address, with the card that sent from it in this conversation.
    At {
        /// Sending card, if one was seen.
        mac: Option<Mac>,
        /// Its address.
        address: IpAddr,
    },
}

/// A moment of the capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct At {
    pub packet: u64,
    pub time: Timestamp,
}

impl At {
    pub(crate) fn of(visit: &Visit<'_>) -> Self {
        Self { packet: visit.packet, time: visit.time }
    }
}

/// When something was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub first: Timestamp,
    pub last: Timestamp,
    pub count: u64,
    /// The smallest packet number.
    pub packet: u64,
}

impl Seen {
    pub(crate) const fn at(at: At) -> Self {
        Self { first: at.time, last: at.time, count: 1, packet: at.packet }
    }

    pub(crate) fn join(&mut self, other: Self) {
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.count += other.count;
        self.packet = self.packet.min(other.packet);
    }
}

/// A value and the packet in which it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub value: String,
    pub packet: u64,
}

/// What a C-STORE data set may say of the equipment that made it, or that captured it a second time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Manufacturer,
    Station,
    Model,
    Serial,
    Software,
    DeviceUid,
    Udi,
    CapturerMaker,
    CapturerModel,
    CapturerSoftware,
}

const PARTS: usize = Part::CapturerSoftware as usize + 1;

/// What a C-STORE data set says of equipment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Equipment([Option<Said>; PARTS]);

impl Equipment {
    pub(crate) const fn get(&self, part: Part) -> Option<&Said> {
        self.0[part as usize].as_ref()
    }

    pub(crate) fn put(&mut self, part: Part, said: Option<Said>) {
        self.0[part as usize] = said;
    }

    /// The values without the packets they came in.
    pub(crate) fn values(&self) -> [Option<String>; PARTS] {
        self.0.each_ref().map(|said| said.as_ref().map(|said| said.value.clone()))
    }
}

/// Who sent a data set, under which AE title, and the values in it.
pub(crate) type EquipmentName = (Who, Option<String>, [Option<String>; PARTS]);

/// All data sets of one sender with the same values.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub equipment: Equipment,
    pub seen: Seen,
    /// Whether any came from the side that accepted the association: such a sender answers a C-GET and is no modality.
    pub acceptor: bool,
}

/// A device that an HL7 message names.
pub(crate) struct DeviceSaid {
    pub key: Key,
    pub fields: Vec<(Field, String, &'static str, SourceKind)>,
    /// Whether the message says that the device itself sends it.
    pub itself: bool,
    pub basis: &'static str,
}

/// One observation of what a DICOM partner does.
pub(crate) enum RoleNote<'a> {
    Proposes(Class, &'a str),
    Accepts(Class),
    Sends(Class),
}

/// What a DICOM partner was seen to do.
#[derive(Clone, Debug)]
pub(crate) struct Roles {
    pub seen: Seen,
    pub proposes: FxHashSet<Class>,
    pub accepts: FxHashSet<Class>,
    /// Distinct storage classes proposed, by UID; counted to [`MOST_CLASSES`], which is enough to tell a few from many.
    pub storage: FxHashSet<String>,
    pub sends: bool,
}

impl Roles {
    fn join(&mut self, other: Self) {
        self.seen.join(other.seen);
        self.proposes.extend(other.proposes);
        self.accepts.extend(other.accepts);
        self.sends |= other.sends;
        for uid in other.storage {
            if self.storage.len() < MOST_CLASSES {
                self.storage.insert(uid);
            }
        }
    }
}

const MOST_CLASSES: usize = 16;
/// What an address rests on that a DHCP server for IPv6 confirmed.
pub(crate) const LEASE: &str = "DHCPv6 reply";
/// Claims a single packet can make.
const MOST_CLAIMS: usize = 64;

/// Whom a statement is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum About {
    Who(Who),
    Key(Key),
    /// One of perhaps many devices that answer from one address, by the number their protocol gives them.
    Numbered {
        who: Who,
        numbers: Numbers,
        number: u32,
        /// Whether the message itself says that it comes from behind a router.
        routed: bool,
    },
}

/// By what numbers a protocol tells devices apart behind one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Numbers {
    /// Device instances, unique in a whole BACnet internetwork (ASHRAE 135 section 12.11).
    Bacnet,
    /// Unit identifiers of Modbus, unique behind one address.
    ModbusUnit,
}

impl Numbers {
    /// The key of the device with a number behind a sender.
    pub(crate) fn key(self, sender: &Key, number: u32, site: &str) -> Key {
        let system = match self {
            Self::Bacnet => format!("BACnet at {site}"),
            Self::ModbusUnit => format!("Modbus units of {sender}"),
        };
        Key::SystemId { system, id: number.to_string() }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub about: About,
    pub field: Field,
    pub value: Box<str>,
    pub kind: SourceKind,
    pub basis: &'static str,
    pub seen: Seen,
}

impl Statement {
    /// Its parts hashed where they lie: most statements repeat one that is held, and such a one costs no copy.
    fn hash(about: &About, field: Field, value: &str, kind: SourceKind, basis: &str) -> u64 {
        FxBuildHasher.hash_one((about, field, value, kind, basis))
    }

    fn rehash(&self) -> u64 {
        Self::hash(&self.about, self.field, &self.value, self.kind, self.basis)
    }
}

/// A device named by a message, and who sent the message under which name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Relay {
    pub key: Key,
    pub sender: Who,
    pub name: Option<String>,
    pub itself: bool,
    pub basis: &'static str,
}

/// Everything noted so far.
#[derive(Clone, Debug)]
pub(crate) struct Notes {
    pub(crate) facts: HashTable<Statement>,
    pub(crate) relays: FxHashMap<Relay, Seen>,
    pub(crate) sent: FxHashMap<EquipmentName, Sent>,
    pub(crate) roles: FxHashMap<Who, Roles>,
    /// How partners open and answer connections.
    stacks: FxHashMap<(Who, Signature), Seen>,
    /// The card that uses a DHCP client's unique id; `None` when there are several.
    unique_ids: FxHashMap<UniqueId, Option<Mac>>,
    /// Addresses confirmed to a client by its unique id, and who received the answer.
    leases: FxHashMap<(UniqueId, IpAddr, Who), Seen>,
    /// Addresses that cards claimed in the present packet.
    claims: Vec<(Mac, IpAddr, At)>,
    /// Most distinct statements; the larger kinds of note have a part of it.
    limit: usize,
    /// Statements not kept for want of room.
    pub dropped: u64,
}

impl Notes {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            facts: HashTable::new(),
            relays: FxHashMap::default(),
            sent: FxHashMap::default(),
            roles: FxHashMap::default(),
            stacks: FxHashMap::default(),
            unique_ids: FxHashMap::default(),
            leases: FxHashMap::default(),
            claims: Vec::new(),
            limit,
            dropped: 0,
        }
    }

    /// Notes that a card holds an address for certain: it says so itself (ARP, neighbour discovery), or a server gave it (DHCP).
    pub(crate) fn claim(&mut self, mac: Mac, address: IpAddr, at: At) {
        if self.claims.len() < MOST_CLAIMS {
            self.claims.push((mac, address, at));
        } else {
            self.dropped += 1;
        }
    }

    /// Notes how a partner opens or answers a connection.
    pub(crate) fn stack(&mut self, who: Who, signature: Signature, seen: Seen) {
        if let Some(known) = self.stacks.get_mut(&(who, signature)) {
            known.join(seen);
        } else if self.stacks.len() < self.limit / 4 {
            self.stacks.insert((who, signature), seen);
        } else {
            self.dropped += 1;
        }
    }

    /// Remembers which card a DHCP client with a unique id uses.
    pub(crate) fn belongs(&mut self, id: UniqueId, card: Mac) {
        self.uses(id, Some(card));
    }

    fn uses(&mut self, id: UniqueId, card: Option<Mac>) {
        if let Some(known) = self.unique_ids.get_mut(&id) {
            *known = known.filter(|known| Some(*known) == card);
        } else if self.unique_ids.len() < self.limit / 8 {
            self.unique_ids.insert(id, card);
        } else {
            self.dropped += 1;
        }
    }

    /// Notes that a server confirmed an address to the client with a unique id, whose answer went to `receiver`.
    pub(crate) fn lease(&mut self, id: UniqueId, address: IpAddr, receiver: Who, seen: Seen) {
        let lease = (id, address, receiver);
        if let Some(known) = self.leases.get_mut(&lease) {
            known.join(seen);
        } else if self.leases.len() < self.limit / 8 {
            self.leases.insert(lease, seen);
        } else {
            self.dropped += 1;
        }
    }

    /// Gives the confirmed addresses to the cards of their clients. A unique id that several cards use (a disk copied with it)
    /// binds nothing. Call before hosts are settled.
    pub(crate) fn settle_leases(&mut self, hosts: &mut Hosts) {
        for ((id, address, receiver), seen) in std::mem::take(&mut self.leases) {
            let card = self.unique_ids.get(&id).copied().flatten();
            if let Some(card) = card {
                hosts.claim(card, address, At { packet: seen.packet, time: seen.first });
            }
            let about = About::Who(card.map_or(receiver, Who::Card));
            let (value, wire) = (address.to_string(), SourceKind::WireNetwork);
            self.state(about, Field::IpAddress, value, wire, LEASE, seen);
        }
    }

    /// The claims of the present packet.
    pub(crate) fn take_claims(&mut self) -> Vec<(Mac, IpAddr, At)> {
        std::mem::take(&mut self.claims)
    }

    /// Notes a statement about a partner.
    pub(crate) fn say(
        &mut self,
        who: Who,
        field: Field,
        value: &str,
        kind: SourceKind,
        basis: &'static str,
        at: At,
    ) {
        self.state(About::Who(who), field, value, kind, basis, Seen::at(at));
    }

    /// Notes a statement with the span in which it held.
    pub(crate) fn state(
        &mut self,
        about: About,
        field: Field,
        value: impl AsRef<str> + Into<Box<str>>,
        kind: SourceKind,
        basis: &'static str,
        seen: Seen,
    ) {
        let text = value.as_ref();
        let hash = Statement::hash(&about, field, text, kind, basis);
        let same = |held: &Statement| {
            held.field == field
                && *held.value == *text
                && held.about == about
                && held.kind == kind
                && held.basis == basis
        };
        if let Some(known) = self.facts.find_mut(hash, same) {
            known.seen.join(seen);
        } else if self.facts.len() < self.limit {
            let statement = Statement { about, field, value: value.into(), kind, basis, seen };
            self.facts.insert_unique(hash, statement, Statement::rehash);
        } else {
            self.dropped += 1;
        }
    }

    /// Notes a device that a message names.
    pub(crate) fn device(&mut self, sender: Who, name: Option<&str>, said: &DeviceSaid, at: At) {
        for (field, value, basis, kind) in &said.fields {
            self.state(About::Key(said.key.clone()), *field, value.as_str(), *kind, basis, Seen::at(at));
        }
        let relay = Relay {
            key: said.key.clone(),
            sender,
            name: name.map(str::to_owned),
            itself: said.itself,
            basis: said.basis,
        };
        self.relay(relay, Seen::at(at));
    }

    fn relay(&mut self, relay: Relay, seen: Seen) {
        if let Some(known) = self.relays.get_mut(&relay) {
            known.join(seen);
        } else if self.relays.len() < self.limit / 4 {
            self.relays.insert(relay, seen);
        } else {
            self.dropped += 1;
        }
    }

    /// Notes the equipment of one data set.
    pub(crate) fn equipment(
        &mut self,
        sender: Who,
        title: Option<&str>,
        acceptor: bool,
        equipment: Equipment,
        at: At,
    ) {
        let name = (sender, title.map(str::to_owned), equipment.values());
        self.data_set(name, Sent { equipment, seen: Seen::at(at), acceptor });
    }

    fn data_set(&mut self, name: EquipmentName, sent: Sent) {
        if let Some(known) = self.sent.get_mut(&name) {
            known.seen.join(sent.seen);
            known.acceptor |= sent.acceptor;
            known.equipment.keep_earlier(&sent.equipment);
        } else if self.sent.len() < self.limit / 8 {
            self.sent.insert(name, sent);
        } else {
            self.dropped += 1;
        }
    }

    /// Notes what a DICOM partner does.
    pub(crate) fn role(&mut self, who: Who, note: RoleNote<'_>, at: At) {
        if !self.roles.contains_key(&who) && self.roles.len() >= self.limit / 8 {
            self.dropped += 1;
            return;
        }
        let roles = self.roles.entry(who).or_insert_with(|| Roles {
            seen: Seen::at(at),
            proposes: FxHashSet::default(),
            accepts: FxHashSet::default(),
            storage: FxHashSet::default(),
            sends: false,
        });
        roles.seen.join(Seen { count: 0, ..Seen::at(at) });
        match note {
            RoleNote::Proposes(class, uid) => {
                roles.proposes.insert(class);
                if class == Class::Storage
                    && roles.storage.len() < MOST_CLASSES
                    && !roles.storage.contains(uid)
                {
                    roles.storage.insert(uid.to_owned());
                }
            }
            RoleNote::Accepts(class) => {
                roles.accepts.insert(class);
            }
            RoleNote::Sends(class) => roles.sends |= class == Class::Storage,
        }
    }

    /// Whether a table has nearly filled its room.
    pub(crate) fn is_crowded(&self) -> bool {
        let parts = self.sent.len().max(self.roles.len()).max(self.leases.len()).max(self.unique_ids.len());
        let quarters = self.relays.len().max(self.stacks.len());
        let part = |of: usize| self.limit / of / 4 * 3;
        self.facts.len() >= part(1) || quarters >= part(4) || parts >= part(8)
    }

    /// Takes in what another reading noted.
    pub(crate) fn join(&mut self, other: Self) {
        for held in other.facts {
            self.state(held.about, held.field, held.value, held.kind, held.basis, held.seen);
        }
        for (relay, seen) in other.relays {
            self.relay(relay, seen);
        }
        for (name, sent) in other.sent {
            self.data_set(name, sent);
        }
        for (who, roles) in other.roles {
            if let Some(known) = self.roles.get_mut(&who) {
                known.join(roles);
            } else if self.roles.len() < self.limit / 8 {
                self.roles.insert(who, roles);
            } else {
                self.dropped += 1;
            }
        }
        for ((who, signature), seen) in other.stacks {
            self.stack(who, signature, seen);
        }
        for (id, card) in other.unique_ids {
            self.uses(id, card);
        }
        for ((id, address, receiver), seen) in other.leases {
            self.lease(id, address, receiver, seen);
        }
        self.dropped += other.dropped;
    }

    /// Resolves everyone and gives the evidence, not yet normalised.
    pub(crate) fn into_evidence(self, hosts: &Hosts, options: &Options) -> Vec<Evidence> {
        let mut out: FxHashMap<Settled, Seen> = FxHashMap::default();
        let mut put = |key: Key, field, value, kind, basis, seen: Seen| {
            out.entry((key, field, value, kind, basis)).and_modify(|known| known.join(seen)).or_insert(seen);
        };
        for statement in self.facts {
            let seen = statement.seen;
            let key = match statement.about {
                About::Who(who) => hosts.resolve(who, seen.first, &options.sensor),
                About::Key(key) => key,
                About::Numbered { who, numbers, number, .. } => {
                    numbers.key(&hosts.resolve(who, seen.first, &options.sensor), number, &options.sensor)
                }
            };
            put(key, statement.field, statement.value.into(), statement.kind, statement.basis, seen);
        }
        for ((who, signature), seen) in self.stacks {
            let key = hosts.resolve(who, seen.first, &options.sensor);
            let (value, basis) = (signature.to_string(), signature.basis());
            put(key, Field::TcpStack, value, SourceKind::WireNetwork, basis, seen);
        }
        for (relay, seen) in self.relays {
            let sender = hosts.resolve(relay.sender, seen.first, &options.sensor);
            if sender == relay.key {
                continue;
            }
            if relay.itself {
                let value = relay.key.to_string();
                put(sender, Field::Key, value, SourceKind::WireDevice, relay.basis, seen);
            } else {
                let value = sender_name(relay.name.as_deref(), relay.sender);
                put(relay.key, Field::RelayedBy, value, SourceKind::WireNetwork, relay.basis, seen);
            }
        }
        without_outsiders(
            out.into_iter().map(|(said, seen)| evidence(said, seen, "packet", options)).collect(),
        )
    }
}

/// A statement with its subject settled: whom, which field, the value, how good the source is, on what basis.
pub(crate) type Settled = (Key, Field, String, SourceKind, &'static str);

/// A settled statement as evidence with one episode; `unit` is what places are counted in: packets or lines.
pub(crate) fn evidence(settled: Settled, seen: Seen, unit: &str, options: &Options) -> Evidence {
    let (subject, field, value, kind, basis) = settled;
    Evidence {
        subject,
        field,
        value,
        source: Source { kind, name: options.sensor.clone() },
        basis: basis.to_owned(),
        episodes: vec![Episode {
            ingest: options.ingest,
            first: seen.first,
            last: seen.last,
            count: seen.count,
            recorded_at: options.recorded_at,
            place: format!("{unit} {}", seen.packet),
        }],
    }
}

impl Equipment {
    fn keep_earlier(&mut self, other: &Self) {
        for (held, new) in self.0.iter_mut().zip(&other.0) {
            if let (Some(held), Some(new)) = (held, new) {
                held.packet = held.packet.min(new.packet);
            }
        }
    }
}

/// The gateway that spoke: by the name it goes by, else by its address.
pub(crate) fn sender_name(name: Option<&str>, sender: Who) -> String {
    match (name, sender) {
        (Some(name), Who::At { address, .. }) => format!("{name} ({address})"),
        (None, Who::At { address, .. }) => address.to_string(),
        (_, Who::Card(mac)) => mac.to_string(),
    }
}
