//! `/ports`: which switch port and access point is where, as the places table says or devices teach; and `POST /ports`, which says it.

use crate::desk::{Desk, Section, saying};
use crate::fault::{Complaint, Fault};
use crate::html::{Page, csv, see};
use crate::parts::{Input, complaint_box, empty, input, many, number, submit};
use crate::posted::Posted;
use crate::signed::Signed;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use tallyward_app::App;
use tallyward_app::views::{PortList, PortReport};
use tallyward_core::Place;

/// The ports.
pub(crate) async fn ports(signed: Signed) -> Result<Page, Fault> {
    show(signed, None).await
}

/// `/ports.csv`
pub(crate) async fn ports_csv(signed: Signed) -> Result<Response, Fault> {
    Ok(csv("ports.csv", signed.console.call(|app: &App| app.export_ports()).await?))
}

/// Says where a port is; without any place, takes back what was said.
pub(crate) async fn place(posted: Posted) -> Result<Response, Fault> {
    let text = |name: &str| posted.fields.text(name);
    let (port, unit) = (text("port"), text("unit"));
    let place =
        Place { site: text("site"), building: text("building"), floor: text("floor"), room: text("room") };
    match posted.signed.act(move |app, who| app.place_port(who, &port, place, &unit)).await {
        Ok(()) => Ok(see(&saying("/ports", "port", 0))),
        Err(fault) => {
            let complaint = fault.complaint()?;
            Ok(show(posted.signed, Some(&complaint)).await?.into_response())
        }
    }
}

async fn show(signed: Signed, complaint: Option<&Complaint>) -> Result<Page, Fault> {
    let (desk, list) = signed.view(|app| app.ports()).await?;
    let body = html! {
        header class="head" {
            h1 { "Ports" }
            @if !list.ports.is_empty() {
                div class="actions" {
                    a class="button" href="/ports.csv" { "CSV" }
                }
            }
        }
        (super::around("/ports"))
        @if list.ports.is_empty() {
            ({
                empty(
                    "No port is known yet",
                    "A MAC address table of a switch says which device hangs on which port. A device whose room is known then says where the port is, and the port says where a stranger probably stands.",
                    Some(("Read a table", "/import")),
                )
            })
        }
        div class="columns" {
            div class="wide" {
                @if !list.ports.is_empty() { (table(&desk, &list)) }
            }
            div {
                @if desk.may_write() { (form(&desk, complaint)) }
            }
        }
    };
    let status = complaint.map_or(StatusCode::OK, |complaint| complaint.status);
    Ok(desk.page_as(status, Section::Devices, "Ports", body))
}

fn table(desk: &Desk, list: &PortList) -> Markup {
    html! {
        p class="list-head" {
            strong { (many(list.ports.len() as u64, "port")) }
            " of which anything is known, as of "
            (desk.when(list.as_of))
        }
        div class="scroll" {
            table class="list" {
                caption class="hidden" { "Ports" }
                thead {
                    tr {
                        th scope="col" { "Port" }
                        th scope="col" { "Where" }
                        th scope="col" { "Who says so" }
                        th scope="col" class="num" { "Devices now" }
                    }
                }
                tbody {
                    @for port in &list.ports {
                        tr {
                            th scope="row" class="mono" { (port.port) }
                            td class="wrap" { (wherever(port)) }
                            td class="wrap" { (taught(port)) }
                            td class="num" { (number(port.devices as u64)) }
                        }
                    }
                }
            }
        }
    }
}

fn wherever(port: &PortReport) -> Markup {
    html! {
        @match &port.place {
            Some(place) => {
                (place.plain())
                @if !port.unit.is_empty() { span class="quiet" { " · " (port.unit) } }
            }
            None if port.contested => { span class="state look" { "two places: nothing is learned" } }
            None => { span class="quiet" { "not known" } }
        }
    }
}

fn taught(port: &PortReport) -> Markup {
    html! {
        @if port.by_table { "the places table" }
        @for (at, (place, devices, persons)) in port.taught.iter().enumerate() {
            @if at > 0 || port.by_table { br; }
            span class=[port.by_table.then_some("quiet")] {
                @if port.by_table || port.contested { (place.plain()) ": " }
                (many(*devices as u64, "device"))
                @if *persons > 0 { ", found there by a person" } @else { ", as lists say" }
            }
        }
    }
}

fn form(desk: &Desk, complaint: Option<&Complaint>) -> Markup {
    let field = |name, label, hint, required| {
        input(Input { name, label, hint, required, ..Input::default() }, complaint)
    };
    html! {
        section class="panel" aria-labelledby="place" {
            h2 id="place" { "Say where a port is" }
            (complaint_box(complaint, &["port"]))
            p { "What you say beats what devices teach. Leave every place empty to take back what was said." }
            form method="post" action="/ports" class="stack" {
                (desk.token())
                (field("port", "Port or access point", "Written as in the list, such as sw-ed-1 Gi1/0/14.", true))
                (field("site", "Site", "", false))
                (field("building", "Building", "", false))
                (field("floor", "Floor", "", false))
                (field("room", "Room", "", false))
                (field("unit", "Unit", "Its code, if the port belongs to one.", false))
                (submit("Save"))
            }
        }
    }
}
