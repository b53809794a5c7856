//! Logs and tables: what each teaches, that nothing else comes out, and that damage is told with its line.
//!
//! All samples in `tests/logs` are synthetic, made from the documented formats, but the lease files: those were written by ISC dhcpd,
//! dnsmasq and Kea in a laboratory of network namespaces with made-up clients.

use jiff::tz::TimeZone;
use proptest::prelude::*;
use tallyward_core::{Field, IngestId, Timestamp};
use tallyward_discovery::logs::{LogSet, read_log, recognise};
use tallyward_discovery::{Learned, Limits, Options};

macro_rules! samples {
    ($($name:literal)*) => {
        /// Name and content of every sample.
        const SAMPLES: &[(&str, &[u8])] = &[$(($name, include_bytes!(concat!("logs/", $name)))),*];
    };
}

samples! {
    "conn.log" "dhcp.log" "http.log" "ssl.log" "x509.log" "ntlm.log" "software.log" "ssh.log" "snmp.log" "dns.log"
    "smb_mapping.log" "known_services.log" "known_devices.log" "known_hosts.log" "weird.log" "conn.json.log" "mixed.json.log" "eve.json"
    "dhcpd.leases" "kea-leases4.csv" "kea-leases6.csv" "dnsmasq.leases" "DhcpSrvLog-Wed.log" "syslog" "windows-leases.csv"
    "ios-mac.txt" "nxos-mac.txt" "procurve-mac.txt" "cx-mac.txt" "juniper-mac.txt" "ios-arp.txt" "linux-neigh.txt"
    "wlc-clients.txt" "wlc9800-clients.txt" "aruba-users.txt" "meraki-clients.csv" "generic-ports.csv"
}

fn sample(name: &str) -> &'static [u8] {
    SAMPLES.iter().find(|(known, _)| *known == name).expect("the sample is listed").1
}

fn now() -> Timestamp {
    "2026-11-25T12:00:00Z".parse().expect("a moment")
}

fn options() -> Options {
    Options {
        sensor: "sw-ed-9".to_owned(),
        ingest: IngestId::default(),
        recorded_at: now(),
        limits: Limits::default(),
    }
}

fn zone() -> TimeZone {
    TimeZone::get("America/Chicago").expect("a zone of the bundled table")
}

fn read(name: &str) -> Learned {
    read_log(sample(name), options(), zone())
}

/// `subject field value` of everything that was learned, in order.
fn said(learned: &Learned) -> Vec<String> {
    let line = |piece: &tallyward_core::Evidence| {
        format!("{} {} {}", piece.subject.plain(), piece.field, piece.value)
    };
    learned.evidence.iter().map(line).collect()
}

#[track_caller]
fn says(learned: &Learned, wanted: &[&str]) {
    let said = said(learned);
    for line in wanted {
        assert!(said.iter().any(|one| one == line), "{line:?} is not in {said:#?}");
    }
}

#[test]
fn every_sample_is_recognised_and_read_without_a_problem() {
    for (name, bytes) in SAMPLES {
        assert!(recognise(bytes).is_some(), "{name}");
        let learned = read(name);
        assert!(learned.problems.is_empty(), "{name}: {:?}", learned.problems);
        assert!(learned.stats.lines > 0, "{name}");
    }
    for other in [
        &b"no log"[..],
        b"",
        b"\xd4\xc3\xb2\xa1\x02\x00\x04\x00",
        b"{\"csaf\": 1}",
        b"Asset Tag,Serial,MAC,IP\n1,2,3,4\n",
    ] {
        assert_eq!(recognise(other), None, "{}", String::from_utf8_lossy(other));
    }
}

#[test]
fn nothing_about_people_comes_out() {
    let mut set = LogSet::new(options(), zone());
    for (at, (name, bytes)) in SAMPLES.iter().enumerate() {
        assert!(!name.is_empty());
        set.begin(name);
        set.feed(bytes);
        set.end(IngestId::from_hash(&[at as u8; 16]));
    }
    let text = format!("{:?}", set.finish()).to_lowercase();
    for hidden in ["phantom", "nurse", "secret", "public-community", "example.org", "/patients", "ph0001"] {
        assert!(!text.contains(hidden), "{hidden} came out");
    }
    let raw = |word: &str| {
        SAMPLES.iter().any(|(_, bytes)| String::from_utf8_lossy(bytes).to_lowercase().contains(word))
    };
    for hidden in ["phantom", "nurse", "secret", "public-community", "example.org", "/patients", "ph0001"] {
        assert!(raw(hidden), "{hidden} is in no sample, so its absence shows nothing");
    }
}

#[test]
fn leases_of_one_log_name_the_cards_of_another() {
    let mut set = LogSet::new(options(), zone());
    for (at, name) in ["http.log", "ssl.log", "x509.log", "dhcp.log"].into_iter().enumerate() {
        set.begin(name);
        set.feed(sample(name));
        set.end(IngestId::from_hash(&[at as u8 + 1; 16]));
    }
    let pieces = set.finish();
    says(
        &pieces[0].learned,
        &[
            // Within its lease, the first card; after it was handed back and given anew, the second.
            "MAC 00:09:fb:00:00:01 user_agent Vue PACS Client/12.1",
            "MAC 00:09:fb:00:00:02 user_agent Vue PACS Client/12.1",
            // Never leased.
            "somebody at 10.20.9.9 user_agent python-requests/2.31",
        ],
    );
    says(
        &pieces[1].learned,
        &[
            "MAC 00:09:fb:00:00:02 certificate CN=pump-gw-2.example.net,O=Demo",
            "MAC 00:09:fb:00:00:02 certificate_ends 2027-11-25",
        ],
    );
}

#[test]
fn the_order_of_files_does_not_matter() {
    let names = [
        "conn.log",
        "http.log",
        "ssl.log",
        "x509.log",
        "dhcp.log",
        "eve.json",
        "ios-arp.txt",
        "dnsmasq.leases",
    ];
    let read = |order: &[usize]| {
        let mut set = LogSet::new(options(), zone());
        for at in order {
            set.begin(names[*at]);
            set.feed(sample(names[*at]));
            set.end(IngestId::from_hash(&[*at as u8; 16]));
        }
        let mut pieces = set.finish();
        pieces.sort_by(|a, b| a.name.cmp(&b.name));
        pieces.into_iter().map(|piece| piece.learned).collect::<Vec<_>>()
    };
    let first = read(&[0, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(first, read(&[7, 6, 5, 4, 3, 2, 1, 0]));
    assert_eq!(first, read(&[4, 0, 6, 2, 7, 1, 5, 3]));
}

#[test]
fn flows_have_cards_only_where_they_are_the_partners_own() {
    let learned = read("conn.log");
    let flows: Vec<String> = learned
        .flows
        .iter()
        .map(|flow| {
            let mac =
                |end: &tallyward_core::flow::Endpoint| end.mac.map_or("?".to_owned(), |mac| mac.to_string());
            format!(
                "{} {} > {} {} {}/{} {} x{} {} packets",
                flow.client.address,
                mac(&flow.client),
                flow.server.address,
                mac(&flow.server),
                flow.transport,
                flow.port,
                flow.service,
                flow.count,
                flow.packets
            )
        })
        .collect();
    assert!(
        flows.contains(&"10.20.4.7 00:09:fb:00:00:01 > 10.20.1.5 ? 6/104 dicom x2 40 packets".to_owned()),
        "{flows:#?}"
    );
    assert!(
        flows
            .iter()
            .any(|flow| flow.starts_with("10.20.4.7 00:09:fb:00:00:01 > 10.20.4.50 00:09:fb:00:00:50 6/80")),
        "{flows:#?}"
    );
    // The card of 10.20.1.5 sends from several networks: it is the router's.
    assert!(learned.evidence.iter().all(|piece| {
        piece.field != Field::IpAddress || piece.subject.to_string() != "mac|00:1c:73:00:00:99"
    }));
}

#[test]
fn each_format_teaches_what_its_file_says() {
    says(
        &read("eve.json"),
        &[
            "MAC 00:09:fb:00:00:03 host_name pump-17",
            "MAC 00:09:fb:00:00:03 dhcp_vendor_class udhcp 1.30",
            "MAC 00:09:fb:00:00:03 ip_address 10.20.4.17",
            "somebody at 10.20.1.8 banner SSH-2.0-dropbear_2019.78",
            "somebody at 10.20.1.9 host_name pacs.hospital.local",
            "somebody at 10.20.4.30 host_name CT-CONSOLE-2",
        ],
    );
    says(
        &read("software.log"),
        &[
            "somebody at 10.20.4.7 banner SSH-2.0-dropbear_2019.78",
            "somebody at 10.20.1.8 http_server Apache/2.4.57 (Debian)",
        ],
    );
    says(
        &read("snmp.log"),
        &["somebody at 10.20.1.3 system_description HP LaserJet 4250; firmware 20040914"],
    );
    says(&read("windows-leases.csv"), &["MAC 00:09:fb:00:00:08 ip_address 10.20.4.88"]);
    says(
        &read("DhcpSrvLog-Wed.log"),
        &[
            "MAC 00:09:fb:00:00:09 ip_address 10.20.4.9",
            "MAC 00:09:fb:00:00:09 host_name monitor-9.hospital.local",
        ],
    );
    says(
        &read("syslog"),
        &[
            "MAC 00:09:fb:00:00:0a host_name infusion-10",
            "MAC 00:09:fb:00:00:0b ip_address 10.20.4.11",
            "MAC 00:09:fb:00:00:0c ip_address 10.20.4.12",
        ],
    );
}

#[test]
fn tables_of_switches_teach_the_port() {
    says(
        &read("ios-mac.txt"),
        &["MAC 00:09:fb:00:00:01 switch_port sw-ed-1 Gi1/0/14", "MAC 00:09:fb:00:00:01 vlan 10"],
    );
    says(&read("nxos-mac.txt"), &["MAC 00:09:fb:00:00:01 switch_port sw-core Eth1/14"]);
    says(
        &read("procurve-mac.txt"),
        &["MAC 00:09:fb:00:00:01 switch_port sw-ed-9 14", "MAC 00:09:fb:00:00:01 vlan 10"],
    );
    says(
        &read("cx-mac.txt"),
        &["MAC 00:09:fb:00:00:01 switch_port cx-1 1/1/14", "MAC 00:09:fb:00:00:01 vlan 10"],
    );
    says(&read("juniper-mac.txt"), &["MAC 00:09:fb:00:00:01 switch_port ex-2 ge-0/0/14"]);
    says(
        &read("ios-arp.txt"),
        &["MAC 00:09:fb:00:00:01 ip_address 10.20.4.7", "MAC 00:09:fb:00:00:01 vlan 20"],
    );
    says(&read("linux-neigh.txt"), &["MAC 00:09:fb:00:00:01 ip_address 10.20.4.7"]);
    let ports = said(&read("ios-mac.txt"));
    assert!(
        !ports.iter().any(|line| line.contains("Gi1/0/48") || line.contains("Po1")),
        "an uplink is no place: {ports:#?}"
    );
}

#[test]
fn lists_of_clients_teach_the_access_point_and_no_user() {
    says(&read("wlc-clients.txt"), &["MAC 00:09:fb:00:00:01 access_point AP-ED-3"]);
    says(&read("wlc9800-clients.txt"), &["MAC 00:09:fb:00:00:01 access_point AP-ED-3"]);
    says(
        &read("aruba-users.txt"),
        &[
            "MAC 00:09:fb:00:00:01 access_point ap-ed-3 (clinical)",
            "MAC 00:09:fb:00:00:01 ip_address 10.20.4.7",
        ],
    );
    says(
        &read("meraki-clients.csv"),
        &[
            "MAC 00:09:fb:00:00:01 switch_port sw-ed-2 7",
            "MAC 00:09:fb:00:00:02 access_point ap-ed-5 (clinical)",
        ],
    );
    says(&read("generic-ports.csv"), &["MAC 00:09:fb:00:00:01 switch_port sw-ed-1 Gi1/0/14"]);
}

#[test]
fn lease_files_of_real_servers_are_read() {
    for name in ["dhcpd.leases", "kea-leases4.csv", "kea-leases6.csv", "dnsmasq.leases"] {
        let said = said(&read(name));
        assert!(said.iter().any(|line| line.contains("ip_address")), "{name}: {said:#?}");
    }
}

#[test]
fn a_bad_line_is_told_and_the_rest_kept() {
    let mut bytes = sample("conn.log").to_vec();
    bytes.extend_from_slice(b"1795600999.0\tshort\n");
    let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
    let learned = read_log(&bytes, options(), zone());
    assert_eq!(learned.flows, read("conn.log").flows);
    assert_eq!(learned.problems.len(), 1);
    assert_eq!(learned.problems[0].place, format!("line {lines}"));
}

#[test]
fn a_line_without_end_is_passed_over_in_bounded_memory() {
    let mut set = LogSet::new(options(), zone());
    set.begin("");
    set.feed(sample("conn.log"));
    for _ in 0..2_000 {
        set.feed(&[b'x'; 10_000]);
    }
    set.feed(b"\n");
    set.end(IngestId::default());
    let learned = set.finish().pop().expect("a set of one log").learned;
    assert_eq!(learned.flows, read("conn.log").flows);
    assert_eq!(learned.problems.len(), 1, "{:?}", learned.problems);
}

fn in_pieces(bytes: &[u8], sizes: &[usize]) -> Learned {
    let mut set = LogSet::new(options(), zone());
    set.begin("");
    let (mut rest, mut sizes) = (bytes, sizes.iter().cycle());
    while !rest.is_empty() {
        let (now, later) = rest.split_at(rest.len().min(*sizes.next().expect("a cycle never ends")));
        set.feed(now);
        rest = later;
    }
    set.end(IngestId::default());
    set.finish().pop().expect("a set of one log").learned
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn pieces_of_any_size_read_the_same(
        which in any::<prop::sample::Index>(),
        sizes in prop::collection::vec(1usize..3000, 1..6),
        repeat in 1usize..40,
    ) {
        let bytes = which.get(SAMPLES).1.repeat(repeat);
        prop_assert_eq!(in_pieces(&bytes, &sizes), read_log(&bytes, options(), zone()));
    }

    #[test]
    fn damage_never_stops_a_reading(
        which in any::<prop::sample::Index>(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), any::<bool>()), 1..30),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = which.get(SAMPLES).1.to_vec();
        for (at, byte, whole) in &edits {
            let at = at.index(bytes.len());
            if *whole { bytes[at] = *byte } else { bytes.insert(at, *byte) }
        }
        bytes.truncate(cut.index(bytes.len()) + 1);
        let learned = read_log(&bytes, options(), zone());
        prop_assert!(learned.problems.iter().all(|problem| problem.place.starts_with("line ")));
        let lines = bytes.iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
        prop_assert!(learned.stats.lines <= lines);
        // A line says at most a handful of things.
        prop_assert!(learned.evidence.len() as u64 <= lines * 16);
        prop_assert!(learned.evidence.iter().all(|piece| piece.value.len() <= 600));
    }

    #[test]
    fn noise_under_any_head_is_only_noise(
        which in any::<prop::sample::Index>(),
        noise in prop::collection::vec(any::<u8>(), 0..4000),
        lines in prop::collection::vec("[ -~\\t\"\\\\{}:,/.0-9a-f]{0,120}", 0..40),
    ) {
        let sample = which.get(SAMPLES).1;
        let head = &sample[..sample.len().min(600)];
        let bytes = [head, &noise, lines.join("\n").as_bytes()].concat();
        let learned = read_log(&bytes, options(), zone());
        prop_assert!(learned.evidence.len() < 4000);
    }
}
