//! CISA BOD 26-04: by when a US federal civilian agency has to mend a flaw; a benchmark for everybody else.

use crate::axis::{Automatable, BodTimeline, InKev, PubliclyExposed, TechnicalImpact};
use crate::tables::Tables;

/// What the directive's table asks for. `None` means nobody knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BodInputs {
    /// Whether the flaw stands in KEV.
    pub in_kev: Option<InKev>,
    /// Whether the device can be reached from the internet.
    pub publicly_exposed: Option<PubliclyExposed>,
    /// Whether an attack can be run without a person at each target.
    pub automatable: Option<Automatable>,
    /// How much control an attack gives.
    pub technical_impact: Option<TechnicalImpact>,
}

/// What the table says: one timeline when all that matters is known, else a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bod {
    /// The calmest timeline the known inputs allow.
    pub calmest: BodTimeline,
    /// The strictest one.
    pub strictest: BodTimeline,
}

impl Bod {
    /// As a sentence, with whom it binds.
    #[must_use]
    pub fn sentence(&self) -> String {
        let (calm, strict) = (self.calmest.label(), self.strictest.label());
        let when = if calm == strict {
            calm.to_owned()
        } else {
            format!("at the strictest {strict}; at the calmest {calm}; not all it asks for is known")
        };
        format!(
            "CISA BOD 26-04 (binding on US federal civilian agencies only, a benchmark for others): {when}."
        )
    }
}

/// Looks the inputs up. An input nobody knows is tried with each of its values, so that nothing is guessed.
#[must_use]
pub fn bod(tables: &Tables, inputs: &BodInputs) -> Bod {
    let fits = |((kev, exposed, automatable, impact), timeline): (&crate::tables::BodKey, &BodTimeline)| {
        let fit = inputs.in_kev.is_none_or(|known| known == *kev)
            && inputs.publicly_exposed.is_none_or(|known| known == *exposed)
            && inputs.automatable.is_none_or(|known| known == *automatable)
            && inputs.technical_impact.is_none_or(|known| known == *impact);
        fit.then_some(*timeline)
    };
    let answers = || tables.bod.iter().filter_map(fits);
    Bod {
        // The table is whole, so every input fits at least one row.
        calmest: answers().min().unwrap_or(BodTimeline::ThreeDaysForensic),
        strictest: answers().max().unwrap_or(BodTimeline::ThreeDaysForensic),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_gives_one_timeline_and_what_is_not_gives_a_range() {
        let tables = Tables::builtin();
        let known = BodInputs {
            in_kev: Some(InKev::Yes),
            publicly_exposed: Some(PubliclyExposed::No),
            automatable: Some(Automatable::Yes),
            technical_impact: Some(TechnicalImpact::Partial),
        };
        let one = bod(&tables, &known);
        assert_eq!((one.calmest, one.strictest), (BodTimeline::FourteenDays, BodTimeline::FourteenDays));
        let open = bod(&tables, &BodInputs { publicly_exposed: None, ..known });
        assert_eq!((open.calmest, open.strictest), (BodTimeline::FourteenDays, BodTimeline::ThreeDays));
        let all = bod(&tables, &BodInputs::default());
        assert_eq!((all.calmest, all.strictest), (BodTimeline::OnUpgrade, BodTimeline::ThreeDaysForensic));
        insta::assert_snapshot!(one.sentence(), @"CISA BOD 26-04 (binding on US federal civilian agencies only, a benchmark for others): within 14 days.");
        insta::assert_snapshot!(open.sentence(), @"CISA BOD 26-04 (binding on US federal civilian agencies only, a benchmark for others): at the strictest within 3 days; at the calmest within 14 days; not all it asks for is known.");
    }

    /// An unknown input never leaves out what a known one would have said.
    #[test]
    fn a_range_holds_every_answer_that_may_be_the_right_one() {
        let tables = Tables::builtin();
        for (key, timeline) in &tables.bod {
            for mask in 0..16 {
                let inputs = BodInputs {
                    in_kev: (mask & 1 > 0).then_some(key.0),
                    publicly_exposed: (mask & 2 > 0).then_some(key.1),
                    automatable: (mask & 4 > 0).then_some(key.2),
                    technical_impact: (mask & 8 > 0).then_some(key.3),
                };
                let range = bod(&tables, &inputs);
                assert!(range.calmest <= *timeline && *timeline <= range.strictest, "{inputs:?}");
                assert!(mask != 15 || range.calmest == range.strictest);
            }
        }
    }
}
