//! The query of the advisory list, from the URL, and its form.

use crate::fault::Fault;
use crate::link::Ask;
use maud::{Markup, html};
use tallyward_app::{AdvisoryField, AdvisoryOrder, AdvisoryQuery, AppError};

/// Orders besides those by a field.
const ORDERS: [(&str, &str, AdvisoryOrder); 4] = [
    ("newest", "newest revision", AdvisoryOrder::Newest),
    ("cvss", "highest CVSS", AdvisoryOrder::Cvss),
    ("severity", "the publisher's severity", AdvisoryOrder::Severity),
    ("affected", "most affected devices", AdvisoryOrder::Affected),
];

/// Reads the query. `login` is who asks, for what is unread.
pub(crate) fn advisory_query(ask: &Ask, login: &str) -> Result<AdvisoryQuery, Fault> {
    let unknown = |name: &str| Fault::App(AppError::invalid(name, "no such field of an advisory"));
    let field = |name: &str| match ask.get(name) {
        None => Ok(None),
        Some(code) => AdvisoryField::from_code(code).map(Some).ok_or_else(|| unknown(name)),
    };
    let order = match ask.get("order") {
        None => AdvisoryOrder::Newest,
        Some(code) => match ORDERS.iter().find(|(name, ..)| *name == code) {
            Some((.., order)) => *order,
            None => {
                AdvisoryField::from_code(code).map(AdvisoryOrder::Field).ok_or_else(|| unknown("order"))?
            }
        },
    };
    Ok(AdvisoryQuery {
        text: ask.text("text").map(|text| Ok::<_, Fault>((text, field("in")?))).transpose()?,
        unread_by: ask.get("unread").map(|_| login.to_owned()),
        order,
    })
}

/// The form above the list.
pub(crate) fn form(ask: &Ask) -> Markup {
    let chosen = |name: &str, value: &str| ask.get(name) == Some(value);
    html! {
        form method="get" action="/advisories" class="filters" role="search" {
            span class="pair" {
                label for="text" { "Find" }
                input id="text" type="search" name="text" value=(ask.get("text").unwrap_or_default());
            }
            span class="pair" {
                label for="in" { "in" }
                select id="in" name="in" {
                    option value="" { "any field" }
                    @for field in AdvisoryField::ALL {
                        option value=(field.code()) selected[chosen("in", field.code())] { (field.code()) }
                    }
                }
            }
            span class="pair" {
                label for="order" { "ordered by" }
                select id="order" name="order" {
                    @for (code, words, _) in ORDERS {
                        option value=(code) selected[chosen("order", code)] { (words) }
                    }
                    @for field in AdvisoryField::ALL {
                        option value=(field.code()) selected[chosen("order", field.code())] { (field.code()) }
                    }
                }
            }
            span class="pair" {
                input id="unread" type="checkbox" name="unread" value="yes" checked[ask.get("unread").is_some()];
                label for="unread" { "unread by me" }
            }
            button { "Show" }
        }
    }
}
