//! STIX as a letter: what a person can read of it.

use super::excerpt::{Excerpts, Gathered};
use super::marking::marked;
use super::object::{StixObject, read_page};
use crate::letter::{Letter, line};
use serde_json::Value;
use std::collections::BTreeMap;
use tallyward_core::Timestamp;

/// Most bytes of text made of one document; a letter keeps fewer.
const MAX_TEXT: usize = 1024 * 1024;
/// Most bytes of a document that is looked into to tell whether it is STIX.
const MAX_LOOKED: usize = crate::letter::MAX_LETTER_BYTES;

/// Reads a bundle, or the objects of an answer; `None` when the bytes are something else.
pub(crate) fn letter(bytes: &[u8], name: &str) -> Option<Letter> {
    if bytes.len() > MAX_LOOKED
        || !bytes.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|one| b"{\xef".contains(one))
    {
        return None;
    }
    let page = read_page(bytes, name).ok()?;
    if page.objects.is_empty() {
        return None;
    }
    let mut gathered = Gathered::default();
    page.objects.into_iter().for_each(|object| gathered.add(object));
    let excerpts = gathered.excerpts();
    let subjects = excerpts.subjects();
    let Some(first) = subjects.first() else {
        return Some(Letter {
            form: "stix".to_owned(),
            subject: line(name),
            note: "STIX without a report, a flaw or a note; open the original".to_owned(),
            ..Letter::default()
        });
    };
    let definitions: BTreeMap<&str, &StixObject> =
        gathered.lasting().map(|one| (one.id.as_str(), one)).collect();
    // All of it is handed out with the letter, so all of it counts.
    let marks = marked(gathered.all(), &definitions);
    let mut text = Text(String::new());
    for subject in &subjects {
        text.subject(&excerpts, subject);
    }
    marks.said.iter().for_each(|sentence| text.line(sentence));
    for (kind, count) in page.others.iter().take(20) {
        text.line(&format!("Not shown: {count} of the kind {kind}."));
    }
    let more = subjects.len() - 1;
    let title = line(title(first));
    Some(Letter {
        form: "stix".to_owned(),
        sender: by(&gathered, first).map(line).unwrap_or_default(),
        subject: if more > 0 { format!("{title} and {more} more") } else { title },
        date: when(first, "published").or(first.modified),
        text: text.0,
        note: page.notes.first().map(|note| format!("not all could be read: {note}")).unwrap_or_default(),
        label: marks.label,
        ..Letter::default()
    })
}

/// What a subject is called.
fn title(object: &StixObject) -> &str {
    let named = ["name", "abstract"].map(|key| object.text(key));
    let content = object.text("content").lines().next().unwrap_or_default();
    named.into_iter().chain([content]).find(|text| !text.trim().is_empty()).unwrap_or(&object.id)
}

fn by<'a>(gathered: &'a Gathered, object: &StixObject) -> Option<&'a str> {
    gathered.get(object.text("created_by_ref")).map(|one| one.text("name")).filter(|name| !name.is_empty())
}

fn when(object: &StixObject, key: &str) -> Option<Timestamp> {
    object.text(key).parse().ok()
}

struct Text(String);

impl Text {
    fn line(&mut self, line: &str) {
        if self.0.len() + line.len() < MAX_TEXT {
            self.0.push_str(line);
            self.0.push('\n');
        }
    }

    /// A subject with what belongs to it.
    fn subject(&mut self, excerpts: &Excerpts<'_>, subject: &StixObject) {
        let Some(subject) = excerpts.find(&subject.id) else { return };
        let members = excerpts.members(subject);
        let names: BTreeMap<&str, &str> = members.iter().map(|one| (one.id.as_str(), title(one))).collect();
        for kind in ["report", "vulnerability", "note"] {
            members.iter().filter(|one| one.kind == kind).for_each(|one| self.object(one, &names));
        }
        members
            .iter()
            .filter(|one| one.kind == "relationship")
            .for_each(|one| self.relationship(one, &names));
        let mut elsewhere: BTreeMap<&str, usize> = BTreeMap::new();
        for id in subject.texts("object_refs").filter(|id| !names.contains_key(id)) {
            *elsewhere.entry(id.split_once("--").map_or("object", |(kind, _)| kind)).or_default() += 1;
        }
        let elsewhere: Vec<String> =
            elsewhere.iter().take(20).map(|(kind, count)| format!("{count} {}", line(kind))).collect();
        if !elsewhere.is_empty() {
            self.line(&format!("It also refers to what is not kept here: {}.", elsewhere.join(", ")));
            self.line("");
        }
    }

    fn object(&mut self, object: &StixObject, names: &BTreeMap<&str, &str>) {
        let word = match object.kind.as_str() {
            "report" => "Report",
            "vulnerability" => "Flaw",
            _ => "Note",
        };
        self.line(&format!("{word}: {}", title(object)));
        if object.value.get("revoked").and_then(Value::as_bool) == Some(true) {
            self.line("Withdrawn by who wrote it.");
        }
        let kinds: Vec<&str> = object.texts("report_types").chain(object.texts("labels")).collect();
        if !kinds.is_empty() {
            self.line(&format!("Kind: {}", kinds.join(", ")));
        }
        if let Some(name) = names.get(object.text("created_by_ref")) {
            self.line(&format!("By: {name}"));
        }
        let authors: Vec<&str> = object.texts("authors").collect();
        if !authors.is_empty() {
            self.line(&format!("Authors: {}", authors.join(", ")));
        }
        for (key, word) in [("published", "Published"), ("created", "Written"), ("modified", "Changed")] {
            if let Some(at) = when(object, key) {
                self.line(&format!("{word}: {at}"));
            }
        }
        for key in ["description", "content"] {
            if !object.text(key).is_empty() {
                self.line("");
                self.line(object.text(key));
            }
        }
        for reference in object.items("external_references") {
            let said = ["source_name", "external_id", "description", "url"]
                .map(|key| reference.get(key).and_then(Value::as_str).unwrap_or_default());
            let said: Vec<&str> = said.into_iter().filter(|text| !text.is_empty()).collect();
            if !said.is_empty() {
                self.line(&format!("See: {}", said.join(", ")));
            }
        }
        self.line("");
    }

    fn relationship(&mut self, object: &StixObject, names: &BTreeMap<&str, &str>) {
        let ends = ["source_ref", "target_ref"].map(|key| names.get(object.text(key)));
        if let [Some(source), Some(target)] = ends {
            self.line(&format!("{source} {} {target}", object.text("relationship_type")));
            if !object.text("description").is_empty() {
                self.line(object.text("description"));
            }
            self.line("");
        }
    }
}
