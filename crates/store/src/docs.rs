//! Documents: the nouns of low volume, each with a revision.

use crate::fault::{Inner, corrupt};
use rusqlite::{Connection, OptionalExtension, Row, params};
use tallyward_app::change::{DocKind, DocPut, DocRow};
use tallyward_app::ports::{ListDocs, StoreError};

/// Writes and removes documents in order; each expected revision is compared with the state at its turn.
pub fn write(work: &Connection, puts: &[DocPut]) -> Inner<()> {
    for put in puts {
        let kind = put.kind.code();
        let now: Option<i64> = work
            .prepare_cached("SELECT revision FROM doc WHERE kind = ?1 AND id = ?2")?
            .query_row(params![kind, put.id], |row| row.get(0))
            .optional()?;
        let revision = revision(now.unwrap_or(0), &put.id)?;
        if put.expected.is_some_and(|expected| expected != revision) {
            return Err(StoreError::Conflict.into());
        }
        match &put.body {
            Some(body) => work
                .prepare_cached(
                    "INSERT INTO doc (kind, id, idx, body, revision) VALUES (?1, ?2, ?3, ?4, 1)
                     ON CONFLICT (kind, id) DO UPDATE
                     SET idx = excluded.idx, body = excluded.body, revision = revision + 1",
                )?
                .execute(params![kind, put.id, put.index, body])?,
            None => work
                .prepare_cached("DELETE FROM doc WHERE kind = ?1 AND id = ?2")?
                .execute(params![kind, put.id])?,
        };
    }
    Ok(())
}

/// One document.
pub fn get(view: &Connection, kind: DocKind, id: &str) -> Inner<Option<DocRow>> {
    let mut query =
        view.prepare_cached("SELECT id, idx, body, revision FROM doc WHERE kind = ?1 AND id = ?2")?;
    let mut rows = query.query(params![kind.code(), id])?;
    rows.next()?.map(read).transpose()
}

/// Documents of a noun in the byte order of their ids.
pub fn list(view: &Connection, kind: DocKind, which: &ListDocs<'_>) -> Inner<Vec<DocRow>> {
    let by_index = if which.index.is_some() { "AND idx = ?2" } else { "AND ?2 IS NULL" };
    let (behind, order) = match (which.after.is_some(), which.newest_first) {
        (false, false) => ("AND ?3 IS NULL", "ASC"),
        (false, true) => ("AND ?3 IS NULL", "DESC"),
        (true, false) => ("AND id > ?3", "ASC"),
        (true, true) => ("AND id < ?3", "DESC"),
    };
    let mut query = view.prepare_cached(&format!(
        "SELECT id, idx, body, revision FROM doc WHERE kind = ?1 {by_index} {behind} ORDER BY id {order} LIMIT ?4"
    ))?;
    // SQLite reads a negative limit as none.
    let limit = which.limit.map_or(-1, i64::from);
    let mut rows = query.query(params![kind.code(), which.index, which.after, limit])?;
    let mut docs = Vec::new();
    while let Some(row) = rows.next()? {
        docs.push(read(row)?);
    }
    Ok(docs)
}

/// How many documents of a noun, of one index value when given.
pub fn count(view: &Connection, kind: DocKind, index: Option<&str>) -> Inner<u64> {
    let count: i64 = match index {
        Some(index) => view
            .prepare_cached("SELECT count(*) FROM doc WHERE kind = ?1 AND idx = ?2")?
            .query_row(params![kind.code(), index], |row| row.get(0))?,
        None => view
            .prepare_cached("SELECT count(*) FROM doc WHERE kind = ?1")?
            .query_row([kind.code()], |row| row.get(0))?,
    };
    Ok(count.unsigned_abs())
}

fn read(row: &Row<'_>) -> Inner<DocRow> {
    let id: String = row.get(0)?;
    let revision = revision(row.get(3)?, &id)?;
    Ok(DocRow { id, index: row.get(1)?, body: row.get(2)?, revision })
}

fn revision(stored: i64, id: &str) -> Inner<u64> {
    u64::try_from(stored).map_err(|_| corrupt("document", id, "its revision is negative"))
}
