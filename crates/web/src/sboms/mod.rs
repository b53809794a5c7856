//! Parts lists (SBOM): the list, one of them, those taken in, and a device's parts.

mod device;
mod intake;
mod list;
mod page;

pub(crate) use device::section;
pub(crate) use intake::{remove, take_in};
pub(crate) use list::{list, list_csv};
pub(crate) use page::{page, page_csv};

use crate::parts::verdict;
use maud::{Markup, html};
use tallyward_app::sboms::PartHit;

/// `/sboms/3f0c…`.
pub(crate) fn link(id: &str) -> String {
    format!("/sboms/{}", crate::link::encode(id))
}

/// Flaws of parts in a table; on a device's page the reasons are left to the list's own page.
fn flaws(hits: &[PartHit], with_reasons: bool) -> Markup {
    html! {
        div class="scroll" {
            table class="list" {
                caption class="hidden" { "Flaws of parts" }
                thead {
                    tr {
                        th scope="col" { "Product" }
                        th scope="col" { "Flaw" }
                        th scope="col" { "Part" }
                        th scope="col" class="num" { "CVSS" }
                        th scope="col" { "Because" }
                    }
                }
                tbody {
                    @for hit in hits {
                        tr {
                            td { (verdict(hit.verdict)) }
                            th scope="row" class="mono" {
                                @if hit.url.is_empty() { (hit.flaw) } @else {
                                    a href=(hit.url) rel="noreferrer" title=(hit.summary) { (hit.flaw) }
                                }
                            }
                            td { (hit.name) " " span class="mono" { (hit.part_version) } }
                            td class="num" { (hit.base()) }
                            td class="wrap" { (because(hit, with_reasons)) }
                        }
                    }
                }
            }
        }
    }
}

/// What the flaw is, what is missing, and how the verdict came about.
fn because(hit: &PartHit, with_reasons: bool) -> Markup {
    html! {
        @if hit.in_kev == Some(true) { span class="state affected due" { "used in attacks (KEV)" } " " }
        (hit.summary)
        @if !hit.missing.is_empty() { " " strong { "Missing: " } (hit.missing) "." }
        @if with_reasons {
            @for reason in &hit.reasons {
                span class="quiet" { " " (reason.text) }
            }
        }
    }
}
