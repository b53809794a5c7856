//! Migrations: numbered SQL files, forward only, each applied once and pinned by its checksum.

use crate::fault::{Fault, Inner, corrupt, refused};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use sha2::{Digest, Sha256};

/// Marks a SQLite file as ours (`PRAGMA application_id`): the letters TLWD.
const APPLICATION: i32 = 0x544c_5744;

struct Migration {
    number: i64,
    name: &'static str,
    sql: &'static str,
}

const MIGRATIONS: &[Migration] = &[
    Migration { number: 1, name: "spine", sql: include_str!("../migrations/0001_spine.sql") },
    Migration { number: 2, name: "flow_seen_by", sql: include_str!("../migrations/0002_flow_seen_by.sql") },
];

impl Migration {
    fn checksum(&self) -> String {
        hex(&Sha256::digest(self.sql.as_bytes()))
    }
}

/// Bytes as lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Applies what is missing, each migration in a transaction of its own.
///
/// # Errors
/// When the file belongs to another program, was written by a newer version, or holds a migration that was
/// applied in another form.
pub fn run(connection: &mut Connection) -> Inner<()> {
    let applied = applied(connection)?;
    for migration in MIGRATIONS.iter().skip(applied) {
        let step = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        step.execute_batch(
            "CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL,
             sha256 TEXT NOT NULL)",
        )?;
        step.execute_batch(migration.sql)?;
        step.execute(
            "INSERT INTO migration VALUES (?1, ?2, ?3)",
            params![migration.number, migration.name, migration.checksum()],
        )?;
        step.pragma_update(None, "application_id", APPLICATION)?;
        step.commit()?;
    }
    Ok(())
}

/// How many migrations the file holds, after checking each against its checksum. Writes nothing.
///
/// # Errors
/// As [`run`].
pub fn applied(connection: &Connection) -> Inner<usize> {
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables == 0 {
        return Ok(0);
    }
    let application: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if application != APPLICATION {
        return Err(refused("this is a SQLite file of another program, not a Tallyward store"));
    }
    let mut listed = connection.prepare("SELECT number, name, sha256 FROM migration ORDER BY number")?;
    let mut rows = listed.query([])?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        let (number, name, checksum): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let Some(known) = MIGRATIONS.get(count) else {
            return Err(refused(format!(
                "written by a newer version of Tallyward (migration {number:04} {name} is not known here): \
                 use that version"
            )));
        };
        if known.number != number || known.checksum() != checksum {
            return Err(corrupt("migration", number, format!("{name} was applied in another form")));
        }
        count += 1;
    }
    Ok(count)
}

/// Refuses a file that lacks a migration, for readers that must not write.
///
/// # Errors
/// As [`run`], or when a migration is missing.
pub fn require_current(connection: &Connection) -> Inner<()> {
    if applied(connection)? == MIGRATIONS.len() {
        return Ok(());
    }
    Err(refused("the store needs migrations: open it once for writing, for example with `tallyward serve`"))
}

/// SQLite's own check of every page and index.
///
/// # Errors
/// With its first findings.
pub fn integrity(connection: &Connection) -> Inner<()> {
    let mut check = connection.prepare("PRAGMA integrity_check(5)")?;
    let found: Vec<String> =
        check.query_map([], |row| row.get(0))?.collect::<Result<_, _>>().map_err(Fault::from)?;
    let orphan: Option<String> =
        connection.query_row("PRAGMA foreign_key_check", [], |row| row.get(0)).optional()?;
    match (found.as_slice(), orphan) {
        ([ok], None) if ok == "ok" => Ok(()),
        (_, Some(table)) => Err(refused(format!("the file is damaged: a row of {table} refers to nothing"))),
        _ => Err(refused(format!("the file is damaged: {}", found.join("; ")))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_folder_is_in_the_list() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        let listed: Vec<String> =
            MIGRATIONS.iter().map(|one| format!("{:04}_{}.sql", one.number, one.name)).collect();
        assert_eq!(names, listed);
    }

    #[test]
    fn an_altered_migration_is_refused() {
        let mut file = Connection::open_in_memory().unwrap();
        run(&mut file).unwrap();
        run(&mut file).unwrap();
        file.execute("UPDATE migration SET sha256 = 'x'", []).unwrap();
        assert!(run(&mut file).unwrap_err().to_string().contains("another form"));
    }

    #[test]
    fn a_newer_file_and_a_foreign_one_are_refused() {
        let mut newer = Connection::open_in_memory().unwrap();
        run(&mut newer).unwrap();
        newer.execute("INSERT INTO migration VALUES (9999, 'later', '')", []).unwrap();
        assert!(run(&mut newer).unwrap_err().to_string().contains("newer version"));

        let mut foreign = Connection::open_in_memory().unwrap();
        foreign.execute("CREATE TABLE notes (text TEXT)", []).unwrap();
        assert!(run(&mut foreign).unwrap_err().to_string().contains("another program"));
    }
}
