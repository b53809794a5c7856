//! Signing, closing, opening again, and saying what a letter is about.

use super::page::{kind_of, show};
use super::untold_link;
use crate::desk::saying;
use crate::fault::Fault;
use crate::html::see;
use crate::posted::Posted;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use tallyward_app::untold::ArrivalKind;

/// `POST /untold/advisory/{id}/sign`
pub(crate) async fn sign(
    Path((kind, id)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Fault> {
    let kind = kind_of(&kind, &id)?;
    let groups: Vec<(String, String)> = posted
        .fields
        .all("group")
        .iter()
        .filter_map(|value| value.split_once('|'))
        .map(|(mark, key)| (key.to_owned(), mark.to_owned()))
        .collect();
    let (advisory, because) = (id.clone(), posted.fields.text("because"));
    let done = posted.signed.act(move |app, who| app.sign_untold(who, &advisory, &groups, &because)).await;
    answer(posted, kind, id, done, "signed").await
}

/// `POST /untold/{kind}/{id}/close`
pub(crate) async fn close(
    Path((kind, id)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Fault> {
    let kind = kind_of(&kind, &id)?;
    let (about, because) = (id.clone(), posted.fields.text("because"));
    let done = posted.signed.act(move |app, who| app.close_arrival(who, kind, &about, &because)).await;
    answer(posted, kind, id, done, "closed").await
}

/// `POST /untold/{kind}/{id}/reopen`
pub(crate) async fn reopen(
    Path((kind, id)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Fault> {
    let kind = kind_of(&kind, &id)?;
    let about = id.clone();
    let done = posted.signed.act(move |app, who| app.reopen_arrival(who, kind, &about)).await;
    answer(posted, kind, id, done, "reopened").await
}

/// `POST /letters/{id}/about`
pub(crate) async fn about(Path(id): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let (letter, advisory) = (id.clone(), posted.fields.text("advisory"));
    let is = posted.fields.get("is") != "no";
    let done = posted.signed.act(move |app, who| app.letter_about(who, &letter, &advisory, is)).await;
    answer(posted, ArrivalKind::Letter, id, done, "saved").await
}

async fn answer(
    posted: Posted,
    kind: ArrivalKind,
    id: String,
    done: Result<(), Fault>,
    code: &str,
) -> Result<Response, Fault> {
    match done {
        Ok(()) => Ok(see(&saying(&untold_link(kind, &id), code, 0))),
        Err(fault) => {
            let complaint = fault.complaint()?;
            Ok(show(posted.signed, kind, id, Some(&complaint)).await?.into_response())
        }
    }
}
