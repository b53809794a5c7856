//! The audit log: append-only, each entry chained to the one before by SHA-256.

use crate::fault::{Inner, corrupt};
use crate::migrate::hex;
use rusqlite::{Connection, Row, params};
use sha2::{Digest, Sha256};
use tallyward_app::change::AuditPut;
use tallyward_app::ports::{AuditRow, Store, StoreError};
use tallyward_core::Timestamp;

/// What the first entry has in the place of the hash before: 64 zeros.
pub const START: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Entries read at once by [`verify_audit`].
const STEP: u32 = 1_000;

/// The hash an entry must have, in hexadecimal: SHA-256 over `tallyward audit 1`, the position and the
/// microseconds of its time (eight bytes each, big-endian), then who, action, subject, before, after and the
/// previous hash, each text led by its length in bytes (eight bytes, big-endian), so that no two entries have
/// the same bytes. [`AuditRow::hash`] itself is not read.
#[must_use]
pub fn audit_hash(row: &AuditRow) -> String {
    let mut hash = Sha256::new();
    hash.update(b"tallyward audit 1");
    hash.update(row.seq.to_be_bytes());
    hash.update(row.at.micros().to_be_bytes());
    for text in [&row.who, &row.action, &row.subject, &row.before, &row.after, &row.previous] {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    }
    hex(&hash.finalize())
}

/// A chain that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many entries.
    pub entries: u64,
    /// Hash of the last one; [`START`] when there is none. Keep it elsewhere: a later run that is given it proves
    /// that nothing up to here was changed or cut off.
    pub head: String,
}

/// Why a chain was not verified.
#[derive(Debug, thiserror::Error)]
pub enum NotVerified {
    /// The chain is broken.
    #[error("the audit log is broken at entry {seq}: {why}")]
    Broken {
        /// The entry.
        seq: u64,
        /// What is wrong with it.
        why: String,
    },
    /// The log could not be read.
    #[error(transparent)]
    Unread(#[from] StoreError),
}

/// Walks the whole log and recomputes every hash. With `expected_head`, a hash noted earlier, that entry must
/// still be in the chain: entries cut off the end, or a log rewritten as a whole, are found only this way.
///
/// # Errors
/// With the first entry that does not hold.
pub fn verify_audit(store: &dyn Store, expected_head: Option<&str>) -> Result<Verified, NotVerified> {
    verify_with(expected_head, |after| store.audit(after, false, STEP))
}

/// As [`verify_audit`], reading entries behind a position by `read`.
pub fn verify_with(
    expected_head: Option<&str>,
    mut read: impl FnMut(Option<u64>) -> Result<Vec<AuditRow>, StoreError>,
) -> Result<Verified, NotVerified> {
    let mut done = Verified { entries: 0, head: START.to_owned() };
    let mut met = expected_head.is_none_or(|hash| hash.eq_ignore_ascii_case(START));
    loop {
        let rows = read((done.entries > 0).then_some(done.entries))?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            let broken = |why: String| NotVerified::Broken { seq: done.entries + 1, why };
            if row.seq != done.entries + 1 {
                return Err(broken(format!("it is missing, the next one is entry {}", row.seq)));
            }
            if row.previous != done.head {
                return Err(broken("it does not follow from the entry before".to_owned()));
            }
            if row.hash != audit_hash(&row) {
                return Err(broken("its content does not give its hash: it was changed".to_owned()));
            }
            met = met || expected_head.is_some_and(|hash| hash.eq_ignore_ascii_case(&row.hash));
            done = Verified { entries: row.seq, head: row.hash };
        }
    }
    if met {
        return Ok(done);
    }
    let why = format!(
        "no entry up to here has the expected hash {}: entries were cut off or the log was rewritten",
        expected_head.unwrap_or_default()
    );
    Err(NotVerified::Broken { seq: done.entries, why })
}

const SELECT: &str = "SELECT seq, at, who, action, subject, before, after, previous, hash FROM audit";

/// Chains new entries to the log.
pub fn append(work: &Connection, events: &[AuditPut]) -> Inner<()> {
    if events.is_empty() {
        return Ok(());
    }
    let (mut seq, mut previous) = match head(work)? {
        Some(last) => (last.seq, last.hash),
        None => (0, START.to_owned()),
    };
    let mut insert = work.prepare_cached("INSERT INTO audit VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?;
    for event in events {
        seq += 1;
        let mut row = AuditRow {
            seq,
            at: event.at,
            who: event.who.clone(),
            action: event.action.clone(),
            subject: event.subject.clone(),
            before: event.before.clone(),
            after: event.after.clone(),
            previous,
            hash: String::new(),
        };
        row.hash = audit_hash(&row);
        let stored = i64::try_from(seq).map_err(|_| corrupt("audit log", seq, "it is out of numbers"))?;
        insert.execute(params![
            stored,
            row.at.micros(),
            row.who,
            row.action,
            row.subject,
            row.before,
            row.after,
            row.previous,
            row.hash
        ])?;
        previous = row.hash;
    }
    Ok(())
}

/// The last entry.
pub fn head(view: &Connection) -> Inner<Option<AuditRow>> {
    Ok(entries(view, None, true, 1)?.pop())
}

/// Entries behind `after` in order, or the newest before it.
pub fn entries(
    view: &Connection,
    after: Option<u64>,
    newest_first: bool,
    limit: u32,
) -> Inner<Vec<AuditRow>> {
    // A position too large to be stored lies behind every entry.
    let after = after.map(|seq| i64::try_from(seq).unwrap_or(i64::MAX));
    if newest_first {
        read(view, "WHERE seq < ?1 ORDER BY seq DESC", after.unwrap_or(i64::MAX), limit)
    } else {
        read(view, "WHERE seq > ?1 ORDER BY seq", after.unwrap_or(0), limit)
    }
}

/// Entries whose subject is this, oldest first.
pub fn of_subject(view: &Connection, subject: &str, limit: u32) -> Inner<Vec<AuditRow>> {
    read(view, "WHERE subject = ?1 ORDER BY seq", subject, limit)
}

fn read(view: &Connection, which: &str, value: impl rusqlite::ToSql, limit: u32) -> Inner<Vec<AuditRow>> {
    let mut query = view.prepare_cached(&format!("{SELECT} {which} LIMIT ?2"))?;
    let mut rows = query.query(params![value, limit])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        entries.push(read_row(row)?);
    }
    Ok(entries)
}

fn read_row(row: &Row<'_>) -> Inner<AuditRow> {
    let seq: i64 = row.get(0)?;
    Ok(AuditRow {
        seq: u64::try_from(seq).map_err(|_| corrupt("audit entry", seq, "its position is negative"))?,
        at: Timestamp::from_micros(row.get(1)?),
        who: row.get(2)?,
        action: row.get(3)?,
        subject: row.get(4)?,
        before: row.get(5)?,
        after: row.get(6)?,
        previous: row.get(7)?,
        hash: row.get(8)?,
    })
}
