//! Whose bundles are read.

use super::Bundle;
use crate::App;
use crate::app::{doc, lock};
use crate::change::{ChangeSet, DocKind};
use crate::error::{AppError, Result};
use crate::signing::fingerprint;
use crate::views::Moment;
use crate::who::{Role, Who};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tallyward_core::Timestamp;

/// Id of the setting.
const TRUSTED: &str = "bundle_keys";

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Trust {
    by: String,
    since: Timestamp,
}

/// A house whose bundles are read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sender {
    /// Its key, hexadecimal.
    pub key: String,
    /// The key as two people compare it.
    pub fingerprint: String,
    /// Who trusted it, by login.
    pub by: String,
    /// Since when.
    pub since: Moment,
}

/// The digits of what was typed, however it is grouped.
fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_hexdigit).flat_map(char::to_lowercase).collect()
}

impl App {
    /// The houses whose bundles are read, besides this one.
    pub fn bundle_senders(&self) -> Result<Vec<Sender>> {
        let sender = |(key, trust): (String, Trust)| Sender {
            fingerprint: fingerprint(&key),
            key,
            by: trust.by,
            since: Moment(trust.since),
        };
        Ok(self.bundle_keys()?.into_iter().map(sender).collect())
    }

    fn bundle_keys(&self) -> Result<BTreeMap<String, Trust>> {
        Ok(self.load(DocKind::Setting, TRUSTED)?.unwrap_or_default())
    }

    /// Reads the bundles of this key (64 hexadecimal digits) from now on. What they bring decides verdicts, so only an
    /// administrator says so.
    pub fn trust_bundles_of(&self, who: &Who, key: &str) -> Result<()> {
        administrator(who)?;
        let key = digits(key);
        if !crate::signing::is_key(&key) {
            return Err(AppError::invalid("key", "expected a public key: 64 hexadecimal digits"));
        }
        let _desk = lock(&self.state.desk);
        let mut keys = self.bundle_keys()?;
        if keys.contains_key(&key) {
            return Ok(());
        }
        let event = self.event(who, "bundle.trust", format!("key {}", fingerprint(&key)));
        keys.insert(key, Trust { by: who.login.clone(), since: self.now() });
        let docs = vec![doc(DocKind::Setting, TRUSTED, "", &keys)];
        self.commit(ChangeSet { docs, audit: vec![event], ..ChangeSet::default() })?;
        Ok(())
    }

    /// As [`App::trust_bundles_of`], of the key that signed this bundle, when `given` is that key or its fingerprint.
    pub fn trust_signer_of(&self, who: &Who, bundle: &Bundle, given: &str) -> Result<()> {
        let wanted = digits(given);
        if wanted != bundle.key && wanted != digits(&fingerprint(&bundle.key)) {
            return Err(AppError::invalid(
                "trust",
                "the bundle is signed by another key than the one you were given",
            ));
        }
        self.trust_bundles_of(who, &bundle.key)
    }

    /// Reads no more bundles of this key, given whole or by its fingerprint. What they brought stays.
    pub fn distrust_bundles_of(&self, who: &Who, given: &str) -> Result<()> {
        administrator(who)?;
        let wanted = digits(given);
        let _desk = lock(&self.state.desk);
        let mut keys = self.bundle_keys()?;
        let held = keys.keys().find(|key| **key == wanted || digits(&fingerprint(key)) == wanted).cloned();
        let key = held.ok_or_else(|| AppError::not_found("trusted key", given))?;
        keys.remove(&key);
        let event = self.event(who, "bundle.distrust", format!("key {}", fingerprint(&key)));
        let docs = vec![doc(DocKind::Setting, TRUSTED, "", &keys)];
        self.commit(ChangeSet { docs, audit: vec![event], ..ChangeSet::default() })?;
        Ok(())
    }

    /// Whether bundles of this key are read: the house's own, or one that an administrator named.
    pub(super) fn reads_bundles_of(&self, key: &str) -> Result<bool> {
        Ok(self.bundle_keys()?.contains_key(key) || self.public_key()? == key)
    }
}

fn administrator(who: &Who) -> Result<()> {
    if who.role == Role::Administrator {
        return Ok(());
    }
    Err(AppError::Refused("only an administrator decides whose bundles are read".to_owned()))
}
