//! Scores of every version of CVSS against an independent implementation: the Python package `cvss`.
//! All base vectors of 2.0, 3.0 and 3.1, thousands with every metric, and all vectors of the real advisories.

use std::io::Write;
use std::process::{Command, Stdio};
use tallyward_core::cvss::computed;
use tallyward_core::testkit::{shared, skipped};

const PEER: &str = r#"
import sys
from cvss import CVSS2, CVSS3, CVSS4
for line in sys.stdin:
    text = line.strip()
    if text.startswith("CVSS:4.0"):
        base = "/".join(p for p in text.split("/") if p.split(":")[0] in
            ("CVSS", "AV", "AC", "AT", "PR", "UI", "VC", "VI", "VA", "SC", "SI", "SA"))
        one, all = CVSS4(base), CVSS4(text)
        print(one.base_score, all.base_score, one.severity.lower())
    elif text.startswith("CVSS:3"):
        one = CVSS3(text)
        base, temporal, environmental = one.scores()
        print(base, environmental if any(p[0] == "M" or p[:2] in ("CR", "IR", "AR") for p in text.split("/")[9:])
            else temporal, one.severities()[0].lower())
    else:
        one = CVSS2(text)
        base, temporal, environmental = one.scores()
        print(base, environmental if environmental is not None else temporal if temporal is not None else base, "-")
"#;

type Metric = (&'static str, &'static [&'static str]);

const BASE_2: [Metric; 6] = [
    ("AV", &["L", "A", "N"]),
    ("AC", &["H", "M", "L"]),
    ("Au", &["M", "S", "N"]),
    ("C", &["N", "P", "C"]),
    ("I", &["N", "P", "C"]),
    ("A", &["N", "P", "C"]),
];
const MORE_2: [Metric; 8] = [
    ("E", &["U", "POC", "F", "H", "ND"]),
    ("RL", &["OF", "TF", "W", "U", "ND"]),
    ("RC", &["UC", "UR", "C", "ND"]),
    ("CDP", &["N", "L", "LM", "MH", "H", "ND"]),
    ("TD", &["N", "L", "M", "H", "ND"]),
    ("CR", &["L", "M", "H", "ND"]),
    ("IR", &["L", "M", "H", "ND"]),
    ("AR", &["L", "M", "H", "ND"]),
];
const BASE_3: [Metric; 8] = [
    ("AV", &["N", "A", "L", "P"]),
    ("AC", &["L", "H"]),
    ("PR", &["N", "L", "H"]),
    ("UI", &["N", "R"]),
    ("S", &["U", "C"]),
    ("C", &["N", "L", "H"]),
    ("I", &["N", "L", "H"]),
    ("A", &["N", "L", "H"]),
];
const MORE_3: [Metric; 14] = [
    ("E", &["X", "U", "P", "F", "H"]),
    ("RL", &["X", "O", "T", "W", "U"]),
    ("RC", &["X", "U", "R", "C"]),
    ("CR", &["X", "L", "M", "H"]),
    ("IR", &["X", "L", "M", "H"]),
    ("AR", &["X", "L", "M", "H"]),
    ("MAV", &["X", "N", "A", "L", "P"]),
    ("MAC", &["X", "L", "H"]),
    ("MPR", &["X", "N", "L", "H"]),
    ("MUI", &["X", "N", "R"]),
    ("MS", &["X", "U", "C"]),
    ("MC", &["X", "N", "L", "H"]),
    ("MI", &["X", "N", "L", "H"]),
    ("MA", &["X", "N", "L", "H"]),
];
const BASE_4: [Metric; 11] = [
    ("AV", &["N", "A", "L", "P"]),
    ("AC", &["L", "H"]),
    ("AT", &["N", "P"]),
    ("PR", &["N", "L", "H"]),
    ("UI", &["N", "P", "A"]),
    ("VC", &["H", "L", "N"]),
    ("VI", &["H", "L", "N"]),
    ("VA", &["H", "L", "N"]),
    ("SC", &["H", "L", "N"]),
    ("SI", &["H", "L", "N"]),
    ("SA", &["H", "L", "N"]),
];
const MORE_4: [Metric; 15] = [
    ("E", &["X", "A", "P", "U"]),
    ("CR", &["X", "H", "M", "L"]),
    ("IR", &["X", "H", "M", "L"]),
    ("AR", &["X", "H", "M", "L"]),
    ("MAV", &["X", "N", "A", "L", "P"]),
    ("MAC", &["X", "L", "H"]),
    ("MAT", &["X", "N", "P"]),
    ("MPR", &["X", "N", "L", "H"]),
    ("MUI", &["X", "N", "P", "A"]),
    ("MVC", &["X", "H", "L", "N"]),
    ("MVI", &["X", "H", "L", "N"]),
    ("MVA", &["X", "H", "L", "N"]),
    ("MSC", &["X", "H", "L", "N"]),
    ("MSI", &["X", "S", "H", "L", "N"]),
    ("MSA", &["X", "S", "H", "L", "N"]),
];

/// Every combination of the metrics, the last turning fastest.
fn every(prefix: &str, metrics: &[Metric]) -> Vec<String> {
    let mut all = vec![prefix.to_owned()];
    for (key, values) in metrics {
        all = all.iter().flat_map(|head| values.iter().map(move |v| joined(head, key, v))).collect();
    }
    all
}

fn joined(head: &str, key: &str, value: &str) -> String {
    let slash = if head.is_empty() { "" } else { "/" };
    format!("{head}{slash}{key}:{value}")
}

/// A linear congruential sequence: the same vectors on every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % sides
    }

    /// `base` in full, each of `more` with a chance of one half.
    fn vector(&mut self, prefix: &str, base: &[Metric], more: &[Metric]) -> String {
        let mut text = prefix.to_owned();
        for (key, values) in base {
            text = joined(&text, key, values[self.below(values.len())]);
        }
        for (key, values) in more {
            if self.below(2) == 0 {
                text = joined(&text, key, values[self.below(values.len())]);
            }
        }
        text
    }
}

fn generated() -> Vec<String> {
    let mut all = every("", &BASE_2);
    all.extend(every("CVSS:3.0", &BASE_3));
    all.extend(every("CVSS:3.1", &BASE_3));
    let mut dice = Dice(20_261_125);
    for _ in 0..2_000 {
        all.push(dice.vector("", &BASE_2, &MORE_2));
        all.push(dice.vector("CVSS:3.0", &BASE_3, &MORE_3));
        all.push(dice.vector("CVSS:3.0", &BASE_3, &MORE_3[..3]));
        all.push(dice.vector("CVSS:3.1", &BASE_3, &MORE_3));
        all.push(dice.vector("CVSS:3.1", &BASE_3, &MORE_3[..3]));
        all.push(dice.vector("CVSS:4.0", &BASE_4, &[]));
        all.push(dice.vector("CVSS:4.0", &BASE_4, &MORE_4));
    }
    all
}

fn real() -> Vec<String> {
    let mut found = Vec::new();
    for folder in ["icsma", "vulnrichment"] {
        let Some(path) = shared(folder) else { continue };
        for entry in std::fs::read_dir(path).expect("a folder") {
            let text = std::fs::read_to_string(entry.expect("an entry").path()).expect("a text");
            for piece in text.split("\"vectorString\":").skip(1) {
                found.push(piece.split('"').nth(1).expect("a text").to_owned());
            }
        }
    }
    found
}

#[test]
fn scores_are_those_of_an_independent_implementation() {
    let installed = Command::new("python3").args(["-c", "from cvss import CVSS4"]).output();
    if !installed.is_ok_and(|output| output.status.success()) {
        skipped("python3 with the module cvss is not installed");
        return;
    }
    let (mut vectors, real) = (generated(), real());
    vectors.extend(real.iter().cloned());
    let mut child = Command::new("python3")
        .args(["-c", PEER])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 runs");
    let mut input = child.stdin.take().expect("piped");
    let text = vectors.join("\n");
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output().expect("the peer ends");
    writer.join().unwrap().expect("the peer reads all");
    let answers = String::from_utf8(output.stdout).unwrap();
    assert_eq!(answers.lines().count(), vectors.len(), "the peer answered every vector");
    let mut wrong = Vec::new();
    for (vector, answer) in vectors.iter().zip(answers.lines()) {
        let ours = computed(vector).unwrap_or_else(|why| panic!("{vector}: {why}"));
        let words: Vec<&str> = answer.split(' ').collect();
        let overall = ours.overall().unwrap_or_else(|| ours.base());
        let severity = if words[2] == "-" { "-" } else { ours.severity.label() };
        if [ours.base().as_str(), overall.as_str(), severity] != words[..] {
            wrong.push(format!("{vector}: {} {overall} {severity}, the peer says {answer}", ours.base()));
        }
    }
    let few = wrong[..wrong.len().min(20)].join("\n");
    assert!(wrong.is_empty(), "{} of {} differ:\n{few}", wrong.len(), vectors.len());
    eprintln!("{} vectors alike, {} of them real", vectors.len(), real.len());
}

/// What the 60 real documents claim beside their vectors.
#[test]
fn what_real_advisories_claim_is_held_against_their_vectors() {
    let Some(folder) = shared("icsma") else { return };
    let (mut scores, mut disagree) = (0, Vec::new());
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let document: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        for flaw in document["vulnerabilities"].as_array().into_iter().flatten() {
            for score in flaw["scores"].as_array().into_iter().flatten() {
                let said = &score["cvss_v3"];
                let text = |key: &str| said[key].as_str().unwrap_or_default().to_owned();
                let score = tallyward_core::Score {
                    version: text("version"),
                    vector: text("vectorString"),
                    base: said["baseScore"].to_string(),
                    severity: text("baseSeverity"),
                    products: vec![],
                };
                scores += 1;
                disagree.extend(score.disagreement().map(|why| format!("{}: {why}", path.display())));
            }
        }
    }
    assert!(scores > 100, "{scores}");
    eprintln!("{scores} scores, {} claims differ from their vector: {disagree:#?}", disagree.len());
    assert_eq!(disagree, Vec::<String>::new());
}
