//! Writing a bundle.

use super::contents::{Contents, FORMAT, Packed, PackedTable};
use super::{KIND, MAX_BUNDLE};
use crate::App;
use crate::app::{hex, json};
use crate::change::ChangeSet;
use crate::error::{AppError, Result};
use crate::originals::pack;
use crate::signing::{Signed, fingerprint};
use crate::who::Who;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use tallyward_advisories::label;
use tallyward_core::Label;

/// Whom a bundle is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Audience {
    /// Another house: what is TLP:CLEAR or TLP:GREEN.
    #[default]
    Anybody,
    /// Another site of the same organisation: TLP:AMBER and AMBER+STRICT too. TLP:RED never.
    SameOrganisation,
}

impl Audience {
    const fn takes(self, label: Label) -> bool {
        match self {
            Self::Anybody => label.may_leave(),
            Self::SameOrganisation => label.may_be_passed_on_inside(),
        }
    }
}

/// What was put into a bundle, and what was not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BundleReport {
    /// Documents in it.
    pub documents: usize,
    /// Lists of threats in it.
    pub threats: Vec<String>,
    /// Advisories left out because of their label: id and label.
    pub labelled: Vec<(String, String)>,
    /// Advisories left out because they came before originals were kept, or their original is damaged; taking the document in again mends it.
    pub without_original: Vec<String>,
    /// Fingerprint of the key that signed.
    pub fingerprint: String,
    /// The key, hexadecimal.
    pub key: String,
}

impl App {
    /// One signed file with the newest revision of every document on file that may be passed on to this audience, and the
    /// lists of threats. What left is on record.
    pub fn write_bundle(
        &self,
        who: &Who,
        publisher: &str,
        audience: Audience,
    ) -> Result<(Signed, BundleReport)> {
        if !who.role.may_write() {
            return Err(AppError::Refused("a reader cannot hand out a bundle".to_owned()));
        }
        let mut report = BundleReport::default();
        let mut contents = Contents {
            format: FORMAT.to_owned(),
            organisation_only: audience == Audience::SameOrganisation,
            made: self.now(),
            ..Contents::default()
        };
        let mut seen = BTreeSet::new();
        for held in self.stored_advisories()? {
            let id = held.advisory.id.clone();
            let stored = if held.original.is_empty() { None } else { self.stored_original(&held.original)? };
            let (Some(stored), Ok((_, bytes))) = (stored, self.original(&held.original)) else {
                report.without_original.push(id);
                continue;
            };
            // The document itself says it, whatever was read of it when it came.
            let label = label(&bytes).max(Label::of(&held.advisory.tlp));
            if !audience.takes(label) {
                report.labelled.push((id, label.code().to_owned()));
                continue;
            }
            // A list of recalls is one document of many advisories.
            if !seen.insert(held.original.clone()) {
                continue;
            }
            contents.documents.push(Packed {
                gzip: if stored.packed { stored.base64 } else { pack(&bytes) },
                sha256: held.original.clone(),
                tlp: label.code().to_owned(),
                received: stored.received.unwrap_or(held.received),
                source: stored.source,
                name: stored.name,
            });
        }
        for (name, body) in self.threat_tables()? {
            report.threats.push(name.clone());
            contents.threats.push(PackedTable { name, gzip: pack(body.as_bytes()) });
        }
        report.documents = contents.documents.len();
        let text = json(&contents);
        if text.len() > MAX_BUNDLE / 4 * 3 {
            return Err(AppError::Refused(format!(
                "the documents on file come to {} MB packed, more than one bundle may hold",
                text.len() / 1_000_000
            )));
        }
        let digest = hex(&Sha256::digest(text.as_bytes()));
        let signed = self.sign_text(KIND, publisher, text)?;
        report.fingerprint = fingerprint(&signed.key);
        report.key.clone_from(&signed.key);
        let mut event = self.event(who, "bundle.write", "bundle");
        event.after = format!(
            "{} documents, {} left out by their label, {} without an original; for {}; SHA-256 {digest}",
            report.documents,
            report.labelled.len(),
            report.without_original.len(),
            if contents.organisation_only { "the same organisation" } else { "anybody" }
        );
        self.commit(ChangeSet { audit: vec![event], ..ChangeSet::default() })?;
        Ok((signed, report))
    }
}
