//! Hand-made cases for the traps that real advisories hold, and regressions, each naming its cause.

use ClauseVerdict::{Affected, NotAffected, Unknown};
use tallyward_versions::{Clause, ClauseVerdict, DateKind, Facts, Missing, Quality};

fn at(clause: &str, version: &str) -> ClauseVerdict {
    Clause::parse(clause).decide(&Facts { version: Some(version), ..Facts::default() }).verdict
}

fn all(clause: &str, cases: &[(&str, ClauseVerdict)]) {
    for (version, expected) in cases {
        assert_eq!(at(clause, version), *expected, "{clause:?} and {version:?}");
    }
}

#[test]
fn an_all_type_with_a_bound_is_read_as_the_bound() {
    let clause = Clause::parse("vers:all/<=4.1");
    assert_eq!(clause.quality(), Quality::Tolerant);
    assert!(clause.notes()[0].contains("allows only `*`"), "{:?}", clause.notes());
    assert!(!clause.covers_everything());
    all("vers:all/<=4.1", &[("4.1", Affected), ("4.2", NotAffected)]);
    assert!(Clause::parse("vers:all/*").covers_everything());
}

#[test]
fn dotted_parts_are_integers() {
    all("< 4.4", &[("4.12", NotAffected), ("4.3", Affected)]);
    all("<= BN9", &[("BN10", NotAffected), ("BN8", Affected)]);
    all("<= 8.9", &[("8.10", NotAffected)]);
}

#[test]
fn leading_zeros_that_turn_the_answer_are_unknown() {
    all("<= 2.01", &[("2.00", Affected), ("2.0.3", Unknown), ("2.1", Unknown), ("3.0", NotAffected)]);
    all("< 2.01", &[("2.003", Unknown)]);
    all("2.01", &[("2.0.1", Unknown), ("2.01", Affected)]);
}

#[test]
fn a_version_finer_than_an_inclusive_bound_is_unknown() {
    all("<= 1.52", &[("1.52.01", Unknown), ("1.52A", Unknown), ("1.52 SP1", Unknown), ("1.52.0", Affected)]);
    all("< 1.52", &[("1.52.01", NotAffected), ("1.51.99", Affected)]);
    all("1.1.3 Build 10", &[("1.1.3", Unknown), ("1.1.3 MR Build 10", Unknown), ("1.1.4", NotAffected)]);
    all(">= 2.5", &[("2", Unknown), ("2.5.1", Affected), ("1", NotAffected)]);
    all("> 2.0", &[("2", Unknown)]);
}

#[test]
fn a_list_settles_depth_only_where_it_goes_that_deep() {
    all("4.20 | 4.20 SR1 | 4.30", &[("4.20 SR2", NotAffected), ("4.30 SR1", Unknown), ("4.20", Affected)]);
}

#[test]
fn a_pipe_is_and_or_or_or_nobody_knows() {
    all(">= 4.01 | <= 4.34", &[("4.07", Affected), ("4.51", NotAffected), ("3", NotAffected)]);
    all("<= U61 |<= L81", &[("U62", NotAffected), ("L75", Affected), ("M10", Unknown), ("61", Unknown)]);
    all("<= 3.1 | <= 4.2", &[("3.0", Affected), ("3.5", Unknown), ("4.3", NotAffected)]);
    all(">= 5.0 | <= 3.0", &[("4", NotAffected), ("6", Unknown)]);
    all("4.1 | R5.0", &[("5.0", Unknown)]);
}

#[test]
fn a_condition_leaves_unknown_unless_the_version_excludes() {
    all("<= 1.54 (integrated into GE MobileLink)", &[("1.50", Unknown), ("1.55", NotAffected)]);
    all("4.1 running on Windows 7", &[("4.1", Unknown), ("4.2", NotAffected)]);
    let clause = Clause::parse("<= 1.54 (integrated into GE MobileLink)");
    let facts = Facts { version: Some("1.50"), component: Some("GE MobileLink"), ..Facts::default() };
    assert_eq!(clause.decide(&facts).verdict, Affected);
}

#[test]
fn a_bracket_that_widens_is_for_a_person() {
    for text in
        ["4.1 (including 5.0)", "4.1 (and later)", "4.1 (also 5.x)", "all versions except 4.1", "not 4.1"]
    {
        assert_eq!(Clause::parse(text).quality(), Quality::NeedsPerson, "{text}");
        assert_eq!(at(text, "5.0"), Unknown, "{text}");
    }
}

#[test]
fn a_model_in_the_version_field_meets_only_the_model() {
    let decide = |clause: &str, product: Option<&str>, version: Option<&str>, model: Option<&str>| {
        Clause::parse(clause).decide(&Facts { product, version, model, ..Facts::default() }).verdict
    };
    let paradigm = "MMT-523(K) / MMT-723(K) Paradigm";
    assert_eq!(decide(paradigm, Some("MMT-503 Remote Controller"), Some("2.1"), Some("MMT-503")), Unknown);
    assert_eq!(decide(paradigm, None, None, Some("MMT-723K")), Affected);
    assert_eq!(
        decide("882300 Gemini 16 Slice", Some("Gemini PET/CT Family"), None, Some("882160")),
        NotAffected
    );
    assert_eq!(
        decide("882300 Gemini 16 Slice", Some("Gemini PET/CT Family"), None, Some("Gemini TF")),
        Unknown
    );
    assert_eq!(decide("882300 Gemini 16 Slice", None, Some("882300"), None), Unknown);
    // A trade name of another shape than the catalogue number proves nothing.
    assert_eq!(decide("882300 Gemini 16 Slice", Some("Gemini PET/CT Family"), None, Some("V60")), Unknown);
    assert_eq!(decide("v8.x model 35700BAX2", Some("Baxter Spectrum"), Some("8.1"), None), Unknown);
    assert_eq!(decide("v8.x model 35700BAX2", Some("Baxter Spectrum"), Some("6.1"), None), NotAffected);
    assert_eq!(
        decide("v8.x model 35700BAX2", Some("Baxter Spectrum"), Some("8.1"), Some("35700BAX2")),
        Affected
    );
    assert_eq!(
        decide("v6.x model 35700BAX", Some("Baxter Spectrum"), Some("6.1"), Some("35700BAX2")),
        Unknown
    );
    assert_eq!(decide("Product ID/Reorder number 19191 | 40160", None, Some("2.1"), Some("40160")), Affected);
}

#[test]
fn labelled_parts_are_all_required() {
    let clause = Clause::parse("Version A, Firmware A.03.09, Part #: M8096-67501");
    let facts = Facts { version: Some("A.03.09"), hardware_version: Some("A"), ..Facts::default() };
    assert_eq!(clause.decide(&facts).verdict, Unknown, "the part number is open");
    assert_eq!(clause.decide(&Facts { model: Some("M8096-67501"), ..facts }).verdict, Affected);
    assert_eq!(clause.decide(&Facts { hardware_version: Some("B"), ..facts }).verdict, NotAffected);
    assert_eq!(
        clause.decide(&Facts { hardware_version: None, ..facts }).missing,
        Some(Missing::HardwareVersion)
    );
    let clause = Clause::parse("Version B, Firmware A.01.09, Part #: N/A (Replaced by Version C)");
    let facts = Facts { version: Some("A.01.09"), hardware_version: Some("B"), ..Facts::default() };
    assert_eq!(clause.decide(&facts).verdict, Affected);
}

/// Cause: "and" between two labels once made a list, so that software "B" would have been affected.
#[test]
fn labels_joined_by_and_are_required_too() {
    let clause = Clause::parse("Software version 2.0 and hardware revision B");
    let facts = Facts { version: Some("2.0"), hardware_version: Some("C"), ..Facts::default() };
    assert_eq!(clause.decide(&facts).verdict, NotAffected);
    assert_eq!(clause.decide(&Facts { hardware_version: Some("B"), ..facts }).verdict, Affected);
    assert_eq!(at("Hardware revision B", "B"), Unknown);
}

#[test]
fn dates_meet_dates_of_their_kind_only() {
    let decide = |clause: &str, date: &str, date_kind: Option<DateKind>| {
        Clause::parse(clause).decide(&Facts { date: Some(date), date_kind, ..Facts::default() }).verdict
    };
    let shipped = "distributed  < april 1, 2018";
    assert_eq!(decide(shipped, "2018-03-31", Some(DateKind::Distributed)), Affected);
    assert_eq!(decide(shipped, "2018-04-01", None), NotAffected);
    assert_eq!(decide(shipped, "2018-04-19", Some(DateKind::Manufactured)), Unknown);
    assert_eq!(decide(shipped, "2018", None), Unknown);
    // The clause does not say what happened on the date; the device was shipped after it, but may be older.
    assert_eq!(decide("<  july 1 2017", "2017-08-01", Some(DateKind::Distributed)), Unknown);
    assert_eq!(decide("<  july 1 2017", "2017-08-01", Some(DateKind::Manufactured)), NotAffected);
    assert_eq!(decide("manufactured before May 2019", "2019-04-30", None), Affected);
    assert_eq!(decide("< 8/3/2024", "2024-05-01", None), Unknown);
    assert_eq!(decide("prior to 10/2018", "2018-10-01", None), NotAffected);
    assert_eq!(decide("< July 1", "2017-01-01", None), Unknown, "no year");
    assert_eq!(decide("< 4.1", "2017-01-01", None), Unknown);
    assert_eq!(at("<8/30/2024", "9.1"), Unknown);
}

#[test]
fn prose_bounds() {
    for text in [
        "2.3 and below",
        "2.3 and prior versions",
        "2.3 or earlier",
        "up to and including 2.3",
        "<= 2.3",
        "≤2.3",
    ] {
        all(text, &[("2.3", Affected), ("2.2", Affected), ("2.4", NotAffected)]);
    }
    for text in
        ["prior to 2.3", "before version 2.3", "All versions prior to 2.3", "versions earlier than 2.3"]
    {
        all(text, &[("2.3", NotAffected), ("2.2", Affected)]);
    }
    for text in ["2.3 and above", "2.3 or later", "2.3+", "from 2.3", ">=2.3"] {
        all(text, &[("2.3", Affected), ("2.2", NotAffected)]);
    }
    for text in ["2.3 through 2.5", "2.3 - 2.5", "between 2.3 and 2.5", "from 2.3 to 2.5", ">= 2.3, <= 2.5"] {
        all(text, &[("2.2", NotAffected), ("2.3", Affected), ("2.5", Affected), ("2.6", NotAffected)]);
    }
}

#[test]
fn hostile_version_cells_never_exclude() {
    for cell in [
        "",
        " ",
        "N/A",
        "unknown",
        "-",
        "see label",
        "4,1",
        "9.1 / 2.0",
        "9.1/2.0",
        "9.1 2.0",
        "v9 or v2",
        "> 9",
        "9?",
        "2017-06-30",
        "30.06.2017",
        "123456789",
        "R9.1",
        "9.x / 2",
        "SN 99812",
        "2 units",
        "9.1 (fixed)",
        "\u{ff19}.1",
        "\"9.1\"",
        "=9.1",
        "9.1;2.0",
        "A",
        "Rev. B",
        "HW 9",
        "4.1rc1",
        "4.x",
        "*",
        "x",
        "9..1",
        "9.1-9.3",
    ] {
        assert_eq!(at("<= 4.1", cell), Unknown, "{cell:?}");
    }
    for cell in ["v 4.1 ", "SW 4.1", "Version: 4.1", "ver.4.1", "4.1.0", "FW 4.1", "V4.1"] {
        assert_eq!(at("<= 4.1", cell), Affected, "{cell:?}");
    }
    all(
        "<= R4.1L1",
        &[("R4.1L1", Affected), ("R4.1L2", NotAffected), ("R4.1", Affected), ("Rev R4.1L1", Affected)],
    );
}

/// Cause: `4.1/4.2` was cut into the one version 4.1.4.2, and 4.2 came out as not affected.
#[test]
fn a_slash_between_versions_is_for_a_person() {
    for text in ["4.1/4.2", "4.1 / 4.2", "BT02/BT03", "A/B", "4,1", "1.0-2.0", "MX400-550", "BT02-BT06"] {
        assert_eq!(Clause::parse(text).quality(), Quality::NeedsPerson, "{text}");
    }
}

/// Cause: skipping "Release" as an empty word would have made a list of 4.1 and 5.
#[test]
fn an_empty_word_is_dropped_only_at_the_end() {
    assert_eq!(at("version 4.1 only", "4.1"), Affected);
    assert_eq!(Clause::parse("4.1 Release 5").quality(), Quality::NeedsPerson);
}

#[test]
fn words_nobody_taught_it_stop_it() {
    for text in
        ["lot numbers below 1234", "4.1 everywhere", "", " ", "N/A", "X", "<= ", "|", "(4.1", "4.1)", "4.1 |"]
    {
        assert_eq!(Clause::parse(text).quality(), Quality::NeedsPerson, "{text:?}");
        assert_eq!(at(text, "4.1"), Unknown, "{text:?}");
    }
    assert_eq!(Clause::parse(&"4.1 | ".repeat(2000)).quality(), Quality::NeedsPerson);
}

#[test]
fn vers_as_the_specification_has_it() {
    all(
        "vers:generic/1.0|>=1.2|!=1.3|<2.0",
        &[("1.0", Affected), ("1.1", NotAffected), ("1.3", NotAffected), ("1.9", Affected)],
    );
    all(
        "vers:generic/<1.0|>=2.0|<=2.5|>3",
        &[("0.9", Affected), ("1.0", NotAffected), ("2.2", Affected), ("4", Affected)],
    );
    all("vers:none/*", &[("1", NotAffected)]);
    for text in
        ["vers:generic/<1|<2", "vers:datetime/>2020-01-01", "vers:all", "vers:generic/!=2", "vers:oddity/<1"]
    {
        assert_eq!(Clause::parse(text).quality(), Quality::NeedsPerson, "{text}");
    }
}

#[test]
fn words_in_a_version_must_be_the_same() {
    let cases = [("653 MCE 3.1", Affected), ("653 MCE 4.0", NotAffected), ("3.1", Unknown), ("6.5", Unknown)];
    all("653 MCE 3.x", &cases);
    all("<= 6.5", &[("653 MCE 3.1", Unknown), ("7.0 FW 2.0", Unknown)]);
}

#[test]
fn named_versions_leave_components_out() {
    assert_eq!(Clause::parse(">= 4.01 | <= 4.34").named_versions(), ["4.01", "4.34"]);
    assert_eq!(
        Clause::parse("v9.x (with Wireless Battery Module >= v22D19 | <= v22D28)").named_versions(),
        ["v9.x"]
    );
}

#[test]
fn the_missing_fact_is_named() {
    let clause = Clause::parse("v9.x (with Wireless Battery Module >= v22D19 | <= v22D28)");
    let pump = Facts { version: Some("9.1"), ..Facts::default() };
    assert_eq!(clause.decide(&pump).missing, Some(Missing::Component("Wireless Battery Module".into())));
    assert_eq!(clause.decide(&Facts { component_version: Some("v22D20"), ..pump }).verdict, Affected);
    assert_eq!(clause.decide(&Facts { component_version: Some("v22D29"), ..pump }).verdict, NotAffected);
    let other = Facts { component: Some("Docking Station"), component_version: Some("v22D29"), ..pump };
    assert_eq!(clause.decide(&other).verdict, Unknown);
    assert_eq!(Clause::parse("< 4").decide(&Facts::default()).missing, Some(Missing::Version));
    let system = Clause::parse("Windows 10 Professional Operating System U.S. release");
    assert_eq!(system.decide(&Facts::default()).missing, Some(Missing::OperatingSystem));
    let on = |os| system.decide(&Facts { os: Some(os), ..Facts::default() }).verdict;
    assert_eq!(on("Windows 7"), NotAffected);
    assert_eq!(on("Windows 10 Professional"), Unknown);
    assert_eq!(on("Windows NT 6.1"), Unknown);
}

/// Cause: some inventories fill an empty cell with a zero or with the first day of their calendar.
#[test]
fn placeholders_never_exclude() {
    for cell in ["0", "0.0", "0.0.0", "9999"] {
        assert_eq!(at(">= 2.0", cell), Unknown, "{cell}");
        assert_eq!(at("<= 2.0", cell), Unknown, "{cell}");
    }
    for date in ["1900-01-01", "1970-01-01", "2099-12-31"] {
        for text in ["manufactured before May 2019", "manufactured after May 2019"] {
            let facts = Facts { date: Some(date), ..Facts::default() };
            assert_eq!(Clause::parse(text).decide(&facts).verdict, Unknown, "{text} {date}");
        }
    }
}
