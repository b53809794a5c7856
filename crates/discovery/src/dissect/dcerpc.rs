//! DCE RPC over TCP (C706 chapter 12, MS-RPCE section 2.2.2), as Windows speaks it.
//!
//! Copied: of binding requests and their answers what `ntlmssp.rs` lists. Calls and everything in them are passed over.

use super::{Framing, Messages, Probe, StreamProtocol, Visit, begin, ntlmssp};

/// DCE RPC over TCP, version 5.
pub(crate) const STREAM: StreamProtocol =
    StreamProtocol { name: "dce-rpc", ports: &[135], midstream: false, probe, begin: begin::<Packets> };

/// Where a packet's length stands: behind version, kind, flags and the representation of data.
const LENGTH: usize = 8;

fn probe(bytes: &[u8]) -> Probe {
    let fits = |at: usize, is: fn(u8) -> bool| bytes.get(at).is_none_or(|byte| is(*byte));
    let version = fits(0, |major| major == 5) && fits(1, |minor| minor <= 1) && fits(2, |kind| kind <= 19);
    let form = fits(4, |order| matches!(order, 0 | 0x10)) && fits(5, |float| float <= 3);
    if !(version && form && fits(6, |zero| zero == 0) && fits(7, |zero| zero == 0)) {
        Probe::No
    } else if bytes.len() < LENGTH {
        Probe::More
    } else {
        Probe::Yes
    }
}

#[derive(Debug, Default)]
struct Packets;

impl Messages for Packets {
    const HEAD: usize = 4096;
    const MOST: u32 = 8;

    fn frame(&self, bytes: &[u8]) -> Framing {
        match bytes {
            [5, _, _, _, order, _, _, _, a, b, ..] => {
                let pair = [*a, *b];
                let length =
                    if order & 0x10 != 0 { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) };
                if length < 16 { Framing::Broken } else { Framing::Length(length.into()) }
            }
            [5, ..] => Framing::Need(LENGTH + 2),
            _ => Framing::Broken,
        }
    }

    fn message(&mut self, head: &[u8], visit: &mut Visit<'_>) -> bool {
        // Bind and its answer, a change of context and its answer, and the last step of authentication.
        if matches!(head.get(2), Some(11 | 12 | 14..=16)) {
            ntlmssp::tell(head, visit);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::trial::{self, Said, says};
    use super::*;
    use proptest::prelude::*;
    use tallyward_core::Field;

    fn packet(kind: u8, body: &[u8]) -> Vec<u8> {
        let mut out = vec![5, 0, kind, 3, 0x10, 0, 0, 0];
        out.extend((16 + body.len() as u16).to_le_bytes());
        out.extend([0; 6]);
        out.extend(body);
        out
    }

    fn told(bytes: &[u8], piece: usize) -> Vec<Said> {
        trial::stream(&STREAM, bytes, piece, (40_000, 135))
    }

    #[test]
    fn binding_names_who_binds_and_calls_say_nothing() {
        let answer = super::ntlmssp::tests::answer();
        let want = says(Field::HostName, "WS-1", "NTLMSSP answer");
        assert!(told(&[packet(11, &[0; 40]), packet(16, &answer)].concat(), 33).contains(&want));
        assert_eq!(told(&packet(0, &answer), 1000), vec![]);
        assert_eq!(probe(&packet(11, &[])), Probe::Yes);
        assert_eq!(probe(&[5, 0, 11]), Probe::More);
        assert_eq!(probe(&[5, 2, 0, 2]), Probe::No);
    }

    proptest! {
        #[test]
        fn damage_and_noise_are_read_within_bounds(
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..5),
            noise in prop::collection::vec(any::<u8>(), 0..100),
            piece in 1usize..200,
        ) {
            let mut bytes = [packet(11, &super::ntlmssp::tests::request()), packet(12, &noise)].concat();
            for (at, value) in changes {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
            told(&bytes, piece);
            told(&noise, piece);
        }
    }
}
