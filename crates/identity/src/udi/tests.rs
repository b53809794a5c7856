//! What must hold of the reader: the published vectors, and laws.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

const TODAY: Today = Today::from_year(2026);

fn vectors() -> Vec<serde_json::Value> {
    let Some(path) = tallyward_core::testkit::shared("udi/udi_vectors.jsonl") else { return Vec::new() };
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn all_vectors_are_right() {
    for vector in vectors() {
        let read = serde_json::to_value(parse(vector["input"].as_str().unwrap(), TODAY)).unwrap();
        assert_eq!(read["input"], vector["input"]);
        assert_eq!(read["valid"], vector["valid"], "{vector}\n{read}");
        assert_eq!(read["error"], vector["error"], "{vector}\n{read}");
        for (name, value) in vector["expected"].as_object().into_iter().flatten() {
            assert_eq!(&read[name], value, "{}: {name}\n{read}", vector["id"]);
        }
    }
}

#[test]
fn a_bad_check_is_reported_with_the_fields() {
    let read = parse("(01)99863313444316(17)220101(10)M320(21)AC221", TODAY);
    assert!(!read.valid);
    assert_eq!(read.di.as_deref(), Some("99863313444316"));
    assert_eq!(read.serial.as_deref(), Some("AC221"));
    let read = parse("+A123BJC5D6E71H", TODAY);
    assert_eq!((read.valid, read.di.as_deref()), (false, Some("A123BJC5D6E71")));
    assert_eq!(
        read.error_detail.as_deref(),
        Some("the check of the HIBCC data is \"H\", but the rest gives \"G\"")
    );
}

#[test]
fn only_a_faultless_serial_is_a_key() {
    assert!(parse("(01)00614141999996(21)S1", TODAY).key().is_some());
    for text in ["(01)00614141999997(21)S1", "(01)00614141999996(21)0000", "(01)00614141999996(10)L1"] {
        assert_eq!(parse(text, TODAY).key(), None, "{text}");
    }
}

#[test]
fn faults_name_their_place() {
    let code = |text: &str| parse(text, TODAY).error.map(|error| error.code());
    let detail = |text: &str| parse(text, TODAY).error_detail.unwrap_or_default();
    assert!(detail("010061414199999605").contains("character 17"));
    assert!(detail("(01)00614141999996(77)A").contains("\"77\" at character 20"));
    assert_eq!(code("(01)00614141999996(77)A"), Some("unknown_identifier"));
    assert_eq!(code("]d20100614141999996\u{1d}\u{1d}17280229\u{1d}"), None);
    assert_eq!(code("]E04006501003638"), Some("not_a_udi"));
    assert_eq!(code("]d20100614141"), Some("value_too_short"));
    assert_eq!(code("]d21728022910AB"), Some("no_device_identifier"));
    assert_eq!(code("(01)00614141999996(21)A B"), Some("character_not_allowed"));
    assert_eq!(code("(01)00614141999996(21)A(21)B"), Some("repeated"));
    assert_eq!(code("=SUM(A1:A9)"), Some("not_a_udi"));
    assert_eq!(code("=/A9999XYZ100T0474=,000000"), Some("serial_reserved"));
    assert_eq!(code("=+06000=/A9999XYZ100T0476=,000025"), Some("compound_incomplete"));
    assert_eq!(code("++A999MODELIDENTIFIER11S8"), Some("not_a_udi"));
    assert_eq!(code(&"1".repeat(5000)), Some("input_too_long"));
    assert_eq!(code("Baxter"), Some("not_a_udi"));
    assert_eq!(code("\u{1d}"), Some("no_device_identifier"));
}

#[test]
fn values_about_people_are_checked_and_dropped() {
    let read = parse("]d20100614141999996725619500101\u{1d}8018123456789012345675", TODAY);
    assert!(read.other.is_empty(), "{read:?}");
}

#[test]
fn a_blank_can_be_the_check_character() {
    let label = ('A'..='Z')
        .flat_map(|first| ('A'..='Z').map(move |second| format!("{first}{second}")))
        .map(|pcn| HibccLabel { lic: "A999".into(), pcn, ..HibccLabel::default() })
        .filter_map(|label| label.data())
        .find(|data| data.ends_with(' '))
        .expect("two letters reach every remainder of 43");
    assert!(parse(&label, TODAY).valid);
    assert!(parse(&format!("{label}\r\n"), TODAY).valid);
    assert!(parse(&format!("*{label}*  "), TODAY).valid);
    assert_eq!(parse(label.trim_end(), TODAY).error.map(|error| error.code()), Some("check_character"));
}

#[test]
fn hibcc_date_formats_and_quantities() {
    let with_check = |text: &str| format!("{text}{}", hibc_check_character(text).unwrap());
    let read = |text: &str| parse(&with_check(text), TODAY);
    let expires = |text: &str| read(text).expires.map(|day| day.to_string());
    assert_eq!(expires("+A99912345/$$2123119L1").as_deref(), Some("2019-12-31"));
    assert_eq!(expires("+A99912345/$$420011507L1").as_deref(), Some("2020-01-15"));
    assert_eq!(expires("+A99912345/$$62001507L1").as_deref(), Some("2020-01-15"));
    assert_eq!(expires("+A99912345/20015L1").as_deref(), Some("2020-01-15"));
    let counted = read("+A99912345/$$82452001510X3");
    assert_eq!(counted.other.get("quantity").map(String::as_str), Some("24"));
    assert_eq!((counted.lot.as_deref(), counted.valid), (Some("10X3"), true));
    let many = read("+A99912345/$$9001000115AB");
    assert_eq!(many.other.get("quantity").map(String::as_str), Some("00100"));
    assert_eq!(many.expires_month.map(|month| month.last_day().to_string()).as_deref(), Some("2015-01-31"));
    let alone = read("+$$+71SN0001G");
    assert_eq!(alone.error.map(|error| error.code()), Some("no_device_identifier"));
    assert_eq!(alone.serial.as_deref(), Some("1SN0001"));
    assert_eq!(alone.other.get("link").map(String::as_str), Some("G"));
    assert_eq!(read("+A99912345/$$5203661X").error.map(|error| error.code()), None);
    assert_eq!(read("+A99912345/$$5193661X").error.map(|error| error.code()), Some("date_invalid"));
}

#[test]
fn ifa_in_its_envelope_bare_and_bracketed() {
    let scan =
        "[)>\u{1e}06\u{1d}9N110375286414\u{1d}1T12345ABCD\u{1d}D270600\u{1d}S12345ABCDEF98765\u{1e}\u{4}";
    let bracketed = "(9N)110375286414(1T)12345ABCD(D)270600(S)12345ABCDEF98765";
    for text in [scan, bracketed] {
        let read = parse(text, TODAY);
        assert!(read.valid, "{read:?}");
        assert_eq!(read.issuer, Some(Issuer::Ifa));
        assert_eq!(read.di.as_deref(), Some("110375286414"));
        assert_eq!(read.lot.as_deref(), Some("12345ABCD"));
        assert_eq!(read.serial.as_deref(), Some("12345ABCDEF98765"));
        assert_eq!(read.expires.map(|day| day.to_string()).as_deref(), Some("2027-06-30"));
    }
    assert!(parse("9N110375286414", TODAY).valid);
    let code = |text: &str| parse(text, TODAY).error.map(|error| error.code());
    assert_eq!(code("9N110375286415"), Some("check_character"));
    assert_eq!(code("9N"), Some("value_too_short"));
    assert_eq!(code("[)>\u{1e}06\u{1d}Q5\u{1e}\u{4}"), Some("no_device_identifier"));
    assert_eq!(code("[)>\u{1e}12\u{1d}9N110375286414\u{1e}\u{4}"), Some("not_a_udi"));
    let gs1 = parse("[)>\u{1e}05\u{1d}010061414199999621S1\u{1e}\u{4}", TODAY);
    assert_eq!((gs1.valid, gs1.issuer, gs1.serial.as_deref()), (true, Some(Issuer::Gs1), Some("S1")));
}

fn gtin() -> impl Strategy<Value = String> {
    "[0-9]{13}".prop_map(|body| {
        let check = gs1_check_digit(&body).unwrap();
        format!("{body}{check}")
    })
}

fn day() -> impl Strategy<Value = Day> {
    (1977u16..=2076, 1u8..=12, 1u8..=28).prop_map(|(year, month, day)| Day::new(year, month, day).unwrap())
}

fn set_82() -> &'static str {
    "[!\"%&'()*+,\\-./0-9:;<=>?A-Z_a-z]{1,20}"
}

fn gs1_label() -> impl Strategy<Value = Gs1Label> {
    let other =
        prop::collection::btree_map(prop::sample::select(vec!["20", "240", "8012", "30"]), "[0-9]{2}", 0..3)
            .prop_map(|map| {
                map.into_iter().map(|(code, value)| (code.to_owned(), value)).collect::<BTreeMap<_, _>>()
            });
    (
        gtin(),
        prop::option::of(day()),
        prop::option::of(day()),
        prop::option::of(set_82()),
        prop::option::of(set_82()),
        other,
    )
        .prop_map(|(di, manufactured, expires, lot, serial, other)| Gs1Label {
            di,
            manufactured,
            expires,
            lot,
            serial,
            other,
        })
}

fn hibcc_label() -> impl Strategy<Value = HibccLabel> {
    let part = || prop::option::of("[0-9A-Z]{1,18}");
    (
        "[A-Z][A-Z0-9]{3}",
        "[A-Z0-9]{1,18}",
        0u8..=9,
        prop::option::of(day()),
        prop::option::of(day()),
        part(),
        part(),
    )
        .prop_map(|(lic, pcn, unit_of_measure, expires, manufactured, lot, serial)| HibccLabel {
            lic,
            pcn,
            unit_of_measure,
            expires,
            manufactured,
            lot,
            serial,
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>(), start in "(\\+|=|&|\\(01\\)|01|\\]d2|\\[\\)>|9N|\\*\\+|)") {
        let read = parse(&format!("{start}{text}"), TODAY);
        prop_assert_eq!(read.valid, read.error.is_none());
        prop_assert_eq!(read.error.is_some(), read.error_detail.is_some());
    }

    #[test]
    fn mutated_vectors_never_panic(pick in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), noise in any::<char>(), cut in any::<bool>()) {
        let vectors = vectors();
        prop_assume!(!vectors.is_empty());
        let mut text: Vec<char> = pick.get(&vectors)["input"].as_str().unwrap().chars().collect();
        if !text.is_empty() {
            let at = at.index(text.len());
            if cut { text.truncate(at) } else { text[at] = noise }
        }
        let text: String = text.into_iter().collect();
        let read = parse(&text, TODAY);
        prop_assert!(!read.valid || read.di.is_some());
    }

    #[test]
    fn gs1_reads_back_what_it_wrote(label in gs1_label()) {
        let text = label.element_string().unwrap();
        let read = parse(&text, TODAY);
        prop_assert!(read.valid, "{read:?}");
        prop_assert_eq!(Gs1Label::of(&read), Some(label.clone()));
        prop_assert_eq!(Gs1Label::of(&parse(&format!("]d2{text}"), TODAY)), Some(label.clone()));
        if let Ok(printed) = label.bracketed() {
            prop_assert_eq!(Gs1Label::of(&parse(&printed, TODAY)), Some(label));
        }
    }

    #[test]
    fn hibcc_reads_back_what_it_wrote(label in hibcc_label()) {
        let read = parse(&label.data().unwrap(), TODAY);
        prop_assert!(read.valid, "{read:?}");
        let again = HibccLabel {
            lic: read.lic.unwrap(),
            pcn: read.pcn.unwrap(),
            unit_of_measure: read.unit_of_measure.unwrap().parse().unwrap(),
            expires: read.expires,
            manufactured: read.manufactured,
            lot: read.lot,
            serial: read.serial,
        };
        prop_assert_eq!(again, label);
    }

    #[test]
    fn one_wrong_digit_of_a_gtin_is_always_found(gtin in gtin(), at in 0usize..14, shift in 1u8..10) {
        let mut digits = gtin.into_bytes();
        digits[at] = b'0' + (digits[at] - b'0' + shift) % 10;
        let wrong = String::from_utf8(digits).unwrap();
        prop_assert_eq!(normal_gtin(&wrong), None);
        let read = parse(&format!("(01){wrong}(21)X"), TODAY);
        prop_assert_eq!(read.error.map(|error| error.code()), Some("gtin_check_digit"));
        prop_assert_eq!(read.di, Some(wrong));
    }

    #[test]
    fn one_wrong_hibcc_character_is_always_found(label in hibcc_label(), at in any::<prop::sample::Index>(), to in "[0-9A-Z]") {
        let data = label.data().unwrap();
        let mut wrong: Vec<char> = data.chars().collect();
        let at = 1 + at.index(wrong.len() - 1);
        wrong[at] = to.chars().next().unwrap();
        let wrong: String = wrong.into_iter().collect();
        prop_assert_eq!(parse(&wrong, TODAY).valid, wrong == data);
    }

    #[test]
    fn valid_means_the_check_computes(text in "\\+[A-Z][A-Z0-9]{5,9}[0-9][0-9A-Z]|01[0-9]{14}(21[A-Za-z0-9]{1,9})?|9N[0-9]{6,12}") {
        let read = parse(&text, TODAY);
        if read.valid {
            let di = read.di.unwrap();
            match read.issuer {
                Some(Issuer::Gs1) => prop_assert_eq!(normal_gtin(&di), Some(di)),
                Some(Issuer::Hibcc) => prop_assert_eq!(hibc_check_character(&text[..text.len() - 1]), text.chars().last()),
                _ => prop_assert_eq!(ppn_check_digits(&di[..di.len() - 2]), &di[di.len() - 2..]),
            }
        }
    }
}
