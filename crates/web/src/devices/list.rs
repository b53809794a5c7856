//! `/devices`

use super::query::device_query;
use crate::desk::{Desk, Section};
use crate::fault::Fault;
use crate::html::Page;
use crate::link::{self, Ask};
use crate::parts::{
    Choice, Order, class_words, count_line, empty, filter_text, head, menu, next_page, number, presence,
    status_short,
};
use crate::signed::Signed;
use maud::{Markup, html};
use tallyward_app::query::DeviceOrder;
use tallyward_app::views::{Choices, DeviceLine, DeviceList};
use tallyward_core::{Presence, Verdict};

const PATH: &str = "/devices";

/// Which devices, in which state.
pub(crate) async fn list(signed: Signed, ask: Ask) -> Result<Page, Fault> {
    let query = device_query(&ask)?;
    let order = query.order;
    let (desk, (list, choices)) = signed.view(move |app| Ok((app.devices(&query)?, app.choices()?))).await?;
    let body = html! {
        header class="head" {
            h1 { "Devices" }
            div class="actions" {
                a class="button" href=(ask.with("limit", None).at("/devices.csv")) { "CSV of these" }
                a class="button" href="/cmms.csv" { "CSV for the CMMS" }
                @if desk.may_write() {
                    a class="button primary" href="/import" { "Import" }
                }
            }
        }
        @if desk.may_write() {
            (super::around(PATH))
        }
        (filters(&ask, &choices))
        p class="list-head" {
            (count_line(&ask, list.page.rows.len(), list.page.total, "device"))
            " "
            (desk.as_of(list.as_of))
            @if {
                ask.pairs()
                    .iter()
                    .any(|(name, _)| {
                        !matches!(name.as_str(), "order" | "after" | "seen" | "limit")
                    })
            } {
                a href=(PATH) { "Clear all filters" }
            }
        }
        @if list.page.rows.is_empty() { (nothing(&ask)) } @else { (table(&desk, &ask, order, &list)) }
        (next_page(&ask, PATH, list.page.rows.len(), list.page.next.as_deref()))
    };
    Ok(desk.page(Section::Devices, "Devices", body))
}

fn filters(ask: &Ask, choices: &Choices) -> Markup {
    let plain = |values: &[(String, u64)]| -> Vec<Choice> {
        values
            .iter()
            .filter(|(value, _)| !value.is_empty())
            .map(|(value, count)| Choice { value: value.clone(), label: value.clone(), count: Some(*count) })
            .collect()
    };
    let mut presences = plain(&choices.presence);
    for choice in &mut presences {
        if let Some(state) = Presence::from_code(&choice.value) {
            choice.label = state.label().to_owned();
        }
    }
    let mut classes = plain(&choices.classes);
    for choice in &mut classes {
        choice.label = class_words(&choice.value);
    }
    let verdicts: Vec<Choice> = Verdict::ALL
        .iter()
        .map(|verdict| Choice {
            value: verdict.code().to_owned(),
            label: format!("{} findings", verdict.label()),
            count: None,
        })
        .collect();
    html! {
        div class="filters" role="group" aria-label="Filters" {
            (menu(ask, PATH, "presence", "State", &presences))
            (menu(ask, PATH, "verdict", "With", &verdicts))
            (menu(ask, PATH, "unit", "Unit", &plain(&choices.units)))
            (menu(ask, PATH, "site", "Site", &plain(&choices.sites)))
            (menu(ask, PATH, "class", "Type", &classes))
            @for (name, label) in [("maker", "Maker"), ("model", "Model"), ("advisory", "Advisory")] {
                @if let Some(value) = ask.get(name) {
                    a class="chip" href=(ask.with(name, None).at(PATH)) title="Remove this filter" {
                        (label)
                        ": "
                        strong { (value) }
                        span aria-hidden="true" { " ✕" }
                    }
                }
            }
            (filter_text(ask, PATH, "Tag, serial, MAC, model, room …"))
        }
    }
}

fn table(desk: &Desk, ask: &Ask, order: DeviceOrder, list: &DeviceList) -> Markup {
    let by = |value: &'static str, which: DeviceOrder| Order::By(value, order == which);
    html! {
        div class="scroll tall" tabindex="0" role="region" aria-label="Devices" {
            table class="list" {
                caption class="hidden" { "Devices" }
                thead {
                    tr {
                        (head("Device", "", &by("name", DeviceOrder::Name), ask, PATH))
                        ({
                            head(
                                "Maker and model",
                                "",
                                &by("model", DeviceOrder::Model),
                                ask,
                                PATH,
                            )
                        })
                        (head("Software", "", &Order::No, ask, PATH))
                        (head("Unit", "", &by("unit", DeviceOrder::Unit), ask, PATH))
                        (head("Room", "", &Order::No, ask, PATH))
                        (head("State", "", &Order::No, ask, PATH))
                        ({
                            head(
                                "Security status",
                                "",
                                &by("affected", DeviceOrder::Affected),
                                ask,
                                PATH,
                            )
                        })
                        ({
                            head(
                                "Last seen",
                                "num",
                                &by("last_seen", DeviceOrder::LastSeen),
                                ask,
                                PATH,
                            )
                        })
                    }
                }
                tbody {
                    @for line in &list.page.rows { (row(desk, line)) }
                }
            }
        }
    }
}

fn row(desk: &Desk, line: &DeviceLine) -> Markup {
    html! {
        tr {
            th scope="row" class="clip name" title=(line.name) {
                a href=(link::device(line.id)) { (line.name) }
            }
            @let model = format!("{} {}", line.maker, line.model);
            td class="clip" title=(model.trim()) { (model.trim()) }
            td class="mono" { (line.version) }
            td {
                (line.unit)
                @if line.unit.is_empty() && !line.pool.is_empty() {
                    span class="quiet" { "pool " (line.pool) }
                }
            }
            td class="clip" title=(line.place.plain()) { (line.place.room) }
            td { (presence(line.presence)) }
            td {
                (status_short(&line.status_code, &line.status))
                @if line.affected > 0 || line.unknown > 0 {
                    " "
                    a   class="counts"
                        href={ "/findings?device=" (line.id) }
                        title={
                            (line.affected)
                            " affected, "
                            (line.unknown)
                            " unknown, "
                            (line.not_affected)
                            " not affected"
                        }
                    {
                        @if line.affected > 0 {
                            span { "▲" (number(line.affected.into())) }
                        }
                        @if line.unknown > 0 {
                            span { "◆" (number(line.unknown.into())) }
                        }
                    }
                }
            }
            td class="num" { (desk.when_or(line.last_seen, "never")) }
        }
    }
}

fn nothing(ask: &Ask) -> Markup {
    if ask.pairs().is_empty() {
        empty(
            "No devices yet",
            "Devices appear here from two sides: from lists (the CMMS export) and from the wire (captures, sensors). One is enough to begin; with both, each checks the other.",
            Some(("Import a list or a capture", "/import")),
        )
    } else {
        empty(
            "No device matches",
            "Take a filter away, or search in all fields with the box on top.",
            Some(("Show all devices", PATH)),
        )
    }
}
