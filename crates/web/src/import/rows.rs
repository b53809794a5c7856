//! Rows of a dry run.

use crate::link;
use crate::parts::many;
use maud::{Markup, html};
use tallyward_app::views::{ListPreview, RowOutcome, RowPreview};
use tallyward_core::Field;

/// What would become of each row, the refused first.
pub(super) fn table(view: &ListPreview) -> Markup {
    html! {
        section aria-labelledby="rows" {
            h2 id="rows" { "Row by row" }
            p class="list-head" {
                (many(view.shown.len() as u64, "row"))
                " shown of "
                (many(view.rows as u64, "row"))
                ", the refused first"
            }
            div class="scroll tall" tabindex="0" role="region" aria-label="Rows" {
                table class="list" {
                    caption class="hidden" { "What would become of each row" }
                    thead {
                        tr {
                            th scope="col" class="num" { "Row" }
                            th scope="col" { "Would be" }
                            th scope="col" { "Device" }
                            th scope="col" { "What" }
                        }
                    }
                    tbody {
                        @for row in &view.shown { (line(row)) }
                    }
                }
            }
        }
    }
}

fn line(row: &RowPreview) -> Markup {
    let (class, word) = match &row.outcome {
        RowOutcome::Refused { .. } => ("look", "refused"),
        RowOutcome::Create { .. } => ("plain", "new"),
        RowOutcome::Change { .. } => ("plain", "changed"),
        RowOutcome::Disagrees { .. } => ("unknown", "kept as dissent"),
        RowOutcome::Unchanged { .. } => ("quiet", "unchanged"),
    };
    html! {
        tr {
            td class="num" { (row.row) }
            td {
                span class={ "state " (class) } { (word) }
            }
            (what(&row.outcome))
        }
    }
}

fn what(outcome: &RowOutcome) -> Markup {
    match outcome {
        RowOutcome::Refused { column, why } => html! {
            td {}
            td class="wrap" {
                @if !column.is_empty() {
                    strong { (column) }
                    ": "
                }
                (why)
            }
        },
        RowOutcome::Create { name } => html! {
            td { (name) }
            td {}
        },
        RowOutcome::Change { device, name, changes, dissent } => html! {
            td {
                a href=(link::device(*device)) { (name) }
            }
            td class="wrap" {
                (changed(changes))
                @if !dissent.is_empty() {
                    span class="quiet" { " Dissent: " (disagreeing(dissent)) }
                }
            }
        },
        RowOutcome::Disagrees { device, name, dissent } => html! {
            td {
                a href=(link::device(*device)) { (name) }
            }
            td class="wrap" { (disagreeing(dissent)) }
        },
        RowOutcome::Unchanged { device } => {
            html! {
                td {
                    a href=(link::device(*device)) { (device) }
                }
                td {}
            }
        }
    }
}

fn changed(changes: &[(Field, String, String)]) -> Markup {
    html! {
        @for (position, (field, old, new)) in changes.iter().enumerate() {
            @if position > 0 { "; " }
            (field.label())
            ": "
            @if old.is_empty() {
                span class="quiet" { "empty" }
            } @else {
                del { (old) }
            }
            " → "
            ins { (new) }
        }
    }
}

fn disagreeing(dissent: &[(Field, String, String)]) -> Markup {
    html! {
        @for (position, (field, holds, says)) in dissent.iter().enumerate() {
            @if position > 0 { "; " }
            (field.label())
            " stays "
            strong { (holds) }
            ", the row says "
            (says)
        }
    }
}
