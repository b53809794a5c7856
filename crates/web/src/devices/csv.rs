//! `/devices.csv` and `/cmms.csv`

use super::query::device_query;
use crate::fault::Fault;
use crate::html::csv;
use crate::link::Ask;
use crate::signed::Signed;
use axum::response::Response;

/// Exactly the devices that the same query shows, all pages.
pub(crate) async fn list_csv(signed: Signed, ask: Ask) -> Result<Response, Fault> {
    let mut query = device_query(&ask)?;
    (query.after, query.limit) = (None, None);
    let bytes = signed.console.call(move |app| app.export_devices(&query)).await?;
    Ok(csv("devices.csv", bytes))
}

/// What flows back into the CMMS.
pub(crate) async fn cmms_csv(signed: Signed) -> Result<Response, Fault> {
    let bytes = signed.console.call(|app| app.export_cmms()).await?;
    Ok(csv("cmms.csv", bytes))
}
