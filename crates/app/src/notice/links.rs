//! Signed answer links: whoever holds one may answer for one delivery, until it expires.

use crate::App;
use crate::app::{doc, hex};
use crate::change::{ChangeSet, DocKind, DocPut};
use crate::error::{AppError, Result};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use tallyward_core::Timestamp;
use tallyward_response::LinkClaims;

/// A link works for so long, days.
const DAYS: i64 = 14;

#[derive(Serialize, Deserialize)]
struct LinkKey {
    key: String,
}

impl App {
    /// The address of the answer page for a delivery.
    pub(crate) fn answer_link(&self, delivery: &str, from: Timestamp) -> Result<String> {
        let claims = LinkClaims { delivery: delivery.to_owned(), expires: from.plus_days(DAYS) };
        let text = claims.encode().map_err(|error| AppError::invalid("link", error.to_string()))?;
        let mac = self.link_mac(&text)?.finalize().into_bytes();
        Ok(format!("{}/a/{text}.{}", self.site.answer_url, hex(&mac[..16])))
    }

    /// The delivery a token speaks for. A forged or expired one is refused with what to do.
    pub(crate) fn delivery_of(&self, token: &str) -> Result<String> {
        let broken =
            || AppError::Refused("the link is not complete; open it again from the message".to_owned());
        let (text, signature) = token.rsplit_once('.').ok_or_else(broken)?;
        let mut given = Vec::with_capacity(16);
        for pair in signature.as_bytes().chunks(2) {
            let pair = std::str::from_utf8(pair).map_err(|_| broken())?;
            given.push(u8::from_str_radix(pair, 16).map_err(|_| broken())?);
        }
        if given.len() != 16 {
            return Err(broken());
        }
        self.link_mac(text)?.verify_truncated_left(&given).map_err(|_| broken())?;
        let claims = LinkClaims::decode(text).map_err(|error| AppError::Refused(error.to_string()))?;
        claims.check(self.now()).map_err(|error| AppError::Refused(error.to_string()))?;
        Ok(claims.delivery)
    }

    fn link_mac(&self, text: &str) -> Result<Hmac<Sha256>> {
        let key = match self.load::<LinkKey>(DocKind::Setting, "link_key")? {
            Some(held) => held.key,
            None => {
                let fresh = LinkKey { key: self.random_hex(32) };
                let put = DocPut { expected: Some(0), ..doc(DocKind::Setting, "link_key", "", &fresh) };
                match self.commit(ChangeSet { docs: vec![put], ..ChangeSet::default() }) {
                    Ok(_) => fresh.key,
                    // Somebody else minted it in between: theirs counts.
                    Err(AppError::Conflict) => {
                        let held: Option<LinkKey> = self.load(DocKind::Setting, "link_key")?;
                        held.map(|held| held.key).ok_or(AppError::Conflict)?
                    }
                    Err(error) => return Err(error),
                }
            }
        };
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
        mac.update(text.as_bytes());
        Ok(mac)
    }
}
