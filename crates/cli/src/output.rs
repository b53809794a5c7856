//! What goes to standard output.

use serde::Serialize;
use std::io::Write as _;

/// Prints a line; a reader that has gone away (`| head`) ends the output without a fuss.
pub fn line(text: &str) -> bool {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}").is_ok()
}

/// Prints a value as one line of JSON.
pub fn json<T: Serialize>(value: &T) -> bool {
    match serde_json::to_string(value) {
        Ok(text) => line(&text),
        Err(_) => false,
    }
}

/// Prints a list: as JSON when asked, else a row a line of it.
pub fn listing<T: Serialize>(
    lines: &[T],
    json_wanted: bool,
    header: &[&str],
    row: impl Fn(&T) -> Vec<String>,
) {
    if json_wanted {
        json(&lines);
    } else {
        table(header, &lines.iter().map(row).collect::<Vec<_>>());
    }
}

/// Prints rows in columns as wide as their widest cell, the header underlined by nothing but its place.
pub fn table(header: &[&str], rows: &[Vec<String>]) {
    let mut widths: Vec<usize> = header.iter().map(|name| name.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count()).min(48);
        }
    }
    let print = |cells: &mut dyn Iterator<Item = &str>| {
        let last = widths.len().saturating_sub(1);
        let padded = widths.iter().zip(cells).enumerate().map(|(at, (width, cell))| {
            let fill = if at == last { 0 } else { width.saturating_sub(cell.chars().count()) };
            format!("{cell}{}", " ".repeat(fill))
        });
        line(padded.collect::<Vec<_>>().join("  ").trim_end())
    };
    if !print(&mut header.iter().copied()) {
        return;
    }
    for row in rows {
        if !print(&mut row.iter().map(String::as_str)) {
            return;
        }
    }
}
