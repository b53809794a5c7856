//! `/drafts/{id}`

use crate::desk::{Desk, Section};
use crate::fault::{Complaint, Fault};
use crate::html::Page;
use crate::link;
use crate::parts::{
    Input, as_read, complaint_box, device_table, input, many, select, submit, technical, textarea, tier,
    tier_words,
};
use crate::signed::Signed;
use axum::extract::Path;
use axum::http::StatusCode;
use maud::{Markup, html};
use tallyward_app::Role;
use tallyward_app::views::{DraftEdit, DraftPage};

/// The exact text as the reader sees it, beside the device list; release, change, set aside.
pub(crate) async fn page(signed: Signed, Path(id): Path<String>) -> Result<Page, Fault> {
    show(signed, id, None, None).await
}

/// What stands in the edit form; the hours as typed, since they may be no number.
pub(super) struct Typed {
    pub edit: DraftEdit,
    pub hours: String,
}

impl Typed {
    fn of(edit: &DraftEdit) -> Self {
        Self { edit: edit.clone(), hours: edit.next_word_hours.to_string() }
    }
}

/// The page, with what was typed into the edit form and the complaint about it.
pub(super) async fn show(
    signed: Signed,
    id: String,
    typed: Option<Typed>,
    complaint: Option<&Complaint>,
) -> Result<Page, Fault> {
    let (desk, view) = signed.view(move |app| app.draft(&id)).await?;
    let line = &view.line;
    let kind = match line.kind.as_str() {
        "correction" => "Correction to release",
        "stand-down" => "Stand-down to release",
        _ => "Draft to release",
    };
    let body = html! {
        p class="crumbs" {
            a href="/notices" { "Notices" }
            " / draft "
            span class="mono" { (line.id) }
        }
        header class="head" {
            h1 { (line.subject) }
            (desk.as_of(view.as_of))
        }
        p class="lead" {
            (kind)
            " · "
            (tier(&line.tier))
            " "
            (tier_words(&line.tier))
            " · clinical level "
            (line.clinical)
            " · "
            a href=(link::advisory(&line.advisory)) { (line.advisory) }
        }
        ({
            complaint_box(
                complaint,
                &["instruction", "authority", "text", "next_word_hours", "steps"],
            )
        })
        div class="columns even" {
            div {
                h2 { "What the reader sees" }
                (as_read(&line.subject, &view.lines))
                (lints(&view))
                (release_panel(&desk, &view))
                (technical(&view.technical, line.audience == "technical"))
            }
            div {
                h2 { (many(view.devices.len() as u64, "device")) " named" }
                (device_table(&view.devices))
                (recipients(&view))
                (triage(&view))
                @if desk.may_write() {
                    ({
                        edit_form(
                            &desk,
                            &view,
                            &typed.unwrap_or_else(|| Typed::of(&view.edit)),
                            complaint,
                        )
                    })
                    (discard_form(&desk, &view))
                }
            }
        }
    };
    let status = complaint.map_or(StatusCode::OK, |complaint| complaint.status);
    Ok(desk.page_as(status, Section::Notices, &line.subject, body))
}

fn lints(view: &DraftPage) -> Markup {
    html! {
        @if !view.complaints.is_empty() {
            ul class="lints" {
                @for (rule, text, blocks) in &view.complaints {
                    li class=[blocks.then_some("blocks")] {
                        @if *blocks {
                            strong { "Must be mended: " }
                        }
                        (text)
                        span class="quiet" { " (" (rule) ")" }
                    }
                }
            }
        }
    }
}

/// The effect is stated before the button, and the name under which it happens.
fn release_panel(desk: &Desk, view: &DraftPage) -> Markup {
    let who = &desk.session.who;
    html! {
        section class="panel release" aria-labelledby="release" {
            h2 id="release" { "Release" }
            p {
                "Tells "
                strong { (many(view.line.people as u64, "person")) }
                " in "
                strong { (many(view.units.len() as u64, "unit")) }
                @if !view.units.is_empty() { ": " (view.units.join(", ")) }
                "."
            }
            @if let Some(refusal) = &view.refusal {
                p class="complaint" {
                    (refusal)
                    @if refusal.starts_with("sign first") {
                        ": "
                        a href="/settings" { "look and sign" }
                    }
                }
            } @else if who.role == Role::Lead {
                form method="post" action={ "/drafts/" (link::encode(&view.line.id)) "/release" } data-once {
                    (desk.token())
                    input type="hidden" name="seen" value=(view.seen);
                    button class="primary" data-busy="Releasing …" { "Release as " (who.name) }
                }
                p class="hint" {
                    "Your name stands under it. It can be corrected or stood down afterwards; the same people are told."
                }
            } @else {
                p class="hint" { "Releasing is for leads: a clinical act under a name." }
            }
        }
    }
}

fn recipients(view: &DraftPage) -> Markup {
    html! {
        details class="fold" id="recipients" open[view.recipients.len() <= 6] {
            summary { (many(view.recipients.len() as u64, "recipient")) ", and why each is one" }
            ul class="pairs" {
                @for (name, why) in &view.recipients {
                    li {
                        span { (name) }
                        span class="quiet" { (why) }
                    }
                }
            }
        }
    }
}

fn triage(view: &DraftPage) -> Markup {
    html! {
        @if !view.triage.is_empty() {
            details class="fold" {
                summary { "How urgent, and why" }
                ul {
                    @for step in &view.triage {
                        li { (step) }
                    }
                }
            }
        }
    }
}

fn edit_form(desk: &Desk, view: &DraftPage, typed: &Typed, complaint: Option<&Complaint>) -> Markup {
    let edit = &typed.edit;
    let open = complaint.is_some_and(|complaint| !complaint.field.is_empty());
    html! {
        details class="fold panel" open[open] {
            summary { "Change the draft" }
            form method="post" action={ "/drafts/" (link::encode(&view.line.id)) "/edit" } class="stack tight" {
                (desk.token())
                ({
                    select(
                        Input {
                            name: "instruction",
                            label: "Keep using it?",
                            value: &edit.instruction,
                            ..Input::default()
                        },
                        &[
                            ("none_yet", "No instruction yet"),
                            ("keep", "Keep using it"),
                            ("care", "Keep using it, with care"),
                            ("stop", "Stop and swap"),
                        ],
                        complaint,
                    )
                })
                ({
                    select(
                        Input {
                            name: "authority",
                            label: "Who says so?",
                            hint: "An instruction always has somebody behind it.",
                            value: &edit.authority,
                            ..Input::default()
                        },
                        &[
                            ("maker", "The maker"),
                            ("regulator", "The regulator"),
                            ("lead", "Our clinical lead"),
                        ],
                        complaint,
                    )
                })
                ({
                    input(
                        Input {
                            name: "text",
                            label: "In their words (optional)",
                            value: &edit.text,
                            ..Input::default()
                        },
                        complaint,
                    )
                })
                ({
                    input(
                        Input {
                            name: "next_word_hours",
                            label: "Next word in so many hours",
                            kind: "number",
                            value: &typed.hours,
                            required: true,
                            ..Input::default()
                        },
                        complaint,
                    )
                })
                ({
                    textarea(
                        Input {
                            name: "steps",
                            label: "What to do now",
                            hint: "Up to three short steps, one a line.",
                            value: &edit.steps,
                            ..Input::default()
                        },
                        3,
                        complaint,
                    )
                })
                (submit("Save and work the text out anew"))
            }
        }
    }
}

fn discard_form(desk: &Desk, view: &DraftPage) -> Markup {
    html! {
        details class="fold" {
            summary { "Set it aside" }
            form
                method="post"
                action={ "/drafts/" (link::encode(&view.line.id)) "/discard" }
                class="stack tight"
            {
                (desk.token())
                ({
                    input(
                        Input {
                            name: "reason",
                            label: "Why nobody needs to be told",
                            hint: "It goes into the audit log under your name. Nobody is told.",
                            required: true,
                            ..Input::default()
                        },
                        None,
                    )
                })
                button { "Set aside" }
            }
        }
    }
}
