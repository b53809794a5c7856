//! Handing the book out and taking others' in.

use super::{HeldEntry, ModelEntry, Written, reading_id};
use crate::App;
use crate::app::{doc, json, lock};
use crate::change::{ChangeSet, DocKind};
use crate::error::{AppError, Result};
use crate::query::DeviceQuery;
use crate::signing::{Signed, fingerprint};
use crate::views::StoredDevice;
use crate::who::Who;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use tallyward_core::{Field, Key, Label};

/// What a signed file of a book is signed for.
const KIND: &str = "model book";

/// The most bytes a file of a book may have.
const LARGEST: usize = 16 * 1024 * 1024;

/// Keys of other houses that this one trusts.
#[derive(Default, Serialize, Deserialize)]
struct Trusted {
    keys: Vec<String>,
}

/// Entries from outside, before they are taken in.
#[derive(Clone, Debug)]
pub struct FromFile {
    /// The entries.
    pub entries: Vec<ModelEntry>,
    /// Who gave them out, in their own words.
    pub publisher: String,
    /// The key that signed them, empty for a file nobody signed.
    pub key: String,
}

/// What became of entries taken in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BookIntake {
    /// Who gave them out, in their own words.
    pub publisher: String,
    /// Fingerprint of the key that signed; empty when nobody did.
    pub fingerprint: String,
    /// Readings and notes that were new here, or newer from the same house.
    pub taken: Vec<String>,
    /// Those that say what is known already.
    pub same: usize,
    /// Those that say otherwise than what stands here; what stands here was kept.
    pub kept: Vec<String>,
}

impl FromFile {
    /// Reads a signed file, or one entry as it stands.
    ///
    /// # Errors
    /// When it is neither, is damaged, or was changed after it was signed.
    pub fn read(file: &str, bytes: &[u8]) -> Result<Self> {
        if bytes.len() > LARGEST {
            return Err(AppError::invalid(file, "larger than 16 MB: no model book"));
        }
        #[derive(Deserialize)]
        struct Which {
            #[serde(default)]
            format: String,
        }
        let which: Which = serde_json::from_slice(bytes)
            .map_err(|error| AppError::invalid(file, format!("it is no JSON of a model book: {error}")))?;
        if which.format != crate::signing::FORMAT {
            let entry = ModelEntry::read(file, bytes)?;
            let publisher = entry.written.by.clone();
            return Ok(Self { entries: vec![entry], publisher, key: String::new() });
        }
        let signed = Signed::open(file, bytes, KIND)?;
        let entries: Vec<ModelEntry> = serde_json::from_str(&signed.text)
            .map_err(|error| AppError::invalid(file, format!("signed, but no model book: {error}")))?;
        for entry in &entries {
            entry.check(file)?;
        }
        Ok(Self { entries, publisher: signed.publisher, key: signed.key })
    }
}

impl App {
    /// The book as it may leave the house: every entry, without the names of those who wrote it. Refused while an
    /// entry names a device, a place or a person of the house; says which.
    pub fn model_book_to_share(&self) -> Result<Vec<ModelEntry>> {
        let mut entries: Vec<ModelEntry> = Vec::new();
        for held in self.load_all::<HeldEntry>(DocKind::ModelBook, None)? {
            let mut entry = held.entry;
            let theirs = |written: &mut Written| written.by.clear();
            theirs(&mut entry.written);
            entry.readings.iter_mut().for_each(|one| theirs(&mut one.written));
            entries.push(entry);
        }
        self.refuse_inventory(&entries)?;
        Ok(entries)
    }

    /// The whole book as one signed file, under a name of the publisher's choice. What left is on record.
    pub fn export_model_book(&self, who: &Who, publisher: &str) -> Result<Signed> {
        let entries = self.model_book_to_share()?;
        let signed = self.sign_text(KIND, publisher, json(&entries))?;
        let mut event = self.event(who, "model_book.export", "model book");
        event.after = format!("{} entries, signature {}", entries.len(), &signed.signature[..16]);
        self.commit(ChangeSet { audit: vec![event], ..ChangeSet::default() })?;
        Ok(signed)
    }

    /// Trusts a house's key from now on.
    pub fn trust_key(&self, who: &Who, key: &str) -> Result<()> {
        if !who.role.may_write() {
            return Err(AppError::Refused("a reader cannot trust keys".to_owned()));
        }
        let _writing = lock(&self.state.desk);
        let mut trusted: Trusted = self.load(DocKind::Setting, "trusted_keys")?.unwrap_or_default();
        if trusted.keys.iter().any(|one| one == key) {
            return Ok(());
        }
        trusted.keys.push(key.to_owned());
        let event = self.event(who, "key.trust", format!("key {}", fingerprint(key)));
        let docs = vec![doc(DocKind::Setting, "trusted_keys", "", &trusted)];
        self.commit(ChangeSet { docs, audit: vec![event], ..ChangeSet::default() })?;
        Ok(())
    }

    /// Trusts the one of these files' keys that was named by its digits or its fingerprint.
    pub fn trust_signer(&self, who: &Who, files: &[FromFile], given: &str) -> Result<()> {
        let plain = |text: &str| -> String {
            text.chars().filter(char::is_ascii_hexdigit).flat_map(char::to_lowercase).collect()
        };
        let wanted = plain(given);
        let fits = |key: &str| !key.is_empty() && (key == wanted || plain(&fingerprint(key)) == wanted);
        match files.iter().map(|file| &file.key).find(|key| fits(key)) {
            Some(key) => self.trust_key(who, key),
            None => Err(AppError::invalid("trust", "none of the files is signed by the key you were given")),
        }
    }

    /// Whether this key is trusted: the house's own, or one that was trusted by name.
    pub fn trusts(&self, key: &str) -> Result<bool> {
        let trusted: Trusted = self.load(DocKind::Setting, "trusted_keys")?.unwrap_or_default();
        Ok(trusted.keys.iter().any(|one| one == key) || self.public_key()? == key)
    }

    /// Takes entries in. What was written here stands; a reading that came from the same house before is replaced. A
    /// file signed with a key that nobody trusted yet is refused, with the fingerprint to compare.
    pub fn import_model_book(&self, who: &Who, file: &FromFile) -> Result<BookIntake> {
        if !who.role.may_write() {
            return Err(AppError::Refused("a reader cannot write in the model book".to_owned()));
        }
        if !file.key.is_empty() && !self.trusts(&file.key)? {
            return Err(AppError::Refused(format!(
                "signed by a key that is not trusted yet: {}. Compare it with the house that gave it out ({}), then trust it",
                fingerprint(&file.key),
                file.publisher
            )));
        }
        let _writing = lock(&self.state.desk);
        let mut intake = BookIntake {
            publisher: file.publisher.clone(),
            fingerprint: fingerprint(&file.key),
            ..BookIntake::default()
        };
        let mut docs = Vec::new();
        for entry in &file.entries {
            let held: Option<HeldEntry> = match docs.iter().position(|(id, _)| *id == entry.id()) {
                Some(at) => Some(docs.remove(at).1),
                None => self.load(DocKind::ModelBook, &entry.id())?,
            };
            docs.push((entry.id(), merged(held, entry, file, &mut intake)));
        }
        let mut event = self.event(who, "model_book.import", "model book");
        event.after = format!(
            "{} taken, {} the same, {} kept as they were; from {:?}, key {:?}",
            intake.taken.len(),
            intake.same,
            intake.kept.len(),
            file.publisher,
            intake.fingerprint
        );
        let docs = docs.iter().map(|(id, held)| doc(DocKind::ModelBook, id.clone(), "", held)).collect();
        self.commit(ChangeSet { docs, audit: vec![event], ..ChangeSet::default() })?;
        Ok(intake)
    }

    /// Refuses entries that name anything of this house: a device by handle, tag, serial or address, a room, a unit,
    /// a person.
    fn refuse_inventory(&self, entries: &[ModelEntry]) -> Result<()> {
        let mut told = Told::default();
        for entry in entries {
            for (part, text) in entry.texts() {
                told.add(&format!("{} {}, {part}", entry.maker, entry.model), text);
            }
        }
        let mut found = Vec::new();
        for contact in self.contacts()? {
            for (what, text) in [
                ("a contact", &contact.name),
                ("a mail address", &contact.email),
                ("a telephone number", &contact.phone),
            ] {
                found.extend(told.names(what, text));
            }
        }
        for unit in self.units()? {
            for text in [&unit.code, &unit.name] {
                found.extend(told.names("a unit", text));
            }
        }
        for row in self.every_device(&DeviceQuery::default())? {
            let put = &row.put;
            found.extend(told.names("a device", &put.id.to_string()));
            found.extend(told.names("an asset tag", &put.tag));
            found.extend(told.names("a room", &put.room));
            for key in &put.keys {
                if let Key::Mac(mac) = key {
                    found.extend(told.names("a MAC address", &mac.to_string()));
                }
            }
            let stored: StoredDevice = crate::app::parse(DocKind::Setting, &put.id.to_string(), &put.body)?;
            for (what, field) in [("a serial number", Field::Serial), ("a host name", Field::HostName)] {
                found.extend(told.names(what, stored.device.get(field).unwrap_or_default()));
            }
        }
        for held in self.stored_advisories()? {
            if !Label::of(&held.advisory.tlp).may_leave() {
                found.extend(told.names("an advisory that stays inside", &held.advisory.id));
            }
        }
        match found.first() {
            None => Ok(()),
            Some(first) => {
                let more = found.len() - 1;
                let tail = if more == 0 { String::new() } else { format!(" (and {more} more)") };
                Err(AppError::Refused(format!(
                    "the model book leaves the house without anything of the house in it, but {first}{tail}; take it out first"
                )))
            }
        }
    }
}

/// The texts that would leave, ready to be searched for names.
#[derive(Default)]
struct Told {
    words: BTreeSet<String>,
    texts: Vec<(String, String)>,
}

impl Told {
    fn add(&mut self, place: &str, text: &str) {
        let folded = text.to_lowercase();
        let edge = |letter: char| !letter.is_alphanumeric();
        for word in folded.split_whitespace().map(|word| word.trim_matches(edge)) {
            self.words.insert(word.to_owned());
            // `room=204`, `A/204`, `LGH-10001`: the parts count as well as the whole.
            for part in word.split(|letter: char| edge(letter) && !matches!(letter, '-' | '_' | '.')) {
                self.words.insert(part.trim_matches(edge).to_owned());
            }
            self.words.extend(word.split(edge).map(str::to_owned));
        }
        self.texts.push((place.to_owned(), folded));
    }

    /// Where a name of the house stands, if it does. A single character says nothing.
    fn names(&self, what: &str, name: &str) -> Option<String> {
        let folded = name.trim().to_lowercase();
        let trimmed = folded.trim_matches(|letter: char| !letter.is_alphanumeric());
        if trimmed.chars().count() < 2 {
            return None;
        }
        let single = !folded.contains(char::is_whitespace);
        let whole =
            trimmed.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.'));
        if single && whole && !self.words.contains(trimmed) {
            return None;
        }
        let (place, _) = self.texts.iter().find(|(_, text)| holds_word(text, trimmed))?;
        Some(format!("{place} names {what} of it ({})", name.trim()))
    }
}

/// Whether `text` has `name` in it with no letter or digit right before or behind.
fn holds_word(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let behind = text[at + name.len()..].chars().next();
        ![before, behind].into_iter().flatten().any(char::is_alphanumeric)
    })
}

/// What stands after another house's entry was laid beside ours.
fn merged(
    held: Option<HeldEntry>,
    entry: &ModelEntry,
    file: &FromFile,
    intake: &mut BookIntake,
) -> HeldEntry {
    let mut held = held.unwrap_or_else(|| HeldEntry {
        entry: ModelEntry::new(&entry.maker, &entry.model),
        taken: std::collections::BTreeMap::new(),
    });
    let named = |what: &str| format!("{} {}: {what}", entry.maker, entry.model);
    let theirs = |written: &Written| Written {
        by: if file.publisher.is_empty() { "another house".to_owned() } else { file.publisher.clone() },
        ..written.clone()
    };
    for one in &entry.readings {
        let id = reading_id(one.field, &one.component);
        let what = named(one.field.label());
        let mut fresh = one.clone();
        fresh.written = theirs(&one.written);
        let place = held.entry.readings.iter().position(|old| reading_id(old.field, &old.component) == id);
        match place.map(|at| &mut held.entry.readings[at]) {
            Some(old) if (&old.path, old.when, old.minutes) == (&one.path, one.when, one.minutes) => {
                intake.same += 1;
            }
            // An unsigned file has no house behind it, so nothing shows that this one is the same house.
            Some(old) if !file.key.is_empty() && held.taken.get(&id) == Some(&file.key) => {
                *old = fresh;
                intake.taken.push(what);
            }
            Some(_) => intake.kept.push(what),
            None => {
                held.entry.readings.push(fresh);
                held.taken.insert(id, file.key.clone());
                intake.taken.push(what);
            }
        }
    }
    held.entry.readings.sort_by(|a, b| (a.field, &a.component).cmp(&(b.field, &b.component)));
    let mut note = |ours: &mut String, new: &String, what: &str| -> bool {
        if new.is_empty() || ours == new {
            intake.same += usize::from(!new.is_empty());
            return false;
        }
        if !ours.is_empty() {
            intake.kept.push(named(what));
            return false;
        }
        ours.clone_from(new);
        intake.taken.push(named(what));
        true
    };
    let wipe = note(&mut held.entry.wipe, &entry.wipe, "how to wipe");
    let care = note(&mut held.entry.maintenance, &entry.maintenance, "maintenance");
    if held.entry.model_number.is_empty() {
        held.entry.model_number.clone_from(&entry.model_number);
    }
    let services = !entry.services.is_empty() && held.entry.services != entry.services;
    if services && held.entry.services.is_empty() {
        held.entry.services.clone_from(&entry.services);
        intake.taken.push(named("what it talks to"));
    } else if services {
        intake.kept.push(named("what it talks to"));
    }
    if wipe || care || held.entry.written == Written::default() {
        held.entry.written = theirs(&entry.written);
    }
    held
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Told {
        let mut told = Told::default();
        told.add("here", text);
        told
    }

    #[test]
    fn names_are_found_however_they_are_set() {
        for (text, name) in [
            ("as on D1042, menu", "D1042"),
            ("tag LGH-10001.", "LGH-10001"),
            ("see (lgh-10001)", "LGH-10001"),
            ("room=204", "204"),
            ("A/204", "204"),
            ("ask Dana Reyes", "Dana Reyes"),
            ("mail dana@x.example now", "dana@x.example"),
            ("call 555-0123", "555-0123"),
            ("serial #HM800123#", "HM800123"),
        ] {
            assert!(told(text).names("it", name).is_some(), "{text:?} names {name:?}");
        }
        for (text, name) in [("port 2040", "204"), ("the screen", "ED"), ("press 1", "1"), ("x", "")] {
            assert!(told(text).names("it", name).is_none(), "{text:?} does not name {name:?}");
        }
    }
}
