//! `tallyward bundle`: one signed file with the documents on file, for sites without internet.

use crate::args::Bundle as Args;
use crate::config::Config;
use crate::exit::{BAD_INPUT, DONE, Failure, Outcome};
use crate::files;
use crate::output;
use crate::progress::Progress;
use crate::wire;
use std::path::Path;
use tallyward_app::bundle::{Audience, Bundle, BundleIntake, BundleReport, MAX_BUNDLE};
use tallyward_app::signing::fingerprint;
use tallyward_app::{App, Who};

pub fn run(args: &Args, config: &Config, json: bool) -> Outcome {
    match args {
        Args::Write { file, publisher, same_organisation } => {
            let audience = if *same_organisation { Audience::SameOrganisation } else { Audience::Anybody };
            write(&wire::open(config)?.app, file, publisher.as_deref(), audience, json)
        }
        Args::Read { file, trust } => read(&wire::open(config)?.app, file, trust.as_deref(), json),
        Args::Keys => keys(&wire::open(config)?.app, json),
        Args::Trust { key } => {
            wire::open(config)?.app.trust_bundles_of(&Who::program(), key)?;
            output::line("trusted: bundles signed by this key are read from now on");
            Ok(DONE)
        }
        Args::Distrust { key } => {
            wire::open(config)?.app.distrust_bundles_of(&Who::program(), key)?;
            output::line("bundles signed by this key are read no more; what they brought stays");
            Ok(DONE)
        }
    }
}

fn write(app: &App, file: &Path, publisher: Option<&str>, audience: Audience, json: bool) -> Outcome {
    let publisher = publisher.unwrap_or(&app.site().name);
    let (signed, report) = app.write_bundle(&Who::program(), publisher, audience)?;
    let bytes = serde_json::to_vec(&signed)
        .map_err(|error| Failure::input(format!("failed to write the bundle: {error}")))?;
    files::write(file, &bytes)?;
    if json {
        output::json(&report);
    } else {
        for line in written(&report, file, bytes.len()) {
            output::line(&line);
        }
    }
    Ok(DONE)
}

fn written(report: &BundleReport, file: &Path, bytes: usize) -> Vec<String> {
    let threats = if report.threats.is_empty() { "none".to_owned() } else { report.threats.join(", ") };
    let mut lines = vec![format!(
        "{} documents in {} ({bytes} bytes); lists of threats: {threats}",
        report.documents,
        file.display()
    )];
    for (id, label) in &report.labelled {
        lines.push(format!("  left out, {label}: {id}"));
    }
    for id in &report.without_original {
        lines.push(format!("  left out, its original is not kept (take the document in again): {id}"));
    }
    lines.push(format!("signed; tell the readers your key's fingerprint: {}", report.fingerprint));
    lines
}

fn read(app: &App, file: &Path, trust: Option<&str>, json: bool) -> Outcome {
    let who = Who::program();
    let bundle = Bundle::open(&files::name(file), &files::read_within(file, MAX_BUNDLE as u64)?)?;
    if let Some(given) = trust {
        app.trust_signer_of(&who, &bundle, given)?;
    }
    let bar = Progress::start("reading the bundle", bundle.documents() as u64);
    let intake = app.read_bundle(&who, &bundle, &mut |done, total| bar.at(done as u64, total as u64))?;
    bar.done(&format!("{} documents", intake.documents));
    if json {
        output::json(&intake);
    } else {
        for line in taken(&intake) {
            output::line(&line);
        }
    }
    Ok(if intake.advisories.damaged.is_empty() { DONE } else { BAD_INPUT })
}

fn taken(intake: &BundleIntake) -> Vec<String> {
    let mut lines = vec![format!(
        "bundle of {:?} ({}), made {}, {} documents",
        intake.publisher, intake.fingerprint, intake.made.0, intake.documents
    )];
    if intake.organisation_only {
        lines.push("it holds documents that stay within the organisation".to_owned());
    }
    lines.extend(super::advisories::summary(&intake.advisories));
    for id in &intake.advisories.older {
        lines.push(format!("  {id}: a newer revision is held and stands"));
    }
    for list in &intake.threats {
        let outcome = serde_json::to_string(&list.outcome).unwrap_or_default();
        lines.push(format!("  threats, {} {}: {}", list.table, list.of, outcome.trim_matches('"')));
    }
    lines
}

fn keys(app: &App, json: bool) -> Outcome {
    let own = app.public_key()?;
    let senders = app.bundle_senders()?;
    if json {
        output::json(
            &serde_json::json!({ "key": own, "fingerprint": fingerprint(&own), "trusted": senders }),
        );
        return Ok(DONE);
    }
    output::line(&format!("this house: {own}\n  fingerprint {}", fingerprint(&own)));
    let rows: Vec<Vec<String>> = senders
        .into_iter()
        .map(|one| vec![one.fingerprint, one.by, one.since.0.to_string(), one.key])
        .collect();
    if rows.is_empty() {
        output::line("no other house's bundles are read");
    } else {
        output::table(&["FINGERPRINT", "TRUSTED BY", "SINCE", "KEY"], &rows);
    }
    Ok(DONE)
}
