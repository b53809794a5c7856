//! `/import`

use super::around;
use crate::desk::{Desk, Section};
use crate::fault::{Complaint, Fault};
use crate::html::Page;
use crate::parts::{Input, UploadForm, complaint_box, input, select, upload};
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

fn list(desk: &Desk) -> Markup {
    upload(
        &desk.token(),
        &UploadForm {
            id: "device-list",
            title: "A device list",
            text: html! {
                "The CMMS export, a spreadsheet saved as CSV, or a list exported here. A dry run shows row by row what would happen; nothing changes before you apply it."
            },
            action: "/import/list",
            field: "list",
            label: "CSV file",
            accept: ".csv,.tsv,.txt,text/csv",
            button: "Show the dry run",
            below: html! {
                p class="hint" {
                    "Comma, semicolon or tab; UTF-8 or Windows-1252. Columns you do not map are not stored: free text may hold patients."
                }
            },
            ..UploadForm::default()
        },
    )
}

fn capture(desk: &Desk) -> Markup {
    let sensor = Input {
        name: "sensor",
        label: "Where it was taken",
        hint: "Name of the sensor or place, such as ED-1; for a switch's table the name of the switch.",
        required: true,
        ..Input::default()
    };
    upload(
        &desk.token(),
        &UploadForm {
            id: "traffic",
            title: "Captures, logs and tables",
            text: html! {
                "pcap or pcapng from a mirror port; or, without one, what is there already: logs of Zeek and Suricata, leases and logs of DHCP servers, MAC address and ARP tables of switches, lists of wireless clients. What each is, its content tells. Only device fields are copied; patient data is skipped, never stored. The same file again changes nothing."
            },
            action: "/import/capture",
            before: input(sensor, None),
            field: "capture",
            label: "Files, at most 256 MB together",
            accept: ".pcap,.pcapng,.cap,.log,.json,.csv,.tsv,.leases,.txt",
            many: true,
            button: "Read them",
            below: html! {
                p class="hint" {
                    "Files that belong together, such as the logs of one day with the leases, are best read together: the one names the devices of the other."
                }
            },
            ..UploadForm::default()
        },
    )
}

fn advisories(desk: &Desk) -> Markup {
    upload(
        &desk.token(),
        &UploadForm {
            id: "advisories",
            title: "Advisories",
            text: html! {
                "CSAF, OpenVEX, CycloneDX VEX, openFDA recalls or OSV records of flaws in packages, one file or many, also as .zip or .gz; which format it is, its content tells. A damaged file is reported with its place and the rest goes on; an unchanged one does nothing."
            },
            action: "/advisories/import",
            field: "advisory",
            label: "Advisories",
            accept: ".json,.zip,.gz,application/json,application/zip,application/gzip",
            many: true,
            ..UploadForm::default()
        },
    )
}

fn threats(desk: &Desk, held: &[ThreatLine]) -> Markup {
    upload(
        &desk.token(),
        &UploadForm {
            id: "threats",
            title: "What is used in attacks",
            text: html! {
                "KEV (JSON), EPSS (CSV, also .gz) and CVE records with SSVC enrichment, one or many. A list takes the place of an older one; records add up."
            },
            action: "/threats/import",
            field: "threat",
            label: "KEV, EPSS or CVE records",
            accept: ".json,.csv,.gz,.zip,application/json,text/csv,application/gzip,application/zip",
            many: true,
            below: on_file(desk, held),
            ..UploadForm::default()
        },
    )
}

fn tables(desk: &Desk) -> Markup {
    let table = Input {
        name: "table",
        label: "Which table",
        hint: "Places: subnet (or switch_port, or access_point), vlan, site, building, floor, room, unit, watched. Units: code, name, site, building, floor, pools, aliases. Contacts: unit, duty, profession, name, email, phone. Rules: fact, basis, pattern, gives, score, source.",
        ..Input::default()
    };
    let choices = [
        ("units", "Units (adds or replaces)"),
        ("contacts", "Contacts (replaces all)"),
        ("places", "Places (replaces all)"),
        ("rules", "Rules of classification (replaces the house's own)"),
    ];
    upload(
        &desk.token(),
        &UploadForm {
            id: "tables",
            title: "Places, units, contacts, rules",
            text: html! {
                "Where subnets are, who operates devices, whom to reach. What stands now is under "
                a href="/settings/house" { "Settings" }
                "."
            },
            action: "/import/table",
            before: select(table, &choices, None),
            field: "table-file",
            label: "CSV file",
            accept: ".csv,.txt,text/csv",
            button: "Take it in",
            ..UploadForm::default()
        },
    )
}
