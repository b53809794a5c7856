//! Who calls the API, and what it answers when something is wrong: problem details (RFC 9457).

use crate::console::Console;
use crate::fault::Fault;
use crate::signed::Signed;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tallyward_app::{App, AppError};

/// A signed-in caller.
pub(crate) struct Caller(Signed);

impl Caller {
    /// Who calls.
    pub(crate) fn login(&self) -> &str {
        &self.0.session.who.login
    }

    /// Runs a use case.
    pub(crate) async fn call<T, F>(&self, work: F) -> Result<T, Problem>
    where
        F: FnOnce(&App) -> tallyward_app::error::Result<T> + Send + 'static,
        T: Send + 'static,
    {
        self.0.console.call(work).await.map_err(Problem)
    }
}

impl FromRequestParts<Console> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Problem> {
        Signed::from_request_parts(parts, console).await.map(Self).map_err(Problem)
    }
}

/// What went wrong, as `application/problem+json`.
pub(crate) struct Problem(pub Fault);

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self(fault)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = match &self.0 {
            Fault::SignIn { .. } | Fault::SessionEnded => StatusCode::UNAUTHORIZED,
            other => other.status(),
        };
        let mut body = json!({
            "type": "about:blank",
            "title": self.0.title(),
            "status": status.as_u16(),
            "detail": self.0.sentence(),
        });
        if let Fault::App(AppError::Invalid { field, .. }) = &self.0 {
            body["field"] = json!(field);
        }
        (status, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
    }
}
