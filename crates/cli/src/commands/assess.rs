//! `tallyward assess`: the user's own files in, affected and unknown devices out, nothing stored.

use crate::args::Assess;
use crate::captures;
use crate::commands::advisories::{summary, take};
use crate::commands::import::take_one_of_many;
use crate::config::Config;
use crate::exit::{BAD_INPUT, DONE, Failure, Outcome};
use crate::files;
use crate::output;
use crate::progress::Progress;
use crate::wire;
use serde::Serialize;
use tallyward_app::query::{DeviceQuery, FindingQuery};
use tallyward_app::round::RoundQuery;
use tallyward_app::views::{AdvisoryIntake, CaptureReport, DeviceLine, FindingLine, ImportReport};
use tallyward_app::{App, Who};
use tallyward_core::Verdict;

#[derive(Serialize)]
struct Assessment {
    captures: Vec<CaptureReport>,
    unreadable: Vec<String>,
    inventory: Option<ImportReport>,
    advisories: AdvisoryIntake,
    devices: Vec<DeviceLine>,
    findings: Vec<FindingLine>,
}

pub fn run(args: &Assess, json: bool) -> Outcome {
    let config = Config {
        maker_aliases: args.names.maker_aliases.clone(),
        model_aliases: args.names.model_aliases.clone(),
        ..Config::default()
    };
    let app = wire::in_memory(&config)?;
    let inventory = args.inventory.as_ref().map(|path| inventory(&app, path)).transpose()?;
    let (captures, unreadable) = read_captures(&app, args)?;
    let advisories = take(&app, &args.advisories)?;
    let assessment = Assessment {
        captures,
        unreadable,
        inventory,
        devices: devices(&app)?,
        findings: findings(&app)?,
        advisories,
    };
    if let Some(folder) = &args.out {
        files::write(&folder.join("devices.csv"), &app.export_devices(&DeviceQuery::default())?)?;
        files::write(&folder.join("findings.csv"), &app.export_findings(&FindingQuery::default())?)?;
        files::write(&folder.join("worklist.csv"), &app.export_worklist(&RoundQuery::default())?)?;
        let text = serde_json::to_vec_pretty(&assessment)
            .map_err(|error| Failure::input(format!("failed to write the assessment: {error}")))?;
        files::write(&folder.join("assessment.json"), &text)?;
    }
    if json {
        output::json(&assessment);
    } else {
        show(&assessment);
    }
    let damaged = !assessment.unreadable.is_empty() || !assessment.advisories.damaged.is_empty();
    Ok(if damaged { BAD_INPUT } else { DONE })
}

/// Takes in a list of devices.
pub fn inventory(app: &App, path: &std::path::Path) -> Result<ImportReport, Failure> {
    let staged = app.stage_list(&files::name(path), files::read(path)?)?;
    let (mapping, _) = app.list_layout(&staged)?;
    let bar = Progress::start("reading the inventory", 0);
    let report = app.apply_list(&Who::program(), &staged, &mapping)?;
    bar.done(&format!("{} rows, {} refused", report.rows, report.refused_count));
    Ok(report)
}

fn read_captures(app: &App, args: &Assess) -> Result<(Vec<CaptureReport>, Vec<String>), Failure> {
    let paths = captures::expand(&args.capture)?;
    let bar = Progress::start("reading captures", paths.len() as u64);
    let (mut read, mut unreadable) = (Vec::new(), Vec::new());
    for (at, path) in paths.iter().enumerate() {
        // Each capture is its own place: the same address in two files need not be the same device.
        match take_one_of_many(app, path, &captures::name(path)) {
            Ok(report) => read.push(report),
            Err(failure) => unreadable.push(failure.to_string()),
        }
        bar.at(at as u64 + 1, paths.len() as u64);
    }
    app.refresh()?;
    bar.done(&format!(
        "{} files, {} packets, {} not readable",
        read.len(),
        read.iter().map(|report| report.packets).sum::<u64>(),
        unreadable.len()
    ));
    Ok((read, unreadable))
}

fn devices(app: &App) -> Result<Vec<DeviceLine>, Failure> {
    let mut query = DeviceQuery { limit: Some(1_000), ..DeviceQuery::default() };
    let mut rows = Vec::new();
    loop {
        let page = app.devices(&query)?.page;
        rows.extend(page.rows);
        match page.next {
            Some(next) => query.after = Some(next),
            None => return Ok(rows),
        }
    }
}

fn findings(app: &App) -> Result<Vec<FindingLine>, Failure> {
    let mut query = FindingQuery { limit: Some(1_000), ..FindingQuery::default() };
    let mut rows = Vec::new();
    loop {
        let page = app.findings(&query)?.page;
        rows.extend(page.rows);
        match page.next {
            Some(next) => query.after = Some(next),
            None => return Ok(rows),
        }
    }
}

fn show(assessment: &Assessment) {
    let count = |verdict: Verdict| assessment.findings.iter().filter(|one| one.verdict == verdict).count();
    output::line(&format!("{} devices", assessment.devices.len()));
    output::line(&format!("advisories: {}", summary(&assessment.advisories).join("\n  ")));
    output::line(&format!(
        "findings: {} affected, {} unknown, {} not affected",
        count(Verdict::Affected),
        count(Verdict::Unknown),
        count(Verdict::NotAffected)
    ));
    for (title, verdict) in [("AFFECTED", Verdict::Affected), ("UNKNOWN", Verdict::Unknown)] {
        let rows: Vec<Vec<String>> = assessment
            .findings
            .iter()
            .filter(|one| one.verdict == verdict)
            .map(|one| {
                let last = if verdict == Verdict::Unknown {
                    format!("{} (find out: {})", one.because, one.missing.as_deref().unwrap_or("-"))
                } else {
                    one.because.clone()
                };
                vec![
                    one.name.clone(),
                    one.version.clone(),
                    one.advisory.clone(),
                    one.vulnerability.clone(),
                    last,
                ]
            })
            .collect();
        if !rows.is_empty() {
            output::line("");
            output::line(title);
            output::table(&["DEVICE", "VERSION", "ADVISORY", "VULNERABILITY", "BECAUSE"], &rows);
        }
    }
    for failure in &assessment.unreadable {
        output::line(&format!("not read: {failure}"));
    }
}
