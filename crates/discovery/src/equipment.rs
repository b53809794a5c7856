//! What DICOM partners are, and whose the equipment facts of their data sets are.
//!
//! A data set names the equipment that *made* it, not the one that sends it. Only a sender that is the modality itself may be called by
//! that name; an archive or a router relays, and then the facts belong to the equipment's own key alone.

use crate::dissect::dicom::is_name;
use crate::dissect::sop::Class;
use crate::hosts::Hosts;
use crate::notes::{About, Equipment, EquipmentName, Notes, Part, Roles, Said, Seen, Sent, Who, sender_name};
use crate::options::Options;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::LazyLock;
use tallyward_core::{Field, Key, SourceKind};
use tallyward_identity::aliases::Aliases;
use tallyward_identity::junk::{is_junk, is_junk_serial};
use tallyward_identity::udi;

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
    let mut made_by: FxHashMap<Key, [Option<&str>; 4]> = FxHashMap::default();
    for ((sender, ..), sent) in sent {
        let key = hosts.resolve(*sender, sent.seen.first, &options.sensor);
        let known = made_by.entry(key.clone()).or_default();
        // A report or a screen shot may leave a value out; only two different values are two pieces of equipment.
        let mut other = sent.acceptor;
        for (part, known) in
            [Part::Manufacturer, Part::Model, Part::Serial, Part::DeviceUid].iter().zip(known)
        {
            let Some(said) = sent.equipment.get(*part) else { continue };
            other |= known.is_some_and(|known| known != said.value);
            *known = Some(&said.value);
        }
        if other {
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

/// The equipment's own keys, the strongest for us first: manufacturer, model and a believable serial number; the unique device
/// identifier of a label with a serial number; the device UID.
fn own_keys(sent: &Sent) -> Vec<Key> {
    let value =
        |part| sent.equipment.get(part).map(|said| said.value.clone()).filter(|value| !is_junk(value));
    let mut keys = Vec::new();
    if let (Some(maker), Some(model), Some(serial)) =
        (value(Part::Manufacturer), value(Part::Model), value(Part::Serial))
    {
        keys.extend(own_key(&maker, &model, &serial));
    }
    if let Some(label) = value(Part::Udi)
        && let Some((di, Some(serial))) = label_of(&label, sent.seen)
    {
        keys.push(Key::DiSerial { di, serial });
    }
    if let Some(id) = value(Part::DeviceUid).filter(|uid| is_uid(uid)) {
        keys.push(Key::SystemId { system: "DICOM device UID".to_owned(), id });
    }
    keys
}

/// Device identifier and serial number of a label whose checks hold.
fn label_of(label: &str, seen: Seen) -> Option<(String, Option<String>)> {
    let year = seen.first.date().get(..4).and_then(|year| year.parse().ok()).unwrap_or(2000);
    let read = udi::parse(label, udi::Today::from_year(year));
    let di = read.di.filter(|_| read.issuer.is_some() && read.valid)?;
    Some((di, read.serial.filter(|serial| !is_junk_serial(serial))))
}

/// A UID that somebody assigned: at least four components (PS3.5 section 9.1).
fn is_uid(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && value.split('.').count() >= 4
}

/// What the data set says of the equipment that made it, and of a device that captured it a second time.
fn fields(made: &Equipment, seen: Seen) -> Vec<(Field, Said, &'static str)> {
    let mut fields = Vec::new();
    for (part, field, basis) in [
        (Part::Manufacturer, Field::Manufacturer, "DICOM C-STORE (0008,0070)"),
        (Part::Station, Field::HostName, "DICOM C-STORE (0008,1010)"),
        (Part::Model, Field::Model, "DICOM C-STORE (0008,1090)"),
        (Part::Serial, Field::Serial, "DICOM C-STORE (0018,1000)"),
        (Part::Software, Field::SoftwareVersion, "DICOM C-STORE (0018,1020)"),
        (Part::Udi, Field::Udi, "DICOM C-STORE (0018,1009)"),
    ] {
        let Some(said) = made.get(part).filter(|said| !is_junk(&said.value)) else { continue };
        match field {
            Field::HostName if !is_name(&said.value) => continue,
            Field::Udi => match label_of(&said.value, seen) {
                Some((di, _)) => fields.push((Field::Di, Said { value: di, ..said.clone() }, basis)),
                None => continue,
            },
            _ => {}
        }
        fields.push((field, Said { value: versions(field, &said.value), ..said.clone() }, basis));
    }
    fields
}

fn captured_by(made: &Equipment) -> Vec<(Field, Said, &'static str)> {
    let parts = [
        (Part::CapturerMaker, Field::Manufacturer, "DICOM C-STORE (0018,1016)"),
        (Part::CapturerModel, Field::Model, "DICOM C-STORE (0018,1018)"),
        (Part::CapturerSoftware, Field::SoftwareVersion, "DICOM C-STORE (0018,1019)"),
    ];
    let said = |(part, field, basis): (Part, Field, &'static str)| {
        let said = made.get(part).filter(|said| !is_junk(&said.value))?;
        Some((field, Said { value: versions(field, &said.value), ..said.clone() }, basis))
    };
    parts.into_iter().filter_map(said).collect()
}

fn tell(notes: &mut Notes, sender: Who, title: Option<&str>, sent: &Sent, relayed: bool, hosts: &Hosts) {
    let made = &sent.equipment;
    let mut say = |about: About, fields: &[(Field, Said, &'static str)], kind| {
        for (field, said, basis) in fields {
            let seen = Seen { packet: said.packet, ..sent.seen };
            notes.state(about.clone(), *field, said.value.clone(), kind, basis, seen);
        }
    };
    let keys = own_keys(sent);
    let (fields, capturer) = (fields(made, sent.seen), captured_by(made));
    // A picture taken of another device's picture comes from the device that took it, if from anybody who is named.
    let taken = capturer.iter().any(|(field, said, _)| {
        *field == Field::Manufacturer
            && made
                .get(Part::Manufacturer)
                .is_some_and(|maker| !maker.value.eq_ignore_ascii_case(&said.value))
    });
    if let Some(key) = keys.first() {
        say(About::Key(key.clone()), &fields, SourceKind::WireDevice);
    }
    if taken && !relayed {
        say(About::Who(sender), &capturer, SourceKind::Guess);
    } else if !relayed {
        say(About::Who(sender), &fields, SourceKind::WireDevice);
    }
    let Some((first, others)) = keys.split_first() else { return };
    let packet = made.get(Part::Serial).map_or(sent.seen.packet, |said| said.packet);
    let seen = Seen { packet, ..sent.seen };
    for other in others {
        let basis = match other {
            Key::DiSerial { .. } => "DICOM C-STORE (0018,1009)",
            _ => "DICOM C-STORE (0018,1002)",
        };
        let about = About::Key(first.clone());
        notes.state(about, Field::Key, other.to_string(), SourceKind::WireDevice, basis, seen);
    }
    if relayed || taken {
        let name = sender_name(title, sender);
        let (kind, basis) = (SourceKind::WireNetwork, "DICOM C-STORE");
        notes.state(About::Key(first.clone()), Field::RelayedBy, name, kind, basis, seen);
    } else if hosts.local(sender, sent.seen.first).is_some() {
        let basis = match first {
            Key::MakerModelSerial { .. } => "DICOM C-STORE (0018,1000)",
            Key::DiSerial { .. } => "DICOM C-STORE (0018,1009)",
            _ => "DICOM C-STORE (0018,1002)",
        };
        notes.state(About::Who(sender), Field::Key, first.to_string(), SourceKind::WireDevice, basis, seen);
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
