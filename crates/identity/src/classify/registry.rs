//! Who registered which block of MAC addresses: the list compiled in, or a newer one brought at start.

use crate::oui;
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::sync::Arc;
use tallyward_core::Mac;

/// Prefixes a registry may have; the whole IEEE list has some 60,000.
const MOST_PREFIXES: usize = 500_000;

/// A list of the IEEE's that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}: {what}")]
pub struct RegistryError {
    /// Which list.
    pub file: String,
    /// Line, from 1.
    pub line: u64,
    /// What is wrong.
    pub what: String,
}

/// Holders of MAC prefixes. Empty, it answers from the list compiled in. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    newer: Option<Arc<Newer>>,
}

#[derive(Debug)]
struct Newer {
    /// (prefix as a right-aligned number, its bits) to holder.
    holders: FxHashMap<(u64, u8), Box<str>>,
    from: String,
}

impl Registry {
    /// Reads the lists the IEEE publishes as CSV (MA-L, MA-M, MA-S: registry, assignment, organisation name and
    /// address), each with its name. `from` says in a few words where they come from.
    ///
    /// # Errors
    /// The first line that is not such a list.
    pub fn read<'t>(
        from: &str,
        lists: impl IntoIterator<Item = (&'t str, &'t str)>,
    ) -> Result<Self, RegistryError> {
        let mut holders = FxHashMap::default();
        for (file, text) in lists {
            let bad = |line, what: &str| RegistryError { file: file.to_owned(), line, what: what.to_owned() };
            let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
            for record in reader.records() {
                let record = record.map_err(|error| bad(error.position().map_or(0, csv::Position::line), "not CSV"))?;
                let line = record.position().map_or(0, csv::Position::line);
                let (digits, holder) = (record.get(1).unwrap_or_default(), record.get(2).unwrap_or_default().trim());
                let bits = match digits.len() {
                    6 => 24,
                    7 => 28,
                    9 => 36,
                    _ => return Err(bad(line, "an assignment of 6, 7 or 9 hexadecimal digits was expected")),
                };
                let prefix = u64::from_str_radix(digits, 16)
                    .map_err(|_| bad(line, "an assignment of 6, 7 or 9 hexadecimal digits was expected"))?;
                if holders.len() >= MOST_PREFIXES {
                    return Err(bad(line, "more than 500,000 prefixes"));
                }
                if !holder.is_empty() && !oui::is_nobody(holder) {
                    holders.insert((prefix, bits), holder.into());
                }
            }
        }
        let newer = (!holders.is_empty()).then(|| Arc::new(Newer { holders, from: from.to_owned() }));
        Ok(Self { newer })
    }

    /// Who holds the prefix of an address, the longest prefix first; `None` for addresses nobody registered.
    #[must_use]
    pub fn holder(&self, mac: Mac) -> Option<Cow<'static, str>> {
        if mac.is_local() || mac.is_group() {
            return None;
        }
        let number = oui::number(mac);
        let newer = self.newer.as_ref().and_then(|newer| {
            oui::LENGTHS.iter().find_map(|&bits| newer.holders.get(&(number >> (48 - bits), bits)))
        });
        match newer {
            Some(holder) => Some(Cow::Owned(holder.to_string())),
            None => oui::maker_of(mac).map(|maker| Cow::Borrowed(maker.name)),
        }
    }

    /// Where it comes from and how many prefixes it has.
    #[must_use]
    pub fn version(&self) -> String {
        match &self.newer {
            Some(newer) => format!("{}, {} prefixes", newer.from, newer.holders.len()),
            None => format!("compiled in, {} prefixes", oui_data::OUI_ENTRIES.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "Registry,Assignment,Organization Name,Organization Address\n";

    #[test]
    fn a_newer_list_goes_before_the_one_compiled_in() {
        let large = format!("{HEAD}MA-L,0009FB,Somebody New,\"Street 1\nTown\"\nMA-L,70B3D5,IEEE Registration Authority,x\n");
        let small = format!("{HEAD}MA-S,70B3D520C,Small Holder,x\n");
        let registry = Registry::read("a list", [("oui.csv", large.as_str()), ("oui36.csv", small.as_str())]).unwrap();
        let of = |text: &str| registry.holder(text.parse().unwrap());
        assert_eq!(of("00:09:fb:01:02:03").as_deref(), Some("Somebody New"));
        assert_eq!(of("70:b3:d5:20:c0:01").as_deref(), Some("Small Holder"));
        assert_eq!(of("02:09:fb:01:02:03"), None);
        assert_eq!(registry.version(), "a list, 2 prefixes");
        assert_eq!(
            Registry::default().holder("00:09:fb:01:02:03".parse().unwrap()).as_deref(),
            Some("Philips")
        );
    }

    #[test]
    fn something_else_is_refused_with_its_line() {
        let error = Registry::read("x", [("oui.csv", "a,b,c\nMA-L,0009FB,ok,\nMA-L,zzz,bad,\n")]).unwrap_err();
        assert_eq!((error.line, error.file.as_str()), (3, "oui.csv"));
    }
}
