//! Both as CSV.

use crate::App;
use crate::error::Result;
use crate::views::{Backtest, Moment, OnFile, Touching};
use tallyward_report::Table;

impl App {
    /// A replay as CSV, one line a document and revision.
    #[must_use]
    pub fn backtest_csv(backtest: &Backtest) -> Vec<u8> {
        let mut table = Table::new(&[
            "Advisory",
            "Title",
            "Revision",
            "Earlier revisions not at hand",
            "First published",
            "Published",
            "Received",
            "Hours to verdict",
            "Milliseconds of reading and judging",
            "Affected",
            "Unknown",
            "Not affected",
            "Right",
            "Left open",
            "Misses",
            "False alarms",
            "Would settle",
        ]);
        for row in &backtest.rows {
            table.push([
                row.advisory.clone(),
                row.title.clone(),
                row.revision.clone(),
                row.earlier_not_at_hand.to_string(),
                moment(row.first_published),
                moment(row.published),
                moment(row.received),
                number(row.hours),
                row.milliseconds.to_string(),
                row.touching.affected.to_string(),
                row.touching.unknown.to_string(),
                row.touching.not_affected.to_string(),
                row.compared.right.to_string(),
                row.compared.left_open.to_string(),
                row.compared.misses.to_string(),
                row.compared.false_alarms.to_string(),
                settle(&row.touching),
            ]);
        }
        table.to_csv().into_bytes()
    }

    /// All documents on file as CSV.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn export_on_file(&self) -> Result<Vec<u8>> {
        let OnFile { rows, .. } = self.backtest_on_file(usize::MAX)?;
        let mut table = Table::new(&[
            "Advisory",
            "Title",
            "Revision",
            "First published",
            "Published",
            "Received",
            "Hours to receipt",
            "Judged",
            "Affected",
            "Unknown",
            "Not affected",
            "Taken back",
            "Settled since",
            "Would settle",
        ]);
        for row in rows {
            table.push([
                row.advisory,
                row.title,
                row.revision,
                moment(row.first_published),
                moment(row.published),
                row.received.0.to_string(),
                number(row.hours),
                if row.judged { "yes" } else { "waits" }.to_owned(),
                row.touching.affected.to_string(),
                row.touching.unknown.to_string(),
                row.touching.not_affected.to_string(),
                row.taken_back.to_string(),
                row.settled.to_string(),
                settle(&row.touching),
            ]);
        }
        Ok(table.to_csv().into_bytes())
    }
}

fn moment(at: Option<Moment>) -> String {
    at.map(|at| at.0.to_string()).unwrap_or_default()
}

fn number(value: Option<f64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn settle(touching: &Touching) -> String {
    let lines = touching.missing.iter().map(|line| format!("{} ({})", line.what, line.devices));
    lines.collect::<Vec<_>>().join("; ")
}
