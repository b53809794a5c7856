//! Cells of a CSV file that a spreadsheet will open.

/// A cell a spreadsheet cannot take for a formula: one that starts with `=`, `+`, `-`, `@`, a tab or a carriage
/// return gets a leading apostrophe, unless it is a plain number (OWASP, CSV injection). A cell that starts with
/// an apostrophe gets one more when what follows its apostrophes would be guarded too, so that [`unguarded`]
/// gives every text back.
#[must_use]
pub fn guarded(text: &str) -> String {
    if is_risky(text.trim_start_matches('\'')) && !is_number(text) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// Takes the apostrophe of [`guarded`] off again, and no other.
#[must_use]
pub fn unguarded(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if is_risky(rest.trim_start_matches('\'')) && !is_number(rest) => rest,
        _ => text,
    }
}

fn is_risky(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n'])
}

/// An optional sign, digits, at most one decimal point or comma: `-12`, `+3.5`.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let mut points = 0;
    !digits.is_empty()
        && digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.ends_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| {
            points += usize::from(matches!(c, '.' | ','));
            c.is_ascii_digit() || matches!(c, '.' | ',')
        })
        && points <= 1
}

/// Writes rows as CSV (RFC 4180, CR LF line ends); every cell is guarded.
pub(crate) fn write_csv<'a, R>(rows: impl IntoIterator<Item = R>) -> String
where
    R: IntoIterator<Item = &'a str>,
{
    let mut out = String::new();
    for row in rows {
        let start = out.len();
        for cell in row {
            if out.len() > start {
                out.push(',');
            }
            push_cell(&mut out, &guarded(cell), start);
        }
        out.push_str("\r\n");
    }
    out
}

fn push_cell(out: &mut String, cell: &str, row_start: usize) {
    // A row of one empty cell would read as a blank line, and an empty first cell is how `push_cell` is told
    // from a row without cells; quoting it keeps both apart.
    let first = out.len() == row_start;
    if cell.contains([',', '"', '\r', '\n']) || (first && cell.is_empty()) {
        out.push('"');
        out.push_str(&cell.replace('"', "\"\""));
        out.push('"');
    } else {
        out.push_str(cell);
    }
}

#[cfg(test)]
pub(crate) fn read_csv(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn formulas_are_tamed_and_numbers_left_alone() {
        let cases = [
            ("=1+1", "'=1+1"),
            ("+41 44 1", "'+41 44 1"),
            ("-", "'-"),
            ("@x", "'@x"),
            ("\t=1", "'\t=1"),
            ("-12", "-12"),
            ("+3.5", "+3.5"),
            ("-1,5", "-1,5"),
            ("-1+2", "'-1+2"),
            ("4-12", "4-12"),
            ("", ""),
            ("'=1", "''=1"),
            ("'quoted'", "'quoted'"),
        ];
        for (from, to) in cases {
            assert_eq!(guarded(from), to);
            assert_eq!(unguarded(to), from);
        }
    }

    proptest! {
        #[test]
        fn a_guarded_cell_is_safe_and_comes_back(text in "['=+@\\-\t\r]{0,3}\\PC{0,8}") {
            let cell = guarded(&text);
            prop_assert!(!is_risky(&cell) || is_number(&cell));
            prop_assert_eq!(unguarded(&cell), text);
        }

        #[test]
        fn csv_reads_back(rows in prop::collection::vec(prop::collection::vec("[a,\"\r\n=' ]{0,4}", 1..4), 0..4)) {
            let text = write_csv(rows.iter().map(|row| row.iter().map(String::as_str)));
            let back: Vec<Vec<String>> =
                read_csv(&text).into_iter().map(|row| row.iter().map(|cell| unguarded(cell).to_owned()).collect()).collect();
            prop_assert_eq!(back, rows);
        }
    }
}
