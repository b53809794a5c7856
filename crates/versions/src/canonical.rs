//! The printed form of a tree and its reader. Simple trees print as people write them; the rest prints as nested
//! `name{…}` pieces, a form no advisory uses, so that any tree can be stored as text and read back the same.

use crate::date::{Date, DateKind};
use crate::node::{Node, Op};
use crate::scheme::Scheme;
use crate::segment::Version;
use crate::serial::Serials;
use crate::vers;
use std::fmt::Write;

/// Longest canonical text read; a clause of the longest readable text stays below it.
const LONGEST: usize = 64 * 1024;
const DEEPEST: usize = 24;
const OPS: [Op; 6] = [Op::NotEqual, Op::AtMost, Op::AtLeast, Op::Less, Op::Greater, Op::Equal];
const KINDS: [(&str, DateKind); 4] = [
    ("manufactured", DateKind::Manufactured),
    ("distributed", DateKind::Distributed),
    ("released", DateKind::Released),
    ("unnamed", DateKind::Unnamed),
];

/// How people write it, for the shapes that have one way of writing.
pub(crate) fn natural(node: &Node) -> Option<String> {
    let single = |node: &Node| match node {
        Node::Version(Op::Equal, version) => Some(version.text().to_owned()),
        Node::Version(op, version) => Some(format!("{} {}", op.sign(), version.text())),
        _ => None,
    };
    match node {
        Node::Everything => Some("*".to_owned()),
        Node::Person(text) => Some(text.clone()),
        node if vers::print(node).is_some() => vers::print(node),
        Node::Version(..) => single(node),
        Node::Any(nodes) | Node::All(nodes) => {
            let texts: Option<Vec<String>> = nodes.iter().map(single).collect();
            texts.map(|texts| texts.join(" | "))
        }
        _ => None,
    }
}

/// Writes `node` in nested pieces.
pub(crate) fn write(node: &Node, out: &mut String) {
    let mut list = |name: &str, nodes: &[Node]| {
        out.push_str(name);
        for (at, node) in nodes.iter().enumerate() {
            if at > 0 {
                out.push(';');
            }
            write(node, out);
        }
        out.push('}');
    };
    match node {
        Node::Any(nodes) => list("any{", nodes),
        Node::All(nodes) => list("all{", nodes),
        Node::Either(nodes) => list("either{", nodes),
        Node::Hardware(inner) => list("hardware{", std::slice::from_ref(inner)),
        Node::Component(name, inner) => named("component", name, inner, out),
        Node::Remark(text, inner) => named("remark", text, inner, out),
        Node::Everything => out.push_str("everything{}"),
        Node::Nothing => out.push_str("nothing{}"),
        Node::Version(op, version) => leaf("version", &format!("{} {}", op.sign(), version.text()), out),
        Node::Ordered(scheme, op, version) => {
            leaf("ordered", &format!("{scheme} {} {version}", op.sign()), out);
        }
        Node::Serial(serials) => {
            let ends = serials.ends().iter().map(|(op, end)| format!("{} {end}", op.sign()));
            leaf("serial", &ends.collect::<Vec<_>>().join(" "), out);
        }
        Node::Date(kind, op, date) => {
            let name = KINDS.iter().find(|(_, known)| known == kind).map_or("unnamed", |(name, _)| name);
            leaf("date", &format!("{name} {} {date}", op.sign()), out);
        }
        Node::Model(names) => {
            out.push_str("model{");
            for (at, name) in names.iter().enumerate() {
                if at > 0 {
                    out.push(';');
                }
                escape(name, out);
            }
            out.push('}');
        }
        Node::PartNumber(text) => leaf("part", text, out),
        Node::OperatingSystem(text) => leaf("os", text, out),
        Node::Condition(text) => leaf("condition", text, out),
        Node::Person(text) => leaf("person", text, out),
    }
}

fn named(name: &str, text: &str, inner: &Node, out: &mut String) {
    let _ = write!(out, "{name}{{");
    escape(text, out);
    out.push(';');
    write(inner, out);
    out.push('}');
}

fn leaf(name: &str, text: &str, out: &mut String) {
    let _ = write!(out, "{name}{{");
    escape(text, out);
    out.push('}');
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        if matches!(c, '{' | '}' | ';' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
}

/// Reads what [`write`] wrote. `None` for any other text.
pub(crate) fn read(text: &str) -> Option<Node> {
    if text.len() > LONGEST || !text.ends_with('}') {
        return None;
    }
    let mut reader = Reader { rest: text };
    let node = reader.node(0)?;
    reader.rest.is_empty().then_some(node)
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn node(&mut self, depth: usize) -> Option<Node> {
        let (name, rest) =
            self.rest.split_once('{').filter(|(name, _)| name.len() < 16 && depth < DEEPEST)?;
        self.rest = rest;
        let node = match name {
            "any" => Node::Any(self.nodes(depth)?),
            "all" => Node::All(self.nodes(depth)?),
            "either" => Node::Either(self.nodes(depth)?),
            "hardware" => Node::Hardware(Box::new(self.node(depth + 1)?)),
            "component" => Node::Component(self.text_then()?, Box::new(self.node(depth + 1)?)),
            "remark" => Node::Remark(self.text_then()?, Box::new(self.node(depth + 1)?)),
            "everything" => Node::Everything,
            "nothing" => Node::Nothing,
            "version" => version(&self.text()?)?,
            "ordered" => ordered(&self.text()?)?,
            "serial" => serial(&self.text()?)?,
            "date" => date(&self.text()?)?,
            "model" => self.names()?,
            "part" => Node::PartNumber(self.text()?),
            "os" => Node::OperatingSystem(self.text()?),
            "condition" => Node::Condition(self.text()?),
            _ => return None,
        };
        self.expect('}')?;
        Some(node)
    }

    fn expect(&mut self, mark: char) -> Option<()> {
        self.rest = self.rest.strip_prefix(mark)?;
        Some(())
    }

    /// Two or more nodes; one alone is never written as a list.
    fn nodes(&mut self, depth: usize) -> Option<Vec<Node>> {
        let mut nodes = vec![self.node(depth + 1)?];
        while self.expect(';').is_some() {
            nodes.push(self.node(depth + 1)?);
        }
        (nodes.len() > 1).then_some(nodes)
    }

    fn names(&mut self) -> Option<Node> {
        let mut names = vec![self.text()?];
        while self.expect(';').is_some() {
            names.push(self.text()?);
        }
        Some(Node::Model(names))
    }

    fn text_then(&mut self) -> Option<String> {
        let text = self.text()?;
        self.expect(';')?;
        Some(text)
    }

    /// Text up to a mark that is not escaped. Never empty.
    fn text(&mut self) -> Option<String> {
        let mut text = String::new();
        let mut chars = self.rest.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => text.push(chars.next()?.1),
                '{' => return None,
                '}' | ';' => {
                    self.rest = &self.rest[at..];
                    return (!text.is_empty()).then_some(text);
                }
                c => text.push(c),
            }
        }
        None
    }
}

fn version(text: &str) -> Option<Node> {
    let (sign, version) = text.split_once(' ')?;
    let op = OPS.into_iter().find(|op| op.sign() == sign)?;
    Version::parse(version).map(|version| Node::Version(op, version))
}

fn ordered(text: &str) -> Option<Node> {
    let (scheme, rest) = text.split_once(' ')?;
    let (sign, version) = rest.split_once(' ')?;
    let (scheme, op) = (Scheme::of_vers(scheme)?, OPS.into_iter().find(|op| op.sign() == sign)?);
    scheme.reads(version).then(|| Node::Ordered(scheme, op, version.to_owned()))
}

fn serial(text: &str) -> Option<Node> {
    let words: Vec<&str> = text.split(' ').collect();
    let end = |pair: &[&str]| match pair {
        [sign, text] => Some((OPS.into_iter().find(|op| op.sign() == *sign)?, (*text).to_owned())),
        _ => None,
    };
    Serials::new(words.chunks(2).map(end).collect::<Option<Vec<_>>>()?).map(Node::Serial)
}

fn date(text: &str) -> Option<Node> {
    let mut fields = text.splitn(3, ' ');
    let name = fields.next()?;
    let kind = KINDS.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)?;
    let sign = fields.next()?;
    let op = OPS.into_iter().find(|op| op.sign() == sign)?;
    let date = fields.next()?;
    let date = if date.contains('/') { Date::slashed(date) } else { Date::iso(date) }?;
    Some(Node::Date(kind, op, date))
}
