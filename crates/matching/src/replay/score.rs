//! What was said, held against what is so.

use crate::fold::Judged;
use tallyward_core::verdict::Verdict;

/// What is so of a device and a document, as far as what is known of the device tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// The document covers it.
    Affected,
    /// The document does not cover it.
    NotAffected,
    /// What is known of the device does not tell: only *unknown* is right.
    Open,
}

/// The truth of one device and one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The device, by its place in the replay's list.
    pub device: u32,
    /// Id of the document.
    pub advisory: String,
    /// Id of the leaf the truth is about, when it is about one only: an affected finding that rests on other leaves
    /// then says nothing of it.
    pub leaf: Option<String>,
    /// What is so.
    pub truth: Truth,
}

/// Devices by how their verdicts compare with the truth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Said as it is: affected, not affected or no finding, unknown where nothing tells.
    pub right: u64,
    /// Unknown where the truth can be told.
    pub left_open: u64,
    /// Cleared, or without a finding, though affected or open: the worst error.
    pub misses: u64,
    /// Called affected though it is not, or though nothing tells.
    pub false_alarms: u64,
}

impl Marks {
    /// How many were compared.
    #[must_use]
    pub fn compared(&self) -> u64 {
        self.right + self.left_open + self.misses + self.false_alarms
    }

    /// Compares the findings of a device, of which there may be `count`.
    pub(crate) fn add(&mut self, expected: &Expected, findings: &[Judged], count: u64) {
        let of_document = || findings.iter().filter(|judged| judged.advisory == expected.advisory);
        let said = of_document().map(|judged| judged.verdict).reduce(Verdict::fold);
        let rests_on_it = |judged: &Judged| {
            judged.verdict == Verdict::Affected
                && expected.leaf.as_ref().is_none_or(|leaf| judged.products.contains(leaf))
        };
        let box_ = match (expected.truth, said) {
            (Truth::Affected, Some(Verdict::Affected))
            | (Truth::Open, Some(Verdict::Unknown))
            | (Truth::NotAffected, Some(Verdict::NotAffected) | None) => &mut self.right,
            (Truth::Affected | Truth::NotAffected, Some(Verdict::Unknown)) => &mut self.left_open,
            (Truth::Affected | Truth::Open, Some(Verdict::NotAffected) | None) => &mut self.misses,
            (Truth::NotAffected | Truth::Open, Some(Verdict::Affected)) => {
                if !of_document().any(rests_on_it) {
                    return;
                }
                &mut self.false_alarms
            }
        };
        *box_ += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(verdict: Verdict, leaf: &str) -> Judged {
        Judged {
            advisory: "A".to_owned(),
            vulnerability: "V".to_owned(),
            verdict,
            reasons: Vec::new(),
            missing: None,
            products: vec![leaf.to_owned()],
        }
    }

    fn mark(truth: Truth, leaf: Option<&str>, findings: &[Judged]) -> Marks {
        let expected = Expected { device: 0, advisory: "A".to_owned(), leaf: leaf.map(str::to_owned), truth };
        let mut marks = Marks::default();
        marks.add(&expected, findings, 2);
        marks
    }

    #[test]
    fn every_combination_has_its_box() {
        use Truth::{Affected, NotAffected, Open};
        let boxes = |marks: Marks| [marks.right, marks.left_open, marks.misses, marks.false_alarms];
        for (truth, said, wanted) in [
            (Affected, Some(Verdict::Affected), [2, 0, 0, 0]),
            (Affected, Some(Verdict::Unknown), [0, 2, 0, 0]),
            (Affected, Some(Verdict::NotAffected), [0, 0, 2, 0]),
            (Affected, None, [0, 0, 2, 0]),
            (NotAffected, Some(Verdict::Affected), [0, 0, 0, 2]),
            (NotAffected, Some(Verdict::Unknown), [0, 2, 0, 0]),
            (NotAffected, Some(Verdict::NotAffected), [2, 0, 0, 0]),
            (NotAffected, None, [2, 0, 0, 0]),
            (Open, Some(Verdict::Affected), [0, 0, 0, 2]),
            (Open, Some(Verdict::Unknown), [2, 0, 0, 0]),
            (Open, Some(Verdict::NotAffected), [0, 0, 2, 0]),
            (Open, None, [0, 0, 2, 0]),
        ] {
            let findings: Vec<Judged> = said.map(|verdict| found(verdict, "P1")).into_iter().collect();
            assert_eq!(boxes(mark(truth, None, &findings)), wanted, "{truth:?} {said:?}");
        }
    }

    #[test]
    fn an_affected_finding_that_rests_on_another_leaf_says_nothing_of_this_one() {
        let findings = [found(Verdict::Affected, "P2")];
        assert_eq!(mark(Truth::NotAffected, Some("P1"), &findings).compared(), 0);
        assert_eq!(mark(Truth::NotAffected, Some("P2"), &findings).false_alarms, 2);
    }
}
