//! Advisories written here.

mod act;
mod form;
mod list;
mod page;
mod preview;

pub(crate) use act::{agree, begin, csaf, hand_over, send_back, write_again, write_on};
pub(crate) use list::list;
pub(crate) use page::{fresh, page};
pub(crate) use preview::{preview, preview_part};

use tallyward_app::written::WrittenState;

/// `/written/HOUSE-2026-0001`.
pub(crate) fn written_link(id: &str) -> String {
    format!("/written/{}", crate::link::encode(id))
}

/// How it stands, by word and shape.
pub(crate) fn state(state: WrittenState) -> maud::Markup {
    let (class, shape) = match state {
        WrittenState::Written => ("neutral", "◌"),
        WrittenState::Waiting => ("look", "◆"),
        WrittenState::Released => ("clear", "●"),
    };
    maud::html! {
        span class={ "state " (class) } {
            span class="shape" aria-hidden="true" { (shape) }
            (state.code())
        }
    }
}
