//! The tables a hospital signs off: complete, versioned, replaceable.

use crate::axis::{
    Automatable, BodTimeline, Channel, Exploitation, Exposure, HumanImpact, InKev, PubliclyExposed,
    TechnicalImpact,
};
use crate::class::DeviceClass;
use crate::table::{Raw, hex};
use crate::table_readers::{
    read_ages, read_bedside, read_bod, read_channels, read_classes, read_defaults, read_impact, read_ladder,
    read_levels, read_ssvc, read_tiers, read_words,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use tallyward_core::{ClinicalLevel, SsvcOutcome, Tier};

/// A table that was refused; the message says which, where and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("table {table}{}: {why}", if *line > 0 { format!(", line {line}") } else { String::new() })]
pub struct TableError {
    /// Name of the table, such as `tiers`.
    pub table: String,
    /// Line in the file, from 1; 0 when it is about the whole table.
    pub line: u64,
    /// What was wrong and what was expected.
    pub why: String,
}

/// What a sign-off page shows of one table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableInfo {
    /// Name, such as `tiers`.
    pub name: String,
    /// Version line.
    pub version: String,
    /// Source line.
    pub source: String,
    /// What holds for an input that is not known.
    pub default: String,
    /// SHA-256 of the content, hexadecimal.
    pub hash: String,
    /// Number of rows.
    pub rows: usize,
    /// Whether the hospital replaced the one that ships.
    pub replaced: bool,
}

/// The words for a device class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassRow {
    /// One of it: `infusion pump`.
    pub one: String,
    /// Several: `infusion pumps`.
    pub many: String,
    /// Profession that operates it across units; empty when the unit's own nurses do.
    pub profession: String,
}

/// Clinical levels of a device class by what the flaw can touch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelRow {
    /// Therapy touched.
    pub therapy: ClinicalLevel,
    /// Diagnosis touched.
    pub diagnosis: ClinicalLevel,
    /// Monitoring or alarms touched.
    pub monitoring: ClinicalLevel,
    /// Privacy touched.
    pub privacy: ClinicalLevel,
    /// What it could do to a patient, completing "a flaw …"; empty when nobody can say.
    pub harm: String,
}

impl LevelRow {
    /// The worst level when the working of the device is touched.
    #[must_use]
    pub fn function(&self) -> ClinicalLevel {
        self.therapy.max(self.diagnosis).max(self.monitoring)
    }
}

/// What there is to do at the bedside for a device class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BedsideRow {
    /// Whether there is anything.
    pub something_to_do: bool,
    /// At most three short orders.
    pub steps: Vec<String>,
}

/// One tier's name and ladder, in minutes after sending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rung {
    /// Name on the message, such as `Act now`.
    pub name: String,
    /// An acknowledgement is due within.
    pub acknowledge_within: Option<u32>,
    /// The one reminder goes out after.
    pub reminder_after: Option<u32>,
    /// The one escalation goes out after.
    pub escalation_after: Option<u32>,
}

/// A default for an input nobody knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DefaultRow {
    pub value: String,
    pub because: String,
}

/// After how many days something counts as not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgeRow {
    /// Days, at least 1.
    pub days: i64,
    /// Why, completing "because …".
    pub because: String,
}

pub(crate) type SsvcKey = (Exploitation, Exposure, Automatable, HumanImpact);

pub(crate) type BodKey = (InKev, PubliclyExposed, Automatable, TechnicalImpact);

/// Every table of this room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tables {
    infos: Vec<TableInfo>,
    pub(crate) ssvc: BTreeMap<SsvcKey, SsvcOutcome>,
    pub(crate) bod: BTreeMap<BodKey, BodTimeline>,
    pub(crate) impact: BTreeMap<ClinicalLevel, HumanImpact>,
    pub(crate) tiers: BTreeMap<(ClinicalLevel, SsvcOutcome), Tier>,
    pub(crate) channels: BTreeMap<(Tier, bool), Channel>,
    levels: BTreeMap<DeviceClass, LevelRow>,
    bedside: BTreeMap<DeviceClass, BedsideRow>,
    classes: BTreeMap<DeviceClass, ClassRow>,
    ladder: BTreeMap<Tier, Rung>,
    pub(crate) defaults: BTreeMap<String, DefaultRow>,
    ages: BTreeMap<String, AgeRow>,
    pub(crate) words: BTreeMap<String, u32>,
}

const FILES: [(&str, &str); 12] = [
    ("ssvc_deployer", include_str!("../data/ssvc_deployer.csv")),
    ("bod_26_04", include_str!("../data/bod_26_04.csv")),
    ("human_impact", include_str!("../data/human_impact.csv")),
    ("tiers", include_str!("../data/tiers.csv")),
    ("channels", include_str!("../data/channels.csv")),
    ("clinical_levels", include_str!("../data/clinical_levels.csv")),
    ("bedside_actions", include_str!("../data/bedside_actions.csv")),
    ("classes", include_str!("../data/classes.csv")),
    ("ladder", include_str!("../data/ladder.csv")),
    ("defaults", include_str!("../data/defaults.csv")),
    ("ages", include_str!("../data/ages.csv")),
    ("words", include_str!("../data/words.csv")),
];

impl Tables {
    /// The tables that ship.
    ///
    /// # Panics
    /// Never: a test reads every builtin table.
    #[must_use]
    pub fn builtin() -> Self {
        Self::from_overrides([]).expect("the builtin tables are complete, a test reads them")
    }

    /// The builtin tables with some replaced, each given as its name (`tiers`) and its whole CSV text. Names
    /// are those of [`Tables::names`].
    ///
    /// # Errors
    /// An unknown name; a table without version, source or default line; a cell that is no code; a combination
    /// missing or given twice; a tier matrix in which a worse level or outcome is calmer.
    pub fn from_overrides<'a>(
        overrides: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, TableError> {
        let mut texts: BTreeMap<&str, (&str, bool)> =
            FILES.iter().map(|(name, text)| (*name, (*text, false))).collect();
        for (name, text) in overrides {
            let Some(slot) = texts.get_mut(name) else {
                let why = format!("is not known, expected one of {}", Self::names().join(", "));
                return Err(TableError { table: name.to_owned(), line: 0, why });
            };
            *slot = (text, true);
        }
        let text = |name: &str| texts.get(name).map_or("", |(text, _)| *text);
        let mut infos = Vec::new();
        let mut note = |raw: &Raw| {
            let replaced = texts.get(raw.name).is_some_and(|(_, replaced)| *replaced);
            infos.push(raw.info(replaced));
        };
        let tables = Self {
            ssvc: read_ssvc(text("ssvc_deployer"), &mut note)?,
            bod: read_bod(text("bod_26_04"), &mut note)?,
            impact: read_impact(text("human_impact"), &mut note)?,
            tiers: read_tiers(text("tiers"), &mut note)?,
            channels: read_channels(text("channels"), &mut note)?,
            levels: read_levels(text("clinical_levels"), &mut note)?,
            bedside: read_bedside(text("bedside_actions"), &mut note)?,
            classes: read_classes(text("classes"), &mut note)?,
            ladder: read_ladder(text("ladder"), &mut note)?,
            defaults: read_defaults(text("defaults"), &mut note)?,
            ages: read_ages(text("ages"), &mut note)?,
            words: read_words(text("words"), &mut note)?,
            infos: Vec::new(),
        };
        Ok(Self { infos, ..tables })
    }

    /// Names of all tables.
    #[must_use]
    pub fn names() -> Vec<&'static str> {
        FILES.iter().map(|(name, _)| *name).collect()
    }

    /// The CSV text that ships under `name`, to start an override from.
    #[must_use]
    pub fn builtin_text(name: &str) -> Option<&'static str> {
        FILES.iter().find(|(own, _)| *own == name).map(|(_, text)| *text)
    }

    /// Version, source, default and hash of each.
    #[must_use]
    pub fn infos(&self) -> &[TableInfo] {
        &self.infos
    }

    /// SHA-256 over the hashes of all tables, hexadecimal: what a sign-off is of.
    #[must_use]
    pub fn hash(&self) -> String {
        let mut digest = Sha256::new();
        for info in &self.infos {
            digest.update(info.name.as_bytes());
            digest.update(b" ");
            digest.update(info.hash.as_bytes());
            digest.update(b"\n");
        }
        hex(&digest.finalize())
    }

    /// Clinical levels of a class.
    #[must_use]
    pub fn level(&self, class: DeviceClass) -> &LevelRow {
        &self.levels[&class]
    }

    /// What to do at the bedside for a class.
    #[must_use]
    pub fn bedside(&self, class: DeviceClass) -> &BedsideRow {
        &self.bedside[&class]
    }

    /// Words for a class.
    #[must_use]
    pub fn class(&self, class: DeviceClass) -> &ClassRow {
        &self.classes[&class]
    }

    /// The row of the table of ages: `kev`, `epss`, `no_known_attack` or `conversations`.
    #[must_use]
    pub fn age(&self, what: &str) -> &AgeRow {
        &self.ages[what]
    }

    /// What is taken for an input nobody knows, as the table of defaults writes it, and why.
    #[must_use]
    pub fn default_of(&self, input: &str) -> Option<(&str, &str)> {
        self.defaults.get(input).map(|row| (row.value.as_str(), row.because.as_str()))
    }

    /// Name and ladder of a tier.
    #[must_use]
    pub fn rung(&self, tier: Tier) -> &Rung {
        &self.ladder[&tier]
    }
}

impl Raw {
    fn info(&self, replaced: bool) -> TableInfo {
        TableInfo {
            name: self.name.to_owned(),
            version: self.version.clone(),
            source: self.source.clone(),
            default: self.default.clone(),
            hash: self.hash.clone(),
            rows: self.rows.len(),
            replaced,
        }
    }
}

#[cfg(test)]
#[path = "published_tests.rs"]
mod published;

#[cfg(test)]
#[path = "tables_tests.rs"]
mod tests;
