//! A leaf whose identification helper speaks of another version than the leaf itself.

use crate::contradictions::called;
use tallyward_core::Cpe;
use tallyward_core::advisory::{Advisory, Contradiction, Product};
use tallyward_versions::{Clause, ClauseVerdict, Facts};

/// Versions of CPE names that the clause beside them excludes. Hardware has versions of its own, and only what both
/// sides understand is held against each other.
pub(crate) fn versions(advisory: &Advisory, found: &mut Vec<Contradiction>) {
    for leaf in advisory.products.iter().filter(|leaf| leaf.relation.is_none()) {
        for text in &leaf.other_ids {
            let cpe = Cpe::read(text).filter(|cpe| cpe.part != "h" && !cpe.version.is_empty());
            if let Some(cpe) = cpe.filter(|cpe| excludes(leaf, &cpe.version)) {
                found.push(Contradiction {
                    vulnerability: String::new(),
                    product: leaf.id.clone(),
                    version: cpe.version,
                    text: format!(
                        "{} (product id {:?}) has the CPE name {text:?}, whose version its own version text {:?} excludes.",
                        called(leaf),
                        leaf.id,
                        leaf.version
                    ),
                });
            }
        }
    }
}

fn excludes(leaf: &Product, version: &str) -> bool {
    let facts = Facts { version: Some(version), ..Facts::default() };
    !leaf.version.trim().is_empty()
        && Clause::parse(&leaf.version).decide(&facts).verdict == ClauseVerdict::NotAffected
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_the_clause_excludes_is_a_contradiction() {
        let found = |clause: &str, cpe: &str| {
            let leaf = Product {
                id: "P1".to_owned(),
                product: "Pump 3".to_owned(),
                version: clause.to_owned(),
                other_ids: vec![cpe.to_owned()],
                ..Product::default()
            };
            let mut found = Vec::new();
            versions(&Advisory { products: vec![leaf], ..Advisory::default() }, &mut found);
            found.into_iter().map(|one| one.version).collect::<Vec<_>>()
        };
        assert_eq!(found("< 4.1", "cpe:2.3:o:acme:pump_3:4.2:*:*:*:*:*:*:*"), ["4.2"]);
        assert_eq!(found("4.1", "cpe:/a:acme:pump_3:4.2"), ["4.2"]);
        for (clause, cpe) in [
            ("< 4.1", "cpe:2.3:o:acme:pump_3:4.0:*:*:*:*:*:*:*"),
            ("< 4.1", "cpe:2.3:o:acme:pump_3:*:*:*:*:*:*:*:*"),
            ("< 4.1", "cpe:2.3:h:acme:pump_3:5:*:*:*:*:*:*:*"),
            ("", "cpe:2.3:o:acme:pump_3:4.2:*:*:*:*:*:*:*"),
            ("when the moon is full", "cpe:2.3:o:acme:pump_3:4.2:*:*:*:*:*:*:*"),
            ("< 4.1", "pkg:npm/x@5"),
        ] {
            assert_eq!(found(clause, cpe), [""; 0], "{clause} {cpe}");
        }
    }
}
