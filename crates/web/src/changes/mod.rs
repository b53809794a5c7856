//! `/changes` and `/changes.csv`: whose verdict changed lately, and why.

use crate::desk::{Desk, Section};
use crate::fault::Fault;
use crate::html::{Page, csv};
use crate::link::{self, Ask};
use crate::parts::{empty, many, verdict};
use crate::signed::Signed;
use axum::response::Response;
use maud::{Markup, html};
use tallyward_app::views::{VerdictChange, VerdictChangeEvent};
use tallyward_core::Verdict;

/// Rows of one event that are shown; the CSV has all.
const SHOWN: usize = 200;
/// Devices of one row that are named.
const NAMED: usize = 12;

/// How many days back; yesterday when nothing is asked.
pub(crate) fn days_of(ask: &Ask) -> u16 {
    ask.get("days").and_then(|text| text.parse().ok()).unwrap_or(1).clamp(1, 366)
}

/// What changed since yesterday, or in as many days as asked.
pub(crate) async fn page(signed: Signed, ask: Ask) -> Result<Page, Fault> {
    let days = days_of(&ask);
    let (desk, view) = signed.view(move |app| app.verdict_changes(days)).await?;
    let body = html! {
        header class="head" {
            h1 {
                @if days == 1 { "What changed since yesterday" } @else {
                    "What changed in " (many(u64::from(days), "day"))
                }
            }
            (desk.as_of(view.as_of))
            div class="actions" {
                a class="button" href={ "/changes.csv?days=" (days) } { "CSV" }
            }
        }
        nav class="tabs" aria-label="How far back" {
            @for (label, back) in [("Since yesterday", 1), ("7 days", 7), ("30 days", 30)] {
                a href={ "/changes?days=" (back) } aria-current=[(days == back).then_some("page")] { (label) }
            }
        }
        @if view.events.is_empty() {
            ({
                empty(
                    "No verdict changed",
                    "A verdict that becomes another one stands here with the devices and the reason: after a new advisory, a revision, a decision, or a version somebody read.",
                    Some(("See the findings", "/findings")),
                )
            })
        } @else {
            @for event in &view.events { (shown(&desk, event)) }
        }
    };
    Ok(desk.page(Section::Findings, "What changed", body))
}

/// The same as CSV, whole.
pub(crate) async fn list_csv(signed: Signed, ask: Ask) -> Result<Response, Fault> {
    let days = days_of(&ask);
    let bytes = signed.console.call(move |app| app.export_verdict_changes(days)).await?;
    Ok(csv("changes.csv", bytes))
}

fn shown(desk: &Desk, event: &VerdictChangeEvent) -> Markup {
    let known: u64 = event.rows.iter().filter(|row| row.was.is_some()).map(|row| row.count).sum();
    let fresh: u64 = event.rows.iter().filter(|row| row.was.is_none()).map(|row| row.count).sum();
    html! {
        section {
            h2 { (event.cause) }
            p class="quiet" {
                (desk.when(event.at)) ": "
                @if known > 0 { (many(known, "finding")) " changed" }
                @if known > 0 && fresh > 0 { ", " }
                @if fresh > 0 { (many(fresh, "finding")) " new" }
            }
            div class="scroll" tabindex="0" role="region" aria-label="Verdicts that changed" {
                table class="list" {
                    thead {
                        tr {
                            th scope="col" { "Model and version" }
                            th scope="col" { "Vulnerability" }
                            th scope="col" { "Was" }
                            th scope="col" { "Is" }
                            th scope="col" { "Because" }
                            th scope="col" { "Devices" }
                        }
                    }
                    tbody {
                        @for row in event.rows.iter().take(SHOWN) { (line(row)) }
                    }
                }
            }
            @if event.rows.len() > SHOWN {
                p class="quiet" {
                    (many((event.rows.len() - SHOWN) as u64, "more row"))
                    ": "
                    a href="/changes.csv" { "all of them as CSV" }
                }
            }
        }
    }
}

fn line(row: &VerdictChange) -> Markup {
    let findings = link::encode(&row.advisory);
    html! {
        tr {
            th scope="row" class="wrap" {
                (row.model)
                @if !row.version.is_empty() { " " span class="mono" { (row.version) } }
            }
            td class="wrap" {
                span class="mono" { (row.vulnerability) }
                br;
                a class="mono" href=(link::advisory(&row.advisory)) { (row.advisory) }
            }
            td { (said(row.was)) }
            td { (said(row.is)) }
            td class="wrap" { (row.because) }
            td class="wrap" {
                @if row.devices.is_empty() {
                    a   href={
                            "/findings?advisory=" (findings) "&vulnerability=" (link::encode(&row.vulnerability))
                        }
                    { (many(row.count, "device")) }
                } @else {
                    @for id in row.devices.iter().take(NAMED) {
                        a class="mono" href={ "/devices/" (id) } { (id) }
                        " "
                    }
                    @if row.devices.len() > NAMED {
                        span class="quiet" { "and " (row.devices.len() - NAMED) " more" }
                    }
                }
            }
        }
    }
}

fn said(found: Option<Verdict>) -> Markup {
    match found {
        Some(found) => verdict(found),
        None => html! {
            span class="quiet" { "no finding" }
        },
    }
}
