//! Unique ids of DHCP clients (RFC 8415 section 11, RFC 6355): a client keeps one for life, whichever card it uses.

use super::hex;
use tallyward_core::Mac;

/// The longest by the standard.
const LONGEST: usize = 130;

/// A unique id.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct UniqueId(Box<[u8]>);

impl UniqueId {
    /// Reads one; `None` if it is too short or too long, or an id that says nothing (all zeros, all ones).
    pub(crate) fn new(bytes: &[u8]) -> Option<Self> {
        let same =
            |rest: &[u8]| matches!(rest, [0 | 0xff, tail @ ..] if tail.iter().all(|byte| *byte == rest[0]));
        let usable = (3..=LONGEST).contains(&bytes.len()) && !same(&bytes[2..]);
        usable.then(|| Self(bytes.into()))
    }

    /// The id that stands for a UUID (type 4), as machines are given one by their maker.
    pub(crate) fn of_uuid(uuid: &[u8; 16]) -> Option<Self> {
        /// A board whose maker never set one.
        const UNSET: [u8; 16] = [0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8, 0, 9];
        let mut sorted = *uuid;
        sorted.sort_unstable();
        let mut unset = UNSET;
        unset.sort_unstable();
        if sorted == unset {
            return None;
        }
        Self::new(&[&[0, 4], &uuid[..]].concat())
    }

    /// The card in an id made from one (types 1 and 3). It is a card of the client, not always the one in use.
    pub(crate) fn card(&self) -> Option<Mac> {
        let bytes = match &*self.0 {
            [0, 1, 0, 1 | 6, _, _, _, _, card @ ..] | [0, 3, 0, 1 | 6, card @ ..] => card,
            _ => return None,
        };
        Some(Mac(bytes.try_into().ok()?)).filter(|mac| !mac.is_junk())
    }

    /// In hexadecimal.
    pub(crate) fn text(&self) -> String {
        hex(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_found_in_the_ids_made_of_one() {
        let of = |bytes: &[u8]| UniqueId::new(bytes).and_then(|id| id.card());
        let card = Some(Mac([0xb8, 0x27, 0xeb, 0xb8, 0x53, 0xc8]));
        assert_eq!(of(&[0, 1, 0, 1, 0x1e, 0x62, 0x77, 0x0b, 0xb8, 0x27, 0xeb, 0xb8, 0x53, 0xc8]), card);
        assert_eq!(of(&[0, 3, 0, 1, 0xb8, 0x27, 0xeb, 0xb8, 0x53, 0xc8]), card);
        assert_eq!(of(&[0, 2, 0, 0, 0, 9, 0xb8, 0x27, 0xeb, 0xb8, 0x53, 0xc8]), None);
        assert_eq!(UniqueId::new(&[0, 4, 0, 0, 0]), None);
        assert_eq!(UniqueId::new(&[0, 1]), None);
        assert_eq!(UniqueId::of_uuid(&[0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8, 0, 9]), None);
        assert_eq!(UniqueId::of_uuid(&[0xff; 16]), None);
        let uuid = UniqueId::of_uuid(&[7; 16]).unwrap();
        assert!(uuid.text().starts_with("00040707"));
    }
}
