//! Files: one writer each, backups that are whole, restores that destroy nothing.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use tallyward_app::change::{ChangeSet, DocKind};
use tallyward_app::ports::{Store, StoreError};
use tallyward_app::query::DeviceQuery;
use tallyward_app::testkit::{config, device, doc, event};
use tallyward_core::DeviceId;
use tallyward_store::{NotVerified, SqliteStore, audit_hash, check_backup, restore, verify_audit};

fn filled(path: &Path) -> SqliteStore {
    let store = SqliteStore::open(path).expect("a new store");
    for round in 1..=20 {
        let change = ChangeSet {
            configs: vec![config(1, &[])],
            devices: (1..=20).map(|id| device(round * 100 + id, 1)).collect(),
            docs: vec![doc(DocKind::Unit, &format!("U{round}"), "", "{}")],
            audit: vec![event(&format!("unit U{round}"))],
            ..ChangeSet::default()
        };
        store.commit(change).expect("committed");
    }
    store
}

fn devices(store: &SqliteStore) -> u64 {
    store.devices(&Default::default()).expect("answers").total
}

#[test]
fn a_second_writer_is_told_who_holds_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let first = filled(&path);
    let Err(StoreError::Locked(why)) = SqliteStore::open(&path) else { panic!("two writers") };
    assert!(why.contains("store.db") && why.contains(&std::process::id().to_string()), "{why}");

    let reader = SqliteStore::open_read_only(&path).unwrap();
    assert_eq!(devices(&reader), 400);
    let more = ChangeSet { devices: vec![device(9000, 1)], ..ChangeSet::default() };
    assert!(reader.commit(more.clone()).is_err());
    first.commit(more).unwrap();
    assert_eq!(devices(&reader), 401, "a reader beside the writer sees the newest commit");
    drop(first);
    SqliteStore::open(&path).unwrap();
}

#[test]
fn readers_see_whole_commits_while_the_writer_writes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let store = filled(&path);
    let beside = SqliteStore::open_read_only(&path).unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|threads| {
        for (store, size) in [(&store, 1000), (&store, 7), (&beside, 1000)] {
            let done = &done;
            threads.spawn(move || {
                let query = DeviceQuery { limit: Some(size), ..DeviceQuery::default() };
                let mut looks = 0;
                while !done.load(Ordering::Relaxed) || looks == 0 {
                    let page = store.devices(&query).unwrap();
                    assert_eq!(page.total % 2, 0, "half of a commit");
                    assert_eq!(page.rows.len() as u64, page.total.min(u64::from(size)));
                    looks += 1;
                }
            });
        }
        for round in 0..60u64 {
            let pair = [9000 + round, 9500 + round];
            let gone =
                if round % 3 == 2 { vec![DeviceId(pair[0] - 1), DeviceId(pair[1] - 1)] } else { Vec::new() };
            let devices = pair.map(|id| device(id, 1)).into();
            store.commit(ChangeSet { devices, gone, ..ChangeSet::default() }).unwrap();
        }
        done.store(true, Ordering::Relaxed);
    });
    assert_eq!(devices(&beside), 400 + 120 - 40);
}

#[test]
fn what_cannot_be_opened_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let told = |path: &Path| SqliteStore::open(path).unwrap_err().to_string();
    assert!(told(&folder.path().join("no/folder/store.db")).contains("check that the folder exists"));
    let junk = folder.path().join("junk.db");
    fs::write(&junk, [7u8; 9000]).unwrap();
    let why = told(&junk);
    assert!(why.contains("junk.db") && why.contains("damaged"), "{why}");
    assert_eq!(fs::read(&junk).unwrap(), [7u8; 9000], "left as it was");
    assert!(SqliteStore::open_read_only(&folder.path().join("none.db")).is_err());
}

#[test]
fn a_backup_restores_what_was_committed() {
    let folder = tempfile::tempdir().unwrap();
    let [path, backup, other] = ["store.db", "store.backup", "other.db"].map(|name| folder.path().join(name));
    let store = filled(&path);
    let verified = store.backup_to(&backup).unwrap();
    assert_eq!(verified.entries, 20);
    assert!(store.backup_to(&backup).unwrap_err().to_string().contains("exists already"));
    store.commit(ChangeSet { audit: vec![event("later")], ..ChangeSet::default() }).unwrap();

    assert_eq!(restore(&backup, &other, false).unwrap(), verified);
    let restored = SqliteStore::open(&other).unwrap();
    assert_eq!(devices(&restored), 400);
    assert_eq!(verify_audit(&restored, Some(&verified.head)).unwrap(), verified);
    restored.commit(ChangeSet { audit: vec![event("goes on")], ..ChangeSet::default() }).unwrap();
    assert!(matches!(restore(&backup, &other, true), Err(StoreError::Locked(_))), "it is in use");
    drop(restored);

    assert!(restore(&backup, &other, false).unwrap_err().to_string().contains("exists already"));
    restore(&backup, &other, true).unwrap();
    assert_eq!(SqliteStore::open(&other).unwrap().audit_head().unwrap().unwrap().seq, 20);
    let replaced = SqliteStore::open(&folder.path().join("other.db.replaced")).unwrap();
    assert_eq!(replaced.audit_head().unwrap().unwrap().subject, "goes on", "the old store is kept aside");
}

#[test]
fn a_store_in_memory_can_be_backed_up() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open_in_memory().unwrap();
    store.commit(ChangeSet { audit: vec![event("x")], ..ChangeSet::default() }).unwrap();
    assert_eq!(store.backup_to(&folder.path().join("m.backup")).unwrap().entries, 1);
    store.commit(ChangeSet { audit: vec![event("y")], ..ChangeSet::default() }).unwrap();
}

#[test]
fn a_damaged_backup_is_refused_and_the_store_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let [path, backup, broken, target] =
        ["store.db", "whole", "broken", "target.db"].map(|name| folder.path().join(name));
    filled(&path).backup_to(&backup).unwrap();
    drop(SqliteStore::open(&target).unwrap());
    let before = fs::read(&target).unwrap();
    let whole = fs::read(&backup).unwrap();
    for at in (0..whole.len()).step_by(whole.len() / 50) {
        for harm in [0, 1, 2] {
            let mut bytes = whole.clone();
            match harm {
                0 => bytes.truncate(at),
                1 => bytes[at] ^= 0x55,
                _ => bytes[at..].rotate_left(100.min(whole.len() - at)),
            }
            if bytes == whole {
                continue;
            }
            fs::write(&broken, &bytes).unwrap();
            let error = restore(&broken, &target, true).unwrap_err().to_string();
            assert!(error.contains("broken"), "{error}");
            assert!(check_backup(&broken).is_err());
            assert_eq!(fs::read(&target).unwrap(), before, "the store was touched");
        }
    }
    assert!(restore(&path, &target, true).is_err(), "a store that is no finished backup");
    check_backup(&backup).unwrap();
}

#[test]
fn a_changed_audit_log_does_not_verify() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let head = verify_audit(&filled(&path), None).unwrap().head;
    let harm = |sql: &str, expected: Option<&str>| {
        let copy = folder.path().join("copy.db");
        fs::copy(&path, &copy).unwrap();
        let file = rusqlite::Connection::open(&copy).unwrap();
        assert!(file.execute_batch(sql).is_err(), "the triggers forbid: {sql}");
        let free = "DROP TRIGGER audit_is_never_changed; DROP TRIGGER audit_is_never_removed;";
        file.execute_batch(&format!("{free} {sql}")).unwrap();
        drop(file);
        let store = SqliteStore::open_read_only(&copy).unwrap();
        match verify_audit(&store, expected) {
            Err(NotVerified::Broken { seq, why }) => (seq, why),
            other => panic!("{sql} went unnoticed: {other:?}"),
        }
    };
    assert_eq!(harm("UPDATE audit SET who = 'x' WHERE seq = 7", None).0, 7);
    assert_eq!(harm("UPDATE audit SET at = at + 1 WHERE seq = 20", None).0, 20);
    assert_eq!(harm("DELETE FROM audit WHERE seq = 7", None).0, 7);
    assert_eq!(harm("DELETE FROM audit WHERE seq = 1", None).0, 1);
    assert_eq!(harm("DELETE FROM audit WHERE seq > 15", Some(&head)).0, 15);
    assert!(harm("DELETE FROM audit", Some(&head)).1.contains(&head));
}

#[test]
fn no_two_entries_share_their_bytes() {
    let store = SqliteStore::open_in_memory().unwrap();
    store.commit(ChangeSet { audit: vec![event("ab")], ..ChangeSet::default() }).unwrap();
    let row = store.audit_head().unwrap().unwrap();
    assert_eq!(row.hash, audit_hash(&row));
    let mut moved = row.clone();
    moved.action.push('a');
    moved.subject = "b".to_owned();
    assert_ne!(audit_hash(&moved), row.hash, "a letter moved from one field to the next");
    // The encoding is a promise to whoever checks a log with a program of their own.
    assert_eq!(row.hash, "f0c1b11c92f89c2b8741b67314c6bf4916a7bef9f7afc02a571e6349fab0af17");
}
