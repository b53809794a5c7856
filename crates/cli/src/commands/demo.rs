//! `tallyward demo`: a sample hospital, the whole way, through the code that real input takes.

use crate::args::Demo;
use crate::commands::advisories::take;
use crate::commands::import::take_one_of_many;
use crate::commands::{model_book, serve, story};
use crate::config::{Config, Mail};
use crate::exit::{DONE, Failure, Outcome};
use crate::files;
use crate::output;
use crate::ports::{SystemClock, ToldClock};
use crate::progress::Progress;
use crate::wire;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tallyward_app::ports::{Clock, Entropy as _};
use tallyward_app::{App, Who};
use tallyward_core::{Presence, Timestamp};
use tallyward_lab::{Plan, build};

/// The sample's traffic ends so long before the demo is made, so that notices have had time to be answered.
const TRAFFIC_ENDED_HOURS_AGO: i64 = 6;
/// Where the sample house is.
const TIME_ZONE: &str = "America/Chicago";

/// What a demo folder remembers of itself.
#[derive(Serialize, Deserialize)]
struct Remembered {
    /// When it was made.
    made: Timestamp,
    /// Password of every sample account.
    password: String,
    /// Whether everything up to the notices is in place.
    complete: bool,
}

pub fn run(args: &Demo, json: bool) -> Outcome {
    if args.fresh {
        clear(&args.dir)?;
    }
    let mut remembered = remember(&args.dir)?;
    let config = configuration(args);
    if !remembered.complete {
        make(args, &config, &remembered)?;
        remembered.complete = true;
        keep(&args.dir, &remembered)?;
    }
    let app = wire::open(&config)?.app;
    app.refresh()?;
    app.refresh_drafts()?;
    summary(&app, json)?;
    if args.no_serve {
        return Ok(DONE);
    }
    output::line("");
    output::line(&format!("Console: {}", config.base_url));
    for (login, what) in story::ACCOUNTS.iter().map(|account| (account.login, account.what)) {
        output::line(&format!("  sign in as {login:8} with {}   ({what})", remembered.password));
    }
    output::line("Stop with Ctrl-C; run again to resume, with --fresh to start over.");
    serve::serve(&app, &config)
}

fn configuration(args: &Demo) -> Config {
    let url = format!("http://{}", args.listen);
    let sample = args.dir.join("sample");
    Config {
        data: args.dir.clone(),
        listen: args.listen,
        name: "Lakeside Sample Health".to_owned(),
        time_zone: TIME_ZONE.to_owned(),
        base_url: url.clone(),
        answer_url: url,
        maker_aliases: Some(sample.join("maker-aliases.csv")),
        model_aliases: Some(sample.join("model-aliases.csv")),
        mail: Mail { from: "tallyward@lakeside.example".to_owned(), ..Mail::default() },
        ..Config::default()
    }
}

/// Removes what a demo made, and nothing else that may lie in the folder.
fn clear(dir: &Path) -> Result<(), Failure> {
    let remove = |path: PathBuf| -> Result<(), Failure> {
        let removed =
            if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
        match removed {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Failure::file("remove", &path, &error))
            }
            _ => Ok(()),
        }
    };
    let store = wire::store_path(dir);
    for ending in ["", "-wal", "-shm", ".lock"] {
        let mut path = store.clone().into_os_string();
        path.push(ending);
        remove(PathBuf::from(path))?;
    }
    remove(dir.join("demo.json"))?;
    remove(dir.join("outbox"))?;
    remove(dir.join("sample"))
}

fn remember(dir: &Path) -> Result<Remembered, Failure> {
    let path = dir.join("demo.json");
    if path.exists() {
        let text = files::read(&path)?;
        return serde_json::from_slice(&text).map_err(|error| {
            Failure::input(format!("{}: {error}; start over with --fresh", path.display()))
        });
    }
    let mut bytes = [0u8; 6];
    crate::ports::SystemEntropy.fill(&mut bytes);
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let fresh = Remembered { made: SystemClock.now(), password: format!("lake-{digits}"), complete: false };
    keep(dir, &fresh)?;
    Ok(fresh)
}

fn keep(dir: &Path, remembered: &Remembered) -> Result<(), Failure> {
    let text = serde_json::to_vec(remembered)
        .map_err(|error| Failure::input(format!("failed to remember the demo: {error}")))?;
    files::write(&dir.join("demo.json"), &text)
}

/// Draws the hospital, writes its files, and takes them in the way a user's own files are.
fn make(args: &Demo, config: &Config, remembered: &Remembered) -> Result<(), Failure> {
    let bar = Progress::start("drawing the hospital", 0);
    let now = remembered.made.plus_seconds(-TRAFFIC_ENDED_HOURS_AGO * 3_600);
    let hospital = build(&Plan { now, ..Plan::default() });
    let sample = args.dir.join("sample");
    files::write(&sample.join("cmms.csv"), &hospital.cmms_csv())?;
    files::write(&sample.join("places.csv"), hospital.places_csv().as_bytes())?;
    files::write(&sample.join("units.csv"), hospital.units_csv().as_bytes())?;
    files::write(&sample.join("contacts.csv"), hospital.contacts_csv().as_bytes())?;
    files::write(&sample.join("maker-aliases.csv"), hospital.maker_aliases_csv().as_bytes())?;
    files::write(&sample.join("model-aliases.csv"), hospital.model_aliases_csv().as_bytes())?;
    for (name, bytes) in hospital.model_book() {
        files::write(&sample.join("model-book").join(name), &bytes)?;
    }
    files::write(&sample.join("traffic.pcapng"), &hospital.capture())?;
    for (name, bytes) in hospital.advisories() {
        files::write(&sample.join("advisories").join(name), &bytes)?;
    }
    bar.done(&format!(
        "{} devices, {} units, files in {}",
        hospital.truth.len(),
        hospital.units.len(),
        sample.display()
    ));

    let clock = Arc::new(ToldClock::new(now));
    let app = wire::open_with(config, Arc::clone(&clock) as Arc<dyn Clock>)?.app;
    let who = Who::program();
    app.import_units(&who, &files::read(&sample.join("units.csv"))?)?;
    app.import_contacts(&who, &files::read(&sample.join("contacts.csv"))?)?;
    app.import_places(&who, &files::read(&sample.join("places.csv"))?)?;
    list(&app, &sample)?;
    let bar = Progress::start("reading half an hour of traffic", 0);
    let report = take_one_of_many(&app, &sample.join("traffic.pcapng"), "sensor-1")?;
    app.refresh()?;
    bar.done(&format!(
        "{} packets, {} statements on {} devices",
        report.packets, report.statements, report.devices
    ));
    take(&app, &[sample.join("advisories")])?;
    model_book::take(&app, &[sample.join("model-book")], None)?;
    let bar = Progress::start("telling the sample's story", 0);
    let told = story::tell(&app, &clock, &remembered.password, &args.dir.join("outbox"))?;
    bar.done(&told);
    Ok(())
}

fn list(app: &App, sample: &Path) -> Result<(), Failure> {
    let staged = app.stage_list("cmms.csv", files::read(&sample.join("cmms.csv"))?)?;
    let (mut mapping, _) = app.list_layout(&staged)?;
    mapping.source = "CMMS export".to_owned();
    mapping.complete = true;
    let bar = Progress::start("reading the CMMS export", 0);
    let report = app.apply_list_with(&Who::program(), &staged, &mapping, &mut |done, total| {
        bar.at(done as u64, total as u64);
    })?;
    bar.done(&format!("{} rows: {} created, {} refused", report.rows, report.created, report.refused_count));
    Ok(())
}

/// About twelve lines: what is known, what is affected, who waits for whom.
fn summary(app: &App, json: bool) -> Result<(), Failure> {
    let overview = app.overview()?;
    if json {
        output::json(&json!({
            "devices": overview.devices,
            "presence": overview.presence,
            "findings": overview.findings,
            "drafts": overview.drafts,
            "notices": overview.notices,
            "answered": overview.answered,
            "advisories": overview.advisories,
        }));
        return Ok(());
    }
    let row = |label: &str, value: u64| output::line(&format!("{label:28} {value:>6}"));
    output::line("");
    row("devices known of", overview.devices);
    for (presence, count) in Presence::ALL.iter().zip(&overview.presence) {
        row(&format!("  {}", presence.label()), count.value);
    }
    row("advisories on file", overview.advisories);
    row("findings: affected", overview.findings.affected);
    row("          unknown", overview.findings.unknown);
    row("          not affected", overview.findings.not_affected);
    row("drafts waiting for release", overview.drafts);
    output::line(&format!("{:28} {:>6} of {}", "notices answered", overview.answered, overview.notices));
    Ok(())
}
