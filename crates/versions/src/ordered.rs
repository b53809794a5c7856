//! One version against one bound by a published order. The order decides, but for what an inventory tends to leave
//! out: an epoch, a package's release, the last numbers. There both readings must agree.

use crate::cell::Cell;
use crate::decide::{Outcome, Subject, not_known, quoted};
use crate::facts::Missing;
use crate::judge::{Judged, said};
use crate::node::Op;
use crate::order::order_digits;
use crate::scheme::Scheme;
use std::cmp::Ordering;
use std::fmt;

pub(crate) fn compare(scheme: Scheme, op: Op, bound: &str, subject: &Subject<'_>) -> Outcome {
    if *subject.cell == Cell::Empty {
        return not_known(subject);
    }
    let Some(device) = version(scheme, subject.raw) else {
        let why = format!("\"{}\" is no version of the type {scheme}", quoted(subject.raw));
        return Outcome::unknown(Missing::Finer, why);
    };
    let readings = readings(scheme, op, &device, bound);
    let answers = || readings.iter().map(|order| holds(op, *order));
    let shown = quoted(subject.raw);
    if !readings.is_empty() && answers().all(|yes| yes) {
        Outcome::yes(format!("{}, in the order of {scheme}", said(op, Judged::Yes, shown, bound)))
    } else if !readings.is_empty() && answers().all(|yes| !yes) {
        Outcome::no(format!("{}, in the order of {scheme}", said(op, Judged::No, shown, bound)))
    } else {
        let why = format!(
            "{shown} against {bound}: one names an epoch, a release or a number that the other leaves out"
        );
        Outcome::unknown(Missing::Finer, why)
    }
}

/// The device's text as a version of this order, without a label.
fn version(scheme: Scheme, raw: &str) -> Option<String> {
    let body = crate::cell::unlabelled(raw);
    let marked = body.strip_prefix(['v', 'V']).filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    // Whether a label, a mark or a capital belongs to a text that is compared byte for byte, nobody can tell.
    if scheme == Scheme::Lexicographic {
        let plain = body == raw && marked.is_none() && !raw.contains(char::is_whitespace);
        return (plain && scheme.reads(raw)).then(|| raw.to_owned());
    }
    let body = marked.unwrap_or(body);
    // A dash between two dotted numbers is a range in most lists, and a release in these orders.
    let one =
        scheme == Scheme::Datetime || has_release(scheme) || crate::cell::is_one_version(labelless(body));
    // Reading up to the first other sign must not make one version of two, or of a guess.
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let whole = scheme != Scheme::Intdot || body.bytes().all(sign);
    let sound = one && whole && !body.contains(char::is_whitespace) && scheme.reads(&full(scheme, body));
    sound.then(|| body.to_owned())
}

/// What stands before a label of a pre-release (`2.0.0-rc.1`), which is no range to another version.
fn labelless(body: &str) -> &str {
    let label = |tail: &str| {
        let tail = tail.strip_prefix(['v', 'V']).unwrap_or(tail);
        tail.starts_with(|c: char| c.is_ascii_alphabetic())
    };
    body.split_once('-').filter(|(_, tail)| label(tail)).map_or(body, |(head, _)| head)
}

/// With as many numbers as the order wants: `2.1` as `2.1.0`.
fn full(scheme: Scheme, body: &str) -> String {
    let dots = body.matches('.').count();
    let bare = body.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let zeros =
        if scheme == Scheme::Semver && bare && dots < 2 { ".0".repeat(2 - dots) } else { String::new() };
    format!("{body}{zeros}")
}

fn holds(op: Op, order: Ordering) -> bool {
    match op {
        Op::Less => order == Ordering::Less,
        Op::AtMost => order != Ordering::Greater,
        Op::Equal => order == Ordering::Equal,
        Op::NotEqual => order != Ordering::Equal,
        Op::AtLeast => order != Ordering::Less,
        Op::Greater => order == Ordering::Greater,
    }
}

/// The orders the device's version may have to the bound: that of the rules, and where either leaves out what the
/// other names, that without it.
fn readings(scheme: Scheme, op: Op, device: &str, bound: &str) -> Vec<Ordering> {
    let Some(order) = scheme.compare(&full(scheme, device), bound) else { return Vec::new() };
    let mut orders = vec![order];
    if has_release(scheme) {
        orders.extend(packaged(scheme, device, bound));
    }
    // `2.1` may stand for `2.1.4`, which is above `2.1.3`. Under an upper bound it counts as its zero.
    if order == Ordering::Less && !op.is_upper() && goes_on(device, bound) {
        orders.extend([Ordering::Equal, Ordering::Greater]);
    }
    // In a list, capitals may have been lost.
    if scheme == Scheme::Lexicographic {
        orders.extend(scheme.compare(&device.to_ascii_lowercase(), &bound.to_ascii_lowercase()));
    }
    orders
}

/// The order without the epoch or the release that only one of the two names.
fn packaged(scheme: Scheme, device: &str, bound: &str) -> Option<Ordering> {
    let (mut left, mut right) = (Evr::read(device), Evr::read(bound));
    if left.epoch.is_some() != right.epoch.is_some() {
        (left.epoch, right.epoch) = (None, None);
    }
    if left.release.is_some() != right.release.is_some() {
        (left.release, right.release) = (None, None);
    }
    scheme.compare(&left.to_string(), &right.to_string())
}

/// Whether a version of this kind may hold a dash between two numbers.
fn has_release(scheme: Scheme) -> bool {
    matches!(scheme, Scheme::Debian | Scheme::Rpm | Scheme::Alpine)
}

/// Epoch, version and release of a package.
#[derive(Clone, Copy)]
struct Evr<'a> {
    epoch: Option<&'a str>,
    version: &'a str,
    release: Option<&'a str>,
}

impl<'a> Evr<'a> {
    fn read(text: &'a str) -> Self {
        let (epoch, rest) = match text.split_once(':') {
            Some((epoch, rest)) => (Some(epoch), rest),
            None => (None, text),
        };
        let (version, release) = match rest.rsplit_once('-') {
            Some((version, release)) => (version, Some(release)),
            None => (rest, None),
        };
        Self { epoch, version, release }
    }
}

impl fmt::Display for Evr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(epoch) = self.epoch {
            write!(f, "{epoch}:")?;
        }
        f.write_str(self.version)?;
        self.release.map_or(Ok(()), |release| write!(f, "-{release}"))
    }
}

/// Whether `bound` agrees with every number of `device`, which is nothing but numbers, and goes on.
fn goes_on(device: &str, bound: &str) -> bool {
    let bound = bound.strip_prefix('v').unwrap_or(bound);
    let bound = bound.split_once(':').map_or(bound, |(_, behind)| behind);
    let numbers: Vec<&str> = device.split('.').collect();
    let theirs: Vec<&str> = bound.split(['.', '-', '_', '+']).collect();
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let same = |(a, b): (&&str, &&str)| digits(a) && digits(b) && order_digits(a, b) == Ordering::Equal;
    theirs.len() > numbers.len() && numbers.iter().zip(&theirs).all(same)
}
