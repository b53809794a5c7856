//! OPC UA binary over TCP (OPC 10000-6 section 7.1, 10000-4): the hello and how servers and clients describe themselves.
//!
//! Copied: of Hello the host in the endpoint URL, a guess about the receiver; of GetEndpointsResponse the first endpoint's host, and
//! its application's URI, product URI and name; of CreateSessionRequest the same of the client. Only from messages that go in the
//! clear. A description that names a gateway is of somebody behind it and is passed over, as are all other messages.

use super::{Framing, Messages, Probe, StreamProtocol, Visit, begin, text};
use tallyward_core::{Field, SourceKind};
use tallyward_identity::junk::is_junk;

/// OPC UA binary.
pub(crate) const STREAM: StreamProtocol =
    StreamProtocol { name: "opcua", ports: &[4840], midstream: true, probe, begin: begin::<Chunks> };

const KINDS: [&[u8; 3]; 7] = [b"HEL", b"ACK", b"ERR", b"RHE", b"OPN", b"MSG", b"CLO"];
/// Ids of the binary encodings in namespace 0.
const GET_ENDPOINTS_RESPONSE: u16 = 431;
const CREATE_SESSION_REQUEST: u16 = 461;
/// A longer chunk is not believed.
const LONGEST: u32 = 16 << 20;

fn length(head: &[u8; 8]) -> Option<u64> {
    let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
    let known = KINDS.iter().any(|kind| head.starts_with(*kind));
    (known && matches!(head[3], b'F' | b'C' | b'A') && (8..LONGEST).contains(&length))
        .then_some(u64::from(length))
}

fn probe(bytes: &[u8]) -> Probe {
    match bytes.first_chunk::<8>() {
        Some(head) if length(head).is_some() => Probe::Yes,
        None if KINDS.iter().any(|kind| kind.starts_with(&bytes[..bytes.len().min(3)])) => Probe::More,
        _ => Probe::No,
    }
}

#[derive(Debug, Default)]
struct Chunks;

impl Messages for Chunks {
    const HEAD: usize = 2048;
    const MOST: u32 = 16;

    fn frame(&self, bytes: &[u8]) -> Framing {
        match bytes.first_chunk::<8>() {
            Some(head) => length(head).map_or(Framing::Broken, Framing::Length),
            None => Framing::Need(8),
        }
    }

    fn message(&mut self, head: &[u8], visit: &mut Visit<'_>) -> bool {
        match head.first_chunk::<3>() {
            Some(b"HEL") => {
                visit.shared.opener = Some(visit.sender);
                let url = Reader(head.get(28..).unwrap_or_default()).string();
                if let Some(host) = url.and_then(host_of) {
                    visit.say_of_receiver(Field::HostName, &host, SourceKind::Guess, "OPC UA Hello");
                }
            }
            // Behind channel, token, sequence and request the message, if nobody encrypted it.
            Some(b"MSG") => {
                message(Reader(head.get(24..).unwrap_or_default()), visit);
            }
            _ => {}
        }
        true
    }
}

/// Reads values in a row (OPC 10000-6 section 5.2).
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    fn number(&mut self) -> Option<i32> {
        Some(i32::from_le_bytes(*self.take(4)?.first_chunk()?))
    }

    /// A string; a null one is empty.
    fn string(&mut self) -> Option<&'a [u8]> {
        match self.number()? {
            -1 => Some(&[]),
            length => self.take(usize::try_from(length).ok()?),
        }
    }

    /// A node id with a numeric identifier: (namespace, identifier).
    fn node(&mut self) -> Option<(u16, u32)> {
        match self.byte()? {
            0 => Some((0, u32::from(self.byte()?))),
            1 => {
                let [namespace, low, high] = *self.take(3)?.first_chunk()?;
                Some((u16::from(namespace), u32::from(u16::from_le_bytes([low, high]))))
            }
            _ => None,
        }
    }

    /// A text with its language.
    fn localized(&mut self) -> Option<&'a [u8]> {
        let mask = self.byte()?;
        if mask & 1 != 0 {
            self.string()?;
        }
        if mask & 2 != 0 { self.string() } else { Some(&[]) }
    }
}

fn message(mut from: Reader<'_>, visit: &mut Visit<'_>) -> Option<()> {
    let (0, kind) = from.node()? else { return None };
    if kind == u32::from(GET_ENDPOINTS_RESPONSE) {
        // Time, handle, result, no diagnostics, no strings, no further header.
        from.take(16)?;
        if from.byte()? != 0
            || from.number()? > 0
            || from.node()? != (0, 0)
            || from.byte()? != 0
            || from.number()? < 1
        {
            return None;
        }
        let url = from.string()?;
        application(&mut from, "OPC UA GetEndpoints", visit)?;
        if let Some(host) = host_of(url) {
            visit.say(Field::HostName, &host, SourceKind::WireNetwork, "OPC UA GetEndpoints");
        }
    } else if kind == u32::from(CREATE_SESSION_REQUEST) {
        from.node()?;
        from.take(16)?;
        from.string()?;
        from.take(4)?;
        if from.node()? != (0, 0) || from.byte()? != 0 {
            return None;
        }
        application(&mut from, "OPC UA CreateSession", visit)?;
    }
    Some(())
}

/// An ApplicationDescription (OPC 10000-4 section 7.2), up to the gateway.
fn application(from: &mut Reader<'_>, basis: &'static str, visit: &mut Visit<'_>) -> Option<()> {
    let (uri, product, name) = (from.string()?, from.string()?, from.localized()?);
    from.take(4)?;
    if !from.string()?.is_empty() {
        return None;
    }
    for (field, value) in [
        (Field::EndpointReference, uri),
        (Field::AnnouncedService, product),
        (Field::SystemDescription, name),
    ] {
        if let Some(value) = text(value).filter(|value| !is_junk(value)) {
            visit.say(field, &value, SourceKind::WireNetwork, basis);
        }
    }
    Some(())
}

/// The host of `opc.tcp://host:port/path`, if it is a name and not just an address or "localhost".
fn host_of(url: &[u8]) -> Option<String> {
    let rest = url.strip_prefix(b"opc.tcp://")?;
    let host = text(rest.split(|byte| matches!(byte, b':' | b'/')).next()?)?;
    let is_name = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'))
        && host.bytes().any(|byte| byte.is_ascii_alphabetic());
    (is_name && !host.eq_ignore_ascii_case("localhost")).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dissect::trial::{self, RECEIVER, says};
    use proptest::prelude::*;

    fn chunk(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
        [&kind[..], &(body.len() as u32 + 8).to_le_bytes(), body].concat()
    }

    fn string(text: &str) -> Vec<u8> {
        [&(text.len() as i32).to_le_bytes()[..], text.as_bytes()].concat()
    }

    fn description(gateway: &str) -> Vec<u8> {
        let parts =
            [&string("urn:plant:server")[..], &string("urn:acme:product"), &[2], &string("Boiler"), &[0; 4]];
        [&parts.concat()[..], &string(gateway)].concat()
    }

    fn endpoints(gateway: &str) -> Vec<u8> {
        let header =
            [&[0; 16][..], &[1, 0, 0xaf, 1], &[0; 16], &[0], &[0xff; 4], &[0, 0, 0], &[1, 0, 0, 0]].concat();
        chunk(b"MSGF", &[&header[..], &string("opc.tcp://boiler-7:4840/"), &description(gateway)].concat())
    }

    #[test]
    fn a_hello_names_the_server_and_the_server_itself() {
        let hello = chunk(b"HELF", &[&[0; 20][..], &string("opc.tcp://boiler-7:4840")].concat());
        let said = trial::stream(&STREAM, &hello, 9, (50_000, 4840));
        let about = (RECEIVER.to_owned(), Field::HostName, "boiler-7".to_owned(), "OPC UA Hello".to_owned());
        assert_eq!(said, [about]);
        let said = trial::stream(&STREAM, &endpoints(""), 9, (4840, 50_000));
        for (field, value) in [
            (Field::HostName, "boiler-7"),
            (Field::EndpointReference, "urn:plant:server"),
            (Field::AnnouncedService, "urn:acme:product"),
            (Field::SystemDescription, "Boiler"),
        ] {
            assert!(said.contains(&says(field, value, "OPC UA GetEndpoints")), "{said:?}");
        }
        assert!(trial::stream(&STREAM, &endpoints("urn:gateway"), 9, (4840, 50_000)).is_empty());
    }

    proptest! {
        #[test]
        fn damage_and_noise_are_survived(
            at in any::<prop::sample::Index>(), byte in any::<u8>(),
            noise in prop::collection::vec(any::<u8>(), 0..120), piece in 1usize..300,
        ) {
            let mut bytes = endpoints("");
            let place = at.index(bytes.len());
            bytes[place] = byte;
            trial::stream(&STREAM, &bytes, piece, (4840, 1));
            trial::stream(&STREAM, &chunk(b"MSGF", &noise), piece, (4840, 1));
            trial::stream(&STREAM, &noise, piece, (4840, 1));
        }
    }
}
