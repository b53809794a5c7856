//! Telnet (RFC 854): what a server shows before anybody logs in.
//!
//! Copied: whole lines that the server prints before its first prompt and before the client has sent anything but negotiation, at most 512 bytes;
//! none that the server went on with after a pause, for it may be an echo.
//! What a client types, and what is shown after it has, is passed over. Only on Telnet's own ports: elsewhere it is not certain who serves.

use super::{Probe, Stream, StreamProtocol, Visit, text};
use tallyward_core::{Field, SourceKind, Timestamp};

/// Telnet.
pub(crate) const STREAM: StreamProtocol = StreamProtocol {
    name: "telnet",
    ports: PORTS,
    midstream: false,
    probe,
    begin: || Box::new(Telnet::default()),
};

const PORTS: &[u16] = &[23, 2323];
/// Interpret as command (RFC 854).
const IAC: u8 = 255;
const SUBNEGOTIATION: u8 = 250;
const SUBNEGOTIATION_END: u8 = 240;
/// Bytes of text kept.
const LONGEST: usize = 512;
/// What a side may say of the other: that the client has typed.
const TYPED: u32 = 1;
/// Microseconds after which a server that stopped in mid-line was waiting for somebody, whose own bytes the capture may lack.
const PAUSE: i64 = 1_000_000;

fn probe(bytes: &[u8]) -> Probe {
    match bytes {
        [IAC, SUBNEGOTIATION_END..=IAC, ..] => Probe::Maybe,
        [IAC] => Probe::More,
        [first, ..] if first.is_ascii_graphic() || matches!(first, b' ' | b'\r' | b'\n' | 7 | 27) => {
            Probe::Maybe
        }
        _ => Probe::No,
    }
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Text,
    /// Behind an IAC.
    Command,
    /// Behind a command that has an option.
    Choice,
    /// In a subnegotiation, behind an IAC or not.
    Inside(bool),
}

#[derive(Debug, Default)]
struct Telnet {
    state: State,
    text: Vec<u8>,
    /// When it was last added to.
    last: Timestamp,
    done: bool,
}

impl Telnet {
    /// The byte if it is text.
    fn plain(&mut self, byte: u8) -> Option<u8> {
        let (next, plain) = match (&self.state, byte) {
            (State::Text, IAC) => (State::Command, None),
            (State::Text, _) => (State::Text, Some(byte)),
            (State::Command, SUBNEGOTIATION) => (State::Inside(false), None),
            (State::Command, 251..=254) => (State::Choice, None),
            (State::Command | State::Choice, _) => (State::Text, None),
            (State::Inside(true), SUBNEGOTIATION_END) => (State::Text, None),
            (State::Inside(behind), _) => (State::Inside(!behind && byte == IAC), None),
        };
        self.state = next;
        plain
    }

    /// Tells the whole lines gathered; what is unfinished is a prompt.
    fn tell(&mut self, visit: &mut Visit<'_>) {
        self.done = true;
        let gathered = std::mem::take(&mut self.text);
        let Some(end) = gathered.iter().rposition(|byte| *byte == b'\n') else { return };
        let lines = gathered[..end].split(|byte| matches!(byte, b'\n' | b'\r')).filter_map(text);
        let shown: Vec<String> = lines.filter(|line| line.chars().any(char::is_alphanumeric)).collect();
        if let Some(shown) = text(shown.join(" | ").as_bytes()) {
            visit.say(Field::Banner, &shown, SourceKind::WireNetwork, "Telnet banner");
        }
    }

    /// Whether the last line is unfinished and asks for something.
    fn prompts(&self) -> bool {
        let last = self.text.rsplit(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii();
        let asks = |word: &[u8]| last.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
        matches!(last.last(), Some(b':' | b'>' | b'#' | b'$' | b'%' | b'?'))
            || [&b"login"[..], b"user", b"pass"].into_iter().any(asks)
    }
}

impl Stream for Telnet {
    fn read(&mut self, bytes: &[u8], visit: &mut Visit<'_>) {
        let serves = PORTS.contains(&visit.ports.0);
        let waited = visit.time.micros().saturating_sub(self.last.micros()) >= PAUSE;
        if waited && !self.text.is_empty() && !self.text.ends_with(b"\n") {
            return self.tell(visit);
        }
        self.last = visit.time;
        for byte in bytes {
            let Some(plain) = self.plain(*byte) else { continue };
            if !serves {
                visit.shared.asked = TYPED;
                self.done = true;
                return;
            }
            if visit.shared.asked == TYPED {
                return self.tell(visit);
            }
            self.text.push(plain);
            if self.text.len() >= LONGEST {
                return self.tell(visit);
            }
        }
        if serves && self.prompts() {
            self.tell(visit);
        }
    }

    fn skip(&mut self, _count: u32) -> bool {
        let lost = !self.done;
        self.done = true;
        self.text = Vec::new();
        lost
    }

    fn is_done(&self) -> bool {
        self.done
    }
}

#[cfg(test)]
mod tests {
    use super::super::trial::{self, Said, says};
    use super::*;
    use proptest::prelude::*;

    fn served(bytes: &[u8], piece: usize) -> Vec<Said> {
        trial::stream(&STREAM, bytes, piece, (23, 40_000))
    }

    #[test]
    fn whole_lines_before_the_prompt_are_told() {
        let bytes = b"\xff\xfd\x18\xff\xfa\x18\x01\xff\xf0\r\n\r\nBusyBox v1.20 (pump-17)\r\n  Ward 3  \r\n---\r\npump login: SECRET\r\nSECRET\r\n";
        let want = [says(Field::Banner, "BusyBox v1.20 (pump-17) | Ward 3", "Telnet banner")];
        for piece in [1, 7] {
            assert_eq!(served(bytes, piece), want);
        }
        assert_eq!(served(b"\xff\xfb\x01Password:", 99), vec![]);
        assert_eq!(trial::stream(&STREAM, b"SECRET\r\nSECRET\r\n", 99, (40_000, 23)), vec![]);
    }

    #[test]
    fn nothing_that_is_shown_after_the_client_typed_is_told() {
        let said = trial::visit((23, 40_000), |visit| {
            let mut server = Telnet::default();
            server.read(b"Monitor\r\nName", visit);
            visit.ports = (40_000, 23);
            let mut client = Telnet::default();
            client.read(b"\xff\xfc\x01", visit);
            assert!(!client.is_done());
            client.read(b"S", visit);
            assert!(client.is_done());
            visit.ports = (23, 40_000);
            server.read(b"SECRET\r\nSECRET\r\n", visit);
            assert!(server.is_done());
        });
        assert_eq!(said, [says(Field::Banner, "Monitor", "Telnet banner")]);
    }

    #[test]
    fn what_comes_after_a_pause_in_mid_line_may_be_an_echo() {
        let said = trial::visit((23, 40_000), |visit| {
            let mut server = Telnet::default();
            server.read(b"Monitor\r\nName ", visit);
            visit.time = Timestamp::from_seconds(1_700_000_003);
            server.read(b"SECRET\r\n", visit);
            assert!(server.is_done());
        });
        assert_eq!(said, [says(Field::Banner, "Monitor", "Telnet banner")]);
    }

    proptest! {
        #[test]
        fn noise_is_read_within_bounds(noise in prop::collection::vec(any::<u8>(), 0..900), piece in 1usize..300) {
            for (_, _, value, _) in served(&noise, piece) {
                prop_assert!(value.len() <= 2 * LONGEST);
            }
            prop_assert_eq!(trial::stream(&STREAM, &noise, piece, (40_000, 23)), vec![]);
            let _ = probe(&noise);
        }
    }
}
