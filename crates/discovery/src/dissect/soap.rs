//! WS-Discovery 1.1 (and the draft of 2005), DPWS 1.1 metadata, and the description part of IEEE 11073 SDC (11073-20702, -20701,
//! -10207) in SOAP envelopes, over UDP and HTTP.
//!
//! Copied: of announcements and matches the endpoint's address, kinds, and scopes of location, device type and role; of metadata manufacturer, model
//! name and number, firmware and serial number, and a Windows computer's name and domain; of a medical device's description the
//! same of each device in it, with its UDI. Scopes and states of patient, operator, ensemble and workflow are passed over, as is
//! every body that is none of these at its first element.

use super::body::Told;
use super::xml::{Document, Tag, Xml};
use super::{DatagramProtocol, Probe, Visit, text};
use crate::equipment::own_key;
use crate::notes::{About, At, DeviceSaid, Seen, Who};
use std::net::IpAddr;
use tallyward_core::{Field, Key, SourceKind};
use tallyward_identity::junk::{is_junk, is_junk_serial};

/// WS-Discovery over UDP.
pub(crate) const DATAGRAM: DatagramProtocol =
    DatagramProtocol { name: "ws-discovery", ports: &[3702], probe, read };

/// Devices, kinds, scopes and endpoints read of one message.
const MOST: usize = 32;
/// Bytes of endpoints held of one message.
const MOST_HELD: usize = 32 * 1024;

/// Bodies that describe devices.
const BODIES: &[&str] =
    &["Hello", "ProbeMatches", "ResolveMatches", "Metadata", "GetMdibResponse", "GetMdDescriptionResponse"];

/// How far into a message its namespaces and body begin.
const NEAR: usize = 2048;

/// An envelope that speaks of discovery: matches go from any port to any other.
fn probe(data: &[u8]) -> Probe {
    let start = data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(data).trim_ascii_start();
    if start.first() != Some(&b'<') {
        return Probe::No;
    }
    let near = start.get(..NEAR).unwrap_or(start);
    let holds = |word: &[u8]| memchr::memmem::find(near, word).is_some();
    match holds(b"Envelope") {
        true if holds(b"/ws-dd/ns/discovery/") || holds(b"/ws/2005/04/discovery") => Probe::Yes,
        true => Probe::Maybe,
        false => Probe::No,
    }
}

fn read(data: &[u8], visit: &mut Visit<'_>) {
    let (mut xml, mut soap) = (Xml::default(), Soap::default());
    xml.read(data, &mut soap);
    soap.tell(visit);
}

/// An endpoint as discovery names it.
#[derive(Debug, Default)]
struct Endpoint {
    address: Option<String>,
    types: Option<String>,
    scopes: Option<String>,
    transports: Option<String>,
}

/// A device as metadata or a description names it.
#[derive(Debug, Default)]
struct Device {
    values: [Option<String>; DEVICE.len()],
}

/// Elements of a device, the field each tells, and its basis in metadata and in a description.
const DEVICE: &[(&str, Field, &str, &str)] = &[
    ("Manufacturer", Field::Manufacturer, "DPWS ThisModel Manufacturer", "SDC MDS Manufacturer"),
    ("ModelName", Field::Model, "DPWS ThisModel ModelName", "SDC MDS ModelName"),
    ("ModelNumber", Field::ModelNumber, "DPWS ThisModel ModelNumber", "SDC MDS ModelNumber"),
    ("SerialNumber", Field::Serial, "DPWS ThisDevice SerialNumber", "SDC MDS SerialNumber"),
    ("FirmwareVersion", Field::SoftwareVersion, "DPWS ThisDevice FirmwareVersion", "SDC MDS FirmwareVersion"),
    ("DeviceIdentifier", Field::Di, "DPWS DeviceIdentifier", "SDC MDS Udi DeviceIdentifier"),
    ("HumanReadableForm", Field::Udi, "DPWS HumanReadableForm", "SDC MDS Udi HumanReadableForm"),
];
const MANUFACTURER: usize = 0;
const MODEL: usize = 1;
const SERIAL: usize = 3;
const DI: usize = 5;

impl Device {
    fn put(&mut self, name: &str, value: &str) {
        let Some(at) = DEVICE.iter().position(|(known, ..)| *known == name) else { return };
        let Some(value) = text(value.as_bytes()) else { return };
        let junk = if at == SERIAL { is_junk_serial(&value) } else { is_junk(&value) };
        if !junk && self.values[at].is_none() {
            self.values[at] = Some(value);
        }
    }

    fn key(&self) -> Option<Key> {
        let serial = self.values[SERIAL].as_deref()?;
        if let Some(di) = &self.values[DI] {
            return Some(Key::DiSerial { di: di.clone(), serial: serial.to_owned() });
        }
        own_key(self.values[MANUFACTURER].as_deref()?, self.values[MODEL].as_deref()?, serial)
    }

    fn said(&self, described: bool) -> impl Iterator<Item = (Field, String, &'static str)> {
        let basis = move |one, other| if described { other } else { one };
        let with = move |((_, field, one, other), value): (&(_, Field, _, _), &Option<String>)| {
            Some((*field, value.clone()?, basis(*one, *other)))
        };
        DEVICE.iter().zip(&self.values).filter_map(with)
    }
}

/// The path within the description part of a medical device's information.
fn description<'a, 'b>(path: &'a [&'b str]) -> Option<&'a [&'b str]> {
    match path {
        [_, "Body", "GetMdibResponse", "Mdib", "MdDescription", rest @ ..]
        | [_, "Body", "GetMdDescriptionResponse", "MdDescription", rest @ ..] => Some(rest),
        _ => None,
    }
}

/// What an envelope says so far.
#[derive(Debug, Default)]
pub(super) struct Soap {
    now: Endpoint,
    endpoints: Vec<Endpoint>,
    /// Bytes held in them.
    held: usize,
    host: Option<String>,
    computer: Option<String>,
    /// DPWS metadata.
    model: Device,
    /// Medical device systems of a description.
    systems: Vec<Device>,
}

impl Document for Soap {
    fn names(&self) -> &'static [&'static str] {
        &[
            "Envelope",
            "Body",
            "Hello",
            "ProbeMatches",
            "ProbeMatch",
            "ResolveMatches",
            "ResolveMatch",
            "EndpointReference",
            "Address",
            "Types",
            "Scopes",
            "XAddrs",
            "Metadata",
            "MetadataSection",
            "ThisModel",
            "ThisDevice",
            "Relationship",
            "Host",
            "Computer",
            "Manufacturer",
            "ModelName",
            "ModelNumber",
            "SerialNumber",
            "FirmwareVersion",
            "GetMdibResponse",
            "GetMdDescriptionResponse",
            "Mdib",
            "MdDescription",
            "Mds",
            "MetaData",
            "Udi",
            "DeviceIdentifier",
            "HumanReadableForm",
        ]
    }

    fn open(&mut self, path: &[&'static str], _tag: &Tag<'_>) -> bool {
        match path {
            [_, "Body", body] => BODIES.contains(body),
            // States follow the description, among them that of the patient.
            [_, "Body", "GetMdibResponse", "Mdib", part] => *part == "MdDescription",
            _ if description(path) == Some(&["Mds"]) => {
                self.systems.push(Device::default());
                self.systems.len() < MOST
            }
            _ => true,
        }
    }

    fn text(&mut self, path: &[&'static str], value: &str) {
        match path {
            [
                _,
                "Body",
                "Metadata",
                "MetadataSection",
                "ThisModel",
                name @ ("Manufacturer" | "ModelName" | "ModelNumber"),
            ]
            | [
                _,
                "Body",
                "Metadata",
                "MetadataSection",
                "ThisDevice",
                name @ ("FirmwareVersion" | "SerialNumber"),
            ] => {
                self.model.put(name, value);
            }
            [_, "Body", "Metadata", "MetadataSection", "Relationship", "Host", rest @ ..] => match rest {
                ["EndpointReference", "Address"] => self.host = text(value.as_bytes()),
                ["Computer"] => self.computer = text(value.as_bytes()),
                _ => {}
            },
            [_, "Body", "Hello", rest @ ..]
            | [_, "Body", "ProbeMatches", "ProbeMatch", rest @ ..]
            | [_, "Body", "ResolveMatches", "ResolveMatch", rest @ ..] => {
                let slot = match rest {
                    ["EndpointReference", "Address"] => &mut self.now.address,
                    ["Types"] => &mut self.now.types,
                    ["Scopes"] => &mut self.now.scopes,
                    ["XAddrs"] => &mut self.now.transports,
                    _ => return,
                };
                *slot = Some(value.to_owned());
            }
            _ => {
                let (Some(rest), Some(system)) = (description(path), self.systems.last_mut()) else { return };
                match rest {
                    ["Mds", "MetaData", "Udi", name @ ("DeviceIdentifier" | "HumanReadableForm")]
                    | [
                        "Mds",
                        "MetaData",
                        name @ ("Manufacturer" | "ModelName" | "ModelNumber" | "SerialNumber"),
                    ] => system.put(name, value),
                    _ => {}
                }
            }
        }
    }

    fn close(&mut self, path: &[&'static str]) {
        if let [_, "Body", "Hello"]
        | [_, "Body", "ProbeMatches", "ProbeMatch"]
        | [_, "Body", "ResolveMatches", "ResolveMatch"] = path
        {
            let endpoint = std::mem::take(&mut self.now);
            self.held += endpoint.size();
            if self.endpoints.len() < MOST && self.held <= MOST_HELD {
                self.endpoints.push(endpoint);
            }
        }
    }
}

impl Told for Soap {
    fn tell(&mut self, visit: &mut Visit<'_>) {
        for endpoint in std::mem::take(&mut self.endpoints) {
            endpoint.tell(visit);
        }
        self.tell_metadata(visit);
        self.tell_systems(visit);
    }
}

impl Soap {
    fn tell_metadata(&self, visit: &mut Visit<'_>) {
        for (field, value, basis) in self.model.said(false) {
            visit.say(field, &value, SourceKind::WireDevice, basis);
        }
        if let Some(key) = self.model.key() {
            let basis = "DPWS ThisDevice SerialNumber";
            visit.say(Field::Key, &key.to_string(), SourceKind::WireDevice, basis);
        }
        let wire = SourceKind::WireNetwork;
        if let Some(host) = self.host.as_deref().filter(|host| is_reference(host)) {
            visit.say(Field::EndpointReference, host, wire, "DPWS Host");
        }
        // A Windows computer: its name, then its workgroup or domain behind a slash.
        let Some(computer) = &self.computer else { return };
        let (name, group) = computer.split_once(['/', '\\']).unwrap_or((computer, ""));
        if !is_junk(name) {
            visit.say(Field::HostName, name, wire, "DPWS Computer");
        }
        if let Some((_, domain)) = group.split_once(':').filter(|(_, domain)| !is_junk(domain)) {
            visit.say(Field::NetworkDomain, domain, wire, "DPWS Computer");
        }
    }

    /// One system is the speaker itself; several are devices behind it, each under its own key.
    fn tell_systems(&self, visit: &mut Visit<'_>) {
        if let [system] = &self.systems[..] {
            for (field, value, basis) in system.said(true) {
                visit.say(field, &value, SourceKind::WireDevice, basis);
            }
            if let Some(key) = system.key() {
                visit.say(Field::Key, &key.to_string(), SourceKind::WireDevice, "SDC MDS SerialNumber");
            }
            return;
        }
        let at = At::of(visit);
        for system in &self.systems {
            let Some(key) = system.key() else { continue };
            for (field, value, basis) in system.said(true) {
                let about = About::Key(key.clone());
                visit.notes.state(about, field, value, SourceKind::WireDevice, basis, Seen::at(at));
            }
            let said = DeviceSaid { key, fields: Vec::new(), itself: false, basis: "SDC MDS SerialNumber" };
            visit.notes.device(visit.sender, None, &said, at);
        }
    }
}

impl Endpoint {
    fn size(&self) -> usize {
        let parts = [&self.address, &self.types, &self.scopes, &self.transports];
        parts.into_iter().flatten().map(String::len).sum()
    }

    /// A discovery proxy answers for others, so an endpoint is whoever has the address it can be reached at; without one the sender is
    /// only guessed to speak for itself.
    fn tell(&self, visit: &mut Visit<'_>) {
        let addresses = self.transports.as_deref().unwrap_or_default().split_whitespace();
        let holders: Vec<(Who, bool)> =
            addresses.take(8).filter_map(|url| visit.holder_of(host_of(url)?)).collect();
        let holder = holders.iter().find(|(_, own)| *own).or_else(|| holders.first());
        let (who, kind) = match holder {
            Some((who, true)) => (*who, SourceKind::WireNetwork),
            Some((who, false)) => (*who, SourceKind::Guess),
            None => (visit.sender, SourceKind::Guess),
        };
        if let Some(address) =
            self.address.as_deref().and_then(|one| text(one.as_bytes())).filter(|one| is_reference(one))
        {
            visit.say_of(who, Field::EndpointReference, &address, kind, "WS-Discovery");
        }
        for name in self.types.as_deref().unwrap_or_default().split_whitespace().take(MOST) {
            let local = name.rsplit(':').next().unwrap_or(name);
            if let Some(local) = text(local.as_bytes()) {
                visit.say_of(who, Field::AnnouncedService, &local, kind, "WS-Discovery Types");
            }
        }
        for scope in self.scopes.as_deref().unwrap_or_default().split_whitespace().take(MOST) {
            tell_scope(scope, who, kind, visit);
        }
    }
}

/// Whether an endpoint names itself and does not only say where it is.
fn is_reference(address: &str) -> bool {
    let start = address.get(..5).unwrap_or_default();
    start.starts_with("urn:") || start == "uuid:"
}

/// The address in a URL, if it is one and no name.
pub(super) fn host_of(url: &str) -> Option<IpAddr> {
    let (_, rest) = url.split_once("://")?;
    let rest = rest.split(['/', '?']).next()?;
    if let Some(six) = rest.strip_prefix('[') {
        let address = six.split([']', '%']).next()?;
        return address.parse().ok();
    }
    rest.split(':').next()?.parse().ok()
}

/// IEEE 11073-20701 and the ONVIF core specification give scopes a meaning; all others are passed over.
fn tell_scope(scope: &str, who: Who, kind: SourceKind, visit: &mut Visit<'_>) {
    if let Some(location) = scope.strip_prefix("sdc.ctxt.loc:") {
        if let Some(place) = location.split_once('?').and_then(|(_, query)| place_of(query)) {
            visit.say_of(who, Field::StatedLocation, &place, kind, "SDC location scope");
        }
    } else if scope.starts_with("sdc.cdc.type:") || scope.starts_with("sdc.mds.pkp:") {
        if let Some(value) = unescaped(scope) {
            visit.say_of(who, Field::AnnouncedService, &value, kind, "SDC scope");
        }
    } else if let Some(onvif) = scope.strip_prefix("onvif://www.onvif.org/") {
        let (field, value) = match onvif.split_once('/') {
            Some(("hardware", value)) => (Field::Model, value),
            Some(("location", value)) => (Field::StatedLocation, value),
            _ => return,
        };
        if let Some(value) = unescaped(value).filter(|value| !is_junk(value)) {
            visit.say_of(who, field, &value, kind, "ONVIF scope");
        }
    }
}

/// The parts of a location, from the whole house to the bed (IEEE 11073-20701, location context as URI).
fn place_of(query: &str) -> Option<String> {
    const PARTS: [(&str, &str); 6] = [
        ("fac", "facility"),
        ("bldng", "building"),
        ("flr", "floor"),
        ("poc", "point of care"),
        ("rm", "room"),
        ("bed", "bed"),
    ];
    let given = |wanted| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(name, _)| *name == wanted).and_then(|(_, value)| unescaped(value))
    };
    let parts: Vec<String> =
        PARTS.iter().filter_map(|(name, word)| given(*name).map(|value| format!("{word} {value}"))).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// Text with its percent escapes put in.
fn unescaped(value: &str) -> Option<String> {
    let bytes = value.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let pair = (byte == b'%').then(|| value.get(at + 1..at + 3)).flatten();
        match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(escaped) => {
                out.push(escaped);
                at += 3;
            }
            None => {
                out.push(byte);
                at += 1;
            }
        }
    }
    text(&out)
}

#[cfg(test)]
mod tests {
    use super::super::trial::{self, RECEIVER, SENDER, says};
    use super::*;
    use proptest::prelude::*;

    fn envelope(body: &str) -> String {
        format!(
            "<?xml version='1.0'?><s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'><s:Header><a:To>x</a:To></s:Header><s:Body>{body}</s:Body></s:Envelope>"
        )
    }

    fn hello(address: &str) -> String {
        envelope(&format!(
            "<d:Hello><a:EndpointReference><a:Address>urn:uuid:12-34</a:Address></a:EndpointReference>\
             <d:Types>p:Device m:MedicalDevice</d:Types><d:Scopes>sdc.ctxt.loc:/x/y?fac=HOSP&amp;poc=CU%202&amp;bed=B7 sdc.ctxt.pat:/1/PH0001 sdc.ctxt.opr:/2/HOUSE \
             sdc.cdc.type:/urn%3Aoid%3A1.2//130535</d:Scopes><d:XAddrs>http://{address}:1/x</d:XAddrs></d:Hello>"
        ))
    }

    fn read(document: &str) -> Vec<trial::Said> {
        trial::datagram(&DATAGRAM, document.as_bytes(), (3702, 3702)).expect("WS-Discovery")
    }

    #[test]
    fn a_medical_device_announces_itself() {
        let want = [
            says(Field::StatedLocation, "facility HOSP, point of care CU 2, bed B7", "SDC location scope"),
            says(Field::AnnouncedService, "Device", "WS-Discovery Types"),
            says(Field::AnnouncedService, "MedicalDevice", "WS-Discovery Types"),
            says(Field::AnnouncedService, "sdc.cdc.type:/urn:oid:1.2//130535", "SDC scope"),
            says(Field::EndpointReference, "urn:uuid:12-34", "WS-Discovery"),
        ];
        assert_eq!(read(&hello("10.0.0.1")), want);
        let proxied = read(&hello("10.0.0.2"));
        assert!(proxied.len() == 5 && proxied.iter().all(|one| one.0 == RECEIVER));
    }

    #[test]
    fn metadata_name_the_device() {
        let document = envelope(
            "<x:Metadata><x:MetadataSection><d:ThisModel><d:Manufacturer xml:lang='en'>Acme</d:Manufacturer><d:Manufacturer>Akme</d:Manufacturer>\
             <d:ModelName>V800</d:ModelName></d:ThisModel></x:MetadataSection><x:MetadataSection><d:ThisDevice><d:FriendlyName>House's bed</d:FriendlyName>\
             <d:FirmwareVersion>1.12</d:FirmwareVersion><d:SerialNumber>ASNH-0042</d:SerialNumber></d:ThisDevice></x:MetadataSection>\
             <x:MetadataSection><d:Relationship><d:Host><a:EndpointReference><a:Address>urn:uuid:7</a:Address></a:EndpointReference><p:Computer>CT-1/Workgroup:WARD</p:Computer></d:Host>\
             </d:Relationship></x:MetadataSection></x:Metadata>",
        );
        let want = [
            says(Field::Key, "sn|Acme|V800|ASNH-0042", "DPWS ThisDevice SerialNumber"),
            says(Field::Manufacturer, "Acme", "DPWS ThisModel Manufacturer"),
            says(Field::Model, "V800", "DPWS ThisModel ModelName"),
            says(Field::Serial, "ASNH-0042", "DPWS ThisDevice SerialNumber"),
            says(Field::SoftwareVersion, "1.12", "DPWS ThisDevice FirmwareVersion"),
            says(Field::HostName, "CT-1", "DPWS Computer"),
            says(Field::EndpointReference, "urn:uuid:7", "DPWS Host"),
            says(Field::NetworkDomain, "WARD", "DPWS Computer"),
        ];
        assert_eq!(read(&document), want);
    }

    fn mds(serial: &str) -> String {
        format!(
            "<p:Mds><p:Type><p:ConceptDescription>x</p:ConceptDescription></p:Type><p:MetaData><p:Udi><p:DeviceIdentifier>04012345678901</p:DeviceIdentifier></p:Udi>\
             <p:Manufacturer>Acme</p:Manufacturer><p:ModelName>V800</p:ModelName><p:SerialNumber>{serial}</p:SerialNumber></p:MetaData></p:Mds>"
        )
    }

    fn mdib(systems: &str) -> String {
        envelope(&format!(
            "<m:GetMdibResponse><m:Mdib><p:MdDescription>{systems}</p:MdDescription><p:MdState><p:State><p:CoreData><p:Manufacturer>HOUSE</p:Manufacturer></p:CoreData></p:State></p:MdState>\
             </m:Mdib></m:GetMdibResponse>"
        ))
    }

    #[test]
    fn a_description_of_one_device_is_the_speakers_and_of_several_theirs() {
        let said = read(&mdib(&mds("SN1234")));
        let want = [
            says(Field::Key, "di|04012345678901|SN1234", "SDC MDS SerialNumber"),
            says(Field::Manufacturer, "Acme", "SDC MDS Manufacturer"),
            says(Field::Model, "V800", "SDC MDS ModelName"),
            says(Field::Serial, "SN1234", "SDC MDS SerialNumber"),
            says(Field::Di, "04012345678901", "SDC MDS Udi DeviceIdentifier"),
        ];
        assert_eq!(said, want);
        let said = read(&mdib(&[mds("SN1234"), mds("SN5678")].concat()));
        assert_eq!(said.iter().filter(|one| one.0 == SENDER).count(), 0);
        assert_eq!(said.iter().filter(|one| one.1 == Field::RelayedBy).count(), 2);
        assert_eq!(said.len(), 10);
    }

    #[test]
    fn any_other_body_is_passed_over() {
        let report = envelope(
            "<m:EpisodicContextReport><x:Metadata><x:MetadataSection><d:ThisModel><d:Manufacturer>HOUSE</d:Manufacturer></d:ThisModel></x:MetadataSection></x:Metadata></m:EpisodicContextReport>",
        );
        assert_eq!(read(&report), []);
        let probe = envelope("<d:Probe><d:Types>p:Device</d:Types></d:Probe>");
        assert_eq!(read(&probe), []);
    }

    #[test]
    fn matches_are_known_on_any_port() {
        let one = hello("10.0.0.1")
            .replace("<d:Hello>", "<d:ProbeMatches><d:ProbeMatch>")
            .replace("</d:Hello>", "</d:ProbeMatch></d:ProbeMatches>");
        assert_eq!(trial::datagram(&DATAGRAM, one.as_bytes(), (40_000, 50_000)), None);
        let spaced = one
            .replace("<s:Body>", "<s:Body xmlns:d='http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01'>");
        assert_eq!(
            trial::datagram(&DATAGRAM, spaced.as_bytes(), (40_000, 50_000)).map(|said| said.len()),
            Some(5)
        );
    }

    #[test]
    fn a_flood_of_matches_is_bounded() {
        let part = format!("<d:ProbeMatch><d:Scopes>{}</d:Scopes></d:ProbeMatch>", "x".repeat(5000));
        let flood = envelope(&format!("<d:ProbeMatches>{}</d:ProbeMatches>", part.repeat(100)));
        let (mut xml, mut soap) = (Xml::default(), Soap::default());
        xml.read(flood.as_bytes(), &mut soap);
        let held: usize = soap.endpoints.iter().map(Endpoint::size).sum();
        assert!(!soap.endpoints.is_empty() && held <= MOST_HELD, "{held}");
    }

    #[test]
    fn urls_name_hosts() {
        assert_eq!(host_of("http://10.0.0.9:80/x"), Some([10, 0, 0, 9].into()));
        assert_eq!(host_of("https://[fe80::1%25eth0]:80/x"), Some("fe80::1".parse().unwrap()));
        assert_eq!(host_of("http://name/10.0.0.9"), None);
        assert_eq!(host_of("10.0.0.9"), None);
    }

    proptest! {
        #[test]
        fn damage_and_noise_are_survived(
            at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>(),
            noise in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            let mut bytes = [hello("10.0.0.1"), mdib(&mds("SN1234"))][usize::from(byte & 1)].clone().into_bytes();
            let index = at.index(bytes.len());
            bytes[index] = byte;
            bytes.truncate(cut.index(bytes.len() + 1));
            for bytes in [bytes, noise] {
                let said = trial::visit((3702, 3702), |visit| super::read(&bytes, visit));
                prop_assert!(said.iter().all(|one| !one.2.contains("HOUSE") && !one.2.contains("PH0001")), "{:?}", said);
                let _ = probe(&bytes);
            }
        }
    }
}
