//! From affected findings to drafts: who uses these devices, and what would they read.

use crate::App;
use crate::change::DocKind;
use crate::error::Result;
use crate::notice::stored::{Audience, Named, StoredDraft, StoredNotice};
use crate::ports::FindingRow;
use crate::query::FindingQuery;
use crate::triage::Desk as TriageDesk;
use crate::views::DraftEdit;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tallyward_core::{Advisory, Contact, DeviceId, Duty, Unit, Verdict, Vulnerability};
use tallyward_response::draft::{Call, DraftInputs, Instruction, ModelLine, Spot};
use tallyward_response::{
    Authority, Channel, CorrectionInputs, DeviceClass, Draft, DraftKind, NoticeRef, Recipient,
    StandDownInputs, Triage, audience, correction, draft, stand_down, technical_audience, units_using,
};

/// Next word is promised within so many hours unless a lead says otherwise.
const NEXT_WORD_HOURS: u32 = 24;

/// What a message needs of one device.
pub(crate) struct Member {
    name: String,
    model: String,
    tag: String,
    room: String,
}

impl Member {
    fn of(row: &FindingRow) -> Self {
        Self {
            name: row.name.clone(),
            model: format!("{} {}", row.maker, row.model).trim().to_owned(),
            tag: row.tag.clone(),
            room: row.room.clone(),
        }
    }
}

/// One group of affected devices: what one message would be about.
pub(crate) struct Group {
    pub advisory: String,
    pub unit: String,
    pub class: String,
    pub audience: Audience,
    pub pool: String,
    /// Whether some of it concerns the privacy officer.
    pub privacy: bool,
    pub flaws: BTreeSet<String>,
    pub devices: BTreeMap<DeviceId, Member>,
    pub triage: Arc<Triage>,
}

impl Group {
    pub fn key(&self) -> String {
        key_of(self.audience, &self.advisory, &self.unit, &self.class)
    }

    fn named(&self) -> Vec<Named> {
        let named = |(id, one): (&DeviceId, &Member)| Named {
            id: *id,
            name: one.name.clone(),
            room: one.room.clone(),
        };
        self.devices.iter().map(named).collect()
    }
}

pub(crate) fn key_of(audience: Audience, advisory: &str, unit: &str, class: &str) -> String {
    format!("{}|{advisory}|{unit}|{class}", audience.code())
}

/// The id of a draft: what it is about, which devices it names, in which revision of the advisory, and behind
/// which earlier notice. The same findings give the same draft, and what was said once can be said again later.
pub(crate) fn draft_id(
    key: &str,
    kind: DraftKind,
    devices: &[Named],
    revision: &str,
    behind: &str,
) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("{key}|{kind:?}|{revision}|{behind}"));
    for device in devices {
        hash.update(device.id.0.to_be_bytes());
    }
    crate::app::hex(&hash.finalize()[..8])
}

/// Whom a finding concerns: audience, unit and class of each group. Engineers always; operators by the channel that
/// triage gives, in every unit that uses the device.
pub(crate) fn audiences(
    triage: &Triage,
    row: &FindingRow,
    units: &[Unit],
) -> Vec<(Audience, String, String)> {
    let mut found = vec![(Audience::Technical, String::new(), String::new())];
    let audience = match triage.channel {
        Channel::Notice => Audience::Clinical,
        Channel::Huddle => Audience::Huddle,
        _ => return found,
    };
    let pools: Vec<&str> = Some(row.pool.as_str()).into_iter().filter(|pool| !pool.is_empty()).collect();
    let users = units_using(&row.unit, &pools, units);
    if users.is_empty() {
        found.push((audience, row.unit.clone(), row.class.clone()));
    }
    found.extend(users.into_iter().map(|unit| (audience, unit.code.clone(), row.class.clone())));
    found
}

/// What drafting reads once for all groups.
pub(crate) struct Desk {
    pub units: Vec<Unit>,
    pub contacts: Vec<Contact>,
    pub call: Call,
}

impl App {
    pub(crate) fn desk(&self) -> Result<Desk> {
        let contacts = self.contacts()?;
        let biomed = contacts.iter().find(|one| one.duty == Duty::Biomed && !one.phone.is_empty());
        let call = match (self.site.call.as_str(), biomed) {
            ("", Some(contact)) => Call { who: contact.name.clone(), phone: contact.phone.clone() },
            (number, _) => Call { who: "Biomed".to_owned(), phone: number.to_owned() },
        };
        Ok(Desk { units: self.units()?, contacts, call })
    }

    /// Affected findings of these advisories as groups: advisory, unit and class for those at the bedside, advisory for
    /// engineers.
    pub(crate) fn groups(
        &self,
        triage: &TriageDesk,
        desk: &Desk,
        only: &BTreeSet<String>,
    ) -> Result<Vec<Group>> {
        let mut groups: BTreeMap<String, Group> = BTreeMap::new();
        for advisory in only {
            let mut query = FindingQuery {
                verdict: Some(Verdict::Affected),
                advisory: Some(advisory.clone()),
                limit: Some(1_000),
                ..FindingQuery::default()
            };
            loop {
                let page = self.store.findings(&query)?;
                for row in &page.rows {
                    self.group_row(triage, desk, row, &mut groups);
                }
                match page.next {
                    Some(next) => query.after = Some(next),
                    None => break,
                }
            }
        }
        Ok(groups.into_values().collect())
    }

    fn group_row(
        &self,
        triage: &TriageDesk,
        desk: &Desk,
        row: &FindingRow,
        groups: &mut BTreeMap<String, Group>,
    ) {
        let exposure = triage.exposure(row.device);
        let triage = self.triage_of(&triage.known, &row.class, exposure, &row.advisory, &row.vulnerability);
        let mut add = |audience: Audience, unit: &str, class: &str| {
            let group = Group {
                advisory: row.advisory.clone(),
                unit: unit.to_owned(),
                class: class.to_owned(),
                audience,
                pool: String::new(),
                privacy: false,
                flaws: BTreeSet::new(),
                devices: BTreeMap::new(),
                triage: Arc::clone(&triage),
            };
            let group = groups.entry(group.key()).or_insert(group);
            if (triage.tier, std::cmp::Reverse(triage.clinical))
                < (group.triage.tier, std::cmp::Reverse(group.triage.clinical))
            {
                group.triage = Arc::clone(&triage);
            }
            if group.pool.is_empty() {
                group.pool.clone_from(&row.pool);
            }
            group.privacy |= triage.channel == Channel::Privacy;
            group.flaws.insert(row.vulnerability.clone());
            group.devices.entry(row.device).or_insert_with(|| Member::of(row));
        };
        for (audience, unit, class) in audiences(&triage, row, &desk.units) {
            add(audience, &unit, &class);
        }
    }

    /// A first draft for a group.
    pub(crate) fn first_draft(
        &self,
        desk: &Desk,
        advisory: &Advisory,
        group: &Group,
        behind: &str,
    ) -> StoredDraft {
        let models = models(group);
        let unit = unit_of(desk, &group.unit);
        let recipients = self.recipients(desk, group, &unit);
        let flaws = flaws(advisory, &group.flaws);
        let text = self.text(
            &Words {
                advisory,
                flaws: &flaws,
                unit: &unit,
                class: DeviceClass::of(&group.class),
                models: &models,
                pool: &group.pool,
                triage: &group.triage,
                recipients: &recipients,
                call: &desk.call,
                edit: None,
                steps: None,
            },
            draft,
        );
        let devices = group.named();
        let key = group.key();
        StoredDraft {
            id: draft_id(&key, DraftKind::Notice, &devices, &advisory.revision, behind),
            key,
            audience: group.audience,
            draft: text,
            triage: Triage::clone(&group.triage),
            devices,
            pool: group.pool.clone(),
            flaws: group.flaws.clone(),
            since: self.now(),
            written: self.now(),
            state: "open".to_owned(),
            edit: None,
            why_discarded: String::new(),
        }
    }

    /// A correction of a notice whose devices are no longer the ones it names.
    pub(crate) fn correction_draft(
        &self,
        desk: &Desk,
        advisory: &Advisory,
        group: &Group,
        notice: &StoredNotice,
    ) -> Result<StoredDraft> {
        let mut stored = self.first_draft(desk, advisory, group, &notice.id);
        let told: BTreeSet<DeviceId> = notice.devices.iter().map(|device| device.id).collect();
        let now: BTreeSet<DeviceId> = stored.devices.iter().map(|device| device.id).collect();
        let (more, fewer) = (now.difference(&told).count(), told.difference(&now).count());
        let wrong = match (more, fewer) {
            (more, 0) => format!("{more} more of your devices are affected"),
            (0, fewer) => format!("{fewer} of the devices named then are not on this list any more"),
            (more, fewer) => format!("{more} more devices are on this list, {fewer} are not any more"),
        };
        let follow = Follow::Correction { wrong: &wrong, now: &stored };
        stored.draft = self.follow_text(desk, advisory, notice, &follow)?;
        stored.id =
            draft_id(&stored.key, DraftKind::Correction, &stored.devices, &advisory.revision, &notice.id);
        Ok(stored)
    }

    /// A stand-down of a notice none of whose devices is affected any more.
    pub(crate) fn stand_down_draft(
        &self,
        desk: &Desk,
        advisory: &Advisory,
        notice: &StoredNotice,
    ) -> Result<StoredDraft> {
        let because = "None of the devices named then is affected any more";
        let text = self.follow_text(desk, advisory, notice, &Follow::StandDown { because })?;
        let mut stored = self.follow_draft(notice, text);
        stored.id =
            draft_id(&notice.key, DraftKind::StandDown, &notice.devices, &advisory.revision, &notice.id);
        Ok(stored)
    }

    /// A draft about the devices of an earlier notice.
    pub(crate) fn follow_draft(&self, notice: &StoredNotice, text: Draft) -> StoredDraft {
        StoredDraft {
            id: draft_id(&notice.key, text.kind, &notice.devices, &text.revision, &notice.id),
            key: notice.key.clone(),
            audience: notice.audience,
            draft: text,
            triage: notice.triage.clone(),
            devices: notice.devices.clone(),
            pool: notice.pool.clone(),
            flaws: notice.flaws.clone(),
            since: self.now(),
            written: self.now(),
            state: "open".to_owned(),
            edit: None,
            why_discarded: String::new(),
        }
    }

    /// Everybody a notice reached or was meant to reach: its readers, and those it was escalated to.
    fn told(&self, notice: &StoredNotice) -> Result<Vec<Recipient>> {
        let mut told = notice.draft.audience.clone();
        for delivery in self.deliveries_of(&notice.id)? {
            if !told.iter().any(|one| one.contact.id == delivery.recipient.contact.id) {
                told.push(delivery.recipient);
            }
        }
        Ok(told)
    }

    /// The text of a message that ends or mends a notice; it goes to the same people, and to whoever is new.
    pub(crate) fn follow_text(
        &self,
        desk: &Desk,
        advisory: &Advisory,
        notice: &StoredNotice,
        follow: &Follow<'_>,
    ) -> Result<Draft> {
        let unit = unit_of(desk, &notice.draft.unit);
        let mut recipients = self.told(notice)?;
        let (models, triage, touching) = match follow {
            Follow::Correction { now, .. } => {
                let known: BTreeSet<String> = recipients.iter().map(|one| one.contact.id.clone()).collect();
                let new = now.draft.audience.iter().filter(|one| !known.contains(&one.contact.id));
                recipients.extend(new.cloned());
                (&now.draft.models, &now.triage, &now.flaws)
            }
            Follow::Mended { .. } | Follow::StandDown { .. } => {
                (&notice.draft.models, &notice.triage, &notice.flaws)
            }
        };
        let released =
            notice.events.iter().map(tallyward_response::NoticeEvent::at).min().unwrap_or(self.now());
        let reference = NoticeRef {
            id: notice.id.clone(),
            sent: self.local_time(released),
            subject: notice.draft.subject.clone(),
        };
        let flaws = flaws(advisory, touching);
        let words = Words {
            advisory,
            flaws: &flaws,
            unit: &unit,
            class: notice.draft.class,
            models,
            pool: &notice.pool,
            triage,
            recipients: &recipients,
            call: &desk.call,
            edit: None,
            steps: None,
        };
        Ok(match follow {
            Follow::Correction { wrong, .. } | Follow::Mended { wrong } => self.text(&words, |inputs| {
                let inputs = DraftInputs { instruction: &notice.draft.instruction, ..*inputs };
                correction(&CorrectionInputs { inputs: &inputs, notice: &reference, what_was_wrong: wrong })
            }),
            Follow::StandDown { because } => self.text(&words, |inputs| {
                let keep = match &notice.draft.instruction {
                    said @ (Instruction::KeepUsing { .. } | Instruction::UseWithCare { .. }) => said.clone(),
                    _ => Instruction::NoneYet { next_word_at: inputs.next_word.to_owned() },
                };
                let inputs = DraftInputs { instruction: &keep, ..*inputs };
                stand_down(&StandDownInputs { inputs: &inputs, notice: &reference, because })
            }),
        })
    }

    /// A draft worked out anew after a lead changed it.
    pub(crate) fn edited(
        &self,
        desk: &Desk,
        advisory: &Advisory,
        stored: &StoredDraft,
        edit: &DraftEdit,
        lead: &str,
    ) -> Draft {
        let unit = unit_of(desk, &stored.draft.unit);
        let flaws = flaws(advisory, &stored.flaws);
        let steps: Vec<String> =
            edit.steps.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
        let words = Words {
            advisory,
            flaws: &flaws,
            unit: &unit,
            class: stored.draft.class,
            models: &stored.draft.models,
            pool: &stored.pool,
            triage: &stored.triage,
            recipients: &stored.draft.audience,
            call: &desk.call,
            edit: Some((edit, lead)),
            steps: (!steps.is_empty()).then_some(steps.as_slice()),
        };
        self.text(&words, |inputs| match &stored.draft.refers_to {
            Some(reference) if stored.draft.kind == DraftKind::Correction => correction(&CorrectionInputs {
                inputs,
                notice: reference,
                what_was_wrong: "The devices affected have changed",
            }),
            Some(reference) if stored.draft.kind == DraftKind::StandDown => stand_down(&StandDownInputs {
                inputs,
                notice: reference,
                because: "None of the devices named then is affected any more",
            }),
            _ => draft(inputs),
        })
    }

    fn text(&self, words: &Words<'_>, make: impl FnOnce(&DraftInputs<'_>) -> Draft) -> Draft {
        let now = self.now();
        let hours = words.edit.map_or(NEXT_WORD_HOURS, |(edit, _)| edit.next_word_hours.clamp(1, 24 * 14));
        let next_word = self.local_time(now.plus_seconds(i64::from(hours) * 3_600));
        let instruction = words.edit.map_or_else(
            || Instruction::NoneYet { next_word_at: next_word.clone() },
            |(edit, lead)| instruction(edit, lead, &next_word),
        );
        let now = self.local_time(now);
        let mut made = make(&DraftInputs {
            tables: &self.tables,
            advisory: words.advisory,
            vulnerabilities: words.flaws,
            unit: words.unit,
            class: words.class,
            models: words.models,
            pool: Some(words.pool).filter(|pool| !pool.is_empty()),
            triage: words.triage,
            instruction: &instruction,
            call: words.call,
            audience: words.recipients,
            now: &now,
            next_word: &next_word,
        });
        if let (Some(steps), Some(line)) =
            (words.steps, made.lines.iter_mut().find(|line| line.starts_with("Do now:")))
        {
            *line = format!("Do now: {}", numbered(steps));
        }
        made
    }

    fn recipients(&self, desk: &Desk, group: &Group, unit: &Unit) -> Vec<Recipient> {
        let pools: Vec<&str> =
            Some(group.pool.as_str()).into_iter().filter(|pool| !pool.is_empty()).collect();
        match group.audience {
            Audience::Technical => {
                let mut found = technical_audience(unit, &desk.contacts);
                let officers = desk.contacts.iter().filter(|one| group.privacy && one.duty == Duty::Privacy);
                found.extend(officers.map(|officer| Recipient {
                    contact: officer.clone(),
                    why: "the flaw lets data be read".to_owned(),
                }));
                found
            }
            Audience::Clinical | Audience::Huddle => {
                let profession = &self.tables.class(DeviceClass::of(&group.class)).profession;
                audience(unit, &pools, profession, &desk.contacts)
            }
        }
    }

    pub(crate) fn stored_notices(&self) -> Result<Vec<StoredNotice>> {
        let mut notices = self.load_all(DocKind::Notice, None)?;
        for notice in &mut notices {
            self.follow_handles(notice)?;
        }
        Ok(notices)
    }

    /// Handles that were merged since a notice was released lead to the device that was kept.
    pub(crate) fn follow_handles(&self, notice: &mut StoredNotice) -> Result<()> {
        for device in &mut notice.devices {
            if let Some(row) = self.store.device(device.id)? {
                device.id = row.put.id;
            }
        }
        notice.devices.sort();
        notice.devices.dedup_by_key(|device| device.id);
        Ok(())
    }
}

/// What a follow-up is for.
pub(crate) enum Follow<'a> {
    /// The devices have changed.
    Correction { wrong: &'a str, now: &'a StoredDraft },
    /// A lead mends the text.
    Mended { wrong: &'a str },
    /// It is over.
    StandDown { because: &'a str },
}

struct Words<'a> {
    advisory: &'a Advisory,
    flaws: &'a [&'a Vulnerability],
    unit: &'a Unit,
    class: DeviceClass,
    models: &'a [ModelLine],
    pool: &'a str,
    triage: &'a Triage,
    recipients: &'a [Recipient],
    call: &'a Call,
    edit: Option<(&'a DraftEdit, &'a str)>,
    steps: Option<&'a [String]>,
}

fn numbered(steps: &[String]) -> String {
    let kept = steps.iter().take(3).enumerate();
    kept.map(|(at, step)| format!("{}. {}", at + 1, step.trim_end_matches('.')))
        .collect::<Vec<_>>()
        .join("; ")
        + "."
}

fn instruction(edit: &DraftEdit, lead: &str, next_word: &str) -> Instruction {
    let by = match edit.authority.as_str() {
        "maker" => Authority::Maker,
        "regulator" => Authority::Regulator,
        _ => Authority::Lead(lead.to_owned()),
    };
    let text = edit.text.trim().to_owned();
    match edit.instruction.as_str() {
        "keep" => Instruction::KeepUsing { by, text },
        "care" => Instruction::UseWithCare { by, text },
        "stop" => Instruction::StopAndSwap { by, text },
        _ => Instruction::NoneYet { next_word_at: next_word.to_owned() },
    }
}

fn unit_of(desk: &Desk, code: &str) -> Unit {
    desk.units.iter().find(|unit| unit.code == code).cloned().unwrap_or_else(|| Unit {
        code: code.to_owned(),
        name: if code.is_empty() { "all units".to_owned() } else { code.to_owned() },
        ..Unit::default()
    })
}

fn flaws<'a>(advisory: &'a Advisory, ids: &BTreeSet<String>) -> Vec<&'a Vulnerability> {
    // A draft of an older program kept no ids: then all of the advisory's are meant.
    advisory.vulnerabilities.iter().filter(|flaw| ids.is_empty() || ids.contains(&flaw.id)).collect()
}

fn models(group: &Group) -> Vec<ModelLine> {
    let mut by_model: BTreeMap<String, Vec<Spot>> = BTreeMap::new();
    for one in group.devices.values() {
        let spot = Spot { tag: one.tag.clone(), room: one.room.clone() };
        by_model.entry(one.model.clone()).or_default().push(spot);
    }
    by_model
        .into_iter()
        .map(|(model, spots)| ModelLine {
            model,
            count: u32::try_from(spots.len()).unwrap_or(u32::MAX),
            spots,
        })
        .collect()
}
