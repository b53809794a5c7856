//! `/findings`

use super::query::finding_query;
use super::triage::words;
use crate::desk::Section;
use crate::fault::Fault;
use crate::html::Page;
use crate::link::{self, Ask};
use crate::parts::{Choice, count_line, empty, menu, next_page, number, tier, verdict};
use crate::signed::Signed;
use maud::{Markup, html};
use tallyward_app::query::FindingQuery;
use tallyward_app::views::{Choices, FindingLine};
use tallyward_core::{SsvcOutcome, Verdict};

const PATH: &str = "/findings";

/// Every device and vulnerability with its verdict and the reason that decided it.
pub(crate) async fn list(signed: Signed, ask: Ask) -> Result<Page, Fault> {
    let query = finding_query(&ask)?;
    let (desk, (list, choices, counts)) = signed
        .view(move |app| {
            let mut counts = Vec::with_capacity(Verdict::ALL.len());
            for verdict in Verdict::ALL {
                let one =
                    FindingQuery { verdict: Some(verdict), after: None, limit: Some(1), ..query.clone() };
                counts.push((verdict, app.findings(&one)?.page.total));
            }
            Ok((app.findings(&query)?, app.choices()?, counts))
        })
        .await?;
    let rows = &list.page.rows;
    let body = html! {
        header class="head" {
            h1 { "Findings" }
            div class="actions" {
                a class="button" href="/changes" { "What changed" }
                a class="button" href=(ask.with("limit", None).at("/findings.csv")) { "CSV of these" }
            }
        }
        nav class="segments" aria-label="Verdict" {
            a   href=(ask.with("verdict", None).at(PATH))
                aria-current=[ask.get("verdict").is_none().then_some("true")]
            { "All" }
            @for (one, count) in counts {
                a   href=(ask.with("verdict", Some(one.code())).at(PATH))
                    aria-current=[(ask.get("verdict") == Some(one.code())).then_some("true")]
                {
                    (verdict(one))
                    span class="quiet" { (number(count)) }
                }
            }
        }
        (filters(&ask, &choices))
        p class="list-head" {
            (count_line(&ask, rows.len(), list.page.total, "finding"))
            " "
            (desk.as_of(list.as_of))
        }
        @if rows.is_empty() {
            @if ask.pairs().is_empty() {
                ({
                    empty(
                        "No findings yet",
                        "A finding is one device and one vulnerability with a verdict: affected, not affected or unknown. They appear once there are devices and advisories whose products match.",
                        Some(("Add advisories", "/import#advisories")),
                    )
                })
            } @else {
                ({
                    empty(
                        "No finding matches",
                        "Take a filter away. \"No finding\" does not mean \"not affected\".",
                        Some(("Show all findings", PATH)),
                    )
                })
            }
        } @else { (table(rows)) }
        (next_page(&ask, PATH, rows.len(), list.page.next.as_deref()))
    };
    Ok(desk.page(Section::Findings, "Findings", body))
}

fn filters(ask: &Ask, choices: &Choices) -> Markup {
    let units: Vec<Choice> = choices
        .units
        .iter()
        .filter(|(code, _)| !code.is_empty())
        .map(|(code, _)| Choice { value: code.clone(), label: code.clone(), count: None })
        .collect();
    let outcomes: Vec<Choice> = SsvcOutcome::ALL
        .iter()
        .rev()
        .map(|one| Choice { value: one.code().to_owned(), label: words(one.code()), count: None })
        .collect();
    html! {
        div class="filters" role="group" aria-label="Filters" {
            (menu(ask, PATH, "unit", "Unit", &units))
            (menu(ask, PATH, "outcome", "Decision", &outcomes))
            @if ask.get("order") == Some("decision") {
                a class="chip" href=(ask.with("order", None).at(PATH)) title="Order by verdict again" {
                    "Most urgent first"
                    span aria-hidden="true" { " ✕" }
                }
            } @else {
                a class="button" href=(ask.with("order", Some("decision")).at(PATH)) { "Most urgent first" }
            }
            @for (name, label) in {
                [
                    ("device", "Device"),
                    ("advisory", "Advisory"),
                    ("vulnerability", "Vulnerability"),
                ]
            } {
                @if let Some(value) = ask.get(name) {
                    a class="chip" href=(ask.with(name, None).at(PATH)) title="Remove this filter" {
                        (label)
                        ": "
                        strong { (value) }
                        span aria-hidden="true" { " ✕" }
                    }
                }
            }
        }
    }
}

/// What triage decides; with a mark where not all is known and that could change it.
fn decision(line: &FindingLine) -> Markup {
    html! {
        @if line.verdict == Verdict::NotAffected {
            span class="quiet" { "none" }
        } @else if line.calmest == line.strictest {
            (words(&line.outcome))
        } @else {
            span
                title=({
                    format!("Not all is known: from {} to {}", words(&line.calmest), words(&line.strictest))
                })
            { (words(&line.outcome)) " ◆" }
        }
    }
}

fn table(rows: &[FindingLine]) -> Markup {
    html! {
        div class="scroll tall" tabindex="0" role="region" aria-label="Findings" {
            table class="list" {
                caption class="hidden" { "Findings" }
                thead {
                    tr {
                        th scope="col" { "Verdict" }
                        th scope="col" { "Device" }
                        th scope="col" { "Vulnerability" }
                        th scope="col" { "Advisory" }
                        th scope="col" { "Unit, room" }
                        th scope="col" { "Because" }
                        th scope="col" { "Decision" }
                        th scope="col" { "Tier" }
                    }
                }
                tbody {
                    @for line in rows {
                        @let because = line
                            .missing
                            .as_ref()
                            .map_or_else(
                                || line.because.clone(),
                                |missing| format!("Missing: {missing}"),
                            );
                        tr {
                            td { (verdict(line.verdict)) }
                            th scope="row" class="clip name" title=(line.name) {
                                a href=(link::device(line.device)) { (line.name) }
                            }
                            td class="mono" {
                                a   href=({
                                        link::finding(
                                            line.device,
                                            &line.advisory,
                                            &line.vulnerability,
                                        )
                                    })
                                { (line.vulnerability) }
                            }
                            td class="mono" {
                                a href=(link::advisory(&line.advisory)) { (line.advisory) }
                            }
                            td {
                                (line.unit)
                                @if !line.room.is_empty() {
                                    span class="quiet" { " " (line.room) }
                                }
                            }
                            td class="clip long" title=(because) { (because) }
                            td { (decision(line)) }
                            td { (tier(&line.tier)) }
                        }
                    }
                }
            }
        }
    }
}
