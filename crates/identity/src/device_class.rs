//! Kinds of device, as far as response and presence need them: who operates it, how much hangs on it, how long
//! it may stay silent.
//!
//! A house table for triage and wording, not a nomenclature: UMDNS and GMDN are licensed and only their codes are carried
//! elsewhere.

use crate::text::fold;
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

static CLASSES: LazyLock<Vec<DeviceClass>> = LazyLock::new(|| {
    crate::table::rows(include_str!("../data/device_classes.csv"), "device_classes.csv")
        .into_iter()
        .map(|row| {
            let [code, name, plural, profession, therapy, keywords, habit, age] =
                <[String; 8]>::try_from(row).expect("device_classes.csv has eight columns");
            DeviceClass {
                code,
                name,
                plain_plural: plural,
                profession,
                therapy: Therapy::read(&therapy).expect("device_classes.csv: therapy"),
                keywords: keywords.split('|').map(fold).filter(|keyword| !keyword.is_empty()).collect(),
                habit_days: habit.parse().expect("device_classes.csv: habit_days"),
                version_max_age_days: age.parse().expect("device_classes.csv: version_max_age_days"),
            }
        })
        .collect()
});

/// The most words a keyword may have.
const MOST_WORDS: usize = 5;

/// Folded keyword to its class, so that a long inventory costs a few lookups a row.
static BY_KEYWORD: LazyLock<FxHashMap<&'static str, usize>> = LazyLock::new(|| {
    let rows = CLASSES.iter().enumerate();
    rows.flat_map(|(index, class)| class.keywords.iter().map(move |keyword| (keyword.as_str(), index)))
        .collect()
});

/// What a patient has from a device of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Therapy {
    /// Failure can end a life within minutes.
    LifeSupport,
    /// It treats.
    Therapy,
    /// It watches a patient continuously.
    Monitoring,
    /// It examines.
    Diagnostic,
    /// It serves the others.
    Support,
}

impl Therapy {
    fn read(text: &str) -> Option<Self> {
        Some(match text {
            "life_support" => Self::LifeSupport,
            "therapy" => Self::Therapy,
            "monitoring" => Self::Monitoring,
            "diagnostic" => Self::Diagnostic,
            "support" => Self::Support,
            _ => return None,
        })
    }
}

/// One kind of device, a row of `data/device_classes.csv`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct DeviceClass {
    /// Stable code, such as `infusion_pump`.
    pub code: String,
    /// Name for a heading.
    pub name: String,
    /// Plain words for several, as a sentence to bedside staff would say.
    pub plain_plural: String,
    /// The profession that operates it in most houses.
    pub profession: String,
    /// What a patient has from it.
    pub therapy: Therapy,
    /// Folded words that name it in an inventory.
    pub keywords: Vec<String>,
    /// Days a device may be unseen in a watched network before it counts as a ghost.
    pub habit_days: u32,
    /// Days after which a software version that was read decides nothing any more.
    pub version_max_age_days: u32,
}

/// Every class, in the order of the table; `other` is the last.
#[must_use]
pub fn all() -> &'static [DeviceClass] {
    &CLASSES
}

/// The class of a code.
#[must_use]
pub fn by_code(code: &str) -> Option<&'static DeviceClass> {
    CLASSES.iter().find(|class| class.code == code)
}

/// The class a description names, by whole words; the longest keyword wins, so `syringe infusion pump` is a syringe
/// pump and `patient monitor with ECG` a monitor. Of keywords equally long the first in the text wins. `None` when
/// no keyword occurs: that is a missing fact, not `other`.
#[must_use]
pub fn class_of(description: &str) -> Option<&'static DeviceClass> {
    let text = fold(description);
    let starts = text.match_indices(' ').map(|(index, _)| index + 1);
    let mut best: Option<(usize, usize)> = None;
    for start in std::iter::once(0).chain(starts) {
        let rest = &text[start..];
        let ends = rest.match_indices(' ').map(|(index, _)| index).chain([rest.len()]);
        for end in ends.take(MOST_WORDS) {
            if best.is_none_or(|(length, _)| end > length)
                && let Some(&class) = BY_KEYWORD.get(&rest[..end])
            {
                best = Some((end, class));
            }
        }
    }
    best.and_then(|(_, class)| CLASSES.get(class))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn descriptions_as_inventories_write_them() {
        for (text, code) in [
            ("PUMP, INFUSION, LVP", "infusion_pump"),
            ("Infusion Pump, Syringe", "syringe_pump"),
            ("Syringe Pump", "syringe_pump"),
            ("Monitor, Physiologic, Bedside", "patient_monitor"),
            ("Monitor/Defibrillator", "defibrillator"),
            ("MRI Scanner 3T", "mr"),
            ("X-Ray Unit, Mobile", "xray"),
            ("C-Arm", "c_arm"),
            ("ANALYZER, BLOOD GAS", "poct"),
            ("Hemodialysis Delivery System", "dialysis"),
            ("Anesthesia Machine", "anaesthesia"),
            ("BD Pyxis MedStation ES", "dispensing_cabinet"),
            ("Telemetry Transmitter", "telemetry"),
            ("Beatmungsgerät", "ventilator"),
        ] {
            assert_eq!(class_of(text).map(|class| class.code.as_str()), Some(code), "{text}");
        }
        assert_eq!(class_of("Octopus arm"), None);
        assert_eq!(class_of(""), None);
    }

    #[test]
    fn the_table_is_sound() {
        let codes: BTreeSet<_> = all().iter().map(|class| &class.code).collect();
        assert_eq!(codes.len(), all().len());
        assert!(all().len() >= 22);
        assert_eq!(all().last().map(|class| class.code.as_str()), Some("other"));
        let mut owners = std::collections::BTreeMap::new();
        for class in all() {
            assert!(class.habit_days > 0 && class.version_max_age_days > 0 && !class.plain_plural.is_empty());
            assert_eq!(by_code(&class.code), Some(class));
            for keyword in &class.keywords {
                let before = owners.insert(keyword, &class.code);
                assert!(before.is_none(), "{keyword} in {before:?} and {}", class.code);
                assert!(keyword.split(' ').count() <= MOST_WORDS, "{keyword}");
                assert_eq!(class_of(keyword), Some(class), "{keyword}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_gets_an_answer(text in any::<String>()) {
            let _ = class_of(&text);
        }
    }
}
