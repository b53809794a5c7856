//! What people answer, and how well it is proved that they did.

use crate::axis::codes;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

codes! {
    /// An answer to a notice.
    Answer {
        /// Read.
        GotIt = "got_it", "got it";
        /// Acting.
        DoingIt = "doing_it", "doing it";
        /// Acted.
        Done = "done", "done";
        /// The devices are not ours. Does not stop the clock.
        NotOurs = "not_ours", "not ours";
        /// It should have gone to somebody else. Does not stop the clock.
        WrongPerson = "wrong_person", "wrong person";
        /// Help is needed. Does not stop the clock.
        NeedHelp = "need_help", "need help";
    }
}

impl Answer {
    /// Whether it acknowledges the notice.
    #[must_use]
    pub const fn acknowledges(self) -> bool {
        matches!(self, Self::GotIt | Self::DoingIt | Self::Done)
    }
}

codes! {
    /// How it is known who answered. Ordered from weak to strong.
    Strength {
        /// Whoever holds the link: it may have been forwarded.
        Link = "link", "link";
        /// A message from a registered number.
        RegisteredNumber = "registered_number", "registered number";
        /// A badge was read.
        Badge = "badge", "badge";
        /// A signed-in person.
        SignIn = "sign_in", "sign-in";
    }
}

/// One to four letters, upper case: who on a shared phone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Initials(String);

/// Initials that are none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("initials are one to four letters, such as MK")]
pub struct BadInitials;

impl FromStr for Initials {
    type Err = BadInitials;

    fn from_str(text: &str) -> Result<Self, BadInitials> {
        // People type "M.K." and "M K"; dots and blanks say nothing.
        let letters: Vec<char> = text.chars().take(17).filter(|c| !matches!(c, '.' | ' ')).collect();
        if letters.is_empty() || letters.len() > 4 || !letters.iter().all(|c| c.is_alphabetic()) {
            return Err(BadInitials);
        }
        let upper: String = letters.iter().flat_map(|c| c.to_uppercase()).collect();
        Ok(Self(upper))
    }
}

impl TryFrom<String> for Initials {
    type Error = BadInitials;

    fn try_from(text: String) -> Result<Self, BadInitials> {
        text.parse()
    }
}

impl From<Initials> for String {
    fn from(initials: Initials) -> Self {
        initials.0
    }
}

impl fmt::Display for Initials {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_letters() {
        let read = |text: &str| text.parse::<Initials>().map(String::from);
        assert_eq!(read(" m.k. "), Ok("MK".to_owned()));
        assert_eq!(read("Åsa"), Ok("ÅSA".to_owned()));
        for bad in ["", "...", "abcde", "a1", "<b>"] {
            assert_eq!(read(bad), Err(BadInitials), "{bad:?}");
        }
    }
}
