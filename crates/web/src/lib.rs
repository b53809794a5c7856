//! The console and the REST API.
//!
//! Every page and every answer of the API is one use case of `tallyward-app` called on a blocking thread, its view
//! rendered as HTML by the server. One folder is one noun, one file a page or endpoint. The URL is the view: filters,
//! order and page live in the query string, so a list can be sent to a colleague, bookmarked or fetched as CSV.
//!
//! The key decision is *no client application*. Pages work without JavaScript; the one small script we ship only makes
//! them quicker to use. A strict content security policy (no inline script, no inline style, nothing from elsewhere)
//! then costs nothing, and a page at the bedside is a few kilobytes. The price is that a change always costs a round
//! trip and a fresh page.
//!
//! Nothing here decides: roles, shadow mode and lints are enforced by the use cases. This room hides what a person may
//! not do and turns refusals into sentences, but a form that is posted anyway is refused there.

mod advisories;
mod answer;
mod api;
mod assets;
mod backtest;
mod changes;
mod console;
mod desk;
mod devices;
mod drafts;
mod fault;
mod findings;
mod headers;
mod html;
mod huddle;
mod import;
mod letters;
mod link;
mod matches;
mod model_book;
mod notices;
mod overview;
mod parts;
mod paths;
mod posted;
mod review;
mod routes;
mod sboms;
mod search;
mod settings;
mod signed;
mod signin;
mod threats;
mod untold;
mod upload;
mod when;
mod worklist;
mod written;

pub use api::openapi;
pub use console::{Console, ConsoleOptions};
pub use routes::{answer_router, router};

use axum::Router;
use std::future::Future;
use std::net::SocketAddr;
use tokio::net::TcpListener;

/// Serves `router` on `listener` until `shutdown` completes; requests under way are finished first.
///
/// # Errors
/// When the listener fails for good.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(shutdown).await
}
