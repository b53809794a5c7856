//! What a person does to an advisory written here.

use super::form::typed;
use super::page::{about, begin_page, show};
use super::written_link;
use crate::desk::saying;
use crate::fault::Fault;
use crate::html::see;
use crate::link;
use crate::posted::Posted;
use crate::signed::Signed;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use tallyward_app::written::Writing;

/// `POST /written`: begins one.
pub(crate) async fn begin(posted: Posted) -> Result<Response, Fault> {
    let writing = typed(&posted.fields);
    let wanted = writing.clone();
    match posted.signed.act(move |app, who| app.begin_writing(who, wanted)).await {
        Ok(id) => Ok(see(&saying(&written_link(&id), "saved", 0))),
        Err(fault) => {
            let complaint = fault.complaint()?;
            let (desk, kept) = posted.signed.view(move |app| about(app, writing)).await?;
            Ok(begin_page(&desk, &kept, Some(&complaint)).into_response())
        }
    }
}

/// `POST /written/{id}`: writes on it.
pub(crate) async fn write_on(Path(id): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let writing = typed(&posted.fields);
    let (about, seen, wanted) = (id.clone(), posted.fields.text("seen"), writing.clone());
    match posted.signed.act(move |app, who| app.write_on(who, &about, &seen, wanted)).await {
        Ok(()) => Ok(see(&saying(&written_link(&id), "saved", 0))),
        Err(fault) => again(posted, id, Some(writing), fault).await,
    }
}

/// `POST /written/{id}/hand-over`
pub(crate) async fn hand_over(Path(id): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let (about, seen) = (id.clone(), posted.fields.text("seen"));
    match posted.signed.act(move |app, who| app.hand_over(who, &about, &seen)).await {
        Ok(()) => Ok(see(&saying(&written_link(&id), "handed-over", 0))),
        Err(fault) => again(posted, id, None, fault).await,
    }
}

/// `POST /written/{id}/send-back`
pub(crate) async fn send_back(Path(id): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let (about, seen) = (id.clone(), posted.fields.text("seen"));
    let reason = posted.fields.text("reason");
    match posted.signed.act(move |app, who| app.send_back(who, &about, &seen, &reason)).await {
        Ok(()) => Ok(see(&saying(&written_link(&id), "sent-back", 0))),
        Err(fault) => again(posted, id, None, fault).await,
    }
}

/// `POST /written/{id}/agree`: it takes effect.
pub(crate) async fn agree(Path(id): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let (about, seen) = (id.clone(), posted.fields.text("seen"));
    match posted.signed.act(move |app, who| app.agree(who, &about, &seen)).await {
        Ok(judged) => Ok(see(&saying(&link::advisory(&id), "agreed", judged as u64))),
        Err(fault) => again(posted, id, None, fault).await,
    }
}

/// `POST /written/{id}/again`: begins a new revision.
pub(crate) async fn write_again(Path(id): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let about = id.clone();
    match posted.signed.act(move |app, who| app.write_again(who, &about)).await {
        Ok(()) => Ok(see(&written_link(&id))),
        Err(fault) => again(posted, id, None, fault).await,
    }
}

/// `/written/{id}/csaf.json`: the document.
pub(crate) async fn csaf(signed: Signed, Path(id): Path<String>) -> Result<Response, Fault> {
    let about = id.clone();
    let text = signed.console.call(move |app| app.written_csaf(&about)).await?;
    // CSAF 2.0 clause 5.1: the id in small letters, anything else an underscore.
    let kept = |one: char| if one.is_ascii_alphanumeric() || "+-".contains(one) { one } else { '_' };
    let name: String = id.to_ascii_lowercase().chars().map(kept).collect();
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.json\"")),
    ];
    Ok((headers, text).into_response())
}

async fn again(
    posted: Posted,
    id: String,
    writing: Option<Writing>,
    fault: Fault,
) -> Result<Response, Fault> {
    let complaint = fault.complaint()?;
    Ok(show(posted.signed, id, writing, Some(&complaint)).await?.into_response())
}
