//! The document itself: its vulnerabilities, what changed in it, earlier revisions, references.

use crate::desk::Desk;
use crate::link::{self, encode};
use crate::parts::{self, many, number};
use maud::{Markup, html};
use tallyward_app::views::{AdvisoryLine, AdvisoryPage, RevisionLine, ScoreLine};
use tallyward_core::Advisory;

/// Its vulnerabilities, each folded to one line.
pub(super) fn vulnerabilities(advisory: &Advisory) -> Markup {
    html! {
        section aria-labelledby="flaws" {
            h2 id="flaws" { (many(advisory.vulnerabilities.len() as u64, "vulnerability")) }
            @for flaw in &advisory.vulnerabilities {
                details class="fold" {
                    summary {
                        span class="mono" { (flaw.id) }
                        " "
                        @if flaw.title.is_empty() { (flaw.cwe) } @else { (flaw.title) }
                        @if let Some(first) = flaw.scores.first().map(ScoreLine::from) {
                            span class="quiet" {
                                " CVSS " (first.version) " base " (first.base) " " (first.severity)
                            }
                        }
                    }
                    @if !flaw.description.is_empty() {
                        p class="verbatim" { (flaw.description) }
                    }
                    @if !flaw.cwe.is_empty() {
                        p class="quiet" { (flaw.cwe) }
                    }
                    @for score in &flaw.scores {
                        p { (parts::score(&score.into())) }
                    }
                    @for threat in &flaw.threats {
                        p { (threat) }
                    }
                    @for remedy in &flaw.remediations {
                        p class="verbatim" {
                            strong { (remedy.category.replace('_', " ")) ": " }
                            (remedy.text)
                        }
                    }
                    p {
                        a   href={
                                "/findings?advisory="
                                (encode(&advisory.id))
                                "&vulnerability="
                                (encode(&flaw.id))
                            }
                        { "Findings here" }
                    }
                }
            }
        }
    }
}

/// Letters of a summary shown before the rest is folded.
const SUMMARY: usize = 600;

/// What changed in this revision, the summary, and, folded, earlier revisions and references.
pub(super) fn document(desk: &Desk, view: &AdvisoryPage) -> Markup {
    let advisory = &view.advisory;
    html! {
        section aria-labelledby="document" {
            h2 id="document" { "The document and its revisions" }
            @if !view.changes.is_empty() {
                h3 { "What changed in this revision" }
                ul {
                    @for change in &view.changes { li { (change) } }
                }
            }
            @if advisory.summary.chars().count() > SUMMARY {
                details class="fold" {
                    summary { "Its summary" }
                    p class="verbatim" { (advisory.summary) }
                }
            } @else if !advisory.summary.is_empty() {
                p class="verbatim" { (advisory.summary) }
            }
            (revisions(desk, &view.line, &view.revisions))
            @if !advisory.references.is_empty() {
                details class="fold" {
                    summary { "References: " (number(advisory.references.len() as u64)) }
                    (references(advisory))
                }
            }
            p class="quiet" {
                (many(advisory.products.len() as u64, "product"))
                " in its tree. SHA-256 of the file "
                span class="mono breakable" { (advisory.hash) }
            }
        }
    }
}

fn references(advisory: &Advisory) -> Markup {
    html! {
        ul class="plain-list" {
            @for reference in &advisory.references {
                li {
                    @if reference.url.starts_with("https://") || reference.url.starts_with("http://") {
                        a href=(reference.url) rel="noopener noreferrer external" {
                            @if reference.summary.is_empty() { (reference.url) } @else { (reference.summary) }
                        }
                    } @else { (reference.summary) " " (reference.url) }
                }
            }
        }
    }
}

fn revisions(desk: &Desk, line: &AdvisoryLine, earlier: &[RevisionLine]) -> Markup {
    html! {
        @if !earlier.is_empty() {
            details class="fold" id="revisions" {
                summary { "Earlier revisions kept here: " (number(earlier.len() as u64)) }
                ul class="plain-list" {
                    @for one in earlier {
                        li {
                            "Revision " (one.revision) ", taken in " (desk.when(one.received))
                            ". "
                            a href={ (link::advisory(&line.id)) "/compare?from=" (one.hash) } { "Compare with the one on file" }
                            span class="quiet" { ", SHA-256 " span class="mono breakable" { (one.hash) } }
                            @if !one.changes.is_empty() {
                                ul {
                                    @for change in &one.changes {
                                        li { (change) }
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
