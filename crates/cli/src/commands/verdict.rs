//! `tallyward verdict`: what one clause says about one version.

use crate::args::Verdict;
use crate::exit::{DONE, Failure, Outcome};
use crate::output;
use serde_json::{Value, json};
use std::io::BufRead as _;
use tallyward_versions::{Clause, Decision, Facts, Quality, Question};

pub fn run(args: &Verdict, json: bool) -> Outcome {
    let Some(text) = &args.clause else { return lines() };
    let clause = Clause::parse(text);
    let decision = clause.decide(&Facts {
        product: args.product.as_deref(),
        version: args.version.as_deref(),
        model: args.model.as_deref(),
        serial: args.serial.as_deref(),
        hardware_version: args.hw_version.as_deref(),
        component: args.component.as_deref(),
        component_version: args.component_version.as_deref(),
        os: args.os.as_deref(),
        date: args.date.as_deref(),
        date_kind: None,
        settled: &[],
    });
    let quality = match clause.quality() {
        Quality::Exact => "exact",
        Quality::Tolerant => "tolerant",
        Quality::NeedsPerson => "needs a person",
    };
    if json {
        let mut answer = answer(&decision);
        answer["clause"] = json!(clause.text());
        answer["read_as"] = json!(clause.to_string());
        answer["quality"] = json!(quality);
        answer["notes"] = json!(clause.notes());
        output::json(&answer);
        return Ok(DONE);
    }
    output::line(&format!("{}: {}", word(&decision), decision.reason));
    output::line(&format!("  clause  {}", clause.text()));
    output::line(&format!("  read as {clause} ({quality})"));
    if let Some(missing) = &decision.missing {
        output::line(&format!("  missing {missing}"));
    }
    for note in clause.notes() {
        output::line(&format!("  note    {note}"));
    }
    Ok(DONE)
}

/// JSON lines in, the same lines with `verdict` and `reason` out. A line that cannot be read is answered with
/// `error` and its number, and the rest goes on.
fn lines() -> Outcome {
    let mut bad = 0;
    for (number, line) in std::io::stdin().lock().lines().enumerate() {
        let line = line.map_err(|error| Failure::input(format!("failed to read standard input: {error}")))?;
        if line.trim().is_empty() {
            continue;
        }
        let shown = match serde_json::from_str::<Value>(&line) {
            Ok(Value::Object(mut fields)) => {
                match serde_json::from_value::<Question>(Value::Object(fields.clone())) {
                    Ok(question) => {
                        if let Value::Object(answer) = answer(&question.decide()) {
                            fields.extend(answer);
                        }
                        output::json(&fields)
                    }
                    Err(error) => {
                        bad += 1;
                        output::json(&json!({ "line": number + 1, "error": error.to_string() }))
                    }
                }
            }
            Ok(_) => {
                bad += 1;
                output::json(&json!({ "line": number + 1, "error": "expected a JSON object" }))
            }
            Err(error) => {
                bad += 1;
                output::json(&json!({ "line": number + 1, "error": error.to_string() }))
            }
        };
        if !shown {
            break;
        }
    }
    if bad > 0 {
        return Err(Failure::input(format!("{bad} lines could not be read")));
    }
    Ok(DONE)
}

fn answer(decision: &Decision) -> Value {
    json!({
        "verdict": decision.verdict,
        "reason": decision.reason,
        "missing": decision.missing.as_ref().map(ToString::to_string),
    })
}

fn word(decision: &Decision) -> String {
    serde_json::to_value(decision.verdict)
        .ok()
        .and_then(|value| value.as_str().map(|word| word.replace('_', " ")))
        .unwrap_or_default()
}
