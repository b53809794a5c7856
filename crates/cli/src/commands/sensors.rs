//! `tallyward sensors`: who may send to this installation.

use crate::args::Sensors;
use crate::config::Config;
use crate::exit::{DONE, Outcome};
use crate::output;
use crate::wire;
use serde::Serialize;
use tallyward_app::Who;
use tallyward_app::sensors::SensorLine;

#[derive(Serialize)]
struct Made<'a> {
    name: &'a str,
    token: &'a str,
}

pub fn run(args: &Sensors, config: &Config, json: bool) -> Outcome {
    match args {
        Sensors::List => {
            let lines = wire::open_to_read(config)?.app.sensor_lines()?;
            let head = ["NAME", "SITE", "HEALTH", "LAST BATCH", "PACKETS/S", "LOST", "SPOOLED", "LACKS"];
            output::listing(&lines, json, &head, row);
        }
        Sensors::Add { name, site } => {
            let token = wire::open(config)?.app.add_sensor(&Who::program(), name, site)?;
            if json {
                output::json(&Made { name, token: &token });
            } else {
                output::line(&token);
                eprintln!(
                    "The token of {name}, shown this once. Put it into a file that only the sensor can read:"
                );
                eprintln!(
                    "  tallyward sensor --interface eth1 --name {name} --to {} --token-file FILE",
                    config.base_url
                );
            }
        }
        Sensors::Revoke { name } => {
            wire::open(config)?.app.revoke_sensor(&Who::program(), name)?;
            output::line(&format!("sensor {name} may not send any more; what it brought stays"));
        }
    }
    Ok(DONE)
}

fn row(line: &SensorLine) -> Vec<String> {
    vec![
        line.name.clone(),
        line.site.clone(),
        line.health.code().to_owned(),
        line.last_batch.map_or_else(|| "never".to_owned(), |at| at.0.to_string()),
        line.packets_per_second.map_or_else(String::new, |rate| format!("{rate:.0}")),
        line.drops.to_string(),
        line.spooled.to_string(),
        line.lacks.join("; "),
    ]
}
