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
    Some((rows, read_capture(&at_home(bytes(name)?), options())))
}

/// The capture with every public address moved into 10.0.0.0/8: what is said of hosts on the Internet is left out, and many of the captures are
/// from there. An IPv4 head is known by the EtherType before it, its first byte and a protocol that has ports.
fn at_home(mut file: Vec<u8>) -> Vec<u8> {
    for at in 0..file.len().saturating_sub(22) {
        let head = &file[at..at + 22];
        if head.starts_with(&[8, 0, 0x45]) && matches!(head[11], 6 | 17) {
            for place in [at + 14, at + 18] {
                if !matches!(
                    file[place..place + 2],
                    [10 | 127 | 0 | 224.., _] | [192, 168] | [172, 16..=31] | [169, 254]
                ) {
                    file[place] = 10;
                }
            }
        }
    }
    file
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

/// The first letters of a NetBIOS name, as tshark writes it: `CT-2<20> (Server service)`.
fn netbios(name: &str) -> (String, String) {
    let (bare, rest) = name.split_once('<').expect("tshark writes the ending in brackets");
    (bare.trim().to_owned(), rest[..2].to_owned())
}

#[test]
fn netbios_names_are_those_of_tshark() {
    let mut compared = 0;
    for name in [
        "ndpi__netbios.pcap",
        "sv__smb2-ntlmssp-negotiateflags_input.pcap",
        "ndpi__dos_win98_smb_netbeui.pcap",
    ] {
        let fields = ["nbns.name", "nbns.nb_flags.group", "nbns.netbios_name", "nbns.name_flags.group"];
        let told = "nbns && (nbns.flags.response == 1 || nbns.flags.opcode != 0) && nbns.flags.opcode != 6";
        let Some((rows, learned)) = both(name, told, &fields) else { return };
        let (mut hosts, mut groups) = (BTreeSet::new(), BTreeSet::new());
        for row in &rows {
            let group = row[1].starts_with('1');
            let (bare, ending) = netbios(parts(&row[0]).last().expect("a name"));
            match (group, ending.as_str()) {
                _ if row[1].is_empty() => {}
                (false, "00" | "20") => drop(hosts.insert(bare)),
                (true, "00" | "1c") => drop(groups.insert(bare)),
                _ => {}
            }
        }
        let ours = |field, one, other| &said(&learned, field, one) | &said(&learned, field, other);
        let (found, status) = (
            ours(Field::HostName, "NBNS workstation", "NBNS server"),
            rows.iter()
                .flat_map(|row| parts(&row[2]))
                .map(|name| name.trim().to_owned())
                .collect::<BTreeSet<_>>(),
        );
        assert!(hosts.is_subset(&found), "{name}: {hosts:?} {found:?}");
        assert!(found.difference(&hosts).all(|host| status.contains(host)), "{name}: {hosts:?} {found:?}");
        let found = ours(Field::NetworkDomain, "NBNS group", "NBNS domain");
        assert!(groups.is_subset(&found), "{name}: {groups:?} {found:?}");
        assert!(
            found.difference(&groups).all(|group| status.contains(group)),
            "{name}: {groups:?} {found:?}"
        );
        compared += hosts.len() + groups.len();

        let announced = "browser.command == 1 || browser.command == 15";
        let Some((rows, learned)) = both(name, &format!("nbdgm && ({announced})"), &["browser.server"])
        else {
            return;
        };
        let theirs: BTreeSet<String> = rows.into_iter().map(|row| row[0].clone()).collect();
        assert_eq!(said(&learned, Field::HostName, "browser announcement"), theirs, "{name}");
        compared += theirs.len();
        let user = learned.evidence.iter().find(|piece| piece.value.contains("ROSENAU"));
        assert_eq!(user, None, "who is logged on is nobody's business");
    }
    assert!(compared >= 12, "only {compared} names compared");
}

#[test]
fn names_in_multicast_answers_are_those_of_tshark() {
    let mut compared = 0;
    for (name, protocol, basis) in [
        ("zeek__dns_mdns.pcap", "mdns", "mDNS address"),
        ("zeek__dns_mdns-no-assoc.pcap", "mdns", "mDNS address"),
        ("sv__smb2-ntlmssp-negotiateflags_input.pcap", "llmnr", "LLMNR"),
        ("tapirxl__ct_to_pacs_scenario.pcap", "llmnr", "LLMNR"),
    ] {
        let filter = format!("{protocol} && dns.flags.response == 1");
        let Some((rows, learned)) = both(name, &filter, &["dns.resp.name", "dns.resp.type"]) else { return };
        let mut theirs = BTreeSet::new();
        for row in &rows {
            let (names, kinds) = (parts(&row[0]), parts(&row[1]));
            assert_eq!(names.len(), kinds.len(), "{name}");
            let hosts = names.into_iter().zip(kinds).filter(|(_, kind)| kind == "1" || kind == "28");
            theirs.extend(hosts.map(|(host, _)| host));
        }
        assert_eq!(said(&learned, Field::HostName, basis), theirs, "{name}");
        compared += theirs.len();
    }
    assert!(compared >= 4, "only {compared} names compared");
}

/// What servers and clients call themselves, as tshark shows it; what came through a proxy or asks one is left out, as it is by us.
#[test]
fn http_servers_and_agents_are_those_of_tshark() {
    let mut compared = 0;
    for name in [
        "ppp__http-packets2.pcap",
        "ndpi__http.pcapng",
        "ndpi__ipp.pcap",
        "zeek__http-vlan-0.pcap",
        "zeek__http-qinq-0.pcap",
        "lab-a.pcap",
    ] {
        let fields = ["http.server", "http.user_agent", "http.response.line", "http.request.line"];
        let filter = "http.server || http.user_agent";
        let Some((rows, learned)) = both(name, filter, &fields) else { return };
        let own = |row: &&Vec<String>| {
            let lines = format!("{}{}", row[2], row[3]).to_lowercase();
            !["via:", "x-forwarded-for:"].iter().any(|field| lines.contains(field))
        };
        let column = |at: usize| -> BTreeSet<String> {
            rows.iter().filter(own).map(|row| row[at].clone()).filter(|value| !value.is_empty()).collect()
        };
        for (at, field, basis) in
            [(0, Field::HttpServer, "HTTP Server"), (1, Field::UserAgent, "HTTP User-Agent")]
        {
            let theirs = column(at);
            assert_eq!(said(&learned, field, basis), theirs, "{name}");
            compared += theirs.len();
        }
    }
    assert!(compared >= 10, "only {compared} names compared");
}

#[test]
fn ssdp_announcements_are_those_of_tshark() {
    let mut compared = 0;
    for name in
        ["ppp__many-protocols.pcap", "ndpi__upnp.pcap", "ndpi__ssdp-m-search.pcap", "ndpi__iphone.pcap"]
    {
        let fields = ["http.server", "http.response.line", "http.request.line", "http.request.method"];
        let Some((rows, learned)) = both(name, "ssdp && !icmp", &fields) else { return };
        let servers: BTreeSet<String> =
            rows.iter().map(|row| row[0].clone()).filter(|server| !server.is_empty()).collect();
        let mut theirs: BTreeSet<String> = servers;
        for row in &rows {
            for line in parts(&format!("{}{BETWEEN}{}", row[1], row[2])) {
                if let Some((name, value)) = line.split_once(':')
                    && name.eq_ignore_ascii_case("server")
                {
                    theirs.insert(value.replace("\\r\\n", "").trim().to_owned());
                }
            }
        }
        assert_eq!(said(&learned, Field::SystemDescription, "SSDP SERVER"), theirs, "{name}");
        compared += rows.len();
    }
    assert!(compared >= 10, "only {compared} announcements compared");
}

/// The one medical device of the laboratory that speaks SDC, by a real stack; its values were put in by hand.
#[test]
fn an_sdc_device_names_itself() {
    let Some(raw) = bytes("lab-a.pcap") else { return };
    let learned = read_capture(&raw, options());
    for (field, basis, value) in [
        (Field::Manufacturer, "DPWS ThisModel Manufacturer", "Draegerwerk AG"),
        (Field::Model, "DPWS ThisModel ModelName", "Evita V800 (lab)"),
        (Field::ModelNumber, "DPWS ThisModel ModelNumber", "8422300"),
        (Field::SoftwareVersion, "DPWS ThisDevice FirmwareVersion", "SW 1.12.0"),
        (Field::Serial, "DPWS ThisDevice SerialNumber", "ASNH-0042"),
        (Field::StatedLocation, "SDC location scope", "facility HOSP, point of care CU2, bed BedSim"),
        (Field::EndpointReference, "WS-Discovery", "urn:uuid:72313cab-7352-51c9-8373-8b4031a66ec7"),
    ] {
        let found: Vec<_> =
            learned.evidence.iter().filter(|piece| piece.basis == basis && piece.field == field).collect();
        assert_eq!(found.len(), 1, "{basis} {found:#?}");
        assert_eq!(found[0].value, value);
        assert_eq!(
            found[0].subject,
            learned.evidence.iter().find(|piece| piece.value == "ASNH-0042").unwrap().subject
        );
    }
    let key = learned
        .evidence
        .iter()
        .find(|piece| piece.basis == "DPWS ThisDevice SerialNumber" && piece.field == Field::Key);
    assert!(key.is_some_and(|key| key.value.ends_with("|ASNH-0042")), "{key:?}");
}

#[test]
fn sip_agents_are_those_of_tshark() {
    let mut compared = 0;
    for name in ["zeek__sip_wireshark.pcap", "ndpi__sip.pcap"] {
        let Some((rows, learned)) = both(name, "sip && !icmp", &["sip.User-Agent", "sip.Server"]) else {
            return;
        };
        for (at, field, basis) in [(0, Field::UserAgent, "SIP User-Agent"), (1, Field::Banner, "SIP Server")]
        {
            let theirs: BTreeSet<String> =
                rows.iter().map(|row| row[at].trim().to_owned()).filter(|value| !value.is_empty()).collect();
            let ours = said(&learned, field, basis);
            if field == Field::Banner {
                // An answer whose contact is on the Internet is somebody's there, and left out.
                assert!(ours.is_subset(&theirs), "{name}: {ours:?} {theirs:?}");
            } else {
                assert_eq!(ours, theirs, "{name}");
            }
            compared += ours.len();
        }
    }
    assert!(compared >= 3, "only {compared} names compared");
}
