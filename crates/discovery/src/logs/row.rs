//! A line as named values, of which only listed ones are taken.

use serde::Deserializer as _;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::net::IpAddr;
use tallyward_core::{Mac, Timestamp};

/// Values of an array that are taken.
const MOST: usize = 64;

/// The values of one line under the columns a format lists.
#[derive(Debug)]
pub(super) struct Row<'a> {
    columns: &'static [&'static str],
    values: Vec<Option<Cow<'a, str>>>,
}

impl<'a> Row<'a> {
    /// A row that has no value yet.
    pub(super) fn of(columns: &'static [&'static str]) -> Self {
        Self { columns, values: vec![None; columns.len()] }
    }

    /// The place of a column.
    pub(super) fn place(columns: &[&str], name: &str) -> Option<usize> {
        columns.iter().position(|column| *column == name)
    }

    /// Puts a value at its place.
    pub(super) fn put(&mut self, place: usize, value: Cow<'a, str>) {
        self.values[place] = Some(value);
    }

    /// A value that says something.
    pub(super) fn get(&self, column: &str) -> Option<&str> {
        let place = Self::place(self.columns, column);
        debug_assert!(place.is_some(), "{column} is not among the columns that are copied");
        let value = self.values.get(place?)?.as_deref()?.trim();
        (!matches!(value, "" | "-" | "(empty)")).then_some(value)
    }

    /// A value that must be there.
    pub(super) fn need(&self, column: &str) -> Result<&str, String> {
        self.get(column).ok_or_else(|| format!("there is no {column}"))
    }

    /// An address, if there is one.
    pub(super) fn address(&self, column: &str) -> Result<Option<IpAddr>, String> {
        self.get(column)
            .map(|text| read_address(text).ok_or_else(|| unlike(column, "an IP address", text)))
            .transpose()
    }

    /// A card, if there is one.
    pub(super) fn mac(&self, column: &str) -> Result<Option<Mac>, String> {
        self.get(column)
            .map(|text| read_mac(text).ok_or_else(|| unlike(column, "a MAC address", text)))
            .transpose()
    }

    /// A number; 0 when there is none.
    pub(super) fn number(&self, column: &str) -> Result<u64, String> {
        self.get(column)
            .map_or(Ok(0), |text| text.parse().map_err(|_| unlike(column, "a whole number", text)))
    }

    /// A moment that must be there.
    pub(super) fn moment(&self, column: &str, zone: &jiff::tz::TimeZone) -> Result<Timestamp, String> {
        let text = self.need(column)?;
        super::moment::any(text, zone).ok_or_else(|| unlike(column, "a time", text))
    }
}

/// What a value should have been; the value itself is not told further than its length, because it may be anything.
pub(super) fn unlike(column: &str, expected: &str, found: &str) -> String {
    format!("{column} is not {expected} ({} characters)", found.chars().count())
}

/// An address, also with a zone behind it.
pub(super) fn read_address(text: &str) -> Option<IpAddr> {
    text.split('%').next()?.parse().ok()
}

/// A card; `None` too for longer hardware addresses.
pub(super) fn read_mac(text: &str) -> Option<Mac> {
    if !text.is_ascii() || text.len() > 23 {
        return None;
    }
    text.parse().ok()
}

/// A line as one JSON object: members are listed by name, those of inner objects as `outer.inner`. Of an array of plain
/// values the first ones are joined by commas.
pub(super) fn json<'a>(line: &'a str, columns: &'static [&'static str]) -> Result<Row<'a>, String> {
    let mut row = Row::of(columns);
    let mut reader = serde_json::Deserializer::from_str(line);
    let seed = Object { prefix: "", row: &mut row };
    let read = reader.deserialize_map(seed).and_then(|()| reader.end());
    read.map_err(|error| plain(&error))?;
    Ok(row)
}

/// What a JSON error says without quoting the line.
fn plain(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        serde_json::error::Category::Eof => "the line is cut in the middle of a value",
        serde_json::error::Category::Data => "the line is no JSON object",
        _ => "the line is not JSON",
    };
    format!("{what} (column {})", error.column())
}

struct Object<'r, 'a> {
    prefix: &'r str,
    row: &'r mut Row<'a>,
}

impl<'a> Visitor<'a> for Object<'_, 'a> {
    type Value = ();

    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("a JSON object")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(name) = map.next_key::<Cow<'a, str>>()? {
            let whole =
                if self.prefix.is_empty() { name } else { Cow::Owned(format!("{}.{name}", self.prefix)) };
            let place = Row::place(self.row.columns, &whole);
            let inner = self
                .row
                .columns
                .iter()
                .any(|column| column.strip_prefix(&*whole).is_some_and(|rest| rest.starts_with('.')));
            if place.is_some() || inner {
                map.next_value_seed(Value { whole: &whole, place, row: self.row })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// The value of a listed member: a plain one, an array of them, or an object that has listed members.
struct Value<'r, 'a> {
    whole: &'r str,
    place: Option<usize>,
    row: &'r mut Row<'a>,
}

impl<'a> Value<'_, 'a> {
    fn put(self, value: Cow<'a, str>) {
        if let Some(place) = self.place {
            self.row.put(place, value);
        }
    }
}

impl<'a> DeserializeSeed<'a> for Value<'_, 'a> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'a>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Value<'_, 'a> {
    type Value = ();

    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("any value")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.put(Cow::Borrowed(if value { "T" } else { "F" }));
        Ok(())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.put(Cow::Owned(value.to_string()));
        Ok(())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.put(Cow::Owned(value.to_string()));
        Ok(())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        // Seconds with microseconds; a float of this size is exact to less than one of them.
        self.put(Cow::Owned(format!("{value:.6}")));
        Ok(())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.put(Cow::Owned(value.to_owned()));
        Ok(())
    }

    fn visit_borrowed_str<E: Error>(self, value: &'a str) -> Result<(), E> {
        self.put(Cow::Borrowed(value));
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<M: MapAccess<'a>>(self, map: M) -> Result<(), M::Error> {
        Object { prefix: self.whole, row: self.row }.visit_map(map)
    }

    fn visit_seq<S: SeqAccess<'a>>(self, mut list: S) -> Result<(), S::Error> {
        let mut parts = Vec::new();
        while let Some(part) = list.next_element::<Plain>()? {
            parts.extend(part.0.filter(|_| parts.len() < MOST));
        }
        self.put(Cow::Owned(parts.join(",")));
        Ok(())
    }
}

/// A plain value inside an array; nothing for arrays and objects.
struct Plain(Option<String>);

impl<'de> serde::Deserialize<'de> for Plain {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Take;
        impl<'de> Visitor<'de> for Take {
            type Value = Plain;

            fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str("any value")
            }

            fn visit_bool<E: Error>(self, _: bool) -> Result<Plain, E> {
                Ok(Plain(None))
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Plain, E> {
                Ok(Plain(Some(value.to_string())))
            }

            fn visit_i64<E: Error>(self, _: i64) -> Result<Plain, E> {
                Ok(Plain(None))
            }

            fn visit_f64<E: Error>(self, _: f64) -> Result<Plain, E> {
                Ok(Plain(None))
            }

            fn visit_str<E: Error>(self, value: &str) -> Result<Plain, E> {
                Ok(Plain(Some(value.to_owned())))
            }

            fn visit_unit<E: Error>(self) -> Result<Plain, E> {
                Ok(Plain(None))
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Plain, M::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Plain(None))
            }

            fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<Plain, S::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Plain(None))
            }
        }
        from.deserialize_any(Take)
    }
}

/// A line of cells parted by `separator`, which may stand in double quotes (RFC 4180). A cell does not span lines here.
pub(super) fn cells(line: &str, separator: char) -> Vec<Cow<'_, str>> {
    let mut out = Vec::new();
    let mut rest = line;
    loop {
        let start = rest.trim_start_matches(' ');
        if let Some(quoted) = start.strip_prefix('"') {
            let mut cell = String::new();
            let (mut left, mut closed) = (quoted, false);
            while let Some((part, tail)) = left.split_once('"') {
                cell.push_str(part);
                left = tail;
                match tail.strip_prefix('"') {
                    Some(more) => {
                        cell.push('"');
                        left = more;
                    }
                    None => {
                        closed = true;
                        break;
                    }
                }
            }
            if !closed {
                out.push(Cow::Borrowed(""));
                return out;
            }
            out.push(Cow::Owned(cell));
            match left.split_once(separator) {
                Some((_, tail)) => rest = tail,
                None => return out,
            }
        } else {
            match rest.split_once(separator) {
                Some((cell, tail)) => {
                    out.push(Cow::Borrowed(cell.trim()));
                    rest = tail;
                }
                None => {
                    out.push(Cow::Borrowed(rest.trim()));
                    return out;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_members_are_taken() {
        let line = r#"{"a":1,"user":"nurse","b":{"c":"x","d":"secret","e":["1","2",{"f":1}]},"g":1732530000.123456}"#;
        let row = json(line, &["a", "b.c", "b.e", "g"]).unwrap();
        assert_eq!(row.get("a"), Some("1"));
        assert_eq!(row.get("b.c"), Some("x"));
        assert_eq!(row.get("b.e"), Some("1,2"));
        assert_eq!(row.get("g"), Some("1732530000.123456"));
        assert!(!format!("{row:?}").contains("nurse") && !format!("{row:?}").contains("secret"));
    }

    #[test]
    fn an_error_tells_its_column_and_no_value() {
        let error = json(r#"{"a":"patient","b":}"#, &["a"]).unwrap_err();
        assert!(error.contains("column 20") && !error.contains("patient"), "{error}");
        assert!(json("[1]", &["a"]).is_err());
        assert!(json(r#"{"a":1} x"#, &["a"]).is_err());
    }

    #[test]
    fn cells_may_be_quoted() {
        assert_eq!(cells(r#"a, "b, ""c""" ,d"#, ','), ["a", "b, \"c\"", "d"]);
        assert_eq!(cells("", ','), [""]);
        assert_eq!(cells("\"open, end", ','), [""], "what is not closed is nothing");
    }
}
