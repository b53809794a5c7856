//! `/settings/sensors`: the sensors that send, how each is and what it cannot see; below, captures read, newest first.

use super::around;
use super::sensor_form::{self, Typed};
use crate::desk::{Desk, Section};
use crate::fault::{Complaint, Fault};
use crate::html::{Page, csv};
use crate::parts::{complaint_box, empty, many, number};
use crate::signed::Signed;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use tallyward_app::Role;
use tallyward_app::sensors::{SensorHealth, SensorLine};
use tallyward_app::views::CaptureLine;

/// What listens, what was listened to, and what it brought.
pub(crate) async fn sensors(signed: Signed) -> Result<Page, Fault> {
    show(signed, &Typed::default(), None, None).await
}

/// The sensors as a file.
pub(crate) async fn sensors_csv(signed: Signed) -> Result<Response, Fault> {
    Ok(csv("sensors.csv", signed.console.call(|app| app.export_sensors()).await?))
}

/// The page, with a token that was just made, or with what was typed and what was wrong with it.
pub(super) async fn show(
    signed: Signed,
    typed: &Typed,
    complaint: Option<&Complaint>,
    made: Option<(&str, &str)>,
) -> Result<Page, Fault> {
    let (desk, (sensors, captures, server)) =
        signed.view(|app| Ok((app.sensor_lines()?, app.captures()?, app.site().base_url.clone()))).await?;
    let manages = desk.session.who.role == Role::Administrator;
    let body = html! {
        header class="head" {
            h1 { "Sensors and captures" }
            div class="actions" {
                @if !sensors.is_empty() {
                    a class="button" href="/settings/sensors.csv" { "CSV" }
                }
                @if desk.may_write() {
                    a class="button" href="/import" { "Read a capture" }
                }
            }
        }
        (around("/settings/sensors"))
        (complaint_box(complaint, &sensor_form::FIELDS))
        @if let Some((name, token)) = made { (sensor_form::token(name, token, &server)) }
        @if sensors.is_empty() && captures.is_empty() && made.is_none() {
            ({
                empty(
                    "Nothing listens yet",
                    "A sensor at a mirror port, or a capture from one, lets devices name themselves. Tallyward never sends a packet \
                     to a device.",
                    desk.may_write().then_some(("Read a capture", "/import")),
                )
            })
        }
        @for line in sensors.iter().filter(|line| !line.lacks.is_empty() || line.health == SensorHealth::Silent) {
            (lacking(&desk, line))
        }
        @if !sensors.is_empty() { (table(&desk, &sensors, manages)) }
        @for line in sensors.iter().filter(|line| !line.silent_subnets.is_empty()) { (silent(&desk, line)) }
        @if manages { (sensor_form::form(&desk, typed, complaint)) }
        @if !captures.is_empty() { (read(&desk, &captures)) }
    };
    let status = complaint.map_or(StatusCode::OK, |complaint| complaint.status);
    Ok(desk.page_as(status, Section::Settings, "Sensors and captures", body))
}

/// A sensor that does not see everything.
fn lacking(desk: &Desk, line: &SensorLine) -> Markup {
    let silent = line.health == SensorHealth::Silent;
    html! {
        @if line.health != SensorHealth::Revoked {
            div class=(if silent { "complaint" } else { "banner" }) {
                p {
                    strong { (line.name) }
                    @if silent {
                        " has sent nothing since " (desk.when_or(line.last_batch, "its start"))
                        ". What it would have seen waits on its disk, or was not seen. Look there with: "
                        code { "tallyward sensor --status" }
                    } @else {
                        " does not see everything."
                    }
                }
                @if !line.lacks.is_empty() {
                    ul {
                        @for lack in &line.lacks {
                            li { (lack) }
                        }
                    }
                }
            }
        }
    }
}

fn table(desk: &Desk, sensors: &[SensorLine], manages: bool) -> Markup {
    html! {
        p class="list-head" {
            strong { (many(sensors.len() as u64, "sensor")) }
            " "
            (desk.as_of(desk.now.into()))
        }
        div class="scroll" {
            table class="list" {
                caption class="hidden" { "Sensors" }
                thead {
                    tr {
                        th scope="col" { "Sensor" }
                        th scope="col" { "Health" }
                        th scope="col" { "Last batch" }
                        th scope="col" class="num" { "Packets a second" }
                        th scope="col" class="num" title="Packets lost since the sensor was started" { "Lost" }
                        th scope="col" class="num" title="Batches that wait on the sensor's disk" { "Spooled" }
                        th scope="col" class="num" { "Subnets" }
                        @if manages {
                            th scope="col" { "Change" }
                        }
                    }
                }
                tbody {
                    @for line in sensors { (row(desk, line, manages)) }
                }
            }
        }
    }
}

fn row(desk: &Desk, line: &SensorLine, manages: bool) -> Markup {
    html! {
        tr {
            th scope="row" class="wrap" {
                (line.name)
                span class="quiet" {
                    " " (line.site)
                    @if !line.reads.is_empty() { " · " (line.reads) }
                }
            }
            td { (word(line.health)) }
            td { (desk.when_or(line.last_batch, "never")) }
            td class="num" {
                @if let Some(rate) = line.packets_per_second { (number(rate.round() as u64)) } @else { "–" }
            }
            td class="num" {
                (number(line.drops))
                @if let Some(loss) = line.loss.filter(|loss| *loss > 0.0) {
                    span class="quiet" { " " (format!("{:.3} %", loss * 100.0)) }
                }
            }
            td class="num" { (number(line.spooled)) }
            td class="num" { (number(line.subnets as u64)) }
            @if manages {
                td {
                    @if line.health == SensorHealth::Revoked {
                        span class="quiet" { "revoked" }
                    } @else { (sensor_form::revoking(desk, line)) }
                }
            }
        }
    }
}

fn word(health: SensorHealth) -> Markup {
    html! {
        @match health {
            SensorHealth::Good => span class="quiet" { "● good" },
            SensorHealth::New => span class="quiet" { "◌ nothing sent yet" },
            SensorHealth::Poor => strong { "◆ does not see everything" },
            SensorHealth::Silent => strong { "▲ silent" },
            SensorHealth::Revoked => span class="quiet" { "revoked" },
        }
    }
}

fn silent(desk: &Desk, line: &SensorLine) -> Markup {
    html! {
        details class="fold" {
            summary {
                "Subnets that " (line.name) " has not heard lately"
                span class="quiet" { " " (number(line.silent_subnets.len() as u64)) }
            }
            ul {
                @for one in &line.silent_subnets {
                    li {
                        span class="mono" { (one.subnet) }
                        " last " (desk.when(one.last))
                    }
                }
            }
        }
    }
}

fn read(desk: &Desk, captures: &[CaptureLine]) -> Markup {
    html! {
        section aria-labelledby="captures" {
            h2 id="captures" { "Captures" }
            p class="list-head" {
                strong { (many(captures.len() as u64, "capture")) }
                ", newest first · "
                a href="/flows.csv" { "conversations as CSV" }
            }
            div class="scroll" {
                table class="list wrap" {
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
                        @for line in captures { (capture(desk, line)) }
                    }
                }
            }
        }
    }
}

fn capture(desk: &Desk, line: &CaptureLine) -> Markup {
    let report = &line.report;
    let problems: Vec<String> =
        report.problems.iter().map(|(place, what)| format!("{place}: {what}")).collect();
    html! {
        tr {
            th scope="row" title=(report.log) { (report.file) }
            td { (report.sensor) }
            td class="num" { (number(report.packets.max(report.lines))) }
            td class="num" { (number(report.statements as u64)) }
            td class="num" { (number(report.devices as u64)) }
            td class="num" title=(problems.join("\n")) { (number(problems.len() as u64)) }
            td { (short(&report.first)) " – " (short(&report.last)) " UTC" }
            td {
                (desk.when(line.at))
                span class="quiet" { " " (line.who) }
            }
        }
    }
}

/// `2026-11-23 08:30` of an RFC 3339 moment.
fn short(moment: &str) -> String {
    moment.get(..16).unwrap_or(moment).replace('T', " ")
}

/// `GET /flows.csv`: every conversation, as one table.
pub(crate) async fn flows_csv(signed: Signed) -> Result<Response, Fault> {
    Ok(csv("flows.csv", signed.console.call(|app| app.export_flows()).await?))
}
