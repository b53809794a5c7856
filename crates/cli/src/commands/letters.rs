//! `tallyward letters`: takes in what arrives and is no CSAF document, and lists it.

use crate::args::Letters;
use crate::config::Config;
use crate::exit::{BAD_INPUT, DONE, Failure, Outcome};
use crate::files;
use crate::output;
use crate::wire;
use std::path::{Path, PathBuf};
use tallyward_app::letters::{LetterIntake, MAX_MAILBOX};
use tallyward_app::views::Damaged;
use tallyward_app::{App, Who};

/// Endings that are taken from a folder which is no Maildir.
const ENDINGS: [&str; 8] = ["eml", "mbox", "txt", "md", "html", "htm", "pdf", "msg"];

pub fn run(args: &Letters, config: &Config, json: bool) -> Outcome {
    match args {
        Letters::Take { paths } => {
            let intake = take(&wire::open(config)?.app, paths)?;
            if json {
                output::json(&intake);
            } else {
                for line in summary(&intake) {
                    output::line(&line);
                }
            }
            Ok(if intake.refused.is_empty() { DONE } else { BAD_INPUT })
        }
        Letters::List => list(&wire::open_to_read(config)?.app, json),
    }
}

fn list(app: &App, json: bool) -> Outcome {
    let lines = app.letters()?;
    output::listing(
        &lines,
        json,
        &["letter", "state", "received", "from", "subject", "label", "CVE", "models here"],
        |line| {
            let id = line.id.chars().take(12).collect();
            let names = line.names.join(", ");
            vec![
                id,
                line.state.plain().to_owned(),
                line.received.0.to_string(),
                line.sender.clone(),
                line.subject.clone(),
                line.tlp.clone(),
                line.cves.join(" "),
                names,
            ]
        },
    );
    Ok(DONE)
}

/// Takes in everything of `paths`, one file in memory at a time.
pub fn take(app: &App, paths: &[PathBuf]) -> Result<LetterIntake, Failure> {
    let mut intake = LetterIntake::default();
    for path in found(paths)? {
        let name = files::name(&path);
        let size = std::fs::metadata(&path).map_err(|error| Failure::file("read", &path, &error))?.len();
        if size > MAX_MAILBOX as u64 {
            let why = "more than 256 MB; no letter and no mailbox file may be so large".to_owned();
            intake.refused.push(Damaged { file: name, place: String::new(), why });
            continue;
        }
        intake.add(app.take_letters(&Who::program(), vec![(name, files::read(&path)?)])?);
    }
    Ok(intake)
}

/// The files of `paths`; of a Maildir the delivered messages, new and seen, and never one still being written.
pub fn found(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut all = Vec::new();
    for path in paths {
        if is_maildir(path) {
            for part in ["cur", "new"] {
                let folder = path.join(part);
                let entries =
                    std::fs::read_dir(&folder).map_err(|error| Failure::file("read", &folder, &error))?;
                let mut messages: Vec<PathBuf> = entries
                    .filter_map(|entry| entry.ok().map(|entry| entry.path()))
                    .filter(|path| path.is_file() && !files::name(path).starts_with('.'))
                    .collect();
                messages.sort();
                all.extend(messages);
            }
        } else {
            all.extend(files::expand(std::slice::from_ref(path), &ENDINGS)?);
        }
    }
    Ok(all)
}

/// Whether a folder is a Maildir.
pub fn is_maildir(path: &Path) -> bool {
    path.join("cur").is_dir() && path.join("new").is_dir()
}

/// What became of them, in lines.
fn summary(intake: &LetterIntake) -> Vec<String> {
    let refused = intake.refused.len();
    let mut lines =
        vec![format!("{} new, {} here already, {refused} refused", intake.taken.len(), intake.held)];
    for bad in &intake.refused {
        let place = if bad.place.is_empty() { String::new() } else { format!(" ({})", bad.place) };
        lines.push(format!("  {}{place}: {}", bad.file, bad.why));
    }
    lines
}
