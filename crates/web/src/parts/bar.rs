//! How much of the truth we have, as a bar with counts.

use super::table::number;
use maud::{Markup, html};

/// One part of a whole.
pub(crate) struct Share {
    /// `affected`, `unknown`, `clear`, `rest`: names colour and pattern.
    pub class: &'static str,
    /// In words.
    pub label: String,
    /// How many.
    pub value: u64,
    /// Its rows.
    pub link: String,
}

const WIDTH: u64 = 1_000;

/// A bar of shares and under it each share with its count as a link. `id` must be unique on the page. Unknown is
/// hatched and "affected" solid, so that the bar reads in black and white.
pub(crate) fn bar(id: &str, title: &str, shares: &[Share]) -> Markup {
    let total: u64 = shares.iter().map(|share| share.value).sum();
    let spoken: Vec<String> = shares.iter().map(|share| format!("{} {}", share.value, share.label)).collect();
    let mut left = 0;
    let parts: Vec<(u64, u64, &Share)> = shares
        .iter()
        .filter(|share| share.value > 0)
        .map(|share| {
            // A share that exists is never invisible.
            let width = (share.value * WIDTH / total.max(1)).max(4);
            let part = (left, width, share);
            left += width;
            part
        })
        .collect();
    let pattern = format!("hatch-{id}");
    html! {
        figure class="coverage" {
            svg class="bar"
                viewBox={ "0 0 " (left.max(WIDTH)) " 16" }
                preserveAspectRatio="none"
                role="img"
                aria-label={ (title) ": " (spoken.join(", ")) }
            {
                (hatch(&pattern))
                @if parts.is_empty() {
                    rect width="1000" height="16" class="part none" {}
                }
                @for (x, width, share) in &parts {
                    rect
                        x=(x)
                        width=(width)
                        height="16"
                        class={ "part " (share.class) }
                        fill=[
                            (share.class == "unknown")
                                .then(|| format!("url(#{pattern})"))
                        ] {}
                }
            }
            figcaption {
                ul class="legend" {
                    @for share in shares {
                        li {
                            span class={ "key " (share.class) } aria-hidden="true" {}
                            a href=(share.link) {
                                strong { (number(share.value)) }
                                " "
                                (share.label)
                            }
                            @if total > 0 {
                                span class="quiet" { (percent(share.value, total)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Shares that may overlap, each with a bar of its own against the same whole.
pub(crate) fn meters(id: &str, whole: u64, shares: &[Share]) -> Markup {
    html! {
        ul class="meters" {
            @for (number_of, share) in shares.iter().enumerate() {
                @let pattern = format!("hatch-{id}-{number_of}");
                @let width = if share.value == 0 {
                    0
                } else {
                    (share.value * WIDTH / whole.max(1)).clamp(4, WIDTH)
                };
                li {
                    a href=(share.link) {
                        strong { (number(share.value)) }
                        " "
                        (share.label)
                    }
                    span class="quiet" { (percent(share.value, whole)) }
                    svg class="bar" viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true" {
                        (hatch(&pattern))
                        rect
                            width=(width)
                            height="16"
                            class={ "part " (share.class) }
                            fill=[
                                (share.class == "unknown")
                                    .then(|| format!("url(#{pattern})"))
                            ] {}
                    }
                }
            }
        }
    }
}

fn hatch(pattern: &str) -> Markup {
    html! {
        defs {
            pattern id=(pattern) width="10" height="16" patternUnits="userSpaceOnUse" {
                rect width="10" height="16" class="hatch-ground" {}
                path d="M-2 18 12 -2" class="hatch-line" {}
            }
        }
    }
}

/// `37 %`; what exists is never `0 %`, what is not whole never `100 %`.
fn percent(part: u64, whole: u64) -> String {
    match (part * 100 + whole / 2) / whole.max(1) {
        0 if part > 0 => "< 1 %".to_owned(),
        100 if part < whole => "> 99 %".to_owned(),
        share => format!("{share} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_never_rounded_away() {
        assert_eq!(percent(1, 100_000), "< 1 %");
        assert_eq!(percent(99_999, 100_000), "> 99 %");
        assert_eq!(percent(0, 0), "0 %");
        assert_eq!(percent(1, 3), "33 %");
    }
}
