//! `POST /notices/{id}/stand-down`, `/correct`, `/answer`

use super::page::{field_of, show};
use crate::desk::saying;
use crate::fault::Fault;
use crate::html::see;
use crate::link::encode;
use crate::posted::Posted;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};

/// Ends a notice.
pub(crate) async fn stand_down(Path(id): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let (notice, text) = (id.clone(), posted.fields.text(field_of("stand-down")));
    match posted.signed.act(move |app, who| app.stand_down(who, &notice, &text)).await {
        Ok(ending) => Ok(see(&saying(&format!("/notices/{}", encode(&ending)), "stood-down", 0))),
        Err(fault) => again(posted, id, "stand-down", fault).await,
    }
}

/// Mends a notice.
pub(crate) async fn correct(Path(id): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let (notice, text) = (id.clone(), posted.fields.text(field_of("correct")));
    match posted.signed.act(move |app, who| app.correct(who, &notice, &text)).await {
        Ok(correction) => Ok(see(&saying(&format!("/notices/{}", encode(&correction)), "corrected", 0))),
        Err(fault) => again(posted, id, "correct", fault).await,
    }
}

/// Records an answer given by whoever is signed in.
pub(crate) async fn answer(Path(id): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let (notice, answer) = (id.clone(), posted.fields.text("answer"));
    match posted.signed.act(move |app, who| app.answer_signed_in(who, &notice, &answer)).await {
        Ok(()) => Ok(see(&saying(&format!("/notices/{}", encode(&id)), "answered", 0))),
        Err(fault) => {
            let complaint = fault.complaint()?;
            Ok(show(posted.signed, id, None, Some(&complaint)).await?.into_response())
        }
    }
}

async fn again(posted: Posted, id: String, form: &'static str, fault: Fault) -> Result<Response, Fault> {
    let mut complaint = fault.complaint()?;
    if complaint.field == "text" {
        complaint.field = field_of(form).to_owned();
    }
    let typed = (form, posted.fields.text(field_of(form)));
    Ok(show(posted.signed, id, Some(&typed), Some(&complaint)).await?.into_response())
}
