//! `/w`: type back a printed sheet. One box takes a code, from a scanner or from the keys; no script.

use super::phone;
use crate::devices::ENTERED;
use crate::fault::Fault;
use crate::html::{Page, see};
use crate::link::Ask;
use crate::signed::Signed;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::html;
use tallyward_app::AppError;
use tallyward_app::round::read_code;

/// The box; with `?code=` the way to what was scanned.
pub(crate) async fn page(signed: Signed, ask: Ask) -> Result<Response, Fault> {
    let Some(code) = ask.text("code") else {
        return Ok(shown(&signed, "", None).into_response());
    };
    let read = read_code(&code).filter(|(_, field)| ENTERED.contains(field));
    let Some((device, field)) = read else {
        let why = "Expected what stands below the bar code, such as D1042/software_version.";
        return Ok(shown(&signed, &code, Some(why)).into_response());
    };
    match signed.console.call(move |app| app.to_read(device, field)).await {
        Ok(view) => Ok(see(&phone::path(view.device.id, field))),
        Err(Fault::App(AppError::NotFound { .. })) => {
            let why = format!("There is no device {device} here. Is the sheet of another house?");
            Ok(shown(&signed, &code, Some(&why)).into_response())
        }
        Err(fault) => Err(fault),
    }
}

fn shown(signed: &Signed, code: &str, why: Option<&str>) -> Page {
    let body = html! {
        p class="house" { (signed.console.app.site().name) }
        h1 { "Type back a printed sheet" }
        p { "Scan the bar code beside a device, or type what stands below it." }
        form action="/w" {
            @if let Some(why) = why {
                p class="error" id="why" role="alert" { "▲ " (why) }
            }
            label for="code" { "Code" }
            input
                id="code"
                name="code"
                class="read"
                value=(code)
                required
                autofocus
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                aria-invalid=[why.map(|_| "true")]
                aria-describedby=[why.map(|_| "why")];
            div class="answers" { button class="done" { "Go on" } }
        }
        p { a href="/worklist" { "Worklist" } }
    };
    let mut page = phone::document("Type back a printed sheet", body);
    if why.is_some() {
        page.0 = StatusCode::UNPROCESSABLE_ENTITY;
    }
    page
}
