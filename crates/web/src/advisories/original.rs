//! `/advisories/{id}/original`: the document's bytes as they arrived, to be saved.

use crate::fault::Fault;
use crate::signed::Signed;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};

/// Hands out the original. Its type is never its own, and its name is ours.
pub(crate) async fn original(signed: Signed, Path(id): Path<String>) -> Result<Response, Fault> {
    let plain: String =
        id.chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '-').take(80).collect();
    let (_, bytes) = signed.console.call(move |app| app.advisory_original(&id)).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{plain}.json\"")),
    ];
    Ok((headers, bytes).into_response())
}
