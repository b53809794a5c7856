//! The way into a clause: `vers`, the canonical form, everything else. Total and linear.

use crate::canonical;
use crate::lex;
use crate::list;
use crate::node::{Node, Op};
use crate::prose;
use crate::segment::Version;

/// Longest clause read, in bytes. The longest real one has 160.
pub(crate) const LONGEST: usize = 4096;

/// What was made of a text: the tree, remarks on the reading, and whether it was written as the rules ask.
pub(crate) struct Parsed {
    pub(crate) node: Node,
    pub(crate) notes: Vec<String>,
    pub(crate) exact: bool,
}

impl Parsed {
    fn person(text: &str, note: &str) -> Self {
        Self { node: Node::Person(text.to_owned()), notes: vec![note.to_owned()], exact: false }
    }
}

pub(crate) fn parse(text: &str) -> Parsed {
    if let Some(node) = canonical::read(text) {
        let exact = false;
        return Parsed { node, notes: Vec::new(), exact };
    }
    if text.len() > LONGEST {
        return Parsed::person(text, "longer than any clause a machine should read");
    }
    let trimmed = text.trim();
    if trimmed.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("vers:")) {
        return vers(text, &trimmed[5..]);
    }
    natural(text, trimmed)
}

fn natural(text: &str, body: &str) -> Parsed {
    let tokens = lex::lex(body);
    match prose::read(body, &tokens) {
        Ok(node) => {
            let mut notes = Vec::new();
            if holds_either(&node) {
                notes.push("can be read in two ways; only what both say is decided".to_owned());
            }
            let exact =
                is_plain(&node) && !body.chars().any(|c| c.is_ascii_lowercase() && !matches!(c, 'v' | 'x'));
            Parsed { node, notes, exact }
        }
        Err(_) => Parsed::person(text, "not understood; a person has to read it"),
    }
}

fn holds_either(node: &Node) -> bool {
    matches!(node, Node::Either(_)) || node.children().iter().any(holds_either)
}

/// Nothing but versions, bounds, intervals and lists of these.
fn is_plain(node: &Node) -> bool {
    match node {
        Node::Everything | Node::Version(..) => true,
        Node::Any(nodes) | Node::All(nodes) => nodes.iter().all(is_plain),
        _ => false,
    }
}

/// `vers:TYPE/CONSTRAINTS` (package-url/vers-spec). `all` and `none` allow only `*`; constraints behind them are
/// read as bare constraints and the type is noted as invalid.
fn vers(text: &str, rest: &str) -> Parsed {
    let Some((kind, constraints)) = rest.split_once('/') else {
        return Parsed::person(text, "a vers without constraints");
    };
    let star = constraints.trim() == "*";
    let node = match kind.to_ascii_lowercase().as_str() {
        "none" if star => Node::Nothing,
        _ if star => Node::Everything,
        "all" => {
            let mut parsed = natural(text, constraints.trim());
            if !matches!(parsed.node, Node::Person(_)) {
                parsed.notes.push(format!(
                    "type `all` allows only `*`; read as the constraint {}",
                    constraints.trim()
                ));
            }
            parsed.exact = false;
            return parsed;
        }
        "none" => return Parsed::person(text, "type `none` allows only `*`"),
        // Text order and instants are other orders than that of segments.
        "lexicographic" | "datetime" => {
            return Parsed::person(text, "a vers type without an order of versions here");
        }
        _ => match bounded_vers(constraints) {
            Some(node) => node,
            None => return Parsed::person(text, "constraints of the vers were not understood"),
        },
    };
    let known = matches!(kind, "all" | "none" | "generic" | "intdot" | "semver");
    let notes =
        if known { Vec::new() } else { vec![format!("type `{kind}` is ordered by segments, as any other")] };
    Parsed { node, notes, exact: known }
}

fn bounded_vers(constraints: &str) -> Option<Node> {
    let (mut singles, mut bounds, mut excluded) = (Vec::new(), Vec::new(), Vec::new());
    for constraint in constraints.split('|') {
        let constraint = constraint.trim();
        let signs = [Op::NotEqual, Op::AtMost, Op::AtLeast, Op::Less, Op::Greater, Op::Equal];
        let found = signs.into_iter().find_map(|op| Some((op, constraint.strip_prefix(op.sign())?)));
        let (op, version) = found.unwrap_or((Op::Equal, constraint));
        let version = Version::parse(&percent_decoded(version.trim())?)?;
        if version.train().1 {
            return None;
        }
        match op {
            Op::Equal => singles.push(Node::Version(op, version)),
            Op::NotEqual => excluded.push(Node::Version(op, version)),
            _ => bounds.push((op, version)),
        }
    }
    // Sorted bounds alternate: an upper one opens downwards, a lower one goes with the upper one behind it.
    let mut bounds = bounds.into_iter().peekable();
    let mut first = true;
    while let Some((op, version)) = bounds.next() {
        let node = Node::Version(op, version);
        if op.is_upper() {
            if !first {
                return None;
            }
            singles.push(node);
        } else if bounds.peek().is_some() {
            let (upper, version) = bounds.next()?;
            match list::join(vec![node, Node::Version(upper, version)]) {
                interval @ Node::All(_) if upper.is_upper() => singles.push(interval),
                _ => return None,
            }
        } else {
            singles.push(node);
        }
        first = false;
    }
    let mut all = if singles.is_empty() { Vec::new() } else { vec![Node::any(singles)] };
    all.extend(excluded);
    Some(Node::all(all))
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}
