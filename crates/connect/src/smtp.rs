//! Mail by SMTP (RFC 5321), one connection a message.

use crate::message::build;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{SmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use std::fmt;
use std::time::Duration;
use tallyward_app::ports::{Mail, Mailer, SendOutcome};

/// How the connection is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// TLS after a clear-text greeting (RFC 3207); refused when the server does not offer it.
    #[default]
    Starttls,
    /// TLS from the first byte (RFC 8314).
    Tls,
    /// None: only for a relay on the same machine.
    None,
}

/// Where and how to send. The password never prints.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpSettings {
    /// Host name, which the certificate must bear.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Protection.
    pub security: Security,
    /// User name; empty for none.
    pub user: String,
    /// Password.
    pub password: String,
    /// Seconds to wait for each answer of the server.
    pub timeout_seconds: u64,
}

impl fmt::Debug for SmtpSettings {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SmtpSettings")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("security", &self.security)
            .field("user", &self.user)
            .field("password", &"…")
            .finish_non_exhaustive()
    }
}

/// Sends by SMTP.
pub struct Smtp {
    settings: SmtpSettings,
}

impl Smtp {
    /// Uses these settings; nothing is opened before the first message.
    #[must_use]
    pub fn new(settings: SmtpSettings) -> Self {
        Self { settings }
    }

    /// Opens a connection that is ready for a message.
    fn connect(&self) -> Result<SmtpConnection, String> {
        let SmtpSettings { host, port, security, user, password, timeout_seconds } = &self.settings;
        let fail = |what: &str, error: &dyn fmt::Display| format!("failed to {what} {host}:{port}: {error}");
        let hello = ClientId::default();
        let tls = TlsParameters::new(host.clone()).map_err(|error| fail("prepare TLS for", &error))?;
        let from_start = (*security == Security::Tls).then_some(&tls);
        let timeout = Duration::from_secs((*timeout_seconds).max(1));
        let mut connection =
            SmtpConnection::connect((host.as_str(), *port), Some(timeout), &hello, from_start, None)
                .map_err(|error| fail("reach", &error))?;
        if *security == Security::Starttls {
            if !connection.can_starttls() {
                return Err(format!("{host}:{port} does not offer STARTTLS; nothing is sent in the clear"));
            }
            connection.starttls(&tls, &hello).map_err(|error| fail("start TLS with", &error))?;
        }
        if !user.is_empty() {
            let credentials = Credentials::new(user.clone(), password.clone());
            connection
                .auth(&[Mechanism::Plain, Mechanism::Login], &credentials)
                .map_err(|error| fail("sign in to", &error))?;
        }
        Ok(connection)
    }
}

impl Mailer for Smtp {
    fn describe(&self) -> String {
        format!("SMTP {}:{}", self.settings.host, self.settings.port)
    }

    fn send(&self, mail: &Mail) -> SendOutcome {
        let message = match build(mail) {
            Ok(message) => message,
            Err(detail) => return SendOutcome::Rejected { detail },
        };
        let mut connection = match self.connect() {
            Ok(connection) => connection,
            Err(detail) => return SendOutcome::NotSent { detail },
        };
        let outcome = match connection.send(message.envelope(), &message.formatted()) {
            Ok(answer) => {
                let said: Vec<&str> = answer.message().collect();
                SendOutcome::Accepted {
                    detail: format!("{} {}", answer.code(), said.join(" ")),
                    receipt: true,
                }
            }
            Err(error) if error.is_permanent() || error.is_client() => {
                SendOutcome::Rejected { detail: error.to_string() }
            }
            Err(error) if error.is_transient() => SendOutcome::NotSent { detail: error.to_string() },
            // The connection broke between the first command and the last answer: the server may have it.
            Err(error) => SendOutcome::Unknown { detail: error.to_string() },
        };
        let _ = connection.quit();
        outcome
    }
}
