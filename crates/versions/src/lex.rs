//! A clause text cut into tokens. Nothing is lost: each token knows its span in the text.

use crate::node::Op;
use crate::words::{self, LONGEST, Role};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Word,
    Compare(Op),
    Pipe,
    /// A comma or semicolon; `glued` when no blank stands behind it.
    Comma,
    Open,
    Close,
    /// A dash with blanks on both sides.
    Dash,
    /// A slash with blanks on both sides.
    Slash,
}

#[derive(Debug, Clone)]
pub(crate) struct Token<'a> {
    pub(crate) kind: Kind,
    pub(crate) text: &'a str,
    /// Lower case, without the marks that may end a label.
    pub(crate) low: String,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Token<'_> {
    pub(crate) fn is_word(&self) -> bool {
        self.kind == Kind::Word
    }
}

/// Cuts `text` into tokens, in one pass.
pub(crate) fn lex(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        }
        let (kind, length) = sign(&text[at..]).unwrap_or_else(|| {
            let length =
                text[at..].find(|c: char| c.is_whitespace() || is_sign(c)).unwrap_or(text.len() - at);
            (word_kind(&text[at..at + length]), length)
        });
        let piece = &text[at..at + length];
        let low = piece.trim_end_matches([':', '.', '#']).to_lowercase();
        let low = if low == "&" { "and".to_owned() } else { low };
        tokens.push(Token { kind, text: piece, low, start: at, end: at + length });
        at += length;
    }
    tokens
}

fn is_sign(c: char) -> bool {
    matches!(c, '<' | '>' | '=' | '≤' | '≥' | '|' | ',' | ';' | '(' | ')' | '[' | ']' | '!')
}

fn sign(rest: &str) -> Option<(Kind, usize)> {
    let two = [
        ("<=", Op::AtMost),
        ("=<", Op::AtMost),
        (">=", Op::AtLeast),
        ("=>", Op::AtLeast),
        ("==", Op::Equal),
        ("!=", Op::NotEqual),
    ];
    if let Some((_, op)) = two.into_iter().find(|(sign, _)| rest.starts_with(sign)) {
        return Some((Kind::Compare(op), 2));
    }
    if rest.starts_with("||") {
        return Some((Kind::Pipe, 2));
    }
    let c = rest.chars().next()?;
    let kind = match c {
        '<' => Kind::Compare(Op::Less),
        '≤' => Kind::Compare(Op::AtMost),
        '>' => Kind::Compare(Op::Greater),
        '≥' => Kind::Compare(Op::AtLeast),
        '=' => Kind::Compare(Op::Equal),
        '|' => Kind::Pipe,
        ',' | ';' => Kind::Comma,
        '(' | '[' => Kind::Open,
        ')' | ']' => Kind::Close,
        '!' => Kind::Word,
        _ => return None,
    };
    Some((kind, c.len_utf8()))
}

fn word_kind(word: &str) -> Kind {
    match word {
        "-" | "–" | "—" => Kind::Dash,
        "/" => Kind::Slash,
        _ => Kind::Word,
    }
}

/// The length in tokens of the longest phrase at the start of `tokens` that plays `role`.
pub(crate) fn phrase(tokens: &[Token<'_>], role: Role) -> Option<usize> {
    let words = tokens.iter().take(LONGEST).take_while(|token| token.is_word()).count();
    (1..=words).rev().find(|length| {
        let joined: Vec<&str> = tokens[..*length].iter().map(|token| token.low.as_str()).collect();
        words::is(&joined.join(" "), role)
    })
}
