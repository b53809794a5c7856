//! `/notices`: drafts waiting on top, then notices with their clocks.

use crate::desk::{Desk, Section};
use crate::fault::Fault;
use crate::html::Page;
use crate::link::encode;
use crate::parts::{empty, many, number, subject_short, tabs, tier};
use crate::signed::Signed;
use maud::{Markup, html};
use tallyward_app::views::{DraftLine, Moment, NoticeLine};

/// What waits for a name under it, and what became of what was released.
pub(crate) async fn list(signed: Signed) -> Result<Page, Fault> {
    let (desk, (drafts, notices)) = signed.view(|app| Ok((app.drafts()?, app.notices()?))).await?;
    let body = html! {
        header class="head" {
            h1 { "Notices" }
        }
        ({
            tabs(
                "Notices",
                &[
                    ("Drafts and notices", "/notices", true),
                    ("The untold", "/untold", false),
                    ("Huddle sheets", "/huddle", false),
                    ("Paths today", "/paths", false),
                ],
            )
        })
        section aria-labelledby="drafts" {
            h2 id="drafts" { (many(drafts.len() as u64, "draft")) " to release" }
            @if drafts.is_empty() {
                p class="calm" {
                    "Nothing waits. When a device in use is affected and there is something to do at the bedside, a draft stands here within a minute."
                }
            } @else { (draft_table(&desk, &drafts)) }
        }
        section aria-labelledby="notices" {
            h2 id="notices" { (many(notices.len() as u64, "notice")) " released" }
            @if notices.is_empty() {
                ({
                    empty(
                        "No notice has been released",
                        "A notice is one message on one advisory to one audience of one unit, released by a named lead. Its clock, deliveries and answers stand here.",
                        None,
                    )
                })
            } @else { (notice_table(&desk, &notices)) }
        }
    };
    Ok(desk.page(Section::Notices, "Notices", body))
}

fn draft_table(desk: &Desk, drafts: &[DraftLine]) -> Markup {
    html! {
        div class="scroll" {
            table class="list" {
                caption class="hidden" { "Drafts" }
                thead {
                    tr {
                        th scope="col" { "Tier" }
                        th scope="col" { "Draft" }
                        th scope="col" { "Unit" }
                        th scope="col" { "For" }
                        th scope="col" class="num" { "Devices" }
                        th scope="col" class="num" { "Tells" }
                        th scope="col" { "Ready" }
                        th scope="col" class="num" { "Waiting since" }
                    }
                }
                tbody {
                    @for draft in drafts {
                        tr {
                            td { (tier(&draft.tier)) }
                            th scope="row" class="wrap" {
                                a href={ "/drafts/" (encode(&draft.id)) } {
                                    (subject_short(&draft.subject, &draft.tier))
                                }
                                @if draft.kind != "notice" {
                                    span class="quiet" { " " (draft.kind) }
                                }
                            }
                            td {
                                @if draft.unit.is_empty() { "biomed, security" } @else { (draft.unit) }
                            }
                            td { (draft.audience) }
                            td class="num" { (number(draft.devices as u64)) }
                            td class="num" { (many(draft.people as u64, "person")) }
                            td {
                                @if draft.blocked > 0 {
                                    span class="state look" { (many(draft.blocked as u64, "thing")) " to mend" }
                                } @else { "yes" }
                            }
                            td class="num" { (desk.when(draft.since)) }
                        }
                    }
                }
            }
        }
    }
}

fn notice_table(desk: &Desk, notices: &[NoticeLine]) -> Markup {
    html! {
        div class="scroll tall" tabindex="0" role="region" aria-label="Notices" {
            table class="list" {
                caption class="hidden" { "Notices" }
                thead {
                    tr {
                        th scope="col" { "Tier" }
                        th scope="col" { "Notice" }
                        th scope="col" { "Unit" }
                        th scope="col" { "State" }
                        th scope="col" { "Clock" }
                        th scope="col" { "Released by" }
                    }
                }
                tbody {
                    @for line in notices {
                        tr {
                            td { (tier(&line.tier)) }
                            th scope="row" class="wrap" {
                                a href={ "/notices/" (encode(&line.id)) } {
                                    (subject_short(&line.subject, &line.tier))
                                }
                                @if line.kind != "notice" {
                                    span class="quiet" { " " (line.kind) }
                                }
                            }
                            td {
                                @if line.unit.is_empty() { "biomed, security" } @else { (line.unit) }
                            }
                            td {
                                (line.state)
                                @if let Some(raised) = &line.raised {
                                    " "
                                    span class="state now" {
                                        span class="shape" aria-hidden="true" { "▲" }
                                        (raised)
                                    }
                                }
                            }
                            td { (clock(desk, line)) }
                            td title=(desk.console.zone.exact(line.released.0)) { (line.released_by) }
                        }
                    }
                }
            }
        }
    }
}

/// What the clock says, in words.
pub(super) fn clock(desk: &Desk, line: &NoticeLine) -> Markup {
    let after = |at: Moment| crate::when::span(at.0.seconds_since(line.released.0).unsigned_abs());
    html! {
        @if line.overdue {
            span class="state now" {
                span class="shape" aria-hidden="true" { "▲" }
                "overdue"
            }
            " "
            (desk.when_or(line.due, ""))
        } @else if let Some(done) = line.done { "done after " (after(done)) } @else if let Some(answered) = line.acknowledged {
            "answered after "
            (after(answered))
        } @else if matches!(line.state.as_str(), "stood down" | "corrected") {
            span class="quiet" { "ended" }
        } @else if let Some(due) = line.due { "answer due " (desk.when(due)) } @else {
            span class="quiet" { "no answer asked" }
        }
    }
}
