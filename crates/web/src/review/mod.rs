//! `/review`: products of advisories that may be a model here, to be decided by a person.

use crate::advisories::around;
use crate::desk::{Desk, Section, saying};
use crate::fault::Fault;
use crate::html::{Page, csv, see};
use crate::link;
use crate::parts::{empty, many, number};
use crate::posted::Posted;
use crate::signed::Signed;
use axum::response::Response;
use maud::{Markup, html};
use tallyward_app::views::PossibleMatch;

/// Rows on the page; the CSV has all.
const SHOWN: usize = 100;

/// What waits for a person's "same" or "not ours".
pub(crate) async fn page(signed: Signed) -> Result<Page, Fault> {
    let (desk, view) = signed.view(|app| app.review()).await?;
    let rows = &view.rows;
    let waiting: u64 = rows.iter().map(|row| row.findings).sum();
    let body = html! {
        header class="head" {
            h1 { "Possible matches" }
            (desk.as_of(view.as_of))
            div class="actions" {
                a class="button" href="/review.csv" { "CSV" }
            }
        }
        (around("/review"))
        @if rows.is_empty() {
            ({
                empty(
                    "Nothing to review",
                    "A product of an advisory that may be a model here, by likeness of names or a related maker, stands here until somebody says whether it is. It never makes a device affected or not affected by itself.",
                    Some(("See the advisories", "/advisories")),
                )
            })
        } @else {
            p class="list-head" {
                strong { (many(rows.len() as u64, "question")) }
                " that " (many(waiting, "unknown finding")) " wait for. An answer stands for every advisory that names the product, and is kept with your name."
                @if rows.len() > SHOWN { " Shown are the first " (SHOWN) "; the CSV has all." }
            }
            div class="scroll" tabindex="0" role="region" aria-label="Possible matches" {
                table class="list" {
                    thead {
                        tr {
                            th scope="col" { "The advisory says" }
                            th scope="col" { "The model here" }
                            th scope="col" { "Why only possible" }
                            th scope="col" class="num" { "Findings" }
                            th scope="col" class="num" { "Devices" }
                            @if desk.may_write() { th scope="col" { "Is it the same?" } }
                        }
                    }
                    tbody {
                        @for row in rows.iter().take(SHOWN) { (line(&desk, row)) }
                    }
                }
            }
        }
    };
    Ok(desk.page(Section::Advisories, "Possible matches", body))
}

fn line(desk: &Desk, row: &PossibleMatch) -> Markup {
    html! {
        tr {
            th scope="row" class="wrap" {
                (row.product)
                br;
                a class="mono" href=(link::advisory(&row.advisory)) { (row.advisory) }
            }
            td class="wrap" {
                @if row.named.is_empty() { span class="quiet" { "no model on record" } } @else { (row.named) }
            }
            td class="wrap" { (row.why) }
            td class="num" { (number(row.findings)) }
            td class="num" { (number(row.devices)) }
            @if desk.may_write() {
                td {
                    form method="post" action="/review" class="inline" {
                        (desk.token())
                        input type="hidden" name="advisory" value=(row.advisory);
                        input type="hidden" name="product" value=(row.product);
                        input type="hidden" name="named" value=(row.named);
                        button name="same" value="yes" { "Same" }
                        " "
                        button name="same" value="no" { "Not ours" }
                    }
                }
            }
        }
    }
}

/// Records a decision.
pub(crate) async fn decide(posted: Posted) -> Result<Response, Fault> {
    let fields = &posted.fields;
    let (advisory, product, named) = (fields.text("advisory"), fields.text("product"), fields.text("named"));
    let same = fields.yes_or_no("same")?;
    let judged = posted
        .signed
        .act(move |app, who| app.decide_possible(who, &advisory, &product, &named, same))
        .await?;
    Ok(see(&saying("/review", "decided", judged as u64)))
}

/// The list as CSV, whole.
pub(crate) async fn list_csv(signed: Signed) -> Result<Response, Fault> {
    let bytes = signed.console.call(|app| app.export_review()).await?;
    Ok(csv("review.csv", bytes))
}
