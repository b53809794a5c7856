//! Whether a version lies in a range of a record, by the evaluation that the OSV schema prescribes.

use std::cmp::Ordering;
use tallyward_core::part::{FlawEvent, FlawRange};
use tallyward_versions::Scheme;

/// Whether the range covers the version.
///
/// # Errors
/// When that cannot be told, with the reason: an order nobody knows, a version that has no place in it, or a range that
/// makes no sense.
pub(super) fn covers(range: &FlawRange, version: &str, scheme: Option<Scheme>) -> Result<bool, String> {
    if range.damaged {
        return Err("the range could not be read whole".to_owned());
    }
    let Some(scheme) = scheme else {
        return Err(format!("no order of versions is known here for its range ({:?})", range.kind));
    };
    if scheme.compare(version, version).is_none() {
        return Err("this is no version by the rules of its ecosystem".to_owned());
    }
    if !range.events.iter().any(|event| matches!(event, FlawEvent::Introduced(_))) {
        return Err("the range does not say where the flaw begins".to_owned());
    }
    let ends = |fixed: bool| {
        range.events.iter().any(|event| match event {
            FlawEvent::Fixed(_) => fixed,
            FlawEvent::LastAffected(_) => !fixed,
            _ => false,
        })
    };
    if ends(true) && ends(false) {
        return Err("the range ends with a fixed version and with a last affected one".to_owned());
    }
    let compare = |a: &str, b: &str| {
        scheme.compare(a, b).ok_or_else(|| format!("{a:?} and {b:?} have no order by these rules"))
    };
    if !within_limits(range, version, &compare)? {
        return Ok(false);
    }
    let mut last: Option<&FlawEvent> = None;
    for event in &range.events {
        if !passed(event, version, &compare)? {
            continue;
        }
        let order = last.map_or(Ok(Ordering::Greater), |last| position(event, last, &compare))?;
        match order {
            Ordering::Greater => last = Some(event),
            Ordering::Equal if last.is_some_and(|last| begins(last) != begins(event)) => {
                return Err("the flaw begins and ends with one version".to_owned());
            }
            _ => {}
        }
    }
    Ok(last.is_some_and(begins))
}

type Compare<'a> = dyn Fn(&str, &str) -> Result<Ordering, String> + 'a;

/// Some limit stands above the version; without limits none is needed.
fn within_limits(range: &FlawRange, version: &str, compare: &Compare<'_>) -> Result<bool, String> {
    let (mut any, mut within) = (false, false);
    for event in &range.events {
        if let FlawEvent::Limit(limit) = event {
            any = true;
            within |= limit == "*" || compare(version, limit)?.is_lt();
        }
    }
    Ok(within || !any)
}

fn begins(event: &FlawEvent) -> bool {
    matches!(event, FlawEvent::Introduced(_))
}

/// Whether the version stands behind the event.
fn passed(event: &FlawEvent, version: &str, compare: &Compare<'_>) -> Result<bool, String> {
    Ok(match event {
        FlawEvent::Introduced(at) if at == "0" => true,
        FlawEvent::Introduced(at) | FlawEvent::Fixed(at) => compare(version, at)?.is_ge(),
        FlawEvent::LastAffected(at) => compare(version, at)?.is_gt(),
        FlawEvent::Limit(_) => false,
    })
}

fn position(a: &FlawEvent, b: &FlawEvent, compare: &Compare<'_>) -> Result<Ordering, String> {
    fn at(event: &FlawEvent) -> &str {
        let (FlawEvent::Introduced(at)
        | FlawEvent::Fixed(at)
        | FlawEvent::LastAffected(at)
        | FlawEvent::Limit(at)) = event;
        at
    }
    let is_start = |event: &FlawEvent| begins(event) && at(event) == "0";
    match (is_start(a), is_start(b)) {
        (true, true) => Ok(Ordering::Equal),
        (true, false) => Ok(Ordering::Less),
        (false, true) => Ok(Ordering::Greater),
        (false, false) => compare(at(a), at(b)),
    }
}

/// A range in words.
pub(super) fn spoken(range: &FlawRange) -> String {
    const SHOWN: usize = 6;
    let mut words: Vec<String> = range
        .events
        .iter()
        .take(SHOWN)
        .map(|event| match event {
            FlawEvent::Introduced(at) if at == "0" => "from the first version".to_owned(),
            FlawEvent::Introduced(at) => format!("from {at}"),
            FlawEvent::Fixed(at) => format!("fixed in {at}"),
            FlawEvent::LastAffected(at) => format!("up to {at}"),
            FlawEvent::Limit(at) => format!("below {at}"),
        })
        .collect();
    if range.events.len() > SHOWN {
        words.push("and more".to_owned());
    }
    words.join(", ")
}
