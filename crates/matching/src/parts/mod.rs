//! Parts of a product held against known flaws of packages, and what that comes to for the product.
//!
//! A part is found by its package URL and by nothing else: type, namespace and name have to be the same. Whether its
//! version has the flaw follows the rules of the package's ecosystem. Where these are not known, or a range or a version
//! cannot be read, it stays open: a part is let off only by a range that was understood and leaves it out.

mod advisory;
mod product;
mod range;

pub use advisory::{packages_named, stands_in};
pub use product::{PartVerdict, Word, judge_product, words};

use range::{covers, spoken};
use tallyward_core::part::{FlawedPackage, Part, PartFlaw};
use tallyward_core::purl::Purl;
use tallyward_versions::{Ecosystem, Scheme};

/// How a part stands to a flaw of its package; the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Its version has the flaw.
    Has,
    /// Something is missing that would tell.
    Open,
    /// The record leaves its version out.
    Spared,
}

/// How a part stands to a record, with the reason in a sentence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stands {
    /// How.
    pub standing: Standing,
    /// Why, for a person to check.
    pub why: String,
}

/// A name under which a part may be looked up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LookUp {
    /// The package, as [`Purl::package`] spells it.
    pub package: String,
    /// Its version; empty when not known.
    pub version: String,
    /// Whether it is the source that the part was built from.
    pub is_source: bool,
}

/// The packages under which a part is looked up: its own, and the source a distribution built it from. None when the
/// list gives no package URL.
#[must_use]
pub fn look_ups(part: &Part) -> Vec<LookUp> {
    let Some(purl) = Purl::read(&part.purl) else { return Vec::new() };
    let version = if purl.version.is_empty() { part.version.trim() } else { purl.version.as_str() };
    let version = with_epoch(&purl, version);
    let mut found = vec![LookUp { package: purl.package(), version: version.clone(), is_source: false }];
    if let Some(source) = purl.qualifier("upstream").filter(|_| matches!(purl.kind.as_str(), "deb" | "apk")) {
        let (name, own) = source.split_once('@').unwrap_or((source, &version));
        let package = tallyward_core::purl::package(&purl.kind, &purl.namespace, name);
        if !name.is_empty() && package != found[0].package {
            found.push(LookUp { package, version: own.to_owned(), is_source: true });
        }
    }
    found
}

/// The version with the epoch that package URLs carry apart.
fn with_epoch(purl: &Purl, version: &str) -> String {
    match purl.qualifier("epoch").filter(|_| matches!(purl.kind.as_str(), "rpm" | "deb")) {
        Some(epoch) if !version.is_empty() && !version.contains(':') => format!("{epoch}:{version}"),
        _ => version.to_owned(),
    }
}

/// How a part stands to a record; `None` when the record names none of its packages, or was withdrawn.
#[must_use]
pub fn stands(part: &Part, flaw: &PartFlaw) -> Option<Stands> {
    if flaw.withdrawn.is_some() {
        return None;
    }
    let release = Purl::read(&part.purl).and_then(|purl| purl.qualifier("distro").map(str::to_owned));
    let each = look_ups(part).into_iter().filter_map(|one| {
        let named = flaw.packages.iter().filter(|package| package.package == one.package);
        of_package(&one, &named.collect::<Vec<_>>(), release.as_deref())
    });
    each.min()
}

fn of_package(part: &LookUp, named: &[&FlawedPackage], release: Option<&str>) -> Option<Stands> {
    let meant = |package: &&&FlawedPackage| {
        let of = Ecosystem::release(&package.ecosystem);
        of.is_empty() || release.is_some_and(|release| is_release(of, release) == Some(true))
    };
    let certain: Vec<&&FlawedPackage> = named.iter().filter(meant).collect();
    if !certain.is_empty() {
        return certain.into_iter().map(|package| one(part, package)).min();
    }
    let worst = named.iter().map(|package| one(part, package)).min()?;
    if worst.standing == Standing::Spared {
        return Some(worst);
    }
    let told: Vec<&str> = named.iter().map(|package| package.ecosystem.as_str()).take(6).collect();
    let part_of = release
        .map_or("the list does not say of which release the part is".to_owned(), |release| {
            format!("the part is of {release}")
        });
    let why = format!("the record speaks of {}; {part_of}. For one of them: {}", told.join(", "), worst.why);
    Some(Stands { standing: Standing::Open, why })
}

/// Whether a distribution's name (`debian-12`, `alpine-3.18.4`) means the release an ecosystem names (`12`, `v3.18`);
/// `None` when either has no number.
fn is_release(of: &str, distro: &str) -> Option<bool> {
    fn numbers(text: &str) -> Option<Vec<&str>> {
        let start = text.find(|c: char| c.is_ascii_digit())?;
        let rest = &text[start..];
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        Some(rest[..end].trim_end_matches('.').split('.').collect())
    }
    let (of, distro) = (numbers(of)?, numbers(distro)?);
    Some(distro.starts_with(&of))
}

/// A package's version against one entry of a record.
fn one(part: &LookUp, entry: &FlawedPackage) -> Stands {
    let version = part.version.as_str();
    let called = if part.is_source { "its source " } else { "" };
    let say = |standing: Standing, why: String| Stands { standing, why: format!("{called}{why}") };
    if version.is_empty() {
        return say(Standing::Open, format!("{}: the list does not say which version", part.package));
    }
    let known = Ecosystem::named(&entry.ecosystem).map(|ecosystem| ecosystem.scheme);
    let same = |listed: &String| {
        listed == version
            || known.is_some_and(|known| known.compare(version, listed) == Some(std::cmp::Ordering::Equal))
    };
    if entry.versions.iter().any(same) {
        return say(Standing::Has, format!("{} {version} is listed one by one", part.package));
    }
    // Commits of a repository say nothing of a package's version, beside ranges and lists that do.
    let ranges = || entry.ranges.iter().filter(|range| range.kind != "GIT" || range.damaged);
    let mut open = None;
    for range in ranges() {
        let scheme = match range.kind.as_str() {
            "SEMVER" => Some(Scheme::Semver),
            "ECOSYSTEM" => known,
            _ => None,
        };
        match covers(range, version, scheme) {
            Ok(true) => {
                let why =
                    format!("{} {version} is within: {} ({})", part.package, spoken(range), entry.ecosystem);
                return say(Standing::Has, why);
            }
            Ok(false) => {}
            Err(why) => open = Some(why),
        }
    }
    if let Some(why) = open {
        return say(Standing::Open, format!("{} {version} ({}): {why}", part.package, entry.ecosystem));
    }
    let unread = || match known {
        None => Some(format!("no order of versions is known here for {:?}", entry.ecosystem)),
        Some(known) if known.compare(version, version).is_none() => {
            Some(format!("this is no version by the rules of {}", entry.ecosystem))
        }
        Some(_) => None,
    };
    let why = match (ranges().next().is_some(), entry.versions.is_empty()) {
        (true, _) => None,
        (false, true) if entry.ranges.is_empty() => Some("the record names no versions".to_owned()),
        (false, true) => Some("the record names commits, not versions".to_owned()),
        (false, false) => unread(),
    };
    match why {
        Some(why) => say(Standing::Open, format!("{} {version}: {why}", part.package)),
        None => say(
            Standing::Spared,
            format!("{} {version} is none of the versions named ({})", part.package, entry.ecosystem),
        ),
    }
}
