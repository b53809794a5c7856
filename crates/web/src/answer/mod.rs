//! `/a/{token}`: the page behind a signed link, for whoever holds it.
//!
//! Mail gateways and telephones fetch links before anybody reads them, so GET and HEAD show and never acknowledge;
//! only the form's POST answers. No sign-in, no script, no navigation: one question a page.

mod page;

use crate::assets::ANSWER_CSS;
use crate::fault::Fault;
use crate::html::{Page, see};
use crate::link::{Ask, encode};
use crate::posted::Open;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tallyward_app::{App, AppError};

/// What an answer page needs.
#[derive(Clone)]
struct Bedside {
    app: App,
}

/// The answer pages and their style sheet, nothing else.
pub(crate) fn routes(app: App) -> Router {
    Router::new()
        .route("/a/{token}", get(show).post(answer))
        .route(&ANSWER_CSS.path, get(|| async { ANSWER_CSS.response() }))
        .layer(DefaultBodyLimit::max(crate::posted::LIMIT))
        .with_state(Bedside { app })
}

impl Bedside {
    async fn call<T, F>(&self, work: F) -> Result<T, Fault>
    where
        F: FnOnce(&App) -> tallyward_app::error::Result<T> + Send + 'static,
        T: Send + 'static,
    {
        let app = self.app.clone();
        match tokio::task::spawn_blocking(move || work(&app)).await {
            Ok(outcome) => outcome.map_err(Fault::App),
            Err(_) => Err(Fault::Defect),
        }
    }

    fn fault(&self, fault: &Fault) -> Page {
        let call = &self.app.site().call;
        match fault {
            Fault::App(AppError::NotFound { .. }) => page::gone(call, ""),
            fault => page::failed(fault.status(), &fault.sentence(), call),
        }
    }
}

/// Shows the notice. Changes nothing.
async fn show(State(bedside): State<Bedside>, Path(token): Path<String>, ask: Ask) -> Response {
    let thanks = ask.get("thanks").is_some();
    match bedside.call(move |app| app.answer_page(&token)).await {
        Ok(view) => page::answer(&view, &bedside.app.site().call, thanks, "", None).into_response(),
        // A link that was cut on the way or has run out is refused with a sentence that says which.
        Err(fault @ Fault::App(AppError::Refused(_))) => {
            page::gone(&bedside.app.site().call, &fault.sentence()).into_response()
        }
        Err(fault) => bedside.fault(&fault).into_response(),
    }
}

/// Records an answer. The same answer again changes nothing.
async fn answer(
    State(bedside): State<Bedside>,
    Path(token): Path<String>,
    form: Result<Open, Fault>,
) -> Response {
    let fields = match form {
        Ok(Open(fields)) => fields,
        Err(fault) => return bedside.fault(&fault).into_response(),
    };
    let (answer, initials) = (fields.text("answer"), fields.text("initials"));
    let given = {
        let (token, initials) = (token.clone(), initials.clone());
        bedside.call(move |app| app.answer(&token, &answer, &initials)).await
    };
    let complaint = match given {
        Ok(_) => return see(&format!("/a/{}?thanks=1", encode(&token))),
        Err(fault @ Fault::App(AppError::Invalid { .. } | AppError::Refused(_) | AppError::Conflict)) => {
            fault
        }
        Err(fault) => return bedside.fault(&fault).into_response(),
    };
    let why = match &complaint {
        Fault::App(AppError::Invalid { why, .. }) => why.clone(),
        other => other.to_string(),
    };
    match bedside.call(move |app| app.answer_page(&token)).await {
        Ok(view) => {
            let mut page = page::answer(&view, &bedside.app.site().call, false, &initials, Some(&why));
            page.0 = complaint.status();
            page.into_response()
        }
        Err(fault) => bedside.fault(&fault).into_response(),
    }
}

/// Anything else on a listener of answer pages.
pub(crate) async fn nothing_here() -> Response {
    page::failed(StatusCode::NOT_FOUND, "There is no page here.", "").into_response()
}
