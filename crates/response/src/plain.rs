//! Text that comes from outside, made fit for a message: one line, no control characters, no flaw numbers.

/// Dashes and spaces that may stand between `CVE` and its digits.
const JOINTS: &[char] = &[
    '-', '_', ' ', '\u{a0}', '\u{ad}', '\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2014}', '\u{2212}',
];

/// One line of plain text: control and invisible characters dropped, white space folded, flaw numbers and score
/// names taken out, at most `max` characters (an ellipsis marks a cut).
#[must_use]
pub fn line(text: &str, max: usize) -> String {
    let folded = fold(text, max.saturating_mul(4));
    clip(&without_numbers(&folded), max)
}

/// White space folded to single blanks, control and invisible characters dropped; reads at most `budget`
/// characters, so that a hostile document costs no more than that.
#[must_use]
pub fn fold(text: &str, budget: usize) -> String {
    let mut out = String::new();
    for c in text.chars().take(budget) {
        if c.is_whitespace() {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        } else if !c.is_control() && !invisible(c) {
            out.push(c);
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// Zero-width, soft-hyphen and direction-changing characters, with which a text can look other than it is.
fn invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// At most `max` characters; an ellipsis marks a cut.
#[must_use]
pub fn clip(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let kept: String = text.chars().take(max.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// Replaces `CVE-2024-1234` and its disguises by "this flaw", and `CVSS` by "a score".
fn without_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, kind)) = next_number(rest) {
        out.push_str(&rest[..at]);
        let tail = &rest[at..];
        let end = match kind {
            Kind::Flaw => flaw_end(tail),
            Kind::Score => 4,
        };
        out.push_str(match kind {
            Kind::Flaw => "this flaw",
            Kind::Score => "a score",
        });
        rest = &tail[end..];
    }
    out.push_str(rest);
    out
}

/// Length in bytes of the flaw number at the start of `tail`: the three letters, joints, digits and dashes.
fn flaw_end(tail: &str) -> usize {
    let after = |from: usize, keep: &dyn Fn(char) -> bool| {
        tail[from..].find(|c: char| !keep(c)).map_or(tail.len(), |length| from + length)
    };
    let digits = after(3, &|c| JOINTS.contains(&c));
    let end = after(digits, &|c| c.is_ascii_digit() || (JOINTS.contains(&c) && c != ' '));
    // A joint without digits after it may be the blank before the next word.
    if end == digits { 3 + tail[3..digits].trim_end().len() } else { end }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Flaw,
    Score,
}

/// The byte offset of the next flaw number or score name.
fn next_number(text: &str) -> Option<(usize, Kind)> {
    text.char_indices().find_map(|(at, c)| {
        if !c.eq_ignore_ascii_case(&'c') {
            return None;
        }
        let tail = &text[at..];
        let head = |word: &str| tail.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
        if head("cvss") {
            return Some((at, Kind::Score));
        }
        let joint = head("cve").then(|| tail[3..].chars().next()).flatten()?;
        let digit = tail[3..].chars().find(|c| !JOINTS.contains(c)).is_some_and(|c| c.is_ascii_digit());
        (joint == '-' || joint.is_ascii_digit() || (JOINTS.contains(&joint) && digit))
            .then_some((at, Kind::Flaw))
    })
}

/// Whether a text names a flaw number or a score.
#[must_use]
pub fn names_a_number(text: &str) -> bool {
    next_number(&fold(text, usize::MAX)).is_some()
}

/// `a`, `a and b`, `a, b and c`.
#[must_use]
pub fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

/// The text with a full stop at its end, unless it ends a sentence already or is empty.
#[must_use]
pub fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() || text.ends_with(['.', '!', '?', '…']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn disguised_numbers_go_too() {
        for text in [
            "CVE-2024-1234",
            "cve\u{2011}2024\u{2011}1234",
            "CVE 2024-1234",
            "C\u{200b}VE-2024-1",
            "CVE-",
            "CVECVE-1",
        ] {
            let cleaned = line(&format!("see {text} now"), 80);
            assert!(!names_a_number(&cleaned), "{text:?} gave {cleaned:?}");
        }
        assert_eq!(line("see CVE-2024-1234 now", 80), "see this flaw now");
        assert_eq!(line("CVSS 9.8 is high", 80), "a score 9.8 is high");
        assert_eq!(line("a receiver, a CVE, a cave", 80), "a receiver, a CVE, a cave");
    }

    proptest! {
        #[test]
        fn no_text_keeps_a_number(text in "([cC][vV][eEsS][sS]?|[- \u{2011}\u{200b}]|[0-9]|\\PC){0,40}", max in 1usize..60) {
            let cleaned = line(&text, max);
            prop_assert!(!names_a_number(&cleaned), "{:?} gave {:?}", text, cleaned);
            prop_assert!(cleaned.chars().count() <= max);
            prop_assert!(!cleaned.contains('\n'));
        }
    }
}
