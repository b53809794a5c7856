//! Device projections, the handles that name them and the keys that find them.

use crate::fault::{Inner, corrupt, refused};
use rusqlite::{Connection, OptionalExtension, Row, params};
use rustc_hash::FxHashMap;
use tallyward_app::change::{ConfigId, DevicePut};
use tallyward_app::ports::DeviceRow;
use tallyward_core::{DeviceId, Key, Presence, Timestamp};

const SELECT: &str = "SELECT d.id, d.presence, d.unit, d.pool, d.site, d.class, d.maker, d.model, d.name, d.tag, d.room, \
     d.version, d.last_seen, d.config, d.search, d.keys, b.body, c.affected, c.unknown, c.not_affected \
     FROM device d JOIN device_body b ON b.id = d.id JOIN config c ON c.id = d.config";

/// A handle as SQLite holds it; `None` for one larger than any we could have minted.
pub fn stored(id: DeviceId) -> Option<i64> {
    i64::try_from(id.0).ok()
}

fn storable(id: DeviceId) -> Inner<i64> {
    stored(id).ok_or_else(|| refused(format!("{id} is larger than any handle")))
}

/// A stored handle.
pub fn handle(id: i64) -> Inner<DeviceId> {
    u64::try_from(id).map(DeviceId).map_err(|_| corrupt("handle", id, "it is negative"))
}

/// Remembers which handle a key was minted or, after a split, minted anew.
pub fn write_handles(work: &Connection, handles: &[(Key, DeviceId)]) -> Inner<()> {
    let mut put = work.prepare_cached("INSERT OR REPLACE INTO handle VALUES (?1, ?2)")?;
    for (key, id) in handles {
        put.execute(params![key.to_string(), storable(*id)?])?;
    }
    Ok(())
}

/// Makes merged handles lead to the kept ones. Every row leads straight to the end of its chain.
pub fn write_redirects(work: &Connection, redirects: &[(DeviceId, DeviceId)]) -> Inner<()> {
    for (merged, kept) in redirects {
        let end = followed(work, storable(*kept)?)?;
        let merged_id = storable(*merged)?;
        let already = followed(work, merged_id)?;
        if already == end && merged_id != end {
            continue;
        }
        if already != merged_id || merged_id == end {
            return Err(refused(format!(
                "{merged} cannot redirect to {kept}: it already stands for {}, and a redirect is for ever",
                handle(already)?
            )));
        }
        work.prepare_cached("UPDATE redirect SET kept = ?2 WHERE kept = ?1")?.execute([merged_id, end])?;
        work.prepare_cached("INSERT INTO redirect VALUES (?1, ?2)")?.execute([merged_id, end])?;
    }
    Ok(())
}

/// Where a handle leads; itself when it was never merged.
pub fn followed(view: &Connection, id: i64) -> Inner<i64> {
    let kept: Option<i64> = view
        .prepare_cached("SELECT kept FROM redirect WHERE merged = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    Ok(kept.unwrap_or(id))
}

/// Writes projections, of several of one device the last; answers the configurations that devices left.
pub fn write(work: &Connection, puts: &[DevicePut]) -> Inner<Vec<i64>> {
    let last: FxHashMap<DeviceId, usize> = puts.iter().enumerate().map(|(at, put)| (put.id, at)).collect();
    let mut left = Vec::new();
    let mut added = Vec::new();
    for (_, put) in puts.iter().enumerate().filter(|(at, put)| last[&put.id] == *at) {
        let id = storable(put.id)?;
        if followed(work, id)? != id {
            return Err(refused(format!("{} was merged and cannot be a device again", put.id)));
        }
        let keys = serde_json::to_string(&put.keys).map_err(|error| corrupt("device", put.id, error))?;
        let old: Option<(i64, String)> = work
            .prepare_cached("SELECT config, keys FROM device WHERE id = ?1")?
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        match old {
            Some((config, old_keys)) => {
                if old_keys != keys {
                    remove_keys(work, id, &old_keys)?;
                    added.extend(put.keys.iter().map(|key| (key.to_string(), id)));
                }
                if config != put.config.0 {
                    left.push(config);
                }
            }
            None => added.extend(put.keys.iter().map(|key| (key.to_string(), id))),
        }
        write_row(work, id, put, &keys)?;
    }
    // In order, so that an import walks the index once instead of jumping about in it.
    added.sort_unstable();
    let mut insert = work.prepare_cached("INSERT OR IGNORE INTO device_key VALUES (?1, ?2)")?;
    for (key, id) in added {
        insert.execute(params![key, id])?;
    }
    Ok(left)
}

fn write_row(work: &Connection, id: i64, put: &DevicePut, keys: &str) -> Inner<()> {
    work.prepare_cached(
        "INSERT INTO device VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
         ON CONFLICT (id) DO UPDATE SET presence = ?2, unit = ?3, pool = ?4, site = ?5, class = ?6, maker = ?7,
             model = ?8, name = ?9, tag = ?10, room = ?11, version = ?12, last_seen = ?13, config = ?14,
             search = ?15, keys = ?16",
    )?
    .execute(params![
        id,
        put.presence.code(),
        put.unit,
        put.pool,
        put.site,
        put.class,
        put.maker,
        put.model,
        put.name,
        put.tag,
        put.room,
        put.version,
        put.last_seen.map(Timestamp::micros),
        put.config.0,
        put.search,
        keys,
    ])?;
    work.prepare_cached("INSERT INTO device_body VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET body = ?2")?
        .execute(params![id, put.body])?;
    Ok(())
}

fn remove_keys(work: &Connection, id: i64, old: &str) -> Inner<()> {
    let mut remove = work.prepare_cached("DELETE FROM device_key WHERE key = ?1 AND device = ?2")?;
    for key in read_keys(id, old)? {
        remove.execute(params![key.to_string(), id])?;
    }
    Ok(())
}

/// Removes projections; answers the configurations they had.
pub fn remove(work: &Connection, gone: impl Iterator<Item = DeviceId>) -> Inner<Vec<i64>> {
    let mut left = Vec::new();
    for id in gone.filter_map(stored) {
        let old: Option<(i64, String)> = work
            .prepare_cached("DELETE FROM device WHERE id = ?1 RETURNING config, keys")?
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        if let Some((config, keys)) = old {
            work.prepare_cached("DELETE FROM device_body WHERE id = ?1")?.execute([id])?;
            remove_keys(work, id, &keys)?;
            left.push(config);
        }
    }
    Ok(left)
}

/// Handles minted for these keys, redirects followed; keys without one are left out.
pub fn handles(view: &Connection, keys: &[Key]) -> Inner<Vec<(Key, DeviceId)>> {
    let mut query = view.prepare_cached(
        "SELECT coalesce(kept, device) FROM handle LEFT JOIN redirect ON merged = device WHERE key = ?1",
    )?;
    let mut found = Vec::new();
    for key in keys {
        let id: Option<i64> = query.query_row([key.to_string()], |row| row.get(0)).optional()?;
        if let Some(id) = id {
            found.push((key.clone(), handle(id)?));
        }
    }
    Ok(found)
}

/// The device a handle leads to.
pub fn device(view: &Connection, id: DeviceId) -> Inner<Option<DeviceRow>> {
    match stored(id) {
        Some(id) => {
            let id = followed(view, id)?;
            by_id(view, id)
        }
        None => Ok(None),
    }
}

/// The row of exactly this handle.
pub fn by_id(view: &Connection, id: i64) -> Inner<Option<DeviceRow>> {
    let mut query = view.prepare_cached(&format!("{SELECT} WHERE d.id = ?1"))?;
    let mut rows = query.query([id])?;
    rows.next()?.map(read).transpose()
}

/// The device that bears a key; of several (a shared hint) the oldest handle.
pub fn device_of(view: &Connection, key: &Key) -> Inner<Option<DeviceId>> {
    let id: Option<i64> = view
        .prepare_cached("SELECT min(device) FROM device_key WHERE key = ?1")?
        .query_row([key.to_string()], |row| row.get(0))?;
    id.map(handle).transpose()
}

/// Devices of one configuration, by handle.
pub fn with_config(view: &Connection, config: ConfigId, limit: u32) -> Inner<Vec<DeviceRow>> {
    let mut query = view.prepare_cached(&format!("{SELECT} WHERE d.config = ?1 ORDER BY d.id LIMIT ?2"))?;
    let mut rows = query.query((config.0, limit))?;
    let mut devices = Vec::new();
    while let Some(row) = rows.next()? {
        devices.push(read(row)?);
    }
    Ok(devices)
}

/// The configuration of each of these devices that is stored.
pub fn configs_of(view: &Connection, ids: &[DeviceId]) -> Inner<Vec<(DeviceId, ConfigId)>> {
    let mut query = view.prepare_cached("SELECT config FROM device WHERE id = ?1")?;
    let mut found = Vec::new();
    for id in ids {
        let Some(stored) = stored(*id) else { continue };
        let config: Option<i64> = query.query_row([stored], |row| row.get(0)).optional()?;
        found.extend(config.map(|config| (*id, ConfigId(config))));
    }
    Ok(found)
}

fn read_keys(id: i64, keys: &str) -> Inner<Vec<Key>> {
    serde_json::from_str(keys).map_err(|error| corrupt("keys of device", id, error))
}

/// Reads a stored presence.
pub fn read_presence(id: i64, code: &str) -> Inner<Presence> {
    Presence::from_code(code).ok_or_else(|| corrupt("presence of device", id, format!("{code:?} is none")))
}

fn read(row: &Row<'_>) -> Inner<DeviceRow> {
    let id: i64 = row.get(0)?;
    let seen: Option<i64> = row.get(12)?;
    Ok(DeviceRow {
        put: DevicePut {
            id: handle(id)?,
            presence: read_presence(id, row.get_ref(1)?.as_str()?)?,
            unit: row.get(2)?,
            pool: row.get(3)?,
            site: row.get(4)?,
            class: row.get(5)?,
            maker: row.get(6)?,
            model: row.get(7)?,
            name: row.get(8)?,
            tag: row.get(9)?,
            room: row.get(10)?,
            version: row.get(11)?,
            last_seen: seen.map(Timestamp::from_micros),
            config: ConfigId(row.get(13)?),
            search: row.get(14)?,
            keys: read_keys(id, row.get_ref(15)?.as_str()?)?,
            body: row.get(16)?,
        },
        affected: row.get(17)?,
        unknown: row.get(18)?,
        not_affected: row.get(19)?,
    })
}
