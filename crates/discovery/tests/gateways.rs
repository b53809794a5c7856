//! Who speaks for whom: gateways, engines, archives, and devices that speak for themselves.

mod common;

use common::{End, associate, expect, mac, options, pcap, pdu, said, segment, store};
use tallyward_core::{Field, Key, SourceKind};
use tallyward_discovery::{Learned, read_capture};

const SENDER: End = End { mac: [0, 9, 0xfb, 0, 0, 1], address: [10, 1, 0, 5], port: 40_000 };
const TARGET: End = End { mac: [0, 9, 0xfb, 0, 0, 2], address: [10, 1, 0, 9], port: 6661 };

fn sender() -> Key {
    mac("00:09:fb:00:00:01")
}

/// Writes of one side, one a frame.
fn session<T: AsRef<[u8]>>(writes: &[T]) -> Vec<Vec<u8>> {
    let mut sequence = 100;
    let mut frames = vec![segment(&SENDER, &TARGET, 99, 2, &[])];
    for write in writes {
        frames.push(segment(&SENDER, &TARGET, sequence, 16, write.as_ref()));
        sequence += write.as_ref().len() as u32;
    }
    frames
}

fn learn<T: AsRef<[u8]>>(writes: &[T]) -> Learned {
    read_capture(&pcap(&session(writes)), options())
}

fn message(sender: &str, rest: &str) -> String {
    format!(
        "\x0bMSH|^~\\&|{sender}|HOUSE|EHR|HOUSE|20261123||ORU^R01|1|P|2.6\rPID|1||PH0001||PHANTOM^LAB\r{rest}\x1c\r"
    )
}

fn has(learned: &Learned, subject: &Key, field: Field, value: &str) -> bool {
    said(learned, subject).iter().any(|(known, said, ..)| *known == field && said == value)
}

fn kinds(learned: &Learned, subject: &Key, field: Field) -> Vec<SourceKind> {
    let all = learned.evidence.iter().filter(|piece| piece.subject == *subject && piece.field == field);
    all.map(|piece| piece.source.kind).collect()
}

#[test]
fn a_message_of_two_devices_gives_each_its_own() {
    let text = message(
        "PUMPGW^0003B10000FE0001^EUI-64",
        "OBX|1||69985^MDC_DEV_PUMP_INFUS_MDS^MDC|1.0.0.0|||||||X|||||||P1^^0003B1FFFE000001^EUI-64\r\
         OBX|2|ST|531975^MDC_ID_PROD_SPEC_SW^MDC|1.0.0.1|9.33|||||R\r\
         OBX|3|NM|157784^MDC_FLOW_FLUID_PUMP^MDC|1.1.1.1|25||||||R|||||||CHANNEL^^0003B10000AA0001^EUI-64\r\
         OBX|4||69985^MDC_DEV_PUMP_INFUS_MDS^MDC|2.0.0.0|||||||X|||||||P2^^0003B1FFFE000002^EUI-64\r\
         OBX|5|ST|531975^MDC_ID_PROD_SPEC_SW^MDC|2.0.0.1|9.19|||||R\r\
         OBX|6|ST|531972^MDC_ID_PROD_SPEC_SERIAL^MDC|2.0.0.2|14830|||||R\r\
         OBX|7|ST|531975^MDC_ID_PROD_SPEC_SW^MDC|3.0.0.1|1.1|||||R\r",
    );
    let learned = learn(&[text]);
    let (first, second) = (mac("00:03:b1:00:00:01"), mac("00:03:b1:00:00:02"));
    expect(&learned, &first, Field::SoftwareVersion, "9.33", "HL7 OBX-3 MDC_ID_PROD_SPEC_SW", 2);
    expect(&learned, &first, Field::AnnouncedService, "MDC_DEV_PUMP_INFUS_MDS", "HL7 OBX-3", 2);
    expect(&learned, &second, Field::SoftwareVersion, "9.19", "HL7 OBX-3 MDC_ID_PROD_SPEC_SW", 2);
    expect(&learned, &second, Field::Serial, "14830", "HL7 OBX-3 MDC_ID_PROD_SPEC_SERIAL", 2);
    assert_eq!(kinds(&learned, &second, Field::Serial), [SourceKind::WireDevice]);
    for pump in [&first, &second] {
        assert!(has(&learned, pump, Field::RelayedBy, "PUMPGW (10.1.0.5)"));
    }
    // A third device that nobody named: its version is nobody's, and least of all the gateway's.
    assert!(learned.evidence.iter().all(|piece| piece.value != "1.1"));
    let gateway = said(&learned, &sender());
    assert!(gateway.iter().all(|(field, ..)| !matches!(field, Field::SoftwareVersion | Field::Serial)));
    expect(&learned, &sender(), Field::NetworkRole, "device gateway", "HL7 OBX-18", 2);
}

#[test]
fn a_device_that_sends_for_itself_is_not_relayed() {
    let text = message(
        "MON^000000FFFE000000^EUI-64",
        "OBX|1|ST|1^MDC_ID_PROD_SPEC_SW^MDC|1.0.0.1|L.01||||||R|||||||MON^^0009FBFFFE000001^EUI-64\r",
    );
    let learned = learn(&[text]);
    assert!(has(&learned, &sender(), Field::SoftwareVersion, "L.01"));
    assert!(said(&learned, &sender()).iter().all(|(field, ..)| *field != Field::RelayedBy));
}

#[test]
fn an_engine_is_not_called_by_the_names_it_forwards() {
    let texts = ["LAB", "RIS", "MONITORS"].map(|name| message(name, ""));
    let learned = learn(&texts);
    assert_eq!(kinds(&learned, &sender(), Field::Hl7Application), [SourceKind::Guess; 3]);
    expect(&learned, &sender(), Field::NetworkRole, "integration engine", "HL7 MSH-3", 2);
    let learned = learn(&texts[..2]);
    assert_eq!(kinds(&learned, &sender(), Field::Hl7Application), [SourceKind::WireNetwork; 2]);
}

/// The origin's own id in MSH-3 must not make one device of the engine and all whose messages it forwards.
#[test]
fn devices_behind_an_engine_do_not_become_the_engine() {
    let from = |serial: &str| {
        let text = format!("OBX|1|ST|1^MDC_ID_PROD_SPEC_SERIAL^MDC|1.0.0.1|{serial}|||||R\r");
        message(&format!("MON{serial}^00095C000000{serial}^EUI-64"), &text)
    };
    let learned = learn(&[from("0007"), from("0008")]);
    assert!(said(&learned, &sender()).iter().all(|(field, ..)| *field != Field::Key));
    for serial in ["0007", "0008"] {
        let own = Key::SystemId { system: "EUI-64".into(), id: format!("00095C000000{serial}") };
        assert!(has(&learned, &own, Field::Serial, serial));
        assert!(has(&learned, &own, Field::RelayedBy, &format!("MON{serial} (10.1.0.5)")));
    }
    // Only one is forwarded, but its id is another card's address.
    let text = "OBX|1|ST|1^MDC_ID_PROD_SPEC_SERIAL^MDC|1.0.0.1|DE4455|||||R\r";
    let learned = learn(&[message("MON^00095CFFFE000055^EUI-64", text)]);
    assert!(said(&learned, &sender()).iter().all(|(field, ..)| *field != Field::Key));
    assert!(has(&learned, &mac("00:09:5c:00:00:55"), Field::RelayedBy, "MON (10.1.0.5)"));
}

#[test]
fn equipment_names_hold_within_their_authority_or_their_sender() {
    let from = |facility: &str, id: &str| {
        let text = format!("OBX|1|NM|1^X|1.0.0.1|5||||||R|||||||{id}\r");
        message("GW", &text).replace("|GW|HOUSE|", &format!("|GW|{facility}|"))
    };
    let key =
        |system: &str| Key::SystemId { system: format!("HL7 equipment of {system}"), id: "BED1".into() };
    let learned = learn(&[from("NORTH", "BED1"), from("SOUTH", "BED1"), from("SOUTH", "BED1^^1.2.3^ISO")]);
    for system in ["GW at NORTH", "GW at SOUTH", "1.2.3"] {
        assert!(has(&learned, &key(system), Field::Description, "BED1"), "{system}");
    }
}

/// An engine that relays hundreds of devices over one session: all are named, then it rests, and a device that comes later is met in a
/// later look.
#[test]
fn a_long_session_loses_no_device_for_ever() {
    let of = |device: u32| {
        message("GW", &format!("OBX|1|NM|1^X|1.0.0.1|5||||||R|||||||^^0003B1FFFE{device:06X}^EUI-64\r"))
    };
    let mut texts: Vec<String> = (0..300).map(of).collect();
    texts.extend((0..1500).map(|turn| of(turn % 300)));
    // At rest by now: not seen at once, but ten minutes later at a message's beginning.
    texts.extend((0..620).map(|_| of(999)));
    let learned = learn(&texts);
    let devices = learned.evidence.iter().filter(|piece| {
        piece.field == Field::RelayedBy
            && matches!(&piece.subject, Key::Mac(mac) if mac.0[..3] == [0, 3, 0xb1])
    });
    assert_eq!(devices.count(), 301);
    let late = said(&learned, &mac("00:03:b1:00:03:e7"));
    let packet: u64 = late[0].3.strip_prefix("packet ").unwrap().parse().unwrap();
    assert!(packet > 1802, "the side rested: first seen in packet {packet}");
}

/// After a rest most segments are no message's beginning; the first that is one is found, wherever the rest ended.
#[test]
fn a_rest_ends_at_the_next_message_that_begins() {
    let of = |device: u32| {
        message("GW", &format!("OBX|1|NM|1^X|1.0.0.1|5||||||R|||||||^^0003B1FFFE{device:06X}^EUI-64\r"))
    };
    for shift in 0..4 {
        let mut pieces: Vec<Vec<u8>> = (0..80).map(|_| of(1).into_bytes()).collect();
        pieces.extend((0..shift).map(|_| of(1).into_bytes()));
        for _ in 0..160 {
            let late = of(999).into_bytes();
            pieces.extend(late.chunks(late.len().div_ceil(4)).map(<[u8]>::to_vec));
        }
        let learned = learn(&pieces);
        let late = mac("00:03:b1:00:03:e7");
        assert!(has(&learned, &late, Field::RelayedBy, "GW (10.1.0.5)"), "shifted by {shift}");
    }
}

fn scan(kind: &str, number: u32) -> Vec<u8> {
    store("ACME", kind, &format!("{kind}-{number}"), "PHANTOM^LAB")
}

fn own(kind: &str, number: u32) -> Key {
    Key::MakerModelSerial { maker: "ACME".into(), model: kind.into(), serial: format!("{kind}-{number}") }
}

/// A forwarding archive keeps one association open: a thousand images of one scanner, then a few of another.
#[test]
fn a_long_association_is_sampled_and_still_heard() {
    let mut writes = vec![associate(1, "PACS", "ROUTER", "1.2.3")];
    writes.extend((0..300).map(|_| scan("CT", 1)));
    writes.extend((0..9).map(|_| scan("MR", 2)));
    // Then one alone, until the side rests, and ten minutes later another.
    writes.extend((0..1300).map(|_| scan("MR", 2)));
    writes.extend((0..20).map(|_| scan("US", 3)));
    let learned = learn(&writes);
    for key in [own("CT", 1), own("MR", 2), own("US", 3)] {
        assert!(has(&learned, &key, Field::RelayedBy, "ROUTER (10.1.0.5)"), "{key}");
    }
    let count = |key: &Key| {
        let of = |piece: &&tallyward_core::Evidence| piece.subject == *key && piece.field == Field::Serial;
        learned.evidence.iter().find(of).map(|piece| piece.episodes[0].count).unwrap()
    };
    assert!(count(&own("CT", 1)) < 60, "{} of 300 were read", count(&own("CT", 1)));
}

fn explicit(group: u16, element: u16, kind: &[u8; 2], value: &[u8]) -> Vec<u8> {
    let mut out = [group.to_le_bytes(), element.to_le_bytes()].concat();
    out.extend(kind);
    let long = matches!(kind, b"SQ" | b"UT");
    if long {
        out.extend([0, 0]);
        out.extend((value.len() as u32 + value.len() as u32 % 2).to_le_bytes());
    } else {
        out.extend((value.len() as u16 + value.len() as u16 % 2).to_le_bytes());
    }
    out.extend(value);
    out.extend(vec![b' '; value.len() % 2]);
    out
}

/// A request with its data set on context 1, whose SOP class is of no matter to the walker but in the command.
fn request(command: u16, class: &[u8], data: &[u8]) -> Vec<u8> {
    let implicit = |element: u16, value: &[u8]| {
        [&[0, 0][..], &element.to_le_bytes(), &(value.len() as u32).to_le_bytes(), value].concat()
    };
    let head = [implicit(2, class), implicit(0x100, &command.to_le_bytes())].concat();
    let value = |control: u8, body: &[u8]| {
        pdu(4, &[&(body.len() as u32 + 2).to_be_bytes()[..], &[1, control], body].concat())
    };
    [value(3, &head), value(2, data)].concat()
}

fn image(elements: &[(u16, u16, &[u8; 2], &[u8])]) -> Vec<u8> {
    let mut data = explicit(8, 0x16, b"UI", b"1.2.840.10008.5.1.4.1.1.2");
    let mut named = false;
    for (group, element, kind, value) in elements {
        if *group > 0x10 && !named {
            data.extend(explicit(0x10, 0x10, b"PN", b"PHANTOM^LAB"));
            data.extend(explicit(0x10, 0x20, b"LO", b"PH0001"));
            named = true;
        }
        data.extend(explicit(*group, *element, kind, value));
    }
    data.extend(explicit(0x28, 0x10, b"LO", b"x"));
    request(1, b"1.2.840.10008.5.1.4.1.1.2\0", &data)
}

const PARTS: &[(u16, u16, &[u8; 2], &[u8])] =
    &[(8, 0x70, b"LO", b"ACME"), (8, 0x1090, b"LO", b"X1"), (0x18, 0x1000, b"LO", b"SN9")];

#[test]
fn a_report_without_a_serial_number_makes_no_router_of_a_scanner() {
    let report =
        image(&[(8, 0x70, b"LO", b"ACME"), (8, 0x1090, b"LO", b"X1"), (0x18, 0x1020, b"LO", b"7.1")]);
    let learned = learn(&[associate(1, "PACS", "CT1", "1.2.3"), image(PARTS), report]);
    let key = Key::MakerModelSerial { maker: "ACME".into(), model: "X1".into(), serial: "SN9".into() };
    assert!(has(&learned, &sender(), Field::Key, &key.to_string()));
    assert!(has(&learned, &sender(), Field::SoftwareVersion, "7.1"));
}

#[test]
fn labels_and_uids_of_equipment_name_it_too() {
    let label = explicit(0x18, 0x1009, b"UT", b"(01)00643169007222(21)SN9");
    let item = [&[0xfe, 0xff, 0, 0xe0][..], &(label.len() as u32).to_le_bytes(), &label].concat();
    let mut parts = PARTS.to_vec();
    parts.push((0x18, 0x1002, b"UI", b"1.2.3.4.5"));
    parts.push((0x18, 0x100a, b"SQ", &item));
    parts.push((0x18, 0x1020, b"LO", b"4.1\\4.1.7"));
    let learned = learn(&[associate(1, "PACS", "CT1", "1.2.3"), image(&parts)]);
    let key = Key::MakerModelSerial { maker: "ACME".into(), model: "X1".into(), serial: "SN9".into() };
    expect(&learned, &key, Field::Udi, "(01)00643169007222(21)SN9", "DICOM C-STORE (0018,1009)", 3);
    expect(&learned, &key, Field::Di, "00643169007222", "DICOM C-STORE (0018,1009)", 3);
    expect(&learned, &key, Field::SoftwareVersion, "4.1; 4.1.7", "DICOM C-STORE (0018,1020)", 3);
    let label = Key::DiSerial { di: "00643169007222".into(), serial: "SN9".into() };
    let uid = Key::SystemId { system: "DICOM device UID".into(), id: "1.2.3.4.5".into() };
    for other in [label, uid] {
        assert!(has(&learned, &key, Field::Key, &other.to_string()), "{other}");
    }
}

#[test]
fn a_secondary_capture_is_the_capturing_devices() {
    let mut parts = PARTS.to_vec();
    parts.extend([
        (0x18u16, 0x1016u16, b"LO", &b"Grabber Inc"[..]),
        (0x18, 0x1018, b"LO", b"G7"),
        (0x18, 0x1019, b"LO", b"2.0"),
    ]);
    let learned = learn(&[associate(1, "PACS", "GRAB", "1.2.3"), image(&parts)]);
    let key = Key::MakerModelSerial { maker: "ACME".into(), model: "X1".into(), serial: "SN9".into() };
    assert!(has(&learned, &key, Field::RelayedBy, "GRAB (10.1.0.5)"));
    expect(&learned, &sender(), Field::Manufacturer, "Grabber Inc", "DICOM C-STORE (0018,1016)", 3);
    expect(&learned, &sender(), Field::SoftwareVersion, "2.0", "DICOM C-STORE (0018,1019)", 3);
    assert!(said(&learned, &sender()).iter().all(|(field, ..)| !matches!(field, Field::Key | Field::Serial)));
}

#[test]
fn a_performed_step_names_the_station_only_to_itself() {
    let step = |title: &[u8]| {
        let data = [
            explicit(8, 0x60, b"CS", b"CT"),
            explicit(0x10, 0x10, b"PN", b"PHANTOM^LAB"),
            explicit(0x40, 0x241, b"AE", title),
            explicit(0x40, 0x242, b"SH", b"CTROOM3"),
            explicit(0x40, 0x254, b"LO", b"PHANTOM"),
        ];
        request(0x140, b"1.2.840.10008.3.1.2.3.3\0", &data.concat())
    };
    let learned = learn(&[associate(1, "RIS", "CT1", "1.2.3"), step(b"CT1")]);
    expect(&learned, &sender(), Field::HostName, "CTROOM3", "DICOM N-CREATE (0040,0242)", 3);
    let other = learn(&[associate(1, "RIS", "BROKER", "1.2.3"), step(b"CT1")]);
    assert!(said(&other, &sender()).iter().all(|(field, ..)| *field != Field::HostName));
    for learned in [learned, other] {
        let output = serde_json::to_string(&learned).unwrap();
        assert!(!output.contains("PHANTOM") && !output.contains("PH0001"));
    }
}

/// BACnet and Modbus tell devices apart by number: one number is the sender, several are devices behind it.
#[test]
fn numbered_devices_behind_one_address_stay_apart() {
    use common::{ethernet, ipv4};
    let datagram = |npdu: &[u8]| {
        let bvlc = [&[0x81, 10][..], &(npdu.len() as u16 + 4).to_be_bytes(), npdu].concat();
        let udp = [
            &47808u16.to_be_bytes()[..],
            &47808u16.to_be_bytes(),
            &(bvlc.len() as u16 + 8).to_be_bytes(),
            &[0, 0],
            &bvlc,
        ];
        ethernet(&SENDER, &TARGET, 0x0800, &ipv4(&SENDER, &TARGET, 17, 64, &udp.concat()))
    };
    let i_am = |head: &[u8], number: u8| {
        let apdu = [0x10, 0, 0xc4, 2, 0, 0, number, 0x22, 5, 0xc4, 0x91, 3, 0x21, 5];
        datagram(&[head, &apdu].concat())
    };
    let behind = |number: u32| Key::SystemId { system: "BACnet at ED-1".into(), id: number.to_string() };
    // The router is device 1, and one of network 7 is device 2.
    let learned = read_capture(&pcap(&[i_am(&[1, 0], 1), i_am(&[1, 8, 0, 7, 1, 9], 2)]), options());
    assert!(has(&learned, &sender(), Field::EndpointReference, "BACnet device 1"));
    assert!(!has(&learned, &sender(), Field::EndpointReference, "BACnet device 2"));
    assert!(has(&learned, &behind(2), Field::RelayedBy, "10.1.0.5"));
    // Two numbers without a network: neither is the address itself.
    let learned = read_capture(&pcap(&[i_am(&[1, 0], 1), i_am(&[1, 0], 2)]), options());
    assert!(said(&learned, &sender()).iter().all(|(field, ..)| *field != Field::EndpointReference));
    for number in [1, 2] {
        assert!(has(&learned, &behind(number), Field::EndpointReference, &format!("BACnet device {number}")));
    }

    let identification = |unit: u8, revision: &str| {
        let mut out = vec![0, 1, 0, 0, 0, 0, unit, 0x2b, 0x0e, 1, 1, 0, 0, 1, 2, revision.len() as u8];
        out[5] = out.len() as u8 - 6 + revision.len() as u8;
        out.extend(revision.bytes());
        out
    };
    let serve = |writes: &[Vec<u8>]| {
        let server = End { port: 502, ..SENDER };
        let client = End { port: 40_000, ..TARGET };
        let mut sequence = 1;
        let mut frames = Vec::new();
        for write in writes {
            frames.push(segment(&server, &client, sequence, 16, write));
            sequence += write.len() as u32;
        }
        read_capture(&pcap(&frames), options())
    };
    let alone = serve(&[identification(1, "V1.7")]);
    assert!(has(&alone, &sender(), Field::SoftwareVersion, "V1.7"));
    let several = serve(&[identification(255, "V9"), identification(1, "V1.7"), identification(2, "V2.4")]);
    assert!(has(&several, &sender(), Field::SoftwareVersion, "V9"));
    let unit = |id: &str| Key::SystemId { system: format!("Modbus units of {}", sender()), id: id.into() };
    assert!(has(&several, &unit("1"), Field::SoftwareVersion, "V1.7"));
    assert!(has(&several, &unit("2"), Field::RelayedBy, "10.1.0.5"));
}
