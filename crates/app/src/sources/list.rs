//! A run over a source that is one file: the KEV catalogue, an EPSS list, CVE records.

use super::source::{Held, Progress, Source, SourceKind};
use super::sync::{NOTES, SyncReport};
use super::walk::{LISTING, Missed, Walker, address};
use crate::App;
use crate::app::hex;
use crate::error::Result;
use crate::ports::FetchError;
use crate::threats::List;
use crate::views::{Damaged, ThreatIntake, ThreatOutcome};
use crate::who::Who;
use sha2::{Digest as _, Sha256};
use url::Url;

/// Most bytes of an archive of CVE records.
const ARCHIVE: usize = 256 * 1024 * 1024;

impl App {
    /// Fetches the file when it changed, and takes it in as a file given by hand. Its validator is kept only when
    /// nothing of it was refused, so that a mended one is seen.
    pub(super) fn list_of(
        &self,
        who: &Who,
        walker: &Walker<'_>,
        again: bool,
        source: &mut Source,
        progress: &mut Progress,
        report: &mut SyncReport,
    ) -> Result<()> {
        let Some(url) = address(&source.url, source.kind) else {
            "the source's address cannot be used".clone_into(&mut report.error);
            return Ok(());
        };
        let (list, limit) = match source.kind {
            SourceKind::Epss => (List::Epss, LISTING),
            SourceKind::Cve => (List::Records, ARCHIVE),
            _ => (List::Kev, LISTING),
        };
        let held = progress.listings.get(url.as_str()).filter(|_| !again);
        let got = match walker.get(&url, held, limit) {
            Ok(got) => got,
            Err(error @ (FetchError::Away { .. } | FetchError::TooSlow { .. })) => {
                report.error = error.to_string();
                return Ok(());
            }
            Err(error) => {
                self.refuse(source, report, url.as_str(), error.to_string(), String::new());
                return Ok(());
            }
        };
        match got.status {
            304 if held.is_some() => return Ok(()),
            200 => {}
            status => {
                report.error = Missed::answered(&url, status).why;
                return Ok(());
            }
        }
        report.looked_at = 1;
        let intake = self.take_published(who, list, url.to_string(), &got.body)?;
        let validators = Held { updated: None, etag: got.etag, last_modified: got.last_modified };
        self.tell(&url, &got.body, &intake, validators, source, progress, report);
        Ok(())
    }

    /// Writes into health and report what became of the file.
    #[expect(clippy::too_many_arguments, reason = "one run's state")]
    fn tell(
        &self,
        url: &Url,
        bytes: &[u8],
        intake: &ThreatIntake,
        validators: Held,
        source: &mut Source,
        progress: &mut Progress,
        report: &mut SyncReport,
    ) {
        let told = |bad: &Damaged| {
            if bad.place.is_empty() { bad.why.clone() } else { format!("{}: {}", bad.place, bad.why) }
        };
        source.notes =
            intake.noted.iter().take(NOTES).map(|bad| format!("{}, {}", bad.file, told(bad))).collect();
        // Every run reads the whole file, so what was refused before is over or refused again.
        source.refused.clear();
        for bad in &intake.damaged {
            let sha256 = if bad.file == url.as_str() { hex(&Sha256::digest(bytes)) } else { String::new() };
            self.refuse(source, report, &bad.file, told(bad), sha256);
        }
        let sentences = intake.sentences();
        for (one, sentence) in intake.lists.iter().zip(&sentences) {
            match one.outcome {
                ThreatOutcome::Unchanged => report.unchanged += 1,
                ThreatOutcome::Older => {
                    report.unchanged += 1;
                    source.notes.insert(0, sentence.clone());
                }
                ThreatOutcome::Taken => {
                    if let Some(dated) = one.dated.map(|at| at.0).filter(|dated| *dated > source.added) {
                        source.measure(self.now().seconds_since(dated).max(0));
                    }
                    report.took(
                        one.table.to_uppercase(),
                        sentence.clone(),
                        progress.documents.contains_key(url.as_str()),
                    );
                }
            }
        }
        report.unchanged += intake.records_kept + intake.records_without;
        if intake.records > 0 {
            let sentence = sentences.last().cloned().unwrap_or_default();
            report.took("CVE records".to_owned(), sentence, progress.documents.contains_key(url.as_str()));
        }
        let nothing =
            intake.lists.is_empty() && intake.records + intake.records_kept + intake.records_without == 0;
        if !nothing {
            progress.documents.insert(url.to_string(), validators.clone());
        }
        if intake.damaged.is_empty() {
            progress.listings.insert(url.to_string(), validators);
        }
    }
}

impl SyncReport {
    /// A list was taken: the first of its source, or in the place of another.
    fn took(&mut self, what: String, sentence: String, before: bool) {
        if before {
            self.changed.push((what, vec![sentence]));
        } else {
            self.new.push(format!("{what}: {sentence}"));
        }
    }
}
