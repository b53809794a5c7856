//! Values that fill a cell and say nothing. Used as a key they would merge strangers into one device.
//!
//! One list for every reader, in `data/junk.csv`.

use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::LazyLock;
use tallyward_core::Mac;

static LIST: LazyLock<FxHashMap<String, FxHashSet<String>>> = LazyLock::new(|| {
    let mut list: FxHashMap<String, FxHashSet<String>> = FxHashMap::default();
    for row in crate::table::rows(include_str!("../data/junk.csv"), "junk.csv") {
        let [value, applies] = row.as_slice() else { unreachable!("junk.csv has two columns") };
        list.entry(applies.clone()).or_default().insert(tidy(value));
    }
    list
});

/// Case and runs of white space made equal, punctuation kept: `N/A` is junk, `NA/7` is not.
/// The invented addresses of the list, as numbers: cards are asked about for every conversation.
static INVENTED: LazyLock<Vec<Mac>> = LazyLock::new(|| {
    let listed = LIST.get("mac").into_iter().flatten();
    listed.map(|text| text.parse().expect("the list of invented addresses holds addresses")).collect()
});

fn tidy(value: &str) -> String {
    value.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

fn listed(kind: &str, tidy: &str) -> bool {
    LIST.get(kind).is_some_and(|values| values.contains(tidy))
}

/// Whether a value says nothing, whatever the field: empty, a listed placeholder, only punctuation, only zeros
/// (zero MACs included).
#[must_use]
pub fn is_junk(value: &str) -> bool {
    let tidy = tidy(value);
    let mut said = tidy.chars().filter(|character| character.is_alphanumeric());
    said.all(|character| character == '0') || listed("any", &tidy)
}

/// Whether a value is no serial number: [`is_junk`], one character repeated (`11111`, `xxxx`, also a single
/// character), or a listed default such as `1234567890`.
#[must_use]
pub fn is_junk_serial(value: &str) -> bool {
    if is_junk(value) {
        return true;
    }
    let tidy = tidy(value);
    let mut characters = tidy.chars().filter(|character| character.is_alphanumeric());
    let first = characters.next();
    characters.all(|character| Some(character) == first) || listed("serial", &tidy)
}

/// Whether an address is nobody's: zeros, ones, a group address, or a well-known invented one.
#[must_use]
pub fn is_junk_mac(mac: Mac) -> bool {
    mac.is_junk() || INVENTED.contains(&mac)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn placeholders_are_junk_however_they_are_typed() {
        for value in [
            "",
            " ",
            "-",
            "--",
            "Default string",
            "DEFAULT  STRING",
            "To be filled by O.E.M.",
            "N/A",
            "n/a ",
            "none",
            "0",
            "00000000",
            "00:00:00:00:00:00",
            "Unknown",
            "See Label",
            "System Serial Number",
            "System Asset Tag",
            "FF:FF:FF:FF:FF:FF",
            "?",
            "…",
        ] {
            assert!(is_junk(value), "{value:?}");
        }
        for value in ["SN12345", "0A", "10", "NA7", "None-Such 3000", "A"] {
            assert!(!is_junk(value), "{value:?}");
        }
    }

    #[test]
    fn serials_are_held_to_more() {
        for value in ["1111111", "xxxxx", "X", "XX-XX", "1234567890", "test", "N/A"] {
            assert!(is_junk_serial(value), "{value:?}");
        }
        for value in ["1112", "SN-1", "A1", "DE12345678"] {
            assert!(!is_junk_serial(value), "{value:?}");
        }
    }

    #[test]
    fn invented_addresses() {
        for text in ["00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01", "00-11-22-33-44-55"] {
            assert!(is_junk_mac(text.parse().unwrap()), "{text}");
        }
        assert!(!is_junk_mac("00:09:fb:12:34:56".parse().unwrap()));
    }

    proptest! {
        #[test]
        fn junk_is_blind_to_case_and_blanks(value in "[ -~]{0,20}") {
            prop_assert_eq!(is_junk(&value), is_junk(&format!("  {} ", value.to_uppercase().to_lowercase())));
        }
    }
}
