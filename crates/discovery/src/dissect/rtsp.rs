//! RTSP (RFC 2326, 7826): cameras and encoders say what they run.
//!
//! Copied: Server of answers, User-Agent of requests. Addresses asked for, session descriptions and the media are passed over by their lengths.

use super::head::{self, Head};
use super::{Framing, Messages, Probe, StreamProtocol, Visit, begin, text};
use tallyward_core::{Field, SourceKind};
use tallyward_identity::junk::is_junk;

/// RTSP.
pub(crate) const STREAM: StreamProtocol =
    StreamProtocol { name: "rtsp", ports: &[554, 8554], midstream: false, probe, begin: begin::<Session> };

const ANSWER: &[u8] = b"RTSP/";
const METHODS: &[&[u8]] = &[b"OPTIONS rtsp", b"DESCRIBE rtsp", b"SETUP rtsp", b"PLAY rtsp", b"ANNOUNCE rtsp"];

fn probe(bytes: &[u8]) -> Probe {
    let mut answer = Probe::No;
    for want in METHODS.iter().chain([&ANSWER]) {
        match bytes.get(..want.len()) {
            Some(start) if start == *want => return Probe::Yes,
            None if want.starts_with(bytes) => answer = Probe::More,
            _ => {}
        }
    }
    answer
}

#[derive(Debug, Default)]
struct Session;

impl Messages for Session {
    const HEAD: usize = 4096;
    const MOST: u32 = 16;

    fn frame(&self, bytes: &[u8]) -> Framing {
        match bytes {
            // Media in between: a dollar sign, a channel and a length.
            [b'$', _, high, low, ..] => Framing::Length(u64::from(u16::from_be_bytes([*high, *low])) + 4),
            [b'$', ..] => Framing::Need(4),
            _ => match head::end(bytes, 0) {
                Some(end) => {
                    let body = Head::parse(&bytes[..end]).length().unwrap_or_default();
                    Framing::Length(body.saturating_add(end as u64))
                }
                None => Framing::Need(bytes.len() + 1),
            },
        }
    }

    fn message(&mut self, head: &[u8], visit: &mut Visit<'_>) -> bool {
        if head[0] == b'$' {
            return true;
        }
        let head = Head::parse(head);
        let answers = head.start.starts_with(ANSWER);
        if !answers && memchr::memmem::find(head.start, b" RTSP/").is_none() {
            return false;
        }
        visit.shared.opener = Some(if answers { visit.receiver } else { visit.sender });
        let (name, field, basis) = if answers {
            ("server", Field::Banner, "RTSP Server")
        } else {
            ("user-agent", Field::UserAgent, "RTSP User-Agent")
        };
        if let Some(value) = head.get(name).and_then(text).filter(|value| !is_junk(value))
            && head.get("via").is_none()
        {
            visit.say(field, &value, SourceKind::WireNetwork, basis);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::trial::{self, says};
    use super::*;
    use proptest::prelude::*;

    const ANSWERS: &str = "RTSP/1.0 200 OK\r\nServer: Acme Camera/3\r\nContent-Length: 4\r\n\r\nv=0\n$\u{0}\u{0}\u{2}xyRTSP/1.0 200 OK\r\nServer: second\r\n\r\n";

    #[test]
    fn both_ends_say_what_they_run() {
        for piece in [1, 30, 9000] {
            let said = trial::stream(&STREAM, ANSWERS.as_bytes(), piece, (554, 40_000));
            assert_eq!(
                said,
                [
                    says(Field::Banner, "Acme Camera/3", "RTSP Server"),
                    says(Field::Banner, "second", "RTSP Server")
                ]
            );
        }
        let asked = b"DESCRIBE rtsp://HOUSE:pw@10.0.0.2/room7 RTSP/1.0\r\nUser-Agent: Viewer/1\r\n\r\n";
        assert_eq!(
            trial::stream(&STREAM, asked, 9, (40_000, 554)),
            [says(Field::UserAgent, "Viewer/1", "RTSP User-Agent")]
        );
    }

    proptest! {
        #[test]
        fn damage_and_noise_are_survived(at in any::<prop::sample::Index>(), byte in any::<u8>(), noise in "[ -~\r\n$]{0,200}") {
            let mut bytes = ANSWERS.as_bytes().to_vec();
            let index = at.index(bytes.len());
            bytes[index] = byte;
            for bytes in [bytes, noise.into_bytes()] {
                let said = trial::stream(&STREAM, &bytes, 7, (554, 1));
                prop_assert_eq!(said, trial::stream(&STREAM, &bytes, 9000, (554, 1)));
            }
        }
    }
}
