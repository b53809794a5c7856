//! Drafts: worked out by the software, waiting for a person.

use crate::App;
use crate::advisories::StoredAdvisory;
use crate::app::{doc, lock, removal};
use crate::change::{ChangeSet, DocKind, DocPut};
use crate::error::{AppError, Result};
use crate::notice::drafting::{Desk, Group};
use crate::notice::stored::{Audience, Rung, StoredDelivery, StoredDraft, StoredNotice};
use crate::query::FindingQuery;
use crate::triage::Desk as TriageDesk;
use crate::views::{DraftEdit, DraftLine, DraftPage, Moment};
use crate::who::{Role, Who};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use tallyward_core::{Advisory, Verdict};
use tallyward_response::{
    Authority, Draft, DraftKind, Instruction, NoticeEvent, Refusal, Released, Releaser, lint, release,
    standing,
};

/// A waiting draft is written anew after so many seconds, so that its promise of next word stays ahead.
const REWRITE_AFTER: i64 = 4 * 3_600;
/// Advisories whose drafts are worked out and committed at once.
const AT_ONCE: usize = 50;

/// Notices that ended, and after which other devices were affected, or none, or the advisory was revised: what
/// they were about is brought up again when it comes back.
const OVERTAKEN: &str = "overtaken";

/// What working out drafts reads once.
struct Ground {
    triage: TriageDesk,
    desk: Desk,
    notices: Vec<StoredNotice>,
}

/// Whether a notice names just the devices of a group.
fn names_exactly(notice: &StoredNotice, group: &Group) -> bool {
    notice.devices.iter().map(|device| &device.id).eq(group.devices.keys())
}

impl App {
    /// Works out drafts from the present findings: new ones, corrections and stand-downs of released ones.
    /// Answers how many changed.
    pub fn refresh_drafts(&self) -> Result<usize> {
        self.refresh_drafts_about(None)
    }

    /// As [`App::refresh_drafts`], of these advisories only: the drafts and notices of others stay as they are, which
    /// holds when nothing else about devices, people or tables has changed.
    pub(crate) fn refresh_drafts_of(&self, advisories: &BTreeSet<String>) -> Result<usize> {
        if advisories.is_empty() { Ok(0) } else { self.refresh_drafts_about(Some(advisories)) }
    }

    fn refresh_drafts_about(&self, only: Option<&BTreeSet<String>>) -> Result<usize> {
        let _writing = lock(&self.state.desk);
        let ground =
            Ground { triage: self.triage_desk()?, desk: self.desk()?, notices: self.stored_notices()? };
        let concerned: BTreeSet<String> = match only {
            Some(only) => only.clone(),
            None => self.all_spoken_of(&ground)?,
        };
        let concerned: Vec<String> = concerned.into_iter().collect();
        let mut changed = 0;
        for some in concerned.chunks(AT_ONCE) {
            changed += self.refresh_some(&ground, &some.iter().cloned().collect())?;
        }
        Ok(changed)
    }

    /// The advisories on file, and those that a draft or a notice is about though they are gone.
    fn all_spoken_of(&self, ground: &Ground) -> Result<BTreeSet<String>> {
        let mut all: BTreeSet<String> =
            self.stored_advisories()?.iter().map(|held| held.advisory.id.clone()).collect();
        all.extend(self.drafts_on_file()?.advisories().cloned());
        all.extend(ground.notices.iter().map(|notice| notice.draft.advisory.clone()));
        Ok(all)
    }

    /// Works out the drafts about a few advisories and commits what changed.
    fn refresh_some(&self, ground: &Ground, only: &BTreeSet<String>) -> Result<usize> {
        let Ground { triage, desk, notices } = ground;
        let groups = self.groups(triage, desk, only)?;
        let advisories = self.judged_advisories(only)?;
        let concerned: Vec<&StoredNotice> =
            notices.iter().filter(|notice| only.contains(&notice.draft.advisory)).collect();
        let running: BTreeMap<&str, &StoredNotice> = concerned
            .iter()
            .filter(|notice| notice.followed_by.is_empty() && notice.draft.kind != DraftKind::StandDown)
            .map(|notice| (notice.key.as_str(), *notice))
            .collect();
        let mut latest: BTreeMap<&str, &StoredNotice> = BTreeMap::new();
        for notice in &concerned {
            let held = latest.entry(&notice.key).or_insert(notice);
            if notice.id > held.id {
                *held = notice;
            }
        }
        let mut overtaken: BTreeSet<String> = self.load(DocKind::Setting, OVERTAKEN)?.unwrap_or_default();
        let overtaken_before = overtaken.len();
        for (key, ended) in latest.iter().filter(|(key, _)| !running.contains_key(*key)) {
            let group = groups.iter().find(|group| group.key() == *key);
            let revision = advisories.get(&ended.draft.advisory).map(|advisory| &advisory.revision);
            let stands = revision == Some(&ended.draft.revision);
            if !(stands && group.is_some_and(|group| names_exactly(ended, group))) {
                overtaken.insert(ended.id.clone());
            }
        }
        let mut wanted: Vec<StoredDraft> = Vec::new();
        for group in &groups {
            let Some(advisory) = advisories.get(&group.advisory) else { continue };
            let key = group.key();
            let (running, latest) = (running.get(key.as_str()).copied(), latest.get(key.as_str()).copied());
            let is_over = latest.is_some_and(|latest| overtaken.contains(&latest.id));
            wanted.extend(self.wanted(desk, advisory, group, running, latest, is_over)?);
        }
        let affected: BTreeSet<String> = groups.iter().map(Group::key).collect();
        let mut look = Vec::new();
        for (key, notice) in &running {
            let Some(advisory) = advisories.get(&notice.draft.advisory) else { continue };
            if affected.contains(*key) {
                continue;
            }
            if self.nobody_affected(notice)? {
                wanted.push(self.stand_down_draft(desk, advisory, notice)?);
            } else {
                // Unknown now, or affected elsewhere: "not affected any more" would be a guess.
                look.push(notice.id.clone());
            }
        }
        let held = self.drafts_about(only)?;
        let mut docs = self.changed_drafts(desk, &advisories, &held, wanted)?;
        let changed = docs.len();
        docs.extend(self.to_look_at(notices, only, look)?);
        if overtaken.len() > overtaken_before {
            docs.push(doc(DocKind::Setting, OVERTAKEN, "", &overtaken));
        }
        if !docs.is_empty() {
            self.commit(ChangeSet { docs, ..ChangeSet::default() })?;
        }
        Ok(changed)
    }

    /// The drafts about these advisories, in any state.
    fn drafts_about(&self, only: &BTreeSet<String>) -> Result<BTreeMap<String, StoredDraft>> {
        let on_file = self.drafts_on_file()?;
        let mut held = BTreeMap::new();
        for id in only.iter().flat_map(|advisory| on_file.about(advisory)) {
            held.insert(id.to_owned(), self.stored_draft(id)?);
        }
        Ok(held)
    }

    /// The list of notices somebody must look at, when those about these advisories are `look`; none when it stays.
    fn to_look_at(
        &self,
        notices: &[StoredNotice],
        only: &BTreeSet<String>,
        mut look: Vec<String>,
    ) -> Result<Option<DocPut>> {
        let looked: Vec<String> = self.load(DocKind::Setting, "look_at")?.unwrap_or_default();
        let elsewhere =
            notices.iter().filter(|one| looked.contains(&one.id) && !only.contains(&one.draft.advisory));
        look.extend(elsewhere.map(|one| one.id.clone()));
        look.sort();
        Ok((looked != look).then(|| doc(DocKind::Setting, "look_at", "", &look)))
    }

    /// These advisories as they are judged here.
    fn judged_advisories(&self, ids: &BTreeSet<String>) -> Result<BTreeMap<String, Advisory>> {
        let mut advisories = BTreeMap::new();
        for id in ids {
            if let Some(stored) = self.load::<StoredAdvisory>(DocKind::Advisory, id)? {
                advisories.insert(id.clone(), self.corrected(stored.advisory)?.0);
            }
        }
        Ok(advisories)
    }

    /// What to write and remove so that of those held the wanted ones wait.
    fn changed_drafts(
        &self,
        desk: &Desk,
        advisories: &BTreeMap<String, Advisory>,
        held: &BTreeMap<String, StoredDraft>,
        wanted: Vec<StoredDraft>,
    ) -> Result<Vec<DocPut>> {
        let mut docs = Vec::new();
        let wanted_ids: BTreeSet<String> = wanted.iter().map(|draft| draft.id.clone()).collect();
        for mut draft in wanted {
            match held.get(&draft.id) {
                Some(old) if old.state != "open" => continue,
                Some(old) => {
                    draft.since = old.since;
                    if let Some(edit) = &old.edit
                        && let Some(advisory) = advisories.get(&draft.draft.advisory)
                    {
                        let lead = lead_named(&old.draft);
                        draft.draft = self.edited(desk, advisory, &draft, edit, &lead);
                        draft.edit = Some(edit.clone());
                    }
                    let fresh = self.now().seconds_since(old.written) < REWRITE_AFTER;
                    if fresh && same_but_for_time(old, &draft) {
                        continue;
                    }
                }
                None => {}
            }
            docs.push(doc(DocKind::Draft, draft.id.clone(), "open", &draft));
        }
        for old in held.values().filter(|old| old.state == "open" && !wanted_ids.contains(&old.id)) {
            docs.push(removal(DocKind::Draft, old.id.clone(), "open"));
        }
        Ok(docs)
    }

    fn wanted(
        &self,
        desk: &Desk,
        advisory: &Advisory,
        group: &Group,
        running: Option<&StoredNotice>,
        latest: Option<&StoredNotice>,
        overtaken: bool,
    ) -> Result<Option<StoredDraft>> {
        match (running, latest) {
            (Some(notice), _) if names_exactly(notice, group) => Ok(None),
            (Some(notice), _) => self.correction_draft(desk, advisory, group, notice).map(Some),
            // Ended by a person with these very devices and this revision, and nothing was otherwise since: it is not
            // brought up again.
            (None, Some(_)) if !overtaken => Ok(None),
            (None, latest) => {
                let behind = latest.map_or("", |notice| notice.id.as_str());
                Ok(Some(self.first_draft(desk, advisory, group, behind)))
            }
        }
    }

    /// Whether every device a notice names is settled as not affected by its advisory, or gone.
    fn nobody_affected(&self, notice: &StoredNotice) -> Result<bool> {
        for device in &notice.devices {
            let query = FindingQuery {
                device: Some(device.id),
                advisory: Some(notice.draft.advisory.clone()),
                limit: Some(1_000),
                ..FindingQuery::default()
            };
            let rows = self.store.findings(&query)?.rows;
            let exists = self.store.device(device.id)?.is_some();
            let settled = !rows.is_empty() && rows.iter().all(|row| row.verdict == Verdict::NotAffected);
            if exists && !settled {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Drafts waiting, most urgent first.
    pub fn drafts(&self) -> Result<Vec<DraftLine>> {
        let mut lines: Vec<DraftLine> = self
            .load_all::<StoredDraft>(DocKind::Draft, Some("open"))?
            .iter()
            .map(|draft| self.draft_line(draft))
            .collect();
        lines.sort_by(|a, b| {
            (&a.tier, audience_order(&a.audience), &a.unit, &a.id).cmp(&(
                &b.tier,
                audience_order(&b.audience),
                &b.unit,
                &b.id,
            ))
        });
        Ok(lines)
    }

    /// One draft with its devices, recipients and lints.
    pub fn draft(&self, id: &str) -> Result<DraftPage> {
        let stored = self.stored_draft(id)?;
        let refusal = match stored.state.as_str() {
            "open" => self.refused_now()?,
            other => Some(format!("this draft was {other}")),
        };
        let complaints = lint(&self.tables, &stored.draft);
        let mut units: Vec<String> = stored
            .draft
            .audience
            .iter()
            .map(|one| {
                if one.contact.unit.is_empty() { "whole house".to_owned() } else { one.contact.unit.clone() }
            })
            .collect();
        units.sort();
        units.dedup();
        Ok(DraftPage {
            line: self.draft_line(&stored),
            lines: stored.draft.lines.clone(),
            technical: stored.draft.technical.clone(),
            recipients: stored
                .draft
                .audience
                .iter()
                .map(|one| (one.contact.name.clone(), one.why.clone()))
                .collect(),
            units,
            devices: stored.devices.iter().map(|one| (one.id, one.name.clone(), one.room.clone())).collect(),
            complaints: complaints
                .into_iter()
                .map(|one| {
                    (crate::app::json(&one.rule).trim_matches('"').replace('_', " "), one.text, one.blocks)
                })
                .collect(),
            triage: stored.triage.why.clone(),
            edit: stored.edit.clone().unwrap_or_else(|| present(&stored.draft)),
            refusal,
            seen: seen_mark(&stored),
            as_of: Moment(self.now()),
        })
    }

    /// Changes a draft; the text is worked out anew and linted.
    pub fn edit_draft(&self, who: &Who, id: &str, edit: &DraftEdit) -> Result<()> {
        leads_only(who, "change a draft")?;
        let _writing = lock(&self.state.desk);
        let mut stored = self.open_draft(id)?;
        if !matches!(edit.instruction.as_str(), "none_yet" | "keep" | "care" | "stop") {
            return Err(AppError::invalid("instruction", "expected none_yet, keep, care or stop"));
        }
        let advisory = self.corrected_advisory(&stored.draft.advisory)?;
        let desk = self.desk()?;
        let mut event = self.event(who, "draft.edit", format!("draft {id}"));
        event.before = stored.draft.body();
        stored.draft = self.edited(&desk, &advisory, &stored, edit, &who.name);
        stored.edit = Some(edit.clone());
        event.after = stored.draft.body();
        self.commit(ChangeSet {
            docs: vec![doc(DocKind::Draft, id, "open", &stored)],
            audit: vec![event],
            ..ChangeSet::default()
        })?;
        Ok(())
    }

    /// Sets a draft aside with a reason; it comes back only when the devices or the advisory change.
    pub fn discard_draft(&self, who: &Who, id: &str, reason: &str) -> Result<()> {
        leads_only(who, "set a draft aside")?;
        if reason.trim().chars().count() < 3 {
            return Err(AppError::invalid("reason", "say why, so that the next person knows"));
        }
        let _writing = lock(&self.state.desk);
        let mut stored = self.open_draft(id)?;
        stored.state = "discarded".to_owned();
        stored.why_discarded = reason.trim().to_owned();
        let mut event = self.event(who, "draft.discard", format!("draft {id}"));
        event.after = reason.trim().to_owned();
        self.commit(ChangeSet {
            docs: vec![doc(DocKind::Draft, id, "discarded", &stored)],
            audit: vec![event],
            ..ChangeSet::default()
        })?;
        Ok(())
    }

    /// Releases a draft under the person's name: the notice and its deliveries are committed before anything
    /// leaves. Answers the notice id. Refused in shadow mode, to other roles than lead, and while a lint blocks.
    ///
    /// For a caller that shows the draft to nobody in between; a page uses [`App::release_as_seen`].
    pub fn release(&self, who: &Who, id: &str) -> Result<String> {
        let seen = self.draft(id)?.seen;
        self.release_as_seen(who, id, &seen)
    }

    /// As [`App::release`], only if the draft is still the one the person saw ([`DraftPage::seen`]): what somebody
    /// else changed in between never leaves under their name.
    pub fn release_as_seen(&self, who: &Who, id: &str, seen: &str) -> Result<String> {
        let _writing = lock(&self.state.desk);
        let mut stored = self.open_draft(id)?;
        let released = self.released(who, &stored.draft)?;
        if seen_mark(&stored) != seen {
            return Err(AppError::Conflict);
        }
        stored.state = "released".to_owned();
        let mut change =
            ChangeSet { docs: vec![doc(DocKind::Draft, id, "released", &stored)], ..ChangeSet::default() };
        let notice = self.make_notice(&stored, &released, who, &mut change)?;
        if stored.draft.kind == DraftKind::StandDown {
            // It was drafted because nobody is affected: whoever is affected from now on is so anew.
            let mut overtaken: BTreeSet<String> = self.load(DocKind::Setting, OVERTAKEN)?.unwrap_or_default();
            overtaken.insert(notice.clone());
            change.docs.push(doc(DocKind::Setting, OVERTAKEN, "", &overtaken));
        }
        self.commit(change)?;
        Ok(notice)
    }

    /// Asks the response room for a release under this person's name.
    pub(crate) fn released(&self, who: &Who, draft: &Draft) -> Result<Released> {
        let role = match who.role {
            Role::Lead => tallyward_response::Role::Lead,
            Role::Administrator => tallyward_response::Role::Administrator,
            Role::Reader => tallyward_response::Role::Reader,
        };
        let unsigned = self.mode()?.missing;
        if !self.in_shadow()? && !unsigned.is_empty() {
            return Err(AppError::Refused(format!("sign first: {}", unsigned.join("; "))));
        }
        let releaser = Releaser { name: who.name.clone(), role };
        release(&self.tables, draft, &releaser, self.in_shadow()?, self.now())
            .map_err(|refusal: Refusal| AppError::Refused(refusal.to_string()))
    }

    /// Adds the notice, its deliveries and its audit event to `change`. Only a [`Released`] gets here.
    pub(crate) fn make_notice(
        &self,
        stored: &StoredDraft,
        released: &Released,
        who: &Who,
        change: &mut ChangeSet,
    ) -> Result<String> {
        let id = format!("N{:04}", self.store.count(DocKind::Notice, None)? + 1);
        let at = released.at();
        let mut events = vec![NoticeEvent::Released { at, by: released.by().to_owned() }];
        if stored.audience == Audience::Huddle {
            // The sheet is the channel: it is out with the release.
            events.push(NoticeEvent::Sent { at });
        } else {
            for (number, recipient) in released.audience().iter().enumerate() {
                let name = format!("{id}-{}-{}", number + 1, self.random_hex(4));
                let delivery = StoredDelivery::queued(name, &id, recipient.clone(), Rung::First, at);
                change.docs.push(doc(DocKind::Delivery, delivery.id.clone(), "queued", &delivery));
            }
        }
        let refers_to = stored.draft.refers_to.as_ref().map(|earlier| earlier.id.clone()).unwrap_or_default();
        if !refers_to.is_empty() {
            let mut earlier = self.stored_notice(&refers_to)?;
            if !earlier.followed_by.is_empty() {
                let by = &earlier.followed_by;
                return Err(AppError::Refused(format!("{refers_to} was already followed by {by}")));
            }
            earlier.followed_by.clone_from(&id);
            earlier.events.push(match stored.draft.kind {
                DraftKind::StandDown => NoticeEvent::StoodDown { at },
                _ => NoticeEvent::Corrected { at },
            });
            change.docs.push(doc(DocKind::Notice, refers_to.clone(), "over", &earlier));
        }
        let notice = StoredNotice {
            id: id.clone(),
            key: stored.key.clone(),
            audience: stored.audience,
            draft: released.draft().clone(),
            triage: stored.triage.clone(),
            devices: stored.devices.clone(),
            pool: stored.pool.clone(),
            flaws: stored.flaws.clone(),
            events,
            refers_to,
            followed_by: String::new(),
        };
        change.docs.push(DocPut { expected: Some(0), ..doc(DocKind::Notice, id.clone(), "open", &notice) });
        let mut event = self.event(who, "notice.release", format!("notice {id}"));
        event.after = format!("{}\n{}", notice.draft.subject, notice.draft.body());
        change.audit.push(event);
        Ok(id)
    }

    /// Why nothing can be released now.
    fn refused_now(&self) -> Result<Option<String>> {
        let mode = self.mode()?;
        if mode.shadow {
            return Ok(Some(Refusal::Shadow.to_string()));
        }
        Ok((!mode.missing.is_empty()).then(|| format!("sign first: {}", mode.missing.join("; "))))
    }

    pub(crate) fn stored_draft(&self, id: &str) -> Result<StoredDraft> {
        self.load(DocKind::Draft, id)?.ok_or_else(|| AppError::not_found("draft", id))
    }

    fn open_draft(&self, id: &str) -> Result<StoredDraft> {
        let stored = self.stored_draft(id)?;
        if stored.state == "open" {
            Ok(stored)
        } else {
            Err(AppError::Refused(format!("this draft was {}", stored.state)))
        }
    }

    fn draft_line(&self, stored: &StoredDraft) -> DraftLine {
        let draft = &stored.draft;
        DraftLine {
            id: stored.id.clone(),
            subject: draft.subject.clone(),
            advisory: draft.advisory.clone(),
            unit: draft.unit.clone(),
            audience: stored.audience.code().to_owned(),
            kind: kind_name(draft.kind).to_owned(),
            tier: draft.tier.code().to_owned(),
            clinical: stored.triage.clinical.code().to_owned(),
            devices: stored.devices.len(),
            people: draft.audience.len(),
            since: Moment(stored.since),
            blocked: lint(&self.tables, draft).iter().filter(|one| one.blocks).count(),
        }
    }
}

/// What a person has seen of a draft: text, devices and readers, as a hash.
fn seen_mark(stored: &StoredDraft) -> String {
    let draft = &stored.draft;
    let shown = (&draft.subject, &draft.lines, &draft.technical, &draft.audience, &stored.devices);
    crate::app::hex(&Sha256::digest(crate::app::json(&shown).as_bytes())[..16])
}

/// What a message is called on a screen.
pub(crate) const fn kind_name(kind: DraftKind) -> &'static str {
    match kind {
        DraftKind::Notice => "notice",
        DraftKind::Correction => "correction",
        DraftKind::StandDown => "stand-down",
    }
}

pub(crate) fn leads_only(who: &Who, what: &str) -> Result<()> {
    if who.role == Role::Lead {
        Ok(())
    } else {
        Err(AppError::Refused(format!("a {} cannot {what}; ask a clinical lead", who.role.code())))
    }
}

fn audience_order(audience: &str) -> u8 {
    match audience {
        "clinical" => 0,
        "technical" => 1,
        _ => 2,
    }
}

/// The edit form for a text nobody has changed yet.
fn present(draft: &Draft) -> DraftEdit {
    let (instruction, text) = match &draft.instruction {
        Instruction::KeepUsing { text, .. } => ("keep", text.clone()),
        Instruction::UseWithCare { text, .. } => ("care", text.clone()),
        Instruction::StopAndSwap { text, .. } => ("stop", text.clone()),
        Instruction::NoneYet { .. } => ("none_yet", String::new()),
    };
    let authority = match draft.instruction.authority() {
        Some(Authority::Maker) => "maker",
        Some(Authority::Regulator) => "regulator",
        _ => "lead",
    };
    DraftEdit {
        instruction: instruction.to_owned(),
        authority: authority.to_owned(),
        text,
        next_word_hours: 24,
        steps: String::new(),
    }
}

fn lead_named(draft: &Draft) -> String {
    match draft.instruction.authority() {
        Some(tallyward_response::Authority::Lead(name)) => name.clone(),
        _ => String::new(),
    }
}

/// Whether a draft worked out anew says the same; its promise of next word moves with the clock and is no change.
fn same_but_for_time(old: &StoredDraft, new: &StoredDraft) -> bool {
    let timeless = |draft: &Draft| {
        let lines: Vec<String> =
            draft.lines.iter().filter(|line| !line.starts_with("Next word")).cloned().collect();
        (lines, draft.subject.clone(), draft.audience.clone(), draft.revision.clone(), draft.tables.clone())
    };
    timeless(&old.draft) == timeless(&new.draft) && old.devices == new.devices
}

/// Whether a notice still waits for its readers.
pub(crate) fn is_open(notice: &StoredNotice) -> bool {
    let standing = standing(&notice.events);
    !standing.state.is_over() && notice.draft.kind != DraftKind::StandDown
}
