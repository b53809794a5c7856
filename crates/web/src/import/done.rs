//! `/imports`: what was applied, and undoing it.

use super::around;
use crate::desk::{Desk, Section, saying};
use crate::fault::Fault;
use crate::html::{Page, see};
use crate::link::Ask;
use crate::parts::{empty, many, number};
use crate::posted::Posted;
use crate::signed::Signed;
use axum::extract::Path;
use axum::response::Response;
use maud::{Markup, html};
use tallyward_app::AppError;
use tallyward_app::views::ImportLine;
use tallyward_core::IngestId;

/// Imports, newest first.
pub(crate) async fn done(signed: Signed, ask: Ask) -> Result<Page, Fault> {
    let (desk, lines) = signed.view(|app| app.imports()).await?;
    let fresh = ask.get("done").and_then(|id| lines.iter().find(|line| line.report.ingest.to_string() == id));
    let body = html! {
        header class="head" {
            h1 { "Imports done" }
        }
        (around("done"))
        @if let Some(line) = fresh {
            p class="said" role="status" {
                "Applied: "
                (many(line.report.created as u64, "new device"))
                ", "
                (number(line.report.changed as u64))
                " changed, "
                (many(line.report.refused_count as u64, "row"))
                " refused. "
                a href="/devices" { "See the devices" }
            }
        }
        @if lines.is_empty() {
            ({
                empty(
                    "No list has been imported",
                    "Every applied list stands here as one event: who, when, what it did. Each can be undone.",
                    Some(("Import a list", "/import")),
                )
            })
        } @else { (table(&desk, &lines)) }
        @if let Some(line) = fresh { (refused(line)) }
    };
    Ok(desk.page(Section::Devices, "Imports done", body))
}

fn table(desk: &Desk, lines: &[ImportLine]) -> Markup {
    html! {
        div class="scroll" {
            table class="list" {
                caption class="hidden" { "Imports" }
                thead {
                    tr {
                        th scope="col" { "List" }
                        th scope="col" { "File" }
                        th scope="col" class="num" { "Rows" }
                        th scope="col" class="num" { "New" }
                        th scope="col" class="num" { "Changed" }
                        th scope="col" class="num" { "Refused" }
                        th scope="col" { "When, by whom" }
                        th scope="col" { "State" }
                    }
                }
                tbody {
                    @for line in lines {
                        tr {
                            th scope="row" {
                                a href={ "/imports?done=" (line.report.ingest) } { (line.report.source) }
                            }
                            td class="clip" title=(line.report.file) { (line.report.file) }
                            td class="num" { (number(line.report.rows as u64)) }
                            td class="num" { (number(line.report.created as u64)) }
                            td class="num" { (number(line.report.changed as u64)) }
                            td class="num" { (number(line.report.refused_count as u64)) }
                            td {
                                (desk.when(line.at))
                                span class="quiet" { " " (line.who) }
                            }
                            td {
                                @if line.undone {
                                    span class="quiet" { "undone" }
                                } @else {
                                    @if line.unfinished {
                                        span class="state look" { "cut short: import it again" }
                                        " "
                                    }
                                    @if desk.may_write() {
                                        details class="menu inline" {
                                            summary { "Undo" }
                                            form
                                                method="post"
                                                action={ "/imports/" (line.report.ingest) "/undo" }
                                                class="menu-form"
                                                data-once
                                            {
                                                (desk.token())
                                                p {
                                                    "Takes back what this list said. Devices that only it named disappear; other evidence stays."
                                                }
                                                button { "Undo this import" }
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
    }
}

fn refused(line: &ImportLine) -> Markup {
    html! {
        @if !line.report.refused.is_empty() {
            section aria-labelledby="refused" {
                h2 id="refused" { "Rows refused in " (line.report.file) }
                div class="scroll" {
                    table class="list" {
                        thead {
                            tr {
                                th scope="col" class="num" { "Row" }
                                th scope="col" { "Column" }
                                th scope="col" { "Why" }
                            }
                        }
                        tbody {
                            @for (row, column, why) in &line.report.refused {
                                tr {
                                    td class="num" { (row) }
                                    td { (column) }
                                    td class="wrap" { (why) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Undoes an import by a decision.
pub(crate) async fn undo(Path(id): Path<String>, posted: Posted) -> Result<Response, Fault> {
    let ingest: IngestId = id.parse().map_err(|_| Fault::App(AppError::not_found("import", &id)))?;
    let changed = posted.signed.act(move |app, who| app.undo_import(who, ingest)).await?;
    Ok(see(&saying("/imports", "undone", changed as u64)))
}
