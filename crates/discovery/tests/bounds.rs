//! Traffic made to wear a reader out: every table has an end, and the count of what was dropped says so.

mod common;

use common::{End, associate, options, pcap, segment};
use tallyward_core::Field;
use tallyward_discovery::{Learned, Limits, Options, read_capture};

const SERVER: End = End { mac: [0x00, 0x1b, 0x21, 0, 0, 1], address: [10, 9, 0, 1], port: 104 };

fn client(number: u32) -> End {
    let [_, a, b, c] = number.to_be_bytes();
    End { mac: [0x00, 0x1b, 0x21, 1, b, c], address: [10, 1 + a, b, c], port: 40_000 + (number % 7) as u16 }
}

fn within(limits: Limits, frames: &[Vec<u8>]) -> Learned {
    read_capture(&pcap(frames), Options { limits, ..options() })
}

#[test]
fn ten_thousand_half_open_streams_hold_no_more_than_the_budget() {
    // Each begins, then leaves a hole in front of a kilobyte that is never wanted.
    let frames: Vec<Vec<u8>> = (0..10_000)
        .flat_map(|number| {
            let client = client(number);
            [segment(&client, &SERVER, 100, 2, &[]), segment(&client, &SERVER, 5_000, 16, &[7; 1_000])]
        })
        .collect();
    let learned = within(Limits { held: 1 << 20, ..Limits::default() }, &frames);
    assert_eq!(learned.stats.packets, 20_000);
    assert_eq!(learned.flows.iter().map(|flow| flow.packets).sum::<u64>(), 20_000);
    assert_eq!((learned.stats.flows_evicted, learned.stats.flows_dropped), (0, 0));
}

#[test]
fn conversations_beyond_the_table_are_closed_idle_first_and_counted() {
    let busy = client(0);
    let mut frames = Vec::new();
    for number in 1..=40_000 {
        frames.push(segment(&client(number), &SERVER, 1, 2, &[]));
        if number % 50 == 0 {
            frames.push(segment(&busy, &SERVER, number, 16, &[]));
        }
    }
    let learned = within(Limits { max_flows: 1_000, max_facts: 50_000, ..Limits::default() }, &frames);
    assert!((39_000..40_001).contains(&learned.stats.flows_evicted), "{:?}", learned.stats);
    assert_eq!(learned.stats.flows_dropped, 0);
    assert_eq!(learned.flows.len(), 40_001);
    // The one that was never idle was never closed.
    let kept = learned.flows.iter().find(|flow| flow.client.address.to_string() == "10.1.0.0").unwrap();
    assert_eq!((kept.packets, kept.count), (800, 1));

    let fewer = within(Limits { max_flows: 1_000, max_facts: 5_000, ..Limits::default() }, &frames);
    assert_eq!(fewer.flows.len(), 5_000);
    assert!(fewer.stats.flows_dropped > 30_000, "{:?}", fewer.stats);
}

/// A capture with the time of each packet given in seconds and microseconds.
fn timed(frames: &[(u32, u32, Vec<u8>)]) -> Vec<u8> {
    let bare: Vec<Vec<u8>> = frames.iter().map(|(.., frame)| frame.clone()).collect();
    let mut file = pcap(&bare);
    let mut at = 24;
    for (seconds, micros, frame) in frames {
        file[at..at + 4].copy_from_slice(&seconds.to_le_bytes());
        file[at + 4..at + 8].copy_from_slice(&micros.to_le_bytes());
        at += 16 + frame.len();
    }
    file
}

#[test]
fn a_clock_that_jumps_changes_no_fact() {
    let peer = client(3);
    let request = associate(1, "PACS", "CT7", "1.2.276.0.7230010.3.0.3.6.7");
    let (front, back) = request.split_at(50);
    for times in [[0, u32::MAX, 5], [u32::MAX, 0, u32::MAX], [1_700_000_000, 1_600_000_000, 1_700_000_001]] {
        let frames = [
            (times[0], 0, segment(&peer, &SERVER, 9, 2, &[])),
            (times[1], u32::MAX, segment(&peer, &SERVER, 10, 16, front)),
            (times[2], 0, segment(&peer, &SERVER, 60, 16, back)),
        ];
        let learned = read_capture(&timed(&frames), options());
        let titles: Vec<&str> = learned
            .evidence
            .iter()
            .filter(|piece| piece.field == Field::AeTitle)
            .map(|piece| piece.value.as_str())
            .collect();
        assert!(titles.contains(&"CT7"), "{titles:?} at {times:?}");
        assert!(learned.stats.first <= learned.stats.last);
        for episode in learned.evidence.iter().flat_map(|piece| &piece.episodes) {
            assert!(episode.first <= episode.last, "{times:?}");
        }
        assert_eq!(learned.flows.len(), 1);
    }
}

#[test]
fn packets_mirrored_twice_are_counted_twice_and_taught_once() {
    let peer = client(5);
    let request = associate(1, "PACS", "CT7", "1.2.276.0.7230010.3.0.3.6.7");
    let answer = associate(2, "PACS", "CT7", "1.2.40.0.13.1.3");
    let once = [
        segment(&peer, &SERVER, 9, 2, &[]),
        segment(&SERVER, &peer, 99, 18, &[]),
        segment(&peer, &SERVER, 10, 16, &request[..70]),
        segment(&peer, &SERVER, 80, 16, &request[70..]),
        segment(&SERVER, &peer, 100, 16, &answer),
    ];
    let twice: Vec<Vec<u8>> = once.iter().flat_map(|frame| [frame.clone(), frame.clone()]).collect();
    let facts = |learned: &Learned| {
        let mut facts: Vec<(String, Field, String)> = learned
            .evidence
            .iter()
            .map(|piece| (piece.subject.to_string(), piece.field, piece.value.clone()))
            .collect();
        facts.sort();
        facts
    };
    let (one, two) = (within(Limits::default(), &once), within(Limits::default(), &twice));
    assert_eq!(facts(&one), facts(&two));
    assert_eq!((two.flows[0].packets, two.flows[0].count, two.stats.gaps), (10, 1, 0));
}

#[test]
fn blocks_that_lie_about_their_length_cost_only_themselves() {
    let block = |kind: u32, body: &[u8], claimed: u32| {
        let mut out = kind.to_le_bytes().to_vec();
        out.extend(claimed.to_le_bytes());
        out.extend(body);
        out.extend((body.len() as u32 + 12).to_le_bytes());
        out
    };
    let honest = |kind: u32, body: &[u8]| block(kind, body, body.len() as u32 + 12);
    let mut head = 0x1a2b_3c4du32.to_le_bytes().to_vec();
    head.extend([1, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255]);
    let start = [honest(0x0a0d_0d0a, &head), honest(1, &[1, 0, 0, 0, 0, 0, 4, 0])].concat();
    let packet = {
        let frame = segment(&client(1), &SERVER, 1, 2, &[1, 2]);
        let mut body = vec![0; 12];
        body.extend((frame.len() as u32).to_le_bytes());
        body.extend((frame.len() as u32).to_le_bytes());
        body.extend(&frame);
        body
    };
    assert_eq!(packet.len() % 4, 0);
    for claimed in [0, 1, 11, 13, 4 << 20, u32::MAX, u32::MAX - 3] {
        let file =
            [&start[..], &honest(6, &packet), &block(6, &packet, claimed), &honest(6, &packet)].concat();
        let learned = read_capture(&file, options());
        assert!(learned.stats.packets >= 2, "{claimed}: {:?}", learned.stats);
        assert_eq!(learned.problems.len(), 1, "{claimed}: {:?}", learned.problems);
    }
}
