//! The facts of a device that a verdict depends on.

use serde::{Deserialize, Serialize};
use tallyward_core::device::{Device, Held, Voice};
use tallyward_core::evidence::SourceKind;
use tallyward_core::field::Field;
use tallyward_core::time::Timestamp;
use tallyward_identity::aliases::{Aliases, How};
use tallyward_identity::classify::{is_conclusion, stated};
use tallyward_identity::udi::normal_gtin;

/// Whether the software version is known, and recently enough to rest a *not affected* on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VersionState {
    /// Known and recent.
    Fresh,
    /// Known, but too old to clear a device.
    Stale,
    /// Not known.
    #[default]
    Missing,
}

/// A part inside a device that has a version of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Component {
    /// Its name, such as `wireless battery module`.
    pub name: String,
    /// Its version; empty when not known.
    pub version: String,
    /// Whether the statement is too old to clear a device.
    #[serde(default)]
    pub stale: bool,
}

impl Component {
    /// Reads `name version`: the last word is the version when it has a digit. A text of one word is a name.
    #[must_use]
    pub fn read(text: &str, stale: bool) -> Self {
        let text = text.trim();
        let (name, version) = match text.rsplit_once(char::is_whitespace) {
            Some((name, last)) if last.bytes().any(|byte| byte.is_ascii_digit()) => (name.trim_end(), last),
            _ => (text, ""),
        };
        Self { name: name.to_owned(), version: version.to_owned(), stale }
    }
}

/// The facts of a device that a verdict depends on. Devices with equal configurations have equal verdicts.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Configuration {
    /// Canonical maker; empty when not known.
    pub maker: String,
    /// Canonical model, or the model as written when no table knows it; empty when not known.
    pub model: String,
    /// Model or catalogue number; empty when not known.
    #[serde(default)]
    pub model_number: String,
    /// What lists call the device. Kept only when there is no model: it then may say which one it is.
    #[serde(default)]
    pub description: String,
    /// Software version; empty when not known.
    #[serde(default)]
    pub software_version: String,
    /// Whether that version is recent enough.
    #[serde(default)]
    pub version_state: VersionState,
    /// Hardware version; empty when not known.
    #[serde(default)]
    pub hardware_version: String,
    /// Components, ordered.
    #[serde(default)]
    pub components: Vec<Component>,
    /// Operating system; empty when not known.
    #[serde(default)]
    pub operating_system: String,
    /// Whether what is known of the operating system is too old to clear a device.
    #[serde(default)]
    pub operating_system_stale: bool,
    /// Date of manufacture, ISO; empty when not known.
    #[serde(default)]
    pub manufacture_date: String,
    /// Serial number. `None` when no clause about its product asks for it, so that it tells no devices apart
    /// ([`crate::Matcher::relevant`]); empty when one does and none is on file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// UDI device identifier, a GTIN as 14 digits. `None` when no document names it or its product by one; empty when
    /// one does and none is on file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub di: Option<String>,
}

impl Configuration {
    /// The configuration of a device at `as_of`. `version_max_age_days` is how old a version may be, in days of 24
    /// hours, before it no longer clears the device; it depends on the device's class.
    #[must_use]
    pub fn of(device: &Device, aliases: &Aliases, version_max_age_days: i64, as_of: Timestamp) -> Self {
        let text = |field| device.get(field).map(str::trim).unwrap_or_default().to_owned();
        // What rules conclude may touch a device and never clears one, like a reading that is too old.
        let is_old = |voice: &Voice| {
            voice.stale || as_of.days_since(voice.last) > version_max_age_days || is_conclusion(voice)
        };
        let held_old = |held: &Held| held.support.first().is_none_or(is_old);
        // A version of Windows as NTLM carries it is a guess of the reader: macOS and Samba send one too.
        let guessed = |held: &Held| !held.support.iter().any(|voice| voice.source.kind != SourceKind::Guess);
        let (maker, model, model_number) = names(device, aliases);
        let software_version = text(Field::SoftwareVersion);
        let version_state = match device.fields.get(&Field::SoftwareVersion) {
            _ if software_version.is_empty() => VersionState::Missing,
            Some(held) if !held_old(held) => VersionState::Fresh,
            _ => VersionState::Stale,
        };
        let mut components = Vec::new();
        for field in [Field::ComponentVersion, Field::DicomToolkit] {
            if let Some(held) = device.fields.get(&field) {
                components.push(Component::read(&held.value, held_old(held)));
                components.extend(held.also.iter().map(|voice| Component::read(&voice.value, is_old(voice))));
            }
        }
        components.retain(|component| !component.name.is_empty());
        components.sort();
        components.dedup();
        // A model that was only concluded may say which product it is, and never says it is none.
        let concluded = match stated(device, Field::Model) {
            None => text(Field::Model),
            Some(_) => String::new(),
        };
        let description = [text(Field::Description), concluded].join(" ").trim().to_owned();
        Self {
            description: if model.is_empty() { description } else { String::new() },
            maker,
            model,
            model_number,
            software_version,
            version_state,
            hardware_version: text(Field::HardwareVersion),
            components,
            operating_system: text(Field::OperatingSystem),
            operating_system_stale: device
                .fields
                .get(&Field::OperatingSystem)
                .is_some_and(|held| held_old(held) || guessed(held)),
            manufacture_date: text(Field::ManufactureDate),
            serial: Some(text(Field::Serial)),
            di: Some(device.get(Field::Di).map(str::trim).and_then(normal_gtin).unwrap_or_default()),
        }
    }

    /// Only what says which product it is: names and numbers, without versions, ages and dates.
    #[must_use]
    pub fn naming(&self) -> Self {
        let bare = |component: &Component| Component { name: component.name.clone(), ..Component::default() };
        Self {
            maker: self.maker.clone(),
            model: self.model.clone(),
            model_number: self.model_number.clone(),
            description: self.description.clone(),
            operating_system: self.operating_system.clone(),
            components: self.components.iter().map(bare).collect(),
            serial: self.serial.clone(),
            di: self.di.clone(),
            ..Self::default()
        }
    }

    /// Without every statement that is too old to clear a device.
    #[must_use]
    pub fn fresh_only(&self) -> Self {
        let mut fresh = self.clone();
        if fresh.version_state != VersionState::Fresh {
            fresh.software_version.clear();
            fresh.version_state = VersionState::Missing;
        }
        fresh.components.retain(|component| !component.stale);
        if fresh.operating_system_stale {
            fresh.operating_system.clear();
        }
        fresh
    }

    /// Whether anything in it is too old to clear a device.
    #[must_use]
    pub fn has_stale(&self) -> bool {
        self.version_state == VersionState::Stale
            || self.operating_system_stale
            || self.components.iter().any(|component| component.stale)
    }
}

/// Canonical maker and model, and the model number. A model number that the tables know names the model when
/// nothing else does.
fn names(device: &Device, aliases: &Aliases) -> (String, String, String) {
    // A concluded name counts for nothing here: by a wrong maker a product would be taken for another.
    let text = |field| stated(device, field).map(str::trim).filter(|text| !text.is_empty());
    let maker =
        text(Field::Manufacturer).map(|maker| aliases.canonical_maker(maker).name).unwrap_or_default();
    let number = text(Field::ModelNumber).unwrap_or_default();
    let by_name = text(Field::Model).map(|model| aliases.canonical_model(&maker, model));
    let by_number = || aliases.canonical_model(&maker, number);
    let model = match by_name {
        Some(named) if named.how != How::Unknown => named.name,
        Some(named) => match by_number() {
            numbered if numbered.how != How::Unknown => numbered.name,
            _ => named.name,
        },
        None => match by_number() {
            numbered if numbered.how != How::Unknown => numbered.name,
            _ => String::new(),
        },
    };
    (maker, model, number.to_owned())
}

/// One sentence on where the software version comes from and how old it is, for beside a finding:
/// `This device has 8.2.1 (DICOM C-STORE, 3 days ago).`
#[must_use]
pub fn spoken_version(device: &Device, as_of: Timestamp) -> String {
    let Some(held) = device.fields.get(&Field::SoftwareVersion) else {
        return "Nobody has recorded this device's software version.".to_owned();
    };
    match held.support.first() {
        Some(voice) => {
            format!(
                "This device has {} ({}, {}).",
                held.value,
                voice.basis,
                ago(as_of.days_since(voice.last))
            )
        }
        None => format!("This device has {}.", held.value),
    }
}

fn ago(days: i64) -> String {
    match days {
        ..=0 => "today".to_owned(),
        1 => "yesterday".to_owned(),
        _ => format!("{days} days ago"),
    }
}
