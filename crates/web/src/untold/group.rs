//! `/untold/group`: exactly which devices of one group of operators an advisory concerns.

use super::{telling, untold_link};
use crate::desk::Section;
use crate::fault::Fault;
use crate::html::Page;
use crate::link::{self, Ask};
use crate::parts::{many, presence, verdict};
use crate::signed::Signed;
use maud::{Markup, html};
use tallyward_app::untold::{ArrivalKind, GroupDevice};

/// Where the devices of a group stand.
pub(super) fn group_link(advisory: &str, key: &str) -> String {
    format!("/untold/group?advisory={}&key={}", link::encode(advisory), link::encode(key))
}

/// Its devices: those recorded in the unit, and those of pools it draws from.
pub(crate) async fn group(signed: Signed, ask: Ask) -> Result<Page, Fault> {
    let (advisory, key) = (ask.text("advisory").unwrap_or_default(), ask.text("key").unwrap_or_default());
    let named = advisory.clone();
    let (desk, view) = signed.view(move |app| app.untold_devices(&named, &key)).await?;
    let all = view.group.affected + view.group.unknown;
    let name = view.group.name();
    let body = html! {
        p class="crumbs" {
            a href="/untold" { "The untold" }
            " / "
            a class="mono" href=(untold_link(ArrivalKind::Advisory, &advisory)) { (advisory) }
        }
        header class="head" {
            h1 { (name) }
            (telling(view.group.telling))
            (desk.as_of(view.as_of))
        }
        p class="list-head" {
            strong { (many(all, "device")) }
            @if (view.devices.len() as u64) < all { ", the first " (many(view.devices.len() as u64, "device")) " below" }
            ". Devices of shared pools stand here for every unit that draws from the pool."
        }
        (table(&view.devices))
    };
    Ok(desk.page(Section::Notices, &name, body))
}

fn table(devices: &[GroupDevice]) -> Markup {
    html! {
        div class="scroll tall" tabindex="0" role="region" aria-label="Devices" {
            table class="list" {
                caption class="hidden" { "Devices of this group" }
                thead {
                    tr {
                        th scope="col" { "Device" }
                        th scope="col" { "Verdict" }
                        th scope="col" { "Told" }
                        th scope="col" { "Maker and model" }
                        th scope="col" { "Software" }
                        th scope="col" { "Unit or pool" }
                        th scope="col" { "Room" }
                        th scope="col" { "State" }
                    }
                }
                tbody {
                    @for device in devices { (row(device)) }
                }
            }
        }
    }
}

fn row(device: &GroupDevice) -> Markup {
    let line = &device.line;
    let model = format!("{} {}", line.maker, line.model);
    html! {
        tr {
            th scope="row" class="clip name" title=(line.name) {
                a href=(link::device(line.id)) { (line.name) }
            }
            td { (verdict(device.verdict)) }
            td {
                @if device.told { "yes" } @else { "no" }
            }
            td class="clip" title=(model.trim()) { (model.trim()) }
            td class="mono" { (line.version) }
            td {
                @if !line.pool.is_empty() { "pool " (line.pool) } @else { (line.unit) }
            }
            td { (line.place.room) }
            td {
                (presence(line.presence))
            }
        }
    }
}
