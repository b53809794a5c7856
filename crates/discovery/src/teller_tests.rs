use super::*;
use crate::live::Live;
use crate::options::Limits;
use proptest::prelude::*;
use tallyward_core::Mac;

fn options() -> Options {
    Options {
        sensor: "ED-1".to_owned(),
        ingest: IngestId::default(),
        recorded_at: Timestamp::default(),
        limits: Limits::default(),
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(1_700_000_000_000_000 + seconds * SECOND)
}

/// A card and its address in one frame of UDP.
fn frame(card: u8, address: [u8; 4], port: u16) -> Vec<u8> {
    let mut frame = vec![2, 0, 0, 0, 0, 99, 0x00, 0x09, 0x5c, 0, 0, card, 0x08, 0x00];
    let mut ip = vec![0x45, 0, 0, 36, 0, 0, 0, 0, 64, 17, 0, 0];
    ip.extend(address);
    ip.extend([10, 0, 0, 250]);
    frame.extend(ip);
    frame.extend(port.to_be_bytes());
    frame.extend([0x1f, 0x90, 0, 16, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]);
    frame
}

fn one(live: &mut Live, seconds: i64, card: u8) {
    let frame = frame(card, [10, 0, 0, card], 40_000);
    live.packet(at(seconds), 1, &frame, frame.len() as u32);
}

fn episode(told: &[Evidence], field: Field) -> Option<tallyward_core::Episode> {
    told.iter().find(|piece| piece.field == field).map(|piece| piece.episodes[0].clone())
}

#[test]
fn a_statement_waits_is_told_once_and_widened_while_it_goes_on() {
    let mut live = Live::new(options());
    let mut teller = Teller::new(options(), Telling::default(), at(0));
    let batch = |number: u128| IngestId(number);
    one(&mut live, 1, 7);
    teller.take(at(60), live.collect(false));
    assert_eq!(teller.tell(at(60), batch(1), false), (vec![], vec![]), "it waits");
    let (evidence, flows) = teller.tell(at(180), batch(2), false);
    let first = episode(&evidence, Field::IpAddress).expect("the address is told");
    assert_eq!((first.ingest, first.count, flows.len()), (batch(2), 1, 1));
    // Seen again soon: nothing to tell yet. Long after: the same episode, wider.
    one(&mut live, 200, 7);
    teller.take(at(240), live.collect(false));
    assert_eq!(teller.tell(at(400), batch(3), false), (vec![], vec![]));
    one(&mut live, 1_200, 7);
    teller.take(at(1_210), live.collect(false));
    let (evidence, flows) = teller.tell(at(1_400), batch(4), false);
    let wider = episode(&evidence, Field::IpAddress).expect("it is told again");
    assert_eq!((wider.ingest, wider.first, wider.last, wider.count), (batch(2), at(1), at(1_200), 3));
    assert_eq!((flows[0].ingest, flows[0].flow.packets), (batch(2), 3));
    // After a long silence a new episode begins.
    let later = 8 * 86_400;
    one(&mut live, later, 7);
    teller.take(at(later), live.collect(false));
    let (evidence, _) = teller.tell(at(later + 200), batch(5), false);
    let next = episode(&evidence, Field::IpAddress).expect("it is told anew");
    assert_eq!((next.ingest, next.first, next.count), (batch(5), at(later), 1));
}

#[test]
fn a_router_is_known_by_the_time_it_is_told() {
    let mut live = Live::new(options());
    let mut teller = Teller::new(options(), Telling::default(), at(0));
    let through = |live: &mut Live, seconds, address: [u8; 4]| {
        let frame = frame(1, address, 40_000);
        live.packet(at(seconds), 1, &frame, frame.len() as u32);
    };
    through(&mut live, 1, [10, 7, 0, 3]);
    teller.take(at(60), live.collect(false));
    for (second, address) in [(70, [10, 7, 0, 4]), (71, [10, 8, 0, 5]), (72, [10, 9, 0, 6])] {
        through(&mut live, second, address);
    }
    teller.take(at(120), live.collect(false));
    let (evidence, _) = teller.tell(at(400), IngestId(1), false);
    let mac: Mac = "00:09:5c:00:00:01".parse().expect("a card");
    assert!(evidence.iter().all(|piece| piece.field != Field::IpAddress), "{evidence:?}");
    assert!(evidence.iter().any(|piece| piece.subject == Key::Mac(mac)));
}

#[test]
fn somebody_whose_card_shows_itself_was_never_somebody() {
    // A card that sends from three networks is a router; then by ARP the addresses are its own, or they are not.
    let addresses = [[10, 1, 0, 7], [10, 2, 0, 7], [10, 3, 0, 7]];
    let somebody = |told: &[Evidence]| told.iter().any(|piece| matches!(piece.subject, Key::Address { .. }));
    for shows_itself in [true, false] {
        let mut live = Live::new(options());
        let mut teller = Teller::new(options(), Telling::default(), at(0));
        for address in addresses {
            let mut syn = frame(7, address, 40_000);
            (syn[17], syn[23]) = (40, 6);
            syn.truncate(38);
            syn.extend([0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 0xff, 0xff, 0, 0, 0, 0]);
            live.packet(at(1), 1, &syn, 60);
        }
        teller.take(at(60), live.collect(false));
        let (evidence, _) = teller.tell(at(400), IngestId(1), false);
        assert!(!somebody(&evidence), "{evidence:?}");
        for address in addresses.into_iter().filter(|_| shows_itself) {
            let card = [0x00, 0x09, 0x5c, 0, 0, 7];
            let head = [0x08, 0x06, 0, 1, 8, 0, 6, 4, 0, 2];
            let target = [2, 0, 0, 0, 0, 99, 10, 0, 0, 250];
            let arp = [&[0xff; 6][..], &card, &head, &card, &address, &target].concat();
            live.packet(at(450), 1, &arp, 60);
        }
        teller.take(at(460), live.collect(false));
        let (evidence, _) = teller.tell(at(1_000), IngestId(2), false);
        assert_eq!(somebody(&evidence), !shows_itself, "{evidence:?}");
    }
}

#[test]
fn months_of_changing_addresses_stay_bounded_and_make_no_router() {
    let mut live = Live::new(options());
    let mut teller = Teller::new(options(), Telling::default(), at(0));
    let mut bound = (0, 0);
    for day in 0..120_i64 {
        let now = day * 86_400;
        // One card with a new lease every day, and a crowd of cards seen only once.
        let frame_of_day = frame(7, [10, 0, (day % 200) as u8, 7], 40_000);
        live.packet(at(now), 1, &frame_of_day, 60);
        for stranger in 0..40_u8 {
            let mut frame = frame(stranger, [10, 0, 77, stranger], 40_000 + stranger as u16);
            frame[9..11].copy_from_slice(&(day as u16 + 1_000).to_be_bytes());
            live.packet(at(now + 1), 1, &frame, 60);
        }
        teller.take(at(now + 60), live.collect(false));
        let (evidence, _) = teller.tell(at(now + 300), IngestId(day as u128), false);
        let card = Key::Mac("00:09:5c:00:00:07".parse().expect("a card"));
        let told = evidence.iter().any(|piece| piece.subject == card && piece.field == Field::IpAddress);
        assert!(told, "day {day}: the address of the day is told");
        bound = (bound.0.max(teller.held().0), bound.1.max(teller.held().2));
    }
    assert!(bound.0 < 10 * 41 * 6 && bound.1 <= 41 * 2, "{bound:?}");
}

#[test]
fn a_flood_of_cards_is_bounded_and_counted() {
    let limits = Limits { max_hosts: 1_000, max_facts: 4_000, max_flows: 256, ..Limits::default() };
    let options = Options { limits, ..options() };
    let mut live = Live::new(options.clone());
    let mut teller = Teller::new(options, Telling::default(), at(0));
    for minute in 0..30_i64 {
        for number in 0..1_000_u32 {
            let number = number + minute as u32 * 1_000;
            let [_, b, c, d] = number.to_be_bytes();
            let mut frame = frame(d, [10, b, c, d], 40_000);
            frame[9..12].copy_from_slice(&[b, c, d]);
            live.packet(at(minute * 60), 1, &frame, 60);
        }
        teller.take(at(minute * 60 + 60), live.collect(false));
        let _ = teller.tell(at(minute * 60 + 60), IngestId(minute as u128), false);
    }
    let (statements, conversations, cards) = teller.held();
    assert!(statements <= 4_000 && conversations <= 4_000 && cards <= 1_000);
    assert!(teller.stats().flows_evicted > 0 && teller.stats().facts_dropped > 0);
}

#[test]
fn one_direction_only_is_noticed() {
    let mut live = Live::new(options());
    let mut teller = Teller::new(options(), Telling::default(), at(0));
    let mut tcp = frame(1, [10, 0, 0, 1], 40_000);
    tcp[23] = 6;
    tcp.extend([0x50, 0x10, 0, 0, 0, 0, 0, 0]);
    for second in 0..5 {
        live.packet(at(second), 1, &tcp, 60);
    }
    teller.take(at(60), live.collect(true));
    assert_eq!(teller.sides(), (0, 1));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// However a reading is cut into periods, and over how many readers its conversations are spread, what is known in the end is
    /// the same, and batches may come twice and in any order.
    #[test]
    fn cutting_changes_nothing(
        packets in prop::collection::vec((0..400_i64, 1..20_u8), 1..120),
        cuts in prop::collection::vec(0..120_usize, 0..6),
        readers in 1..3_usize,
        rotate in 0..8_usize,
    ) {
        let mut packets = packets;
        packets.sort_unstable();
        let whole = run(&packets, &[], 1, 0);
        let cut = run(&packets, &cuts, readers, rotate);
        prop_assert_eq!(whole, cut);
    }
}

type Facts = Vec<(String, Timestamp, Timestamp, u64)>;

/// Statements with span and count summed up over their episodes, as a store holds them at the end.
fn run(packets: &[(i64, u8)], cuts: &[usize], readers: usize, rotate: usize) -> Facts {
    let mut lives: Vec<Live> = (0..readers).map(|_| Live::new(options())).collect();
    let telling = Telling { settle: 0, refresh: 20, ..Telling::default() };
    let mut teller = Teller::new(options(), telling, at(0));
    let (mut told, mut number) = (Vec::new(), 0);
    for (index, (second, card)) in packets.iter().enumerate() {
        one(&mut lives[usize::from(*card) % readers], *second, *card);
        if cuts.contains(&index) {
            for live in &mut lives {
                teller.take(at(*second), live.collect(false));
            }
            number += 1;
            told.push(teller.tell(at(*second), IngestId(number), false));
        }
    }
    for live in &mut lives {
        teller.take(at(500), live.collect(true));
    }
    told.push(teller.tell(at(500), IngestId(number + 1), true));
    assert_eq!(teller.tell(at(500), IngestId(number + 2), true), (vec![], vec![]));
    let shift = rotate % told.len();
    told.rotate_left(shift);
    let again = told.first().cloned().into_iter();
    let evidence = told.iter().cloned().chain(again).flat_map(|(evidence, _)| evidence).collect();
    normalise(evidence)
        .into_iter()
        .map(|piece| {
            let first = piece.episodes.iter().map(|one| one.first).min().expect("an episode");
            let last = piece.episodes.iter().map(|one| one.last).max().expect("an episode");
            let count = piece.episodes.iter().map(|one| one.count).sum();
            (format!("{:?} {:?} {}", piece.subject, piece.field, piece.value), first, last, count)
        })
        .collect()
}

/// Live teaches what reading the capture teaches.
#[test]
fn a_capture_teaches_the_same_live() {
    let Some(folder) = tallyward_core::testkit::shared("pcaps") else { return };
    let bytes = std::fs::read(folder.join("lab-a.pcap")).expect("the capture is there");
    let read = crate::read_capture(&bytes, options());
    let mut lives = [Live::new(options()), Live::new(options())];
    let mut teller = Teller::new(options(), Telling::default(), at(0));
    let (mut packets, mut count) = (crate::Packets::default(), 0);
    let mut take = |time, link, data: &[u8], wire| {
        // Cut into periods; conversations stay with one reader, as the kernel keeps them.
        lives[0].packet(time, link, data, wire);
        count += 1;
        if count % 500 == 0 {
            teller.take(at(count), lives[0].collect(false));
        }
    };
    packets.feed(&bytes, &mut take);
    packets.finish(&mut take);
    for live in &mut lives {
        teller.take(at(10_000), live.collect(true));
    }
    let (evidence, flows) = teller.tell(at(10_000), IngestId(1), true);
    let said = |evidence: &[Evidence]| {
        let line =
            |piece: &Evidence| format!("{} {:?} {} {}", piece.subject, piece.field, piece.value, piece.basis);
        evidence.iter().map(line).collect::<Vec<_>>()
    };
    assert_eq!(said(&evidence), said(&read.evidence));
    let sum = |packets: u64, flow: &Flow| packets + flow.packets;
    assert_eq!(flows.len(), read.flows.len());
    assert_eq!(flows.iter().map(|seen| &seen.flow).fold(0, sum), read.flows.iter().fold(0, sum));
    assert_eq!(teller.stats().packets, read.stats.packets);
}
