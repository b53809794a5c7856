//! What a reader sees, beside what it is about.

use crate::link;
use maud::{Markup, html};
use tallyward_core::DeviceId;

/// The text exactly as the reader sees it.
pub(crate) fn as_read(subject: &str, lines: &[String]) -> Markup {
    html! {
        section class="paper" aria-label="Text as the reader sees it" {
            h3 { (subject) }
            @for line in lines {
                p { (line) }
            }
        }
    }
}

/// The version for biomed and security, folded.
pub(crate) fn technical(lines: &[String], open: bool) -> Markup {
    html! {
        @if !lines.is_empty() {
            details class="fold" open[open] {
                summary { "Technical version, for biomed and security" }
                div class="paper technical" {
                    @for line in lines {
                        p { (line) }
                    }
                }
            }
        }
    }
}

/// Devices named: handle, name, room.
pub(crate) fn device_table(devices: &[(DeviceId, String, String)]) -> Markup {
    html! {
        div class="scroll" {
            table class="dense" {
                caption class="hidden" { "Devices named" }
                thead {
                    tr {
                        th scope="col" { "Device" }
                        th scope="col" { "Room" }
                    }
                }
                tbody {
                    @for (id, name, room) in devices {
                        tr {
                            td {
                                a href=(link::device(*id)) { (name) }
                            }
                            td { (room) }
                        }
                    }
                }
            }
        }
    }
}
