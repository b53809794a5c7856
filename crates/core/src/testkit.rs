//! Where the shared test data lies, for the tests of every room.

use std::path::PathBuf;

/// The path of `name` below the shared data folder: `$TALLYWARD_SHARED/data` or `../shared/data` beside the
/// workspace. `None`, with a loud line, when it is absent.
///
/// # Panics
/// When the data is absent and `TALLYWARD_REQUIRE_PEERS` is `1`, so that CI can refuse a skipped test.
#[must_use]
pub fn shared(name: &str) -> Option<PathBuf> {
    let root = environment("TALLYWARD_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    );
    let path = root.join("data").join(name);
    if path.exists() {
        return Some(path);
    }
    skipped(&format!("shared data {name:?} not found under {}", root.display()));
    None
}

/// Says loudly that a test was skipped and why.
///
/// # Panics
/// When `TALLYWARD_REQUIRE_PEERS` is `1`.
pub fn skipped(why: &str) {
    assert!(environment("TALLYWARD_REQUIRE_PEERS").as_deref() != Some("1"), "refusing to skip: {why}");
    eprintln!("SKIPPED: {why}");
}

#[expect(clippy::disallowed_methods, reason = "test support, never part of a shipped binary")]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
