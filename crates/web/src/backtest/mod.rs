//! `/backtest` and `/backtest.csv`: published, received, judged, of the advisories on file, and whom they touch here.

use crate::advisories::around;
use crate::desk::{Desk, Section};
use crate::fault::Fault;
use crate::html::{Page, csv};
use crate::link::{self, encode};
use crate::parts::{empty, many, number};
use crate::signed::Signed;
use axum::response::Response;
use maud::{Markup, html};
use tallyward_app::views::OnFileRow;

/// Documents on the page; the CSV has all.
const SHOWN: usize = 100;
/// Missing facts of one document that are named.
const FACTS: usize = 3;

/// How long the advisories on file took, those that came last first.
pub(crate) async fn page(signed: Signed) -> Result<Page, Fault> {
    let (desk, view) = signed.view(|app| app.backtest_on_file(SHOWN)).await?;
    let body = html! {
        header class="head" {
            h1 { "From publication to verdict" }
            (desk.as_of(view.as_of))
            div class="actions" {
                a class="button" href="/backtest.csv" { "CSV" }
            }
        }
        (around("/backtest"))
        @if view.rows.is_empty() {
            ({
                empty(
                    "No advisories yet",
                    "For each advisory that comes here this page says when it was published, when it came, whom it touches, and which fact would settle what is unknown.",
                    Some(("Add advisories", "/import#advisories")),
                )
            })
        } @else {
            p class="list-head" {
                "The " strong { (many(view.rows.len() as u64, "advisory")) }
                " that came last; counts are devices here, each once. " strong { "Taken back" }
                " were called affected until a revision, a decision or a table said otherwise; a device that was patched is not counted there. What was published before this installation counts from its publication. Affected devices that were missed cannot be counted here; "
                code { "tallyward backtest" } " does, where the truth is known."
                @if view.more > 0 {
                    " " (many(view.more as u64, "earlier advisory")) ": "
                    a href="/backtest.csv" { "all of them as CSV" }
                    "."
                }
            }
            div class="scroll tall" tabindex="0" role="region" aria-label="Advisories on file" {
                table class="list" {
                    thead {
                        tr {
                            th scope="col" { "Advisory" }
                            th scope="col" { "Published, received" }
                            th scope="col" { "To the verdict" }
                            th scope="col" class="num" { "▲ Affected" }
                            th scope="col" class="num" { "◆ Unknown" }
                            th scope="col" class="num" { "● Not affected" }
                            th scope="col" { "Would settle it" }
                        }
                    }
                    tbody {
                        @for row in &view.rows { (line(&desk, row)) }
                    }
                }
            }
        }
    };
    Ok(desk.page(Section::Advisories, "From publication to verdict", body))
}

/// The same as CSV, all of it.
pub(crate) async fn list_csv(signed: Signed) -> Result<Response, Fault> {
    let bytes = signed.console.call(|app| app.export_on_file()).await?;
    Ok(csv("backtest.csv", bytes))
}

fn line(desk: &Desk, row: &OnFileRow) -> Markup {
    let devices = |verdict: &str| format!("/devices?advisory={}&verdict={verdict}", encode(&row.advisory));
    let touching = &row.touching;
    let revised = row.first_published != row.published;
    html! {
        tr {
            th scope="row" class="wrap" {
                a class="mono" href=(link::advisory(&row.advisory)) { (row.advisory) }
                br;
                span class="quiet" { (row.title) }
            }
            td {
                (desk.when_or(row.published, "no date"))
                @if revised {
                    div class="quiet" { "revision " (row.revision) "; first " (desk.when_or(row.first_published, "no date")) }
                }
                div { "received " (desk.when(row.received)) }
            }
            td { @if row.judged { (between(row.hours)) } @else { strong { "not judged yet" } } }
            td class="num" {
                (counted(touching.affected, &devices("affected")))
                @if row.taken_back > 0 {
                    div class="quiet" { (number(row.taken_back)) " taken back" }
                }
            }
            td class="num" { (counted(touching.unknown, &devices("unknown"))) }
            td class="num" { (counted(touching.not_affected, &devices("not_affected"))) }
            td class="wrap" {
                @for fact in touching.missing.iter().take(FACTS) {
                    div { (fact.what) " " span class="quiet" { "(" (number(fact.devices)) ")" } }
                }
                @if touching.missing.len() > FACTS {
                    span class="quiet" { "and " (touching.missing.len() - FACTS) " more" }
                }
                @if row.settled > 0 {
                    div class="quiet" { "settled since: " (many(row.settled, "device")) }
                }
            }
        }
    }
}

fn counted(devices: u64, path: &str) -> Markup {
    html! {
        @if devices == 0 { "0" } @else { a href=(path) { (number(devices)) } }
    }
}

/// Hours as a person says them: minutes below one, days from two days on.
fn between(hours: Option<f64>) -> String {
    match hours {
        None => "not known".to_owned(),
        Some(hours) if hours < 1.0 => format!("{:.0} minutes", (hours * 60.0).ceil()),
        Some(hours) if hours < 48.0 => format!("{hours:.1} hours"),
        Some(hours) => format!("{:.0} days", (hours / 24.0).floor()),
    }
}

#[cfg(test)]
mod tests {
    use super::between;

    #[test]
    fn a_wait_is_said_as_a_person_would() {
        let said = [None, Some(0.0), Some(0.51), Some(3.96), Some(47.9), Some(8_760.0)].map(between);
        assert_eq!(said, ["not known", "0 minutes", "31 minutes", "4.0 hours", "47.9 hours", "365 days"]);
    }
}
