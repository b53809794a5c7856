//! `/untold/{kind}/{id}`: one thing that arrived, who it concerns, and how it is closed.

use super::group::group_link;
use super::{state, telling, untold_link};
use crate::desk::{Desk, Section};
use crate::fault::{Complaint, Fault};
use crate::html::Page;
use crate::letters::letter_link;
use crate::link;
use crate::parts::{Input, complaint_box, input, many, number, textarea};
use crate::signed::Signed;
use axum::extract::Path;
use axum::http::StatusCode;
use maud::{Markup, html};
use tallyward_app::untold::{Arrival, ArrivalKind, ArrivalState, GroupLine};
use tallyward_app::{AppError, Role};

/// Which thing a path names.
pub(crate) fn kind_of(kind: &str, id: &str) -> Result<ArrivalKind, Fault> {
    ArrivalKind::from_code(kind)
        .ok_or_else(|| Fault::App(AppError::not_found("thing that arrived", format!("{kind} {id}"))))
}

/// One thing that arrived.
pub(crate) async fn page(signed: Signed, Path((kind, id)): Path<(String, String)>) -> Result<Page, Fault> {
    show(signed, kind_of(&kind, &id)?, id, None).await
}

pub(super) async fn show(
    signed: Signed,
    kind: ArrivalKind,
    id: String,
    complaint: Option<&Complaint>,
) -> Result<Page, Fault> {
    let (desk, view) = signed.view(move |app| app.arrival(kind, &id)).await?;
    let body = html! {
        p class="crumbs" {
            a href="/untold" { "The untold" }
            " / " (view.kind.code())
        }
        header class="head" {
            h1 { (view.title) }
            (state(view.state))
        }
        p class="lead" {
            "Arrived " (desk.when(view.arrived)) ". "
            @match view.kind {
                ArrivalKind::Advisory => a class="mono" href=(link::advisory(&view.id)) { (view.id) },
                ArrivalKind::Letter => a href=(letter_link(&view.id)) { "The letter" },
            }
        }
        (complaint_box(complaint, &["because", "advisory"]))
        @match view.kind {
            ArrivalKind::Advisory => (groups(&desk, &view, complaint)),
            ArrivalKind::Letter => (about(&desk, &view, complaint)),
        }
        (closing(&desk, &view, complaint))
    };
    let status = complaint.map_or(StatusCode::OK, |complaint| complaint.status);
    Ok(desk.page_as(status, Section::Notices, &view.title, body))
}

fn groups(desk: &Desk, view: &Arrival, complaint: Option<&Complaint>) -> Markup {
    if view.groups.is_empty() {
        return html! {
            p class="calm" { "It touches no device here, so there is nobody to tell." }
        };
    }
    let may_sign = desk.session.who.role == Role::Lead && view.waiting > 0;
    html! {
        section aria-labelledby="groups" {
            h2 id="groups" { (many(view.groups.len() as u64, "group")) " of operators" }
            @if may_sign {
                form method="post" action={ (untold_link(view.kind, &view.id)) "/sign" } data-once {
                    (desk.token())
                    (table(desk, view, true))
                    div class="panel" {
                        h3 { "Sign why those chosen are not told" }
                        p class="hint" {
                            "It covers the devices of theirs that are affected or unknown now; others that come later are untold again."
                        }
                        (textarea(Input { name: "because", label: "Not told because", required: true, ..Input::default() }, 2, complaint))
                        p {
                            button class="primary" { "Sign as " (desk.session.who.name) }
                        }
                    }
                }
            } @else {
                (table(desk, view, false))
                @if view.waiting > 0 {
                    p class="hint" { "Signing why somebody is not told is for leads: a clinical act under a name." }
                }
            }
        }
    }
}

fn table(desk: &Desk, view: &Arrival, choose: bool) -> Markup {
    html! {
        div class="scroll" {
            table class="list" {
                caption class="hidden" { "Groups of operators" }
                thead {
                    tr {
                        @if choose {
                            th scope="col" {
                                span class="hidden" { "Choose" }
                            }
                        }
                        th scope="col" { "Who" }
                        th scope="col" { "How it stands" }
                        th scope="col" class="num" { "▲ Affected" }
                        th scope="col" class="num" { "◆ Unknown" }
                        th scope="col" { "By what" }
                        th scope="col" { "Not told because" }
                    }
                }
                tbody {
                    @for (row, group) in view.groups.iter().enumerate() { (line(desk, &view.id, row, group, choose)) }
                }
            }
        }
    }
}

fn line(desk: &Desk, advisory: &str, row: usize, group: &GroupLine, choose: bool) -> Markup {
    let devices = group_link(advisory, &group.key);
    let id = format!("group-{row}");
    html! {
        tr {
            @if choose {
                td {
                    @if group.telling.waits() {
                        input type="checkbox" name="group" id=(id) value={ (group.mark) "|" (group.key) };
                    }
                }
            }
            th scope="row" {
                @if choose && group.telling.waits() {
                    label for=(id) { (group.name()) }
                } @else { (group.name()) }
            }
            td { (telling(group.telling)) }
            td class="num" { a href=(devices) { (number(group.affected)) } }
            td class="num" { a href=(devices) { (number(group.unknown)) } }
            td {
                @for notice in &group.notices {
                    a class="mono" href={ "/notices/" (link::encode(notice)) } { (notice) }
                    " "
                }
                @if !group.draft.is_empty() {
                    a href={ "/drafts/" (link::encode(&group.draft)) } { "draft" }
                }
                @if group.notices.is_empty() && group.draft.is_empty() {
                    span class="quiet" { "nothing" }
                }
            }
            td class="wrap" {
                @if let Some(signed) = &group.signed {
                    (signed.because)
                    br;
                    span class="quiet" { (signed.name) ", " (desk.when(signed.at)) }
                }
            }
        }
    }
}

fn about(desk: &Desk, view: &Arrival, complaint: Option<&Complaint>) -> Markup {
    html! {
        section aria-labelledby="about" {
            h2 id="about" { "What it is about" }
            @if view.advisories.is_empty() {
                p { "Nobody has said so yet. Say which advisory on file it is about, write one of it, or close it with a reason." }
            } @else {
                ul class="plain-list" {
                    @for id in &view.advisories {
                        li {
                            a class="mono" href=(untold_link(ArrivalKind::Advisory, id)) { (id) }
                        }
                    }
                }
            }
            @if desk.may_write() {
                form method="post" action={ "/letters/" (link::encode(&view.id)) "/about" } class="row" data-once {
                    (desk.token())
                    (input(Input { name: "advisory", label: "It is about the advisory", required: true, ..Input::default() }, complaint))
                    button name="is" value="yes" { "Say so" }
                    @if !view.advisories.is_empty() {
                        button name="is" value="no" { "It is not about it" }
                    }
                    a class="button" href={ "/written/new?letter=" (link::encode(&view.id)) } { "Write an advisory of it" }
                }
            }
        }
    }
}

/// `2 groups of operators are not told, 1 has nobody assigned, 3 are undecided`.
fn keeps_open(view: &Arrival) -> String {
    let verb = |count: usize, one: &'static str, more: &'static str| if count == 1 { one } else { more };
    let parts = [
        (view.untold, verb(view.untold, "is not told", "are not told")),
        (view.unassigned, verb(view.unassigned, "has nobody assigned", "have nobody assigned")),
        (view.undecided, verb(view.undecided, "is undecided", "are undecided")),
    ];
    let mut words: Vec<String> = Vec::new();
    for (count, how) in parts.into_iter().filter(|(count, _)| *count > 0) {
        let who = match words.is_empty() {
            true => format!("{} of operators", many(count as u64, "group")),
            false => number(count as u64),
        };
        words.push(format!("{who} {how}"));
    }
    words.join(", ")
}

fn closing(desk: &Desk, view: &Arrival, complaint: Option<&Complaint>) -> Markup {
    let path = untold_link(view.kind, &view.id);
    let reason_needed = view.kind == ArrivalKind::Letter && view.advisories.is_empty();
    html! {
        section class="panel" aria-labelledby="closing" {
            h2 id="closing" { "Closing" }
            @if let Some(closed) = &view.closed {
                p {
                    "Closed by " strong { (closed.name) } ", " (desk.when(closed.at))
                    @if !closed.because.is_empty() { ": " (closed.because) }
                    @if view.state != ArrivalState::Closed {
                        ". It is open again: " (view.state.plain()) "."
                    }
                }
            }
            @if view.waiting > 0 {
                p {
                    "It cannot be closed, and nobody signed why not: "
                    strong { (keeps_open(view)) }
                    "."
                }
            }
            @if desk.may_write() {
                @if view.state == ArrivalState::Closed {
                    form method="post" action={ (path) "/reopen" } data-once {
                        (desk.token())
                        button { "Open it again" }
                    }
                } @else if view.waiting == 0 {
                    form method="post" action={ (path) "/close" } class="stack tight" data-once {
                        (desk.token())
                        ({
                            textarea(
                                Input {
                                    name: "because",
                                    label: if reason_needed { "Nobody here is concerned because" } else { "Remark" },
                                    required: reason_needed,
                                    ..Input::default()
                                },
                                2,
                                complaint,
                            )
                        })
                        button class="primary" { "Close it as " (desk.session.who.name) }
                    }
                }
            }
        }
    }
}
