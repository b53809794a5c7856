//! The head of a message in the manner of HTTP: a first line, then fields, then an empty line. Shared by HTTP, SSDP, SIP and RTSP.

use memchr::memmem;

/// A head, or as much of it as is there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head<'a> {
    /// The first line.
    pub start: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Head<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Self {
        let end = end(bytes, 0).unwrap_or(bytes.len());
        let (start, rest) = line(&bytes[..end]);
        Self { start, rest }
    }

    /// All fields, in order.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> + use<'a> {
        let mut rest = self.rest;
        std::iter::from_fn(move || {
            while !rest.is_empty() {
                let (field, behind) = line(rest);
                rest = behind;
                if let Some(colon) = memchr::memchr(b':', field) {
                    return Some((field[..colon].trim_ascii(), field[colon + 1..].trim_ascii()));
                }
            }
            None
        })
    }

    /// The first field of that name, without regard to case.
    pub(super) fn get(&self, name: &str) -> Option<&'a [u8]> {
        self.fields().find(|(one, _)| one.eq_ignore_ascii_case(name.as_bytes())).map(|(_, value)| value)
    }

    /// Content-Length, if it is a number.
    pub(super) fn length(&self) -> Option<u64> {
        std::str::from_utf8(self.get("content-length")?).ok()?.parse().ok()
    }
}

/// The first line without its end, and what is behind.
fn line(bytes: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memchr(b'\n', bytes) {
        Some(at) => {
            let line = &bytes[..at];
            (line.strip_suffix(b"\r").unwrap_or(line), &bytes[at + 1..])
        }
        None => (bytes, &[]),
    }
}

/// How long the head is, its empty line included, if that is there; looking for it from `from` on.
pub(super) fn end(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let strict = memmem::find(rest, b"\r\n\r\n").map(|at| from + at + 4);
    let bare = memmem::find(strict.map_or(rest, |end| &bytes[from..end]), b"\n\n").map(|at| from + at + 2);
    match (strict, bare) {
        (Some(strict), Some(bare)) => Some(strict.min(bare)),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_without_regard_to_case() {
        let bytes = b"HTTP/1.1 200 OK\r\nserver:  nginx \r\njunk\r\nContent-Length: 12\r\n\r\nServer: body";
        let head = Head::parse(bytes);
        assert_eq!(head.start, b"HTTP/1.1 200 OK");
        assert_eq!(head.get("Server"), Some(&b"nginx"[..]));
        assert_eq!(head.length(), Some(12));
        assert_eq!(head.fields().count(), 2);
        assert_eq!(end(bytes, 0), Some(bytes.len() - 12));
        assert_eq!(end(b"a\nb\n\nc\r\n\r\n", 0), Some(5));
        assert_eq!(end(b"a\r\n", 0), None);
    }
}
