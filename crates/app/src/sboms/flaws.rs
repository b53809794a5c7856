//! Known flaws of packages (OSV) taken in and looked up.

use crate::App;
use crate::app::{doc, hex, removal};
use crate::change::{ChangeSet, DocKind, DocPut};
use crate::error::Result;
use crate::known::Known;
use crate::ports::ListDocs;
use crate::who::Who;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use tallyward_core::part::PartFlaw;
use tallyward_core::{Advisory, Part};
use tallyward_matching::{Stands, look_ups, packages_named, stands_in};

/// Documents written with one commit: whole ecosystems have hundreds of thousands of records.
const CHUNK: usize = 2_000;

/// What became of records of flaws.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FlawIntake {
    /// Records taken in for the first time.
    pub new: usize,
    /// Records that say something else than before.
    pub changed: usize,
    /// Records that say the same, or are older than what is on file.
    pub unchanged: usize,
    /// Records that name no package a parts list could name; nothing is kept of them.
    pub unplaced: usize,
}

impl FlawIntake {
    /// Whether there was any record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Records on their way into the store.
#[derive(Default)]
pub(crate) struct Incoming {
    pub intake: FlawIntake,
    docs: BTreeMap<String, DocPut>,
    digest: Sha256,
    records: usize,
}

impl App {
    /// Adds records; full chunks are committed on the way, each with its event.
    pub(crate) fn take_flaws(&self, who: &Who, flaws: Vec<PartFlaw>, incoming: &mut Incoming) -> Result<()> {
        for flaw in flaws {
            // What came before in these files is on its way and not on file yet.
            let prefix = format!("{} ", flaw.id);
            let next = incoming.docs.range(prefix.clone()..).next();
            if next.is_some_and(|(id, _)| id.starts_with(&prefix)) {
                self.commit_flaws(who, incoming)?;
            }
            self.take_flaw(flaw, incoming)?;
            if incoming.docs.len() >= CHUNK {
                self.commit_flaws(who, incoming)?;
            }
        }
        Ok(())
    }

    fn take_flaw(&self, flaw: PartFlaw, incoming: &mut Incoming) -> Result<()> {
        let mut entries = by_package(&flaw);
        let held = self.flaw_entries(&flaw.id)?;
        if entries.is_empty() && held.is_empty() {
            incoming.intake.unplaced += 1;
            return Ok(());
        }
        let is_older = held.values().any(|held| held.modified > flaw.modified);
        if is_older || held == entries {
            incoming.intake.unchanged += 1;
            return Ok(());
        }
        if held.is_empty() {
            incoming.intake.new += 1
        } else {
            incoming.intake.changed += 1
        }
        for package in held.keys().filter(|package| !entries.contains_key(*package)) {
            let id = entry_id(&flaw.id, package);
            incoming.docs.insert(id.clone(), removal(DocKind::PartFlaw, id, package.clone()));
        }
        incoming.digest.update(format!("{} {:?}\n", flaw.id, flaw.modified));
        incoming.records += 1;
        while let Some((package, entry)) = entries.pop_first() {
            let id = entry_id(&flaw.id, &package);
            incoming.docs.insert(id.clone(), doc(DocKind::PartFlaw, id, package, &entry));
        }
        Ok(())
    }

    /// Commits what is waiting.
    pub(crate) fn commit_flaws(&self, who: &Who, incoming: &mut Incoming) -> Result<()> {
        if incoming.docs.is_empty() {
            return Ok(());
        }
        let mut event = self.event(who, "part_flaws.take", "known flaws of packages");
        event.after = format!("{} records, {}", incoming.records, hex(&incoming.digest.finalize_reset()[..]));
        incoming.records = 0;
        let docs = std::mem::take(&mut incoming.docs).into_values().collect();
        self.commit(ChangeSet { docs, audit: vec![event], ..ChangeSet::default() })?;
        Ok(())
    }

    /// What is on file of one record, by package.
    fn flaw_entries(&self, id: &str) -> Result<BTreeMap<String, PartFlaw>> {
        const AT_ONCE: u32 = 100;
        let prefix = format!("{id} ");
        let (mut entries, mut after) = (BTreeMap::new(), prefix.clone());
        loop {
            let which = ListDocs { after: Some(&after), limit: Some(AT_ONCE), ..ListDocs::default() };
            let rows = self.store.list(DocKind::PartFlaw, &which)?;
            for row in &rows {
                if !row.id.starts_with(&prefix) {
                    return Ok(entries);
                }
                entries.insert(row.index.clone(), crate::app::parse(DocKind::PartFlaw, &row.id, &row.body)?);
            }
            match rows.last() {
                Some(last) if rows.len() == AT_ONCE as usize => after.clone_from(&last.id),
                _ => return Ok(entries),
            }
        }
    }

    /// How many entries, a record and a package each, are on file.
    pub fn flaw_count(&self) -> Result<u64> {
        Ok(self.store.count(DocKind::PartFlaw, None)?)
    }
}

fn entry_id(record: &str, package: &str) -> String {
    format!("{record} {package}")
}

/// The record once for each package that can be looked up, with what it says of that package.
fn by_package(flaw: &PartFlaw) -> BTreeMap<String, PartFlaw> {
    let packages: BTreeSet<&str> =
        flaw.packages.iter().map(|one| one.package.as_str()).filter(|package| !package.is_empty()).collect();
    let entry = |package: &str| {
        let mut entry = flaw.clone();
        entry.packages.retain(|one| one.package == package);
        (package.to_owned(), entry)
    };
    packages.into_iter().map(entry).collect()
}

/// Records looked up by package, each package once.
pub(super) struct Shelf<'a> {
    app: &'a App,
    held: BTreeMap<String, Rc<Vec<PartFlaw>>>,
    /// Advisories that name packages, looked through when the first part is asked for.
    naming: Option<Rc<Naming>>,
}

/// Advisories that name packages by package URL, with their indices by package.
#[derive(Default)]
struct Naming {
    advisories: Vec<Advisory>,
    by_package: BTreeMap<String, Vec<usize>>,
}

impl<'a> Shelf<'a> {
    pub fn new(app: &'a App) -> Self {
        Self { app, held: BTreeMap::new(), naming: None }
    }

    /// What advisories on file say of a part, which they name by its package URL.
    pub fn told(&mut self, part: &Part) -> Result<Vec<(String, PartFlaw, Stands)>> {
        let naming = match &self.naming {
            Some(naming) => Rc::clone(naming),
            None => {
                let naming = Rc::new(Naming::of(&*self.app.known()?));
                Rc::clone(self.naming.insert(naming))
            }
        };
        let names = look_ups(part);
        let found = names.iter().filter_map(|name| naming.by_package.get(&name.package)).flatten();
        let found: BTreeSet<usize> = found.copied().collect();
        let told = found.into_iter().map(|at| &naming.advisories[at]).flat_map(|advisory| {
            let each = stands_in(part, advisory).into_iter();
            each.map(|(at, stands)| (advisory.id.clone(), flaw_of(advisory, at), stands))
        });
        Ok(told.collect())
    }

    pub fn of(&mut self, package: &str) -> Result<Rc<Vec<PartFlaw>>> {
        if let Some(held) = self.held.get(package) {
            return Ok(Rc::clone(held));
        }
        let found: Rc<Vec<PartFlaw>> = Rc::new(self.app.load_all(DocKind::PartFlaw, Some(package))?);
        self.held.insert(package.to_owned(), Rc::clone(&found));
        Ok(found)
    }
}

impl Naming {
    fn of(known: &Known) -> Self {
        let mut naming = Self::default();
        for advisory in known.matcher.advisories() {
            let packages = packages_named(advisory);
            if packages.is_empty() {
                continue;
            }
            for package in packages {
                naming.by_package.entry(package).or_default().push(naming.advisories.len());
            }
            naming.advisories.push(advisory.clone());
        }
        naming
    }
}

/// A vulnerability of an advisory as a record of a flaw, named by the advisory.
fn flaw_of(advisory: &Advisory, at: usize) -> PartFlaw {
    let vulnerability = &advisory.vulnerabilities[at];
    let of_its_own = vulnerability.id.starts_with('#');
    let title = if vulnerability.title.is_empty() { &advisory.title } else { &vulnerability.title };
    PartFlaw {
        id: if of_its_own {
            format!("{}{}", advisory.id, vulnerability.id)
        } else {
            vulnerability.id.clone()
        },
        summary: title.clone(),
        published: advisory.released,
        modified: advisory.revised,
        scores: vulnerability.scores.clone(),
        ..PartFlaw::default()
    }
}
