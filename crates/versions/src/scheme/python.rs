//! Python packages: PEP 440, with the spellings it normalises.

use super::{compare_numbers, is_number, take_while};
use crate::order::order_digits;
use std::cmp::Ordering;

#[derive(Debug)]
struct Read {
    epoch: String,
    release: Vec<String>,
    /// Phase and number: 0 alpha, 1 beta, 2 candidate.
    pre: Option<(u8, String)>,
    post: Option<String>,
    dev: Option<String>,
    local: Vec<String>,
}

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    Some(order(&read(a)?, &read(b)?))
}

fn read(text: &str) -> Option<Read> {
    let text = text.to_ascii_lowercase();
    let text = text.strip_prefix('v').unwrap_or(&text);
    let (text, local) = text.split_once('+').map_or((text, None), |(text, local)| (text, Some(local)));
    let (epoch, text) = text.split_once('!').map_or(("0", text), |(epoch, text)| (epoch, text));
    let (release, rest) = release(text);
    let local: Vec<String> =
        local.map_or_else(Vec::new, |local| local.split(['.', '-', '_']).map(str::to_owned).collect());
    let alphanumeric =
        |part: &String| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !is_number(epoch) || release.is_empty() || !local.iter().all(alphanumeric) {
        return None;
    }
    let mut read = Read { epoch: epoch.to_owned(), release, pre: None, post: None, dev: None, local };
    let rest = phase(rest, &mut read);
    let rest = post(rest, &mut read);
    let rest = dev(rest, &mut read);
    rest.is_empty().then_some(read)
}

/// The leading numbers, parted by dots.
fn release(text: &str) -> (Vec<String>, &str) {
    let (mut numbers, mut rest) = (Vec::new(), text);
    loop {
        let behind = if numbers.is_empty() { Some(rest) } else { rest.strip_prefix('.') };
        let (number, next) = behind.map_or(("", rest), |behind| take_while(behind, |c| c.is_ascii_digit()));
        if number.is_empty() {
            return (numbers, rest);
        }
        numbers.push(number.to_owned());
        rest = next;
    }
}

/// One of `words` with the number behind it, each behind an optional separator; an absent number is zero.
fn marked<'a>(text: &'a str, words: &[&str]) -> Option<(usize, String, &'a str)> {
    let bare = text.strip_prefix(['.', '-', '_']).unwrap_or(text);
    // Words may stand side by side (`1.0cdev2`): the longest that fits is meant.
    let (which, rest) = words
        .iter()
        .enumerate()
        .filter_map(|(which, word)| Some((which, bare.strip_prefix(word)?)))
        .min_by_key(|(_, rest)| rest.len())?;
    let numbered = rest.strip_prefix(['.', '-', '_']).unwrap_or(rest);
    let (number, behind) = take_while(numbered, |c| c.is_ascii_digit());
    Some((which, if number.is_empty() { "0" } else { number }.to_owned(), behind))
}

fn phase<'a>(text: &'a str, read: &mut Read) -> &'a str {
    const WORDS: [&str; 8] = ["a", "alpha", "b", "beta", "c", "rc", "pre", "preview"];
    let Some((which, number, rest)) = marked(text, &WORDS) else { return text };
    read.pre = Some((u8::try_from(which / 2).unwrap_or(2).min(2), number));
    rest
}

fn post<'a>(text: &'a str, read: &mut Read) -> &'a str {
    if let Some((_, number, rest)) = marked(text, &["post", "rev", "r"]) {
        read.post = Some(number);
        return rest;
    }
    let (number, rest) =
        text.strip_prefix('-').map_or(("", text), |text| take_while(text, |c| c.is_ascii_digit()));
    if number.is_empty() {
        return text;
    }
    read.post = Some(number.to_owned());
    rest
}

fn dev<'a>(text: &'a str, read: &mut Read) -> &'a str {
    let Some((_, number, rest)) = marked(text, &["dev"]) else { return text };
    read.dev = Some(number);
    rest
}

fn order(a: &Read, b: &Read) -> Ordering {
    fn numbers(read: &Read) -> Vec<&str> {
        read.release.iter().map(String::as_str).collect()
    }
    order_digits(&a.epoch, &b.epoch)
        .then_with(|| compare_numbers(&numbers(a), &numbers(b)))
        .then_with(|| {
            let (a_rank, b_rank) = (pre_rank(a), pre_rank(b));
            a_rank.0.cmp(&b_rank.0).then_with(|| order_digits(a_rank.1, b_rank.1))
        })
        .then_with(|| optional(a.post.as_deref(), b.post.as_deref(), Ordering::Less))
        .then_with(|| optional(a.dev.as_deref(), b.dev.as_deref(), Ordering::Greater))
        .then_with(|| locals(&a.local, &b.local))
}

/// A development release of a bare release comes before all its pre-releases; the release itself behind them.
fn pre_rank(read: &Read) -> (u8, &str) {
    match &read.pre {
        Some((phase, number)) => (phase + 1, number),
        None if read.post.is_none() && read.dev.is_some() => (0, "0"),
        None => (4, "0"),
    }
}

/// Two numbers of which either may be absent; `absent` says where an absent one stands.
fn optional(a: Option<&str>, b: Option<&str>, absent: Ordering) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => order_digits(a, b),
        (None, Some(_)) => absent,
        (Some(_), None) => absent.reverse(),
        (None, None) => Ordering::Equal,
    }
}

/// Numbers stand above words, and more segments above fewer.
fn locals(a: &[String], b: &[String]) -> Ordering {
    let differing = a.iter().zip(b).map(|(a, b)| match (is_number(a), is_number(b)) {
        (true, true) => order_digits(a, b),
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => a.cmp(b),
    });
    differing.into_iter().find(|order| order.is_ne()).unwrap_or_else(|| a.len().cmp(&b.len()))
}
