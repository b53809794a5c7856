//! `/worklist`: which facts would settle most, grouped by room; to print and take along.

mod phone;
mod print;
mod round;
mod scan;

pub(crate) use phone::{answer, ask};
pub(crate) use print::page as print;
pub(crate) use round::query as round_query;
pub(crate) use scan::page as scan;

use crate::desk::{Desk, Section};
use crate::fault::Fault;
use crate::html::{Page, csv};
use crate::link::{self, Ask};
use crate::parts::{empty, many, number};
use crate::signed::Signed;
use axum::response::Response;
use maud::{Markup, html};
use tallyward_app::App;
use tallyward_app::model_book::MayRead;
use tallyward_app::views::{Moment, WorkItem, Worklist, WorklistDevice};

/// Facts on the page; the CSV has all of them.
const FACTS: usize = 25;
/// Devices of one fact on the page.
const DEVICES: usize = 24;
/// Devices shown of one fact before the rest is folded.
const OPEN: usize = 8;

/// The facts that settle most first; of a site, a unit or a number of minutes, the readings by place.
pub(crate) async fn page(signed: Signed, ask: Ask) -> Result<Page, Fault> {
    let ask = round::asked(&ask);
    if !round::is_round(&ask) {
        return facts(signed, &ask).await;
    }
    let query = round::query(&ask, round::most())?;
    let (desk, (view, choices)) = signed.view(move |app| Ok((app.round(&query)?, app.choices()?))).await?;
    let body = html! {
        (head(&desk, &ask, view.as_of))
        (round::filters(&ask, "/worklist", &choices))
        (round::summary(&view, &ask))
        (round::list(&desk, &ask, &view))
    };
    Ok(desk.page(Section::Worklist, "Worklist", body))
}

async fn facts(signed: Signed, ask: &Ask) -> Result<Page, Fault> {
    let work = |app: &App| Ok((app.worklist_top(FACTS, DEVICES)?, app.choices()?));
    let (desk, (view, choices)) = signed.view(work).await?;
    let body = html! {
        (head(&desk, ask, view.as_of))
        @if view.items.is_empty() {
            ({
                empty(
                    "Nothing to find out",
                    "When a verdict is unknown because a fact is missing, the fact and the rooms to read it in stand here, those that settle most first.",
                    Some(("See the findings", "/findings")),
                )
            })
        } @else {
            (round::filters(ask, "/worklist", &choices))
            p class="list-head" {
                a href="/findings?verdict=unknown" {
                    strong { (many(view.waiting, "unknown finding")) }
                }
                " wait for "
                strong { (many(view.total, "fact")) }
                ". Take the sheet along; write in the boxes, scan or type it back afterwards."
                @if view.total > view.items.len() as u64 {
                    " Shown are the "
                    (number(view.items.len() as u64))
                    " that settle most; the CSV has all."
                }
            }
            (items(&desk, &view))
        }
    };
    Ok(desk.page(Section::Worklist, "Worklist", body))
}

fn head(desk: &Desk, ask: &Ask, as_of: Moment) -> Markup {
    html! {
        header class="head" {
            h1 { "Worklist" }
            (desk.as_of(as_of))
            div class="actions" {
                a class="button" href="/model-book" { "Model book" }
                a class="button" href=(ask.at("/worklist/print")) { "On paper" }
                a class="button" href="/w" { "Type back a sheet" }
                a class="button" href=(ask.at("/worklist.csv")) { "CSV" }
            }
        }
    }
}

/// One device and fact a line.
pub(crate) async fn list_csv(signed: Signed, ask: Ask) -> Result<Response, Fault> {
    let query = round::query(&ask, None)?;
    let bytes = signed.console.call(move |app| app.export_worklist(&query)).await?;
    Ok(csv("worklist.csv", bytes))
}

fn items(desk: &Desk, view: &Worklist) -> Markup {
    html! {
        @for item in &view.items {
            section class="work" {
                header {
                    h2 {
                        @if item.model.is_empty() { "No model on record" } @else { (item.model) }
                        ": "
                        (item.plain)
                    }
                    p class="quiet" {
                        @if item.advisory.is_empty() {
                            "Until then no advisory can be held against "
                            (many(item.count, "device"))
                        } @else {
                            "Settles "
                            (many(item.settles, "finding"))
                            " on "
                            (many(item.count, "device"))
                            " · waits in "
                            a href=(link::advisory(&item.advisory)) { (item.advisory) }
                        }
                    }
                }
                (where_to_read(item))
                ({
                    devices(
                        desk,
                        item,
                        &item.devices[..item.devices.len().min(OPEN)],
                        true,
                    )
                })
                @if item.devices.len() > OPEN {
                    details class="fold print-open" {
                        summary { (number((item.devices.len() - OPEN) as u64)) " more" }
                        (devices(desk, item, &item.devices[OPEN..], false))
                    }
                }
                @if item.count > item.devices.len() as u64 {
                    p class="quiet" {
                        "Not shown: "
                        (many(item.count - item.devices.len() as u64, "device"))
                        "; "
                        a href="/worklist.csv" { "all of them as CSV" }
                    }
                }
            }
        }
    }
}

/// Where to read it on this model and when, from the model book.
fn where_to_read(item: &WorkItem) -> Markup {
    let Some(field) = item.field else { return html! {} };
    let write = tallyward_app::reading::component_of(&item.fact);
    let link = crate::model_book::entry_link(&item.maker, &item.bare_model, Some((field, write)));
    let when = item.reading.as_ref().map_or_else(MayRead::default, |one| one.when);
    html! {
        p {
            @if let Some(one) = &item.reading {
                strong { "Read it: " }
                (one.path)
                " · "
            } @else if item.bare_model.is_empty() {
                "Which model it is comes first. "
            } @else {
                "Nobody has written down where; "
                a href=(link) { "write it down" }
                " · "
            }
            strong { (when.plain()) }
            @if let Some(minutes) = item.reading.as_ref().and_then(|one| one.minutes) {
                " · "
                (many(minutes.into(), "minute"))
                " a device, "
                (many(u64::from(minutes) * item.count, "minute"))
                " in all"
            }
        }
    }
}

fn devices(desk: &Desk, item: &WorkItem, devices: &[WorklistDevice], head: bool) -> Markup {
    let entered = item.field.filter(|_| desk.may_write());
    html! {
        div class="scroll" {
            table class="list work-list" {
                caption class="hidden" { "Devices that wait for: " (item.plain) }
                thead class=[(!head).then_some("hidden")] {
                    tr {
                        th scope="col" { "Device" }
                        th scope="col" { "Site" }
                        th scope="col" { "Unit" }
                        th scope="col" { "Room" }
                        th scope="col" {
                            @if item.field.is_some() { "What you read" } @else { "Answer" }
                        }
                    }
                }
                tbody {
                    @for device in devices {
                        tr {
                            th scope="row" {
                                a href=(link::device(device.id)) { (device.name) }
                                @if let Some(field) = entered {
                                    a class="quiet screen-only" href=(phone::path(device.id, field)) { " at the device" }
                                }
                            }
                            td { (device.site) }
                            td { (device.unit) }
                            td { (device.room) }
                            td class="answer-cell" {
                                span class="write-in print-only" aria-hidden="true" {}
                                @if let Some(field) = entered {
                                    form
                                        method="post"
                                        action={ (link::device(device.id)) "/fact" }
                                        class="inline screen-only"
                                        data-once
                                    {
                                        (desk.token())
                                        input type="hidden" name="field" value=(field.code());
                                        input type="hidden" name="back" value="/worklist";
                                        input
                                            name="value"
                                            required
                                            autocomplete="off"
                                            aria-label={ (field.label()) " of " (device.name) };
                                        button { "Enter" }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
