//! What Wireshark's dissectors say of names and self-descriptions in the same captures.

mod common;

use common::{bytes, options};
use std::collections::BTreeSet;
use std::process::Command;
use tallyward_core::{Field, testkit};
use tallyward_discovery::{Learned, read_capture};

/// Values of the asked fields, one row a packet; several values of a field are parted by the unit separator.
type Rows = Vec<Vec<String>>;

const BETWEEN: char = '\u{1f}';

/// A capture read by both: tshark's rows of the packets that `filter` shows, and what was learned.
fn both(name: &str, filter: &str, fields: &[&str]) -> Option<(Rows, Learned)> {
    let path = testkit::shared(&format!("pcaps/{name}"))?;
    if Command::new("tshark").arg("--version").output().is_err() {
        testkit::skipped("tshark is not installed");
        return None;
    }
    let mut command = Command::new("tshark");
    command.arg("-r").arg(&path).args(["-Y", filter, "-T", "fields", "-E", "occurrence=a"]);
    command.arg("-E").arg(format!("aggregator={BETWEEN}"));
    command.args(fields.iter().flat_map(|field| ["-e", field]));
    let output = command.output().expect("tshark runs");
    // 2 is how tshark says that a capture is cut short.
    assert!(matches!(output.status.code(), Some(0 | 2)), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let rows = text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect();
    Some((rows, read_capture(&bytes(name)?, options())))
}

fn parts(value: &str) -> Vec<String> {
    value.split(BETWEEN).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// Values said of anybody on a basis.
fn said(learned: &Learned, field: Field, basis: &str) -> BTreeSet<String> {
    let matching = learned.evidence.iter().filter(|piece| piece.field == field && piece.basis == basis);
    matching.map(|piece| piece.value.clone()).collect()
}

fn from_hex(hex: &str) -> String {
    let byte =
        |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("tshark prints bytes in hexadecimal");
    String::from_utf8((0..hex.len() / 2).map(|at| byte(at * 2)).collect())
        .expect("the captures' texts are UTF-8")
}

#[test]
fn snmp_agents_say_what_tshark_shows() {
    let mut compared = 0;
    for name in
        ["ndpi__snmp.pcap", "zeek__snmp_snmpv1_get.pcap", "sv__snmp-v2c-get_SNMPv2c_get_requests.pcap"]
    {
        let fields = ["snmp.name", "snmp.value.octets", "snmp.value.oid"];
        let filter = "snmp.data == 2 && snmp.error_status == 0";
        let Some((rows, learned)) = both(name, filter, &fields) else { return };
        for (oid, field, basis) in [
            ("1.3.6.1.2.1.1.1.0", Field::SystemDescription, "SNMP sysDescr"),
            ("1.3.6.1.2.1.1.5.0", Field::HostName, "SNMP sysName"),
            ("1.3.6.1.2.1.1.6.0", Field::StatedLocation, "SNMP sysLocation"),
        ] {
            let mut theirs = BTreeSet::new();
            for row in &rows {
                let (names, values) = (parts(&row[0]), parts(&row[1]));
                if names.len() == values.len() {
                    let pairs = names.iter().zip(&values);
                    theirs.extend(pairs.filter(|(name, _)| *name == oid).map(|(_, value)| from_hex(value)));
                }
            }
            assert_eq!(said(&learned, field, basis), theirs, "{name} {basis}");
            compared += theirs.len();
        }
        let kinds: BTreeSet<String> = rows
            .iter()
            .filter(|row| row[0] == "1.3.6.1.2.1.1.2.0" && !row[2].is_empty())
            .map(|row| row[2].clone())
            .collect();
        assert_eq!(said(&learned, Field::SystemDescription, "SNMP sysObjectID"), kinds, "{name}");
        compared += kinds.len();
    }
    assert!(compared >= 5, "only {compared} values compared");
}

#[test]
fn snmp_engines_are_those_of_tshark() {
    let mut compared = 0;
    for name in ["zeek__snmp_snmpv3_get_next.pcap", "ndpi__snmp.pcap"] {
        let Some((rows, learned)) =
            both(name, "snmp.msgAuthoritativeEngineID", &["snmp.msgAuthoritativeEngineID"])
        else {
            return;
        };
        let theirs: BTreeSet<String> =
            rows.into_iter().map(|row| row[0].clone()).filter(|engine| engine != "<MISSING>").collect();
        assert_eq!(said(&learned, Field::SnmpEngine, "SNMP engine id"), theirs, "{name}");
        compared += theirs.len();
    }
    assert!(compared >= 2, "only {compared} engines compared");
}
