//! Reading a bundle.

use super::Bundle;
use super::contents::Packed;
use crate::App;
use crate::advisories::Arriving;
use crate::change::ChangeSet;
use crate::error::{AppError, Result};
use crate::originals::{Origin, Via};
use crate::signing::fingerprint;
use crate::views::{AdvisoryIntake, Damaged, Moment, ThreatTaken};
use crate::who::Who;
use serde::Serialize;

/// Documents taken in with one commit.
const BATCH: usize = 200;

/// What became of a bundle.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BundleIntake {
    /// Who gave it out, in their own words.
    pub publisher: String,
    /// Fingerprint of the key that signed.
    pub fingerprint: String,
    /// When it was made.
    pub made: Moment,
    /// Documents in it.
    pub documents: usize,
    /// Whether it holds documents that stay within the organisation.
    pub organisation_only: bool,
    /// What became of the documents.
    pub advisories: AdvisoryIntake,
    /// What became of the lists of threats.
    pub threats: Vec<ThreatTaken>,
}

impl App {
    /// Takes in what a bundle brings. Reading it again changes nothing; a document that is held in a newer revision stands; one
    /// whose bytes are not whole is named and the rest goes on.
    ///
    /// # Errors
    /// When its key is not trusted: with the fingerprint, and how to trust it.
    pub fn read_bundle(
        &self,
        who: &Who,
        bundle: &Bundle,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<BundleIntake> {
        if !who.role.may_write() {
            return Err(AppError::Refused("a reader cannot take in a bundle".to_owned()));
        }
        let mark = fingerprint(&bundle.key);
        if !self.reads_bundles_of(&bundle.key)? {
            return Err(AppError::Refused(format!(
                "signed by a key that is not trusted for bundles: {mark}. It calls itself {:?}; compare the fingerprint with \
                 that house by another way, then an administrator trusts it: tallyward bundle trust {}",
                bundle.publisher, bundle.key
            )));
        }
        let contents = &bundle.contents;
        let mut intake = BundleIntake {
            publisher: bundle.publisher.clone(),
            fingerprint: mark,
            made: Moment(contents.made),
            documents: contents.documents.len(),
            organisation_only: contents.organisation_only,
            ..BundleIntake::default()
        };
        let total = contents.documents.len();
        for (at, batch) in contents.documents.chunks(BATCH).enumerate() {
            progress(at * BATCH, total);
            let mut files = Vec::with_capacity(batch.len());
            for one in batch {
                match one.bytes() {
                    Ok(bytes) => files.push(arriving(bundle, one, bytes)),
                    Err(why) => intake.advisories.damaged.push(Damaged {
                        file: one.name.clone(),
                        place: "the bundle".to_owned(),
                        why,
                    }),
                }
            }
            if !files.is_empty() {
                intake.advisories.add(self.take_arriving(who, files, &mut |_, _| {})?);
            }
        }
        for table in &contents.threats {
            let place =
                || format!("list {:?} of the bundle", table.name.chars().take(40).collect::<String>());
            let taken = table.json().and_then(|body| {
                self.take_threat_table(who, &table.name, &body).map_err(|error| error.to_string())
            });
            match taken {
                Ok(taken) => intake.threats.push(taken),
                Err(why) => intake.advisories.damaged.push(Damaged {
                    file: bundle.publisher.clone(),
                    place: place(),
                    why,
                }),
            }
        }
        let took = &intake.advisories;
        let mut event = self.event(who, "bundle.read", "bundle");
        event.after = format!(
            "{} documents of {:?}, key {}: {} new, {} changed, {} unchanged, {} older, {} damaged",
            intake.documents,
            intake.publisher,
            intake.fingerprint,
            took.new.len(),
            took.changed.len(),
            took.unchanged,
            took.older.len(),
            took.damaged.len()
        );
        self.commit(ChangeSet { audit: vec![event], ..ChangeSet::default() })?;
        Ok(intake)
    }
}

fn arriving(bundle: &Bundle, one: &Packed, bytes: Vec<u8>) -> Arriving {
    let via =
        Via { publisher: bundle.publisher.clone(), key: bundle.key.clone(), received: Some(one.received) };
    Arriving { name: one.name.clone(), bytes, origin: Origin { source: one.source.clone(), via: Some(via) } }
}
