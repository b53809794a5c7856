//! One's own files in, an answer out, nothing kept: over real captures, real advisories and a list.

use crate::support::files::{csv_rows, walk};
use crate::support::program::{arg, run};
use serde_json::Value;
use std::path::{Path, PathBuf};
use tallyward_core::testkit::shared;
use tempfile::tempdir;

fn inventory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/inventory.csv")
}

/// The fields named `field` that the program read from `capture`: value and packet number.
fn read(capture: &Path, field: &str) -> Vec<(String, u64)> {
    let home = tempdir().unwrap();
    let ran = run(home.path(), &["read", "--json", arg(capture)]).expect_code(0);
    let lines = ran.lines();
    let fields = lines.iter().flat_map(|line| line["fields"].as_array().unwrap());
    let mut found: Vec<(String, u64)> = fields
        .filter(|one| one["field"] == field)
        .map(|one| {
            let place = one["place"].as_str().unwrap();
            let number = place.strip_prefix("packet ").unwrap_or_else(|| panic!("{one}"));
            (one["value"].as_str().unwrap().to_owned(), number.parse().unwrap())
        })
        .collect();
    found.sort();
    found.dedup();
    found
}

#[track_caller]
fn holds(capture: &Path, field: &str, wanted: &str, packet: u64) {
    let found = read(capture, field);
    assert!(
        found.contains(&(wanted.to_owned(), packet)),
        "{}: {field} {wanted:?} in packet {packet}: {found:?}",
        capture.display()
    );
}

#[test]
fn senders_and_equipment_of_the_hl7_captures() {
    let Some(folder) = shared("pcaps") else { return };
    for (name, application, facility) in [
        ("HL7-ADT", "SENDING_APPLICATION", "SENDING_FACILITY"),
        ("HL7-ADT-UDI-OBX", "SENDING_APPLICATION", "SENDING_FACILITY"),
        ("HL7-ORM", "SendingApp", "SendingFac"),
    ] {
        let capture = folder.join(format!("tapirx__{name}.pcap"));
        holds(&capture, "hl7_application", application, 4);
        holds(&capture, "hl7_facility", facility, 4);
    }
    // The device identifier of OBX-18 is a name here; it is kept as it stands.
    holds(&folder.join("tapirx__HL7-ADT-UDI-OBX.pcap"), "description", "Hospira Plum A+", 4);
}

#[test]
fn titles_and_implementation_of_the_dicom_captures() {
    let Some(folder) = shared("pcaps") else { return };
    for (name, packet) in [("1_find", 1), ("2_get", 2)] {
        let capture = folder.join(format!("tapirx__dicom_arq_{name}_testclient.pcap"));
        holds(&capture, "ae_title", "testclient", 1);
        holds(&capture, "ae_title", "testserver", 1);
        let implementation = "1.2.826.0.1.3680043.9.7133.1.1 GODICOM_1_1";
        holds(&capture, "dicom_implementation", implementation, packet);
    }
}

#[test]
fn host_names_of_the_dhcp_captures() {
    let Some(folder) = shared("pcaps") else { return };
    for (name, host) in [
        ("ndpi__dhcp-fuzz.pcapng", "MK03862"),
        ("sv__dhcp-eve-extended_input.pcap", "nas1"),
        ("tcpdump__dhcp-mud.pcap", "raspberrypi"),
        ("zeek__dhcp_dhcp.pcap", "btest.is.cool"),
        ("zeek__dhcp_dhcp_discover_param_req_and_client_id.pcap", "test0000"),
    ] {
        holds(&folder.join(name), "host_name", host, 1);
    }
}

/// Findings of the device with this asset number, of one advisory.
fn findings<'a>(assessment: &'a Value, tag: &str, advisory: &str) -> Vec<&'a Value> {
    let all = assessment["findings"].as_array().unwrap();
    all.iter()
        .filter(|one| one["name"].as_str().unwrap().ends_with(tag) && one["advisory"] == advisory)
        .collect()
}

#[test]
fn affected_and_unknown_devices_with_reasons_and_nothing_written_elsewhere() {
    let (Some(captures), Some(advisories)) = (shared("pcaps"), shared("icsma")) else { return };
    let (home, out) = (tempdir().unwrap(), tempdir().unwrap());
    let out = out.path().join("answer");
    let list = inventory();
    let args = [
        "assess",
        "--json",
        "--capture",
        arg(&captures),
        "--inventory",
        arg(&list),
        "--advisories",
        arg(&advisories),
        "--out",
        arg(&out),
    ];
    let assessment = run(home.path(), &args).expect_code(0).json();
    assert_eq!(walk(home.path()), Vec::<PathBuf>::new(), "nothing is written but to --out");
    let names: Vec<PathBuf> =
        walk(&out).into_iter().map(|path| path.strip_prefix(&out).unwrap().to_owned()).collect();
    assert_eq!(names, ["assessment.json", "devices.csv", "findings.csv", "worklist.csv"].map(PathBuf::from));

    let intake = &assessment["advisories"];
    assert_eq!(
        (intake["new"].as_array().unwrap().len(), intake["damaged"].as_array().unwrap().len()),
        (60, 0)
    );
    assert_eq!(assessment["unreadable"].as_array().unwrap().len(), 0);
    let report = &assessment["inventory"];
    assert_eq!(
        (&report["rows"], &report["created"], &report["refused_count"]),
        (&13.into(), &12.into(), &1.into())
    );
    assert_eq!(report["refused"][0][0], 14, "the row that names nothing is refused with its line");

    for (tag, advisory, verdict, said) in [
        ("E2E-0001", "ICSMA-20-170-04", "affected", "6.05"),
        ("E2E-0002", "ICSMA-20-170-03", "affected", "3.36"),
        ("E2E-0003", "ICSMA-21-047-01", "affected", "2.2.3"),
        ("E2E-0004", "ICSMA-21-047-01", "not_affected", "3.0.1"),
        ("E2E-0005", "ICSMA-17-017-01", "affected", "every version"),
        ("E2E-0006", "ICSMA-23-194-01", "unknown", "version"),
        ("E2E-0007", "ICSMA-17-255-01", "affected", "B.06.10"),
        ("E2E-0008", "ICSMA-17-255-01", "not_affected", "B.06.57"),
        ("E2E-0009", "ICSMA-22-244-01", "affected", "every version"),
        ("E2E-0010", "ICSMA-21-152-01", "affected", "1.51"),
        ("E2E-0011", "ICSMA-21-152-01", "not_affected", "1.52"),
    ] {
        let found = findings(&assessment, tag, advisory);
        assert!(!found.is_empty(), "{tag} has no finding of {advisory}");
        for finding in found {
            assert_eq!(finding["verdict"], verdict, "{finding}");
            assert!(finding["because"].as_str().unwrap().contains(said), "{said:?}: {finding}");
            let missing = finding["missing"].as_str().is_some_and(|missing| !missing.is_empty());
            assert_eq!(missing, verdict == "unknown", "{finding}");
        }
    }
    // A maker that no advisory speaks of has no findings at all, and that is not called "not affected".
    let all = assessment["findings"].as_array().unwrap();
    assert!(all.iter().all(|one| !one["name"].as_str().unwrap().ends_with("E2E-0012")));
    // What the wire says of itself is judged too: the scanner of a capture, by the model in its images.
    assert!(all.iter().any(|one| one["name"].as_str().unwrap().contains("BrightSpeed Elite Select")));

    let (header, rows) = csv_rows(&std::fs::read(out.join("findings.csv")).unwrap());
    assert_eq!(rows.len(), all.len());
    let because = header.iter().position(|name| name == "because").unwrap();
    assert!(rows.iter().all(|row| !row[because].is_empty()));
    let written: Value =
        serde_json::from_slice(&std::fs::read(out.join("assessment.json")).unwrap()).unwrap();
    assert_eq!(written["findings"], assessment["findings"]);
    let remarks = std::fs::read(out.join("devices.csv")).unwrap();
    assert!(!String::from_utf8_lossy(&remarks).contains("squeaks"), "an unmapped column is not copied");
}

#[test]
fn the_table_for_people_says_the_same() {
    let Some(advisories) = shared("icsma") else { return };
    let home = tempdir().unwrap();
    let list = inventory();
    let ran = run(home.path(), &["assess", "--inventory", arg(&list), "--advisories", arg(&advisories)])
        .expect_code(0);
    for part in ["AFFECTED", "UNKNOWN", "E2E-0001", "ICSMA-20-170-04", "find out: software version", "60 new"]
    {
        assert!(ran.out.contains(part), "{part:?} in\n{}", ran.out);
    }
    assert_eq!(walk(home.path()), Vec::<PathBuf>::new());
}

#[test]
fn a_damaged_advisory_is_named_and_the_rest_is_judged() {
    let Some(advisories) = shared("icsma") else { return };
    let home = tempdir().unwrap();
    let folder = tempdir().unwrap();
    for path in walk(&advisories).into_iter().take(5) {
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(folder.path().join(path.file_name().unwrap()), bytes).unwrap();
    }
    std::fs::write(folder.path().join("broken.json"), "{\"document\": {\n  \"title\": ").unwrap();
    let list = inventory();
    let args = ["assess", "--json", "--inventory", arg(&list), "--advisories", arg(folder.path())];
    let answer = run(home.path(), &args).expect_code(3).json();
    let damaged = answer["advisories"]["damaged"].as_array().unwrap();
    assert_eq!((answer["advisories"]["new"].as_array().unwrap().len(), damaged.len()), (5, 1));
    assert_eq!(damaged[0]["file"], "broken.json");
    assert!(damaged[0]["place"].as_str().unwrap().contains("line 2"), "{}", damaged[0]);
}
