//! One test a protocol family on real captures, with values and packet numbers read off them by hand and with Wireshark.

mod common;

use common::{at, expect, mac, read, said};
use tallyward_core::{Field, Key, SourceKind};

#[test]
fn dhcp_names_the_client_not_the_server() {
    let Some(learned) = read("sv__dhcp-eve-extended_input.pcap") else { return };
    let device = mac("00:11:32:17:49:f0");
    expect(&learned, &device, Field::HostName, "nas1", "DHCP option 12", 1);
    expect(&learned, &device, Field::DhcpParameters, "1,28,2,3,15,6,12", "DHCP option 55", 1);
    expect(&learned, &device, Field::IpAddress, "10.16.1.4", "DHCP ACK", 2);
    let server = said(&learned, &mac("a0:36:9f:4c:4c:28"));
    assert!(server.iter().all(|(field, ..)| *field != Field::HostName));
    assert_eq!(learned.flows[0].service, "dhcp");
    assert_eq!((learned.flows[0].port, learned.flows[0].packets), (67, 2));

    for (capture, card, name) in [
        ("tcpdump__dhcp-mud.pcap", "b8:27:eb:b8:53:c8", "raspberrypi"),
        ("ndpi__dhcp-fuzz.pcapng", "00:1f:29:da:2d:79", "MK03862"),
        ("zeek__dhcp_dhcp.pcap", "90:b1:1c:99:49:29", "btest.is.cool"),
        ("zeek__dhcp_dhcp_discover_param_req_and_client_id.pcap", "00:0b:82:01:fc:42", "test0000"),
    ] {
        let Some(learned) = read(capture) else { return };
        expect(&learned, &mac(card), Field::HostName, name, "DHCP option 12", 1);
    }
}

#[test]
fn a_dicom_association_names_both_ends() {
    for (capture, ended) in
        [("tapirx__dicom_arq_1_find_testclient.pcap", 1), ("tapirx__dicom_arq_2_get_testclient.pcap", 2)]
    {
        let Some(learned) = read(capture) else { return };
        // A loopback capture has no cards: all there is, is an address.
        let subject = at("127.0.0.1");
        expect(&learned, &subject, Field::AeTitle, "testclient", "DICOM A-ASSOCIATE-RQ", 1);
        expect(&learned, &subject, Field::AeTitle, "testserver", "DICOM A-ASSOCIATE-RQ", 1);
        let implementation = "1.2.826.0.1.3680043.9.7133.1.1 GODICOM_1_1";
        expect(&learned, &subject, Field::DicomImplementation, implementation, "DICOM A-ASSOCIATE-RQ", ended);
        expect(
            &learned,
            &subject,
            Field::DicomToolkit,
            "go-netdicom",
            "DICOM implementation class UID",
            ended,
        );
        assert_eq!((learned.flows[0].service.as_str(), learned.flows[0].port), ("dicom", 104));
    }
}

#[test]
fn a_dicom_data_set_names_the_modality() {
    let Some(learned) = read("tapirxl__ct_to_pacs_scenario.pcap") else { return };
    let scanner = mac("00:10:18:aa:bb:01");
    expect(&learned, &scanner, Field::Manufacturer, "GE Healthcare", "DICOM C-STORE (0008,0070)", 12);
    expect(&learned, &scanner, Field::Model, "BrightSpeed Elite Select", "DICOM C-STORE (0008,1090)", 12);
    expect(&learned, &scanner, Field::SoftwareVersion, "11.2.0", "DICOM C-STORE (0018,1020)", 12);
    expect(&learned, &scanner, Field::AeTitle, "BRIGHTSPEED01", "DICOM A-ASSOCIATE-RQ", 6);
    // The acceptance in this capture swaps the titles; what was called counts.
    let archive = mac("00:1a:2b:3c:51:10");
    expect(&learned, &archive, Field::AeTitle, "CENTRICITY001", "DICOM A-ASSOCIATE-AC", 8);
    assert!(said(&learned, &archive).iter().all(|(_, value, ..)| value != "BRIGHTSPEED01"));
}

#[test]
fn hl7_names_sender_receiver_and_equipment() {
    let Some(learned) = read("tapirx__HL7-ADT-UDI-OBX.pcap") else { return };
    let sender = mac("00:03:b1:b5:b6:48");
    expect(&learned, &sender, Field::Hl7Application, "SENDING_APPLICATION", "HL7 MSH-3", 4);
    expect(&learned, &sender, Field::Hl7Facility, "SENDING_FACILITY", "HL7 MSH-4", 4);
    let receiver = mac("08:00:27:1d:a6:c2");
    expect(&learned, &receiver, Field::Hl7Application, "RECEIVING_APPLICATION", "HL7 MSH-5", 4);
    expect(&learned, &receiver, Field::Hl7Application, "RECEIVING_APPLICATION", "HL7 MSH-3", 5);
    let pump = Key::SystemId {
        system: "HL7 equipment of SENDING_APPLICATION at SENDING_FACILITY".into(),
        id: "Hospira Plum A+".into(),
    };
    expect(&learned, &pump, Field::Description, "Hospira Plum A+", "HL7 OBX-18", 4);
    expect(&learned, &pump, Field::RelayedBy, "SENDING_APPLICATION (10.0.0.155)", "HL7 OBX-18", 4);

    let Some(learned) = read("tapirx__HL7-ORM.pcap") else { return };
    let sender = mac("00:0c:29:b5:b6:48");
    expect(&learned, &sender, Field::Hl7Application, "SendingApp", "HL7 MSH-3", 4);
}

#[test]
fn arp_binds_addresses_and_its_probes_do_not() {
    let Some(learned) = read("zeek__arp-who-has.pcap") else { return };
    let claims: Vec<_> = learned.evidence.iter().filter(|piece| piece.basis == "ARP").collect();
    assert_eq!(claims.len(), 2);
    assert!(
        claims.iter().all(|piece| piece.field == Field::IpAddress && matches!(piece.subject, Key::Mac(_)))
    );
    assert!(claims.iter().all(|piece| piece.source.kind == SourceKind::WireNetwork));
}

#[test]
fn vlan_tags_are_told_and_tunnels_through_them_read() {
    let Some(learned) = read("zeek__http-vlan-0.pcap") else { return };
    assert_eq!(learned.flows.len(), 1);
    assert_eq!((learned.flows[0].port, learned.flows[0].packets), (80, 14));
    let Some(learned) = read("tcpdump__802.1ad_QinQ.pcap") else { return };
    assert_eq!(learned.stats.ignored, 0);
    assert!(learned.evidence.iter().any(|piece| piece.field == Field::Vlan));
}

#[test]
fn fragments_make_no_flows_of_their_own() {
    let Some(learned) = read("ppp__ip-frag.pcap") else { return };
    assert_eq!(learned.stats.packets, 3000);
    let udp_with_port = learned.flows.iter().filter(|flow| flow.transport == 17).all(|flow| flow.port != 0);
    assert!(udp_with_port, "{:#?}", learned.flows);
}

/// Every device of the laboratory, by card.
#[test]
fn the_laboratory_is_known_device_by_device() {
    let Some(learned) = read("lab-a.pcap") else { return };
    assert_eq!(learned.stats.packets, 3182);
    assert_eq!(learned.problems.len(), 1);
    assert_eq!(learned.problems[0].place, "packet 3183");
    assert!(learned.problems[0].what.contains("all 3182 packets before it were read"));

    for (card, address) in [
        ("00:50:56:aa:00:01", "10.77.0.1"),
        ("00:0e:a5:10:20:30", "10.77.0.11"),
        ("00:c0:1d:33:44:55", "10.77.0.12"),
        ("00:07:e5:01:02:03", "10.77.0.13"),
        ("00:50:56:aa:00:20", "10.77.0.20"),
        ("d8:9e:f3:11:22:33", "10.77.0.21"),
        ("00:30:e6:0a:0b:0c", "10.77.0.31"),
        ("00:50:56:aa:00:32", "10.77.0.32"),
        ("00:50:56:aa:00:40", "10.77.0.40"),
        ("00:03:b1:01:02:03", "10.77.0.109"),
        ("00:09:5c:44:55:66", "10.77.0.110"),
    ] {
        let all = said(&learned, &mac(card));
        assert!(all.iter().any(|(field, value, basis, _)| {
            (*field, value.as_str(), basis.as_str()) == (Field::IpAddress, address, "ARP")
        }));
    }
    let cards: std::collections::BTreeSet<_> = learned
        .evidence
        .iter()
        .map(|piece| &piece.subject)
        .filter(|key| matches!(key, Key::Mac(_)))
        .collect();
    assert_eq!(cards.len(), 13, "eleven devices, the switch and the capturing host's bridge");

    let scanner = mac("00:0e:a5:10:20:30");
    expect(&learned, &scanner, Field::Manufacturer, "SIEMENS", "DICOM C-STORE (0008,0070)", 113);
    expect(&learned, &scanner, Field::SoftwareVersion, "syngo CT VA48A", "DICOM C-STORE (0018,1020)", 113);
    expect(&learned, &scanner, Field::AeTitle, "CT_SOMATOM", "DICOM A-ASSOCIATE-RQ", 72);
    expect(&learned, &scanner, Field::DicomToolkit, "DCMTK", "DICOM implementation class UID", 72);
    expect(&learned, &scanner, Field::Hl7Application, "CTCONSOLE", "HL7 MSH-3", 2854);
    let own = Key::MakerModelSerial {
        maker: "Siemens Healthineers".into(),
        model: "SOMATOM Definition AS+".into(),
        serial: "64321".into(),
    };
    expect(&learned, &scanner, Field::Key, &own.to_string(), "DICOM C-STORE (0018,1000)", 113);
    expect(&learned, &own, Field::Serial, "64321", "DICOM C-STORE (0018,1000)", 113);

    let magnet = mac("00:07:e5:01:02:03");
    expect(&learned, &magnet, Field::SoftwareVersion, "5.6.1; 5.6.1.0", "DICOM C-STORE (0018,1020)", 2625);
    let pump = mac("00:03:b1:01:02:03");
    expect(&learned, &pump, Field::HostName, "ALARIS-PCU-14829", "DHCP option 12", 38);
    expect(&learned, &pump, Field::DhcpVendorClass, "Alaris PCU 8015 v9.33", "DHCP option 60", 38);
    expect(&learned, &pump, Field::Description, "ALARIS-PCU-14829", "HL7 OBX-18", 2714);
    assert!(
        said(&learned, &pump).iter().all(|(field, ..)| *field != Field::RelayedBy),
        "it speaks for itself"
    );
    let monitor = mac("00:09:5c:44:55:66");
    expect(&learned, &monitor, Field::HostName, "MX800-BED07", "DHCP option 12", 42);
    expect(&learned, &monitor, Field::NicMaker, "Philips", "MAC prefix", 1);
    // Its HL7 messages put the equipment id into the wrong field, so the attributes are the sender's by guess only.
    let said_itself = Key::SystemId { system: "EUI-64".into(), id: "00095C4455660000".into() };
    expect(&learned, &monitor, Field::Key, &said_itself.to_string(), "HL7 MSH-3", 2784);
    expect(&learned, &said_itself, Field::SoftwareVersion, "M.04.21", "HL7 OBX-3 MDC_ID_PROD_SPEC_SW", 2784);
    expect(&learned, &said_itself, Field::Serial, "DE51735201", "HL7 OBX-3 MDC_ID_PROD_SPEC_SERIAL", 2784);
    let guessed = learned.evidence.iter().filter(|piece| piece.subject == said_itself);
    assert!(guessed.into_iter().all(|piece| piece.source.kind == SourceKind::Guess));
    let archive = mac("00:50:56:aa:00:20");
    expect(&learned, &archive, Field::DicomRole, "archive", "DICOM abstract syntaxes", 74);
    expect(&learned, &archive, Field::AeTitle, "ORTHANC", "DICOM A-ASSOCIATE-AC", 1940);
    let station = mac("d8:9e:f3:11:22:33");
    expect(&learned, &station, Field::DicomRole, "workstation", "DICOM abstract syntaxes", 2682);

    let dicom: u64 =
        learned.flows.iter().filter(|flow| flow.service == "dicom").map(|flow| flow.packets).sum();
    assert_eq!(dicom, 20 + 1844 + 680 + 56 + 20 + 10);
}
