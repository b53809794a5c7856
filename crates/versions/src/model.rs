//! Model, catalogue and part numbers where a version is expected.

use crate::aside::remark;
use crate::lex::{Kind, phrase};
use crate::node::{Node, Op};
use crate::prose::{Item, Label, Parser, Read};
use crate::segment::Version;
use crate::value::{self, NotUnderstood, Shape};
use crate::words::{self, Role};
impl Parser<'_, '_> {
    pub(crate) fn unlabelled_model(&mut self) -> Read<Option<Item>> {
        let Some(first) = self.rest().first().filter(|token| token.is_word()) else { return Ok(None) };
        let shape = value::shape(first.text);
        if self.inherited == Some(Label::Model) && value::is_code(first.text) {
            return self.codes(Some(Label::Model)).map(Some);
        }
        let next = self.rest().get(1);
        let glued = next.is_some_and(|next| next.kind == Kind::Open && next.start == first.end);
        let joined = next.is_some_and(|next| next.kind == Kind::Slash);
        let described = next.is_some_and(|next| {
            next.is_word()
                && next.text.starts_with(|c: char| c.is_ascii_alphabetic())
                && !matches!(next.low.as_str(), "and" | "or")
                && phrase(&self.rest()[1..], Role::Condition).is_none()
                && phrase(&self.rest()[1..], Role::To).is_none()
                && value::version(self.source, self.rest())
                    .ok()
                    .flatten()
                    .is_none_or(|(_, length)| length == 1)
        });
        match shape {
            Shape::Model => self.codes(None).map(Some),
            Shape::Perhaps if glued || joined || described => self.codes(None).map(Some),
            Shape::Perhaps if next.is_none() => {
                let code = first.text.to_owned();
                let version = Version::parse(&code).ok_or(NotUnderstood)?;
                self.at += 1;
                let node = Node::Any(vec![Node::Version(Op::Equal, version), Node::Model(vec![code])]);
                Ok(Some(Item { node, label: None, conditions: Vec::new(), describable: false }))
            }
            _ => Ok(None),
        }
    }

    /// Model or part numbers, joined by slashes; a letter in brackets glued to one is optional.
    pub(crate) fn codes(&mut self, label: Option<Label>) -> Read<Item> {
        let item = |node, label, describable| Item { node, label, conditions: Vec::new(), describable };
        if label == Some(Label::Part) && self.skip(Role::None) {
            // "Part #: N/A" asks for nothing.
            let remark = Node::Remark("no part number".to_owned(), Box::new(Node::Everything));
            return Ok(item(remark, label, false));
        }
        let mut names = Vec::new();
        loop {
            let word = self.rest().first().filter(|token| token.is_word() && value::is_code(token.text));
            let word = word.ok_or(NotUnderstood)?.clone();
            self.at += 1;
            names.push(word.text.to_owned());
            if let [open, letters, close, ..] = self.rest()
                && open.kind == Kind::Open
                && open.start == word.end
                && close.kind == Kind::Close
                && letters.text.len() <= 2
            {
                names.push(format!("{}{}", word.text, letters.text));
                self.at += 3;
            }
            if self.kind() != Some(Kind::Slash) {
                break;
            }
            self.at += 1;
        }
        if label == Some(Label::Part) {
            let nodes = names.into_iter().map(Node::PartNumber).collect();
            return Ok(item(Node::any(nodes), label, false));
        }
        Ok(item(Node::Model(names), Some(Label::Model), true))
    }

    /// Words behind a model number say what it is called; they decide nothing.
    pub(crate) fn description(&mut self, item: &mut Item) -> Read<()> {
        let end = self.rest().iter().position(|token| !token.is_word() && token.kind != Kind::Slash);
        let words = &self.rest()[..end.unwrap_or(self.rest().len())];
        let speaks = |role| words::phrases(role).any(|known| words.iter().any(|token| token.low == known));
        let logical = words.iter().any(|token| matches!(token.low.as_str(), "and" | "or" | "but"));
        if logical || [Role::Exclusion, Role::Widening, Role::Condition].into_iter().any(speaks) {
            return Err(NotUnderstood);
        }
        let text = self.span(words).ok_or(NotUnderstood)?;
        self.at += words.len();
        remark(&mut item.node, text);
        item.describable = false;
        Ok(())
    }
}
