//! `tallyward advisories correct` and `corrections`: what this house corrects in documents of others.

use crate::args::{Correct, Corrections};
use crate::config::Config;
use crate::exit::{DONE, Outcome};
use crate::output;
use crate::wire;
use tallyward_app::Who;
use tallyward_app::views::CorrectionAsked;

/// Corrects one passage.
pub fn correct(args: &Correct, config: &Config, json: bool) -> Outcome {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let asked = CorrectionAsked {
        what: args.what.clone(),
        product_id: text(&args.leaf),
        clause: text(&args.clause),
        vendor: text(&args.vendor),
        product: text(&args.product),
        vulnerability: text(&args.vulnerability),
        status: text(&args.status),
    };
    let app = wire::open(config)?.app;
    let judged = app.correct_advisory(&person(&args.by), &args.advisory, &asked, &args.why)?;
    told(judged, json);
    Ok(DONE)
}

/// Lists corrections, takes one back or makes one again.
pub fn corrections(args: &Corrections, config: &Config, json: bool) -> Outcome {
    let by = person(args.by.as_deref().unwrap_or_default());
    if let Some(id) = &args.end {
        let why = args.why.as_deref().unwrap_or_default();
        told(wire::open(config)?.app.end_correction(&by, id, why)?, json);
        return Ok(DONE);
    }
    if let Some(id) = &args.again {
        told(wire::open(config)?.app.renew_correction(&by, id)?, json);
        return Ok(DONE);
    }
    let lines = wire::open_to_read(config)?.app.corrections(args.advisory.as_deref())?;
    if json {
        output::json(&lines);
        return Ok(DONE);
    }
    for one in lines {
        output::line(&format!("{} {} ({}): {}", one.id, one.advisory, one.state.label(), one.says));
        output::line(&format!("  {}, {}, on revision {}: {}", one.by, one.at.0, one.revision, one.why));
        if !one.because.is_empty() {
            output::line(&format!("  {}", one.because));
        }
    }
    Ok(DONE)
}

/// Who it is that types: the program signs in nobody, so the name is taken as given.
fn person(name: &str) -> Who {
    Who { name: name.trim().to_owned(), ..Who::program() }
}

fn told(judged: usize, json: bool) {
    if json {
        output::json(&serde_json::json!({ "judged": judged }));
    } else {
        output::line(&format!("recorded; {judged} configurations have a finding of the advisory"));
    }
}
