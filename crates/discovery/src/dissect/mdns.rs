//! Multicast DNS (RFC 6762) and service discovery (RFC 6763): responders announce themselves.
//!
//! Copied: host names of A and AAAA records; kinds of service; processor and system (HINFO); of TXT records the values of the keys in
//! [`KEYS`]. Names of service instances
//! and the notes of printers are passed over, for people name things after themselves; so are questions.
//!
//! A reflector passes on what others announce. So a record is said of whoever has the address of the host that it belongs to; where the message
//! holds no address, the sender is only guessed to speak for itself.

use super::dns::{self, A, AAAA, HINFO, Message, PTR, SRV, TXT};
use super::{DatagramProtocol, Visit, text};
use crate::equipment::own_key;
use crate::notes::Who;
use tallyward_core::{Field, Mac, SourceKind};
use tallyward_identity::junk::{is_junk, is_junk_mac, is_junk_serial};

/// Multicast DNS.
pub(crate) const DATAGRAM: DatagramProtocol =
    DatagramProtocol { name: "mdns", ports: &[5353], probe: dns::probe, read };

/// Hosts told apart in one message.
const MOST_HOSTS: usize = 16;
/// Strings read of one TXT record.
const MOST_STRINGS: usize = 64;

/// Keys of TXT records in lower case, the field each tells, and its basis. Those of printers are in Bonjour Printing 1.2, `md` and `model` are
/// what most others use.
const KEYS: &[(&str, Field, &str)] = &[
    ("am", Field::Model, "mDNS TXT am"),
    ("deviceid", Field::MacAddress, "mDNS TXT deviceid"),
    ("firmware", Field::SoftwareVersion, "mDNS TXT firmware"),
    ("fv", Field::SoftwareVersion, "mDNS TXT fv"),
    ("fw", Field::SoftwareVersion, "mDNS TXT fw"),
    ("fwversion", Field::SoftwareVersion, "mDNS TXT fwversion"),
    ("mac", Field::MacAddress, "mDNS TXT mac"),
    ("manufacturer", Field::Manufacturer, "mDNS TXT manufacturer"),
    ("md", Field::Model, "mDNS TXT md"),
    ("mdl", Field::Model, "mDNS TXT mdl"),
    ("mf", Field::Manufacturer, "mDNS TXT mf"),
    ("mfg", Field::Manufacturer, "mDNS TXT mfg"),
    ("model", Field::Model, "mDNS TXT model"),
    ("product", Field::SystemDescription, "mDNS TXT product"),
    ("serial", Field::Serial, "mDNS TXT serial"),
    ("serialnumber", Field::Serial, "mDNS TXT serialNumber"),
    ("sn", Field::Serial, "mDNS TXT sn"),
    ("ty", Field::SystemDescription, "mDNS TXT ty"),
    ("usb_mdl", Field::Model, "mDNS TXT usb_MDL"),
    ("usb_mfg", Field::Manufacturer, "mDNS TXT usb_MFG"),
    ("uuid", Field::EndpointReference, "mDNS TXT UUID"),
];

/// A host that has an address in the message.
struct Host {
    name: String,
    who: Who,
    own: bool,
}

/// Whom a record speaks of, and whether that is certain.
#[derive(Clone, Copy)]
struct Subject {
    who: Who,
    sure: bool,
}

impl Subject {
    const fn kind(self, sure: SourceKind) -> SourceKind {
        if self.sure { sure } else { SourceKind::Guess }
    }
}

fn read(data: &[u8], visit: &mut Visit<'_>) {
    let Some(message) = Message::parse(data) else { return };
    if !message.is_answer() || message.failed() || message.operation() != 0 {
        return;
    }
    let hosts = hosts(&message, visit);
    for host in &hosts {
        visit.say_of(host.who, Field::HostName, &host.name, SourceKind::WireNetwork, "mDNS address");
    }
    let main = match &hosts[..] {
        [] => Subject { who: visit.sender, sure: false },
        hosts => Subject { who: hosts.iter().find(|host| host.own).unwrap_or(&hosts[0]).who, sure: true },
    };
    let services = services(&message);
    for record in message.records() {
        let of = || {
            let owner = dns::labels(data, record.at)?;
            let (_, target) = services.iter().find(|(instance, _)| *instance == owner)?;
            let host = hosts.iter().find(|host| host.name.eq_ignore_ascii_case(target))?;
            Some(Subject { who: host.who, sure: true })
        };
        match record.kind {
            PTR => tell_service(data, record.at, record.data_at, main, visit),
            SRV => tell_kind(data, record.at, of().unwrap_or(main), visit),
            TXT => tell_texts(record.data, of().unwrap_or(main), visit),
            HINFO => tell_system(record.data, main, visit),
            _ => {}
        }
    }
}

/// The hosts whose addresses the message holds.
fn hosts(message: &Message<'_>, visit: &Visit<'_>) -> Vec<Host> {
    let mut hosts: Vec<Host> = Vec::new();
    for record in message.records().filter(|record| matches!(record.kind, A | AAAA)) {
        let Some(address) = record.address() else { continue };
        let Some(name) = dns::name(message.bytes, record.at).filter(|name| dns::is_host_name(name)) else {
            continue;
        };
        let Some((who, own)) = visit.holder_of(address) else { continue };
        if let Some(host) = hosts.iter_mut().find(|host| host.name.eq_ignore_ascii_case(&name)) {
            if own {
                (host.who, host.own) = (who, own);
            }
        } else if hosts.len() < MOST_HOSTS {
            hosts.push(Host { name, who, own });
        }
    }
    hosts
}

/// The instances of services and the hosts they run on.
fn services<'a>(message: &Message<'a>) -> Vec<(Vec<&'a [u8]>, String)> {
    let service = |record: dns::Record<'a>| {
        let target = dns::name(message.bytes, record.data_at + 6)?;
        Some((dns::labels(message.bytes, record.at)?, target))
    };
    message
        .records()
        .filter(|record| record.kind == SRV && record.data.len() > 6)
        .filter_map(service)
        .take(64)
        .collect()
}

/// The service and transport among labels, such as `_ipp._tcp`; a subtype is passed over.
fn kind_of(labels: &[&[u8]]) -> Option<String> {
    let at = labels
        .iter()
        .position(|label| label.eq_ignore_ascii_case(b"_tcp") || label.eq_ignore_ascii_case(b"_udp"))?;
    let service = labels.get(at.checked_sub(1)?)?.strip_prefix(b"_")?;
    let fits = !service.is_empty()
        && service.len() <= 32
        && service.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let transport = if labels[at].eq_ignore_ascii_case(b"_tcp") { "tcp" } else { "udp" };
    fits.then(|| format!("_{}._{transport}", String::from_utf8_lossy(service)))
}

/// A PTR record from a kind of service to an instance, or from the list of all kinds to one.
fn tell_service(data: &[u8], at: usize, data_at: usize, subject: Subject, visit: &mut Visit<'_>) {
    let Some(owner) = dns::labels(data, at) else { return };
    let from = if owner.first().is_some_and(|label| label.eq_ignore_ascii_case(b"_services")) {
        data_at
    } else {
        at
    };
    tell_kind(data, from, subject, visit);
}

fn tell_kind(data: &[u8], at: usize, subject: Subject, visit: &mut Visit<'_>) {
    if let Some(kind) = dns::labels(data, at).and_then(|labels| kind_of(&labels)) {
        let source = subject.kind(SourceKind::WireNetwork);
        visit.say_of(subject.who, Field::AnnouncedService, &kind, source, "mDNS service");
    }
}

/// Processor and system, each a string with its length in front.
fn tell_system(data: &[u8], subject: Subject, visit: &mut Visit<'_>) {
    let words: Vec<String> = strings(data).take(2).filter_map(text).filter(|word| !is_junk(word)).collect();
    if words.len() == 2 {
        let source = subject.kind(SourceKind::WireNetwork);
        visit.say_of(subject.who, Field::SystemDescription, &words.join(" "), source, "mDNS HINFO");
    }
}

fn strings(mut rest: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (length, tail) = rest.split_first()?;
        let (string, tail) = tail.split_at_checked(usize::from(*length))?;
        rest = tail;
        Some(string)
    })
}

fn tell_texts(data: &[u8], subject: Subject, visit: &mut Visit<'_>) {
    let (mut maker, mut model, mut serial) = (None, None, None);
    for string in strings(data).take(MOST_STRINGS) {
        let Some(equals) = string.iter().position(|byte| *byte == b'=') else { continue };
        let key = string[..equals].to_ascii_lowercase();
        let Some((_, field, basis)) = KEYS.iter().find(|(known, ..)| known.as_bytes() == key) else {
            continue;
        };
        let Some(value) = text(&string[equals + 1..]).and_then(|value| accepted(*field, &value)) else {
            continue;
        };
        match field {
            Field::Manufacturer => maker = Some(value.clone()),
            Field::Model => model = Some(value.clone()),
            Field::Serial => serial = Some(value.clone()),
            _ => {}
        }
        let sure = match field {
            Field::MacAddress | Field::SystemDescription | Field::EndpointReference => {
                SourceKind::WireNetwork
            }
            _ => SourceKind::WireDevice,
        };
        visit.say_of(subject.who, *field, &value, subject.kind(sure), basis);
    }
    if let (Some(maker), Some(model), Some(serial), true) = (maker, model, serial, subject.sure)
        && let Some(key) = own_key(&maker, &model, &serial)
    {
        visit.say_of(subject.who, Field::Key, &key.to_string(), SourceKind::WireDevice, "mDNS TXT");
    }
}

/// A value as it is kept, if it says something.
fn accepted(field: Field, value: &str) -> Option<String> {
    match field {
        Field::MacAddress => {
            let mac: Mac = value.parse().ok()?;
            (!is_junk_mac(mac) && !mac.is_local()).then(|| mac.to_string())
        }
        Field::Serial => (!is_junk_serial(value)).then(|| value.to_owned()),
        // In one kind of service `md` lists numbers of metadata.
        Field::Model => (!is_junk(value) && value.chars().any(char::is_alphabetic)).then(|| value.to_owned()),
        // The product of a printer is put in parentheses, as PostScript writes strings.
        Field::SystemDescription => {
            let bare = value.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(value);
            (!is_junk(bare)).then(|| bare.to_owned())
        }
        _ => (!is_junk(value)).then(|| value.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::dns::tests::{encoded, message, record};
    use super::super::trial::{self, says};
    use super::*;
    use proptest::prelude::*;

    fn texts(strings: &[&str]) -> Vec<u8> {
        strings
            .iter()
            .flat_map(|one| std::iter::once(one.len() as u8).chain(one.bytes()).collect::<Vec<_>>())
            .collect()
    }

    fn printer(address: [u8; 4]) -> Vec<u8> {
        let instance = encoded("Dr House's printer._ipp._tcp.local");
        let target = [vec![0, 0, 0, 0, 2, 0x77], encoded("label-7.local")].concat();
        let strings =
            ["ty=Acme LabelJet", "usb_MFG=Acme", "usb_MDL=LJ7", "sn=SN778", "note=Dr House", "md=0,1,2"];
        message(
            0x8400,
            [0, 5, 0, 0],
            &[
                record(&encoded("_ipp._tcp.local"), PTR, &instance),
                record(&encoded("_services._dns-sd._udp.local"), PTR, &encoded("_http._tcp.local")),
                record(&instance, SRV, &target),
                record(&instance, TXT, &texts(&strings)),
                record(&encoded("label-7.local"), A, &address),
            ],
        )
    }

    fn read(bytes: &[u8]) -> Vec<trial::Said> {
        trial::datagram(&DATAGRAM, bytes, (5353, 5353)).expect("mDNS")
    }

    #[test]
    fn a_responder_announces_itself_but_no_person() {
        let want = [
            says(Field::Key, "sn|Acme|LJ7|SN778", "mDNS TXT"),
            says(Field::Manufacturer, "Acme", "mDNS TXT usb_MFG"),
            says(Field::Model, "LJ7", "mDNS TXT usb_MDL"),
            says(Field::Serial, "SN778", "mDNS TXT sn"),
            says(Field::HostName, "label-7.local", "mDNS address"),
            says(Field::SystemDescription, "Acme LabelJet", "mDNS TXT ty"),
            says(Field::AnnouncedService, "_http._tcp", "mDNS service"),
            says(Field::AnnouncedService, "_ipp._tcp", "mDNS service"),
        ];
        assert_eq!(read(&printer([10, 0, 0, 1])), want);
    }

    #[test]
    fn a_reflector_is_not_called_by_what_it_passes_on() {
        let said = read(&printer([10, 0, 0, 9]));
        assert!(said.len() == 8 && said.iter().all(|one| one.0 == "at|S|10.0.0.9"), "{said:?}");
    }

    #[test]
    fn questions_say_nothing() {
        let asked = [encoded("_ipp._tcp.local"), vec![0, 12, 0, 1]].concat();
        assert_eq!(read(&message(0, [1, 0, 0, 0], &[asked])), []);
    }

    proptest! {
        #[test]
        fn damage_and_noise_are_survived(
            at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>(),
            noise in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            let mut bytes = printer([10, 0, 0, 1]);
            let index = at.index(bytes.len());
            bytes[index] = byte;
            bytes.truncate(cut.index(bytes.len() + 1));
            for bytes in [bytes, noise] {
                let said = trial::visit((5353, 5353), |visit| super::read(&bytes, visit));
                prop_assert!(said.len() < 300);
            }
        }
    }
}
