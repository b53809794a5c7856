//! `tallyward udi parse`.

use crate::args::Udi;
use crate::exit::{DONE, FAILED, Failure, Outcome};
use crate::output;
use crate::ports::SystemClock;
use std::io::BufRead as _;
use tallyward_app::ports::Clock as _;
use tallyward_identity::udi::{self, Today};

pub fn run(command: &Udi, json: bool) -> Outcome {
    let Udi::Parse { strings } = command;
    let year = SystemClock.now().date().get(..4).and_then(|year| year.parse().ok()).unwrap_or(2026);
    let today = Today::from_year(year);
    let mut all_valid = true;
    let mut show = |text: &str| {
        let parsed = udi::parse(text, today);
        all_valid &= parsed.valid;
        if json {
            return output::json(&parsed);
        }
        let fields = serde_json::to_value(&parsed).unwrap_or_default();
        let mut shown =
            output::line(&format!("{text:?}: {}", if parsed.valid { "valid" } else { "not valid" }));
        for (name, value) in fields.as_object().into_iter().flatten() {
            if !matches!(name.as_str(), "input" | "valid") && !value.is_null() {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                shown &= output::line(&format!("  {name:16} {value}"));
            }
        }
        shown
    };
    if strings.is_empty() {
        for line in std::io::stdin().lock().lines() {
            let line =
                line.map_err(|error| Failure::input(format!("failed to read standard input: {error}")))?;
            // Only the line end goes: a trailing blank may be a check character (HIBC 2.6).
            if !show(line.strip_suffix('\r').unwrap_or(&line)) {
                break;
            }
        }
    } else {
        for text in strings {
            show(text);
        }
    }
    Ok(if all_valid { DONE } else { FAILED })
}
