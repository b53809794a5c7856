//! Ruby gems: runs of digits and letters, letters before numbers.

use super::{is_number, take_while};
use crate::order::order_digits;
use std::cmp::Ordering;

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (read(a)?, read(b)?);
    let order = (0..a.len().max(b.len())).map(|at| {
        let segment = |of: &[String]| of.get(at).map_or("0".to_owned(), Clone::clone);
        let (a, b) = (segment(&a), segment(&b));
        match (is_number(&a), is_number(&b)) {
            (true, true) => order_digits(&a, &b),
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => a.cmp(&b),
        }
    });
    Some(order.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal))
}

/// The segments without zeros that say nothing: those before the first letters, and those at the end.
fn read(text: &str) -> Option<Vec<String>> {
    let is_part = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let (numbers, pre) = text.split_once('-').map_or((text, None), |(numbers, pre)| (numbers, Some(pre)));
    let is_fine = text.starts_with(|c: char| c.is_ascii_digit())
        && numbers.split('.').all(is_part)
        && pre.is_none_or(|pre| pre.split(['.', '-']).all(is_part));
    if !is_fine {
        return None;
    }
    let (mut segments, spelled) = (Vec::new(), text.replace('-', ".pre."));
    for mut part in spelled.split('.') {
        while !part.is_empty() {
            let digits = part.starts_with(|c: char| c.is_ascii_digit());
            let (run, rest) = take_while(part, |c| c.is_ascii_digit() == digits);
            segments.push(run.to_owned());
            part = rest;
        }
    }
    let words = segments.iter().position(|segment| !is_number(segment)).unwrap_or(segments.len());
    let mut behind = segments.split_off(words);
    for half in [&mut segments, &mut behind] {
        while half.last().is_some_and(|last| last.bytes().all(|byte| byte == b'0')) {
            half.pop();
        }
    }
    segments.append(&mut behind);
    Some(segments)
}
