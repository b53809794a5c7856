//! Parts lists (SBOM), attached to a model and version, and what known flaws of the parts come to.
//!
//! Nothing is worked out ahead: what a list comes to follows from the list, the records and the advisories on file when
//! somebody asks, and is kept only until the next commit, so that none of it can be out of date. A hit is no finding: see `docs/adr`.

mod flaws;
mod judge;
mod table;
mod views;

pub use flaws::FlawIntake;
pub(crate) use flaws::Incoming;
pub use views::{
    FlawFound, Found, PartFound, PartHit, SbomDevice, SbomIntake, SbomLine, SbomPage, SbomsTaken,
};

use crate::App;
use crate::advisories::damaged;
use crate::app::{doc, hex, lock, removal};
use crate::change::{ChangeSet, ConfigId, DocKind};
use crate::error::{AppError, Result};
use crate::fleet::Config;
use crate::unpack;
use crate::views::{Damaged, Moment, StoredDevice};
use crate::who::Who;
use flaws::Shelf;
use judge::Hits;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::cmp::Ordering;
use std::sync::Arc;
use tallyward_advisories::{ReadError, read_parts};
use tallyward_core::{DeviceId, Field, Part, PartsList, Timestamp, Verdict};
use tallyward_identity::text::squash;
use tallyward_matching::{VersionState, look_ups};

/// Most devices shown of one parts list.
pub const MOST_DEVICES: u32 = 200;

/// A parts list as the house keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredSbom {
    pub list: PartsList,
    pub maker: String,
    pub model: String,
    pub version: String,
    pub received: Timestamp,
    pub by: String,
    pub file: String,
}

/// What a parts list is of, where its bringer says so; what is empty the document has to say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SbomOf {
    /// Maker.
    pub maker: String,
    /// Model.
    pub model: String,
    /// Software version.
    pub version: String,
}

/// How a device's version stands to the version of a parts list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fits {
    Yes { is_stale: bool },
    NotKnown,
    No,
}

impl StoredSbom {
    fn id(&self) -> String {
        let text = [&self.list.id, &self.maker, &self.model, &self.version].map(String::as_str).join("\u{0}");
        hex(&Sha256::digest(text.as_bytes())[..8])
    }

    fn index(&self) -> String {
        index(&self.maker, &self.model)
    }

    /// Whether devices of a configuration are of this model and version.
    fn fits(&self, config: &Config) -> Fits {
        let facts = &config.facts;
        let is_model = |name: &str| !name.is_empty() && squash(name) == squash(&self.model);
        if squash(&facts.maker) != squash(&self.maker)
            || !(is_model(&facts.model) || is_model(&facts.model_number))
        {
            return Fits::No;
        }
        let version = facts.software_version.as_str();
        if version.is_empty() {
            return Fits::NotKnown;
        }
        let is_same = version.eq_ignore_ascii_case(&self.version)
            || tallyward_versions::compare(version, &self.version) == Some(Ordering::Equal);
        if is_same { Fits::Yes { is_stale: facts.version_state != VersionState::Fresh } } else { Fits::No }
    }
}

fn index(maker: &str, model: &str) -> String {
    format!("{}/{}", squash(maker), squash(model))
}

/// The configurations of the house with how many devices have each.
type Configs = Vec<(ConfigId, Config, u64)>;

impl App {
    /// Takes in parts lists, `(name, bytes)`, also packed, and attaches them to a model and version: the one `of` names,
    /// else the one each document says it is of. One that cannot be taken in is reported and the rest goes on.
    pub fn add_sboms(&self, who: &Who, files: Vec<(String, Vec<u8>)>, of: &SbomOf) -> Result<SbomsTaken> {
        if !who.role.may_write() {
            return Err(AppError::Refused("a reader cannot take in parts lists".to_owned()));
        }
        let _writing = lock(&self.state.desk);
        let mut all = SbomsTaken::default();
        for (name, bytes) in files {
            unpack::each(&name, &bytes, &mut |name, document| {
                let at = |place: &str, why: String| Damaged {
                    file: name.to_owned(),
                    place: place.to_owned(),
                    why,
                };
                let read = match document {
                    Ok(bytes) => read_parts(bytes, name).map_err(|error| damaged(name, error)),
                    Err(why) => Err(at("the file", why)),
                };
                let named = read.and_then(|(list, noted)| {
                    let named = self.named(name, list, of, who).map_err(|(what, why)| at(what, why))?;
                    Ok((named, noted))
                });
                match named {
                    Ok((stored, noted)) => all.taken.push(self.keep_sbom(who, stored, noted)?),
                    Err(bad) => all.damaged.push(bad),
                }
                Ok::<(), AppError>(())
            })?;
        }
        Ok(all)
    }

    /// A list with the model and version it is of, or what nobody said.
    fn named(
        &self,
        file: &str,
        list: PartsList,
        of: &SbomOf,
        who: &Who,
    ) -> std::result::Result<StoredSbom, (&'static str, String)> {
        let told = |given: &str, written: &str, what: &'static str| {
            let text = if given.trim().is_empty() { written.trim() } else { given.trim() };
            if text.is_empty() {
                return Err((what, format!("the document does not name it; say of which {what} it is")));
            }
            Ok(text.to_owned())
        };
        let maker = self.aliases.canonical_maker(&told(&of.maker, &list.maker, "maker")?).name;
        let model = told(&of.model, &list.product, "model")?;
        Ok(StoredSbom {
            model: self.aliases.canonical_model(&maker, &model).name,
            maker,
            version: told(&of.version, &list.version, "version")?,
            received: self.now(),
            by: who.name.clone(),
            file: file.to_owned(),
            list,
        })
    }

    fn keep_sbom(&self, who: &Who, stored: StoredSbom, noted: Vec<ReadError>) -> Result<SbomIntake> {
        let (id, held) = (stored.id(), self.load::<StoredSbom>(DocKind::Sbom, &stored.id())?);
        let what = match &held {
            Some(held) if held.list == stored.list => "unchanged",
            Some(_) => "changed",
            None => "new",
        };
        if what != "unchanged" {
            let mut event = self.event(who, "sbom.add", format!("sbom {id}"));
            event.before = held.map(|held| held.list.hash).unwrap_or_default();
            event.after =
                format!("{} {} {}: {}", stored.maker, stored.model, stored.version, stored.list.hash);
            let put = doc(DocKind::Sbom, id.clone(), stored.index(), &stored);
            self.commit(ChangeSet { docs: vec![put], audit: vec![event], ..ChangeSet::default() })?;
        }
        Ok(SbomIntake {
            id,
            parts: stored.list.parts.len(),
            nameless: nameless(&stored.list),
            maker: stored.maker,
            model: stored.model,
            version: stored.version,
            what,
            noted: noted.into_iter().map(|error| damaged(&stored.file, error)).collect(),
        })
    }

    /// Removes a parts list.
    ///
    /// # Errors
    /// When there is none with this id.
    pub fn remove_sbom(&self, who: &Who, id: &str) -> Result<()> {
        if !who.role.may_write() {
            return Err(AppError::Refused("a reader cannot remove parts lists".to_owned()));
        }
        let _writing = lock(&self.state.desk);
        let held = self.stored_sbom(id)?;
        let mut event = self.event(who, "sbom.remove", format!("sbom {id}"));
        event.before = format!("{} {} {}: {}", held.maker, held.model, held.version, held.list.hash);
        let put = removal(DocKind::Sbom, id, held.index());
        self.commit(ChangeSet { docs: vec![put], audit: vec![event], ..ChangeSet::default() })?;
        Ok(())
    }

    /// Every parts list, by maker, model and version, with what its parts come to.
    pub fn sboms(&self) -> Result<Vec<SbomLine>> {
        let lines = self.state.parts_lists.or(self.moment(), || self.sbom_lines().map(Arc::new))?;
        Ok(Vec::clone(&lines))
    }

    fn sbom_lines(&self) -> Result<Vec<SbomLine>> {
        let configs = self.facts_of_configs()?;
        let mut shelf = Shelf::new(self);
        let mut lines = Vec::new();
        for held in self.load_all::<StoredSbom>(DocKind::Sbom, None)? {
            let hits = self.hits(&held, &mut shelf)?;
            lines.push(line(&held, &hits, &configs));
        }
        lines.sort_by(|a, b| (&a.maker, &a.model, &a.version).cmp(&(&b.maker, &b.model, &b.version)));
        Ok(lines)
    }

    /// One parts list.
    ///
    /// # Errors
    /// When there is none with this id.
    pub fn sbom(&self, id: &str) -> Result<SbomPage> {
        let held = self.stored_sbom(id)?;
        let configs = self.facts_of_configs()?;
        let hits = self.hits(&held, &mut Shelf::new(self))?;
        let mut devices = Vec::new();
        for (config, facts, _) in &configs {
            let Fits::Yes { is_stale } = held.fits(facts) else { continue };
            let left = MOST_DEVICES.saturating_sub(u32::try_from(devices.len()).unwrap_or(u32::MAX));
            for row in self.store.devices_with(*config, left)? {
                devices.push(SbomDevice {
                    id: row.put.id,
                    name: row.put.name,
                    tag: row.put.tag,
                    version: facts.facts.software_version.clone(),
                    is_stale,
                    unit: row.put.unit,
                });
            }
        }
        devices.sort_by_key(|device| device.id);
        Ok(SbomPage {
            line: line(&held, &hits, &configs),
            hits: hits.all,
            devices,
            document: held.list.id,
            author: held.list.author,
            product: [held.list.maker, held.list.product, held.list.version].join(" ").trim().to_owned(),
            hash: held.list.hash,
            file: held.file,
            parts: held.list.parts,
            records: self.flaw_count()?,
        })
    }

    /// The parts lists of a device's model and version, each with its flaws.
    pub fn sboms_of_device(&self, device: DeviceId) -> Result<Vec<(SbomLine, Vec<PartHit>)>> {
        let Some(row) = self.store.device(device)? else { return Ok(Vec::new()) };
        // Most models have no list: then nothing else is read.
        let mut lists =
            self.load_all::<StoredSbom>(DocKind::Sbom, Some(&index(&row.put.maker, &row.put.model)))?;
        let read: StoredDevice = crate::app::parse(DocKind::Setting, &device.to_string(), &row.put.body)?;
        let number = read.device.get(Field::ModelNumber).unwrap_or_default();
        if !number.is_empty() && squash(number) != squash(&row.put.model) {
            lists.extend(self.load_all(DocKind::Sbom, Some(&index(&row.put.maker, number)))?);
        }
        if lists.is_empty() {
            return Ok(Vec::new());
        }
        let configs = self.facts_of_configs()?;
        let Some((_, own, _)) = configs.iter().find(|(id, ..)| *id == row.put.config) else {
            return Ok(Vec::new());
        };
        let mut shelf = Shelf::new(self);
        let mut found = Vec::new();
        for held in lists {
            if matches!(held.fits(own), Fits::Yes { .. }) {
                let hits = self.hits(&held, &mut shelf)?;
                found.push((line(&held, &hits, &configs), hits.all));
            }
        }
        Ok(found)
    }

    /// The parts whose name, package URL or CPE holds `text`, and the flaws that have it as one of their ids.
    pub fn find_in_sboms(&self, text: &str) -> Result<Found> {
        let wanted = text.trim().to_lowercase();
        let configs = self.facts_of_configs()?;
        let mut shelf = Shelf::new(self);
        let mut found = Found::default();
        for held in self.load_all::<StoredSbom>(DocKind::Sbom, None)? {
            let devices = devices(&held, &configs).0;
            let names = |part: &&Part| {
                [&part.name, &part.purl, &part.cpe].iter().any(|name| name.to_lowercase().contains(&wanted))
            };
            found.parts.extend(held.list.parts.iter().filter(names).map(|part| PartFound {
                sbom: held.id(),
                maker: held.maker.clone(),
                model: held.model.clone(),
                version: held.version.clone(),
                part: part.clone(),
                devices,
            }));
            // Ids of flaws have a hyphen (CVE-…, GHSA-…), and none is a package URL.
            if !wanted.contains('-') || wanted.contains(['/', ':']) {
                continue;
            }
            let hits = self.hits(&held, &mut shelf)?;
            let sbom = line(&held, &hits, &configs);
            let is_it = |hit: &PartHit| {
                std::iter::once(&hit.flaw).chain(&hit.aliases).any(|id| id.eq_ignore_ascii_case(&wanted))
            };
            let meant = hits.all.into_iter().filter(is_it);
            found.flaws.extend(meant.map(|hit| FlawFound { sbom: sbom.clone(), hit }));
        }
        let product =
            |one: &PartFound| (one.part.clone(), one.maker.clone(), one.model.clone(), one.version.clone());
        found.parts.sort_by_cached_key(product);
        found.flaws.sort_by(|a, b| {
            (a.hit.verdict, &a.sbom.model, &a.sbom.version).cmp(&(
                b.hit.verdict,
                &b.sbom.model,
                &b.sbom.version,
            ))
        });
        Ok(found)
    }

    fn stored_sbom(&self, id: &str) -> Result<StoredSbom> {
        self.load(DocKind::Sbom, id)?.ok_or_else(|| AppError::not_found("parts list", id))
    }

    fn facts_of_configs(&self) -> Result<Configs> {
        let read = |row: &crate::ports::ConfigRow| {
            Ok((row.id, crate::app::parse(DocKind::Setting, &row.id.0.to_string(), &row.body)?, row.devices))
        };
        self.store.configs()?.iter().map(read).collect()
    }
}

/// Devices of the list's model and version, and those of its model without a version.
fn devices(held: &StoredSbom, configs: &Configs) -> (u64, u64) {
    let mut counts = (0, 0);
    for (_, config, devices) in configs {
        match held.fits(config) {
            Fits::Yes { .. } => counts.0 += devices,
            Fits::NotKnown => counts.1 += devices,
            Fits::No => {}
        }
    }
    counts
}

fn nameless(list: &PartsList) -> usize {
    list.parts.iter().filter(|part| look_ups(part).is_empty()).count()
}

fn line(held: &StoredSbom, hits: &Hits, configs: &Configs) -> SbomLine {
    let with = |verdict: Verdict| hits.all.iter().filter(|hit| hit.verdict == verdict).count();
    let parts: std::collections::BTreeSet<usize> = hits.all.iter().map(|hit| hit.part).collect();
    let (devices, devices_unversioned) = devices(held, configs);
    SbomLine {
        id: held.id(),
        maker: held.maker.clone(),
        model: held.model.clone(),
        version: held.version.clone(),
        format: held.list.format.clone(),
        created: held.list.created.map(Moment),
        received: Moment(held.received),
        by: held.by.clone(),
        parts: held.list.parts.len(),
        nameless: nameless(&held.list),
        flawed: parts.len(),
        affected: with(Verdict::Affected),
        unknown: with(Verdict::Unknown),
        not_affected: with(Verdict::NotAffected),
        devices,
        devices_unversioned,
        more: hits.more,
    }
}
