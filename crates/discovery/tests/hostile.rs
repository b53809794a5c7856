//! Damaged captures: nothing panics, everything readable is read, and the place of the damage is told.

mod common;

use common::{bytes, options};
use proptest::prelude::*;
use std::sync::LazyLock;
use tallyward_discovery::{Learned, Reader, describe, read_capture};

/// Small real captures of every family, and the head of the laboratory.
static SAMPLES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let names = [
        "tapirx__HL7-ADT-UDI-OBX.pcap",
        "tapirx__dicom_arq_2_get_testclient.pcap",
        "tapirxl__ct_to_pacs_scenario.pcap",
        "sv__dhcp-eve-extended_input.pcap",
        "ndpi__dhcp-fuzz.pcapng",
        "ndpi__sonos.pcapng",
        "zeek__dhcp_dhcp.pcap",
        "zeek__http-qinq-0.pcap",
        "zeek__tcp_reassembly.pcap",
        "tcpdump__geneve.pcap",
        "tcpdump__erspan-type-ii-2.pcap",
        "tcpdump__erspan-type-iii-ft-0.pcap",
        "ndpi__vxlan.pcap",
        "ndpi__capwap.pcap",
        "ndpi__syslog.pcap",
        "tcpdump__3560_CDP.pcap",
        "tcpdump__dhcp-rfc4388.pcap",
        "tcpdump__dhcpv6-mud.pcap",
        "icsnpp__bacnet_segmented_data.pcap",
        "zeek__modbus_modbus-and-non-modbus-p502.pcap",
        "ndpi__s7comm.pcap",
        "ndpi__mqtt.pcap",
        "sv__ja4-tls_input.pcap",
        "ndpi__smbv1.pcap",
        "zeek__dce-rpc_dce_rpc_ntlm.pcapng",
        "zeek__ldap_sasl-ntlm.pcap",
        "ndpi__rdp.pcap",
        "ndpi__telnet.pcap",
        "ndpi__kerberos.pcap",
    ];
    let mut samples: Vec<Vec<u8>> = names.iter().filter_map(|name| bytes(name)).collect();
    for name in
        ["ndpi__opc-ua.pcap", "sv__enip-keywords_enip_cip_example.pcap", "icsnpp__bacnet_example.pcap"]
    {
        samples.extend(bytes(name).map(|whole| whole[..whole.len().min(30_000)].to_vec()));
    }
    if let Some(lab) = bytes("lab-a.pcap") {
        samples.push(lab[..60_000].to_vec());
    }
    samples
});

fn in_pieces(file: &[u8], sizes: &[usize]) -> Learned {
    let mut reader = Reader::new(options());
    let (mut rest, mut sizes) = (file, sizes.iter().cycle());
    while !rest.is_empty() {
        let (now, later) = rest.split_at(rest.len().min(*sizes.next().expect("a cycle never ends")));
        reader.feed(now);
        rest = later;
    }
    reader.finish()
}

#[derive(Clone, Debug)]
enum Damage {
    Truncate(prop::sample::Index),
    Flip(prop::sample::Index, u8),
    Splice(prop::sample::Index, prop::sample::Index, prop::sample::Index),
    Repeat(prop::sample::Index, usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    let index = || any::<prop::sample::Index>();
    prop_oneof![
        index().prop_map(Damage::Truncate),
        (index(), 1u8..).prop_map(|(at, bits)| Damage::Flip(at, bits)),
        (index(), index(), index()).prop_map(|(from, to, at)| Damage::Splice(from, to, at)),
        (index(), 1usize..300).prop_map(|(at, length)| Damage::Repeat(at, length)),
    ]
}

fn apply(file: &mut Vec<u8>, damage: &Damage) {
    if file.is_empty() {
        return;
    }
    let length = file.len();
    match damage {
        Damage::Truncate(at) => file.truncate(at.index(length)),
        Damage::Flip(at, bits) => file[at.index(length)] ^= bits,
        Damage::Splice(from, to, at) => {
            let (low, high) =
                (from.index(length).min(to.index(length)), from.index(length).max(to.index(length)));
            let piece = file[low..high].to_vec();
            let at = at.index(length);
            file.splice(at..at, piece);
        }
        Damage::Repeat(at, count) => {
            let at = at.index(length);
            let piece = file[at..length.min(at + count)].to_vec();
            file.splice(at..at, piece);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn damage_is_survived_and_pieces_change_nothing(
        which in any::<prop::sample::Index>(),
        damages in prop::collection::vec(damage(), 1..6),
        sizes in prop::collection::vec(1usize..3_000, 1..5),
    ) {
        if SAMPLES.is_empty() {
            return Ok(());
        }
        let mut file = SAMPLES[which.index(SAMPLES.len())].clone();
        for damage in &damages {
            apply(&mut file, damage);
        }
        let learned = read_capture(&file, options());
        let placed = |place: &str| place.starts_with("byte ") || place.starts_with("packet ");
        prop_assert!(learned.problems.iter().all(|problem| placed(&problem.place)));
        let _ = describe(&learned);
        prop_assert_eq!(in_pieces(&file, &sizes), learned);
    }

    /// A cut in mid-packet gives all before the cut and says so.
    #[test]
    fn a_cut_capture_gives_all_before_the_cut(which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>()) {
        if SAMPLES.is_empty() {
            return Ok(());
        }
        let whole = &SAMPLES[which.index(SAMPLES.len())];
        let at = at.index(whole.len());
        let cut = read_capture(&whole[..at], options());
        let mut reader = Reader::new(options());
        reader.feed(&whole[..at]);
        prop_assert_eq!(cut.stats.packets, reader.packets());
        let ends = boundaries(whole);
        prop_assert_eq!(cut.stats.packets, ends.iter().filter(|(end, packet)| *packet && *end <= at).count() as u64);
        let clean = ends.iter().any(|(end, _)| *end == at);
        prop_assert_eq!(cut.problems.is_empty(), clean, "at {} of {}: {:?}", at, whole.len(), cut.problems);
    }

    #[test]
    fn noise_is_no_capture(noise in prop::collection::vec(any::<u8>(), 0..300)) {
        let learned = read_capture(&noise, options());
        prop_assert_eq!(learned.stats.packets, 0);
        prop_assert!(!learned.problems.is_empty());
    }
}

/// Where each record of a sound little-endian capture ends, and whether it holds a packet.
fn boundaries(file: &[u8]) -> Vec<(usize, bool)> {
    let word = |at: usize| u32::from_le_bytes([file[at], file[at + 1], file[at + 2], file[at + 3]]) as usize;
    let mut ends = Vec::new();
    if file.starts_with(&[0x0a, 0x0d, 0x0d, 0x0a]) {
        let mut at = 0;
        while at + 12 <= file.len() {
            let kind = word(at);
            at += word(at + 4);
            ends.push((at, matches!(kind, 2 | 3 | 6)));
        }
    } else {
        let big = file.starts_with(&[0xa1]);
        let mut at = 24;
        ends.push((at, false));
        while at + 16 <= file.len() {
            let length = if big { (word(at + 8) as u32).swap_bytes() as usize } else { word(at + 8) };
            at += 16 + length;
            ends.push((at, true));
        }
    }
    ends
}

/// One damaged length costs its own packet, not the rest of the capture.
#[test]
fn reading_goes_on_behind_a_damaged_length() {
    let Some(mut file) = bytes("lab-a.pcap") else { return };
    let sound = read_capture(&file, options());
    let mut at = 24;
    for _ in 0..50 {
        at += 16 + u32::from_le_bytes([file[at + 8], file[at + 9], file[at + 10], file[at + 11]]) as usize;
    }
    file[at + 11] = 0x7f;
    let learned = read_capture(&file, options());
    assert_eq!(learned.stats.packets, sound.stats.packets - 1);
    assert_eq!(learned.problems[0].place, format!("byte {at}"));
    assert!(learned.problems[0].what.contains("looking for the next record"));
}

/// A cut inside a block that is passed over reads the same whole and in pieces: the count of missing bytes once differed.
#[test]
fn a_cut_in_a_block_of_no_interest_is_told_the_same_in_pieces() {
    let Some(file) = bytes("ndpi__dhcp-fuzz.pcapng") else { return };
    let cut = &file[..file.len() - 375];
    let learned = read_capture(cut, options());
    assert_eq!(learned.stats.packets, 1);
    assert!(learned.problems[0].what.contains("cut in the middle of a record"));
    assert_eq!(in_pieces(cut, &[17]), learned);
}

#[test]
fn a_link_that_is_not_read_is_told_once() {
    let mut file = common::pcap(&[vec![0; 60], vec![0; 60]]);
    file[20] = 127;
    let learned = read_capture(&file, options());
    assert_eq!((learned.stats.packets, learned.stats.ignored, learned.problems.len()), (2, 2, 1));
    assert_eq!(
        learned.problems[0].to_string(),
        "packet 1: link type 127 is not read; its packets are only counted"
    );
}

#[test]
fn what_is_no_capture_is_refused_with_a_reason() {
    let gzip = read_capture(&[0x1f, 0x8b, 8, 0, 0, 0], options());
    assert!(gzip.problems[0].what.contains("unpack it first"), "{:?}", gzip.problems);
    let empty = read_capture(&[], options());
    assert!(empty.problems[0].what.contains("empty input"));
}
