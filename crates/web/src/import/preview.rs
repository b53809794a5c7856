//! The dry run: the mapping on top, then what would happen, the refused first.

use super::{around, rows};
use crate::desk::Desk;
use crate::fault::Complaint;
use crate::link::encode;
use crate::parts::{Input, complaint_box, input, many, number};
use maud::{Markup, html};
use tallyward_app::views::{ColumnChoice, ListPreview};
use tallyward_core::Field;

pub(super) fn body(desk: &Desk, view: &ListPreview, complaint: Option<&Complaint>) -> Markup {
    html! {
        p class="crumbs" {
            a href="/import" { "Import" }
            " / "
            (view.file)
        }
        header class="head" {
            h1 { "Dry run: " (view.file) }
            span class="as-of" { (view.encoding) ", separated by " (view.separator) }
        }
        (around("import"))
        @if view.seen_before {
            p class="banner" { "This very file has been applied before. Applying it again changes nothing." }
        }
        (complaint_box(complaint, &["source"]))
        (outcome(view))
        @if view.dropped > 0 {
            p class="contest" {
                strong { (many(view.dropped as u64, "device")) " would no longer be named by this list" }
                ", because it is marked as the complete one. If it is only a part, take the mark away and run dry again."
            }
        }
        form method="post" action={ "/import/list/" (encode(&view.staged)) } data-once {
            (desk.token())
            input type="hidden" name="columns" value=(view.columns.len());
            section class="panel" aria-labelledby="mapping" {
                h2 id="mapping" { "What each column means" }
                (mapping(&view.columns))
                div class="row" {
                    ({
                        input(
                            Input {
                                name: "source",
                                label: "Name of the list",
                                hint: "It stands beside every value as who said so.",
                                value: &view.mapping.source,
                                required: true,
                                ..Input::default()
                            },
                            complaint,
                        )
                    })
                    div class="ticks" {
                        label {
                            input type="checkbox" name="complete" value="yes" checked[view.mapping.complete];
                            " This is the complete list: a device it no longer names has left it"
                        }
                        label {
                            input
                                type="checkbox"
                                name="day_first"
                                value="yes"
                                checked[view.mapping.day_first];
                            " In dates such as 03/04/2026 the day comes first"
                        }
                    }
                }
                div class="actions" {
                    button name="do" value="preview" { "Run dry again with this mapping" }
                    button class="primary" name="do" value="apply" data-busy="Applying …" {
                        "Apply: "
                        (effect(view))
                    }
                }
                p class="hint" { "It is one event in the audit log and can be undone under Imports done." }
            }
        }
        (rows::table(view))
    }
}

fn effect(view: &ListPreview) -> String {
    let mut parts =
        vec![many(view.created as u64, "new device"), format!("{} changed", number(view.changed as u64))];
    if view.dropped > 0 {
        parts.push(format!("{} no longer named", number(view.dropped as u64)));
    }
    parts.join(", ")
}

fn outcome(view: &ListPreview) -> Markup {
    let items: [(&str, usize, &str); 6] = [
        ("Refused", view.refused, "look"),
        ("New devices", view.created, ""),
        ("Changed", view.changed, ""),
        ("Disagree", view.disagree, ""),
        ("Unchanged", view.unchanged, ""),
        ("No longer named", view.dropped, "look"),
    ];
    html! {
        dl class="figures" {
            div {
                dt { "Rows" }
                dd { (number(view.rows as u64)) }
            }
            @for (label, count, class) in items {
                div {
                    dt { (label) }
                    dd class=[(count > 0 && !class.is_empty()).then_some(class)] { (number(count as u64)) }
                }
            }
        }
    }
}

fn mapping(columns: &[ColumnChoice]) -> Markup {
    html! {
        div class="scroll mapping" {
            table class="list" {
                caption class="hidden" { "Columns and the fields they mean" }
                thead {
                    tr {
                        th scope="col" { "Column" }
                        th scope="col" { "In the file" }
                        th scope="col" { "Means" }
                        th scope="col" { "Why" }
                    }
                }
                tbody {
                    @for column in columns { (column_row(column)) }
                }
            }
        }
    }
}

fn column_row(column: &ColumnChoice) -> Markup {
    let name = format!("column{}", column.index);
    let why = match column.guessed {
        "remembered" => "remembered from last time",
        "header" => "guessed from its name",
        "values" => "guessed from its values",
        _ => "",
    };
    html! {
        tr {
            th scope="row" {
                label for=(name) {
                    @if column.name.is_empty() { "column " (column.index + 1) } @else { (column.name) }
                }
            }
            td class="mono clip" title=(column.samples.join(" · ")) { (column.samples.join(" · ")) }
            td {
                select id=(name) name=(name) {
                    option value="" selected[column.field.is_none() && !column.record_id] { "not stored" }
                    option value="record_id" selected[column.record_id] { "the list's own record id" }
                    @for field in {
                        Field::ALL
                            .iter()
                            .filter(|field| !matches!(field, Field::Key | Field::Listed))
                    } {
                        option
                            value=(field.code())
                            selected[column.field == Some(*field) && !column.record_id]
                        { (field.label()) }
                    }
                }
            }
            td class="quiet" { (why) }
        }
    }
}
