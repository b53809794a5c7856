//! Bodies of HTTP messages that may describe a device. Every other body is passed over by its length.

use super::fhir::{self, Capability};
use super::ipp::Printer;
use super::soap::Soap;
use super::upnp::Description;
use super::xml::{Document, Tag, Xml};
use super::{Stream, Visit, hl7};
use flate2::{Decompress, FlushDecompress, Status};

/// A body, as it passes.
pub(super) trait Body: std::fmt::Debug + Send {
    /// Reads the next bytes; whether more are wanted.
    fn read(&mut self, bytes: &[u8], visit: &mut Visit<'_>) -> bool;

    /// The body has ended.
    fn end(&mut self, visit: &mut Visit<'_>);
}

/// A document that has something to tell when it is read.
pub(super) trait Told: Document {
    /// Notes what was read.
    fn tell(&mut self, visit: &mut Visit<'_>);
}

/// The reader for a body of this content type and coding, if it may describe a device.
pub(super) fn of_type(content: &[u8], coding: Option<&[u8]>) -> Option<Box<dyn Body>> {
    let body = || of_plain_type(content);
    match coding.map(<[u8]>::to_ascii_lowercase).as_deref() {
        None | Some(b"identity") => body(),
        Some(b"gzip" | b"x-gzip") => Some(Box::new(Packed::new(Decompress::new_gzip(WINDOW), body()?))),
        Some(b"deflate") => Some(Box::new(Packed::new(Decompress::new(true), body()?))),
        _ => None,
    }
}

/// Whether a content type is one of those that HL7 v2 goes by.
pub(super) fn is_hl7(content: &[u8]) -> bool {
    let bare =
        content.get(..2).filter(|start| start.eq_ignore_ascii_case(b"x-")).map_or(content, |_| &content[2..]);
    let want = b"application/hl7-v2";
    bare.get(..want.len()).is_some_and(|start| start.eq_ignore_ascii_case(want))
}

/// The reader for a body of a request: only what devices send of themselves, notices of discovery and HL7.
pub(super) fn sent(content: &[u8], coding: Option<&[u8]>) -> Option<Box<dyn Body>> {
    let soap = b"application/soap+xml";
    let is_soap = content.get(..soap.len()).is_some_and(|start| start.eq_ignore_ascii_case(soap));
    if is_soap || is_hl7(content) { of_type(content, coding) } else { None }
}

fn of_plain_type(content: &[u8]) -> Option<Box<dyn Body>> {
    let kind =
        content.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii().to_ascii_lowercase();
    match &kind[..] {
        b"text/xml" | b"application/xml" => Some(Box::<Markup>::default()),
        b"application/ipp" => Some(Box::<Printer>::default()),
        b"application/json" => Some(Box::<fhir::Json>::default()),
        kind if is_hl7(kind) => Some(Box::new(Hl7((hl7::STREAM.begin)()))),
        kind if kind.ends_with(b"+xml") && kind.starts_with(b"application/") => {
            Some(Box::<Markup>::default())
        }
        kind if kind.ends_with(b"+json") && kind.starts_with(b"application/fhir") => {
            Some(Box::<fhir::Json>::default())
        }
        _ => None,
    }
}

/// XML whose root element says what it is.
#[derive(Debug, Default)]
pub(super) struct Markup {
    xml: Xml,
    root: Root,
}

#[derive(Debug, Default)]
struct Root(Option<Box<dyn Told>>);

impl Document for Root {
    fn names(&self) -> &'static [&'static str] {
        match &self.0 {
            Some(document) => document.names(),
            None => &["root", "Envelope", "CapabilityStatement", "Conformance"],
        }
    }

    fn open(&mut self, path: &[&'static str], tag: &Tag<'_>) -> bool {
        if self.0.is_none() {
            self.0 = match path {
                ["root"] => Some(Box::<Description>::default()),
                ["Envelope"] => Some(Box::<Soap>::default()),
                ["CapabilityStatement" | "Conformance"] => Some(Box::<Capability>::default()),
                _ => None,
            };
        }
        self.0.as_mut().is_some_and(|document| document.open(path, tag))
    }

    fn text(&mut self, path: &[&'static str], text: &str) {
        if let Some(document) = &mut self.0 {
            document.text(path, text);
        }
    }

    fn close(&mut self, path: &[&'static str]) {
        if let Some(document) = &mut self.0 {
            document.close(path);
        }
    }
}

impl Body for Markup {
    fn read(&mut self, bytes: &[u8], visit: &mut Visit<'_>) -> bool {
        if !self.xml.is_done() {
            self.xml.read(bytes, &mut self.root);
            if self.xml.is_done()
                && let Some(mut document) = self.root.0.take()
            {
                document.tell(visit);
            }
        }
        !self.xml.is_done()
    }

    fn end(&mut self, visit: &mut Visit<'_>) {
        if let Some(mut document) = self.root.0.take() {
            document.tell(visit);
        }
    }
}

/// The largest window of deflate, as a power of two.
const WINDOW: u8 = 15;
/// The most that is unpacked of one body: a whole device description is smaller, a bomb is not.
const MOST_UNPACKED: u64 = 8 << 20;

/// A body that is packed; unpacked piece by piece, of which none is held.
#[derive(Debug)]
struct Packed {
    unpack: Decompress,
    body: Box<dyn Body>,
}

impl Packed {
    fn new(unpack: Decompress, body: Box<dyn Body>) -> Self {
        Self { unpack, body }
    }
}

impl Body for Packed {
    fn read(&mut self, mut bytes: &[u8], visit: &mut Visit<'_>) -> bool {
        let mut out = [0; 4096];
        loop {
            let (read, written) = (self.unpack.total_in(), self.unpack.total_out());
            let Ok(status) = self.unpack.decompress(bytes, &mut out, FlushDecompress::None) else {
                return false;
            };
            let read = (self.unpack.total_in() - read) as usize;
            let written = (self.unpack.total_out() - written) as usize;
            bytes = &bytes[read..];
            if written > 0 && !self.body.read(&out[..written], visit) {
                return false;
            }
            if status == Status::StreamEnd {
                self.body.end(visit);
                return false;
            }
            if self.unpack.total_out() > MOST_UNPACKED {
                return false;
            }
            if read == 0 && written == 0 || bytes.is_empty() && written < out.len() {
                return true;
            }
        }
    }

    fn end(&mut self, visit: &mut Visit<'_>) {
        self.body.end(visit);
    }
}

/// HL7 v2 over HTTP (HAPI's "HL7 over HTTP" and its kin): the same messages without the framing of MLLP.
#[derive(Debug)]
struct Hl7(Box<dyn Stream>);

impl Body for Hl7 {
    fn read(&mut self, bytes: &[u8], visit: &mut Visit<'_>) -> bool {
        self.0.read(bytes, visit);
        true
    }

    fn end(&mut self, visit: &mut Visit<'_>) {
        // The end block of MLLP, by which the walker knows that a message is whole.
        self.0.read(&[0x1c], visit);
    }
}

#[cfg(test)]
mod tests {
    use super::super::trial;
    use super::*;
    use flate2::{Compress, Compression, FlushCompress};
    use proptest::prelude::*;
    use tallyward_core::Field;

    pub(crate) fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut pack = Compress::new_gzip(Compression::best(), WINDOW);
        let mut out = Vec::with_capacity(bytes.len() + 1024);
        pack.compress_vec(bytes, &mut out, FlushCompress::Finish).expect("there is room for it");
        out
    }

    fn read(bytes: &[u8], piece: usize) -> Vec<trial::Said> {
        trial::visit((80, 40_000), |visit| {
            let mut body = of_type(b"application/xml", Some(b"gzip")).expect("a kind that is read");
            if bytes.chunks(piece).all(|bytes| body.read(bytes, visit)) {
                body.end(visit);
            }
        })
    }

    const DOCUMENT: &[u8] = b"<root><device><manufacturer>Acme</manufacturer></device></root>";

    #[test]
    fn a_packed_body_is_unpacked_in_pieces() {
        for piece in [1, 7, 10_000] {
            let said = read(&packed(DOCUMENT), piece);
            assert!(said.len() == 1 && said[0].1 == Field::Manufacturer, "{said:?}");
        }
        assert!(of_type(b"image/png", Some(b"gzip")).is_none());
        assert!(of_type(b"text/xml", Some(b"br")).is_none());
    }

    #[test]
    fn a_packed_bomb_is_given_up() {
        let mut bomb = b"<root><device>".to_vec();
        bomb.resize(20 << 20, b' ');
        bomb.extend(DOCUMENT);
        let bytes = packed(&bomb);
        assert!(bytes.len() < 100_000);
        assert_eq!(read(&bytes, 1000), []);
    }

    proptest! {
        #[test]
        fn damage_is_survived(at in any::<prop::sample::Index>(), byte in any::<u8>(), piece in 1usize..99) {
            let mut bytes = packed(DOCUMENT);
            let index = at.index(bytes.len());
            bytes[index] = byte;
            prop_assert!(read(&bytes, piece).len() <= 2);
        }
    }
}
