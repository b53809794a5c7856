//! Greetings by line: FTP (RFC 959) and SMTP (RFC 5321), and the version that either side of VNC opens with (RFC 6143 section 7.1.1).
//!
//! Citrix ICA is known by the six bytes that both sides open with; nothing of it is read.
//!
//! Copied: the first line of a server's greeting (220); of FTP the answer that names the system (215); of SMTP the names by which the server greets and
//! the client introduces itself; the version of VNC. What is inside TLS, to which FTP and SMTP may turn, is read by `tls.rs`. Every other command
//! and answer is passed over: names, passwords, mail addresses, files and mails.

use super::tls::{self, Inside};
use super::{Framing, Messages, Probe, StreamProtocol, Visit, begin, text};
use memchr::memchr;
use tallyward_core::{Field, SourceKind};
use tallyward_identity::junk::is_junk;

/// FTP, its commands.
pub(crate) const FTP: StreamProtocol = StreamProtocol {
    name: "ftp",
    ports: &[21, 2121],
    midstream: false,
    probe: probe_ftp,
    begin: begin::<Ftp>,
};
/// SMTP.
pub(crate) const SMTP: StreamProtocol = StreamProtocol {
    name: "smtp",
    ports: &[25, 587],
    midstream: false,
    probe: probe_smtp,
    begin: begin::<Smtp>,
};
/// VNC.
pub(crate) const VNC: StreamProtocol =
    StreamProtocol { name: "vnc", ports: &[5900], midstream: false, probe: probe_vnc, begin: begin::<Vnc> };

/// Citrix ICA.
pub(crate) const ICA: StreamProtocol = StreamProtocol {
    name: "ica",
    ports: &[1494],
    midstream: false,
    probe: probe_ica,
    begin: begin::<Unread>,
};

/// The longest line of a command or an answer that is read (RFC 5321 section 4.5.3.1.5).
const LONGEST: usize = 512;

fn probe_ftp(bytes: &[u8]) -> Probe {
    words(bytes, &[b"220 ", b"220-", b"AUTH", b"FEAT", b"SYST", b"OPTS", b"USER", b"HOST"], Probe::Maybe)
}

fn probe_smtp(bytes: &[u8]) -> Probe {
    words(bytes, &[b"220 ", b"220-", b"EHLO", b"HELO"], Probe::Maybe)
}

fn probe_vnc(bytes: &[u8]) -> Probe {
    words(bytes, &[b"RFB 003.", b"RFB 004."], Probe::Yes)
}

fn probe_ica(bytes: &[u8]) -> Probe {
    words(bytes, &[b"\x7f\x7fICA\0"], Probe::Yes)
}

/// `found` if the bytes begin with one of the words, in either case.
fn words(bytes: &[u8], words: &[&[u8]], found: Probe) -> Probe {
    let begins = |word: &&[u8]| {
        let seen = bytes.len().min(word.len());
        bytes[..seen].eq_ignore_ascii_case(&word[..seen])
    };
    match words.iter().find(|word| begins(word)) {
        Some(word) if bytes.len() >= word.len() => found,
        Some(_) => Probe::More,
        None => Probe::No,
    }
}

/// A line, its end included.
fn line(bytes: &[u8]) -> Framing {
    match memchr(b'\n', bytes) {
        Some(at) => Framing::Length(at as u64 + 1),
        None => Framing::Need(bytes.len() + 1),
    }
}

/// What an answer of this code says.
fn answer(line: &[u8], code: &[u8; 3]) -> Option<String> {
    let said = line.strip_prefix(code)?.strip_prefix(b" ").or_else(|| line[3..].strip_prefix(b"-"))?;
    text(said).filter(|said| !is_junk(said))
}

/// One side of a protocol of lines that greets with 220 and may turn to TLS (RFC 959, RFC 5321).
#[derive(Debug, Default)]
struct Lines {
    greeted: bool,
    tls: Inside,
}

impl Lines {
    /// A line or, once begun, TLS.
    fn frame(&self, bytes: &[u8]) -> Framing {
        if self.tls.takes(bytes) { Framing::Length(bytes.len() as u64) } else { line(bytes) }
    }

    /// The greeting, in the first line that is one.
    fn greeting(&mut self, head: &[u8]) -> Option<String> {
        let said = answer(head, b"220").filter(|_| !self.greeted)?;
        self.greeted = true;
        Some(said)
    }
}

#[derive(Debug, Default)]
struct Ftp(Lines);

impl Messages for Ftp {
    const HEAD: usize = LONGEST;
    const MOST: u32 = 64;

    fn frame(&self, bytes: &[u8]) -> Framing {
        self.0.frame(bytes)
    }

    fn message(&mut self, head: &[u8], visit: &mut Visit<'_>) -> bool {
        if self.0.tls.takes(head) {
            return self.0.tls.read(head, visit);
        }
        let wire = SourceKind::WireNetwork;
        if let Some(said) = self.0.greeting(head) {
            visit.say(Field::Banner, &said, wire, "FTP greeting");
        } else if let Some(said) = answer(head, b"215") {
            visit.say(Field::Banner, &said, wire, "FTP SYST");
        }
        true
    }
}

#[derive(Debug, Default)]
struct Smtp(Lines);

impl Messages for Smtp {
    const HEAD: usize = LONGEST;
    const MOST: u32 = 64;

    fn frame(&self, bytes: &[u8]) -> Framing {
        self.0.frame(bytes)
    }

    fn message(&mut self, head: &[u8], visit: &mut Visit<'_>) -> bool {
        if self.0.tls.takes(head) {
            return self.0.tls.read(head, visit);
        }
        let wire = SourceKind::WireNetwork;
        if let Some(said) = self.0.greeting(head) {
            if let Some(name) = said.split(' ').next().and_then(full_name) {
                visit.say(Field::HostName, &name, wire, "SMTP greeting");
            }
            visit.say(Field::Banner, &said, wire, "SMTP greeting");
            return true;
        }
        let (command, rest) = head.split_at(head.len().min(5));
        match command.to_ascii_uppercase().as_slice() {
            b"EHLO " | b"HELO " => {
                if let Some(name) = text(rest).and_then(|name| tls::host_name(name.as_bytes())) {
                    visit.say(Field::HostName, &name, wire, "SMTP EHLO");
                }
                true
            }
            // From here on come persons and what they write.
            b"MAIL " | b"AUTH " | b"VRFY " | b"RCPT " => false,
            _ => true,
        }
    }
}

/// A name with a domain: a server may greet with anything.
fn full_name(word: &str) -> Option<String> {
    tls::host_name(word.as_bytes()).filter(|name| name.contains('.'))
}

#[derive(Debug, Default)]
struct Vnc;

impl Messages for Vnc {
    const HEAD: usize = 16;
    const MOST: u32 = 1;

    fn frame(&self, bytes: &[u8]) -> Framing {
        line(bytes)
    }

    fn message(&mut self, head: &[u8], visit: &mut Visit<'_>) -> bool {
        if let Some(said) = text(head) {
            visit.say(Field::Banner, &said, SourceKind::WireNetwork, "VNC version");
        }
        false
    }
}

/// A protocol that is only known by how it begins.
#[derive(Debug, Default)]
struct Unread;

impl Messages for Unread {
    const HEAD: usize = 1;
    const MOST: u32 = 1;

    fn frame(&self, _bytes: &[u8]) -> Framing {
        Framing::Broken
    }

    fn message(&mut self, _head: &[u8], _visit: &mut Visit<'_>) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::super::trial::{self, Said, says};
    use super::*;
    use proptest::prelude::*;

    fn told(protocol: &StreamProtocol, bytes: &[u8]) -> Vec<Said> {
        let whole = trial::stream(protocol, bytes, 1000, (1, 2));
        assert_eq!(trial::stream(protocol, bytes, 1, (1, 2)), whole);
        whole
    }

    #[test]
    fn a_server_of_files_greets_and_names_its_system() {
        let bytes = b"220-\r\n220-Welcome to VxWorks\r\n220 ready\r\n331 SECRET asks\r\n230 SECRET in\r\n215 UNIX Type: L8\r\n";
        let want = [
            says(Field::Banner, "UNIX Type: L8", "FTP SYST"),
            says(Field::Banner, "Welcome to VxWorks", "FTP greeting"),
        ];
        assert_eq!(told(&FTP, bytes), want);
        assert_eq!(told(&FTP, b"USER SECRET\r\nPASS SECRET\r\nSYST\r\n"), vec![]);
    }

    #[test]
    fn both_ends_of_mail_say_who_they_are_and_nobody_else() {
        let bytes =
            b"220 mail.clinic.local ESMTP Postfix\r\n250-mail.clinic.local\r\n250 2.1.0 SECRET@x ok\r\n";
        let mut want = vec![
            says(Field::HostName, "mail.clinic.local", "SMTP greeting"),
            says(Field::Banner, "mail.clinic.local ESMTP Postfix", "SMTP greeting"),
        ];
        want.sort();
        assert_eq!(told(&SMTP, bytes), want);
        let bytes = b"ehlo UPS-3\r\nMAIL FROM:<SECRET@x>\r\nDATA\r\nEHLO SECRET\r\n220 SECRET\r\n";
        assert_eq!(told(&SMTP, bytes), [says(Field::HostName, "UPS-3", "SMTP EHLO")]);
        assert_eq!(told(&SMTP, b"EHLO [10.0.0.1]\r\n"), vec![]);
    }

    #[test]
    fn a_version_is_told_by_either_side() {
        assert_eq!(told(&VNC, b"RFB 003.889\n\x01\x02"), [says(Field::Banner, "RFB 003.889", "VNC version")]);
        assert_eq!(probe_vnc(b"RFB 003.008\n"), Probe::Yes);
        assert_eq!(probe_vnc(b"RFB 0"), Probe::More);
        assert_eq!(probe_vnc(b"RFC 003."), Probe::No);
    }

    #[test]
    fn greetings_alone_do_not_tell_a_protocol() {
        assert_eq!(probe_ftp(b"220 ready"), Probe::Maybe);
        assert_eq!(probe_smtp(b"EHLO x"), Probe::Maybe);
        assert_eq!(probe_smtp(b"EH"), Probe::More);
        assert_eq!(probe_smtp(b"USER x"), Probe::No);
        assert_eq!(probe_ica(b"\x7f\x7fICA\0"), Probe::Yes);
        assert_eq!(probe_ica(b"\x7fELF"), Probe::No);
    }

    proptest! {
        #[test]
        fn damage_and_noise_are_read_within_bounds(
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..5),
            noise in prop::collection::vec(any::<u8>(), 0..600),
            piece in 1usize..300,
        ) {
            let mut bytes = b"220 a.b ESMTP\r\nEHLO x\r\n\x16\x03\x01\0\x10aaaa\r\n215 Y\r\n".to_vec();
            for (at, value) in changes {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
            for protocol in [&FTP, &SMTP, &VNC, &ICA] {
                trial::stream(protocol, &bytes, piece, (1, 2));
                trial::stream(protocol, &noise, piece, (1, 2));
                let _ = (protocol.probe)(&noise);
            }
        }
    }
}
