//! SNMP (RFC 1157, 3416, 3412, 3414): what agents answer and report about themselves.
//!
//! Copied, from answers without error, traps and informs only: system description, object id, name and location (RFC 3418); of the
//! first physical entity revisions, serial number, maker and model (RFC 6933); a printer's serial number (RFC 3805); a UPS's maker, model and
//! firmware (RFC 1628); cards of interfaces and the bridge (RFC 2863, 4188); of version 3 the authoritative engine id. Community and user names and every
//! other variable are passed over.
//!
//! The agent is whom an answer speaks of, not who passes a trap on: a version 1 trap names its agent, an engine id belongs to
//! the receiver of whatever may be answered by a report (RFC 3412 section 6.4).

use super::ber::{self, Ber, Element, INTEGER, OCTETS, OID, SEQUENCE};
use super::{DatagramProtocol, Probe, Visit, line};
use crate::equipment::own_key;
use crate::notes::{At, Who};
use std::net::{IpAddr, Ipv4Addr};
use tallyward_core::{Field, Mac, SourceKind};
use tallyward_identity::junk::{is_junk, is_junk_mac, is_junk_serial};

/// SNMP of all three versions.
pub(crate) const DATAGRAM: DatagramProtocol = DatagramProtocol {
    name: "snmp",
    ports: &[161, 162],
    probe,
    read: |data, visit| {
        read(data, visit);
    },
};

const RESPONSE: u8 = 0xa2;
const TRAP_V1: u8 = 0xa4;
const INFORM: u8 = 0xa6;
const TRAP_V2: u8 = 0xa7;
const REPORT: u8 = 0xa8;
const IP_ADDRESS: u8 = 0x40;

/// Variables read of one message.
const MOST_VARIABLES: usize = 256;

/// 1.3.6.1.2.1, under which all standard variables lie.
const MIB_2: &[u8] = &[0x2b, 6, 1, 2, 1];
/// 1.3.6.1.6.3.1.1.4.3.0: the kind of agent that sends a trap.
const TRAP_ENTERPRISE: &[u8] = &[0x2b, 6, 1, 6, 3, 1, 1, 4, 3, 0];
/// snmpTrapAddress.0 (RFC 3584): whom a trap that was passed on is from.
const TRAP_ADDRESS: &[u8] = &[0x2b, 6, 1, 6, 3, 18, 1, 3, 0];
/// ifPhysAddress under [`MIB_2`], without the interface's number.
const INTERFACE_CARD: &[u8] = &[2, 2, 1, 6];
/// dot1dBaseBridgeAddress.0 under [`MIB_2`].
const BRIDGE_CARD: &[u8] = &[17, 1, 1, 0];

/// A variable under [`MIB_2`] that holds text.
struct Text {
    name: &'static [u8],
    field: Field,
    kind: SourceKind,
    basis: &'static str,
}

const fn passing(name: &'static [u8], field: Field, basis: &'static str) -> Text {
    Text { name, field, kind: SourceKind::WireNetwork, basis }
}

const fn identity(name: &'static [u8], field: Field, basis: &'static str) -> Text {
    Text { name, field, kind: SourceKind::WireDevice, basis }
}

/// The first physical entity is the chassis wherever there is one.
const TEXTS: &[Text] = &[
    passing(&[1, 1, 0], Field::SystemDescription, "SNMP sysDescr"),
    passing(&[1, 5, 0], Field::HostName, "SNMP sysName"),
    passing(&[1, 6, 0], Field::StatedLocation, "SNMP sysLocation"),
    identity(&[33, 1, 1, 1, 0], Field::Manufacturer, "SNMP upsIdentManufacturer"),
    identity(&[33, 1, 1, 2, 0], Field::Model, "SNMP upsIdentModel"),
    identity(&[33, 1, 1, 3, 0], Field::SoftwareVersion, "SNMP upsIdentUPSSoftwareVersion"),
    identity(&[43, 5, 1, 1, 17, 1], Field::Serial, "SNMP prtGeneralSerialNumber"),
    identity(&[47, 1, 1, 1, 1, 8, 1], Field::HardwareVersion, "SNMP entPhysicalHardwareRev"),
    identity(&[47, 1, 1, 1, 1, 9, 1], Field::ComponentVersion, "SNMP entPhysicalFirmwareRev"),
    identity(&[47, 1, 1, 1, 1, 10, 1], Field::SoftwareVersion, "SNMP entPhysicalSoftwareRev"),
    identity(&[47, 1, 1, 1, 1, 11, 1], Field::Serial, "SNMP entPhysicalSerialNum"),
    identity(&[47, 1, 1, 1, 1, 12, 1], Field::Manufacturer, "SNMP entPhysicalMfgName"),
    identity(&[47, 1, 1, 1, 1, 13, 1], Field::Model, "SNMP entPhysicalModelName"),
];

/// A version, and then a community and a request, or the global data of version 3.
fn probe(data: &[u8]) -> Probe {
    let known = || {
        let mut inside = Ber::new(data).want(SEQUENCE)?.inside();
        let version = inside.want(INTEGER)?.number()?;
        match (version, inside.next()?.tag) {
            (0 | 1, OCTETS) => Some(matches!(inside.next()?.tag, 0xa0..=0xa8)),
            (3, SEQUENCE) => Some(inside.next()?.tag == OCTETS),
            _ => None,
        }
    };
    if known() == Some(true) { Probe::Yes } else { Probe::No }
}

fn read(data: &[u8], visit: &mut Visit<'_>) -> Option<()> {
    let mut inside = Ber::new(data).want(SEQUENCE)?.inside();
    if inside.want(INTEGER)?.number()? < 3 {
        inside.want(OCTETS)?;
        return pdu(inside, visit);
    }
    // Global data: id, largest size, flags, security model.
    let mut global = inside.want(SEQUENCE)?.inside();
    let flags = global.nth(2)?.body.first().copied()?;
    let mut security = inside.want(OCTETS)?.inside().want(SEQUENCE)?.inside();
    let engine = security.want(OCTETS)?;
    let may_be_reported = flags & 4 != 0;
    visit.shared.opener = Some(if may_be_reported { visit.sender } else { visit.receiver });
    if !engine.cut {
        tell_engine(engine.body, if may_be_reported { visit.receiver } else { visit.sender }, visit);
    }
    // Encrypted content is an octet string; content for another engine is only passed on.
    let mut scoped = inside.want(SEQUENCE)?.inside();
    let context = scoped.want(OCTETS)?;
    scoped.want(OCTETS)?;
    if context.body == engine.body { pdu(scoped, visit) } else { None }
}

/// An engine id of 5 to 32 bytes (RFC 3411 section 5, SnmpEngineID), and the card in it.
fn tell_engine(engine: &[u8], owner: Who, visit: &mut Visit<'_>) {
    if !(5..=32).contains(&engine.len()) || engine[1..].iter().all(|byte| matches!(byte, 0 | 0xff)) {
        return;
    }
    let at = At::of(visit);
    let hex: String = engine.iter().map(|byte| format!("{byte:02x}")).collect();
    let wire = SourceKind::WireNetwork;
    visit.notes.say(owner, Field::SnmpEngine, &hex, wire, "SNMP engine id", at);
    if let [0x80..=0xff, _, _, _, 3, a, b, c, d, e, f] = *engine {
        tell_card(Mac([a, b, c, d, e, f]), owner, "SNMP engine id", visit);
    }
}

fn tell_card(mac: Mac, owner: Who, basis: &'static str, visit: &mut Visit<'_>) {
    if !is_junk_mac(mac) && !mac.is_local() {
        let at = At::of(visit);
        let value = mac.to_string();
        visit.notes.say(owner, Field::MacAddress, &value, SourceKind::WireNetwork, basis, at);
    }
}

fn pdu(mut rest: Ber<'_>, visit: &mut Visit<'_>) -> Option<()> {
    let pdu = rest.next()?;
    let mut inside = pdu.inside();
    visit.shared.opener =
        Some(if matches!(pdu.tag, RESPONSE | REPORT) { visit.receiver } else { visit.sender });
    match pdu.tag {
        TRAP_V1 => {
            let kind = inside.want(OID)?;
            let agent = inside.want(IP_ADDRESS)?.body;
            let generic = inside.want(INTEGER)?.number()?;
            inside.want(INTEGER)?;
            inside.next()?;
            let about = named_agent(agent, visit);
            // In a trap of the maker's own the id names the trap's family, not the agent.
            if (0..6).contains(&generic) && !kind.cut {
                tell_kind(kind.body, about, visit);
            }
            variables(inside, about, visit)
        }
        RESPONSE | INFORM | TRAP_V2 => {
            inside.want(INTEGER)?;
            // An answer with an error repeats what was asked or was to be set.
            let error = inside.want(INTEGER)?.number()?;
            inside.want(INTEGER)?;
            if error != 0 {
                return None;
            }
            variables(inside, visit.sender, visit)
        }
        _ => None,
    }
}

/// Whom a trap speaks of: its agent, which may be another than the sender.
fn named_agent(address: &[u8], visit: &Visit<'_>) -> Who {
    let Ok(address) = <[u8; 4]>::try_from(address) else { return visit.sender };
    let named = visit.holder_of(IpAddr::V4(Ipv4Addr::from(address)));
    named.map_or(visit.sender, |(who, _)| who)
}

/// A variable's name and value.
fn pair(pair: Element<'_>) -> Option<(Element<'_>, Element<'_>)> {
    let mut inside = pair.inside();
    let (name, value) = (inside.want(OID)?, inside.next()?);
    (!value.cut).then_some((name, value))
}

fn variables(mut rest: Ber<'_>, about: Who, visit: &mut Visit<'_>) -> Option<()> {
    let list = rest.want(SEQUENCE)?.inside();
    let pairs = || list.take(MOST_VARIABLES).filter_map(pair);
    let forwarded = pairs().find(|(name, value)| name.body == TRAP_ADDRESS && value.tag == IP_ADDRESS);
    let about = forwarded.map_or(about, |(_, value)| named_agent(value.body, visit));
    let mut entity = [None, None, None];
    for (name, value) in pairs() {
        match value.tag {
            OCTETS => octets(name.body, value.body, about, &mut entity, visit),
            OID if name.body == TRAP_ENTERPRISE || name.body.strip_prefix(MIB_2) == Some(&[1, 2, 0]) => {
                tell_kind(value.body, about, visit);
            }
            _ => {}
        }
    }
    if let [Some(maker), Some(model), Some(serial)] = entity
        && let Some(key) = own_key(&maker, &model, &serial)
    {
        let at = At::of(visit);
        let basis = "SNMP entPhysicalSerialNum";
        visit.notes.say(about, Field::Key, &key.to_string(), SourceKind::WireDevice, basis, at);
    }
    Some(())
}

/// The kind of agent, as the object id that its maker gave it.
fn tell_kind(oid: &[u8], about: Who, visit: &mut Visit<'_>) {
    // 0.0 and the like are placeholders; makers' ids lie under 1.3.6.1.4.1.
    if let Some(value) = ber::dotted(oid).filter(|value| value.starts_with("1.3.6.1.4.1.")) {
        let at = At::of(visit);
        let kind = SourceKind::WireNetwork;
        visit.notes.say(about, Field::SystemDescription, &value, kind, "SNMP sysObjectID", at);
    }
}

fn octets(name: &[u8], value: &[u8], about: Who, entity: &mut [Option<String>; 3], visit: &mut Visit<'_>) {
    let Some(name) = name.strip_prefix(MIB_2) else { return };
    if name.starts_with(INTERFACE_CARD) || name == BRIDGE_CARD {
        if let Ok(mac) = <[u8; 6]>::try_from(value) {
            let basis =
                if name == BRIDGE_CARD { "SNMP dot1dBaseBridgeAddress" } else { "SNMP ifPhysAddress" };
            tell_card(Mac(mac), about, basis, visit);
        }
        return;
    }
    let Some(text) = TEXTS.iter().find(|text| text.name == name) else { return };
    let Some(mut value) = line(value) else { return };
    let junk = if text.field == Field::Serial { is_junk_serial(&value) } else { is_junk(&value) };
    if junk {
        return;
    }
    let slot = match name {
        [47, .., 12, 1] => Some(0),
        [47, .., 13, 1] => Some(1),
        [47, .., 11, 1] => Some(2),
        _ => None,
    };
    if let Some(slot) = slot {
        entity[slot] = Some(value.clone());
    }
    if text.field == Field::ComponentVersion {
        value = format!("firmware {value}");
    }
    let at = At::of(visit);
    visit.notes.say(about, text.field, &value, text.kind, text.basis, at);
}

#[cfg(test)]
mod tests {
    use super::super::trial::{self, RECEIVER, says};
    use super::*;
    use proptest::prelude::*;

    fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
        let body = parts.concat();
        let mut out = vec![tag, 0x82];
        out.extend((body.len() as u16).to_be_bytes());
        out.extend(body);
        out
    }

    fn number(value: u8) -> Vec<u8> {
        vec![INTEGER, 1, value]
    }

    fn variable(name: &[u8], value: &[u8]) -> Vec<u8> {
        tlv(SEQUENCE, &[&tlv(OID, &[MIB_2, name]), &tlv(OCTETS, &[value])])
    }

    fn message(version: u8, tag: u8, error: u8, variables: &[Vec<u8>]) -> Vec<u8> {
        let bindings = tlv(SEQUENCE, &variables.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let pdu = tlv(tag, &[&number(9), &number(error), &number(0), &bindings]);
        tlv(SEQUENCE, &[&number(version), &tlv(OCTETS, &[b"s3cret"]), &pdu])
    }

    fn entity(column: u8, value: &[u8]) -> Vec<u8> {
        variable(&[47, 1, 1, 1, 1, column, 1], value)
    }

    fn read(bytes: &[u8]) -> Vec<trial::Said> {
        trial::datagram(&DATAGRAM, bytes, (161, 50_000)).expect("SNMP")
    }

    #[test]
    fn an_answer_describes_the_agent() {
        let bytes = message(
            1,
            RESPONSE,
            0,
            &[
                variable(&[1, 1, 0], b"Linux scanner\r\n 5.4"),
                variable(&[1, 4, 0], b"Dr. House"),
                variable(&[1, 5, 0], b"ct-2"),
                entity(11, b"SN77"),
                entity(12, b"Acme"),
                entity(13, b"X1"),
                variable(&[2, 2, 1, 6, 3], &[0, 9, 0xfb, 1, 2, 3]),
            ],
        );
        let said = read(&bytes);
        let want = [
            says(Field::Key, "sn|Acme|X1|SN77", "SNMP entPhysicalSerialNum"),
            says(Field::Manufacturer, "Acme", "SNMP entPhysicalMfgName"),
            says(Field::Model, "X1", "SNMP entPhysicalModelName"),
            says(Field::Serial, "SN77", "SNMP entPhysicalSerialNum"),
            says(Field::MacAddress, "00:09:fb:01:02:03", "SNMP ifPhysAddress"),
            says(Field::HostName, "ct-2", "SNMP sysName"),
            says(Field::SystemDescription, "Linux scanner   5.4", "SNMP sysDescr"),
        ];
        assert_eq!(said, want);
    }

    #[test]
    fn what_was_asked_or_failed_says_nothing() {
        for (tag, error) in [(0xa0, 0), (0xa3, 0), (RESPONSE, 5)] {
            let said = read(&message(0, tag, error, &[variable(&[1, 5, 0], b"ct-2")]));
            assert_eq!(said, [], "{tag:x} {error}");
        }
    }

    #[test]
    fn a_trap_speaks_of_its_agent() {
        let bindings = tlv(SEQUENCE, &[&variable(&[1, 5, 0], b"pump")]);
        let kind = tlv(OID, &[&[0x2b, 6, 1, 4, 1, 9, 1]]);
        let agent = tlv(IP_ADDRESS, &[&[10, 0, 0, 2]]);
        let time = tlv(0x43, &[&[1]]);
        let trap = tlv(TRAP_V1, &[&kind, &agent, &number(0), &number(0), &time, &bindings]);
        let said = read(&tlv(SEQUENCE, &[&number(0), &tlv(OCTETS, &[b"public"]), &trap]));
        let of = |field, value: &str, basis: &str| {
            (RECEIVER.to_owned(), field, value.to_owned(), basis.to_owned())
        };
        let want = [
            of(Field::HostName, "pump", "SNMP sysName"),
            of(Field::SystemDescription, "1.3.6.1.4.1.9.1", "SNMP sysObjectID"),
        ];
        assert_eq!(said.len(), 2);
        assert!(want.iter().all(|one| said.contains(one)), "{said:?}");
    }

    #[test]
    fn a_trap_passed_on_speaks_of_whom_it_is_from() {
        let address = tlv(SEQUENCE, &[&tlv(OID, &[TRAP_ADDRESS]), &tlv(IP_ADDRESS, &[&[10, 0, 0, 2]])]);
        let said = read(&message(1, TRAP_V2, 0, &[variable(&[1, 5, 0], b"pump"), address]));
        assert_eq!(
            said,
            [(RECEIVER.to_owned(), Field::HostName, "pump".to_owned(), "SNMP sysName".to_owned())]
        );
    }

    fn version_3(flags: u8, engine: &[u8], data: &[u8]) -> Vec<u8> {
        let global = tlv(SEQUENCE, &[&number(1), &number(100), &[OCTETS, 1, flags], &number(3)]);
        let user = tlv(OCTETS, &[b"dr_house"]);
        let security = tlv(SEQUENCE, &[&tlv(OCTETS, &[engine]), &number(1), &number(1), &user]);
        tlv(SEQUENCE, &[&number(3), &global, &tlv(OCTETS, &[&security]), data])
    }

    #[test]
    fn an_engine_id_names_the_agent_and_its_card() {
        let engine = [0x80, 0, 0, 9, 3, 0, 9, 0xfb, 1, 2, 3];
        let secret = tlv(OCTETS, &[b"encrypted"]);
        let said = read(&version_3(3, &engine, &secret));
        let want = [
            says(Field::MacAddress, "00:09:fb:01:02:03", "SNMP engine id"),
            says(Field::SnmpEngine, "8000000903 0009fb010203".replace(' ', "").as_str(), "SNMP engine id"),
        ];
        assert_eq!(said, want);
        // A request that may be answered by a report names the receiver's engine.
        let said = read(&version_3(7, &engine, &secret));
        assert!(said.len() == 2 && said.iter().all(|one| one.0 == RECEIVER));
        assert_eq!(read(&version_3(7, &[], &secret)), []);
    }

    fn sample() -> Vec<u8> {
        message(1, RESPONSE, 0, &[variable(&[1, 1, 0], b"Linux"), entity(11, b"SN77"), entity(12, b"Acme")])
    }

    proptest! {
        #[test]
        fn damage_and_noise_are_survived(
            at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>(),
            noise in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            let mut bytes = sample();
            let index = at.index(bytes.len());
            bytes[index] = byte;
            bytes.truncate(cut.index(bytes.len() + 1));
            for bytes in [bytes, noise] {
                let said = trial::visit((161, 1), |visit| { super::read(&bytes, visit); });
                prop_assert!(said.iter().all(|one| one.2.len() <= 300 && !one.2.contains("s3cret")));
                let _ = probe(&bytes);
            }
        }
    }
}
