//! Serial numbers in clauses: compared with the device's serial number only, and placed only inside one series.

use tallyward_versions::{Clause, ClauseVerdict, Facts, Missing, Quality};

use ClauseVerdict::{Affected, NotAffected, Unknown};

fn ask(clause: &str, serial: &str, version: &str) -> (ClauseVerdict, String, Option<Missing>) {
    let some = |text| Some(text).filter(|text: &&str| !text.is_empty());
    let facts = Facts { serial: some(serial), version: some(version), ..Facts::default() };
    let decision = Clause::parse(clause).decide(&facts);
    (decision.verdict, decision.reason, decision.missing)
}

#[test]
fn spans_lists_and_bounds_are_compared_with_the_serial_number() {
    for (clause, cases) in [
        (
            "serial numbers 1000 to 2000",
            &[
                ("1000", Affected),
                ("2000", Affected),
                ("1500", Affected),
                ("0999", NotAffected),
                ("2001", NotAffected),
            ][..],
        ),
        ("Serial Number: between AB1000 and AB2000", &[("ab1500", Affected), ("AB2001", NotAffected)]),
        ("S/N AB1234 and below", &[("AB1234", Affected), ("AB0001", Affected), ("AB1235", NotAffected)]),
        ("S/N prior to AB1234", &[("AB1233", Affected), ("AB1234", NotAffected)]),
        ("serial no. >= 5000", &[("5000", Affected), ("4999", NotAffected)]),
        ("serial numbers AB1000 - AB2000", &[("AB1500", Affected), ("AB0500", NotAffected)]),
        ("devices with serial numbers 1000 through 2000", &[("1700", Affected), ("2700", NotAffected)]),
        ("SN 1001, 1005 and 1010 to 1020", &[("1005", Affected), ("1015", Affected), ("1006", NotAffected)]),
        // Another prefix, another count of digits, letters behind: nobody says how these go on.
        (
            "serial numbers 1000 to 2000",
            &[("12500", Unknown), ("AB1500", Unknown), ("1500A", Unknown), ("15-00", Unknown)],
        ),
        ("S/N AB1234 and below", &[("AC0001", Unknown), ("1234", Unknown), ("AB-1234", Unknown)]),
        ("S/N 12A", &[("12A", Affected), ("12B", Unknown)]),
        // How a list writes it, and what says nothing.
        (
            "S/N AB1234",
            &[("SN: AB1234", Affected), ("S/N AB1235", NotAffected), ("N/A", Unknown), ("", Unknown)],
        ),
    ] {
        assert_eq!(Clause::parse(clause).quality(), Quality::Tolerant, "{clause}");
        for (serial, expected) in cases {
            let (verdict, reason, missing) = ask(clause, serial, "1500");
            assert_eq!(verdict, *expected, "{clause}: {serial}: {reason}");
            assert_eq!(missing.is_some(), verdict == Unknown);
            if serial.is_empty() || *serial == "N/A" {
                assert_eq!(missing, Some(Missing::Serial), "{clause}");
            }
        }
    }
}

#[test]
fn a_serial_number_and_a_version_are_both_required() {
    for clause in [
        "<= 4.1 with serial numbers 1000 to 2000",
        "<= 4.1 (serial numbers 1000 to 2000)",
        "<= 4.1 (S/N 1000 - 2000)",
        "Software version <= 4.1, serial numbers 1000 to 2000",
    ] {
        for (serial, version, expected) in [
            ("1500", "4.1", Affected),
            ("2500", "4.1", NotAffected),
            ("1500", "4.2", NotAffected),
            ("", "4.2", NotAffected),
            ("", "4.1", Unknown),
            ("1500", "", Unknown),
        ] {
            let (verdict, reason, _) = ask(clause, serial, version);
            assert_eq!(verdict, expected, "{clause}: {serial} {version}: {reason}");
        }
    }
    assert_eq!(ask("<= 4.1 with serial numbers 1000 to 2000", "", "4.1").2, Some(Missing::Serial));
}

#[test]
fn what_binds_what_or_what_a_span_means_is_left_to_a_person() {
    for clause in [
        "serial numbers 1000 to 2000, 4.1",
        "4.1, serial numbers 1000 to 2000",
        "serial numbers 1000 to 2000 | 4.1",
        "serial numbers 1000 | 1001",
        "serial numbers 1000-2000",
        "serial numbers 2000 to 1000",
        "serial numbers AB1000 to CD2000",
        "serial numbers 950 to 1200",
        "serial numbers below 1000 and above",
        "serial numbers",
        "serial numbers 1000 to 2000 except 1500",
        "serial numbers starting with AB12",
        "S/N beginning with 1",
        "serial numbers ABC",
    ] {
        let read = Clause::parse(clause);
        assert_eq!(read.quality(), Quality::NeedsPerson, "{clause}: {read}");
        assert_eq!(ask(clause, "1500", "4.1").0, Unknown, "{clause}");
    }
}
