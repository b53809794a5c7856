//! XML as it passes, in pieces of any size, without a tree: for device descriptions and discovery.
//!
//! Elements are known by their local names, of which a [`Document`] lists those it cares for; the text of any other is not even
//! held. Document type declarations are refused, so there are no entities to blow up; depth, tag and text are bounded, and every byte is looked at once.

use std::borrow::Cow;

/// Elements inside each other; deeper ones end the reading.
const DEEPEST: usize = 64;
/// Bytes held of one tag: its name and first attributes.
const LONGEST_TAG: usize = 1024;
/// Bytes held of one text.
const LONGEST_TEXT: usize = 2048;

/// What wants to know of a document.
pub(super) trait Document: std::fmt::Debug + Send {
    /// The local names that matter.
    fn names(&self) -> &'static [&'static str];

    /// An element begins, the last of `path`; names that do not matter are empty there. Whether to go on.
    fn open(&mut self, path: &[&'static str], tag: &Tag<'_>) -> bool;

    /// An element without children ends; its text, without surrounding blanks, is not empty.
    fn text(&mut self, path: &[&'static str], text: &str);

    /// An element ends.
    fn close(&mut self, path: &[&'static str]);
}

/// A start tag: what stands between its angle brackets.
pub(super) struct Tag<'a>(&'a [u8]);

impl Tag<'_> {
    fn local_name(&self) -> &[u8] {
        let end =
            self.0.iter().position(|byte| byte.is_ascii_whitespace() || *byte == b'/' && self.0[0] != b'/');
        let name = &self.0[..end.unwrap_or(self.0.len())];
        name.rsplit(|byte| *byte == b':').next().unwrap_or(name)
    }

    /// The value of an attribute without prefix.
    pub(super) fn attribute(&self, wanted: &str) -> Option<String> {
        let mut rest = self.0;
        while let Some(equals) = memchr::memchr(b'=', rest) {
            let name = rest[..equals].trim_ascii_end();
            let name = name.rsplit(|byte| byte.is_ascii_whitespace()).next().unwrap_or(name);
            let (quote, value) = rest[equals + 1..].trim_ascii_start().split_first()?;
            let end = memchr::memchr(*quote, value)?;
            if name == wanted.as_bytes() {
                return Some(decoded(&value[..end]).into_owned());
            }
            rest = &value[end + 1..];
        }
        None
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before the first element.
    Start,
    Text,
    /// Behind `<`; the attribute's quote, or zero outside of one.
    Tag(u8),
    Instruction,
    Comment,
    Literal,
    Done,
}

/// Reads one document.
#[derive(Debug)]
pub(super) struct Xml {
    state: State,
    /// What is held of the present tag, or the last two bytes of a comment, literal or instruction.
    tag: Vec<u8>,
    text: Vec<u8>,
    path: Vec<&'static str>,
    /// The last byte of the present tag, which may be too long to be held.
    last: u8,
    /// Whether the present element has had no child.
    leaf: bool,
}

impl Default for Xml {
    fn default() -> Self {
        Self {
            state: State::Start,
            tag: Vec::new(),
            text: Vec::new(),
            path: Vec::new(),
            last: 0,
            leaf: false,
        }
    }
}

impl Xml {
    /// Whether nothing more will be read.
    pub(super) fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// Reads the next bytes.
    pub(super) fn read(&mut self, mut bytes: &[u8], document: &mut dyn Document) {
        while let Some((&first, rest)) = bytes.split_first() {
            match self.state {
                State::Done => return,
                State::Start | State::Text => bytes = self.content(bytes),
                State::Tag(quote) => {
                    let run = self.tag_run(bytes, quote);
                    if run > 0 {
                        bytes = &bytes[run..];
                        continue;
                    }
                    bytes = rest;
                    self.tag_byte(first, quote, document);
                }
                State::Instruction | State::Comment | State::Literal => {
                    bytes = rest;
                    self.passed_byte(first);
                }
            }
        }
    }

    /// Text up to the next tag.
    fn content<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let end = memchr::memchr(b'<', bytes);
        let text = &bytes[..end.unwrap_or(bytes.len())];
        if self.state == State::Start {
            // A mark of byte order and blanks may stand before the first tag.
            if !text.iter().all(|byte| byte.is_ascii_whitespace() || matches!(byte, 0xef | 0xbb | 0xbf)) {
                self.state = State::Done;
                return &[];
            }
        } else {
            self.hold_text(text);
        }
        let Some(at) = end else { return &[] };
        self.tag.clear();
        self.last = 0;
        self.state = State::Tag(0);
        &bytes[at + 1..]
    }

    fn hold_text(&mut self, text: &[u8]) {
        if self.leaf && self.path.last().is_some_and(|name| !name.is_empty()) {
            let room = LONGEST_TEXT - self.text.len();
            self.text.extend_from_slice(&text[..text.len().min(room)]);
        }
    }

    /// Takes the bytes of a start or end tag in which nothing changes; gives how many.
    fn tag_run(&mut self, bytes: &[u8], quote: u8) -> usize {
        if matches!(self.tag.first(), None | Some(b'!' | b'?')) {
            return 0;
        }
        let end =
            if quote == 0 { memchr::memchr3(b'>', b'"', b'\'', bytes) } else { memchr::memchr(quote, bytes) };
        let run = &bytes[..end.unwrap_or(bytes.len())];
        if let Some(last) = run.last() {
            self.last = *last;
            let room = LONGEST_TAG - self.tag.len();
            self.tag.extend_from_slice(&run[..run.len().min(room)]);
        }
        run.len()
    }

    fn tag_byte(&mut self, byte: u8, quote: u8, document: &mut dyn Document) {
        match byte {
            b'>' if quote == 0 => return self.end_tag(document),
            b'"' | b'\'' if quote == 0 => self.state = State::Tag(byte),
            _ if byte == quote => self.state = State::Tag(0),
            _ => {}
        }
        self.last = byte;
        if self.tag.len() < LONGEST_TAG {
            self.tag.push(byte);
        }
        self.state = match &self.tag[..] {
            b"?" => State::Instruction,
            b"!--" => State::Comment,
            b"![CDATA[" => State::Literal,
            // Nothing else that begins so is read: a document type would bring entities.
            [b'!', rest @ ..] if !(b"--".starts_with(rest) || b"[CDATA[".starts_with(rest)) => State::Done,
            _ => self.state,
        };
        if matches!(self.state, State::Comment | State::Literal | State::Instruction) {
            self.tag.clear();
        }
    }

    /// Passes over a comment or instruction, or holds a literal, up to its end.
    fn passed_byte(&mut self, byte: u8) {
        let ends = match self.state {
            State::Instruction => byte == b'>' && self.tag.last() == Some(&b'?'),
            State::Comment => byte == b'>' && self.tag == b"--",
            _ => byte == b'>' && self.tag == b"]]",
        };
        if ends {
            if self.state == State::Literal {
                let held = self.text.len().min(LONGEST_TEXT);
                self.text.truncate(held.saturating_sub(2));
            }
            self.state = if self.path.is_empty() { State::Start } else { State::Text };
            return;
        }
        if self.state == State::Literal {
            // Written as text is, so that it is read alike.
            self.hold_text(if byte == b'&' { b"&amp;" } else { std::slice::from_ref(&byte) });
        }
        if self.tag.len() == 2 {
            self.tag.remove(0);
        }
        self.tag.push(byte);
    }

    fn end_tag(&mut self, document: &mut dyn Document) {
        self.state = State::Text;
        let tag = std::mem::take(&mut self.tag);
        match tag.first() {
            Some(b'/') => self.close(document),
            Some(b'!') | None => self.state = State::Done,
            Some(_) if self.path.len() >= DEEPEST => self.state = State::Done,
            Some(_) => {
                let tag = Tag(&tag);
                let local = tag.local_name();
                let known = document.names().iter().find(|name| name.as_bytes() == local);
                self.path.push(known.copied().unwrap_or_default());
                self.text.clear();
                self.leaf = true;
                if !document.open(&self.path, &tag) {
                    self.state = State::Done;
                } else if self.last == b'/' {
                    self.close(document);
                }
            }
        }
        self.tag = tag;
    }

    fn close(&mut self, document: &mut dyn Document) {
        if self.leaf {
            let text = decoded(&self.text);
            let text = text.trim();
            if !text.is_empty() {
                document.text(&self.path, text);
            }
        }
        document.close(&self.path);
        self.text.clear();
        self.leaf = false;
        self.path.pop();
        if self.path.is_empty() {
            self.state = State::Done;
        }
    }
}

/// Text with its character references put in.
fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    let text = String::from_utf8_lossy(bytes);
    if !text.contains('&') {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = &*text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        let behind = &rest[at + 1..];
        let reference =
            behind.find(';').filter(|end| *end <= 8).and_then(|end| Some((character(&behind[..end])?, end)));
        rest = match reference {
            Some((letter, end)) => {
                out.push(letter);
                &behind[end + 1..]
            }
            None => {
                out.push('&');
                behind
            }
        };
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn character(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(code)?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug, Default)]
    struct All(Vec<String>);

    impl Document for All {
        fn names(&self) -> &'static [&'static str] {
            &["a", "b", "c"]
        }

        fn open(&mut self, path: &[&'static str], tag: &Tag<'_>) -> bool {
            if let Some(value) = tag.attribute("value") {
                self.0.push(format!("{}@{value}", path.join("/")));
            }
            true
        }

        fn text(&mut self, path: &[&'static str], text: &str) {
            self.0.push(format!("{}={text}", path.join("/")));
        }

        fn close(&mut self, _path: &[&'static str]) {}
    }

    fn read(document: &str, piece: usize) -> Vec<String> {
        let (mut xml, mut all) = (Xml::default(), All::default());
        for bytes in document.as_bytes().chunks(piece) {
            xml.read(bytes, &mut all);
            assert!(
                xml.text.len() <= LONGEST_TEXT + 5
                    && xml.tag.len() <= LONGEST_TAG
                    && xml.path.len() <= DEEPEST
            );
        }
        all.0
    }

    #[test]
    fn elements_are_read_in_pieces_of_any_size() {
        let document = "\u{feff}<?xml version='1.0'?><!-- <a>no</a> --><x:a value='1>&lt;2' y=\"z\">\n<b> one &amp; t&#x77;o </b>\
                        <unknown>secret<c>inner</c></unknown><b/><c value=\"7\"/><b><![CDATA[<raw> & ]]]></b>tail</x:a><a>late</a>";
        let want = ["a@1><2", "a/b=one & two", "a//c=inner", "a/c@7", "a/b=<raw> & ]"];
        for piece in [1, 2, 3, 7, 1000] {
            assert_eq!(read(document, piece), want, "{piece}");
        }
    }

    #[test]
    fn bombs_are_refused() {
        let bomb = "<!DOCTYPE a [<!ENTITY x \"y\"><!ENTITY z \"&x;&x;\">]><a><b>&z;</b></a>";
        assert_eq!(read(bomb, 5), Vec::<String>::new());
        assert_eq!(read(&"<a>".repeat(100_000), 999), Vec::<String>::new());
        let long = format!("<a value='{}'><b>{}</b></a>", "v".repeat(100_000), "t".repeat(100_000));
        let said = read(&long, 4096);
        assert_eq!(said, [format!("a/b={}", "t".repeat(LONGEST_TEXT))]);
        assert_eq!(read("no xml <a><b>1</b></a>", 100), Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn noise_is_survived(noise in "[<>/!?ab=&;'\"\\[\\]CDATA -]{0,200}", piece in 1usize..20) {
            prop_assert_eq!(read(&noise, piece), read(&noise, 1000));
        }
    }
}
