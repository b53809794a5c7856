//! What Wireshark's dissectors say of the same captures: TLS, Windows' own protocols, and greetings.

mod common;

use common::{bytes, options};
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::process::Command;
use tallyward_core::{Evidence, Field, testkit};
use tallyward_discovery::{Learned, read_capture};

/// What both say of a capture: rows of the fields asked for (repeated ones parted by semicolons), and what was learned here.
/// `None`, said loudly, without tshark or the capture.
fn both(capture: &str, filter: &str, fields: &[&str]) -> Option<(Vec<Vec<String>>, Learned)> {
    let ours = read_capture(&bytes(capture)?, options());
    let mut command = Command::new("tshark");
    command.arg("-r").arg(testkit::shared(&format!("pcaps/{capture}"))?);
    command.args(["-Y", filter, "-T", "fields", "-E", "aggregator=;"]);
    command.args(fields.iter().flat_map(|field| ["-e", field]));
    let Ok(output) = command.output() else {
        testkit::skipped("tshark is not installed");
        return None;
    };
    // 2 is how tshark says that a capture is cut short; what it had read before is there.
    assert!(matches!(output.status.code(), Some(0 | 2)), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Some((text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect(), ours))
}

fn pieces<'a>(ours: &'a Learned, field: Field, basis: &'a str) -> impl Iterator<Item = &'a Evidence> {
    ours.evidence.iter().filter(move |piece| piece.field == field && piece.basis == basis)
}

fn values(ours: &Learned, field: Field, basis: &str) -> BTreeSet<String> {
    pieces(ours, field, basis).map(|piece| piece.value.clone()).collect()
}

fn is_near(address: &str) -> bool {
    match address.parse() {
        Ok(IpAddr::V4(v4)) => v4.is_private() || v4.is_link_local(),
        Ok(IpAddr::V6(_)) => true,
        Err(_) => false,
    }
}

#[test]
fn names_asked_for_in_tls_are_those_of_tshark() {
    let mut found = 0;
    for capture in
        ["ppp__tls.pcap", "ndpi__tls-rdn-extract.pcap", "ndpi__443-chrome.pcap", "ndpi__sonos.pcapng"]
    {
        let fields = ["ip.dst", "ipv6.dst", "tls.handshake.extensions_server_name"];
        let Some((theirs, ours)) = both(capture, "tls.handshake.type == 1 && tcp", &fields) else { return };
        // An address is no name.
        let theirs: BTreeSet<String> = theirs
            .into_iter()
            .filter(|row| is_near(&format!("{}{}", row[0], row[1])) && !row[2].is_empty())
            .map(|row| row[2].clone())
            .filter(|name| name.parse::<IpAddr>().is_err())
            .collect();
        assert_eq!(values(&ours, Field::HostName, "TLS SNI"), theirs, "{capture}");
        found += theirs.len();
    }
    assert!(found >= 1, "only {found} names compared");
}

#[test]
fn certificates_are_those_of_tshark() {
    let mut found = 0;
    for capture in ["ppp__tls.pcap", "sv__ja4-tls_input.pcap", "ndpi__tls-rdn-extract.pcap"] {
        let fields = ["ip.src", "x509af.utcTime", "x509sat.uTF8String", "x509sat.printableString"];
        let Some((theirs, ours)) = both(capture, "tls.handshake.type == 11", &fields) else { return };
        let near: Vec<_> = theirs.iter().filter(|row| is_near(&row[0])).collect();
        let ends: BTreeSet<String> =
            near.iter().map(|row| row[1].split(';').nth(1).unwrap()[..10].to_owned()).collect();
        assert_eq!(values(&ours, Field::CertificateEnds, "TLS certificate validity"), ends, "{capture}");
        let words: BTreeSet<&str> =
            near.iter().flat_map(|row| row[2..].iter().flat_map(|all| all.split(';'))).collect();
        let subjects = values(&ours, Field::Certificate, "TLS certificate subject");
        assert_eq!(subjects.is_empty(), near.is_empty(), "{capture}");
        for part in subjects.iter().flat_map(|subject| subject.split(", ")) {
            let (_, value) = part.split_once('=').unwrap();
            assert!(words.contains(value), "{capture}: {value} of {words:?}");
            found += 1;
        }
    }
    assert!(found >= 4, "only {found} parts of subjects compared");
}

/// Neither tshark 4.0 nor older ones work JA4 out. Suricata's own test of this capture expects this value.
#[test]
fn a_fingerprint_is_that_of_another_implementation() {
    let Some(bytes) = bytes("sv__ja4-tls_input.pcap") else { return };
    let ours = read_capture(&bytes, options());
    let told: Vec<_> = pieces(&ours, Field::TlsFingerprint, "TLS client hello").collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].value, "t12i1810s1_27d4652c4487_06a4338d0495");
    assert_eq!(told[0].episodes[0].place, "packet 4");
}
