//! STIX: what becomes a letter, what it says, to whom it may be passed on; and damaged documents.

#![expect(clippy::unwrap_used, reason = "a helper that cannot go on stops its test")]

use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tallyward_advisories::stix::{Gathered, StixPage, read_page};
use tallyward_advisories::{Letter, read_letter};
use tallyward_core::Label;

const AMBER_STRICT: &str = "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003";
const GREEN_1: &str = "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da";

fn id(kind: &str, n: u32) -> String {
    format!("{kind}--00000000-0000-4000-8000-{n:012}")
}

fn object(kind: &str, n: u32, more: Value) -> Value {
    let mut object = json!({
        "type": kind, "spec_version": "2.1", "id": id(kind, n),
        "created": "2026-10-01T08:00:00.000Z", "modified": "2026-10-02T08:00:00.000Z",
    });
    object.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    object
}

fn exchange() -> Vec<Value> {
    vec![
        object("identity", 1, json!({"name": "Made-up Health Exchange", "identity_class": "organization"})),
        object(
            "report",
            2,
            json!({
                "name": "Infusion pumps: remote access", "report_types": ["vulnerability"], "published": "2026-10-01T09:00:00Z",
                "description": "Halden Medical Infuse 8 LVP before 8.4.", "created_by_ref": id("identity", 1),
                "object_refs": [id("vulnerability", 3), id("indicator", 9), id("indicator", 10)],
                "object_marking_refs": [AMBER_STRICT],
            }),
        ),
        object(
            "vulnerability",
            3,
            json!({
                "name": "CVE-2026-11111", "description": "A service listens without a password.",
                "external_references": [{"source_name": "cve", "external_id": "CVE-2026-11111", "url": "https://cve.example/"}],
                "object_marking_refs": [GREEN_1],
            }),
        ),
        object(
            "note",
            4,
            json!({
                "abstract": "Seen at two members", "content": "Both had the service open to the ward network.",
                "authors": ["A. Member"], "object_refs": [id("report", 2)],
            }),
        ),
        object("vulnerability", 5, json!({"name": "CVE-2026-22222"})),
        object(
            "note",
            6,
            json!({"content": "About nothing that is kept.", "object_refs": [id("malware", 1)]}),
        ),
        object(
            "relationship",
            7,
            json!({
                "relationship_type": "originates-from", "source_ref": id("vulnerability", 3), "target_ref": id("identity", 8),
            }),
        ),
        object("identity", 8, json!({"name": "Halden Medical"})),
        object("indicator", 9, json!({"pattern": "[ipv4-addr:value = '192.0.2.1']"})),
        object("malware", 1, json!({"name": "x"})),
    ]
}

fn bytes(objects: &[Value]) -> Vec<u8> {
    json!({"objects": objects}).to_string().into_bytes()
}

fn gathered(page: StixPage) -> Gathered {
    let mut gathered = Gathered::default();
    page.objects.into_iter().for_each(|object| gathered.add(object));
    gathered
}

/// The letters of some objects, by the id of what each is about.
fn letters(bytes: &[u8]) -> Vec<(String, Letter)> {
    let gathered = gathered(read_page(bytes, "page").unwrap());
    let excerpts = gathered.excerpts();
    let letter = |subject| read_letter(&excerpts.document(subject), "x.json");
    excerpts.subjects().into_iter().map(|subject| (subject.id.clone(), letter(subject))).collect()
}

fn label_of(markings: Value, definitions: &[Value]) -> Label {
    let flaw = object("vulnerability", 3, json!({"name": "x", "object_marking_refs": markings}));
    let objects: Vec<Value> = definitions.iter().cloned().chain([flaw]).collect();
    letters(&bytes(&objects))[0].1.label
}

#[test]
fn a_report_with_what_it_refers_to_is_one_letter() {
    let letters = letters(&bytes(&exchange()));
    let about: Vec<&str> = letters.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(about, [id("report", 2), id("vulnerability", 5), id("note", 6)]);
    let report = &letters[0].1;
    assert_eq!((report.form.as_str(), report.sender.as_str()), ("stix", "Made-up Health Exchange"));
    assert_eq!(report.subject, "Infusion pumps: remote access");
    assert_eq!(report.date.unwrap().to_string(), "2026-10-01T09:00:00Z");
    assert_eq!(report.cves, ["CVE-2026-11111"]);
    assert_eq!(report.label, Label::AmberStrict, "the strictest of what is in it");
    assert_eq!(letters[1].1.label, Label::Clear);
    insta::assert_snapshot!(report.text);
}

#[test]
fn an_excerpt_has_each_object_byte_for_byte() {
    // Spaces, order and escapes are the sender's own.
    let odd = format!(
        "{{ \"type\" : \"vulnerability\",\r\n\t\"id\":\"{}\", \"name\" : \"\\u0043VE-2026-33333\",  \"x\": 1.0e1 }}",
        id("vulnerability", 3)
    );
    let page = format!(
        "{{\"more\":true,\"next\":\"p 2\",\"objects\":[{odd} , 7, {{\"type\":\"report\",\"id\":\"x\"}}]}}"
    );
    let page = read_page(page.as_bytes(), "page").unwrap();
    assert_eq!((page.more, page.next.as_str(), page.notes.len()), (true, "p 2", 1), "{:?}", page.notes);
    assert_eq!(page.others["without a type"], 1);
    let gathered = gathered(page);
    let document = gathered.excerpts().document(gathered.get(&id("vulnerability", 3)).unwrap());
    assert!(String::from_utf8(document.clone()).unwrap().contains(&odd));
    assert_eq!(read_letter(&document, "x").cves, ["CVE-2026-33333"]);
}

#[test]
fn labels_of_both_versions_are_read_and_what_is_not_known_is_the_strictest() {
    let own = |n, more: Value| {
        let mut definition = object("marking-definition", n, more);
        definition.as_object_mut().unwrap().remove("modified");
        definition
    };
    let tlp_2 = |level: Value| {
        own(
            1,
            json!({"name": "x", "extensions": {"extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d":
            {"extension_type": "property-extension", "tlp_2_0": level}}}),
        )
    };
    let tlp_1 = |level: &str| own(1, json!({"definition_type": "tlp", "definition": {"tlp": level}}));
    let mine = json!([id("marking-definition", 1)]);
    for (level, label) in [
        ("clear", Label::Clear),
        ("green", Label::Green),
        ("amber", Label::Amber),
        ("amber+strict", Label::AmberStrict),
        ("red", Label::Red),
        ("mauve", Label::Red),
        ("", Label::Red),
    ] {
        assert_eq!(label_of(mine.clone(), &[tlp_2(json!(level))]), label, "{level}");
    }
    assert_eq!(label_of(mine.clone(), &[tlp_2(json!(7))]), Label::Red);
    for (level, label) in
        [("white", Label::Clear), ("green", Label::Green), ("amber", Label::Amber), ("red", Label::Red)]
    {
        assert_eq!(label_of(mine.clone(), &[tlp_1(level)]), label, "{level}");
    }
    let statement = own(1, json!({"definition_type": "statement", "definition": {"statement": "Copyright"}}));
    assert_eq!(label_of(mine.clone(), &[statement]), Label::Clear, "terms are no label");
    let other = own(1, json!({"definition_type": "pap", "definition": {"pap": "green"}}));
    assert_eq!(label_of(mine.clone(), std::slice::from_ref(&other)), Label::Red, "nobody here knows it");
    assert_eq!(label_of(json!([id("marking-definition", 1), GREEN_1]), &[other]), Label::Green);
    assert_eq!(label_of(mine, &[]), Label::Red, "its definition did not come");
    assert_eq!(label_of(json!([GREEN_1, AMBER_STRICT]), &[]), Label::AmberStrict);
    for wrong in [json!([7]), json!("x"), json!({"a": 1})] {
        assert_eq!(label_of(wrong, &[]), Label::Red);
    }
    let part = object(
        "vulnerability",
        3,
        json!({"name": "x",
        "granular_markings": [{"marking_ref": AMBER_STRICT, "selectors": ["name"]}]}),
    );
    assert_eq!(
        letters(&bytes(&[part]))[0].1.label,
        Label::AmberStrict,
        "the mark of a part holds for the whole"
    );
}

#[test]
fn a_bundle_given_as_a_file_is_one_letter_and_other_json_stays_text() {
    let bundle = json!({"type": "bundle", "id": "bundle--1", "objects": exchange()}).to_string();
    let letter = read_letter(bundle.as_bytes(), "isac.json");
    assert_eq!(letter.subject, "Infusion pumps: remote access and 2 more");
    assert_eq!((letter.label, letter.cves.len()), (Label::AmberStrict, 2));
    assert!(letter.text.contains("Not shown: 1 of the kind malware."), "{}", letter.text);
    for other in ["{}", "{\"objects\":[]}", "{\"objects\":[{\"type\":\"x\"}]}", "{\"document\":{}}", "{"] {
        assert_eq!(read_letter(other.as_bytes(), "x.json").form, "text", "{other}");
    }
    let bare = json!({"objects": [exchange()[0]]}).to_string();
    assert!(read_letter(bare.as_bytes(), "x").note.contains("without a report, a flaw or a note"));
}

/// Examples the makers of STIX publish, which are for those who watch networks.
#[test]
fn published_examples_are_counted_and_bring_no_letter() {
    let Some(folder) = tallyward_core::testkit::shared("stix/examples") else { return };
    for (file, kind) in
        [("indicator-for-c2-ip-address.json", "indicator"), ("infrastructure.json", "infrastructure")]
    {
        let bytes = std::fs::read(folder.join(file)).unwrap();
        let page = read_page(&bytes, file).unwrap();
        assert!(page.notes.is_empty(), "{:?}", page.notes);
        assert!(page.others[kind] > 0, "{:?}", page.others);
        assert!(letters(&bytes).is_empty(), "{file}");
    }
}

#[test]
fn more_than_one_letter_can_hold_is_in_several() {
    let flaws: Vec<Value> =
        (100..400).map(|n| object("vulnerability", n, json!({"name": format!("F{n}")}))).collect();
    let refs: Vec<Value> = (100..400).map(|n| json!(id("vulnerability", n))).collect();
    let report = object("report", 2, json!({"name": "All of them", "object_refs": refs}));
    let letters = letters(&bytes(&[flaws, vec![report]].concat()));
    assert_eq!(letters.len(), 101, "a report with 200 flaws, and 100 flaws");
    let text: String = letters.iter().map(|(_, letter)| letter.text.as_str()).collect();
    assert!((100..400).all(|n| text.contains(&format!("Flaw: F{n}\n"))));
}

#[test]
fn a_subject_states_a_label_too() {
    let mail = |subject: &str| {
        read_letter(format!("From: a@b\r\nSubject: {subject}\r\n\r\nx").as_bytes(), "a.eml").label
    };
    assert_eq!(mail("[TLP:AMBER] Pumps"), Label::Amber);
    assert_eq!(mail("tlp: amber+strict - pumps"), Label::AmberStrict);
    assert_eq!(mail("TLP:PURPLE"), Label::Red);
    assert_eq!(mail("Pumps"), Label::Clear);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn damage_never_panics_and_what_is_read_is_whole(
        kind in 0_u8..4, at in any::<usize>(), length in 1_usize..60, put in prop::collection::vec(any::<u8>(), 0..12),
    ) {
        let mut damaged = bytes(&exchange());
        let at = at % damaged.len();
        let end = (at + length).min(damaged.len());
        match kind {
            0 => damaged.truncate(at),
            1 => damaged[at] ^= 1 << (length % 8),
            2 => drop(damaged.drain(at..end)),
            _ => drop(damaged.splice(at..end, put)),
        }
        let letter = read_letter(&damaged, "x.json");
        prop_assert!(letter.text.len() <= 256 * 1024);
        if let Ok(page) = read_page(&damaged, "page") {
            let text = String::from_utf8(damaged.clone()).unwrap();
            for object in &page.objects {
                prop_assert!(text.contains(&object.raw));
            }
            laws(&gathered(page));
        }
    }

    /// Any objects with any references between them.
    #[test]
    fn nothing_said_is_lost_and_a_letter_is_about_one_thing(
        made in prop::collection::vec((0_usize..5, 0_u32..6, prop::collection::vec((0_usize..6, 0_u32..6), 0..5), 0_usize..4), 0..14),
    ) {
        const KINDS: [&str; 6] = ["report", "vulnerability", "note", "identity", "relationship", "marking-definition"];
        let objects: Vec<Value> = made.iter().map(|(kind, n, refs, marked)| {
            let refs: Vec<String> = refs.iter().map(|(kind, n)| id(KINDS[*kind], *n)).collect();
            let marks: Vec<String> = (0..*marked).map(|n| id("marking-definition", n as u32)).collect();
            object(KINDS[*kind], *n, json!({
                "name": format!("{kind} {n}"), "object_refs": refs, "created_by_ref": refs.first(), "source_ref": refs.first(),
                "target_ref": refs.get(1), "object_marking_refs": marks,
            }))
        }).collect();
        let definition = |n| object("marking-definition", n, json!({"definition_type": "tlp", "definition": {"tlp": "green"}}));
        let with: Vec<Value> = objects.iter().cloned().chain((0..4).map(definition)).collect();
        laws(&gathered(read_page(&bytes(&objects), "page").unwrap()));
        laws(&gathered(read_page(&bytes(&with), "page").unwrap()));
        // A definition that is missing makes nothing freer.
        let freer = letters(&bytes(&with));
        for ((about, without), (same, with)) in letters(&bytes(&objects)).iter().zip(&freer) {
            prop_assert_eq!(about, same);
            prop_assert!(without.label >= with.label);
        }
    }
}

fn laws(gathered: &Gathered) {
    let excerpts = gathered.excerpts();
    let mut said = BTreeSet::new();
    for subject in excerpts.subjects() {
        let document = excerpts.document(subject);
        let page = read_page(&document, "excerpt").unwrap();
        assert!(page.notes.is_empty() && page.others.is_empty());
        said.extend(page.objects.iter().map(|one| one.id.clone()));
        let mut again = Gathered::default();
        page.objects.into_iter().for_each(|object| again.add(object));
        let about: Vec<String> = again.excerpts().subjects().iter().map(|one| one.id.clone()).collect();
        assert_eq!(about, [subject.id.as_str()], "read again, it is about the same");
        assert_eq!(again.excerpts().document(again.get(&subject.id).unwrap()), document);
    }
    for kind in ["report", "vulnerability", "note"] {
        for n in 0..6 {
            let id = id(kind, n);
            assert!(gathered.get(&id).is_none() || said.contains(&id), "{id} is in no letter");
        }
    }
}
