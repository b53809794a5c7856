//! Shadow mode and what must be signed before anything leaves.

use crate::App;
use crate::app::{doc, hex, json, lock};
use crate::change::{ChangeSet, DocKind};
use crate::error::{AppError, Result};
use crate::views::{Mode, Moment, SignOffLine};
use crate::who::{Role, Who};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tallyward_core::Timestamp;
use tallyward_response::Tables;

/// What is signed, with what it means.
const SIGNED: [(&str, &str); 3] = [
    ("tables", "the tables that decide who is told how fast, and what could happen to a patient"),
    ("contacts", "the units and the people who would be told"),
    ("templates", "the wording of notices, corrections and stand-downs"),
];

/// Raised with every change to the wording of messages, so that the wording is signed anew.
const TEMPLATES: &str = "1";

#[derive(Default, Serialize, Deserialize)]
struct StoredMode {
    live: bool,
}

#[derive(Serialize, Deserialize)]
struct StoredSignOff {
    version: String,
    by: String,
    at: Timestamp,
}

impl App {
    /// Whether anything may leave, and what is missing.
    pub fn mode(&self) -> Result<Mode> {
        let mut sign_offs = Vec::new();
        let mut missing = Vec::new();
        for (what, plain) in SIGNED {
            let version = self.version_of(what)?;
            let signed: Option<StoredSignOff> = self.load(DocKind::SignOff, what)?;
            let outdated = signed.as_ref().is_some_and(|signed| signed.version != version);
            let current = signed.filter(|signed| signed.version == version);
            if current.is_none() {
                let again =
                    if outdated { "have changed since they were signed" } else { "are not signed yet" };
                missing.push(format!("the {what} {again}"));
            }
            sign_offs.push(SignOffLine {
                what: what.to_owned(),
                plain: plain.to_owned(),
                version,
                signed_by: current.as_ref().map(|signed| signed.by.clone()),
                signed_at: current.map(|signed| Moment(signed.at)),
                outdated,
            });
        }
        if self.contacts()?.is_empty() {
            missing.push("nobody is on record to be told".to_owned());
        }
        Ok(Mode { shadow: self.in_shadow()?, missing, sign_offs, mailer: self.mailer.describe() })
    }

    /// Whether nothing may leave. A fresh installation is in shadow mode.
    pub(crate) fn in_shadow(&self) -> Result<bool> {
        let mode: Option<StoredMode> = self.load(DocKind::Setting, "mode")?;
        Ok(!mode.unwrap_or_default().live)
    }

    /// Signs the present version of `tables`, `contacts` or `templates`.
    pub fn sign_off(&self, who: &Who, what: &str) -> Result<()> {
        if who.role != Role::Lead {
            return Err(AppError::Refused(
                "tables, contacts and wording are signed by a clinical lead".to_owned(),
            ));
        }
        if !SIGNED.iter().any(|(name, _)| *name == what) {
            return Err(AppError::not_found("sign-off", what));
        }
        let _writing = lock(&self.state.desk);
        let signed = StoredSignOff { version: self.version_of(what)?, by: who.name.clone(), at: self.now() };
        let mut event = self.event(who, "sign_off", what);
        event.after.clone_from(&signed.version);
        self.commit(ChangeSet {
            docs: vec![doc(DocKind::SignOff, what, "", &signed)],
            audit: vec![event],
            ..ChangeSet::default()
        })?;
        Ok(())
    }

    /// Leaves shadow mode; refused while a sign-off is missing.
    pub fn go_live(&self, who: &Who) -> Result<()> {
        if !who.role.may_write() {
            return Err(AppError::Refused("a reader cannot change the mode".to_owned()));
        }
        let missing = self.mode()?.missing;
        if !missing.is_empty() {
            return Err(AppError::Refused(format!("still in shadow mode: {}", missing.join("; "))));
        }
        self.set_mode(who, true)
    }

    /// Returns to shadow mode at once.
    pub fn go_shadow(&self, who: &Who) -> Result<()> {
        if !who.role.may_write() {
            return Err(AppError::Refused("a reader cannot change the mode".to_owned()));
        }
        self.set_mode(who, false)
    }

    /// The tables that drafts rest on: name, version, source, CSV text.
    pub fn tables(&self) -> Result<Vec<(String, String, String, String)>> {
        let text = |name: &str| Tables::builtin_text(name).unwrap_or_default().to_owned();
        Ok(self
            .tables
            .infos()
            .iter()
            .map(|info| (info.name.clone(), info.version.clone(), info.source.clone(), text(&info.name)))
            .collect())
    }

    fn set_mode(&self, who: &Who, live: bool) -> Result<()> {
        let _writing = lock(&self.state.desk);
        let mut event = self.event(who, "mode.set", "mode");
        event.before = if self.in_shadow()? { "shadow" } else { "live" }.to_owned();
        event.after = if live { "live" } else { "shadow" }.to_owned();
        self.commit(ChangeSet {
            docs: vec![doc(DocKind::Setting, "mode", "", &StoredMode { live })],
            audit: vec![event],
            ..ChangeSet::default()
        })?;
        Ok(())
    }

    fn version_of(&self, what: &str) -> Result<String> {
        Ok(match what {
            "tables" => self.tables.hash(),
            "contacts" => hex(&Sha256::digest(json(&(self.units()?, self.contacts()?)).as_bytes())),
            _ => format!("templates {TEMPLATES}"),
        })
    }
}
