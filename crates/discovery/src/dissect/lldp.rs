//! LLDP (IEEE 802.1AB clause 8) with the inventory of LLDP-MED (ANSI/TIA-1057 clause 10.2).
//!
//! Copied: chassis id if it is a card, system name, system description, enabled capabilities, management addresses; of LLDP-MED the
//! hardware, firmware and software revision, serial number, manufacturer, model, asset id, and a civic address if an endpoint sends
//! it: a switch tells the endpoint where that is, not where itself is. All of it describes the sender, which is the card that the
//! frame came from. Ports, policies, power and everything else are passed over.

use super::{FrameProtocol, FrameVisit, text};
use crate::equipment::own_key;
use crate::notes::Who;
use std::net::IpAddr;
use tallyward_core::{Field, Key, Mac, SourceKind};
use tallyward_identity::junk::{is_junk, is_junk_mac, is_junk_serial};

/// LLDP by its EtherType.
pub(crate) const FRAME: FrameProtocol = FrameProtocol {
    kind: 0x88cc,
    read: |data, visit| {
        read(data, visit);
    },
};

/// Elements read of one frame; real ones have a dozen or two.
const MOST: usize = 128;
const MED: [u8; 3] = [0x00, 0x12, 0xbb];
/// The LLDP-MED device type of switches and access points; smaller ones are endpoints.
const CONNECTIVITY: u8 = 4;

fn read(data: &[u8], visit: &mut FrameVisit<'_>) -> Option<()> {
    let chassis = match elements(data).next()? {
        (1, [4, a, b, c, d, e, f]) => Some(Mac([*a, *b, *c, *d, *e, *f])).filter(|mac| !is_junk_mac(*mac)),
        (1, _) => None,
        _ => return None,
    };
    let card = visit.source.or(chassis)?;
    if let Some(chassis) = chassis.filter(|chassis| *chassis != card) {
        // Every port of a switch has a card of its own; the chassis is what they belong to.
        let key = Key::Mac(chassis).to_string();
        visit.say(card, Field::Key, &key, SourceKind::WireNetwork, "LLDP chassis id");
    }
    let mut inventory = Inventory::default();
    for (kind, value) in elements(data) {
        match (kind, value) {
            (5, name) => say_text(visit, card, Field::HostName, name, "LLDP system name"),
            (6, words) => say_text(visit, card, Field::SystemDescription, words, "LLDP system description"),
            (7, [_, _, high, low, ..]) => roles(u16::from_be_bytes([*high, *low]), card, visit),
            (8, value) => {
                if let Some(address) = management(value) {
                    let (wire, basis) = (SourceKind::WireNetwork, "LLDP management address");
                    visit.say(card, Field::IpAddress, &address.to_string(), wire, basis);
                }
            }
            (127, [a, b, c, subtype, value @ ..]) if [*a, *b, *c] == MED => inventory.put(*subtype, value),
            _ => {}
        }
    }
    inventory.tell(card, visit);
    Some(())
}

/// Type and value of each element, up to the end mark or the first that is cut.
fn elements(mut rest: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    std::iter::from_fn(move || {
        let [high, low, tail @ ..] = rest else { return None };
        let head = u16::from_be_bytes([*high, *low]);
        let value = tail.get(..usize::from(head & 0x1ff)).filter(|_| head >> 9 != 0)?;
        rest = &tail[value.len()..];
        Some(((head >> 9) as u8, value))
    })
    .take(MOST)
}

fn say_text(visit: &mut FrameVisit<'_>, card: Mac, field: Field, bytes: &[u8], basis: &'static str) {
    if let Some(said) = text(bytes).filter(|said| !is_junk(said)) {
        visit.say(card, field, &said, SourceKind::WireNetwork, basis);
    }
}

fn roles(enabled: u16, card: Mac, visit: &mut FrameVisit<'_>) {
    const NAMES: [(u16, &str); 7] = [
        (1, "repeater"),
        (2, "bridge"),
        (3, "access point"),
        (4, "router"),
        (5, "telephone"),
        (6, "cable modem"),
        (7, "station"),
    ];
    for (bit, name) in NAMES {
        if enabled >> bit & 1 != 0 {
            visit.say(card, Field::NetworkRole, name, SourceKind::WireNetwork, "LLDP capabilities");
        }
    }
}

/// Length with the family, the family (IANA: 1 is IPv4, 2 is IPv6), the address.
fn management(value: &[u8]) -> Option<IpAddr> {
    let address = match value {
        [5, 1, rest @ ..] => IpAddr::from(*rest.first_chunk::<4>()?),
        [17, 2, rest @ ..] => IpAddr::from(*rest.first_chunk::<16>()?),
        _ => return None,
    };
    (!address.is_unspecified() && !address.is_loopback() && !address.is_multicast()).then_some(address)
}

/// What LLDP-MED says of the hardware.
#[derive(Debug, Default)]
struct Inventory {
    kind: u8,
    /// By subtype, from 5 (hardware revision) to 11 (asset id).
    values: [Option<String>; 7],
    address: Option<String>,
}

impl Inventory {
    fn put(&mut self, subtype: u8, value: &[u8]) {
        match (subtype, value) {
            (1, [_, _, kind, ..]) => self.kind = *kind,
            (3, [2, civic @ ..]) => self.address = civic_address(civic),
            (5..=11, _) => {
                let junk = if subtype == 8 { is_junk_serial } else { is_junk };
                let fits = |said: &String| !junk(said);
                self.values[usize::from(subtype - 5)] = text(value).filter(fits);
            }
            _ => {}
        }
    }

    fn tell(self, card: Mac, visit: &mut FrameVisit<'_>) {
        const FIELDS: [(Field, &str); 7] = [
            (Field::HardwareVersion, "LLDP-MED hardware revision"),
            (Field::ComponentVersion, "LLDP-MED firmware revision"),
            (Field::SoftwareVersion, "LLDP-MED software revision"),
            (Field::Serial, "LLDP-MED serial number"),
            (Field::Manufacturer, "LLDP-MED manufacturer"),
            (Field::Model, "LLDP-MED model"),
            (Field::AssetTag, "LLDP-MED asset id"),
        ];
        for ((field, basis), value) in FIELDS.into_iter().zip(&self.values) {
            let Some(value) = value else { continue };
            let firmware = (field == Field::ComponentVersion).then(|| format!("firmware {value}"));
            visit.say(card, field, firmware.as_ref().unwrap_or(value), SourceKind::WireDevice, basis);
        }
        let [.., serial, maker, model, _] = &self.values;
        if let (Some(serial), Some(maker), Some(model)) = (serial, maker, model)
            && let Some(key) = own_key(maker, model, serial)
        {
            let basis = "LLDP-MED serial number";
            visit.say(card, Field::Key, &key.to_string(), SourceKind::WireDevice, basis);
        }
        if let Some(address) = self.address.filter(|_| self.kind != 0 && self.kind < CONNECTIVITY) {
            let basis = "LLDP-MED location";
            visit.say(card, Field::StatedLocation, &address, SourceKind::WireNetwork, basis);
        }
    }
}

/// A civic address (RFC 4776): length, whose it is, country, then elements of type, length and value. Those of the place are put
/// together from the larger to the smaller; the names of residents (23) and the like are not copied.
fn civic_address(value: &[u8]) -> Option<String> {
    let [length, _, _, _, rest @ ..] = value else { return None };
    let mut rest = rest.get(..usize::from(*length).saturating_sub(3)).unwrap_or(rest);
    let mut parts: Vec<(u8, String)> = Vec::new();
    while let [kind, length, tail @ ..] = rest {
        let Some(value) = tail.get(..usize::from(*length)) else { break };
        rest = &tail[value.len()..];
        // City, borough, street, number, landmark; building, unit, floor, room, seat.
        if matches!(kind, 3 | 4 | 6 | 19 | 21 | 25..=28 | 33)
            && parts.len() < 16
            && let Some(part) = text(value)
        {
            parts.push((*kind, part));
        }
    }
    parts.sort_by_key(|(kind, _)| *kind);
    let parts: Vec<String> = parts.into_iter().map(|(_, part)| part).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

impl FrameVisit<'_> {
    /// Notes what a card says of itself.
    pub(crate) fn say(
        &mut self,
        card: Mac,
        field: Field,
        value: &str,
        kind: SourceKind,
        basis: &'static str,
    ) {
        self.notes.say(Who::Card(card), field, value, kind, basis, self.at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dissect::trial;
    use proptest::prelude::*;

    fn element(kind: u8, value: &[u8]) -> Vec<u8> {
        let head = u16::from(kind) << 9 | value.len() as u16;
        [&head.to_be_bytes()[..], value].concat()
    }

    fn med(subtype: u8, value: &[u8]) -> Vec<u8> {
        element(127, &[&MED[..], &[subtype], value].concat())
    }

    /// What an infusion pump's gateway might send; made up from the standard.
    fn sample(kind: u8) -> Vec<u8> {
        let civic = [&[2, 24, 2, b'D', b'E'][..], &[28, 2, b'1', b'7', 25, 5], b"North", &[23, 6], b"Nobody"];
        [
            element(1, &[4, 2, 0, 0, 0, 0, 8]),
            element(2, &[5, b'e', b'0']),
            element(3, &[0, 120]),
            element(5, b"pump-gw-4"),
            element(6, b"Pump gateway"),
            element(7, &[0, 0x84, 0, 0x20]),
            element(8, &[5, 1, 10, 0, 0, 7, 2, 0, 0, 0, 1, 0]),
            med(1, &[0, 0x33, kind]),
            med(3, &civic.concat()),
            med(5, b"rev C"),
            med(6, b"1.2"),
            med(7, b"4.5.6"),
            med(8, b"SN-4711"),
            med(9, b"ACME Medical"),
            med(10, b"PG-100"),
            med(11, b"BME-0815"),
            vec![0, 0],
        ]
        .concat()
    }

    fn told(bytes: &[u8]) -> Vec<(Field, String)> {
        let all = trial::frame(&FRAME, bytes);
        all.into_iter()
            .map(|(subject, field, value, _)| {
                assert_eq!(subject, trial::CARD);
                (field, value)
            })
            .collect()
    }

    #[test]
    fn an_endpoint_says_what_it_is_and_where() {
        let told = told(&sample(1));
        for (field, value) in [
            (Field::Key, "mac|02:00:00:00:00:08"),
            (Field::HostName, "pump-gw-4"),
            (Field::SystemDescription, "Pump gateway"),
            (Field::NetworkRole, "telephone"),
            (Field::IpAddress, "10.0.0.7"),
            (Field::HardwareVersion, "rev C"),
            (Field::ComponentVersion, "firmware 1.2"),
            (Field::SoftwareVersion, "4.5.6"),
            (Field::Serial, "SN-4711"),
            (Field::Manufacturer, "ACME Medical"),
            (Field::Model, "PG-100"),
            (Field::AssetTag, "BME-0815"),
            (Field::StatedLocation, "North, 17"),
        ] {
            assert!(told.contains(&(field, value.to_owned())), "{field} {value}: {told:#?}");
        }
        let key = own_key("ACME Medical", "PG-100", "SN-4711").unwrap();
        assert!(told.contains(&(Field::Key, key.to_string())));
        assert_eq!(told.len(), 14, "nothing else: {told:#?}");
    }

    #[test]
    fn a_switch_tells_the_place_of_others_and_placeholders_say_nothing() {
        assert!(told(&sample(4)).iter().all(|(field, _)| *field != Field::StatedLocation));
        let empty = [element(1, &[7, b'x']), med(8, b"0000"), med(9, b"N/A"), med(10, b" ")].concat();
        assert_eq!(told(&empty), []);
        assert_eq!(told(&element(5, b"no chassis first")), []);
    }

    proptest! {
        #[test]
        fn damage_and_noise_are_survived(
            at in any::<prop::sample::Index>(), bits in any::<u8>(), cut in any::<prop::sample::Index>(),
            noise in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let mut bytes = sample(1);
            let place = at.index(bytes.len());
            bytes[place] ^= bits;
            let _ = told(&bytes[..cut.index(bytes.len())]);
            let _ = told(&bytes);
            let _ = told(&noise);
            let _ = told(&[&[2, 7, 4, 2, 0, 0, 0, 0, 8][..], &noise].concat());
        }
    }
}
