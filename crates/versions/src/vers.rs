//! `vers` (package-url/vers-spec, clause 5): a type that names an order, and constraints sorted by it. What breaks
//! the rules is not mended: it goes to a person, with what is wrong.

use crate::list;
use crate::node::{Node, Op};
use crate::parse::{Parsed, natural};
use crate::scheme::Scheme;
use crate::segment::Version;
use std::cmp::Ordering;

/// Reads what stands behind `vers:`; `text` is the whole.
pub(crate) fn read(text: &str, rest: &str) -> Parsed {
    let Some((name, constraints)) = rest.split_once('/') else {
        return Parsed::person(text, "a vers without constraints; a person has to read it");
    };
    let (lower, constraints) = (name.to_ascii_lowercase(), constraints.trim());
    if !is_type(name) || lower == "invalid" {
        return Parsed::person(text, &format!("{name:?} is no vers type; a person has to read it"));
    }
    let exact = lower == name && !text.contains(char::is_whitespace);
    let plain = |node| Parsed { node, notes: Vec::new(), exact };
    match (lower.as_str(), constraints) {
        ("none", "*") => plain(Node::Nothing),
        (_, "*") => plain(Node::Everything),
        ("none", _) => Parsed::person(text, "the vers type `none` allows only `*`; a person has to read it"),
        ("all", _) => all(text, constraints),
        ("generic", _) => {
            let mut parsed = told(text, constraints, None, exact);
            if parsed.notes.is_empty() {
                let note = "the vers type `generic` has no published order; read by segments";
                parsed.notes.push(note.to_owned());
            }
            parsed
        }
        (name, _) => match Scheme::of_vers(name) {
            Some(scheme) => told(text, constraints, Some(scheme), exact),
            None => Parsed::person(
                text,
                &format!("the vers type {name:?} has no order known here; a person has to read it"),
            ),
        },
    }
}

/// Letters, digits, dots and dashes behind a letter.
fn is_type(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
}

/// `vers:all/<=4.1` occurs though the type allows only `*`; the constraint is meant.
fn all(text: &str, constraints: &str) -> Parsed {
    let mut parsed = natural(text, constraints);
    if !matches!(parsed.node, Node::Person(_)) {
        parsed.notes.push(format!("type `all` allows only `*`; read as the constraint {constraints}"));
    }
    parsed.exact = false;
    parsed
}

/// One constraint as written.
struct Constraint {
    op: Op,
    version: String,
}

fn told(text: &str, constraints: &str, scheme: Option<Scheme>, exact: bool) -> Parsed {
    let mut read = Vec::new();
    let mut signed = false;
    for piece in constraints.split('|') {
        let piece = piece.trim();
        let signs = [Op::NotEqual, Op::AtMost, Op::AtLeast, Op::Less, Op::Greater, Op::Equal];
        let found = signs.into_iter().find_map(|op| Some((op, piece.strip_prefix(op.sign())?)));
        signed |= found.is_some_and(|(op, _)| op == Op::Equal);
        let (op, version) = found.unwrap_or((Op::Equal, piece));
        match decoded(version.trim()) {
            Some(version) => read.push(Constraint { op, version }),
            None => return Parsed::person(text, &wrong(&format!("{version:?} is no version"))),
        }
    }
    let node = match scheme {
        Some(scheme) => ordered(scheme, &read),
        None => by_segments(&read),
    };
    match node {
        Ok(node) => Parsed { node, notes: Vec::new(), exact: exact && !signed },
        Err(what) => Parsed::person(text, &wrong(&what)),
    }
}

fn wrong(what: &str) -> String {
    format!("the vers breaks its rules: {what}; a person has to read it")
}

/// Constraints of a published order: sorted, each version once, bounds in turns.
fn ordered(scheme: Scheme, constraints: &[Constraint]) -> Result<Node, String> {
    for Constraint { version, .. } in constraints {
        if !scheme.reads(version) {
            return Err(format!("{version:?} is no version of the type {scheme}"));
        }
    }
    for pair in constraints.windows(2) {
        if scheme.compare(&pair[0].version, &pair[1].version) != Some(Ordering::Less) {
            return Err(format!("{} does not stand before {}", pair[0].version, pair[1].version));
        }
    }
    tree(constraints, |constraint| Some(Node::Ordered(scheme, constraint.op, constraint.version.clone())))
}

/// Without a published order: by segments, as text outside a `vers`.
fn by_segments(constraints: &[Constraint]) -> Result<Node, String> {
    let version = |text: &str| Version::parse(text).filter(|version| !version.train().1);
    if let Some(odd) = constraints.iter().find(|constraint| version(&constraint.version).is_none()) {
        return Err(format!("{:?} is no version", odd.version));
    }
    let node =
        tree(constraints, |constraint| Some(Node::Version(constraint.op, version(&constraint.version)?)))?;
    let interval = |node: &Node| match node {
        Node::All(pair)
            if pair
                .iter()
                .all(|node| matches!(node, Node::Version(op, _) if op.is_lower() || op.is_upper())) =>
        {
            matches!(list::join(pair.clone()), Node::All(_))
        }
        _ => true,
    };
    let sound = interval(&node)
        && node.children().iter().all(|child| interval(child) && child.children().iter().all(interval));
    if sound { Ok(node) } else { Err("an upper bound stands below its lower one".to_owned()) }
}

/// What sorted constraints mean: single versions and intervals, less what is left out.
fn tree(constraints: &[Constraint], leaf: impl Fn(&Constraint) -> Option<Node>) -> Result<Node, String> {
    let odd = || "the comparators do not take turns".to_owned();
    let leaf = |constraint| leaf(constraint).ok_or_else(odd);
    let (out, told): (Vec<&Constraint>, Vec<&Constraint>) =
        constraints.iter().partition(|constraint| constraint.op == Op::NotEqual);
    let mut pieces = Vec::new();
    let mut lower: Option<Node> = None;
    let mut first = true;
    let mut after_single = false;
    for constraint in told {
        let node = leaf(constraint)?;
        match (constraint.op, lower.take()) {
            (op, None) if op.is_lower() => lower = Some(node),
            (Op::Equal, None) => pieces.push(node),
            (op, Some(low)) if op.is_upper() => pieces.push(Node::All(vec![low, node])),
            (op, None) if op.is_upper() && first && !after_single => pieces.push(node),
            _ => return Err(odd()),
        }
        after_single |= constraint.op == Op::Equal;
        first &= constraint.op == Op::Equal;
    }
    pieces.extend(lower);
    if pieces.is_empty() {
        return Err("nothing but versions left out: all others, or none, may be meant".to_owned());
    }
    let mut all = vec![Node::any(pieces)];
    for constraint in out {
        all.push(leaf(constraint)?);
    }
    Ok(Node::all(all))
}

/// Printable ASCII with the signs of the syntax as `%` and two digits.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
            }
            b'<' | b'>' | b'=' | b'!' | b'*' => return None,
            byte if byte.is_ascii_graphic() => bytes.push(byte),
            // By segments a blank parts a version from its build.
            b' ' => bytes.push(byte),
            _ => return None,
        }
    }
    String::from_utf8(bytes).ok().filter(|text| !text.is_empty())
}

/// The `vers` of a tree that was read from one, its constraints sorted again; `None` for any other tree.
pub(crate) fn print(tree: &Node) -> Option<String> {
    let mut leaves = Vec::new();
    collect(tree, &mut leaves)?;
    let (scheme, ..) = *leaves.first()?;
    if leaves.iter().any(|(other, ..)| *other != scheme) {
        return None;
    }
    leaves.sort_by(|a, b| scheme.compare(a.2, b.2).unwrap_or(Ordering::Equal));
    let constraint = |(_, op, version): &(Scheme, Op, &str)| {
        format!("{}{}", if *op == Op::Equal { "" } else { op.sign() }, encoded(version))
    };
    Some(format!("vers:{scheme}/{}", leaves.iter().map(constraint).collect::<Vec<_>>().join("|")))
}

fn collect<'a>(node: &'a Node, leaves: &mut Vec<(Scheme, Op, &'a str)>) -> Option<()> {
    match node {
        Node::Ordered(scheme, op, version) => leaves.push((*scheme, *op, version)),
        Node::Any(nodes) | Node::All(nodes) => nodes.iter().try_for_each(|node| collect(node, leaves))?,
        _ => return None,
    }
    Some(())
}

fn encoded(version: &str) -> String {
    let mut out = String::with_capacity(version.len());
    for c in version.chars() {
        match c {
            '<' | '>' | '=' | '!' | '*' | '|' | '%' | ' ' => out.push_str(&format!("%{:02X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}
