//! Small line drawings beside the rail's entries; decoration only.

use maud::{Markup, html};

/// The drawing for a name, hidden from assistive technology: the word beside it says it all.
pub(crate) fn icon(name: &str) -> Markup {
    let path = match name {
        "Overview" => "M2.5 9.5 8 3l5.5 6.5M4 8.5V13h8V8.5",
        "Devices" => "M2.5 3.5h11v7h-11zM6 13h4M4.5 7.5h2l1-2 1.5 3.5 1-1.5h1.5",
        "Advisories" => "M4 2.5h6l2.5 2.5v8.5H4zM6 7.5h4.5M6 10h4.5M9.5 2.5V5.5h3",
        "Findings" => "M8 2.5 14 13H2zM8 6.5v3M8 11.2v.3",
        "Worklist" => "M3 4.2l1 1 1.6-2M3 8.2l1 1 1.6-2M3 12.2l1 1 1.6-2M8 4.5h5.5M8 8.5h5.5M8 12.5h5.5",
        "Notices" => "M2.5 4h11v8h-11zM2.5 4.5 8 9l5.5-4.5",
        "Settings" => {
            "M2.5 4.5h6M12 4.5h1.5M2.5 8h2M8 8h5.5M2.5 11.5h6M12 11.5h1.5M10.2 3v3M6.2 6.5v3M10.2 10v3"
        }
        _ => "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.5 10.5 13.5 13.5",
    };
    html! {
        svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false" {
            path
                d=(path)
                fill="none"
                stroke="currentColor"
                stroke-width="1.4"
                stroke-linecap="round"
                stroke-linejoin="round";
        }
    }
}
