//! `tallyward advisories list|match|comment|remove|check|correct|corrections`: what people do with documents.

use super::{advisories_check, corrections};
use crate::args::AdvisoriesWhat;
use crate::config::Config;
use crate::exit::{DONE, Failure, Outcome};
use crate::output;
use crate::wire;
use tallyward_app::views::AdvisoryLine;
use tallyward_app::{AdvisoryField, AdvisoryOrder, AdvisoryQuery, AppError, Who};
use tallyward_core::DeviceId;

pub fn run(what: &AdvisoriesWhat, config: impl Fn() -> Result<Config, Failure>, json: bool) -> Outcome {
    match what {
        AdvisoriesWhat::Check { files } => return advisories_check::run(files, json),
        AdvisoriesWhat::Correct(correct) => return corrections::correct(correct, &config()?, json),
        AdvisoriesWhat::Corrections(what) => return corrections::corrections(what, &config()?, json),
        AdvisoriesWhat::List { text, field, order } => {
            let query = query(text.as_deref(), field.as_deref(), order)?;
            let lines = wire::open_to_read(&config()?)?.app.advisories_where(&query)?;
            if json {
                output::json(&lines);
            } else {
                for line in &lines {
                    output::line(&shown(line));
                }
            }
        }
        AdvisoriesWhat::Match { ids, device } => {
            let app = wire::open(&config()?)?.app;
            let said = if device.is_empty() {
                let judged = app.match_documents(&Who::program(), ids)?;
                format!("{judged} configurations have findings of them")
            } else {
                let handles: Vec<DeviceId> =
                    device.iter().map(|text| handle(text)).collect::<Result<_, _>>()?;
                format!("{} findings", app.match_devices(&Who::program(), &handles)?)
            };
            output::line(&said);
        }
        AdvisoriesWhat::Comment { id, text } => {
            wire::open(&config()?)?.app.comment_advisory(&Who::program(), id, text)?;
        }
        AdvisoriesWhat::Remove { id, why } => {
            wire::open(&config()?)?.app.remove_advisory(&Who::program(), id, why)?;
        }
    }
    Ok(DONE)
}

fn query(text: Option<&str>, field: Option<&str>, order: &str) -> Result<AdvisoryQuery, Failure> {
    let known = |name: &str| {
        AdvisoryField::from_code(name)
            .ok_or_else(|| Failure::from(AppError::invalid("field", format!("no field is called {name:?}"))))
    };
    let order = match order {
        "newest" => AdvisoryOrder::Newest,
        "cvss" => AdvisoryOrder::Cvss,
        "severity" => AdvisoryOrder::Severity,
        "affected" => AdvisoryOrder::Affected,
        other => AdvisoryOrder::Field(known(other)?),
    };
    let field = field.map(known).transpose()?;
    Ok(AdvisoryQuery { text: text.map(|text| (text.to_owned(), field)), unread_by: None, order })
}

fn shown(line: &AdvisoryLine) -> String {
    format!(
        "{:<22} {:>4} {:>6} affected {:>6} unknown  {}",
        line.id, line.cvss, line.devices_affected, line.devices_unknown, line.title
    )
}

fn handle(text: &str) -> Result<DeviceId, Failure> {
    text.parse().map_err(|_| {
        Failure::from(AppError::invalid("device", format!("{text:?} is no handle such as D1042")))
    })
}
