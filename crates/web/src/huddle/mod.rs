//! Huddle sheets: one printable page a unit and day.

use crate::desk::Section;
use crate::fault::Fault;
use crate::html::Page;
use crate::link::{self, encode};
use crate::parts::{empty, many, tabs};
use crate::signed::Signed;
use axum::extract::Path;
use maud::html;

/// Units with the number of items on today's sheet.
pub(crate) async fn list(signed: Signed) -> Result<Page, Fault> {
    let (desk, units) = signed.view(|app| app.huddles()).await?;
    let body = html! {
        header class="head" {
            h1 { "Huddle sheets" }
        }
        ({
            tabs(
                "Notices",
                &[
                    ("Drafts and notices", "/notices", false),
                    ("The untold", "/untold", false),
                    ("Huddle sheets", "/huddle", true),
                    ("Paths today", "/paths", false),
                ],
            )
        })
        @if units.is_empty() {
            ({
                empty(
                    "No units yet",
                    "Each unit has one sheet a day, one line an item, to read out at the start of a shift.",
                    Some(("Add units and contacts", "/import#tables")),
                )
            })
        } @else {
            p class="list-head" { "One page a unit, for the start of the shift. Open one and print it." }
            div class="scroll" {
                table class="list" {
                    caption class="hidden" { "Units" }
                    thead {
                        tr {
                            th scope="col" { "Unit" }
                            th scope="col" { "Name" }
                            th scope="col" class="num" { "Items today" }
                        }
                    }
                    tbody {
                        @for (code, name, items) in &units {
                            tr {
                                th scope="row" {
                                    a href={ "/huddle/" (encode(code)) } { (code) }
                                }
                                td { (name) }
                                td class="num" {
                                    @if *items == 0 {
                                        span class="quiet" { "nothing today" }
                                    } @else { (items) }
                                }
                            }
                        }
                    }
                }
            }
        }
    };
    Ok(desk.page(Section::Notices, "Huddle sheets", body))
}

/// Today's sheet of one unit.
pub(crate) async fn sheet(signed: Signed, Path(unit): Path<String>) -> Result<Page, Fault> {
    let (desk, sheet) = signed.view(move |app| app.huddle(&unit)).await?;
    let body = html! {
        p class="crumbs" {
            a href="/notices" { "Notices" }
            " / "
            a href="/huddle" { "Huddle sheets" }
            " / "
            (sheet.unit)
        }
        article class="huddle" {
            header {
                p class="house" { (desk.console.app.site().name) }
                h1 { "Device safety huddle: " (sheet.name) }
                p class="day" {
                    (sheet.day)
                    " · "
                    (sheet.unit)
                    @if !sheet.items.is_empty() { " · " (many(sheet.items.len() as u64, "item")) }
                }
                @if sheet.shadow {
                    p class="preview" { "Preview: shadow mode, not released. Do not read out." }
                }
            }
            @if sheet.items.is_empty() {
                p class="calm" { "Nothing about your devices today." }
            } @else {
                ol {
                    @for item in &sheet.items {
                        li {
                            span class="box" aria-hidden="true" {}
                            div {
                                p {
                                    @if item.state == "new" {
                                        strong class="flag" { "New" }
                                        " "
                                    }
                                    @if item.state == "ended" {
                                        strong class="flag" { "Over" }
                                        " "
                                    }
                                    (item.text)
                                }
                                p class="screen-only quiet" {
                                    a href=(link::advisory(&item.advisory)) { (item.advisory) }
                                    " "
                                    (item.tier)
                                }
                            }
                        }
                    }
                }
            }
            footer {
                p {
                    "Do not disconnect a device from a patient because of this sheet. "
                    @if !sheet.call.is_empty() {
                        "Questions: "
                        strong { (sheet.call) }
                    }
                }
                p class="sign" {
                    "Read out by "
                    span class="line" {}
                    " at "
                    span class="line short" {}
                }
            }
        }
    };
    Ok(desk.page(Section::Notices, &format!("Huddle {}", sheet.unit), body))
}
