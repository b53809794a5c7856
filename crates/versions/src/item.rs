//! One member of a list: its label, its comparator as a sign or in words, its value, what stands behind it.

use crate::date::DateKind;
use crate::lex::{Kind, phrase};
use crate::list;
use crate::node::{Node, Op};
use crate::prose::{Item, Label, Parser, Read};
use crate::segment::Version;
use crate::serial_list::label_length;
use crate::value::{self, NotUnderstood};
use crate::words::Role;
impl<'s> Parser<'_, 's> {
    pub(crate) fn item(&mut self) -> Read<Item> {
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
        if label_length(self.rest()).is_some() {
            return self.serials();
        }
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
        let node = self.bounded(op, date_kind)?;
        let node = if label == Some(Label::Hardware) { Node::Hardware(Box::new(node)) } else { node };
        Ok(Item { label, ..plain(node) })
    }

    /// "all devices", "versions" before what is said of them.
    pub(crate) fn subject(&mut self) {
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
        let serial = label_length(rest).is_some();
        let said = serial || roles.into_iter().any(|role| phrase(rest, role).is_some());
        if said || rest.first().is_some_and(|token| matches!(token.kind, Kind::Compare(_))) {
            self.at += length;
        }
    }

    pub(crate) fn date_kind(&mut self) -> Option<DateKind> {
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

    pub(crate) fn label_ahead(&self) -> Option<Label> {
        let labels = [
            (Role::LabelSoftware, Label::Software),
            (Role::LabelHardware, Label::Hardware),
            (Role::LabelPart, Label::Part),
            (Role::LabelModel, Label::Model),
            (Role::LabelVersion, Label::Version),
        ];
        labels.into_iter().find(|(role, _)| phrase(self.rest(), *role).is_some()).map(|(_, label)| label)
    }

    pub(crate) fn label(&mut self) -> Option<Label> {
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
    pub(crate) fn operator(&mut self) -> Read<Option<Op>> {
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
    pub(crate) fn bounded(&mut self, op: Option<Op>, kind: Option<DateKind>) -> Read<Node> {
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
        self.suffix(node, op, open_above)
    }

    pub(crate) fn interval(&mut self, kind: Option<DateKind>, lower: Op, between: bool) -> Read<Node> {
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
    pub(crate) fn value(&mut self, op: Op, kind: Option<DateKind>) -> Read<(Node, bool)> {
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
    pub(crate) fn suffix(&mut self, node: Node, op: Option<Op>, open_above: bool) -> Read<Node> {
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
        self.noise();
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

    /// A word that may close what is said ("and prior versions", "4.1 only"), and only where it does close it:
    /// "4.1 Release 5" goes on.
    pub(crate) fn noise(&mut self) {
        let Some(length) = phrase(self.rest(), Role::Noise) else { return };
        let after = self.rest().get(length);
        if after.is_none_or(|token| !token.is_word() || matches!(token.low.as_str(), "and" | "or")) {
            self.at += length;
        }
    }
}

fn with_op(node: Node, op: Op) -> Node {
    match node {
        Node::Version(_, version) => Node::Version(op, version),
        Node::Date(kind, _, date) => Node::Date(kind, op, date),
        other => other,
    }
}
