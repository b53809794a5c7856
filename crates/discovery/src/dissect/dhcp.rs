//! DHCP for IPv4 (RFC 2131; options of RFC 2132, 3396, 3046, 3925, 4361, 4388, 4578, 4702, 8520) and plain BOOTP (RFC 951).
//!
//! Copied: the client's hardware address (chaddr); the address that it is given, says it has or asks for (yiaddr, ciaddr, option
//! 50); options 12 host name, 55 parameter list, 60 vendor class, 61 client identifier if it is a hardware address or a unique id,
//! 77 user class, 81 full name, 82 the relay's circuit, remote and subscriber id, 93 architecture, 97 machine id, 124 vendor classes,
//! 125 serial number and product class (Broadband Forum), 161 URL of the maker's usage description; of a server its identifier (54).
//! 52 and 53 say where more options lie and what kind of message it is. The device is always chaddr, never the frame's sender, which
//! may be a relay or the server. What a server tells of a lease (RFC 4388) describes the client; what is asked about one says nothing.

use super::duid::UniqueId;
use super::{DatagramProtocol, Probe, Visit, relay_agent, text};
use crate::notes::{At, Notes, Who};
use std::net::{IpAddr, Ipv4Addr};
use tallyward_core::{Field, Mac, SourceKind};

/// The fixed part, as long as BOOTP's without its vendor area.
const FIXED: usize = 236;
const OPTIONS: usize = 240;
const COOKIE: [u8; 4] = [0x63, 0x82, 0x53, 0x63];
const ASKS: u8 = 1;
const ANSWERS: u8 = 2;
/// Message types (option 53); 0 is BOOTP.
const BOOTP: u8 = 0;
const REQUEST: u8 = 3;
const ACK: u8 = 5;
const INFORM: u8 = 8;
const LEASE_QUERY: u8 = 10;
const LEASE_ACTIVE: u8 = 13;
/// Broadband Forum, in option 125.
const BROADBAND_FORUM: [u8; 4] = [0, 0, 0x0d, 0xe9];

/// The options of one message; a repeated one is the continuation of the first (RFC 3396).
#[derive(Default)]
struct Options {
    host: Vec<u8>,
    requested: Vec<u8>,
    overload: u8,
    kind: u8,
    server: Vec<u8>,
    parameters: Vec<u8>,
    class: Vec<u8>,
    client: Vec<u8>,
    user: Vec<u8>,
    domain: Vec<u8>,
    relay: Vec<u8>,
    architecture: Vec<u8>,
    machine: Vec<u8>,
    vendor_classes: Vec<u8>,
    vendor_options: Vec<u8>,
    usage: Vec<u8>,
}

/// DHCP for IPv4, whatever its ports.
pub(crate) const DATAGRAM: DatagramProtocol = DatagramProtocol {
    name: "dhcp",
    ports: &[67, 68],
    probe,
    read: |data, visit| {
        read(data, visit);
    },
};

fn probe(data: &[u8]) -> Probe {
    match (data.get(..4), data.get(FIXED..OPTIONS)) {
        (Some([ASKS | ANSWERS, ..]), Some(cookie)) if cookie == COOKIE => Probe::Yes,
        // Plain BOOTP: Ethernet, few hops, a vendor area of 64 bytes that is not used.
        (Some([ASKS | ANSWERS, 1, 6, 0..=16]), Some([0, 0, 0, 0])) if data.len() >= 300 => Probe::Maybe,
        _ => Probe::No,
    }
}

/// Notes what a message says about its client; `None` when it names none, or no address that is certain.
fn read(data: &[u8], visit: &mut Visit<'_>) -> Option<()> {
    let at = At::of(visit);
    let head = data.first_chunk::<OPTIONS>()?;
    let options = Options::of(head, &data[OPTIONS..]);
    visit.shared.opener = Some(if head[0] == ASKS { visit.sender } else { visit.receiver });
    let hardware = match (head[1], head[2]) {
        (1 | 6, 6) => Mac([head[28], head[29], head[30], head[31], head[32], head[33]]),
        _ => Mac([0; 6]),
    };
    let named = match options.client[..] {
        [1, a, b, c, d, e, f] => Some(Mac([a, b, c, d, e, f])),
        _ => None,
    };
    let notes = &mut *visit.notes;
    if head[0] == ANSWERS {
        options.tell_server(at, notes);
    }
    let mac = if hardware.is_junk() { named.filter(|mac| !mac.is_junk())? } else { hardware };
    let card = Who::Card(mac);
    match (head[0], options.kind) {
        // Who asks about a lease speaks of somebody else, and lists what it wants to know.
        (ASKS, LEASE_QUERY) => return None,
        (ASKS, _) => options.tell(card, at, notes),
        (_, LEASE_ACTIVE) => options.tell_lease(card, at, notes),
        _ => {}
    }
    options.tell_port(card, at, notes);
    if let Some(other) = named.filter(|other| *other != mac && !other.is_junk()) {
        let basis = "DHCP option 61";
        notes.say(card, Field::MacAddress, &other.to_string(), SourceKind::WireNetwork, basis, at);
    }
    let client = Ipv4Addr::new(head[12], head[13], head[14], head[15]);
    let yours = Ipv4Addr::new(head[16], head[17], head[18], head[19]);
    let (address, basis) = match (head[0], options.kind) {
        (ANSWERS, ACK) if !yours.is_unspecified() => (yours, "DHCP ACK"),
        (ANSWERS, BOOTP) if !yours.is_unspecified() => (yours, "BOOTP reply"),
        (ANSWERS, LEASE_ACTIVE) if !client.is_unspecified() => (client, "DHCP lease query"),
        (ANSWERS, ACK) | (ASKS, REQUEST | INFORM | BOOTP) if !client.is_unspecified() => {
            (client, "DHCP ciaddr")
        }
        _ => return None,
    };
    notes.say(card, Field::IpAddress, &address.to_string(), SourceKind::WireNetwork, basis, at);
    notes.claim(mac, IpAddr::V4(address), at);
    Some(())
}

impl Options {
    /// Options behind the cookie, then those in the fields for file and server name, if option 52 says so.
    fn of(head: &[u8; OPTIONS], rest: &[u8]) -> Self {
        let mut options = Self::default();
        if head[FIXED..] != COOKIE {
            return options;
        }
        options.read(rest);
        if options.overload & 1 != 0 {
            options.read(&head[108..FIXED]);
        }
        if options.overload & 2 != 0 {
            options.read(&head[44..108]);
        }
        options
    }

    fn read(&mut self, mut rest: &[u8]) {
        while let [code, tail @ ..] = rest {
            rest = match (code, tail) {
                (0, _) => tail,
                (255, _) | (_, []) => return,
                (_, [length, tail @ ..]) => {
                    let Some(value) = tail.get(..usize::from(*length)) else { return };
                    self.put(*code, value);
                    &tail[value.len()..]
                }
            };
        }
    }

    fn put(&mut self, code: u8, value: &[u8]) {
        let first = value.first().copied().unwrap_or_default();
        let long = match code {
            50 => return self.requested = value.to_vec(),
            52 => return self.overload = first,
            53 => return self.kind = first,
            54 => return self.server = value.to_vec(),
            12 => &mut self.host,
            55 => &mut self.parameters,
            60 => &mut self.class,
            61 => &mut self.client,
            77 => &mut self.user,
            81 => &mut self.domain,
            82 => &mut self.relay,
            93 => &mut self.architecture,
            97 => &mut self.machine,
            124 => &mut self.vendor_classes,
            125 => &mut self.vendor_options,
            161 => &mut self.usage,
            _ => return,
        };
        long.extend(value);
    }

    /// What a client says of itself.
    fn tell(&self, card: Who, at: At, notes: &mut Notes) {
        let mut say = |field, value: Option<String>, kind, basis| {
            if let Some(value) = value {
                notes.say(card, field, &value, kind, basis, at);
            }
        };
        let (wire, device) = (SourceKind::WireNetwork, SourceKind::WireDevice);
        say(Field::HostName, text(&self.host), wire, "DHCP option 12");
        say(Field::HostName, self.full_name(), wire, "DHCP option 81");
        say(Field::DhcpVendorClass, text(&self.class), wire, "DHCP option 60");
        let list: Vec<String> = self.parameters.iter().map(u8::to_string).collect();
        say(Field::DhcpParameters, (!list.is_empty()).then(|| list.join(",")), wire, "DHCP option 55");
        say(Field::DhcpUniqueId, self.unique_id(), wire, "DHCP option 61");
        say(Field::SystemDescription, self.user_class(), wire, "DHCP option 77");
        say(Field::SystemDescription, self.architecture(), wire, "DHCP option 93");
        say(Field::DhcpUniqueId, self.machine_id(), wire, "DHCP option 97");
        for class in vendor_classes(&self.vendor_classes) {
            say(Field::DhcpVendorClass, Some(class), wire, "DHCP option 124");
        }
        let [serial, product] = broadband(&self.vendor_options);
        say(Field::Serial, serial, device, "DHCP option 125");
        say(Field::Model, product, device, "DHCP option 125");
        let url = text(&self.usage).filter(|url| url.starts_with("https://") && !url.contains(' '));
        say(Field::SystemDescription, url, wire, "DHCP option 161");
        // Asked for, not yet given.
        if let (REQUEST, &[a, b, c, d]) = (self.kind, &self.requested[..]) {
            let address = Ipv4Addr::new(a, b, c, d);
            say(Field::IpAddress, Some(address.to_string()), SourceKind::Guess, "DHCP option 50");
        }
    }

    /// What a server remembers of a client.
    fn tell_lease(&self, card: Who, at: At, notes: &mut Notes) {
        let basis = "DHCP lease query";
        for (field, bytes) in [(Field::HostName, &self.host), (Field::DhcpVendorClass, &self.class)] {
            if let Some(value) = text(bytes) {
                notes.say(card, field, &value, SourceKind::WireNetwork, basis, at);
            }
        }
    }

    /// What the relay says about where the client is.
    fn tell_port(&self, card: Who, at: At, notes: &mut Notes) {
        let part = |wanted: u8| pairs(&self.relay).find(|(code, _)| *code == wanted).map(|(_, value)| value);
        let mut say = |value: Option<String>, basis| {
            if let Some(value) = value {
                notes.say(card, Field::SwitchPort, &value, SourceKind::WireNetwork, basis, at);
            }
        };
        say(relay_agent::port(part(2), part(1)), "DHCP option 82");
        say(part(6).and_then(relay_agent::readable), "DHCP option 82 subscriber id");
    }

    /// The server names itself, whoever passes its answer on.
    fn tell_server(&self, at: At, notes: &mut Notes) {
        if let &[a, b, c, d] = &self.server[..] {
            let who = Who::At { mac: None, address: IpAddr::from([a, b, c, d]) };
            let (role, basis) = ("DHCP server", "DHCP option 54");
            notes.say(who, Field::NetworkRole, role, SourceKind::WireNetwork, basis, at);
        }
    }

    /// Option 61 of type 255 (RFC 4361): four bytes for the interface, then a unique id.
    fn unique_id(&self) -> Option<String> {
        match &self.client[..] {
            [255, _, _, _, _, id @ ..] => UniqueId::new(id).map(|id| id.text()),
            _ => None,
        }
    }

    /// Option 97: type 0, then the machine's UUID.
    fn machine_id(&self) -> Option<String> {
        let (0, uuid) = self.machine.split_first().map(|(kind, rest)| (*kind, rest))? else { return None };
        UniqueId::of_uuid(uuid.try_into().ok()?).map(|id| id.text())
    }

    /// Option 77: by the standard parts with a length each, in practice often bare text.
    fn user_class(&self) -> Option<String> {
        let parts: Vec<String> = counted(&self.user).filter_map(text).collect();
        let length: usize = counted(&self.user).map(|part| part.len() + 1).sum();
        if length == self.user.len() { Some(parts.join("; ")) } else { text(&self.user) }
            .filter(|said| !said.is_empty())
    }

    /// Option 93 (RFC 4578 section 2.1, IANA): what a machine is that starts from the network.
    fn architecture(&self) -> Option<String> {
        let kind = match self.architecture[..] {
            [0, 0, ..] => "x86 BIOS",
            [0, 6, ..] => "x86 UEFI",
            [0, 7 | 9, ..] => "x86-64 UEFI",
            [0, 10, ..] => "ARM UEFI",
            [0, 11, ..] => "ARM64 UEFI",
            [0, 15, ..] => "x86 UEFI, HTTP",
            [0, 16, ..] => "x86-64 UEFI, HTTP",
            [0, 18, ..] => "ARM UEFI, HTTP",
            [0, 19, ..] => "ARM64 UEFI, HTTP",
            _ => return None,
        };
        Some(format!("starts from the network ({kind})"))
    }

    /// Option 81: flags and two result codes, then a name, in DNS labels when the E flag (4) is set.
    fn full_name(&self) -> Option<String> {
        let [flags, _, _, name @ ..] = &self.domain[..] else { return None };
        if flags & 4 == 0 { text(name) } else { labels(name) }
    }
}

/// A name in DNS labels without compression (RFC 1035 section 3.1).
pub(crate) fn labels(name: &[u8]) -> Option<String> {
    let mut labels = Vec::new();
    let mut rest = name.get(..255).unwrap_or(name);
    while let [length @ 1..=63, tail @ ..] = rest {
        let label = tail.get(..usize::from(*length))?;
        labels.push(text(label)?);
        rest = &tail[label.len()..];
    }
    (!labels.is_empty()).then(|| labels.join("."))
}

/// Code, length, value.
fn pairs(mut rest: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    std::iter::from_fn(move || {
        let [code, length, tail @ ..] = rest else { return None };
        let value = tail.get(..usize::from(*length))?;
        rest = &tail[value.len()..];
        Some((*code, value))
    })
}

/// Length, value.
fn counted(mut rest: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let [length, tail @ ..] = rest else { return None };
        let value = tail.get(..usize::from(*length))?;
        rest = &tail[value.len()..];
        Some(value)
    })
}

/// Enterprise number, length, data (RFC 3925), of as many makers as there are.
fn enterprises(mut rest: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    std::iter::from_fn(move || {
        let [a, b, c, d, length, tail @ ..] = rest else { return None };
        let value = tail.get(..usize::from(*length))?;
        rest = &tail[value.len()..];
        Some(([*a, *b, *c, *d], value))
    })
}

fn vendor_classes(option: &[u8]) -> Vec<String> {
    enterprises(option).flat_map(|(_, data)| counted(data)).filter_map(text).take(8).collect()
}

/// Serial number and product class as Broadband Forum TR-069 puts them into option 125.
fn broadband(option: &[u8]) -> [Option<String>; 2] {
    let find = |wanted: u8| {
        let own = enterprises(option).filter(|(enterprise, _)| *enterprise == BROADBAND_FORUM);
        own.flat_map(|(_, data)| pairs(data))
            .find(|(code, _)| *code == wanted)
            .and_then(|(_, value)| text(value))
    };
    [find(2), find(3)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dissect::trial;
    use proptest::prelude::*;

    const CARD: &str = "mac|02:00:00:00:00:05";

    fn message(op: u8, client: [u8; 4], yours: [u8; 4], options: &[(u8, &[u8])]) -> Vec<u8> {
        let mut out = vec![op, 1, 6, 0, 1, 2, 3, 4, 0, 0, 0, 0];
        out.extend(client);
        out.extend(yours);
        out.extend([0; 8]);
        out.extend([2, 0, 0, 0, 0, 5]);
        out.resize(FIXED, 0);
        out.extend(COOKIE);
        for (code, value) in options {
            out.extend([*code, value.len() as u8]);
            out.extend(*value);
        }
        out.push(255);
        out
    }

    fn told(bytes: &[u8]) -> Vec<(String, Field, String)> {
        let said = trial::datagram(&DATAGRAM, bytes, (68, 67)).expect("its own probe knows it");
        said.into_iter().map(|(subject, field, value, _)| (subject, field, value)).collect()
    }

    fn own(field: Field, value: &str) -> (String, Field, String) {
        (CARD.to_owned(), field, value.to_owned())
    }

    #[test]
    fn a_client_tells_all_that_identifies_it() {
        let forum = [&BROADBAND_FORUM[..], &[14, 2, 5], b"SN-77", &[3, 5], b"HUB-9"].concat();
        let classes = [&[0, 0, 1, 55, 6, 5][..], b"first", &[0, 0, 1, 56, 7, 6], b"second"].concat();
        let machine = [&[0][..], &[7; 16]].concat();
        let client = [&[255, 0, 0, 0, 1][..], &[0, 3, 0, 1, 2, 0, 0, 0, 0, 6]].concat();
        let told = told(&message(
            ASKS,
            [0; 4],
            [0; 4],
            &[
                (53, &[1]),
                (61, &client),
                (77, b"\x04iPXE"),
                (82, b"\x01\x07Gi1/0/5\x02\x03sw1\x06\x04bed7"),
                (93, &[0, 7]),
                (97, &machine),
                (124, &classes),
                (125, &forum),
                (161, b"https://maker.example/pump.json"),
            ],
        ));
        let mut want = vec![
            own(Field::Model, "HUB-9"),
            own(Field::Serial, "SN-77"),
            own(Field::DhcpVendorClass, "first"),
            own(Field::DhcpVendorClass, "second"),
            own(Field::DhcpUniqueId, "00030001020000000006"),
            own(Field::DhcpUniqueId, "000407070707070707070707070707070707"),
            own(Field::SystemDescription, "https://maker.example/pump.json"),
            own(Field::SystemDescription, "iPXE"),
            own(Field::SystemDescription, "starts from the network (x86-64 UEFI)"),
            own(Field::SwitchPort, "bed7"),
            own(Field::SwitchPort, "sw1 Gi1/0/5"),
        ];
        want.sort();
        assert_eq!(told, want);
    }

    #[test]
    fn the_kind_of_message_decides_whether_an_address_is_held() {
        let address = |op, client, yours, kind: u8| {
            let all = told(&message(op, client, yours, &[(53, &[kind])]));
            all.into_iter().find(|(_, field, _)| *field == Field::IpAddress).map(|(.., value)| value)
        };
        let (none, own, yours) = ([0; 4], [10, 0, 0, 5], [10, 0, 0, 6]);
        assert_eq!(address(ASKS, own, none, INFORM).as_deref(), Some("10.0.0.5"));
        assert_eq!(address(ASKS, own, none, 7), None, "released");
        assert_eq!(address(ASKS, own, none, 1), None, "discovering");
        assert_eq!(address(ANSWERS, none, yours, 2), None, "only offered");
        assert_eq!(address(ANSWERS, none, yours, ACK).as_deref(), Some("10.0.0.6"));
        assert_eq!(address(ANSWERS, own, none, LEASE_ACTIVE).as_deref(), Some("10.0.0.5"));
        assert_eq!(address(ANSWERS, own, none, 12), None, "unknown to the server");
    }

    #[test]
    fn a_question_about_a_lease_says_nothing_of_the_client() {
        assert_eq!(
            told(&message(ASKS, [0; 4], [0; 4], &[(53, &[LEASE_QUERY]), (55, &[1, 3]), (12, b"other")])),
            []
        );
        let answer = message(
            ANSWERS,
            [10, 0, 0, 5],
            [0; 4],
            &[(53, &[LEASE_ACTIVE]), (54, &[10, 0, 0, 1]), (12, b"pump-7"), (55, &[1, 3])],
        );
        let mut want = vec![
            own(Field::HostName, "pump-7"),
            own(Field::IpAddress, "10.0.0.5"),
            (trial::SENDER.to_owned(), Field::NetworkRole, "DHCP server".to_owned()),
        ];
        want.sort();
        assert_eq!(told(&answer), want);
    }

    #[test]
    fn plain_bootp_is_known_on_its_ports_only() {
        let mut bytes = message(ANSWERS, [0; 4], [10, 0, 0, 6], &[]);
        bytes.truncate(FIXED);
        bytes.resize(300, 0);
        assert_eq!(told(&bytes), [own(Field::IpAddress, "10.0.0.6")]);
        assert!(trial::datagram(&DATAGRAM, &bytes, (5_000, 6_000)).is_none());
    }

    #[test]
    fn options_lie_in_the_fields_for_names_too() {
        let mut bytes = message(ASKS, [0; 4], [0; 4], &[(53, &[1]), (52, &[3]), (12, b"pump")]);
        bytes[108..113].copy_from_slice(&[60, 2, b'a', b'b', 255]);
        bytes[44..50].copy_from_slice(&[12, 3, b'-', b'0', b'7', 255]);
        assert_eq!(told(&bytes), [own(Field::HostName, "pump-07"), own(Field::DhcpVendorClass, "ab")]);
    }

    proptest! {
        #[test]
        fn noise_in_the_options_is_survived(
            op in 1u8..3, kind in 0u8..15, noise in prop::collection::vec(any::<u8>(), 0..300),
            code in prop::sample::select(vec![61u8, 77, 81, 82, 93, 97, 124, 125, 161]),
        ) {
            let value = noise.get(..200).unwrap_or(&noise);
            let mut bytes = message(op, [10, 0, 0, 5], [0; 4], &[(53, &[kind]), (52, &[3]), (code, value)]);
            bytes.extend(&noise);
            let _ = trial::datagram(&DATAGRAM, &bytes, (68, 67));
        }
    }
}
