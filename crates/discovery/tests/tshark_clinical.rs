//! What Wireshark's dissectors say of the captures of clinical and building protocols.

mod common;

use common::{End, bytes, ethernet, ipv4, options, pcap, segment};
use std::collections::BTreeSet;
use std::process::Command;
use tallyward_core::{Evidence, Field, Flow, Key, testkit};
use tallyward_discovery::{Learned, read_capture};

/// Rows of fields as tshark gives them for packets that match a filter; `None`, said loudly, without tshark or the capture.
fn tshark(name: &str, filter: &str, fields: &[&str]) -> Option<Vec<Vec<String>>> {
    let path = testkit::shared(&format!("pcaps/{name}"))?;
    let mut command = Command::new("tshark");
    command.arg("-r").arg(path).args(["-Y", filter, "-T", "fields", "-E", "aggregator=;"]);
    command.args(fields.iter().flat_map(|field| ["-e", field]));
    let Ok(output) = command.output() else {
        testkit::skipped("tshark is not installed");
        return None;
    };
    assert!(matches!(output.status.code(), Some(0 | 2)), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Some(text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect())
}

fn ours(name: &str) -> Learned {
    read_capture(&bytes(name).expect("tshark read it"), options())
}

fn values(learned: &Learned, basis: &str) -> BTreeSet<String> {
    learned.evidence.iter().filter(|piece| piece.basis == basis).map(|piece| piece.value.clone()).collect()
}

#[test]
fn bacnet_devices_are_those_of_tshark() {
    let mut devices = 0;
    for name in [
        "icsnpp__bacnet_error_reject_abort.pcap",
        "icsnpp__bacnet_example.pcap",
        "icsnpp__bacnet_segmented_data.pcap",
        "ndpi__bacnet.pcap",
    ] {
        let fields = ["bacapp.instance_number", "bacapp.vendor_identifier"];
        // The last instance means "whichever", and names nobody.
        let filter = "bacapp.unconfirmed_service == 0 && bacapp.instance_number != 4194303";
        let Some(rows) = tshark(name, filter, &fields) else { return };
        let learned = ours(name);
        let theirs: BTreeSet<String> = rows.iter().map(|row| format!("BACnet device {}", row[0])).collect();
        let vendors: BTreeSet<String> =
            rows.iter().map(|row| format!("BACnet device of vendor id {}", row[1])).collect();
        assert_eq!(values(&learned, "BACnet I-Am"), &theirs | &vendors, "{name}");
        devices += theirs.len();
    }
    assert!(devices >= 20, "only {devices} devices compared");
}

/// Names of device objects that tshark shows in answers, each of the subject that its address or number makes it.
#[test]
fn bacnet_device_objects_are_read_as_tshark_reads_them() {
    let name = "icsnpp__bacnet_example.pcap";
    let filter = "bacapp.type == 3 && bacapp.objectType == 8 && bacapp.property_identifier == 77";
    let Some(rows) = tshark(name, filter, &["ip.src", "bacapp.instance_number", "bacapp.object_name"]) else {
        return;
    };
    let learned = ours(name);
    let names: BTreeSet<String> = rows.iter().map(|row| row[2].clone()).collect();
    assert!(names.len() >= 20, "{} names", names.len());
    assert_eq!(values(&learned, "BACnet object-name"), names);
    for row in &rows {
        let several = rows.iter().any(|other| other[0] == row[0] && other[1] != row[1]);
        let of = |piece: &&Evidence| piece.value == row[2] && piece.basis == "BACnet object-name";
        let subjects: Vec<&Key> = learned.evidence.iter().filter(of).map(|piece| &piece.subject).collect();
        let numbered = |key: &&Key| matches!(key, Key::SystemId { system, .. } if system == "BACnet at ED-1");
        assert_eq!(subjects.iter().copied().any(|key| numbered(&key)), several, "{row:?}: {subjects:?}");
    }
    let models = tshark(name, "bacapp.type == 3 && bacapp.objectType == 8", &["udp.payload"]).unwrap();
    assert!(models.len() >= 120 && values(&learned, "BACnet model-name").len() >= 20);
    // Analogue inputs have names too; they are no devices.
    assert!(learned.evidence.iter().all(|piece| !piece.value.starts_with("Sensor_")));
}

#[test]
fn ethernet_ip_identities_are_those_of_tshark() {
    let name = "sv__enip-keywords_enip_cip_example.pcap";
    let fields =
        ["enip.lir.name", "enip.lir.serial", "enip.lir.vendor", "enip.lir.devtype", "enip.lir.prodcode"];
    let Some(rows) = tshark(name, "enip.lir.name", &fields) else { return };
    let learned = ours(name);
    let said = values(&learned, "EtherNet/IP ListIdentity");
    let [row] = &rows[..] else { panic!("{rows:?}") };
    let vendor = u16::from_str_radix(row[2].trim_start_matches("0x"), 16).unwrap();
    let serial = row[1].trim_start_matches("0x").to_uppercase();
    for wanted in [
        row[0].clone(),
        serial.clone(),
        format!("CIP vendor {vendor}, device type {}, product {}", row[3], row[4]),
        format!("id|CIP vendor {vendor}|{serial}"),
    ] {
        assert!(said.contains(&wanted), "{wanted}: {said:?}");
    }
}

#[test]
fn opc_ua_applications_are_those_of_tshark() {
    let name = "ndpi__opc-ua.pcap";
    let Some(rows) = tshark(name, "opcua.ApplicationUri", &["opcua.ApplicationUri"]) else { return };
    let learned = ours(name);
    let ours: BTreeSet<String> = learned
        .evidence
        .iter()
        .filter(|piece| piece.field == Field::EndpointReference)
        .map(|piece| piece.value.clone())
        .collect();
    let theirs: BTreeSet<String> = rows.iter().flat_map(|row| row[0].split(';')).map(str::to_owned).collect();
    assert_eq!(ours, theirs);
    assert_eq!(learned.flows.iter().filter(|flow| flow.service == "opcua").count(), 1);
}

/// Flows bear the name of the protocol that tshark finds in them, and nobody's registers, topics or accounts are told.
#[test]
fn conversations_are_named_as_tshark_names_them() {
    for (name, filter, protocol) in [
        ("ndpi__modbus.pcap", "modbus", "modbus"),
        ("ndpi__umas.pcap", "modbus", "modbus"),
        ("zeek__modbus_modbusSmall.pcap", "modbus", "modbus"),
        ("zeek__modbus_modbus-and-non-modbus-p502.pcap", "modbus", "modbus"),
        ("ndpi__s7comm.pcap", "s7comm", "s7comm"),
        ("ndpi__ethernetIP.pcap", "enip && tcp", "enip"),
        ("sv__enip-keywords_enip_cip_example.pcap", "enip && tcp", "enip"),
        ("ndpi__mqtt.pcap", "mqtt.msgtype == 1", "mqtt"),
        ("zeek__mqtt.pcap", "mqtt.msgtype == 1", "mqtt"),
        ("sv__mqtt5-excessiveproplen_input.pcap", "mqtt.msgtype == 1", "mqtt"),
    ] {
        let fields = ["ip.src", "ipv6.src", "ip.dst", "ipv6.dst"];
        let Some(rows) = tshark(name, filter, &fields) else { return };
        let learned = ours(name);
        let ends = |one: String, other: String| if one < other { [one, other] } else { [other, one] };
        let theirs: BTreeSet<[String; 2]> = rows
            .iter()
            .map(|row| ends(format!("{}{}", row[0], row[1]), format!("{}{}", row[2], row[3])))
            .collect();
        let of = |flow: &&Flow| flow.service == protocol && flow.transport == 6;
        let ours: BTreeSet<[String; 2]> = learned
            .flows
            .iter()
            .filter(of)
            .map(|flow| ends(flow.client.address.to_string(), flow.server.address.to_string()))
            .collect();
        assert!(!theirs.is_empty(), "{name}");
        assert_eq!(ours, theirs, "{name}");
        for secret in ["azure-devices.net", "P47775ID170W2120", "02D5050223D3"] {
            assert!(learned.evidence.iter().all(|piece| !piece.value.contains(secret)), "{name}");
        }
    }
}

const SERVER: End = End { mac: [0, 9, 0xfb, 0, 0, 1], address: [10, 1, 0, 5], port: 0 };
const CLIENT: End = End { mac: [0, 9, 0xfb, 0, 0, 2], address: [10, 1, 0, 9], port: 40_000 };

/// What the server of a made conversation says in one segment or datagram, as we and as tshark read it; none without tshark.
fn made(name: &str, port: u16, transport: u8, payload: &[u8]) -> Option<(Learned, String)> {
    let server = End { port, ..SERVER };
    let frame = if transport == 6 {
        segment(&server, &CLIENT, 1, 24, payload)
    } else {
        let client = End { port, ..CLIENT };
        let ports = [port.to_be_bytes(), port.to_be_bytes()].concat();
        let udp = [&ports[..], &(payload.len() as u16 + 8).to_be_bytes(), &[0, 0], payload].concat();
        ethernet(&server, &client, 0x0800, &ipv4(&server, &client, 17, 64, &udp))
    };
    let file = pcap(&[frame]);
    let path = std::env::temp_dir().join(format!("tallyward-clinical-{}-{name}.pcap", std::process::id()));
    std::fs::write(&path, &file).expect("the temporary folder takes files");
    let output = Command::new("tshark").arg("-r").arg(&path).arg("-V").output();
    std::fs::remove_file(&path).expect("the file was just written");
    let Ok(output) = output else {
        testkit::skipped("tshark is not installed");
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some((read_capture(&file, options()), String::from_utf8_lossy(&output.stdout).into_owned()))
}

/// Whether both read these values, and tshark finds nothing wrong with the message. A value is what we say and what tshark shows.
#[track_caller]
fn both_read(made: &(Learned, String), values: &[(Field, &str, &str)]) {
    let (learned, theirs) = made;
    assert!(!theirs.contains("Malformed"), "{theirs}");
    for (field, ours, shown) in values {
        let said = learned.evidence.iter().any(|piece| piece.field == *field && piece.value == *ours);
        assert!(said, "{field} {ours}: {:#?}", learned.evidence);
        assert!(theirs.contains(shown), "{shown}: {theirs}");
    }
}

/// Samples made from the specifications, for which no real capture was at hand: tshark reads in them what we read.
#[test]
fn made_samples_are_read_by_tshark_as_by_us() {
    let identification = [
        &[0, 1, 0, 0, 0, 0, 1, 0x2b, 0x0e, 1, 1, 0, 0, 3, 0, 4][..],
        b"ACME",
        &[1, 6],
        b"PM5560",
        &[2, 4],
        b"v2.1",
    ];
    let mut identification = identification.concat();
    identification[5] = identification.len() as u8 - 6;
    let Some(modbus) = made("modbus", 502, 6, &identification) else { return };
    both_read(
        &modbus,
        &[
            (Field::Manufacturer, "ACME", "Object String Value: ACME"),
            (Field::ModelNumber, "PM5560", "Object String Value: PM5560"),
            (Field::SoftwareVersion, "v2.1", "Object String Value: v2.1"),
        ],
    );

    let text = |property: &[u8], text: &str| {
        let property = [&[0x28 | property.len() as u8][..], property].concat();
        [&property[..], &[0x4e, 0x75, text.len() as u8 + 1, 0], text.as_bytes(), &[0x4f]].concat()
    };
    // Behind a router: source network 9, one byte of address.
    let answer = [
        &[1, 8, 0, 9, 1, 5, 0x30, 5, 14, 0x0c, 2, 0, 0, 17, 0x1e][..],
        &text(&[121], "Acme Controls"),
        &text(&[70], "RMC-419"),
        &[0x29, 58, 0x5e, 0x91, 2, 0x91, 31, 0x5f],
        &text(&[1, 116], "SN4711-9"),
        &text(&[44], "4.2.1"),
        &[0x1f],
    ]
    .concat();
    let bvlc = [&[0x81, 10][..], &(answer.len() as u16 + 4).to_be_bytes(), &answer].concat();
    let bacnet = made("bacnet", 47808, 17, &bvlc).expect("tshark was there");
    both_read(
        &bacnet,
        &[
            (Field::Manufacturer, "Acme Controls", "'Acme Controls'"),
            (Field::Model, "RMC-419", "'RMC-419'"),
            (Field::Serial, "SN4711-9", "'SN4711-9'"),
            (Field::ComponentVersion, "firmware 4.2.1", "'4.2.1'"),
            (Field::RelayedBy, "10.1.0.5", "Source Network Address: 9"),
        ],
    );
    let own = Key::MakerModelSerial {
        maker: "Acme Controls".into(),
        model: "RMC-419".into(),
        serial: "SN4711-9".into(),
    };
    let behind = Key::SystemId { system: "BACnet at ED-1".into(), id: "17".into() };
    let joined = |piece: &Evidence| piece.subject == behind && piece.value == own.to_string();
    assert!(bacnet.0.evidence.iter().any(joined), "{:#?}", bacnet.0.evidence);

    let item = [
        &[1, 0][..],
        &[0; 16],
        &[1, 0, 12, 0, 58, 0, 4, 3, 0, 0, 0x8e, 0x4d, 0x52, 0, 11],
        b"1756-ENBT/A\x03",
    ]
    .concat();
    let body = [&[1, 0, 0x0c, 0, item.len() as u8, 0][..], &item].concat();
    let identity = [&[0x63, 0, body.len() as u8, 0][..], &[0; 20], &body].concat();
    let enip = made("enip", 44818, 17, &identity).expect("tshark was there");
    both_read(
        &enip,
        &[
            (Field::Model, "1756-ENBT/A", "Product Name: 1756-ENBT/A"),
            (Field::Serial, "00524D8E", "Serial Number: 0x00524d8e"),
            (Field::SoftwareVersion, "4.003", "Revision: 4.03"),
        ],
    );
}

/// A read of status lists 11H and 1CH, in the same unit as a controller answers it.
#[test]
fn status_lists_are_read_by_tshark_as_by_us() {
    let answer = |list: u8, records: &[(u16, Vec<u8>)]| {
        let size = records[0].1.len() as u16 + 2;
        let mut data =
            [&[0, list, 0, 0][..], &size.to_be_bytes(), &(records.len() as u16).to_be_bytes()].concat();
        records.iter().for_each(|(index, value)| data.extend([&index.to_be_bytes()[..], value].concat()));
        let data = [&[0xff, 9][..], &(data.len() as u16).to_be_bytes(), &data].concat();
        let parameters = [0, 1, 0x12, 8, 0x12, 0x84, 1, 1, 0, 0, 0, 0];
        let lengths = [(parameters.len() as u16).to_be_bytes(), (data.len() as u16).to_be_bytes()].concat();
        let unit = [&[2, 0xf0, 0x80, 0x32, 7, 0, 0, 0, 1][..], &lengths, &parameters, &data].concat();
        [&[3, 0][..], &(unit.len() as u16 + 4).to_be_bytes(), &unit].concat()
    };
    let module = |version: [u8; 4]| [&b"6ES7 315-2EH14-0AB0 "[..], &[0, 0xc0], &version].concat();
    let component = |text: &str| {
        let mut value = text.as_bytes().to_vec();
        value.resize(32, 0);
        value
    };
    let payload = answer(0x11, &[(1, module([0, 1, 0x20, 0x20])), (7, module([b'V', 3, 2, 6]))]);
    let Some(list) = made("szl11", 102, 6, &payload) else { return };
    both_read(
        &list,
        &[
            (Field::ModelNumber, "6ES7 315-2EH14-0AB0", "6ES7 315-2EH14-0AB0"),
            (Field::SoftwareVersion, "3.2.6", "Identification of the basic firmware"),
        ],
    );
    let payload = answer(
        0x1c,
        &[(1, component("AHU-3")), (5, component("S C-C2UR28922012")), (7, component("CPU 315-2"))],
    );
    let list = made("szl1c", 102, 6, &payload).expect("tshark was there");
    both_read(
        &list,
        &[
            (Field::HostName, "AHU-3", "AHU-3"),
            (Field::Serial, "S C-C2UR28922012", "S C-C2UR28922012"),
            (Field::Model, "CPU 315-2", "CPU 315-2"),
        ],
    );
}

/// The devices that OBX-18 names in the laboratory's messages, each as a subject of its own or as the card that sends.
#[test]
fn equipment_in_hl7_is_that_of_tshark() {
    let mut found = 0;
    for name in [
        "lab-a.pcap",
        "tapirx__HL7-ADT-UDI-OBX.pcap",
        "tapirx__HL7-ADT.pcap",
        "tapirx__HL7-ORM.pcap",
        "ndpi__hl7.pcap",
    ] {
        let Some(rows) = tshark(name, "hl7", &["hl7.field"]) else { return };
        let learned = ours(name);
        for row in &rows {
            // Fields without the empty ones; a segment begins with its name.
            let fields: Vec<&str> = row[0].split(';').collect();
            let mut segment = "";
            for field in fields {
                if field.len() == 3 && field.bytes().all(|byte| byte.is_ascii_uppercase()) {
                    segment = field;
                }
                let parts: Vec<&str> = field.split('^').collect();
                let ("OBX", [_, _, id, "EUI-64"]) = (segment, &parts[..]) else { continue };
                let card = format!(
                    "{}:{}:{}:{}:{}:{}",
                    &id[..2],
                    &id[2..4],
                    &id[4..6],
                    &id[10..12],
                    &id[12..14],
                    &id[14..]
                );
                let own = Key::SystemId { system: "EUI-64".into(), id: (*id).to_owned() };
                let key = if &id[6..10] == "FFFE" { common::mac(&card.to_lowercase()) } else { own };
                assert!(learned.evidence.iter().any(|piece| piece.subject == key), "{name}: {field}");
                found += 1;
            }
        }
        let secret =
            |piece: &Evidence| ["PHANTOM", "PH0001", "MOUSE"].iter().any(|word| piece.value.contains(word));
        assert!(!learned.evidence.iter().any(secret), "{name}");
    }
    assert!(found >= 20, "only {found} compared");
}
