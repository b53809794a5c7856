//! What this house corrects in documents of others: made, taken back, and looked at again after a revision.

use crate::App;
use crate::advisories::StoredAdvisory;
use crate::app::{doc, lock};
use crate::change::DocKind;
use crate::error::{AppError, Result};
use crate::views::{CorrectionAsked, CorrectionLine, CorrectionState, Moment};
use crate::who::Who;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tallyward_advisories::{Correction, Edit, Fate, Leaf, apply};
use tallyward_core::advisory::ProductStatus;
use tallyward_core::{Advisory, Timestamp};

/// One correction as it is kept. It is never removed: what once decided a verdict can be read for ever.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct StoredCorrection {
    id: String,
    advisory: String,
    correction: Correction,
    #[serde(default)]
    ended: Option<Ended>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Ended {
    by: String,
    at: Timestamp,
    why: String,
}

impl App {
    /// Corrects one passage of an advisory. Answers how many configurations have a finding of it.
    ///
    /// # Errors
    /// When there is no such passage, nothing would change, or no reason is given.
    pub fn correct_advisory(
        &self,
        who: &Who,
        advisory: &str,
        asked: &CorrectionAsked,
        why: &str,
    ) -> Result<usize> {
        may_correct(who)?;
        let why = reason(why)?;
        self.corrected_anew(
            advisory,
            |app, held| {
                let (read, _) = apply(held, &app.in_force_of(advisory)?);
                let (leaf, edit) = asked.read(&read)?;
                let made = Correction::of(&read, leaf, edit).map_err(unusable)?;
                let new = app.corrected_by(who, &read, made, why)?;
                let cause = format!("{} corrected {advisory} here: {}", who.name, new.correction.sentence());
                Ok((vec![new], "advisory.correct", cause))
            },
            who,
        )
    }

    /// Takes a correction back. Answers as [`App::correct_advisory`].
    ///
    /// # Errors
    /// When there is none of this id, it has ended already, or no reason is given.
    pub fn end_correction(&self, who: &Who, id: &str, why: &str) -> Result<usize> {
        may_correct(who)?;
        let why = reason(why)?;
        let advisory = self.open_correction(id)?.advisory;
        self.corrected_anew(
            &advisory,
            |app, _| {
                let held = app.open_correction(id)?;
                let says = held.correction.sentence();
                let cause = format!("{} took back a correction of {}: {says}", who.name, held.advisory);
                Ok((vec![app.ended(who, held, why)], "advisory.correct_end", cause))
            },
            who,
        )
    }

    /// Makes a correction that a revision stopped again, on the passage as it is now and under the name of whoever
    /// looked. Answers as [`App::correct_advisory`].
    ///
    /// # Errors
    /// When it still stands, or the document has no such leaf any more or says so itself.
    pub fn renew_correction(&self, who: &Who, id: &str) -> Result<usize> {
        may_correct(who)?;
        let advisory = self.open_correction(id)?.advisory;
        self.corrected_anew(
            &advisory,
            |app, document| {
                let held = app.open_correction(id)?;
                let line = app.corrections_on(document)?.1.into_iter().find(|line| line.id == held.id);
                if line.is_none_or(|line| line.state != CorrectionState::LookAgain) {
                    return Err(AppError::Refused("this correction is in force as it is".to_owned()));
                }
                let (read, _) = apply(document, &app.in_force_of(&held.advisory)?);
                let made = held.correction.again(&read).map_err(unusable)?;
                let new = app.corrected_by(who, &read, made, &held.correction.why)?;
                let says = new.correction.sentence();
                let why = format!("made again on revision {}", document.revision);
                let cause = format!("{} made a correction of {} again: {says}", who.name, held.advisory);
                Ok((vec![app.ended(who, held, &why), new], "advisory.correct_again", cause))
            },
            who,
        )
    }

    /// The corrections of an advisory, or all; those to look at again first.
    pub fn corrections(&self, advisory: Option<&str>) -> Result<Vec<CorrectionLine>> {
        let mut advisories: BTreeSet<String> = BTreeSet::new();
        match advisory {
            Some(id) => advisories.extend([id.to_owned()]),
            None => advisories.extend(
                self.load_all::<StoredCorrection>(DocKind::Correction, None)?
                    .into_iter()
                    .map(|one| one.advisory),
            ),
        }
        let mut lines = Vec::new();
        for id in advisories {
            lines.extend(self.corrections_on(&self.stored_advisory(&id)?.advisory)?.1);
        }
        lines.sort_by(|a, b| (a.state, b.at).cmp(&(b.state, a.at)));
        Ok(lines)
    }

    /// All of them as CSV.
    pub fn export_corrections(&self) -> Result<Vec<u8>> {
        let header = ["Advisory", "State", "Correction", "By", "At", "On revision", "Why", "Because", "Id"];
        let mut table = tallyward_report::Table::new(&header);
        for one in self.corrections(None)? {
            let state = one.state.label().to_owned();
            let at = one.at.0.to_string();
            table.push([
                one.advisory,
                state,
                one.says,
                one.by,
                at,
                one.revision,
                one.why,
                one.because,
                one.id,
            ]);
        }
        Ok(table.to_csv().into_bytes())
    }

    /// The advisory read with its corrections, and all of those, ended ones too.
    pub(crate) fn corrections_on(&self, advisory: &Advisory) -> Result<(Advisory, Vec<CorrectionLine>)> {
        let stored = self.stored_corrections(&advisory.id)?;
        let (open, ended): (Vec<_>, Vec<_>) = stored.into_iter().partition(|one| one.ended.is_none());
        let open_ones: Vec<Correction> = open.iter().map(|one| one.correction.clone()).collect();
        let (corrected, fates) = apply(advisory, &open_ones);
        let mut lines: Vec<CorrectionLine> = open
            .into_iter()
            .zip(fates)
            .map(|(one, fate)| match fate {
                Fate::Applied => line(one, CorrectionState::InForce, String::new()),
                Fate::Stale(why) => line(one, CorrectionState::LookAgain, why),
            })
            .collect();
        lines.extend(ended.into_iter().map(|one| {
            let because =
                one.ended.as_ref().map(|end| format!("Taken back by {} on {}: {}", end.by, end.at, end.why));
            line(one, CorrectionState::Ended, because.unwrap_or_default())
        }));
        lines.sort_by(|a, b| (a.state, b.at).cmp(&(b.state, a.at)));
        Ok((corrected, lines))
    }

    /// One advisory as it is judged here.
    pub(crate) fn corrected_advisory(&self, id: &str) -> Result<Advisory> {
        Ok(self.corrections_on(&self.stored_advisory(id)?.advisory)?.0)
    }

    /// A document as it is judged here, and how many corrections of it are in force.
    pub(crate) fn corrected(&self, advisory: Advisory) -> Result<(Advisory, usize)> {
        let open = self.in_force_of(&advisory.id)?;
        if open.is_empty() {
            return Ok((advisory, 0));
        }
        let (corrected, fates) = apply(&advisory, &open);
        Ok((corrected, fates.iter().filter(|fate| **fate == Fate::Applied).count()))
    }

    /// The advisories as they are judged here, and how many corrections of each are in force.
    pub(crate) fn corrected_advisories(&self) -> Result<(Vec<Advisory>, BTreeMap<String, usize>)> {
        let mut open: BTreeMap<String, Vec<StoredCorrection>> = BTreeMap::new();
        for one in self.load_all::<StoredCorrection>(DocKind::Correction, None)? {
            if one.ended.is_none() {
                open.entry(one.advisory.clone()).or_default().push(one);
            }
        }
        let mut counts = BTreeMap::new();
        let read = |held: &Arc<StoredAdvisory>| {
            let advisory = held.advisory.clone();
            let Some(mut stored) = open.remove(&advisory.id) else { return advisory };
            in_order(&mut stored);
            let corrections: Vec<Correction> = stored.into_iter().map(|one| one.correction).collect();
            let (corrected, fates) = apply(&advisory, &corrections);
            let applied = fates.iter().filter(|fate| **fate == Fate::Applied).count();
            if applied > 0 {
                counts.insert(advisory.id.clone(), applied);
            }
            corrected
        };
        let advisories = self.stored_advisories()?.iter().map(read).collect();
        Ok((advisories, counts))
    }

    /// Sentences on the corrections that `new` stops.
    pub(crate) fn corrections_touched(&self, old: &Advisory, new: &Advisory) -> Result<Vec<String>> {
        let open = self.in_force_of(&old.id)?;
        let (before, after) = (apply(old, &open).1, apply(new, &open).1);
        let stopped = open.iter().zip(before.iter().zip(&after)).filter_map(|(one, fates)| match fates {
            (Fate::Applied, Fate::Stale(why)) => Some((one, why)),
            _ => None,
        });
        let told = |(one, why): (&Correction, &String)| {
            format!(
                "A correction made here is not applied any more until somebody looks again: {} {why}",
                one.sentence()
            )
        };
        Ok(stopped.map(told).collect())
    }

    fn stored_corrections(&self, advisory: &str) -> Result<Vec<StoredCorrection>> {
        let mut stored = self.load_all(DocKind::Correction, Some(advisory))?;
        in_order(&mut stored);
        Ok(stored)
    }

    /// The corrections nobody has ended, in their order.
    fn in_force_of(&self, advisory: &str) -> Result<Vec<Correction>> {
        let open = self.stored_corrections(advisory)?.into_iter().filter(|one| one.ended.is_none());
        Ok(open.map(|one| one.correction).collect())
    }

    fn open_correction(&self, id: &str) -> Result<StoredCorrection> {
        let held: Option<StoredCorrection> = self.load(DocKind::Correction, id)?;
        let held = held.ok_or_else(|| AppError::not_found("correction", id))?;
        match &held.ended {
            Some(end) => Err(AppError::Refused(format!("this correction was taken back by {}", end.by))),
            None => Ok(held),
        }
    }

    fn corrected_by(
        &self,
        who: &Who,
        read: &Advisory,
        made: Correction,
        why: &str,
    ) -> Result<StoredCorrection> {
        let correction = Correction { by: who.name.clone(), at: self.now(), why: why.to_owned(), ..made };
        // The number keeps those of one moment in order, chance tells advisories apart.
        let number = self.stored_corrections(&read.id)?.len() + 1;
        let id = format!("C{number:04}-{}", self.random_hex(4));
        Ok(StoredCorrection { id, advisory: read.id.clone(), correction, ended: None })
    }

    fn ended(&self, who: &Who, held: StoredCorrection, why: &str) -> StoredCorrection {
        let end = Ended { by: who.name.clone(), at: self.now(), why: why.to_owned() };
        StoredCorrection { ended: Some(end), ..held }
    }

    /// Writes down what `make` answers (corrections, the audit action, the cause in a sentence) and judges anew.
    fn corrected_anew(
        &self,
        advisory: &str,
        make: impl FnOnce(&Self, &Advisory) -> Result<(Vec<StoredCorrection>, &'static str, String)>,
        who: &Who,
    ) -> Result<usize> {
        let writing = lock(&self.state.fleet);
        let document = self.stored_advisory(advisory)?.advisory;
        let (stored, action, cause) = make(self, &document)?;
        let mut event = self.event(who, action, format!("advisory {advisory}"));
        event.after.clone_from(&cause);
        let touched = BTreeSet::from([advisory.to_owned()]);
        let put = |one: &StoredCorrection| doc(DocKind::Correction, one.id.clone(), advisory, one);
        let docs = stored.iter().map(put).collect();
        self.commit_and_judge(writing, docs, event, &touched, &cause)
    }
}

impl CorrectionAsked {
    /// What is asked, read against the document.
    fn read(&self, document: &Advisory) -> Result<(Leaf, Edit)> {
        let named = || (self.vendor.trim().to_owned(), self.product.trim().to_owned());
        let mut leaf = Leaf { id: self.product_id.trim().to_owned(), ..Leaf::default() };
        let edit = match self.what.trim() {
            "clause" => Edit::Version(self.clause.trim().to_owned()),
            "name" if self.product.trim().is_empty() => {
                return Err(AppError::invalid("product", "give the vendor and the product it is"));
            }
            "name" => {
                let (vendor, product) = named();
                Edit::Name { vendor, product }
            }
            "status" => {
                Edit::Status { vulnerability: self.vulnerability.trim().to_owned(), status: self.status()? }
            }
            "leave_out" => Edit::Drop,
            "add" => {
                let Some(status) = self.status()?.filter(|_| !self.product.trim().is_empty()) else {
                    return Err(AppError::invalid("product", "what is added needs a product and a status"));
                };
                (leaf.vendor, leaf.product) = named();
                self.clause.trim().clone_into(&mut leaf.version);
                if leaf.id.is_empty() {
                    leaf.id = format!("house-{}", document.products.len() + 1);
                }
                Edit::Add(self.flaws(document).map(|flaw| (flaw, status)).collect())
            }
            other => {
                let why = format!("expected clause, name, status, leave_out or add, not {other:?}");
                return Err(AppError::invalid("what", why));
            }
        };
        Ok((leaf, edit))
    }

    /// The one vulnerability asked for, or all of the document.
    fn flaws(&self, document: &Advisory) -> impl Iterator<Item = String> {
        let asked = self.vulnerability.trim().to_owned();
        let all: BTreeSet<String> = document.vulnerabilities.iter().map(|flaw| flaw.id.clone()).collect();
        if asked.is_empty() { all } else { BTreeSet::from([asked]) }.into_iter()
    }

    fn status(&self) -> Result<Option<ProductStatus>> {
        match self.status.trim() {
            "none" => Ok(None),
            code => serde_json::from_value(code.into()).map(Some).map_err(|_| {
                let why = format!("expected none or a status such as known_affected, fixed or known_not_affected, not {code:?}");
                AppError::invalid("status", why)
            }),
        }
    }
}

fn unusable(why: String) -> AppError {
    AppError::invalid("correction", why)
}

fn may_correct(who: &Who) -> Result<()> {
    if who.name.trim().is_empty() {
        return Err(AppError::invalid("by", "say who: a correction stands under a name"));
    }
    if who.role.may_write() {
        return Ok(());
    }
    Err(AppError::Refused("a reader cannot correct an advisory".to_owned()))
}

fn reason(why: &str) -> Result<&str> {
    let why = why.trim();
    if why.is_empty() {
        return Err(AppError::invalid("why", "say why: whoever reads the verdict will want to know"));
    }
    Ok(why)
}

/// The order they were made in: a later one may rest on an earlier one.
fn in_order(stored: &mut [StoredCorrection]) {
    stored.sort_by(|a, b| (a.correction.at, &a.id).cmp(&(b.correction.at, &b.id)));
}

fn line(one: StoredCorrection, state: CorrectionState, because: String) -> CorrectionLine {
    CorrectionLine {
        state,
        says: one.correction.sentence(),
        revision: one.correction.revision,
        by: one.correction.by,
        at: Moment(one.correction.at),
        why: one.correction.why,
        because,
        id: one.id,
        advisory: one.advisory,
    }
}
