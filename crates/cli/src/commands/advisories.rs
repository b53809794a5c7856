//! `tallyward advisories`: takes in files of advisories.

use crate::args::Advisories;
use crate::config::Config;
use crate::exit::{BAD_INPUT, DONE, Outcome};
use crate::files;
use crate::output;
use crate::progress::Progress;
use crate::wire;
use std::path::{Path, PathBuf};
use tallyward_app::views::{AdvisoryIntake, Damaged};
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

/// Reads and takes in every file of advisories of `paths`; one that cannot be read is told and the rest goes on.
pub fn take(app: &App, paths: &[PathBuf]) -> Result<AdvisoryIntake, crate::exit::Failure> {
    let (mut read, mut refused) = (Vec::new(), Vec::new());
    for path in files::expand(paths, &["json", "zip", "gz"])? {
        match files::read_within(&path, bound(&path)) {
            Ok(bytes) => read.push((files::name(&path), bytes)),
            Err(failure) => refused.push(Damaged {
                file: files::name(&path),
                place: "the file".to_owned(),
                why: failure.to_string(),
            }),
        }
    }
    let bar = Progress::start("reading advisories", read.len() as u64);
    let mut intake = app.import_advisories_with(&Who::program(), read, &mut |done, total| {
        bar.at(done as u64, total as u64);
    })?;
    intake.damaged.extend(refused);
    bar.done(&summary(&intake).remove(0));
    Ok(intake)
}

/// Most bytes a file may have: a document as much as is read of one, an archive as much as an upload.
fn bound(path: &Path) -> u64 {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let is_archive = ["zip", "gz"].iter().any(|wanted| ending.eq_ignore_ascii_case(wanted));
    if is_archive { files::MAX_FILE } else { tallyward_app::MAX_DOCUMENT }
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
    if !intake.flaws.is_empty() {
        let flaws = &intake.flaws;
        lines.push(format!(
            "  flaws of packages: {} new, {} changed, {} unchanged, {} naming no package",
            flaws.new, flaws.changed, flaws.unchanged, flaws.unplaced
        ));
    }
    for bad in &intake.damaged {
        lines.push(format!("  {} ({}): {}", bad.file, bad.place, bad.why));
    }
    lines
}
