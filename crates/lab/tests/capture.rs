//! The capture holds what the truth says, byte for byte and before a second opinion.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use support::{Packet, blocks, parse};
use tallyward_core::testkit::skipped;
use tallyward_lab::wire::{Order, ip, pcap};
use tallyward_lab::{CANARY_BIRTH, CANARY_ID, CANARY_NAME, Hospital, Plan, Speaks, build, scaled};

fn contains(haystack: &[u8], needle: &str) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle.as_bytes())
}

#[test]
fn every_packet_parses_back_and_every_checksum_holds() {
    let house = build(&Plan::default());
    let file = house.capture();
    let packets = blocks(&file);
    assert_eq!(packets.len(), house.frames().len());
    assert!(file.len() < 8_000_000, "{} bytes", file.len());
    let vlans: BTreeSet<u16> =
        house.subnets.iter().filter(|subnet| subnet.watched).map(|net| net.vlan).collect();
    for bytes in &packets {
        match parse(bytes) {
            Packet::Arp { vlan, .. } | Packet::Ip { vlan, .. } => assert!(vlans.contains(&vlan)),
        }
    }
    println!("{} packets, {} bytes", packets.len(), file.len());
}

#[test]
fn exactly_the_seen_devices_send() {
    let house = build(&Plan::default());
    let senders: BTreeSet<[u8; 6]> =
        house.frames().iter().map(|frame| frame.bytes[6..12].try_into().unwrap()).collect();
    let mut want: BTreeSet<[u8; 6]> = house
        .truth
        .iter()
        .filter(|device| device.seen.is_some())
        .filter_map(|device| Some(device.mac?.0))
        .collect();
    want.extend(house.infrastructure.iter().map(|mac| mac.0));
    assert_eq!(senders, want);
}

#[test]
fn the_canaries_are_in_the_traffic() {
    // A test elsewhere that finds no canary in what was kept proves something only if they were here.
    let file = build(&Plan::default()).capture();
    for canary in [CANARY_NAME.0, CANARY_NAME.1, CANARY_ID, CANARY_BIRTH] {
        assert!(contains(&file, canary), "{canary}");
    }
}

#[test]
fn the_stream_for_benches_goes_on() {
    let plan = Plan { devices: 20, ..Plan::default() };
    let one = build(&plan).frames().len();
    let frames: Vec<_> = scaled(&plan).take(one * 2 + 5).collect();
    assert_eq!(frames.len(), one * 2 + 5);
    assert!(frames.is_sorted_by_key(|frame| frame.time));
    assert_ne!(frames[0].bytes, frames[one].bytes);
}

/// Rows of `tshark -T fields` for the packets that pass `filter`.
fn tshark(file: &std::path::Path, filter: &str, fields: &[&str]) -> Option<Vec<Vec<String>>> {
    let mut command = Command::new("tshark");
    command.arg("-r").arg(file).args(["-Y", filter, "-T", "fields"]);
    command.args(["-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE"]);
    command.args(["-o", "udp.check_checksum:TRUE", "-E", "separator=\t", "-E", "occurrence=f"]);
    fields.iter().for_each(|field| {
        command.args(["-e", field]);
    });
    let Ok(output) = command.output() else {
        skipped("tshark is not installed");
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    Some(text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect())
}

fn in_a_file<T>(name: &str, bytes: &[u8], read: impl FnOnce(&std::path::Path) -> T) -> T {
    let path = std::env::temp_dir().join(format!("tallyward-lab-{}-{name}", std::process::id()));
    std::fs::write(&path, bytes).expect("the temporary folder takes files");
    let answer = read(&path);
    std::fs::remove_file(&path).expect("the file was just written");
    answer
}

#[test]
fn tshark_finds_nothing_malformed() {
    let house = build(&Plan::default());
    in_a_file("malformed.pcapng", &house.capture(), |path| {
        let filter = "_ws.malformed || ip.checksum.status == 0 || tcp.checksum.status == 0 \
                      || udp.checksum.status == 0";
        let Some(bad) = tshark(path, filter, &["frame.number", "frame.protocols"]) else { return };
        assert!(bad.is_empty(), "{} bad packets, first {:?}", bad.len(), bad.first());
    });
}

#[test]
fn tshark_reads_the_names_the_truth_holds() {
    let house = build(&Plan::default());
    in_a_file("names.pcapng", &house.capture(), |path| {
        let Some(leases) =
            tshark(path, "dhcp.option.dhcp == 3", &["dhcp.hw.mac_addr", "dhcp.option.hostname"])
        else {
            return;
        };
        let leases: BTreeMap<String, String> =
            leases.into_iter().map(|row| (row[0].clone(), row[1].clone())).collect();
        assert_same(&leases, &host_names(&house));
        let calls = tshark(path, "dicom.pdu.type == 1", &["ip.src", "dicom.assoc.ae.calling"]).unwrap();
        let calls: BTreeMap<String, String> =
            calls.into_iter().map(|row| (row[0].clone(), row[1].trim().to_owned())).collect();
        assert_same(&calls, &titles(&house));
        let messages = tshark(path, "hl7 contains \"MSH|\" && tcp.dstport == 2575", &["tcp.len"]).unwrap();
        assert_eq!(messages.len(), 2 * house.expectations().in_hl7);
    });
}

/// Compares two tables and shows only what differs.
fn assert_same(found: &BTreeMap<String, String>, want: &BTreeMap<String, String>) {
    let only = |one: &BTreeMap<String, String>, other: &BTreeMap<String, String>| {
        let lines: Vec<String> = one
            .iter()
            .filter(|(key, value)| other.get(*key) != Some(value))
            .map(|(key, value)| format!("{key} {value}"))
            .collect();
        lines
    };
    assert!(found == want, "only found {:#?}, only expected {:#?}", only(found, want), only(want, found));
}

fn host_names(house: &Hospital) -> BTreeMap<String, String> {
    let dhcp = |model: usize| house.models[model].network == tallyward_lab::Network::Dhcp;
    house
        .truth
        .iter()
        .filter(|device| device.seen.is_some() && dhcp(device.model))
        .filter_map(|device| Some((device.mac?.to_string(), device.host_name.clone())))
        .collect()
}

fn titles(house: &Hospital) -> BTreeMap<String, String> {
    let calls = |model: usize| matches!(house.models[model].speaks, Speaks::Dicom(_) | Speaks::Query);
    house
        .truth
        .iter()
        .filter(|device| device.seen.is_some() && calls(device.model))
        .filter_map(|device| Some((device.ip?.to_string(), device.ae_title.clone())))
        .collect()
}

#[test]
fn classic_captures_are_read_in_both_orders_and_resolutions() {
    let frames = build(&Plan { devices: 12, ..Plan::default() }).frames();
    for (order, name) in [(Order::Little, "le"), (Order::Big, "be")] {
        for (resolution, unit) in [(pcap::Resolution::Micro, "us"), (pcap::Resolution::Nano, "ns")] {
            let file = pcap::file(&frames, order, resolution, 65_535);
            in_a_file(&format!("{name}-{unit}.pcap"), &file, |path| {
                let Some(times) = tshark(path, "frame", &["frame.time_epoch"]) else { return };
                assert_eq!(times.len(), frames.len());
                let last = frames.last().unwrap().time;
                let want = format!("{}.{:06}000", last.seconds(), last.micros().rem_euclid(1_000_000));
                assert_eq!(times.last().unwrap()[0], want);
            });
        }
    }
}

#[test]
fn fragments_come_together_again() {
    let (from, to) = (std::net::Ipv4Addr::new(192, 0, 2, 1), std::net::Ipv4Addr::new(192, 0, 2, 2));
    let datagram = ip::udp((from, 5000).into(), (to, 5001).into(), &[0x55; 3000]);
    let frames: Vec<_> = ip::v4_fragments(from, to, ip::UDP, 77, &datagram, 1480)
        .into_iter()
        .zip(0..)
        .map(|(packet, at)| {
            let (one, two) =
                (tallyward_core::Mac([2, 0, 0, 0, 0, 1]), tallyward_core::Mac([2, 0, 0, 0, 0, 2]));
            let bytes = tallyward_lab::wire::ether::frame(two, one, &[100, 7], 0x0800, &packet);
            tallyward_lab::wire::Frame { time: tallyward_core::Timestamp::from_seconds(at), bytes }
        })
        .collect();
    assert_eq!(frames.len(), 3);
    let file = pcap::file(&frames, Order::Little, pcap::Resolution::Micro, 65_535);
    in_a_file("fragments.pcap", &file, |path| {
        let Some(whole) = tshark(path, "udp && ip.reassembled.length", &["udp.length", "vlan.id"]) else {
            return;
        };
        let inner_tag = "7".to_owned();
        assert_eq!(whole, [["3008".to_owned(), inner_tag]]);
    });
}
