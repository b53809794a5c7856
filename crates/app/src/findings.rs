//! Findings and the worklist.

use crate::App;
use crate::app::{lock, parse};
use crate::change::{ConfigId, DocKind};
use crate::error::{AppError, Result};
use crate::fleet::Config;
use crate::model_book::Book;
use crate::ports::{DeviceRow, FindingRow};
use crate::query::{FindingOrder, FindingQuery, Page};
use crate::triage::{ByDecision, Desk};
use crate::views::{
    FieldLine, FindingLine, FindingList, FindingPage, Moment, StoredDevice, WorkItem, Worklist,
    WorklistDevice,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use tallyward_core::{DeviceId, Field, MissingFact, Reason};
use tallyward_matching::may_be_settled;

impl App {
    /// A page of findings.
    pub fn findings(&self, query: &FindingQuery) -> Result<FindingList> {
        let desk = self.triage_desk()?;
        let page = if query.outcome.is_none() && query.order == FindingOrder::Verdict {
            self.store.findings(query)?
        } else {
            self.store.findings_ranked(query, &ByDecision::new(self, &desk, query))?
        };
        let rows = page.rows.iter().map(|row| self.finding_line(&desk, row)).collect::<Result<_>>()?;
        Ok(FindingList { page: Page { rows, total: page.total, next: page.next }, as_of: Moment(self.now()) })
    }

    /// The stored row of one finding.
    pub(crate) fn finding_row(
        &self,
        device: DeviceId,
        advisory: &str,
        vulnerability: &str,
    ) -> Result<FindingRow> {
        let query = FindingQuery {
            device: Some(device),
            advisory: Some(advisory.to_owned()),
            vulnerability: Some(vulnerability.to_owned()),
            limit: Some(1),
            ..FindingQuery::default()
        };
        let row = self.store.findings(&query)?.rows.into_iter().next();
        row.ok_or_else(|| AppError::not_found("finding", format!("{device} {advisory} {vulnerability}")))
    }

    /// One finding with its chain of reasons.
    pub fn finding(&self, device: DeviceId, advisory: &str, vulnerability: &str) -> Result<FindingPage> {
        let row = self.finding_row(device, advisory, vulnerability)?;
        let desk = self.triage_desk()?;
        let known_flaw = desk.known.flaw(advisory, vulnerability);
        let triage =
            self.triage_of(&desk.known, &row.class, desk.exposure(row.device), advisory, vulnerability);
        let rubric = desk.rubric(vulnerability);
        let bod = known_flaw.and_then(|flaw| desk.bod(self, flaw, row.device));
        let held = self.corrected_advisory(advisory)?;
        let flaw = held.vulnerabilities.iter().find(|flaw| flaw.id == vulnerability);
        let missing = missing(&row)?;
        let maker_products = flaw.map(|flaw| &flaw.remediations);
        Ok(FindingPage {
            title: held.title.clone(),
            reasons: reasons(&row)?,
            enter: missing.as_ref().and_then(field_of),
            condition: missing.as_ref().and_then(|fact| condition_of(&row, fact)),
            settled: self.settled_conditions(advisory, &row.maker, &row.model)?,
            rests_on: self.lasting(&desk.known, &row)?,
            software: self.said_of(device, Field::SoftwareVersion)?,
            missing,
            inputs: self.triage_lines(&desk, &row, &triage),
            triage: triage.why.clone(),
            beside: known_flaw
                .into_iter()
                .flat_map(|flaw| flaw.beside.iter().cloned())
                .chain(bod)
                .chain(rubric.as_ref().map(|(sentence, _)| sentence.clone()))
                .collect(),
            rubric: rubric.map(|(_, value)| value).unwrap_or_default(),
            remedies: maker_products
                .into_iter()
                .flatten()
                .map(|remedy| (remedy.category.clone(), remedy.text.clone()))
                .collect(),
            scores: flaw.into_iter().flat_map(|flaw| &flaw.scores).map(Into::into).collect(),
            remedy: self.remedy_mark(device, &held, vulnerability)?,
            contradictions: held
                .contradictions
                .iter()
                .filter(|one| one.vulnerability.is_empty() || one.vulnerability == vulnerability)
                .map(|one| one.text.clone())
                .collect(),
            line: self.finding_line(&desk, &row)?,
            as_of: Moment(self.now()),
        })
    }

    /// A field of a device with all who speak of it.
    fn said_of(&self, device: DeviceId, field: Field) -> Result<Option<FieldLine>> {
        let row = self.store.device(device)?;
        let row = row.ok_or_else(|| AppError::not_found("device", device.to_string()))?;
        let stored: StoredDevice = parse(DocKind::Setting, &device.to_string(), &row.put.body)?;
        Ok(crate::devices::field_line(&stored.device, field))
    }

    /// The facts that would settle most, whole.
    pub fn worklist(&self) -> Result<Worklist> {
        self.worklist_top(usize::MAX, usize::MAX)
    }

    /// The facts that would settle most: at most so many facts, each with at most so many devices. The counts
    /// are of all.
    pub fn worklist_top(&self, facts: usize, devices: usize) -> Result<Worklist> {
        let (groups, book) = (self.fact_groups()?, self.book()?);
        let mut items = Vec::new();
        for group in groups.iter().take(facts) {
            items.push(self.work_item(group, &book, devices)?);
        }
        let waiting = groups.iter().map(|group| group.settles).sum();
        Ok(Worklist { items, total: groups.len() as u64, waiting, as_of: Moment(self.now()) })
    }

    /// Missing facts by model, those that settle most first; worked out once a fleet version.
    pub(crate) fn fact_groups(&self) -> Result<Arc<Vec<FactGroup>>> {
        let version = self.store.fleet_version()?;
        if let Some((at, held)) = lock(&self.state.facts).as_ref()
            && *at == version
        {
            return Ok(Arc::clone(held));
        }
        let known = self.known()?;
        let mut configs: BTreeMap<ConfigId, (Config, u64)> = BTreeMap::new();
        for row in self.store.configs()? {
            let config: Config = parse(DocKind::Setting, &row.id.0.to_string(), &row.body)?;
            configs.insert(row.id, (config, row.devices));
        }
        let mut grouped: BTreeMap<(String, String), FactGroup> = BTreeMap::new();
        for unknown in self.store.unknowns()? {
            let Some((config, _)) = configs.get(&unknown.config) else { continue };
            let fact: MissingFact = parse(DocKind::Setting, "missing fact", &unknown.missing)?;
            let group = grouped
                .entry((model_of(config), unknown.missing.clone()))
                .or_insert_with(|| FactGroup::new(config, fact, &unknown.advisory));
            group.settles += unknown.vulnerabilities * unknown.devices;
            group.add(unknown.config, unknown.devices, unknown.vulnerabilities);
        }
        for (id, (config, count)) in &configs {
            if !known.matcher.is_identified(&config.facts) {
                let group = grouped
                    .entry((model_of(config), String::new()))
                    .or_insert_with(|| FactGroup::new(config, MissingFact::Identity, ""));
                group.add(*id, *count, 0);
            }
        }
        let mut groups: Vec<FactGroup> = grouped.into_values().collect();
        groups.sort_by(|a, b| (b.settles, &a.model).cmp(&(a.settles, &b.model)));
        let groups = Arc::new(groups);
        *lock(&self.state.facts) = Some((version, Arc::clone(&groups)));
        Ok(groups)
    }

    fn work_item(&self, group: &FactGroup, book: &Book, most: usize) -> Result<WorkItem> {
        let mut devices: Vec<WorklistDevice> = Vec::new();
        for (config, settles) in &group.configs {
            if devices.len() >= most {
                break;
            }
            let rest = u32::try_from(most - devices.len()).unwrap_or(u32::MAX);
            let rows = self.store.devices_with(*config, rest)?;
            devices.extend(rows.into_iter().map(|row| worklist_device(row, *settles)));
        }
        devices.sort_by(|a, b| (&a.site, &a.unit, &a.room, a.id).cmp(&(&b.site, &b.unit, &b.room, b.id)));
        let (maker, model) = &group.named;
        let field = field_of(&group.fact);
        Ok(WorkItem {
            reading: field
                .and_then(|field| book.reading(maker, model, field, component_of(&group.fact)))
                .cloned(),
            maker: maker.clone(),
            bare_model: model.clone(),
            plain: group.fact.plain(),
            field,
            model: group.model.clone(),
            fact: group.fact.clone(),
            settles: group.settles,
            advisory: group.advisory.clone(),
            devices,
            count: group.count,
        })
    }

    fn finding_line(&self, desk: &Desk, row: &FindingRow) -> Result<FindingLine> {
        let exposure = desk.exposure(row.device);
        let triage = self.triage_of(&desk.known, &row.class, exposure, &row.advisory, &row.vulnerability);
        let (calmest, strictest) = triage.range.unwrap_or((triage.outcome, triage.outcome));
        Ok(FindingLine {
            device: row.device,
            name: row.name.clone(),
            model: format!("{} {}", row.maker, row.model).trim().to_owned(),
            unit: row.unit.clone(),
            room: row.room.clone(),
            version: row.version.clone(),
            advisory: row.advisory.clone(),
            vulnerability: row.vulnerability.clone(),
            verdict: row.verdict,
            because: reasons(row)?.pop().map(|reason| reason.text).unwrap_or_default(),
            missing: missing(row)?.map(|fact| fact.plain()),
            clinical: triage.clinical.code().to_owned(),
            outcome: triage.outcome.code().to_owned(),
            tier: triage.tier.code().to_owned(),
            calmest: calmest.code().to_owned(),
            strictest: strictest.code().to_owned(),
            vector: triage.vector.clone(),
            assumed: triage.assumed.clone(),
        })
    }
}

fn worklist_device(row: DeviceRow, settles: u64) -> WorklistDevice {
    WorklistDevice {
        id: row.put.id,
        name: row.put.name,
        tag: row.put.tag,
        unit: row.put.unit,
        room: row.put.room,
        site: row.put.site,
        settles,
    }
}

/// Devices of one model that wait for one fact.
pub(crate) struct FactGroup {
    /// Canonical maker and model, empty when not known.
    pub named: (String, String),
    /// The two as one text.
    pub model: String,
    pub fact: MissingFact,
    /// How many findings wait.
    pub settles: u64,
    /// One of the advisories that do.
    pub advisory: String,
    /// With how many findings wait on each device of the configuration.
    pub configs: Vec<(ConfigId, u64)>,
    /// How many devices.
    pub count: u64,
}

impl FactGroup {
    fn new(config: &Config, fact: MissingFact, advisory: &str) -> Self {
        let (model, advisory) = (model_of(config), advisory.to_owned());
        let named = (config.facts.maker.clone(), config.facts.model.clone());
        Self { named, model, fact, settles: 0, advisory, configs: Vec::new(), count: 0 }
    }

    /// A configuration waits once, however many of its vulnerabilities do.
    fn add(&mut self, config: ConfigId, devices: u64, settles: u64) {
        match self.configs.iter_mut().find(|(held, _)| *held == config) {
            Some((_, held)) => *held += settles,
            None => {
                self.configs.push((config, settles));
                self.count += devices;
            }
        }
    }
}

fn model_of(config: &Config) -> String {
    format!("{} {}", config.facts.maker, config.facts.model).trim().to_owned()
}

fn reasons(row: &FindingRow) -> Result<Vec<Reason>> {
    parse(DocKind::Setting, "reasons", &row.reasons)
}

fn missing(row: &FindingRow) -> Result<Option<MissingFact>> {
    if row.missing.is_empty() {
        Ok(None)
    } else {
        parse(DocKind::Setting, "missing fact", &row.missing).map(Some)
    }
}

/// The condition a finding waits for, when it is one that a person may settle for the model.
fn condition_of(row: &FindingRow, fact: &MissingFact) -> Option<String> {
    match fact {
        MissingFact::Condition { text } if !row.model.is_empty() && may_be_settled(text) => {
            Some(text.clone())
        }
        _ => None,
    }
}

/// The component whose version is missing; empty for other facts.
#[must_use]
pub fn component_of(fact: &MissingFact) -> &str {
    if let MissingFact::ComponentVersion { component } = fact { component } else { "" }
}

/// The field a person can type to settle a missing fact; none when it takes a judgement.
fn field_of(fact: &MissingFact) -> Option<Field> {
    match fact {
        MissingFact::SoftwareVersion | MissingFact::FresherVersion | MissingFact::ExactVersion => {
            Some(Field::SoftwareVersion)
        }
        MissingFact::ModelNumber => Some(Field::ModelNumber),
        MissingFact::SerialNumber => Some(Field::Serial),
        MissingFact::HardwareVersion => Some(Field::HardwareVersion),
        MissingFact::ComponentVersion { .. } => Some(Field::ComponentVersion),
        MissingFact::OperatingSystem => Some(Field::OperatingSystem),
        MissingFact::Date { .. } => Some(Field::ManufactureDate),
        MissingFact::Identity => Some(Field::Model),
        _ => None,
    }
}
