//! Filters as words above a table. Each is a menu of links, so that it works without a script and the view stays
//! the URL.

use super::table::number;
use crate::link::Ask;
use maud::{Markup, html};

/// One value that a filter offers.
pub(crate) struct Choice {
    /// Value in the URL.
    pub value: String,
    /// In words.
    pub label: String,
    /// How many rows it has, when known.
    pub count: Option<u64>,
}

/// The most choices a menu shows; the rest is found by text.
const SHOWN: usize = 60;

/// `Unit: any ▾`, opening to its choices.
pub(crate) fn menu(ask: &Ask, path: &str, name: &str, label: &str, choices: &[Choice]) -> Markup {
    let now = ask.get(name);
    let chosen = now.map(|value| {
        choices.iter().find(|choice| choice.value == value).map_or(value, |choice| choice.label.as_str())
    });
    html! {
        details class="menu" name="filter" {
            summary class=[chosen.is_some().then_some("on")] {
                (label)
                ": "
                strong { (chosen.unwrap_or("any")) }
            }
            ul {
                li {
                    a href=(ask.with(name, None).at(path)) aria-current=[now.is_none().then_some("true")] {
                        "any"
                    }
                }
                @for choice in choices.iter().take(SHOWN) {
                    li {
                        a   href=(ask.with(name, Some(&choice.value)).at(path))
                            aria-current=[(now == Some(choice.value.as_str())).then_some("true")]
                        {
                            (choice.label)
                            @if let Some(count) = choice.count {
                                span class="quiet" { (number(count)) }
                            }
                        }
                    }
                }
                @if choices.len() > SHOWN {
                    li class="quiet" { (choices.len() - SHOWN) " more: use the text filter" }
                }
            }
        }
    }
}

/// The text filter, keeping the others.
pub(crate) fn filter_text(ask: &Ask, path: &str, label: &str) -> Markup {
    html! {
        form class="filter-text" action=(path) {
            @for (name, value) in ask.with("text", None).pairs() {
                input type="hidden" name=(name) value=(value);
            }
            label class="hidden" for="text" { (label) }
            input id="text" name="text" type="search" placeholder=(label) value=[ask.get("text")];
            button class="plain" { "Filter" }
        }
    }
}
