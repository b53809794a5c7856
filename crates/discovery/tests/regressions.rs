//! Defects that the fuzz harness or changed captures brought to light, each made again with bytes of our own.

mod common;

use common::{End, mac, options, pcap, said, segment};
use tallyward_core::Field;
use tallyward_discovery::read_capture;

const PHONE: End = End { mac: [0, 0x30, 0x54, 0, 0x34, 0x56], address: [10, 1, 1, 9], port: 40_000 };
const EXCHANGE: End = End { mac: [0, 0x50, 0x56, 0, 0, 2], address: [10, 1, 1, 2], port: 5060 };

/// Streams are asked by their first byte, and the probe of SIP once refused a lone letter: then no request over TCP was known.
#[test]
fn sip_requests_over_tcp_are_known_by_their_first_letters() {
    let request = b"OPTIONS sip:10.1.1.2 SIP/2.0\r\nVia: SIP/2.0/TCP 10.1.1.9\r\nUser-Agent: Ward phone 4\r\nContent-Length: 0\r\n\r\n";
    for piece in [request.len(), 40, 3, 1] {
        let mut frames = vec![segment(&PHONE, &EXCHANGE, 99, 2, &[])];
        for (at, bytes) in request.chunks(piece).enumerate() {
            frames.push(segment(&PHONE, &EXCHANGE, 100 + (at * piece) as u32, 24, bytes));
        }
        let learned = read_capture(&pcap(&frames), options());
        let phone = said(&learned, &mac("00:30:54:00:34:56"));
        let told = phone
            .iter()
            .any(|(field, value, ..)| (*field, value.as_str()) == (Field::UserAgent, "Ward phone 4"));
        assert!(told, "in pieces of {piece}: {phone:#?}");
        assert_eq!(learned.flows[0].service, "sip");
    }
}
