//! `/paths`

use super::form::STEPS;
use crate::desk::{Desk, Section};
use crate::fault::{Complaint, Fault};
use crate::html::Page;
use crate::parts::{Input, complaint_box, error_for, input, many, number, select, submit, tabs};
use crate::signed::Signed;
use axum::http::StatusCode;
use maud::{Markup, html};
use tallyward_app::views::{PathEntry, PathPage};
use tallyward_core::Unit;

/// Baselines beside what was measured here.
pub(crate) async fn page(signed: Signed) -> Result<Page, Fault> {
    show(signed, PathEntry::default(), None).await
}

/// The page, with what was typed and the complaint about it.
pub(super) async fn show(
    signed: Signed,
    typed: PathEntry,
    complaint: Option<&Complaint>,
) -> Result<Page, Fault> {
    let (desk, (view, units)) = signed.view(|app| Ok((app.paths()?, app.units()?))).await?;
    let body = html! {
        header class="head" {
            h1 { "Paths today" }
        }
        ({
            tabs(
                "Notices",
                &[
                    ("Drafts and notices", "/notices", false),
                    ("The untold", "/untold", false),
                    ("Huddle sheets", "/huddle", false),
                    ("Paths today", "/paths", true),
                ],
            )
        })
        p class="lead" {
            "How does a recall or a hazard reach a unit today: through whom, by what, how long does it take? Recorded once, it is the measure for what follows."
        }
        div class="columns" {
            div class="wide" { (compared(&view)) (entries(&desk, &view)) }
            div {
                @if desk.may_write() && units.is_empty() {
                    section class="panel" {
                        h2 { "Record a path" }
                        p { "A path belongs to a unit, and none is known yet." }
                        p {
                            a class="button" href="/import#tables" { "Add units" }
                        }
                    }
                } @else if desk.may_write() { (form(&desk, &view, &units, &typed, complaint)) }
            }
        }
    };
    let status = complaint.map_or(StatusCode::OK, |complaint| complaint.status);
    Ok(desk.page_as(status, Section::Notices, "Paths today", body))
}

fn compared(view: &PathPage) -> Markup {
    html! {
        section aria-labelledby="compared" {
            h2 id="compared" { "Before, and here" }
            @if view.compared.is_empty() {
                p class="quiet" {
                    "Once a path is recorded, its minutes stand here beside the median from release to answer."
                }
            } @else {
                div class="scroll" {
                    table class="list" {
                        caption class="hidden" { "Minutes before and here" }
                        thead {
                            tr {
                                th scope="col" { "Unit" }
                                th scope="col" class="num" { "Before, minutes" }
                                th scope="col" class="num" { "Here, median minutes" }
                                th scope="col" class="num" { "Notices counted" }
                            }
                        }
                        tbody {
                            @for (unit, before, here, notices) in &view.compared {
                                tr {
                                    th scope="row" { (unit) }
                                    td class="num" { (number((*before).into())) }
                                    td class="num" {
                                        @if let Some(here) = here { (number((*here).into())) } @else {
                                            span class="quiet" { "none yet" }
                                        }
                                    }
                                    td class="num" { (number(*notices as u64)) }
                                }
                            }
                        }
                    }
                }
            }
            @if !view.missing.is_empty() {
                p class="quiet" { "Not recorded yet: " (view.missing.join(", ")) }
            }
        }
    }
}

fn entries(desk: &Desk, view: &PathPage) -> Markup {
    html! {
        section aria-labelledby="baselines" {
            h2 id="baselines" { "Recorded baselines" }
            @if view.entries.is_empty() {
                p class="quiet" {
                    "None yet. Ask the charge nurse of one unit how the last recall arrived; that is the first line."
                }
            }
            @for entry in &view.entries {
                article class="path" {
                    h3 {
                        (entry.unit)
                        ": "
                        (entry.kind)
                        span class="quiet" {
                            " "
                            ({
                                many(
                                    entry
                                        .steps
                                        .iter()
                                        .map(|step| u64::from(step.minutes))
                                        .sum(),
                                    "minute",
                                )
                            })
                            " in all"
                        }
                    }
                    ol class="steps-row" {
                        @for step in &entry.steps {
                            li {
                                strong { (step.by) }
                                span { (step.channel) }
                                span class="quiet" { (many(step.minutes.into(), "minute")) }
                            }
                        }
                    }
                    @if !entry.remark.is_empty() {
                        p { (entry.remark) }
                    }
                    p class="quiet" {
                        "Recorded "
                        @if let Ok(at) = entry.recorded.parse::<tallyward_core::Timestamp>() {
                            (desk.when(at.into()))
                        } @else { (entry.recorded) }
                        " by "
                        (entry.by)
                    }
                }
            }
        }
    }
}

fn form(
    desk: &Desk,
    view: &PathPage,
    units: &[Unit],
    typed: &PathEntry,
    complaint: Option<&Complaint>,
) -> Markup {
    let options: Vec<(&str, &str)> =
        units.iter().map(|unit| (unit.code.as_str(), unit.code.as_str())).collect();
    let chosen =
        if typed.unit.is_empty() { view.missing.first().map_or("", String::as_str) } else { &typed.unit };
    html! {
        section class="panel" aria-labelledby="record" {
            h2 id="record" { "Record a path" }
            (complaint_box(complaint, &["unit", "kind", "by1"]))
            form method="post" action="/paths" class="stack tight" data-once {
                (desk.token())
                ({
                    select(
                        Input {
                            name: "unit",
                            label: "Unit",
                            value: chosen,
                            ..Input::default()
                        },
                        &options,
                        complaint,
                    )
                })
                ({
                    select(
                        Input {
                            name: "kind",
                            label: "What arrives",
                            value: &typed.kind,
                            ..Input::default()
                        },
                        &[("recall", "A recall"), ("hazard", "A hazard notice")],
                        complaint,
                    )
                })
                fieldset {
                    legend { "Steps, in order; leave the rest empty" }
                    @for number in 1..=STEPS { (step(typed, number, complaint)) }
                }
                ({
                    input(
                        Input {
                            name: "remark",
                            label: "Remark (optional)",
                            value: &typed.remark,
                            ..Input::default()
                        },
                        complaint,
                    )
                })
                (submit("Record with today's date"))
            }
        }
    }
}

fn step(typed: &PathEntry, number: usize, complaint: Option<&Complaint>) -> Markup {
    let step = typed.steps.get(number - 1).cloned().unwrap_or_default();
    let field = format!("minutes{number}");
    let error = error_for(complaint, &field);
    let minutes = if step.minutes == 0 { String::new() } else { step.minutes.to_string() };
    html! {
        div class="step-row" {
            input
                name={ "by" (number) }
                id={ "by" (number) }
                value=(step.by)
                placeholder="Who"
                aria-label={ "Step " (number) ": who passes it on" }
                autocomplete="off";
            input
                name={ "channel" (number) }
                value=(step.channel)
                placeholder="By what"
                aria-label={ "Step " (number) ": by what" }
                autocomplete="off";
            input
                name=(field)
                id=(field)
                value=(minutes)
                inputmode="numeric"
                placeholder="Min"
                aria-label={ "Step " (number) ": minutes" }
                aria-invalid=[error.map(|_| "true")]
                aria-describedby=[error.map(|_| format!("{field}-error"))]
                autocomplete="off";
        }
        @if let Some(error) = error {
            p class="error" id={ (field) "-error" } { "▲ " (error) }
        }
    }
}
