//! Documents carried from a house with internet to one without.

use std::path::Path;
use std::process::Command;
use tallyward_lab::{Plan, build};

/// What the program said (standard output, then error) and its exit code.
fn run(home: &Path, arguments: &[&str]) -> (String, i32) {
    let output = Command::new(env!("CARGO_BIN_EXE_tallyward"))
        .current_dir(home)
        .args(["--data", "d"])
        .args(arguments)
        .output()
        .unwrap();
    let text =
        [output.stdout, output.stderr].map(|part| String::from_utf8_lossy(&part).into_owned()).concat();
    println!("$ {arguments:?}\n{text}");
    (text, output.status.code().unwrap())
}

fn relabelled(document: &[u8], label: &str) -> Vec<u8> {
    let text = String::from_utf8(document.to_vec()).unwrap();
    assert_eq!(text.matches("\"WHITE\"").count(), 1);
    text.replace("\"WHITE\"", &format!("{label:?}")).into_bytes()
}

#[test]
fn a_bundle_carries_the_documents_to_a_house_that_trusts_its_key() {
    let (sender, reader) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let documents: Vec<(String, Vec<u8>)> = build(&Plan { devices: 5, ..Plan::default() })
        .advisories()
        .into_iter()
        .filter(|(name, _)| name.ends_with(".json"))
        .collect();
    let folder = sender.path().join("in");
    std::fs::create_dir(&folder).unwrap();
    for (at, (name, bytes)) in documents.iter().enumerate() {
        let label = ["WHITE", "GREEN", "AMBER", "RED"][at.min(4) % 4];
        std::fs::write(folder.join(name), relabelled(bytes, label)).unwrap();
    }
    run(sender.path(), &["advisories", "in"]);
    let file = reader.path().join("b.json");
    let (told, _) = run(sender.path(), &["bundle", "write", file.to_str().unwrap()]);
    assert!(told.starts_with("10 documents in "), "{told}");
    assert_eq!(
        (told.matches("left out, TLP:AMBER: ").count(), told.matches("left out, TLP:RED: ").count()),
        (1, 1)
    );

    // Nobody told the reader this key: refused with its fingerprint and the command; another fingerprint does not help.
    let (told, code) = run(reader.path(), &["bundle", "read", "b.json"]);
    assert!(told.contains("a key that is not trusted for bundles: ") && code != 0, "{told}");
    let command = told.split("an administrator trusts it: ").nth(1).unwrap().trim();
    let (told, code) = run(reader.path(), &["bundle", "read", "b.json", "--trust", "0000 1111"]);
    assert!(told.contains("signed by another key than the one you were given") && code != 0);
    let arguments: Vec<&str> = command.split_whitespace().skip(1).collect();
    assert_eq!(run(reader.path(), &arguments).1, 0, "the command it names is the one that trusts");
    let (told, code) = run(reader.path(), &["bundle", "read", "b.json"]);
    assert!(told.contains("10 new, 0 changed, 0 unchanged, 0 damaged") && code == 0, "{told}");
    let (told, _) = run(reader.path(), &["bundle", "read", "b.json"]);
    assert!(told.contains("0 new, 0 changed, 10 unchanged, 0 damaged"), "{told}");

    // The bytes are carried on as they came; what is amber stays within the organisation, what is red goes nowhere.
    let (told, _) = run(reader.path(), &["bundle", "write", "again.json"]);
    assert!(told.starts_with("10 documents in "), "{told}");
    let (told, _) = run(sender.path(), &["bundle", "write", "own.json", "--same-organisation"]);
    assert!(told.starts_with("11 documents in ") && told.contains("left out, TLP:RED: "), "{told}");

    // A byte of it changed: refused whole.
    let text =
        std::fs::read_to_string(&file).unwrap().replacen("tallyward bundle 1", "tallyward bundle 2", 1);
    std::fs::write(reader.path().join("bad.json"), text).unwrap();
    let (told, code) = run(reader.path(), &["bundle", "read", "bad.json"]);
    assert!(told.contains("the signature does not fit") && code != 0, "{told}");

    // Once its key is trusted no more, its bundles are not read.
    let key = arguments.last().unwrap();
    run(reader.path(), &["bundle", "distrust", key]);
    assert!(run(reader.path(), &["bundle", "read", "b.json"]).0.contains("not trusted for bundles"));
    assert!(
        run(reader.path(), &["audit", "verify"]).0.contains("whole")
            || run(reader.path(), &["doctor"]).0.contains("whole")
    );
}
