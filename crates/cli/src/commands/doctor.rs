//! `tallyward doctor`: what is missing or badly set, and how to mend it.

use crate::config::Config;
use crate::exit::{DONE, FAILED, Outcome};
use crate::output;
use crate::wire;
use serde::Serialize;
use std::net::TcpListener;
use tallyward_app::sensors::SensorHealth;
use tallyward_app::{App, Health};
use tallyward_store::verify_audit;

#[derive(Serialize)]
struct Check {
    what: &'static str,
    ok: bool,
    finding: String,
    mend: String,
}

struct Checks(Vec<Check>);

impl Checks {
    fn good(&mut self, what: &'static str, finding: impl Into<String>) {
        self.0.push(Check { what, ok: true, finding: finding.into(), mend: String::new() });
    }

    fn bad(&mut self, what: &'static str, finding: impl Into<String>, mend: impl Into<String>) {
        self.0.push(Check { what, ok: false, finding: finding.into(), mend: mend.into() });
    }
}

pub fn run(config: &Config, json: bool) -> Outcome {
    let mut checks = Checks(Vec::new());
    settings(config, &mut checks);
    match wire::open_to_read(config) {
        Ok(wired) => {
            store(&wired, &mut checks)?;
            sign_ins(config, &wired.app, &mut checks)?;
            sensors(&wired.app, &mut checks)?;
        }
        Err(failure) => checks.bad(
            "store",
            failure.to_string(),
            "start `tallyward serve` once, or set `data` to the folder of the store",
        ),
    }
    let ok = checks.0.iter().all(|check| check.ok);
    if json {
        output::json(&checks.0);
    } else {
        for check in &checks.0 {
            output::line(&format!(
                "{} {:14} {}",
                if check.ok { "ok  " } else { "MEND" },
                check.what,
                check.finding
            ));
            if !check.ok {
                output::line(&format!("{:19} -> {}", "", check.mend));
            }
        }
    }
    Ok(if ok { DONE } else { FAILED })
}

fn settings(config: &Config, checks: &mut Checks) {
    if tallyward_app::knows_time_zone(&config.time_zone) {
        checks.good("time zone", &config.time_zone);
    } else {
        let finding = format!("{:?} is no time zone", config.time_zone);
        checks.bad("time zone", finding, "set `time_zone` to an IANA name such as America/Chicago");
    }
    match TcpListener::bind(config.listen) {
        Ok(_) => checks.good("console", format!("{} is free", config.listen)),
        Err(error) => {
            let finding = format!("{}: {error}", config.listen);
            checks.bad("console", finding, "set `listen` to a free address, or stop what uses it");
        }
    }
    let local = config.listen.ip().is_loopback();
    if config.base_url.starts_with("https://") == config.secure_cookies {
        checks.good("cookies", if config.secure_cookies { "only over HTTPS" } else { "plain HTTP" });
    } else {
        checks.bad(
            "cookies",
            "`secure_cookies` and `base_url` do not fit",
            "set `secure_cookies = true` with https",
        );
    }
    if !local && !config.secure_cookies {
        checks.bad(
            "transport",
            format!("{} is reached from outside without TLS", config.listen),
            "put a TLS proxy in front, set `base_url` to its https address and `secure_cookies = true`",
        );
    }
    if config.answer_url.contains("127.0.0.1") || config.answer_url.contains("localhost") {
        checks.bad(
            "answer links",
            format!("{} only opens on this machine", config.answer_url),
            "set `answer_url` to the address a ward phone can reach",
        );
    } else {
        checks.good("answer links", &config.answer_url);
    }
    if let Some(folder) = &config.letters.folder {
        match std::fs::read_dir(folder) {
            Ok(_) => checks.good("letters", format!("looked for in {}", folder.display())),
            Err(error) => checks.bad(
                "letters",
                format!("{}: {error}", folder.display()),
                "set `letters.folder` to a Maildir or a folder of files that this account may read",
            ),
        }
    }
    if config.mail.host.is_empty() {
        checks.bad(
            "mail",
            "no SMTP host: messages are written into outbox/",
            "set `mail.host` and `mail.from`",
        );
    } else {
        checks.good("mail", format!("{}:{} from {}", config.mail.host, config.mail.port, config.mail.from));
    }
}

fn store(wired: &wire::Wired, checks: &mut Checks) -> Result<(), crate::exit::Failure> {
    let app = &wired.app;
    match verify_audit(&*wired.store, None) {
        Ok(verified) => checks.good("audit log", format!("{} entries, whole", verified.entries)),
        Err(broken) => {
            checks.bad("audit log", broken.to_string(), "restore the last backup and keep this file")
        }
    }
    let steps = app.first_steps()?;
    let needs = [
        ("account", steps.needs_account, "start `tallyward serve` and open the one-time link it prints"),
        ("devices", steps.needs_devices, "tallyward import list FILE.csv --dry-run"),
        ("advisories", steps.needs_advisories, "tallyward advisories DIR"),
        ("contacts", steps.needs_contacts, "tallyward import contacts FILE.csv"),
    ];
    for (what, missing, mend) in needs {
        if missing {
            checks.bad(what, "none yet", mend);
        } else {
            checks.good(what, "on record");
        }
    }
    if app.places()?.rules.is_empty() {
        checks.bad(
            "places",
            "none: ghosts and moves cannot be told",
            "tallyward import places FILE.csv (subnet, vlan, site, building, floor, unit, watched)",
        );
    } else {
        checks.good("places", format!("{} subnets", app.places()?.rules.len()));
    }
    if app.units()?.is_empty() {
        checks.bad("units", "none: nobody can be told", "tallyward import units FILE.csv");
    } else {
        checks.good("units", format!("{}", app.units()?.len()));
    }
    sources(app, checks)?;
    let mode = app.mode()?;
    if mode.shadow {
        let missing =
            if mode.missing.is_empty() { "everything is signed".to_owned() } else { mode.missing.join("; ") };
        checks.bad(
            "mode",
            format!("shadow mode: nothing is sent ({missing})"),
            "sign and go live under Settings",
        );
    } else {
        checks.good("mode", "live");
    }
    Ok(())
}

/// The sensors that send to this installation.
fn sensors(app: &App, checks: &mut Checks) -> Result<(), crate::exit::Failure> {
    for line in app.sensor_lines()? {
        let name = &line.name;
        match line.health {
            SensorHealth::Silent => checks.bad(
                "sensor",
                format!("{name} has sent nothing for a while"),
                "on its machine: tallyward sensor --status --spool DIR, and whether it reaches this server",
            ),
            SensorHealth::Poor => checks.bad(
                "sensor",
                format!("{name} does not see everything: {}", line.lacks.join("; ")),
                "docs/setup/sensor.md says what helps",
            ),
            SensorHealth::New => checks.good("sensor", format!("{name} has not sent yet")),
            SensorHealth::Good => checks.good("sensor", format!("{name} sends")),
            SensorHealth::Revoked => {}
        }
    }
    Ok(())
}

/// Whether each sign-in can be used: its secret is there, and it is for a source.
fn sign_ins(config: &Config, app: &App, checks: &mut Checks) -> Result<(), crate::exit::Failure> {
    for (name, given) in &config.sync.sign_in {
        let key = format!("sync.sign_in.{name}");
        let file = given.token_file.as_ref().or(given.password_file.as_ref());
        if app.sources()?.iter().all(|source| source.name != *name) {
            checks.bad("sign-in", format!("{key} is for no source"), "name a source, or remove it");
        } else if let Err(failure) = wire::sign_in(name, given) {
            checks.bad("sign-in", format!("{key}: {failure}"), "see docs/setup/sources.md, signing in");
        } else if file.is_some_and(|file| std::fs::File::open(file).is_err()) {
            checks.bad(
                "sign-in",
                format!("{key}: its file cannot be read"),
                "make it readable for this program",
            );
        } else {
            checks.good("sign-in", format!("{name} at {}", given.at));
        }
    }
    Ok(())
}

/// Whether what the sources publish can be counted on to be here.
fn sources(app: &App, checks: &mut Checks) -> Result<(), crate::exit::Failure> {
    let lines = app.source_lines()?;
    if lines.is_empty() {
        checks.good("sources", "none: advisories come as files");
        return Ok(());
    }
    let mut well = 0;
    for line in &lines {
        // No fault of anybody: what is for members is not given to others.
        for shut in &line.shut {
            let place = format!("{} ({}, answers {})", shut.url, shut.tlp, shut.status);
            checks.good("sources", format!("{} has a feed for members only, not read: {place}", line.name));
        }
        let last = line.last_success.map_or_else(|| "never".to_owned(), |at| at.0.to_string());
        let refused = line.refused.len();
        match line.health {
            Health::Failing => checks.bad(
                "sources",
                format!("{} was not read whole, last complete run {last}: {}", line.name, line.error),
                "mend what the error says, then: tallyward sources sync",
            ),
            Health::Stale => checks.bad(
                "sources",
                format!("{} is stale, last complete run {last}", line.name),
                "set `sync.every_hours`, let `tallyward serve` run, or: tallyward sources sync",
            ),
            Health::Good | Health::New if refused > 0 => checks.bad(
                "sources",
                format!("{} has {refused} refused documents, the last: {}", line.name, line.refused[0].why),
                "see tallyward sources list; ask the publisher to mend them",
            ),
            Health::Good | Health::New => well += 1,
        }
    }
    if well > 0 {
        checks.good("sources", format!("{well} of {} up to date", lines.len()));
    }
    Ok(())
}
