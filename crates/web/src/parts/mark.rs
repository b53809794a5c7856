//! States by word and shape as well as colour.

use maud::{Markup, html};
use tallyward_core::{Presence, Verdict};

/// Affected ▲, unknown ◆, not affected ●.
pub(crate) fn verdict(verdict: Verdict) -> Markup {
    let (class, shape) = match verdict {
        Verdict::Affected => ("affected", "▲"),
        Verdict::Unknown => ("unknown", "◆"),
        Verdict::NotAffected => ("clear", "●"),
    };
    shaped(class, shape, verdict.label())
}

/// Security status by its code, in its words.
pub(crate) fn status(code: &str, words: &str) -> Markup {
    let (class, shape) = match code {
        "clear" => ("clear", "●"),
        "action_due" => ("affected due", "▲"),
        "affected" => ("affected", "▲"),
        "accepted_until" => ("neutral", "◐"),
        "unsupported" => ("neutral", "■"),
        "unnamed" => ("neutral", "·"),
        _ => ("unknown", "◆"),
    };
    // `unknown (fact)` is long: the fact goes on hover and to the device page.
    let short = words.split_once(" (").map_or(words, |(head, _)| head);
    html! {
        span class={ "state " (class) } title=[(short != words).then_some(words)] {
            span class="shape" aria-hidden="true" { (shape) }
            (short)
        }
    }
}

/// Security status in a list: the code says the rest.
pub(crate) fn status_short(code: &str, words: &str) -> Markup {
    match code {
        "action_due" => html! {
            span class="state affected due" title=(words) {
                span class="shape" aria-hidden="true" { "▲" }
                "action due"
            }
        },
        "unnamed" => html! { span class="state neutral" title=(words) { "not named" } },
        _ => status(code, words),
    }
}

/// How record and observation agree.
pub(crate) fn presence(presence: Presence) -> Markup {
    let (class, shape) = match presence {
        Presence::Known => ("plain", "✓"),
        Presence::Stranger => ("look", "+"),
        Presence::Ghost => ("look", "○"),
        Presence::Moved => ("look", "→"),
        Presence::Zombie => ("look", "×"),
        Presence::NotObservable => ("quiet", "–"),
    };
    shaped(class, shape, presence.label())
}

fn shaped(class: &str, shape: &str, word: &str) -> Markup {
    html! {
        span class={ "state " (class) } {
            span class="shape" aria-hidden="true" { (shape) }
            (word)
        }
    }
}

/// A tier with what it asks for.
pub(crate) fn tier(code: &str) -> Markup {
    html! {
        @if !code.is_empty() {
            abbr class={ "tier " (code.to_lowercase()) } title=(tier_words(code)) { (code) }
        }
    }
}

/// What a tier asks for, as it stands on messages.
pub(crate) fn tier_words(code: &str) -> &'static str {
    match code {
        "T0" => "act now",
        "T1" => "act this shift",
        "T2" => "act by a date",
        "T3" => "for awareness",
        "T4" => "technical only",
        _ => "no tier yet",
    }
}

/// A subject in a list that shows the tier beside it: `Act this shift: 3 pumps` is `3 pumps`.
pub(crate) fn subject_short<'a>(subject: &'a str, code: &str) -> &'a str {
    let words = match code {
        "T2" => "act by date",
        other => tier_words(other),
    };
    match subject.split_once(": ") {
        Some((head, rest)) if head.eq_ignore_ascii_case(words) => rest,
        _ => subject,
    }
}

/// `infusion_pump` as people write it.
pub(crate) fn class_words(code: &str) -> String {
    code.replace('_', " ")
}
