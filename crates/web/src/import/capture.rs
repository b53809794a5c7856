//! `POST /import/capture`: captures, logs and tables.

use super::{around, start};
use crate::desk::Section;
use crate::fault::{Complaint, Fault};
use crate::parts::{many, number};
use crate::upload::Uploaded;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use tallyward_app::AppError;
use tallyward_app::views::CaptureReport;

/// Reads a capture and says what it brought.
pub(crate) async fn capture(uploaded: Uploaded) -> Result<Response, Fault> {
    let Uploaded { signed, fields, files } = uploaded;
    if files.is_empty() {
        let complaint = Complaint::field("capture", "Choose a capture or a log.");
        return Ok(start::show(signed, Some(&complaint)).await?.into_response());
    }
    let sensor = fields.text("sensor");
    let only = files.len() == 1;
    let read = signed.act(move |app, who| {
        let mut reports = app.read_files(who, &sensor, &files)?;
        match reports.pop() {
            // Of a single file the form itself complains.
            Some(Err(error)) if only => Err(error),
            Some(last) => {
                reports.push(last);
                Ok(reports)
            }
            None => Ok(reports),
        }
    });
    match read.await {
        Ok(reports) => {
            let (desk, ()) = signed.view(|_| Ok(())).await?;
            Ok(desk.page(Section::Devices, "Read", body(&reports)).into_response())
        }
        Err(fault) => {
            let complaint = fault.complaint()?;
            Ok(start::show(signed, Some(&complaint)).await?.into_response())
        }
    }
}

fn body(reports: &[Result<CaptureReport, AppError>]) -> Markup {
    let title = match reports {
        [Ok(one)] => format!("{} read: {}", if one.log.is_empty() { "Capture" } else { "Log" }, one.file),
        many => format!("{} files read", many.len()),
    };
    html! {
        p class="crumbs" {
            a href="/import" { "Import" }
            " / read"
        }
        header class="head" {
            h1 { (title) }
        }
        (around("import"))
        @for report in reports {
            @match report {
                Ok(report) => { (one(report, reports.len() > 1)) }
                Err(error) => {
                    p class="banner" { (error.to_string()) }
                }
            }
        }
        p {
            a class="button" href="/devices?presence=stranger" { "See the strangers" }
        }
    }
}

/// What one file brought, under its name when there are several.
fn one(report: &CaptureReport, named: bool) -> Markup {
    html! {
        @if named {
            h2 { (report.file) }
        }
        @if report.seen_before {
            p class="banner" { "This file had been read before. Nothing changed." }
        }
        dl class="figures" {
            div {
                @if report.log.is_empty() {
                    dt { "Packets" }
                    dd { (number(report.packets)) }
                } @else {
                    dt { "Lines" }
                    dd { (number(report.lines)) }
                }
            }
            div {
                dt { "Statements learned" }
                dd { (number(report.statements as u64)) }
            }
            div {
                dt { "Devices touched" }
                dd {
                    a href="/devices?order=last_seen" { (number(report.devices as u64)) }
                }
            }
            div {
                dt { "Conversations" }
                dd { (number(report.flows as u64)) }
            }
        }
        p class="quiet" {
            @if !report.log.is_empty() {
                "Read as " (report.log) ". "
            }
            "Taken at " (report.sensor)
            @if report.first.is_empty() {
                "; it tells of no moment."
            } @else {
                ", from " (report.first) " to " (report.last) "."
            }
        }
        @if !report.problems.is_empty() {
            section aria-label=(format!("Problems of {}", report.file)) {
                h3 {
                    (many(report.problems.len() as u64, "problem"))
                    ", everything else was read"
                }
                div class="scroll" {
                    table class="list" {
                        thead {
                            tr {
                                th scope="col" { "Where" }
                                th scope="col" { "What" }
                            }
                        }
                        tbody {
                            @for (place, what) in &report.problems {
                                tr {
                                    th scope="row" class="mono" { (place) }
                                    td class="wrap" { (what) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
