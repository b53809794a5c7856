//! `/worklist/print`: the readings on paper, by site, unit and room, with boxes to write into and a bar code each.

use super::round;
use crate::desk::Section;
use crate::fault::Fault;
use crate::html::Page;
use crate::link::Ask;
use crate::parts::{empty, many};
use crate::signed::Signed;
use maud::{Markup, PreEscaped, html};
use tallyward_app::model_book::MayRead;
use tallyward_app::round::RoundLine;

/// Readings on paper at most: some forty pages.
const LINES: usize = 300;

/// The sheet.
pub(crate) async fn page(signed: Signed, ask: Ask) -> Result<Page, Fault> {
    let (ask, query) = (round::asked(&ask), round::query(&ask, Some(LINES))?);
    let (desk, (sheet, choices)) = signed.view(move |app| Ok((app.round(&query)?, app.choices()?))).await?;
    let site = desk.console.app.site();
    let body = html! {
        p class="crumbs" { a href=(ask.at("/worklist")) { "Worklist" } " / On paper" }
        header class="head" {
            h1 { "What to read" }
            (desk.as_of(sheet.as_of))
        }
        (round::filters(&ask, "/worklist/print", &choices))
        (round::summary(&sheet, &ask))
        @if sheet.lines.is_empty() {
            ({
                empty(
                    "Nothing to read here",
                    "No field that a person can read off a device waits within this site, unit and time.",
                    Some(("The whole worklist", "/worklist")),
                )
            })
        } @else {
            p class="paper-note" {
                strong { "Never disconnect a device from a patient to read it." }
                " Write what stands there, letter by letter. Afterwards scan each code, or type what stands below it, at "
                code { (site.base_url) "/w" }
                "."
                @if !site.call.is_empty() { " Questions: " (site.call) "." }
            }
            @for ward in sheet.lines.chunk_by(|a, b| round::ward(&a.device) == round::ward(&b.device)) {
                section class="ward" {
                    h2 { (round::ward(&ward[0].device)) }
                    @for room in ward.chunk_by(|a, b| a.device.room == b.device.room) {
                        h3 { (round::room(&room[0].device)) }
                        @for line in room { (entry(line)) }
                    }
                }
            }
        }
    };
    Ok(desk.page(Section::Worklist, "What to read", body))
}

fn entry(line: &RoundLine) -> Markup {
    html! {
        article class="to-read" {
            div {
                p {
                    strong { (line.device.name) }
                    @if !line.device.tag.is_empty() && !line.device.name.contains(&line.device.tag) {
                        " · tag " (line.device.tag)
                    }
                    @if !line.model.is_empty() { " · " (line.model) }
                }
                p {
                    "Read: " strong { (round::what(line)) }
                    @match &line.reading {
                        Some(one) => { ". " (one.path) }
                        None => ". Nobody has written down where.",
                    }
                }
                p class="when" { (now(line.when())) }
                p class="quiet" {
                    @if line.settles > 0 { (many(line.settles, "finding")) " wait for it" } @else {
                        "Until then no advisory can be held against it"
                    }
                    @if let Some(minutes) = line.minutes { " · " (many(minutes.into(), "minute")) }
                    @if !line.maintenance.is_empty() { " · next maintenance " (line.maintenance) }
                }
                div class="boxes" {
                    span class="wide" { "It says" }
                    span { "Date" }
                    span { "Initials" }
                }
            }
            figure {
                (PreEscaped(line.barcode()))
                figcaption { (line.code()) }
                div class="ticks" {
                    span { "Cannot be read" }
                    span { "Not here" }
                }
            }
        }
    }
}

/// Whether it may be done now, by shape and word.
fn now(when: MayRead) -> Markup {
    html! {
        @match when {
            MayRead::WhileInUse => "● May be read while in use.",
            MayRead::NotOnPatient => strong { "▲ Not while on a patient." },
            MayRead::ServiceMode => strong { "▲ Service mode only: never while on a patient." },
        }
    }
}
