//! One command, one file.

mod advisories;
mod advisories_check;
mod advisories_shelf;
mod assess;
mod audit;
mod backtest;
mod backup;
mod bundle;
mod corrections;
mod demo;
mod doctor;
mod explain;
mod export;
mod import;
pub mod letters;
pub mod logs;
mod model_book;
mod pdf_text;
mod read;
mod rules;
mod sboms;
mod sensor;
mod sensors;
mod serve;
mod sources;
mod story;
mod threats;
mod triage;
mod udi;
mod verdict;
mod written;

use crate::args::{Args, Command};
use crate::config::Config;
use crate::exit::{Failure, Outcome};

/// Runs what was asked for.
pub fn run(args: Args) -> Outcome {
    let json = args.json;
    let config = || configuration(&args);
    match &args.command {
        Command::Demo(demo) => demo::run(demo, json),
        Command::Assess(assess) => assess::run(assess, json),
        Command::Backtest(backtest) => backtest::run(backtest, json),
        Command::Read(read) => read::run(read, config, json),
        Command::Sensor(sensor) => sensor::run(sensor, json),
        Command::Sensors(sensors) => sensors::run(sensors, &config()?, json),
        Command::Udi(udi) => udi::run(udi, json),
        Command::PdfText => pdf_text::run(),
        Command::Verdict(verdict) => verdict::run(verdict, json),
        Command::Serve(serve) => serve::run(serve, config()?),
        Command::Explain(explain) => explain::run(explain, config()?, json),
        Command::Rules(rules) => rules::run(rules, config, json),
        Command::Doctor => doctor::run(&config()?, json),
        Command::Backup(backup) => backup::backup(backup, &config()?, json),
        Command::Restore(restore) => backup::restore(restore, &config()?, json),
        Command::Import(import) => import::run(import, &config()?, json),
        Command::Advisories(advisories) => match &advisories.what {
            None => advisories::run(advisories, &config()?, json),
            Some(what) => advisories_shelf::run(what, config, json),
        },
        Command::Letters(letters) => letters::run(letters, &config()?, json),
        Command::Written(written) => written::run(written, &config()?, json),
        Command::ModelBook(book) => model_book::run(book, &config()?, json),
        Command::Sboms(sboms) => sboms::run(sboms, &config()?, json),
        Command::Threats(threats) => threats::run(threats, &config()?, json),
        Command::Triage(triage) => triage::run(triage, &config()?, json),
        Command::Export(export) => export::run(export, &config()?),
        Command::Sources(sources) => sources::run(sources, &config()?, json),
        Command::Bundle(bundle) => bundle::run(bundle, &config()?, json),
        Command::Audit(audit) => audit::run(audit, &config()?, json),
    }
}

#[expect(clippy::disallowed_methods, reason = "the environment is read here and nowhere else")]
fn configuration(args: &Args) -> Result<Config, Failure> {
    let mut config = Config::load(args.config.as_deref(), |name| std::env::var(name).ok())?;
    if let Some(data) = &args.data {
        config.data.clone_from(data);
    }
    Ok(config)
}
