//! `POST /import/capture`

use super::{around, start};
use crate::desk::Section;
use crate::fault::{Complaint, Fault};
use crate::parts::{many, number};
use crate::upload::Uploaded;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use tallyward_app::views::CaptureReport;

/// Reads a capture and says what it brought.
pub(crate) async fn capture(uploaded: Uploaded) -> Result<Response, Fault> {
    let Uploaded { signed, fields, files } = uploaded;
    let Some((name, bytes)) = files.into_iter().next() else {
        let complaint = Complaint::field("capture", "Choose a capture file.");
        return Ok(start::show(signed, Some(&complaint)).await?.into_response());
    };
    let sensor = fields.text("sensor");
    match signed.act(move |app, who| app.read_capture(who, &name, &sensor, &bytes)).await {
        Ok(report) => {
            let (desk, ()) = signed.view(|_| Ok(())).await?;
            Ok(desk.page(Section::Devices, "Capture read", body(&report)).into_response())
        }
        Err(fault) => {
            let complaint = fault.complaint()?;
            Ok(start::show(signed, Some(&complaint)).await?.into_response())
        }
    }
}

fn body(report: &CaptureReport) -> Markup {
    html! {
        p class="crumbs" {
            a href="/import" { "Import" }
            " / "
            (report.file)
        }
        header class="head" {
            h1 { "Capture read: " (report.file) }
        }
        (around("import"))
        @if report.seen_before {
            p class="banner" { "This capture had been read before. Nothing changed." }
        }
        dl class="figures" {
            div {
                dt { "Packets" }
                dd { (number(report.packets)) }
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
        p class="quiet" { "Taken at " (report.sensor) ", from " (report.first) " to " (report.last) "." }
        @if !report.problems.is_empty() {
            section aria-labelledby="problems" {
                h2 id="problems" {
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
        p {
            a class="button" href="/devices?presence=stranger" { "See the strangers" }
        }
    }
}
