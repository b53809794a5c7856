//! A provider laid out like CISA's, on loopback: a first run, a second one, and then what should not happen.

#[path = "../../../connect/tests/provider/mod.rs"]
mod provider;

use provider::{Page, Server};
use sha2::Digest as _;
use std::process::Command;
use tallyward_core::testkit::shared;

const SILENT: &str = "icsma-22-174-01.json";
const REVISED: &str = "icsma-17-250-01.json";
const FORGED: &str = "icsma-22-006-01.json";

fn sha512(bytes: &[u8]) -> String {
    sha2::Sha512::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn publish(server: &Server, name: &str, bytes: &[u8]) {
    server.put(&format!("/csaf/{name}"), Page::of(bytes));
    server.put(&format!("/csaf/{name}.sha512"), Page::of(format!("{}  {name}\n", sha512(bytes))));
}

#[test]
fn a_provider_syncs_and_what_it_breaks_is_kept_apart() {
    let Some(folder) = shared("icsma") else { return };
    let server = Server::start();
    let mut documents: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .map(|path| {
            (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(&path).unwrap())
        })
        .collect();
    documents.sort();
    for (name, text) in &documents {
        publish(&server, name, text.as_bytes());
    }
    let listing = |date: &dyn Fn(usize) -> &'static str| {
        let lines =
            documents.iter().enumerate().map(|(at, (name, _))| format!("\"{name}\",\"{}\"\n", date(at)));
        Page::of(lines.collect::<String>())
    };
    server.put("/csaf/changes.csv", listing(&|_| "2024-10-01T00:00:00Z"));
    let metadata = format!("{{\"distributions\":[{{\"directory_url\":\"{}/csaf\"}}]}}", server.base);
    server.put("/.well-known/csaf/provider-metadata.json", Page::of(metadata));
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("ca.pem"), &server.authority).unwrap();
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_tallyward"))
            .current_dir(home.path())
            .env("TALLYWARD_SYNC_AUTHORITIES", "ca.pem")
            .args(["--data", "d", "sources"])
            .args(arguments)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        println!("$ sources {arguments:?}\n{text}{}", String::from_utf8_lossy(&output.stderr));
        text
    };
    let doctor = || {
        let output = Command::new(env!("CARGO_BIN_EXE_tallyward"))
            .current_dir(home.path())
            .args(["--data", "d", "doctor"])
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    run(&["add", "outside", &server.base, "--pause", "0"]);
    assert!(run(&["sync"]).contains("not a public address"));
    assert!(doctor().contains("outside was not read whole, last complete run never: "));
    run(&["remove", "outside"]);
    run(&["add", "cisa", &server.base, "--pause", "0", "--internal", "--require", "hash"]);
    server.asked();
    let count = documents.len();
    assert!(
        run(&["sync"])
            .contains(&format!("{count} looked at, {count} new, 0 changed, 0 unchanged, 0 refused"))
    );
    server.asked();
    assert!(doctor().contains("1 of 1 up to date"));
    assert!(run(&["sync"]).contains("0 looked at"));
    assert_eq!(server.asked().len(), 2, "the second run asks for the metadata and the listing only");

    // Three documents come anew, each listed with a later date: one whose content changed under the same revision,
    // one revised with a narrower clause, and one that is another than its hash says.
    let text_of = |name: &str| &documents.iter().find(|(file, _)| file == name).unwrap().1;
    let silent = replaced(text_of(SILENT), &[("\"< 3.6.7\"", "\"< 3.6.9\"")]);
    let revised = replaced(
        text_of(REVISED),
        &[("\"< 2.4.0\"", "\"< 2.3.0\""), ("\"version\": \"1\"", "\"version\": \"2\"")],
    );
    let forged = replaced(text_of(FORGED), &[("\"<= 6.2.1\"", "\"<= 6.0.0\"")]);
    publish(&server, SILENT, silent.as_bytes());
    publish(&server, REVISED, revised.as_bytes());
    server.put(&format!("/csaf/{FORGED}"), Page::of(forged));
    let later = |at: usize| [SILENT, REVISED, FORGED].contains(&documents[at].0.as_str());
    server.put(
        "/csaf/changes.csv",
        listing(&|at| if later(at) { "2024-11-01T00:00:00Z" } else { "2024-10-01T00:00:00Z" }),
    );
    let third = run(&["sync"]);
    assert!(third.contains("3 looked at, 0 new, 2 changed, 0 unchanged, 1 refused"), "{third}");
    assert!(
        third.contains("ICSMA-22-174-01: The content changed although the revision is still \"1\"."),
        "{third}"
    );
    assert!(third.contains("narrowed from \"< 2.4.0\" to \"< 2.3.0\"."), "{third}");
    assert!(!third.contains("ICSMA-17-250-01: The content changed although"), "{third}");
    let refusal = format!("refused {}/csaf/{FORGED}: its SHA-512 is another than", server.base);
    assert!(third.contains(&refusal), "{third}");
    assert!(run(&["list"]).contains(&refusal));
    assert!(doctor().contains("cisa has 1 refused documents, the last: its SHA-512 is another than"));

    // The refused document is asked for again though the listing is the same, and is refused no more once it fits.
    publish(&server, FORGED, text_of(FORGED).as_bytes());
    let fourth = run(&["sync"]);
    assert!(fourth.contains("1 looked at, 0 new, 0 changed, 1 unchanged, 0 refused"), "{fourth}");
    assert!(!run(&["list"]).contains("refused https://"));
}

/// The text with each of the pairs replaced, which must be in it once.
fn replaced(text: &str, pairs: &[(&str, &str)]) -> String {
    pairs.iter().fold(text.to_owned(), |text, (old, new)| {
        assert_eq!(text.matches(old).count(), 1, "{old}");
        text.replace(old, new)
    })
}
