//! `tallyward read`: what captures and logs say about devices, and why.

use crate::args::Read;
use crate::captures::{self, ReadOut};
use crate::commands::{explain, logs};
use crate::config::Config;
use crate::exit::{BAD_INPUT, DONE, Failure, Outcome};
use crate::output;
use crate::ports::SystemClock;
use serde::Serialize;
use tallyward_app::ports::Clock as _;
use tallyward_discovery::{DeviceLine, Learned, describe};

#[derive(Serialize)]
struct Line<'a> {
    capture: &'a str,
    #[serde(flatten)]
    device: &'a DeviceLine,
}

#[derive(Serialize)]
struct FlowOut<'a> {
    capture: &'a str,
    flow: &'a tallyward_core::Flow,
}

pub fn run(args: &Read, config: impl Fn() -> Result<Config, Failure>, json: bool) -> Outcome {
    let rules = if args.explain { Some(explain::rules(args, config()?)?) } else { None };
    let shown = |name: &str, learned: &Learned| {
        show(name, learned, args.flows, json)
            && rules.as_ref().is_none_or(|rules| explain::learned(name, learned, rules, json))
    };
    let zone = logs::zone(args.times.zone.as_deref().unwrap_or("UTC"))?;
    let taken = args.times.taken()?;
    let sorted = logs::sort(&args.files)?;
    let mut unreadable = 0;
    for path in &sorted.captures {
        let name = captures::name(path);
        let ReadOut { learned, whole, .. } =
            captures::read(path, &name, SystemClock.now(), args.readers, false)?;
        unreadable += usize::from(!whole || learned.stats.packets == 0);
        if !shown(&name, &learned) {
            return Ok(if unreadable > 0 { BAD_INPUT } else { DONE });
        }
    }
    for piece in logs::read_set(&sorted.logs, "logs", SystemClock.now(), taken, zone)? {
        if !shown(&piece.name, &piece.learned) {
            break;
        }
    }
    Ok(if unreadable > 0 { BAD_INPUT } else { DONE })
}

/// Prints what a file taught; `false` when nobody reads on.
fn show(name: &str, learned: &Learned, flows: bool, json: bool) -> bool {
    for problem in &learned.problems {
        eprintln!("{name}: {problem}");
    }
    if json { json_lines(name, learned, flows) } else { text(name, learned, flows) }
}

fn json_lines(name: &str, learned: &Learned, flows: bool) -> bool {
    describe(learned).iter().all(|device| output::json(&Line { capture: name, device }))
        && (!flows || learned.flows.iter().all(|flow| output::json(&FlowOut { capture: name, flow })))
}

fn text(name: &str, learned: &Learned, flows: bool) -> bool {
    let stats = &learned.stats;
    let size = match stats.log {
        "" => format!("{} packets", stats.packets),
        log => format!("{log}, {} lines", stats.lines),
    };
    if !output::line(&format!("{name}: {size}, {} flows", learned.flows.len())) {
        return false;
    }
    for device in describe(learned) {
        let keys: Vec<String> = device.keys.iter().map(tallyward_core::Key::plain).collect();
        if !output::line(&format!("  {}", keys.join(" = "))) {
            return false;
        }
        for field in &device.fields {
            let told = format!("{} ({}, {})", field.value, field.protocol, field.place);
            if !output::line(&format!("    {:22} {told}", field.field.label())) {
                return false;
            }
        }
    }
    if flows {
        for flow in &learned.flows {
            let shown = output::line(&format!(
                "  {} -> {} {}/{} {} {} packets, {} bytes",
                flow.client.address,
                flow.server.address,
                flow.transport,
                flow.port,
                flow.service,
                flow.packets,
                flow.bytes
            ));
            if !shown {
                return false;
            }
        }
    }
    true
}
