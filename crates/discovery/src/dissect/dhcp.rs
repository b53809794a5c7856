//! DHCP for IPv4 (RFC 2131, options RFC 2132, 4702, 3396).
//!
//! Copied: the client's hardware address (chaddr), the address it is given or asks for (yiaddr, ciaddr, option 50), options 12
//! host name, 53 message type, 55 parameter list, 60 vendor class, 61 client identifier when it is a hardware address, 81 FQDN;
//! 52 says where more options lie. The device is always chaddr, never the frame's sender, which may be a relay or the server.

use super::{DatagramProtocol, Probe, Visit, text};
use crate::notes::{At, Notes, Who};
use std::net::{IpAddr, Ipv4Addr};
use tallyward_core::{Field, Mac, SourceKind};

const OPTIONS: usize = 240;
const COOKIE: [u8; 4] = [0x63, 0x82, 0x53, 0x63];
const REQUEST: u8 = 3;
const ACK: u8 = 5;

/// The options of one message; a repeated one is the continuation of the first (RFC 3396).
#[derive(Default)]
struct Options {
    host: Vec<u8>,
    requested: Vec<u8>,
    overload: u8,
    kind: u8,
    parameters: Vec<u8>,
    class: Vec<u8>,
    client: Vec<u8>,
    domain: Vec<u8>,
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
    let is = matches!(data.first(), Some(1 | 2)) && data.get(OPTIONS - 4..OPTIONS) == Some(&COOKIE[..]);
    if is { Probe::Yes } else { Probe::No }
}

/// Notes what a message says about its client; `None` when it names none, or no address that is certain.
fn read(data: &[u8], visit: &mut Visit<'_>) -> Option<()> {
    let at = At::of(visit);
    let head = data.first_chunk::<OPTIONS>()?;
    let mut options = Options::default();
    options.read(&data[OPTIONS..]);
    if options.overload & 1 != 0 {
        options.read(&head[108..236]);
    }
    if options.overload & 2 != 0 {
        options.read(&head[44..108]);
    }
    let hardware = match (head[1], head[2]) {
        (1, 6) => Mac([head[28], head[29], head[30], head[31], head[32], head[33]]),
        _ => Mac([0; 6]),
    };
    let named = match options.client[..] {
        [1, a, b, c, d, e, f] => Some(Mac([a, b, c, d, e, f])),
        _ => None,
    };
    let mac = if hardware.is_junk() { named.filter(|mac| !mac.is_junk())? } else { hardware };
    let card = Who::Card(mac);
    visit.shared.opener = Some(if head[0] == 1 { visit.sender } else { visit.receiver });
    let notes = &mut *visit.notes;
    if head[0] == 1 {
        options.tell(card, at, notes);
        if let Some(other) = named.filter(|other| *other != mac && !other.is_junk()) {
            let basis = "DHCP option 61";
            notes.say(card, Field::MacAddress, &other.to_string(), SourceKind::WireNetwork, basis, at);
        }
    }
    let client = Ipv4Addr::new(head[12], head[13], head[14], head[15]);
    let yours = Ipv4Addr::new(head[16], head[17], head[18], head[19]);
    let (address, basis) = match (head[0], options.kind) {
        (2, ACK) if !yours.is_unspecified() => (yours, "DHCP ACK"),
        (2, ACK) | (1, REQUEST) if !client.is_unspecified() => (client, "DHCP ciaddr"),
        _ => return None,
    };
    notes.say(card, Field::IpAddress, &address.to_string(), SourceKind::WireNetwork, basis, at);
    notes.claim(mac, IpAddr::V4(address), at);
    Some(())
}

impl Options {
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
        match code {
            12 => self.host.extend(value),
            50 => self.requested = value.to_vec(),
            52 => self.overload = first,
            53 => self.kind = first,
            55 => self.parameters.extend(value),
            60 => self.class.extend(value),
            61 => self.client.extend(value),
            81 => self.domain.extend(value),
            _ => {}
        }
    }

    fn tell(&self, card: Who, at: At, notes: &mut Notes) {
        let mut say = |field, value: Option<String>, kind, basis| {
            if let Some(value) = value {
                notes.say(card, field, &value, kind, basis, at);
            }
        };
        let wire = SourceKind::WireNetwork;
        say(Field::HostName, text(&self.host), wire, "DHCP option 12");
        say(Field::HostName, self.full_name(), wire, "DHCP option 81");
        say(Field::DhcpVendorClass, text(&self.class), wire, "DHCP option 60");
        let list: Vec<String> = self.parameters.iter().map(u8::to_string).collect();
        say(Field::DhcpParameters, (!list.is_empty()).then(|| list.join(",")), wire, "DHCP option 55");
        // Asked for, not yet given.
        if let (REQUEST, &[a, b, c, d]) = (self.kind, &self.requested[..]) {
            let address = Ipv4Addr::new(a, b, c, d);
            say(Field::IpAddress, Some(address.to_string()), SourceKind::Guess, "DHCP option 50");
        }
    }

    /// Option 81: flags and two result codes, then a name, in DNS labels when the E flag (4) is set.
    fn full_name(&self) -> Option<String> {
        let [flags, _, _, name @ ..] = &self.domain[..] else { return None };
        if flags & 4 == 0 {
            return text(name);
        }
        let mut labels = Vec::new();
        let mut rest = name;
        while let [length @ 1..=63, tail @ ..] = rest {
            let label = tail.get(..usize::from(*length))?;
            labels.push(text(label)?);
            rest = &tail[label.len()..];
        }
        (!labels.is_empty()).then(|| labels.join("."))
    }
}
