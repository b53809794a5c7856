//! What Wireshark's dissectors say of the link layer, tunnels, neighbours and DHCP in the same captures.

mod common;

use common::{expect, mac, options, read};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::process::Command;
use tallyward_core::{Field, testkit};
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

/// Statements of a basis, as (card, value).
fn said(learned: &Learned, field: Field, basis: &str) -> BTreeSet<(String, String)> {
    let matching = learned.evidence.iter().filter(|piece| piece.field == field && piece.basis == basis);
    matching.map(|piece| (piece.subject.to_string(), piece.value.clone())).collect()
}

/// The card that sent the innermost frame, as a subject.
fn card(row: &Row) -> String {
    let wireless = row.get("wlan.sa").filter(|all| !all.is_empty());
    format!("mac|{}", wireless.unwrap_or(&row["eth.src"]).last().expect("a frame has a sender"))
}

#[test]
fn neighbours_are_those_of_tshark() {
    let fields = [
        "eth.src",
        "wlan.sa",
        "ipv6.src",
        "icmpv6.type",
        "icmpv6.opt.linkaddr",
        "icmpv6.nd.na.target_address",
    ];
    let mut found = 0;
    for name in
        ["lab-a.pcap", "sv__smb2-ntlmssp-negotiateflags_input.pcap", "ndpi__iphone.pcap", "ndpi__capwap.pcap"]
    {
        let Some((rows, learned)) = both(name, "icmpv6.type >= 133 && icmpv6.type <= 136", &fields) else {
            return;
        };
        let mut theirs = BTreeSet::new();
        for row in rows.iter().filter(|row| row["ipv6.src"] != ["::"]) {
            let named = row["icmpv6.opt.linkaddr"].first().map(|mac| format!("mac|{mac}"));
            let advertised = row["icmpv6.nd.na.target_address"].first();
            if named.as_deref() == Some(card(row).as_str()) {
                theirs.insert((card(row), advertised.unwrap_or(&row["ipv6.src"][0]).clone()));
            }
        }
        let basis = [
            "router solicitation",
            "router advertisement",
            "neighbour solicitation",
            "neighbour advertisement",
        ];
        let ours: BTreeSet<_> =
            basis.iter().flat_map(|basis| said(&learned, Field::IpAddress, basis)).collect();
        assert_eq!(ours, theirs, "{name}");
        found += ours.len();
    }
    assert!(found >= 17, "only {found} neighbours compared");
}

#[test]
fn frames_of_link_layer_discovery_say_what_tshark_says() {
    let texts = [
        ("lldp.tlv.system.name", Field::HostName, "LLDP system name"),
        ("lldp.tlv.system.desc", Field::SystemDescription, "LLDP system description"),
        ("lldp.mgn.addr.ip4", Field::IpAddress, "LLDP management address"),
        ("lldp.media.hardware", Field::HardwareVersion, "LLDP-MED hardware revision"),
        ("lldp.media.software", Field::SoftwareVersion, "LLDP-MED software revision"),
        ("lldp.media.sn", Field::Serial, "LLDP-MED serial number"),
        ("lldp.media.manufacturer", Field::Manufacturer, "LLDP-MED manufacturer"),
        ("lldp.media.model", Field::Model, "LLDP-MED model"),
        ("lldp.media.asset", Field::AssetTag, "LLDP-MED asset id"),
        ("cdp.deviceid", Field::HostName, "CDP device id"),
        ("cdp.platform", Field::Model, "CDP platform"),
        ("cdp.software_version", Field::SystemDescription, "CDP software version"),
        ("cdp.nrgyz.ip_address", Field::IpAddress, "CDP address"),
    ];
    let mut fields = vec!["eth.src"];
    fields.extend(texts.iter().map(|(field, ..)| *field));
    let mut found = 0;
    for name in [
        "lab-a.pcap",
        "sv__enip-keywords_enip_cip_example.pcap",
        "tcpdump__3560_CDP.pcap",
        "zeek__cdp-v1.pcap",
        "ppp__many-protocols.pcap",
        "ndpi__capwap.pcap",
    ] {
        let Some((rows, learned)) = both(name, "lldp || cdp", &fields) else { return };
        assert!(!rows.is_empty(), "{name}");
        for (field, ours, basis) in texts {
            let joined = field == "cdp.software_version";
            let values = |row: &Row| if joined { vec![row[field].join(" ")] } else { row[field].clone() };
            let tidy = |value: String| value.split_whitespace().collect::<Vec<_>>().join(" ");
            let theirs: BTreeSet<(String, String)> = rows
                .iter()
                .flat_map(|row| values(row).into_iter().map(|value| (card(row), tidy(value))))
                .filter(|(_, value)| !matches!(value.as_str(), "" | "Not Specified" | "0.0.0.0"))
                .collect();
            let mut ours = said(&learned, ours, basis);
            ours.retain(|(_, value)| !field.contains("ip") || value.parse::<std::net::Ipv4Addr>().is_ok());
            assert_eq!(ours, theirs, "{name}: {field}");
            found += theirs.len();
        }
    }
    assert!(found >= 20, "only {found} statements compared");
}

#[test]
fn what_is_said_on_the_link_belongs_to_the_sender() {
    let Some(learned) = read("lab-a.pcap") else { return };
    let switch = mac("00:1b:54:77:88:99");
    expect(
        &learned,
        &switch,
        Field::SystemDescription,
        "Lab Switch LS-2000 Firmware 15.2(7)E3",
        "LLDP system description",
        46,
    );
    expect(&learned, &switch, Field::NetworkRole, "station", "LLDP capabilities", 46);
    expect(&learned, &switch, Field::IpAddress, "fe80::21b:54ff:fe77:8899", "router solicitation", 29);
    let Some(learned) = read("tcpdump__3560_CDP.pcap") else { return };
    let roles = said(&learned, Field::NetworkRole, "CDP capabilities");
    assert!(roles.iter().all(|(_, role)| role == "bridge") && roles.len() == 1, "{roles:?}");
}
