//! What people do with an advisory: mark remedies, comment, mark as read, match again, remove, compare revisions.

use crate::desk::{Desk, Section, saying};
use crate::fault::Fault;
use crate::html::{Page, see};
use crate::link::{self, Ask};
use crate::parts::number;
use crate::posted::Posted;
use crate::signed::Signed;
use axum::extract::Path;
use axum::response::Response;
use maud::{Markup, html};
use tallyward_app::views::{AdvisoryPage, RemedyCounts};
use tallyward_app::{AppError, RemedyState};

/// The state a form names.
pub(crate) fn state_of(code: &str) -> Result<RemedyState, Fault> {
    RemedyState::from_code(code)
        .ok_or_else(|| Fault::App(AppError::invalid("state", "choose one of the three states")))
}

/// The three states to choose from.
pub(crate) fn states(now: Option<&str>) -> Markup {
    html! {
        select name="state" aria-label="How far the remedy is" {
            @for state in RemedyState::ALL {
                option value=(state.code()) selected[now == Some(state.code())] { (state.label()) }
            }
        }
    }
}

/// How far the remedies are, by vulnerability.
pub(crate) fn remedies(desk: &Desk, view: &AdvisoryPage) -> Markup {
    html! {
        section aria-labelledby="remedies" {
            h2 id="remedies" { "How far the remedies are" }
            @if view.remedies.iter().all(|one| one.matching == 0) {
                p class="quiet" { "No device here matches it, so there is nothing to remedy." }
            } @else {
            p class="quiet" {
                "Marked by people, device by device or all at once. A mark changes no verdict: a version read on the device does. A revision that changes the remedies asks anew."
            }
            div class="scroll" {
                table class="list" {
                    thead {
                        tr {
                            th scope="col" { "Vulnerability" }
                            th scope="col" class="num" { "Devices matched" }
                            @for state in RemedyState::ALL { th scope="col" class="num" { (state.label()) } }
                            @if desk.may_write() { th scope="col" { "Mark all open ones" } }
                        }
                    }
                    tbody {
                        @for one in &view.remedies { (remedy_row(desk, &view.line.id, one)) }
                    }
                }
            }
            }
        }
    }
}

fn remedy_row(desk: &Desk, advisory: &str, one: &RemedyCounts) -> Markup {
    html! {
        tr {
            th scope="row" class="mono" { (one.vulnerability) }
            td class="num" { (number(one.matching)) }
            td class="num" {
                (number(one.not_remediated))
                @if one.outdated > 0 {
                    p class="note" { (number(one.outdated)) " marked before the remedies changed" }
                }
            }
            td class="num" { (number(one.in_progress)) }
            td class="num" { (number(one.done)) }
            @if desk.may_write() {
                td {
                    form method="post" action={ (link::advisory(advisory)) "/remedy" } class="inline" data-once {
                        (desk.token())
                        input type="hidden" name="vulnerability" value=(one.vulnerability);
                        (states(None))
                        " "
                        button { "Mark" }
                    }
                }
            }
        }
    }
}

/// What is done with it most: marked as read, matched again.
pub(crate) fn acts(desk: &Desk, view: &AdvisoryPage) -> Markup {
    let path = link::advisory(&view.line.id);
    let read = view.read_by.contains(&desk.session.who.login);
    html! {
        form method="post" action={ (path) "/match" } data-once {
            (desk.token())
            button data-busy="Matching …" { "Match again" }
        }
        form method="post" action={ (path) "/read" } {
            (desk.token())
            @if read {
                button name="read" value="no" { "Mark as unread" }
            } @else {
                button class="primary" name="read" value="yes" { "Mark as read" }
            }
        }
    }
}

/// Comments, and taking it off the file.
pub(crate) fn remarks(desk: &Desk, view: &AdvisoryPage) -> Markup {
    let path = link::advisory(&view.line.id);
    html! {
        section aria-labelledby="comments" {
            h2 id="comments" { "Comments" }
            @if view.comments.is_empty() {
                p class="quiet" { "Nobody has commented on it." }
            }
            ul class="plain-list" {
                @for one in &view.comments {
                    li {
                        p class="verbatim" { (one.text) }
                        p class="quiet" { (one.by) ", " (desk.when(one.at)) }
                    }
                }
            }
            @if !view.read_by.is_empty() {
                p class="quiet" { "Read in this revision by " (view.read_by.join(", ")) "." }
            }
            @if desk.may_write() {
                details class="fold" {
                    summary { "Add a comment" }
                    form method="post" action={ (path) "/comment" } class="stack tight" data-once {
                        (desk.token())
                        label for="comment" { "Your comment" }
                        textarea id="comment" name="text" rows="3" maxlength="4000" required {}
                        p { button { "Add the comment" } }
                    }
                }
                details class="fold" {
                    summary { "Take it off the file" }
                    form method="post" action={ (path) "/remove" } class="stack tight" data-once {
                        (desk.token())
                        p {
                            "Its verdicts go with it. The document itself is kept among the earlier revisions, and the audit log says who removed it and why."
                        }
                        label for="why" { "Why" }
                        input id="why" name="why" required minlength="5";
                        p { button { "Remove it" } }
                    }
                }
            }
        }
    }
}

/// `POST /advisories/{id}/remedy`: marks every open device.
pub(crate) async fn mark_all(Path(id): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let vulnerability = posted.fields.text("vulnerability");
    let state = state_of(posted.fields.get("state"))?;
    let back = link::advisory(&id);
    let marked =
        posted.signed.act(move |app, who| app.mark_remedy(who, None, &id, &vulnerability, state, "")).await?;
    Ok(see(&saying(&back, "marked", marked as u64)))
}

/// `POST /advisories/{id}/comment`
pub(crate) async fn comment(Path(id): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let (text, back) = (posted.fields.text("text"), link::advisory(&id));
    posted.signed.act(move |app, who| app.comment_advisory(who, &id, &text)).await?;
    Ok(see(&saying(&back, "written", 0)))
}

/// `POST /advisories/{id}/read`
pub(crate) async fn read(Path(id): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let (read, back) = (posted.fields.get("read") == "yes", link::advisory(&id));
    posted.signed.act(move |app, who| app.mark_read(who, &id, read)).await?;
    Ok(see(&saying(&back, "saved", 0)))
}

/// `POST /advisories/{id}/match`
pub(crate) async fn run(Path(id): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let back = link::advisory(&id);
    let judged = posted.signed.act(move |app, who| app.match_documents(who, &[id])).await?;
    Ok(see(&saying(&back, "decided", judged as u64)))
}

/// `POST /advisories/{id}/remove`
pub(crate) async fn remove(Path(id): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let why = posted.fields.text("why");
    posted.signed.act(move |app, who| app.remove_advisory(who, &id, &why)).await?;
    Ok(see(&saying("/advisories", "saved", 0)))
}

/// `GET /advisories/{id}/compare?from=…&to=…`
pub(crate) async fn compare(signed: Signed, Path(id): Path<String>, ask: Ask) -> Result<Page, Fault> {
    let (from, to) = (ask.text("from").unwrap_or_default(), ask.text("to"));
    let named = id.clone();
    let (desk, view) = signed.view(move |app| app.compare_revisions(&id, &from, to.as_deref())).await?;
    let body = html! {
        p class="crumbs" {
            a href="/advisories" { "Advisories" }
            " / "
            a class="mono" href=(link::advisory(&named)) { (named) }
            " / compared"
        }
        header class="head" {
            h1 { "Revision " (view.old.revision) " against " (view.new.revision) }
        }
        p class="quiet" {
            "Taken in " (desk.when(view.old.received)) " and " (desk.when(view.new.received)) "."
        }
        @if view.changes.is_empty() {
            p { "Nothing a reader would notice is different." }
        } @else {
            ul {
                @for change in &view.changes { li { (change) } }
            }
        }
    };
    Ok(desk.page(Section::Advisories, "Revisions compared", body))
}
