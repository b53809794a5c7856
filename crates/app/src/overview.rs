//! What needs a person now, and search.

use crate::App;
use crate::app::{lock, parse};
use crate::change::{ConfigId, DocKind};
use crate::error::Result;
use crate::fleet::Config;
use crate::ports::VerdictCounts;
use crate::query::{DeviceQuery, Facet};
use crate::views::{Attention, Count, Hit, Moment, Overview, SearchResult};
use std::collections::BTreeMap;
use std::sync::Arc;
use tallyward_core::{ClinicalLevel, DeviceId, Key, Presence, Tier, Timestamp, Verdict};

/// Device hits shown by the search box.
const HITS: u32 = 20;
/// A sensor without a packet for so long is said to be silent, hours.
const SILENT_HOURS: i64 = 48;

/// What the overview counts, of one fleet version.
pub(crate) struct Summary {
    findings: VerdictCounts,
    known: Vec<Count>,
    grave: Vec<Attention>,
}

impl App {
    /// The overview.
    pub fn overview(&self) -> Result<Overview> {
        let now = self.now();
        let mode = self.mode()?;
        let presence = self.store.facet(Facet::Presence)?;
        let devices = presence.iter().map(|(_, count)| count).sum();
        let drafts: Vec<Tier> = self.drafts_on_file()?.open_tiers().collect();
        let notices = self.notices()?;
        let lines = self.sensor_lines()?;
        let sensors = self.sensors(&lines)?;
        let mut attention: Vec<Attention> = mode
            .missing
            .iter()
            .map(|text| Attention { text: text.clone(), link: "/settings".to_owned(), urgent: !mode.shadow })
            .collect();
        for id in self.load::<Vec<String>>(DocKind::Setting, "look_at")?.unwrap_or_default() {
            let text = format!(
                "{id} names devices that are not affected in this unit as far as we know, and not cleared either"
            );
            attention.push(Attention { text, link: format!("/notices/{id}"), urgent: true });
        }
        if !drafts.is_empty() {
            let text = plural(drafts.len() as u64, "draft waits for release", "drafts wait for release");
            let urgent = drafts.iter().any(|tier| *tier <= Tier::T1);
            attention.push(Attention { text, link: "/notices".to_owned(), urgent });
        }
        let summary = self.summary()?;
        attention.extend(self.untold_lines(summary.findings.affected + summary.findings.unknown)?);
        for notice in notices.iter().filter(|notice| notice.overdue) {
            let text = format!("{} has not answered: {}", readers(&notice.unit), notice.subject);
            attention.push(Attention { text, link: format!("/notices/{}", notice.id), urgent: true });
        }
        for notice in &notices {
            if let Some(raised) = &notice.raised {
                let text = format!("{} answered {raised:?}: {}", readers(&notice.unit), notice.subject);
                attention.push(Attention { text, link: format!("/notices/{}", notice.id), urgent: true });
            }
        }
        for (sensor, last) in &sensors {
            let sends = lines.iter().any(|line| line.name == *sensor);
            if !sends && now.seconds_since(last.0) > SILENT_HOURS * 3_600 {
                let text = format!("sensor {sensor} has been silent since {}", last.0.date());
                attention.push(Attention { text, link: "/settings".to_owned(), urgent: false });
            }
        }
        attention.extend(lines.iter().filter_map(crate::sensors::SensorLine::attention));
        if let Some(folder) = self.watched_folder().filter(|folder| !folder.error.is_empty()) {
            let text = format!("letters that arrive in {} are not read: {}", folder.folder, folder.error);
            attention.push(Attention { text, link: "/letters".to_owned(), urgent: true });
        }
        attention.extend(self.source_lines()?.iter().filter_map(|line| line.attention(now)));
        attention.extend(summary.grave.iter().cloned());
        attention.sort_by_key(|item| !item.urgent);
        Ok(Overview {
            attention,
            devices,
            presence: presence_counts(&presence),
            findings: summary.findings,
            known: summary.known.clone(),
            drafts: drafts.len() as u64,
            notices: notices.len() as u64,
            answered: notices.iter().filter(|notice| notice.acknowledged.is_some()).count() as u64,
            advisories: self.store.count(DocKind::Advisory, None)?,
            sensors,
            mode,
            as_of: Moment(now),
        })
    }

    /// Who has not been told, one line with its count.
    fn untold_lines(&self, findings: u64) -> Result<Vec<Attention>> {
        let Some(glance) = self.untold_glance(findings)? else { return Ok(Vec::new()) };
        let mut lines = Vec::new();
        if glance.groups > 0 {
            let groups = plural(glance.groups, "group of operators is", "groups of operators are");
            let advisories = plural(glance.advisories, "advisory", "advisories");
            let text = format!("{groups} not told of {advisories}");
            lines.push(Attention { text, link: "/untold".to_owned(), urgent: true });
        }
        if glance.unassigned > 0 {
            let text = plural(
                glance.unassigned,
                "group of affected devices has nobody assigned who could be told",
                "groups of affected devices have nobody assigned who could be told",
            );
            lines.push(Attention { text, link: "/untold?state=unassigned".to_owned(), urgent: false });
        }
        Ok(lines)
    }

    /// What only changes with the fleet, worked out once a fleet version.
    fn summary(&self) -> Result<Arc<Summary>> {
        let version = self.store.fleet_version()?;
        if let Some((at, held)) = lock(&self.state.summary).as_ref()
            && *at == version
        {
            return Ok(Arc::clone(held));
        }
        let devices = self.store.facet(Facet::Presence)?.iter().map(|(_, count)| count).sum();
        let worked_out = Arc::new(Summary {
            findings: self.store.finding_counts()?,
            known: self.known_counts(devices)?,
            grave: self.grave_unknowns()?,
        });
        *lock(&self.state.summary) = Some((version, Arc::clone(&worked_out)));
        Ok(worked_out)
    }

    /// Takes anything: tag, serial, MAC, AE title, room, CVE, advisory id.
    pub fn search(&self, text: &str) -> Result<SearchResult> {
        let text = text.trim();
        let mut hits = Vec::new();
        let mut more = false;
        if text.is_empty() {
            return Ok(SearchResult { text: String::new(), hits, more });
        }
        let folded = text.to_lowercase();
        let known = self.known()?;
        for (id, title) in &known.titles {
            let flaw = known
                .flaws
                .get(id)
                .and_then(|flaws| flaws.keys().find(|flaw| flaw.eq_ignore_ascii_case(text)));
            if id.to_lowercase().contains(&folded) || title.to_lowercase().contains(&folded) {
                let link = format!("/advisories/{}", encode(id));
                hits.push(Hit { kind: "advisory", title: id.clone(), detail: title.clone(), link });
            } else if let Some(flaw) = flaw {
                let detail = format!("in {id}: {title}");
                let link = format!("/findings?vulnerability={}", encode(flaw));
                hits.push(Hit { kind: "vulnerability", title: flaw.clone(), detail, link });
            }
        }
        for unit in self.units()? {
            if unit.code.to_lowercase() == folded || unit.name.to_lowercase().contains(&folded) {
                let link = format!("/devices?unit={}", encode(&unit.code));
                hits.push(Hit { kind: "unit", title: unit.code, detail: unit.name, link });
            }
        }
        if let Some(id) = self.exact_device(text)? {
            if let Some(row) = self.store.device(id)? {
                hits.push(device_hit(row.put.id, row.put.name, "found by its exact name".to_owned()));
            }
        } else {
            let query =
                DeviceQuery { text: Some(text.to_owned()), limit: Some(HITS), ..DeviceQuery::default() };
            let page = self.store.devices(&query)?;
            more = page.total > page.rows.len() as u64;
            for row in page.rows {
                let detail = format!("{} {} {}", row.put.maker, row.put.unit, row.put.room);
                hits.push(device_hit(row.put.id, row.put.name, detail.trim().to_owned()));
            }
        }
        Ok(SearchResult { text: text.to_owned(), hits, more })
    }

    fn exact_device(&self, text: &str) -> Result<Option<DeviceId>> {
        if let Ok(id) = text.parse::<DeviceId>() {
            return Ok(self.store.device(id)?.map(|row| row.put.id));
        }
        if let Ok(mac) = text.parse() {
            return Ok(self.store.device_of(&Key::Mac(mac))?);
        }
        Ok(self.store.device_of(&Key::AssetTag { scope: String::new(), tag: text.to_owned() })?)
    }

    /// Sensors and captures by name with their last packet.
    fn sensors(&self, lines: &[crate::sensors::SensorLine]) -> Result<Vec<(String, Moment)>> {
        let mut last: BTreeMap<String, Timestamp> = BTreeMap::new();
        for capture in self.stored_captures()? {
            let at = capture.last_packet.unwrap_or(capture.at);
            let held = last.entry(capture.report.sensor).or_insert(at);
            *held = (*held).max(at);
        }
        for line in lines {
            if let Some(at) = line.last_packet {
                let held = last.entry(line.name.clone()).or_insert(at.0);
                *held = (*held).max(at.0);
            }
        }
        Ok(last.into_iter().map(|(name, at)| (name, Moment(at))).collect())
    }

    /// Devices by what is known of them; the unknown are never hidden.
    fn known_counts(&self, devices: u64) -> Result<Vec<Count>> {
        let total = |verdict: Verdict| -> Result<u64> {
            let query = DeviceQuery { verdict: Some(verdict), limit: Some(1), ..DeviceQuery::default() };
            Ok(self.store.devices(&query)?.total)
        };
        let counts = self.store.advisory_counts()?;
        let touched = if counts.is_empty() { 0 } else { total(Verdict::Affected)? };
        let link = |verdict: Verdict| format!("/devices?verdict={}", verdict.code());
        Ok(vec![
            Count { label: "devices in all".to_owned(), value: devices, link: "/devices".to_owned() },
            Count {
                label: "with an affected finding".to_owned(),
                value: touched,
                link: link(Verdict::Affected),
            },
            Count {
                label: "with an unknown finding".to_owned(),
                value: total(Verdict::Unknown)?,
                link: link(Verdict::Unknown),
            },
            Count {
                label: "with a not affected finding".to_owned(),
                value: total(Verdict::NotAffected)?,
                link: link(Verdict::NotAffected),
            },
        ])
    }

    /// Unknown findings whose clinical level would be C3 or C4.
    fn grave_unknowns(&self) -> Result<Vec<Attention>> {
        let known = self.known()?;
        let mut classes: BTreeMap<ConfigId, String> = BTreeMap::new();
        for row in self.store.configs()? {
            let config: Config = parse(DocKind::Setting, &row.id.0.to_string(), &row.body)?;
            classes.insert(row.id, config.class);
        }
        let mut waiting: BTreeMap<String, u64> = BTreeMap::new();
        for row in self.store.unknowns()? {
            let class = classes.get(&row.config).map_or("other", String::as_str);
            let flaws = known.flaws.get(&row.advisory).into_iter().flat_map(BTreeMap::keys);
            let worst =
                flaws.map(|flaw| self.triage_of(&known, class, None, &row.advisory, flaw).clinical).max();
            if worst.is_some_and(|level| level >= ClinicalLevel::C3) {
                *waiting.entry(row.advisory).or_default() += row.devices;
            }
        }
        Ok(waiting
            .into_iter()
            .map(|(advisory, devices)| Attention {
                text: format!(
                    "{} of {advisory} that could reach a patient: facts are missing",
                    plural(devices, "unknown", "unknowns")
                ),
                link: "/worklist".to_owned(),
                urgent: false,
            })
            .collect())
    }
}

/// Who reads a notice: the unit, or those who work on the devices of the whole house.
pub(crate) fn readers(unit: &str) -> &str {
    if unit.is_empty() { "biomed and security" } else { unit }
}

fn presence_counts(counted: &[(String, u64)]) -> Vec<Count> {
    let counts: BTreeMap<&str, u64> = counted.iter().map(|(code, count)| (code.as_str(), *count)).collect();
    Presence::ALL
        .into_iter()
        .map(|presence| Count {
            label: presence.label().to_owned(),
            value: counts.get(presence.code()).copied().unwrap_or(0),
            link: format!("/devices?presence={}", presence.code()),
        })
        .collect()
}

fn device_hit(id: DeviceId, name: String, detail: String) -> Hit {
    Hit { kind: "device", title: name, detail, link: format!("/devices/{id}") }
}

fn plural(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Percent-encodes what may not stand in a query value.
pub(crate) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
