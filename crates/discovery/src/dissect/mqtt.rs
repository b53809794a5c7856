//! MQTT 3.1, 3.1.1 and 5 (OASIS): told by its CONNECT, so that flows bear its name.
//!
//! Copied: nothing. A client id may be a person's name, an account or a secret of its broker, and nothing in it says which; user
//! name, password, will and topics are the users' own.

use super::{Framing, Messages, Probe, StreamProtocol, Visit, begin};

/// MQTT.
pub(crate) const STREAM: StreamProtocol =
    StreamProtocol { name: "mqtt", ports: &[1883], midstream: false, probe, begin: begin::<Packets> };

/// CONNECT: its type, a remaining length of one to four bytes, and the protocol's name; CONNACK on the protocol's port.
fn probe(bytes: &[u8]) -> Probe {
    let Some((kind, rest)) = bytes.split_first() else { return Probe::More };
    match kind {
        0x20 => {
            return match rest {
                [] | [_] => Probe::More,
                [2..=127, 0 | 1, ..] => Probe::Maybe,
                _ => Probe::No,
            };
        }
        0x10 => {}
        _ => return Probe::No,
    }
    let Some(length) = rest.iter().take(4).position(|byte| byte & 0x80 == 0) else {
        return if rest.len() < 4 { Probe::More } else { Probe::No };
    };
    let name = &rest[length + 1..];
    let names: [&[u8]; 2] = [b"\0\x04MQTT", b"\0\x06MQIsdp"];
    if names.iter().any(|known| name.starts_with(known)) {
        Probe::Yes
    } else if names.iter().any(|known| known.starts_with(name)) {
        Probe::More
    } else {
        Probe::No
    }
}

#[derive(Debug, Default)]
struct Packets;

impl Messages for Packets {
    const HEAD: usize = 1;
    const MOST: u32 = 1;

    fn frame(&self, _bytes: &[u8]) -> Framing {
        Framing::Length(1)
    }

    fn message(&mut self, head: &[u8], visit: &mut Visit<'_>) -> bool {
        visit.shared.opener = Some(if head == [0x10] { visit.sender } else { visit.receiver });
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connect_is_known_and_little_else() {
        for (bytes, answer) in [
            (&b"\x10\x1f\0\x04MQTT\x04\x02\0\x3c"[..], Probe::Yes),
            (b"\x10\x8a\x01\0\x04MQTT\x05\xc2\0\x3c", Probe::Yes),
            (b"\x10\x1f\0\x06MQIsdp\x03", Probe::Yes),
            (b"\x10\x1f\0\x04MQ", Probe::More),
            (b"\x10\xff\xff\xff\xff\0\x04MQTT", Probe::No),
            (b"\x10\x1f\0\x04HTTP", Probe::No),
            (b"\x20\x02\0\0", Probe::Maybe),
            (b"GET / HTTP/1.1\r\n", Probe::No),
        ] {
            assert_eq!(probe(bytes), answer, "{bytes:?}");
        }
    }
}
