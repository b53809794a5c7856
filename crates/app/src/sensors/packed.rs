//! A batch as it travels: JSON, gzip.
//!
//! What claims to be a batch is not believed: it is unpacked within a bound, its version and every length are looked at, and it may speak
//! only of what a sensor can see and only in its own name.

use crate::error::{AppError, Result};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::Deserialize;
use std::io::{Read, Write};
use tallyward_core::{Evidence, Field, Key};
use tallyward_discovery::batch::{Batch, FORMAT};

/// The most bytes of a packed batch.
pub const MAX_PACKED: usize = 16 * 1024 * 1024;
/// The most bytes it may unpack to.
const MAX_UNPACKED: u64 = 128 * 1024 * 1024;
/// The most statements, and the most flows.
const MOST: usize = 50_000;
/// The most bytes of one text.
const LONGEST: usize = 4 * 1024;

/// Only the version, to say so before anything else is wrong.
#[derive(Deserialize)]
struct Version {
    format: u32,
}

/// Packs a batch.
#[must_use]
pub fn pack(batch: &Batch) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    let text = crate::app::json(batch);
    packer
        .write_all(text.as_bytes())
        .and_then(|()| packer.finish())
        .expect("memory takes whatever is written")
}

/// Unpacks a batch of a sensor of this name.
///
/// # Errors
/// When it is too large, cannot be read, is of another version, or says what this sensor cannot say.
pub fn unpack(sensor: &str, bytes: &[u8]) -> Result<Batch> {
    let bad = |why: String| AppError::invalid("batch", why);
    let mut text = Vec::new();
    GzDecoder::new(bytes)
        .take(MAX_UNPACKED + 1)
        .read_to_end(&mut text)
        .map_err(|error| bad(format!("it is no gzip, or cut short: {error}")))?;
    if text.len() as u64 > MAX_UNPACKED {
        return Err(bad(format!("it unpacks to more than {} MiB", MAX_UNPACKED >> 20)));
    }
    let version: Version =
        serde_json::from_slice(&text).map_err(|error| bad(format!("it is no batch of a sensor: {error}")))?;
    if version.format != FORMAT {
        return Err(bad(format!(
            "it is of format {}, and this server reads format {FORMAT}: bring sensor and server to the same version",
            version.format
        )));
    }
    let batch: Batch = serde_json::from_slice(&text).map_err(|error| bad(error.to_string()))?;
    check(sensor, &batch).map_err(bad)?;
    Ok(batch)
}

fn check(sensor: &str, batch: &Batch) -> std::result::Result<(), String> {
    if batch.sensor != sensor {
        return Err(format!("it is of the sensor {:?}, and the token is that of {sensor:?}", batch.sensor));
    }
    if batch.sequence == 0 || batch.evidence.len() > MOST || batch.flows.len() > MOST {
        return Err(format!("it holds more than {MOST} statements or flows, or bears no number"));
    }
    let health = &batch.health;
    if health.subnets.len() > 1_024 || health.subnets.keys().any(|name| name.len() > 64) {
        return Err("it names too many subnets".to_owned());
    }
    if health.version.len() + health.reads.len() > LONGEST {
        return Err("what it says of itself is too long".to_owned());
    }
    for (index, piece) in batch.evidence.iter().enumerate() {
        statement(sensor, piece).map_err(|why| format!("statement {}: {why}", index + 1))?;
    }
    for (index, seen) in batch.flows.iter().enumerate() {
        if seen.flow.seen_by.iter().any(|name| name != sensor) {
            return Err(format!("flow {}: another saw it", index + 1));
        }
        if seen.flow.service.len() > 64
            || seen.flow.packets.max(seen.flow.bytes).max(seen.flow.count) >= 1 << 56
        {
            return Err(format!("flow {}: its counts cannot be right", index + 1));
        }
    }
    Ok(())
}

fn statement(sensor: &str, piece: &Evidence) -> std::result::Result<(), String> {
    if !piece.source.kind.is_wire() || piece.source.name != sensor {
        return Err("it is not by this sensor's wire".to_owned());
    }
    if piece.value.len() > LONGEST || piece.basis.len() > 256 || piece.subject.to_string().len() > LONGEST {
        return Err("a text is too long".to_owned());
    }
    if piece.episodes.len() != 1
        || piece.episodes.iter().any(|one| one.first > one.last || one.place.len() > 64)
    {
        return Err("it has not one episode with a first and a last time".to_owned());
    }
    // "Somebody at this address" is somebody this sensor heard; every other key means the same whoever says it.
    let own = |key: &Key| !matches!(key, Key::Address { site, .. } if site != sensor);
    let linked = piece.field != Field::Key || piece.value.parse::<Key>().is_ok_and(|key| own(&key));
    if own(&piece.subject) && linked {
        Ok(())
    } else {
        Err("a sensor cannot know who is at an address elsewhere".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sensors::take::tests::batch;
    use tallyward_core::{Source, SourceKind};

    fn why(bytes: &[u8]) -> String {
        unpack("ED-1", bytes).expect_err("it is refused").to_string()
    }

    #[test]
    fn a_batch_travels_whole() {
        let batch = batch(1);
        assert_eq!(unpack("ED-1", &pack(&batch)).expect("it is read"), batch);
    }

    #[test]
    fn a_small_bomb_stays_small() {
        let mut packer = GzEncoder::new(Vec::new(), Compression::best());
        let blanks = vec![b' '; 1 << 20];
        for _ in 0..200 {
            packer.write_all(&blanks).unwrap();
        }
        assert!(why(&packer.finish().unwrap()).contains("unpacks to more than 128 MiB"));
    }

    #[test]
    fn what_a_sensor_cannot_say_is_refused() {
        assert!(why(b"hello").contains("no gzip"));
        let whole = pack(&batch(1));
        assert!(why(&whole[..whole.len() / 2]).contains("cut short"));
        let refused = |change: fn(&mut Batch)| {
            let mut batch = batch(1);
            change(&mut batch);
            why(&pack(&batch))
        };
        assert!(refused(|batch| batch.format = 9).contains("format 9"));
        assert!(refused(|batch| batch.sensor = "OR-2".to_owned()).contains("token"));
        assert!(refused(|batch| batch.sequence = 0).contains("number"));
        let person = |batch: &mut Batch| {
            batch.evidence[0].source = Source { kind: SourceKind::Person, name: "ED-1".to_owned() };
        };
        assert!(refused(person).contains("statement 1"));
        let elsewhere = |batch: &mut Batch| {
            batch.evidence[0].subject =
                Key::Address { site: "OR-2".to_owned(), address: "10.0.0.7".to_owned() };
        };
        assert!(refused(elsewhere).contains("cannot know"));
        assert!(refused(|batch| batch.evidence[0].value = "x".repeat(5_000)).contains("too long"));
        assert!(refused(|batch| batch.evidence[0].episodes.clear()).contains("episode"));
    }
}
