//! Versions of software packages, ordered by the rules of their ecosystem, and of a `vers`, by those of its type.
//!
//! A package's version is no clause of an advisory: its ecosystem has a published order, and text that does not keep to
//! the ecosystem's form has none. So there is no tolerance here: what cannot be read compares with nothing.

mod alpine;
mod debian;
mod gem;
mod maven;
mod plain;
mod python;
mod rpm;
mod semver;

use crate::order::order_digits;
use std::cmp::Ordering;
use std::fmt;

/// Longest version read, in bytes.
const MAX_VERSION: usize = 256;

/// The rules by which an ecosystem orders the versions of its packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scheme {
    /// Semantic Versioning 2.0.0, clause 11. A leading `v` is dropped.
    Semver,
    /// `NuGet`: semantic versions of up to four numbers, blind to case.
    Nuget,
    /// Python: PEP 440.
    Python,
    /// Debian policy 5.6.12, as dpkg does it.
    Debian,
    /// RPM: epoch, version and release, each compared as `rpmvercmp` does.
    Rpm,
    /// Alpine's apk.
    Alpine,
    /// Maven's version order.
    Maven,
    /// `RubyGems`.
    Gem,
    /// Integers between dots, up to the first other character (`vers:intdot`).
    Intdot,
    /// Bytes (`vers:lexicographic`).
    Lexicographic,
    /// Instants of RFC 3339 (`vers:datetime`).
    Datetime,
}

/// The types of `vers` whose versions have an order here; of several with one order the first is its name.
const VERS_TYPES: &[(&str, Scheme)] = &[
    ("semver", Scheme::Semver),
    ("npm", Scheme::Semver),
    ("cargo", Scheme::Semver),
    ("golang", Scheme::Semver),
    ("hex", Scheme::Semver),
    ("pub", Scheme::Semver),
    ("swift", Scheme::Semver),
    ("nuget", Scheme::Nuget),
    ("pypi", Scheme::Python),
    ("deb", Scheme::Debian),
    ("rpm", Scheme::Rpm),
    ("apk", Scheme::Alpine),
    ("maven", Scheme::Maven),
    ("gem", Scheme::Gem),
    ("intdot", Scheme::Intdot),
    ("lexicographic", Scheme::Lexicographic),
    ("datetime", Scheme::Datetime),
];

/// The `vers` type of the order.
impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(VERS_TYPES.iter().find(|(_, scheme)| scheme == self).map_or("", |(name, _)| name))
    }
}

/// An ecosystem of packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ecosystem {
    /// Its name in OSV, without a release.
    pub name: &'static str,
    /// How it orders versions.
    pub scheme: Scheme,
    /// Its type in package URLs.
    pub purl_type: &'static str,
    /// The namespace of its package URLs when all share one; else empty.
    pub purl_namespace: &'static str,
}

impl Ecosystem {
    /// The ecosystem that OSV calls `name`, with or without a release (`Debian:12`).
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let bare = name.split(':').next().unwrap_or_default();
        Self::all().find(|ecosystem| ecosystem.name == bare)
    }

    /// The release behind the name: `12` of `Debian:12`; empty when there is none.
    #[must_use]
    pub fn release(name: &str) -> &str {
        name.split_once(':').map_or("", |(_, release)| release)
    }

    /// Every ecosystem whose versions have an order here.
    pub fn all() -> impl Iterator<Item = Self> {
        include_str!("../../data/ecosystems.csv").lines().filter(|line| !line.starts_with('#')).filter_map(
            |line| {
                let mut cells = line.split(';');
                Some(Self {
                    name: cells.next()?,
                    scheme: Scheme::named(cells.next()?)?,
                    purl_type: cells.next()?,
                    purl_namespace: cells.next()?,
                })
            },
        )
    }
}

impl Scheme {
    /// Every order, once, in the order of its names.
    pub fn all() -> impl Iterator<Item = Self> {
        let first = |(at, (_, scheme)): &(usize, &(&str, Self))| {
            VERS_TYPES.iter().position(|(_, other)| other == scheme) == Some(*at)
        };
        VERS_TYPES.iter().enumerate().filter(first).map(|(_, (_, scheme))| *scheme)
    }

    /// The order a `vers` type names, in lower case; `None` for a type without one here.
    #[must_use]
    pub fn of_vers(name: &str) -> Option<Self> {
        VERS_TYPES.iter().find(|(known, _)| *known == name).map(|(_, scheme)| *scheme)
    }

    /// Whether `text` is a version of this kind.
    #[must_use]
    pub fn reads(self, text: &str) -> bool {
        self.compare(text, text).is_some()
    }

    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "semver" => Self::Semver,
            "nuget" => Self::Nuget,
            "python" => Self::Python,
            "debian" => Self::Debian,
            "rpm" => Self::Rpm,
            "alpine" => Self::Alpine,
            "maven" => Self::Maven,
            "gem" => Self::Gem,
            _ => return None,
        })
    }

    /// The order of two versions; `None` when either is not of the form the ecosystem prescribes. A total order over
    /// the versions that can be read (RPM aside, where an epoch only one side states leaves it open).
    #[must_use]
    pub fn compare(self, a: &str, b: &str) -> Option<Ordering> {
        let (a, b) = (a.trim(), b.trim());
        if a.len() > MAX_VERSION || b.len() > MAX_VERSION {
            return None;
        }
        match self {
            Self::Semver => semver::compare(a, b),
            Self::Nuget => semver::compare_nuget(a, b),
            Self::Python => python::compare(a, b),
            Self::Debian => debian::compare(a, b),
            Self::Rpm => rpm::compare(a, b),
            Self::Alpine => alpine::compare(a, b),
            Self::Maven => maven::compare(a, b),
            Self::Gem => gem::compare(a, b),
            Self::Intdot => plain::intdot(a, b),
            Self::Lexicographic => plain::lexicographic(a, b),
            Self::Datetime => plain::datetime(a, b),
        }
    }
}

/// Whether a text is digits and nothing else, at least one.
fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Splits where `belongs` ends to hold.
fn take_while(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !belongs(c)).unwrap_or(text.len()))
}

/// Numbers compared one by one, missing ones as zero.
fn compare_numbers(a: &[&str], b: &[&str]) -> Ordering {
    (0..a.len().max(b.len()))
        .map(|at| order_digits(a.get(at).unwrap_or(&"0"), b.get(at).unwrap_or(&"0")))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}
