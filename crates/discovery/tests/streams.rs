//! Made-up conversations: order, loss, relays, routers, links and bounds.

mod common;

use common::{
    End, associate, at, ethernet, expect, ipv4, mac, options, pcap, pdu, said, segment, store, tcp,
};
use proptest::prelude::*;
use tallyward_core::evidence::normalise;
use tallyward_core::{Evidence, Field, IngestId, Key};
use tallyward_discovery::{Learned, Limits, Options, Reader, describe, read_capture};

const CT: End = End { mac: [0, 9, 0xfb, 0, 0, 1], address: [10, 1, 0, 5], port: 40_000 };
const PACS: End = End { mac: [0, 9, 0xfb, 0, 0, 2], address: [10, 1, 0, 9], port: 104 };
const ROUTER: [u8; 6] = [0, 0x1b, 0x54, 0, 0, 9];

fn session() -> Vec<u8> {
    [
        associate(1, "PACS", "CT1", "1.2.3"),
        store("ACME", "X1", "SN9", "SECRET"),
        store("ACME", "X1", "SN9", "SECRET"),
    ]
    .concat()
}

/// Evidence without places and counts: what must not depend on how the bytes came.
fn facts(learned: &Learned) -> Vec<(String, Field, String, String)> {
    let of =
        |piece: &Evidence| (piece.subject.to_string(), piece.field, piece.value.clone(), piece.basis.clone());
    learned.evidence.iter().map(of).collect()
}

fn cut(stream: &[u8], sizes: &[usize]) -> Vec<Vec<u8>> {
    let mut frames = vec![segment(&CT, &PACS, 99, 2, &[])];
    let (mut at, mut sizes) = (0, sizes.iter().cycle());
    while at < stream.len() {
        let end = stream.len().min(at + sizes.next().expect("a cycle never ends"));
        frames.push(segment(&CT, &PACS, 100 + at as u32, 16, &stream[at..end]));
        at = end;
    }
    frames
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn order_and_repetition_of_segments_change_no_fact(
        sizes in prop::collection::vec(1usize..400, 1..8),
        swaps in prop::collection::vec((any::<prop::sample::Index>(), 0usize..12), 0..12),
        repeats in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let in_order = cut(&session(), &sizes);
        let mut frames = in_order.clone();
        for (from, far) in swaps {
            let from = from.index(frames.len() - 1) + 1;
            let to = (from + far).min(frames.len() - 1);
            frames.swap(from, to);
        }
        for index in repeats {
            let from = index.index(frames.len() - 1) + 1;
            let again = frames[from].clone();
            frames.insert((from + 3).min(frames.len()), again);
        }
        // A window of 64 segments bounds what can be put in order; smaller shuffles must always be.
        let wanted = facts(&read_capture(&pcap(&in_order), options()));
        prop_assert!(wanted.iter().any(|(.., value, _)| value == "SN9"));
        if frames.len() < 60 {
            prop_assert_eq!(facts(&read_capture(&pcap(&frames), options())), wanted);
        }
    }

    #[test]
    fn overlapping_segments_say_the_same(step in 20usize..200, over in 1usize..20) {
        let stream = session();
        let mut frames = vec![segment(&CT, &PACS, 99, 2, &[])];
        for at in (0..stream.len()).step_by(step) {
            let end = stream.len().min(at + step + over);
            frames.push(segment(&CT, &PACS, 100 + at as u32, 16, &stream[at..end]));
        }
        let wanted = facts(&read_capture(&pcap(&cut(&stream, &[500])), options()));
        prop_assert_eq!(facts(&read_capture(&pcap(&frames), options())), wanted);
    }
}

#[test]
fn the_first_bytes_seen_win_an_overlap() {
    let stream = associate(1, "PACS", "CT1", "1.2.3");
    let mut forged = stream.clone();
    forged[26..29].copy_from_slice(b"BAD");
    let frames = [
        segment(&CT, &PACS, 99, 2, &[]),
        segment(&CT, &PACS, 120, 16, &stream[20..]),
        segment(&CT, &PACS, 100, 16, &forged),
    ];
    let learned = read_capture(&pcap(&frames), options());
    expect(&learned, &mac("00:09:fb:00:00:01"), Field::AeTitle, "CT1", "DICOM A-ASSOCIATE-RQ", 2);
}

#[test]
fn a_modality_is_called_by_what_its_images_say() {
    let learned = read_capture(&pcap(&cut(&session(), &[1400])), options());
    let own = Key::MakerModelSerial { maker: "ACME".into(), model: "X1".into(), serial: "SN9".into() };
    let card = mac("00:09:fb:00:00:01");
    assert!(
        said(&learned, &card)
            .iter()
            .any(|(field, value, ..)| *field == Field::Key && *value == own.to_string())
    );
    assert!(said(&learned, &own).iter().all(|(field, ..)| *field != Field::RelayedBy));
    let lines = describe(&learned);
    let line = lines.iter().find(|line| line.keys.contains(&card)).unwrap();
    assert!(line.keys.contains(&own), "one device under both names");
    let software = line.fields.iter().find(|field| field.field == Field::SoftwareVersion).unwrap();
    assert_eq!((software.value.as_str(), software.count), ("7.1", 2));
}

#[test]
fn a_relay_is_not_called_by_what_it_passes_on() {
    let stream = [
        associate(1, "PACS", "ROUTER", "1.2.3"),
        store("ACME", "X1", "SN9", "A"),
        store("ACME", "X1", "SN8", "B"),
    ]
    .concat();
    let learned = read_capture(&pcap(&cut(&stream, &[700])), options());
    let card = said(&learned, &mac("00:09:fb:00:00:01"));
    assert!(
        card.iter().all(|(field, ..)| !matches!(field, Field::Key | Field::Serial | Field::SoftwareVersion))
    );
    for serial in ["SN8", "SN9"] {
        let own = Key::MakerModelSerial { maker: "ACME".into(), model: "X1".into(), serial: serial.into() };
        let all = said(&learned, &own);
        assert!(
            all.iter().any(|(field, value, ..)| *field == Field::RelayedBy && value == "ROUTER (10.1.0.5)")
        );
        assert!(all.iter().any(|(field, value, ..)| *field == Field::Serial && value == serial));
    }
}

#[test]
fn an_archive_answering_a_retrieval_is_a_relay() {
    let frames = [
        segment(&CT, &PACS, 1, 16, &associate(1, "PACS", "WS", "1.2.3")),
        segment(
            &PACS,
            &CT,
            1,
            16,
            &[associate(2, "PACS", "WS", "1.2.4"), store("ACME", "X1", "SN9", "A")].concat(),
        ),
    ];
    let learned = read_capture(&pcap(&frames), options());
    let own = Key::MakerModelSerial { maker: "ACME".into(), model: "X1".into(), serial: "SN9".into() };
    expect(&learned, &own, Field::RelayedBy, "PACS (10.1.0.9)", "DICOM C-STORE", 2);
    assert!(said(&learned, &mac("00:09:fb:00:00:02")).iter().all(|(field, ..)| *field != Field::Key));
}

#[test]
fn pixels_that_were_lost_cost_nothing() {
    let pixels = pdu(4, &[&(50_002u32).to_be_bytes()[..], &[1, 2], &[7; 50_000]].concat());
    let stream = [
        associate(1, "PACS", "CT1", "1.2.3"),
        store("ACME", "X1", "SN9", "A"),
        pixels,
        store("ACME", "X1", "SN7", "B"),
    ]
    .concat();
    let whole = cut(&stream, &[1000]);
    let far = whole.len() / 2;
    let lossy: Vec<Vec<u8>> = whole
        .iter()
        .enumerate()
        .filter(|(at, _)| !(far..far + 10).contains(at))
        .map(|(_, frame)| frame.clone())
        .collect();
    let learned = read_capture(&pcap(&lossy), options());
    assert_eq!(facts(&learned), facts(&read_capture(&pcap(&whole), options())));
    assert_eq!(learned.stats.gaps, 0);
}

#[test]
fn a_stream_is_picked_up_in_the_middle() {
    let stream = [vec![9; 300], store("ACME", "X1", "SN9", "A")].concat();
    let frames =
        [segment(&CT, &PACS, 5_000, 16, &stream[..300]), segment(&CT, &PACS, 5_300, 16, &stream[300..])];
    let learned = read_capture(&pcap(&frames), options());
    expect(&learned, &mac("00:09:fb:00:00:01"), Field::Serial, "SN9", "DICOM C-STORE (0018,1000)", 2);
    assert_eq!(learned.flows[0].service, "dicom");
}

#[test]
fn behind_a_router_there_is_somebody_at_an_address() {
    let mut frames = Vec::new();
    for host in 1..=4 {
        let far = End { mac: ROUTER, address: [10, 2, 0, host], port: 40_000 };
        frames.push(segment(&far, &PACS, 1, 16, &associate(1, "PACS", &format!("CT{host}"), "1.2.3")));
    }
    let learned = read_capture(&pcap(&frames), options());
    expect(&learned, &at("10.2.0.3"), Field::AeTitle, "CT3", "DICOM A-ASSOCIATE-RQ", 3);
    let router = said(&learned, &mac("00:1b:54:00:00:09"));
    assert!(
        router.iter().all(|(field, ..)| matches!(field, Field::MacAddress | Field::NicMaker)),
        "{router:?}"
    );
    assert!(learned.flows.iter().all(|flow| flow.client.mac.is_none()));
}

#[test]
fn a_packet_that_has_travelled_is_not_bound_to_the_card_that_brought_it() {
    let far = End { mac: ROUTER, address: [10, 2, 0, 1], port: 40_000 };
    let payload = tcp(&far, &PACS, 1, 16, &associate(1, "PACS", "CT1", "1.2.3"));
    let frame = ethernet(&far, &PACS, 0x0800, &ipv4(&far, &PACS, 6, 62, &payload));
    let learned = read_capture(&pcap(&[frame]), options());
    expect(&learned, &at("10.2.0.1"), Field::AeTitle, "CT1", "DICOM A-ASSOCIATE-RQ", 1);
}

#[test]
fn tags_fragments_and_other_links_lead_to_the_same_facts() {
    let plain = segment(&CT, &PACS, 1, 16, &associate(1, "PACS", "CT1", "1.2.3"));
    let mut tagged = plain[..12].to_vec();
    tagged.extend([0x88, 0xa8, 0, 5, 0x81, 0, 0, 7]);
    tagged.extend(&plain[12..]);
    let learned = read_capture(&pcap(&[tagged]), options());
    let card = mac("00:09:fb:00:00:01");
    expect(&learned, &card, Field::AeTitle, "CT1", "DICOM A-ASSOCIATE-RQ", 1);
    expect(&learned, &card, Field::Vlan, "7", "VLAN tag", 1);

    // Three fragments, the last one first.
    let ip = &plain[14..];
    let mut pieces = Vec::new();
    for (start, end, more) in [(96, ip.len() - 20, false), (0, 48, true), (48, 96, true)] {
        let mut piece = ip[..20].to_vec();
        piece[2..4].copy_from_slice(&((20 + end - start) as u16).to_be_bytes());
        piece[6..8].copy_from_slice(&((start / 8) as u16 | if more { 0x2000 } else { 0 }).to_be_bytes());
        piece.extend(&ip[20 + start..20 + end]);
        pieces.push(ethernet(&CT, &PACS, 0x0800, &piece));
    }
    let learned = read_capture(&pcap(&pieces), options());
    expect(&learned, &card, Field::AeTitle, "CT1", "DICOM A-ASSOCIATE-RQ", 3);
    assert_eq!((learned.flows.len(), learned.flows[0].packets), (1, 3));

    // The same packet on other links: raw IP, BSD loopback, Linux cooked v1 and v2.
    let sll = [&[0, 0, 0, 1, 0, 6][..], &CT.mac, &[0, 0, 8, 0], ip].concat();
    let sll2 = [&[8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6][..], &CT.mac, &[0, 0], ip].concat();
    for (link, frame, subject) in [
        (101u32, ip.to_vec(), at("10.1.0.5")),
        (0, [&[2, 0, 0, 0], ip].concat(), at("10.1.0.5")),
        (113, sll, card.clone()),
        (276, sll2, card.clone()),
    ] {
        let mut file = pcap(&[frame]);
        file[20..24].copy_from_slice(&link.to_le_bytes());
        let learned = read_capture(&file, options());
        expect(&learned, &subject, Field::AeTitle, "CT1", "DICOM A-ASSOCIATE-RQ", 1);
    }
}

/// pcapng in either byte order, two sections, resolutions of nanoseconds and of a power of two, an offset.
#[test]
fn pcapng_says_what_pcap_says() {
    let frame = segment(&CT, &PACS, 1, 16, &associate(1, "PACS", "CT1", "1.2.3"));
    for big in [false, true] {
        let u32b = |value: u32| if big { value.to_be_bytes() } else { value.to_le_bytes() };
        let u16b = |value: u16| if big { value.to_be_bytes() } else { value.to_le_bytes() };
        let block = |kind: u32, body: &[u8]| {
            let mut body = body.to_vec();
            body.resize(body.len().next_multiple_of(4), 0);
            let length = u32b(body.len() as u32 + 12);
            [&u32b(kind)[..], &length, &body, &length].concat()
        };
        let section = block(0x0a0d_0d0a, &[&u32b(0x1a2b_3c4d)[..], &u16b(1), &u16b(0), &[0xff; 8]].concat());
        let interface = |resolution: u8, offset: i64| {
            let offset = if big { offset.to_be_bytes() } else { offset.to_le_bytes() };
            let options =
                [&u16b(9)[..], &u16b(1), &[resolution, 0, 0, 0], &u16b(14), &u16b(8), &offset, &[0; 4]]
                    .concat();
            block(1, &[&u16b(1)[..], &[0, 0], &u32b(0), &options].concat())
        };
        let packet = |interface: u32, ticks: u64| {
            let length = u32b(frame.len() as u32);
            let head =
                [u32b(interface), u32b((ticks >> 32) as u32), u32b(ticks as u32), length, length].concat();
            block(6, &[&head[..], &frame].concat())
        };
        let file = [
            section.clone(),
            interface(9, 0),
            interface(0x80 | 10, 1_600_000_000),
            block(0x0bad, b"unknown"),
            packet(0, 1_700_000_000_000_000_000),
            packet(1, 100_000_000 * 1024 + 512),
            section,
            interface(6, 0),
            packet(0, 1_700_000_001_000_000),
        ]
        .concat();
        let learned = read_capture(&file, options());
        assert_eq!(learned.problems, []);
        assert_eq!(learned.stats.packets, 3);
        assert_eq!(learned.stats.first.unwrap().micros(), 1_700_000_000_000_000);
        assert_eq!(learned.stats.last.unwrap().micros(), 1_700_000_001_000_000);
        expect(&learned, &mac("00:09:fb:00:00:01"), Field::AeTitle, "CT1", "DICOM A-ASSOCIATE-RQ", 1);
    }
}

#[test]
fn an_implanted_udi_names_the_pump_and_its_relay() {
    let message = "\x0bMSH|^~\\&|GW^2.16.1^ISO|ICU|EHR|H|20261123||ORU^R01|1|P|2.6\rPID|1||SECRET\r\
        PRT|1|UC||EQUIP|SECRET^NURSE|||||(01)00643169007222(21)NLB117712H(11)170401\r\
        PRT|3|UC||EQUIP||||||010064316900722221ABC7\\X1D\\11170401\r\
        PRT|2|UC||EQUIP||||||||||||00643169007222|20170401||LOT|SN77\r\x1c\r";
    let learned = read_capture(&pcap(&[segment(&CT, &PACS, 1, 16, message.as_bytes())]), options());
    let pump = Key::DiSerial { di: "00643169007222".into(), serial: "NLB117712H".into() };
    let all = said(&learned, &pump);
    assert!(all.iter().any(|(field, ..)| *field == Field::Udi), "{all:?}\n{:#?}", learned.evidence);
    expect(&learned, &pump, Field::Serial, "NLB117712H", "HL7 PRT-10", 1);
    expect(&learned, &pump, Field::ManufactureDate, "2017-04-01", "HL7 PRT-10", 1);
    expect(&learned, &pump, Field::RelayedBy, "GW (10.1.0.5)", "HL7 PRT-10", 1);
    let scanned = Key::DiSerial { di: "00643169007222".into(), serial: "ABC7".into() };
    expect(&learned, &scanned, Field::ManufactureDate, "2017-04-01", "HL7 PRT-10", 1);
    let other = Key::DiSerial { di: "00643169007222".into(), serial: "SN77".into() };
    expect(&learned, &other, Field::Di, "00643169007222", "HL7 PRT-16", 1);
    expect(&learned, &other, Field::ManufactureDate, "2017-04-01", "HL7 PRT-17", 1);
}

#[test]
fn attributes_of_the_device_are_told_and_those_of_its_parts_are_not() {
    let message = "\x0bMSH|^~\\&|GW|ICU|EHR|H|20261123||ORU^R01|1|P|2.6\r\
        OBX|1|ST|1^MDC_ID_PROD_SPEC_SW^MDC|1.0.0.1|B.02.15|||||R||||||||MON7^ACME^0003B1FFFE0A0B0C^EUI-64\r\
        OBX|2|ST|1^MDC_ID_PROD_SPEC_SERIAL^MDC|1.3.0.1|PARTSERIAL\r\
        OBX|3|ST|1^MDC_ATTR_PT_NAME^MDC|1.0.0.1|SECRET\r\
        OBX|4|ST|1^MDC_ID_MODEL_NUMBER^MDC|1.0.0.1|M7\r\x1c\r";
    let learned = read_capture(&pcap(&[segment(&CT, &PACS, 1, 16, message.as_bytes())]), options());
    let monitor = mac("00:03:b1:0a:0b:0c");
    expect(&learned, &monitor, Field::SoftwareVersion, "B.02.15", "HL7 OBX-3 MDC_ID_PROD_SPEC_SW", 1);
    expect(&learned, &monitor, Field::Model, "M7", "HL7 OBX-3 MDC_ID_MODEL_NUMBER", 1);
    expect(&learned, &monitor, Field::RelayedBy, "GW (10.1.0.5)", "HL7 OBX-18", 1);
    let all = serde_json::to_string(&learned).unwrap();
    assert!(!all.contains("PARTSERIAL") && !all.contains("SECRET"));
}

#[test]
fn tables_stay_within_their_limits() {
    let mut frames = Vec::new();
    for number in 0..3_000u32 {
        let [_, _, high, low] = number.to_be_bytes();
        let far = End { mac: [2, 0, 0, 0, high, low], address: [10, 9, high, low], port: 40_000 };
        frames.push(segment(&far, &PACS, 1, 16, &associate(1, "PACS", &format!("AE{number}"), "1.2.3")));
    }
    let limits = Limits { max_flows: 64, max_facts: 500, max_hosts: 200, ..Limits::default() };
    let learned = read_capture(&pcap(&frames), Options { limits, ..options() });
    assert!(learned.evidence.len() <= 700 && learned.flows.len() <= 500);
    assert!(
        learned.stats.flows_evicted >= 2_900
            && learned.stats.facts_dropped > 0
            && learned.stats.flows_dropped > 0
    );
    assert_eq!(learned.stats.packets, 3_000);
}

#[test]
fn two_captures_in_either_order_are_the_same_evidence() {
    let read = |name: &str, ingest: u128| {
        let options = Options { ingest: IngestId(ingest), ..options() };
        Some(read_capture(&common::bytes(name)?, options).evidence)
    };
    let (Some(a), Some(b)) = (read("lab-a.pcap", 1), read("sv__dhcp-eve-extended_input.pcap", 2)) else {
        return;
    };
    let again = a.clone();
    let one = normalise([a.clone(), b.clone(), again].concat());
    assert_eq!(one, normalise([b, a].concat()));
}

#[test]
fn bytes_and_packets_are_counted_while_reading() {
    let file = pcap(&cut(&session(), &[100]));
    let mut reader = Reader::new(options());
    reader.feed(&file[..500]);
    assert_eq!(reader.bytes(), 500);
    assert!(reader.packets() >= 2);
    assert!(reader.finish().problems[0].place.starts_with("packet "));
}

/// Tunnels in tunnels are followed four deep; deeper ones are counted as what carries them.
#[test]
fn tunnels_in_tunnels_come_to_an_end() {
    let device = End { mac: [2, 0, 0, 0, 0, 1], address: [10, 0, 0, 1], port: 40_000 };
    let server = End { mac: [2, 0, 0, 0, 0, 2], address: [10, 0, 0, 2], port: 22 };
    for (depth, known) in [(1, true), (4, true), (5, false), (60, false)] {
        let mut packet = ipv4(&device, &server, 6, 64, &tcp(&device, &server, 1, 16, b"SSH-2.0-x\r\n"));
        for _ in 0..depth {
            packet = ipv4(&device, &server, 4, 64, &packet);
        }
        let learned = read_capture(&pcap(&[ethernet(&device, &server, 0x0800, &packet)]), options());
        assert_eq!(learned.flows.iter().any(|flow| flow.service == "ssh"), known, "{depth} deep");
        assert!(learned.flows.iter().any(|flow| flow.service == "ip-in-ip"));
        assert_eq!(learned.stats.ignored, 0);
    }
}
