//! `/findings.csv`

use super::query::finding_query;
use crate::fault::Fault;
use crate::html::csv;
use crate::link::Ask;
use crate::signed::Signed;
use axum::response::Response;

/// Exactly the findings that the same query shows, all pages.
pub(crate) async fn list_csv(signed: Signed, ask: Ask) -> Result<Response, Fault> {
    let mut query = finding_query(&ask)?;
    (query.after, query.limit) = (None, None);
    let bytes = signed.console.call(move |app| app.export_findings(&query)).await?;
    Ok(csv("findings.csv", bytes))
}
