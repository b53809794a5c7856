//! Semantic Versioning 2.0.0, and `NuGet`'s kind of it.

use super::{compare_numbers, is_number};
use crate::order::order_digits;
use std::cmp::Ordering;

struct Read<'a> {
    numbers: Vec<&'a str>,
    pre: Vec<&'a str>,
}

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let strict = |text| {
        let read = read(text)?;
        let padded = |part: &&str| is_number(part) && part.len() > 1 && part.starts_with('0');
        let is_semver = read.numbers.len() == 3 && !read.numbers.iter().chain(&read.pre).any(padded);
        is_semver.then_some(read)
    };
    Some(order(&strict(a)?, &strict(b)?, |a, b| a.cmp(b)))
}

pub(super) fn compare_nuget(a: &str, b: &str) -> Option<Ordering> {
    let loose = |text| read(text).filter(|read| read.numbers.len() <= 4);
    let fold = |text: &str| text.to_ascii_lowercase();
    Some(order(&loose(a)?, &loose(b)?, |a, b| fold(a).cmp(&fold(b))))
}

/// `numbers[-pre][+build]`; the build says nothing of the order.
fn read(text: &str) -> Option<Read<'_>> {
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let (text, build) = text.split_once('+').map_or((text, None), |(text, build)| (text, Some(build)));
    let (numbers, pre) = text.split_once('-').map_or((text, None), |(numbers, pre)| (numbers, Some(pre)));
    let numbers: Vec<&str> = numbers.split('.').collect();
    let identifiers = |text: Option<&'_ str>| {
        text.is_none_or(|text| {
            let is_one = |id: &str| {
                !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            };
            text.split('.').all(is_one)
        })
    };
    let is_fine = numbers.iter().all(|number| is_number(number)) && identifiers(pre) && identifiers(build);
    is_fine.then(|| Read { numbers, pre: pre.map_or_else(Vec::new, |pre| pre.split('.').collect()) })
}

fn order(a: &Read<'_>, b: &Read<'_>, words: impl Fn(&str, &str) -> Ordering) -> Ordering {
    let pre = || match (a.pre.is_empty(), b.pre.is_empty()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => {
            let differing = a.pre.iter().zip(&b.pre).map(|(a, b)| match (is_number(a), is_number(b)) {
                (true, true) => order_digits(a, b),
                (true, false) => Ordering::Less,
                (false, true) => Ordering::Greater,
                (false, false) => words(a, b),
            });
            differing.into_iter().find(|order| order.is_ne()).unwrap_or_else(|| a.pre.len().cmp(&b.pre.len()))
        }
    };
    compare_numbers(&a.numbers, &b.numbers).then_with(pre)
}
