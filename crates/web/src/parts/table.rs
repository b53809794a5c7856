//! Tables, their counts and what stands there when they are empty.

use crate::link::Ask;
use maud::{Markup, html};
use tallyward_app::views::Damaged;

/// `12,345`.
pub(crate) fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 device`, `12 devices`, `2 advisories`.
pub(crate) fn many(value: u64, noun: &str) -> String {
    if value == 1 {
        return format!("1 {noun}");
    }
    let plural = match noun.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ if noun.ends_with(['s', 'x']) || noun.ends_with("ch") => format!("{noun}es"),
        _ if noun.ends_with("person") => format!("{}people", noun.trim_end_matches("person")),
        _ => format!("{noun}s"),
    };
    format!("{} {plural}", number(value))
}

/// One column of a table head: plain, or a link that orders by it.
pub(crate) enum Order<'a> {
    /// Not sortable.
    No,
    /// Sortable under this value of `order`; the flag tells whether it is the order now.
    By(&'a str, bool),
}

/// A column head. `class` is `num` for right-aligned numbers.
pub(crate) fn head(label: &str, class: &str, order: &Order<'_>, ask: &Ask, path: &str) -> Markup {
    match order {
        Order::No => html! {
            th scope="col" class=[(!class.is_empty()).then_some(class)] { (label) }
        },
        Order::By(value, current) => {
            let sort = current.then_some(if *value == "last_seen" || *value == "affected" {
                "descending"
            } else {
                "ascending"
            });
            html! {
                th scope="col" class=[(!class.is_empty()).then_some(class)] aria-sort=[sort] {
                    a href=(ask.with("order", Some(value)).at(path)) {
                        (label)
                        @if *current {
                            span aria-hidden="true" { " ↓" }
                        }
                    }
                }
            }
        }
    }
}

/// `51–100 of 412 devices`.
pub(crate) fn count_line(ask: &Ask, shown: usize, total: u64, noun: &str) -> Markup {
    let seen: u64 = ask.get("seen").and_then(|text| text.parse().ok()).unwrap_or(0).min(total);
    let last = (seen + shown as u64).min(total);
    html! {
        span class="count" {
            @if total == 0 { "No " (many(0, noun).trim_start_matches("0 ")) } @else if shown as u64 == total {
                strong { (many(total, noun)) }
            } @else {
                (number(seen + 1))
                "–"
                (number(last))
                " of "
                strong { (many(total, noun)) }
            }
        }
    }
}

/// Links to the first and the next page.
pub(crate) fn next_page(ask: &Ask, path: &str, shown: usize, next: Option<&str>) -> Markup {
    let seen: usize = ask.get("seen").and_then(|text| text.parse().ok()).unwrap_or(0);
    html! {
        @if next.is_some() || ask.get("after").is_some() {
            nav class="pager" aria-label="Pages" {
                @if ask.get("after").is_some() {
                    a rel="first" href=(ask.with("after", None).at(path)) { "← First page" }
                }
                @if let Some(next) = next {
                    a rel="next" href=(ask.page(next, seen.saturating_add(shown)).at(path)) { "Next page →" }
                }
            }
        }
    }
}

/// An empty page teaches: what would be here, and the one thing to do.
pub(crate) fn empty(title: &str, text: &str, action: Option<(&str, &str)>) -> Markup {
    html! {
        div class="empty" {
            h2 { (title) }
            p { (text) }
            @if let Some((label, link)) = action {
                p {
                    a class="button" href=(link) { (label) }
                }
            }
        }
    }
}

/// What could not be read of a file, with its place; nothing when all could.
pub(crate) fn damaged<'a>(title: &str, rows: impl IntoIterator<Item = &'a Damaged>) -> Markup {
    let mut rows = rows.into_iter().peekable();
    html! {
        @if rows.peek().is_some() {
            section aria-label=(title) {
                h2 { (title) }
                div class="scroll" {
                    table class="list" {
                        thead {
                            tr {
                                th scope="col" { "File" }
                                th scope="col" { "Where" }
                                th scope="col" { "What is wrong" }
                            }
                        }
                        tbody {
                            @for row in rows {
                                tr {
                                    th scope="row" { (row.file) }
                                    td class="mono" { (row.place) }
                                    td class="wrap" { (row.why) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Tabs over pages that each stand at one path, which says whether it is this one.
pub(crate) fn tabs_at(label: &str, pages: &[(&str, &str)], current: &str) -> Markup {
    let entries: Vec<(&str, &str, bool)> =
        pages.iter().map(|(name, path)| (*name, *path, *path == current)).collect();
    tabs(label, &entries)
}

/// Pages that belong together: label, path, whether it is this one.
pub(crate) fn tabs(label: &str, entries: &[(&str, &str, bool)]) -> Markup {
    html! {
        nav class="tabs" aria-label=(label) {
            @for (name, path, current) in entries {
                a href=(path) aria-current=[current.then_some("page")] { (name) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_read_as_people_write_them() {
        assert_eq!(number(1_234_567), "1,234,567");
        assert_eq!(many(1, "advisory"), "1 advisory");
        assert_eq!(many(0, "advisory"), "0 advisories");
        assert_eq!(many(15, "match"), "15 matches");
        assert_eq!(many(14, "person"), "14 people");
        assert_eq!(many(2, "day"), "2 days");
    }
}
