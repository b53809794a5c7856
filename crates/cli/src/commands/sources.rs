//! `tallyward sources`: where advisories, letters and what is known of attacks are fetched from.

use crate::args::{SourceAdd, Sources, Sync};
use crate::config::Config;
use crate::exit::{AWAY, BAD_INPUT, DONE, Failure, Outcome};
use crate::output;
use crate::wire;
use std::time::Duration;
use tallyward_app::{App, Require, Source, SourceKind, SyncReport, Who};

pub fn run(args: &Sources, config: &Config, json: bool) -> Outcome {
    match args {
        Sources::Add(add) => {
            let app = wire::open(config)?.app;
            app.add_source(&Who::program(), source(add)?)?;
            output::line(&format!("source {} added; `tallyward sources sync` fetches", add.name));
        }
        Sources::Remove { name } => {
            wire::open(config)?.app.remove_source(&Who::program(), name)?;
            output::line(&format!("source {name} removed; what it brought stays"));
        }
        Sources::List => list(&wire::open_to_read(config)?.app, json)?,
        Sources::Sync(sync) => return fetch(sync, config, json),
    }
    Ok(DONE)
}

fn source(add: &SourceAdd) -> Result<Source, Failure> {
    let unknown = |what: &str| Failure::usage(format!("{what:?} is not known"));
    Ok(Source {
        name: add.name.clone(),
        kind: SourceKind::from_code(&add.kind).ok_or_else(|| unknown(&add.kind))?,
        url: add.url.clone(),
        internal: add.internal,
        clear_text: add.clear_text,
        require: Require::from_code(&add.require).ok_or_else(|| unknown(&add.require))?,
        pause_ms: add.pause,
        ..Source::default()
    })
}

fn list(app: &App, json: bool) -> Result<(), Failure> {
    let sources = app.source_lines()?;
    if json {
        output::json(&sources);
        return Ok(());
    }
    let rows: Vec<Vec<String>> = sources
        .iter()
        .map(|source| {
            vec![
                source.name.clone(),
                source.health.code().to_owned(),
                source.kind.to_owned(),
                source.url.clone(),
                source.last_success.map_or_else(|| "never".to_owned(), |at| at.0.to_string()),
                source.documents.to_string(),
                source.refused.len().to_string(),
                source.delay.map_or_else(
                    || "not measured".to_owned(),
                    |delay| format!("{:.1} h, {:.1} h", delay.median_hours, delay.worst_hours),
                ),
                source.error.clone(),
            ]
        })
        .collect();
    output::table(
        &[
            "NAME",
            "HEALTH",
            "KIND",
            "ADDRESS",
            "LAST SUCCESS",
            "DOCUMENTS",
            "REFUSED",
            "DELAY MEDIAN, WORST",
            "ERROR",
        ],
        &rows,
    );
    for source in &sources {
        for shut in &source.shut {
            let (name, tlp, status) = (&source.name, &shut.tlp, shut.status);
            let place = format!("{} ({tlp}, answers {status})", shut.url);
            output::line(&format!("  {name} has a feed for members only: {place}"));
        }
        for refused in &source.refused {
            output::line(&format!("  {} refused {}: {}", source.name, refused.url, refused.why));
        }
    }
    Ok(())
}

fn fetch(args: &Sync, config: &Config, json: bool) -> Outcome {
    let app = wire::open(config)?.app;
    let reports = run_over(&app, config, args.source.as_deref(), args.again)?;
    let mut code = DONE;
    for report in &reports {
        if !report.refused.is_empty() {
            code = BAD_INPUT;
        }
        if !report.error.is_empty() {
            code = AWAY;
        }
        if !json {
            print(report);
        }
    }
    if json {
        output::json(&reports);
    }
    Ok(code)
}

/// Runs over one source, or all of them.
pub fn run_over(
    app: &App,
    config: &Config,
    one: Option<&str>,
    again: bool,
) -> Result<Vec<SyncReport>, Failure> {
    let names: Vec<String> = match one {
        Some(name) => vec![name.to_owned()],
        None => app.sources()?.into_iter().map(|source| source.name).collect(),
    };
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let fetcher = wire::fetcher(config)?;
    let wait = |ms: u32| std::thread::sleep(Duration::from_millis(u64::from(ms)));
    names.iter().map(|name| Ok(app.sync(&Who::program(), name, &fetcher, again, &wait)?)).collect()
}

fn print(report: &SyncReport) {
    output::line(&format!(
        "{}: {} looked at, {} new, {} changed, {} unchanged, {} refused",
        report.source,
        report.looked_at,
        report.new.len(),
        report.changed.len(),
        report.unchanged,
        report.refused.len()
    ));
    for (id, changes) in &report.changed {
        for change in changes {
            output::line(&format!("  {id}: {change}"));
        }
    }
    for (url, why) in &report.refused {
        output::line(&format!("  refused {url}: {why}"));
    }
    if !report.passed_over.is_empty() {
        let kinds: Vec<String> =
            report.passed_over.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        output::line(&format!("  left, being for those who watch networks: {}", kinds.join(", ")));
    }
    if !report.error.is_empty() {
        output::line(&format!("  not complete: {}", report.error));
    }
}
