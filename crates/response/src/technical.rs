//! The version of a draft for biomed and security: numbers, clauses, remedies as the document words them.

use crate::draft::DraftInputs;
use crate::plain::{clip, fold};
use tallyward_core::{Label, Vulnerability};

/// Longest quotation, in characters; the whole text stays with the advisory.
const QUOTE: usize = 600;
/// Most clauses, remedies and devices listed of each; the rest is counted.
const MANY: usize = 40;

/// The lines, each free of line breaks; bounded whatever the document holds.
pub(crate) fn lines(inputs: &DraftInputs) -> Vec<String> {
    let advisory = inputs.advisory;
    let label = Label::of(&advisory.tlp);
    let title =
        if label.may_be_passed_on_inside() { text(&advisory.title) } else { "title withheld".to_owned() };
    let mut out = vec![
        format!(
            "Advisory {} revision {}, {}: {title}",
            text(&advisory.id),
            text(&advisory.revision),
            text(&advisory.publisher),
        ),
        format!(
            "Written {}. Triage {} {}, {}.",
            text(inputs.now),
            inputs.triage.clinical.code(),
            inputs.triage.tier.code(),
            inputs.triage.vector
        ),
    ];
    out.extend(inputs.triage.why.iter().map(|why| format!("Why: {}", text(why))));
    if label != Label::Clear {
        out.push(format!("The advisory is {}: {}.", label.code(), label.plain()));
    }
    if label.may_be_passed_on_inside() {
        for flaw in inputs.vulnerabilities.iter().take(MANY) {
            flaw_lines(inputs, flaw, &mut out);
        }
        more(&mut out, inputs.vulnerabilities.len(), "vulnerabilities");
    } else {
        out.push("What it says is not repeated here; those who were told read it in the console.".to_owned());
    }
    for line in inputs.models.iter().take(MANY) {
        let spots: Vec<String> = line
            .spots
            .iter()
            .take(MANY)
            .map(|spot| match (spot.tag.is_empty(), spot.room.is_empty()) {
                (false, false) => format!("{} (room {})", text(&spot.tag), text(&spot.room)),
                (false, true) => format!("{} (room not on record)", text(&spot.tag)),
                (true, false) => format!("no tag (room {})", text(&spot.room)),
                (true, true) => "no tag, room not on record".to_owned(),
            })
            .collect();
        out.push(format!("Devices: {} {}: {}", line.count, text(&line.model), spots.join(", ")));
        more(&mut out, line.spots.len(), "devices");
    }
    out
}

fn flaw_lines(inputs: &DraftInputs, flaw: &Vulnerability, out: &mut Vec<String>) {
    let head = [&flaw.id, &flaw.title, &flaw.cwe].map(|part| text(part));
    out.push(head.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · "));
    for score in flaw.scores.iter().take(MANY) {
        let (version, base, vector) = (text(&score.version), text(&score.base), text(&score.vector));
        out.push(format!("Score as published: {base} (CVSS {version}) {vector}"));
        out.extend(score.disagreement().map(|why| format!("Score worked out: {}", text(&why))));
    }
    let clauses: Vec<String> = flaw
        .statements
        .iter()
        .filter_map(|statement| {
            let product = inputs.advisory.product(&statement.product)?;
            let clause =
                if product.version.is_empty() { "all versions (no version text)" } else { &product.version };
            Some(format!(
                "Clause: {} {:?}, {}",
                text(&product.product),
                text(clause),
                statement.status.label()
            ))
        })
        .collect();
    out.extend(clauses.iter().take(MANY).cloned());
    more(out, clauses.len(), "clauses");
    for remedy in flaw.remediations.iter().take(MANY) {
        let url = if remedy.url.is_empty() { String::new() } else { format!(" {}", text(&remedy.url)) };
        out.push(format!("Remedy, filed as {}: {:?}{url}", text(&remedy.category), text(&remedy.text)));
    }
    more(out, flaw.remediations.len(), "remedies");
}

fn more(out: &mut Vec<String>, all: usize, what: &str) {
    if all > MANY {
        out.push(format!("… and {} more {what} in the advisory.", all - MANY));
    }
}

fn text(raw: &str) -> String {
    clip(&fold(raw, QUOTE * 4), QUOTE)
}
