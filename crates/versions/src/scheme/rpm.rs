//! RPM packages: `[epoch:]version[-release]`.

use super::{is_number, take_while};
use crate::order::order_digits;
use std::cmp::Ordering;

struct Read<'a> {
    epoch: Option<&'a str>,
    version: &'a str,
    release: Option<&'a str>,
}

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (read(a)?, read(b)?);
    let zero = |epoch: Option<&str>| epoch.is_none_or(|epoch| epoch.bytes().all(|byte| byte == b'0'));
    // Package URLs carry the epoch apart and often leave it out: an epoch that only one side states proves nothing.
    let epochs = match (a.epoch, b.epoch) {
        (Some(a), Some(b)) => order_digits(a, b),
        (a, b) if zero(a) && zero(b) => Ordering::Equal,
        _ => return None,
    };
    let order = epochs.then_with(|| segments(a.version, b.version));
    match (a.release, b.release) {
        _ if order.is_ne() => Some(order),
        (Some(a), Some(b)) => Some(segments(a, b)),
        (None, None) => Some(order),
        _ => None,
    }
}

fn read(text: &str) -> Option<Read<'_>> {
    let (epoch, rest) = text.split_once(':').map_or((None, text), |(epoch, rest)| (Some(epoch), rest));
    let (version, release) =
        rest.rsplit_once('-').map_or((rest, None), |(version, release)| (version, Some(release)));
    let allowed = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._+~^".contains(&byte))
    };
    let is_fine = epoch.is_none_or(is_number) && allowed(version) && release.is_none_or(allowed);
    is_fine.then_some(Read { epoch, version, release })
}

/// Runs of digits and of letters, turn by turn. `~` stands before the end, `^` behind it, other signs only part.
fn segments(mut a: &str, mut b: &str) -> Ordering {
    loop {
        let sign = |c: char| !c.is_ascii_alphanumeric() && c != '~' && c != '^';
        (a, b) = (a.trim_start_matches(sign), b.trim_start_matches(sign));
        if a.starts_with('~') || b.starts_with('~') {
            match (a.strip_prefix('~'), b.strip_prefix('~')) {
                (Some(next_a), Some(next_b)) => (a, b) = (next_a, next_b),
                (Some(_), None) => return Ordering::Less,
                _ => return Ordering::Greater,
            }
            continue;
        }
        if a.starts_with('^') || b.starts_with('^') {
            match (a.strip_prefix('^'), b.strip_prefix('^')) {
                (Some(next_a), Some(next_b)) => (a, b) = (next_a, next_b),
                (Some(_), None) if b.is_empty() => return Ordering::Greater,
                (None, Some(_)) if a.is_empty() => return Ordering::Less,
                (Some(_), None) => return Ordering::Less,
                _ => return Ordering::Greater,
            }
            continue;
        }
        if a.is_empty() || b.is_empty() {
            return a.len().min(1).cmp(&b.len().min(1));
        }
        let digits = a.starts_with(|c: char| c.is_ascii_digit());
        let belongs = |c: char| if digits { c.is_ascii_digit() } else { c.is_ascii_alphabetic() };
        let ((run_a, next_a), (run_b, next_b)) = (take_while(a, belongs), take_while(b, belongs));
        let order = match (digits, run_b.is_empty()) {
            (true, true) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (true, false) => order_digits(run_a, run_b),
            (false, false) => run_a.cmp(run_b),
        };
        if order.is_ne() {
            return order;
        }
        (a, b) = (next_a, next_b);
    }
}
