//! The untold: what arrived, and which groups of operators have not been told.

mod act;
mod group;
mod list;
mod page;

pub(crate) use act::{about, close, reopen, sign};
pub(crate) use group::group;
pub(crate) use list::{list, list_csv};
pub(crate) use page::{kind_of, page};

use maud::{Markup, html};
use tallyward_app::untold::{ArrivalKind, ArrivalState, Telling};

/// `/untold/advisory/ICSMA-…`.
pub(crate) fn untold_link(kind: ArrivalKind, id: &str) -> String {
    format!("/untold/{}/{}", kind.code(), crate::link::encode(id))
}

/// How it stands, by word and shape.
pub(crate) fn state(state: ArrivalState) -> Markup {
    let (class, shape) = match state {
        ArrivalState::Untold => ("now", "▲"),
        ArrivalState::Unassigned => ("look", "○"),
        ArrivalState::Unsaid | ArrivalState::Writing => ("look", "?"),
        ArrivalState::Undecided => ("unknown", "◆"),
        ArrivalState::Ready => ("neutral", "◐"),
        ArrivalState::Closed => ("clear", "●"),
        ArrivalState::Nobody => ("quiet", "·"),
    };
    shaped(class, shape, state.plain())
}

/// The same in a list, where the whole sentence is too long.
pub(crate) fn state_short(state: ArrivalState) -> Markup {
    match state {
        ArrivalState::Unsaid | ArrivalState::Writing => html! {
            span class="state look" title=(state.plain()) {
                span class="shape" aria-hidden="true" { "?" }
                @if state == ArrivalState::Writing { "being written" } @else { "to be read" }
            }
        },
        other => self::state(other),
    }
}

/// How a group stands, by word and shape.
fn telling(telling: Telling) -> Markup {
    let (class, shape) = match telling {
        Telling::Untold | Telling::Draft | Telling::Unsent => ("now", "▲"),
        Telling::Unassigned => ("look", "○"),
        Telling::Undecided => ("unknown", "◆"),
        Telling::Signed => ("neutral", "◐"),
        Telling::Told => ("clear", "●"),
    };
    shaped(class, shape, telling.plain())
}

fn shaped(class: &str, shape: &str, words: &str) -> Markup {
    html! {
        span class={ "state " (class) } {
            span class="shape" aria-hidden="true" { (shape) }
            (words)
        }
    }
}
