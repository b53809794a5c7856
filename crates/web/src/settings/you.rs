//! `/settings/you`: one's own account.

use super::around;
use crate::desk::Section;
use crate::fault::{Complaint, Fault};
use crate::html::{Page, see};
use crate::parts::{Input, complaint_box, input, submit};
use crate::posted::Posted;
use crate::signed::Signed;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::html;

/// Who is signed in, and a form for another password.
pub(crate) async fn you(signed: Signed) -> Result<Page, Fault> {
    show(signed, None).await
}

async fn show(signed: Signed, complaint: Option<&Complaint>) -> Result<Page, Fault> {
    let (desk, ()) = signed.view(|_| Ok(())).await?;
    let who = &desk.session.who;
    let body = html! {
        header class="head" {
            h1 { "You" }
        }
        (around("/settings/you"))
        dl class="facts" {
            div {
                dt { "Name" }
                dd { (who.name) }
            }
            div {
                dt { "Sign-in name" }
                dd class="mono" { (who.login) }
            }
            div {
                dt { "Role" }
                dd { (who.role.code()) }
            }
        }
        section class="panel narrow" aria-labelledby="change" {
            h2 id="change" { "Change your password" }
            (complaint_box(complaint, &["password", "again"]))
            form method="post" action="/settings/you" class="stack tight" {
                (desk.token())
                input type="hidden" name="username" value=(who.login) autocomplete="username";
                ({
                    input(
                        Input {
                            name: "password",
                            label: "New password",
                            hint: "At least 10 characters.",
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
                            label: "New password again",
                            kind: "password",
                            autocomplete: "new-password",
                            required: true,
                            ..Input::default()
                        },
                        complaint,
                    )
                })
                (submit("Change it and sign in again"))
            }
            p class="hint" { "All your sessions end, this one too." }
        }
    };
    let status = complaint.map_or(StatusCode::OK, |complaint| complaint.status);
    Ok(desk.page_as(status, Section::Settings, "You", body))
}

/// Sets one's own password.
pub(crate) async fn password(posted: Posted) -> Result<Response, Fault> {
    let password = posted.fields.raw("password");
    if password != posted.fields.raw("again") {
        let complaint = Complaint::field("again", "The two passwords differ. Type the same one twice.");
        return Ok(show(posted.signed, Some(&complaint)).await?.into_response());
    }
    let login = posted.signed.session.who.login.clone();
    match posted.signed.act(move |app, who| app.set_password(who, &login, &password)).await {
        Ok(()) => Ok(see("/sign-in")),
        Err(fault) => {
            let complaint = fault.complaint()?;
            Ok(show(posted.signed, Some(&complaint)).await?.into_response())
        }
    }
}
