//! `tallyward model-book`: shows it, hands it out, takes others' in.

use crate::args::ModelBook;
use crate::config::Config;
use crate::exit::{DONE, Failure, Outcome};
use crate::files;
use crate::output;
use crate::wire;
use std::path::{Path, PathBuf};
use tallyward_app::model_book::{BookIntake, FromFile, ModelEntry};
use tallyward_app::signing::fingerprint;
use tallyward_app::{App, Who};

pub fn run(args: &ModelBook, config: &Config, json: bool) -> Outcome {
    match args {
        ModelBook::Show { maker: Some(maker), model: Some(model) } => {
            show_entry(&wire::open_to_read(config)?.app, maker, model, json)
        }
        ModelBook::Show { .. } => show(&wire::open_to_read(config)?.app, json),
        ModelBook::Export { out, publisher } => {
            export(&wire::open(config)?.app, out, publisher.as_deref(), json)
        }
        ModelBook::Import { files, trust } => {
            let intakes = take(&wire::open(config)?.app, files, trust.as_deref())?;
            if json {
                output::json(&intakes);
            } else {
                intakes.iter().flat_map(summary).for_each(|line| {
                    output::line(&line);
                });
            }
            Ok(DONE)
        }
    }
}

fn show(app: &App, json: bool) -> Outcome {
    let lines = app.model_book()?;
    output::listing(
        &lines,
        json,
        &["maker", "model", "says where to read", "how to wipe", "services"],
        |line| {
            let wipe = if line.wipe { "yes" } else { "" };
            vec![
                line.maker.clone(),
                line.model.clone(),
                line.reads.join(", "),
                wipe.to_owned(),
                line.services.to_string(),
            ]
        },
    );
    Ok(DONE)
}

fn show_entry(app: &App, maker: &str, model: &str, json: bool) -> Outcome {
    let entry = app.model_entry_for(maker, model)?;
    if entry.is_empty() {
        return Err(Failure::input(format!(
            "nobody has written anything about {} {} yet",
            entry.maker, entry.model
        )));
    }
    if json {
        output::json(&entry);
        return Ok(DONE);
    }
    for line in told(&entry) {
        output::line(&line);
    }
    Ok(DONE)
}

fn told(entry: &ModelEntry) -> Vec<String> {
    let mut lines = vec![format!("{} {} {}", entry.maker, entry.model, entry.model_number)];
    for one in &entry.readings {
        let of = if one.component.is_empty() { String::new() } else { format!(" of {}", one.component) };
        let minutes = one.minutes.map(|minutes| format!(", {minutes} min")).unwrap_or_default();
        lines.push(format!("  {}{of}: {}", one.field.label(), one.path));
        lines.push(format!("    {}{minutes}", one.when.plain()));
        lines.push(format!(
            "    written by {} on {}, from: {}",
            one.written.by, one.written.on, one.written.document
        ));
    }
    if !entry.wipe.is_empty() {
        lines.push(format!("  How to wipe: {}", entry.wipe));
    }
    for one in &entry.services {
        lines.push(format!("  Talks: {} {}/{} with {}", one.name, one.transport, one.port, one.with));
    }
    if !entry.maintenance.is_empty() {
        lines.push(format!("  Maintenance: {}", entry.maintenance));
    }
    lines
}

fn export(app: &App, out: &Path, publisher: Option<&str>, json: bool) -> Outcome {
    let publisher = publisher.unwrap_or(&app.site().name);
    let signed = app.export_model_book(&Who::program(), publisher)?;
    let entries = app.model_book_to_share()?;
    let encoded = |error: serde_json::Error| Failure::input(format!("failed to write the book: {error}"));
    if out.is_dir() {
        for entry in &entries {
            let text = serde_json::to_vec_pretty(entry).map_err(encoded)?;
            files::write(&out.join(format!("{}.json", entry.id())), &text)?;
        }
    } else {
        files::write(out, &serde_json::to_vec_pretty(&signed).map_err(encoded)?)?;
    }
    let mark = fingerprint(&signed.key);
    if json {
        output::json(&serde_json::json!({
            "entries": entries.len(), "key": signed.key, "fingerprint": mark, "signed": !out.is_dir(),
        }));
    } else if out.is_dir() {
        output::line(&format!("{} entries in {}, one open file each", entries.len(), out.display()));
    } else {
        output::line(&format!("{} entries in {}", entries.len(), out.display()));
        output::line(&format!("signed by {publisher:?}; tell the readers your key's fingerprint: {mark}"));
    }
    Ok(DONE)
}

/// Takes every entry and signed file of `paths`; all are read before the first is taken in.
pub fn take(app: &App, paths: &[PathBuf], trust: Option<&str>) -> Result<Vec<BookIntake>, Failure> {
    let who = Who::program();
    let mut read = Vec::new();
    for path in files::expand(paths, &["json"])? {
        read.push(FromFile::read(&files::name(&path), &files::read(&path)?)?);
    }
    if let Some(given) = trust {
        app.trust_signer(&who, &read, given)?;
    }
    read.iter().map(|file| Ok(app.import_model_book(&who, file)?)).collect()
}

fn summary(intake: &BookIntake) -> Vec<String> {
    let from = if intake.fingerprint.is_empty() { "signed by nobody" } else { intake.fingerprint.as_str() };
    let mut lines = vec![format!(
        "from {:?} ({from}): {} taken, {} the same, {} kept as they are here",
        intake.publisher,
        intake.taken.len(),
        intake.same,
        intake.kept.len()
    )];
    lines.extend(intake.kept.iter().map(|kept| format!("  says otherwise than here: {kept}")));
    lines
}
