//! Who operates a device type: the unit's people, the pool's, the profession's.

use serde::{Deserialize, Serialize};
use tallyward_core::{Contact, Duty, Unit};

/// Somebody who would receive a message, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// Whom.
    pub contact: Contact,
    /// Why they, in a sentence.
    pub why: String,
}

/// The units that use devices held by `unit` or drawn from `pools`: the unit itself and every unit that draws
/// from one of the pools. In the order of `units`; names of units and pools compare without case, and a unit is
/// known by its code, name and aliases.
#[must_use]
pub fn units_using<'a>(unit: &str, pools: &[&str], units: &'a [Unit]) -> Vec<&'a Unit> {
    let draws = |one: &Unit| {
        one.pools.iter().any(|pool| !pool.trim().is_empty() && pools.iter().any(|asked| same(asked, pool)))
    };
    units.iter().filter(|one| is_unit(one, unit) || draws(one)).collect()
}

/// Who in `unit` is told about devices of a class operated by `profession` (empty: the unit's nurses). `pools`
/// are the shared pools the affected devices belong to; they only change the stated reason. When a unit has
/// nobody on record the lead on duty and the supervisor are told instead, so that silence of the list is seen.
#[must_use]
pub fn audience(unit: &Unit, pools: &[&str], profession: &str, contacts: &[Contact]) -> Vec<Recipient> {
    let shared = unit.pools.iter().find(|pool| pools.iter().any(|asked| same(asked, pool)));
    let mut found: Vec<Recipient> = Vec::new();
    let mut add = |contact: &Contact, why: String| {
        if !found.iter().any(|one| one.contact.id == contact.id) {
            found.push(Recipient { contact: contact.clone(), why });
        }
    };
    for contact in contacts {
        let here = is_unit(unit, &contact.unit);
        let everywhere = contact.unit.trim().is_empty();
        match contact.duty {
            Duty::Charge if here => add(
                contact,
                match shared {
                    Some(pool) => format!("in charge of {}, which draws from the pool {pool}", unit.code),
                    None => format!("in charge of {}", unit.code),
                },
            ),
            Duty::Profession
                if !profession.is_empty()
                    && same(&contact.profession, profession)
                    && (here || everywhere) =>
            {
                add(contact, format!("{profession} operates these devices"));
            }
            _ => {}
        }
    }
    if found.is_empty() {
        for contact in contacts.iter().filter(|one| matches!(one.duty, Duty::Lead | Duty::Supervisor)) {
            if contact.unit.trim().is_empty() || is_unit(unit, &contact.unit) {
                let why = format!("nobody on record operates these devices in {}", unit.code);
                found.push(Recipient { contact: contact.clone(), why });
            }
        }
    }
    found
}

/// Who receives the technical version: clinical engineering and security, of the house or of this unit.
#[must_use]
pub fn technical_audience(unit: &Unit, contacts: &[Contact]) -> Vec<Recipient> {
    contacts
        .iter()
        .filter(|one| matches!(one.duty, Duty::Biomed | Duty::Security))
        .filter(|one| one.unit.trim().is_empty() || is_unit(unit, &one.unit))
        .map(|one| Recipient {
            contact: one.clone(),
            why: format!("works on the device as {}", one.duty.code()),
        })
        .collect()
}

fn same(a: &str, b: &str) -> bool {
    a.trim().to_lowercase() == b.trim().to_lowercase()
}

fn is_unit(unit: &Unit, name: &str) -> bool {
    !name.trim().is_empty()
        && (same(&unit.code, name)
            || same(&unit.name, name)
            || unit.aliases.iter().any(|alias| same(alias, name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(code: &str, pools: &[&str]) -> Unit {
        Unit {
            code: code.into(),
            name: code.into(),
            pools: pools.iter().map(|p| (*p).to_owned()).collect(),
            ..Unit::default()
        }
    }

    fn contact(id: &str, unit: &str, duty: Duty, profession: &str) -> Contact {
        Contact {
            id: id.into(),
            unit: unit.into(),
            duty,
            profession: profession.into(),
            name: id.into(),
            email: String::new(),
            phone: String::new(),
        }
    }

    fn ids(found: &[Recipient]) -> Vec<&str> {
        found.iter().map(|one| one.contact.id.as_str()).collect()
    }

    #[test]
    fn a_pooled_device_reaches_every_unit_that_draws_from_the_pool() {
        let units = [unit("ICU", &["Pumps"]), unit("ED", &["pumps "]), unit("LAB", &[])];
        let codes = |held: &str, pools: &[&str]| -> Vec<String> {
            units_using(held, pools, &units).iter().map(|one| one.code.clone()).collect()
        };
        assert_eq!(codes("", &["pumps"]), ["ICU", "ED"]);
        assert_eq!(codes("LAB", &["pumps"]), ["ICU", "ED", "LAB"]);
        assert_eq!(codes("LAB", &[]), ["LAB"]);
        assert!(codes("", &[""]).is_empty());
    }

    #[test]
    fn the_profession_is_told_besides_the_charge_nurse() {
        let contacts = [
            contact("charge", "ICU", Duty::Charge, ""),
            contact("other", "ED", Duty::Charge, ""),
            contact("rt", "", Duty::Profession, "Respiratory therapy"),
            contact("lead", "", Duty::Lead, ""),
            contact("bio", "", Duty::Biomed, ""),
        ];
        let icu = unit("ICU", &[]);
        assert_eq!(ids(&audience(&icu, &[], "respiratory therapy", &contacts)), ["charge", "rt"]);
        assert_eq!(ids(&audience(&icu, &[], "", &contacts)), ["charge"]);
        assert_eq!(ids(&audience(&unit("NICU", &[]), &[], "", &contacts)), ["lead"]);
        assert_eq!(ids(&technical_audience(&icu, &contacts)), ["bio"]);
    }
}
