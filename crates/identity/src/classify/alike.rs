//! How two conclusions about one field stand to each other.

use super::systems::systems;
use crate::aliases::Aliases;
use crate::reconcile::agree;
use std::collections::BTreeSet;
use tallyward_core::Field;

/// How a second value stands to a first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alike {
    /// The same in other words.
    Same,
    /// Both may be true and the second says more: `Windows`, then `Windows 10`.
    Finer,
    /// Both may be true and the first says more.
    Coarser,
    /// They cannot both be true of one device.
    Different,
}

/// How `b` stands to `a` as values of `field`.
#[must_use]
pub fn alike(field: Field, a: &str, b: &str, aliases: &Aliases) -> Alike {
    if agree(field, a, b) {
        return Alike::Same;
    }
    match field {
        Field::Manufacturer => {
            let (a, b) = (aliases.canonical_maker(a).name, aliases.canonical_maker(b).name);
            // One firm of a group on the label and another on the card is no contradiction.
            if agree(field, &a, &b) || aliases.same_group(&a, &b) { Alike::Same } else { Alike::Different }
        }
        Field::OperatingSystem => systems(a, b),
        Field::Model | Field::ModelNumber | Field::SoftwareVersion | Field::HardwareVersion => {
            by_words(&words(a), &words(b))
        }
        _ => Alike::Different,
    }
}

/// Lower-case words; dots stay within numbers.
pub(super) fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let cut = |letter: char| !letter.is_alphanumeric() && letter != '.';
    lower
        .split(cut)
        .map(|word| word.trim_matches('.'))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

pub(super) fn by_words(a: &[String], b: &[String]) -> Alike {
    let (a, b): (BTreeSet<_>, BTreeSet<_>) = (a.iter().collect(), b.iter().collect());
    match (a.is_subset(&b), b.is_subset(&a)) {
        (true, true) => Alike::Same,
        (true, false) => Alike::Finer,
        (false, true) => Alike::Coarser,
        (false, false) => Alike::Different,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makers_go_by_the_tables() {
        let of = |a, b| alike(Field::Manufacturer, a, b, &Aliases::builtin());
        assert_eq!(of("GE MEDICAL SYSTEMS", "GE HealthCare"), Alike::Same);
        assert_eq!(of("Baxter", "B. Braun"), Alike::Different);
        assert_eq!(alike(Field::DeviceClass, "mr", "ct", &Aliases::builtin()), Alike::Different);
        assert_eq!(alike(Field::Model, "IntelliVue", "IntelliVue MX800", &Aliases::builtin()), Alike::Finer);
    }
}
