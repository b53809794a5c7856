//! Reads captures and prints what they taught, one device a line as JSON: a bare form of `tallyward read`.

use tallyward_core::{IngestId, Timestamp};
use tallyward_discovery::{Limits, Options, describe, read_capture};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for path in std::env::args().skip(1) {
        let bytes = std::fs::read(&path)?;
        let options = Options {
            sensor: path.clone(),
            ingest: IngestId::default(),
            recorded_at: Timestamp::default(),
            limits: Limits::default(),
        };
        let learned = read_capture(&bytes, options);
        println!("== {path} {}", serde_json::to_string(&learned.stats)?);
        for problem in &learned.problems {
            println!("!! {problem}");
        }
        for line in describe(&learned) {
            let keys: Vec<String> = line.keys.iter().map(ToString::to_string).collect();
            println!("{}", keys.join(" = "));
            for field in line.fields {
                println!(
                    "    {} = {:?} ({}, {}, {}x)",
                    field.field, field.value, field.protocol, field.place, field.count
                );
            }
        }
        for flow in &learned.flows {
            println!(
                "    -> {} > {} {}/{} {} {} packets {}x",
                flow.client.address,
                flow.server.address,
                flow.transport,
                flow.port,
                flow.service,
                flow.packets,
                flow.count
            );
        }
    }
    Ok(())
}
