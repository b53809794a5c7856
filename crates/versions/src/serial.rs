//! Serial numbers: single ones and spans. Two are placed against each other only when they differ in nothing but
//! their last run of digits, as long on both sides; no maker says how letters or another count of digits go on.

use crate::decide::{Outcome, quoted};
use crate::facts::{Facts, Missing};
use crate::node::Op;
use crate::order::order_digits;
use crate::words::{self, Role};
use std::cmp::Ordering;
use std::fmt;

/// Longest serial number read, in bytes.
const LONGEST: usize = 40;

/// One serial number, or those between two ends of which one may be missing. Both ends are of one series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Serials {
    ends: Vec<(Op, String)>,
}

impl Serials {
    /// Of one or two ends, each a serial number; `None` when they are not of one series or leave nothing between.
    #[must_use]
    pub fn new(ends: Vec<(Op, String)>) -> Option<Self> {
        let shape = |ends: &[(Op, String)]| match ends {
            [(op, _)] => *op != Op::NotEqual,
            [(low, from), (high, to)] => {
                let order = place(from, to);
                low.is_lower() && high.is_upper() && matches!(order, Some(Ordering::Less | Ordering::Equal))
            }
            _ => false,
        };
        let sound = ends.iter().all(|(_, text)| is_serial(text)) && shape(&ends);
        sound.then_some(Self { ends })
    }

    /// The ends, with their comparison.
    #[must_use]
    pub fn ends(&self) -> &[(Op, String)] {
        &self.ends
    }

    /// What it says of the device.
    pub(crate) fn decide(&self, facts: &Facts<'_>) -> Outcome {
        let folded = facts.serial.map(words::fold).unwrap_or_default();
        if folded.is_empty() || words::is(&folded, Role::Junk) {
            let why = format!("the clause names the serial number {self}; the serial number is not known");
            return Outcome::unknown(Missing::Serial, why);
        }
        let device = bare(facts.serial.unwrap_or_default().trim());
        let shown = quoted(device);
        match self.holds(device) {
            Some(true) => Outcome::yes(format!("serial number {shown} is {self}")),
            Some(false) => Outcome::no(format!("serial number {shown} is not {self}")),
            None => {
                let why = format!(
                    "serial number {shown} cannot be placed against {self}: they differ in more than their last digits"
                );
                Outcome::unknown(Missing::Person, why)
            }
        }
    }

    fn holds(&self, device: &str) -> Option<bool> {
        let mut all = true;
        for (op, end) in &self.ends {
            let order = place(device, end)?;
            all &= match op {
                Op::Less => order.is_lt(),
                Op::AtMost => order.is_le(),
                Op::Equal => order.is_eq(),
                Op::NotEqual => order.is_ne(),
                Op::AtLeast => order.is_ge(),
                Op::Greater => order.is_gt(),
            };
        }
        Some(all)
    }
}

impl fmt::Display for Serials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ends.as_slice() {
            [(Op::Equal, one)] => f.write_str(one),
            [(Op::AtLeast, from), (Op::AtMost, to)] => write!(f, "{from} to {to}"),
            ends => {
                let ends: Vec<String> = ends.iter().map(|(op, end)| format!("{} {end}", op.sign())).collect();
                f.write_str(&ends.join(" and "))
            }
        }
    }
}

/// How one serial number stands to another.
fn place(a: &str, b: &str) -> Option<Ordering> {
    if a.eq_ignore_ascii_case(b) {
        return Some(Ordering::Equal);
    }
    let (a, b) = (cut(a), cut(b));
    let one_series = a.0.eq_ignore_ascii_case(b.0) && a.1.len() == b.1.len() && !a.1.is_empty();
    one_series.then(|| order_digits(a.1, b.1))
}

/// What stands before the last run of digits, and that run, when it ends the text.
fn cut(text: &str) -> (&str, &str) {
    let digits = text.bytes().rev().take_while(u8::is_ascii_digit).count();
    text.split_at(text.len() - digits)
}

/// The serial number without a label before it ("SN: AB12", "S/N AB12").
fn bare(text: &str) -> &str {
    let labels = ["serial number", "serial no", "serial", "s/n", "sn"];
    let stripped = labels.into_iter().find_map(|label| {
        let head = text.get(..label.len())?;
        let rest = text.get(label.len()..)?;
        let mark = |c: char| c.is_whitespace() || matches!(c, ':' | '.' | '#' | '=');
        let body = rest.trim_start_matches(mark);
        (head.eq_ignore_ascii_case(label) && rest.starts_with(mark) && !body.is_empty()).then_some(body)
    });
    stripped.unwrap_or(text)
}

/// Letters, digits and dashes, with a digit. A dash between two numbers may be a span as well as a sign.
pub(crate) fn is_serial(text: &str) -> bool {
    let span = text.split_once('-').is_some_and(|(from, to)| {
        let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        number(from) && number(to)
    });
    text.len() <= LONGEST
        && !span
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.ends_with(|c: char| c.is_ascii_alphanumeric())
}
