//! Conditions of clauses: whether they hold for a model here, as a named person says, and taken back.

use crate::App;
use crate::app::{doc, lock, parse};
use crate::change::DocKind;
use crate::error::{AppError, Result};
use crate::fleet::Config;
use crate::views::{Moment, SettledCondition};
use crate::who::Who;
use std::collections::BTreeSet;
use tallyward_core::decision::in_force;
use tallyward_core::{Decision, Judgement, MissingFact};
use tallyward_identity::text::squash;
use tallyward_matching::may_be_settled;

/// A condition of an advisory, about a model here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionOf {
    /// Id of the advisory.
    pub advisory: String,
    /// Canonical maker here.
    pub maker: String,
    /// Canonical model here.
    pub model: String,
    /// The condition as the missing fact words it.
    pub text: String,
}

impl App {
    /// Records whether a condition of an advisory holds for a model here. Answers how many configurations were judged
    /// anew.
    ///
    /// # Errors
    /// When the person may not write, no finding waits for this condition, or it is none that holds for a model.
    pub fn decide_condition(&self, who: &Who, of: &ConditionOf, holds: bool) -> Result<usize> {
        if !who.role.may_write() {
            return Err(AppError::Refused("a reader cannot decide".to_owned()));
        }
        if of.model.is_empty() || !may_be_settled(&of.text) {
            return Err(AppError::invalid("condition", "this is nothing that holds for a whole model"));
        }
        if !self.waits_for(of)? {
            return Err(AppError::not_found("condition", format!("{} / {}", of.advisory, of.text)));
        }
        let judgement = Judgement::Condition {
            advisory: of.advisory.clone(),
            maker: of.maker.clone(),
            model: of.model.clone(),
            text: of.text.clone(),
            holds,
        };
        let after = format!("{}: {}", if holds { "holds" } else { "does not hold" }, of.text);
        self.judge_condition(who, of, judgement, "condition.decide", &after)
    }

    /// Takes back what was said of a condition, so that findings wait for it again. Answers how many configurations
    /// were judged anew.
    ///
    /// # Errors
    /// When the person may not write, or no such judgement is in force.
    pub fn take_back_condition(&self, who: &Who, decision: &str) -> Result<usize> {
        if !who.role.may_write() {
            return Err(AppError::Refused("a reader cannot decide".to_owned()));
        }
        let all: Vec<Decision> = self.load_all(DocKind::Decision, None)?;
        let standing = in_force(&all, self.now()).into_iter().find(|one| one.id == decision);
        let Some(Judgement::Condition { advisory, maker, model, text, .. }) =
            standing.map(|one| one.judgement.clone())
        else {
            return Err(AppError::not_found("judgement", decision));
        };
        let of = ConditionOf { advisory, maker, model, text };
        let judgement = Judgement::Revoke { decision: decision.to_owned() };
        let after = format!("taken back: {}", of.text);
        self.judge_condition(who, &of, judgement, "condition.take_back", &after)
    }

    fn judge_condition(
        &self,
        who: &Who,
        of: &ConditionOf,
        judgement: Judgement,
        action: &str,
        after: &str,
    ) -> Result<usize> {
        let writing = lock(&self.state.fleet);
        let decision = Decision {
            at: self.now(),
            id: format!("condition-{}", self.random_hex(8)),
            by: who.login.clone(),
            reason: String::new(),
            judgement,
        };
        let mut event = self.event(who, action, format!("{} {}", of.maker, of.model));
        event.after = format!("{}: {after}", of.advisory);
        let touched = BTreeSet::from([of.advisory.clone()]);
        let docs = vec![doc(DocKind::Decision, decision.id.clone(), "", &decision)];
        let cause = format!("{} decided for {:?} here ({after}).", who.login, of.model);
        self.commit_and_judge(writing, docs, event, &touched, &cause)
    }

    /// Whether some finding of that model waits for that condition of that advisory.
    fn waits_for(&self, of: &ConditionOf) -> Result<bool> {
        let asked = MissingFact::Condition { text: of.text.clone() };
        let mut waiting = BTreeSet::new();
        for unknown in self.store.unknowns()?.into_iter().filter(|one| one.advisory == of.advisory) {
            let fact: MissingFact = parse(DocKind::Setting, "missing fact", &unknown.missing)?;
            if fact == asked {
                waiting.insert(unknown.config);
            }
        }
        for row in self.store.configs()?.into_iter().filter(|row| waiting.contains(&row.id)) {
            let config: Config = parse(DocKind::Setting, &row.id.0.to_string(), &row.body)?;
            if config.facts.maker == of.maker && config.facts.model == of.model {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What is settled of an advisory's conditions for a model here, the newest last.
    pub(crate) fn settled_conditions(
        &self,
        advisory: &str,
        maker: &str,
        model: &str,
    ) -> Result<Vec<SettledCondition>> {
        let all: Vec<Decision> = self.load_all(DocKind::Decision, None)?;
        let mut settled: Vec<SettledCondition> = Vec::new();
        for decision in in_force(&all, self.now()) {
            let Judgement::Condition { advisory: in_it, maker: by, model: named, text, holds } =
                &decision.judgement
            else {
                continue;
            };
            let here = in_it == advisory && squash(by) == squash(maker) && squash(named) == squash(model);
            if here {
                settled.retain(|one| one.text != *text);
                settled.push(SettledCondition {
                    decision: decision.id.clone(),
                    text: text.clone(),
                    holds: *holds,
                    by: decision.by.clone(),
                    at: Moment(decision.at),
                });
            }
        }
        Ok(settled)
    }
}
