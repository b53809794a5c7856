//! Names and self-descriptions through the whole reader: damaged captures, cut streams, patient data beside device data.

mod common;

use common::{End, bytes, ethernet, expect, ipv4, mac, options, pcap, segment};
use proptest::prelude::*;
use std::process::Command;
use std::sync::LazyLock;
use tallyward_core::{Field, testkit};
use tallyward_discovery::{describe, read_capture};

/// Small real captures of these protocols.
static SAMPLES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let names = [
        "ndpi__http.pcapng",
        "ndpi__netbios.pcap",
        "ndpi__snmp.pcap",
        "ndpi__soap.pcap",
        "ndpi__ssdp-m-search.pcap",
        "ndpi__syslog.pcap",
        "ndpi__upnp.pcap",
        "zeek__dns_hinfo.pcap",
        "zeek__dns_mdns.pcap",
        "zeek__http-vlan-0.pcap",
        "zeek__snmp_snmpv1_get.pcap",
        "zeek__snmp_snmpv3_get_next.pcap",
    ];
    names.iter().filter_map(|name| bytes(name)).collect()
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn damaged_captures_are_read_as_far_as_they_go(
        sample in any::<prop::sample::Index>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40),
        cut in any::<prop::sample::Index>(),
    ) {
        if SAMPLES.is_empty() {
            return Ok(());
        }
        let mut file = SAMPLES[sample.index(SAMPLES.len())].clone();
        for (at, byte) in damage {
            let index = at.index(file.len());
            file[index] = byte;
        }
        file.truncate(file.len() - cut.index(file.len() / 4 + 1));
        let learned = read_capture(&file, options());
        prop_assert!(learned.evidence.iter().all(|piece| piece.value.len() <= 1024));
        let _ = describe(&learned);
    }
}

const DEVICE: End = End { mac: [0, 9, 0xfb, 1, 2, 3], address: [10, 0, 0, 1], port: 80 };
const READER: End = End { mac: [0, 9, 0xfb, 1, 2, 4], address: [10, 0, 0, 2], port: 40_000 };

fn datagram(from: &End, to: &End, payload: &[u8]) -> Vec<u8> {
    let mut udp = Vec::new();
    udp.extend(from.port.to_be_bytes());
    udp.extend(to.port.to_be_bytes());
    udp.extend((payload.len() as u16 + 8).to_be_bytes());
    udp.extend([0, 0]);
    udp.extend(payload);
    ethernet(from, to, 0x0800, &ipv4(from, to, 17, 64, &udp))
}

/// A stream in segments of so many bytes, the second before the first.
fn stream(from: &End, to: &End, bytes: &[u8], size: usize) -> Vec<Vec<u8>> {
    let mut out = vec![segment(from, to, 99, 2, &[])];
    for (number, part) in bytes.chunks(size).enumerate() {
        out.push(segment(from, to, 100 + (number * size) as u32, 0x18, part));
    }
    if out.len() > 3 {
        out.swap(1, 2);
    }
    out
}

const DESCRIPTION: &str = "<root><device><manufacturer>Acme</manufacturer><modelName>LJ7</modelName>\
                           <serialNumber>SN778</serialNumber></device></root>";

#[test]
fn a_description_cut_over_segments_out_of_order_is_read() {
    let answer = format!(
        "HTTP/1.1 200 OK\r\nServer: Acme/1\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n{DESCRIPTION}",
        DESCRIPTION.len()
    );
    for size in [9, 100, 1400] {
        let learned = read_capture(&pcap(&stream(&DEVICE, &READER, answer.as_bytes(), size)), options());
        let last = answer.len().div_ceil(size) as u64 + 1;
        let device = mac("00:09:fb:01:02:03");
        expect(&learned, &device, Field::Serial, "SN778", "UPnP serialNumber", last);
        assert!(learned.evidence.iter().any(|piece| piece.value == "sn|Acme|LJ7|SN778"));
        assert_eq!(learned.flows[0].service, "http");
    }
}

#[test]
fn what_a_patient_left_in_requests_and_records_comes_out_nowhere() {
    let secret = "PH0001";
    let requests = format!(
        "GET /Patient?identifier={secret} HTTP/1.1\r\nHost: {secret}\r\nCookie: {secret}\r\nAuthorization: Basic {secret}\r\n\
         User-Agent: Viewer/1\r\nReferer: http://x/{secret}\r\n\r\n"
    );
    let records = [
        (
            "application/fhir+json",
            format!(
                "{{\"resourceType\":\"Patient\",\"software\":{{\"name\":\"{secret}\"}},\"fhirVersion\":\"{secret}\"}}"
            ),
        ),
        (
            "application/fhir+xml",
            format!("<Patient><software><name value=\"{secret}\"/></software></Patient>"),
        ),
        (
            "application/soap+xml",
            format!(
                "<Envelope><Body><EpisodicContextReport><ReportPart><ContextState><CoreData><Givenname>{secret}</Givenname>\
                 <Manufacturer>{secret}</Manufacturer></CoreData></ContextState></ReportPart></EpisodicContextReport></Body></Envelope>"
            ),
        ),
        ("text/html", format!("<root><device><serialNumber>{secret}</serialNumber></device></root>")),
        (
            "application/hl7-v2",
            format!(
                "MSH|^~\\&|GW|WARD|||2026||ORU^R01|1|P|2.6\rPID|1||{secret}||{secret}^A\rOBX|1|ST|1^X||{secret}\r"
            ),
        ),
    ];
    let answers: String = records
        .iter()
        .map(|(kind, body)| {
            format!(
                "HTTP/1.1 200 OK\r\nServer: s\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )
        })
        .collect();
    let mut frames = stream(&READER, &DEVICE, requests.repeat(3).as_bytes(), 120);
    frames.extend(stream(&DEVICE, &READER, answers.as_bytes(), 77));
    let learned = read_capture(&pcap(&frames), options());
    assert!(learned.evidence.iter().any(|piece| piece.value == "Viewer/1"));
    assert!(learned.evidence.iter().any(|piece| piece.value == "GW"));
    let lines = serde_json::to_string(&describe(&learned)).expect("lines serialise");
    assert!(!format!("{learned:?}{lines}").contains(secret));
}

/// The samples that no capture could be found for are at least what Wireshark takes them for.
#[test]
fn made_answers_of_dns_are_read_as_tshark_reads_them() {
    let name = b"\x03mri\x08hospital\0";
    let mut answer = vec![0x12, 0x34, 0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 0];
    answer.extend(name);
    answer.extend([0, 1, 0, 1]);
    answer.extend([0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 6, 3, b'm', b'r', b'7', 0xc0, 16]);
    let alias = answer.len() as u16 - 6;
    answer.extend((0xc000 | alias).to_be_bytes());
    answer.extend([0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 0, 0, 7]);
    let server = End { port: 53, ..DEVICE };
    let file = pcap(&[datagram(&server, &READER, &answer)]);
    let learned = read_capture(&file, options());
    let host = learned.evidence.iter().find(|piece| piece.field == Field::HostName).expect("a host name");
    assert_eq!((host.value.as_str(), host.basis.as_str()), ("mr7.hospital", "DNS A"));
    assert_eq!(host.subject, common::at("10.0.0.7"));

    let path = std::env::temp_dir().join(format!("tallyward-dns-{}.pcap", std::process::id()));
    std::fs::write(&path, &file).expect("the temporary folder takes a file");
    let output = Command::new("tshark")
        .arg("-r")
        .arg(&path)
        .args(["-T", "fields", "-e", "dns.resp.name", "-e", "dns.a", "-e", "dns.cname"])
        .output();
    std::fs::remove_file(&path).expect("the file was just written");
    let Ok(output) = output else {
        testkit::skipped("tshark is not installed");
        return;
    };
    assert_eq!(
        String::from_utf8_lossy(&output.stdout).trim(),
        "mri.hospital,mr7.hospital\t10.0.0.7\tmr7.hospital"
    );
}
