//! An entry of the model book: the open form, and what it may hold.

use crate::error::{AppError, Result};
use serde::{Deserialize, Serialize};
use tallyward_core::Field;

/// What an entry's file calls itself.
pub const FORMAT: &str = "tallyward model book 1";

/// The longest text of an entry, characters.
const LONGEST: usize = 2_000;
/// The most readings or services of one model.
const MOST: usize = 200;
/// The most minutes a reading takes: a working day.
const MOST_MINUTES: u32 = 480;

/// When a field may be read off a device. Nobody's word means [`Self::NotOnPatient`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MayRead {
    /// While it is in use, on a patient too.
    WhileInUse,
    /// Not while it is on a patient.
    #[default]
    NotOnPatient,
    /// In service mode only, which is never entered while it is on a patient.
    ServiceMode,
}

impl MayRead {
    /// All, the freest first.
    pub const ALL: [Self; 3] = [Self::WhileInUse, Self::NotOnPatient, Self::ServiceMode];

    /// The stored name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::WhileInUse => "while_in_use",
            Self::NotOnPatient => "not_on_patient",
            Self::ServiceMode => "service_mode",
        }
    }

    /// In plain words.
    #[must_use]
    pub const fn plain(self) -> &'static str {
        match self {
            Self::WhileInUse => "while in use",
            Self::NotOnPatient => "not while on a patient",
            Self::ServiceMode => "service mode only, never while on a patient",
        }
    }

    /// Reads [`Self::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }
}

/// Where a piece of an entry comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Written {
    /// Who wrote it: a person of this house, or the house that gave it out.
    pub by: String,
    /// ISO date.
    pub on: String,
    /// The document it was taken from, or `read on the device`.
    pub document: String,
}

/// Where to read one field of a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// The field.
    pub field: Field,
    /// Of which component, for a component's version; else empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub component: String,
    /// The way to the screen or label, in our own words.
    pub path: String,
    /// Whether it may be read while in use.
    #[serde(default)]
    pub when: MayRead,
    /// Minutes it takes at the device, when somebody has timed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u32>,
    /// Who wrote it, when, from what document.
    #[serde(default)]
    pub written: Written,
}

/// A service a model offers or uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Name, such as DICOM.
    pub name: String,
    /// Port, 0 when it has none.
    #[serde(default)]
    pub port: u16,
    /// `tcp` or `udp`, empty when not known.
    #[serde(default)]
    pub transport: String,
    /// Which kind of system it talks to, and what for.
    #[serde(default)]
    pub with: String,
}

/// What is known of one model. Nothing of the devices a house has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelEntry {
    /// [`FORMAT`].
    pub format: String,
    /// Maker.
    pub maker: String,
    /// Model.
    pub model: String,
    /// Model number, when the entry is about one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub model_number: String,
    /// Where to read what.
    #[serde(default)]
    pub readings: Vec<Reading>,
    /// How to wipe it of patient data, keys and settings.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub wipe: String,
    /// What it talks to.
    #[serde(default)]
    pub services: Vec<Service>,
    /// Notes for maintenance.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub maintenance: String,
    /// Who wrote the entry's notes, when, from what document.
    #[serde(default)]
    pub written: Written,
}

/// The id of a model's entry: letters and digits of maker and model, so that spelling does not split it.
#[must_use]
pub fn entry_id(maker: &str, model: &str) -> String {
    let fold = |text: &str| -> String {
        text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    format!("{}-{}", fold(maker), fold(model))
}

impl ModelEntry {
    /// An entry with nothing in it yet.
    #[must_use]
    pub fn new(maker: &str, model: &str) -> Self {
        Self {
            format: FORMAT.to_owned(),
            maker: maker.to_owned(),
            model: model.to_owned(),
            model_number: String::new(),
            readings: Vec::new(),
            wipe: String::new(),
            services: Vec::new(),
            maintenance: String::new(),
            written: Written::default(),
        }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> String {
        entry_id(&self.maker, &self.model)
    }

    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let notes = [&self.wipe, &self.maintenance, &self.model_number];
        self.readings.is_empty() && self.services.is_empty() && notes.iter().all(|note| note.is_empty())
    }

    /// Where to read a field; of a component, the one named, whatever the case of its letters.
    #[must_use]
    pub fn reading(&self, field: Field, component: &str) -> Option<&Reading> {
        self.readings
            .iter()
            .find(|one| one.field == field && one.component.to_lowercase() == component.to_lowercase())
    }

    /// Reads one entry from its file.
    ///
    /// # Errors
    /// When it is no entry, or holds what an entry cannot; says which part.
    pub fn read(file: &str, bytes: &[u8]) -> Result<Self> {
        let entry: Self = serde_json::from_slice(bytes)
            .map_err(|error| AppError::invalid(file, format!("it is no entry of a model book: {error}")))?;
        entry.check(file)?;
        Ok(entry)
    }

    /// Refuses what an entry cannot hold.
    ///
    /// # Errors
    /// The first part that is wrong.
    pub fn check(&self, file: &str) -> Result<()> {
        let refuse = |why: String| Err(AppError::invalid(file, why));
        if self.format != FORMAT {
            return refuse(format!("expected the format {FORMAT:?}, found {:?}", shortened(&self.format)));
        }
        if self.id().starts_with('-') || self.id().ends_with('-') {
            return refuse("an entry names its maker and its model".to_owned());
        }
        if self.readings.len() > MOST || self.services.len() > MOST {
            return refuse(format!("more than {MOST} readings or services of one model"));
        }
        for (part, text) in self.texts() {
            if text.chars().count() > LONGEST {
                return refuse(format!("{part} is longer than {LONGEST} characters"));
            }
            if text.chars().any(|letter| letter.is_control() && letter != '\n') {
                return refuse(format!("{part} holds control characters"));
            }
        }
        for (at, one) in self.readings.iter().enumerate() {
            let place = format!("reading {} ({})", at + 1, one.field.label());
            if one.path.trim().is_empty() {
                return refuse(format!("{place} does not say where"));
            }
            if one.minutes.is_some_and(|minutes| minutes == 0 || minutes > MOST_MINUTES) {
                return refuse(format!("{place} takes between 1 and {MOST_MINUTES} minutes"));
            }
            let twice = |other: &&Reading| other.field == one.field && other.component == one.component;
            if self.readings.iter().filter(twice).count() > 1 {
                return refuse(format!("{place} is there twice"));
            }
        }
        Ok(())
    }

    /// Every text of the entry with the name of its part.
    #[must_use]
    pub fn texts(&self) -> Vec<(String, &str)> {
        let mut texts: Vec<(String, &str)> = vec![
            ("maker".to_owned(), &self.maker),
            ("model".to_owned(), &self.model),
            ("model number".to_owned(), &self.model_number),
            ("how to wipe".to_owned(), &self.wipe),
            ("maintenance".to_owned(), &self.maintenance),
        ];
        for (place, written) in std::iter::once(("the entry", &self.written))
            .chain(self.readings.iter().map(|one| (one.field.label(), &one.written)))
        {
            texts.push((format!("who wrote {place}"), &written.by));
            texts.push((format!("when {place} was written"), &written.on));
            texts.push((format!("the document of {place}"), &written.document));
        }
        for one in &self.readings {
            texts.push((format!("where to read {}", one.field.label()), &one.path));
            texts.push((format!("the component of {}", one.field.label()), &one.component));
        }
        for one in &self.services {
            texts.push(("the name of a service".to_owned(), &one.name));
            texts.push((format!("the transport of {}", one.name), &one.transport));
            texts.push((format!("what {} talks to", one.name), &one.with));
        }
        texts
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}
