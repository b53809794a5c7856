//! Writes made-up hospital traffic of any size to a pcap file, for measuring readers of captures.
//!
//! ```text
//! cargo run --release -p tallyward-lab --example traffic -- OUT.pcap [MEGABYTES] [DEVICES] [SEED]
//! ```
//!
//! One hospital of `DEVICES` devices (400) after another, each with another seed, until the file is large enough (1,024). Everything in it is
//! made by this project's own encoders: no capture of anybody is needed, and the same arguments give the same bytes.

use std::io::{BufWriter, Write as _};
use tallyward_lab::wire::pcap::{self, Resolution};
use tallyward_lab::wire::{Frame, Order};
use tallyward_lab::{Plan, scaled};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Some(path) = args.first() else {
        return Err("usage: traffic OUT.pcap [MEGABYTES] [DEVICES] [SEED]".into());
    };
    let number = |at: usize, otherwise: u64| args.get(at).map_or(Ok(otherwise), |text| text.parse::<u64>());
    let (bytes, devices, seed) = (number(1, 1_024)? << 20, number(2, 400)?, number(3, 7)?);
    let plan = Plan { devices: usize::try_from(devices)?, seed, ..Plan::default() };
    let mut out = BufWriter::with_capacity(1 << 20, std::fs::File::create(path)?);
    let (mut written, mut frames) = (0u64, 0usize);
    let mut traffic = scaled(&plan);
    while written < bytes {
        // A piece at a time, so that memory does not grow with the file.
        let batch: Vec<Frame> = traffic.by_ref().take(10_000).collect();
        frames += batch.len();
        let piece = pcap::file(&batch, Order::Little, Resolution::Micro, 262_144);
        let body = if written == 0 { &piece[..] } else { &piece[24..] };
        out.write_all(body)?;
        written += body.len() as u64;
    }
    out.flush()?;
    println!("{path}: {written} bytes, {frames} packets");
    Ok(())
}
