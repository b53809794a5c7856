//! The query string of a device list.

use crate::fault::Fault;
use crate::link::Ask;
use tallyward_app::AppError;
use tallyward_app::query::{DeviceOrder, DeviceQuery};
use tallyward_core::{DeviceId, Presence, Verdict};

/// Rows a page.
pub(crate) const PAGE: u32 = 50;

/// Reads the filters; a value that no list offers is an error, so that a mistyped link never shows everything.
pub(crate) fn device_query(ask: &Ask) -> Result<DeviceQuery, Fault> {
    Ok(DeviceQuery {
        presence: known(
            ask,
            "presence",
            "known, stranger, ghost, not_observable, moved or zombie",
            Presence::from_code,
        )?,
        unit: ask.text("unit"),
        site: ask.text("site"),
        maker: ask.text("maker"),
        model: ask.text("model"),
        class: ask.text("class"),
        verdict: known(ask, "verdict", "affected, unknown or not_affected", Verdict::from_code)?,
        advisory: ask.text("advisory"),
        text: ask.text("text"),
        order: known(ask, "order", "name, model, unit, last_seen or affected", order)?.unwrap_or_default(),
        after: ask.text("after"),
        limit: Some(limit(ask)?.unwrap_or(PAGE)),
    })
}

/// A handle in a path.
pub(crate) fn id_of(text: &str) -> Result<DeviceId, Fault> {
    text.parse().map_err(|_| Fault::App(AppError::not_found("device", text)))
}

/// The value of `name` when it is one of those expected.
pub(crate) fn known<T>(
    ask: &Ask,
    name: &str,
    wanted: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Fault> {
    match ask.get(name) {
        None => Ok(None),
        Some(text) => read(text).map(Some).ok_or_else(|| {
            Fault::App(AppError::invalid(
                name,
                format!("{text:?} is not a value of this filter; expected {wanted}"),
            ))
        }),
    }
}

/// `limit`, 1 to 1,000.
pub(crate) fn limit(ask: &Ask) -> Result<Option<u32>, Fault> {
    known(ask, "limit", "a number from 1 to 1000", |text| {
        text.parse().ok().filter(|count| (1..=1_000).contains(count))
    })
}

fn order(code: &str) -> Option<DeviceOrder> {
    Some(match code {
        "name" => DeviceOrder::Name,
        "model" => DeviceOrder::Model,
        "unit" => DeviceOrder::Unit,
        "last_seen" => DeviceOrder::LastSeen,
        "affected" => DeviceOrder::Affected,
        _ => return None,
    })
}
