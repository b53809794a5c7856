//! `/settings/audit`

use super::around;
use crate::desk::Section;
use crate::fault::Fault;
use crate::html::Page;
use crate::link::Ask;
use crate::parts::empty;
use crate::signed::Signed;
use maud::{Markup, html};

const PAGE: u32 = 100;

/// Who did what, when, newest first; each entry seals the one before.
pub(crate) async fn audit(signed: Signed, ask: Ask) -> Result<Page, Fault> {
    let before = ask.get("before").and_then(|text| text.parse().ok());
    let (desk, lines) = signed.view(move |app| app.audit_log(before, PAGE)).await?;
    let older = lines.last().filter(|line| line.seq > 1 && lines.len() == PAGE as usize).map(|line| line.seq);
    let body = html! {
        header class="head" {
            h1 { "Audit log" }
        }
        (around("/settings/audit"))
        @if lines.is_empty() {
            ({
                empty(
                    "Nothing has happened yet",
                    "Everything that changes something or leaves the house is one entry here, in the same commit as its cause.",
                    None,
                )
            })
        } @else {
            p class="list-head" {
                "Newest first. Each entry seals the one before it; "
                code { "tallyward audit verify" }
                " checks the whole chain."
            }
            div class="scroll tall" tabindex="0" role="region" aria-label="Audit log" {
                table class="list" {
                    caption class="hidden" { "Audit log" }
                    thead {
                        tr {
                            th scope="col" class="num" { "No" }
                            th scope="col" { "When" }
                            th scope="col" { "Who" }
                            th scope="col" { "What" }
                            th scope="col" { "To what" }
                            th scope="col" { "Before and after" }
                            th scope="col" { "Hash" }
                        }
                    }
                    tbody {
                        @for line in &lines {
                            tr {
                                td class="num" { (line.seq) }
                                td { (desk.when(line.at)) }
                                td { (line.who) }
                                th scope="row" class="mono" { (line.action) }
                                td class="clip" title=(line.subject) { (line.subject) }
                                td { (change(&line.before, &line.after)) }
                                td class="mono quiet" title=(line.hash) {
                                    (line.hash.get(..10).unwrap_or(&line.hash))
                                }
                            }
                        }
                    }
                }
            }
        }
        @if before.is_some() || older.is_some() {
            nav class="pager" aria-label="Pages" {
                @if before.is_some() {
                    a href="/settings/audit" { "← Newest" }
                }
                @if let Some(seq) = older {
                    a rel="next" href={ "/settings/audit?before=" (seq) } { "Older →" }
                }
            }
        }
    };
    Ok(desk.page(Section::Settings, "Audit log", body))
}

fn change(before: &str, after: &str) -> Markup {
    html! {
        @if !before.is_empty() || !after.is_empty() {
            details class="voices" {
                summary { "show" }
                @if !before.is_empty() {
                    p class="quiet" { "Before" }
                    pre { (before) }
                }
                @if !after.is_empty() {
                    p class="quiet" { "After" }
                    pre { (after) }
                }
            }
        }
    }
}
