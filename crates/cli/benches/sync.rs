//! A provider of the lab's 2,400 documents on loopback, over HTTPS with SHA-512 beside each: the first sync, and the
//! second, by the program itself.
//!
//! `cargo bench -p tallyward --bench sync`. Server and client share the machine.

#![expect(clippy::unwrap_used, reason = "a bench that cannot go on stops")]

#[path = "../../connect/tests/provider/mod.rs"]
#[expect(dead_code, reason = "the bench asks nobody to sign in")]
mod provider;

use provider::{Page, Server};
use sha2::Digest as _;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use tallyward_lab::scale::{ADVISORIES, Catalogue, Documents, PRODUCTS};

/// How often a provider is read from nothing.
const TIMES: usize = 3;

fn main() {
    let server = Server::start();
    let catalogue = Catalogue::new(7, PRODUCTS);
    let documents = Documents::new(&catalogue, "2026-11-01T00:00:00Z".parse().expect("a moment"));
    let mut listing = String::new();
    let mut bytes = 0;
    for number in 0..ADVISORIES {
        let (name, document) = (format!("lab-{number:05}.json"), documents.document(number));
        let hash = sha2::Sha512::digest(&document);
        let hash = hash.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        server.put(&format!("/csaf/{name}.sha512"), Page::of(format!("{hash}  {name}\n")));
        bytes += document.len();
        server.put(&format!("/csaf/{name}"), Page::of(document));
        let _ = writeln!(listing, "\"{name}\",\"2026-11-01T00:00:00Z\"");
    }
    server.put("/csaf/changes.csv", Page::of(listing));
    let metadata = format!("{{\"distributions\":[{{\"directory_url\":\"{}/csaf\"}}]}}", server.base);
    server.put("/.well-known/csaf/provider-metadata.json", Page::of(metadata));
    println!("{ADVISORIES} documents, {:.1} MB", bytes as f64 / 1e6);
    for _ in 0..TIMES {
        let home = tempfile::tempdir().expect("a folder");
        std::fs::write(home.path().join("ca.pem"), &server.authority).expect("written");
        run(home.path(), &["add", "lab", &server.base, "--pause", "0", "--internal", "--require", "hash"]);
        server.asked();
        let (first, text) = run(home.path(), &["sync"]);
        assert!(text.contains(&format!("{ADVISORIES} looked at, {ADVISORIES} new")), "{text}");
        let asked = server.asked().len();
        let (second, text) = run(home.path(), &["sync"]);
        assert!(text.contains("0 looked at"), "{text}");
        println!(
            "first sync {:.2} s ({asked} requests), second sync {:.2} s ({} requests)",
            first.as_secs_f64(),
            second.as_secs_f64(),
            server.asked().len()
        );
    }
}

/// What the program takes from start to end, and says.
#[expect(clippy::disallowed_methods, reason = "a bench measures")]
fn run(home: &Path, arguments: &[&str]) -> (Duration, String) {
    let begun = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_tallyward"))
        .current_dir(home)
        .env("TALLYWARD_SYNC_AUTHORITIES", "ca.pem")
        .args(["--data", "d", "sources"])
        .args(arguments)
        .output()
        .expect("the program runs");
    let took = begun.elapsed();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    (took, String::from_utf8_lossy(&output.stdout).into_owned())
}
