//! What a signed answer link claims. The signature itself is made and checked by the caller.

use tallyward_core::Timestamp;

/// Longest delivery id in a link.
pub const MAX_DELIVERY: usize = 64;

/// The claims of one link: good for one delivery, until it expires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkClaims {
    /// Delivery it answers: letters, digits, `-` and `_`, at most [`MAX_DELIVERY`].
    pub delivery: String,
    /// When it stops working; whole seconds.
    pub expires: Timestamp,
}

/// A text that is no link of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadLink {
    /// Wrong shape.
    #[error("the link is not complete; open it again from the message")]
    Shape,
    /// Too late.
    #[error("the link has expired; call the number in the message")]
    Expired,
}

impl LinkClaims {
    /// The text to sign: `1.<delivery>.<expiry in seconds>`. Safe in a URL path.
    ///
    /// # Errors
    /// [`BadLink::Shape`] when the delivery id has other characters or is too long or empty.
    pub fn encode(&self) -> Result<String, BadLink> {
        if !good(&self.delivery) {
            return Err(BadLink::Shape);
        }
        Ok(format!("1.{}.{}", self.delivery, self.expires.seconds()))
    }

    /// Reads [`Self::encode`]; every accepted text is the encoding of what it gives, so a claim has one spelling.
    ///
    /// # Errors
    /// [`BadLink::Shape`] for anything else.
    pub fn decode(text: &str) -> Result<Self, BadLink> {
        let mut parts = text.split('.');
        let (Some("1"), Some(delivery), Some(seconds), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(BadLink::Shape);
        };
        let seconds: i64 = seconds.parse().map_err(|_| BadLink::Shape)?;
        let claims = Self { delivery: delivery.to_owned(), expires: Timestamp::from_seconds(seconds) };
        if claims.encode()? == text { Ok(claims) } else { Err(BadLink::Shape) }
    }

    /// Whether the link still works.
    ///
    /// # Errors
    /// [`BadLink::Expired`] from the moment it expires on.
    pub fn check(&self, now: Timestamp) -> Result<(), BadLink> {
        if now < self.expires { Ok(()) } else { Err(BadLink::Expired) }
    }
}

fn good(delivery: &str) -> bool {
    !delivery.is_empty()
        && delivery.len() <= MAX_DELIVERY
        && delivery.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_encoded_is_decoded(delivery in "[A-Za-z0-9_-]{1,64}", seconds in 0i64..4_000_000_000) {
            let claims = LinkClaims { delivery, expires: Timestamp::from_seconds(seconds) };
            prop_assert_eq!(LinkClaims::decode(&claims.encode().unwrap()), Ok(claims));
        }

        #[test]
        fn any_text_is_refused_or_its_own_encoding(text in "(1|2|\\.|[+0-9]{0,3}|\\PC){0,12}") {
            if let Ok(claims) = LinkClaims::decode(&text) {
                prop_assert_eq!(claims.encode(), Ok(text));
            }
        }
    }

    #[test]
    fn a_link_stops_at_its_expiry() {
        let claims = LinkClaims { delivery: "d1".into(), expires: Timestamp::from_seconds(100) };
        assert_eq!(claims.check(Timestamp::from_seconds(99)), Ok(()));
        assert_eq!(claims.check(Timestamp::from_seconds(100)), Err(BadLink::Expired));
        assert!(LinkClaims { delivery: "a.b".into(), ..claims }.encode().is_err());
    }
}
