//! The laws every store must pass, on SQLite in memory and in a file.

use std::cell::Cell;
use tallyward_app::ports::Store;
use tallyward_app::testkit;
use tallyward_store::SqliteStore;

fn in_memory() -> Box<dyn Store> {
    Box::new(SqliteStore::open_in_memory().expect("a store in memory"))
}

#[test]
fn a_store_in_memory_keeps_the_laws() {
    testkit::laws(in_memory);
}

#[test]
fn a_store_in_a_file_keeps_the_laws() {
    let folder = tempfile::tempdir().unwrap();
    let count = Cell::new(0);
    testkit::laws(|| {
        count.set(count.get() + 1);
        Box::new(SqliteStore::open(&folder.path().join(format!("{}.db", count.get()))).unwrap())
    });
}

#[test]
fn a_store_agrees_with_maps() {
    testkit::model::agrees(in_memory, 60);
}
