//! What people have said of conditions: bound to an advisory and a model, until they say otherwise.

use crate::resolve::ModelKey;
use rustc_hash::FxHashMap;
use tallyward_core::decision::{Decision, Judgement};
use tallyward_identity::text::fold;
use tallyward_versions::Settled;

/// One judgement, with the words for the reason.
#[derive(Clone, Debug)]
struct Said {
    advisory: String,
    text: String,
    holds: bool,
    says: String,
}

/// The judgements on conditions in force, by model.
#[derive(Clone, Debug, Default)]
pub(crate) struct Conditions {
    of_model: FxHashMap<ModelKey, Vec<Said>>,
}

impl Conditions {
    /// Of decisions in order of time: a later one on the same words takes the place of an earlier one.
    pub fn of(decisions: &[&Decision], key: impl Fn(&str, &str) -> ModelKey) -> Self {
        let mut of_model: FxHashMap<ModelKey, Vec<Said>> = FxHashMap::default();
        for decision in decisions {
            let Judgement::Condition { advisory, maker, model, text, holds } = &decision.judgement else {
                continue;
            };
            let held = of_model.entry(key(maker, model)).or_default();
            held.retain(|said| said.advisory != *advisory || fold(&said.text) != fold(text));
            held.push(Said {
                advisory: advisory.clone(),
                text: text.clone(),
                holds: *holds,
                says: format!("{} decided on {}", decision.by, decision.at.date()),
            });
        }
        Self { of_model }
    }

    pub fn know(&self, model: &ModelKey) -> bool {
        self.of_model.contains_key(model)
    }

    /// What is settled for a model in one advisory.
    pub fn settled(&self, model: &ModelKey, advisory: &str) -> Vec<Settled<'_>> {
        let said = self.of_model.get(model).into_iter().flatten().filter(|said| said.advisory == advisory);
        said.map(|said| Settled { text: &said.text, holds: said.holds, says: &said.says }).collect()
    }
}

/// Whether a condition is one that a person may settle for a whole model. What the maker has yet to say, which of
/// several serial numbers a device bears, and whether it is one of the units recalled, is not.
#[must_use]
pub fn may_be_settled(text: &str) -> bool {
    text != INVESTIGATED && text != SERIAL && text != RECALLED
}

/// The condition of a product that the maker is still looking into.
pub(crate) const INVESTIGATED: &str = "the product is affected; the maker is still looking into it";

/// The condition of a leaf about some serial numbers.
pub(crate) const SERIAL: &str = "its serial number is one the advisory lists";

/// The condition of a leaf about units that a recall names in words.
pub(crate) const RECALLED: &str = "this device is one of those recalled";
