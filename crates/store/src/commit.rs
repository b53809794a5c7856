//! One change, applied whole within a transaction.

use crate::fault::{Inner, corrupt};
use crate::{audit, devices, docs, evidence, findings, flows};
use rusqlite::Connection;
use tallyward_app::change::ChangeSet;
use tallyward_app::ports::StoreError;
use tallyward_core::DeviceId;

/// What a commit did beyond what its change says.
pub struct Done {
    /// The fleet version now.
    pub version: u64,
    /// Configurations removed because no device has them any more.
    pub dropped: Vec<i64>,
}

/// Applies `change` to the open transaction, in this order: fleet version check, evidence, handles, redirects,
/// configurations, devices, gone devices, flows, documents, audit. An error leaves the caller to roll back.
pub fn apply(work: &Connection, change: &ChangeSet) -> Inner<Done> {
    let mut version = fleet_version(work)?;
    if change.fleet.is_some_and(|expected| expected != version) {
        return Err(StoreError::Conflict.into());
    }
    evidence::write(work, &change.evidence)?;
    devices::write_handles(work, &change.handles)?;
    devices::write_redirects(work, &change.redirects)?;
    findings::write_configs(work, &change.configs)?;
    let mut left = devices::write(work, &change.devices)?;
    left.extend(devices::remove(work, gone(change))?);
    left.extend(change.configs.iter().map(|config| config.id.0));
    let dropped = findings::drop_unused(work, left)?;
    flows::write(work, &change.flows)?;
    docs::write(work, &change.docs)?;
    audit::append(work, &change.audit)?;
    if touches_fleet(change) {
        version += 1;
        set(work, "fleet_version", version)?;
        raise_next_handle(work, change)?;
    }
    Ok(Done { version, dropped })
}

/// Handles that have no projection after this change: those named, and the merged ones.
pub fn gone(change: &ChangeSet) -> impl Iterator<Item = DeviceId> {
    change.gone.iter().copied().chain(change.redirects.iter().map(|(merged, _)| *merged))
}

fn touches_fleet(change: &ChangeSet) -> bool {
    !(change.evidence.is_empty()
        && change.handles.is_empty()
        && change.redirects.is_empty()
        && change.devices.is_empty()
        && change.gone.is_empty()
        && change.configs.is_empty())
}

/// The fleet version.
pub fn fleet_version(view: &Connection) -> Inner<u64> {
    counter(view, "fleet_version")
}

/// The handle to mint next: higher than any ever seen, merged and removed ones included.
pub fn next_handle(view: &Connection) -> Inner<u64> {
    counter(view, "next_handle")
}

fn raise_next_handle(work: &Connection, change: &ChangeSet) -> Inner<()> {
    let minted = change.handles.iter().map(|(_, id)| id);
    let merged = change.redirects.iter().flat_map(|(from, to)| [from, to]);
    let put = change.devices.iter().map(|device| &device.id);
    if let Some(DeviceId(highest)) = minted.chain(merged).chain(put).max()
        && *highest >= next_handle(work)?
    {
        set(work, "next_handle", highest + 1)?;
    }
    Ok(())
}

fn counter(view: &Connection, name: &'static str) -> Inner<u64> {
    let value: i64 = view
        .prepare_cached("SELECT value FROM counter WHERE name = ?1")?
        .query_row([name], |row| row.get(0))?;
    u64::try_from(value).map_err(|_| corrupt("counter", name, "it is negative"))
}

fn set(work: &Connection, name: &str, value: u64) -> Inner<()> {
    let value = i64::try_from(value).map_err(|_| corrupt("counter", name, "it is out of numbers"))?;
    work.prepare_cached("UPDATE counter SET value = ?2 WHERE name = ?1")?
        .execute(rusqlite::params![name, value])?;
    Ok(())
}
