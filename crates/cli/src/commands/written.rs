//! `tallyward written`: advisories written here, prepared and shown from the command line. A named person hands one
//! over and another agrees, each signed in on the page: the program can do neither.

use crate::args::Written;
use crate::config::Config;
use crate::exit::{DONE, FAILED, Failure, Outcome};
use crate::files;
use crate::output;
use crate::wire;
use std::io::Write as _;
use std::path::Path;
use tallyward_app::written::{Writing, WritingPreview, WrittenPage};
use tallyward_app::{App, Who};

/// The largest file that is read as a text.
const MAX_BYTES: u64 = 1024 * 1024;

pub fn run(args: &Written, config: &Config, json: bool) -> Outcome {
    match args {
        Written::List => list(&wire::open_to_read(config)?.app, json),
        Written::New { letter, out } => {
            let writing = wire::open_to_read(config)?.app.fresh_writing(letter.as_deref())?;
            let text = serde_json::to_string_pretty(&writing)
                .map_err(|error| Failure::input(format!("failed to write it as JSON: {error}")))?;
            hand_out(format!("{text}\n").as_bytes(), out.as_deref())
        }
        Written::Preview { file } => {
            let view = wire::open_to_read(config)?.app.preview_writing(read(file)?)?;
            if json {
                output::json(&view);
            } else {
                told(&view).iter().for_each(|line| {
                    output::line(line);
                });
            }
            Ok(if view.wrong.is_empty() { DONE } else { FAILED })
        }
        Written::Save { file, id, seen } => {
            let app = wire::open(config)?.app;
            let writing = read(file)?;
            let id = match (id, seen) {
                (Some(id), Some(seen)) => {
                    app.write_on(&Who::program(), id, seen, writing)?;
                    id.clone()
                }
                _ => app.begin_writing(&Who::program(), writing)?,
            };
            saved(&app.written_page(&id)?, json);
            Ok(DONE)
        }
        Written::Show { id } => {
            let page = wire::open_to_read(config)?.app.written_page(id)?;
            if json {
                output::json(&page);
            } else {
                shown(&page).iter().for_each(|line| {
                    output::line(line);
                });
            }
            Ok(DONE)
        }
        Written::Export { id, out } => {
            hand_out(wire::open_to_read(config)?.app.written_csaf(id)?.as_bytes(), out.as_deref())
        }
    }
}

fn list(app: &App, json: bool) -> Outcome {
    let lines = app.written()?;
    output::listing(
        &lines,
        json,
        &["advisory", "state", "title", "written by", "letter", "released revisions"],
        |line| {
            let letter = line.letter.chars().take(12).collect();
            let writers = line.writers.join(", ");
            vec![
                line.id.clone(),
                line.state.code().to_owned(),
                line.title.clone(),
                writers,
                letter,
                line.revisions.to_string(),
            ]
        },
    );
    Ok(DONE)
}

fn read(path: &Path) -> Result<Writing, Failure> {
    let size = std::fs::metadata(path).map_err(|error| Failure::file("read", path, &error))?.len();
    if size > MAX_BYTES {
        return Err(Failure::input(format!("{}: more than 1 MB, too large for an advisory", path.display())));
    }
    serde_json::from_slice(&files::read(path)?)
        .map_err(|error| Failure::input(format!("{}: {error}", path.display())))
}

fn hand_out(bytes: &[u8], out: Option<&Path>) -> Outcome {
    match out {
        Some(path) => files::write(path, bytes)?,
        None => std::io::stdout()
            .write_all(bytes)
            .map_err(|error| Failure::away(format!("failed to write to standard output: {error}")))?,
    }
    Ok(DONE)
}

fn saved(page: &WrittenPage, json: bool) {
    if json {
        output::json(page);
        return;
    }
    output::line(&format!("{} saved, {}", page.line.id, page.line.state.code()));
    output::line("A named person hands it over on the page, and another one agrees.");
}

fn shown(page: &WrittenPage) -> Vec<String> {
    let line = &page.line;
    let mut lines = vec![format!("{}  {}", line.id, line.title), format!("  {}", line.state.code())];
    lines.push(format!("  written by {}", line.writers.join(", ")));
    for one in &page.passed {
        lines.push(format!(
            "  revision {}: {} Agreed to by {} at {}",
            one.number, one.summary, one.reader.name, one.reader.at.0
        ));
    }
    lines.push(format!("  seen: {}", page.seen));
    lines.extend(told(&page.preview));
    lines
}

fn told(view: &WritingPreview) -> Vec<String> {
    let mut lines = vec![format!(
        "{} affected, {} unknown, {} not affected",
        view.affected, view.unknown, view.not_affected
    )];
    for one in &view.units {
        let unit = if one.unit.is_empty() { "unit not known" } else { &one.unit };
        lines.push(format!("  {unit}: {} affected, {} unknown", one.affected, one.unknown));
    }
    for one in &view.clauses {
        lines.push(format!(
            "  {} {}: {:?} read as {}, {}",
            one.vendor, one.product, one.clause, one.read_as, one.quality
        ));
    }
    for one in &view.models {
        let version = if one.version.is_empty() { "version not known" } else { &one.version };
        lines.push(format!(
            "  {} {version}: {} {}. {}",
            one.model,
            one.devices,
            one.verdict.label(),
            one.because
        ));
    }
    for one in &view.unmatched {
        lines.push(format!("  nothing here goes by {} {}", one.vendor, one.product));
    }
    for why in view.wrong.iter().chain(&view.contradictions) {
        lines.push(format!("  to mend: {why}"));
    }
    lines
}
