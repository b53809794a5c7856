//! `POST /threats/import`: KEV, EPSS, enriched CVE records taken in; and what of them is on file.

use crate::desk::{Desk, Section};
use crate::fault::Fault;
use crate::parts::{damaged, many, number};
use crate::upload::Uploaded;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use tallyward_app::AppError;
use tallyward_app::views::{ThreatIntake, ThreatLine};

/// Takes files of threats in and says what became of each.
pub(crate) async fn take_in(uploaded: Uploaded) -> Result<Response, Fault> {
    let Uploaded { signed, files, .. } = uploaded;
    if files.is_empty() {
        let why = "Choose KEV (.json), EPSS (.csv or .csv.gz) or CVE records (.json, .zip).";
        return Err(Fault::App(AppError::invalid("file", why)));
    }
    let (intake, lines) = signed
        .act(move |app, who| {
            let intake = app.take_threats(who, files)?;
            Ok((intake, app.threats()?))
        })
        .await?;
    let (desk, ()) = signed.view(|_| Ok(())).await?;
    let body = html! {
        p class="crumbs" {
            a href="/import#threats" { "Import" }
            " / threats taken in"
        }
        header class="head" {
            h1 { "Threats taken in" }
        }
        (report(&intake))
        section aria-labelledby="on-file" {
            h2 id="on-file" { "On file now" }
            (on_file(&desk, &lines))
        }
        p {
            a href="/findings" { "See the findings" }
        }
    };
    Ok(desk.page(Section::Devices, "Threats taken in", body).into_response())
}

fn report(intake: &ThreatIntake) -> Markup {
    html! {
        ul {
            @for line in intake.sentences() {
                li { (line) }
            }
        }
        (damaged("Could not be read", &intake.damaged))
        (damaged("Left out", &intake.noted))
    }
}

/// The tables on file, a line each.
pub(crate) fn on_file(desk: &Desk, lines: &[ThreatLine]) -> Markup {
    html! {
        @if lines.is_empty() {
            p class="hint" { "None is on file yet: a public method of attack is assumed for every flaw." }
        } @else {
            ul class="plain-list" {
                @for line in lines {
                    li {
                        strong { (line.label) }
                        ", "
                        (line.of)
                        ": "
                        (many(line.flaws as u64, "flaw"))
                        ", "
                        (number(line.here as u64))
                        " of them in advisories here; taken in "
                        (desk.when(line.taken))
                    }
                }
            }
        }
    }
}
