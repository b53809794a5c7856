//! Detached OpenPGP signatures (RFC 9580) against the keys a provider names.

use pgp::composed::{Deserializable as _, DetachedSignature, SignedPublicKey};
use pgp::types::KeyDetails as _;
use std::time::Duration;
use tallyward_core::Timestamp;

/// Why a signature does not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureFault {
    /// The file holds no signature.
    #[error("the signature file cannot be read: {0}")]
    Unreadable(String),
    /// None of the provider's keys made it.
    #[error("the signature is not by a key this provider names, or does not fit the document")]
    NotByThem,
    /// Made by one of their keys, which has expired or was revoked.
    #[error("the signature is by key {0}, which {1}")]
    KeyNotGood(String, &'static str),
    /// The signature itself is older or younger than it may be.
    #[error("the signature {0}")]
    NotNow(&'static str),
}

/// The keys of one provider.
#[derive(Clone, Debug, Default)]
pub struct Keyring {
    keys: Vec<SignedPublicKey>,
}

impl Keyring {
    /// Whether there is no key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Adds a key, armoured or binary. A stated fingerprint must be the key's own.
    ///
    /// # Errors
    /// In words, when it is no key, is not soundly bound together, or has another fingerprint.
    pub fn add(&mut self, bytes: &[u8], fingerprint: &str) -> Result<(), String> {
        const LARGEST: usize = 1024 * 1024;
        if bytes.len() > LARGEST {
            return Err("the key is larger than a megabyte".to_owned());
        }
        let key = if bytes.starts_with(b"-----") {
            SignedPublicKey::from_armor_single(bytes).map(|(key, _)| key)
        } else {
            SignedPublicKey::from_bytes(bytes)
        }
        .map_err(|error| format!("no OpenPGP key: {error}"))?;
        key.verify_bindings().map_err(|error| format!("the key is not soundly bound: {error}"))?;
        let own = format!("{:X}", key.fingerprint());
        if !fingerprint.is_empty() && !own.eq_ignore_ascii_case(fingerprint) {
            return Err(format!("the key has the fingerprint {own}, stated is {fingerprint}"));
        }
        self.keys.push(key);
        Ok(())
    }

    /// Verifies a detached signature over `bytes` as of `now`. Answers the fingerprint of the provider's key.
    ///
    /// # Errors
    /// When it does not count, with the reason.
    pub fn verify(&self, bytes: &[u8], signature: &[u8], now: Timestamp) -> Result<String, SignatureFault> {
        let unreadable = |error: pgp::errors::Error| SignatureFault::Unreadable(error.to_string());
        let signature = if signature.starts_with(b"-----") {
            DetachedSignature::from_armor_single(signature).map_err(unreadable)?.0
        } else {
            DetachedSignature::from_bytes(signature).map_err(unreadable)?
        };
        let key =
            self.keys.iter().find(|key| made_by(key, &signature, bytes)).ok_or(SignatureFault::NotByThem)?;
        let name = format!("{:X}", key.fingerprint());
        let seconds = now.seconds();
        let made = signature
            .signature
            .created()
            .map(|at| i64::from(at.as_secs()))
            .ok_or(SignatureFault::NotNow("does not say when it was made"))?;
        // A day for clocks that disagree.
        if made > seconds.saturating_add(86_400) {
            return Err(SignatureFault::NotNow("is dated in the future"));
        }
        if ended(made, signature.signature.signature_expiration_time(), seconds) {
            return Err(SignatureFault::NotNow("has expired"));
        }
        match fault(key, made) {
            Some(why) => Err(SignatureFault::KeyNotGood(name, why)),
            None => Ok(name),
        }
    }
}

/// Whether the primary key or a subkey that may sign made it.
fn made_by(key: &SignedPublicKey, signature: &DetachedSignature, bytes: &[u8]) -> bool {
    signature.verify(&key.primary_key, bytes).is_ok()
        || key.public_subkeys.iter().any(|subkey| {
            subkey.signatures.iter().any(|binding| binding.key_flags().sign())
                && signature.verify(&subkey.key, bytes).is_ok()
        })
}

fn ended(from: i64, lasts: Option<pgp::types::Duration>, now: i64) -> bool {
    lasts.is_some_and(|lasts| {
        let lasts: Duration = lasts.into();
        !lasts.is_zero() && from.saturating_add_unsigned(lasts.as_secs()) < now
    })
}

/// What was wrong with the primary key when the signature was made.
fn fault(key: &SignedPublicKey, made: i64) -> Option<&'static str> {
    if !key.details.revocation_signatures.is_empty() {
        return Some("was revoked");
    }
    let newest = key
        .details
        .users
        .iter()
        .flat_map(|user| &user.signatures)
        .chain(&key.details.direct_signatures)
        .max_by_key(|signature| signature.created().map(|at| at.as_secs()));
    let lasts = newest.and_then(|signature| signature.key_expiration_time());
    let born = i64::from(key.primary_key.created_at().as_secs());
    if ended(born, lasts, made) { Some("had expired when the signature was made") } else { None }
}
