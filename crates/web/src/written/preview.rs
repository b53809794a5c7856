//! `POST /written/preview`: whom it would touch, before anything is kept.

use super::form::{Subject, form, typed};
use crate::desk::{Desk, Section};
use crate::fault::Fault;
use crate::html::Page;
use crate::parts::{empty, many, number, verdict};
use crate::posted::Posted;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use tallyward_app::views::ClauseLine;
use tallyward_app::written::WritingPreview;
use tallyward_core::Verdict;

/// The form again as it was sent, beside its preview; for browsers that run no script.
pub(crate) async fn preview(posted: Posted) -> Result<Page, Fault> {
    let Posted { signed, fields } = posted;
    let mut writing = typed(&fields);
    writing.tidy();
    let asked = writing.clone();
    let (desk, view) = signed.view(move |app| app.preview_writing(asked)).await?;
    let (id, seen) = (fields.text("id"), fields.text("seen"));
    let again = fields.0.iter().any(|(name, _)| name == "change");
    let body = html! {
        p class="crumbs" {
            a href="/written" { "Written here" }
            " / preview"
        }
        header class="head" {
            h1 { "Not saved yet" }
        }
        div class="columns writing" {
            (form(&desk, &Subject { id: &id, seen: &seen, again }, &writing, None))
            (aside(&desk, &view))
        }
    };
    Ok(desk.page(Section::Advisories, "Preview", body))
}

/// Only the preview, for the script of the console.
pub(crate) async fn preview_part(posted: Posted) -> Result<Response, Fault> {
    let Posted { signed, fields } = posted;
    let writing = typed(&fields);
    let (desk, view) = signed.view(move |app| app.preview_writing(writing)).await?;
    let part = told(&desk, &view).into_string();
    Ok(([(header::CONTENT_TYPE, "text/html; charset=utf-8")], part).into_response())
}

/// The preview in its place beside a form.
pub(super) fn aside(desk: &Desk, view: &WritingPreview) -> Markup {
    html! {
        section class="panel aside" aria-labelledby="preview-head" {
            h2 id="preview-head" { "Whom it would touch here" }
            div id="preview" aria-live="polite" { (told(desk, view)) }
        }
    }
}

/// Whom it would touch, how each clause is read, and what is wrong with it.
pub(super) fn told(desk: &Desk, view: &WritingPreview) -> Markup {
    html! {
        p {
            span class="state affected" { "▲ " strong { (many(view.affected, "device")) } " affected" }
            ", "
            span class="state unknown" { "◆ " strong { (many(view.unknown, "device")) } " unknown" }
            ", "
            span class="state clear" { "● " (many(view.not_affected, "device")) " not affected" }
        }
        p class="hint" { "As of " (desk.console.zone.exact(desk.now)) ", from what is recorded here now." }
        @if !view.wrong.is_empty() {
            h3 { "Before it can be handed over" }
            ul class="lints" {
                @for why in &view.wrong {
                    li { (why) }
                }
            }
        }
        @if !view.contradictions.is_empty() {
            h3 { "Where it contradicts itself" }
            ul class="lints" {
                @for why in &view.contradictions {
                    li class="blocks" { (why) }
                }
            }
        }
        (units(view))
        (clauses(&view.clauses))
        (models(view))
        @if !view.unmatched.is_empty() {
            h3 { "Nothing here goes by this name" }
            ul class="plain-list" {
                @for one in &view.unmatched {
                    li {
                        (one.vendor) " " (one.product)
                        @if !one.nearest.is_empty() {
                            span class="quiet" { ": nearest here " (one.nearest.join(", ")) }
                        }
                    }
                }
            }
        }
    }
}

fn units(view: &WritingPreview) -> Markup {
    html! {
        @if !view.units.is_empty() {
            h3 { "In these units" }
            ul class="pairs" {
                @for one in &view.units {
                    li {
                        span {
                            @if one.unit.is_empty() { "unit not known" } @else { (one.unit) }
                        }
                        span {
                            @if one.affected > 0 { "▲ " (number(one.affected)) " " }
                            @if one.unknown > 0 { "◆ " (number(one.unknown)) }
                        }
                    }
                }
            }
            @if view.units_cut {
                p class="hint" { "Of the first 20,000 devices; there are more." }
            }
        }
    }
}

fn clauses(lines: &[ClauseLine]) -> Markup {
    html! {
        @if !lines.is_empty() {
            h3 { "How the version texts are read" }
            ul class="plain-list" {
                @for line in lines {
                    li {
                        (line.vendor) " " (line.product) ": "
                        @if line.clause.is_empty() { "every version" } @else {
                            q { (line.clause) }
                            " is read as "
                            span class="mono" { (line.read_as) }
                            ", "
                            (line.quality)
                        }
                        @if !line.clause.is_empty() {
                            @for note in &line.notes {
                                br;
                                span class="quiet" { (note) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn models(view: &WritingPreview) -> Markup {
    html! {
        @if !view.models.is_empty() {
            h3 { "Models and versions" }
            ul class="plain-list" {
                @for one in &view.models {
                    li {
                        (verdict(one.verdict))
                        " "
                        (one.model)
                        " "
                        @if one.version.is_empty() {
                            span class="quiet" { "version not known" }
                        } @else {
                            span class="mono" { (one.version) }
                        }
                        ": " (many(one.devices, "device"))
                        br;
                        span class="quiet" {
                            (one.because)
                            @if let (Verdict::Unknown, Some(fact)) = (one.verdict, &one.missing) {
                                " Missing: " (fact) "."
                            }
                        }
                    }
                }
            }
            @if view.more > 0 {
                p class="hint" { "And " (many(view.more as u64, "more row")) "." }
            }
        } @else {
            ({
                empty(
                    "Nobody yet",
                    "When a product here goes by the name in a row, its devices stand here with their verdict.",
                    None,
                )
            })
        }
    }
}
