//! `tallyward threats`: takes in KEV, EPSS and enriched CVE records, shows what is on file.

use crate::args::Threats;
use crate::config::Config;
use crate::exit::{BAD_INPUT, DONE, Outcome};
use crate::files;
use crate::output;
use crate::wire;
use std::path::PathBuf;
use tallyward_app::{App, Who};

pub fn run(args: &Threats, config: &Config, json: bool) -> Outcome {
    match args {
        Threats::Take { files } => take(&wire::open(config)?.app, files, json),
        Threats::List => list(&wire::open_to_read(config)?.app, json),
    }
}

fn take(app: &App, paths: &[PathBuf], json: bool) -> Outcome {
    let mut read = Vec::new();
    for path in files::expand(paths, &["json", "csv", "gz", "zip"])? {
        read.push((files::name(&path), files::read(&path)?));
    }
    let intake = app.take_threats(&Who::program(), read)?;
    if json {
        output::json(&intake);
    } else {
        for line in intake.sentences() {
            output::line(&line);
        }
        for (what, bad) in [("left out", &intake.noted), ("not read", &intake.damaged)] {
            for one in bad {
                output::line(&format!("  {what}: {} ({}): {}", one.file, one.place, one.why));
            }
        }
    }
    Ok(if intake.damaged.is_empty() { DONE } else { BAD_INPUT })
}

fn list(app: &App, json: bool) -> Outcome {
    let lines = app.threats()?;
    output::listing(
        &lines,
        json,
        &["what", "of", "flaws", "of them in advisories here", "taken in"],
        |line| {
            vec![
                line.label.clone(),
                line.of.clone(),
                line.flaws.to_string(),
                line.here.to_string(),
                line.taken.0.date(),
            ]
        },
    );
    Ok(DONE)
}
