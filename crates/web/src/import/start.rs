//! `/import`

use super::around;
use crate::desk::{Desk, Section};
use crate::fault::{Complaint, Fault};
use crate::html::Page;
use crate::parts::{Input, complaint_box, input, select, submit};
use crate::signed::Signed;
use crate::threats::on_file;
use axum::http::StatusCode;
use maud::{Markup, html};
use tallyward_app::views::ThreatLine;

/// What may be taken in.
pub(crate) async fn start(signed: Signed) -> Result<Page, Fault> {
    show(signed, None).await
}

/// The page with a complaint about the last upload.
pub(super) async fn show(signed: Signed, complaint: Option<&Complaint>) -> Result<Page, Fault> {
    let (desk, held) = signed.view(|app| app.threats()).await?;
    let body = html! {
        header class="head" {
            h1 { "Import" }
        }
        (around("import"))
        ({
            complaint_box(
                complaint,
                &["list", "capture", "advisories", "places", "units", "contacts"],
            )
        })
        @if !desk.may_write() {
            p class="banner" { "Your role reads only. Imports are for leads and administrators." }
        } @else {
            div class="cards" { (list(&desk)) (capture(&desk)) (advisories(&desk)) (threats(&desk, &held)) (tables(&desk)) }
        }
    };
    let status = complaint.map_or(StatusCode::OK, |complaint| complaint.status);
    Ok(desk.page_as(status, Section::Devices, "Import", body))
}

fn file(name: &str, label: &str, accept: &str, many: bool) -> Markup {
    html! {
        div class="field" {
            label for=(name) { (label) }
            input id=(name) name="file" type="file" accept=(accept) multiple[many] required;
        }
    }
}

fn list(desk: &Desk) -> Markup {
    html! {
        section class="panel" aria-labelledby="list-title" {
            h2 id="list-title" { "A device list" }
            p {
                "The CMMS export, a spreadsheet saved as CSV, or a list exported here. A dry run shows row by row what would happen; nothing changes before you apply it."
            }
            form
                method="post"
                action="/import/list"
                enctype="multipart/form-data"
                class="stack tight"
                data-once
            {
                (desk.token())
                (file("list", "CSV file", ".csv,.tsv,.txt,text/csv", false))
                button class="primary" data-busy="Reading …" { "Show the dry run" }
            }
            p class="hint" {
                "Comma, semicolon or tab; UTF-8 or Windows-1252. Columns you do not map are not stored: free text may hold patients."
            }
        }
    }
}

fn capture(desk: &Desk) -> Markup {
    html! {
        section class="panel" aria-labelledby="capture-title" {
            h2 id="capture-title" { "A capture" }
            p {
                "pcap or pcapng from a mirror port. Only device fields are copied; patient data is skipped, never stored. The same capture again changes nothing."
            }
            form
                method="post"
                action="/import/capture"
                enctype="multipart/form-data"
                class="stack tight"
                data-once
            {
                (desk.token())
                ({
                    input(
                        Input {
                            name: "sensor",
                            label: "Where it was taken",
                            hint: "Name of the sensor or place, such as ED-1.",
                            required: true,
                            ..Input::default()
                        },
                        None,
                    )
                })
                ({
                    file(
                        "capture",
                        "Capture file, at most 256 MB",
                        ".pcap,.pcapng,.cap",
                        false,
                    )
                })
                button class="primary" data-busy="Reading …" { "Read it" }
            }
        }
    }
}

fn advisories(desk: &Desk) -> Markup {
    html! {
        section class="panel" id="advisories" aria-labelledby="advisories-title" {
            h2 id="advisories-title" { "Advisories" }
            p {
                "CSAF, OpenVEX, CycloneDX VEX, openFDA recalls or OSV records of flaws in packages, one file or many, also as .zip or .gz; which format it is, its content tells. A damaged file is reported with its place and the rest goes on; an unchanged one does nothing."
            }
            form
                method="post"
                action="/advisories/import"
                enctype="multipart/form-data"
                class="stack tight"
                data-once
            {
                (desk.token())
                (file("advisory", "Advisories", ".json,.zip,.gz,application/json,application/zip,application/gzip", true))
                button class="primary" data-busy="Reading …" { "Take them in" }
            }
        }
    }
}

fn threats(desk: &Desk, held: &[ThreatLine]) -> Markup {
    html! {
        section class="panel" id="threats" aria-labelledby="threats-title" {
            h2 id="threats-title" { "What is used in attacks" }
            p {
                "KEV (JSON), EPSS (CSV, also .gz) and CVE records with SSVC enrichment, one or many. A list takes the place of an older one; records add up."
            }
            form
                method="post"
                action="/threats/import"
                enctype="multipart/form-data"
                class="stack tight"
                data-once
            {
                (desk.token())
                ({
                    file(
                        "threat",
                        "KEV, EPSS or CVE records",
                        ".json,.csv,.gz,application/json,text/csv,application/gzip",
                        true,
                    )
                })
                button class="primary" data-busy="Reading …" { "Take them in" }
            }
            (on_file(desk, held))
        }
    }
}

fn tables(desk: &Desk) -> Markup {
    html! {
        section class="panel" id="tables" aria-labelledby="tables-title" {
            h2 id="tables-title" { "Places, units, contacts" }
            p {
                "Where subnets are, who operates devices, whom to reach. What stands now is under "
                a href="/settings/house" { "Settings" }
                "."
            }
            form
                method="post"
                action="/import/table"
                enctype="multipart/form-data"
                class="stack tight"
                data-once
            {
                (desk.token())
                ({
                    select(
                        Input {
                            name: "table",
                            label: "Which table",
                            hint: "Places: subnet, vlan, site, building, floor, unit, watched. Units: code, name, site, building, floor, pools, aliases. Contacts: unit, duty, profession, name, email, phone.",
                            ..Input::default()
                        },
                        &[
                            ("units", "Units (adds or replaces)"),
                            ("contacts", "Contacts (replaces all)"),
                            ("places", "Places (replaces all)"),
                        ],
                        None,
                    )
                })
                (file("table-file", "CSV file", ".csv,.txt,text/csv", false))
                (submit("Take it in"))
            }
        }
    }
}
