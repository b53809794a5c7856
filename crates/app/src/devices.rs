//! Devices: lists, pages, facts entered by people.

use crate::App;
use crate::app::parse;
use crate::change::{ChangeSet, DocKind};
use crate::error::{AppError, Result};
use crate::lists::strongest;
use crate::ports::DeviceRow;
use crate::query::{DeviceQuery, Facet, FindingQuery, Page};
use crate::verdict_changes::Verdicts;
use crate::views::{
    Choices, DeviceLine, DeviceList, DevicePage, FieldLine, FlowLine, Happening, Moment, StoredDevice,
};
use crate::who::Who;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use tallyward_core::{
    Device, DeviceId, Episode, Evidence, Field, Flow, IngestId, Key, Mac, SecurityStatus, Source, SourceKind,
    Timestamp,
};
use tallyward_identity::classify::is_conclusion;

/// Flows shown on a device page.
const FLOWS: u32 = 50;

/// Whether a field tells nothing of which device it is, whose and where, but only what is judged on.
fn judged_only(field: Field) -> bool {
    matches!(
        field,
        Field::SoftwareVersion
            | Field::HardwareVersion
            | Field::ComponentVersion
            | Field::OperatingSystem
            | Field::ManufactureDate
    )
}

/// The advisories that say another thing of some vulnerability.
fn differing(was: &Verdicts, now: &Verdicts) -> BTreeSet<String> {
    let differs =
        |at: &&(String, String)| was.get(*at).map(|one| one.verdict) != now.get(*at).map(|one| one.verdict);
    was.keys().chain(now.keys()).filter(differs).map(|(advisory, _)| advisory.clone()).collect()
}

impl App {
    /// A page of the device list.
    pub fn devices(&self, query: &DeviceQuery) -> Result<DeviceList> {
        let page = self.store.devices(query)?;
        let open = self.open_actions()?;
        let rows = page.rows.into_iter().map(|row| self.device_line(row, &open)).collect::<Result<_>>()?;
        Ok(DeviceList { page: Page { rows, total: page.total, next: page.next }, as_of: Moment(self.now()) })
    }

    /// The values that filters offer.
    pub fn choices(&self) -> Result<Choices> {
        Ok(Choices {
            presence: self.store.facet(Facet::Presence)?,
            units: self.store.facet(Facet::Unit)?,
            sites: self.store.facet(Facet::Site)?,
            models: self.store.facet(Facet::Model)?,
            classes: self.store.facet(Facet::Class)?,
        })
    }

    /// One device.
    pub fn device(&self, id: DeviceId) -> Result<DevicePage> {
        let row = self.store.device(id)?.ok_or_else(|| AppError::not_found("device", id.to_string()))?;
        let stored: StoredDevice = parse(DocKind::Setting, &row.put.id.to_string(), &row.put.body)?;
        let open = self.open_actions()?;
        let id = row.put.id;
        let findings =
            self.findings(&FindingQuery { device: Some(id), limit: Some(1_000), ..FindingQuery::default() })?;
        let mut timeline = timeline(&stored);
        timeline.extend(self.notices_naming(id)?);
        timeline.extend(self.store.audit_of(&format!("device {id}"), 100)?.into_iter().map(|entry| {
            Happening {
                at: Moment(entry.at),
                kind: "decision",
                text: format!("{} by {}: {}", entry.action, entry.who, entry.after),
                link: String::new(),
            }
        }));
        timeline.sort_by_key(|happening| std::cmp::Reverse(happening.at));
        Ok(DevicePage {
            why: stored.why.clone(),
            observed: stored.observed.clone(),
            names: stored.device.keys.iter().map(Key::plain).collect(),
            fields: fields(&stored.device),
            contested: stored.device.contested.clone(),
            findings: findings.page.rows,
            timeline,
            flows: self.flow_lines(&stored.device)?,
            line: self.device_line(row, &open)?,
            as_of: Moment(self.now()),
        })
    }

    /// Records what a person read on a device. It becomes evidence; answers how many unknown findings it settled.
    pub fn enter_fact(&self, who: &Who, id: DeviceId, field: Field, value: &str) -> Result<u64> {
        if !who.role.may_write() {
            return Err(AppError::Refused("a reader cannot enter facts".to_owned()));
        }
        let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
        if value.is_empty() || value.len() > 200 || tallyward_identity::junk::is_junk(&value) {
            let why = format!("{value:?} says nothing: type what the screen or label shows");
            return Err(AppError::invalid(field.code(), why));
        }
        if field == Field::Key {
            return Err(AppError::invalid(field.code(), "identity is a decision, not a field"));
        }
        let row = self.store.device(id)?.ok_or_else(|| AppError::not_found("device", id.to_string()))?;
        let subject = strongest(&row.put.keys)
            .ok_or_else(|| AppError::invalid("device", "it has no key that a statement could hang on"))?;
        let now = self.now();
        let hash =
            Sha256::digest(format!("{subject}|{field}|{value}|{}|{}", who.login, now.micros()).as_bytes());
        let episode = Episode {
            ingest: IngestId::from_hash(&hash),
            first: now,
            last: now,
            count: 1,
            recorded_at: now,
            place: String::new(),
        };
        let evidence = Evidence {
            subject,
            field,
            value: value.clone(),
            source: Source { kind: SourceKind::Person, name: who.name.clone() },
            basis: "read on the device".to_owned(),
            episodes: vec![episode],
        };
        let mut event = self.event(who, "fact.enter", format!("device {}", row.put.id));
        event.after = format!("{}: {value}", field.label());
        let before = row.unknown;
        let cause = format!("{} read {} {value} on {}.", who.name, inline(field), row.put.name);
        let was = self.verdicts_on(row.put.config)?;
        self.absorb(&cause, vec![evidence], |_| ChangeSet { audit: vec![event], ..ChangeSet::default() })?;
        let after = self.store.device(id)?;
        let now = after.as_ref().map(|row| (row.put.id, row.put.config));
        match now {
            // What is only judged changes only messages about what judges it otherwise.
            Some((same, config)) if same == row.put.id && judged_only(field) => {
                self.refresh_drafts_of(&differing(&was, &self.verdicts_on(config)?))?;
            }
            _ => {
                self.refresh_drafts()?;
            }
        }
        Ok(u64::from(before.saturating_sub(after.map_or(0, |row| row.unknown))))
    }

    /// A row as it is listed. `open` names the devices somebody must act on.
    pub(crate) fn device_line(
        &self,
        row: DeviceRow,
        open: &BTreeMap<DeviceId, Vec<String>>,
    ) -> Result<DeviceLine> {
        let stored: StoredDevice = parse(DocKind::Setting, &row.put.id.to_string(), &row.put.body)?;
        let status = status(&row, &stored.device, open.contains_key(&row.put.id), self.now());
        let put = row.put;
        Ok(DeviceLine {
            id: put.id,
            name: put.name,
            serial: stored.device.get(Field::Serial).unwrap_or_default().to_owned(),
            tag: put.tag,
            maker: put.maker,
            model: put.model,
            class: put.class,
            version: put.version,
            unit: put.unit,
            pool: put.pool,
            place: stored.place,
            presence: put.presence,
            status: status.plain(),
            status_code: status.code().to_owned(),
            affected: row.affected,
            unknown: row.unknown,
            not_affected: row.not_affected,
            last_seen: put.last_seen.map(Moment),
        })
    }

    fn flow_lines(&self, device: &Device) -> Result<Vec<FlowLine>> {
        let macs: Vec<Mac> = device
            .keys
            .iter()
            .filter_map(|key| if let Key::Mac(mac) = key { Some(*mac) } else { None })
            .collect();
        let addresses: Vec<String> = device
            .keys
            .iter()
            .filter_map(
                |key| if let Key::Address { address, .. } = key { Some(address.clone()) } else { None },
            )
            .collect();
        let ours = |end: &tallyward_core::flow::Endpoint| {
            end.mac.is_some_and(|mac| macs.contains(&mac)) || addresses.contains(&end.address.to_string())
        };
        let flows = self.store.flows_of(&macs, &addresses, FLOWS)?;
        flows.iter().map(|flow| self.flow_line(flow, ours(&flow.client))).collect()
    }

    fn flow_line(&self, flow: &Flow, outgoing: bool) -> Result<FlowLine> {
        let peer = if outgoing { &flow.server } else { &flow.client };
        let id = self.device_at(peer, &flow.seen_by)?;
        let name = match id {
            Some(id) => self.store.device(id)?.map(|row| row.put.name),
            None => None,
        };
        let transport = match flow.transport {
            6 => "tcp",
            17 => "udp",
            1 => "icmp",
            _ => "ip",
        };
        Ok(FlowLine {
            outgoing,
            peer: name.unwrap_or_else(|| peer.address.to_string()),
            peer_id: id,
            address: peer.address.to_string(),
            service: match (flow.service.as_str(), flow.port) {
                ("", 0) => transport.to_owned(),
                ("", port) => format!("{transport}/{port}"),
                (service, port) => format!("{service} ({transport}/{port})"),
            },
            first: Moment(flow.first),
            last: Moment(flow.last),
            count: flow.count,
            bytes: flow.bytes,
            seen_by: flow.seen_by.clone(),
        })
    }
}

/// Security status from what is stored of a device and its verdicts.
pub(crate) fn status(row: &DeviceRow, device: &Device, action_due: bool, now: Timestamp) -> SecurityStatus {
    let unsupported = device.get(Field::SupportEnds).is_some_and(|date| date < now.date().as_str());
    if row.affected > 0 {
        return if action_due { SecurityStatus::ActionDue } else { SecurityStatus::Affected };
    }
    if row.unknown > 0 {
        let missing = if row.unknown == 1 {
            "1 finding waits for a fact".to_owned()
        } else {
            format!("{} findings wait for a fact", row.unknown)
        };
        return SecurityStatus::Unknown { missing };
    }
    if unsupported {
        return SecurityStatus::Unsupported;
    }
    if row.put.maker.is_empty() || row.put.model.is_empty() {
        return SecurityStatus::Unknown { missing: "what this device is".to_owned() };
    }
    if row.not_affected == 0 {
        return SecurityStatus::Unnamed;
    }
    SecurityStatus::Clear
}

fn fields(device: &Device) -> Vec<FieldLine> {
    let shown = Field::ALL.iter().filter(|field| !matches!(field, Field::Key | Field::Listed));
    shown.filter_map(|field| field_line(device, *field)).collect()
}

/// A field's label within a sentence: `software version`, but `MAC address`.
fn inline(field: Field) -> String {
    let label = field.label();
    let rest = label.chars().nth(1);
    if rest.is_some_and(char::is_uppercase) { label.to_owned() } else { label.to_lowercase() }
}

/// A field with all who speak of it.
pub(crate) fn field_line(device: &Device, field: Field) -> Option<FieldLine> {
    let held = device.fields.get(&field)?;
    Some(FieldLine {
        field,
        label: field.label(),
        value: held.value.clone(),
        stale: held.is_stale(),
        support: held.support.clone(),
        dissent: held.dissent.clone(),
        also: held.also.clone(),
    })
}

/// What the evidence tells of a device's past: when each source first and last spoke of it.
fn timeline(stored: &StoredDevice) -> Vec<Happening> {
    let mut arrivals: BTreeMap<(&str, Timestamp), BTreeSet<&str>> = BTreeMap::new();
    for (field, held) in &stored.device.fields {
        let voices = held.support.iter().chain(&held.dissent).chain(&held.also);
        for voice in voices.filter(|voice| !is_conclusion(voice)) {
            arrivals.entry((&voice.source.name, voice.recorded_at)).or_default().insert(field.label());
        }
    }
    let mut happenings: Vec<Happening> = arrivals
        .into_iter()
        .map(|((source, at), labels)| {
            let named: Vec<&str> = labels.iter().copied().take(3).collect();
            let more = labels.len().saturating_sub(3);
            let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
            Happening {
                at: Moment(at),
                kind: "evidence",
                text: format!("{source} stated {}{tail}", named.join(", ")),
                link: String::new(),
            }
        })
        .collect();
    if let Some((first, last)) = stored.device.seen {
        let seen = |at, text: &str| Happening {
            at: Moment(at),
            kind: "evidence",
            text: text.to_owned(),
            link: String::new(),
        };
        happenings.push(seen(first, "first seen on the network"));
        if last != first {
            happenings.push(seen(last, "last seen on the network"));
        }
    }
    happenings
}
