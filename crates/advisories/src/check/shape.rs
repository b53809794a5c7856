//! The structure of a document held against a table.

use super::Findings;
use super::table::DOCUMENT;
use crate::cursor::kind;
use crate::error::short;
use crate::place::{Step, pointer};
use serde_json::Value;
use std::collections::HashSet;

/// What a value must look like.
pub(super) enum Shape {
    /// A text that is not empty.
    Text,
    /// A text of a certain form, and its name.
    Form(fn(&str) -> bool, &'static str),
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// A number from 0 to 10.
    Score,
    /// A list.
    List {
        /// Of what.
        of: &'static Shape,
        /// How many at least.
        least: usize,
        /// Whether each may stand only once.
        once: bool,
    },
    /// An object with the members it may have.
    Object {
        /// Name, whether it must be there, and its shape.
        members: &'static [(&'static str, bool, &'static Shape)],
        /// How many members at least.
        least: usize,
        /// How many members at most.
        most: usize,
    },
    /// The shape that the member `version` asks for; the last when it asks for none of them.
    ByVersion(&'static [(&'static str, &'static Shape)]),
    /// A shape whose breach fails this test.
    Test(&'static str, &'static Shape),
}

pub(super) fn check(root: &Value, found: &mut Findings) {
    Walk { path: Vec::new(), test: "structure", found }.value(root, &DOCUMENT);
}

struct Walk<'a> {
    path: Vec<Step>,
    test: &'static str,
    found: &'a mut Findings,
}

impl Walk<'_> {
    fn wrong(&mut self, text: String) {
        self.found.add(self.test, pointer(&self.path), text);
    }

    /// Depth is bounded before the document is parsed, so this recursion is too.
    fn value(&mut self, value: &Value, shape: &Shape) {
        match shape {
            Shape::Text => self.text(value, |text| !text.is_empty(), "a text that is not empty"),
            Shape::Form(fits, name) => self.text(value, *fits, name),
            Shape::OneOf(words) => self.word(value, words),
            Shape::Score => {
                if !value.as_f64().is_some_and(|number| (0.0..=10.0).contains(&number)) {
                    self.wrong(format!("expected a number from 0 to 10, found {}", kind(value)));
                }
            }
            Shape::List { of, least, once } => self.list(value, of, *least, *once),
            Shape::Object { members, least, most } => self.object(value, members, (*least, *most)),
            Shape::ByVersion(shapes) => {
                let asked = value.get("version").and_then(Value::as_str);
                let known = shapes.iter().find(|(version, _)| Some(*version) == asked);
                if let Some((_, shape)) = known.or(shapes.last()) {
                    self.value(value, shape);
                }
            }
            Shape::Test(test, shape) => {
                let outer = std::mem::replace(&mut self.test, test);
                self.value(value, shape);
                self.test = outer;
            }
        }
    }

    fn text(&mut self, value: &Value, fits: impl Fn(&str) -> bool, name: &str) {
        if !value.as_str().is_some_and(fits) {
            self.wrong(format!("expected {name}, found {}", kind(value)));
        }
    }

    fn word(&mut self, value: &Value, words: &[&str]) {
        if !value.as_str().is_some_and(|text| words.contains(&text)) {
            self.wrong(format!("expected one of {}, found {}", words.join(", "), kind(value)));
        }
    }

    fn list(&mut self, value: &Value, of: &Shape, least: usize, once: bool) {
        let Some(items) = value.as_array() else {
            return self.wrong(format!("expected a list, found {}", kind(value)));
        };
        if items.len() < least {
            self.wrong(format!("expected at least {least} in this list, found {}", items.len()));
        }
        let mut seen = HashSet::new();
        for (index, item) in items.iter().enumerate() {
            self.path.push(Step::Index(index));
            self.value(item, of);
            if once && !seen.insert(item.to_string()) {
                self.wrong("the same as one before it in this list".to_owned());
            }
            self.path.pop();
        }
    }

    fn object(
        &mut self,
        value: &Value,
        members: &[(&'static str, bool, &'static Shape)],
        (least, most): (usize, usize),
    ) {
        let Some(held) = value.as_object() else {
            return self.wrong(format!("expected an object, found {}", kind(value)));
        };
        if held.len() < least || held.len() > most {
            let names: Vec<&str> = held.keys().take(6).map(String::as_str).collect();
            self.wrong(format!(
                "expected {least}{} members, found {}: {}",
                if most == least { "" } else { " or more" },
                held.len(),
                short(&names.join(", "))
            ));
        }
        for (name, needed, shape) in members {
            match held.get(*name) {
                Some(member) => {
                    self.path.push(Step::Key((*name).to_owned()));
                    self.value(member, shape);
                    self.path.pop();
                }
                None if *needed => self.wrong(format!("{name} is missing")),
                None => {}
            }
        }
    }
}
