//! To whom a document may be passed on: its label of the traffic light protocol (TLP).

use serde::{Deserialize, Serialize};

/// A label of the traffic light protocol (FIRST), versions 1.0 and 2.0, from the freest to the strictest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// CLEAR, in version 1.0 WHITE, or none stated.
    #[default]
    Clear,
    /// Within the community.
    Green,
    /// Within the organisation and those it serves, as far as they need it.
    Amber,
    /// Within the organisation only.
    AmberStrict,
    /// Only those who were told. A label nobody knows counts as this.
    Red,
}

impl Label {
    /// Whether a document with this label may be handed to other houses.
    #[must_use]
    pub const fn may_leave(self) -> bool {
        matches!(self, Self::Clear | Self::Green)
    }

    /// Whether it may be passed on within the organisation beyond those who look it up themselves.
    #[must_use]
    pub const fn may_be_passed_on_inside(self) -> bool {
        !matches!(self, Self::Red)
    }

    /// The label as version 2.0 writes it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Clear => "TLP:CLEAR",
            Self::Green => "TLP:GREEN",
            Self::Amber => "TLP:AMBER",
            Self::AmberStrict => "TLP:AMBER+STRICT",
            Self::Red => "TLP:RED",
        }
    }

    /// What it allows, in words.
    #[must_use]
    pub const fn plain(self) -> &'static str {
        match self {
            Self::Clear => "may be passed on to anybody",
            Self::Green => "may be passed on within the community, not published",
            Self::Amber | Self::AmberStrict => "stays within the organisation",
            Self::Red => "only for those who were told; not passed on at all",
        }
    }

    /// Reads a label, of either version, with or without `TLP:` in front.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let bare: String =
            text.to_ascii_uppercase().chars().filter(|letter| !letter.is_whitespace()).collect();
        match bare.strip_prefix("TLP:").unwrap_or(&bare) {
            "" | "WHITE" | "CLEAR" => Self::Clear,
            "GREEN" => Self::Green,
            "AMBER" => Self::Amber,
            "AMBER+STRICT" => Self::AmberStrict,
            _ => Self::Red,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_clear_and_green_leave_the_house() {
        let all = [Label::Clear, Label::Green, Label::Amber, Label::AmberStrict, Label::Red];
        assert_eq!(all.map(Label::may_leave), [true, true, false, false, false]);
        assert_eq!(all.map(Label::may_be_passed_on_inside), [true, true, true, true, false]);
        assert!(all.iter().all(|one| Label::of(one.code()) == *one));
    }
}
