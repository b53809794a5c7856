//! Files that hold the hash of a document (CSAF 2.0, clause 7.1.18).

use sha2::{Digest as _, Sha256, Sha512};

/// A hash as a provider states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digest(Vec<u8>);

impl Digest {
    /// Whether `bytes` have this hash.
    #[must_use]
    pub fn fits(&self, bytes: &[u8]) -> bool {
        match self.0.len() {
            32 => self.0[..] == Sha256::digest(bytes)[..],
            _ => self.0[..] == Sha512::digest(bytes)[..],
        }
    }

    /// `SHA-256` or `SHA-512`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        if self.0.len() == 32 { "SHA-256" } else { "SHA-512" }
    }
}

/// Reads a hash file: hexadecimal digits, then perhaps blanks and the file's name. The length says which hash.
///
/// # Errors
/// In words, when the file holds no SHA-256 or SHA-512.
pub fn read_digest(bytes: &[u8]) -> Result<Digest, String> {
    const LONGEST: usize = 4_096;
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(LONGEST)]);
    let word = text.trim_start_matches('\u{feff}').split_whitespace().next().unwrap_or_default();
    let pairs = word.as_bytes().chunks(2).map(|pair| {
        let text =
            std::str::from_utf8(pair).ok().filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()))?;
        (pair.len() == 2).then(|| u8::from_str_radix(text, 16).ok()).flatten()
    });
    match pairs.collect::<Option<Vec<u8>>>() {
        Some(hash) if matches!(hash.len(), 32 | 64) => Ok(Digest(hash)),
        _ => Err("the hash file holds neither a SHA-256 nor a SHA-512".to_owned()),
    }
}
