//! `tallyward export`.

use crate::args::Export;
use crate::config::Config;
use crate::exit::{DONE, Failure, Outcome};
use crate::files;
use crate::wire;
use std::io::Write as _;
use tallyward_app::AdvisoryQuery;
use tallyward_app::query::{DeviceQuery, FindingOrder, FindingQuery};
use tallyward_app::round::RoundQuery;
use tallyward_core::SsvcOutcome;

pub fn run(args: &Export, config: &Config) -> Outcome {
    let app = wire::open_to_read(config)?.app;
    let bytes = match args.what.as_str() {
        "cmms" => app.export_cmms()?,
        "findings" => app.export_findings(&findings(args))?,
        "worklist" => app.export_worklist(&round(args))?,
        "advisories" => app.export_advisories(&AdvisoryQuery::default())?,
        "matches" => app.export_matches(None, None)?,
        "ports" => app.export_ports()?,
        "flows" => app.export_flows()?,
        "untold" => app.export_untold()?,
        "review" => app.export_review()?,
        "corrections" => app.export_corrections()?,
        "changes" => app.export_verdict_changes(args.days)?,
        _ => app.export_devices(&DeviceQuery::default())?,
    };
    match &args.out {
        Some(path) => files::write(path, &bytes)?,
        None => std::io::stdout()
            .write_all(&bytes)
            .map_err(|error| Failure::away(format!("failed to write to standard output: {error}")))?,
    }
    Ok(DONE)
}

fn findings(args: &Export) -> FindingQuery {
    FindingQuery {
        outcome: args.outcome.as_deref().and_then(SsvcOutcome::from_code),
        order: if args.urgent_first { FindingOrder::Decision } else { FindingOrder::Verdict },
        ..FindingQuery::default()
    }
}

fn round(args: &Export) -> RoundQuery {
    RoundQuery {
        site: args.site.clone(),
        unit: args.unit.clone(),
        minutes: args.minutes,
        untimed: args.untimed,
        most: None,
    }
}
