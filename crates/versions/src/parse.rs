//! The way into a clause: `vers`, the canonical form, everything else. Total and linear.

use crate::canonical;
use crate::lex;
use crate::node::Node;
use crate::prose;
use crate::vers;

/// Longest clause read, in bytes. The longest real one has 160.
pub(crate) const LONGEST: usize = 4096;

/// What was made of a text: the tree, remarks on the reading, and whether it was written as the rules ask.
pub(crate) struct Parsed {
    pub(crate) node: Node,
    pub(crate) notes: Vec<String>,
    pub(crate) exact: bool,
}

impl Parsed {
    pub(crate) fn person(text: &str, note: &str) -> Self {
        Self { node: Node::Person(text.to_owned()), notes: vec![note.to_owned()], exact: false }
    }
}

pub(crate) fn parse(text: &str) -> Parsed {
    if let Some(node) = canonical::read(text) {
        let exact = false;
        return Parsed { node, notes: Vec::new(), exact };
    }
    if text.len() > LONGEST {
        return Parsed::person(text, "longer than any clause a machine should read; a person has to read it");
    }
    let trimmed = text.trim();
    if trimmed.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("vers:")) {
        return vers::read(text, &trimmed[5..]);
    }
    natural(text, trimmed)
}

pub(crate) fn natural(text: &str, body: &str) -> Parsed {
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
