use super::*;
use crate::class::DeviceClass;
use crate::follow::{CorrectionInputs, NoticeRef, StandDownInputs, correction, stand_down};
use crate::impact::impact_hint;
use crate::lint::{Rule, lint};
use crate::readability;
use crate::release::{Refusal, Releaser, Role, release};
use crate::triage::{TriageInputs, triage};
use proptest::prelude::*;
use tallyward_core::advisory::Reference;
use tallyward_core::{Contact, Duty, Product, ProductStatus, Remediation, Score, Statement, Timestamp};

/// Reading the tables takes longer than any test of what is in them.
static TABLES: std::sync::LazyLock<Tables> = std::sync::LazyLock::new(Tables::builtin);

/// Everything a draft needs, owned, so that a test changes one thing.
struct Case {
    tables: Tables,
    advisory: Advisory,
    unit: Unit,
    class: DeviceClass,
    models: Vec<ModelLine>,
    pool: Option<String>,
    instruction: Instruction,
    call: Call,
    audience: Vec<Recipient>,
    next_word: String,
}

impl Case {
    fn new(class: DeviceClass, model: &str, spots: &[(&str, &str)]) -> Self {
        let spots: Vec<Spot> =
            spots.iter().map(|(tag, room)| Spot { tag: (*tag).into(), room: (*room).into() }).collect();
        let contact = Contact {
            id: "c1".into(),
            unit: "ICU-A".into(),
            duty: Duty::Charge,
            profession: String::new(),
            name: "Charge nurse ICU A".into(),
            email: "icu-a@example.org".into(),
            phone: String::new(),
        };
        Self {
            tables: TABLES.clone(),
            advisory: advisory(model),
            unit: Unit { code: "ICU-A".into(), name: "ICU A".into(), ..Unit::default() },
            class,
            models: vec![ModelLine {
                model: model.into(),
                count: u32::try_from(spots.len()).unwrap(),
                spots,
            }],
            pool: None,
            instruction: Instruction::KeepUsing { by: Authority::Maker, text: String::new() },
            call: Call { who: "Biomed".into(), phone: "555-0142".into() },
            audience: vec![Recipient { contact, why: "in charge of ICU-A".into() }],
            next_word: "24 Nov, 09:00 CET".into(),
        }
    }

    fn with<T>(&self, run: impl FnOnce(&DraftInputs) -> T) -> T {
        let flaws: Vec<&Vulnerability> = self.advisory.vulnerabilities.iter().collect();
        let impact = flaws.first().and_then(|flaw| impact_hint(flaw));
        let triage = triage(&self.tables, &TriageInputs { impact, ..TriageInputs::unknown(self.class) });
        run(&DraftInputs {
            tables: &self.tables,
            advisory: &self.advisory,
            vulnerabilities: &flaws,
            unit: &self.unit,
            class: self.class,
            models: &self.models,
            pool: self.pool.as_deref(),
            triage: &triage,
            instruction: &self.instruction,
            call: &self.call,
            audience: &self.audience,
            now: "23 Nov, 15:04 CET",
            next_word: &self.next_word,
        })
    }

    fn draft(&self) -> Draft {
        self.with(draft)
    }
}

/// An advisory in the shape of the real ones, about an invented product.
fn advisory(model: &str) -> Advisory {
    let flaw = Vulnerability {
        id: "CVE-2026-10001".into(),
        title: "Missing authentication in the network service".into(),
        cwe: "CWE-306 Missing Authentication for Critical Function".into(),
        statements: vec![Statement { product: "P1".into(), status: ProductStatus::KnownAffected }],
        remediations: vec![Remediation {
            category: "vendor_fix".into(),
            text: "Install release 4.2.\nUntil then, close port 3000.".into(),
            products: vec![],
            url: "https://maker.example/security".into(),
            date: String::new(),
        }],
        scores: vec![Score {
            version: "3.1".into(),
            vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:H".into(),
            base: "9.1".into(),
            severity: "CRITICAL".into(),
            products: vec![],
        }],
        ..Vulnerability::default()
    };
    Advisory {
        id: "EXMA-26-100-01".into(),
        title: format!("{model} CVE-2026-10001"),
        publisher: "Example CERT".into(),
        revision: "2".into(),
        products: vec![Product {
            id: "P1".into(),
            product: model.into(),
            version: "<= 4.1".into(),
            ..Product::default()
        }],
        vulnerabilities: vec![flaw],
        references: vec![Reference { url: String::new(), summary: "CVE-2026-10001".into() }],
        ..Advisory::default()
    }
}

fn shown(draft: &Draft) -> String {
    let tables = &*TABLES;
    let grade = readability::count(tables, &draft.body(), &draft.names).grade();
    let faults: Vec<String> = lint(tables, draft).into_iter().map(|one| one.text).collect();
    format!("{}\n---\n{}\n---\ngrade {grade:.1}; faults {faults:?}", draft.subject, draft.body())
}

fn pump() -> Case {
    Case::new(
        DeviceClass::InfusionPump,
        "Acme Flow 3000",
        &[("P-0101", "4-11"), ("P-0102", "4-11"), ("P-0107", "4-12"), ("P-0131", "")],
    )
}

fn scanner() -> Case {
    Case::new(DeviceClass::Mr, "Acme Tesla 3", &[("MR-2", "B1-07")])
}

fn archive() -> Case {
    let mut case = Case::new(DeviceClass::Pacs, "Acme Image Store 7", &[("SRV-19", "Data centre 1")]);
    case.instruction = Instruction::NoneYet { next_word_at: "today, 18:00 CET".into() };
    case
}

fn every_case() -> Vec<Case> {
    let mut cases = vec![pump(), scanner(), archive()];
    let lead = || Authority::Lead("M. Weber".into());
    for class in DeviceClass::ALL {
        for instruction in [
            Instruction::KeepUsing { by: Authority::Maker, text: String::new() },
            Instruction::UseWithCare { by: lead(), text: "Check the dose twice.".into() },
            Instruction::StopAndSwap { by: Authority::Regulator, text: String::new() },
            Instruction::NoneYet { next_word_at: "today, 18:00 CET".into() },
        ] {
            let mut case = Case::new(*class, "Acme One", &[("T-1", "12")]);
            case.instruction = instruction;
            cases.push(case);
        }
    }
    cases
}

#[test]
fn a_pump() {
    insta::assert_snapshot!(shown(&pump().draft()), @r#"
    Act this shift: 4 infusion pumps in ICU A
    ---
    Your 4 infusion pumps (Acme Flow 3000). Room 4-11: P-0101, P-0102; Room 4-12: P-0107; No room on record: P-0131.
    A flaw in the software could stop or change an infusion.
    KEEP USING THEM. The maker says so. Do not disconnect it from a patient.
    Do now: Check drug and rate on the screen at each round. If a pump acts oddly, get a spare and call us.
    Call Biomed: 555-0142.
    Next word: 24 Nov, 09:00 CET.
    ---
    grade 0.0; faults []
    "#);
}

#[test]
fn a_pooled_pump_the_lead_asks_to_swap() {
    let mut case = pump();
    case.pool = Some("central pumps".into());
    case.instruction = Instruction::StopAndSwap {
        by: Authority::Lead("M. Weber".into()),
        text: "Spares are in room 4-00.".into(),
    };
    insta::assert_snapshot!(shown(&case.draft()), @r#"
    Act this shift: 4 infusion pumps in ICU A
    ---
    Your 4 infusion pumps (Acme Flow 3000). Shared pool central pumps: any may come to you. Tags: P-0101, P-0102, P-0107, P-0131.
    A flaw in the software could stop or change an infusion.
    SWAP THEM FOR SPARES, THEN STOP USING THEM. Our lead M. Weber says so. Spares are in room 4-00. Do not disconnect it from a patient. Let the spare run first.
    Do now: get a spare. Start it. Then set the old one aside for us.
    Call Biomed: 555-0142.
    Next word: 24 Nov, 09:00 CET.
    ---
    grade -0.3; faults []
    "#);
}

#[test]
fn a_scanner() {
    insta::assert_snapshot!(shown(&scanner().draft()), @r#"
    For awareness: 1 MR scanner in ICU A
    ---
    Your MR scanner (Acme Tesla 3). Room B1-07: MR-2.
    A flaw in the software could delay a scan or spoil the images.
    KEEP USING IT. The maker says so. Do not disconnect it from a patient.
    Do now: nothing at the bedside.
    Call Biomed: 555-0142.
    Next word: 24 Nov, 09:00 CET.
    ---
    grade 1.7; faults []
    "#);
}

#[test]
fn an_archive() {
    insta::assert_snapshot!(shown(&archive().draft()), @r#"
    For awareness: 1 image archive in ICU A
    ---
    Your image archive (Acme Image Store 7). Data centre 1: SRV-19.
    A flaw in the software could make images late or hard to find.
    KEEP USING IT OR NOT? No instruction yet. Do not disconnect it from a patient.
    Do now: nothing at the bedside.
    Call Biomed: 555-0142.
    Next word: today, 18:00 CET.
    ---
    grade 2.3; faults []
    "#);
}

#[test]
fn the_technical_version() {
    insta::assert_snapshot!(pump().draft().technical.join("\n"), @r#"
    Advisory EXMA-26-100-01 revision 2, Example CERT: Acme Flow 3000 CVE-2026-10001
    Written 23 Nov, 15:04 CET. Triage C4 T1, E:public_poc/EXP:open/A:yes/HI:very_high.
    Why: The flaw can touch how the device works: C4 for this class (infusion pump).
    Why: Not known: exploitation. Taken as public poc, because the flaw is published and no list or enrichment on file says how it is used.
    Why: Not known: exposure. Taken as open, because nobody has shown that the network keeps others away from the device.
    Why: Not known: automatable. Taken as yes, because nobody has shown that an attack needs a person at each device.
    Why: Attacks: a method is public; network: open; automatable; human impact very high: the SSVC deployer table says out of cycle.
    Why: With every value that an input not known may have, the table says from scheduled to immediate; until it is known it is handled as out of cycle.
    Why: C4 with out of cycle gives tier T1.
    Why: Not known: bedside action. Then the table of bedside actions answers for the device class.
    Why: By that table there is something to do at the bedside this shift.
    Why: There is something to do at the bedside: a notice is drafted for release.
    CVE-2026-10001 · Missing authentication in the network service · CWE-306 Missing Authentication for Critical Function
    Score as published: 9.1 (CVSS 3.1) CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:H
    Clause: Acme Flow 3000 "<= 4.1", known affected
    Remedy, filed as vendor_fix: "Install release 4.2. Until then, close port 3000." https://maker.example/security
    Devices: 4 Acme Flow 3000: P-0101 (room 4-11), P-0102 (room 4-11), P-0107 (room 4-12), P-0131 (room not on record)
    "#);
}

fn notice() -> NoticeRef {
    NoticeRef { id: "N-12".into(), sent: "23 Nov, 15:04 CET".into(), subject: "Act this shift".into() }
}

#[test]
fn a_stand_down() {
    let because = "The pumps have the new software";
    let draft = pump().with(|inputs| stand_down(&StandDownInputs { inputs, notice: &notice(), because }));
    insta::assert_snapshot!(shown(&draft), @r#"
    Stand-down: 4 infusion pumps in ICU A
    ---
    This ends our notice N-12 of 23 Nov, 15:04 CET. The pumps have the new software.
    Your 4 infusion pumps (Acme Flow 3000). Room 4-11: P-0101, P-0102; Room 4-12: P-0107; No room on record: P-0131.
    KEEP USING THEM. The maker says so. Do not disconnect it from a patient.
    Do now: go back to your usual checks.
    Call Biomed: 555-0142.
    Next word: none planned. Written 23 Nov, 15:04 CET.
    ---
    grade 0.3; faults []
    "#);
}

#[test]
fn a_correction() {
    let what_was_wrong = "Room 4-12 was left out";
    let draft =
        pump().with(|inputs| correction(&CorrectionInputs { inputs, notice: &notice(), what_was_wrong }));
    insta::assert_snapshot!(shown(&draft), @r#"
    Corrected. Act this shift: 4 infusion pumps in ICU A
    ---
    This replaces our notice N-12 of 23 Nov, 15:04 CET. Room 4-12 was left out.
    Your 4 infusion pumps (Acme Flow 3000). Room 4-11: P-0101, P-0102; Room 4-12: P-0107; No room on record: P-0131.
    A flaw in the software could stop or change an infusion. Do now: Check drug and rate on the screen at each round. If a pump acts oddly, get a spare and call us.
    KEEP USING THEM. The maker says so. Do not disconnect it from a patient.
    Call Biomed: 555-0142.
    Next word: 24 Nov, 09:00 CET.
    ---
    grade 0.3; faults []
    "#);
}

#[test]
fn every_class_and_instruction_gives_a_fit_text() {
    for case in every_case() {
        let (class, instruction) = (case.class, case.instruction.clone());
        let drafts = [
            case.draft(),
            case.with(|inputs| {
                stand_down(&StandDownInputs { inputs, notice: &notice(), because: "It has new software" })
            }),
            case.with(|inputs| {
                correction(&CorrectionInputs {
                    inputs,
                    notice: &notice(),
                    what_was_wrong: "A room was wrong",
                })
            }),
        ];
        for draft in drafts {
            let mut faults = lint(&case.tables, &draft);
            if draft.kind == DraftKind::StandDown && matches!(instruction, Instruction::StopAndSwap { .. }) {
                assert_eq!(faults.pop().map(|one| one.rule), Some(Rule::Contradiction));
            }
            assert!(faults.is_empty(), "{class:?} {instruction:?}: {faults:#?}\n{}", draft.body());
        }
    }
}

#[test]
fn a_flaw_that_only_shows_data_says_so() {
    let mut case = pump();
    case.advisory.vulnerabilities[0].cwe.clear();
    case.advisory.vulnerabilities[0].scores[0].vector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N".into();
    assert_eq!(case.draft().lines[1], "A flaw in the software could show patient data to others.");
}

#[test]
fn a_long_device_list_is_cut_with_a_count() {
    let spots: Vec<(String, String)> =
        (0..200).map(|n| (format!("P-{n:04}"), format!("4-{:02}", n / 4))).collect();
    let spots: Vec<(&str, &str)> = spots.iter().map(|(tag, room)| (tag.as_str(), room.as_str())).collect();
    let draft = Case::new(DeviceClass::InfusionPump, "Acme Flow 3000", &spots).draft();
    assert!(
        draft.lines[0].starts_with("Your 200 infusion pumps (Acme Flow 3000). Room 4-00: P-0000, P-0001"),
        "{}",
        draft.lines[0]
    );
    assert!(draft.lines[0].ends_with("more on the list."), "{}", draft.lines[0]);
    assert!(lint(&TABLES, &draft).is_empty());
}

fn lead() -> Releaser {
    Releaser { name: "M. Weber".into(), role: Role::Lead }
}

#[test]
fn only_a_named_lead_outside_shadow_mode_releases_a_fit_text() {
    let tables = &*TABLES;
    let draft = pump().draft();
    let at = Timestamp::from_seconds(1);
    let ask = |draft: &Draft, who: &Releaser, shadow| release(tables, draft, who, shadow, at);
    let released = ask(&draft, &lead(), false).unwrap();
    assert_eq!((released.by(), released.at(), released.draft()), ("M. Weber", at, &draft));
    assert_eq!(ask(&draft, &lead(), true), Err(Refusal::Shadow));
    for role in [Role::Administrator, Role::Reader] {
        assert_eq!(ask(&draft, &Releaser { role, ..lead() }, false), Err(Refusal::NotALead(role)));
    }
    for name in ["", "  ", "\u{200b}", "..."] {
        assert_eq!(ask(&draft, &Releaser { name: name.into(), ..lead() }, false), Err(Refusal::NoName));
    }
    assert_eq!(ask(&Draft { audience: vec![], ..draft.clone() }, &lead(), false), Err(Refusal::NobodyToTell));
    let mut unfit = draft;
    unfit.lines[1] = "CVE-2026-10001 is bad.".into();
    assert!(matches!(ask(&unfit, &lead(), false), Err(Refusal::Unfit(_))));
}

#[test]
fn each_rule_catches_what_it_is_for() {
    let tables = &*TABLES;
    let rules = |change: &dyn Fn(&mut Draft)| -> Vec<Rule> {
        let mut draft = pump().draft();
        change(&mut draft);
        let mut rules: Vec<Rule> = lint(tables, &draft).into_iter().map(|one| one.rule).collect();
        rules.dedup();
        rules
    };
    let line = |at: usize, text: &'static str| move |draft: &mut Draft| draft.lines[at] = text.into();
    assert_eq!(rules(&|_| {}), []);
    assert_eq!(rules(&line(1, "cve 2026-1 lets them in.")), [Rule::FlawNumber]);
    assert_eq!(rules(&line(1, "The CVSS score is 9.")), [Rule::FlawNumber]);
    assert_eq!(rules(&|draft| draft.lines.push("More.".into())), [Rule::Length]);
    assert_eq!(rules(&line(1, "Two\nlines.")), [Rule::Length]);
    assert_eq!(rules(&line(2, "Do not disconnect it from a patient.")), [Rule::KeepUsing]);
    assert_eq!(rules(&line(2, "KEEP USING THEM. The maker says so.")), [Rule::StayConnected]);
    assert_eq!(rules(&line(4, "Call us.")), [Rule::OneNumber]);
    assert_eq!(rules(&line(3, "Do now: call ward 555 0199.")), [Rule::OneNumber]);
    assert_eq!(rules(&line(5, "Next word: soon.")), [Rule::NextWord]);
    assert_eq!(rules(&line(5, "Next word: today, 15:00.")), [Rule::NextWord]);
    assert_eq!(rules(&line(5, "Next word: today, 3:00 PM.")), [Rule::NextWord]);
    assert_eq!(rules(&line(1, "Patient name is on it.")), [Rule::PatientData]);
    assert_eq!(rules(&line(1, "It was 123-45-6789.")), [Rule::PatientData]);
    assert_eq!(rules(&line(3, "Do now: unplug the pump.")), [Rule::StopOrder]);
    assert_eq!(rules(&line(3, "Do now: turn it off.")), [Rule::StopOrder]);
    for order in [
        "Turn the pump off now.",
        "Do now: stop the pump.",
        "Pull the plug.",
        "Take it off the net.",
        "Take it out of use.",
        "Never mind, swap it.",
        "DISCONNECT IT.",
        "Do not wait to unplug it.",
    ] {
        assert_eq!(rules(&|draft: &mut Draft| draft.lines[3] = order.into()), [Rule::StopOrder], "{order}");
    }
    for fine in [
        "Do not unplug it.",
        "Never turn it off.",
        "Do not take it out of use.",
        "A flaw could stop it.",
        "Take a spare.",
    ] {
        assert_eq!(rules(&|draft: &mut Draft| draft.lines[3] = fine.into()), [], "{fine}");
    }
    assert_eq!(
        rules(&line(1, "An unauthenticated adversary could manipulate operational configuration.")),
        [Rule::Reading]
    );
    assert_eq!(rules(&|draft| draft.kind = DraftKind::Correction), [Rule::Reference]);
    let nameless = Instruction::StopAndSwap { by: Authority::Lead(" ".into()), text: String::new() };
    let found = rules(&|draft| draft.instruction = nameless.clone());
    assert!(found.contains(&Rule::KeepUsing), "{found:?}");
}

#[test]
fn zones_are_recognised_in_the_forms_people_write() {
    let tables = &*TABLES;
    for at in ["today, 15:00 CET", "24 Nov, 9:05 (EST)", "15:00 UTC+1", "Mon 15:00 +01:00", "at 15:00 UTC"] {
        let mut case = pump();
        case.next_word = at.into();
        assert!(lint(tables, &case.draft()).is_empty(), "{at}");
    }
}

/// Strings an enemy would put into an advisory or a list.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("CVE-2024-1".to_owned()),
        "([cC]\u{200b}?[vV][eE][-\u{2011} _]?[0-9]{0,4}|[A-Za-z. \n\r\t=+@<>\"]|\\PC){0,60}",
        "(CVE-|CV|E-){1,30}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_string_brings_a_flaw_number_into_a_clinical_body(
        strings in prop::collection::vec(hostile(), 9),
        class in proptest::sample::select(DeviceClass::ALL),
        kind in 0u8..3,
        order in 0u8..4,
    ) {
        let take = |at: usize| strings[at].clone();
        let mut case = Case::new(class, &take(0), &[("", "")]);
        case.models[0].spots[0] = Spot { tag: take(1), room: take(2) };
        case.advisory.title = take(3);
        case.advisory.summary = take(3);
        case.advisory.vulnerabilities[0].title = take(4);
        case.unit.name = take(5);
        case.pool = (kind == 1).then(|| take(6));
        case.call.who = take(7);
        case.next_word = take(8);
        let (name, text) = (take(6), take(7));
        case.instruction = match order {
            0 => Instruction::KeepUsing { by: Authority::Lead(name), text },
            1 => Instruction::UseWithCare { by: Authority::Maker, text },
            2 => Instruction::StopAndSwap { by: Authority::Regulator, text },
            _ => Instruction::NoneYet { next_word_at: text },
        };
        let notice = NoticeRef { id: take(1), sent: take(2), subject: take(3) };
        let found = match kind {
            0 => case.draft(),
            1 => case.with(|inputs| correction(&CorrectionInputs { inputs, notice: &notice, what_was_wrong: &strings[4] })),
            _ => case.with(|inputs| stand_down(&StandDownInputs { inputs, notice: &notice, because: &strings[4] })),
        };
        let body = format!("{}\n{}", found.subject, found.body());
        prop_assert!(!body.to_uppercase().contains("CVE-"), "{}", body);
        prop_assert!(!plain::names_a_number(&body), "{}", body);
        prop_assert!(found.lines.len() <= MAX_LINES);
        prop_assert!(found.lines.iter().all(|line| line.chars().count() <= MAX_LINE && !line.contains('\n')));
        prop_assert!(found.subject.chars().count() <= MAX_SUBJECT);
        prop_assert!(found.body().contains(NEVER_DISCONNECT), "{}", body);
        prop_assert!(found.technical.iter().all(|line| !line.contains('\n')));
        // Nothing is releasable in shadow mode or without a named lead, whatever the text.
        let at = Timestamp::default();
        prop_assert_eq!(release(&case.tables, &found, &lead(), true, at), Err(Refusal::Shadow));
        let nameless = Releaser { name: " ".into(), role: Role::Lead };
        prop_assert_eq!(release(&case.tables, &found, &nameless, false, at), Err(Refusal::NoName));
    }
}

#[test]
fn a_label_is_told_and_red_withholds_what_the_document_says() {
    let mut case = pump();
    let words = ["Missing authentication", "Install release 4.2", "CVE-2026-10001", "CVSS:3.1", "<= 4.1"];
    for (label, told) in [
        ("", ""),
        ("WHITE", ""),
        ("AMBER", "The advisory is TLP:AMBER: stays within the organisation."),
        ("RED", "The advisory is TLP:RED: only for those who were told; not passed on at all."),
    ] {
        case.advisory.tlp = label.to_owned();
        let draft = case.draft();
        let text = format!("{} {} {}", draft.subject, draft.body(), draft.technical.join(" | "));
        assert_eq!(text.contains("The advisory is TLP:"), !told.is_empty(), "{text}");
        assert!(text.contains(told), "{text}");
        for word in words {
            assert_eq!(text.contains(word), label != "RED", "{label} {word}: {text}");
        }
        assert!(text.contains("P-0101"), "the devices are named whatever the label");
    }
}
