//! `tallyward import`: lists, captures, places, units, contacts.

use crate::args::{Import, ImportCapture, ImportList, ImportWhat};
use crate::captures;
use crate::commands::logs;
use crate::config::Config;
use crate::exit::{BAD_INPUT, DONE, Failure, Outcome};
use crate::files;
use crate::output;
use crate::progress::Progress;
use crate::wire;
use std::path::Path;
use tallyward_app::views::{ColumnChoice, ListPreview, Mapping, RowOutcome, TableReport};
use tallyward_app::{App, Who};
use tallyward_core::Field;

pub fn run(args: &Import, config: &Config, json: bool) -> Outcome {
    let app = wire::open(config)?.app;
    let who = Who::program();
    match &args.what {
        ImportWhat::List(list) => import_list(&app, list, json),
        ImportWhat::Capture(capture) => import_captures(&app, capture, json),
        ImportWhat::Places { file } => table(&app.import_places(&who, &files::read(file)?)?, json),
        ImportWhat::Units { file } => table(&app.import_units(&who, &files::read(file)?)?, json),
        ImportWhat::Contacts { file } => table(&app.import_contacts(&who, &files::read(file)?)?, json),
        ImportWhat::Undo { id } => {
            let id = id.parse().map_err(|error| Failure::usage(format!("{error}")))?;
            let changed = app.undo_import(&who, id)?;
            if json {
                output::json(&serde_json::json!({ "devices": changed }));
            } else {
                output::line(&format!("undone: {changed} devices worked out anew"));
            }
            Ok(DONE)
        }
    }
}

fn table(report: &TableReport, json: bool) -> Outcome {
    if json {
        output::json(report);
    } else {
        output::line(&format!("{} lines taken, {} refused", report.taken, report.refused.len()));
        for (line, why) in &report.refused {
            output::line(&format!("  line {line}: {why}"));
        }
    }
    Ok(if report.refused.is_empty() { DONE } else { BAD_INPUT })
}

fn import_list(app: &App, args: &ImportList, json: bool) -> Outcome {
    let staged = app.stage_list(&files::name(&args.file), files::read(&args.file)?)?;
    let (guessed, columns) = app.list_layout(&staged)?;
    let mapping = adjusted(guessed, &columns, args)?;
    if args.dry_run {
        let preview = app.preview_list(&staged, Some(mapping))?;
        if json {
            output::json(&preview);
        } else {
            show(&preview);
        }
        return Ok(DONE);
    }
    let bar = Progress::start("reading the list", 0);
    let report = app.apply_list_with(&Who::program(), &staged, &mapping, &mut |done, total| {
        bar.at(done as u64, total as u64);
    })?;
    bar.done(&format!(
        "{} rows: {} created, {} changed, {} disagree, {} unchanged, {} refused",
        report.rows, report.created, report.changed, report.disagree, report.unchanged, report.refused_count
    ));
    if json {
        output::json(&report);
    } else {
        output::line(&format!("import {}", report.ingest));
        let left = left_out(&mapping, &columns);
        if let Some(first) = left.first() {
            output::line(&format!("not stored: {}; --map \"{first}=FIELD\" takes a column", left.join(", ")));
        }
        for (row, column, why) in &report.refused {
            let place = if column.is_empty() { String::new() } else { format!(", {column}") };
            output::line(&format!("  row {row}{place}: {why}"));
        }
    }
    Ok(DONE)
}

/// Columns that mean nothing here, so that nobody finds out by their absence.
fn left_out<'a>(mapping: &Mapping, columns: &'a [ColumnChoice]) -> Vec<&'a str> {
    let taken =
        |at: usize| mapping.columns.get(at).is_some_and(Option::is_some) || mapping.record_id == Some(at);
    columns.iter().enumerate().filter(|(at, _)| !taken(*at)).map(|(_, choice)| choice.name.as_str()).collect()
}

fn adjusted(mut mapping: Mapping, columns: &[ColumnChoice], args: &ImportList) -> Result<Mapping, Failure> {
    if let Some(source) = &args.source {
        mapping.source.clone_from(source);
    }
    mapping.complete |= args.complete;
    mapping.day_first |= args.day_first;
    for rule in &args.map {
        let (column, field) =
            rule.split_once('=').ok_or_else(|| Failure::usage(format!("{rule:?}: expected COLUMN=FIELD")))?;
        let at = columns
            .iter()
            .position(|choice| choice.name.eq_ignore_ascii_case(column.trim()))
            .ok_or_else(|| Failure::usage(format!("there is no column {column:?}")))?;
        mapping.columns[at] = match field.trim() {
            "" => None,
            code => Some(code.parse::<Field>().map_err(|error| Failure::usage(error.to_string()))?),
        };
    }
    Ok(mapping)
}

/// The mapping, then what would become of the rows, the refused first.
fn show(preview: &ListPreview) {
    output::line(&format!(
        "{}: {} rows, {}, separated by {}{}",
        preview.file,
        preview.rows,
        preview.encoding,
        preview.separator,
        if preview.seen_before { "; applied before" } else { "" }
    ));
    let columns: Vec<Vec<String>> = preview
        .columns
        .iter()
        .map(|column| {
            let means = match (column.record_id, column.field) {
                (true, _) => "the list's own record id".to_owned(),
                (false, Some(field)) => field.code().to_owned(),
                (false, None) => "not stored".to_owned(),
            };
            vec![column.name.clone(), means, column.guessed.to_owned()]
        })
        .collect();
    output::table(&["COLUMN", "MEANS", "GUESSED BY"], &columns);
    output::line(&format!(
        "{} create, {} change, {} disagree, {} unchanged, {} refused, {} no longer listed",
        preview.created,
        preview.changed,
        preview.disagree,
        preview.unchanged,
        preview.refused,
        preview.dropped
    ));
    for row in &preview.shown {
        let text = match &row.outcome {
            RowOutcome::Refused { column, why } => format!("refused    {column} {why}"),
            RowOutcome::Create { name } => format!("create     {name}"),
            RowOutcome::Change { device, name, changes, dissent } => {
                let mut parts: Vec<String> =
                    changes.iter().map(|(field, old, new)| format!("{field}: {old:?} -> {new:?}")).collect();
                parts.extend(
                    dissent.iter().map(|(field, _, said)| format!("{field}: {said:?} kept as dissent")),
                );
                format!("change     {device} {name}: {}", parts.join("; "))
            }
            RowOutcome::Disagrees { device, name, dissent } => {
                let parts: Vec<String> = dissent
                    .iter()
                    .map(|(field, holds, said)| format!("{field}: {holds:?} holds, row says {said:?}"))
                    .collect();
                format!("disagrees  {device} {name}: {}", parts.join("; "))
            }
            RowOutcome::Unchanged { device } => format!("unchanged  {device}"),
        };
        if !output::line(&format!("  row {:>6}  {text}", row.row)) {
            return;
        }
        for (column, why) in &row.remarks {
            output::line(&format!("              not used: {column}: {why}"));
        }
    }
}

fn import_captures(app: &App, args: &ImportCapture, json: bool) -> Outcome {
    let zone = args.times.zone.as_deref().map_or_else(|| Ok(app.zone()), logs::zone)?;
    let taken = args.times.taken()?;
    let sorted = logs::sort(&args.files)?;
    let captures = sorted.captures.iter().map(|path| take_one_of_many(app, path, &args.sensor));
    // Captures first, one by one; then the logs, whose reading needs all of them.
    let pieces = logs::read_set(&sorted.logs, &args.sensor, app.now(), taken, zone)?;
    let logs = app.take_logs(&Who::program(), &args.sensor, pieces);
    let reports = captures.chain(logs.into_iter().map(|report| Ok(report?)));
    let mut code = DONE;
    for report in reports {
        match report {
            Ok(report) if json => {
                output::json(&report);
            }
            Ok(report) => {
                output::line(&format!(
                    "{}: {}{}, {} statements on {} devices{}",
                    report.file,
                    if report.log.is_empty() { String::new() } else { format!("{}, ", report.log) },
                    report.size(),
                    report.statements,
                    report.devices,
                    if report.seen_before { "; read before, nothing changed" } else { "" }
                ));
                for (place, what) in &report.problems {
                    output::line(&format!("  {place}: {what}"));
                }
            }
            Err(failure) => {
                eprintln!("tallyward: {failure}");
                code = BAD_INPUT;
            }
        }
    }
    app.refresh()?;
    app.refresh_drafts()?;
    Ok(code)
}

/// Reads one capture and takes it in; presence is worked out by the caller after the last.
pub fn take_one_of_many(
    app: &App,
    path: &Path,
    sensor: &str,
) -> Result<tallyward_app::views::CaptureReport, Failure> {
    let read = captures::read(path, sensor, app.now(), None, true)?;
    Ok(app.take_one_of_many(&Who::program(), &captures::name(path), sensor, read.ingest, read.learned)?)
}
