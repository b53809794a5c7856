//! Serial numbers in a clause: "serial numbers 1000 to 2000", "S/N AB1234 and below", lists of these.

use crate::lex::{Kind, Token, phrase};
use crate::node::{Node, Op};
use crate::prose::{Item, Label, Parser, Read};
use crate::serial::{Serials, is_serial};
use crate::value::NotUnderstood;
use crate::words::Role;

/// The words before a label of serial numbers that only lead to it, and the label; in tokens.
pub(crate) fn label_length(tokens: &[Token<'_>]) -> Option<usize> {
    let lead = usize::from(
        tokens.first().is_some_and(|token| matches!(token.low.as_str(), "with" | "having" | "bearing")),
    );
    phrase(tokens.get(lead..)?, Role::LabelSerial).map(|length| lead + length)
}

impl Parser<'_, '_> {
    /// A label and all serial numbers behind it.
    pub(crate) fn serials(&mut self) -> Read<Item> {
        self.at += label_length(self.rest()).ok_or(NotUnderstood)?;
        while self.rest().first().is_some_and(|token| token.is_word() && token.low.is_empty()) {
            self.at += 1;
        }
        let mut nodes = vec![self.serial()?];
        while let Some(length) = self.joint() {
            self.at += length;
            nodes.push(self.serial()?);
        }
        Ok(Item {
            node: Node::any(nodes),
            label: Some(Label::Serial),
            conditions: Vec::new(),
            describable: false,
        })
    }

    /// The length of a comma, "and" or "or" with a further serial number behind it.
    fn joint(&self) -> Option<usize> {
        let rest = self.rest();
        let comma = usize::from(rest.first()?.kind == Kind::Comma);
        let word = usize::from(
            rest.get(comma)
                .is_some_and(|token| token.is_word() && matches!(token.low.as_str(), "and" | "or")),
        );
        let length = comma + word;
        let behind = rest.get(length)?;
        let begins = [Role::UpTo, Role::From, Role::Below, Role::Above, Role::Between]
            .into_iter()
            .any(|role| phrase(&rest[length..], role).is_some());
        let more =
            matches!(behind.kind, Kind::Compare(_)) || begins || (behind.is_word() && is_serial(behind.text));
        (length > 0 && more).then_some(length)
    }

    fn serial(&mut self) -> Read<Node> {
        if self.skip(Role::Between) {
            let from = self.serial_number()?;
            if !self.is_low(&["and"]) {
                return Err(NotUnderstood);
            }
            self.at += 1;
            let to = self.serial_number()?;
            return span(vec![(Op::AtLeast, from), (Op::AtMost, to)]);
        }
        // "starting with AB12" names a prefix, not a first number.
        if self.is_low(&["starting", "beginning"])
            && self.rest().get(1).is_some_and(|token| token.low == "with")
        {
            return Err(NotUnderstood);
        }
        let op = self.operator()?;
        let first = self.serial_number()?;
        if matches!(op, None | Some(Op::AtLeast)) && (self.kind() == Some(Kind::Dash) || self.skip(Role::To))
        {
            if self.kind() == Some(Kind::Dash) {
                self.at += 1;
            }
            let to = self.serial_number()?;
            self.skip(Role::TrailingBelow);
            return span(vec![(Op::AtLeast, first), (Op::AtMost, to)]);
        }
        let joined = self.is_low(&["and", "or"]);
        let rest = self.rest().get(usize::from(joined)..).unwrap_or_default();
        let below = phrase(rest, Role::AndBelow).filter(|_| joined).map(|length| (Op::AtMost, length));
        let above = phrase(rest, Role::AndAbove)
            .filter(|_| joined)
            .or(phrase(rest, Role::TrailingAbove))
            .map(|length| (Op::AtLeast, length));
        let op = match (op, below.or(above)) {
            (op, None) => op.unwrap_or(Op::Equal),
            (None, Some((direction, length))) => {
                self.at += length + usize::from(joined);
                direction
            }
            (Some(_), Some(_)) => return Err(NotUnderstood),
        };
        span(vec![(op, first)])
    }

    fn serial_number(&mut self) -> Read<String> {
        let word = self.rest().first().filter(|token| token.is_word()).ok_or(NotUnderstood)?;
        let text = word.text.trim_end_matches('.').to_owned();
        if !is_serial(&text) {
            return Err(NotUnderstood);
        }
        self.at += 1;
        Ok(text)
    }
}

fn span(ends: Vec<(Op, String)>) -> Read<Node> {
    Serials::new(ends).map(Node::Serial).ok_or(NotUnderstood)
}
