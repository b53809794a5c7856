//! Versions of documents: integers, or semantic versioning (clause 3.1.11).

use std::cmp::Ordering;

/// `0`, `1`, `12`.
pub(super) fn is_integer(text: &str) -> bool {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits && (text == "0" || !text.starts_with('0'))
}

/// `1.2.0`, `1.0.0-rc.1+build`.
pub(super) fn is_semantic(text: &str) -> bool {
    let (rest, build) = text.split_once('+').map_or((text, None), |(rest, build)| (rest, Some(build)));
    let (core, pre) = rest.split_once('-').map_or((rest, None), |(core, pre)| (core, Some(pre)));
    let numbers = core.split('.').count() == 3 && core.split('.').all(is_integer);
    let named = |text: &str| {
        text.split('.').all(|part| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
    };
    let leading_zero = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit()) && !is_integer(part);
    numbers
        && pre.is_none_or(|pre| named(pre) && !pre.split('.').any(leading_zero))
        && build.is_none_or(named)
}

/// A version that can be compared.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Version<'a> {
    pub major: u64,
    minor: u64,
    patch: u64,
    pre: Option<&'a str>,
}

impl<'a> Version<'a> {
    /// `None` when the text is no version, or its numbers exceed 64 bits.
    pub fn read(text: &'a str) -> Option<Self> {
        if is_integer(text) {
            return Some(Self { major: text.parse().ok()?, minor: 0, patch: 0, pre: None });
        }
        if !is_semantic(text) {
            return None;
        }
        let rest = text.split('+').next().unwrap_or_default();
        let (core, pre) = rest.split_once('-').map_or((rest, None), |(core, pre)| (core, Some(pre)));
        let mut numbers = core.split('.').map(|part| part.parse().ok());
        let mut next = || numbers.next().flatten();
        Some(Self { major: next()?, minor: next()?, patch: next()?, pre })
    }

    pub fn is_pre_release(&self) -> bool {
        self.pre.is_some()
    }
}

impl Ord for Version<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let core = |version: &Self| (version.major, version.minor, version.patch);
        core(self).cmp(&core(other)).then_with(|| match (self.pre, other.pre) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(a), Some(b)) => identifiers(a, b),
        })
    }
}

impl PartialOrd for Version<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Numbers as numbers and below words; a longer row of equal identifiers is greater.
fn identifiers(a: &str, b: &str) -> Ordering {
    let key = |part: &str| (part.parse::<u64>().is_err(), part.parse::<u64>().unwrap_or(0), part.to_owned());
    a.split('.').map(key).cmp(b.split('.').map(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_order() {
        let row = ["0", "1.0.0-1", "1.0.0-rc.1", "1.0.0-rc.2", "1.0.0", "1.2.0", "1.10.0", "2"];
        for pair in row.windows(2) {
            assert!(Version::read(pair[0]) < Version::read(pair[1]), "{pair:?}");
        }
        for bad in ["", "01", "1.0", "1.0.0-01", "1.0.0-", "v1", "1.0.0+", "1.0.0.0"] {
            assert!(!is_integer(bad) && !is_semantic(bad), "{bad}");
        }
    }
}
