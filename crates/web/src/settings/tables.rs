//! `/settings/tables`: the tables that drafts rest on, to look at before signing.

use super::around;
use crate::desk::Section;
use crate::fault::Fault;
use crate::html::Page;
use crate::signed::Signed;
use maud::{Markup, html};

/// Every table with its version, source and lines.
pub(crate) async fn tables(signed: Signed) -> Result<Page, Fault> {
    let (desk, tables) = signed.view(|app| app.tables()).await?;
    let body = html! {
        header class="head" {
            h1 { "Tables" }
        }
        (around("/settings/tables"))
        p class="lead" {
            "Triage and drafts follow these tables and nothing else. Look at them with a clinical lead before signing."
        }
        @for (name, version, source, text) in &tables {
            details class="fold" {
                summary {
                    strong { (name.replace('_', " ")) }
                    span class="quiet" { " version " (version) }
                }
                @if !source.is_empty() {
                    p class="quiet" { (source) }
                }
                (grid(text))
            }
        }
    };
    Ok(desk.page(Section::Settings, "Tables", body))
}

/// CSV text as a table; comment lines stand above it.
pub(super) fn grid(text: &str) -> Markup {
    let (notes, lines): (Vec<&str>, Vec<&str>) =
        text.lines().filter(|line| !line.trim().is_empty()).partition(|line| line.starts_with('#'));
    let rows: Vec<Vec<String>> = lines.iter().map(|line| cells(line)).collect();
    html! {
        @for note in notes {
            p class="note" { (note.trim_start_matches('#').trim()) }
        }
        @if let Some((head, rows)) = rows.split_first() {
            div class="scroll" {
                table class="list small grid" {
                    thead {
                        tr {
                            @for cell in head {
                                th scope="col" { (cell.replace('_', " ")) }
                            }
                        }
                    }
                    tbody {
                        @for row in rows {
                            tr {
                                @for cell in row {
                                    td class="wrap" { (cell) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The cells of one line of a table of ours: commas, double quotes, no line breaks within a cell.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for letter in line.chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            other => {
                if let Some(cell) = cells.last_mut() {
                    cell.push(other);
                }
            }
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    #[test]
    fn quoted_commas_stay_in_their_cell() {
        assert_eq!(super::cells("a,\"b, c\",d"), ["a", "b, c", "d"]);
    }
}
