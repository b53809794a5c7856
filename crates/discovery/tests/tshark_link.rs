//! What Wireshark's dissectors say of the link layer, tunnels, neighbours and DHCP in the same captures.

mod common;

use common::{End, ethernet, expect, ipv4, mac, options, pcap, read};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, LazyLock, Mutex, OnceLock};
use tallyward_core::{Field, Key, testkit};
use tallyward_discovery::{Learned, read_capture};

/// One packet as tshark tells it: the values of each field asked for.
type Row = BTreeMap<&'static str, Vec<String>>;

/// Every field that a test of this file asks for, so that each capture is read once.
const FIELDS: &[&str] = &[
    "cdp.deviceid",
    "cdp.nrgyz.ip_address",
    "cdp.platform",
    "cdp.software_version",
    "dhcp.fqdn.name",
    "dhcp.hw.mac_addr",
    "dhcp.ip.client",
    "dhcp.ip.your",
    "dhcp.option.agent_information_option.agent_circuit_id",
    "dhcp.option.agent_information_option.subscriber_id",
    "dhcp.option.dhcp",
    "dhcp.option.dhcp_server_id",
    "dhcp.option.mudurl",
    "dhcp.option.vendor_class_id",
    "dhcp.type",
    "dhcpv6.client_domain",
    "dhcpv6.tld",
    "dhcpv6.duid.bytes",
    "dhcpv6.iaaddr.ip",
    "dhcpv6.msgtype",
    "dhcpv6.mudurl",
    "dhcpv6.vendorclass.data",
    "eth.src",
    "eth.type",
    "icmp.type",
    "icmpv6.nd.na.target_address",
    "icmpv6.opt.linkaddr",
    "icmpv6.type",
    "ip.dst",
    "ip.src",
    "ip.ttl",
    "ipv6.dst",
    "ipv6.hlim",
    "ipv6.src",
    "lldp.media.asset",
    "lldp.media.hardware",
    "lldp.media.manufacturer",
    "lldp.media.model",
    "lldp.media.sn",
    "lldp.media.software",
    "lldp.mgn.addr.ip4",
    "lldp.tlv.system.desc",
    "lldp.tlv.system.name",
    "tcp.flags.ack",
    "tcp.flags.syn",
    "tcp.option_kind",
    "tcp.options.mss_val",
    "tcp.options.wscale.shift",
    "tcp.window_size_value",
    "vlan.id",
    "wlan.fc.type",
    "wlan.sa",
];

/// A made-up device and a made-up switch, spoken by real programs; `data/link.sh` makes it anew.
const OWN: &str = "link.pcap";

type Both = Arc<(Vec<Row>, Learned)>;

type Slot = Arc<OnceLock<Option<Both>>>;

/// Captures read by both so far; a lock each, since the tests run at once.
static READ: LazyLock<Mutex<BTreeMap<String, Slot>>> = LazyLock::new(Mutex::default);

/// A shared capture read by both; `None`, said loudly, without the captures or without tshark.
fn both(name: &str) -> Option<Both> {
    let slot = READ.lock().expect("no test panics here").entry(name.to_owned()).or_default().clone();
    slot.get_or_init(|| read_both(name).map(Arc::new)).clone()
}

fn read_both(name: &str) -> Option<(Vec<Row>, Learned)> {
    let path = match name {
        OWN => PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/link.pcap")),
        _ => testkit::shared(&format!("pcaps/{name}"))?,
    };
    let mut command = Command::new("tshark");
    command.arg("-r").arg(&path).args(["-T", "fields", "-E", "aggregator=;"]);
    command.args(FIELDS.iter().flat_map(|field| ["-e", field]));
    let Ok(output) = command.output() else {
        testkit::skipped("tshark is not installed");
        return None;
    };
    // 2 is how tshark says that a capture is cut short; what it had read before is there.
    assert!(matches!(output.status.code(), Some(0 | 2)), "{}", String::from_utf8_lossy(&output.stderr));
    let values = |line: &str| -> Row {
        let parts = line.split('\t').map(|part| part.split(';').filter(|part| !part.is_empty()));
        FIELDS.iter().copied().zip(parts.map(|part| part.map(str::to_owned).collect())).collect()
    };
    let rows = String::from_utf8_lossy(&output.stdout).lines().map(values).collect();
    Some((rows, read_capture(&std::fs::read(path).expect("a shared capture can be read"), options())))
}

/// The rows that have a field.
fn having<'a>(both: &'a Both, field: &'static str) -> impl Iterator<Item = &'a Row> {
    both.0.iter().filter(move |row| !row[field].is_empty())
}

type Pair = BTreeSet<IpAddr>;

fn pair(a: &str, b: &str) -> Pair {
    [a, b].iter().map(|text| text.parse().expect("tshark prints addresses")).collect()
}

/// Who talks to whom, outside and inside of every tunnel.
#[test]
fn partners_in_tunnels_are_those_of_tshark() {
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
        let Some(read) = both(name) else { return };
        let (rows, learned) = (&read.0, &read.1);
        let (mut theirs, mut inside) = (BTreeSet::new(), BTreeSet::new());
        for row in rows {
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
        let Some(read) = both(name) else { return };
        let (rows, learned) = (&read.0, &read.1);
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
    let point = mac("b8:38:61:f3:05:ac");
    expect(&learned, &point, Field::NetworkRole, "access point", "CAPWAP message type", 18);
    expect(&learned, &point, Field::HostName, "APb838.61f3.05ac", "CAPWAP name", 18);
    expect(&learned, &point, Field::SoftwareVersion, "7.5.102.0", "CAPWAP software version", 18);
    expect(&learned, &point, Field::ComponentVersion, "boot loader 12.4.25.0", "CAPWAP boot version", 18);
    let named = learned.flows.iter().filter(|flow| flow.service == "capwap");
    assert!(named.clone().count() >= 3 && named.clone().all(|flow| matches!(flow.port, 5246 | 5247)));
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
    let mut found = 0;
    for name in [
        OWN,
        "lab-a.pcap",
        "sv__smb2-ntlmssp-negotiateflags_input.pcap",
        "ndpi__iphone.pcap",
        "ndpi__capwap.pcap",
    ] {
        let Some(read) = both(name) else { return };
        let (rows, learned) = (having(&read, "icmpv6.type"), &read.1);
        let kinds = ["133", "134", "135", "136"];
        let rows = rows.filter(|row| kinds.contains(&row["icmpv6.type"][0].as_str()));
        let mut theirs = BTreeSet::new();
        for row in rows.filter(|row| row["ipv6.src"] != ["::"]) {
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
            basis.iter().flat_map(|basis| said(learned, Field::IpAddress, basis)).collect();
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
    let mut found = 0;
    for name in [
        OWN,
        "lab-a.pcap",
        "sv__enip-keywords_enip_cip_example.pcap",
        "tcpdump__3560_CDP.pcap",
        "zeek__cdp-v1.pcap",
        "ppp__many-protocols.pcap",
        "ndpi__capwap.pcap",
    ] {
        let Some(read) = both(name) else { return };
        let (rows, learned) = (&read.0, &read.1);
        for (field, ours, basis) in texts {
            let joined = field == "cdp.software_version";
            let values = |row: &Row| if joined { vec![row[field].join(" ")] } else { row[field].clone() };
            let tidy = |value: String| value.split_whitespace().collect::<Vec<_>>().join(" ");
            let theirs: BTreeSet<(String, String)> = rows
                .iter()
                .flat_map(|row| values(row).into_iter().map(|value| (card(row), tidy(value))))
                .filter(|(_, value)| !matches!(value.as_str(), "" | "Not Specified" | "0.0.0.0"))
                .collect();
            let mut ours = said(learned, ours, basis);
            ours.retain(|(_, value)| !field.contains("ip") || value.parse::<Ipv4Addr>().is_ok());
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

/// Hexadecimal as tshark prints bytes, as text.
fn spelled(hex: &str) -> String {
    let digits: Vec<u32> = hex.chars().filter_map(|letter| letter.to_digit(16)).collect();
    digits.chunks(2).map(|pair| char::from((pair[0] << 4 | pair[1]) as u8)).collect()
}

#[test]
fn options_of_dhcp_are_those_of_tshark() {
    let mut found = BTreeMap::new();
    for name in [
        OWN,
        "lab-a.pcap",
        "ndpi__capwap.pcap",
        "ndpi__dhcp-fuzz.pcapng",
        "ndpi__iphone.pcap",
        "ppp__Dhcp1.pcap",
        "ppp__Dhcp2.pcap",
        "sv__dhcp-eve-extended_input.pcap",
        "sv__smb2-ntlmssp-negotiateflags_input.pcap",
        "tcpdump__dhcp-mud.pcap",
        "tcpdump__dhcp-rfc4388.pcap",
        "zeek__dhcp_dhcp.pcap",
        "zeek__dhcp_dhcp_ack_subscriber_id_and_agent_remote_id.pcap",
        "zeek__dhcp_dhcp_inform.pcap",
    ] {
        let Some(read) = both(name) else { return };
        let (rows, learned) = (having(&read, "dhcp.type"), &read.1);
        let mut theirs: BTreeMap<(Field, &str), BTreeSet<(String, String)>> = BTreeMap::new();
        for row in rows {
            // Zeros and group addresses are nobody's.
            let real = |mac: &&String| !mac.starts_with("00:00:00:00") && !mac.starts_with("01");
            let Some(card) = row["dhcp.hw.mac_addr"].first().filter(real).map(|mac| format!("mac|{mac}"))
            else {
                continue;
            };
            let mut put = |field, basis, value: Option<String>| {
                let all = theirs.entry((field, basis)).or_default();
                all.extend(value.filter(|value| !value.is_empty()).map(|value| (card.clone(), value)));
            };
            let one = |field: &str| row[field].first().cloned();
            let (asks, kind) = (one("dhcp.type").as_deref() == Some("1"), one("dhcp.option.dhcp"));
            let kind: u8 = kind.map_or(0, |kind| kind.parse().unwrap());
            if asks && kind != 10 {
                put(Field::DhcpVendorClass, "DHCP option 60", one("dhcp.option.vendor_class_id"));
                put(Field::HostName, "DHCP option 81", one("dhcp.fqdn.name"));
                put(Field::SystemDescription, "DHCP option 161", one("dhcp.option.mudurl"));
            }
            let subscriber = one("dhcp.option.agent_information_option.subscriber_id");
            put(Field::SwitchPort, "DHCP option 82 subscriber id", subscriber);
            let address = |field: &str| one(field).filter(|address| address != "0.0.0.0");
            match (asks, kind) {
                (false, 5) if address("dhcp.ip.your").is_some() => {
                    put(Field::IpAddress, "DHCP ACK", address("dhcp.ip.your"));
                }
                (false, 13) => put(Field::IpAddress, "DHCP lease query", address("dhcp.ip.client")),
                (false, 5) | (true, 0 | 3 | 8) => {
                    put(Field::IpAddress, "DHCP ciaddr", address("dhcp.ip.client"));
                }
                _ => {}
            }
            if let Some(circuit) = one("dhcp.option.agent_information_option.agent_circuit_id") {
                let circuit = spelled(&circuit);
                let said = said(learned, Field::SwitchPort, "DHCP option 82");
                assert!(
                    said.iter().any(|(of, port)| *of == card && port.ends_with(circuit.trim())),
                    "{said:?}"
                );
            }
        }
        for ((field, basis), theirs) in theirs {
            assert_eq!(said(learned, field, basis), theirs, "{name}: {basis}");
            *found.entry(basis).or_insert(0) += theirs.len();
        }
    }
    for (basis, least) in [
        ("DHCP option 60", 5),
        ("DHCP option 81", 1),
        ("DHCP option 161", 1),
        ("DHCP option 82 subscriber id", 1),
        ("DHCP ACK", 5),
        ("DHCP ciaddr", 2),
        ("DHCP lease query", 1),
    ] {
        assert!(found.get(basis).is_some_and(|count| *count >= least), "{basis}: {found:?}");
    }
}

#[test]
fn options_of_dhcp_for_ipv6_are_those_of_tshark() {
    let mut compared = 0;
    for (name, behind) in [
        (OWN, None),
        ("sv__smb2-ntlmssp-negotiateflags_input.pcap", None),
        // The relay's packets; the client behind it speaks from an address made of this card.
        ("tcpdump__dhcpv6-mud.pcap", Some("mac|b8:27:eb:b8:53:c8")),
        ("tcpdump__dhcpv6-rfc6355-duid-uuid.pcap", None),
        ("ppp__many-protocols.pcap", None),
    ] {
        let Some(read) = both(name) else { return };
        let learned = &read.1;
        for (field, ours, basis) in [
            ("dhcpv6.duid.bytes", Field::DhcpUniqueId, "DHCPv6 client id"),
            ("dhcpv6.client_domain", Field::HostName, "DHCPv6 option 39"),
            ("dhcpv6.vendorclass.data", Field::DhcpVendorClass, "DHCPv6 option 16"),
            ("dhcpv6.mudurl", Field::SystemDescription, "DHCPv6 option 112"),
        ] {
            let asks = |row: &&Row| {
                !matches!(row["dhcpv6.msgtype"].last().map(String::as_str), Some("2" | "7" | "10"))
            };
            let value = |row: &Row| row[field].first().map(|value| value.replace(':', ""));
            // A name of one label with an end has a field of its own.
            let spoken = |row: &Row| {
                let top = row["dhcpv6.tld"].first().filter(|_| field == "dhcpv6.client_domain");
                row[field].first().or(top).map(|name| name.trim_end_matches('.').to_owned())
            };
            let theirs: BTreeSet<(String, String)> = having(&read, "dhcpv6.msgtype")
                .filter(asks)
                .filter_map(|row| {
                    let value = if field.ends_with("bytes") { value(row) } else { spoken(row) };
                    Some((behind.map_or_else(|| card(row), str::to_owned), value?))
                })
                .collect();
            assert_eq!(said(learned, ours, basis), theirs, "{name}: {field}");
            compared += theirs.len();
        }
    }
    assert!(compared >= 14, "only {compared} statements compared");
    // The answer names no card; the client's own question has, and what the server confirms is the client's.
    let Some(learned) = read("tcpdump__dhcpv6-rfc6355-duid-uuid.pcap") else { return };
    let client = mac("48:5b:39:e7:14:84");
    expect(&learned, &client, Field::IpAddress, "2a02:2788:7c8:4dd:4a5b:39ff:fee7:1484", "DHCPv6 reply", 2);
    let server = mac("a0:21:b7:e0:d8:71");
    expect(&learned, &server, Field::NetworkRole, "DHCP server", "DHCPv6 server id", 2);
    // A host that took its unique id from another of its cards keeps both.
    let Some(learned) = read("sv__smb2-ntlmssp-negotiateflags_input.pcap") else { return };
    let host = mac("00:50:56:c0:00:01");
    let other = said(&learned, Field::MacAddress, "DHCPv6 client id");
    assert_eq!(other, [(host.to_string(), "b8:88:e3:ab:83:79".to_owned())].into());
}

/// Everything about the device of the made capture, by its card.
#[test]
fn a_device_is_known_by_what_it_says_on_its_own_link() {
    let Some(read) = both(OWN) else { return };
    let learned = &read.1;
    let device = mac("00:03:b1:0a:0b:0c");
    for (field, value, basis) in [
        (Field::HostName, "pump-gw-7", "LLDP system name"),
        (Field::SystemDescription, "Infusion pump gateway 7", "LLDP system description"),
        (Field::HardwareVersion, "rev C", "LLDP-MED hardware revision"),
        (Field::ComponentVersion, "firmware 1.2", "LLDP-MED firmware revision"),
        (Field::SoftwareVersion, "4.5.6", "LLDP-MED software revision"),
        (Field::Serial, "SN-4711", "LLDP-MED serial number"),
        (Field::Manufacturer, "ACME Medical", "LLDP-MED manufacturer"),
        (Field::Model, "PG-100", "LLDP-MED model"),
        (Field::AssetTag, "BME-0815", "LLDP-MED asset id"),
        (Field::StatedLocation, "Bern, North, 3, 17", "LLDP-MED location"),
        (Field::HostName, "pump-gw-7", "DHCPv6 option 39"),
        (Field::DhcpVendorClass, "ACME PG-100", "DHCP option 60"),
        (Field::SystemDescription, "pumps", "DHCP option 77"),
    ] {
        assert!(said(learned, field, basis).contains(&(device.to_string(), value.to_owned())), "{basis}");
    }
    let switch = mac("00:50:56:aa:bb:cc").to_string();
    let router = said(learned, Field::NetworkRole, "router advertisement");
    assert_eq!(router, [(switch.clone(), "router".to_owned())].into());
    for basis in ["DHCP option 54", "DHCPv6 server id"] {
        assert_eq!(
            said(learned, Field::NetworkRole, basis),
            [(switch.clone(), "DHCP server".to_owned())].into()
        );
    }
    // What the server confirmed is the device's, and the device's alone.
    let given = said(learned, Field::IpAddress, "DHCPv6 reply");
    assert!(given.len() == 1 && given.iter().all(|(who, _)| *who == device.to_string()), "{given:?}");
    assert!(
        learned.evidence.iter().all(
            |piece| matches!(piece.subject, Key::Mac(_)) || piece.subject.to_string().starts_with("mms|")
        ),
        "nobody is left nameless: {learned:#?}"
    );
}

/// The words for option kinds in docs/reference/tcp-stack.md.
fn option_words(kinds: &[String]) -> String {
    let word = |kind: &String| match kind.as_str() {
        "0" => "end".to_owned(),
        "1" => "pad".to_owned(),
        "2" => "mss".to_owned(),
        "3" => "scale".to_owned(),
        "4" => "sack".to_owned(),
        "8" => "time".to_owned(),
        other => other.to_owned(),
    };
    let mut words: Vec<String> = kinds.iter().map(word).collect();
    // What lies behind the end of the list is padding.
    if let Some(end) = words.iter().position(|word| word == "end") {
        words.truncate(end + 1);
    }
    if words.is_empty() { "-".to_owned() } else { words.join(",") }
}

#[test]
fn openings_of_connections_are_those_of_tshark() {
    let mut found = 0;
    for name in [
        "lab-a.pcap",
        "ndpi__443-chrome.pcap",
        "ndpi__iphone.pcap",
        "ppp__many-protocols.pcap",
        "zeek__smb_smb1.pcap",
    ] {
        let Some(read) = both(name) else { return };
        let (rows, learned) = (having(&read, "tcp.flags.syn"), &read.1);
        let rows = rows.filter(|row| row["tcp.flags.syn"] == ["1"] && row["icmp.type"].is_empty());
        // Somebody on the Internet is left out.
        let is_inside = |row: &&Row| match row["ip.src"].last().and_then(|text| text.parse::<Ipv4Addr>().ok())
        {
            Some(v4) => v4.is_private() || v4.is_link_local() || v4.is_loopback(),
            None => row["ipv6.src"].last().is_some_and(|text| text.starts_with('f')),
        };
        let mut theirs: BTreeMap<String, u64> = BTreeMap::new();
        for row in rows.filter(is_inside) {
            let one = |field: &str| row[field].last().cloned();
            let hops = one("ip.ttl").or_else(|| one("ipv6.hlim")).expect("a hop limit");
            if !matches!(hops.as_str(), "32" | "64" | "128" | "255") {
                continue;
            }
            let verb = if one("tcp.flags.ack").as_deref() == Some("1") { "answers" } else { "opens" };
            let window: u32 = one("tcp.window_size_value").expect("a window").parse().unwrap();
            let segment: u32 = one("tcp.options.mss_val").map_or(0, |value| value.parse().unwrap());
            let window = match window.checked_rem(segment) {
                Some(0) if window > 0 => format!("mss*{}", window / segment),
                _ => window.to_string(),
            };
            let or_none = |field: &str| one(field).unwrap_or_else(|| "-".to_owned());
            let signature = format!(
                "{verb} hops={hops} window={window} mss={} scale={} options={}",
                or_none("tcp.options.mss_val"),
                or_none("tcp.options.wscale.shift"),
                option_words(&row["tcp.option_kind"]),
            );
            *theirs.entry(signature).or_default() += 1;
        }
        let mut ours: BTreeMap<String, u64> = BTreeMap::new();
        for piece in learned.evidence.iter().filter(|piece| piece.field == Field::TcpStack) {
            *ours.entry(piece.value.clone()).or_default() += piece.episodes[0].count;
        }
        assert_eq!(ours, theirs, "{name}");
        found += theirs.values().sum::<u64>();
    }
    assert!(found >= 60, "only {found} openings compared");
}

/// Tunnels of which no capture exists, made from their standards: both find the same partners inside.
#[test]
fn made_tunnels_are_read_as_tshark_reads_them() {
    let end = |last: u8, port| End { mac: [2, 0, 0, 0, 0, last], address: [10, 9, 0, last], port };
    let (from, to) = (end(1, 50_000), end(2, 22));
    // Each tunnel carries a packet between partners of its own.
    let packet = |number: u8| {
        let inner = |last| End { mac: [2, 0, 0, 0, number, last], address: [10, 10, number, last], port: 7 };
        (inner(1), inner(2), ipv4(&inner(1), &inner(2), 17, 64, &[0, 9, 0, 9, 0, 8, 0, 0]))
    };
    let bare = |number| packet(number).2;
    let framed = |number| {
        let (a, b, packet) = packet(number);
        ethernet(&a, &b, 0x0800, &packet)
    };
    let datagram = |port: u16, head: &[u8], inner: &[u8]| {
        let length = (8 + head.len() + inner.len()) as u16;
        let ports = [50_000u16.to_be_bytes(), port.to_be_bytes(), length.to_be_bytes(), [0, 0]].concat();
        (17, [&ports, head, inner].concat())
    };
    let routed = |head: &[u8], inner: &[u8]| (47, [head, inner].concat());
    let wireless = |number: u8| {
        let (a, b, packet) = packet(number);
        let addresses = [[2, 0, 0, 0, 9, 9], a.mac, b.mac].concat();
        [&[0x08, 0x01, 0, 0][..], &addresses, &[0, 0, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &packet].concat()
    };
    let packets: Vec<(u8, Vec<u8>)> = vec![
        routed(&[0, 0, 8, 0], &bare(1)),
        routed(&[0x30, 0, 8, 0, 0, 0, 0, 5, 0, 0, 0, 6], &bare(2)),
        routed(&[0x20, 0, 0x65, 0x58, 0, 0, 7, 0], &framed(3)),
        routed(&[0, 0, 0x88, 0x47, 0, 1, 1, 64], &bare(4)),
        (4, bare(5)),
        (97, [&[0x30, 0][..], &framed(6)].concat()),
        datagram(4789, &[8, 0, 0, 0, 0, 0, 5, 0], &framed(7)),
        datagram(4790, &[0x0c, 0, 0, 1, 0, 0, 5, 0], &bare(8)),
        datagram(6081, &[1, 0, 8, 0, 0, 0, 5, 0, 1, 2, 0x81, 0], &bare(9)),
        datagram(5247, &[0, 0x10, 0x02, 0, 0, 0, 0, 0], &framed(10)),
        datagram(5247, &[0, 0x10, 0x03, 0, 0, 0, 0, 0], &wireless(11)),
        routed(&[0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 20, 0, 1, 0, 0, 0, 0], &framed(12)),
    ];
    let tunnels = packets.len();
    let mut frames: Vec<Vec<u8>> = packets
        .iter()
        .map(|(protocol, payload)| ethernet(&from, &to, 0x0800, &ipv4(&from, &to, *protocol, 64, payload)))
        .collect();
    frames.push(ethernet(&from, &to, 0x8847, &[&[0, 1, 0, 64, 0, 2, 1, 64][..], &bare(13)].concat()));
    frames.push(ethernet(&from, &to, 0x8864, &[&[0x11, 0, 0, 1, 0, 30, 0, 0x21][..], &bare(14)].concat()));
    let file = pcap(&frames);
    let Some(rows) = piped(&file, &["ip.src", "ip.dst"]) else { return };
    let innermost =
        |row: &Vec<String>| pair(row[0].rsplit(';').next().unwrap(), row[1].rsplit(';').next().unwrap());
    let theirs: BTreeSet<Pair> = rows.iter().map(innermost).collect();
    let learned = read_capture(&file, options());
    let mut ours: BTreeSet<Pair> =
        learned.flows.iter().map(|flow| [flow.client.address, flow.server.address].into()).collect();
    assert!(ours.remove(&pair("10.9.0.1", "10.9.0.2")), "the tunnels themselves");
    assert_eq!(ours, theirs);
    assert_eq!(ours.len(), tunnels + 2);
}

/// What tshark says of a capture that it is handed; `None` without it.
fn piped(file: &[u8], fields: &[&str]) -> Option<Vec<Vec<String>>> {
    use std::io::Write as _;
    use std::process::Stdio;
    let mut command = Command::new("tshark");
    command.args(["-r", "-", "-T", "fields", "-E", "aggregator=;"]);
    command.args(["-o", "capwap.swap_fc:FALSE", "-d", "udp.port==4790,vxlan_gpe"]);
    command.args(fields.iter().flat_map(|field| ["-e", field]));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let Ok(mut child) = command.spawn() else {
        testkit::skipped("tshark is not installed");
        return None;
    };
    child.stdin.take().expect("it is piped").write_all(file).expect("tshark takes the capture");
    let output = child.wait_with_output().expect("tshark ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Some(text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect())
}
