//! `/untold` and `/untold.csv`

use super::untold_link;
use crate::desk::{Desk, Section};
use crate::fault::Fault;
use crate::html::{Page, csv};
use crate::link::Ask;
use crate::parts::{empty, many, number, tabs};
use crate::signed::Signed;
use axum::response::Response;
use maud::{Markup, html};
use tallyward_app::untold::{Arrival, ArrivalKind, ArrivalState, GroupLine, Telling};

/// Rows on the page; the CSV has all.
const SHOWN: usize = 200;

/// What arrived and who has not been told; or what may be closed, is closed, concerns nobody.
pub(crate) async fn list(signed: Signed, ask: Ask) -> Result<Page, Fault> {
    let (desk, view) = signed.view(|app| app.untold()).await?;
    let of = |state: ArrivalState| view.rows.iter().filter(move |row| row.state == state);
    let wanted = ArrivalState::ALL
        .into_iter()
        .find(|state| ask.get("state") == Some(state.code()))
        .unwrap_or(ArrivalState::Untold);
    let rows: Vec<&Arrival> = of(wanted).collect();
    let entries: Vec<(String, String, bool)> = ArrivalState::ALL
        .into_iter()
        .map(|state| (state, of(state).count() as u64))
        // A letter is seldom here; its tabs stand only when there is one.
        .filter(|(state, count)| {
            *count > 0 || *state == wanted || !matches!(state, ArrivalState::Unsaid | ArrivalState::Writing)
        })
        .map(|(state, count)| {
            let path = match state {
                ArrivalState::Untold => "/untold".to_owned(),
                other => format!("/untold?state={}", other.code()),
            };
            (format!("{} ({})", label(state), number(count)), path, state == wanted)
        })
        .collect();
    let entries: Vec<(&str, &str, bool)> =
        entries.iter().map(|(words, path, here)| (words.as_str(), path.as_str(), *here)).collect();
    let body = html! {
        header class="head" {
            h1 { "The untold" }
            (desk.as_of(view.as_of))
            div class="actions" {
                a class="button" href="/untold.csv" { "CSV" }
            }
        }
        p class="lead" {
            "What arrived, and which groups of operators have not been told of it. Nothing can be closed before each was told, or a named lead signed why not. "
            (explain(wanted))
        }
        (tabs("How it stands", &entries))
        @if rows.is_empty() { (nothing(wanted)) } @else {
            @if rows.len() > SHOWN {
                p class="list-head" { "The first " (SHOWN) " of " (many(rows.len() as u64, "row")) "; the CSV has all." }
            }
            (table(&desk, &rows))
        }
    };
    Ok(desk.page(Section::Notices, "The untold", body))
}

fn label(state: ArrivalState) -> &'static str {
    match state {
        ArrivalState::Untold => "Not told",
        ArrivalState::Unassigned => "Nobody assigned",
        ArrivalState::Unsaid => "Letters to read",
        ArrivalState::Writing => "Being written",
        ArrivalState::Undecided => "Undecided",
        ArrivalState::Ready => "May be closed",
        ArrivalState::Closed => "Closed",
        ArrivalState::Nobody => "Concerns nobody here",
    }
}

/// What stands in this list, where its name does not say it.
fn explain(state: ArrivalState) -> &'static str {
    match state {
        ArrivalState::Untold => "Here: devices of theirs are affected, and no notice has told them.",
        ArrivalState::Unassigned => {
            "Here: devices are affected, and nobody on record operates them. Say which unit they belong to, or who is to be told there."
        }
        ArrivalState::Undecided => {
            "Here: whoever has an affected device was told; of other devices the verdict is unknown, and reading the missing fact settles it."
        }
        ArrivalState::Unsaid => "Here: letters of which nobody has said what they are about.",
        _ => "",
    }
}

fn nothing(state: ArrivalState) -> Markup {
    match state {
        ArrivalState::Untold => empty(
            "Nobody is untold",
            "An advisory stands here while a group of operators with affected devices has not been told of it.",
            Some(("See the advisories", "/advisories")),
        ),
        ArrivalState::Unassigned => empty(
            "Everybody who has to be told is on record",
            "An advisory stands here when devices are affected whose unit is not known or has nobody to tell.",
            Some(("Units and contacts", "/settings/house")),
        ),
        ArrivalState::Unsaid | ArrivalState::Writing => empty(
            "No letter waits",
            "Letters stand here until a person says what they are about.",
            Some(("See the letters", "/letters")),
        ),
        ArrivalState::Undecided => empty(
            "Nothing is undecided",
            "An advisory stands here when everybody with an affected device was told, and of some devices the verdict is unknown.",
            Some(("See the worklist", "/worklist")),
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
    let named = |is: fn(Telling) -> bool| -> Vec<String> {
        row.groups.iter().filter(|group| is(group.telling)).map(GroupLine::name).collect()
    };
    html! {
        @if row.kind == ArrivalKind::Letter && row.advisories.is_empty() {
            span class="quiet" { "nobody has said what it is about" }
        } @else if row.kind == ArrivalKind::Letter {
            @if row.waiting > 0 { (many(row.waiting as u64, "group")) " of " }
            (row.advisories.join(", "))
        } @else if row.waiting == 0 {
            span class="quiet" { "nobody" }
        } @else {
            (some("not told", &named(Telling::is_untold)))
            (some("nobody assigned", &named(|telling| telling == Telling::Unassigned)))
            (some("undecided", &named(|telling| telling == Telling::Undecided)))
        }
    }
}

fn some(how: &str, names: &[String]) -> Markup {
    html! {
        @if !names.is_empty() {
            div {
                span class="quiet" { (how) ": " }
                (names.iter().take(NAMED).cloned().collect::<Vec<_>>().join("; "))
                @if names.len() > NAMED { " and " (names.len() - NAMED) " more" }
            }
        }
    }
}

/// The list as CSV, whole.
pub(crate) async fn list_csv(signed: Signed) -> Result<Response, Fault> {
    let bytes = signed.console.call(|app| app.export_untold()).await?;
    Ok(csv("untold.csv", bytes))
}
