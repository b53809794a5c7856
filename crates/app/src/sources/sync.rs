//! One run over a source.

use super::ask::Fetching;
use super::source::{
    Brings, Held, Progress, RefusedDocument, Require, Source, administrator, progress_id, source_id,
};
use super::walk::{Candidate, Found, Missed, Walker};
use crate::App;
use crate::advisories::Arriving;
use crate::app::{doc, hex, lock};
use crate::change::{ChangeSet, DocKind};
use crate::error::Result;
use crate::originals::Origin;
use crate::ports::Fetcher;
use crate::who::Who;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use tallyward_advisories::MAX_BYTES;
use tallyward_advisories::provider::{Keyring, read_digest};
use tallyward_core::Timestamp;
use url::Url;

/// Documents taken in with one commit; what was taken stays taken when a run is cut.
const BATCH: usize = 200;
/// A run ends after so many failures in a row to reach the server.
const UNREACHED: usize = 3;
/// Most notes kept of one run.
pub(super) const NOTES: usize = 50;
/// Why a run ends whose source is gone.
const REMOVED: &str = "the source was removed while it was fetched";

/// What one run brought.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SyncReport {
    /// Name of the source.
    pub source: String,
    /// Documents the source lists that were looked at.
    pub looked_at: usize,
    /// Taken in for the first time.
    pub new: Vec<String>,
    /// Taken in with another content: `(id, what changed)`. A change without a new revision says so.
    pub changed: Vec<(String, Vec<String>)>,
    /// Fetched and the same.
    pub unchanged: usize,
    /// Refused, with the reason.
    pub refused: Vec<(String, String)>,
    /// Left as being for others, by kind.
    pub passed_over: BTreeMap<String, usize>,
    /// Why the run is not complete; empty when it is.
    pub error: String,
}

/// A document fetched and verified.
struct Arrived {
    candidate: Candidate,
    held: Held,
    sha256: String,
}

impl App {
    /// Runs over one source: what it lists, of that what changed, each document verified and taken in.
    /// With `again` every document is asked about, so that a change the listing conceals is found. `wait` pauses for
    /// so many milliseconds between requests. A source that fails gives a report with the error; its health has it too.
    pub fn sync(
        &self,
        who: &Who,
        name: &str,
        fetcher: &dyn Fetcher,
        again: bool,
        wait: &dyn Fn(u32),
    ) -> Result<SyncReport> {
        administrator(who)?;
        let _running = lock(&self.state.syncing);
        let _fetching = Fetching::of(&self.state, name);
        let mut source = self.source(name)?;
        let mut progress: Progress = self.load(DocKind::Feed, &progress_id(name))?.unwrap_or_default();
        let mut report = SyncReport { source: name.to_owned(), ..SyncReport::default() };
        let asked = source.clone();
        let walker = Walker { fetcher, source: &asked, wait };
        match source.kind.brings() {
            Brings::Advisories => {
                self.advisories_of(who, &walker, again, &mut source, &mut progress, &mut report)?;
            }
            Brings::Threats => {
                self.list_of(who, &walker, again, &mut source, &mut progress, &mut report)?;
            }
            Brings::Letters => {
                self.letters_of(who, &walker, again, &mut source, &mut progress, &mut report)?;
            }
        }
        source.last_run = Some(self.now());
        source.documents = progress.documents.len();
        source.error.clone_from(&report.error);
        if report.error.is_empty() {
            source.last_success = source.last_run;
            source.failures = 0;
        } else {
            source.failures = source.failures.saturating_add(1);
        }
        if !self.keep(who, &source, &progress, Some(&report))? {
            REMOVED.clone_into(&mut report.error);
        }
        Ok(report)
    }

    fn advisories_of(
        &self,
        who: &Who,
        walker: &Walker<'_>,
        again: bool,
        source: &mut Source,
        progress: &mut Progress,
        report: &mut SyncReport,
    ) -> Result<()> {
        match walker.find(progress, again) {
            Ok(found) => {
                source.notes.clone_from(&found.notes);
                source.notes.truncate(NOTES);
                source.shut_now(&found.shut, self.now());
                self.take_found(who, walker, &found, again, source, progress, report)?;
                if report.error.is_empty() {
                    report.error.clone_from(&found.error);
                }
                // A listing counts as read only when everything it names is held: what was refused may be mended, its
                // hash published a moment after it, without the listing changing.
                if report.error.is_empty() && report.refused.is_empty() {
                    progress.listings.extend(found.listings);
                }
            }
            Err(why) => report.error = why,
        }
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "one run's state, carried from batch to batch")]
    fn take_found(
        &self,
        who: &Who,
        walker: &Walker<'_>,
        found: &Found,
        again: bool,
        source: &mut Source,
        progress: &mut Progress,
        report: &mut SyncReport,
    ) -> Result<()> {
        let due: Vec<&Candidate> = found
            .candidates
            .iter()
            .filter(|one| {
                again
                    || one.updated.is_none()
                    || progress.documents.get(one.url.as_str()).is_none_or(|held| held.updated != one.updated)
            })
            .collect();
        let mut unreached = 0;
        for batch in due.chunks(BATCH) {
            let (mut files, mut arrived) = (Vec::new(), Vec::new());
            for candidate in batch {
                report.looked_at += 1;
                let held = progress.documents.get(candidate.url.as_str());
                let got = document(walker, candidate, held, &found.keys, self.now());
                unreached = if matches!(&got, Err(Fault::Away(missed)) if missed.unreached) {
                    unreached + 1
                } else {
                    0
                };
                match got {
                    Ok(Some((bytes, held))) => {
                        let sha256 = hex(&Sha256::digest(&bytes));
                        files.push(Arriving {
                            name: candidate.url.to_string(),
                            bytes,
                            origin: Origin { source: source.name.clone(), via: None },
                        });
                        arrived.push(Arrived { candidate: (*candidate).clone(), held, sha256 });
                    }
                    Ok(None) => {
                        // It is again what is held, so a refusal of what stood there meanwhile is over.
                        report.unchanged += 1;
                        source.refused.retain(|held| held.url != candidate.url.as_str());
                        if let Some(held) = progress.documents.get_mut(candidate.url.as_str()) {
                            held.updated = candidate.updated;
                        }
                    }
                    Err(Fault::Refused(why, sha256)) => {
                        self.refuse(source, report, candidate.url.as_str(), why, sha256);
                    }
                    Err(Fault::Away(missed)) => report.error = missed.why,
                }
                if unreached == UNREACHED {
                    report.error = format!(
                        "stopped after {UNREACHED} failures in a row to reach the server; the last: {}",
                        report.error
                    );
                    break;
                }
            }
            self.take_batch(who, files, arrived, source, progress, report)?;
            if !self.keep(who, source, progress, None)? || unreached == UNREACHED {
                break;
            }
        }
        Ok(())
    }

    fn take_batch(
        &self,
        who: &Who,
        files: Vec<Arriving>,
        arrived: Vec<Arrived>,
        source: &mut Source,
        progress: &mut Progress,
        report: &mut SyncReport,
    ) -> Result<()> {
        if files.is_empty() {
            return Ok(());
        }
        let intake = self.take_arriving(who, files, &mut |_, _| {})?;
        let damaged: BTreeSet<&str> = intake.damaged.iter().map(|bad| bad.file.as_str()).collect();
        for one in arrived {
            let url = one.candidate.url.as_str();
            if damaged.contains(url) {
                let bad = intake.damaged.iter().find(|bad| bad.file == url);
                let why = bad.map(|bad| format!("{}: {}", bad.place, bad.why)).unwrap_or_default();
                self.refuse(source, report, url, why, one.sha256.clone());
                continue;
            }
            source.refused.retain(|held| held.url != url);
            progress.documents.insert(url.to_owned(), one.held);
            // Only what was published since the source is followed says anything of how fast it arrives.
            if let Some(updated) = one.candidate.updated.filter(|updated| *updated > source.added) {
                source.measure(self.now().seconds_since(updated).max(0));
            }
        }
        report.new.extend(intake.new);
        report.changed.extend(intake.changed);
        report.unchanged += intake.unchanged;
        Ok(())
    }

    pub(super) fn refuse(
        &self,
        source: &mut Source,
        report: &mut SyncReport,
        url: &str,
        why: String,
        sha256: String,
    ) {
        report.refused.push((url.to_owned(), why.clone()));
        source.refuse(RefusedDocument { url: url.to_owned(), why, at: self.now(), sha256 });
    }

    /// Keeps health and progress; with a report also the audit event of the whole run. False when the source was
    /// removed meanwhile, or another added under its name: then its health and progress must not come back.
    pub(super) fn keep(
        &self,
        who: &Who,
        source: &Source,
        progress: &Progress,
        report: Option<&SyncReport>,
    ) -> Result<bool> {
        let _desk = lock(&self.state.desk);
        let held: Option<Source> = self.load(DocKind::Feed, &source_id(&source.name))?;
        let stands = held.is_some_and(|held| held.added == source.added);
        let audit = report.map(|report| {
            let mut event = self.event(who, "source.sync", format!("source {}", source.name));
            event.after = format!(
                "{} looked at, {} new, {} changed, {} refused{}{}",
                report.looked_at,
                report.new.len(),
                report.changed.len(),
                report.refused.len(),
                if report.error.is_empty() { "" } else { "; " },
                report.error
            );
            event
        });
        // A run over an unchanged source leaves its health and no line in the log for ever.
        let quiet = report.is_some_and(|report| report.looked_at == 0 && report.error.is_empty());
        let docs = if stands {
            vec![
                doc(DocKind::Feed, source_id(&source.name), "source", source),
                doc(DocKind::Feed, progress_id(&source.name), "progress", progress),
            ]
        } else {
            Vec::new()
        };
        let audit: Vec<_> = audit.into_iter().filter(|_| !quiet).collect();
        if !docs.is_empty() || !audit.is_empty() {
            self.commit(ChangeSet { docs, audit, ..ChangeSet::default() })?;
        }
        Ok(stands)
    }
}

enum Fault {
    /// The document is not taken in: reason and SHA-256 of its bytes.
    Refused(String, String),
    /// It could not be had now; the next run tries again.
    Away(Missed),
}

/// Fetches and verifies one document; `None` when it is as it was.
fn document(
    walker: &Walker<'_>,
    candidate: &Candidate,
    held: Option<&Held>,
    keys: &Keyring,
    now: Timestamp,
) -> std::result::Result<Option<(Vec<u8>, Held)>, Fault> {
    use crate::ports::FetchError;
    let got = walker.get(&candidate.url, held, MAX_BYTES).map_err(|error| match error {
        FetchError::Away { .. } | FetchError::TooSlow { .. } => Fault::Away(error.into()),
        other => Fault::Refused(other.to_string(), String::new()),
    })?;
    match got.status {
        200 => {}
        304 if held.is_some() => return Ok(None),
        404 | 410 => {
            return Err(Fault::Refused(format!("listed, but answers {}", got.status), String::new()));
        }
        status => return Err(Fault::Away(Missed::answered(&candidate.url, status))),
    }
    let refused = |why: String| Fault::Refused(why, hex(&Sha256::digest(&got.body)));
    let beside = |suffix: &str| Url::parse(&format!("{}{suffix}", candidate.url)).ok();
    let hashes = if candidate.stated {
        candidate.hashes.clone()
    } else {
        [".sha512", ".sha256"].iter().filter_map(|suffix| beside(suffix)).collect()
    };
    let mut hashed = false;
    for url in hashes {
        let Some(file) = walker.beside(&url).map_err(Fault::Away)? else { continue };
        let digest = read_digest(&file).map_err(&refused)?;
        if !digest.fits(&got.body) {
            return Err(refused(format!("its {} is another than {url} states", digest.name())));
        }
        hashed = true;
        break;
    }
    let signature = candidate.signature.clone().or_else(|| beside(".asc").filter(|_| !candidate.stated));
    let must = walker.source.require;
    let mut signed = false;
    if let Some(url) = signature.filter(|_| !keys.is_empty() || must == Require::Signature)
        && let Some(file) = walker.beside(&url).map_err(Fault::Away)?
    {
        keys.verify(&got.body, &file, now).map_err(|fault| refused(fault.to_string()))?;
        signed = true;
    }
    match must {
        Require::Hash if !hashed => {
            Err(refused("it comes without a hash, which this source must give".to_owned()))
        }
        Require::Signature if !signed => {
            Err(refused("it comes without a signature, which this source must give".to_owned()))
        }
        _ => Ok(Some((
            got.body,
            Held { updated: candidate.updated, etag: got.etag, last_modified: got.last_modified },
        ))),
    }
}
