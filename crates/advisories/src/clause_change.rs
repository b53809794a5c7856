//! Whether a clause that takes another's place covers less or more.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use tallyward_versions::{Clause, ClauseVerdict, Facts, Node, Quality, Scheme, compare};

/// How one clause text relates to the one it replaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClauseChange {
    /// No version is covered that was not, and some that was is not.
    Narrowed,
    /// The mirror of it.
    Widened,
    /// Neither, or it cannot be said for sure.
    Changed,
}

impl ClauseChange {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Narrowed => "narrowed",
            Self::Widened => "widened",
            Self::Changed => "changed",
        }
    }

    /// Compares by deciding sample versions under both clauses: each bound either names and what stands just below
    /// and above it. That settles it only where the whole of both is a set of versions of one comparable series,
    /// for there nothing changes between two bounds; everything else is [`ClauseChange::Changed`].
    pub(crate) fn between(old: &str, new: &str) -> Self {
        let (old, new) = (Clause::parse(old), Clause::parse(new));
        let bounds: Vec<&str> = old.named_versions().into_iter().chain(new.named_versions()).collect();
        let (Some(was), Some(is)) = (versions_only(&old), versions_only(&new)) else { return Self::Changed };
        // One published order, or none, for both.
        let schemes: BTreeSet<String> = was.union(&is).cloned().collect();
        let scheme = schemes.first().and_then(|name| Scheme::of_vers(name));
        let mixed = schemes.len() > 1;
        if mixed || bounds.len() > MOST || !one_series(&bounds, scheme) {
            return Self::Changed;
        }
        let (mut less, mut more) = (false, false);
        for sample in samples(&bounds) {
            let covers = |clause: &Clause| covers(clause, &sample);
            match covers(&new).cmp(&covers(&old)) {
                Ordering::Less => less = true,
                Ordering::Greater => more = true,
                Ordering::Equal => {}
            }
        }
        match (less, more) {
            (true, false) => Self::Narrowed,
            (false, true) => Self::Widened,
            _ => Self::Changed,
        }
    }
}

/// From so many bounds on, comparing all pairs is not worth the sentence.
const MOST: usize = 64;

/// The orders of versions a clause speaks in, the empty name for that by segments; `None` when it speaks of anything
/// but versions of the product itself, or can be read in several ways.
fn versions_only(clause: &Clause) -> Option<BTreeSet<String>> {
    fn only(node: &Node, schemes: &mut BTreeSet<String>) -> bool {
        match node {
            Node::Everything | Node::Nothing => true,
            Node::Version(..) => {
                schemes.insert(String::new());
                true
            }
            Node::Ordered(scheme, ..) => {
                schemes.insert(scheme.to_string());
                true
            }
            Node::Any(nodes) | Node::All(nodes) => nodes.iter().all(|node| only(node, schemes)),
            Node::Remark(_, inner) => only(inner, schemes),
            _ => false,
        }
    }
    let mut schemes = BTreeSet::new();
    let sound = clause.quality() != Quality::NeedsPerson && only(clause.tree(), &mut schemes);
    sound.then_some(schemes)
}

fn one_series(bounds: &[&str], scheme: Option<Scheme>) -> bool {
    let ordered = |one: &str, other: &str| match scheme {
        Some(scheme) => scheme.compare(one, other).is_some(),
        None => compare(one, other).is_some(),
    };
    bounds.iter().enumerate().all(|(at, one)| bounds[at..].iter().all(|other| ordered(one, other)))
}

/// 0 not covered, 1 cannot be said, 2 covered.
fn covers(clause: &Clause, version: &str) -> u8 {
    match clause.decide(&Facts { version: Some(version), ..Facts::default() }).verdict {
        ClauseVerdict::NotAffected => 0,
        ClauseVerdict::Unknown => 1,
        ClauseVerdict::Affected => 2,
    }
}

/// The bounds with their neighbours; one version when there is no bound.
fn samples(bounds: &[&str]) -> Vec<String> {
    let mut samples = vec!["1.0".to_owned()];
    for bound in bounds {
        samples.push((*bound).to_owned());
        samples.push(format!("{bound}.1"));
        let digits = bound.len() - bound.trim_end_matches(|letter: char| letter.is_ascii_digit()).len();
        let (head, last) = bound.split_at(bound.len() - digits);
        if let Ok(last) = last.parse::<u32>() {
            samples.extend(last.checked_sub(1).map(|below| format!("{head}{below:0digits$}")));
            samples.extend(last.checked_add(1).map(|above| format!("{head}{above:0digits$}")));
        }
    }
    samples
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_set_of_versions_that_shrinks_is_narrowed_and_one_that_grows_is_widened() {
        for (more, less) in [
            ("< 2.3", "< 2.2"),
            ("<= 2.3", "< 2.3"),
            ("< 2.2", "vers:none/*"),
            ("vers:all/*", "<= 4.1"),
            (">=1.0|<3.0", ">=1.0|<2.5"),
            ("vers:intdot/>=1.0|<3.0", "vers:intdot/>=1.1|<3.0"),
            ("vers:deb/<1:2.0-3", "vers:deb/<1:2.0-2"),
            ("2.0, 2.1", "2.1"),
        ] {
            assert_eq!(ClauseChange::between(more, less), ClauseChange::Narrowed, "{more} to {less}");
            assert_eq!(ClauseChange::between(less, more), ClauseChange::Widened, "{less} to {more}");
        }
    }

    #[test]
    fn what_cannot_be_said_for_sure_is_changed() {
        for (old, new) in [
            ("< 2.3", "> 2.3"),
            (">=1.0|<2.0", ">=1.5|<2.5"),
            ("< U61", "< L75"),
            ("< 2.3", "ask the maker"),
            ("< 2.3", "< 2.3 if the web server is enabled"),
            ("Rev B", "< 2.3"),
            ("vers:deb/<2.3", "vers:rpm/<2.2"),
            ("vers:deb/<2.3", "<2.2"),
            ("< 2.3", "<2.3"),
        ] {
            assert_eq!(ClauseChange::between(old, new), ClauseChange::Changed, "{old} to {new}");
            assert_eq!(ClauseChange::between(new, old), ClauseChange::Changed, "{new} to {old}");
        }
    }

    fn clause() -> impl Strategy<Value = String> {
        let version = "[0-9]{1,2}(\\.[0-9]{1,2}){0,2}";
        prop_oneof![
            ("(<|<=|>|>=|)", version).prop_map(|(sign, version)| format!("{sign} {version}")),
            (version, version).prop_map(|(from, to)| format!(">={from}|<{to}")),
            (version, version).prop_map(|(one, other)| format!("{one}, {other}")),
            "\\PC{0,24}",
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn narrowed_is_the_mirror_of_widened(old in clause(), new in clause(), probe in "[0-9]{1,2}(\\.[0-9]{1,2}){0,2}") {
            let there = ClauseChange::between(&old, &new);
            let back = match there {
                ClauseChange::Narrowed => ClauseChange::Widened,
                ClauseChange::Widened => ClauseChange::Narrowed,
                ClauseChange::Changed => ClauseChange::Changed,
            };
            prop_assert_eq!(ClauseChange::between(&new, &old), back);
            prop_assert_eq!(ClauseChange::between(&old, &old), ClauseChange::Changed);
            // No version anywhere speaks against the word.
            let (was, is) = (covers(&Clause::parse(&old), &probe), covers(&Clause::parse(&new), &probe));
            match there {
                ClauseChange::Narrowed => prop_assert!((was, is) != (0, 2), "{} covers {}, {} did not", new, probe, old),
                ClauseChange::Widened => prop_assert!((was, is) != (2, 0), "{} drops {} of {}", new, probe, old),
                ClauseChange::Changed => {}
            }
        }
    }
}
