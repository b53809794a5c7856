//! `POST /findings/condition`: whether a condition holds for the model of a finding, and taken back.

use crate::desk::saying;
use crate::devices::id_of;
use crate::fault::Fault;
use crate::html::see;
use crate::link;
use crate::posted::Posted;
use axum::response::Response;
use tallyward_app::query::FindingQuery;
use tallyward_app::{AppError, ConditionOf};

/// Records the judgement, or takes one back. The form names the finding; maker and model are those of its device.
pub(crate) async fn settle(posted: Posted) -> Result<Response, Fault> {
    let fields = &posted.fields;
    let device = id_of(fields.get("device"))?;
    let (advisory, vulnerability) = (fields.text("advisory"), fields.text("vulnerability"));
    let (text, back) = (fields.text("condition"), fields.text("judgement"));
    let holds = match fields.yes_or_no("holds") {
        Ok(holds) => Some(holds),
        Err(_) if !back.is_empty() => None,
        Err(fault) => return Err(fault),
    };
    let to = link::finding(device, &advisory, &vulnerability);
    let judged = posted
        .signed
        .act(move |app, who| {
            let Some(holds) = holds else { return app.take_back_condition(who, &back) };
            let query = FindingQuery {
                device: Some(device),
                advisory: Some(advisory.clone()),
                vulnerability: Some(vulnerability.clone()),
                limit: Some(1),
                ..FindingQuery::default()
            };
            let found = app.device(device)?.line;
            if app.findings(&query)?.page.rows.is_empty() {
                return Err(AppError::invalid("advisory", "no such finding"));
            }
            let of = ConditionOf { advisory, maker: found.maker, model: found.model, text };
            app.decide_condition(who, &of, holds)
        })
        .await?;
    Ok(see(&saying(&to, "decided", judged as u64)))
}
