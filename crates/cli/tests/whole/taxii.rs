//! An exchange of threats on loopback: letters come of it, each once, and nothing it does leads astray.

use crate::provider::{Page, Server};
use crate::support::program::{Running, eventually, free_port};
use serde_json::{Value, json};
use std::process::Command;

const TYPE: &str = "application/taxii+json;version=2.1";
const C1: &str = "/api1/collections/91a7b528-80eb-42ed-a74d-c6fbd5a26116/objects/";
const PASSWORD: &str = "open sesame";

fn taxii(body: Value) -> Page {
    Page { headers: vec![("Content-Type", TYPE.to_owned())], ..Page::of(body.to_string()) }
}

/// A page of a collection whose last object was added then.
fn objects(body: Value, added_last: &str) -> Page {
    let mut page = taxii(body);
    page.headers.push(("X-TAXII-Date-Added-Last", added_last.to_owned()));
    page
}

fn object(kind: &str, n: u32, more: Value) -> Value {
    let mut object = json!({
        "type": kind, "spec_version": "2.1", "id": format!("{kind}--00000000-0000-4000-8000-{n:012}"),
        "created": "2026-10-01T08:00:00.000Z", "modified": "2026-10-01T08:00:00.000Z",
    });
    object.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    object
}

fn report(n: u32, name: &str, refs: &[&Value]) -> Value {
    let refs: Vec<&Value> = refs.iter().map(|one| &one["id"]).collect();
    object(
        "report",
        n,
        json!({
            "name": name, "published": "2026-10-01T09:00:00Z", "object_refs": refs,
            "created_by_ref": "identity--00000000-0000-4000-8000-000000000001",
            "object_marking_refs": ["marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"],
        }),
    )
}

fn flaw(n: u32, cve: &str) -> Value {
    object(
        "vulnerability",
        n,
        json!({"name": cve, "description": "Halden Medical Infuse 8 LVP answers anybody."}),
    )
}

struct Exchange {
    server: Server,
    home: tempfile::TempDir,
}

impl Exchange {
    /// Two API roots, one of which is for others; two collections, one of which may not be read.
    fn start() -> Self {
        let server = Server::start();
        server.put("/taxii2/", taxii(json!({"title": "X", "api_roots": ["/api1/", "/staff/"]})));
        server.put("/staff/collections/", Page { status: 403, ..Page::default() });
        server.put("/api1/collections/", taxii(json!({"collections": [
            {"id": "91a7b528-80eb-42ed-a74d-c6fbd5a26116", "title": "Health", "can_read": true, "can_write": false},
            {"id": "52892447-4d7e-4f70-b94d-d7f22742ff63", "title": "Drop box", "can_read": false, "can_write": true},
        ]})));
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("ca.pem"), &server.authority).unwrap();
        std::fs::write(home.path().join("password"), format!("{PASSWORD}\n")).unwrap();
        let sign_in = format!(
            "[sync]\nauthorities = \"ca.pem\"\n[sync.sign_in.isac]\nat = \"{}\"\nuser = \"Aladdin\"\npassword_file = \"password\"\n",
            server.base
        );
        std::fs::write(home.path().join("tallyward.toml"), sign_in).unwrap();
        let exchange = Self { server, home };
        let url = exchange.server.base.clone();
        exchange.run(&["sources", "add", "isac", &url, "--kind", "taxii", "--pause", "0", "--internal"], 0);
        exchange
    }

    fn run(&self, arguments: &[&str], code: i32) -> String {
        let (ended, text) = tallyward(self.home.path(), arguments);
        assert_eq!(ended, Some(code), "{text}");
        text
    }

    fn sync(&self, code: i32) -> String {
        self.run(&["sources", "sync"], code)
    }

    fn letters(&self) -> Vec<Value> {
        serde_json::from_str::<Vec<Value>>(&self.run(&["--json", "letters", "list"], 0)).unwrap()
    }
}

fn tallyward(home: &std::path::Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_tallyward"))
        .current_dir(home)
        .args(["--data", "d"])
        .args(arguments)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    println!("$ {arguments:?}\n{}{errors}", text.get(..2_000).unwrap_or(&text));
    assert!(!text.contains(PASSWORD) && !errors.contains(PASSWORD), "a secret is shown");
    (output.status.code(), text)
}

#[test]
fn reports_come_in_as_letters_page_by_page_and_the_next_run_goes_on() {
    let exchange = Exchange::start();
    let server = &exchange.server;
    // The example of RFC 7617 clause 2.
    server.lock("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    let (one, two) = (flaw(3, "CVE-2026-11111"), flaw(4, "CVE-2026-22222"));
    let who = object("identity", 1, json!({"name": "Made-up Health Exchange"}));
    let indicator = |n| object("indicator", n, json!({"pattern": "[ipv4-addr:value = '192.0.2.1']"}));
    let first = json!({"more": true, "next": "p 2&x", "objects": [report(2, "Pumps", &[&one]), indicator(1), indicator(2)]});
    let second = json!({"objects": [one, who, object("malware", 1, json!({"name": "m"}))]});
    server.put(&format!("{C1}?limit=500"), objects(first, "2026-10-01T10:00:00.000000Z"));
    server.put(&format!("{C1}?limit=500&next=p+2%26x"), objects(second, "2026-10-01T10:00:00.500000Z"));
    let told = exchange.sync(0);
    assert!(told.contains("isac: 6 looked at, 1 new, 0 changed, 0 unchanged, 0 refused"), "{told}");
    assert!(told.contains("left, being for those who watch networks: 2 indicator, 1 malware"), "{told}");
    assert_eq!(server.said().1, TYPE);

    let letters = exchange.letters();
    assert_eq!(letters.len(), 1);
    let letter = &letters[0];
    assert_eq!((&letter["subject"], &letter["sender"]), (&json!("Pumps"), &json!("Made-up Health Exchange")));
    assert_eq!((&letter["form"], &letter["tlp"]), (&json!("stix"), &json!("TLP:AMBER")));
    assert_eq!((&letter["cves"], &letter["state"]), (&json!(["CVE-2026-11111"]), &json!("unsaid")));
    let list: Value = serde_json::from_str(&exchange.run(&["--json", "sources", "list"], 0)).unwrap();
    assert_eq!(list[0]["passed_over"], json!([["indicator", 2], ["malware", 1]]));
    let notes = list[0]["notes"].to_string();
    assert!(notes.contains("Drop box") && notes.contains("/staff/collections/ answers 403"), "{notes}");

    // Only what was added since is asked for; who wrote it is known from before.
    let since = format!("{C1}?limit=500&added_after=2026-10-01T10%3A00%3A00.500000Z");
    server.put(
        &since,
        objects(json!({"objects": [report(5, "Monitors", &[&two]), two]}), "2026-10-02T10:00:00.000000Z"),
    );
    server.asked();
    assert!(exchange.sync(0).contains("2 looked at, 1 new"));
    assert!(server.asked().contains(&since));
    let monitors = exchange.letters().into_iter().find(|one| one["subject"] == "Monitors").unwrap();
    assert_eq!(monitors["sender"], "Made-up Health Exchange");
    server.put(&format!("{C1}?limit=500&added_after=2026-10-02T10%3A00%3A00.000000Z"), taxii(json!({})));
    assert!(exchange.sync(0).contains("0 looked at, 0 new"));
    assert_eq!(exchange.run(&["doctor"], 1).matches("1 of 1 up to date").count(), 1);

    // Everything once more: what is held counts once.
    let told = exchange.run(&["sources", "sync", "--again"], 0);
    assert!(told.contains("6 looked at, 0 new, 0 changed, 1 unchanged"), "{told}");

    // A label holds for what is written of the letter.
    let id = letter["id"].as_str().unwrap();
    let mut writing: Value =
        serde_json::from_str(&exchange.run(&["written", "new", "--letter", id], 0)).unwrap();
    assert_eq!(writing["tlp"], "AMBER");
    let file = exchange.home.path().join("w.json");
    let mut save = |tlp: &str, code| {
        writing["tlp"] = json!(tlp);
        std::fs::write(&file, writing.to_string()).unwrap();
        exchange.run(&["written", "save", "w.json"], code)
    };
    save("GREEN", 3);
    save("AMBER+STRICT", 0);

    // Whoever signs in wrongly is told what is missing, and nothing of the secret.
    server.lock("Basic c29tZWJvZHk6ZWxzZQ==");
    let refused = exchange.sync(4);
    assert!(refused.contains("answers 401: it wants to know who asks"), "{refused}");
    assert!(exchange.run(&["doctor"], 1).contains(&format!("isac at {}", server.base)));
    std::fs::remove_file(exchange.home.path().join("password")).unwrap();
    assert!(exchange.run(&["doctor"], 1).contains("sync.sign_in.isac: its file cannot be read"));
    assert!(exchange.sync(4).contains("its sign-in cannot be read from password"));
}

#[test]
fn a_run_that_is_cut_loses_nothing() {
    let exchange = Exchange::start();
    let server = &exchange.server;
    let one = flaw(3, "CVE-2026-11111");
    let first = json!({"more": true, "next": "2", "objects": [report(2, "Pumps", &[&one])]});
    server.put(&format!("{C1}?limit=500"), objects(first, "2026-10-01T10:00:00.000000Z"));
    server.put(&format!("{C1}?limit=500&next=2"), Page { status: 503, ..Page::default() });
    let cut = exchange.sync(4);
    assert!(cut.contains("1 looked at, 1 new") && cut.contains("answers 503"), "{cut}");
    // What was added at the same instant as the last object that came is asked for again.
    let on = format!("{C1}?limit=500&added_after=2026-10-01T09%3A59%3A59Z");
    server.put(
        &on,
        objects(json!({"objects": [report(2, "Pumps", &[&one]), one]}), "2026-10-01T10:00:00.000000Z"),
    );
    let told = exchange.sync(0);
    assert!(told.contains("2 looked at, 0 new, 1 changed"), "{told}");
    assert!(told.contains("another version of it, or more that belongs to it, came"), "{told}");
    let letters = exchange.letters();
    assert_eq!(letters.len(), 2);
    assert!(letters.iter().any(|one| one["cves"] == json!(["CVE-2026-11111"])), "the flaw is told of");
}

#[test]
fn circles_and_wrong_answers_end_a_run_and_are_told() {
    let exchange = Exchange::start();
    let server = &exchange.server;
    let first = format!("{C1}?limit=500");
    let circle = json!({"more": true, "next": "2", "objects": [flaw(3, "CVE-2026-11111")]});
    server.put(&first, taxii(circle.clone()));
    server.put(&format!("{first}&next=2"), taxii(circle));
    server.asked();
    let told = exchange.sync(4);
    assert!(told.contains("leads in a circle") && told.contains("1 new"), "{told}");
    assert!(server.asked().len() < 7);

    server.put(&first, taxii(json!({"more": true, "objects": []})));
    assert!(exchange.sync(4).contains("has more objects and does not say how to ask for them"));
    server.put(&first, Page::of("{\"objects\":[]}"));
    assert!(exchange.sync(4).contains("which is not TAXII 2.1"));
    server.put(&first, Page { status: 406, ..Page::default() });
    assert!(exchange.sync(4).contains("answers 406: it does not speak TAXII 2.1"));

    // A page that cannot be read is refused and listed until it can.
    let mut broken = taxii(json!({}));
    broken.body = b"{\"objects\":[{\"type\":".to_vec();
    server.put(&first, broken);
    let told = exchange.sync(4);
    assert!(told.contains("1 refused") && told.contains("no STIX objects"), "{told}");
    assert!(exchange.run(&["sources", "list"], 0).contains("isac refused "));
    server.put(&first, taxii(json!({"objects": [7, {"type": "report", "id": "nonsense"}]})));
    exchange.sync(0);
    let list: Value = serde_json::from_str(&exchange.run(&["--json", "sources", "list"], 0)).unwrap();
    assert_eq!((list[0]["health"].as_str(), list[0]["refused"].as_array().unwrap().len()), (Some("good"), 0));
    assert!(list[0]["notes"].to_string().contains("a report whose id is"), "{}", list[0]["notes"]);

    // An API root elsewhere is not asked for with what this host was given, nor one that stands inside unasked.
    exchange.run(&["sources", "remove", "isac"], 0);
    exchange.run(&["sources", "add", "isac", &exchange.server.base, "--kind", "taxii"], 0);
    assert!(exchange.sync(4).contains("not a public address"));
}

/// Runs `medallion`, the server OASIS publishes, over TLS with a certificate made here.
const MEDALLION: &str = "import json, sys\n\
    from medallion import application_instance as app, set_config, register_blueprints\n\
    config = json.load(open('medallion.json'))\n\
    [set_config(app, part, config) for part in ('users', 'taxii', 'backend')]\n\
    register_blueprints(app)\n\
    app.run(host='127.0.0.1', port=int(sys.argv[1]), ssl_context=('ca.pem', 'key.pem'))\n";

/// Adds objects as a member would.
const ADD: &str = "import base64, ssl, sys, urllib.request\n\
    head = {'Accept': 'application/taxii+json;version=2.1', 'Content-Type': 'application/taxii+json;version=2.1',\n\
    'Authorization': 'Basic ' + base64.b64encode(b'Aladdin:open sesame').decode()}\n\
    to = urllib.request.Request(sys.argv[1], sys.argv[2].encode(), head)\n\
    print(urllib.request.urlopen(to, context=ssl.create_default_context(cafile='ca.pem')).status)\n";

#[test]
fn the_server_of_oasis_is_read_page_by_page() {
    let python = |code: &str| Command::new("python3").args(["-c", code]).output();
    if !python("import medallion").is_ok_and(|output| output.status.success()) {
        tallyward_core::testkit::skipped("python3 with the module medallion is not installed");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| std::fs::write(home.path().join(name), text).unwrap();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    put("ca.pem", &made.cert.pem());
    put("key.pem", &made.signing_key.serialize_pem());
    put("password", PASSWORD);
    let port = free_port();
    let base = format!("https://localhost:{port}");

    // Seven pages of 20: reports and their flaws among indicators. The server names every page alike.
    let who = object("identity", 1, json!({"name": "Made-up Health Exchange"}));
    let mut objects = vec![who];
    for n in 0..60_u32 {
        let one = flaw(n, &format!("CVE-2026-{:05}", 10_000 + n));
        objects.push(report(n, &format!("Report {n}"), &[&one]));
        objects.push(one);
    }
    objects.extend((0..15).map(|n| object("indicator", n, json!({"pattern": "x"}))));
    let manifest: Vec<Value> = objects
        .iter()
        .enumerate()
        .map(|(at, one)| {
            let added = format!("2026-10-01T10:{:02}:{:02}.000000Z", at / 60, at % 60);
            json!({"id": one["id"], "date_added": added, "version": one["modified"], "media_type": "application/stix+json;version=2.1"})
        })
        .collect();
    let count = objects.len();
    let data = json!({
        "/discovery": {"title": "T", "default": format!("{base}/api1/"), "api_roots": [format!("{base}/api1/")]},
        "api1": {
            "information": {"title": "A", "versions": [TYPE], "max_content_length": 9_765_625},
            "status": [],
            "collections": [{"id": "91a7b528-80eb-42ed-a74d-c6fbd5a26116", "title": "Health", "can_read": true, "can_write": true,
                "media_types": ["application/stix+json;version=2.1"], "objects": objects, "manifest": manifest}],
        },
    });
    put("data.json", &data.to_string());
    let backend = json!({"module": "medallion.backends.memory_backend", "module_class": "MemoryBackend", "filename": "data.json"});
    let config = json!({"backend": backend, "users": {"Aladdin": PASSWORD}, "taxii": {"max_page_size": 20}});
    put("medallion.json", &config.to_string());
    put(
        "tallyward.toml",
        &format!(
            "[sync]\nauthorities = \"ca.pem\"\n[sync.sign_in.isac]\nat = \"{base}\"\nuser = \"Aladdin\"\npassword_file = \"password\"\n"
        ),
    );
    let mut command = Command::new("python3");
    command.current_dir(home.path()).args(["-c", MEDALLION, &port.to_string()]);
    let _server = Running::start(command);
    eventually("the TAXII server", || std::net::TcpStream::connect(("127.0.0.1", port)).ok());

    let sync = || {
        let output = tallyward(home.path(), &["sources", "sync"]);
        assert_eq!(output.0, Some(0), "{}", output.1);
        output.1
    };
    tallyward(
        home.path(),
        &["sources", "add", "isac", &base, "--kind", "taxii", "--pause", "0", "--internal"],
    );
    let told = sync();
    assert!(
        told.contains(&format!("isac: {count} looked at, 60 new, 0 changed, 0 unchanged, 0 refused")),
        "{told}"
    );
    assert!(told.contains("15 indicator"), "{told}");
    assert!(sync().contains("0 looked at, 0 new"), "it goes on where the last run ended");
    let letters: Vec<Value> =
        serde_json::from_str(&tallyward(home.path(), &["--json", "letters", "list"]).1).unwrap();
    assert!(
        letters.iter().all(|one| one["sender"] == "Made-up Health Exchange" && one["tlp"] == "TLP:AMBER")
    );
    assert!(letters.iter().all(|one| one["cves"].as_array().is_some_and(|cves| cves.len() == 1)));

    let more = json!({"objects": [report(900, "Another", &[])]}).to_string();
    let added = Command::new("python3")
        .current_dir(home.path())
        .args(["-c", ADD, &format!("{base}{C1}"), &more])
        .output()
        .unwrap();
    assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    assert!(sync().contains("1 looked at, 1 new"));
}
