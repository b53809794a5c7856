//! Sheets for paper: a title, sections, rows with a box to tick.

use serde::{Deserialize, Serialize};

/// One row of a sheet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetRow {
    /// Whether it starts with a box to tick.
    pub checkbox: bool,
    /// The cells.
    pub cells: Vec<String>,
    /// What a scanner reads to come back to this row; empty for nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
}

/// A group of rows, such as one room.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetSection {
    /// Heading.
    pub title: String,
    /// Names of the columns; empty for none.
    pub columns: Vec<String>,
    /// Rows.
    pub rows: Vec<SheetRow>,
}

/// A printable sheet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// Title.
    pub title: String,
    /// As of when, for whom.
    pub subtitle: String,
    /// Sections.
    pub sections: Vec<SheetSection>,
    /// The line at the foot: when to throw the sheet away, whom to call.
    pub footer: String,
}

/// Widest column in plain text, in characters; a longer cell is cut with an ellipsis.
const WIDEST: usize = 48;

impl Sheet {
    /// As plain text with aligned columns. Control characters in a cell become blanks.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = format!("{}\n", clean(&self.title));
        if !self.subtitle.is_empty() {
            out.push_str(&format!("{}\n", clean(&self.subtitle)));
        }
        for section in &self.sections {
            out.push_str(&format!("\n{}\n", clean(&section.title)));
            out.push_str(&section_text(section));
        }
        if !self.footer.is_empty() {
            out.push_str(&format!("\n{}\n", clean(&self.footer)));
        }
        out
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.sections.iter().map(|section| section.rows.len()).sum()
    }
}

fn section_text(section: &SheetSection) -> String {
    let boxes = section.rows.iter().any(|row| row.checkbox);
    let head: Vec<String> = section.columns.iter().map(|cell| cut(&clean(cell))).collect();
    let body: Vec<(bool, Vec<String>)> = section
        .rows
        .iter()
        .map(|row| (row.checkbox, row.cells.iter().map(|cell| cut(&clean(cell))).collect()))
        .collect();
    let mut widths = Vec::new();
    for cells in std::iter::once(&head).chain(body.iter().map(|(_, cells)| cells)) {
        for (at, cell) in cells.iter().enumerate() {
            if widths.len() <= at {
                widths.push(0);
            }
            widths[at] = widths[at].max(cell.chars().count());
        }
    }
    let line = |mark: &str, cells: &[String]| {
        let padded: Vec<String> = cells
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell}{}", " ".repeat(width.saturating_sub(cell.chars().count()))))
            .collect();
        format!("{}\n", format!("{mark}{}", padded.join("  ")).trim_end())
    };
    let mut out = String::new();
    if !head.is_empty() {
        out.push_str(&line(if boxes { "    " } else { "" }, &head));
    }
    for (checkbox, cells) in &body {
        let mark = match (boxes, checkbox) {
            (false, _) => "",
            (true, true) => "[ ] ",
            (true, false) => "    ",
        };
        out.push_str(&line(mark, cells));
    }
    out
}

fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned()
}

fn cut(text: &str) -> String {
    if text.chars().count() <= WIDEST {
        return text.to_owned();
    }
    let kept: String = text.chars().take(WIDEST - 1).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_walk_prints_in_columns() {
        let row = |cells: [&str; 3]| SheetRow {
            checkbox: true,
            cells: cells.map(str::to_owned).to_vec(),
            code: String::new(),
        };
        let section = |title: &str, rows| SheetSection {
            title: title.into(),
            columns: ["Tag", "Device", "Read this"].map(str::to_owned).to_vec(),
            rows,
        };
        let sheet = Sheet {
            title: "Read these screens: ICU A".into(),
            subtitle: "As of 23 Nov 2026, 15:04 CET".into(),
            sections: vec![
                section(
                    "Room 4-11",
                    vec![
                        row(["P-0101", "Acme Flow 3000", "software version"]),
                        row(["P-9", "Acme\nFlow", ""]),
                    ],
                ),
                section("Room 4-12", vec![row(["P-0107", &"long ".repeat(20), "software version"])]),
            ],
            footer: "Throw away after 24 Nov 2026.".into(),
        };
        assert_eq!(sheet.rows(), 3);
        insta::assert_snapshot!(sheet.text(), @r#"
    Read these screens: ICU A
    As of 23 Nov 2026, 15:04 CET

    Room 4-11
        Tag     Device          Read this
    [ ] P-0101  Acme Flow 3000  software version
    [ ] P-9     Acme Flow

    Room 4-12
        Tag     Device                                            Read this
    [ ] P-0107  long long long long long long long long long lo…  software version

    Throw away after 24 Nov 2026.
    "#);
    }
}
