//! `POST /devices/{id}/match`: matches one device against every advisory, because somebody asks.

use super::query::id_of;
use crate::desk::saying;
use crate::fault::Fault;
use crate::html::see;
use crate::link;
use crate::posted::Posted;
use axum::extract::Path;
use axum::response::Response;

/// Starts the run.
pub(crate) async fn run(Path(id): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let device = id_of(&id)?;
    let found = posted.signed.act(move |app, who| app.match_devices(who, &[device])).await?;
    Ok(see(&saying(&link::device(device), "matched", found)))
}
