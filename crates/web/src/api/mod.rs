//! `/api/v1`: the same queries and views as JSON.

mod caller;
mod openapi;
mod read;
mod schemas;
mod sensors;
mod views;
mod views_fetched;
mod views_rules;

pub use openapi::openapi;

use crate::console::Console;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use tallyward_app::sensors::MAX_PACKED;

/// The routes below `/api/v1`.
pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/overview", get(read::overview))
        .route("/devices", get(read::devices))
        .route("/devices/{id}", get(read::device))
        .route("/devices/{id}/explanation", get(read::explanation))
        .route("/rules", get(read::rules))
        .route("/advisories", get(read::advisories))
        .route("/advisories/{id}", get(read::advisory))
        .route("/changes", get(read::changes))
        .route("/matches", get(read::matches))
        .route("/runs", get(read::runs))
        .route("/corrections", get(read::corrections))
        .route("/backtest", get(read::backtest))
        .route("/review", get(read::review))
        .route("/ports", get(read::ports))
        .route("/worklist", get(read::worklist))
        .route("/round", get(read::round))
        .route("/untold", get(read::untold))
        .route("/untold/{kind}/{id}", get(read::arrival))
        .route("/letters", get(read::letters))
        .route("/letters/{id}", get(read::letter))
        .route("/written", get(read::written))
        .route("/findings", get(read::findings))
        .route("/findings/{device}/{advisory}/{vulnerability}", get(read::finding))
        .route("/notices", get(read::notices))
        .route("/notices/{id}", get(read::notice))
        .route("/sources", get(read::sources))
        .route("/sensors", get(sensors::sensors))
        .route("/sensors/{id}/batches", post(sensors::batch).layer(DefaultBodyLimit::max(MAX_PACKED)))
        .route("/sboms", get(read::sboms))
        .route("/sboms/{id}", get(read::sbom))
        .route("/openapi.json", get(read::description))
        .fallback(read::nothing_here)
}
