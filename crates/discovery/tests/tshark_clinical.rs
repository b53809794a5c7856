//! What Wireshark's dissectors say of the captures of clinical and building protocols.

mod common;

use common::{bytes, options};
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
