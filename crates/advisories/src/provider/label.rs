//! To whom a document may be passed on: its TLP label.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A label of the traffic light protocol, versions 1 and 2.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// WHITE, CLEAR, or none stated in a document that was public.
    #[default]
    Clear,
    /// Within the community.
    Green,
    /// Within the organisation; AMBER+STRICT too.
    Amber,
    /// Named persons only. A label nobody knows counts as this.
    Red,
}

impl Label {
    /// Whether a document with this label may leave the house in an export or bundle.
    #[must_use]
    pub const fn may_leave(self) -> bool {
        matches!(self, Self::Clear | Self::Green)
    }

    /// The label as it is written.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Clear => "TLP:CLEAR",
            Self::Green => "TLP:GREEN",
            Self::Amber => "TLP:AMBER",
            Self::Red => "TLP:RED",
        }
    }

    fn of(text: &str) -> Self {
        let bare = text.trim().to_ascii_uppercase();
        match bare.strip_prefix("TLP:").unwrap_or(&bare) {
            "" | "WHITE" | "CLEAR" => Self::Clear,
            "GREEN" => Self::Green,
            "AMBER" | "AMBER+STRICT" => Self::Amber,
            _ => Self::Red,
        }
    }
}

/// The label of a CSAF document (`/document/distribution/tlp/label`). Bytes that are no JSON are [`Label::Red`]:
/// what cannot be read is not passed on.
#[must_use]
pub fn label(bytes: &[u8]) -> Label {
    if crate::bounds::check(bytes).is_err() {
        return Label::Red;
    }
    let Ok(root) = serde_json::from_slice::<Value>(bytes) else { return Label::Red };
    match root.pointer("/document/distribution/tlp/label") {
        None => Label::Clear,
        Some(Value::String(text)) => Label::of(text),
        Some(_) => Label::Red,
    }
}
