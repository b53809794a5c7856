//! `/sign-in`

use super::{begin, local};
use crate::console::Console;
use crate::fault::{Complaint, Fault, bare};
use crate::html::Page;
use crate::link::Ask;
use crate::parts::{Input, complaint_box, input, submit};
use crate::posted::Open;
use axum::extract::connect_info::ConnectInfo;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::html;
use std::net::SocketAddr;

/// The form.
pub(crate) async fn form(State(console): State<Console>, ask: Ask) -> Page {
    page(&console, StatusCode::OK, "", local(ask.get("next")), None)
}

/// Checks login and password; on success a session begins.
pub(crate) async fn enter(
    State(console): State<Console>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    Open(fields): Open,
) -> Result<Response, Fault> {
    let (login, password) = (fields.text("login"), fields.raw("password"));
    let next = local(Some(fields.get("next"))).to_owned();
    let from = peer.map_or_else(|| "unknown".to_owned(), |peer| peer.0.0.ip().to_string());
    let entered = {
        let login = login.clone();
        console.call(move |app| app.sign_in(&login, &password, &from)).await
    };
    match entered {
        Ok(token) => Ok(begin(console.options.secure_cookies, &token, &next)),
        Err(fault) => {
            let complaint = fault.complaint()?;
            Ok(page(&console, complaint.status, &login, &next, Some(&complaint)).into_response())
        }
    }
}

fn page(
    console: &Console,
    status: StatusCode,
    login: &str,
    next: &str,
    complaint: Option<&Complaint>,
) -> Page {
    let body = html! {
        p class="quiet" { (console.app.site().name) }
        (complaint_box(complaint, &["login", "password"]))
        form method="post" action="/sign-in" class="stack" {
            input type="hidden" name="next" value=(next);
            ({
                input(
                    Input {
                        name: "login",
                        label: "Sign-in name",
                        value: login,
                        autocomplete: "username",
                        required: true,
                        ..Input::default()
                    },
                    complaint,
                )
            })
            ({
                input(
                    Input {
                        name: "password",
                        label: "Password",
                        kind: "password",
                        autocomplete: "current-password",
                        required: true,
                        ..Input::default()
                    },
                    complaint,
                )
            })
            (submit("Sign in"))
        }
        p class="hint" {
            "No account? An administrator makes one under Settings. Answering a notice needs none: open its link."
        }
    };
    Page(status, bare("Sign in", body))
}
