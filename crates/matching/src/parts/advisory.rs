//! Parts that an advisory names by package URL (CSAF 2.0 clause 3.1.3.3.4, and OpenVEX).
//!
//! The package has to be the same, as with records of flaws. Its version is decided by the leaf's version text, read as
//! every clause is; without one, by the version in the package URL; without either every version is meant. What the
//! document leaves out or calls fixed is no flaw of the part.

use super::{LookUp, Standing, Stands, look_ups};
use std::collections::BTreeSet;
use tallyward_core::advisory::{Advisory, Product, ProductStatus};
use tallyward_core::part::Part;
use tallyward_core::purl::Purl;
use tallyward_versions::{Clause, ClauseVerdict, Ecosystem, Facts};

/// The packages that an advisory names, as [`Purl::package`] spells them. Combinations are left out: what is said of a
/// part inside one product is said of no other.
#[must_use]
pub fn packages_named(advisory: &Advisory) -> BTreeSet<String> {
    advisory.products.iter().flat_map(purls).map(|purl| purl.package()).collect()
}

fn purls(leaf: &Product) -> impl Iterator<Item = Purl> + '_ {
    let alone = leaf.relation.is_none();
    leaf.other_ids.iter().filter(move |_| alone).filter_map(|id| Purl::read(id))
}

/// How a part stands to each vulnerability of an advisory that calls its package affected; by the place of the
/// vulnerability in the document.
#[must_use]
pub fn stands_in(part: &Part, advisory: &Advisory) -> Vec<(usize, Stands)> {
    let (names, own) = (look_ups(part), Purl::read(&part.purl));
    let mut found = Vec::new();
    for (at, vulnerability) in advisory.vulnerabilities.iter().enumerate() {
        let each = vulnerability.statements.iter().filter_map(|statement| {
            let leaf = advisory.product(&statement.product)?;
            let (name, purl) = purls(leaf)
                .find_map(|purl| Some((names.iter().find(|name| name.package == purl.package())?, purl)))?;
            Some(narrowed(one(name, leaf, &purl, statement.status)?, &purl, own.as_ref()))
        });
        found.extend(each.min().map(|stands| (at, stands)));
    }
    found
}

/// One statement about a package; `None` when it calls nothing affected.
fn one(part: &LookUp, leaf: &Product, purl: &Purl, status: ProductStatus) -> Option<Stands> {
    let (only_an_end, under_way) = match status {
        ProductStatus::KnownAffected => (false, false),
        ProductStatus::FirstAffected | ProductStatus::LastAffected => (true, false),
        ProductStatus::UnderInvestigation => (false, true),
        _ => return None,
    };
    let text = leaf.version.trim();
    let (standing, why) = if part.version.is_empty() {
        (Standing::Open, "the list does not say which version".to_owned())
    } else if !text.is_empty() {
        by_clause(&Clause::parse(text), &part.version)
    } else if purl.version.is_empty() {
        (Standing::Has, "the advisory sets no limit of version".to_owned())
    } else {
        by_version(purl, &part.version)
    };
    let (standing, why) = match standing {
        Standing::Spared if only_an_end => {
            (Standing::Open, "the advisory names only one end of the affected versions".to_owned())
        }
        Standing::Has if under_way => (Standing::Open, "the maker is still looking into it".to_owned()),
        standing => (standing, why),
    };
    Some(Stands {
        standing,
        why: format!("{} {}: {why} (product {:?})", part.package, part.version, leaf.id),
    })
}

fn by_clause(clause: &Clause, version: &str) -> (Standing, String) {
    let decision = clause.decide(&Facts { version: Some(version), ..Facts::default() });
    let standing = match decision.verdict {
        ClauseVerdict::Affected => Standing::Has,
        ClauseVerdict::Unknown => Standing::Open,
        ClauseVerdict::NotAffected => Standing::Spared,
    };
    (standing, decision.reason)
}

/// One version named: it is the part's, or another one. Where nobody knows the order, other texts may be one version.
fn by_version(purl: &Purl, version: &str) -> (Standing, String) {
    use std::cmp::Ordering::Equal;
    let named = purl.version.as_str();
    let order =
        Ecosystem::named(ecosystem(&purl.kind)).and_then(|known| known.scheme.compare(version, named));
    match order {
        _ if named == version => (Standing::Has, format!("it is the version named, {named}")),
        Some(Equal) => (Standing::Has, format!("it is the version named, {named}")),
        Some(_) => (Standing::Spared, format!("it is not the version named, {named}")),
        None => (Standing::Open, format!("nobody can tell whether it is the version named, {named}")),
    }
}

/// The ecosystem whose order of versions a type of package URL has.
fn ecosystem(kind: &str) -> &str {
    match kind {
        "npm" => "npm",
        "pypi" => "PyPI",
        "cargo" => "crates.io",
        "golang" => "Go",
        "maven" => "Maven",
        "nuget" => "NuGet",
        "gem" => "RubyGems",
        "hex" => "Hex",
        "pub" => "Pub",
        "deb" => "Debian",
        "rpm" => "Red Hat",
        "apk" => "Alpine",
        other => other,
    }
}

/// A package URL with qualifiers names one build: of another one, or of one that does not say, it is not certain.
fn narrowed(stands: Stands, named: &Purl, own: Option<&Purl>) -> Stands {
    let differs = |(key, value): &&(String, String)| own.and_then(|own| own.qualifier(key)) != Some(value);
    match named.qualifiers.iter().find(differs) {
        Some((key, value)) if stands.standing == Standing::Has => Stands {
            standing: Standing::Open,
            why: format!("{}; but the advisory names the build with {key} {value}", stands.why),
        },
        _ => stands,
    }
}
