//! `/settings/accounts`

use super::around;
use crate::desk::{Desk, Section, saying};
use crate::fault::{Complaint, Fault};
use crate::html::{Page, see};
use crate::parts::{Input, complaint_box, input, select, submit};
use crate::posted::Posted;
use crate::signed::Signed;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use tallyward_app::views::AccountLine;
use tallyward_app::{AppError, Role};

const ROLES: [(&str, &str); 3] = [
    ("reader", "Reader: changes nothing"),
    ("lead", "Lead: releases notices"),
    ("administrator", "Administrator: settings, accounts"),
];

/// What was typed into the form for a new account.
#[derive(Default)]
struct Typed {
    login: String,
    name: String,
    role: String,
}

/// All accounts.
pub(crate) async fn accounts(signed: Signed) -> Result<Page, Fault> {
    show(signed, &Typed::default(), None).await
}

async fn show(signed: Signed, typed: &Typed, complaint: Option<&Complaint>) -> Result<Page, Fault> {
    let (desk, lines) = signed.view(|app| app.accounts()).await?;
    let manages = desk.session.who.role == Role::Administrator;
    let body = html! {
        header class="head" {
            h1 { "Accounts" }
        }
        (around("/settings/accounts"))
        (complaint_box(complaint, &["login", "name", "role", "password"]))
        div class="columns" {
            div class="wide" {
                div class="scroll" {
                    table class="list" {
                        caption class="hidden" { "Accounts" }
                        thead {
                            tr {
                                th scope="col" { "Name" }
                                th scope="col" { "Sign-in name" }
                                th scope="col" { "Role" }
                                th scope="col" { "Last sign-in" }
                                @if manages {
                                    th scope="col" { "Change" }
                                }
                            }
                        }
                        tbody {
                            @for line in &lines { (row(&desk, line, manages)) }
                        }
                    }
                }
            }
            @if manages {
                div { (form(&desk, typed, complaint)) }
            }
        }
    };
    let status = complaint.map_or(StatusCode::OK, |complaint| complaint.status);
    Ok(desk.page_as(status, Section::Settings, "Accounts", body))
}

fn row(desk: &Desk, line: &AccountLine, manages: bool) -> Markup {
    html! {
        tr {
            th scope="row" { (line.name) }
            td class="mono" { (line.login) }
            td {
                (line.role.code())
                @if line.disabled {
                    " "
                    span class="state look" { "barred" }
                }
            }
            td { (desk.when_or(line.last_sign_in, "never")) }
            @if manages {
                td {
                    details class="menu inline" {
                        summary { "Change" }
                        form
                            method="post"
                            action={ "/settings/accounts/" (crate::link::encode(&line.login)) }
                            class="menu-form stack tight"
                        {
                            (desk.token())
                            label {
                                "Role "
                                select name="role" {
                                    @for (code, _) in ROLES {
                                        option value=(code) selected[code == line.role.code()] { (code) }
                                    }
                                }
                            }
                            label {
                                input type="checkbox" name="disabled" value="yes" checked[line.disabled];
                                " Barred from signing in"
                            }
                            label {
                                "New password (leave empty to keep) "
                                input type="password" name="password" autocomplete="new-password";
                            }
                            button { "Save" }
                            p class="hint" {
                                "Barring or a new password ends the account's sessions at once."
                            }
                        }
                    }
                }
            }
        }
    }
}

fn form(desk: &Desk, typed: &Typed, complaint: Option<&Complaint>) -> Markup {
    html! {
        section class="panel" aria-labelledby="new" {
            h2 id="new" { "New account" }
            form method="post" action="/settings/accounts" class="stack tight" {
                (desk.token())
                ({
                    input(
                        Input {
                            name: "name",
                            label: "Name",
                            hint: "As it stands under what this person releases.",
                            value: &typed.name,
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
                            value: &typed.login,
                            required: true,
                            ..Input::default()
                        },
                        complaint,
                    )
                })
                ({
                    select(
                        Input {
                            name: "role",
                            label: "Role",
                            value: &typed.role,
                            ..Input::default()
                        },
                        &ROLES,
                        complaint,
                    )
                })
                ({
                    input(
                        Input {
                            name: "password",
                            label: "First password",
                            hint: "At least 10 characters; the person changes it under You.",
                            kind: "password",
                            autocomplete: "new-password",
                            required: true,
                            ..Input::default()
                        },
                        complaint,
                    )
                })
                (submit("Make the account"))
            }
        }
    }
}

/// Makes an account.
pub(crate) async fn create(posted: Posted) -> Result<Response, Fault> {
    let fields = &posted.fields;
    let typed = Typed { login: fields.text("login"), name: fields.text("name"), role: fields.text("role") };
    let (login, name, password) = (typed.login.clone(), typed.name.clone(), fields.raw("password"));
    let role = Role::from_code(&typed.role);
    let made = posted
        .signed
        .act(move |app, who| {
            let role = role.ok_or_else(|| AppError::invalid("role", "Choose a role."))?;
            app.create_account(who, &login, &name, role, &password)
        })
        .await;
    match made {
        Ok(()) => Ok(see(&saying("/settings/accounts", "account", 0))),
        Err(fault) => {
            let complaint = fault.complaint()?;
            Ok(show(posted.signed, &typed, Some(&complaint)).await?.into_response())
        }
    }
}

/// Changes role, bar and password of an account.
pub(crate) async fn change(Path(login): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let (role, disabled) = (Role::from_code(posted.fields.get("role")), posted.fields.ticked("disabled"));
    let password = posted.fields.raw("password");
    let changed = posted
        .signed
        .act(move |app, who| {
            let role = role.ok_or_else(|| AppError::invalid("role", "Choose a role."))?;
            app.set_account(who, &login, role, disabled)?;
            if password.is_empty() { Ok(()) } else { app.set_password(who, &login, &password) }
        })
        .await;
    match changed {
        Ok(()) => Ok(see(&saying("/settings/accounts", "account", 0))),
        Err(fault) => {
            let complaint = fault.complaint()?;
            Ok(show(posted.signed, &Typed::default(), Some(&complaint)).await?.into_response())
        }
    }
}
