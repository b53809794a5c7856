//! The tables a hospital signs off: complete, versioned, replaceable.

use crate::axis::{Automatable, Channel, Exploitation, Exposure, HumanImpact};
use crate::class::DeviceClass;
use crate::table::{Raw, hex};
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

type SsvcKey = (Exploitation, Exposure, Automatable, HumanImpact);

/// Every table of this room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tables {
    infos: Vec<TableInfo>,
    pub(crate) ssvc: BTreeMap<SsvcKey, SsvcOutcome>,
    pub(crate) impact: BTreeMap<ClinicalLevel, HumanImpact>,
    pub(crate) tiers: BTreeMap<(ClinicalLevel, SsvcOutcome), Tier>,
    pub(crate) channels: BTreeMap<(Tier, bool), Channel>,
    levels: BTreeMap<DeviceClass, LevelRow>,
    bedside: BTreeMap<DeviceClass, BedsideRow>,
    classes: BTreeMap<DeviceClass, ClassRow>,
    ladder: BTreeMap<Tier, Rung>,
    pub(crate) defaults: BTreeMap<String, DefaultRow>,
    pub(crate) words: BTreeMap<String, u32>,
}

const FILES: [(&str, &str); 10] = [
    ("ssvc_deployer", include_str!("../data/ssvc_deployer.csv")),
    ("human_impact", include_str!("../data/human_impact.csv")),
    ("tiers", include_str!("../data/tiers.csv")),
    ("channels", include_str!("../data/channels.csv")),
    ("clinical_levels", include_str!("../data/clinical_levels.csv")),
    ("bedside_actions", include_str!("../data/bedside_actions.csv")),
    ("classes", include_str!("../data/classes.csv")),
    ("ladder", include_str!("../data/ladder.csv")),
    ("defaults", include_str!("../data/defaults.csv")),
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
            impact: read_impact(text("human_impact"), &mut note)?,
            tiers: read_tiers(text("tiers"), &mut note)?,
            channels: read_channels(text("channels"), &mut note)?,
            levels: read_levels(text("clinical_levels"), &mut note)?,
            bedside: read_bedside(text("bedside_actions"), &mut note)?,
            classes: read_classes(text("classes"), &mut note)?,
            ladder: read_ladder(text("ladder"), &mut note)?,
            defaults: read_defaults(text("defaults"), &mut note)?,
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

/// Reads rows into a map, refusing a key given twice and a key of `expected` that is missing.
fn keyed<K: Ord + Clone + std::fmt::Debug, V>(
    raw: &Raw,
    expected: impl IntoIterator<Item = K>,
    mut read: impl FnMut(u64, &[String]) -> Result<(K, V), TableError>,
) -> Result<BTreeMap<K, V>, TableError> {
    let mut map = BTreeMap::new();
    for (line, cells) in &raw.rows {
        let (key, value) = read(*line, cells)?;
        if map.insert(key.clone(), value).is_some() {
            return Err(raw.fault(*line, format!("{key:?} is given twice")));
        }
    }
    match expected.into_iter().find(|key| !map.contains_key(key)) {
        Some(missing) => Err(raw.fault(0, format!("has no row for {missing:?}"))),
        None => Ok(map),
    }
}

type Note<'a> = &'a mut dyn FnMut(&Raw);

fn read_ssvc(text: &str, note: Note) -> Result<BTreeMap<SsvcKey, SsvcOutcome>, TableError> {
    let header = ["exploitation", "exposure", "automatable", "human_impact", "outcome"];
    let raw = Raw::read("ssvc_deployer", text, &header)?;
    note(&raw);
    let expected = Exploitation::ALL.iter().flat_map(|e| {
        Exposure::ALL.iter().flat_map(move |x| {
            Automatable::ALL.iter().flat_map(move |a| HumanImpact::ALL.iter().map(move |h| (*e, *x, *a, *h)))
        })
    });
    keyed(&raw, expected, |line, cells| {
        let key = (
            raw.code(line, &cells[0], Exploitation::from_code, "exploitation")?,
            raw.code(line, &cells[1], Exposure::from_code, "exposure")?,
            raw.code(line, &cells[2], Automatable::from_code, "automatable")?,
            raw.code(line, &cells[3], HumanImpact::from_code, "human impact")?,
        );
        Ok((key, raw.code(line, &cells[4], SsvcOutcome::from_code, "outcome")?))
    })
}

fn read_impact(text: &str, note: Note) -> Result<BTreeMap<ClinicalLevel, HumanImpact>, TableError> {
    let raw = Raw::read("human_impact", text, &["clinical", "human_impact"])?;
    note(&raw);
    let map = keyed(&raw, ClinicalLevel::ALL.iter().copied(), |line, cells| {
        let level = raw.code(line, &cells[0], ClinicalLevel::from_code, "clinical level")?;
        Ok((level, raw.code(line, &cells[1], HumanImpact::from_code, "human impact")?))
    })?;
    if !map.values().is_sorted() {
        return Err(raw.fault(0, "a worse clinical level has a lower impact"));
    }
    Ok(map)
}

fn read_tiers(text: &str, note: Note) -> Result<BTreeMap<(ClinicalLevel, SsvcOutcome), Tier>, TableError> {
    let raw = Raw::read("tiers", text, &["clinical", "outcome", "tier"])?;
    note(&raw);
    let expected =
        ClinicalLevel::ALL.iter().flat_map(|level| SsvcOutcome::ALL.iter().map(move |o| (*level, *o)));
    let map = keyed(&raw, expected, |line, cells| {
        let level = raw.code(line, &cells[0], ClinicalLevel::from_code, "clinical level")?;
        let outcome = raw.code(line, &cells[1], SsvcOutcome::from_code, "outcome")?;
        Ok(((level, outcome), raw.code(line, &cells[2], Tier::from_code, "tier")?))
    })?;
    for ((level, outcome), tier) in &map {
        let worse = map.iter().find(|((l, o), t)| l >= level && o >= outcome && *t > tier);
        if let Some(((l, o), t)) = worse {
            let (level, outcome, tier) = (level.code(), outcome.code(), tier.code());
            let (l, o, t) = (l.code(), o.code(), t.code());
            return Err(
                raw.fault(0, format!("{l} with {o} gives {t}, calmer than {level} with {outcome} ({tier})"))
            );
        }
    }
    Ok(map)
}

fn yes_no(cell: &str) -> Option<bool> {
    match cell {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

fn read_channels(text: &str, note: Note) -> Result<BTreeMap<(Tier, bool), Channel>, TableError> {
    let raw = Raw::read("channels", text, &["tier", "bedside_action", "channel"])?;
    note(&raw);
    let expected = Tier::ALL.iter().flat_map(|tier| [true, false].map(|action| (*tier, action)));
    keyed(&raw, expected, |line, cells| {
        let tier = raw.code(line, &cells[0], Tier::from_code, "tier")?;
        let action = raw.code(line, &cells[1], yes_no, "yes or no")?;
        let channel = raw.code(line, &cells[2], Channel::from_code, "channel")?;
        if channel == Channel::Notice && !action {
            return Err(raw.fault(line, "a notice needs something to do at the bedside"));
        }
        Ok(((tier, action), channel))
    })
}

fn read_levels(text: &str, note: Note) -> Result<BTreeMap<DeviceClass, LevelRow>, TableError> {
    let header = ["class", "therapy", "diagnosis", "monitoring", "privacy", "harm"];
    let raw = Raw::read("clinical_levels", text, &header)?;
    note(&raw);
    keyed(&raw, DeviceClass::ALL.iter().copied(), |line, cells| {
        let level = |at: usize| raw.code(line, &cells[at], ClinicalLevel::from_code, "clinical level");
        let class = raw.code(line, &cells[0], DeviceClass::from_code, "device class")?;
        let harm = short(&raw, line, &cells[5])?;
        let row = LevelRow {
            therapy: level(1)?,
            diagnosis: level(2)?,
            monitoring: level(3)?,
            privacy: level(4)?,
            harm,
        };
        Ok((class, row))
    })
}

/// A cell that stands in a message: at most 90 characters.
fn short(raw: &Raw, line: u64, cell: &str) -> Result<String, TableError> {
    let length = cell.chars().count();
    if length > 90 {
        return Err(raw.fault(line, format!("{cell:?} has {length} characters, expected at most 90")));
    }
    Ok(cell.to_owned())
}

fn read_bedside(text: &str, note: Note) -> Result<BTreeMap<DeviceClass, BedsideRow>, TableError> {
    let header = ["class", "something_to_do", "step_1", "step_2", "step_3"];
    let raw = Raw::read("bedside_actions", text, &header)?;
    note(&raw);
    keyed(&raw, DeviceClass::ALL.iter().copied(), |line, cells| {
        let class = raw.code(line, &cells[0], DeviceClass::from_code, "device class")?;
        let something_to_do = raw.code(line, &cells[1], yes_no, "yes or no")?;
        let mut steps = Vec::new();
        for cell in cells[2..].iter().filter(|cell| !cell.is_empty()) {
            steps.push(short(&raw, line, cell)?);
        }
        if something_to_do == steps.is_empty() {
            return Err(raw.fault(line, "says yes without a step, or no with one"));
        }
        Ok((class, BedsideRow { something_to_do, steps }))
    })
}

fn read_classes(text: &str, note: Note) -> Result<BTreeMap<DeviceClass, ClassRow>, TableError> {
    let raw = Raw::read("classes", text, &["class", "one", "many", "profession"])?;
    note(&raw);
    keyed(&raw, DeviceClass::ALL.iter().copied(), |line, cells| {
        let class = raw.code(line, &cells[0], DeviceClass::from_code, "device class")?;
        let (one, many) = (short(&raw, line, &cells[1])?, short(&raw, line, &cells[2])?);
        if one.is_empty() || many.is_empty() {
            return Err(raw.fault(line, "has no name"));
        }
        Ok((class, ClassRow { one, many, profession: cells[3].clone() }))
    })
}

fn read_ladder(text: &str, note: Note) -> Result<BTreeMap<Tier, Rung>, TableError> {
    let header = ["tier", "name", "acknowledge_within", "reminder_after", "escalation_after"];
    let raw = Raw::read("ladder", text, &header)?;
    note(&raw);
    keyed(&raw, Tier::ALL.iter().copied(), |line, cells| {
        let minutes = |at: usize| -> Result<Option<u32>, TableError> {
            if cells[at].is_empty() {
                return Ok(None);
            }
            raw.code(line, &cells[at], |cell| cell.parse().ok(), "number of minutes").map(Some)
        };
        let tier = raw.code(line, &cells[0], Tier::from_code, "tier")?;
        let rung = Rung {
            name: short(&raw, line, &cells[1])?,
            acknowledge_within: minutes(2)?,
            reminder_after: minutes(3)?,
            escalation_after: minutes(4)?,
        };
        match (rung.reminder_after, rung.escalation_after) {
            (Some(first), Some(second)) if second < first => {
                Err(raw.fault(line, "escalates before it reminds"))
            }
            _ => Ok((tier, rung)),
        }
    })
}

fn read_defaults(text: &str, note: Note) -> Result<BTreeMap<String, DefaultRow>, TableError> {
    let raw = Raw::read("defaults", text, &["input", "value", "because"])?;
    note(&raw);
    let inputs = ["exploitation", "exposure", "automatable", "clinical_level", "bedside_action"];
    keyed(&raw, inputs.map(str::to_owned), |line, cells| {
        let value = cells[1].as_str();
        let known = match cells[0].as_str() {
            "exploitation" => Exploitation::from_code(value).is_some(),
            "exposure" => Exposure::from_code(value).is_some(),
            "automatable" => Automatable::from_code(value).is_some(),
            "clinical_level" => value == "class_worst" || ClinicalLevel::from_code(value).is_some(),
            "bedside_action" => value == "class_table" || yes_no(value).is_some(),
            other => return Err(raw.fault(line, format!("{other:?} is no input"))),
        };
        if !known {
            return Err(raw.fault(line, format!("{value:?} is no value of {:?}", cells[0])));
        }
        Ok((cells[0].clone(), DefaultRow { value: value.to_owned(), because: cells[2].clone() }))
    })
}

fn read_words(text: &str, note: Note) -> Result<BTreeMap<String, u32>, TableError> {
    let raw = Raw::read("words", text, &["word", "syllables", "kind"])?;
    note(&raw);
    keyed(&raw, [], |line, cells| {
        let count = raw.code(line, &cells[1], |cell| cell.parse().ok(), "number of syllables")?;
        Ok((cells[0].to_lowercase(), count))
    })
}
