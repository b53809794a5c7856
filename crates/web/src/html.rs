//! Pages as responses.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};

/// A whole HTML document with its status.
pub(crate) struct Page(pub StatusCode, pub Markup);

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let text = html! {
            (DOCTYPE)
            (self.1)
        }
        .into_string();
        (self.0, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], text).into_response()
    }
}

/// A CSV file to save under `name`.
pub(crate) fn csv(name: &str, bytes: Vec<u8>) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    (headers, bytes).into_response()
}

/// After a POST: look at `path` with a GET (RFC 9110 section 15.4.4).
pub(crate) fn see(path: &str) -> Response {
    axum::response::Redirect::to(path).into_response()
}
