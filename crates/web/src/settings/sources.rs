//! `/settings/sources`: where advisories, letters and what is known of attacks are fetched from, and how that goes.

use super::around;
use super::source_form::{self, Typed};
use crate::desk::{Desk, Section, saying};
use crate::fault::{Complaint, Fault};
use crate::html::{Page, csv, see};
use crate::parts::{complaint_box, empty, many, number};
use crate::posted::Posted;
use crate::signed::Signed;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use tallyward_app::{Doing, Health, Role, SourceLine};

/// The health of every source, and what was refused.
pub(crate) async fn sources(signed: Signed) -> Result<Page, Fault> {
    show(signed, &Typed::default(), None).await
}

/// The page, with what was typed and what was wrong with it.
pub(super) async fn show(
    signed: Signed,
    typed: &Typed,
    complaint: Option<&Complaint>,
) -> Result<Page, Fault> {
    let (desk, lines) = signed.view(|app| app.source_lines()).await?;
    let manages = desk.session.who.role == Role::Administrator;
    let body = html! {
        header class="head" {
            h1 { "Sources" }
            @if !lines.is_empty() {
                div class="actions" {
                    a class="button" href="/settings/sources.csv" { "CSV" }
                }
            }
        }
        (around("/settings/sources"))
        (complaint_box(complaint, &source_form::FIELDS))
        @if lines.is_empty() {
            ({
                empty(
                    "Nothing is fetched yet",
                    "Advisories, letters and what is known of attacks can be fetched from where they are published, verified \
                     and followed. An administrator adds a source here, or on the server with: tallyward sources add NAME ADDRESS",
                    None,
                )
            })
        } @else {
            @for line in lines.iter().filter(|line| matches!(line.health, Health::Failing | Health::Stale)) {
                (failing(&desk, line))
            }
            @for line in &lines { (shut(&desk, line)) }
            (health(&desk, &lines, manages))
            (refused(&desk, &lines))
            @for line in lines.iter().filter(|line| !line.notes.is_empty()) {
                details class="fold" {
                    summary {
                        "What " (line.name) " publishes that could not be used"
                        span class="quiet" { " " (many(line.notes.len() as u64, "note")) }
                    }
                    ul {
                        @for note in &line.notes {
                            li class="wrap" { (note) }
                        }
                    }
                }
            }
        }
        @for line in lines.iter().filter(|line| !line.passed_over.is_empty()) {
            p class="quiet" {
                "Of what " (line.name) " brought last, left as being for those who watch networks: "
                (line.passed_over.iter().map(|(kind, count)| format!("{count} {kind}")).collect::<Vec<_>>().join(", "))
                "."
            }
        }
        @if manages { (source_form::form(&desk, typed, complaint)) }
    };
    let status = complaint.map_or(StatusCode::OK, |complaint| complaint.status);
    Ok(desk.page_as(status, Section::Settings, "Sources", body))
}

/// A source that cannot be counted on: published advisories may be missing.
fn failing(desk: &Desk, line: &SourceLine) -> Markup {
    html! {
        div class="complaint" {
            @if line.health == Health::Stale {
                p {
                    strong { (line.name) " is not up to date; " (line.lacking()) ". " }
                    "Its last complete run: " (desk.when_or(line.last_success, "never")) "."
                }
            } @else {
                p {
                    strong { (line.name) " was not read whole; " (line.lacking()) ". " }
                    @if line.failures > 1 {
                        (number(u64::from(line.failures))) " runs in a row failed, the last "
                    } @else { "The last run failed " }
                    (desk.when_or(line.last_run, ""))
                    "."
                }
                p class="wrap" { (line.error) }
            }
        }
    }
}

/// Feeds for members: no fault, and yet something that is not here.
fn shut(desk: &Desk, line: &SourceLine) -> Markup {
    html! {
        @for shut in &line.shut {
            p class="banner" {
                strong { (line.name) " has a feed for members only, which is not read. " }
                "Its label is " (shut.tlp) "; it answers " (shut.status) " since " (desk.when(shut.since))
                ". The other feeds are read. Where this house is a member, the server's configuration says how to sign in: "
                span class="mono wrap" { (shut.url) }
            }
        }
    }
}

fn health(desk: &Desk, lines: &[SourceLine], manages: bool) -> Markup {
    html! {
        p class="list-head" {
            strong { (many(lines.len() as u64, "source")) }
            " "
            (desk.as_of(desk.now.into()))
        }
        div class="scroll" {
            table class="list" {
                caption class="hidden" { "Sources" }
                thead {
                    tr {
                        th scope="col" { "Source" }
                        th scope="col" { "Health" }
                        th scope="col" { "Last complete run" }
                        th scope="col" class="num" { "Documents held" }
                        th scope="col" class="num" { "Refused" }
                        th scope="col" title="From publication, as the source dates it, to receipt here" {
                            "Delay: median, worst"
                        }
                        th scope="col" { "Now" }
                        @if manages {
                            th scope="col" { "Change" }
                        }
                    }
                }
                tbody {
                    @for line in lines { (row(desk, line, manages)) }
                }
            }
        }
    }
}

fn row(desk: &Desk, line: &SourceLine, manages: bool) -> Markup {
    html! {
        tr {
            th scope="row" class="wrap" {
                (line.name)
                " "
                span class="quiet" { (line.kind) " " (line.url) }
            }
            td { (health_word(line.health)) }
            td { (desk.when_or(line.last_success, "never")) }
            td class="num" { (number(line.documents as u64)) }
            td class="num" {
                @if line.refused.is_empty() { "0" } @else {
                    a href="#refused" { (number(line.refused.len() as u64)) }
                }
            }
            td {
                @if let Some(delay) = line.delay {
                    (format!("{:.1} h, {:.1} h", delay.median_hours, delay.worst_hours))
                    " "
                    span class="quiet" { "of " (many(delay.measured as u64, "document")) }
                } @else {
                    span class="quiet" { "not measured" }
                }
            }
            td {
                @match line.doing {
                    Doing::Running => "being fetched",
                    Doing::Asked => "waits to be fetched",
                    Doing::Nothing if manages => {
                        form method="post" action="/settings/sources" data-once {
                            (desk.token())
                            input type="hidden" name="source" value=(line.name);
                            button aria-label=(format!("Sync {} now", line.name)) { "Sync now" }
                        }
                    }
                    Doing::Nothing => span class="quiet" { "nothing" },
                }
            }
            @if manages {
                td { (source_form::removing(desk, line)) }
            }
        }
    }
}

fn health_word(health: Health) -> Markup {
    html! {
        @match health {
            Health::Good => span class="quiet" { "● good" },
            Health::New => span class="quiet" { "◌ nothing fetched yet" },
            Health::Stale => strong { "◌ stale" },
            Health::Failing => strong { "▲ failing" },
        }
    }
}

fn refused(desk: &Desk, lines: &[SourceLine]) -> Markup {
    let fetched = lines.iter().any(|line| line.documents > 0);
    let count: usize = lines.iter().map(|line| line.refused.len()).sum();
    html! {
        section aria-labelledby="refused" {
            h2 id="refused" { "Refused documents" }
            @if count == 0 {
                p class="quiet" { @if fetched { "Nothing that was fetched is refused." } @else { "Nothing was fetched yet." } }
            } @else {
                p {
                    (many(count as u64, "document"))
                    " not taken in. What it says counts nowhere here; an earlier revision, where one is held, stands. A \
                     refused document is asked for again at the next run. "
                    a href="/settings/refused.csv" { "CSV" }
                }
                div class="scroll" {
                    table class="list" {
                        caption class="hidden" { "Refused documents" }
                        thead {
                            tr {
                                th scope="col" { "Source" }
                                th scope="col" { "Document" }
                                th scope="col" { "Why" }
                                th scope="col" { "Refused" }
                            }
                        }
                        tbody {
                            @for line in lines {
                                @for one in &line.refused {
                                    tr {
                                        th scope="row" { (line.name) }
                                        td class="wrap mono" { (one.url) }
                                        td class="wrap" { (one.why) }
                                        td { (desk.when(one.at)) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The health of every source as a file.
pub(crate) async fn sources_csv(signed: Signed) -> Result<Response, Fault> {
    Ok(csv("sources.csv", signed.console.call(|app| app.export_sources()).await?))
}

/// What was refused, as a file.
pub(crate) async fn refused_csv(signed: Signed) -> Result<Response, Fault> {
    Ok(csv("refused.csv", signed.console.call(|app| app.export_refused()).await?))
}

/// Asks for a run over one source.
pub(crate) async fn sync(posted: Posted) -> Result<Response, Fault> {
    let name = posted.fields.text("source");
    match posted.signed.act(move |app, who| app.ask_sync(who, &name)).await {
        Ok(()) => Ok(see(&saying("/settings/sources", "sync", 0))),
        Err(fault) => {
            let complaint = fault.complaint()?;
            Ok(show(posted.signed, &Typed::default(), Some(&complaint)).await?.into_response())
        }
    }
}
