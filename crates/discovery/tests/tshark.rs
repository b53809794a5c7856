//! What Wireshark's dissectors say of the same captures.

mod common;

use common::{captures, options};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use tallyward_core::{Field, testkit};
use tallyward_discovery::{Learned, read_capture};

const FIELDS: &[&str] = &[
    "frame.number",
    "eth.src",
    "wlan.sa",
    "arp.src.hw_mac",
    "arp.src.proto_ipv4",
    "arp.opcode",
    "dhcp.type",
    "dhcp.hw.mac_addr",
    "dhcp.option.hostname",
    "dicom.pdu.type",
    "dicom.assoc.ae.calling",
    "dicom.assoc.ae.called",
    "dicom.userinfo.uid",
    "hl7.field",
];

/// One packet as tshark tells it; repeated fields are parted by semicolons.
struct Row(Vec<String>);

impl Row {
    fn get(&self, field: &str) -> &str {
        let at = FIELDS.iter().position(|known| *known == field).expect("a field of the list");
        self.0.get(at).map_or("", String::as_str)
    }

    /// The card that sent the innermost frame: a wireless one where a wireless frame lies in a tunnel.
    fn card(&self) -> &str {
        let wireless = self.get("wlan.sa");
        let all = if wireless.is_empty() { self.get("eth.src") } else { wireless };
        all.rsplit(';').next().unwrap_or_default()
    }

    fn first(&self, field: &str) -> &str {
        self.get(field).split(';').next().unwrap_or_default()
    }
}

struct Compared {
    path: PathBuf,
    theirs: Vec<Row>,
    ours: Learned,
}

/// Every capture read by both; empty, said loudly, without tshark.
static BOTH: LazyLock<Vec<Compared>> = LazyLock::new(|| {
    if Command::new("tshark").arg("--version").output().is_err() {
        testkit::skipped("tshark is not installed");
        return Vec::new();
    }
    let read = |path: PathBuf| {
        let ours = read_capture(&std::fs::read(&path).expect("a shared capture can be read"), options());
        Compared { theirs: tshark(&path), ours, path }
    };
    let paths = captures();
    std::thread::scope(|scope| {
        let halves = paths.chunks(paths.len().div_ceil(2).max(1));
        let reading: Vec<_> = halves
            .map(|half| scope.spawn(move || half.iter().cloned().map(read).collect::<Vec<_>>()))
            .collect();
        reading.into_iter().flat_map(|half| half.join().expect("the reading thread ends well")).collect()
    })
});

fn tshark(path: &Path) -> Vec<Row> {
    let mut command = Command::new("tshark");
    command.arg("-r").arg(path).args(["-Y", "arp || dhcp || dicom || hl7", "-T", "fields"]);
    command.args(["-E", "aggregator=;", "-d", "tcp.port==4242,dicom", "-d", "tcp.port==6661,hl7"]);
    command.args(FIELDS.iter().flat_map(|field| ["-e", field]));
    let output = command.output().expect("tshark runs");
    // 2 is how tshark says that a capture is cut short; what it had read before is there.
    assert!(matches!(output.status.code(), Some(0 | 2)), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().map(|line| Row(line.split('\t').map(str::to_owned).collect())).collect()
}

impl Compared {
    fn said(&self, field: Field, basis: &str) -> BTreeSet<(String, String)> {
        let matching = self.ours.evidence.iter().filter(|piece| piece.field == field && piece.basis == basis);
        matching.map(|piece| (piece.subject.to_string(), piece.value.clone())).collect()
    }
}

#[test]
fn host_names_in_dhcp_are_those_of_tshark() {
    let mut found = 0;
    for both in BOTH.iter() {
        let theirs: BTreeSet<(String, String)> = both
            .theirs
            .iter()
            .filter(|row| row.get("dhcp.type") == "1" && !row.get("dhcp.option.hostname").is_empty())
            .map(|row| {
                (format!("mac|{}", row.first("dhcp.hw.mac_addr")), row.get("dhcp.option.hostname").to_owned())
            })
            .collect();
        assert_eq!(both.said(Field::HostName, "DHCP option 12"), theirs, "{}", both.path.display());
        found += theirs.len();
    }
    assert!(found >= 8 || BOTH.is_empty(), "only {found} host names compared");
}

#[test]
fn arp_senders_are_those_of_tshark() {
    let mut found = 0;
    for both in BOTH.iter() {
        // Claims for another card than the sending one are not believed.
        let theirs: BTreeSet<(String, String)> = both
            .theirs
            .iter()
            .filter(|row| row.card() == row.get("arp.src.hw_mac"))
            .filter(|row| matches!(row.get("arp.opcode"), "1" | "2"))
            .filter(|row| !matches!(row.get("arp.src.proto_ipv4"), "" | "0.0.0.0"))
            .map(|row| {
                (format!("mac|{}", row.get("arp.src.hw_mac")), row.get("arp.src.proto_ipv4").to_owned())
            })
            .collect();
        assert_eq!(both.said(Field::IpAddress, "ARP"), theirs, "{}", both.path.display());
        found += theirs.len();
    }
    assert!(found >= 20 || BOTH.is_empty(), "only {found} claims compared");
}

#[test]
fn associations_are_those_of_tshark() {
    let mut found = 0;
    for both in BOTH.iter() {
        let mut titles = BTreeSet::new();
        for row in both.theirs.iter().filter(|row| row.first("dicom.pdu.type") == "0x01") {
            titles.insert(row.get("dicom.assoc.ae.calling").trim().to_owned());
            titles.insert(row.get("dicom.assoc.ae.called").trim().to_owned());
            let uid = row.get("dicom.userinfo.uid");
            let place = format!("packet {}", row.get("frame.number"));
            let told = both.ours.evidence.iter().any(|piece| {
                piece.field == Field::DicomImplementation
                    && piece.value.split(' ').next() == Some(uid)
                    && place_number(&piece.episodes[0].place) <= place_number(&place)
            });
            assert!(told, "{}: {uid} by {place}", both.path.display());
            found += 1;
        }
        let ours: BTreeSet<String> =
            both.said(Field::AeTitle, "DICOM A-ASSOCIATE-RQ").into_iter().map(|(_, title)| title).collect();
        assert_eq!(ours, titles, "{}", both.path.display());
    }
    assert!(found >= 8 || BOTH.is_empty(), "only {found} associations compared");
}

fn place_number(place: &str) -> u64 {
    place.strip_prefix("packet ").and_then(|number| number.parse().ok()).expect("packet and a number")
}

#[test]
fn hl7_senders_are_those_of_tshark() {
    let mut found = 0;
    for both in BOTH.iter() {
        let theirs: Vec<String> = both
            .theirs
            .iter()
            .filter(|row| row.get("hl7.field").starts_with("MSH;"))
            .map(|row| row.get("hl7.field").split(';').nth(2).unwrap().split('^').next().unwrap().to_owned())
            .collect();
        let applications: BTreeSet<String> =
            both.said(Field::Hl7Application, "HL7 MSH-3").into_iter().map(|(_, name)| name).collect();
        assert_eq!(applications, theirs.iter().cloned().collect(), "{}", both.path.display());
        let messages: u64 = both
            .ours
            .evidence
            .iter()
            .filter(|piece| piece.field == Field::Hl7Application && piece.basis == "HL7 MSH-3")
            .map(|piece| piece.episodes[0].count)
            .sum();
        // A side that has said nothing new in sixteen messages rests; up to then every message counts.
        let all = theirs.len() as u64;
        assert!((all.min(16)..=all).contains(&messages), "{messages} of {all}: {}", both.path.display());
        found += all;
    }
    assert!(found >= 130 || BOTH.is_empty(), "only {found} messages compared");
}

#[test]
fn packets_are_counted_as_capinfos_counts_them() {
    for path in captures() {
        let Ok(output) = Command::new("capinfos").args(["-c", "-M", "-T", "-r"]).arg(&path).output() else {
            testkit::skipped("capinfos is not installed");
            return;
        };
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let theirs: u64 = text.trim().rsplit('\t').next().unwrap().parse().unwrap();
        let learned = read_capture(&std::fs::read(&path).unwrap(), options());
        assert_eq!(learned.stats.packets, theirs, "{}", path.display());
    }
}
