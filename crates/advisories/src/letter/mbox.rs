//! Mailboxes in one file (RFC 4155): messages after lines that begin with `From `.

/// The messages of a mailbox file, without their separator lines. A file that is no mailbox gives nothing.
#[must_use]
pub fn split_mbox(bytes: &[u8]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    let (mut begin, mut at, mut blank) = (None, 0, true);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if blank && line.starts_with(b"From ") {
            found.extend(begin.map(|from: usize| &bytes[from..at]));
            begin = Some(at + line.len());
        } else if at == 0 {
            return Vec::new();
        }
        blank = matches!(line, b"\n" | b"\r\n");
        at += line.len();
    }
    found.extend(begin.map(|from| &bytes[from..]));
    found.retain(|message| !message.is_empty());
    found
}
