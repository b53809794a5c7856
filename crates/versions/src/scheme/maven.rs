//! Maven artifacts: the version order of Maven's POM reference.

use super::{is_number, take_while};
use crate::order::order_digits;
use std::cmp::Ordering;

#[derive(Clone, Debug, PartialEq, Eq)]
struct Token {
    dotted: bool,
    text: String,
}

/// Known qualifiers, first to last; the release itself is the empty one.
const QUALIFIERS: [&str; 7] = ["alpha", "beta", "milestone", "rc", "snapshot", "", "sp"];

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (read(a)?, read(b)?);
    let order = (0..a.len().max(b.len())).map(|at| {
        // What is not there is the release itself: zero beside a dotted number, no qualifier beside anything else.
        let pad = |other: &Token| {
            let number = other.dotted && is_number(&other.text);
            Token { dotted: other.dotted, text: if number { "0" } else { "" }.to_owned() }
        };
        match (a.get(at), b.get(at)) {
            (Some(a), Some(b)) => tokens(a, b),
            (Some(a), None) => tokens(a, &pad(a)),
            (None, Some(b)) => tokens(&pad(b), b),
            (None, None) => Ordering::Equal,
        }
    });
    Some(order.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal))
}

fn read(text: &str) -> Option<Vec<Token>> {
    let is_fine = text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_+".contains(&byte));
    if !is_fine {
        return None;
    }
    let text = text.to_ascii_lowercase();
    let (mut tokens, mut rest, mut dotted) = (Vec::new(), text.as_str(), true);
    loop {
        let digits = rest.starts_with(|c: char| c.is_ascii_digit());
        let (run, behind) = take_while(rest, |c| c != '.' && c != '-' && c.is_ascii_digit() == digits);
        let followed = behind.starts_with(|c: char| c.is_ascii_digit());
        tokens.push(Token {
            dotted,
            text: if run.is_empty() { "0".to_owned() } else { spelled(run, followed) },
        });
        let mut next = behind.chars();
        match next.next() {
            None => break,
            Some(sign @ ('.' | '-')) => {
                dotted = sign == '.';
                rest = next.as_str();
            }
            // From digits to letters and back is as good as a hyphen.
            Some(_) => {
                dotted = false;
                rest = behind;
            }
        }
    }
    Some(trimmed(tokens))
}

/// A qualifier under its full name.
fn spelled(run: &str, followed_by_number: bool) -> String {
    match run {
        "a" if followed_by_number => "alpha",
        "b" if followed_by_number => "beta",
        "m" if followed_by_number => "milestone",
        "cr" => "rc",
        "ga" | "final" | "release" => "",
        other => other,
    }
    .to_owned()
}

/// Without tokens that say nothing, before each hyphen and at the end.
fn trimmed(tokens: Vec<Token>) -> Vec<Token> {
    let says_nothing = |token: &Token| token.text.is_empty() || token.text.bytes().all(|byte| byte == b'0');
    let mut kept: Vec<Token> = Vec::new();
    for token in tokens {
        if !token.dotted {
            while kept.len() > 1 && kept.last().is_some_and(says_nothing) {
                kept.pop();
            }
        }
        kept.push(token);
    }
    while kept.len() > 1 && kept.last().is_some_and(says_nothing) {
        kept.pop();
    }
    kept
}

fn tokens(a: &Token, b: &Token) -> Ordering {
    match (is_number(&a.text), is_number(&b.text)) {
        (true, true) => a.dotted.cmp(&b.dotted).then_with(|| order_digits(&a.text, &b.text)),
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => {
            let rank =
                |text: &str| QUALIFIERS.iter().position(|known| *known == text).unwrap_or(QUALIFIERS.len());
            rank(&a.text).cmp(&rank(&b.text)).then_with(|| a.text.cmp(&b.text))
        }
    }
}
