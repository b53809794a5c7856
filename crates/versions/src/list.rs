//! How the pieces of a list go together: a pipe is "and" in a range, "or" in a list, and at times nobody knows.

use crate::node::{Node, Op};
use crate::order::order;
use std::cmp::Ordering;

/// Joins alternatives. A lower and the upper bound that follows it make an interval; single versions and intervals
/// are alternatives; two bounds of one direction are alternatives when each names its own series, and otherwise
/// readable in two ways.
pub(crate) fn join(nodes: Vec<Node>) -> Node {
    if nodes.iter().any(|node| *node.bare() == Node::Everything) && nodes.len() > 1 {
        return Node::Any(nodes);
    }
    let only_two = nodes.len() == 2;
    let mut joined = Vec::new();
    let mut loose = Vec::new();
    let mut rest = nodes.into_iter().peekable();
    while let Some(node) = rest.next() {
        if let Some(next) = rest.peek()
            && is_interval(&node, next, only_two)
            && let Some(next) = rest.next()
        {
            joined.push(Node::All(vec![node, next]));
        } else if bound(&node).is_some_and(|op| op.is_upper() || op.is_lower()) {
            loose.push(node);
        } else {
            joined.push(node);
        }
    }
    if loose.len() > 1 {
        let apart = apart_by_series(&loose);
        if !apart {
            joined.push(Node::Either(vec![Node::Any(loose.clone()), Node::All(loose)]));
            return Node::any(joined);
        }
    }
    joined.splice(0..0, loose);
    Node::any(joined)
}

fn bound(node: &Node) -> Option<Op> {
    match node.bare() {
        Node::Version(op, _) | Node::Date(_, op, _) => Some(*op),
        _ => None,
    }
}

/// Whether `first` and `second` bound one interval. Two bounds alone may also come upper first.
fn is_interval(first: &Node, second: &Node, only_two: bool) -> bool {
    let (Some(a), Some(b)) = (bound(first), bound(second)) else { return false };
    let (lower, upper) = if a.is_lower() && b.is_upper() {
        (first, second)
    } else if only_two && a.is_upper() && b.is_lower() {
        (second, first)
    } else {
        return false;
    };
    match (lower.bare(), upper.bare()) {
        (Node::Version(_, lower), Node::Version(_, upper)) => {
            matches!(order(&lower.untrained(), &upper.untrained()), Some(Ordering::Less | Ordering::Equal))
        }
        (Node::Date(a, _, lower), Node::Date(b, _, upper)) => {
            a == b && lower.spans().all(|low| upper.spans().all(|up| low.0 <= up.1))
        }
        _ => false,
    }
}

fn apart_by_series(bounds: &[Node]) -> bool {
    let mut seen = Vec::new();
    // A long list of bounds is no list of series; looking at each pair of it would not be linear.
    bounds.len() <= 16
        && bounds.iter().all(|node| {
            let Node::Version(_, version) = node.bare() else { return false };
            let Some(series) = version.series() else { return false };
            let fresh = !seen.contains(&series);
            seen.push(series);
            fresh
        })
}
