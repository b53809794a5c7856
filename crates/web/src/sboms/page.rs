//! `/sboms/{id}`

use super::{flaws, link as own};
use crate::desk::{Desk, Section};
use crate::fault::Fault;
use crate::html::{Page, csv};
use crate::link;
use crate::parts::{many, number};
use crate::signed::Signed;
use axum::extract::Path;
use axum::response::Response;
use maud::{Markup, html};
use tallyward_app::sboms::SbomPage;
use tallyward_core::Part;

/// Flaws on the page; the CSV has all of them.
const FLAWS: usize = 100;
/// Parts on the page.
const PARTS: usize = 500;

/// One parts list: its flaws, its devices, its parts.
pub(crate) async fn page(signed: Signed, Path(id): Path<String>) -> Result<Page, Fault> {
    let (desk, view) = signed.view(move |app| app.sbom(&id)).await?;
    let line = &view.line;
    let title = format!("Parts of {} {}", line.model, line.version);
    let body = html! {
        p class="crumbs" {
            a href="/sboms" { "Parts lists" }
            " / "
            span class="mono" { (line.id) }
        }
        header class="head" {
            h1 { (title) }
            div class="actions" {
                a class="button" href={ (own(&line.id)) "/parts.csv" } { "CSV" }
            }
        }
        (facts(&desk, &view))
        (found(&view))
        (devices(&view))
        (parts(&view.parts))
        @if desk.may_write() { (remove(&desk, &view)) }
    };
    Ok(desk.page(Section::Advisories, &title, body))
}

fn facts(desk: &Desk, view: &SbomPage) -> Markup {
    let line = &view.line;
    html! {
        dl class="facts" {
            div { dt { "Maker" } dd { (line.maker) } }
            div { dt { "Model and version" } dd { (line.model) " " span class="mono" { (line.version) } } }
            div {
                dt { "The document calls it" }
                dd {
                    @if view.product.is_empty() { span class="quiet" { "nothing" } } @else { (view.product) }
                }
            }
            div {
                dt { "Document" }
                dd {
                    (line.format)
                    span class="quiet" { " · " (view.file) }
                    @if !view.author.is_empty() { span class="quiet" { " · by " (view.author) } }
                }
            }
            div { dt { "Made" } dd { (desk.when_or(line.created, "not said")) } }
            div { dt { "Taken in" } dd { (desk.when(line.received)) span class="quiet" { " by " (line.by) } } }
        }
    }
}

fn found(view: &SbomPage) -> Markup {
    let line = &view.line;
    html! {
        section aria-labelledby="flaws" {
            h2 id="flaws" { "Known flaws of its parts" }
            p {
                (many(line.parts as u64, "part"))
                ": "
                (number((line.parts - line.nameless) as u64))
                " held against "
                (many(view.records, "entry"))
                " of known flaws on file"
                @if line.nameless > 0 {
                    ", "
                    strong { (number(line.nameless as u64)) " held against nothing" }
                    " because the list gives no package URL for them"
                }
                "."
            }
            @if view.records == 0 {
                p class="banner" {
                    "No known flaws of packages are on file. OSV records come in like advisories: "
                    a href="/import#advisories" { "take some in" }
                    "."
                }
            } @else if view.hits.is_empty() {
                p class="quiet" { "No record on file names one of its parts in its version. That says nothing about records not on file." }
            } @else {
                @if line.more {
                    p class="banner" { "There are more flaws than were looked at; those counted are of the first parts only." }
                }
                (flaws(&view.hits[..view.hits.len().min(FLAWS)], true))
                @if view.hits.len() > FLAWS {
                    p class="hint" { "Shown are the worst " (number(FLAWS as u64)) " of " (number(view.hits.len() as u64)) "; the CSV has all." }
                }
            }
        }
    }
}

fn devices(view: &SbomPage) -> Markup {
    let line = &view.line;
    html! {
        section aria-labelledby="devices" {
            h2 id="devices" { "Devices of this model and version" }
            @if view.devices.is_empty() {
                p class="quiet" { "None is on record." }
            } @else {
                div class="scroll" {
                    table class="list" {
                        caption class="hidden" { "Devices" }
                        thead {
                            tr {
                                th scope="col" { "Device" }
                                th scope="col" { "Tag" }
                                th scope="col" { "Unit" }
                                th scope="col" { "Version on record" }
                            }
                        }
                        tbody {
                            @for device in &view.devices {
                                tr {
                                    th scope="row" { a href=(link::device(device.id)) { (device.name) } }
                                    td class="mono" { (device.tag) }
                                    td { @if !device.unit.is_empty() { a href=(link::unit(&device.unit)) { (device.unit) } } }
                                    td {
                                        span class="mono" { (device.version) }
                                        @if device.is_stale {
                                            span class="state stale" { span class="shape" aria-hidden="true" { "◌" } "stale" }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
                @if line.devices > view.devices.len() as u64 {
                    p class="hint" { "Shown are " (number(view.devices.len() as u64)) " of " (number(line.devices)) "." }
                }
            }
            @if line.devices_unversioned > 0 {
                p {
                    span class="state unknown" { span class="shape" aria-hidden="true" { "◆" } (many(line.devices_unversioned, "device")) }
                    " of this model without a recorded version: whether this list is theirs, nobody knows."
                }
            }
        }
    }
}

fn parts(parts: &[Part]) -> Markup {
    html! {
        details class="fold" {
            summary { "All parts " span class="quiet" { (number(parts.len() as u64)) } }
            div class="scroll" {
                table class="list" {
                    caption class="hidden" { "Parts" }
                    thead {
                        tr {
                            th scope="col" { "Part" }
                            th scope="col" { "Version" }
                            th scope="col" { "Supplier" }
                            th scope="col" { "Package URL" }
                        }
                    }
                    tbody {
                        @for part in parts.iter().take(PARTS) {
                            tr {
                                th scope="row" { (part.name) }
                                td class="mono" { (part.version) }
                                td { (part.supplier) }
                                td class="mono wrap" {
                                    @if part.purl.is_empty() { span class="quiet" { "none: held against nothing" } } @else { (part.purl) }
                                }
                            }
                        }
                    }
                }
            }
            @if parts.len() > PARTS {
                p class="hint" { "Shown are " (number(PARTS as u64)) "; the CSV has all." }
            }
        }
    }
}

fn remove(desk: &Desk, view: &SbomPage) -> Markup {
    html! {
        form method="post" action={ (own(&view.line.id)) "/remove" } {
            (desk.token())
            button { "Remove this parts list" }
            span class="hint" { " Its file is not kept here; add it again to take this back." }
        }
    }
}

/// Every part with every flaw, as CSV.
pub(crate) async fn page_csv(signed: Signed, Path(id): Path<String>) -> Result<Response, Fault> {
    let bytes = signed.console.call(move |app| app.export_sbom(&id)).await?;
    Ok(csv("parts.csv", bytes))
}
