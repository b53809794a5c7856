//! What Wireshark's dissectors say of the link layer, tunnels, neighbours and DHCP in the same captures.

mod common;

use common::{options, read};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::process::Command;
use tallyward_core::testkit;
use tallyward_discovery::{Learned, read_capture};

/// One packet as tshark tells it: the values of each field asked for.
type Row = BTreeMap<&'static str, Vec<String>>;

/// A shared capture read by both; `None`, said loudly, without the captures or without tshark.
fn both(name: &str, filter: &str, fields: &[&'static str]) -> Option<(Vec<Row>, Learned)> {
    let path = testkit::shared(&format!("pcaps/{name}"))?;
    let mut command = Command::new("tshark");
    command.arg("-r").arg(&path).args(["-Y", filter, "-T", "fields", "-E", "aggregator=;"]);
    command.args(fields.iter().flat_map(|field| ["-e", field]));
    let Ok(output) = command.output() else {
        testkit::skipped("tshark is not installed");
        return None;
    };
    // 2 is how tshark says that a capture is cut short; what it had read before is there.
    assert!(matches!(output.status.code(), Some(0 | 2)), "{}", String::from_utf8_lossy(&output.stderr));
    let values = |line: &str| -> Row {
        let parts = line.split('\t').map(|part| part.split(';').filter(|part| !part.is_empty()));
        fields.iter().copied().zip(parts.map(|part| part.map(str::to_owned).collect())).collect()
    };
    let rows = String::from_utf8_lossy(&output.stdout).lines().map(values).collect();
    Some((rows, read_capture(&std::fs::read(path).expect("a shared capture can be read"), options())))
}

type Pair = BTreeSet<IpAddr>;

fn pair(a: &str, b: &str) -> Pair {
    [a, b].iter().map(|text| text.parse().expect("tshark prints addresses")).collect()
}

/// Who talks to whom, outside and inside of every tunnel.
#[test]
fn partners_in_tunnels_are_those_of_tshark() {
    let fields = ["ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "icmp.type"];
    for (name, inner) in [
        ("tcpdump__erspan-type-i-1.pcap", 1),
        ("tcpdump__erspan-type-ii-1.pcap", 1),
        ("tcpdump__erspan-type-ii-2.pcap", 1),
        ("tcpdump__erspan-type-iii-ft-0.pcap", 1),
        ("tcpdump__geneve.pcap", 1),
        ("ndpi__vxlan.pcap", 2),
        ("ndpi__gre.pcapng", 1),
        ("ndpi__capwap.pcap", 2),
        ("ndpi__syslog.pcap", 1),
        ("zeek__http-qinq-0.pcap", 0),
        ("zeek__llc.pcap", 0),
    ] {
        let Some((rows, learned)) = both(name, "ip || ipv6", &fields) else { return };
        let (mut theirs, mut inside) = (BTreeSet::new(), BTreeSet::new());
        for row in &rows {
            for (from, to) in [("ip.src", "ip.dst"), ("ipv6.src", "ipv6.dst")] {
                let pairs: Vec<Pair> = row[from].iter().zip(&row[to]).map(|(a, b)| pair(a, b)).collect();
                let deep = row["ip.src"].len() + row["ipv6.src"].len() > 1;
                // A destination that cannot be reached quotes the packet that wanted there.
                let quoted = usize::from(row["icmp.type"].iter().any(|kind| kind == "3"));
                let said = &pairs[..pairs.len().saturating_sub(quoted).max(pairs.len().min(1))];
                theirs.extend(said.iter().cloned());
                inside.extend(said.iter().skip(usize::from(from == "ip.src")).filter(|_| deep).cloned());
            }
        }
        let ours: BTreeSet<Pair> =
            learned.flows.iter().map(|flow| [flow.client.address, flow.server.address].into()).collect();
        assert_eq!(ours, theirs, "{name}");
        assert!(inside.len() >= inner, "{name}: only {} pairs inside", inside.len());
    }
}

/// The cards of mirrored and bridged frames are those of the frames inside.
#[test]
fn cards_in_tunnels_are_those_of_tshark() {
    for name in [
        "tcpdump__erspan-type-i-1.pcap",
        "tcpdump__erspan-type-ii-2.pcap",
        "tcpdump__erspan-type-iii-ft-0.pcap",
        "tcpdump__geneve.pcap",
        "ndpi__vxlan.pcap",
        "ndpi__capwap.pcap",
    ] {
        let Some((rows, learned)) =
            both(name, "eth", &["eth.src", "wlan.sa", "wlan.fc.type", "eth.type", "vlan.id"])
        else {
            return;
        };
        let data = |row: &&Row| row["wlan.sa"].is_empty() || row["wlan.fc.type"] == ["2"];
        let mut theirs: BTreeSet<String> = rows.iter().flat_map(|row| row["eth.src"].clone()).collect();
        theirs.extend(rows.iter().filter(data).flat_map(|row| row["wlan.sa"].clone()));
        let ours: BTreeSet<String> = learned
            .evidence
            .iter()
            .filter(|piece| piece.basis == "frame source")
            .map(|piece| piece.value.clone())
            .collect();
        theirs.retain(|card| !card.starts_with("00:00:00:00:00:00"));
        // Several virtual routers say the same from one address and port; of such a conversation the first card counts.
        if name == "tcpdump__erspan-type-ii-2.pcap" {
            theirs.retain(|card| !matches!(card.as_str(), "00:00:0c:07:ac:fa" | "00:00:0c:9f:ff:fe"));
        }
        assert_eq!(ours, theirs, "{name}");
        let vlans = |vlan: &String| {
            learned.evidence.iter().any(|piece| piece.basis == "VLAN tag" && piece.value == *vlan)
        };
        for row in rows.iter().filter(|row| row["vlan.id"].len() == 1 && name.contains("erspan")) {
            assert!(vlans(&row["vlan.id"][0]), "{name}: {:?}", row["vlan.id"]);
        }
    }
}

#[test]
fn wireless_stations_are_told_with_their_access_point() {
    let Some(learned) = read("ndpi__capwap.pcap") else { return };
    let said = learned.evidence.iter().any(|piece| {
        piece.subject.to_string() == "mac|1c:ab:a7:f2:13:9d" && piece.value == "58:0a:20:69:0e:20"
    });
    assert!(said, "the tablet uses the radio");
}
