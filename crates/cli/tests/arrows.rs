//! The picture in `ARCHITECTURE.md`, held against the workspace: which room may depend on which, how long a file
//! may grow, that every room takes the workspace's lints, and that the pure rooms stay pure.

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A room, the rooms it may depend on, and those its tests and benches may depend on besides. An arrow to a room
/// permits that room's own arrows; an arrow of tests permits nothing further.
type Arrow = (&'static str, &'static [&'static str], &'static [&'static str]);

const ARROWS: [Arrow; 15] = [
    ("core", &[], &[]),
    ("versions", &[], &[]),
    ("identity", &["core"], &[]),
    ("discovery", &["core", "identity"], &[]),
    ("capture", &["discovery"], &[]),
    ("advisories", &["core", "versions"], &["lab"]),
    ("matching", &["core", "versions", "identity"], &["advisories", "lab"]),
    ("response", &["core"], &[]),
    ("report", &["core"], &[]),
    ("app", &PURE, &[]),
    ("store", &["app"], &[]),
    ("connect", &["app"], &[]),
    ("web", &["app"], &["store", "lab"]),
    ("lab", &["core", "identity"], &[]),
    ("cli", &["app", "store", "connect", "web", "lab", "capture"], &[]),
];

/// No file, socket, clock, randomness, environment or async in these.
const PURE: [&str; 8] =
    ["core", "versions", "identity", "discovery", "advisories", "matching", "response", "report"];

/// What a pure room may not name in the code it ships. Addresses (`std::net::IpAddr`) are words, not sockets.
const IMPURE: [&str; 18] = [
    "std::fs",
    "std::env",
    "std::process",
    "std::thread",
    "File::open",
    "File::create",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "UnixStream",
    "ToSocketAddrs",
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
    "getrandom",
    "tokio",
    "async fn",
    "async move",
];

/// No source file has more lines.
const LONGEST: usize = 800;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn metadata() -> Metadata {
    let mut command = MetadataCommand::new();
    command.manifest_path(root().join("Cargo.toml")).no_deps();
    command.exec().expect("cargo describes this workspace")
}

/// The room of a package of ours: `tallyward-core` is `core`, the binary `tallyward` is `cli`.
fn room(package: &str) -> Option<&str> {
    if package == "tallyward" { Some("cli") } else { package.strip_prefix("tallyward-") }
}

/// All that `room` may depend on: its own arrows and those of the rooms they lead to.
fn permitted(room: &str) -> BTreeSet<&'static str> {
    let mut reached = BTreeSet::new();
    let mut waiting = vec![room];
    while let Some(at) = waiting.pop() {
        for (_, rooms, _) in ARROWS.iter().filter(|(name, ..)| *name == at) {
            for next in *rooms {
                if reached.insert(*next) {
                    waiting.push(next);
                }
            }
        }
    }
    reached
}

/// What is wrong with an arrow from room to room, if anything.
fn complaint(from: &str, to: &str, testing: bool) -> Option<String> {
    let Some((_, _, tests)) = ARROWS.iter().find(|(name, ..)| *name == from) else {
        return Some(format!("the room {from} is not in the picture"));
    };
    // Every room's tests may ask the test kit of `core` where the shared data lies.
    let excused = testing && (to == "core" || tests.contains(&to));
    let whose = if testing { "the tests of " } else { "" };
    (!excused && !permitted(from).contains(to))
        .then(|| format!("an arrow that is not in the picture: {whose}{from} -> {to}"))
}

#[test]
fn no_arrow_outside_the_picture() {
    let metadata = metadata();
    let mut complaints = Vec::new();
    let mut rooms = BTreeSet::new();
    for package in &metadata.packages {
        let Some(from) = room(&package.name) else {
            complaints.push(format!("the package {} is no room: expected tallyward-<room>", package.name));
            continue;
        };
        rooms.insert(from);
        for dependency in &package.dependencies {
            let testing = dependency.kind == DependencyKind::Development;
            complaints.extend(room(&dependency.name).and_then(|to| complaint(from, to, testing)));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    assert_eq!(rooms, ARROWS.iter().map(|(name, ..)| *name).collect(), "rooms here and in the picture");
}

#[test]
fn an_arrow_outside_the_picture_is_found() {
    assert!(complaint("core", "identity", false).is_some());
    assert!(complaint("response", "matching", false).is_some());
    assert!(complaint("report", "app", true).is_some());
    assert!(complaint("matching", "advisories", false).is_some(), "an arrow of tests is for tests");
    assert!(complaint("matching", "advisories", true).is_none());
    assert!(complaint("store", "core", false).is_none(), "an arrow permits the arrows behind it");
}

#[test]
fn the_picture_in_the_architecture_file_is_this_one() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let written: BTreeMap<String, BTreeSet<String>> = text
        .lines()
        .map(cells)
        .filter(|cells| cells.len() == 6 && cells[1].starts_with('`'))
        .map(|cells| (cells[1].replace('`', ""), listed(&cells[3])))
        .collect();
    for (name, rooms, _) in ARROWS {
        let drawn = if name == "app" { PURE.as_slice() } else { rooms };
        let drawn: BTreeSet<String> = drawn.iter().map(|room| (*room).to_owned()).collect();
        assert_eq!(written.get(name), Some(&drawn), "the arrows of {name} in ARCHITECTURE.md");
    }
}

/// The rooms a cell names in backticks.
fn listed(cell: &str) -> BTreeSet<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Every Rust file below `folder`, with its text.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(at) = waiting.pop() {
        for entry in fs::read_dir(&at).expect("a folder of ours is readable") {
            let path = entry.expect("a folder of ours is readable").path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(&path).expect("a Rust file is text");
                found.push((path, text));
            }
        }
    }
    found
}

#[test]
fn no_file_holds_two_nouns() {
    let long: Vec<String> = sources(&root().join("crates"))
        .iter()
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST)
        .map(|(path, lines)| format!("{}: {lines} lines, at most {LONGEST}", path.display()))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn every_room_takes_the_lints_of_the_workspace() {
    for package in &metadata().packages {
        let text = fs::read_to_string(&package.manifest_path).unwrap();
        let manifest: toml::Table = text.parse().unwrap();
        if package.name == "tallyward-capture" {
            // A lint that is forbidden cannot be expected, so this room has a table of its own: the same but for unsafe code.
            let mut own = manifest["lints"].clone();
            assert_eq!(own["rust"]["unsafe_code"].as_str(), Some("deny"));
            own["rust"]["unsafe_code"] = "forbid".into();
            let workspace: toml::Table =
                fs::read_to_string(root().join("Cargo.toml")).unwrap().parse().unwrap();
            assert_eq!(own, workspace["workspace"]["lints"], "[lints] of {}", package.name);
            continue;
        }
        let takes = manifest.get("lints").and_then(|lints| lints.get("workspace"));
        assert_eq!(takes, Some(&toml::Value::Boolean(true)), "[lints] of {}", package.name);
    }
}

/// The lines that are shipped, without comments and without what is compiled for tests only. Leans on rustfmt: an
/// item ends with a brace at the indentation it began with, or on the line it began on.
fn shipped(text: &str) -> String {
    let mut out = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let indent = &line[..line.len() - line.trim_start().len()];
        if line.trim_start().starts_with("#[cfg(test)]") {
            let end = format!("{indent}}}");
            for inner in lines.by_ref() {
                if inner.starts_with(&end)
                    || (inner.ends_with(';') && !inner[indent.len()..].starts_with(' '))
                {
                    break;
                }
            }
            continue;
        }
        out.push_str(line.split("//").next().unwrap_or_default());
        out.push('\n');
    }
    out
}

#[test]
fn what_is_shipped_is_told_from_tests() {
    let text = "use a; // std::fs\n#[cfg(test)]\nfn b() {\n    std::fs;\n}\nfn c() {}\n#[cfg(test)]\n#[path = \"t.rs\"]\nmod t;\nfn d() {}\n";
    let kept = shipped(text);
    assert!(!kept.contains("std::fs") && !kept.contains("mod t"), "{kept}");
    assert!(kept.contains("fn c()") && kept.contains("fn d()"), "{kept}");
}

#[test]
fn unsafe_code_is_in_one_file() {
    let holds = |text: &str| shipped(text).contains("unsafe {") || shipped(text).contains("unsafe impl");
    let found: Vec<PathBuf> = sources(&root().join("crates"))
        .into_iter()
        .filter(|(path, text)| !path.ends_with("cli/tests/arrows.rs") && holds(text))
        .map(|(path, _)| path)
        .collect();
    assert_eq!(found, [root().join("crates/capture/src/sys.rs")]);
}

#[test]
fn pure_rooms_name_nothing_impure() {
    let mut complaints = Vec::new();
    for room in PURE {
        for (path, text) in sources(&root().join("crates").join(room).join("src")) {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            // Test files, and the test kit of `core`, which no shipped binary holds.
            if name == "tests.rs" || name.ends_with("_tests.rs") || name == "testkit.rs" {
                continue;
            }
            let kept = shipped(&text);
            let named = IMPURE.iter().filter(|word| kept.contains(**word));
            complaints.extend(named.map(|word| format!("{}: names {word}", path.display())));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
