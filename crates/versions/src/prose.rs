//! From tokens to a tree: comparators, prose, labels, lists, brackets. A word nobody taught it stops it, and the
//! whole clause goes to a person: guessing round one word is how a false "not affected" is made.

use crate::date::DateKind;
use crate::lex::{Kind, Token, phrase};
use crate::list;
use crate::node::{Node, Op};
use crate::segment::Version;
use crate::value::{self, NotUnderstood, Shape};
use crate::words::{self, Role};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Label {
    Version,
    Software,
    Hardware,
    Model,
    Part,
}

/// One member of a list, with what its brackets say.
struct Item {
    node: Node,
    label: Option<Label>,
    conditions: Vec<Node>,
    /// A model, behind which words of description may stand.
    describable: bool,
}

impl Item {
    fn closed(self) -> Node {
        let mut nodes = vec![self.node];
        nodes.extend(self.conditions);
        Node::all(nodes)
    }
}

type Read<T> = Result<T, NotUnderstood>;

/// Brackets inside brackets inside a component list go no deeper than this.
const DEEPEST: usize = 4;

struct Parser<'a, 's> {
    source: &'s str,
    tokens: &'a [Token<'s>],
    at: usize,
    inherited: Option<Label>,
    depth: usize,
}

/// Reads all of `tokens`, which were cut from `source`.
pub(crate) fn read(source: &str, tokens: &[Token<'_>]) -> Read<Node> {
    read_at(source, tokens, 0)
}

fn read_at(source: &str, tokens: &[Token<'_>], depth: usize) -> Read<Node> {
    if tokens.is_empty() || depth > DEEPEST {
        return Err(NotUnderstood);
    }
    let mut items = Vec::new();
    let mut inherited = None;
    for piece in pieces(tokens)? {
        let mut parser = Parser { source, tokens: piece, at: 0, inherited, depth };
        items.extend(parser.piece()?);
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
    fn rest(&self) -> &[Token<'s>] {
        &self.tokens[self.at.min(self.tokens.len())..]
    }

    fn kind(&self) -> Option<Kind> {
        self.rest().first().map(|token| token.kind)
    }

    fn skip(&mut self, role: Role) -> bool {
        let length = phrase(self.rest(), role);
        self.at += length.unwrap_or(0);
        length.is_some()
    }

    fn is_low(&self, words: &[&str]) -> bool {
        self.rest().first().is_some_and(|token| token.is_word() && words.contains(&token.low.as_str()))
    }

    /// The items between two pipes, joined by commas, "and", "or" or blanks.
    fn piece(&mut self) -> Read<Vec<Item>> {
        let mut items = vec![self.item()?];
        let mut commas = false;
        while self.at < self.tokens.len() {
            let last = items.last_mut().ok_or(NotUnderstood)?;
            match self.kind() {
                Some(Kind::Open) => self.bracket(last)?,
                Some(Kind::Comma) => {
                    self.comma()?;
                    commas = true;
                    items.push(self.member(&items)?);
                }
                _ if self.is_low(&["and", "or"]) => {
                    self.at += 1;
                    items.push(self.member(&items)?);
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
        if commas { required(items) } else { Ok(items) }
    }

    fn comma(&mut self) -> Read<()> {
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
    fn member(&mut self, items: &[Item]) -> Read<Item> {
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

    fn span(&self, tokens: &[Token<'_>]) -> Option<String> {
        Some(self.source[tokens.first()?.start..tokens.last()?.end].to_owned())
    }

    fn item(&mut self) -> Read<Item> {
        let plain = |node| Item { node, label: None, conditions: Vec::new(), describable: false };
        if let Some(length) = phrase(self.rest(), Role::Everything) {
            let after = self.rest().get(length);
            if after.is_none_or(|token| matches!(token.kind, Kind::Open | Kind::Comma)) {
                self.at += length;
                return Ok(plain(Node::Everything));
            }
        }
        if self.rest().first().is_some_and(|token| token.text == "*") {
            self.at += 1;
            return Ok(plain(Node::Everything));
        }
        if phrase(self.rest(), Role::Os).is_some() {
            return self.operating_system().map(plain);
        }
        self.subject();
        let mut date_kind = self.date_kind();
        let label = self.label();
        let op = self.operator()?;
        date_kind = date_kind.or_else(|| self.date_kind());
        if label.is_none()
            && op.is_none()
            && date_kind.is_none()
            && let Some(item) = self.unlabelled_model()?
        {
            return Ok(item);
        }
        if matches!(label, Some(Label::Model | Label::Part)) {
            return if op.is_some() { Err(NotUnderstood) } else { self.codes(label) };
        }
        let node = self.bounded(op, date_kind, label.is_none())?;
        Ok(Item { label, ..plain(node) })
    }

    /// "all devices", "versions" before what is said of them.
    fn subject(&mut self) {
        let Some(length) = phrase(self.rest(), Role::Subject) else { return };
        let rest = &self.rest()[length..];
        let roles = [
            Role::Below,
            Role::UpTo,
            Role::Above,
            Role::From,
            Role::Between,
            Role::Manufactured,
            Role::Distributed,
            Role::Released,
        ];
        let said = roles.into_iter().any(|role| phrase(rest, role).is_some());
        if said || rest.first().is_some_and(|token| matches!(token.kind, Kind::Compare(_))) {
            self.at += length;
        }
    }

    fn date_kind(&mut self) -> Option<DateKind> {
        let kinds = [
            (Role::Manufactured, DateKind::Manufactured),
            (Role::Distributed, DateKind::Distributed),
            (Role::Released, DateKind::Released),
        ];
        let found = kinds.into_iter().find(|(role, _)| self.skip(*role)).map(|(_, kind)| kind);
        if found.is_some() && self.is_low(&["on", "date"]) {
            self.at += 1;
        }
        found
    }

    fn label_ahead(&self) -> Option<Label> {
        let labels = [
            (Role::LabelSoftware, Label::Software),
            (Role::LabelHardware, Label::Hardware),
            (Role::LabelPart, Label::Part),
            (Role::LabelModel, Label::Model),
            (Role::LabelVersion, Label::Version),
        ];
        labels.into_iter().find(|(role, _)| phrase(self.rest(), *role).is_some()).map(|(_, label)| label)
    }

    fn label(&mut self) -> Option<Label> {
        let label = self.label_ahead()?;
        for role in
            [Role::LabelSoftware, Role::LabelHardware, Role::LabelPart, Role::LabelModel, Role::LabelVersion]
        {
            if self.skip(role) {
                break;
            }
        }
        while self.rest().first().is_some_and(|token| token.is_word() && token.low.is_empty()) {
            self.at += 1;
        }
        Some(label)
    }

    /// A comparator, as a sign or in words; `Equal` and `None` are kept apart.
    fn operator(&mut self) -> Read<Option<Op>> {
        if let Some(Kind::Compare(op)) = self.kind() {
            self.at += 1;
            return if op == Op::NotEqual { Err(NotUnderstood) } else { Ok(Some(op)) };
        }
        let roles = [
            (Role::UpTo, Op::AtMost),
            (Role::From, Op::AtLeast),
            (Role::Below, Op::Less),
            (Role::Above, Op::Greater),
        ];
        let best = roles
            .into_iter()
            .filter_map(|(role, op)| phrase(self.rest(), role).map(|length| (length, op)))
            .max_by_key(|(length, _)| *length);
        let Some((length, op)) = best else { return Ok(None) };
        self.at += length;
        if self.is_low(&["or"])
            && self.rest().get(1).is_some_and(|token| matches!(token.low.as_str(), "equal" | "on"))
        {
            self.at += 2;
            if self.is_low(&["to"]) {
                self.at += 1;
            }
            return Ok(Some(if op == Op::Less { Op::AtMost } else { Op::AtLeast }));
        }
        self.skip(Role::LabelVersion);
        Ok(Some(op))
    }

    /// A value with its operator, or an interval.
    fn bounded(&mut self, op: Option<Op>, kind: Option<DateKind>, unlabelled: bool) -> Read<Node> {
        if op.is_none() && self.skip(Role::Between) {
            return self.interval(kind, Op::AtLeast, true);
        }
        let start = self.at;
        if op.is_none()
            && let Some((from, to)) = self.rest().first().and_then(|token| value::letter_range(token.text))
        {
            let version = |text: &str| Version::parse(text).ok_or(NotUnderstood);
            self.at += 1;
            return Ok(Node::All(vec![
                Node::Version(Op::AtLeast, version(from)?),
                Node::Version(Op::AtMost, version(to)?),
            ]));
        }
        let (node, open_above) = self.value(op.unwrap_or(Op::Equal), kind)?;
        let ranged = self.kind() == Some(Kind::Dash) || phrase(self.rest(), Role::To).is_some();
        if ranged && matches!(op, None | Some(Op::AtLeast)) && !open_above {
            self.at = start;
            return self.interval(kind, Op::AtLeast, false);
        }
        self.suffix(node, op, open_above, unlabelled)
    }

    fn interval(&mut self, kind: Option<DateKind>, lower: Op, between: bool) -> Read<Node> {
        self.skip(Role::LabelVersion);
        let (from, _) = self.value(lower, kind)?;
        if between {
            if !self.is_low(&["and"]) {
                return Err(NotUnderstood);
            }
            self.at += 1;
        } else if self.kind() == Some(Kind::Dash) {
            self.at += 1;
        } else if !self.skip(Role::To) {
            return Err(NotUnderstood);
        }
        self.skip(Role::LabelVersion);
        let (to, open_above) = self.value(Op::AtMost, kind)?;
        if open_above {
            return Err(NotUnderstood);
        }
        self.skip(Role::TrailingBelow);
        match list::join(vec![from, to]) {
            interval @ Node::All(_) => Ok(interval),
            _ => Err(NotUnderstood),
        }
    }

    /// One date or version compared by `op`; also whether a plus sign opens it upwards.
    fn value(&mut self, op: Op, kind: Option<DateKind>) -> Read<(Node, bool)> {
        if let Some((date, length)) = value::date(self.rest(), kind.is_some())? {
            self.at += length;
            return Ok((Node::Date(kind.unwrap_or(DateKind::Unnamed), op, date), false));
        }
        if kind.is_some() {
            return Err(NotUnderstood);
        }
        let word = self.rest().first().filter(|token| token.is_word()).ok_or(NotUnderstood)?;
        if let Some(text) = word.text.strip_suffix('+') {
            let version = Version::parse(text).ok_or(NotUnderstood)?;
            self.at += 1;
            return Ok((Node::Version(op, version), true));
        }
        let (version, length) = value::version(self.source, self.rest())?.ok_or(NotUnderstood)?;
        self.at += length;
        Ok((Node::Version(op, version), false))
    }

    /// "and below", "or later", "onwards" behind a value.
    fn suffix(&mut self, node: Node, op: Option<Op>, open_above: bool, unlabelled: bool) -> Read<Node> {
        let joined = self.is_low(&["and", "or"]);
        let rest = self.rest().get(usize::from(joined)..).unwrap_or_default();
        let below = phrase(rest, Role::AndBelow).filter(|_| joined);
        let above = phrase(rest, Role::AndAbove).filter(|_| joined).or(phrase(rest, Role::TrailingAbove));
        let (direction, length) = match (below, above) {
            (Some(length), _) => (Some(Op::AtMost), length),
            (None, Some(length)) => (Some(Op::AtLeast), length),
            (None, None) => (None, 0),
        };
        if direction.is_some() {
            self.at += length + usize::from(joined);
        }
        // A label may also stand behind: "2.3 and prior versions", "all 4.1 versions" is not read.
        if direction.is_some() || unlabelled {
            self.skip(Role::Noise);
        }
        let direction = if open_above {
            if direction.is_some() {
                return Err(NotUnderstood);
            }
            Some(Op::AtLeast)
        } else {
            direction
        };
        match (op, direction) {
            (_, None) => Ok(node),
            (None, Some(direction)) => Ok(with_op(node, direction)),
            (Some(op), Some(direction)) if op == direction => Ok(node),
            _ => Err(NotUnderstood),
        }
    }

    fn unlabelled_model(&mut self) -> Read<Option<Item>> {
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
    fn codes(&mut self, label: Option<Label>) -> Read<Item> {
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
    fn description(&mut self, item: &mut Item) -> Read<()> {
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

    fn operating_system(&mut self) -> Read<Node> {
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

    fn bracket(&mut self, item: &mut Item) -> Read<()> {
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
    fn condition(&self, tokens: &[Token<'s>]) -> Read<Node> {
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

    fn component(&self, tokens: &[Token<'s>]) -> Option<Node> {
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
        if !name.iter().all(Token::is_word) || phrase(name, Role::Os).is_some() {
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

fn with_op(node: Node, op: Op) -> Node {
    match node {
        Node::Version(_, version) => Node::Version(op, version),
        Node::Date(kind, _, date) => Node::Date(kind, op, date),
        other => other,
    }
}

fn remark(node: &mut Node, text: String) {
    *node = match std::mem::replace(node, Node::Nothing) {
        // Remarks beside each other are one remark, so that no text nests deeper than the reader goes.
        Node::Remark(before, inner) => Node::Remark(format!("{before}, {text}"), inner),
        inner => Node::Remark(text, Box::new(inner)),
    };
}

/// Remarks tell the reader something and take nothing away: ends of life, replacements, pack sizes.
fn is_remark(text: &str, item: &Item) -> bool {
    let folded = words::fold(text);
    let pack = matches!(item.node.bare(), Node::Model(_)) && folded.contains("-pack");
    let known = words::phrases(Role::Remark).any(|phrase| words::holds(&folded, phrase));
    let bends = |role| words::phrases(role).any(|phrase| phrase != "all" && words::holds(&folded, phrase));
    (pack || known) && !bends(Role::Exclusion) && !bends(Role::Widening)
}

fn is_single(node: &Node) -> bool {
    matches!(node.bare(), Node::Version(Op::Equal, _))
}

/// Labelled parts joined by commas are all required; the same label again, or none, makes a list.
fn required(items: Vec<Item>) -> Read<Vec<Item>> {
    let system = items.iter().any(|item| holds_system(&item.node));
    let labels: Vec<Label> = items.iter().filter_map(|item| item.label).collect();
    let mixed = labels.windows(2).any(|pair| pair[0] != pair[1]);
    if !system && !mixed {
        return Ok(items);
    }
    if !system && labels.len() < items.len() {
        return Err(NotUnderstood);
    }
    let software = labels.contains(&Label::Software);
    let nodes = items.into_iter().map(|item| {
        let hardware =
            item.label == Some(Label::Hardware) || (software && item.label == Some(Label::Version));
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

fn holds_system(node: &Node) -> bool {
    matches!(node, Node::OperatingSystem(_)) || node.children().iter().any(holds_system)
}
