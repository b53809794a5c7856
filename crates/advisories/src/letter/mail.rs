//! Mail (RFC 5322, MIME).

use super::{Attachment, Letter, clean, is_pdf, line, opaque};
use crate::csaf::sha256;
use mail_parser::{Message, MessageParser, MimeHeaders};
use tallyward_core::Timestamp;

/// Parts within parts and messages within messages beyond this are not taken apart: the parser's tree is
/// dropped recursively, so its depth has to be bounded before.
const MAX_NESTED: usize = 100;
/// Attachments listed of one mail.
const MAX_ATTACHMENTS: usize = 200;

/// Attached PDF files read of one mail.
const MAX_PDFS: usize = 10;

/// Whether a file without a telling name begins as a mail does.
pub(super) fn looks_like_mail(bytes: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(16 * 1024)]).to_ascii_lowercase();
    let names = ["from:", "to:", "subject:", "date:", "received:", "message-id:", "return-path:"];
    head.lines()
        .take_while(|line| !line.trim().is_empty())
        .filter(|line| names.iter().any(|name| line.starts_with(name)))
        .count()
        >= 2
}

/// Reads a mail.
pub(super) fn read(bytes: &[u8], name: &str) -> Letter {
    if is_nested_beyond_reason(bytes) {
        return opaque(
            name,
            "messages within messages in a way that is not taken apart here; open the original",
        );
    }
    let Some(message) = MessageParser::default().parse(bytes) else {
        return opaque(name, "this is no mail that can be read; open the original");
    };
    let text = (0..message.text_body_count().min(50))
        .filter_map(|at| message.body_text(at))
        .collect::<Vec<_>>()
        .join("\n");
    let note = if text.trim().is_empty() { "the mail has no readable text; open the original" } else { "" };
    Letter {
        form: "mail".to_owned(),
        sender: sender(&message),
        subject: line(message.subject().unwrap_or_default()),
        date: message
            .date()
            .filter(|date| date.is_valid())
            .and_then(|date| date.to_timestamp().checked_mul(1_000_000).map(Timestamp::from_micros)),
        text,
        note: note.to_owned(),
        attachments: message.attachments().take(MAX_ATTACHMENTS).map(attachment).collect(),
        ..Letter::default()
    }
}

/// The PDF files attached to a mail.
pub(super) fn pdfs(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    if is_nested_beyond_reason(bytes) {
        return Vec::new();
    }
    let Some(message) = MessageParser::default().parse(bytes) else { return Vec::new() };
    let pdfs = message.attachments().take(MAX_ATTACHMENTS).filter(|part| is_pdf(part.contents()));
    pdfs.take(MAX_PDFS)
        .map(|part| (clean(part.attachment_name().unwrap_or("without a name")), part.contents().to_vec()))
        .collect()
}

fn sender(message: &Message<'_>) -> String {
    let Some(from) = message.from().and_then(|from| from.first()) else { return String::new() };
    let address = from.address().unwrap_or_default();
    match from.name() {
        Some(name) => line(&format!("{name} <{address}>")),
        None => line(address),
    }
}

fn attachment(part: &mail_parser::MessagePart<'_>) -> Attachment {
    let bytes = part.contents();
    Attachment {
        name: clean(part.attachment_name().unwrap_or("without a name")),
        size: bytes.len() as u64,
        hash: sha256(bytes),
    }
}

/// Each level of nesting has a header block of its own that names `message` or `multipart`. A nested message that is
/// itself encoded (which RFC 2046 clause 5.2.1 forbids) and a digest could hide more levels, so neither is taken apart.
fn is_nested_beyond_reason(bytes: &[u8]) -> bool {
    let mut block: Vec<u8> = Vec::new();
    let mut nested = 0;
    for line in bytes.split(|byte| *byte == b'\n').chain(std::iter::once(&b""[..])) {
        if !line.iter().all(u8::is_ascii_whitespace) {
            if block.len() < 64 * 1024 {
                block.extend(line.iter().map(u8::to_ascii_lowercase));
                block.push(b'\n');
            }
            continue;
        }
        let holds = |word: &[u8]| block.windows(word.len()).any(|at| at == word);
        if holds(b"content-type") {
            let (message, parts) = (holds(b"message/"), holds(b"multipart"));
            let encoded = holds(b"base64") || holds(b"quoted-printable");
            if (message && encoded) || (parts && holds(b"digest")) {
                return true;
            }
            nested += usize::from(message || parts);
        }
        block.clear();
    }
    nested > MAX_NESTED
}
