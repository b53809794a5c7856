//! Advisories taken in and shown.

use crate::App;
use crate::app::{doc, hex, lock, parse};
use crate::change::{AuditPut, ChangeSet, DocKind, DocPut};
use crate::error::{AppError, Result};
use crate::fleet::Config;
use crate::originals::Origin;
use crate::ports::AdvisoryCounts;
use crate::sboms::Incoming;
use crate::unpack;
use crate::views::{
    AdvisoryIntake, AdvisoryLine, AdvisoryPage, ClauseLine, Damaged, Moment, RevisionLine, UnmatchedProduct,
};
use crate::who::Who;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, MutexGuard};
use tallyward_advisories::{Documents, ReadError, changes, read_document, same_content};
use tallyward_core::{Advisory, Decision, Judgement, Label, Timestamp};
use tallyward_matching::{clause_of, spoken_identifiers, unmatched};

/// Most bytes of one document that are read.
pub const MAX_DOCUMENT: u64 = tallyward_advisories::MAX_BYTES as u64;

/// What is kept of an advisory: its newest revision, when it came, and what changed against the one before.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StoredAdvisory {
    pub advisory: Advisory,
    pub received: Timestamp,
    #[serde(default)]
    pub changes: Vec<String>,
    /// SHA-256 of the document's bytes, under which they are kept; empty when it came before they were.
    #[serde(default)]
    pub original: String,
}

/// A file on its way in.
pub(crate) struct Arriving {
    pub name: String,
    pub bytes: Vec<u8>,
    pub origin: Origin,
}

/// A document of such a file.
struct Document<'a> {
    name: &'a str,
    bytes: &'a [u8],
    sha256: String,
    origin: &'a Origin,
}

/// Every advisory on file, by id.
pub(crate) type OnFile = Arc<BTreeMap<String, Arc<StoredAdvisory>>>;

/// A file, or a part of one, that could not be read.
pub(crate) fn damaged(name: &str, error: ReadError) -> Damaged {
    let inside = if error.pointer.is_empty() { String::new() } else { format!(" ({})", error.pointer) };
    let place = format!("line {}, column {}{inside}", error.line, error.column);
    Damaged { file: name.to_owned(), place, why: error.what }
}

/// What one document holds; what cannot be read is told in the intake.
fn documents_of(
    name: &str,
    document: std::result::Result<&[u8], String>,
    intake: &mut AdvisoryIntake,
) -> Documents {
    let bytes = match document {
        Ok(bytes) => bytes,
        Err(why) => {
            intake.damaged.push(Damaged { file: name.to_owned(), place: "the file".to_owned(), why });
            return Documents::default();
        }
    };
    match read_document(bytes, name) {
        Ok(mut read) => {
            let lost = std::mem::take(&mut read.lost);
            intake.damaged.extend(lost.into_iter().map(|error| damaged(name, error)));
            read
        }
        Err(error) => {
            intake.damaged.push(damaged(name, error));
            Documents::default()
        }
    }
}

impl App {
    /// Takes in files of advisories, `(name, bytes)`, of any format that [`read_document`] tells, or zip and gzip of
    /// them. A damaged file is reported with its place and the rest goes on; an unchanged one does nothing.
    pub fn import_advisories(&self, who: &Who, files: Vec<(String, Vec<u8>)>) -> Result<AdvisoryIntake> {
        self.import_advisories_with(who, files, &mut |_, _| {})
    }

    /// As [`App::import_advisories`], telling `progress` how many files of how many are read.
    pub fn import_advisories_with(
        &self,
        who: &Who,
        files: Vec<(String, Vec<u8>)>,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<AdvisoryIntake> {
        let arriving = |(name, bytes)| Arriving { name, bytes, origin: Origin::default() };
        self.take_arriving(who, files.into_iter().map(arriving).collect(), progress)
    }

    /// As [`App::import_advisories_with`], of files whose origin is known.
    pub(crate) fn take_arriving(
        &self,
        who: &Who,
        files: Vec<Arriving>,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<AdvisoryIntake> {
        if !who.role.may_write() {
            return Err(AppError::Refused("a reader cannot take in advisories".to_owned()));
        }
        let writing = lock(&self.state.fleet);
        let mut intake = AdvisoryIntake::default();
        let mut change = ChangeSet::default();
        let mut touched = BTreeSet::new();
        let mut flaws = Incoming::default();
        let total = files.len();
        for (at, Arriving { name, bytes, origin }) in files.into_iter().enumerate() {
            progress(at + 1, total);
            unpack::each(&name, &bytes, &mut |name, document| {
                let bytes = document.as_ref().copied().unwrap_or_default();
                let read = documents_of(name, document, &mut intake);
                self.take_flaws(who, read.flaws, &mut flaws)?;
                let document = Document { name, bytes, sha256: hex(&Sha256::digest(bytes)), origin: &origin };
                for advisory in read.advisories {
                    if let Some(id) = self.take_in(who, advisory, &document, &mut intake, &mut change)? {
                        touched.insert(id);
                    }
                }
                Ok::<(), AppError>(())
            })?;
        }
        self.commit_flaws(who, &mut flaws)?;
        intake.flaws = flaws.intake;
        if touched.is_empty() {
            // What was held already, and its bytes were not.
            if !change.docs.is_empty() {
                self.commit(change)?;
            }
        } else {
            change.docs.push(self.mark_unjudged(&touched)?);
            self.commit(change)?;
            intake.verdicts_changed = self.judge_taken_in(&touched, &cause_of(&intake))?;
        }
        drop(writing);
        self.refresh_drafts_of(&touched)?;
        Ok(intake)
    }

    /// Takes in an advisory that was written here, the way every other is; `change` says who stands behind it and is
    /// committed with it. Answers how many configurations have a finding of it.
    pub(crate) fn take_in_written(
        &self,
        who: &Who,
        advisory: Advisory,
        document: &str,
        mut change: ChangeSet,
    ) -> Result<usize> {
        let writing = lock(&self.state.fleet);
        let mut intake = AdvisoryIntake::default();
        let mut touched = BTreeSet::new();
        let bytes = document.as_bytes();
        let sha256 = hex(&Sha256::digest(bytes));
        let name = format!("{}.json", advisory.id);
        let document = Document { name: &name, bytes, sha256, origin: &Origin::default() };
        touched.extend(self.take_in(who, advisory, &document, &mut intake, &mut change)?);
        if !touched.is_empty() {
            change.docs.push(self.mark_unjudged(&touched)?);
        }
        self.commit(change)?;
        let judged = if touched.is_empty() { 0 } else { self.judge_taken_in(&touched, &cause_of(&intake))? };
        drop(writing);
        self.refresh_drafts_of(&touched)?;
        Ok(judged)
    }

    /// Adds one advisory to the change and to the tale of the intake; answers its id unless it is unchanged.
    fn take_in(
        &self,
        who: &Who,
        advisory: Advisory,
        document: &Document<'_>,
        intake: &mut AdvisoryIntake,
        change: &mut ChangeSet,
    ) -> Result<Option<String>> {
        let held: Option<StoredAdvisory> = self.load(DocKind::Advisory, &advisory.id)?;
        let mut event = self.event(who, "advisory.take", format!("advisory {}", advisory.id));
        event.after = format!("revision {} {}", advisory.revision, advisory.hash);
        let mut changed = Vec::new();
        match held {
            Some(held)
                if same_content(&held.advisory, &advisory)
                    && !major_change(&held.advisory.revision, &advisory.revision) =>
            {
                intake.unchanged += 1;
                if held.original.is_empty() && held.advisory.hash == advisory.hash {
                    let id = advisory.id;
                    let held = StoredAdvisory { original: document.sha256.clone(), ..held };
                    change.docs.push(doc(DocKind::Advisory, id, "", &held));
                    self.keep_original(document, change)?;
                }
                return Ok(None);
            }
            // A bundle was written some time ago; what has come since by another way stands.
            Some(held) if document.origin.via.is_some() && advisory.revised < held.advisory.revised => {
                intake.older.push(advisory.id);
                return Ok(None);
            }
            Some(held) => {
                event.before = format!("revision {} {}", held.advisory.revision, held.advisory.hash);
                changed = changes(&held.advisory, &advisory);
                let mut told = changed.clone();
                told.extend(self.corrections_touched(&held.advisory, &advisory)?);
                intake.changed.push((advisory.id.clone(), told));
                change.docs.push(revision_put(&held));
            }
            None => intake.new.push(advisory.id.clone()),
        }
        let id = advisory.id.clone();
        self.keep_original(document, change)?;
        let original = document.sha256.clone();
        let stored = StoredAdvisory { received: self.now(), changes: changed, original, advisory };
        change.docs.push(doc(DocKind::Advisory, id.clone(), "", &stored));
        change.audit.push(event);
        Ok(Some(id))
    }

    /// Keeps the document's bytes, once.
    fn keep_original(&self, document: &Document<'_>, change: &mut ChangeSet) -> Result<()> {
        let id = &document.sha256;
        if !change.docs.iter().any(|put| put.kind == DocKind::Original && put.id == *id) {
            change.docs.extend(self.original_put(id, document.name, document.bytes, document.origin)?);
        }
        Ok(())
    }

    /// The name and the bytes of an advisory's document as they arrived.
    pub fn advisory_original(&self, id: &str) -> Result<(String, Vec<u8>)> {
        let held = self.stored_advisory(id)?;
        if held.original.is_empty() {
            return Err(AppError::not_found("original kept of advisory", id));
        }
        self.original(&held.original)
    }

    /// Commits what a person said of these advisories, judges them anew and works the drafts out again. Answers how
    /// many configurations were judged.
    pub(crate) fn commit_and_judge(
        &self,
        writing: MutexGuard<'_, ()>,
        mut docs: Vec<DocPut>,
        event: AuditPut,
        touched: &BTreeSet<String>,
        cause: &str,
    ) -> Result<usize> {
        docs.push(self.mark_unjudged(touched)?);
        self.commit(ChangeSet { docs, audit: vec![event], ..ChangeSet::default() })?;
        let judged = self.judge_again(touched, cause)?;
        drop(writing);
        self.refresh_drafts()?;
        Ok(judged)
    }

    /// The mark that these advisories wait to be judged. It stands in the commit that brings them and goes with the
    /// last verdict, so that a process killed in between finds its work at the next start.
    pub(crate) fn mark_unjudged(&self, advisories: &BTreeSet<String>) -> Result<DocPut> {
        let mut waiting = self.unjudged()?;
        waiting.extend(advisories.iter().cloned());
        Ok(doc(DocKind::Setting, "unjudged", "", &waiting))
    }

    pub(crate) fn unjudged(&self) -> Result<BTreeSet<String>> {
        Ok(self.load(DocKind::Setting, "unjudged")?.unwrap_or_default())
    }

    /// Judges what a killed process left unjudged, and everything when the program or its tables have changed
    /// since the verdicts were reached.
    pub(crate) fn settle_verdicts(&self) -> Result<()> {
        let mut waiting = self.unjudged()?;
        let reached: Option<String> = self.load(DocKind::Setting, "judged_with")?;
        if reached.as_deref() != Some(self.judges_with()) {
            waiting = self.stored_advisories()?.iter().map(|held| held.advisory.id.clone()).collect();
        }
        if !waiting.is_empty() {
            self.judge_again(
                &waiting,
                "Verdicts were worked out anew after the program, its tables or a cut-short run.",
            )?;
        }
        let mark = doc(DocKind::Setting, "judged_with", "", &self.judges_with());
        self.commit(ChangeSet { docs: vec![mark], ..ChangeSet::default() })?;
        Ok(())
    }

    /// Every advisory on file in order of id, held in memory: lists and judging ask for all of them.
    pub(crate) fn stored_advisories(&self) -> Result<Vec<Arc<StoredAdvisory>>> {
        let mut held = lock(&self.state.advisories);
        if let Some(held) = held.as_ref() {
            return Ok(held.values().cloned().collect());
        }
        let all: Vec<StoredAdvisory> = self.load_all(DocKind::Advisory, None)?;
        let by_id = all.into_iter().map(|one| (one.advisory.id.clone(), Arc::new(one))).collect();
        let on_file = held.insert(Arc::new(by_id));
        Ok(on_file.values().cloned().collect())
    }

    /// Brings what is held in memory to the state after a commit. One at a time changes advisories, so the last to
    /// tell is the last that was committed.
    pub(crate) fn note_advisories(&self, puts: &[DocPut]) -> Result<()> {
        let mut held = lock(&self.state.advisories);
        let Some(on_file) = held.as_mut().filter(|_| !puts.is_empty()) else { return Ok(()) };
        let on_file = Arc::make_mut(on_file);
        for put in puts {
            match &put.body {
                Some(body) => {
                    let stored = parse(DocKind::Advisory, &put.id, body)?;
                    on_file.insert(put.id.clone(), Arc::new(stored));
                }
                None => {
                    on_file.remove(&put.id);
                }
            }
        }
        Ok(())
    }

    pub(crate) fn stored_advisory(&self, id: &str) -> Result<StoredAdvisory> {
        self.load(DocKind::Advisory, id)?.ok_or_else(|| AppError::not_found("advisory", id))
    }

    /// Documents as rows of a list, in the order given.
    pub(crate) fn advisory_lines(&self, held: &[Arc<StoredAdvisory>]) -> Result<Vec<AdvisoryLine>> {
        let counts: BTreeMap<String, AdvisoryCounts> =
            self.store.advisory_counts()?.into_iter().map(|one| (one.advisory.clone(), one)).collect();
        Ok(held.iter().map(|held| line(held, counts.get(&held.advisory.id))).collect())
    }

    /// Advisories on file, newest first.
    pub fn advisories(&self) -> Result<Vec<AdvisoryLine>> {
        let mut lines = self.advisory_lines(&self.stored_advisories()?)?;
        lines.sort_by(|a, b| (b.revised, &b.id).cmp(&(a.revised, &a.id)));
        Ok(lines)
    }

    /// One advisory.
    pub fn advisory(&self, id: &str) -> Result<AdvisoryPage> {
        let held = self.stored_advisory(id)?;
        let counts = self.store.advisory_counts()?.into_iter().find(|one| one.advisory == id);
        let configs: Vec<Config> = self
            .store
            .configs()?
            .iter()
            .map(|row| crate::app::parse(DocKind::Setting, &row.id.0.to_string(), &row.body))
            .collect::<Result<_>>()?;
        let facts: Vec<_> = configs.into_iter().map(|config| config.facts).collect();
        let known = self.known()?;
        let (comments, read_by) = self.remarks(id, &held.advisory.hash)?;
        let (corrected, corrections) = self.corrections_on(&held.advisory)?;
        Ok(AdvisoryPage {
            corrections,
            contradictions_left: corrected.contradictions.clone(),
            line: line(&held, counts.as_ref()),
            clauses: clauses(&held.advisory),
            unmatched: unmatched(&[&corrected], &facts, &known.resolver)
                .into_iter()
                .map(|none| UnmatchedProduct {
                    nearest: none.nearest.iter().map(|one| format!("{} {}", one.maker, one.model)).collect(),
                    vendor: none.vendor,
                    product: none.product,
                })
                .collect(),
            counts: counts.unwrap_or_else(|| no_counts(id)),
            changes: held.changes,
            revisions: self.revisions(id)?,
            remedies: self.remedy_counts(&corrected)?,
            semantic: is_semantic(&held.advisory.revision).is_some(),
            comments,
            read_by,
            tlp: Label::of(&held.advisory.tlp).code().to_owned(),
            original: held.original,
            advisory: held.advisory,
            as_of: Moment(self.now()),
        })
    }

    /// The earlier revisions of an advisory, newest first.
    fn revisions(&self, id: &str) -> Result<Vec<RevisionLine>> {
        let mut held: Vec<StoredAdvisory> = self.load_all(DocKind::Revision, Some(id))?;
        held.sort_by_key(|one| std::cmp::Reverse(one.received));
        Ok(held.iter().map(crate::shelf::compare::revision_line).collect())
    }

    /// Records whether an advisory's product and a model here are the same. Answers how many configurations
    /// were judged anew.
    pub fn decide_product(
        &self,
        who: &Who,
        vendor: &str,
        product: &str,
        maker: &str,
        model: &str,
        same: bool,
    ) -> Result<usize> {
        if !who.role.may_write() {
            return Err(AppError::Refused("a reader cannot decide".to_owned()));
        }
        let writing = lock(&self.state.fleet);
        let decision = Decision {
            at: self.now(),
            id: format!("product-{}", self.random_hex(8)),
            by: who.login.clone(),
            reason: String::new(),
            judgement: Judgement::Product {
                vendor: vendor.to_owned(),
                product: product.to_owned(),
                maker: maker.to_owned(),
                model: model.to_owned(),
                same,
            },
        };
        let mut event = self.event(who, "product.decide", format!("{maker} {model}"));
        event.after = format!("{} {vendor} {product}", if same { "same as" } else { "not" });
        let names = |held: &Advisory| {
            let is_it = |leaf: &tallyward_core::Product| {
                leaf.vendor == vendor && tallyward_matching::product_name(held, leaf) == product
            };
            held.products.iter().any(is_it)
        };
        let touched: BTreeSet<String> =
            self.corrected_advisories()?.0.into_iter().filter(names).map(|advisory| advisory.id).collect();
        let docs = vec![doc(DocKind::Decision, decision.id.clone(), "", &decision)];
        let cause = format!(
            "{} decided that {model:?} here is {} {product:?}.",
            who.login,
            if same { "the same as" } else { "not" }
        );
        self.commit_and_judge(writing, docs, event, &touched, &cause)
    }
}

/// Keeps a revision that another one takes the place of.
pub(crate) fn revision_put(held: &StoredAdvisory) -> DocPut {
    let id = format!("{}@{}", held.advisory.id, held.advisory.hash);
    doc(DocKind::Revision, id, held.advisory.id.clone(), held)
}

/// What the taking in of documents is called as the cause of changed verdicts.
fn cause_of(intake: &AdvisoryIntake) -> String {
    const NAMED: usize = 3;
    let said = |what: &str, ids: Vec<&str>| {
        let more = ids.len().saturating_sub(NAMED);
        let named = ids.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        (!ids.is_empty()).then(|| format!("{what}: {named}{more}."))
    };
    let new = said("Advisories taken in", intake.new.iter().map(String::as_str).collect());
    let changed = said("Revisions taken in", intake.changed.iter().map(|(id, _)| id.as_str()).collect());
    new.into_iter().chain(changed).collect::<Vec<_>>().join(" ")
}

fn line(held: &StoredAdvisory, counts: Option<&AdvisoryCounts>) -> AdvisoryLine {
    let advisory = &held.advisory;
    let none = no_counts(&advisory.id);
    let counts = counts.unwrap_or(&none);
    let (cvss, cvss_version) = preferred(advisory).unwrap_or_default();
    AdvisoryLine {
        cvss,
        cvss_version,
        severity: advisory.severity.clone(),
        category: advisory.category.clone(),
        id: advisory.id.clone(),
        title: advisory.title.clone(),
        publisher: advisory.publisher.clone(),
        revision: advisory.revision.clone(),
        released: advisory.released.map(Moment),
        revised: advisory.revised.map(Moment),
        received: Moment(held.received),
        vulnerabilities: advisory.vulnerabilities.len(),
        contradictions: advisory.contradictions.len(),
        findings: counts.findings,
        devices_affected: counts.devices_affected,
        devices_unknown: counts.devices_unknown,
    }
}

/// The score that stands for a document: the highest base score that its vectors come to, of the newest version among
/// equals (CSAF 2.0, clause 9.1.11). A vector that cannot be read counts for nothing.
fn preferred(advisory: &Advisory) -> Option<(String, String)> {
    let scores = advisory.vulnerabilities.iter().flat_map(|flaw| &flaw.scores);
    let computed = scores.filter_map(|score| score.computed().ok());
    let best = computed.max_by_key(|one| {
        let tenths: u16 = one.base().replace('.', "").parse().unwrap_or_default();
        (tenths, one.version.clone())
    })?;
    Some((best.base(), best.version))
}

/// The major number of a revision under semantic versioning; none under plain counting (CSAF 2.0, clause 3.1.11).
fn is_semantic(revision: &str) -> Option<u64> {
    let numbers: Vec<&str> = revision.split(['-', '+']).next()?.split('.').collect();
    let all = numbers.len() == 3 && numbers.iter().all(|number| number.parse::<u64>().is_ok());
    if all { numbers[0].parse().ok() } else { None }
}

/// Whether the major number rose or fell, which asks for a run even when nothing else changed.
fn major_change(old: &str, new: &str) -> bool {
    matches!((is_semantic(old), is_semantic(new)), (Some(old), Some(new)) if old != new)
}

fn no_counts(id: &str) -> AdvisoryCounts {
    AdvisoryCounts {
        advisory: id.to_owned(),
        findings: crate::ports::VerdictCounts::default(),
        devices_affected: 0,
        devices_unknown: 0,
    }
}

/// The products of an advisory with their version texts as they are read.
pub(crate) fn clauses(advisory: &Advisory) -> Vec<ClauseLine> {
    advisory
        .products
        .iter()
        .map(|leaf| {
            let clause = clause_of(leaf);
            let by_cpe = leaf.version.trim().is_empty() && !clause.text().is_empty();
            let by_cpe = by_cpe.then(|| format!("The version of its CPE name: {}.", clause.text()));
            ClauseLine {
                identifiers: spoken_identifiers(advisory, leaf),
                product_id: leaf.id.clone(),
                vendor: leaf.vendor.clone(),
                product: leaf.product.clone(),
                clause: leaf.version.clone(),
                read_as: clause.to_string(),
                quality: match clause.quality() {
                    tallyward_versions::Quality::Exact => "exact",
                    tallyward_versions::Quality::Tolerant => "tolerant",
                    tallyward_versions::Quality::NeedsPerson => "needs a person",
                }
                .to_owned(),
                notes: by_cpe.into_iter().chain(clause.notes().iter().cloned()).collect(),
                says: says(advisory, &leaf.id),
            }
        })
        .collect()
}

/// The statuses a document gives a product, counted: `known affected in 3 of 4`.
fn says(advisory: &Advisory, product: &str) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for flaw in &advisory.vulnerabilities {
        for said in flaw.statements.iter().filter(|said| said.product == product) {
            let name = crate::app::json(&said.status).trim_matches('"').replace('_', " ");
            *counts.entry(name).or_default() += 1;
        }
    }
    let all = advisory.vulnerabilities.len();
    let parts: Vec<String> =
        counts.into_iter().map(|(name, count)| format!("{name} in {count} of {all}")).collect();
    if parts.is_empty() { "no statement".to_owned() } else { parts.join(", ") }
}
