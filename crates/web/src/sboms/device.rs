//! The parts of one device, on its page.

use super::{flaws, link};
use crate::parts::{many, number};
use maud::{Markup, html};
use tallyward_app::sboms::{PartHit, SbomLine};

/// Flaws shown before the rest is left to the list's own page.
const FLAWS: usize = 6;

/// What its software is made of, and which parts have a known flaw. Nothing when no list is of its model and version.
pub(crate) fn section(lists: &[(SbomLine, Vec<PartHit>)]) -> Markup {
    html! {
        @if !lists.is_empty() {
            section aria-labelledby="parts" {
                h2 id="parts" { "What is inside?" }
                @for (line, hits) in lists {
                    p {
                        a href=(link(&line.id)) { (many(line.parts as u64, "part")) " of " (line.model) " " (line.version) }
                        @if hits.is_empty() { ": no record on file names one of them in its version." } @else {
                            ", " (number(line.flawed as u64)) " with a known flaw, or open. A part with a flaw makes no finding until an advisory speaks of the product."
                        }
                    }
                    @if !hits.is_empty() {
                        (flaws(&hits[..hits.len().min(FLAWS)], false))
                        @if hits.len() > FLAWS {
                            p { a href=(link(&line.id)) { "All " (number(hits.len() as u64)) " flaws with reasons" } }
                        }
                    }
                }
            }
        }
    }
}
