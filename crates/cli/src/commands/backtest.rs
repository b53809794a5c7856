//! `tallyward backtest`: documents replayed by their own dates; nothing stored.

use crate::args::Backtest as Asked;
use crate::commands::assess::inventory;
use crate::config::Config;
use crate::exit::{BAD_INPUT, DONE, Failure, Outcome};
use crate::files;
use crate::output;
use crate::wire;
use tallyward_app::views::{Backtest, BacktestRow, Moment};
use tallyward_app::{App, BacktestFleet};

pub fn run(args: &Asked, json: bool) -> Outcome {
    let config = Config {
        maker_aliases: args.names.maker_aliases.clone(),
        model_aliases: args.names.model_aliases.clone(),
        ..Config::default()
    };
    let app = wire::in_memory(&config)?;
    let mut documents = Vec::new();
    for path in files::expand(&args.advisories, &["json"])? {
        documents.push((files::name(&path), files::read(&path)?));
    }
    let truth = files::read_text(args.truth.as_deref())?;
    let fleet = match &args.inventory {
        Some(path) => {
            inventory(&app, path)?;
            BacktestFleet::Here
        }
        None => BacktestFleet::Made { truth: &truth },
    };
    let backtest = app.backtest(&documents, fleet, args.every)?;
    if let Some(folder) = &args.out {
        files::write(&folder.join("backtest.csv"), &App::backtest_csv(&backtest))?;
        let text = serde_json::to_vec_pretty(&backtest)
            .map_err(|error| Failure::input(format!("failed to write the backtest: {error}")))?;
        files::write(&folder.join("backtest.json"), &text)?;
    }
    if json {
        output::json(&backtest);
    } else {
        show(&backtest);
    }
    Ok(if backtest.damaged.is_empty() { DONE } else { BAD_INPUT })
}

fn show(backtest: &Backtest) {
    let mut header = vec!["ADVISORY", "REV", "PUBLISHED", "HOURS", "AFFECTED", "UNKNOWN", "NOT AFFECTED"];
    if backtest.truth_known {
        header.extend(["RIGHT", "LEFT OPEN", "MISSES", "FALSE ALARMS"]);
    }
    header.push("WOULD SETTLE");
    let rows: Vec<Vec<String>> = backtest.rows.iter().map(|row| cells(row, backtest.truth_known)).collect();
    output::table(&header, &rows);
    output::line("");
    for line in summary(backtest) {
        output::line(&line);
    }
}

fn cells(row: &BacktestRow, truth_known: bool) -> Vec<String> {
    let touching = &row.touching;
    let mut cells = vec![
        row.advisory.clone(),
        row.revision.clone(),
        row.published.map_or_else(|| "no date".to_owned(), |Moment(at)| at.date()),
        row.hours.map_or_else(|| "-".to_owned(), |hours| format!("{hours:.1}")),
        touching.affected.to_string(),
        touching.unknown.to_string(),
        touching.not_affected.to_string(),
    ];
    if truth_known {
        let compared = row.compared;
        cells.extend(
            [compared.right, compared.left_open, compared.misses, compared.false_alarms]
                .map(|n| n.to_string()),
        );
    }
    let facts = touching.missing.iter().map(|line| format!("{} ({})", line.what, line.devices));
    cells.push(facts.collect::<Vec<_>>().join("; "));
    cells
}

fn summary(backtest: &Backtest) -> Vec<String> {
    let not_at_hand: usize = backtest.rows.iter().map(|row| row.earlier_not_at_hand).sum();
    let slowest = backtest.rows.iter().map(|row| row.milliseconds).fold(0.0, f64::max);
    let mut lines = vec![format!(
        "{} documents over {} devices, a sync every {} hours",
        backtest.rows.len(),
        backtest.devices,
        backtest.every_hours
    )];
    if let (Some(median), Some(longest)) = (backtest.median_hours, backtest.longest_hours) {
        lines.push(format!(
            "publication to verdict: half within {median:.1} hours, all within {longest:.1}; reading and judging at most {slowest:.1} ms of it"
        ));
    }
    if backtest.truth_known {
        let all = backtest.compared;
        lines.push(format!(
            "against the truth: {} right, {} left open, {} misses, {} false alarms",
            all.right, all.left_open, all.misses, all.false_alarms
        ));
    } else {
        lines.push("what is so of these devices is not known, so nothing is scored".to_owned());
    }
    if not_at_hand > 0 {
        lines.push(format!("{not_at_hand} earlier revisions are named by the documents but not at hand"));
    }
    if backtest.left_out > 0 {
        lines.push(format!("{} lines of the truth file left out", backtest.left_out));
    }
    lines.extend(backtest.damaged.iter().map(|bad| format!("{} ({}): {}", bad.file, bad.place, bad.why)));
    lines
}
