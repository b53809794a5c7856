//! `tallyward advisories check`: whether documents are valid CSAF 2.0.

use crate::exit::{DONE, FAILED, Outcome};
use crate::{files, output};
use serde::Serialize;
use std::path::PathBuf;
use tallyward_advisories::{Finding, check};

#[derive(Serialize)]
struct Checked {
    file: String,
    valid: bool,
    findings: Vec<Finding>,
}

pub fn run(paths: &[PathBuf], json: bool) -> Outcome {
    let (mut checked, mut invalid) = (0_usize, 0_usize);
    for path in files::expand(paths, &["json"])? {
        let findings = check(&files::read(&path)?);
        checked += 1;
        invalid += usize::from(!findings.is_empty());
        let one = Checked { file: path.display().to_string(), valid: findings.is_empty(), findings };
        if json {
            output::json(&one);
        } else {
            print(&one);
        }
    }
    if !json {
        output::line(&format!("{checked} checked, {} valid, {invalid} not valid", checked - invalid));
    }
    Ok(if invalid == 0 { DONE } else { FAILED })
}

fn print(one: &Checked) {
    if one.valid {
        output::line(&format!("{}: valid CSAF 2.0", one.file));
        return;
    }
    output::line(&format!("{}: not valid", one.file));
    for finding in &one.findings {
        let place = if finding.place.is_empty() { "the document" } else { &finding.place };
        output::line(&format!("  {} at {place}: {}", finding.test, finding.text));
    }
}
