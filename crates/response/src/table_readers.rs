//! Understands the cells of each table, and refuses a table that is not whole.

use crate::axis::{
    Automatable, BodTimeline, Channel, Exploitation, Exposure, HumanImpact, InKev, PubliclyExposed,
    TechnicalImpact,
};
use crate::class::DeviceClass;
use crate::table::Raw;
use crate::tables::{AgeRow, BedsideRow, BodKey, ClassRow, DefaultRow, LevelRow, Rung, SsvcKey, TableError};
use std::collections::BTreeMap;
use tallyward_core::{ClinicalLevel, SsvcOutcome, Tier};

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

pub(crate) type Note<'a> = &'a mut dyn FnMut(&Raw);

pub(crate) fn read_ssvc(text: &str, note: Note) -> Result<BTreeMap<SsvcKey, SsvcOutcome>, TableError> {
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

pub(crate) fn read_bod(text: &str, note: Note) -> Result<BTreeMap<BodKey, BodTimeline>, TableError> {
    let header = ["in_kev", "publicly_exposed", "automatable", "technical_impact", "timeline"];
    let raw = Raw::read("bod_26_04", text, &header)?;
    note(&raw);
    let expected = InKev::ALL.iter().flat_map(|k| {
        PubliclyExposed::ALL.iter().flat_map(move |x| {
            Automatable::ALL
                .iter()
                .flat_map(move |a| TechnicalImpact::ALL.iter().map(move |t| (*k, *x, *a, *t)))
        })
    });
    keyed(&raw, expected, |line, cells| {
        let key = (
            raw.code(line, &cells[0], InKev::from_code, "yes or no")?,
            raw.code(line, &cells[1], PubliclyExposed::from_code, "yes or no")?,
            raw.code(line, &cells[2], Automatable::from_code, "automatable")?,
            raw.code(line, &cells[3], TechnicalImpact::from_code, "technical impact")?,
        );
        Ok((key, raw.code(line, &cells[4], BodTimeline::from_code, "timeline")?))
    })
}

pub(crate) fn read_impact(
    text: &str,
    note: Note,
) -> Result<BTreeMap<ClinicalLevel, HumanImpact>, TableError> {
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

pub(crate) fn read_tiers(
    text: &str,
    note: Note,
) -> Result<BTreeMap<(ClinicalLevel, SsvcOutcome), Tier>, TableError> {
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

pub(crate) fn read_channels(text: &str, note: Note) -> Result<BTreeMap<(Tier, bool), Channel>, TableError> {
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

pub(crate) fn read_levels(text: &str, note: Note) -> Result<BTreeMap<DeviceClass, LevelRow>, TableError> {
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

pub(crate) fn read_bedside(text: &str, note: Note) -> Result<BTreeMap<DeviceClass, BedsideRow>, TableError> {
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

pub(crate) fn read_classes(text: &str, note: Note) -> Result<BTreeMap<DeviceClass, ClassRow>, TableError> {
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

pub(crate) fn read_ladder(text: &str, note: Note) -> Result<BTreeMap<Tier, Rung>, TableError> {
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

pub(crate) fn read_defaults(text: &str, note: Note) -> Result<BTreeMap<String, DefaultRow>, TableError> {
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

pub(crate) fn read_ages(text: &str, note: Note) -> Result<BTreeMap<String, AgeRow>, TableError> {
    let raw = Raw::read("ages", text, &["what", "days", "because"])?;
    note(&raw);
    let rows = ["kev", "epss", "no_known_attack", "conversations"];
    keyed(&raw, rows.map(str::to_owned), |line, cells| {
        if !rows.contains(&cells[0].as_str()) {
            return Err(raw.fault(line, format!("{:?} is nothing whose age is asked for", cells[0])));
        }
        let days = |cell: &str| cell.parse().ok().filter(|days| (1..=3_650).contains(days));
        let days: i64 = raw.code(line, &cells[1], days, "number of days from 1 to 3650")?;
        Ok((cells[0].clone(), AgeRow { days, because: cells[2].clone() }))
    })
}

pub(crate) fn read_words(text: &str, note: Note) -> Result<BTreeMap<String, u32>, TableError> {
    let raw = Raw::read("words", text, &["word", "syllables", "kind"])?;
    note(&raw);
    keyed(&raw, [], |line, cells| {
        let count = raw.code(line, &cells[1], |cell| cell.parse().ok(), "number of syllables")?;
        Ok((cells[0].to_lowercase(), count))
    })
}
