//! The columns of lists, held in memory.
//!
//! A list may be filtered by any of nine things, searched for any substring, ordered five ways, and wants the
//! exact number of its rows with every page. Indexes in the file can serve each of these alone but not all
//! together in 50 ms, and a substring index costs more to write than the devices themselves. Some 300 bytes a
//! device in memory answer all of them by one pass. The file stays the truth: the image is loaded from it when
//! first asked for and patched after each commit, under a lock that keeps the two of one version.

use crate::commit::{Done, gone};
use crate::devices::{handle, read_presence};
use crate::fault::Inner;
use rusqlite::Connection;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cmp::Ordering;
use std::sync::{Arc, OnceLock};
use tallyward_app::change::{ChangeSet, ConfigPut, DevicePut};
use tallyward_core::{DeviceId, Presence, Timestamp, Verdict};

/// A text that many rows share, by its place in [`Words`].
pub type Word = u32;

/// Texts, each held once.
#[derive(Debug, Default)]
pub struct Words {
    texts: Vec<Arc<str>>,
    places: FxHashMap<Arc<str>, Word>,
}

impl Words {
    fn keep(&mut self, text: &str) -> Word {
        if let Some(place) = self.places.get(text) {
            return *place;
        }
        let place = Word::try_from(self.texts.len()).expect("fewer distinct texts than memory has room for");
        let text: Arc<str> = text.into();
        self.texts.push(text.clone());
        self.places.insert(text, place);
        place
    }

    /// The place of a text, if any row has it.
    pub fn find(&self, text: &str) -> Option<Word> {
        self.places.get(text).copied()
    }

    /// The text at a place.
    pub fn text(&self, place: Word) -> &str {
        self.texts.get(place as usize).map_or("", AsRef::as_ref)
    }
}

/// What lists need of a device.
#[derive(Debug)]
pub struct Row {
    /// Handle.
    pub id: u64,
    /// Last seen, microseconds; `i64::MIN` for never, which puts it last.
    pub last_seen: i64,
    /// Configuration.
    pub config: i64,
    /// Display name, lower-cased for its order.
    pub name: Box<str>,
    /// Lower-cased text to search in.
    pub search: Box<str>,
    /// Unit.
    pub unit: Word,
    /// Site.
    pub site: Word,
    /// Class.
    pub class: Word,
    /// Maker.
    pub maker: Word,
    /// Model.
    pub model: Word,
    /// Presence.
    pub presence: Presence,
}

/// Vulnerabilities of a configuration by verdict.
#[derive(Clone, Copy, Debug, Default)]
pub struct Summary {
    /// Affected, unknown, not affected.
    pub by_verdict: [u32; 3],
}

/// A judgement without its reasons.
#[derive(Clone, Copy, Debug)]
pub struct Judged {
    /// Verdict.
    pub verdict: Verdict,
    /// Advisory, in [`Judgements::words`].
    pub advisory: Word,
    /// Vulnerability, in [`Judgements::words`].
    pub vulnerability: Word,
    /// Configuration.
    pub config: i64,
}

impl Judged {
    /// Whether both are the same verdict on the same flaw.
    pub fn alike(&self, other: &Self) -> bool {
        (self.verdict, self.advisory, self.vulnerability)
            == (other.verdict, other.advisory, other.vulnerability)
    }
}

/// All judgements in the order of the finding list.
#[derive(Debug, Default)]
pub struct Judgements {
    /// By verdict (worst first), advisory, vulnerability, configuration.
    pub rows: Vec<Judged>,
    /// Ids of advisories and vulnerabilities.
    pub words: Words,
}

/// The columns of all devices at one fleet version.
#[derive(Debug)]
pub struct Image {
    /// The fleet version it shows.
    pub version: u64,
    /// Devices by handle.
    pub rows: Vec<Row>,
    /// Texts of [`Row`].
    pub words: Words,
    /// Summaries by configuration.
    pub configs: FxHashMap<i64, Summary>,
    holders: OnceLock<FxHashMap<i64, Vec<u32>>>,
    judgements: OnceLock<Judgements>,
    waiting: OnceLock<Vec<Waiting>>,
}

/// Unknown judgements of one configuration that wait for the same fact.
#[derive(Debug)]
pub struct Waiting {
    /// JSON of the missing fact.
    pub missing: String,
    /// Configuration.
    pub config: i64,
    /// How many vulnerabilities.
    pub vulnerabilities: u64,
    /// One of the advisories.
    pub advisory: String,
}

impl Judgements {
    /// Brings the judgements to the state after a commit of configurations, as `write_configs` writes it: each put in
    /// turn replaces what it is the whole answer for.
    fn patch(&mut self, puts: &[ConfigPut], dropped: &[i64]) {
        let dropped: FxHashSet<i64> = dropped.iter().copied().collect();
        let mut whole = dropped.clone();
        let mut replaced: FxHashSet<(i64, Word)> = FxHashSet::default();
        let mut added: FxHashMap<(i64, Word, Word), Verdict> = FxHashMap::default();
        let mut seen: FxHashSet<i64> = FxHashSet::default();
        for put in puts {
            let config = put.id.0;
            let again = !seen.insert(config);
            match &put.judged {
                None => {
                    whole.insert(config);
                    if again {
                        added.retain(|(held, ..), _| *held != config);
                    }
                }
                Some(advisories) => {
                    let known = advisories.iter().filter_map(|id| self.words.find(id));
                    let answered: FxHashSet<(i64, Word)> = known.map(|advisory| (config, advisory)).collect();
                    if again {
                        added.retain(|(held, advisory, _), _| !answered.contains(&(*held, *advisory)));
                    }
                    replaced.extend(answered);
                }
            }
            for one in &put.judgements {
                let (advisory, vulnerability) =
                    (self.words.keep(&one.advisory), self.words.keep(&one.vulnerability));
                added.insert((config, advisory, vulnerability), one.verdict);
            }
        }
        self.rows.retain(|row| {
            !whole.contains(&row.config)
                && !replaced.contains(&(row.config, row.advisory))
                && !added.contains_key(&(row.config, row.advisory, row.vulnerability))
        });
        let added = added.into_iter().filter(|((config, ..), _)| !dropped.contains(config));
        self.rows.extend(added.map(|((config, advisory, vulnerability), verdict)| Judged {
            verdict,
            advisory,
            vulnerability,
            config,
        }));
        let (rows, words) = (&mut self.rows, &self.words);
        let by_text =
            |a: Word, b: Word| if a == b { Ordering::Equal } else { words.text(a).cmp(words.text(b)) };
        rows.sort_by(|a, b| {
            verdict_number(a.verdict)
                .cmp(&verdict_number(b.verdict))
                .then_with(|| by_text(a.advisory, b.advisory))
                .then_with(|| by_text(a.vulnerability, b.vulnerability))
                .then_with(|| a.config.cmp(&b.config))
        });
    }
}

impl Image {
    /// Reads everything from `view`, which must be of `version`.
    pub fn load(view: &Connection, version: u64) -> Inner<Self> {
        let mut image = Self {
            version,
            rows: Vec::new(),
            words: Words::default(),
            configs: FxHashMap::default(),
            holders: OnceLock::new(),
            judgements: OnceLock::new(),
            waiting: OnceLock::new(),
        };
        let mut query = view.prepare(
            "SELECT id, last_seen, config, name, search, unit, site, class, maker, model, presence
             FROM device ORDER BY id",
        )?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            let seen: Option<i64> = row.get(1)?;
            let words = &mut image.words;
            image.rows.push(Row {
                id: handle(id)?.0,
                last_seen: seen.unwrap_or(i64::MIN),
                config: row.get(2)?,
                name: folded(row.get_ref(3)?.as_str()?),
                search: folded(row.get_ref(4)?.as_str()?),
                unit: words.keep(row.get_ref(5)?.as_str()?),
                site: words.keep(row.get_ref(6)?.as_str()?),
                class: words.keep(row.get_ref(7)?.as_str()?),
                maker: words.keep(row.get_ref(8)?.as_str()?),
                model: words.keep(row.get_ref(9)?.as_str()?),
                presence: read_presence(id, row.get_ref(10)?.as_str()?)?,
            });
        }
        let mut query = view.prepare("SELECT id, affected, unknown, not_affected FROM config")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let summary = Summary { by_verdict: [row.get(1)?, row.get(2)?, row.get(3)?] };
            image.configs.insert(row.get(0)?, summary);
        }
        Ok(image)
    }

    /// Brings the image to the state after `change`.
    pub fn patch(&mut self, change: &ChangeSet, done: &Done) {
        self.version = done.version;
        for config in &change.configs {
            let by_verdict = [config.affected, config.unknown, config.not_affected];
            self.configs.insert(config.id.0, Summary { by_verdict });
        }
        for config in &done.dropped {
            self.configs.remove(config);
        }
        if !change.configs.is_empty() || !done.dropped.is_empty() {
            if let Some(judgements) = self.judgements.get_mut() {
                judgements.patch(&change.configs, &done.dropped);
            }
            self.waiting = OnceLock::new();
        }
        let gone: FxHashSet<u64> = gone(change).map(|DeviceId(id)| id).collect();
        if change.devices.is_empty() && gone.is_empty() {
            return;
        }
        let mut added: Vec<Row> = Vec::new();
        for put in &change.devices {
            let row = self.row(put);
            match self.rows.binary_search_by_key(&row.id, |held| held.id) {
                Ok(at) => {
                    self.moves(at, self.rows[at].config, row.config);
                    self.rows[at] = row;
                }
                Err(_) => added.push(row),
            }
        }
        if added.is_empty() && gone.is_empty() {
            return;
        }
        self.holders = OnceLock::new();
        // Of several projections of one new device the last one holds: reversed, so that it comes first.
        added.reverse();
        added.sort_by_key(|row| row.id);
        added.dedup_by_key(|row| row.id);
        self.rows.append(&mut added);
        self.rows.sort_by_key(|row| row.id);
        if !gone.is_empty() {
            self.rows.retain(|row| !gone.contains(&row.id));
        }
    }

    /// Notes that the device at a place has another configuration.
    fn moves(&mut self, at: usize, from: i64, to: i64) {
        let (Some(holders), Ok(place)) = (self.holders.get_mut(), u32::try_from(at)) else { return };
        if from == to {
            return;
        }
        if let Some(places) = holders.get_mut(&from)
            && let Ok(at) = places.binary_search(&place)
        {
            places.remove(at);
            if places.is_empty() {
                holders.remove(&from);
            }
        }
        let places = holders.entry(to).or_default();
        if let Err(at) = places.binary_search(&place) {
            places.insert(at, place);
        }
    }

    fn row(&mut self, put: &DevicePut) -> Row {
        Row {
            id: put.id.0,
            last_seen: put.last_seen.map_or(i64::MIN, Timestamp::micros),
            config: put.config.0,
            name: folded(&put.name),
            search: folded(&put.search),
            unit: self.words.keep(&put.unit),
            site: self.words.keep(&put.site),
            class: self.words.keep(&put.class),
            maker: self.words.keep(&put.maker),
            model: self.words.keep(&put.model),
            presence: put.presence,
        }
    }

    /// The place of a device among [`Self::rows`].
    pub fn place(&self, id: u64) -> Option<u32> {
        let at = self.rows.binary_search_by_key(&id, |row| row.id).ok()?;
        u32::try_from(at).ok()
    }

    /// Places of the devices that have each configuration, in order.
    pub fn holders(&self) -> &FxHashMap<i64, Vec<u32>> {
        self.holders.get_or_init(|| self.held_by(|_| true))
    }

    /// As [`Self::holders`], of the devices that pass.
    pub fn held_by(&self, pass: impl Fn(&Row) -> bool) -> FxHashMap<i64, Vec<u32>> {
        let mut holders: FxHashMap<i64, Vec<u32>> = FxHashMap::default();
        for (place, row) in (0u32..).zip(&self.rows) {
            if pass(row) {
                holders.entry(row.config).or_default().push(place);
            }
        }
        holders
    }

    /// Judgements, read from `view` (of this version) the first time.
    pub fn judgements(&self, view: &Connection) -> Inner<&Judgements> {
        if let Some(held) = self.judgements.get() {
            return Ok(held);
        }
        let read = read_judgements(view)?;
        Ok(self.judgements.get_or_init(|| read))
    }

    /// Unknown judgements by missing fact and configuration, read from `view` the first time.
    pub fn waiting(&self, view: &Connection) -> Inner<&[Waiting]> {
        if let Some(held) = self.waiting.get() {
            return Ok(held);
        }
        let read = read_waiting(view)?;
        Ok(self.waiting.get_or_init(|| read))
    }
}

fn read_waiting(view: &Connection) -> Inner<Vec<Waiting>> {
    let mut query = view.prepare(
        "SELECT missing, config, count(DISTINCT vulnerability), min(advisory) FROM judgement
         WHERE verdict = 1 GROUP BY missing, config",
    )?;
    let mut rows = query.query([])?;
    let mut waiting = Vec::new();
    while let Some(row) = rows.next()? {
        let vulnerabilities: i64 = row.get(2)?;
        waiting.push(Waiting {
            missing: row.get(0)?,
            config: row.get(1)?,
            vulnerabilities: vulnerabilities.unsigned_abs(),
            advisory: row.get(3)?,
        });
    }
    Ok(waiting)
}

fn read_judgements(view: &Connection) -> Inner<Judgements> {
    let mut judgements = Judgements::default();
    let mut query = view.prepare(
        "SELECT verdict, advisory, vulnerability, config FROM judgement
         ORDER BY verdict, advisory, vulnerability, config",
    )?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        judgements.rows.push(Judged {
            verdict: read_verdict(row.get(0)?),
            advisory: judgements.words.keep(row.get_ref(1)?.as_str()?),
            vulnerability: judgements.words.keep(row.get_ref(2)?.as_str()?),
            config: row.get(3)?,
        });
    }
    Ok(judgements)
}

/// A verdict as stored: its place in [`Verdict::ALL`], worst first.
pub fn verdict_number(verdict: Verdict) -> usize {
    match verdict {
        Verdict::Affected => 0,
        Verdict::Unknown => 1,
        Verdict::NotAffected => 2,
    }
}

/// A stored verdict; the table admits no other numbers, and unknown is the answer that claims least.
pub fn read_verdict(number: u8) -> Verdict {
    Verdict::ALL.get(usize::from(number)).copied().unwrap_or(Verdict::Unknown)
}

/// Lower-cased, for case-blind order and search.
pub fn folded(text: &str) -> Box<str> {
    text.to_lowercase().into_boxed_str()
}
