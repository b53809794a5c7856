//! `tallyward advisories`: takes in files of advisories.

use crate::args::Advisories;
use crate::config::Config;
use crate::exit::{BAD_INPUT, DONE, Outcome};
use crate::files;
use crate::output;
use crate::progress::Progress;
use crate::wire;
use std::path::PathBuf;
use tallyward_app::views::AdvisoryIntake;
use tallyward_app::{App, Who};

pub fn run(args: &Advisories, config: &Config, json: bool) -> Outcome {
    let app = wire::open(config)?.app;
    let intake = take(&app, &args.files)?;
    if json {
        output::json(&intake);
    } else {
        for line in summary(&intake) {
            output::line(&line);
        }
    }
    Ok(if intake.damaged.is_empty() { DONE } else { BAD_INPUT })
}

/// Reads and takes in every file of advisories of `paths`.
pub fn take(app: &App, paths: &[PathBuf]) -> Result<AdvisoryIntake, crate::exit::Failure> {
    let mut read = Vec::new();
    for path in files::expand(paths, &["json"])? {
        read.push((files::name(&path), files::read(&path)?));
    }
    let bar = Progress::start("reading advisories", read.len() as u64);
    let intake = app.import_advisories_with(&Who::program(), read, &mut |done, total| {
        bar.at(done as u64, total as u64);
    })?;
    bar.done(&summary(&intake).remove(0));
    Ok(intake)
}

/// What became of them, in lines.
pub fn summary(intake: &AdvisoryIntake) -> Vec<String> {
    let mut lines = vec![format!(
        "{} new, {} changed, {} unchanged, {} damaged",
        intake.new.len(),
        intake.changed.len(),
        intake.unchanged,
        intake.damaged.len()
    )];
    for (id, changes) in &intake.changed {
        lines.extend(changes.iter().map(|change| format!("  {id}: {change}")));
    }
    for bad in &intake.damaged {
        lines.push(format!("  {} ({}): {}", bad.file, bad.place, bad.why));
    }
    lines
}
