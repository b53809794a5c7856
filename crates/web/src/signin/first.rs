//! `/first/{token}`: the one-time link that the first start prints.

use super::begin;
use crate::console::Console;
use crate::fault::{Complaint, Fault, bare};
use crate::html::Page;
use crate::parts::{Input, complaint_box, input, submit};
use crate::posted::Open;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::html;

/// The form, while the link stands.
pub(crate) async fn first(State(console): State<Console>, Path(token): Path<String>) -> Result<Page, Fault> {
    let valid = console.call(move |app| app.first_link_valid(&token)).await?;
    Ok(if valid { page(StatusCode::OK, "", "", None) } else { spent() })
}

/// Makes the first administrator and signs them in.
pub(crate) async fn make_first(
    State(console): State<Console>,
    Path(token): Path<String>,
    Open(fields): Open,
) -> Result<Response, Fault> {
    let (login, name) = (fields.text("login"), fields.text("name"));
    let (password, again) = (fields.raw("password"), fields.raw("again"));
    if password != again {
        let complaint = Complaint::field("again", "The two passwords differ. Type the same one twice.");
        return Ok(page(complaint.status, &login, &name, Some(&complaint)).into_response());
    }
    let made = {
        let (login, name) = (login.clone(), name.clone());
        console.call(move |app| app.create_first(&token, &login, &name, &password)).await
    };
    match made {
        Ok(session) => Ok(begin(console.options.secure_cookies, &session, "/")),
        Err(fault) => {
            let complaint = fault.complaint()?;
            Ok(page(complaint.status, &login, &name, Some(&complaint)).into_response())
        }
    }
}

fn page(status: StatusCode, login: &str, name: &str, complaint: Option<&Complaint>) -> Page {
    let fields = ["login", "name", "password", "again"];
    let body = html! {
        p {
            "This link works once. The account made here is an administrator: it makes the other accounts, imports lists and "
            "changes settings. Releasing notices is for leads."
        }
        (complaint_box(complaint, &fields))
        form method="post" class="stack" {
            ({
                input(
                    Input {
                        name: "name",
                        label: "Your name",
                        hint: "It stands under what you do, in the audit log too.",
                        value: name,
                        autocomplete: "name",
                        required: true,
                        ..Input::default()
                    },
                    complaint,
                )
            })
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
                        hint: "At least 10 characters. Three unrelated words do well.",
                        kind: "password",
                        autocomplete: "new-password",
                        required: true,
                        ..Input::default()
                    },
                    complaint,
                )
            })
            ({
                input(
                    Input {
                        name: "again",
                        label: "Password again",
                        kind: "password",
                        autocomplete: "new-password",
                        required: true,
                        ..Input::default()
                    },
                    complaint,
                )
            })
            (submit("Make the account and sign in"))
        }
    };
    Page(status, bare("Make the first account", body))
}

fn spent() -> Page {
    let body = html! {
        p { "This link has been used, or has run out." }
        p {
            "If an account exists, "
            a href="/sign-in" { "sign in" }
            ". If none does, start Tallyward again: it prints a new link."
        }
    };
    Page(StatusCode::NOT_FOUND, bare("This link no longer works", body))
}
