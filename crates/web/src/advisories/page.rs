//! `/advisories/{id}`

use crate::desk::Section;
use crate::fault::Fault;
use crate::html::Page;
use crate::link::{self, Ask, encode};
use crate::parts::{Share, bar, many};
use crate::signed::Signed;
use axum::extract::Path;
use maud::{Markup, html};
use tallyward_app::untold::ArrivalKind;
use tallyward_app::views::AdvisoryPage;
use tallyward_core::Label;

/// What it says, whom it touches here, what contradicts itself, what changed in this revision.
pub(crate) async fn page(signed: Signed, Path(id): Path<String>, ask: Ask) -> Result<Page, Fault> {
    let (desk, view) = signed.view(move |app| app.advisory(&id)).await?;
    let line = &view.line;
    let body = html! {
        p class="crumbs" {
            a href="/advisories" { "Advisories" }
            " / "
            span class="mono" { (line.id) }
        }
        header class="head" {
            h1 { (line.title) }
            (desk.as_of(view.as_of))
            div class="actions" {
                a class="button" href=(crate::untold::untold_link(ArrivalKind::Advisory, &line.id)) { "Who was told" }
                @if desk.may_write() { (super::shelf::acts(&desk, &view)) }
            }
        }
        dl class="facts" {
            div {
                dt { "Publisher" }
                dd { (line.publisher) }
            }
            div {
                dt { "Revision" }
                dd {
                    (line.revision)
                    @if view.semantic { span class="quiet" { " semantic version," } }
                    @if !view.advisory.status.is_empty() {
                        span class="quiet" { " " (view.advisory.status) }
                    }
                }
            }
            div {
                dt { "First released" }
                dd { (desk.when_or(line.released, "no date")) }
            }
            div {
                dt { "This revision" }
                dd { (desk.when_or(line.revised, "no date")) }
            }
            div {
                dt { "Taken in here" }
                dd { (desk.when(line.received)) }
            }
            div {
                dt { "Passing on" }
                dd {
                    (view.tlp)
                    " "
                    span class="quiet" {
                        @if view.advisory.tlp.is_empty() { "(none stated) " }
                        (Label::of(&view.tlp).plain())
                    }
                }
            }
            @if !view.original.is_empty() {
                div {
                    dt { "As it arrived" }
                    dd {
                        a href={ (link::advisory(&line.id)) "/original" } { "the document" }
                    }
                }
            }
        }
        (here(&view))
        (super::says::clauses(&view.clauses))
        (super::says::unmatched(&desk, &line.id, &view.unmatched))
        (super::says::contradictions(&desk, &view))
        (super::corrections::part(&desk, &view, &ask))
        (super::document::vulnerabilities(&view.advisory))
        (super::document::document(&desk, &view))
        (super::shelf::remedies(&desk, &view))
        (super::shelf::remarks(&desk, &view))
    };
    Ok(desk.page(Section::Advisories, &line.id, body))
}

fn here(view: &AdvisoryPage) -> Markup {
    let id = encode(&view.line.id);
    let findings = |code: &str| format!("/findings?advisory={id}&verdict={code}");
    let counts = &view.counts.findings;
    let share = |class, label: &str, value, code| Share {
        class,
        label: label.to_owned(),
        value,
        link: findings(code),
    };
    html! {
        section aria-labelledby="here" {
            h2 id="here" { "Whom it touches here" }
            @if counts.affected + counts.unknown + counts.not_affected == 0 {
                p { "Nobody that is known of: no device here matches a product of it." }
            } @else {
            p {
                a href={ "/devices?advisory=" (id) "&verdict=affected" } {
                    strong { (many(view.counts.devices_affected, "device")) }
                    " affected"
                }
                ", "
                a href={ "/devices?advisory=" (id) "&verdict=unknown" } {
                    strong { (many(view.counts.devices_unknown, "device")) }
                    " unknown"
                }
                ". "
                a href={ "/matches?advisory=" (id) } { "Products here that it matches" }
                ". Findings, one for each device and vulnerability:"
            }
            ({
                bar(
                    "advisory",
                    "Findings of this advisory",
                    &[
                        share("affected", "affected", counts.affected, "affected"),
                        share("unknown", "unknown", counts.unknown, "unknown"),
                        share(
                            "clear",
                            "not affected",
                            counts.not_affected,
                            "not_affected",
                        ),
                    ],
                )
            })
            }
        }
    }
}
