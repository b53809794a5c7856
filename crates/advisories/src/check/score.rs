//! Scores against their vectors: mandatory tests 6.1.8 (names of metrics), 6.1.9 and 6.1.10.

use super::metric::{Metric, Scores, Vector};
use super::{Findings, cvss2, cvss3, list, text};
use crate::error::short;
use crate::write::severity;
use serde_json::Value;

pub(super) fn check(root: &Value, found: &mut Findings) {
    for (flaw, vulnerability) in list(root, "vulnerabilities").iter().enumerate() {
        for (index, score) in list(vulnerability, "scores").iter().enumerate() {
            for key in ["cvss_v2", "cvss_v3"] {
                if let Some(cvss) = score.get(key) {
                    let place = format!("/vulnerabilities/{flaw}/scores/{index}/{key}");
                    one(cvss, key == "cvss_v2", &place, found);
                }
            }
        }
    }
}

fn one(cvss: &Value, second: bool, place: &str, found: &mut Findings) {
    let metrics = if second { cvss2::METRICS } else { cvss3::METRICS };
    names(cvss, metrics, place, found);
    let Some(vector) = text(cvss, "vectorString") else { return };
    let (read, scores) = if second {
        (Vector::read(vector, cvss2::METRICS), cvss2::scores(vector))
    } else {
        let edition = match text(cvss, "version") {
            Some("3.0") => cvss3::Edition::Zero,
            Some("3.1") => cvss3::Edition::One,
            _ => return,
        };
        (cvss3::read(vector, edition), cvss3::scores(vector, edition))
    };
    if let Some(scores) = scores {
        computed(cvss, &scores, second, place, found);
    }
    for (member, named) in read.iter().flat_map(Vector::named) {
        if let Some(given) = text(cvss, member).filter(|given| *given != named) {
            let text = format!("{member} is {:?}, but the vector says {named}", short(given));
            found.add("6.1.10", format!("{place}/{member}"), text);
        }
    }
}

fn names(cvss: &Value, metrics: &[Metric], place: &str, found: &mut Findings) {
    for metric in metrics {
        let Some(given) = cvss.get(metric.member) else { continue };
        if !metric.values.iter().any(|(_, name, _)| given == name) {
            let names: Vec<&str> = metric.values.iter().map(|(_, name, _)| *name).collect();
            let text = format!("expected one of {}", names.join(", "));
            found.add("6.1.8", format!("{place}/{}", metric.member), text);
        }
    }
}

fn computed(cvss: &Value, scores: &Scores, second: bool, place: &str, found: &mut Findings) {
    let kinds =
        [("base", scores.base), ("temporal", scores.temporal), ("environmental", scores.environmental)];
    for (kind, score) in kinds {
        let member = format!("{kind}Score");
        if let Some(given) = cvss.get(&member).and_then(Value::as_f64)
            && (given - score).abs() > 1e-9
        {
            let text = format!("{member} is {given}, but the vector gives {score}");
            found.add("6.1.9", format!("{place}/{member}"), text);
        }
        let member = format!("{kind}Severity");
        if !second
            && let Some(given) = text(cvss, &member)
            && given != severity(score)
        {
            let text =
                format!("{member} is {:?}, but a score of {score} is {}", short(given), severity(score));
            found.add("6.1.9", format!("{place}/{member}"), text);
        }
    }
}
