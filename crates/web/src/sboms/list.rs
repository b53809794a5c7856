//! `/sboms`

use super::{flaws, link};
use crate::advisories::around;
use crate::desk::{Desk, Section};
use crate::fault::Fault;
use crate::html::{Page, csv};
use crate::link::{Ask, encode};
use crate::parts::{Input, UploadForm, empty, input, many, number, upload};
use crate::signed::Signed;
use axum::response::Response;
use maud::{Markup, html};
use tallyward_app::sboms::{Found, PartFound, SbomLine};

/// Flaws found that are shown.
const FLAWS: usize = 50;
/// Parts found that are shown.
const FOUND: usize = 200;

/// Every parts list, or where a part is.
pub(crate) async fn list(signed: Signed, ask: Ask) -> Result<Page, Fault> {
    let wanted = ask.text("part");
    let look_for = wanted.clone();
    let (desk, (lines, found, records)) = signed
        .view(move |app| {
            let found = look_for.map(|text| app.find_in_sboms(&text)).transpose()?;
            let lines = if found.is_some() { Vec::new() } else { app.sboms()? };
            Ok((lines, found, app.flaw_count()?))
        })
        .await?;
    let body = html! {
        header class="head" {
            h1 { "Parts lists" }
            div class="actions" {
                a class="button" href="/sboms.csv" { "CSV" }
                @if desk.may_write() {
                    a class="button primary" href="#add" { "Add a parts list" }
                }
            }
        }
        (around("/sboms"))
        p class="lead" {
            "What the software of a model in one version is made of (SBOM), and which of its parts have a known flaw. That a part is there does not say that its flaw can be reached: until an advisory speaks of the product, it is unknown."
        }
        form method="get" action="/sboms" class="filters" role="search" {
            label for="part" { "Where is a part or a flaw" }
            input id="part" name="part" value=(wanted.as_deref().unwrap_or_default()) placeholder="log4j, CVE-…" autocomplete="off";
            button { "Find" }
        }
        @match (&found, lines.is_empty()) {
            (Some(found), _) => (results(found, wanted.as_deref().unwrap_or_default())),
            (None, true) => ({
                empty(
                    "No parts list yet",
                    "Makers hand one out with a device or on request. It is attached to a model and a version, and so to every device of them, and is held against the known flaws on file.",
                    None,
                )
            }),
            (None, false) => (table(&lines)),
        }
        @if found.is_none() && records == 0 && !lines.is_empty() {
            p class="banner" {
                "No known flaws of packages are on file, so nothing was found in any list. OSV records come in like advisories: "
                a href="/import#advisories" { "take some in" }
                "."
            }
        }
        @if desk.may_write() { (add(&desk)) }
    };
    Ok(desk.page(Section::Advisories, "Parts lists", body))
}

fn table(lines: &[SbomLine]) -> Markup {
    html! {
        p class="list-head" {
            strong { (many(lines.len() as u64, "parts list")) }
            "; counts of verdicts are flaws of parts"
        }
        div class="scroll tall" tabindex="0" role="region" aria-label="Parts lists" {
            table class="list" {
                caption class="hidden" { "Parts lists" }
                thead {
                    tr {
                        th scope="col" { "Model and version" }
                        th scope="col" { "Maker" }
                        th scope="col" class="num" { "Devices" }
                        th scope="col" class="num" { "Parts" }
                        th scope="col" class="num" { "Not looked up" }
                        th scope="col" class="num" { "Affected" }
                        th scope="col" class="num" { "Unknown" }
                        th scope="col" class="num" { "Not affected" }
                    }
                }
                tbody {
                    @for line in lines {
                        tr {
                            th scope="row" {
                                a href=(link(&line.id)) { (line.model) " " (line.version) }
                            }
                            td { (line.maker) }
                            td class="num" {
                                a href={ (link(&line.id)) "#devices" } { (number(line.devices)) }
                            }
                            td class="num" { (number(line.parts as u64)) }
                            td class="num" { (number(line.nameless as u64)) }
                            td class="num" { (count("affected", "▲", line.affected)) }
                            td class="num" { (count("unknown", "◆", line.unknown)) }
                            td class="num" { (count("clear", "●", line.not_affected)) }
                        }
                    }
                }
            }
        }
    }
}

fn count(class: &str, shape: &str, value: usize) -> Markup {
    html! {
        @if value == 0 {
            span class="quiet" { "0" }
        } @else {
            span class={ "state " (class) } {
                span class="shape" aria-hidden="true" { (shape) }
                (number(value as u64))
            }
        }
    }
}

fn results(found: &Found, wanted: &str) -> Markup {
    html! {
        @if !found.flaws.is_empty() {
            p class="list-head" {
                strong { (many(found.flaws.len() as u64, "part")) }
                " with the flaw " (wanted) ". "
                a href="/sboms" { "All parts lists" }
            }
            @for one in found.flaws.iter().take(FLAWS) {
                p {
                    a href=(link(&one.sbom.id)) { (one.sbom.maker) " " (one.sbom.model) " " (one.sbom.version) }
                    ", "
                    (many(one.sbom.devices, "device"))
                }
                (flaws(std::slice::from_ref(&one.hit), true))
            }
        }
        @if !found.parts.is_empty() || found.flaws.is_empty() { (parts_found(&found.parts, wanted)) }
    }
}

fn parts_found(found: &[PartFound], wanted: &str) -> Markup {
    html! {
        p class="list-head" {
            strong { (many(found.len() as u64, "part")) }
            " with “" (wanted) "” in name, package URL or CPE. "
            a href="/sboms" { "All parts lists" }
        }
        @if !found.is_empty() {
            div class="scroll" {
                table class="list" {
                    caption class="hidden" { "Where the part is" }
                    thead {
                        tr {
                            th scope="col" { "Part" }
                            th scope="col" { "Version" }
                            th scope="col" { "In" }
                            th scope="col" { "Maker" }
                            th scope="col" class="num" { "Devices" }
                        }
                    }
                    tbody {
                        @for one in found.iter().take(FOUND) {
                            tr {
                                th scope="row" title=(one.part.purl) { (one.part.name) }
                                td class="mono" { (one.part.version) }
                                td {
                                    a href=(link(&one.sbom)) { (one.model) " " (one.version) }
                                }
                                td { (one.maker) }
                                td class="num" { (number(one.devices)) }
                            }
                        }
                    }
                }
            }
            @if found.len() > FOUND {
                p class="hint" { "Shown are " (number(FOUND as u64)) "; type more of the name, or ask the command line: tallyward sboms find " (encode(wanted)) }
            }
        }
    }
}

fn add(desk: &Desk) -> Markup {
    let field =
        |name: &'static str, label: &'static str| input(Input { name, label, ..Input::default() }, None);
    upload(
        &desk.token(),
        &UploadForm {
            id: "add",
            title: "Add a parts list",
            text: html! {
                "CycloneDX (JSON), SPDX 2.x (JSON or tags and values), also as .zip or .gz. Maker, model and version are what the document says, unless you say otherwise."
            },
            action: "/sboms/import",
            field: "sbom",
            label: "Parts lists",
            accept: ".json,.spdx,.zip,.gz",
            many: true,
            after: html! {
                (field("maker", "Maker, if the document is wrong or silent"))
                (field("model", "Model"))
                (field("version", "Software version"))
            },
            ..UploadForm::default()
        },
    )
}

/// The same as CSV.
pub(crate) async fn list_csv(signed: Signed) -> Result<Response, Fault> {
    Ok(csv("sboms.csv", signed.console.call(|app| app.export_sboms()).await?))
}
