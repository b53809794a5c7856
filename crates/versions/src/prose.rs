//! From tokens to a tree: comparators, prose, labels, lists, brackets. A word nobody taught it stops it, and the
//! whole clause goes to a person: guessing round one word is how a false "not affected" is made.

use crate::lex::{Kind, Token, phrase};
use crate::list;
use crate::node::{Node, Op};
use crate::serial_list::label_length;
use crate::value::NotUnderstood;
use crate::words::Role;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Label {
    Version,
    Software,
    Hardware,
    Model,
    Part,
    Serial,
}

/// One member of a list, with what its brackets say.
pub(crate) struct Item {
    pub(crate) node: Node,
    pub(crate) label: Option<Label>,
    pub(crate) conditions: Vec<Node>,
    /// A model, behind which words of description may stand.
    pub(crate) describable: bool,
}

impl Item {
    pub(crate) fn closed(self) -> Node {
        let mut nodes = vec![self.node];
        nodes.extend(self.conditions);
        Node::all(nodes)
    }
}

pub(crate) type Read<T> = Result<T, NotUnderstood>;

/// Brackets inside brackets inside a component list go no deeper than this.
const DEEPEST: usize = 4;

pub(crate) struct Parser<'a, 's> {
    pub(crate) source: &'s str,
    pub(crate) tokens: &'a [Token<'s>],
    pub(crate) at: usize,
    pub(crate) inherited: Option<Label>,
    pub(crate) depth: usize,
}

/// Reads all of `tokens`, which were cut from `source`.
pub(crate) fn read(source: &str, tokens: &[Token<'_>]) -> Read<Node> {
    read_at(source, tokens, 0)
}

pub(crate) fn read_at(source: &str, tokens: &[Token<'_>], depth: usize) -> Read<Node> {
    if tokens.is_empty() || depth > DEEPEST {
        return Err(NotUnderstood);
    }
    let mut items = Vec::new();
    let mut inherited = None;
    for piece in pieces(tokens)? {
        let mut parser = Parser { source, tokens: piece, at: 0, inherited, depth };
        items.extend(parser.piece()?);
        // A list of serial numbers beside a list of anything else: nobody can tell what binds what.
        let serial = items.iter().filter(|item| item.label == Some(Label::Serial)).count();
        if serial > 0 && serial < items.len() {
            return Err(NotUnderstood);
        }
        inherited = items.last().and_then(|item| item.label).filter(|label| *label == Label::Model);
    }
    Ok(finish(items))
}

/// The tokens between the pipes outside brackets.
fn pieces<'a, 's>(tokens: &'a [Token<'s>]) -> Read<Vec<&'a [Token<'s>]>> {
    let mut open = 0_usize;
    let mut start = 0;
    let mut pieces = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Open => open += 1,
            Kind::Close => open = open.checked_sub(1).ok_or(NotUnderstood)?,
            Kind::Pipe if open == 0 => {
                pieces.push(&tokens[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    pieces.push(&tokens[start..]);
    if open > 0 || pieces.iter().any(|piece| piece.is_empty()) { Err(NotUnderstood) } else { Ok(pieces) }
}

/// Joins the items. A condition behind the last of several may bind that one or all of them: both readings stand.
fn finish(mut items: Vec<Item>) -> Node {
    if items.len() < 2 {
        return items.pop().map_or(Node::Nothing, Item::closed);
    }
    let tail = items.last_mut().map(|last| std::mem::take(&mut last.conditions)).unwrap_or_default();
    let nodes: Vec<Node> = items.into_iter().map(Item::closed).collect();
    if tail.is_empty() {
        return list::join(nodes);
    }
    let mut narrow = nodes.clone();
    if let Some(last) = narrow.pop() {
        narrow.push(Node::all(std::iter::once(last).chain(tail.clone()).collect()));
    }
    let wide = Node::all(std::iter::once(list::join(nodes)).chain(tail).collect());
    // Behind an interval the condition can only mean the interval.
    match &wide {
        Node::All(parts) if matches!(parts.first(), Some(Node::All(_))) => wide,
        _ => Node::Either(vec![list::join(narrow), wide]),
    }
}

impl<'s> Parser<'_, 's> {
    pub(crate) fn rest(&self) -> &[Token<'s>] {
        &self.tokens[self.at.min(self.tokens.len())..]
    }

    pub(crate) fn kind(&self) -> Option<Kind> {
        self.rest().first().map(|token| token.kind)
    }

    pub(crate) fn skip(&mut self, role: Role) -> bool {
        let length = phrase(self.rest(), role);
        self.at += length.unwrap_or(0);
        length.is_some()
    }

    pub(crate) fn is_low(&self, words: &[&str]) -> bool {
        self.rest().first().is_some_and(|token| token.is_word() && words.contains(&token.low.as_str()))
    }

    /// The items between two pipes, joined by commas, "and", "or" or blanks.
    pub(crate) fn piece(&mut self) -> Read<Vec<Item>> {
        let mut items = vec![self.item()?];
        let (mut joined, mut or) = (false, false);
        while self.at < self.tokens.len() {
            let last = items.last_mut().ok_or(NotUnderstood)?;
            match self.kind() {
                Some(Kind::Open) => self.bracket(last)?,
                Some(Kind::Comma) => {
                    self.comma()?;
                    joined = true;
                    items.push(self.member(&items)?);
                }
                _ if self.is_low(&["and", "or"]) => {
                    or |= self.is_low(&["or"]);
                    joined = true;
                    self.at += 1;
                    items.push(self.member(&items)?);
                }
                _ if label_length(self.rest()).is_some() => {
                    let serials = self.serials()?;
                    last.conditions.push(serials.closed());
                }
                _ if self.label_ahead() == Some(Label::Model) && !last.describable => {
                    let model = self.item()?;
                    last.conditions.push(model.closed());
                }
                _ if phrase(self.rest(), Role::Condition).is_some() => {
                    let end = self.rest().iter().position(|t| matches!(t.kind, Kind::Comma | Kind::Open));
                    let length = end.unwrap_or(self.rest().len());
                    let condition = self.condition(&self.rest()[..length])?;
                    last.conditions.push(condition);
                    self.at += length;
                }
                Some(Kind::Word) if last.describable => self.description(last)?,
                Some(Kind::Word) if is_single(&last.node) => {
                    let next = self.item()?;
                    if !is_single(&next.node) || next.label.is_some() {
                        return Err(NotUnderstood);
                    }
                    items.push(next);
                }
                _ => return Err(NotUnderstood),
            }
        }
        if joined { required(items, or) } else { Ok(items) }
    }

    pub(crate) fn comma(&mut self) -> Read<()> {
        let glued = |a: &Token<'_>, b: &Token<'_>| {
            a.end == b.start && !(a.text.contains('.') && b.text.contains('.'))
        };
        let before = self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).ok_or(NotUnderstood)?;
        let comma = &self.tokens[self.at];
        let after = self.tokens.get(self.at + 1).ok_or(NotUnderstood)?;
        // `4,1` may be a decimal comma.
        let tight = before.end == comma.start && comma.end == after.start;
        if tight && glued(&Token { end: after.start, ..before.clone() }, after) {
            return Err(NotUnderstood);
        }
        self.at += 1;
        if self.is_low(&["and", "or"]) {
            self.at += 1;
        }
        Ok(())
    }

    /// A further item; beside an operating system it may be a condition in words ("U.S. release").
    pub(crate) fn member(&mut self, items: &[Item]) -> Read<Item> {
        let start = self.at;
        let system = items.iter().any(|item| matches!(item.node, Node::OperatingSystem(_)));
        match self.item() {
            Ok(item) if !system || !is_single(&item.node) => Ok(item),
            _ if system => {
                self.at = start;
                let length =
                    self.rest().iter().position(|t| t.kind == Kind::Comma).unwrap_or(self.rest().len());
                let text = self.span(&self.rest()[..length]).ok_or(NotUnderstood)?;
                self.at += length;
                Ok(Item {
                    node: Node::Condition(text),
                    label: None,
                    conditions: Vec::new(),
                    describable: false,
                })
            }
            other => other,
        }
    }

    pub(crate) fn span(&self, tokens: &[Token<'_>]) -> Option<String> {
        Some(self.source[tokens.first()?.start..tokens.last()?.end].to_owned())
    }
}

pub(crate) fn is_single(node: &Node) -> bool {
    matches!(node.bare(), Node::Version(Op::Equal, _))
}

/// Labelled parts joined by commas are all required; the same label again, or none, makes a list.
pub(crate) fn required(items: Vec<Item>, or: bool) -> Read<Vec<Item>> {
    let system = items.iter().any(|item| holds_system(&item.node));
    let labels: Vec<Label> = items.iter().filter_map(|item| item.label).collect();
    let serial = labels.contains(&Label::Serial);
    if serial && labels.len() < items.len() {
        return Err(NotUnderstood);
    }
    let mixed = labels.windows(2).any(|pair| pair[0] != pair[1]);
    if !system && !mixed {
        return Ok(items);
    }
    if or || (!system && labels.len() < items.len()) {
        return Err(NotUnderstood);
    }
    let software = labels.contains(&Label::Software);
    let nodes = items.into_iter().map(|item| {
        let hardware = software && item.label == Some(Label::Version);
        let mut item = item;
        if hardware {
            let inner = std::mem::replace(&mut item.node, Node::Nothing);
            item.node = Node::Hardware(Box::new(inner));
        }
        item.closed()
    });
    let node = Node::All(nodes.collect());
    Ok(vec![Item { node, label: None, conditions: Vec::new(), describable: false }])
}

pub(crate) fn holds_system(node: &Node) -> bool {
    matches!(node, Node::OperatingSystem(_)) || node.children().iter().any(holds_system)
}
