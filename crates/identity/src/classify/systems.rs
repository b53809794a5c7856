//! Names of operating systems: which can be one system said more or less finely, and which cannot.

use super::alike::{Alike, by_words, words};
use std::collections::BTreeSet;

/// Families of operating systems with the words that name them. A later family's words are looked for only when no
/// earlier one's occur, so that Cisco's IOS is not Apple's. A Unix may be any of the families marked so.
const FAMILIES: [(&str, bool, &[&str]); 11] = [
    ("cisco", false, &["cisco"]),
    ("windows", false, &["windows", "win32", "win64"]),
    ("vxworks", false, &["vxworks"]),
    ("qnx", false, &["qnx"]),
    ("apple", true, &["macos", "ios", "ipados", "darwin", "macintosh"]),
    ("bsd", true, &["freebsd", "openbsd", "netbsd", "bsd"]),
    ("solaris", true, &["solaris", "sunos"]),
    (
        "linux",
        true,
        &[
            "linux", "ubuntu", "debian", "centos", "rhel", "suse", "sles", "fedora", "android", "raspbian",
            "openwrt", "alpine",
        ],
    ),
    ("vmware", false, &["esx", "esxi", "vmware"]),
    ("unix", true, &["unix"]),
    ("rtos", false, &["threadx", "freertos", "nucleus", "integrity"]),
];

/// How `b` stands to `a` as names of operating systems.
pub(super) fn systems(a: &str, b: &str) -> Alike {
    let (ours, theirs) = (words(a), words(b));
    match (family(&ours), family(&theirs)) {
        (Some(("windows", _)), Some(("windows", _))) => windows(&ours, &theirs),
        (Some(one), Some(other)) if one.0 == other.0 => within_family(&ours, &theirs),
        (Some(("unix", _)), Some((_, true))) => Alike::Finer,
        (Some((_, true)), Some(("unix", _))) => Alike::Coarser,
        (Some(_), Some(_)) => Alike::Different,
        _ => by_words(&ours, &theirs),
    }
}

fn within_family(ours: &[String], theirs: &[String]) -> Alike {
    let (one, other) = (proper(ours), proper(theirs));
    match (one.is_empty(), other.is_empty()) {
        // The number of a kernel says nothing about the number of what is built on it.
        (true, false) => return Alike::Finer,
        (false, true) => return Alike::Coarser,
        (false, false) if one.is_disjoint(&other) => return Alike::Different,
        _ => {}
    }
    match (number(ours), number(theirs)) {
        (Some(one), Some(other)) if !same_release(one, other) => Alike::Different,
        (None, Some(_)) => Alike::Finer,
        (Some(_), None) => Alike::Coarser,
        _ => by_words(ours, theirs).or_by_length(ours, theirs),
    }
}

/// Words of a family that are only its kernel or kind.
const GENERIC: [&str; 4] = ["linux", "unix", "bsd", "darwin"];

/// The words that name a system within its family: a distribution, an edition line.
fn proper(words: &[String]) -> BTreeSet<&str> {
    let names: BTreeSet<&str> = FAMILIES.iter().flat_map(|(_, _, names)| names.iter().copied()).collect();
    let named = words.iter().map(String::as_str);
    named.filter(|word| names.contains(word) && !GENERIC.contains(word)).collect()
}

/// Whether one number is the beginning of the other: 10 and 10.0, 5 and 5.4.
fn same_release(a: &str, b: &str) -> bool {
    a.split('.').zip(b.split('.')).all(|(a, b)| a == b)
}

fn family(words: &[String]) -> Option<(&'static str, bool)> {
    let named = |names: &[&str]| words.iter().any(|word| names.contains(&word.as_str()));
    FAMILIES.iter().find(|(_, _, names)| named(names)).map(|(name, unix, _)| (*name, *unix))
}

fn number(words: &[String]) -> Option<&str> {
    words.iter().map(String::as_str).find(|word| word.starts_with(|first: char| first.is_ascii_digit()))
}

/// Products of Windows by their words, and the kernel each came with; a server and a client release share one.
const RELEASES: [(&str, &str); 19] = [
    ("2008 r2", "6.1"),
    ("2012 r2", "6.3"),
    ("7", "6.1"),
    ("8", "6.2"),
    ("8.1", "6.3"),
    ("10", "10.0"),
    ("11", "10.0"),
    ("vista", "6.0"),
    ("xp", "5.1"),
    ("2000", "5.0"),
    ("2003", "5.2"),
    ("2008", "6.0"),
    ("2012", "6.2"),
    ("2016", "10.0"),
    ("2019", "10.0"),
    ("2022", "10.0"),
    ("2025", "10.0"),
    ("ce", "ce"),
    ("98", "4.10"),
];

/// Products and kernels that a name of Windows speaks of.
fn releases(words: &[String]) -> (BTreeSet<&'static str>, BTreeSet<String>) {
    let (mut products, mut kernels) = (BTreeSet::new(), BTreeSet::new());
    let mut rest = words;
    while let [first, after @ ..] = rest {
        if matches!(first.as_str(), "ltsc" | "ltsb") {
            // The year of a long-term edition is no product of its own.
            rest = after.get(1..).unwrap_or_default();
            continue;
        }
        let two = after.first().map(|second| format!("{first} {second}"));
        let named = |text: &str| RELEASES.iter().find(|(name, _)| *name == text);
        if let Some((name, kernel)) = two.as_deref().and_then(named) {
            products.insert(*name);
            kernels.insert((*kernel).to_owned());
            rest = &after[1..];
            continue;
        }
        if let Some((name, kernel)) = named(first) {
            products.insert(*name);
            kernels.insert((*kernel).to_owned());
        } else if let [major, minor, ..] = first.split('.').collect::<Vec<_>>().as_slice()
            && matches!(*major, "5" | "6" | "10")
        {
            kernels.insert(format!("{major}.{minor}"));
        }
        rest = after;
    }
    (products, kernels)
}

fn windows(ours: &[String], theirs: &[String]) -> Alike {
    let ((products, kernels), (other_products, other_kernels)) = (releases(ours), releases(theirs));
    match (kernels.is_empty(), other_kernels.is_empty()) {
        (true, true) => return by_words(ours, theirs).or_by_length(ours, theirs),
        (true, false) => return Alike::Finer,
        (false, true) => return Alike::Coarser,
        (false, false) if kernels.is_disjoint(&other_kernels) => return Alike::Different,
        _ => {}
    }
    match (products.is_empty(), other_products.is_empty()) {
        (true, false) => Alike::Finer,
        (false, true) => Alike::Coarser,
        (false, false) if products.is_disjoint(&other_products) => Alike::Different,
        (false, false) if products != other_products && other_products.is_subset(&products) => Alike::Finer,
        (false, false) if products != other_products && products.is_subset(&other_products) => Alike::Coarser,
        _ => by_words(ours, theirs).or_by_length(ours, theirs),
    }
}

impl Alike {
    /// Editions differ by words; two releases that go together are no quarrel, and the longer name says more.
    fn or_by_length(self, ours: &[String], theirs: &[String]) -> Self {
        match self {
            Self::Different if theirs.len() > ours.len() => Self::Finer,
            Self::Different => Self::Coarser,
            known => known,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finer_word_for_the_same_system_is_no_contradiction() {
        let of = |a, b| systems(a, b);
        assert_eq!(of("Windows", "Windows 10"), Alike::Finer);
        assert_eq!(of("Windows 7", "Windows 10"), Alike::Different);
        assert_eq!(of("Windows 10.0", "Windows 10"), Alike::Finer);
        assert_eq!(of("Linux", "Ubuntu Linux 22.04"), Alike::Finer);
        assert_eq!(of("Linux", "Windows 7"), Alike::Different);
        assert_eq!(of("Unix (Samba)", "Debian"), Alike::Finer);
        assert_eq!(of("Unix (Samba)", "Windows 6.1"), Alike::Different);
        assert_eq!(of("Cisco IOS 12.2", "iOS 12"), Alike::Different);
        assert_eq!(of("Linux 5.4", "Android 11"), Alike::Finer);
        assert_eq!(of("Ubuntu 22.04", "Linux 5.15"), Alike::Coarser);
        assert_eq!(of("Ubuntu 22.04", "Debian 12"), Alike::Different);
        assert_eq!(of("VxWorks 6.9", "Linux"), Alike::Different);
        assert_eq!(of("WINDOWS 7", "Windows 7"), Alike::Same);
        assert_eq!(of("Windows 7 or Server 2008 R2", "Windows Server 2008 R2"), Alike::Finer);
        assert_eq!(of("Windows 6.1 build 7601", "Windows 7 or Server 2008 R2"), Alike::Finer);
        assert_eq!(of("Windows 10.0 build 17763", "Windows Server 2019"), Alike::Finer);
        assert_eq!(of("Windows 10", "Windows 11"), Alike::Different);
        assert_eq!(of("Windows CE", "Windows 7"), Alike::Different);
        assert_eq!(of("Windows 10 IoT Enterprise LTSC 2019", "Windows 10"), Alike::Coarser);
    }
}
