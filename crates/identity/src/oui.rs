//! Whose network card: the registered holder of a MAC address's prefix.
//!
//! Two tables. `data/medical_oui.csv`, reviewed by hand, says which holders make medical devices and under which
//! canonical name; it weighs high. The full IEEE table (crate `oui-data`, compiled in, searched by perfect hash,
//! nothing built at start) gives everyone else: the maker of the *card*, which for a workstation says little.

use rustc_hash::FxHashMap;
use std::sync::LazyLock;
use tallyward_core::Mac;

/// Prefix lengths in bits, longest first: MA-S and IAB, MA-M, MA-L.
pub(crate) const LENGTHS: [u8; 3] = [36, 28, 24];

/// A line of the reviewed list.
#[derive(Clone, Debug)]
pub(crate) struct Medical {
    /// Canonical maker.
    pub(crate) maker: &'static str,
    /// The registration it rests on.
    pub(crate) source: &'static str,
    /// Line of `data/medical_oui.csv`, from 1.
    pub(crate) line: u64,
}

/// (prefix as a right-aligned number, its bits) to its line.
static MEDICAL: LazyLock<FxHashMap<(u64, u8), Medical>> = LazyLock::new(|| {
    let mut table = FxHashMap::default();
    let mut header = false;
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .has_headers(false)
        .from_reader(include_str!("../data/medical_oui.csv").as_bytes());
    for row in reader.records() {
        let row = row.expect("medical_oui.csv is CSV");
        if !std::mem::replace(&mut header, true) {
            continue;
        }
        let line = row.position().map_or(0, csv::Position::line);
        let (Some(prefix), Some(bits), Some(maker), Some(source)) =
            (row.get(0), row.get(1), row.get(2), row.get(3))
        else {
            unreachable!("medical_oui.csv has four columns")
        };
        let number = u64::from_str_radix(prefix, 16).expect("medical_oui.csv: prefix is hexadecimal");
        let bits: u8 = bits.parse().expect("medical_oui.csv: bits");
        // The table lives as long as the program; so do its few hundred texts.
        let kept = |text: &str| &*text.to_owned().leak();
        table.insert((number, bits), Medical { maker: kept(maker), source: kept(source), line });
    }
    table
});

/// The holder of a prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OuiMaker {
    /// Canonical maker name when `medical`, else the name as registered with the IEEE.
    pub name: &'static str,
    /// Whether the prefix is on the reviewed medical list.
    pub medical: bool,
    /// How many leading bits were matched: 24, 28 or 36.
    pub prefix_bits: u8,
}

/// Who registered the prefix of an address; the longest prefix wins, so a block of 28 or 36 bits is never taken
/// for its neighbours'. `None` for locally administered and group addresses, which nobody registered, and for
/// prefixes registered as private or not at all.
#[must_use]
pub fn maker_of(mac: Mac) -> Option<OuiMaker> {
    if mac.is_local() || mac.is_group() {
        return None;
    }
    let number = number(mac);
    LENGTHS
        .iter()
        .find_map(|&bits| {
            let prefix = number >> (48 - bits);
            if let Some(medical) = MEDICAL.get(&(prefix, bits)) {
                return Some(OuiMaker { name: medical.maker, medical: true, prefix_bits: bits });
            }
            let digits = usize::from(bits / 4);
            // Looked up by entry, not by the crate's own function, to keep the length under our control.
            let entry = oui_data::OUI_ENTRIES.get(format!("{prefix:0digits$X}").as_str())?;
            Some(OuiMaker { name: entry.organization(), medical: false, prefix_bits: bits })
        })
        .filter(|maker| !is_nobody(maker.name))
}

/// The line of the reviewed list that an address falls under, if any.
pub(crate) fn medical_holder(mac: Mac) -> Option<&'static Medical> {
    if mac.is_local() || mac.is_group() {
        return None;
    }
    let number = number(mac);
    LENGTHS.iter().find_map(|&bits| MEDICAL.get(&(number >> (48 - bits), bits)))
}

/// The address as a number of 48 bits.
pub(crate) fn number(mac: Mac) -> u64 {
    mac.0.iter().fold(0u64, |number, &byte| number << 8 | u64::from(byte))
}

/// Names under which the IEEE lists a block that it has handed out in smaller pieces, or keeps secret.
pub(crate) fn is_nobody(name: &str) -> bool {
    name.eq_ignore_ascii_case("private") || name.eq_ignore_ascii_case("IEEE Registration Authority")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aliases::{Aliases, How};

    fn of(text: &str) -> Option<OuiMaker> {
        maker_of(text.parse().unwrap())
    }

    #[test]
    fn the_longest_prefix_wins() {
        let medical = |name, prefix_bits| Some(OuiMaker { name, medical: true, prefix_bits });
        assert_eq!(of("00:09:fb:00:00:01"), medical("Philips", 24));
        assert_eq!(of("70:b3:d5:20:c0:01"), medical("Siemens Healthineers", 36));
        assert_eq!(of("dc:36:43:40:00:01"), medical("Fresenius Medical Care", 28));
        assert_eq!(of("00:50:c2:2e:00:01"), medical("Baxter", 36));
        assert!(of("8c:1f:64:ff:f0:01").is_none_or(|maker| maker.prefix_bits == 36));
        assert_eq!(of("02:09:fb:00:00:01"), None);
        assert_eq!(of("ff:ff:ff:ff:ff:ff"), None);
    }

    #[test]
    fn look_alikes_and_other_trades_are_not_medical() {
        for text in [
            "f0:24:08:00:00:01",
            "00:00:66:00:00:01",
            "60:3e:ca:00:00:01",
            "00:21:0e:00:00:01",
            "00:17:88:00:00:01",
        ] {
            assert!(of(text).is_some_and(|maker| !maker.medical), "{text}: {:?}", of(text));
        }
    }

    #[test]
    fn every_medical_name_is_a_canonical_maker() {
        let aliases = Aliases::builtin();
        assert!(MEDICAL.len() > 150);
        for Medical { maker, .. } in MEDICAL.values() {
            let canonical = aliases.canonical_maker(maker);
            assert_eq!((canonical.name.as_str(), canonical.how), (*maker, How::Exact));
        }
    }

    #[test]
    fn the_reviewed_list_agrees_with_the_registry() {
        for (&(prefix, bits), Medical { maker: name, .. }) in &*MEDICAL {
            let digits = usize::from(bits / 4);
            assert!(
                LENGTHS.contains(&bits)
                    && oui_data::OUI_ENTRIES.contains_key(format!("{prefix:0digits$X}").as_str()),
                "{name} {prefix:x}"
            );
        }
    }

    #[test]
    fn published_registrations_are_found() {
        for file in ["oui", "mam", "oui36"] {
            let Some(path) = tallyward_core::testkit::shared(&format!("oui/{file}.csv")) else { return };
            let text = std::fs::read_to_string(path).unwrap();
            for row in crate::table::read(&text).unwrap() {
                let mac: Mac = format!("{:0<12}", row[1]).parse().unwrap();
                let maker = maker_of(mac).unwrap_or_else(|| panic!("{row:?}"));
                assert_eq!(usize::from(maker.prefix_bits), row[1].len() * 4);
            }
        }
    }
}
