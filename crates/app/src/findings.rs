//! Findings and the worklist.

use crate::App;
use crate::app::parse;
use crate::change::DocKind;
use crate::error::{AppError, Result};
use crate::fleet::Config;
use crate::known::Known;
use crate::ports::{DeviceRow, FindingRow};
use crate::query::{FindingQuery, Page};
use crate::views::{FindingLine, FindingList, FindingPage, Moment, WorkItem, Worklist, WorklistDevice};
use std::collections::BTreeMap;
use tallyward_core::{DeviceId, Field, MissingFact, Reason};

impl App {
    /// A page of findings.
    pub fn findings(&self, query: &FindingQuery) -> Result<FindingList> {
        let page = self.store.findings(query)?;
        let known = self.known()?;
        let rows = page.rows.iter().map(|row| self.finding_line(&known, row)).collect::<Result<_>>()?;
        Ok(FindingList { page: Page { rows, total: page.total, next: page.next }, as_of: Moment(self.now()) })
    }

    /// One finding with its chain of reasons.
    pub fn finding(&self, device: DeviceId, advisory: &str, vulnerability: &str) -> Result<FindingPage> {
        let query = FindingQuery {
            device: Some(device),
            advisory: Some(advisory.to_owned()),
            vulnerability: Some(vulnerability.to_owned()),
            limit: Some(1),
            ..FindingQuery::default()
        };
        let row = self.store.findings(&query)?.rows.into_iter().next();
        let row = row
            .ok_or_else(|| AppError::not_found("finding", format!("{device} {advisory} {vulnerability}")))?;
        let known = self.known()?;
        let held = self.stored_advisory(advisory)?;
        let flaw = held.advisory.vulnerabilities.iter().find(|flaw| flaw.id == vulnerability);
        let missing = missing(&row)?;
        let maker_products = flaw.map(|flaw| &flaw.remediations);
        Ok(FindingPage {
            title: held.advisory.title.clone(),
            reasons: reasons(&row)?,
            enter: missing.as_ref().and_then(field_of),
            missing,
            triage: self.triage_of(&known, &row.class, advisory, vulnerability).why.clone(),
            remedies: maker_products
                .into_iter()
                .flatten()
                .map(|remedy| (remedy.category.clone(), remedy.text.clone()))
                .collect(),
            scores: flaw
                .into_iter()
                .flat_map(|flaw| &flaw.scores)
                .map(|score| (score.version.clone(), score.base.clone(), score.vector.clone()))
                .collect(),
            contradictions: held
                .advisory
                .contradictions
                .iter()
                .filter(|one| one.vulnerability.is_empty() || one.vulnerability == vulnerability)
                .map(|one| one.text.clone())
                .collect(),
            line: self.finding_line(&known, &row)?,
            as_of: Moment(self.now()),
        })
    }

    /// The facts that would settle most.
    pub fn worklist(&self) -> Result<Worklist> {
        let mut grouped: BTreeMap<(String, String, String), Waiting> = BTreeMap::new();
        let known = self.known()?;
        let mut waiting = 0;
        for unknown in self.store.unknowns()? {
            let fact: MissingFact = parse(DocKind::Setting, "missing fact", &unknown.missing)?;
            waiting += unknown.vulnerabilities * unknown.devices;
            let devices = self.store.devices_with(unknown.config)?;
            let Some(first) = devices.first() else { continue };
            let at = (first.put.maker.clone(), first.put.model.clone(), unknown.missing.clone());
            let entry = grouped.entry(at).or_insert_with(|| Waiting {
                fact,
                settles: 0,
                advisory: unknown.advisory.clone(),
                devices: Vec::new(),
            });
            entry.settles += unknown.vulnerabilities * unknown.devices;
            entry.devices.extend(devices.into_iter().map(worklist_device));
        }
        for row in self.store.configs()? {
            let config: Config = parse(DocKind::Setting, &row.id.0.to_string(), &row.body)?;
            if !known.matcher.is_identified(&config.facts) {
                let at = (config.facts.maker, config.facts.model, String::new());
                let entry = grouped.entry(at).or_insert_with(|| Waiting {
                    fact: MissingFact::Identity,
                    settles: 0,
                    advisory: String::new(),
                    devices: Vec::new(),
                });
                entry.devices.extend(self.store.devices_with(row.id)?.into_iter().map(worklist_device));
            }
        }
        let mut items: Vec<WorkItem> = grouped
            .into_iter()
            .map(|((maker, model, _), Waiting { fact, settles, advisory, mut devices })| {
                devices.sort_by(|a, b| {
                    (&a.site, &a.unit, &a.room, a.id).cmp(&(&b.site, &b.unit, &b.room, b.id))
                });
                devices.dedup_by_key(|device| device.id);
                WorkItem {
                    plain: fact.plain(),
                    field: field_of(&fact),
                    model: format!("{maker} {model}").trim().to_owned(),
                    fact,
                    settles,
                    advisory,
                    devices,
                }
            })
            .collect();
        items.sort_by(|a, b| (b.settles, &a.model, &a.plain).cmp(&(a.settles, &b.model, &b.plain)));
        Ok(Worklist { items, waiting, as_of: Moment(self.now()) })
    }

    pub(crate) fn finding_line(&self, known: &Known, row: &FindingRow) -> Result<FindingLine> {
        let triage = self.triage_of(known, &row.class, &row.advisory, &row.vulnerability);
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
        })
    }
}

fn worklist_device(row: DeviceRow) -> WorklistDevice {
    WorklistDevice {
        id: row.put.id,
        name: row.put.name,
        tag: row.put.tag,
        unit: row.put.unit,
        room: row.put.room,
        site: row.put.site,
    }
}

/// Devices of one model that wait for one fact.
struct Waiting {
    fact: MissingFact,
    settles: u64,
    advisory: String,
    devices: Vec<WorklistDevice>,
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

/// The field a person can type to settle a missing fact; none when it takes a judgement.
fn field_of(fact: &MissingFact) -> Option<Field> {
    match fact {
        MissingFact::SoftwareVersion | MissingFact::FresherVersion | MissingFact::ExactVersion => {
            Some(Field::SoftwareVersion)
        }
        MissingFact::ModelNumber => Some(Field::ModelNumber),
        MissingFact::HardwareVersion => Some(Field::HardwareVersion),
        MissingFact::ComponentVersion { .. } => Some(Field::ComponentVersion),
        MissingFact::OperatingSystem => Some(Field::OperatingSystem),
        MissingFact::Date { .. } => Some(Field::ManufactureDate),
        MissingFact::Identity => Some(Field::Model),
        _ => None,
    }
}
