//! Maven's version order specification (POM reference): tokens between dots, dashes and the borders of digits and
//! letters; nothings at the end of each dashed part dropped; qualifiers in their own order.

use crate::order::order_digits;
use std::cmp::Ordering;

/// Release words from the first to the last; the empty one is the release itself.
const QUALIFIERS: &[&str] = &["alpha", "beta", "milestone", "rc", "snapshot", "", "sp"];

#[derive(Debug)]
enum Item {
    Number(String),
    Word(String),
    List(Vec<Item>),
}

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    Some(lists(&read(a)?, &read(b)?))
}

fn read(text: &str) -> Option<Vec<Item>> {
    let sound = text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'+'));
    sound.then(|| tokens(&text.to_ascii_lowercase()))
}

/// Each dash, and each border of digits and letters, opens a list inside the one before.
fn tokens(text: &str) -> Vec<Item> {
    let mut lists: Vec<Vec<Item>> = vec![Vec::new()];
    let (mut start, mut digits) = (0, false);
    for (at, c) in text.char_indices() {
        let piece = &text[start..at];
        if matches!(c, '.' | '-') {
            push(
                &mut lists,
                if piece.is_empty() { Item::Number("0".to_owned()) } else { item(digits, piece, false) },
            );
            start = at + 1;
            if c == '-' {
                lists.push(Vec::new());
            }
        } else if c.is_ascii_digit() != digits {
            if !piece.is_empty() {
                if !digits && lists.last().is_some_and(|list| !list.is_empty()) {
                    lists.push(Vec::new());
                }
                push(&mut lists, item(digits, piece, c.is_ascii_digit()));
                start = at;
                lists.push(Vec::new());
            }
            digits = c.is_ascii_digit();
        }
    }
    if start < text.len() {
        if !digits && lists.last().is_some_and(|list| !list.is_empty()) {
            lists.push(Vec::new());
        }
        push(&mut lists, item(digits, &text[start..], false));
    }
    close(lists)
}

fn push(lists: &mut [Vec<Item>], item: Item) {
    if let Some(list) = lists.last_mut() {
        list.push(item);
    }
}

/// Puts each list into the one before, from the inmost, without the nothings at its end.
fn close(mut lists: Vec<Vec<Item>>) -> Vec<Item> {
    let mut inner: Option<Vec<Item>> = None;
    while let Some(mut list) = lists.pop() {
        list.extend(inner.take().map(Item::List));
        normalize(&mut list);
        inner = Some(list);
    }
    inner.unwrap_or_default()
}

fn normalize(list: &mut Vec<Item>) {
    for at in (0..list.len()).rev() {
        if is_nothing(&list[at]) {
            list.remove(at);
        } else if !matches!(list[at], Item::List(_)) {
            break;
        }
    }
}

fn is_nothing(item: &Item) -> bool {
    match item {
        Item::Number(digits) => digits.bytes().all(|byte| byte == b'0'),
        Item::Word(word) => word.is_empty(),
        Item::List(list) => list.is_empty(),
    }
}

fn item(digits: bool, text: &str, before_digit: bool) -> Item {
    if digits {
        return Item::Number(text.to_owned());
    }
    Item::Word(match text {
        "a" if before_digit => "alpha".to_owned(),
        "b" if before_digit => "beta".to_owned(),
        "m" if before_digit => "milestone".to_owned(),
        "ga" | "final" | "release" => String::new(),
        "cr" => "rc".to_owned(),
        other => other.to_owned(),
    })
}

fn lists(a: &[Item], b: &[Item]) -> Ordering {
    for at in 0..a.len().max(b.len()) {
        let order = match (a.get(at), b.get(at)) {
            (Some(a), Some(b)) => items(a, b),
            (Some(a), None) => against_nothing(a),
            (None, Some(b)) => against_nothing(b).reverse(),
            (None, None) => Ordering::Equal,
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}

fn items(a: &Item, b: &Item) -> Ordering {
    // A word stands below a dashed part, and that below a number behind a dot.
    let rank = |item: &Item| match item {
        Item::Word(_) => 0,
        Item::List(_) => 1,
        Item::Number(_) => 2,
    };
    match (a, b) {
        (Item::Number(a), Item::Number(b)) => order_digits(a, b),
        (Item::Word(a), Item::Word(b)) => qualifier(a).cmp(&qualifier(b)),
        (Item::List(a), Item::List(b)) => lists(a, b),
        _ => rank(a).cmp(&rank(b)),
    }
}

fn against_nothing(item: &Item) -> Ordering {
    match item {
        Item::Number(digits) => order_digits(digits, "0"),
        Item::Word(word) => qualifier(word).cmp(&qualifier("")),
        Item::List(list) => list
            .iter()
            .map(against_nothing)
            .find(|order| *order != Ordering::Equal)
            .unwrap_or(Ordering::Equal),
    }
}

/// Unknown words stand behind all known ones, by the alphabet.
fn qualifier(word: &str) -> (usize, &str) {
    match QUALIFIERS.iter().position(|known| *known == word) {
        Some(at) => (at, ""),
        None => (QUALIFIERS.len(), word),
    }
}
