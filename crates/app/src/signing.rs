//! Signing what is handed to others, and checking what others hand over (Ed25519, RFC 8032).
//!
//! A house makes its key once and keeps it in its store. What is signed names its purpose, so that a signature given
//! for one kind of file never holds for another.

use crate::App;
use crate::app::{doc, hex};
use crate::change::{ChangeSet, DocKind, DocPut};
use crate::error::{AppError, Result};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

/// What a signed file calls itself.
pub const FORMAT: &str = "tallyward signed 1";

#[derive(Serialize, Deserialize)]
struct HeldKey {
    seed: String,
}

/// A signed text with who signed it. The file is this as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// [`FORMAT`].
    pub format: String,
    /// What the text is: `model book` …
    pub kind: String,
    /// Who gave it out, in their own words; only the key proves it.
    pub publisher: String,
    /// ISO date.
    pub made: String,
    /// Public key, 64 hexadecimal digits.
    pub key: String,
    /// Signature, 128 hexadecimal digits.
    pub signature: String,
    /// The text, exactly as it was signed.
    pub text: String,
}

impl Signed {
    /// Reads and checks a signed file of this kind. Whether the key is one to trust is the caller's question.
    ///
    /// # Errors
    /// When it is no such file, or the signature does not fit.
    pub fn open(file: &str, bytes: &[u8], kind: &str) -> Result<Self> {
        let read: Self = serde_json::from_slice(bytes)
            .map_err(|error| AppError::invalid(file, format!("it is no signed file of ours: {error}")))?;
        if read.format != FORMAT || read.kind != kind {
            let why = format!("expected {FORMAT:?} of {kind:?}, found {:?} of {:?}", read.format, read.kind);
            return Err(AppError::invalid(file, why));
        }
        if !holds(&read.key, &read.signature, &read.signed_bytes()) {
            let why = "the signature does not fit: the file was changed after it was signed, or damaged";
            return Err(AppError::invalid(file, why));
        }
        Ok(read)
    }

    /// What the signature is over: every part, each with its length, so that none can run into the next.
    fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for part in [&self.format, &self.kind, &self.publisher, &self.made, &self.text] {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        bytes
    }
}

/// Whether `signature` over `bytes` is that of `key` (both hexadecimal). Weak keys never sign (RFC 8032, 8.4).
#[must_use]
pub fn holds(key: &str, signature: &str, bytes: &[u8]) -> bool {
    let (Some(key), Some(signature)) = (unhex::<32>(key), unhex::<64>(signature)) else { return false };
    VerifyingKey::from_bytes(&key)
        .is_ok_and(|key| key.verify_strict(bytes, &Signature::from_bytes(&signature)).is_ok())
}

/// Whether this is a public key, hexadecimal, that signatures can be checked with.
pub(crate) fn is_key(key: &str) -> bool {
    unhex::<32>(key).is_some_and(|key| VerifyingKey::from_bytes(&key).is_ok_and(|key| !key.is_weak()))
}

/// A key as two people compare it over the telephone: its first 16 bytes in groups of four digits.
#[must_use]
pub fn fingerprint(key: &str) -> String {
    let digits: Vec<char> = key.chars().take(32).collect();
    digits.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

impl App {
    /// The house's public key, hexadecimal.
    pub fn public_key(&self) -> Result<String> {
        Ok(hex(self.signing_key()?.verifying_key().as_bytes()))
    }

    /// Signs a text as the house, for a purpose.
    pub fn sign_text(&self, kind: &str, publisher: &str, text: String) -> Result<Signed> {
        let key = self.signing_key()?;
        let mut signed = Signed {
            format: FORMAT.to_owned(),
            kind: kind.to_owned(),
            publisher: publisher.to_owned(),
            made: self.now().date(),
            key: hex(key.verifying_key().as_bytes()),
            signature: String::new(),
            text,
        };
        signed.signature = hex(&key.sign(&signed.signed_bytes()).to_bytes());
        Ok(signed)
    }

    /// Signs bytes whose first part names their purpose; hexadecimal. [`holds`] checks it.
    pub fn sign_bytes(&self, bytes: &[u8]) -> Result<String> {
        Ok(hex(&self.signing_key()?.sign(bytes).to_bytes()))
    }

    fn signing_key(&self) -> Result<SigningKey> {
        let held = match self.load::<HeldKey>(DocKind::Setting, "signing_key")? {
            Some(held) => held,
            None => {
                let fresh = HeldKey { seed: self.random_hex(32) };
                let put = DocPut { expected: Some(0), ..doc(DocKind::Setting, "signing_key", "", &fresh) };
                match self.commit(ChangeSet { docs: vec![put], ..ChangeSet::default() }) {
                    Ok(_) => fresh,
                    // Somebody else made it in between: theirs counts.
                    Err(AppError::Conflict) => {
                        self.load(DocKind::Setting, "signing_key")?.ok_or(AppError::Conflict)?
                    }
                    Err(error) => return Err(error),
                }
            }
        };
        let seed = unhex::<32>(&held.seed)
            .ok_or_else(|| AppError::Refused("the house's signing key is damaged in the store".to_owned()))?;
        Ok(SigningKey::from_bytes(&seed))
    }
}

fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != N * 2 {
        return None;
    }
    let mut bytes = [0u8; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        let value = |digit: u8| char::from(digit).to_digit(16);
        *byte = (value(pair[0])? * 16 + value(pair[1])?) as u8;
    }
    Some(bytes)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    fn sealed(text: &str) -> Signed {
        signed_by([7; 32], "model book", text)
    }

    /// A text signed by a made key.
    pub(crate) fn signed_by(seed: [u8; 32], kind: &str, text: &str) -> Signed {
        let key = SigningKey::from_bytes(&seed);
        let mut signed = Signed {
            format: FORMAT.to_owned(),
            kind: kind.to_owned(),
            publisher: "A house".to_owned(),
            made: "2026-11-25".to_owned(),
            key: hex(key.verifying_key().as_bytes()),
            signature: String::new(),
            text: text.to_owned(),
        };
        signed.signature = hex(&key.sign(&signed.signed_bytes()).to_bytes());
        signed
    }

    fn opens(signed: &Signed, kind: &str) -> bool {
        Signed::open("x", &serde_json::to_vec(signed).unwrap(), kind).is_ok()
    }

    #[test]
    fn the_key_of_rfc_8032_signs_as_the_rfc_says() {
        // RFC 8032, 7.1, TEST 2.
        let seed = unhex::<32>("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb").unwrap();
        let key = SigningKey::from_bytes(&seed);
        let public = hex(key.verifying_key().as_bytes());
        assert_eq!(public, "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        let signature = hex(&key.sign(&[0x72]).to_bytes());
        assert!(signature.starts_with("92a009a9f0d4cab8720e820b5f642540"), "{signature}");
        assert!(holds(&public, &signature, &[0x72]));
        assert!(!holds(&public, &signature, &[0x73]));
    }

    #[test]
    fn every_part_is_under_the_signature() {
        let good = sealed("text");
        assert!(opens(&good, "model book"));
        assert!(!opens(&good, "bundle"), "a signature holds for one purpose");
        let changes: [fn(&mut Signed); 5] = [
            |one| one.text.push('!'),
            |one| one.publisher.push('!'),
            |one| one.made = "2026-11-26".to_owned(),
            |one| one.key = hex(SigningKey::from_bytes(&[8; 32]).verifying_key().as_bytes()),
            |one| one.signature.replace_range(0..2, "00"),
        ];
        for change in changes {
            let mut bad = good.clone();
            change(&mut bad);
            assert!(!opens(&bad, "model book"), "{bad:?}");
        }
        // Shifting text from one part to the next changes what was signed.
        let mut shifted = sealed("text");
        shifted.made.push('t');
        shifted.text = "ext".to_owned();
        assert!(!opens(&shifted, "model book"));
    }

    #[test]
    fn keys_that_are_none_hold_nothing() {
        for key in ["", "00", &"0".repeat(64), &"g".repeat(64), &"01".repeat(32)] {
            assert!(!holds(key, &"0".repeat(128), b"x"), "{key}");
        }
        assert_eq!(fingerprint(&"3d4017c3".repeat(8)).len(), 39);
    }
}
