//! A provider laid out like CISA's, on loopback: a first run, a second one, and then what should not happen.

use crate::provider::{Page, Server};
use sha2::Digest as _;
use std::path::Path;
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

/// Runs the program in a house that trusts the test's authority: its exit code and what it said.
fn tallyward(home: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_tallyward"))
        .current_dir(home)
        .env("TALLYWARD_SYNC_AUTHORITIES", "ca.pem")
        .args(["--data", "d"])
        .args(arguments)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    println!("$ {arguments:?}\n{text}{}", String::from_utf8_lossy(&output.stderr));
    (output.status.code(), text)
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

fn kev(day: &str, ids: &[&str]) -> Page {
    let entries: Vec<_> = ids.iter().map(|id| serde_json::json!({"cveID": id, "dateAdded": day})).collect();
    let kev = serde_json::json!({
        "catalogVersion": day, "dateReleased": format!("{day}T00:00:00Z"), "vulnerabilities": entries,
    });
    Page::of(kev.to_string())
}

fn record(id: &str) -> String {
    let ssvc = serde_json::json!({"type": "ssvc", "content": {
        "timestamp": "2026-01-02T00:00:00Z", "options": [{"Exploitation": "active"}, {"Automatable": "no"}],
    }});
    let adp = serde_json::json!([{"providerMetadata": {"shortName": "P"}, "metrics": [{"other": ssvc}]}]);
    serde_json::json!({"cveMetadata": {"cveId": id}, "containers": {"adp": adp}}).to_string()
}

fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in files {
        out.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut out, text.as_bytes()).unwrap();
    }
    out.finish().unwrap().into_inner()
}

#[test]
fn lists_of_attacks_are_followed_and_an_older_or_another_one_undoes_nothing() {
    let server = Server::start();
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("ca.pem"), &server.authority).unwrap();
    let tallyward = |arguments: &[&str]| tallyward(home.path(), arguments);
    let add = |name: &str, path: &str, more: &[&str]| {
        let url = format!("{}{path}", server.base);
        let mut arguments = vec!["sources", "add", name, &url, "--kind", name, "--pause", "0", "--internal"];
        arguments.extend(more);
        tallyward(&arguments).0
    };
    let sync = |name: &str| tallyward(&["sources", "sync", "--source", name]);
    assert_eq!(add("kev", "/kev.json", &["--require", "hash"]), Some(3), "no list of attacks has a hash");
    assert_eq!(add("kev", "/kev.json", &[]), Some(0));
    let (code, away) = sync("kev");
    assert!(code == Some(4) && away.contains("/kev.json answers 404"), "{away}");

    server.put("/kev.json", kev("2026-01-02", &["CVE-2020-1938", "CVE-2019-0708"]));
    let (code, first) = sync("kev");
    assert!(code == Some(0) && first.contains("1 looked at, 1 new, 0 changed"), "{first}");
    assert!(sync("kev").1.contains("0 looked at, 0 new"), "what did not change is not sent again");
    server.put("/kev.json", kev("2026-01-03", &["CVE-2019-0708"]));
    let newer = sync("kev").1;
    assert!(
        newer.contains("KEV: KEV of 2026-01-03 taken: 1 flaws; 1 of the list before are not in it."),
        "{newer}"
    );
    server.put("/kev.json", kev("2026-01-01", &["CVE-2020-1938"]));
    assert!(sync("kev").1.contains("1 looked at, 0 new, 0 changed, 1 unchanged"));
    assert!(tallyward(&["threats", "list"]).1.contains("2026-01-03"), "the newer one stays");

    // Something else at the address is not taken for what was asked for, and the list on file stands.
    server.put("/kev.json", Page::of(record("CVE-2020-1938")));
    let (code, other) = sync("kev");
    assert_eq!(code, Some(3));
    assert!(other.contains("expected the KEV catalogue, found CVE records"), "{other}");
    assert!(tallyward(&["doctor"]).1.contains("kev has 1 refused documents, the last: expected the KEV"));
    assert!(!tallyward(&["threats", "list"]).1.contains("SSVC"));
    server.put("/kev.json", kev("2026-01-04", &["CVE-2019-0708"]));
    assert_eq!(sync("kev").0, Some(0));
    assert!(tallyward(&["doctor"]).1.contains("1 of 1 up to date"), "mended is mended");

    let epss =
        "#model_version:v1,score_date:2026-01-02T00:00:00Z\ncve,epss,percentile\nCVE-2019-0708,0.9,0.99\n";
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, epss.as_bytes()).unwrap();
    server.put("/epss.csv.gz", Page::of(packed.finish().unwrap()));
    add("epss", "/epss.csv.gz", &[]);
    assert!(sync("epss").1.contains("1 looked at, 1 new"));
    assert!(tallyward(&["threats", "list"]).1.contains("EPSS"));

    let zip = archive(&[("a.json", &record("CVE-2019-0708")), ("b.json", "{}"), ("readme.md", "x")]);
    server.put("/records.zip", Page::of(zip.clone()));
    add("cve", "/records.zip", &[]);
    let (code, records) = sync("cve");
    assert!(
        code == Some(3) && records.contains("1 looked at, 1 new, 0 changed, 0 unchanged, 1 refused"),
        "{records}"
    );
    assert!(records.contains("records.zip: b.json: "), "{records}");
    server.put("/records.zip", Page::of(format!("[{}]", record("CVE-2019-0708"))));
    assert!(sync("cve").1.contains("1 looked at, 0 new, 0 changed, 1 unchanged, 0 refused"));
    // The same archive from a file.
    std::fs::write(home.path().join("records.zip"), zip).unwrap();
    let (code, taken) = tallyward(&["threats", "take", "records.zip"]);
    assert!(code == Some(3) && taken.contains("0 taken, 1 no newer"), "{taken}");
}

/// A ROLIE feed of one document.
fn feed(server: &Server, name: &str) -> Page {
    let entry = serde_json::json!({
        "id": name, "updated": "2026-01-01T00:00:00Z",
        "content": {"type": "application/json", "src": format!("{}/csaf/{name}", server.base)},
        "link": [{"rel": "self", "href": format!("{}/csaf/{name}", server.base)}],
    });
    Page::of(serde_json::json!({"feed": {"id": "f", "entry": [entry]}}).to_string())
}

#[test]
fn a_feed_for_members_is_left_with_a_line_of_its_own_and_the_others_are_read() {
    let Some(folder) = shared("icsma") else { return };
    let server = Server::start();
    for name in [SILENT, REVISED] {
        server.put(&format!("/csaf/{name}"), Page::of(std::fs::read(folder.join(name)).unwrap()));
    }
    let shut = |status| Page { status, ..Page::default() };
    server.put("/amber.json", shut(401));
    server.put("/white.json", feed(&server, SILENT));
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("ca.pem"), &server.authority).unwrap();
    let tallyward = |arguments: &[&str]| tallyward(home.path(), arguments);
    let feeds = |labels: [&str; 2]| {
        let feed =
            |(path, label)| serde_json::json!({"url": format!("{}{path}", server.base), "tlp_label": label});
        let feeds: Vec<_> = ["/amber.json", "/white.json"].into_iter().zip(labels).map(feed).collect();
        let metadata = serde_json::json!({"distributions": [{"rolie": {"feeds": feeds}}]});
        server.put("/.well-known/csaf/provider-metadata.json", Page::of(metadata.to_string()));
    };
    feeds(["AMBER", "WHITE"]);
    tallyward(&["sources", "add", "maker", &server.base, "--pause", "0", "--internal"]);
    let (code, told) = tallyward(&["sources", "sync"]);
    assert!(code == Some(0) && told.contains("1 looked at, 1 new"), "{told}");
    let line =
        format!("maker has a feed for members only: {}/amber.json (TLP:AMBER, answers 401)", server.base);
    assert!(tallyward(&["sources", "list"]).1.contains(&line));
    let doctor = tallyward(&["doctor"]).1;
    assert!(
        doctor.contains("maker has a feed for members only, not read")
            && doctor.contains("1 of 1 up to date")
    );
    assert!(tallyward(&["sources", "sync"]).1.contains("0 looked at"), "what was read is not read again");

    // What is for everybody and given to nobody is a fault, and still holds up nothing else.
    feeds(["WHITE", "WHITE"]);
    let (code, told) = tallyward(&["sources", "sync", "--again"]);
    assert!(
        code == Some(4) && told.contains("1 looked at") && told.contains("/amber.json answers 401"),
        "{told}"
    );
    assert!(!tallyward(&["sources", "list"]).1.contains("members only"));
    feeds(["AMBER", "WHITE"]);
    server.put("/white.json", shut(500));
    let (code, told) = tallyward(&["sources", "sync"]);
    assert!(code == Some(4) && told.contains("/white.json answers 500"), "{told}");
    // A provider all of whose feeds are for members brings nothing, and that is said as a fault.
    feeds(["AMBER", "RED"]);
    server.put("/white.json", shut(403));
    assert!(tallyward(&["sources", "sync"]).1.contains("not complete: "));

    // Let in, it is read as any other.
    feeds(["AMBER", "WHITE"]);
    server.put("/amber.json", feed(&server, REVISED));
    server.put("/white.json", feed(&server, SILENT));
    let (code, told) = tallyward(&["sources", "sync"]);
    assert!(code == Some(0) && told.contains("1 looked at, 1 new"), "{told}");
    assert!(!tallyward(&["sources", "list"]).1.contains("members only"));
}
