//! `tallyward rules`: the tables of classification, and the house's own.

use crate::args::Rules;
use crate::config::Config;
use crate::exit::{DONE, FAILED, Failure, Outcome};
use crate::{files, output, wire};
use std::path::PathBuf;
use tallyward_app::Who;
use tallyward_app::views::{RecogLine, RulesPage, TableReport};
use tallyward_identity::classify::{RuleError, RuleTables, TableInfo};

pub fn run(args: &Rules, config: impl Fn() -> Result<Config, Failure>, json: bool) -> Outcome {
    match args {
        Rules::Check { files } => check(files, json),
        Rules::List { recog } => {
            let mut config = config()?;
            if recog.is_some() {
                config.recog.clone_from(recog);
            }
            // A house that has no store yet sees the shipped tables.
            let app = match wire::store_path(&config.data).exists() {
                true => wire::open_to_read(&config)?.app,
                false => wire::in_memory(&config)?,
            };
            list(&app.rule_tables()?, json);
            Ok(DONE)
        }
        Rules::Import { file } => {
            let app = wire::open(&config()?)?.app;
            let report = app.import_rules(&Who::program(), &files::name(file), &files::read(file)?)?;
            taken(&report, json);
            Ok(DONE)
        }
        Rules::Remove => {
            wire::open(&config()?)?.app.remove_rules(&Who::program())?;
            if !json {
                output::line("the house's own rules are gone; all devices were worked out again");
            }
            Ok(DONE)
        }
    }
}

#[derive(serde::Serialize)]
struct Checked {
    #[serde(flatten)]
    table: TableInfo,
    refused: Vec<RuleError>,
}

fn check(paths: &[PathBuf], json: bool) -> Outcome {
    let mut all_good = true;
    for path in paths {
        let bytes = files::read(path)?;
        let text = std::str::from_utf8(&bytes)
            .map_err(|error| Failure::input(format!("{}: it is no UTF-8 text: {error}", path.display())))?;
        let (table, refused) = RuleTables::check(&files::name(path), text);
        all_good &= refused.is_empty();
        let checked = Checked { table, refused };
        if json {
            output::json(&checked);
            continue;
        }
        output::line(&format!(
            "{}: {} rules, {} lines that cannot be used",
            checked.table.name,
            checked.table.rules,
            checked.refused.len()
        ));
        for error in &checked.refused {
            output::line(&format!("  line {}: {}", error.line, error.what));
        }
    }
    Ok(if all_good { DONE } else { FAILED })
}

fn taken(report: &TableReport, json: bool) {
    if json {
        output::json(report);
        return;
    }
    output::line(&format!("{} rules in force, {} lines refused", report.taken, report.refused.len()));
    for (line, why) in &report.refused {
        output::line(&format!("  line {line}: {why}"));
    }
}

fn list(page: &RulesPage, json: bool) {
    if json {
        output::json(page);
        return;
    }
    let row = |table: &TableInfo| {
        vec![table.name.clone(), table.version.clone(), table.rules.to_string(), table.source.clone()]
    };
    output::table(&["Table", "Version", "Rules", "Source"], &page.tables.iter().map(row).collect::<Vec<_>>());
    output::line(&format!("Network card makers: {}", page.registry));
    for (line, why) in &page.refused {
        output::line(&format!("own, line {line}: {why}"));
    }
    for RecogLine { name, fingerprints, rules, left_out, unused } in &page.recog {
        output::line(&format!("{name}: {rules} of {fingerprints} fingerprints understood"));
        for (line, why) in left_out {
            output::line(&format!("  line {line}: {why}"));
        }
        if !unused.is_empty() {
            output::line(&format!("  parameters not used: {}", unused.join(", ")));
        }
    }
}
