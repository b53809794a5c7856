//! `/settings/sensors`: captures read, newest first.

use super::around;
use crate::desk::Section;
use crate::fault::Fault;
use crate::html::{Page, csv};
use crate::parts::{empty, many, number};
use crate::signed::Signed;
use axum::response::Response;
use maud::html;
use tallyward_app::App;

/// What was listened to, and what it brought.
pub(crate) async fn sensors(signed: Signed) -> Result<Page, Fault> {
    let (desk, lines) = signed.view(|app| app.captures()).await?;
    let body = html! {
        header class="head" {
            h1 { "Sensors and captures" }
            @if desk.may_write() {
                div class="actions" {
                    a class="button primary" href="/import" { "Read a capture" }
                }
            }
        }
        (around("/settings/sensors"))
        @if lines.is_empty() {
            ({
                empty(
                    "Nothing has been listened to yet",
                    "A capture from a mirror port lets devices name themselves. Tallyward never sends a packet to a device.",
                    Some(("Read a capture", "/import")),
                )
            })
        } @else {
            p class="list-head" {
                strong { (many(lines.len() as u64, "capture")) }
                ", newest first · "
                a href="/flows.csv" { "conversations as CSV" }
            }
            div class="scroll" {
                table class="list" {
                    caption class="hidden" { "Captures" }
                    thead {
                        tr {
                            th scope="col" { "Capture" }
                            th scope="col" { "Taken at" }
                            th scope="col" class="num" { "Packets or lines" }
                            th scope="col" class="num" { "Statements" }
                            th scope="col" class="num" { "Devices" }
                            th scope="col" class="num" { "Problems" }
                            th scope="col" { "First to last packet" }
                            th scope="col" { "Read" }
                        }
                    }
                    tbody {
                        @for line in &lines {
                            @let report = &line.report;
                            tr {
                                th scope="row" title=(report.log) { (report.file) }
                                td { (report.sensor) }
                                td class="num" { (number(report.packets.max(report.lines))) }
                                td class="num" { (number(report.statements as u64)) }
                                td class="num" { (number(report.devices as u64)) }
                                td  class="num"
                                    title=({
                                        report
                                            .problems
                                            .iter()
                                            .map(|(place, what)| format!("{place}: {what}"))
                                            .collect::<Vec<_>>()
                                            .join("\n")
                                    })
                                { (number(report.problems.len() as u64)) }
                                td { (short(&report.first)) " – " (short(&report.last)) " UTC" }
                                td {
                                    (desk.when(line.at))
                                    span class="quiet" { " " (line.who) }
                                }
                            }
                        }
                    }
                }
            }
        }
    };
    Ok(desk.page(Section::Settings, "Sensors and captures", body))
}

/// `GET /flows.csv`: every conversation, as one table.
pub(crate) async fn flows_csv(signed: Signed) -> Result<Response, Fault> {
    Ok(csv("flows.csv", signed.console.call(|app: &App| app.export_flows()).await?))
}

/// `2026-11-23 08:30` of an RFC 3339 moment.
fn short(moment: &str) -> String {
    moment.get(..16).unwrap_or(moment).replace('T', " ")
}
