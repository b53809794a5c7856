//! Debian packages: `[epoch:]upstream[-revision]` (Debian policy 5.6.12).

use super::{is_number, take_while};
use crate::order::order_digits;
use std::cmp::Ordering;

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (read(a)?, read(b)?);
    Some(order_digits(a.0, b.0).then_with(|| parts(a.1, b.1)).then_with(|| parts(a.2, b.2)))
}

fn read(text: &str) -> Option<(&str, &str, &str)> {
    let (epoch, rest) = text.split_once(':').unwrap_or(("0", text));
    let (upstream, revision) = rest.rsplit_once('-').unwrap_or((rest, ""));
    let allowed = |text: &str, more: &str| {
        text.bytes().all(|byte| byte.is_ascii_alphanumeric() || more.as_bytes().contains(&byte))
    };
    let is_fine = is_number(epoch)
        && upstream.starts_with(|c: char| c.is_ascii_digit())
        && allowed(upstream, ".+~:-")
        && allowed(revision, ".+~");
    is_fine.then_some((epoch, upstream, revision))
}

/// Turns of what is no number, where `~` stands before the end and letters before signs, and of numbers.
fn parts(mut a: &str, mut b: &str) -> Ordering {
    while !a.is_empty() || !b.is_empty() {
        let ((word_a, rest_a), (word_b, rest_b)) =
            (take_while(a, |c| !c.is_ascii_digit()), take_while(b, |c| !c.is_ascii_digit()));
        let ((number_a, next_a), (number_b, next_b)) =
            (take_while(rest_a, |c| c.is_ascii_digit()), take_while(rest_b, |c| c.is_ascii_digit()));
        let order = words(word_a, word_b).then_with(|| order_digits(number_a, number_b));
        if order.is_ne() {
            return order;
        }
        (a, b) = (next_a, next_b);
    }
    Ordering::Equal
}

fn words(a: &str, b: &str) -> Ordering {
    let rank = |byte: Option<&u8>| match byte {
        Some(b'~') => -1,
        None => 0,
        Some(letter) if letter.is_ascii_alphabetic() => i32::from(*letter),
        Some(sign) => i32::from(*sign) + 256,
    };
    let (a, b) = (a.as_bytes(), b.as_bytes());
    (0..a.len().max(b.len()))
        .map(|at| rank(a.get(at)).cmp(&rank(b.get(at))))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}
