//! The model book: what is known of a model, apart from any device. Where to read a version and when that may be
//! done, how to wipe, what it talks to. Written here, or taken over from other houses; handed out without anything
//! of the house in it.

mod entry;
mod share;

pub use entry::{FORMAT, MayRead, ModelEntry, Reading, Service, Written, entry_id};
pub use share::{BookIntake, FromFile};

use crate::App;
use crate::app::{doc, json, lock, removal};
use crate::change::{ChangeSet, DocKind};
use crate::error::{AppError, Result};
use crate::who::Who;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tallyward_core::Field;

/// An entry as the house keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldEntry {
    /// The entry.
    pub entry: ModelEntry,
    /// Ids of readings (`field component`) that came from another house, with the key that signed them; empty for a
    /// file nobody signed.
    #[serde(default)]
    pub taken: BTreeMap<String, String>,
}

/// What is written of a model apart from readings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    /// Model number, when the entry is about one.
    pub model_number: String,
    /// How to wipe it.
    pub wipe: String,
    /// What it talks to.
    pub services: Vec<Service>,
    /// For maintenance.
    pub maintenance: String,
    /// The document it is taken from.
    pub document: String,
}

/// The model book in memory, by entry id.
#[derive(Clone, Debug, Default)]
pub(crate) struct Book(BTreeMap<String, ModelEntry>);

impl Book {
    /// Where to read a field of a model, when somebody has written it down.
    pub(crate) fn reading(
        &self,
        maker: &str,
        model: &str,
        field: Field,
        component: &str,
    ) -> Option<&Reading> {
        self.0.get(&entry_id(maker, model))?.reading(field, component)
    }
}

/// A line of the book's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BookLine {
    /// Entry id.
    pub id: String,
    /// Maker.
    pub maker: String,
    /// Model.
    pub model: String,
    /// Labels of the fields it says how to read.
    pub reads: Vec<String>,
    /// Whether it says how to wipe.
    pub wipe: bool,
    /// Services it names.
    pub services: usize,
}

pub(crate) fn reading_id(field: Field, component: &str) -> String {
    format!("{} {}", field.code(), component.to_lowercase()).trim().to_owned()
}

impl App {
    /// Every entry, in order of maker and model.
    pub fn model_book(&self) -> Result<Vec<BookLine>> {
        let mut lines: Vec<BookLine> = self
            .load_all::<HeldEntry>(DocKind::ModelBook, None)?
            .into_iter()
            .map(|held| BookLine {
                id: held.entry.id(),
                reads: held.entry.readings.iter().map(|one| one.field.label().to_owned()).collect(),
                wipe: !held.entry.wipe.is_empty(),
                services: held.entry.services.len(),
                maker: held.entry.maker,
                model: held.entry.model,
            })
            .collect();
        lines.sort_by(|a, b| (&a.maker, &a.model).cmp(&(&b.maker, &b.model)));
        Ok(lines)
    }

    /// One entry; none when nobody has written one.
    pub fn model_entry(&self, maker: &str, model: &str) -> Result<Option<HeldEntry>> {
        self.load(DocKind::ModelBook, &entry_id(maker, model))
    }

    /// One entry by its id.
    pub fn model_entry_of(&self, id: &str) -> Result<HeldEntry> {
        self.load(DocKind::ModelBook, id)?.ok_or_else(|| AppError::not_found("entry of the model book", id))
    }

    /// The entry of a model under the names this house uses; an empty one when nobody has written any.
    pub fn model_entry_for(&self, maker: &str, model: &str) -> Result<ModelEntry> {
        let (maker, model) = self.house_names(maker, model);
        let held = self.model_entry(&maker, &model)?;
        Ok(held.map_or_else(|| ModelEntry::new(&maker, &model), |held| held.entry))
    }

    /// Writes down where to read a field of a model. A reading without a path takes the field out of the entry.
    pub fn write_reading(&self, who: &Who, maker: &str, model: &str, reading: Reading) -> Result<()> {
        self.change_entry(who, maker, model, |entry, today| {
            let id = reading_id(reading.field, &reading.component);
            let others = entry.readings.iter().filter(|one| reading_id(one.field, &one.component) != id);
            let mut readings: Vec<Reading> = others.cloned().collect();
            if !reading.path.trim().is_empty() {
                let document = reading.written.document.clone();
                readings.push(Reading { written: today(document), ..reading.clone() });
                readings.sort_by(|a, b| (a.field, &a.component).cmp(&(b.field, &b.component)));
            }
            entry.readings = readings;
            Some(id)
        })
    }

    /// Writes down how to wipe a model, what it talks to, and notes for its maintenance.
    pub fn write_notes(&self, who: &Who, maker: &str, model: &str, notes: Notes) -> Result<()> {
        self.change_entry(who, maker, model, |entry, today| {
            entry.model_number.clone_from(&notes.model_number);
            entry.wipe.clone_from(&notes.wipe);
            entry.services.clone_from(&notes.services);
            entry.maintenance.clone_from(&notes.maintenance);
            entry.written = today(notes.document.clone());
            None
        })
    }

    /// Changes one entry. What changed bears the writer's name and the date; an entry with nothing in it goes.
    fn change_entry(
        &self,
        who: &Who,
        maker: &str,
        model: &str,
        change: impl FnOnce(&mut ModelEntry, &dyn Fn(String) -> Written) -> Option<String>,
    ) -> Result<()> {
        if !who.role.may_write() {
            return Err(AppError::Refused("a reader cannot write in the model book".to_owned()));
        }
        let (maker, model) = self.house_names(maker, model);
        let _writing = lock(&self.state.desk);
        let before = self.model_entry(&maker, &model)?;
        let mut held = before
            .clone()
            .unwrap_or_else(|| HeldEntry { entry: ModelEntry::new(&maker, &model), taken: BTreeMap::new() });
        let today = |document: String| Written { by: who.name.clone(), on: self.now().date(), document };
        if let Some(id) = change(&mut held.entry, &today) {
            held.taken.remove(&id);
        }
        held.entry.check("entry")?;
        let id = held.entry.id();
        let nothing = held.entry.is_empty();
        let mut event = self.event(who, "model_book.write", format!("model {id}"));
        event.before = before.as_ref().map(|held| json(&held.entry)).unwrap_or_default();
        event.after = if nothing { String::new() } else { json(&held.entry) };
        let put = if nothing {
            removal(DocKind::ModelBook, id, "")
        } else {
            doc(DocKind::ModelBook, id, "", &held)
        };
        self.commit(ChangeSet { docs: vec![put], audit: vec![event], ..ChangeSet::default() })?;
        Ok(())
    }

    /// Maker and model as devices of this house are known by.
    fn house_names(&self, maker: &str, model: &str) -> (String, String) {
        (self.aliases.canonical_maker(maker).name, self.aliases.canonical_model(maker, model).name)
    }

    /// The whole book, for looking up.
    pub(crate) fn book(&self) -> Result<Book> {
        let entries = self.load_all::<HeldEntry>(DocKind::ModelBook, None)?;
        Ok(Book(entries.into_iter().map(|held| (held.entry.id(), held.entry)).collect()))
    }
}
