//! What an installation is told about itself.

use serde::{Deserialize, Serialize};

/// Settings of one installation, read once at start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// Name of the house, on every page and mail.
    pub name: String,
    /// IANA time zone, such as `America/Chicago`.
    pub time_zone: String,
    /// Where the console is reached, without a trailing slash.
    pub base_url: String,
    /// Where answer pages are reached, without a trailing slash; may be another host or port.
    pub answer_url: String,
    /// Sender address of mails.
    pub mail_from: String,
    /// The number to call that notices give, such as clinical engineering on call.
    pub call: String,
}

impl Default for Site {
    fn default() -> Self {
        Self {
            name: "This hospital".into(),
            time_zone: "UTC".into(),
            base_url: "http://127.0.0.1:8080".into(),
            answer_url: "http://127.0.0.1:8080".into(),
            mail_from: "tallyward@localhost".into(),
            call: String::new(),
        }
    }
}
