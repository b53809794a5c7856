//! Real cases, word for word, for a person to review.

mod common;

use common::{REAL, device, resolver};
use tallyward_core::verdict::Verdict;
use tallyward_matching::{Component, Configuration, Matcher, VersionState};

/// The verdict on the first vulnerability of an advisory, as text.
fn say(configuration: &Configuration, advisory: &str) -> String {
    let chosen: Vec<_> = REAL.iter().filter(|entry| entry.id == advisory).cloned().collect();
    let judged = Matcher::new(&chosen, resolver()).decide(configuration);
    let Some(judged) = judged.first() else { return "no finding".to_owned() };
    let mut lines = vec![match &judged.missing {
        Some(missing) => format!("{}: {}", judged.verdict.label(), missing.plain()),
        None => judged.verdict.label().to_owned(),
    }];
    for reason in &judged.reasons {
        let quote = if reason.quote.is_empty() { String::new() } else { format!("  [{}]", reason.quote) };
        lines.push(format!("  {}{quote}", reason.text));
    }
    lines.join("\n")
}

#[test]
fn sentences_a_person_can_follow() {
    if REAL.is_empty() {
        return;
    }
    let stale = Configuration { version_state: VersionState::Stale, ..device("Hamilton", "T1", "2.2.10") };
    let with_module = Configuration {
        model_number: "35700BAX2".to_owned(),
        components: vec![Component {
            name: "Wireless Battery Module".to_owned(),
            version: "v20D30".to_owned(),
            stale: false,
        }],
        ..device("Baxter", "Sigma Spectrum", "v8.00.01")
    };
    let toolkit = Configuration {
        components: vec![Component { name: "DCMTK".to_owned(), version: "3.6.1".to_owned(), stale: false }],
        ..device("Acme", "Imager 5", "")
    };
    let cases = [
        ("below the bound", device("Hillrom", "Connex Spot Monitor", "1.51"), "ICSMA-21-152-01"),
        ("fixed release", device("Hillrom", "Connex Spot Monitor", "1.52"), "ICSMA-21-152-01"),
        ("no version", device("Hillrom", "Connex Spot Monitor", ""), "ICSMA-21-152-01"),
        ("brand of a bought maker", device("Welch Allyn", "Connex Spot Monitor", "1.51"), "ICSMA-21-152-01"),
        ("all versions", device("BD", "Pyxis MedStation ES", "1.7"), "ICSMA-22-062-01"),
        ("old version above", stale, "ICSMA-21-047-01"),
        ("a contradiction", device("Philips", "PIC iX", "C.03"), "ICSMA-20-254-01"),
        ("one of several models", device("Philips", "MX500", "M.04"), "ICSMA-20-254-01"),
        ("narrowed product", device("St. Jude Medical", "EX1150", "8.2.1"), "ICSMA-17-009-01A"),
        ("made of parts", with_module, "ICSMA-20-170-04"),
        ("a part inside", toolkit, "ICSMA-22-174-01"),
        ("named by the title", device("Respironics", "Alice 6", "R8.0.4"), "ICSMA-18-086-01"),
        ("another maker", device("Mindray", "Passport 12", "1.0"), "ICSMA-21-152-01"),
    ];
    let text: Vec<String> =
        cases.iter().map(|(what, device, id)| format!("{what}: {}", say(device, id))).collect();
    insta::assert_snapshot!(text.join("\n"), @r#"
    below the bound: affected
      The advisory names this model: "Welch Allyn Connex Spot Monitor (CSM)".  [Hillrom Welch Allyn Connex Spot Monitor (CSM)]
      1.51 is below 1.52.  [< 1.52]
    fixed release: not affected
      The advisory names this model: "Welch Allyn Connex Spot Monitor (CSM)".  [Hillrom Welch Allyn Connex Spot Monitor (CSM)]
      1.52 is not below 1.52.  [< 1.52]
    no version: unknown: software version
      The advisory names this model: "Welch Allyn Connex Spot Monitor (CSM)".  [Hillrom Welch Allyn Connex Spot Monitor (CSM)]
      The software version is not known.  [< 1.52]
    brand of a bought maker: affected
      The advisory names this model: "Welch Allyn Connex Spot Monitor (CSM)".  [Hillrom Welch Allyn Connex Spot Monitor (CSM)]
      1.51 is below 1.52.  [< 1.52]
    all versions: affected
      The advisory names this model: "BD Pyxis MedStation ES".  [Becton, Dickinson and Company (BD) BD Pyxis MedStation ES]
      The clause covers every version.  [vers:all/*]
    old version above: unknown: software version, read again (the one on record is too old)
      The advisory names this model: "T1 Ventilator".  [Hamilton Medical AG T1 Ventilator]
      2.2.10 is above 2.2.3, the last one meant.  [<= 2.2.3]
      That reading is too old or too weak to clear the device.
    a contradiction: unknown: the maker's word: the document contradicts itself
      The advisory names this model: "Patient Information Center iX (PICiX)".  [Philips Patient Information Center iX (PICiX)]
      C.03 is the version named, C.03.  [C.03]
      The advisory contradicts itself here.  [For CVE-2020-16214, Patient Information Center iX (PICiX) C.03 is listed as affected by "C.03", but the remedy says: "Patient Information Center iX (PICiX) Version C.03"]
    one of several models: affected
      The advisory lists this model among several: "IntelliVue patient monitor MX400-MX850".  [Philips IntelliVue patient monitor MX400-MX850]
      M.04 is at or below N.  [<=N]
    narrowed product: unknown: whether this is the same product as "St. Jude Medical RF models EX1150"
      The advisory means "RF models EX1150", which may be this model.  [St. Jude Medical RF models EX1150]
    made of parts: affected
      The advisory names this model: "Baxter Spectrum".  [Baxter Baxter Spectrum]
      v8.00.01 belongs to the train v8.x, and the model 35700BAX2 is the model named, 35700BAX2.  [v8.x model 35700BAX2]
    a part inside: affected
      This device holds DCMTK, which the advisory names.  [OFFIS DCMTK]
      3.6.1 is below 3.6.7.  [< 3.6.7]
    named by the title: unknown: the maker's word: the document contradicts itself
      The advisory names this model in its title: "Philips Alice 6".  [Philips Version]
      R8.0.4 is above R8.0.3, the last one meant.  [<= R8.0.3]
      The advisory contradicts itself here.  [The tree lists "Version" as a product of "Philips" (Philips Version <= R8.0.3), but that is a word that stands in for a product.]
    another maker: no finding
    "#);
}

#[test]
fn the_maker_of_a_third_partys_list_does_not_clear() {
    // GE lists a BD pump module maker's product as its own; the BD device stays in sight.
    let text = say(&device("BD", "Alaris PC Unit", "9.33"), "ICSMA-20-343-01");
    assert!(REAL.is_empty() || text.starts_with(Verdict::Unknown.label()), "{text}");
}
