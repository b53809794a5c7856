//! The query string of a finding list.

use crate::devices::id_of;
use crate::fault::Fault;
use crate::link::Ask;
use tallyward_app::AppError;
use tallyward_app::query::{FindingOrder, FindingQuery};
use tallyward_core::{SsvcOutcome, Verdict};

/// Reads the filters; a value that no list offers is an error.
pub(crate) fn finding_query(ask: &Ask) -> Result<FindingQuery, Fault> {
    let verdict = match ask.get("verdict") {
        None => None,
        Some(code) => Some(Verdict::from_code(code).ok_or_else(|| {
            Fault::App(AppError::invalid(
                "verdict",
                format!("{code:?}: expected affected, unknown or not_affected"),
            ))
        })?),
    };
    let outcome = match ask.get("outcome") {
        None => None,
        Some(code) => Some(SsvcOutcome::from_code(code).ok_or_else(|| {
            Fault::App(AppError::invalid(
                "outcome",
                format!("{code:?}: expected defer, scheduled, out_of_cycle or immediate"),
            ))
        })?),
    };
    let order = match ask.get("order") {
        None | Some("verdict") => FindingOrder::Verdict,
        Some("decision") => FindingOrder::Decision,
        Some(other) => {
            let why = format!("{other:?}: expected verdict or decision");
            return Err(Fault::App(AppError::invalid("order", why)));
        }
    };
    let limit = match ask.get("limit") {
        None => 50,
        Some(text) => text
            .parse()
            .ok()
            .filter(|count| (1..=1_000).contains(count))
            .ok_or_else(|| Fault::App(AppError::invalid("limit", "expected a number from 1 to 1000")))?,
    };
    Ok(FindingQuery {
        verdict,
        advisory: ask.text("advisory"),
        vulnerability: ask.text("vulnerability"),
        device: ask.get("device").map(id_of).transpose()?,
        unit: ask.text("unit"),
        outcome,
        order,
        after: ask.text("after"),
        limit: Some(limit),
    })
}
