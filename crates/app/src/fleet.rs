//! Evidence to devices to verdicts: the one way by which anything about a device changes.

use crate::App;
use crate::app::{json, lock};
use crate::asked::Asked;
use crate::change::{ChangeSet, ConfigId, ConfigPut, DevicePut, DocKind, EvidencePage, JudgementPut};
use crate::error::Result;
use crate::known::Known;
use crate::query::DeviceQuery;
use crate::views::StoredDevice;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;
use tallyward_core::evidence::normalise;
use tallyward_core::{
    Decision, Device, DeviceId, Evidence, Field, Key, Place, Places, Reason, Source, Timestamp, Unit, Verdict,
};
use tallyward_identity::classify::stated;
use tallyward_identity::device_class;
use tallyward_identity::ports::Ports;
use tallyward_identity::presence::{Surroundings, presence};
use tallyward_identity::reconcile::{Rules, linked_keys, reconcile};
use tallyward_identity::text::fold;
use tallyward_matching::{Configuration, Judged};

/// Days a device of unknown class may be silent.
const DEFAULT_HABIT: i64 = 30;
/// Days after which a version of a device of unknown class decides nothing any more.
const DEFAULT_VERSION_AGE: i64 = 365;
/// From so many devices on, a second thread is worth its start.
const WORTH_A_THREAD: usize = 500;
/// So many components are recomputed and committed at once.
const CHUNK: usize = 2_000;

/// The distinct facts a verdict and its triage depend on; devices that share them share their verdicts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Config {
    /// What matching looks at.
    pub facts: Configuration,
    /// Device class code.
    pub class: String,
    /// End of the maker's support, ISO date.
    pub supported_until: String,
}

impl Config {
    /// The id is the hash of the facts, so that the same facts have the same id in any order of arrival.
    pub fn id(&self) -> ConfigId {
        let digest = Sha256::digest(json(self).as_bytes());
        let mut bytes = [0u8; 8];
        bytes.copy_from_slice(&digest[..8]);
        ConfigId(i64::from_be_bytes(bytes) & i64::MAX)
    }
}

/// Everything outside the evidence that a projection depends on, read once for a batch.
pub(crate) struct World {
    pub places: Places,
    pub ports: Arc<Ports>,
    pub units: Vec<Unit>,
    pub decisions: Vec<Decision>,
    pub as_of: Timestamp,
    /// Since when somebody listens, as the places table says, else the first packet of the first capture or sensor:
    /// silence before it means nothing.
    pub listening_since: Option<Timestamp>,
    /// Whom to believe, and what facts lead to.
    pub rules: Arc<Rules>,
    unit_names: FxHashMap<String, String>,
    asked: Asked,
}

impl World {
    /// The code of a unit as a list spells it; an unknown spelling stays as it is.
    pub fn unit(&self, said: &str) -> String {
        self.unit_names.get(&fold(said)).cloned().unwrap_or_else(|| said.to_owned())
    }

    /// The one unit that works on a floor, when the units table says so.
    fn unit_at(&self, place: &Place) -> Option<String> {
        let here = |unit: &&Unit| {
            !place.floor.is_empty()
                && unit.site == place.site
                && unit.building == place.building
                && unit.floor == place.floor
        };
        let mut found = self.units.iter().filter(here);
        match (found.next(), found.next()) {
            (Some(unit), None) => Some(unit.code.clone()),
            _ => None,
        }
    }
}

/// For how many days a reading of a version clears a device of this class.
pub(crate) fn version_max_age(class: &str) -> i64 {
    device_class::by_code(class).map_or(DEFAULT_VERSION_AGE, |class| i64::from(class.version_max_age_days))
}

/// How a device would look with its handle not yet minted.
pub(crate) struct Projected {
    pub stored: StoredDevice,
    pub unit: String,
    pub class: String,
    pub config: Config,
}

impl App {
    /// Reads what projections depend on.
    pub(crate) fn world(&self) -> Result<World> {
        let units: Vec<Unit> = self.load_all(DocKind::Unit, None)?;
        let mut unit_names = FxHashMap::default();
        for unit in &units {
            for name in unit.aliases.iter().chain([&unit.name, &unit.code]) {
                unit_names.insert(fold(name), unit.code.clone());
            }
        }
        let captures = self.stored_captures()?;
        let since: Option<Timestamp> = self.load(DocKind::Setting, "listening_since")?.flatten();
        Ok(World {
            listening_since: since
                .into_iter()
                .chain(captures.iter().filter_map(|one| one.first_packet))
                .chain(self.stored_sensors()?.iter().filter_map(|one| one.first_packet))
                .min(),
            places: self.load(DocKind::Places, "current")?.unwrap_or_default(),
            ports: self.ports_map()?,
            decisions: self.load_all(DocKind::Decision, None)?,
            units,
            as_of: self.now(),
            rules: self.rules()?,
            unit_names,
            asked: Asked::of(self.known()?),
        })
    }

    /// Where a device stands in this world.
    pub(crate) fn project(&self, mut device: Device, world: &World) -> Projected {
        let class = class_of(&device);
        // Lists spell a unit in many ways; it is compared and shown under its one code.
        if let Some(unit) = device.fields.get_mut(&Field::OperatingUnit) {
            unit.value = world.unit(&unit.value);
        }
        let habit = |_: Option<&str>| {
            device_class::by_code(&class).map_or(DEFAULT_HABIT, |class| i64::from(class.habit_days))
        };
        let unit_of = |place: &Place| world.unit_at(place);
        let surroundings = Surroundings {
            places: &world.places,
            ports: &world.ports,
            habit_days: &habit,
            unit_of: &unit_of,
            listening_since: world.listening_since,
        };
        let standing = presence(&device, &surroundings, world.as_of);
        let facts = Configuration::of(&device, &self.aliases, version_max_age(&class), world.as_of);
        let facts = world.asked.only(facts);
        let supported_until = device.get(Field::SupportEnds).unwrap_or_default().to_owned();
        Projected {
            unit: world.unit(&standing.unit),
            config: Config { facts, class: class.clone(), supported_until },
            class,
            stored: StoredDevice {
                device,
                presence: standing.presence,
                why: standing.why,
                place: standing.place,
                observed: standing.observed_place,
            },
        }
    }

    /// Adds evidence and commits it with all that follows from it, and with what `also` makes of the number of
    /// devices touched. `cause` says in a sentence what happened, for whoever asks why a verdict changed.
    pub(crate) fn absorb(
        &self,
        cause: &str,
        incoming: Vec<Evidence>,
        also: impl FnOnce(usize) -> ChangeSet,
    ) -> Result<()> {
        let _writing = lock(&self.state.fleet);
        self.absorb_locked(cause, incoming, also)
    }

    /// As [`App::absorb`], for a caller that holds the fleet.
    pub(crate) fn absorb_locked(
        &self,
        cause: &str,
        incoming: Vec<Evidence>,
        also: impl FnOnce(usize) -> ChangeSet,
    ) -> Result<()> {
        let incoming = normalise(incoming);
        let world = self.world()?;
        let first_new = self.store.next_handle()?;
        let held = self.store.component(&keys_named(&incoming))?;
        let (together, pages) = merge(held, incoming);
        let mut change = self.fleet_change()?;
        let touched = self.rebuild(&together, &world, &mut change)?;
        change.evidence = pages_of(together, &pages);
        let also = also(touched);
        change.flows = also.flows;
        change.docs = also.docs;
        change.audit = also.audit;
        change.docs.extend(self.record_of_devices(cause, world.as_of, &change)?);
        let fresh = change.devices.iter().filter(|put| put.id.0 >= first_new).count();
        change.docs.extend(self.device_run("A capture or a person brought them in.", fresh));
        self.commit(change)?;
        self.settle_ports(&world.ports)
    }

    /// An empty change computed from the fleet as it stands.
    pub(crate) fn fleet_change(&self) -> Result<ChangeSet> {
        Ok(ChangeSet { fleet: Some(self.store.fleet_version()?), ..ChangeSet::default() })
    }

    /// Works out the devices of whole components and adds them to `change`. Answers how many there are.
    pub(crate) fn rebuild(
        &self,
        evidence: &[Evidence],
        world: &World,
        change: &mut ChangeSet,
    ) -> Result<usize> {
        let devices = reconcile(evidence, &world.decisions, &world.rules, world.as_of);
        self.put_devices(devices, evidence, world, change)
    }

    /// Adds devices that were worked out of `evidence` to `change`, with handles and verdicts.
    pub(crate) fn put_devices(
        &self,
        devices: Vec<Device>,
        evidence: &[Evidence],
        world: &World,
        change: &mut ChangeSet,
    ) -> Result<usize> {
        let handled = self.assign_handles(&devices, evidence, change)?;
        let mut configs: BTreeMap<ConfigId, Config> = BTreeMap::new();
        let touched = devices.len();
        let mut named: Vec<(Device, DeviceId)> = devices.into_iter().zip(handled).collect();
        let rest = named.split_off(if touched > WORTH_A_THREAD { touched / 2 } else { touched });
        // Where a device stands depends on nothing but itself and the world, so two threads share a long list.
        let (first, second) = std::thread::scope(|scope| {
            let rest = scope.spawn(|| self.put_each(rest, world));
            let first = self.put_each(named, world);
            (first, rest.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        });
        for (put, config) in first.into_iter().chain(second) {
            configs.insert(put.config, config);
            change.devices.push(put);
        }
        self.judge_new(configs, change)?;
        Ok(touched)
    }

    fn put_each(&self, devices: Vec<(Device, DeviceId)>, world: &World) -> Vec<(DevicePut, Config)> {
        let put = |(device, id)| {
            let projected = self.project(device, world);
            (device_put(id, projected.config.id(), &projected), projected.config)
        };
        devices.into_iter().map(put).collect()
    }

    /// Gives each device its handle: the oldest one minted for any of its keys. Of two devices that were one,
    /// the one with the smaller first key keeps it. A handle nobody keeps redirects or is gone.
    fn assign_handles(
        &self,
        devices: &[Device],
        evidence: &[Evidence],
        change: &mut ChangeSet,
    ) -> Result<Vec<DeviceId>> {
        let mut keys: Vec<Key> = devices.iter().flat_map(|device| device.keys.iter().cloned()).collect();
        keys.extend(keys_named(evidence));
        let minted: FxHashMap<Key, DeviceId> = self.store.handles(&keys)?.into_iter().collect();
        let mut next = self.store.next_handle()?;
        let mut taken: FxHashSet<DeviceId> = FxHashSet::default();
        let mut merged: FxHashMap<DeviceId, DeviceId> = FxHashMap::default();
        let mut given = Vec::with_capacity(devices.len());
        for device in devices {
            let mut own: Vec<DeviceId> =
                device.keys.iter().filter_map(|key| minted.get(key).copied()).collect();
            own.sort();
            own.dedup();
            let kept = own.iter().copied().find(|id| !taken.contains(id));
            let id = kept.unwrap_or_else(|| {
                let fresh = DeviceId(next);
                next += 1;
                fresh
            });
            taken.insert(id);
            for key in &device.keys {
                if minted.get(key) != Some(&id) {
                    change.handles.push((key.clone(), id));
                }
            }
            for other in own.into_iter().filter(|other| *other != id) {
                merged.entry(other).or_insert(id);
            }
            given.push(id);
        }
        for (old, new) in &merged {
            if !taken.contains(old) {
                change.redirects.push((*old, *new));
            }
        }
        change.redirects.sort();
        let mut gone: Vec<DeviceId> = minted.values().copied().filter(|id| !taken.contains(id)).collect();
        gone.sort();
        gone.dedup();
        change.gone.extend(gone);
        Ok(given)
    }

    /// Judges the configurations that the store has no verdicts for yet.
    fn judge_new(&self, configs: BTreeMap<ConfigId, Config>, change: &mut ChangeSet) -> Result<()> {
        let ids: Vec<ConfigId> = configs.keys().copied().collect();
        let known: FxHashSet<ConfigId> = self.store.known_configs(&ids)?.into_iter().collect();
        let known_flaws = self.known()?;
        let already: FxHashSet<ConfigId> = change.configs.iter().map(|put| put.id).collect();
        for (id, config) in configs {
            if !known.contains(&id) && !already.contains(&id) {
                change.configs.push(config_put(id, &config, &known_flaws));
            }
        }
        Ok(())
    }

    /// Recomputes every device at this moment: presence, decay, changed tables. Answers how many there are.
    ///
    /// Runs in chunks of whole components, so that memory stays bounded and a reader never sees half a device.
    pub fn refresh(&self) -> Result<usize> {
        let _writing = lock(&self.state.fleet);
        self.settle_verdicts()?;
        let world = self.world()?;
        let mut seen: FxHashSet<Key> = FxHashSet::default();
        let mut after: Option<Key> = None;
        let mut count = 0;
        loop {
            let subjects = self.store.subjects(after.as_ref(), CHUNK as u32)?;
            let Some(last) = subjects.last() else { break };
            after = Some(last.clone());
            let fresh: Vec<Key> = subjects.into_iter().filter(|key| !seen.contains(key)).collect();
            if fresh.is_empty() {
                continue;
            }
            let evidence = self.store.component(&fresh)?;
            seen.extend(evidence.iter().map(|piece| piece.subject.clone()));
            let mut change = self.fleet_change()?;
            count += self.rebuild(&evidence, &world, &mut change)?;
            let cause = "Time passed: a fact became older than a verdict may rest on, or a table changed.";
            change.docs.extend(self.record_of_devices(cause, world.as_of, &change)?);
            self.commit(change)?;
        }
        self.settle_ports(&world.ports)?;
        Ok(count)
    }

    /// The devices a query shows, all pages.
    pub(crate) fn every_device(&self, query: &DeviceQuery) -> Result<Vec<crate::ports::DeviceRow>> {
        let mut query = DeviceQuery { limit: Some(1_000), after: None, ..query.clone() };
        let mut rows = Vec::new();
        loop {
            let page = self.store.devices(&query)?;
            rows.extend(page.rows);
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(rows),
            }
        }
    }
}

/// A configuration with all its verdicts.
pub(crate) fn config_put(id: ConfigId, config: &Config, known: &Known) -> ConfigPut {
    let judged = judgements(known.matcher.decide(&config.facts), known);
    let count = |verdict: Verdict| {
        u32::try_from(judged.iter().filter(|one| one.verdict == verdict).count()).unwrap_or(u32::MAX)
    };
    ConfigPut {
        id,
        body: json(config),
        affected: count(Verdict::Affected),
        unknown: count(Verdict::Unknown),
        not_affected: count(Verdict::NotAffected),
        judgements: judged,
        judged: None,
    }
}

/// Verdicts as they are stored.
pub(crate) fn judgements(mut judged: Vec<Judged>, known: &Known) -> Vec<JudgementPut> {
    judged.iter_mut().for_each(|one| say_corrected(one, known));
    judged.iter().map(judgement_put).collect()
}

/// How the reason begins that says a document was read with corrections.
pub(crate) const READ_CORRECTED: &str = "This house reads the advisory with ";

/// A verdict on a document read with corrections made here says so. What was asked first and what decided in the
/// end keep their places.
fn say_corrected(judged: &mut Judged, known: &Known) {
    if let Some(count) = known.corrected.get(&judged.advisory) {
        let passages = if *count == 1 { "one passage".to_owned() } else { format!("{count} passages") };
        let place = usize::from(judged.reasons.len() > 1);
        let text = format!("{READ_CORRECTED}{passages} corrected; the advisory's page says by whom and why.");
        judged.reasons.insert(place, Reason::plain(text));
    }
}

fn judgement_put(judged: &Judged) -> JudgementPut {
    JudgementPut {
        advisory: judged.advisory.clone(),
        vulnerability: judged.vulnerability.clone(),
        verdict: judged.verdict,
        missing: judged.missing.as_ref().map(json).unwrap_or_default(),
        reasons: json(&judged.reasons),
    }
}

/// Every key that evidence names, as subject or as link; repeated ones may come more than once.
pub(crate) fn keys_named(evidence: &[Evidence]) -> Vec<Key> {
    let mut keys: Vec<Key> = Vec::new();
    for piece in evidence {
        if piece.field == Field::Key {
            keys.extend(linked_keys(piece).1);
        }
        if keys.last() != Some(&piece.subject) {
            keys.push(piece.subject.clone());
        }
    }
    keys
}

/// The pages that incoming evidence touches: all that one source says of one subject.
pub(crate) type Touched = FxHashSet<(Key, Source)>;

/// Merges incoming evidence, normalised, into what is held: everything together, and the pages that change.
pub(crate) fn merge(held: Vec<Evidence>, incoming: Vec<Evidence>) -> (Vec<Evidence>, Touched) {
    let mut touched = Touched::default();
    let mut last: Option<(&Key, &Source)> = None;
    for piece in &incoming {
        if last != Some((&piece.subject, &piece.source)) {
            touched.insert((piece.subject.clone(), piece.source.clone()));
            last = Some((&piece.subject, &piece.source));
        }
    }
    if held.is_empty() {
        return (incoming, touched);
    }
    let mut all = held;
    all.extend(incoming);
    (normalise(all), touched)
}

/// The touched pages of evidence that stands in canonical order.
pub(crate) fn pages_of(together: Vec<Evidence>, touched: &Touched) -> Vec<EvidencePage> {
    let mut pages: Vec<EvidencePage> = Vec::with_capacity(touched.len());
    // Where the pages of the present subject begin.
    let mut first = 0;
    let mut present: Option<Key> = None;
    for piece in together {
        if present.as_ref() != Some(&piece.subject) {
            first = pages.len();
            present = Some(piece.subject.clone());
        }
        let at = match pages[first..].iter().position(|page| page.source == piece.source) {
            Some(at) => first + at,
            None if !touched.contains(&(piece.subject.clone(), piece.source.clone())) => continue,
            None => {
                pages.push(EvidencePage {
                    subject: piece.subject.clone(),
                    source: piece.source.clone(),
                    statements: Vec::new(),
                    links: Vec::new(),
                });
                pages.len() - 1
            }
        };
        if piece.field == Field::Key {
            pages[at].links.extend(linked_keys(&piece).1);
        }
        pages[at].statements.push(piece);
    }
    pages
}

fn class_of(device: &Device) -> String {
    let in_table = |code: &&str| device_class::by_code(code).is_some();
    if let Some(code) = stated(device, Field::DeviceClass).filter(in_table) {
        return code.to_owned();
    }
    let by_words = [Field::Description, Field::Model, Field::DicomRole]
        .into_iter()
        .filter_map(|field| device.get(field))
        .find_map(device_class::class_of);
    // What a list calls the device goes before what rules conclude of it.
    let concluded = || device.get(Field::DeviceClass).filter(in_table);
    by_words.map(|class| class.code.as_str()).or_else(concluded).unwrap_or("other").to_owned()
}

/// What a device is called on a screen: its class or model, and what a person would look for it by.
pub(crate) fn display_name(device: &Device, class: &str) -> String {
    let what = device.get(Field::Model).map(str::to_owned).or_else(|| {
        device_class::by_code(class).filter(|found| found.code != "other").map(|c| c.name.to_string())
    });
    let by = [
        Field::AssetTag,
        Field::HostName,
        Field::AeTitle,
        Field::Serial,
        Field::MacAddress,
        Field::IpAddress,
    ]
    .into_iter()
    .find_map(|field| device.get(field));
    match (what, by) {
        (Some(what), Some(by)) => format!("{what} · {by}"),
        (Some(what), None) => what,
        (None, Some(by)) => by.to_owned(),
        (None, None) => device.keys.first().map_or_else(|| "nameless".to_owned(), Key::plain),
    }
}

fn device_put(id: DeviceId, config: ConfigId, projected: &Projected) -> DevicePut {
    let Projected { stored, unit, class, config: facts } = projected;
    let device = &stored.device;
    let get = |field: Field| device.get(field).unwrap_or_default().to_owned();
    let name = display_name(device, class);
    DevicePut {
        id,
        presence: stored.presence,
        unit: unit.clone(),
        pool: get(Field::Pool),
        site: stored.place.site.clone(),
        class: class.clone(),
        maker: facts.facts.maker.clone(),
        model: facts.facts.model.clone(),
        tag: get(Field::AssetTag),
        room: stored.place.room.clone(),
        version: stated(device, Field::SoftwareVersion).unwrap_or_default().to_owned(),
        last_seen: device.seen.map(|(_, last)| last),
        config,
        search: search_text(&name, stored, unit),
        name,
        keys: device.keys.clone(),
        body: json(stored),
    }
}

/// Text that search looks in: names and numbers people type, folded to lower case.
fn search_text(name: &str, stored: &StoredDevice, unit: &str) -> String {
    const FIELDS: [Field; 14] = [
        Field::Manufacturer,
        Field::Model,
        Field::ModelNumber,
        Field::Serial,
        Field::AssetTag,
        Field::Di,
        Field::Description,
        Field::MacAddress,
        Field::IpAddress,
        Field::HostName,
        Field::AeTitle,
        Field::Hl7Application,
        Field::Pool,
        Field::Room,
    ];
    let mut text = format!("{name} {unit} {}", stored.place.plain()).to_lowercase();
    for held in FIELDS.iter().filter_map(|field| stored.device.fields.get(field)) {
        for value in held.values() {
            let value = value.to_lowercase();
            if !text.contains(&value) {
                text.push(' ');
                text.push_str(&value);
            }
        }
    }
    text
}
