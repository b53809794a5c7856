//! `/settings`: shadow or live, and what must be signed before anything leaves.

use super::around;
use crate::desk::{Desk, Section, saying};
use crate::fault::{Complaint, Fault};
use crate::html::{Page, see};
use crate::parts::complaint_box;
use crate::posted::Posted;
use crate::signed::Signed;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use tallyward_app::error::Result as Outcome;
use tallyward_app::views::SignOffLine;
use tallyward_app::{App, Who};

/// Whether anything may leave, and what is missing.
pub(crate) async fn mode(signed: Signed) -> Result<Page, Fault> {
    show(signed, None).await
}

async fn show(signed: Signed, complaint: Option<&Complaint>) -> Result<Page, Fault> {
    let (desk, ()) = signed.view(|_| Ok(())).await?;
    let mode = &desk.mode;
    let body = html! {
        header class="head" {
            h1 { "Settings" }
        }
        (around("/settings"))
        (complaint_box(complaint, &[]))
        section aria-labelledby="mode" {
            h2 id="mode" {
                @if mode.shadow { "Shadow mode: nothing is sent" } @else { "Live: released notices are sent" }
            }
            p {
                "Mail goes to "
                strong { (mode.mailer) }
                "."
            }
            @if mode.shadow && !mode.missing.is_empty() {
                p { "Before it may go live:" }
                ul {
                    @for one in &mode.missing {
                        li { (one) }
                    }
                }
            }
            @if desk.may_write() { (switch(&desk)) }
        }
        section aria-labelledby="signed" {
            h2 id="signed" { "Signed off" }
            p class="quiet" {
                "A signature holds for exactly what was looked at. When the content changes, it must be signed again."
            }
            ul class="signoffs" {
                @for line in &mode.sign_offs { (sign_off(&desk, line)) }
            }
        }
    };
    let status = complaint.map_or(StatusCode::OK, |complaint| complaint.status);
    Ok(desk.page_as(status, Section::Settings, "Settings", body))
}

fn switch(desk: &Desk) -> Markup {
    html! {
        @if desk.mode.shadow {
            @if desk.mode.missing.is_empty() {
                form method="post" action="/settings/live" data-once {
                    (desk.token())
                    button class="primary" { "Go live: released notices will be sent" }
                }
            }
        } @else {
            form method="post" action="/settings/shadow" data-once {
                (desk.token())
                button { "Back to shadow mode at once" }
            }
        }
    }
}

fn sign_off(desk: &Desk, line: &SignOffLine) -> Markup {
    let short: String = line.version.chars().take(12).collect();
    let look = match line.what.as_str() {
        "contacts" => "/settings/house",
        _ => "/settings/tables",
    };
    html! {
        li {
            div {
                strong { (line.plain) }
                p class="quiet" {
                    "Version "
                    span class="mono" title=(line.version) { (short) }
                    " · "
                    a href=(look) { "look at it" }
                }
            }
            div class="sign-state" {
                @if let Some(name) = &line.signed_by {
                    span class="state clear" {
                        span class="shape" aria-hidden="true" { "●" }
                        "signed"
                    }
                    " by "
                    (name)
                    " "
                    (desk.when_or(line.signed_at, ""))
                } @else {
                    @if line.outdated {
                        span class="state stale" {
                            span class="shape" aria-hidden="true" { "◌" }
                            "changed since it was signed"
                        }
                    } @else {
                        span class="state look" { "not signed" }
                    }
                    @if desk.may_write() {
                        form method="post" action="/settings/sign" data-once {
                            (desk.token())
                            input type="hidden" name="what" value=(line.what);
                            button { "Sign as " (desk.session.who.name) }
                        }
                    }
                }
            }
        }
    }
}

/// Signs the present version.
pub(crate) async fn sign(posted: Posted) -> Result<Response, Fault> {
    let what = posted.fields.text("what");
    finish(posted, "signed", move |app, who| app.sign_off(who, &what)).await
}

/// Leaves shadow mode.
pub(crate) async fn live(posted: Posted) -> Result<Response, Fault> {
    finish(posted, "live", |app, who| app.go_live(who)).await
}

/// Returns to shadow mode at once.
pub(crate) async fn shadow(posted: Posted) -> Result<Response, Fault> {
    finish(posted, "shadow", |app, who| app.go_shadow(who)).await
}

async fn finish<F>(posted: Posted, code: &str, work: F) -> Result<Response, Fault>
where
    F: FnOnce(&App, &Who) -> Outcome<()> + Send + 'static,
{
    match posted.signed.act(work).await {
        Ok(()) => Ok(see(&saying("/settings", code, 0))),
        Err(fault) => {
            let complaint = fault.complaint()?;
            Ok(show(posted.signed, Some(&complaint)).await?.into_response())
        }
    }
}
