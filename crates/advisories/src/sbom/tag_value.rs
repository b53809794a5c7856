//! SPDX 2.x as tags and values: a line a tag, values of several lines between `<text>` and `</text>`.

use super::spdx::{about, describes, format, refers};
use super::{bounded, cut, id_or_hash, party};
use crate::csaf::sha256;
use crate::error::{ReadError, short};
use crate::product_id::clipped;
use std::collections::BTreeSet;
use tallyward_core::part::{Part, PartsList};

/// Most flaws told of one document.
const MAX_NOTED: usize = 200;

/// Whether the first line that says anything is a tag of SPDX.
pub(super) fn is_it(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut lines = bytes.split(|byte| *byte == b'\n').take(100).map(<[u8]>::trim_ascii);
    lines
        .find(|line| !line.is_empty() && !line.starts_with(b"#"))
        .is_some_and(|line| line.starts_with(b"SPDXVersion:"))
}

/// What the tags that follow belong to.
enum Section {
    Document,
    Package(Part),
    /// Files, snippets, licences: not read.
    Other,
}

struct Reader<'a> {
    name: &'a str,
    list: PartsList,
    authors: Vec<String>,
    described: BTreeSet<String>,
    section: Section,
    noted: Vec<ReadError>,
}

pub(super) fn read(bytes: &[u8], name: &str) -> Result<(PartsList, Vec<ReadError>), ReadError> {
    bounded(bytes, name)?;
    let refused = |line: usize, what: String| {
        Err(ReadError { name: name.to_owned(), line, column: 1, pointer: String::new(), what })
    };
    let Ok(text) = std::str::from_utf8(bytes) else {
        return refused(1, "the document is no UTF-8".to_owned());
    };
    let mut reader = Reader {
        name,
        list: PartsList { hash: sha256(bytes), ..PartsList::default() },
        authors: Vec::new(),
        described: BTreeSet::new(),
        section: Section::Document,
        noted: Vec::new(),
    };
    let mut lines = text.trim_start_matches('\u{feff}').lines().enumerate();
    while let Some((at, line)) = lines.next() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let Some((tag, value)) = line.split_once(':') else {
            reader.note(at + 1, format!("{:?} is no tag with a value", short(line)));
            continue;
        };
        let value = value.trim();
        // What spans lines is a text for people; none of it is read, only passed over.
        if value.starts_with("<text>") && !value.contains("</text>") {
            if !lines.by_ref().any(|(_, line)| line.contains("</text>")) {
                reader.note(at + 1, "a <text> that does not end".to_owned());
            }
            continue;
        }
        reader.tag(at + 1, tag.trim(), value);
    }
    reader.close();
    if reader.list.format.is_empty() {
        return refused(1, "SPDXVersion is none of SPDX-2.x".to_owned());
    }
    let Reader { mut list, authors, described, noted, .. } = reader;
    list.id = id_or_hash(std::mem::take(&mut list.id), "spdx", &list.hash);
    list.author = clipped(authors.join(", "));
    about(&mut list, &described);
    Ok((list, noted))
}

impl Reader<'_> {
    fn note(&mut self, line: usize, what: String) {
        if self.noted.len() < MAX_NOTED {
            let name = self.name.to_owned();
            self.noted.push(ReadError { name, line, column: 1, pointer: String::new(), what });
        }
    }

    fn close(&mut self) {
        if let Section::Package(part) = std::mem::replace(&mut self.section, Section::Other) {
            self.list.parts.push(cut(part));
        }
    }

    fn tag(&mut self, line: usize, tag: &str, value: &str) {
        match tag {
            "PackageName" => {
                self.close();
                self.section = Section::Package(Part { name: value.to_owned(), ..Part::default() });
                return;
            }
            "FileName" | "SnippetSPDXID" | "LicenseID" => {
                self.close();
                return;
            }
            "Relationship" => {
                let words: Vec<&str> = value.split_whitespace().take(3).collect();
                if let [from, kind, to] = words[..] {
                    self.described.extend(describes(kind, from, to));
                }
                return;
            }
            _ => {}
        }
        let trouble = match &mut self.section {
            Section::Document => self.of_document(tag, value),
            Section::Package(part) => of_package(part, tag, value),
            Section::Other => None,
        };
        if let Some(what) = trouble {
            self.note(line, what);
        }
    }

    fn of_document(&mut self, tag: &str, value: &str) -> Option<String> {
        match tag {
            "SPDXVersion" => self.list.format = format(value).unwrap_or_default(),
            "DocumentNamespace" => value.clone_into(&mut self.list.id),
            "Creator" => self.authors.push(party(value)),
            "Created" => match value.parse() {
                Ok(moment) => self.list.created = Some(moment),
                Err(_) => {
                    return Some(format!(
                        "{:?} is no date; expected such as 2026-11-23T08:30:00Z",
                        short(value)
                    ));
                }
            },
            _ => {}
        }
        None
    }
}

fn of_package(part: &mut Part, tag: &str, value: &str) -> Option<String> {
    match tag {
        "SPDXID" => value.clone_into(&mut part.reference),
        "PackageVersion" => value.clone_into(&mut part.version),
        "PackageSupplier" => part.supplier = party(value),
        "ExternalRef" => {
            let mut words = value.split_whitespace().skip(1);
            let (Some(kind), Some(locator)) = (words.next(), words.next()) else {
                return Some(format!(
                    "{:?} is no reference; expected category, type and locator",
                    short(value)
                ));
            };
            refers(part, kind, locator);
        }
        _ => {}
    }
    None
}
