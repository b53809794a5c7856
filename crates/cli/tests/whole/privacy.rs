//! No patient in anything the program keeps: names, birth dates and numbers on the wire, and free text in lists.

use crate::support::files::{found, walk};
use crate::support::house::{House, hospital, import_list};
use crate::support::program::{Ran, arg, run};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tallyward_app::Who;
use tallyward_core::testkit::shared;
use tallyward_lab::{CANARY_BIRTH, CANARY_ID, CANARY_NAME, CANARY_NOTE};
use tallyward_store::SqliteStore;
use tempfile::tempdir;

/// What must never be kept: the lab's patient, and whoever notes in the list speak of.
const LAB: [&str; 6] = [CANARY_NAME.0, CANARY_NAME.1, CANARY_ID, CANARY_BIRTH, "1947-02-29", CANARY_NOTE];
/// Patients of real captures: those of HL7 messages and of DICOM images.
const REAL: [&str; 7] =
    ["PHANTOM", "PH0001", "CompressedSamples", "MOUSE^MICKEY", "135769", "19281118", "ohtoodles"];

/// Every file of `folders` but those below `inputs`, with what it holds of the patients.
fn leaks(folders: &[&Path], inputs: &[&Path], texts: &[&str]) -> Vec<(PathBuf, Vec<String>)> {
    let mut leaks = Vec::new();
    let mut looked = 0;
    for path in folders.iter().flat_map(|folder| walk(folder)) {
        if inputs.iter().any(|input| path.starts_with(input)) {
            continue;
        }
        looked += 1;
        let names = found(path.as_os_str().as_encoded_bytes(), texts);
        let held = found(&std::fs::read(&path).unwrap(), texts);
        let all: Vec<String> = held.into_iter().chain(names).map(str::to_owned).collect();
        if !all.is_empty() {
            leaks.push((path, all));
        }
    }
    assert!(looked > 0, "there is something to look at");
    leaks
}

#[track_caller]
fn clean(ran: &Ran, texts: &[&str]) {
    for text in [&ran.out, &ran.err] {
        assert_eq!(found(text.as_bytes(), texts), Vec::<&str>::new(), "{text}");
    }
}

#[test]
fn nothing_of_a_patient_is_kept() {
    let home = tempdir().unwrap();
    let here = home.path();
    let (input, data, out) = (here.join("input"), here.join("data"), here.join("out"));
    std::fs::create_dir_all(&input).unwrap();
    let lab = hospital(7, 400);
    let (cmms, capture) = (lab.cmms_csv(), lab.capture());
    std::fs::write(input.join("cmms.csv"), &cmms).unwrap();
    std::fs::write(input.join("lab.pcapng"), &capture).unwrap();
    // The patients are there to be found, else this test could not fail.
    assert_eq!(found(&cmms, &LAB), [CANARY_NOTE]);
    assert_eq!(found(&capture, &LAB), [CANARY_NAME.0, CANARY_NAME.1, CANARY_ID, CANARY_BIRTH]);
    let mut captures = vec![input.join("lab.pcapng")];
    let mut texts = LAB.to_vec();
    if let Some(folder) = shared("pcaps") {
        let real =
            ["lab-a.pcap", "tapirx__HL7-ADT.pcap", "tapirx__HL7-ADT-UDI-OBX.pcap", "tapirx__HL7-ORM.pcap"];
        let bytes: Vec<u8> = real.iter().flat_map(|name| std::fs::read(folder.join(name)).unwrap()).collect();
        assert_eq!(found(&bytes, &REAL), REAL);
        captures.extend(real.iter().map(|name| folder.join(name)));
        texts.extend(REAL);
    }

    let data_arg = arg(&data).to_owned();
    let tallyward = |args: &[&str]| run(here, &[&["--data", data_arg.as_str()], args].concat());
    clean(&tallyward(&["import", "list", arg(&input.join("cmms.csv")), "--dry-run"]).expect_code(0), &texts);
    clean(&tallyward(&["import", "list", arg(&input.join("cmms.csv")), "--complete"]).expect_code(0), &texts);
    for capture in &captures {
        clean(&tallyward(&["import", "capture", "--json", arg(capture)]).expect_code(0), &texts);
        clean(&run(here, &["read", "--json", "--flows", arg(capture)]).expect_code(0), &texts);
    }
    for what in ["devices", "cmms", "findings", "worklist"] {
        tallyward(&["export", what, "--out", arg(&out.join(what))]).expect_code(0);
    }
    tallyward(&["backup", arg(&out.join("house.backup"))]).expect_code(0);
    assert_eq!(leaks(&[here], &[&input], &texts), []);
    // The same search does find what is kept on purpose, in the store, the backup and the exports.
    let tag = lab.truth.iter().find(|device| device.listed.is_some()).unwrap().tag.as_str();
    let kept: Vec<PathBuf> = leaks(&[here], &[&input], &[tag]).into_iter().map(|leak| leak.0).collect();
    for path in [data.join("tallyward.db"), out.join("house.backup"), out.join("devices")] {
        assert!(kept.contains(&path), "{tag} in {}: {kept:?}", path.display());
    }

    // While the store is open its log lies beside it; what was written but not yet folded in is looked at too.
    let store = Arc::new(SqliteStore::open(&data.join("tallyward.db")).unwrap());
    let house = House::on(store, "http://127.0.0.1:1");
    let other = hospital(8, 400);
    import_list(&house.app, "other.csv", &other.cmms_csv(), |_| {});
    house.app.read_capture(&Who::program(), "other.pcapng", "sensor-2", &other.capture()).unwrap();
    let log = data.join("tallyward.db-wal");
    assert!(log.metadata().is_ok_and(|log| log.len() > 0), "the log is there to be looked at");
    assert_eq!(leaks(&[here], &[&input], &texts), []);
}

#[test]
fn the_sample_hospital_keeps_no_patient() {
    let home = tempdir().unwrap();
    let demo = home.path().join("demo");
    let ran = run(home.path(), &["demo", "--no-serve", "--dir", arg(&demo)]).expect_code(0);
    clean(&ran, &LAB);
    let sample = demo.join("sample");
    let inputs: Vec<u8> = walk(&sample).iter().flat_map(|path| std::fs::read(path).unwrap()).collect();
    assert_eq!(found(&inputs, &LAB).len(), 5, "the inputs hold the patient and the notes");
    assert!(demo.join("outbox").is_dir() && demo.join("tallyward.db").is_file());
    assert_eq!(leaks(&[home.path()], &[&sample], &LAB), []);
}

#[test]
fn an_assessment_copies_no_patient() {
    let home = tempdir().unwrap();
    let lab = hospital(9, 400);
    let (input, out) = (home.path().join("input"), home.path().join("out"));
    std::fs::create_dir_all(input.join("advisories")).unwrap();
    std::fs::write(input.join("cmms.csv"), lab.cmms_csv()).unwrap();
    std::fs::write(input.join("lab.pcapng"), lab.capture()).unwrap();
    for (name, bytes) in lab.advisories() {
        std::fs::write(input.join("advisories").join(name), bytes).unwrap();
    }
    let (list, capture, advisories) =
        (input.join("cmms.csv"), input.join("lab.pcapng"), input.join("advisories"));
    let args = [
        "assess",
        "--json",
        "--inventory",
        arg(&list),
        "--capture",
        arg(&capture),
        "--advisories",
        arg(&advisories),
        "--out",
        arg(&out),
    ];
    clean(&run(home.path(), &args).expect_code(0), &LAB);
    assert_eq!(leaks(&[home.path()], &[&input], &LAB), []);
}
