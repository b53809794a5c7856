//! `POST /import/list`, `/import/list/{staged}`: the dry run and its mapping, then apply.

use super::preview;
use super::start;
use crate::desk::Section;
use crate::fault::{Complaint, Fault};
use crate::html::{Page, see};
use crate::link::encode;
use crate::posted::{Fields, Posted};
use crate::signed::Signed;
use crate::upload::Uploaded;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tallyward_app::AppError;
use tallyward_app::views::Mapping;
use tallyward_core::Field;

/// The most columns a mapping may name.
const COLUMNS: usize = 500;

/// Holds the file and goes to its dry run.
pub(crate) async fn stage(uploaded: Uploaded) -> Result<Response, Fault> {
    let Uploaded { signed, files, .. } = uploaded;
    if !signed.session.who.role.may_write() {
        return Err(Fault::App(AppError::Refused(
            "Your role reads only; imports are for leads and administrators.".into(),
        )));
    }
    let Some((name, bytes)) = files.into_iter().next() else {
        let complaint = Complaint::field("list", "Choose a CSV file.");
        return Ok(start::show(signed, Some(&complaint)).await?.into_response());
    };
    match signed.console.call(move |app| app.stage_list(&name, bytes)).await {
        Ok(staged) => Ok(see(&format!("/import/list/{}", encode(&staged)))),
        Err(fault) => {
            let complaint = fault.complaint()?;
            Ok(start::show(signed, Some(&complaint)).await?.into_response())
        }
    }
}

/// The dry run with the remembered or guessed mapping.
pub(crate) async fn staged(signed: Signed, Path(staged): Path<String>) -> Result<Page, Fault> {
    show(signed, staged, None, None).await
}

/// The dry run with the mapping of the form, or the list applied with it.
pub(crate) async fn apply(Path(staged): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let mapping = mapping(&posted.fields);
    if posted.fields.get("do") != "apply" {
        return Ok(show(posted.signed, staged, Some(mapping), None).await?.into_response());
    }
    let applied = {
        let (staged, mapping) = (staged.clone(), mapping.clone());
        posted.signed.act(move |app, who| app.apply_list(who, &staged, &mapping)).await
    };
    match applied {
        Ok(report) => Ok(see(&format!("/imports?done={}", report.ingest))),
        Err(fault) => {
            let complaint = fault.complaint()?;
            Ok(show(posted.signed, staged, Some(mapping), Some(&complaint)).await?.into_response())
        }
    }
}

async fn show(
    signed: Signed,
    staged: String,
    mapping: Option<Mapping>,
    complaint: Option<&Complaint>,
) -> Result<Page, Fault> {
    let (desk, view) = signed.view(move |app| app.preview_list(&staged, mapping)).await?;
    let status = complaint.map_or(StatusCode::OK, |complaint| complaint.status);
    let body = preview::body(&desk, &view, complaint);
    Ok(desk.page_as(status, Section::Devices, "Dry run", body))
}

/// One select a column, `column0`, `column1` …: a field's code, `record_id`, or nothing.
fn mapping(fields: &Fields) -> Mapping {
    let count = fields.get("columns").parse().unwrap_or(0).min(COLUMNS);
    let choice = |index: usize| fields.get(&format!("column{index}"));
    Mapping {
        source: fields.text("source"),
        columns: (0..count).map(|index| choice(index).parse::<Field>().ok()).collect(),
        complete: fields.ticked("complete"),
        record_id: (0..count).find(|index| choice(*index) == "record_id"),
        day_first: fields.ticked("day_first"),
    }
}
