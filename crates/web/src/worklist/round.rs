//! The worklist as a round: narrowed to a site or unit, or to the minutes there are.

use super::phone;
use crate::desk::Desk;
use crate::fault::Fault;
use crate::link::{self, Ask};
use crate::parts::{Choice, empty, many, menu, number};
use maud::{Markup, html};
use tallyward_app::round::{Round, RoundLine, RoundQuery};
use tallyward_app::views::{Choices, WorklistDevice};

/// Readings of a round on the page; the CSV has all.
const LINES: usize = 200;

/// Names in the query string that make the worklist a round.
const NAMES: [&str; 3] = ["site", "unit", "minutes"];

/// The part of the query string that says which readings.
pub(super) fn asked(ask: &Ask) -> Ask {
    Ask::new(
        ask.pairs()
            .iter()
            .filter(|(name, _)| name == "untimed" || NAMES.contains(&name.as_str()))
            .cloned()
            .collect(),
    )
}

/// Whether a round is asked for, not all facts.
pub(super) fn is_round(ask: &Ask) -> bool {
    NAMES.iter().any(|name| ask.get(name).is_some())
}

/// The readings that the query string asks for.
pub(crate) fn query(ask: &Ask, most: Option<usize>) -> Result<RoundQuery, Fault> {
    Ok(RoundQuery {
        site: ask.text("site"),
        unit: ask.text("unit"),
        minutes: RoundQuery::minutes_of("minutes", ask.get("minutes").unwrap_or_default())?,
        untimed: RoundQuery::minutes_of("untimed", ask.get("untimed").unwrap_or_default())?,
        most,
    })
}

/// The most readings on the page.
pub(super) const fn most() -> Option<usize> {
    Some(LINES)
}

/// Site, unit, and the minutes there are.
pub(super) fn filters(ask: &Ask, path: &str, choices: &Choices) -> Markup {
    let named = |values: &[(String, u64)]| -> Vec<Choice> {
        values
            .iter()
            .filter(|(code, _)| !code.is_empty())
            .map(|(code, _)| Choice { value: code.clone(), label: code.clone(), count: None })
            .collect()
    };
    html! {
        div class="filters" role="group" aria-label="Filters" {
            (menu(ask, path, "site", "Site", &named(&choices.sites)))
            (menu(ask, path, "unit", "Unit", &named(&choices.units)))
            form class="budget" action=(path) {
                @for (name, value) in ask.with("minutes", None).with("untimed", None).pairs() {
                    input type="hidden" name=(name) value=(value);
                }
                label for="minutes" { "Minutes you have" }
                input id="minutes" name="minutes" type="number" min="1" max="480" value=[ask.get("minutes")];
                label for="untimed" { "Minutes to reckon for a reading nobody has timed" }
                input id="untimed" name="untimed" type="number" min="1" max="480" value=[ask.get("untimed")];
                button class="plain" { "Choose" }
            }
            @if is_round(ask) { a class="chip" href=(path) { "All" } }
        }
    }
}

/// What the round comes to, and what is not in it.
pub(super) fn summary(round: &Round, ask: &Ask) -> Markup {
    let shown = round.lines.len() as u64;
    let unknown = round.lines.iter().filter(|line| line.minutes.is_none()).count() as u64;
    html! {
        p class="list-head" {
            strong { (many(shown, "reading")) }
            " of "
            (number(round.waiting))
            ": "
            strong { (many(round.settles, "finding")) }
            " wait for them"
            @if round.minutes > 0 {
                ". At the devices that takes "
                strong { (many(round.minutes, "minute")) }
                @if unknown > 0 {
                    " for the " (number(shown - unknown)) " that somebody has timed; nobody has timed the other "
                    (number(unknown))
                }
                "; walking is not counted"
            }
            "."
            @if let Some(minutes) = ask.get("minutes") {
                " Chosen are those that settle most in a minute, within " (minutes) " minutes."
                @if round.untimed > 0 {
                    " Nobody has timed " (number(round.untimed)) " of them; "
                    @match ask.get("untimed") {
                        Some(each) => { "each counts as " (each) " minutes, as you said." }
                        None => {
                            "they are left out until somebody writes their minutes into the "
                            a href="/model-book" { "model book" }
                            ", or you say above how many minutes to reckon for each."
                        }
                    }
                }
            } @else if shown < round.waiting {
                " Shown are those that settle most."
            }
        }
    }
}

/// The readings by place, with a box to type into.
pub(super) fn list(desk: &Desk, ask: &Ask, round: &Round) -> Markup {
    if round.lines.is_empty() {
        return empty(
            "Nothing to read here",
            "No field that a person can read off a device waits within this site, unit and time.",
            Some(("The whole worklist", "/worklist")),
        );
    }
    let back = ask.at("/worklist");
    html! {
        @for (at, lines) in round.lines.chunk_by(|a, b| place(&a.device) == place(&b.device)).enumerate() {
            section class="work room" {
                header { h2 { (heading(&lines[0].device)) } }
                div class="scroll" {
                    table class="list work-list round" {
                        caption class="hidden" { "Readings in " (heading(&lines[0].device)) }
                        // The columns are the same in every room: their heads are shown once.
                        thead class=[(at > 0).then_some("hidden")] {
                            tr {
                                th scope="col" { "Device" }
                                th scope="col" { "Read" }
                                th scope="col" { "Where" }
                                th scope="col" class="num" { "Settles" }
                                th scope="col" { "What you read" }
                            }
                        }
                        tbody { @for line in lines { (row(desk, &back, line)) } }
                    }
                }
            }
        }
    }
}

fn row(desk: &Desk, back: &str, line: &RoundLine) -> Markup {
    html! {
        tr {
            th scope="row" {
                a href=(link::device(line.device.id)) { (line.device.name) }
                @if desk.may_write() {
                    a class="quiet screen-only" href=(phone::path(line.device.id, line.field)) { " at the device" }
                }
            }
            td { (what(line)) }
            td class="wrap" {
                @match &line.reading {
                    Some(one) => { (one.path) " · " }
                    None => "Nobody has written down where · ",
                }
                (line.when().plain())
                @if let Some(minutes) = line.minutes { " · " (many(minutes.into(), "minute")) }
            }
            td class="num" { (number(line.settles)) }
            td class="answer-cell" {
                span class="write-in print-only" aria-hidden="true" {}
                @if desk.may_write() {
                    form method="post" action={ (link::device(line.device.id)) "/fact" } class="inline screen-only" data-once {
                        (desk.token())
                        input type="hidden" name="field" value=(line.field.code());
                        input type="hidden" name="back" value=(back);
                        input
                            name="value"
                            required
                            autocomplete="off"
                            aria-label={ (line.field.label()) " of " (line.device.name) };
                        button { "Enter" }
                    }
                }
            }
        }
    }
}

/// `Software version`, `Component version: wireless module`.
pub(super) fn what(line: &RoundLine) -> Markup {
    html! {
        (line.field.label())
        @if !line.component.is_empty() { ": " (line.component) }
    }
}

/// Site, unit and room of a device.
pub(super) fn place(device: &WorklistDevice) -> (&str, &str, &str) {
    (&device.site, &device.unit, &device.room)
}

fn heading(device: &WorklistDevice) -> String {
    format!("{} · {}", ward(device), room(device))
}

/// `Main, ICU`; what is not on record is said.
pub(super) fn ward(device: &WorklistDevice) -> String {
    let or = |text: &str, missing: &str| if text.is_empty() { missing.to_owned() } else { text.to_owned() };
    format!("{}, {}", or(&device.site, "no site on record"), or(&device.unit, "no unit on record"))
}

/// `Room 4`; that none is on record is said.
pub(super) fn room(device: &WorklistDevice) -> String {
    if device.room.is_empty() { "no room on record".to_owned() } else { format!("Room {}", device.room) }
}
