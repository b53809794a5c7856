//! `tallyward sensor`: listens, spools, sends.

mod deliver;
mod listen;
mod replay;
mod state;
mod station;

use crate::args::Sensor;
use crate::exit::{BAD_INPUT, DONE, Failure, Outcome};
use crate::{files, output};
use station::Station;
use std::path::Path;
use tallyward_connect::Uplink;

pub fn run(args: &Sensor, json: bool) -> Outcome {
    if args.status {
        return state::print(&args.spool, json);
    }
    // What only root can read is read before root is given up.
    let uplink = uplink(args)?;
    if args.read.is_empty() {
        let rings = listen::open(args)?;
        listen::give_up_rights(args)?;
        if args.check {
            return check(args);
        }
        let station = Station::open(args, uplink, json)?;
        return listen::run(args, rings, station);
    }
    let captures = files::expand(&args.read, &crate::captures::CAPTURES)?;
    if args.check {
        return check(args);
    }
    let station = Station::open(args, uplink, json)?;
    let unreadable = replay::run(args, &captures, station)?;
    Ok(if unreadable > 0 { BAD_INPUT } else { DONE })
}

fn uplink(args: &Sensor) -> Result<Option<Uplink>, Failure> {
    let (Some(to), Some(token)) = (&args.to, &args.token_file) else { return Ok(None) };
    let read = |path: &Path| std::fs::read(path).map_err(|error| Failure::file("read", path, &error));
    let token = String::from_utf8(read(token)?).unwrap_or_default();
    let authorities = args.ca.as_deref().map_or_else(|| Ok(Vec::new()), read)?;
    let token = token.lines().next().unwrap_or_default();
    Uplink::new(to, &args.name, token, &authorities, args.insecure_http).map(Some).map_err(Failure::usage)
}

/// Everything was opened; what is left is the spool.
fn check(args: &Sensor) -> Outcome {
    for interface in &args.interface {
        output::line(&format!("ok    {interface} can be listened at"));
    }
    if let Some(to) = &args.to {
        let spool = station::spool(args)?;
        output::line(&format!(
            "ok    {} takes what waits for {to}: {} batches now",
            args.spool.display(),
            spool.len()
        ));
    }
    output::line("ok    rights are given up");
    Ok(DONE)
}
