//! The store itself: opening, and each call of the port handed to the file of its noun.

use crate::connection::{Connections, Reader};
use crate::fault::{Fault, Inner, refused};
use crate::image::Image;
use crate::{audit, commit, devices, docs, evidence, findings, flows, lists, ranked};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::path::Path;
use std::sync::{PoisonError, RwLock};
use tallyward_app::change::{ChangeSet, ConfigId, DocKind, DocRow, JudgementPut};
use tallyward_app::ports::{
    AdvisoryCounts, AuditRow, ConfigCount, ConfigRow, DeviceRow, FindingRow, JudgementsOf, ListDocs, Ranking,
    Store, StoreError, StoreResult, UnknownRow, VerdictCounts,
};
use tallyward_app::query::{DeviceQuery, Facet, FindingQuery, Page};
use tallyward_core::{DeviceId, Evidence, Flow, Key, Mac, Source};

/// The port [`Store`] on one SQLite file, or in memory.
#[derive(Debug)]
pub struct SqliteStore {
    pub(crate) connections: Connections,
    /// The columns of lists, loaded when first asked for. Taken after a connection, never before one.
    image: RwLock<Option<Image>>,
}

impl SqliteStore {
    /// Opens the store at `path`, creating and migrating the file as needed, and takes the lock that keeps
    /// every other writer out.
    ///
    /// # Errors
    /// [`StoreError::Locked`] when another process has it open for writing; [`StoreError::Failed`] or
    /// [`StoreError::Corrupt`] when the file cannot be used, saying why.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Ok(Self { connections: Connections::open(path)?, image: RwLock::new(None) })
    }

    /// Opens an existing store for reading beside its writer, which may be another process: for backups,
    /// exports and checks of a running server. [`Store::commit`] is refused.
    ///
    /// # Errors
    /// As [`Self::open`], except that it is never locked out.
    pub fn open_read_only(path: &Path) -> Result<Self, StoreError> {
        Ok(Self { connections: Connections::open_read_only(path)?, image: RwLock::new(None) })
    }

    /// A store that is gone when dropped.
    ///
    /// # Errors
    /// [`StoreError::Failed`] when there is no memory for it.
    pub fn open_in_memory() -> Result<Self, StoreError> {
        Ok(Self { connections: Connections::in_memory()?, image: RwLock::new(None) })
    }

    /// Runs `read` on a connection.
    fn read<T>(&self, doing: &str, read: impl FnOnce(&Connection) -> Inner<T>) -> StoreResult<T> {
        let reader = self.connections.reader();
        let within = || -> Inner<T> {
            let view = snapshot(&reader)?;
            read(&view)
        };
        within().map_err(|fault| self.told(fault, doing))
    }

    /// Runs `read` on a connection and the image of the same fleet version.
    fn look<T>(&self, doing: &str, read: impl FnOnce(&Connection, &Image) -> Inner<T>) -> StoreResult<T> {
        let reader = self.connections.reader();
        self.looked(&reader, read).map_err(|fault| self.told(fault, doing))
    }

    fn looked<T>(&self, reader: &Reader<'_>, read: impl FnOnce(&Connection, &Image) -> Inner<T>) -> Inner<T> {
        loop {
            let view = snapshot(reader)?;
            let version = commit::fleet_version(&view)?;
            let held = self.image.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(image) = held.as_ref().filter(|image| image.version == version) {
                return read(&view, image);
            }
            drop(held);
            let mut held = self.image.write().unwrap_or_else(PoisonError::into_inner);
            // An image ahead of the view belongs to a commit made since the view began: look again. One behind
            // it is of another process's making, or there is none yet.
            if held.as_ref().is_none_or(|image| image.version < version) {
                *held = None;
                *held = Some(Image::load(&view, version)?);
            }
        }
    }

    fn told(&self, fault: Fault, doing: &str) -> StoreError {
        fault.told(&self.connections.name, doing)
    }

    fn committed(&self, change: &ChangeSet) -> Inner<u64> {
        if self.connections.read_only {
            return Err(refused(format!("{}: opened for reading only", self.connections.name)));
        }
        let mut writer = self.connections.writer();
        let work = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let before = commit::fleet_version(&work)?;
        let done = commit::apply(&work, change)?;
        if done.version == before {
            work.commit()?;
            return Ok(before);
        }
        // Held over the commit, so that nobody pairs the new rows with the old image.
        let mut held = self.image.write().unwrap_or_else(PoisonError::into_inner);
        // Taken out first: a failure half way leaves none, and the next reader loads it afresh.
        let image = held.take();
        work.commit()?;
        if let Some(mut image) = image.filter(|image| image.version == before) {
            image.patch(change, &done);
            *held = Some(image);
        }
        Ok(done.version)
    }
}

/// A read transaction: everything read through it is of one moment.
fn snapshot<'a>(reader: &'a Reader<'_>) -> Inner<Transaction<'a>> {
    Ok(reader.unchecked_transaction()?)
}

impl Store for SqliteStore {
    fn commit(&self, change: ChangeSet) -> StoreResult<u64> {
        self.committed(&change).map_err(|fault| self.told(fault, "committing"))
    }

    fn fleet_version(&self) -> StoreResult<u64> {
        self.read("reading the fleet version", commit::fleet_version)
    }

    fn get(&self, kind: DocKind, id: &str) -> StoreResult<Option<DocRow>> {
        self.read("reading a document", |view| docs::get(view, kind, id))
    }

    fn list(&self, kind: DocKind, which: &ListDocs<'_>) -> StoreResult<Vec<DocRow>> {
        self.read("listing documents", |view| docs::list(view, kind, which))
    }

    fn count(&self, kind: DocKind, index: Option<&str>) -> StoreResult<u64> {
        self.read("counting documents", |view| docs::count(view, kind, index))
    }

    fn component(&self, keys: &[Key]) -> StoreResult<Vec<Evidence>> {
        self.read("reading evidence", |view| evidence::component(view, keys))
    }

    fn subjects(&self, after: Option<&Key>, limit: u32) -> StoreResult<Vec<Key>> {
        self.read("listing subjects", |view| evidence::subjects(view, after, limit))
    }

    fn subjects_of_source(&self, source: &Source) -> StoreResult<Vec<Key>> {
        self.read("listing the subjects of a source", |view| evidence::subjects_of_source(view, source))
    }

    fn handles(&self, keys: &[Key]) -> StoreResult<Vec<(Key, DeviceId)>> {
        self.read("reading handles", |view| devices::handles(view, keys))
    }

    fn next_handle(&self) -> StoreResult<u64> {
        self.read("reading the next handle", commit::next_handle)
    }

    fn device(&self, id: DeviceId) -> StoreResult<Option<DeviceRow>> {
        self.read("reading a device", |view| devices::device(view, id))
    }

    fn device_of(&self, key: &Key) -> StoreResult<Option<DeviceId>> {
        self.read("finding a device by key", |view| devices::device_of(view, key))
    }

    fn devices(&self, query: &DeviceQuery) -> StoreResult<Page<DeviceRow>> {
        self.look("listing devices", |view, image| lists::devices(view, image, query))
    }

    fn facet(&self, facet: Facet) -> StoreResult<Vec<(String, u64)>> {
        self.look("counting devices", |_, image| Ok(lists::facet(image, facet)))
    }

    fn configs(&self) -> StoreResult<Vec<ConfigRow>> {
        self.look("reading configurations", findings::configs)
    }

    fn config_counts(&self) -> StoreResult<Vec<ConfigCount>> {
        self.look("counting configurations", |_, image| Ok(findings::config_counts(image)))
    }

    fn holders(&self, config: ConfigId) -> StoreResult<Vec<DeviceId>> {
        self.look("reading who has a configuration", |_, image| Ok(findings::holders(image, config)))
    }

    fn known_configs(&self, ids: &[ConfigId]) -> StoreResult<Vec<ConfigId>> {
        self.read("reading configurations", |view| findings::known_configs(view, ids))
    }

    fn findings(&self, query: &FindingQuery) -> StoreResult<Page<FindingRow>> {
        self.look("listing findings", |view, image| findings::page(view, image, query))
    }

    fn findings_ranked(&self, query: &FindingQuery, ranking: &dyn Ranking) -> StoreResult<Page<FindingRow>> {
        self.look("listing findings", |view, image| ranked::page(view, image, query, ranking))
    }

    fn finding_counts(&self) -> StoreResult<VerdictCounts> {
        self.look("counting findings", |_, image| Ok(findings::counts(image)))
    }

    fn advisory_counts(&self) -> StoreResult<Vec<AdvisoryCounts>> {
        self.look("counting findings by advisory", findings::advisory_counts)
    }

    fn unknowns(&self) -> StoreResult<Vec<UnknownRow>> {
        self.look("listing what is unknown", findings::unknowns)
    }

    fn judgements(&self, of: JudgementsOf<'_>) -> StoreResult<Vec<(ConfigId, JudgementPut)>> {
        self.read("reading verdicts", |view| findings::judgements(view, of))
    }

    fn devices_with(&self, config: ConfigId, limit: u32) -> StoreResult<Vec<DeviceRow>> {
        self.read("listing the devices of a configuration", |view| devices::with_config(view, config, limit))
    }

    fn configs_of(&self, ids: &[DeviceId]) -> StoreResult<Vec<(DeviceId, ConfigId)>> {
        self.read("reading the configurations of devices", |view| devices::configs_of(view, ids))
    }

    fn flows_of(&self, macs: &[Mac], addresses: &[String], limit: u32) -> StoreResult<Vec<Flow>> {
        self.read("reading flows", |view| flows::flows_of(view, macs, addresses, limit))
    }

    fn each_flow(&self, take: &mut dyn FnMut(&Flow)) -> StoreResult<()> {
        self.read("reading flows", |view| flows::each(view, take))
    }

    fn audit_head(&self) -> StoreResult<Option<AuditRow>> {
        self.read("reading the audit log", audit::head)
    }

    fn audit(&self, after: Option<u64>, newest_first: bool, limit: u32) -> StoreResult<Vec<AuditRow>> {
        self.read("reading the audit log", |view| audit::entries(view, after, newest_first, limit))
    }

    fn audit_of(&self, subject: &str, limit: u32) -> StoreResult<Vec<AuditRow>> {
        self.read("reading the audit log", |view| audit::of_subject(view, subject, limit))
    }
}
