//! Configurations, the judgements on them, and findings: the join of judgements with devices, never stored.

use crate::devices::{followed, stored};
use crate::fault::{Inner, corrupt, refused};
use crate::image::{Image, Judged, Judgements, Summary, Word, verdict_number};
use crate::lists;
use rusqlite::{Connection, ToSql, params};
use rustc_hash::FxHashMap;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use tallyward_app::change::{ConfigId, ConfigPut, JudgementPut};
use tallyward_app::ports::{
    AdvisoryCounts, ConfigCount, ConfigRow, FindingRow, JudgementsOf, UnknownRow, VerdictCounts,
};
use tallyward_app::query::{FindingQuery, Page};
use tallyward_core::{DeviceId, Verdict};

/// Writes configurations and replaces the judgements each put is the whole answer for.
pub fn write_configs(work: &Connection, puts: &[ConfigPut]) -> Inner<()> {
    for put in puts {
        let id = put.id.0;
        work.prepare_cached(
            "INSERT INTO config VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO UPDATE
             SET body = ?2, affected = ?3, unknown = ?4, not_affected = ?5",
        )?
        .execute(params![id, put.body, put.affected, put.unknown, put.not_affected])?;
        match &put.judged {
            None => {
                work.prepare_cached("DELETE FROM judgement WHERE config = ?1")?.execute([id])?;
            }
            Some(advisories) => {
                let mut remove =
                    work.prepare_cached("DELETE FROM judgement WHERE config = ?1 AND advisory = ?2")?;
                for advisory in advisories {
                    remove.execute(params![id, advisory])?;
                }
            }
        }
        let mut insert = work.prepare_cached(
            "INSERT INTO judgement (config, advisory, vulnerability, verdict, missing, reasons)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (config, advisory, vulnerability) DO UPDATE
             SET verdict = ?4, missing = ?5, reasons = ?6",
        )?;
        for one in &put.judgements {
            let verdict = verdict_number(one.verdict) as i64;
            insert.execute(params![
                id,
                one.advisory,
                one.vulnerability,
                verdict,
                one.missing,
                one.reasons
            ])?;
        }
    }
    Ok(())
}

/// Removes those of `candidates` that no device has; answers which. A configuration kept without devices would
/// not be judged when an advisory arrives, and would bring old verdicts back with the next device that has it.
pub fn drop_unused(work: &Connection, mut candidates: Vec<i64>) -> Inner<Vec<i64>> {
    candidates.sort_unstable();
    candidates.dedup();
    let mut used = work.prepare_cached("SELECT 1 FROM device WHERE config = ?1")?;
    let mut dropped = Vec::new();
    for id in candidates {
        if used.exists([id])? {
            continue;
        }
        work.prepare_cached("DELETE FROM judgement WHERE config = ?1")?.execute([id])?;
        work.prepare_cached("DELETE FROM config WHERE id = ?1")?.execute([id])?;
        dropped.push(id);
    }
    Ok(dropped)
}

/// Configurations with their devices counted, by id.
pub fn configs(view: &Connection, image: &Image) -> Inner<Vec<ConfigRow>> {
    let mut query = view.prepare_cached("SELECT id, body FROM config ORDER BY id")?;
    let mut rows = query.query([])?;
    let mut configs = Vec::new();
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        configs.push(ConfigRow { id: ConfigId(id), body: row.get(1)?, devices: held(image, id) });
    }
    Ok(configs)
}

/// Configurations counted, by id.
pub fn config_counts(image: &Image) -> Vec<ConfigCount> {
    let count = |(id, summary): (&i64, &Summary)| ConfigCount {
        id: ConfigId(*id),
        devices: held(image, *id),
        by_verdict: summary.by_verdict,
    };
    let mut counts: Vec<ConfigCount> = image.configs.iter().map(count).collect();
    counts.sort_unstable_by_key(|one| one.id);
    counts
}

/// Handles of the devices that have a configuration, in order.
pub fn holders(image: &Image, config: ConfigId) -> Vec<DeviceId> {
    let places = image.holders().get(&config.0).map_or(&[][..], Vec::as_slice);
    places.iter().map(|place| DeviceId(image.rows[*place as usize].id)).collect()
}

fn held(image: &Image, config: i64) -> u64 {
    image.holders().get(&config).map_or(0, |devices| devices.len() as u64)
}

/// Those of `ids` that are stored, in the order asked.
pub fn known_configs(view: &Connection, ids: &[ConfigId]) -> Inner<Vec<ConfigId>> {
    let mut query = view.prepare_cached("SELECT 1 FROM config WHERE id = ?1")?;
    let mut known = Vec::new();
    for id in ids {
        if query.exists([id.0])? {
            known.push(*id);
        }
    }
    Ok(known)
}

/// All findings by verdict, each device and vulnerability once: the summaries weighted by devices.
pub fn counts(image: &Image) -> VerdictCounts {
    let mut sums = [0u64; 3];
    for (config, devices) in image.holders() {
        let summary = image.configs.get(config).copied().unwrap_or_default();
        for (sum, count) in sums.iter_mut().zip(summary.by_verdict) {
            *sum += u64::from(count) * devices.len() as u64;
        }
    }
    verdict_counts(sums)
}

fn verdict_counts([affected, unknown, not_affected]: [u64; 3]) -> VerdictCounts {
    VerdictCounts { affected, unknown, not_affected }
}

/// Findings by advisory, for every advisory that has any, by id.
pub fn advisory_counts(view: &Connection, image: &Image) -> Inner<Vec<AdvisoryCounts>> {
    let judgements = image.judgements(view)?;
    let mut by_config: FxHashMap<(Word, i64), [u64; 3]> = FxHashMap::default();
    for one in &judgements.rows {
        by_config.entry((one.advisory, one.config)).or_default()[verdict_number(one.verdict)] += 1;
    }
    let mut by_advisory: BTreeMap<&str, AdvisoryCounts> = BTreeMap::new();
    for ((advisory, config), counts) in by_config {
        let devices = held(image, config);
        let advisory = judgements.words.text(advisory);
        let sum = by_advisory.entry(advisory).or_insert_with(|| AdvisoryCounts {
            advisory: advisory.to_owned(),
            findings: VerdictCounts::default(),
            devices_affected: 0,
            devices_unknown: 0,
        });
        sum.findings.affected += counts[0] * devices;
        sum.findings.unknown += counts[1] * devices;
        sum.findings.not_affected += counts[2] * devices;
        if counts[0] > 0 {
            sum.devices_affected += devices;
        } else if counts[1] > 0 {
            sum.devices_unknown += devices;
        }
    }
    Ok(by_advisory.into_values().collect())
}

/// What is unknown, by missing fact and configuration, most findings first.
pub fn unknowns(view: &Connection, image: &Image) -> Inner<Vec<UnknownRow>> {
    let waiting = image.waiting(view)?.iter();
    let mut unknowns: Vec<UnknownRow> = waiting
        .map(|one| UnknownRow {
            missing: one.missing.clone(),
            config: ConfigId(one.config),
            vulnerabilities: one.vulnerabilities,
            devices: held(image, one.config),
            advisory: one.advisory.clone(),
        })
        .collect();
    unknowns.sort_by(|a, b| {
        let key = |one: &UnknownRow| Reverse(one.vulnerabilities.saturating_mul(one.devices));
        (key(a), &a.missing, a.config).cmp(&(key(b), &b.missing, b.config))
    });
    Ok(unknowns)
}

/// The stored verdicts of one advisory or on one configuration.
pub fn judgements(view: &Connection, of: JudgementsOf<'_>) -> Inner<Vec<(ConfigId, JudgementPut)>> {
    const COLUMNS: &str = "SELECT config, advisory, vulnerability, verdict, missing, reasons FROM judgement";
    const ORDER: &str = "ORDER BY config, advisory, vulnerability";
    // The verdict is named so that the index of the finding list serves.
    let (sql, key): (String, &dyn ToSql) = match &of {
        JudgementsOf::Advisory(id) => {
            (format!("{COLUMNS} WHERE verdict IN (0, 1, 2) AND advisory = ?1 {ORDER}"), id)
        }
        JudgementsOf::Config(id) => (format!("{COLUMNS} WHERE config = ?1 {ORDER}"), &id.0),
    };
    let mut query = view.prepare_cached(&sql)?;
    let mut rows = query.query([key])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(3)?;
        let verdict = usize::try_from(number).ok().and_then(|at| Verdict::ALL.get(at).copied());
        let verdict = verdict.ok_or_else(|| corrupt("verdict", number, "no such verdict"))?;
        let (advisory, vulnerability) = (row.get(1)?, row.get(2)?);
        let (missing, reasons) = (row.get(4)?, row.get(5)?);
        found.push((
            ConfigId(row.get(0)?),
            JudgementPut { advisory, vulnerability, verdict, missing, reasons },
        ));
    }
    Ok(found)
}

/// A page of findings, ordered by verdict (worst first), advisory, vulnerability, device.
pub fn page(view: &Connection, image: &Image, query: &FindingQuery) -> Inner<Page<FindingRow>> {
    let after = query.after.as_deref().map(Cursor::read).transpose()?;
    let judgements = image.judgements(view)?;
    let Some(filter) = Filter::resolve(judgements, query) else {
        return Ok(Page { rows: Vec::new(), total: 0, next: None });
    };
    let narrowed = narrowed(view, image, query)?;
    let holders = narrowed.as_ref().unwrap_or_else(|| image.holders());
    let size = lists::page_size(query.limit);
    let mut total = 0u64;
    let mut found: Vec<(Judged, u32)> = Vec::new();
    for group in judgements.rows.chunk_by(Judged::alike).filter(|group| filter.pass(&group[0])) {
        let devices = |one: &Judged| holders.get(&one.config).map_or(&[][..], Vec::as_slice);
        total += group.iter().map(|one| devices(one).len() as u64).sum::<u64>();
        if found.len() > size {
            continue;
        }
        let Some(first) = after.as_ref().map_or(Some(0), |after| after.first_device(judgements, &group[0]))
        else {
            continue;
        };
        let behind = |place: u32| image.rows[place as usize].id >= first;
        let start = found.len();
        for one in group {
            found.extend(devices(one).iter().filter(|place| behind(**place)).map(|place| (*one, *place)));
        }
        found[start..].sort_unstable_by_key(|(_, place)| *place);
        found.truncate(size + 1);
    }
    let more = found.len() > size;
    found.truncate(size);
    let next =
        found.last().filter(|_| more).map(|(one, place)| Cursor::at(image, judgements, one, *place).write());
    Ok(Page { rows: read_rows(view, image, judgements, &found)?, total, next })
}

/// Holders of each configuration among the devices a query admits; `None` when it admits all.
pub(crate) fn narrowed(
    view: &Connection,
    image: &Image,
    query: &FindingQuery,
) -> Inner<Option<FxHashMap<i64, Vec<u32>>>> {
    if query.device.is_none() && query.unit.is_none() {
        return Ok(None);
    }
    let unit = match &query.unit {
        None => None,
        Some(unit) => match image.words.find(unit) {
            Some(word) => Some(word),
            None => return Ok(Some(FxHashMap::default())),
        },
    };
    let in_unit = |word: Word| unit.is_none_or(|unit| unit == word);
    let Some(device) = query.device else {
        return Ok(Some(image.held_by(|row| in_unit(row.unit))));
    };
    let kept = stored(device).map(|id| followed(view, id)).transpose()?;
    let place = kept.and_then(|id| u64::try_from(id).ok()).and_then(|id| image.place(id));
    let found = place.map(|place| (place, &image.rows[place as usize]));
    let admitted = found.filter(|(_, row)| in_unit(row.unit));
    Ok(Some(admitted.into_iter().map(|(place, row)| (row.config, vec![place])).collect()))
}

/// The filters on judgements, as places of words.
pub(crate) struct Filter {
    verdict: Option<Verdict>,
    advisory: Option<Word>,
    vulnerability: Option<Word>,
}

impl Filter {
    /// `None` when a filter names what no judgement has.
    pub(crate) fn resolve(judgements: &Judgements, query: &FindingQuery) -> Option<Self> {
        let word = |filter: &Option<String>| match filter {
            Some(text) => judgements.words.find(text).map(Some),
            None => Some(None),
        };
        Some(Self {
            verdict: query.verdict,
            advisory: word(&query.advisory)?,
            vulnerability: word(&query.vulnerability)?,
        })
    }

    pub(crate) fn pass(&self, one: &Judged) -> bool {
        self.verdict.is_none_or(|wanted| wanted == one.verdict)
            && self.advisory.is_none_or(|wanted| wanted == one.advisory)
            && self.vulnerability.is_none_or(|wanted| wanted == one.vulnerability)
    }
}

/// The place behind which a page begins.
pub(crate) struct Cursor<'a> {
    verdict: Verdict,
    device: u64,
    advisory: &'a str,
    vulnerability: &'a str,
}

const BETWEEN: char = '\u{1f}';

impl<'a> Cursor<'a> {
    /// The place of a finding.
    pub(crate) fn at(image: &Image, judgements: &'a Judgements, one: &Judged, place: u32) -> Self {
        Self {
            verdict: one.verdict,
            device: image.rows[place as usize].id,
            advisory: judgements.words.text(one.advisory),
            vulnerability: judgements.words.text(one.vulnerability),
        }
    }

    pub(crate) fn write(&self) -> String {
        let Self { verdict, device, advisory, vulnerability } = self;
        format!("f{}.{device}{BETWEEN}{advisory}{BETWEEN}{vulnerability}", verdict.code())
    }

    pub(crate) fn read(cursor: &'a str) -> Inner<Self> {
        let read = || {
            let (head, names) = cursor.strip_prefix('f')?.split_once(BETWEEN)?;
            let (verdict, device) = head.split_once('.')?;
            let (advisory, vulnerability) = names.split_once(BETWEEN)?;
            let verdict = Verdict::from_code(verdict)?;
            Some(Self { verdict, device: device.parse().ok()?, advisory, vulnerability })
        };
        read().ok_or_else(|| refused("the page cursor does not belong to this list: start at its first page"))
    }

    /// The lowest handle of a group's devices that lies behind this place; `None` when the whole group is before.
    pub(crate) fn first_device(&self, judgements: &Judgements, group: &Judged) -> Option<u64> {
        let names = (judgements.words.text(group.advisory), judgements.words.text(group.vulnerability));
        let there = (verdict_number(group.verdict), names);
        match there.cmp(&(verdict_number(self.verdict), (self.advisory, self.vulnerability))) {
            std::cmp::Ordering::Less => None,
            std::cmp::Ordering::Equal => self.device.checked_add(1),
            std::cmp::Ordering::Greater => Some(0),
        }
    }
}

pub(crate) fn read_rows(
    view: &Connection,
    image: &Image,
    judgements: &Judgements,
    found: &[(Judged, u32)],
) -> Inner<Vec<FindingRow>> {
    let mut reasons = view.prepare_cached(
        "SELECT missing, reasons FROM judgement WHERE config = ?1 AND advisory = ?2 AND vulnerability = ?3",
    )?;
    let mut columns = view.prepare_cached(
        "SELECT name, tag, maker, model, unit, pool, class, site, room, version FROM device WHERE id = ?1",
    )?;
    let mut rows = Vec::with_capacity(found.len());
    for (one, place) in found {
        let advisory = judgements.words.text(one.advisory);
        let vulnerability = judgements.words.text(one.vulnerability);
        let (missing, reasons) = reasons
            .query_row(params![one.config, advisory, vulnerability], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let id = image.rows[*place as usize].id;
        let stored = i64::try_from(id).map_err(|_| corrupt("handle", id, "it is too large"))?;
        rows.push(columns.query_row([stored], |row| {
            Ok(FindingRow {
                device: tallyward_core::DeviceId(id),
                name: row.get(0)?,
                tag: row.get(1)?,
                maker: row.get(2)?,
                model: row.get(3)?,
                unit: row.get(4)?,
                pool: row.get(5)?,
                class: row.get(6)?,
                site: row.get(7)?,
                room: row.get(8)?,
                version: row.get(9)?,
                config: ConfigId(one.config),
                advisory: advisory.to_owned(),
                vulnerability: vulnerability.to_owned(),
                verdict: one.verdict,
                missing,
                reasons,
            })
        })?);
    }
    Ok(rows)
}
