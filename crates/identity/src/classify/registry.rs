//! Who registered which block of MAC addresses: the list compiled in, or a newer one brought at start.

use crate::oui;
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, OnceLock};
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

/// (prefix as a right-aligned number, its bits) to holder.
type Holders = FxHashMap<(u64, u8), Box<str>>;

/// Holders of MAC prefixes. Empty, it answers from the list compiled in. Cheap to clone.
#[derive(Clone, Default)]
pub struct Registry {
    newer: Option<Arc<Newer>>,
}

/// What brings the lists, as name and text, when they are first asked for.
type Bring = Box<dyn Fn() -> Vec<(String, String)> + Send + Sync>;

struct Newer {
    from: String,
    bring: Bring,
    read: OnceLock<Result<Holders, RegistryError>>,
}

impl fmt::Debug for Registry {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Registry({})", self.version())
    }
}

impl Registry {
    /// A newer registry: the lists the IEEE publishes as CSV (MA-L, MA-M, MA-S: registry, assignment, organisation name
    /// and address). `from` says in a few words where they come from; `bring` is called once, when the first address is
    /// looked up, because most runs of the program look up none. Lists that cannot be read count as none.
    pub fn newer_from(from: &str, bring: impl Fn() -> Vec<(String, String)> + Send + Sync + 'static) -> Self {
        let newer = Newer { from: from.to_owned(), bring: Box::new(bring), read: OnceLock::new() };
        Self { newer: Some(Arc::new(newer)) }
    }

    /// Who holds the prefix of an address, the longest prefix first; `None` for addresses nobody registered.
    #[must_use]
    pub fn holder(&self, mac: Mac) -> Option<Cow<'static, str>> {
        if mac.is_local() || mac.is_group() {
            return None;
        }
        let number = oui::number(mac);
        match self.newer(number) {
            Some(holder) => Some(Cow::Owned(holder.to_owned())),
            None => oui::maker_of(mac).map(|maker| Cow::Borrowed(maker.name)),
        }
    }

    /// As [`Registry::holder`], by a newer list alone.
    pub(super) fn newer_holder(&self, mac: Mac) -> Option<&str> {
        if mac.is_local() || mac.is_group() {
            return None;
        }
        self.newer(oui::number(mac))
    }

    fn newer(&self, number: u64) -> Option<&str> {
        let holders = self.newer.as_ref()?.holders().as_ref().ok()?;
        let find = |&bits: &u8| holders.get(&(number >> (48 - bits), bits));
        oui::LENGTHS.iter().find_map(find).map(|holder| &**holder)
    }

    /// Where it comes from, without reading it.
    #[must_use]
    pub fn version(&self) -> String {
        self.newer.as_ref().map_or_else(|| "compiled in".to_owned(), |newer| newer.from.clone())
    }

    /// Where it comes from and how many prefixes it has, or why it cannot be read.
    #[must_use]
    pub fn describe(&self) -> String {
        match self.newer.as_ref().map(|newer| (newer, newer.holders())) {
            Some((newer, Ok(holders))) => format!("{}, {} prefixes", newer.from, holders.len()),
            Some((newer, Err(error))) => {
                format!("{} cannot be read ({error}); the list compiled in is used", newer.from)
            }
            None => format!("compiled in, {} prefixes", oui_data::OUI_ENTRIES.len()),
        }
    }
}

impl Newer {
    fn holders(&self) -> &Result<Holders, RegistryError> {
        self.read.get_or_init(|| {
            let mut holders = Holders::default();
            for (file, text) in (self.bring)() {
                read(&file, &text, &mut holders)?;
            }
            Ok(holders)
        })
    }
}

fn read(file: &str, text: &str, holders: &mut Holders) -> Result<(), RegistryError> {
    const EXPECTED: &str = "an assignment of 6, 7 or 9 hexadecimal digits was expected";
    let bad = |line, what: &str| RegistryError { file: file.to_owned(), line, what: what.to_owned() };
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    for record in reader.records() {
        let record =
            record.map_err(|error| bad(error.position().map_or(0, csv::Position::line), "not CSV"))?;
        let line = record.position().map_or(0, csv::Position::line);
        let digits = record.get(1).unwrap_or_default();
        let holder = record.get(2).unwrap_or_default().trim();
        let bits = match digits.len() {
            6 => 24,
            7 => 28,
            9 => 36,
            _ => return Err(bad(line, EXPECTED)),
        };
        let prefix = u64::from_str_radix(digits, 16).map_err(|_| bad(line, EXPECTED))?;
        if holders.len() >= MOST_PREFIXES {
            return Err(bad(line, "more than 500,000 prefixes"));
        }
        if !holder.is_empty() && !oui::is_nobody(holder) {
            holders.insert((prefix, bits), holder.into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "Registry,Assignment,Organization Name,Organization Address\n";

    #[test]
    fn a_newer_list_goes_before_the_one_compiled_in() {
        let large = format!(
            "{HEAD}MA-L,0009FB,Somebody New,\"Street 1\nTown\"\nMA-L,70B3D5,IEEE Registration Authority,x\n"
        );
        let small = format!("{HEAD}MA-S,70B3D520C,Small Holder,x\n");
        let lists = vec![("oui.csv".to_owned(), large), ("oui36.csv".to_owned(), small)];
        let registry = Registry::newer_from("a list", move || lists.clone());
        let of = |text: &str| registry.holder(text.parse().unwrap());
        assert_eq!(of("00:09:fb:01:02:03").as_deref(), Some("Somebody New"));
        assert_eq!(of("70:b3:d5:20:c0:01").as_deref(), Some("Small Holder"));
        assert_eq!(of("02:09:fb:01:02:03"), None);
        assert_eq!(registry.describe(), "a list, 2 prefixes");
        assert_eq!(
            Registry::default().holder("00:09:fb:01:02:03".parse().unwrap()).as_deref(),
            Some("Philips")
        );
    }

    #[test]
    fn something_else_is_refused_with_its_line() {
        let text = "a,b,c\nMA-L,0009FB,ok,\nMA-L,zzz,bad,\n";
        let registry = Registry::newer_from("x", || vec![("oui.csv".to_owned(), text.to_owned())]);
        assert!(registry.describe().contains("oui.csv, line 3"), "{}", registry.describe());
        let philips = registry.holder("00:09:fb:01:02:03".parse().unwrap());
        assert_eq!(philips.as_deref(), Some("Philips"), "the list compiled in answers");
    }
}
