//! A value that knows its way from the root, and the list of what was found wrong.

use crate::error::{ReadError, short};
use crate::place::{self, Step};
use serde_json::Value;

/// Most defects listed of one document; the rest would only repeat.
const MAX_DEFECTS: usize = 200;

/// A value with the path that led to it.
pub(crate) struct At<'a> {
    pub value: &'a Value,
    above: Option<&'a At<'a>>,
    step: StepRef<'a>,
}

#[derive(Clone, Copy)]
enum StepRef<'a> {
    Root,
    Key(&'a str),
    Index(usize),
}

impl<'a> At<'a> {
    pub fn root(value: &'a Value) -> Self {
        Self { value, above: None, step: StepRef::Root }
    }

    /// The member `key`; `None` when absent, null, or this is no object.
    pub fn get<'b>(&'b self, key: &'b str) -> Option<At<'b>> {
        let value = self.value.get(key).filter(|value| !value.is_null())?;
        Some(At { value, above: Some(self), step: StepRef::Key(key) })
    }

    /// The elements of a document that is a list; none of one that is not.
    pub fn elements(document: &'a Value) -> Items<'a> {
        let values = document.as_array().map_or(&[][..], Vec::as_slice);
        Items { above: Some(Self::root(document)), values }
    }

    /// The elements of the array member `key`; none when absent. Anything else there is noted.
    pub fn items<'b>(&'b self, key: &'b str, noted: &mut Defects) -> Items<'b> {
        let Some(member) = self.get(key) else {
            return Items { above: None, values: &[] };
        };
        match member.value {
            Value::Array(values) => Items { above: Some(member), values },
            other => {
                noted.note(&member, format!("expected a list, found {}", kind(other)));
                Items { above: None, values: &[] }
            }
        }
    }

    /// The text member `key`, empty when absent. Anything but a text is noted.
    pub fn text(&self, key: &str, noted: &mut Defects) -> String {
        self.get(key).map_or_else(String::new, |member| member.as_text(noted))
    }

    /// This value as a text; anything else is noted and read as empty.
    pub fn as_text(&self, noted: &mut Defects) -> String {
        match self.value {
            Value::String(text) => text.clone(),
            other => {
                noted.note(self, format!("expected a text, found {}", kind(other)));
                String::new()
            }
        }
    }

    /// The texts of the array member `key`.
    pub fn texts(&self, key: &str, noted: &mut Defects) -> Vec<String> {
        let items = self.items(key, noted);
        items.iter().map(|item| item.as_text(noted)).filter(|text| !text.is_empty()).collect()
    }

    /// The path from the root.
    pub fn path(&self) -> Vec<Step> {
        let mut path = Vec::new();
        let mut at = Some(self);
        while let Some(here) = at {
            match here.step {
                StepRef::Root => {}
                StepRef::Key(key) => path.push(Step::Key(key.to_owned())),
                StepRef::Index(index) => path.push(Step::Index(index)),
            }
            at = here.above;
        }
        path.reverse();
        path
    }
}

/// The elements of an array, each of which knows its path.
pub(crate) struct Items<'a> {
    above: Option<At<'a>>,
    values: &'a [Value],
}

impl Items<'_> {
    pub fn iter(&self) -> impl Iterator<Item = At<'_>> {
        let above = self.above.as_ref();
        self.values.iter().enumerate().map(move |(index, value)| At {
            value,
            above,
            step: StepRef::Index(index),
        })
    }
}

/// What a JSON value is, in words.
pub(crate) fn kind(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => format!("{value}"),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) => format!("the text {:?}", short(text)),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

/// What was found wrong but could be read past.
#[derive(Default)]
pub(crate) struct Defects {
    found: Vec<(Vec<Step>, String)>,
}

impl Defects {
    pub fn note(&mut self, at: &At<'_>, what: String) {
        if self.found.len() < MAX_DEFECTS {
            self.found.push((at.path(), what));
        }
    }

    /// The defects with line and column.
    pub fn placed(self, bytes: &[u8], name: &str) -> Vec<ReadError> {
        self.found.into_iter().map(|(path, what)| placed(bytes, name, &path, what)).collect()
    }
}

/// An error at `path`.
pub(crate) fn placed(bytes: &[u8], name: &str, path: &[Step], what: String) -> ReadError {
    let (line, column) = place::line_column(bytes, place::offset(bytes, path));
    ReadError { name: name.to_owned(), line, column, pointer: place::pointer(path), what }
}
