//! `/matches` and `/runs`: which advisories match which products here, and what started the matching.

use crate::advisories::around;
use crate::desk::{Desk, Section};
use crate::fault::Fault;
use crate::html::{Page, csv};
use crate::link::{self, Ask, encode};
use crate::parts::{empty, many, number};
use crate::signed::Signed;
use axum::response::Response;
use maud::{Markup, html};
use tallyward_app::App;
use tallyward_app::views::{MatchLine, RunLine};

/// Rows on the page; the CSV and the API have all.
const SHOWN: usize = 500;

/// Products and advisories, both ways: all, of one advisory, or of one product.
pub(crate) async fn page(signed: Signed, ask: Ask) -> Result<Page, Fault> {
    let (advisory, product) = (ask.text("advisory"), ask.text("product"));
    let (desk, view) = signed.view(move |app| app.matches(advisory.as_deref(), product.as_deref())).await?;
    let rows = &view.rows;
    let body = html! {
        header class="head" {
            h1 { "Products matched" }
            (desk.as_of(view.as_of))
            @if !rows.is_empty() {
                div class="actions" { a class="button" href=(ask.at("/matches.csv")) { "CSV of these" } }
            }
        }
        (around("/matches"))
        p class="lead" { "Products of this house and the advisories that name them, certainly or possibly." }
        @if ask.get("advisory").is_some() || ask.get("product").is_some() {
            p { a href="/matches" { "All matches" } }
        }
        @if rows.is_empty() {
            ({
                empty(
                    "No match",
                    "A product of this house that an advisory on file names, certainly or possibly, stands here with its findings.",
                    Some(("See the advisories", "/advisories")),
                )
            })
        } @else {
            p class="list-head" {
                strong { (many(rows.len() as u64, "match")) }
                ", worst first; counts are findings"
                @if rows.len() > SHOWN { ". Shown are the first " (SHOWN) "; the CSV has all" }
            }
            div class="scroll tall" tabindex="0" role="region" aria-label="Matches" {
                table class="list" {
                    thead {
                        tr {
                            th scope="col" { "Product" }
                            th scope="col" { "Advisory" }
                            th scope="col" class="num" { "Devices" }
                            th scope="col" class="num" { "▲ Affected" }
                            th scope="col" class="num" { "◆ Unknown" }
                            th scope="col" class="num" { "● Not affected" }
                        }
                    }
                    tbody {
                        @for row in rows.iter().take(SHOWN) { (line(row)) }
                    }
                }
            }
        }
    };
    Ok(desk.page(Section::Advisories, "Matches", body))
}

/// `GET /matches.csv`
pub(crate) async fn list_csv(signed: Signed, ask: Ask) -> Result<Response, Fault> {
    let (advisory, product) = (ask.text("advisory"), ask.text("product"));
    let work = move |app: &App| app.export_matches(advisory.as_deref(), product.as_deref());
    Ok(csv("matches.csv", signed.console.call(work).await?))
}

fn line(row: &MatchLine) -> Markup {
    html! {
        tr {
            th scope="row" class="wrap" {
                a href={ "/matches?product=" (encode(&row.product)) } {
                    @if row.product.is_empty() { "no model on record" } @else { (row.product) }
                }
            }
            td class="mono" { a href=(link::advisory(&row.advisory)) { (row.advisory) } }
            td class="num" { (number(row.devices)) }
            td class="num" { (number(row.findings.affected)) }
            td class="num" { (number(row.findings.unknown)) }
            td class="num" { (number(row.findings.not_affected)) }
        }
    }
}

/// The newest runs, those asked for and those that started by themselves apart.
pub(crate) async fn runs(signed: Signed) -> Result<Page, Fault> {
    let (desk, view) = signed.view(|app| app.runs()).await?;
    let body = html! {
        header class="head" {
            h1 { "Runs of the matching" }
            (desk.as_of(view.as_of))
        }
        (around("/runs"))
        section {
            h2 { "Asked for" }
            (list(&desk, &view.manual, "Nobody has asked for a run. An advisory's and a device's page have a button for it."))
        }
        section {
            h2 { "Started by themselves" }
            (list(&desk, &view.automatic, "A new document, a new revision or a new device starts one."))
        }
    };
    Ok(desk.page(Section::Advisories, "Runs", body))
}

fn list(desk: &Desk, runs: &[RunLine], none: &str) -> Markup {
    html! {
        @if runs.is_empty() {
            p class="quiet" { (none) }
        } @else {
            div class="scroll" {
                table class="list" {
                    thead {
                        tr {
                            th scope="col" { "When" }
                            th scope="col" { "Why" }
                            th scope="col" { "What was matched" }
                            th scope="col" class="num" { "▲ Affected" }
                            th scope="col" class="num" { "◆ Unknown" }
                            th scope="col" class="num" { "● Not affected" }
                        }
                    }
                    tbody {
                        @for run in runs {
                            tr {
                                td { (desk.when(run.at)) }
                                td class="wrap" { (run.cause) }
                                td class="wrap" { (run.what) }
                                @if let Some(found) = &run.findings {
                                    td class="num" { (number(found.affected)) }
                                    td class="num" { (number(found.unknown)) }
                                    td class="num" { (number(found.not_affected)) }
                                } @else {
                                    td class="num quiet" colspan="3" { a href="/findings" { "in the finding list" } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
