//! Model codes in a product text: lists (`FM20/FM30`), shortened lists (`M8001A/2A/3A`), ranges (`MX400-MX850`).
//!
//! Shortened lists are expanded in every way a maker might mean; a code that no device bears does no harm.

use std::collections::BTreeSet;

/// The codes a product text lists, lower case without separators.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Codes {
    single: BTreeSet<String>,
    ranges: Vec<(String, u32, u32)>,
    /// Whether codes stand side by side as alternatives. `MedStation 4000 T2` holds two codes and is one model.
    is_list: bool,
}

impl Codes {
    pub fn read(text: &str) -> Self {
        let mut codes = Self::default();
        let groups =
            text.split(|letter: char| letter.is_whitespace() || matches!(letter, ',' | '(' | ')' | '|'));
        for group in groups {
            let mut pattern = String::new();
            let before = codes.single.len();
            let mut pieces = 0;
            for piece in group.split('/') {
                codes.piece(piece, &mut pattern);
                pieces += 1;
            }
            codes.is_list |= pieces > 1 && codes.single.len() > before + 1;
        }
        codes.is_list |= !codes.ranges.is_empty() || (text.contains([',', '|']) && codes.single.len() > 1);
        codes
    }

    /// Takes one piece; `pattern` is the last full code of the group, which shortened ones go by.
    fn piece(&mut self, piece: &str, pattern: &mut String) {
        if let Some(range) = range(piece) {
            self.ranges.push(range);
            return;
        }
        let code = squashed(piece);
        if !code.bytes().any(|byte| byte.is_ascii_digit()) {
            return;
        }
        if code.starts_with(|letter: char| letter.is_ascii_digit()) && pattern.len() > 1 {
            // 41 after 865240, 2A after M8001A, 5SC after MP5, 5AS after M8105A.
            for cut in [code.len(), code.len().saturating_sub(1)] {
                if let Some(kept) = pattern.len().checked_sub(cut).and_then(|end| pattern.get(..end)) {
                    self.single.insert(format!("{kept}{code}"));
                }
            }
            let prefix: String = pattern.chars().take_while(char::is_ascii_alphabetic).collect();
            self.single.insert(format!("{prefix}{code}"));
            if code.len() >= pattern.len() {
                self.single.insert(code);
            }
            return;
        }
        pattern.clone_from(&code);
        self.single.insert(code);
    }

    /// Whether a code of a device, lower case without separators, is listed or inside a range.
    pub fn contains(&self, code: &str) -> bool {
        if self.single.contains(code) {
            return true;
        }
        let Some((prefix, number)) = split(code) else { return false };
        self.ranges.iter().any(|(series, low, high)| *series == prefix && (*low..=*high).contains(&number))
    }

    /// Whether more than one model is named.
    pub fn is_list(&self) -> bool {
        self.is_list
    }
}

/// `MX400-MX850`, `MX400-550`: both ends of one series.
fn range(piece: &str) -> Option<(String, u32, u32)> {
    let (low, high) = piece.split_once('-')?;
    let (series, from) = split(&squashed(low))?;
    let (other, to) = split(&squashed(high)).or_else(|| Some((series.clone(), high.trim().parse().ok()?)))?;
    (!series.is_empty() && (other == series || other.is_empty()) && from < to).then_some((series, from, to))
}

/// Letters and then digits, nothing else.
fn split(code: &str) -> Option<(String, u32)> {
    let digits = code.find(|letter: char| letter.is_ascii_digit())?;
    let (letters, number) = code.split_at(digits);
    Some((letters.to_owned(), number.parse().ok()?))
}

/// Letters and digits only, lower case.
pub(crate) fn squashed(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_ranges_of_real_products() {
        let codes = Codes::read("IntelliVue MP monitors MP20-MP90 (M8001A/2A/3A/4A/5A/7A/8A/10A) WLAN");
        for code in ["mp20", "mp50", "mp90", "m8001a", "m8005a", "m8010a"] {
            assert!(codes.contains(code), "{code}");
        }
        for code in ["mp2", "mp100", "mx50", "m8006a", "p50"] {
            assert!(!codes.contains(code), "{code}");
        }
        let codes = Codes::read("IntelliVue MP monitors MX800/700/600 ((865240/41/42) WLAN");
        assert!(
            ["mx800", "mx700", "mx600", "865240", "865241", "865242"].iter().all(|code| codes.contains(code))
        );
        let codes = Codes::read("IntelliVue MP monitors MP5/5SC (M8105A/5AS) WLAN");
        assert!(["mp5", "mp5sc", "m8105a", "m8105as"].iter().all(|code| codes.contains(code)));
        let codes = Codes::read("IntelliVue Patient Monitors MX (MX400-550)");
        assert!(codes.contains("mx450") && !codes.contains("mx600") && codes.is_list());
        assert!(!Codes::read("SX-500").is_list());
        assert!(!Codes::read("Pyxis MedStation 4000 T2").is_list());
        assert!(Codes::read("FM20/FM30").is_list());
    }
}
