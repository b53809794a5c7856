//! `POST /drafts/{id}/release`, `/edit`, `/discard`

use super::page::{Typed, show};
use crate::desk::saying;
use crate::fault::{Complaint, Fault};
use crate::html::see;
use crate::link::encode;
use crate::posted::{Fields, Posted};
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use tallyward_app::views::DraftEdit;

/// Releases the draft under the name of whoever is signed in.
pub(crate) async fn release(Path(id): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let (draft, seen) = (id.clone(), posted.fields.text("seen"));
    match posted.signed.act(move |app, who| app.release_as_seen(who, &draft, &seen)).await {
        Ok(notice) => Ok(see(&saying(&format!("/notices/{}", encode(&notice)), "released", 0))),
        Err(fault) => again(posted, id, None, fault).await,
    }
}

/// Changes what a lead may change.
pub(crate) async fn edit(Path(id): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let typed = typed(&posted.fields);
    if typed.hours.parse::<u32>().is_err() {
        let complaint = Complaint::field("next_word_hours", "Type a number of hours, such as 4.");
        return Ok(show(posted.signed, id, Some(typed), Some(&complaint)).await?.into_response());
    }
    let (draft, wanted) = (id.clone(), typed.edit.clone());
    match posted.signed.act(move |app, who| app.edit_draft(who, &draft, &wanted)).await {
        Ok(()) => Ok(see(&saying(&format!("/drafts/{}", encode(&id)), "saved", 0))),
        Err(fault) => again(posted, id, Some(typed), fault).await,
    }
}

/// Sets the draft aside with a reason.
pub(crate) async fn discard(Path(id): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let (draft, reason) = (id.clone(), posted.fields.text("reason"));
    match posted.signed.act(move |app, who| app.discard_draft(who, &draft, &reason)).await {
        Ok(()) => Ok(see(&saying("/notices", "discarded", 0))),
        Err(fault) => again(posted, id, None, fault).await,
    }
}

fn typed(fields: &Fields) -> Typed {
    let hours = fields.text("next_word_hours");
    let edit = DraftEdit {
        instruction: fields.text("instruction"),
        authority: fields.text("authority"),
        text: fields.text("text"),
        next_word_hours: hours.parse().unwrap_or(0),
        steps: fields.text("steps"),
    };
    Typed { edit, hours }
}

async fn again(posted: Posted, id: String, typed: Option<Typed>, fault: Fault) -> Result<Response, Fault> {
    let complaint = fault.complaint()?;
    Ok(show(posted.signed, id, typed, Some(&complaint)).await?.into_response())
}
