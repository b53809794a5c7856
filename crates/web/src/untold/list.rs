//! `/untold` and `/untold.csv`

use super::{state, untold_link};
use crate::desk::{Desk, Section};
use crate::fault::Fault;
use crate::html::{Page, csv};
use crate::link::Ask;
use crate::parts::{empty, many, number, tabs};
use crate::signed::Signed;
use axum::response::Response;
use maud::{Markup, html};
use tallyward_app::untold::{Arrival, ArrivalKind, ArrivalState};

/// Rows on the page; the CSV has all.
const SHOWN: usize = 200;

/// What arrived and who has not been told; or what may be closed, is closed, concerns nobody.
pub(crate) async fn list(signed: Signed, ask: Ask) -> Result<Page, Fault> {
    let (desk, view) = signed.view(|app| app.untold()).await?;
    let of = |code: ArrivalState| view.rows.iter().filter(move |row| row.state == code);
    let wanted = [ArrivalState::Ready, ArrivalState::Closed, ArrivalState::Nobody]
        .into_iter()
        .find(|state| ask.get("state") == Some(state.code()))
        .unwrap_or(ArrivalState::Untold);
    let rows: Vec<&Arrival> = of(wanted).collect();
    let label = |words: &str, state| format!("{words} ({})", number(of(state).count() as u64));
    let (untold, ready) =
        (label("Not told", ArrivalState::Untold), label("May be closed", ArrivalState::Ready));
    let (closed, nobody) =
        (label("Closed", ArrivalState::Closed), label("Concerns nobody here", ArrivalState::Nobody));
    let body = html! {
        header class="head" {
            h1 { "The untold" }
            (desk.as_of(view.as_of))
            div class="actions" {
                a class="button" href="/untold.csv" { "CSV" }
            }
        }
        p class="lead" {
            "What arrived, and which groups of operators have not been told of it. Nothing can be closed before each was told, or a named lead signed why not."
        }
        ({
            tabs(
                "How it stands",
                &[
                    (&untold, "/untold", wanted == ArrivalState::Untold),
                    (&ready, "/untold?state=ready", wanted == ArrivalState::Ready),
                    (&closed, "/untold?state=closed", wanted == ArrivalState::Closed),
                    (&nobody, "/untold?state=nobody", wanted == ArrivalState::Nobody),
                ],
            )
        })
        @if rows.is_empty() { (nothing(wanted)) } @else {
            @if rows.len() > SHOWN {
                p class="list-head" { "The first " (SHOWN) " of " (many(rows.len() as u64, "row")) "; the CSV has all." }
            }
            (table(&desk, &rows))
        }
    };
    Ok(desk.page(Section::Notices, "The untold", body))
}

fn nothing(state: ArrivalState) -> Markup {
    match state {
        ArrivalState::Untold => empty(
            "Nobody is untold",
            "An advisory stands here while a group of operators it concerns has not been told; a letter, while nobody has said what it is about.",
            Some(("See the advisories", "/advisories")),
        ),
        ArrivalState::Ready => empty(
            "Nothing waits to be closed",
            "When everybody concerned was told, or it is signed why not, what arrived stands here until a person closes it.",
            None,
        ),
        ArrivalState::Closed => {
            empty("Nothing is closed yet", "What a named person closed stands here.", None)
        }
        ArrivalState::Nobody => empty(
            "Everything here concerns somebody",
            "Advisories that touch no device here stand here.",
            None,
        ),
    }
}

fn table(desk: &Desk, rows: &[&Arrival]) -> Markup {
    html! {
        div class="scroll tall" tabindex="0" role="region" aria-label="What arrived" {
            table class="list" {
                caption class="hidden" { "What arrived" }
                thead {
                    tr {
                        th scope="col" { "What arrived" }
                        th scope="col" { "Kind" }
                        th scope="col" { "State" }
                        th scope="col" { "Who waits" }
                        th scope="col" class="num" { "Arrived" }
                    }
                }
                tbody {
                    @for row in rows.iter().take(SHOWN) {
                        tr {
                            th scope="row" class="clip long" title=(row.title) {
                                a href=(untold_link(row.kind, &row.id)) { (row.title) }
                            }
                            td { (row.kind.code()) }
                            td { (state(row.state)) }
                            td class="wrap" { (who_waits(row)) }
                            td class="num" { (desk.when(row.arrived)) }
                        }
                    }
                }
            }
        }
    }
}

/// Groups named in a row.
const NAMED: usize = 3;

fn who_waits(row: &Arrival) -> Markup {
    let waits: Vec<String> =
        row.groups.iter().filter(|group| group.telling.waits()).map(|group| group.name()).collect();
    html! {
        @if row.kind == ArrivalKind::Letter && row.advisories.is_empty() {
            span class="quiet" { "nobody has said what it is about" }
        } @else if row.kind == ArrivalKind::Letter {
            @if row.waiting > 0 { (many(row.waiting as u64, "group")) " of " }
            (row.advisories.join(", "))
        } @else if waits.is_empty() {
            span class="quiet" { "nobody" }
        } @else {
            (waits.iter().take(NAMED).cloned().collect::<Vec<_>>().join("; "))
            @if waits.len() > NAMED { " and " (waits.len() - NAMED) " more" }
        }
    }
}

/// The list as CSV, whole.
pub(crate) async fn list_csv(signed: Signed) -> Result<Response, Fault> {
    let bytes = signed.console.call(|app| app.export_untold()).await?;
    Ok(csv("untold.csv", bytes))
}
