//! What arrives and is no CSAF document: mail, plain text, web pages, STIX, opaque files.
//!
//! [`read_letter`] never refuses. It reads what it can, says in [`Letter::note`] what it could not, and leaves
//! the original to be opened by a person. Nothing read here is a statement about a device: it is a proposal.

mod mail;
mod mbox;
mod pdf;

use crate::stix;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use tallyward_core::{Label, Timestamp};

pub use mbox::split_mbox;
pub use pdf::{is_pdf, pdf_text};

/// The most bytes one letter may have.
pub const MAX_LETTER_BYTES: usize = 20 * 1024 * 1024;
/// The most bytes of text that are kept of a letter; the original holds the rest.
const MAX_TEXT: usize = 256 * 1024;
/// The most CVE ids proposed of one letter.
const MAX_CVES: usize = 500;

/// What could be read of something that arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// `mail`, `text`, `page`, `stix`, `pdf` or `file`.
    pub form: String,
    /// Who sent it, as the mail says; empty when not known.
    pub sender: String,
    /// Subject, title, or the name of the file.
    pub subject: String,
    /// When it was written, as the mail says.
    pub date: Option<Timestamp>,
    /// The text, at most 256 KB; empty when it cannot be read.
    pub text: String,
    /// What could not be read and what to do; empty when all was.
    pub note: String,
    /// What was attached.
    pub attachments: Vec<Attachment>,
    /// CVE ids named in subject or text, sorted.
    pub cves: Vec<String>,
    /// To whom it may be passed on: of STIX by its markings, of anything else when its subject says so.
    #[serde(default)]
    pub label: Label,
}

/// A file attached to a mail; its bytes are in the original.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Name as the mail gives it, without folders and control characters.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256, hexadecimal.
    pub hash: String,
}

/// Reads what arrived as `name`. Total: what cannot be read is said in the note.
#[must_use]
pub fn read_letter(bytes: &[u8], name: &str) -> Letter {
    let mut letter = match form(bytes, name) {
        "mail" => mail::read(bytes, name),
        "page" => page(bytes, name),
        "text" => stix::letter(bytes, name).unwrap_or_else(|| text(bytes, name)),
        _ => opaque(name, "the text of this kind of file cannot be read here; open the original"),
    };
    letter.label = letter.label.max(stated(&letter.subject));
    letter.settle();
    letter
}

/// The PDF files in what arrived as `name`: itself, or what is attached to a mail, each with its name.
#[must_use]
pub fn pdfs_in(bytes: &[u8], name: &str) -> Vec<(String, Vec<u8>)> {
    match form(bytes, name) {
        "mail" => mail::pdfs(bytes),
        _ if is_pdf(bytes) => vec![(clean(name), bytes.to_vec())],
        _ => Vec::new(),
    }
}

impl Letter {
    /// Adds what came of reading the PDF file `name` of the letter: its text, or why there is none.
    pub fn add_pdf(&mut self, name: &str, read: Result<String, String>) {
        match read {
            Ok(text) if self.form == "file" => {
                "pdf".clone_into(&mut self.form);
                self.note.clear();
                self.text = text;
            }
            Ok(text) => {
                self.text.push_str(&format!("\n\n[{name}]\n{text}"));
            }
            Err(why) => {
                let before = if self.form == "file" { String::new() } else { std::mem::take(&mut self.note) };
                let note = format!("{name}: {why}; open the original");
                self.note = if before.is_empty() { note } else { format!("{before}. {note}") };
            }
        }
        self.settle();
    }

    /// Keeps the text within its bound and finds what it names.
    fn settle(&mut self) {
        if self.text.len() > MAX_TEXT {
            let end = (0..=MAX_TEXT).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0);
            self.text.truncate(end);
            self.note =
                "only the first 256 KB of the text are shown and searched; open the original".to_owned();
        }
        self.cves = cve_ids(&format!("{}\n{}", self.subject, self.text));
    }
}

/// The label a subject states, such as `[TLP:AMBER] Infusion pumps`; of several the strictest.
fn stated(subject: &str) -> Label {
    let upper = subject.to_ascii_uppercase();
    let word = |from: &str| {
        from.chars().take_while(|one| one.is_ascii_alphabetic() || *one == '+').collect::<String>()
    };
    let labels = upper.match_indices("TLP:").map(|(at, _)| word(upper[at + 4..].trim_start()));
    labels.filter(|label| !label.is_empty()).map(|label| Label::of(&label)).max().unwrap_or_default()
}

/// CVE ids in a text: `CVE-`, four digits, a hyphen, four digits or more (CVE record format 5, `cveId`).
#[must_use]
pub fn cve_ids(text: &str) -> Vec<String> {
    let upper = text.to_ascii_uppercase();
    let digits = |from: &str| from.bytes().take_while(u8::is_ascii_digit).count();
    let mut found = BTreeSet::new();
    for (at, _) in upper.match_indices("CVE-") {
        let before = upper[..at].chars().next_back();
        let rest = &upper[at + 4..];
        let year = digits(rest);
        if year != 4 || rest.as_bytes().get(4) != Some(&b'-') || before.is_some_and(char::is_alphanumeric) {
            continue;
        }
        let number = digits(&rest[5..]);
        if (4..=19).contains(&number) && found.len() < MAX_CVES {
            found.insert(format!("CVE-{}", &rest[..5 + number]));
        }
    }
    found.into_iter().collect()
}

fn form(bytes: &[u8], name: &str) -> &'static str {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    match ending.as_str() {
        "eml" => "mail",
        "html" | "htm" => "page",
        "txt" | "md" => "text",
        _ if bytes.starts_with(b"%PDF") || bytes.contains(&0) => "file",
        _ if mail::looks_like_mail(bytes) => "mail",
        _ if std::str::from_utf8(bytes).is_ok() => "text",
        _ => "file",
    }
}

fn text(bytes: &[u8], name: &str) -> Letter {
    let read = String::from_utf8_lossy(bytes);
    let note =
        if read.contains('\u{fffd}') { "parts of the text are not UTF-8; open the original" } else { "" };
    Letter {
        form: "text".to_owned(),
        subject: clean(name),
        text: read.into_owned(),
        note: note.to_owned(),
        ..Letter::default()
    }
}

fn page(bytes: &[u8], name: &str) -> Letter {
    let read = mail_parser::decoders::html::html_to_text(&String::from_utf8_lossy(bytes));
    Letter { form: "page".to_owned(), subject: clean(name), text: read, ..Letter::default() }
}

pub(crate) fn opaque(name: &str, why: &str) -> Letter {
    Letter { form: "file".to_owned(), subject: clean(name), note: why.to_owned(), ..Letter::default() }
}

/// One line of text without folders in front, control characters or more than 300 letters.
pub(crate) fn clean(text: &str) -> String {
    let last = text.rsplit(['/', '\\']).next().unwrap_or_default();
    line(last)
}

/// One line without control characters or more than 300 letters.
pub(crate) fn line(text: &str) -> String {
    text.chars()
        .map(|one| if one.is_control() { ' ' } else { one })
        .take(300)
        .collect::<String>()
        .trim()
        .to_owned()
}
