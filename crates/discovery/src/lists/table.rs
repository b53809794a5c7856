//! Bytes to rows: encoding, separator, quoted newlines, with the line where each row starts.

use encoding_rs::WINDOWS_1252;

/// At most so many rows are read of one list; a house has fewer devices than that.
const MAX_ROWS: usize = 2_000_000;
/// At most so many columns.
const MAX_COLUMNS: usize = 400;
/// A cell longer than this is no device field.
const MAX_CELL: usize = 4_096;

/// What separates the cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separator {
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// Tabulator.
    Tab,
}

impl Separator {
    /// The byte.
    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
        }
    }

    /// In words.
    #[must_use]
    pub const fn plain(self) -> &'static str {
        match self {
            Self::Comma => "comma",
            Self::Semicolon => "semicolon",
            Self::Tab => "tab",
        }
    }
}

/// One row of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Line of the file where it starts, counting from 1.
    pub line: u64,
    /// Its cells without surrounding blanks, one for each column of the header; or why it could not be read.
    pub cells: Result<Vec<String>, String>,
}

/// A list as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Encoding found.
    pub encoding: &'static str,
    /// Separator found.
    pub separator: Separator,
    /// Column names, as written.
    pub header: Vec<String>,
    /// Rows that hold anything.
    pub rows: Vec<Row>,
}

/// Why a file is no list at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// Nothing in it.
    #[error("the file is empty: expected a header line and rows")]
    Empty,
    /// Not text.
    #[error("byte {at}: a zero byte; this is no text file (a spreadsheet must be saved as CSV first)")]
    NotText {
        /// Where.
        at: usize,
    },
    /// UTF-16, which spreadsheets write as "Unicode text".
    #[error("the file is UTF-16: save it as CSV in UTF-8 or as plain CSV")]
    Utf16,
    /// The header has one column only.
    #[error(
        "line 1: the header {header:?} has one column: expected names separated by comma, semicolon or tab"
    )]
    OneColumn {
        /// The header, shortened.
        header: String,
    },
    /// Too many rows.
    #[error("line {line}: more than {MAX_ROWS} rows; cut the list in parts")]
    TooLong {
        /// Where the first row too many starts.
        line: u64,
    },
    /// Too many columns.
    #[error("line 1: {columns} columns; at most {MAX_COLUMNS} are read")]
    TooWide {
        /// How many.
        columns: usize,
    },
}

/// Reads a list. A row that cannot be read is kept with its reason; the rest goes on.
///
/// # Errors
/// When the file as a whole is no list.
pub fn read_table(bytes: &[u8]) -> Result<Table, ListError> {
    let (text, encoding) = decode(bytes)?;
    let separator = separator_of(&text);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator.byte())
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut header: Vec<String> = Vec::new();
    let mut rows = Vec::new();
    let mut record = csv::StringRecord::new();
    let mut lines = Lines::of(&text);
    loop {
        match reader.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {}
            // The text is valid UTF-8 and rows may differ in length, so the reader has nothing left to refuse.
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                rows.push(Row { line, cells: Err(error.to_string()) });
                continue;
            }
        }
        let line = lines.start_of(&record);
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if header.is_empty() {
            header = header_of(&record)?;
            continue;
        }
        rows.push(Row { line, cells: cells_of(&record, header.len()) });
        if rows.len() > MAX_ROWS {
            return Err(ListError::TooLong { line });
        }
    }
    if header.is_empty() {
        return Err(ListError::Empty);
    }
    Ok(Table { encoding, separator, header, rows })
}

/// Counts the lines of a text as a person's editor does: CR LF, LF and CR alone each end one. The rows it is asked
/// about come in order, so the text is walked once.
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        Self { text: text.as_bytes(), at: 0, line: 1 }
    }

    /// The line on which a row starts.
    fn start_of(&mut self, record: &csv::StringRecord) -> u64 {
        let Some(position) = record.position() else { return 0 };
        // The reader reports where it began to look, which is before any blank lines it skipped.
        let from = usize::try_from(position.byte()).unwrap_or(self.text.len()).min(self.text.len());
        let blank = self.text[from..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let start = (from + blank).max(self.at);
        for end in memchr::memchr2_iter(b'\r', b'\n', &self.text[self.at..start]) {
            let end = self.at + end;
            // Of CR LF the LF counts.
            if self.text[end] == b'\n' || self.text.get(end + 1) != Some(&b'\n') {
                self.line += 1;
            }
        }
        self.at = start;
        self.line
    }
}

fn decode(bytes: &[u8]) -> Result<(String, &'static str), ListError> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(ListError::Utf16);
    }
    if let Some(at) = memchr::memchr(0, bytes) {
        return Err(ListError::NotText { at });
    }
    let (body, marked) = bytes.strip_prefix(b"\xef\xbb\xbf").map_or((bytes, false), |rest| (rest, true));
    match std::str::from_utf8(body) {
        Ok(text) => Ok((text.to_owned(), if marked { "UTF-8 with mark" } else { "UTF-8" })),
        Err(_) => Ok((WINDOWS_1252.decode_without_bom_handling(body).0.into_owned(), "Windows-1252")),
    }
}

/// The separator that occurs most in the first line outside quotes.
fn separator_of(text: &str) -> Separator {
    let mut counts = [0usize; 3];
    let mut quoted = false;
    let first = text.trim_start_matches(['\r', '\n']);
    for byte in first.bytes().take(64 * 1024) {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            b',' if !quoted => counts[0] += 1,
            b';' if !quoted => counts[1] += 1,
            b'\t' if !quoted => counts[2] += 1,
            _ => {}
        }
    }
    match counts {
        [comma, semicolon, tab] if tab > comma && tab > semicolon => Separator::Tab,
        [comma, semicolon, _] if semicolon > comma => Separator::Semicolon,
        _ => Separator::Comma,
    }
}

fn header_of(record: &csv::StringRecord) -> Result<Vec<String>, ListError> {
    if record.len() < 2 {
        let header = record.get(0).unwrap_or_default().chars().take(60).collect();
        return Err(ListError::OneColumn { header });
    }
    if record.len() > MAX_COLUMNS {
        return Err(ListError::TooWide { columns: record.len() });
    }
    Ok(record.iter().map(|name| name.trim().to_owned()).collect())
}

fn cells_of(record: &csv::StringRecord, columns: usize) -> Result<Vec<String>, String> {
    let extra = record.iter().skip(columns).filter(|cell| !cell.trim().is_empty()).count();
    if extra > 0 {
        return Err(format!(
            "{} cells where the header names {columns}; is a separator inside a cell that is not quoted?",
            record.len()
        ));
    }
    if record.len() == 1 && columns > 2 {
        return Err(format!("one cell where the header names {columns}; is this row separated otherwise?"));
    }
    let mut cells: Vec<String> = Vec::with_capacity(columns);
    for cell in record.iter().take(columns) {
        if cell.len() > MAX_CELL {
            return Err(format!("a cell of {} bytes; is a quotation mark never closed?", cell.len()));
        }
        cells.push(cell.trim().to_owned());
    }
    cells.resize(columns, String::new());
    Ok(cells)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quoted_newlines_keep_the_line_count() {
        let table = read_table(b"Tag;Note\r\n1;\"two\r\nlines\"\r\n\r\n2;x\r\n").unwrap();
        assert_eq!(table.separator, Separator::Semicolon);
        assert_eq!(table.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 5]);
    }

    #[test]
    fn a_lone_carriage_return_ends_a_line() {
        let table = read_table(b"Tag;Note\r1;x\r\r\n2;y\n\r3;z").unwrap();
        assert_eq!(table.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 4, 6]);
    }

    #[test]
    fn windows_1252_is_found() {
        let table = read_table(b"Tag,Maker\n1,Dr\xe4ger\n").unwrap();
        assert_eq!(table.encoding, "Windows-1252");
        assert_eq!(table.rows[0].cells.as_ref().unwrap()[1], "Dräger");
    }

    #[test]
    fn a_row_with_too_many_cells_is_refused_and_the_rest_read() {
        let table = read_table(b"Tag,Maker\n1,a,b\n2,c\n").unwrap();
        assert!(table.rows[0].cells.is_err());
        assert!(table.rows[1].cells.is_ok());
    }

    #[test]
    fn a_mark_and_short_rows_are_fine() {
        let table = read_table(b"\xef\xbb\xbfTag\tMaker\tModel\n1\ta\n").unwrap();
        assert_eq!(table.header[0], "Tag");
        assert_eq!(table.rows[0].cells.as_ref().unwrap().len(), 3);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            if let Ok(table) = read_table(&bytes) {
                for row in &table.rows {
                    prop_assert!(row.cells.as_ref().map_or(true, |cells| cells.len() == table.header.len()));
                }
            }
        }
    }
}
