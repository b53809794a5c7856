//! A severity score, with the document's claim where that is another.

use maud::{Markup, html};
use tallyward_app::views::ScoreLine;

/// Version, base score and severity as the vector comes to, the vector, and a claim that differs.
pub(crate) fn score(one: &ScoreLine) -> Markup {
    html! {
        "CVSS "
        (one.version)
        " base "
        @if one.base.is_empty() {
            strong { "not to be worked out" }
            @if !one.claimed.is_empty() {
                " (the document states " (one.claimed) ")"
            }
        } @else {
            strong { (one.base) }
            " "
            (one.severity)
        }
        @if let Some(overall) = &one.overall {
            ", with all its metrics "
            strong { (overall) }
        }
        @if !one.vector.is_empty() {
            br;
            span class="mono quiet breakable" { (one.vector) }
        }
        @if let Some(why) = &one.disagreement {
            br;
            span class="state unknown" {
                span class="shape" aria-hidden="true" { "◆" }
                "Contradicts itself"
            }
            " "
            (why)
        }
    }
}
