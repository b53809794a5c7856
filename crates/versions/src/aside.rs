//! What is said beside a version: operating systems, brackets, conditions, components, remarks.

use crate::lex::{Kind, Token, phrase};
use crate::node::Node;
use crate::prose::read_at;
use crate::prose::{Item, Parser, Read};
use crate::serial_list::label_length;
use crate::value::NotUnderstood;
use crate::words::{self, Role};
impl<'s> Parser<'_, 's> {
    pub(crate) fn operating_system(&mut self) -> Read<Node> {
        let end = |token: &Token<'_>| !token.is_word();
        let all = self.rest().iter().position(end).unwrap_or(self.rest().len());
        let words = &self.rest()[..all];
        let named = words.windows(2).position(|pair| pair[0].low == "operating" && pair[1].low == "system");
        let length = named.unwrap_or(all);
        let system = self.span(&words[..length]).ok_or(NotUnderstood)?;
        let behind = named.map_or(&words[words.len()..], |at| &words[at + 2..]);
        let folded = words::fold(&self.span(words).unwrap_or_default());
        if words::phrases(Role::Widening).any(|word| words::holds(&folded, word)) {
            return Err(NotUnderstood);
        }
        let mut nodes = vec![Node::OperatingSystem(system)];
        nodes.extend(self.span(behind).map(Node::Condition));
        self.at += all;
        Ok(Node::all(nodes))
    }

    pub(crate) fn bracket(&mut self, item: &mut Item) -> Read<()> {
        let inside = &self.rest()[1..];
        let mut open = 0_usize;
        let close = inside.iter().position(|token| {
            match token.kind {
                Kind::Open => open += 1,
                Kind::Close if open == 0 => return true,
                Kind::Close => open -= 1,
                _ => {}
            }
            false
        });
        let inside = &inside[..close.ok_or(NotUnderstood)?];
        let text = self.span(inside).ok_or(NotUnderstood)?;
        let used = inside.len() + 2;
        if is_remark(&text, item) {
            remark(&mut item.node, text);
        } else {
            let condition = self.condition(inside)?;
            item.conditions.push(condition);
        }
        self.at += used;
        Ok(())
    }

    /// A condition in words, or the versions of a component ("with Wireless Battery Modules v9 | v11").
    pub(crate) fn condition(&self, tokens: &[Token<'s>]) -> Read<Node> {
        if label_length(tokens).is_some() {
            return read_at(self.source, tokens, self.depth + 1);
        }
        if let Some(node) = self.component(tokens) {
            return Ok(node);
        }
        let text = self.span(tokens).ok_or(NotUnderstood)?;
        let folded = words::fold(&text);
        if words::phrases(Role::Widening).any(|word| words::holds(&folded, word)) {
            return Err(NotUnderstood);
        }
        let leads = |role| phrase(tokens, role).is_some();
        if leads(Role::Condition) || leads(Role::Exclusion) {
            Ok(Node::Condition(text))
        } else {
            Err(NotUnderstood)
        }
    }

    pub(crate) fn component(&self, tokens: &[Token<'s>]) -> Option<Node> {
        let lead = phrase(tokens, Role::Component)?;
        let tokens = &tokens[lead..];
        let versioned = |token: &Token<'_>| match token.kind {
            Kind::Compare(_) => true,
            Kind::Word => {
                let body = token.text.strip_prefix(['v', 'V']).unwrap_or(token.text);
                body.starts_with(|c: char| c.is_ascii_digit())
            }
            _ => false,
        };
        let at = tokens.iter().position(versioned)?;
        let (mut name, list) = tokens.split_at(at);
        let system = (0..name.len()).any(|at| phrase(&name[at..], Role::Os).is_some());
        if !name.iter().all(Token::is_word) || system {
            return None;
        }
        while let Some((last, before)) = name.split_last()
            && words::is(&last.low, Role::Noise)
        {
            name = before;
        }
        let node = read_at(self.source, list, self.depth + 1).ok()?;
        Some(Node::Component(self.span(name)?, Box::new(node)))
    }
}

pub(crate) fn remark(node: &mut Node, text: String) {
    *node = match std::mem::replace(node, Node::Nothing) {
        // Remarks beside each other are one remark, so that no text nests deeper than the reader goes.
        Node::Remark(before, inner) => Node::Remark(format!("{before}, {text}"), inner),
        inner => Node::Remark(text, Box::new(inner)),
    };
}

/// Remarks tell the reader something and take nothing away: ends of life, replacements, pack sizes.
pub(crate) fn is_remark(text: &str, item: &Item) -> bool {
    let folded = words::fold(text);
    let pack = matches!(item.node.bare(), Node::Model(_)) && folded.contains("-pack");
    let known = words::phrases(Role::Remark).any(|phrase| words::holds(&folded, phrase));
    let bends = |role| words::phrases(role).any(|phrase| phrase != "all" && words::holds(&folded, phrase));
    (pack || known) && !bends(Role::Exclusion) && !bends(Role::Widening)
}
