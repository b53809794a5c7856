//! Sensors at mirror ports: who may send, what they sent, and how each of them is.
//!
//! A sensor has a token of its own, made once, shown once and kept as its hash. What it sends is taken in as a capture's is; a batch
//! that comes again changes nothing. The record of a sensor is written with every batch, in the same commit.

mod lines;
mod packed;
mod stored;
mod take;

pub use lines::{SensorHealth, SensorLine, SilentSubnet};
pub use packed::{MAX_PACKED, pack, unpack};
pub use take::{BatchTaken, SensorCaller};

pub(crate) use stored::StoredSensor;

use crate::App;
use crate::app::{doc, hex, lock};
use crate::change::{ChangeSet, DocKind};
use crate::error::{AppError, Result};
use crate::who::{Role, Who};
use sha2::{Digest, Sha256};
use std::sync::atomic::Ordering;

/// Longest name of a sensor.
const LONGEST_NAME: usize = 40;
/// Most sensors of one installation.
const MOST_SENSORS: usize = 500;

impl App {
    /// Registers a sensor, or gives a revoked one a new token, and answers the token: it is shown this once.
    pub fn add_sensor(&self, who: &Who, name: &str, site: &str) -> Result<String> {
        may_manage(who)?;
        let (name, site) = (name.trim(), site.trim());
        let fits = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
        if name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(fits) {
            let why = format!("expected up to {LONGEST_NAME} letters, digits, dots and dashes, such as ED-1");
            return Err(AppError::invalid("name", why));
        }
        if site.chars().count() > 80 || site.chars().any(char::is_control) {
            return Err(AppError::invalid("site", "expected up to 80 characters"));
        }
        let _writing = lock(&self.state.fleet);
        let before: Option<StoredSensor> = self.load(DocKind::Sensor, name)?;
        if before.as_ref().is_some_and(|sensor| sensor.revoked.is_none()) {
            let why = "there is a sensor of this name; revoke it first to give it another token";
            return Err(AppError::invalid("name", why));
        }
        if before.is_none() && self.stored_sensors()?.len() >= MOST_SENSORS {
            return Err(AppError::Refused(format!(
                "there are {MOST_SENSORS} sensors already, which is the most"
            )));
        }
        let token = format!("tws_{}", self.random_hex(24));
        let mut event = self.event(who, "sensor.add", format!("sensor {name}"));
        event.after =
            if before.is_some() { format!("a new token; site {site}") } else { format!("site {site}") };
        let mut sensor = before.unwrap_or_default();
        name.clone_into(&mut sensor.name);
        site.clone_into(&mut sensor.site);
        sensor.token = digest(&token);
        sensor.revoked = None;
        sensor.made = Some(self.now());
        sensor.made_by.clone_from(&who.login);
        self.commit(ChangeSet {
            docs: vec![doc(DocKind::Sensor, name, "", &sensor)],
            audit: vec![event],
            ..ChangeSet::default()
        })?;
        Ok(token)
    }

    /// Takes a sensor's right to send. What it brought stays.
    pub fn revoke_sensor(&self, who: &Who, name: &str) -> Result<()> {
        may_manage(who)?;
        let _writing = lock(&self.state.fleet);
        let mut sensor: StoredSensor =
            self.load(DocKind::Sensor, name)?.ok_or_else(|| AppError::not_found("sensor", name))?;
        sensor.revoked = Some(self.now());
        sensor.token = String::new();
        let event = self.event(who, "sensor.revoke", format!("sensor {name}"));
        self.commit(ChangeSet {
            docs: vec![doc(DocKind::Sensor, name, "", &sensor)],
            audit: vec![event],
            ..ChangeSet::default()
        })?;
        Ok(())
    }

    pub(crate) fn stored_sensors(&self) -> Result<Vec<StoredSensor>> {
        self.load_all(DocKind::Sensor, None)
    }

    /// What follows from batches but is not worked out with each: whom new devices' findings concern, and, when a sensor has begun to
    /// listen, who is silent. Called by a timer; does nothing when nothing came. Whether it did something.
    pub fn settle_sensors(&self) -> Result<bool> {
        let begun = self.state.sensors_begun.swap(false, Ordering::AcqRel);
        let brought = self.state.sensors_brought.swap(false, Ordering::AcqRel);
        if !(begun || brought) {
            return Ok(false);
        }
        let work = || -> Result<()> {
            if begun {
                self.refresh()?;
            }
            self.refresh_drafts()?;
            Ok(())
        };
        work().inspect_err(|_| {
            // Next time again.
            self.state.sensors_begun.fetch_or(begun, Ordering::AcqRel);
            self.state.sensors_brought.fetch_or(brought, Ordering::AcqRel);
        })?;
        Ok(true)
    }
}

fn may_manage(who: &Who) -> Result<()> {
    if who.role == Role::Administrator {
        return Ok(());
    }
    Err(AppError::Refused("only an administrator can make and revoke sensors".to_owned()))
}

/// What is kept of a token.
fn digest(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}
