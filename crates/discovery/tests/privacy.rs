//! Patient data never leaves a capture.

mod common;

use common::{End, associate, options, pcap, read, segment, store};
use tallyward_discovery::{Learned, describe, read_capture};

fn everything(learned: &Learned) -> String {
    let lines = serde_json::to_string(&describe(learned)).expect("lines serialise");
    format!("{}\n{lines}\n{learned:?}", serde_json::to_string(learned).expect("evidence serialises"))
        .to_uppercase()
}

#[test]
fn no_patient_of_a_real_capture_is_in_the_output() {
    let secrets: &[(&str, &[&str])] = &[
        ("lab-a.pcap", &["PHANTOM", "PH0001"]),
        ("tapirx__HL7-ADT-UDI-OBX.pcap", MOUSE),
        ("tapirx__HL7-ADT.pcap", MOUSE),
        ("tapirx__HL7-ORM.pcap", MOUSE),
        ("ndpi__hl7.pcap", MOUSE),
    ];
    for (name, secrets) in secrets {
        let Some(raw) = common::bytes(name) else { return };
        let Some(learned) = read(name) else { return };
        assert!(!learned.evidence.is_empty());
        let output = everything(&learned);
        for secret in *secrets {
            assert!(!output.contains(secret), "{name}: {secret} leaked");
        }
        let there = String::from_utf8_lossy(&raw).to_uppercase();
        assert!(
            secrets.iter().any(|secret| there.contains(secret)),
            "{name}: the secrets are in the capture"
        );
    }
}

const MOUSE: &[&str] = &[
    "MICKEY",
    "MOUSE",
    "19281118",
    "135769",
    "MAIN ST",
    "407)939",
    "OHTOODLES",
    "PENICILLIN",
    "999999999",
    "12345^",
];

/// Cuts, losses and shifts must not make a walker take patient data for device data.
#[test]
fn damaged_captures_do_not_leak_either() {
    let device = End { mac: [2, 0, 0, 0, 0, 1], address: [10, 0, 0, 1], port: 40_000 };
    let archive = End { mac: [2, 0, 0, 0, 0, 2], address: [10, 0, 0, 2], port: 104 };
    let stream =
        [associate(1, "PACS", "CT1", "1.2.3"), store("ACME", "X1", "SN9", "SECRETNAME^PAT")].concat();
    let message = "\x0bMSH|^~\\&|APP|FAC|RAPP|RFAC|2026||ORU^R01|1|P|2.6\rPID|1||SECRETID^^^A||SECRETNAME^PAT\r\
                   OBX|1|ST|1^MDC_ID_PROD_SPEC_SW^MDC|1.0.0.1|4.2\r\
                   OBX|2|ST||1.0.0.2|SECRETVALUE|||||F|||||||EQ1^ACME^0003B1FFFE010203^EUI-64\r\x1c\r";
    for stream in [&stream[..], message.as_bytes()] {
        for lost in 0..stream.len().div_ceil(20) {
            let frames: Vec<Vec<u8>> = stream
                .chunks(20)
                .enumerate()
                .filter(|(number, _)| *number != lost)
                .map(|(number, piece)| segment(&device, &archive, 1 + number as u32 * 20, 16, piece))
                .collect();
            let output = everything(&read_capture(&pcap(&frames), options()));
            assert!(!output.contains("SECRET"), "with segment {lost} lost");
        }
    }
}
