//! How each sensor is, and what it cannot see.

use super::StoredSensor;
use crate::App;
use crate::error::Result;
use crate::views::{Attention, Moment};
use serde::Serialize;
use tallyward_core::Timestamp;
use tallyward_discovery::batch::Health;
use tallyward_report::Table;

/// A sensor that sent nothing for so many minutes needs a person.
const SILENT_MINUTES: i64 = 15;
/// What a sensor reads that does not listen: it sends when somebody has a capture for it.
const CAPTURES: &str = "captures";
/// A subnet from which nothing came for so many days is said to be silent.
const SUBNET_DAYS: i64 = 3;
/// The share of packets from which loss is said.
const LOSS: f64 = 0.001;
/// The share of one-sided conversations from which a mirror port is said to copy one direction, and of how many.
const ONE_SIDED: (f64, u64) = (0.5, 20);
/// A clock so many seconds ahead is said to be wrong.
const CLOCK: i64 = 120;

/// How a sensor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SensorHealth {
    /// It sends, and nothing is wrong.
    Good,
    /// It has not sent anything yet.
    New,
    /// It sends, and does not see everything.
    Poor,
    /// It has not sent for a while.
    Silent,
    /// It may not send any more.
    Revoked,
}

impl SensorHealth {
    /// The word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::New => "new",
            Self::Poor => "poor",
            Self::Silent => "silent",
            Self::Revoked => "revoked",
        }
    }
}

/// A subnet from which nothing comes any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SilentSubnet {
    /// The subnet.
    pub subnet: String,
    /// When something came last.
    pub last: Moment,
}

/// One sensor.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SensorLine {
    /// Its name.
    pub name: String,
    /// Where it listens.
    pub site: String,
    /// How it is.
    pub health: SensorHealth,
    /// What it cannot see and what is wrong, in sentences.
    pub lacks: Vec<String>,
    /// When its newest batch came.
    pub last_batch: Option<Moment>,
    /// Its latest packet.
    pub last_packet: Option<Moment>,
    /// What it reads.
    pub reads: String,
    /// Version of the program there.
    pub version: String,
    /// Packets a second, lately.
    pub packets_per_second: Option<f64>,
    /// Packets since its start.
    pub packets: u64,
    /// Packets lost since its start.
    pub drops: u64,
    /// The share lost.
    pub loss: Option<f64>,
    /// Batches that wait on its disk.
    pub spooled: u64,
    /// Batches lost because its spool was full.
    pub spool_dropped: u64,
    /// Batches taken here in all.
    pub batches: u64,
    /// Statements taken here in all.
    pub statements: u64,
    /// Memory of the process there, bytes.
    pub memory: u64,
    /// Subnets it has seen.
    pub subnets: usize,
    /// Those that are silent.
    pub silent_subnets: Vec<SilentSubnet>,
    /// When its token was made, and by whom.
    pub made: Option<Moment>,
    /// Login of who made it.
    pub made_by: String,
}

impl SensorLine {
    fn of(sensor: StoredSensor, now: Timestamp) -> Self {
        let said = &sensor.health;
        let silent_subnets: Vec<SilentSubnet> = sensor
            .subnets
            .iter()
            .filter(|(_, last)| now.seconds_since(**last) > SUBNET_DAYS * 86_400)
            .map(|(subnet, last)| SilentSubnet { subnet: subnet.clone(), last: Moment(*last) })
            .collect();
        let lacks = lacks(&sensor, &silent_subnets);
        let silent = said.reads != CAPTURES
            && sensor.last_batch.is_some_and(|last| now.seconds_since(last) > SILENT_MINUTES * 60);
        let health = match sensor.last_batch {
            _ if sensor.revoked.is_some() => SensorHealth::Revoked,
            None => SensorHealth::New,
            Some(_) if silent => SensorHealth::Silent,
            Some(_) if !lacks.is_empty() => SensorHealth::Poor,
            Some(_) => SensorHealth::Good,
        };
        let (packets, seconds) = said.recent;
        Self {
            health,
            lacks,
            last_batch: sensor.last_batch.map(Moment),
            last_packet: said.last_packet.map(Moment),
            reads: said.reads.clone(),
            version: said.version.clone(),
            packets_per_second: (seconds > 0).then(|| packets as f64 / seconds as f64),
            packets: said.packets,
            drops: said.drops,
            loss: said.loss(),
            spooled: said.spooled,
            spool_dropped: said.spool_dropped,
            batches: sensor.batches,
            statements: sensor.statements,
            memory: said.memory,
            subnets: sensor.subnets.len(),
            silent_subnets,
            made: sensor.made.map(Moment),
            made_by: sensor.made_by.clone(),
            name: sensor.name,
            site: sensor.site,
        }
    }

    /// What needs a person, if anything.
    #[must_use]
    pub(crate) fn attention(&self) -> Option<Attention> {
        let link = "/settings/sensors".to_owned();
        match (self.health, self.last_batch) {
            (SensorHealth::Silent, Some(last)) => {
                let text = format!("sensor {} has sent nothing since {}", self.name, minute(last.0));
                Some(Attention { text, link, urgent: true })
            }
            (SensorHealth::Poor, _) => {
                let text = format!("sensor {} does not see everything: {}", self.name, self.lacks.join("; "));
                Some(Attention { text, link, urgent: false })
            }
            _ => None,
        }
    }
}

/// `2026-11-23 08:30 UTC`.
fn minute(at: Timestamp) -> String {
    let text = at.to_string();
    format!("{} UTC", text.get(..16).unwrap_or(&text).replace('T', " "))
}

fn lacks(sensor: &StoredSensor, silent: &[SilentSubnet]) -> Vec<String> {
    let said: &Health = &sensor.health;
    let mut lacks = Vec::new();
    if let Some(loss) = said.loss().filter(|loss| *loss >= LOSS) {
        lacks.push(format!("{:.2} % of the packets were lost: {} of them", loss * 100.0, said.drops));
    }
    let sides = said.both_sides + said.one_side;
    if sides >= ONE_SIDED.1 && said.one_side as f64 >= ONE_SIDED.0 * sides as f64 {
        let share = said.one_side as f64 * 100.0 / sides as f64;
        lacks.push(format!(
            "of {share:.0} % of the conversations only one side is seen: the mirror port copies one direction"
        ));
    }
    if said.packets > 0 && said.truncated * 2 > said.packets {
        lacks.push("most packets come cut short".to_owned());
    }
    if said.no_room > 0 {
        lacks.push(format!("a table had no room for {} statements or conversations", said.no_room));
    }
    if said.spool_dropped > 0 {
        lacks.push(format!("{} batches were lost because the spool was full", said.spool_dropped));
    }
    if said.refused > 0 {
        lacks.push(format!("{} batches were refused here", said.refused));
    }
    match silent {
        [] => {}
        [one] => lacks.push(format!("nothing came from {} since {}", one.subnet, one.last.0.date())),
        many => lacks.push(format!("nothing came from {} subnets for {SUBNET_DAYS} days", many.len())),
    }
    if let (Some(made), Some(last)) = (sensor.made_at, said.last_packet.or(Some(said.started)))
        && said.reads != CAPTURES
        && made.seconds_since(last) > SILENT_MINUTES * 60
    {
        lacks.push(format!("no packet came since {}", minute(last)));
    }
    if let (Some(made), Some(came)) = (sensor.made_at, sensor.last_batch)
        && made.seconds_since(came) > CLOCK
    {
        lacks.push(format!("its clock is {} seconds ahead", made.seconds_since(came)));
    }
    lacks
}

impl App {
    /// Every sensor, those that need a person first.
    pub fn sensor_lines(&self) -> Result<Vec<SensorLine>> {
        let now = self.now();
        let mut lines: Vec<SensorLine> =
            self.stored_sensors()?.into_iter().map(|sensor| SensorLine::of(sensor, now)).collect();
        let rank = |line: &SensorLine| match line.health {
            SensorHealth::Silent => 0,
            SensorHealth::Poor => 1,
            SensorHealth::New => 2,
            SensorHealth::Good => 3,
            SensorHealth::Revoked => 4,
        };
        lines.sort_by(|a, b| (rank(a), &a.name).cmp(&(rank(b), &b.name)));
        Ok(lines)
    }
}

impl App {
    /// Every sensor as CSV.
    pub fn export_sensors(&self) -> Result<Vec<u8>> {
        let mut table = Table::new(&[
            "sensor",
            "site",
            "health",
            "lacks",
            "last_batch",
            "last_packet",
            "reads",
            "version",
            "packets_per_second",
            "packets",
            "lost",
            "spooled",
            "batches_lost",
            "batches",
            "statements",
            "subnets",
            "silent_subnets",
        ]);
        let moment = |at: Option<Moment>| at.map(|at| at.0.to_string()).unwrap_or_default();
        for line in self.sensor_lines()? {
            let silent: Vec<&str> = line.silent_subnets.iter().map(|one| one.subnet.as_str()).collect();
            table.push([
                line.name.clone(),
                line.site.clone(),
                line.health.code().to_owned(),
                line.lacks.join("; "),
                moment(line.last_batch),
                moment(line.last_packet),
                line.reads.clone(),
                line.version.clone(),
                line.packets_per_second.map(|rate| format!("{rate:.1}")).unwrap_or_default(),
                line.packets.to_string(),
                line.drops.to_string(),
                line.spooled.to_string(),
                line.spool_dropped.to_string(),
                line.batches.to_string(),
                line.statements.to_string(),
                line.subnets.to_string(),
                silent.join(" "),
            ]);
        }
        Ok(table.to_csv().into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn at(days: i64) -> Timestamp {
        Timestamp::from_micros(1_700_000_000_000_000 + days * 86_400 * 1_000_000)
    }

    fn sensor() -> StoredSensor {
        let health = Health {
            packets: 1_000_000,
            both_sides: 500,
            recent: (600, 60),
            last_packet: Some(at(10)),
            ..Health::default()
        };
        let name = "ED-1".to_owned();
        StoredSensor {
            name,
            last_batch: Some(at(10)),
            made_at: Some(at(10)),
            health,
            ..StoredSensor::default()
        }
    }

    #[test]
    fn a_sensor_says_what_it_cannot_see() {
        let good = SensorLine::of(sensor(), at(10));
        assert_eq!((good.health, good.packets_per_second), (SensorHealth::Good, Some(10.0)));
        assert!(good.attention().is_none());
        let mut poor = sensor();
        poor.health = Health { drops: 2_000, both_sides: 10, one_side: 90, ..poor.health };
        poor.subnets = BTreeMap::from([("10.0.1.0/24".to_owned(), at(2)), ("10.0.2.0/24".to_owned(), at(9))]);
        let poor = SensorLine::of(poor, at(10));
        assert_eq!(poor.health, SensorHealth::Poor);
        assert_eq!(poor.silent_subnets.len(), 1);
        let said = poor.lacks.join("|");
        assert!(said.contains("0.20 %") && said.contains("90 %") && said.contains("10.0.1.0/24"), "{said}");
        let silent = SensorLine::of(sensor(), at(11));
        assert_eq!(silent.health, SensorHealth::Silent);
        assert!(silent.attention().expect("it needs a person").urgent);
    }
}
