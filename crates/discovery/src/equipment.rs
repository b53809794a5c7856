//! What DICOM partners are, and whose the equipment facts of their data sets are.
//!
//! A data set names the equipment that *made* it, not the one that sends it. Only a sender that is the modality itself may be called by
//! that name; an archive or a router relays, and then the facts belong to the equipment's own key alone.

use crate::dissect::sop::Class;
use crate::hosts::Hosts;
use crate::notes::{About, Equipment, EquipmentName, Notes, Roles, Said, Seen, Sent, Who, sender_name};
use crate::options::Options;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::LazyLock;
use tallyward_core::{Field, Key, SourceKind};
use tallyward_identity::aliases::Aliases;
use tallyward_identity::junk::{is_junk, is_junk_serial};

static ALIASES: LazyLock<Aliases> = LazyLock::new(Aliases::builtin);

/// A device proposes the few classes it makes; toolkits' store clients and archives propose dozens.
const FEW_CLASSES: usize = 12;

/// The role a partner's services tell (DICOM PS3.4), as the value of [`Field::DicomRole`].
fn role_of(roles: &Roles, relays: bool) -> Option<&'static str> {
    let accepts = |class| roles.accepts.contains(&class);
    let proposes = |class| roles.proposes.contains(&class);
    let queried = accepts(Class::Query) || accepts(Class::Retrieve);
    if accepts(Class::Storage) && queried {
        Some("archive")
    } else if accepts(Class::Worklist) || accepts(Class::PerformedStep) {
        Some("worklist broker")
    } else if accepts(Class::Print) {
        Some("printer")
    } else if relays {
        Some("router")
    } else if proposes(Class::Worklist) && proposes(Class::Query) && !proposes(Class::Storage) {
        // Looks into the worklist and the archive and makes nothing.
        Some("workstation")
    } else if proposes(Class::Worklist) || proposes(Class::PerformedStep) || proposes(Class::Commitment) {
        Some("modality")
    } else if roles.sends {
        // What is really sent weighs more than the long list a toolkit proposes.
        Some("modality")
    } else if proposes(Class::Storage) {
        Some(if roles.storage.len() <= FEW_CLASSES { "modality" } else { "archive, router or workstation" })
    } else if proposes(Class::Query) || proposes(Class::Retrieve) {
        Some("workstation")
    } else if accepts(Class::Storage) {
        Some("storage receiver")
    } else {
        None
    }
}

/// Turns the collected data sets and services into statements.
pub(crate) fn settle(notes: &mut Notes, hosts: &Hosts, options: &Options) {
    let sent = std::mem::take(&mut notes.sent);
    let roles = std::mem::take(&mut notes.roles);
    let relaying = relaying(&sent, &roles, hosts, options);
    for (who, roles) in &roles {
        let key = hosts.resolve(*who, roles.seen.first, &options.sensor);
        if let Some(role) = role_of(roles, relaying.contains(&key)) {
            let about = About::Who(*who);
            let basis = "DICOM abstract syntaxes";
            notes.state(about, Field::DicomRole, role.to_owned(), SourceKind::Guess, basis, roles.seen);
        }
    }
    for ((sender, title, _), sent) in sent {
        let key = hosts.resolve(sender, sent.seen.first, &options.sensor);
        let relayed = relaying.contains(&key);
        tell(notes, sender, title.as_deref(), &sent, relayed, hosts);
    }
}

/// Senders whose data sets come from more than one piece of equipment, or that are archives.
fn relaying(
    sent: &FxHashMap<EquipmentName, Sent>,
    roles: &FxHashMap<Who, Roles>,
    hosts: &Hosts,
    options: &Options,
) -> FxHashSet<Key> {
    let mut relaying = FxHashSet::default();
    let mut made_by = FxHashMap::default();
    for ((sender, _, [manufacturer, _, model, serial, _]), sent) in sent {
        let key = hosts.resolve(*sender, sent.seen.first, &options.sensor);
        let maker = (manufacturer, model, serial);
        let known = made_by.entry(key.clone()).or_insert(maker);
        if *known != maker || sent.acceptor {
            relaying.insert(key);
        }
    }
    for (who, roles) in roles {
        if role_of(roles, false) == Some("archive") {
            relaying.insert(hosts.resolve(*who, roles.seen.first, &options.sensor));
        }
    }
    relaying
}

/// A device's own key, when manufacturer, model and a believable serial number are known.
pub(crate) fn own_key(maker: &str, model: &str, serial: &str) -> Option<Key> {
    if is_junk(maker) || is_junk(model) || is_junk_serial(serial) {
        return None;
    }
    let maker = ALIASES.canonical_maker(maker).name;
    Some(Key::MakerModelSerial { maker, model: model.to_owned(), serial: serial.to_owned() })
}

fn made_key(made: &Equipment) -> Option<Key> {
    let value = |said: &Option<Said>| said.as_ref().map(|said| said.value.clone());
    own_key(&value(&made.manufacturer)?, &value(&made.model)?, &value(&made.serial)?)
}

fn tell(notes: &mut Notes, sender: Who, title: Option<&str>, sent: &Sent, relayed: bool, hosts: &Hosts) {
    let made = &sent.equipment;
    let fields = [
        (Field::Manufacturer, &made.manufacturer, "DICOM C-STORE (0008,0070)"),
        (Field::HostName, &made.station, "DICOM C-STORE (0008,1010)"),
        (Field::Model, &made.model, "DICOM C-STORE (0008,1090)"),
        (Field::Serial, &made.serial, "DICOM C-STORE (0018,1000)"),
        (Field::SoftwareVersion, &made.software, "DICOM C-STORE (0018,1020)"),
    ];
    let key = made_key(made);
    let mut say = |about: &About| {
        for (field, said, basis) in fields {
            let fits =
                |said: &&Said| !is_junk(&said.value) && (field != Field::HostName || is_name(&said.value));
            if let Some(said) = said.as_ref().filter(fits) {
                let seen = Seen { packet: said.packet, ..sent.seen };
                let value = versions(field, &said.value);
                notes.state(about.clone(), field, value, SourceKind::WireDevice, basis, seen);
            }
        }
    };
    if let Some(key) = &key {
        say(&About::Key(key.clone()));
    }
    if !relayed {
        say(&About::Who(sender));
    }
    let Some(key) = key else { return };
    let packet = made.serial.as_ref().map_or(sent.seen.packet, |said| said.packet);
    let seen = Seen { packet, ..sent.seen };
    if relayed {
        let name = sender_name(title, sender);
        let (kind, basis) = (SourceKind::WireNetwork, "DICOM C-STORE");
        notes.state(About::Key(key), Field::RelayedBy, name, kind, basis, seen);
    } else if hosts.local(sender, sent.seen.first).is_some() {
        let basis = "DICOM C-STORE (0018,1000)";
        notes.state(About::Who(sender), Field::Key, key.to_string(), SourceKind::WireDevice, basis, seen);
    }
}

/// (0018,1020) holds one or more versions parted by backslashes; they are one statement, as a person would write it.
fn versions(field: Field, value: &str) -> String {
    if field == Field::SoftwareVersion && value.contains('\\') {
        let parts: Vec<&str> = value.split('\\').map(str::trim).filter(|part| !part.is_empty()).collect();
        return parts.join("; ");
    }
    value.to_owned()
}

/// Whether a station name may be a name: many are left at a phrase such as "Not connected".
fn is_name(value: &str) -> bool {
    value.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter))
}
