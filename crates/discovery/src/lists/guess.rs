//! Guessing what a column means from its name, and from its values when the name says nothing.

use super::dates::{DateOrder, order_of};
use super::mapping::{Mapping, fold_header};
use super::table::Table;
use std::str::FromStr;
use tallyward_core::{Field, Mac};

/// Column names seen in real exports, one a line: `folded name,field` (`record_id` for the list's own id), the
/// better name of a field before the worse.
const COLUMNS: &str = include_str!("../../data/columns.csv");

/// How a column was guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guess {
    /// By its name.
    Header,
    /// By its values.
    Values,
    /// Not at all: it is not stored unless somebody maps it.
    Nothing,
}

/// Guesses a mapping. The first column that fits a field wins it; the list's own record id is never a field.
#[must_use]
pub fn guess(table: &Table) -> (Mapping, Vec<Guess>) {
    let mut mapping = Mapping { columns: vec![None; table.header.len()], ..Mapping::default() };
    let mut how = vec![Guess::Nothing; table.header.len()];
    for (at, name) in table.header.iter().enumerate() {
        // Our own export names its columns by field code.
        if let Ok(field) = Field::from_str(name)
            && field != Field::Key
        {
            (mapping.columns[at], how[at]) = (Some(field), Guess::Header);
        }
    }
    let folded: Vec<String> = table.header.iter().map(|name| fold_header(name)).collect();
    // Line by line: an earlier line of the table is the better meaning, so "Model" takes the model before "Device
    // type" may, which then falls to its next meaning.
    for (alias, code) in meanings() {
        let Some(at) = folded.iter().position(|name| name == alias) else { continue };
        if how[at] != Guess::Nothing {
            continue;
        }
        if code == "record_id" {
            if mapping.record_id.is_none() {
                (mapping.record_id, how[at]) = (Some(at), Guess::Header);
            }
        } else if let Ok(field) = Field::from_str(code)
            && (field.is_many() || mapping.column(field).is_none())
        {
            (mapping.columns[at], how[at]) = (Some(field), Guess::Header);
        }
    }
    if mapping.column(Field::MacAddress).is_none() {
        let speaks = |at: &usize| mostly(table, *at, |cell| Mac::from_str(cell).is_ok());
        let unnamed = how.iter().enumerate().filter(|(_, how)| **how == Guess::Nothing);
        if let Some(at) = unnamed.map(|(at, _)| at).find(speaks) {
            (mapping.columns[at], how[at]) = (Some(Field::MacAddress), Guess::Values);
        }
    }
    let dates = mapping.columns.iter().enumerate().filter(|(_, field)| field.is_some_and(is_date));
    let order = dates.filter_map(|(at, _)| order_of(cells(table, at))).next();
    mapping.day_first = order == Some(DateOrder::DayFirst);
    (mapping, how)
}

/// Whether a field holds a calendar date.
pub(super) const fn is_date(field: Field) -> bool {
    matches!(field, Field::ManufactureDate | Field::LastPatched | Field::SupportEnds | Field::NextMaintenance)
}

fn meanings() -> impl Iterator<Item = (&'static str, &'static str)> {
    COLUMNS.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(','))
}

fn cells(table: &Table, at: usize) -> impl Iterator<Item = &str> {
    let read = table.rows.iter().take(500).filter_map(|row| row.cells.as_ref().ok());
    read.filter_map(move |cells| cells.get(at)).map(String::as_str).filter(|cell| !cell.is_empty())
}

fn mostly(table: &Table, at: usize, fits: impl Fn(&str) -> bool) -> bool {
    let (mut all, mut good) = (0usize, 0usize);
    for cell in cells(table, at) {
        all += 1;
        good += usize::from(fits(cell));
    }
    all >= 3 && good * 10 >= all * 9
}

#[cfg(test)]
mod tests {
    use super::super::read_table;
    use super::*;

    #[test]
    fn a_cmms_header_is_understood() {
        let text = "Control No;Manufacturer;Model;Serial No.;Description;Dept;Room;SW Version;MAC;Comments\n";
        let (mapping, _) = guess(&read_table(text.as_bytes()).unwrap());
        assert_eq!(mapping.column(Field::AssetTag), Some(0));
        assert_eq!(mapping.column(Field::Serial), Some(3));
        assert_eq!(mapping.column(Field::OperatingUnit), Some(5));
        assert_eq!(mapping.column(Field::SoftwareVersion), Some(7));
        assert_eq!(mapping.columns[9], None, "free text is never mapped by guess");
    }

    #[test]
    fn a_better_named_column_takes_the_field() {
        let text = "Device Type;Model;Model No;Serial No\nUltrasound;Sonette 5;BW-SN5;1\n";
        let (mapping, _) = guess(&read_table(text.as_bytes()).unwrap());
        assert_eq!(mapping.column(Field::Model), Some(1));
        assert_eq!(mapping.column(Field::Description), Some(0));
        let (alone, _) = guess(&read_table(b"name,device_type,serial\n").unwrap());
        assert_eq!(alone.column(Field::Model), Some(1));
    }

    #[test]
    fn every_listed_column_is_a_field() {
        for line in COLUMNS.lines().filter(|line| !line.starts_with('#')) {
            let (alias, code) = line.split_once(',').unwrap();
            assert_eq!(alias, fold_header(alias), "{alias} is not folded");
            assert!(code == "record_id" || Field::from_str(code).is_ok(), "{code}");
        }
    }
}
