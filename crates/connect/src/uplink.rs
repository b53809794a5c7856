//! The way from a sensor to its server: batches outward over HTTPS, nothing inward.
//!
//! Unlike what fetches documents, this client goes to one address that an administrator typed, which is mostly a private one. It follows no
//! redirect and trusts the public certificate authorities and those of the house. Clear text is for this machine alone, unless said otherwise.

use std::net::IpAddr;
use std::time::Duration;
use ureq::Agent;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use url::{Host, Url};

/// How long one batch may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// The most bytes read of an answer.
const ANSWER: u64 = 16 * 1024;

/// Where batches go.
pub struct Uplink {
    agent: Agent,
    batches: Url,
    bearer: String,
}

/// Why a batch was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undelivered {
    /// The server is away, or cannot now: it is tried again.
    #[error("the server is away: {0}")]
    Away(String),
    /// The sensor may not send: somebody has to act, and then it is tried again.
    #[error("the server does not let this sensor send: {0}")]
    NotAllowed(String),
    /// This batch will never be taken.
    #[error("the server refuses the batch: {0}")]
    Refused(String),
}

impl Uplink {
    /// The way to the server at `to` for the sensor `name`, with its token, trusting the public certificate authorities and those in
    /// `authorities` (PEM, empty for none). With `clear_text` unencrypted http is used where `to` says so.
    ///
    /// # Errors
    /// In words, when an argument cannot be used.
    pub fn new(
        to: &str,
        name: &str,
        token: &str,
        authorities: &[u8],
        clear_text: bool,
    ) -> Result<Self, String> {
        let mut batches = Url::parse(to).map_err(|error| format!("{to} is no address: {error}"))?;
        match batches.scheme() {
            "https" => {}
            "http" if clear_text || is_here(&batches) => {}
            "http" => {
                return Err(format!(
                    "{to} is not encrypted, and anybody on the way could read the token: use https, or say --insecure-http"
                ));
            }
            other => return Err(format!("{to}: expected https, found {other}")),
        }
        if !batches.username().is_empty() || batches.password().is_some() || batches.query().is_some() {
            return Err(format!("{to}: expected an address without user name and query"));
        }
        let token = token.trim();
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("the file of the token holds no token".to_owned());
        }
        batches
            .path_segments_mut()
            .map_err(|()| format!("{to} is no address of a server"))?
            .pop_if_empty()
            .extend(["api", "v1", "sensors", name, "batches"]);
        let mut roots: Vec<Certificate<'static>> = webpki_root_certs::TLS_SERVER_ROOT_CERTS
            .iter()
            .map(|der| Certificate::from_der(der).to_owned())
            .collect();
        for item in parse_pem(authorities) {
            match item.map_err(|error| format!("the file of certificate authorities: {error}"))? {
                PemItem::Certificate(certificate) => roots.push(certificate),
                _ => return Err("the file of certificate authorities holds something else".to_owned()),
            }
        }
        let tls = TlsConfig::builder().root_certs(RootCerts::new_with_certs(&roots)).build();
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .user_agent(concat!("tallyward-sensor/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(Duration::from_secs(15)))
            .timeout_global(Some(PATIENCE))
            .tls_config(tls)
            .build();
        Ok(Self { agent: Agent::new_with_config(config), batches, bearer: format!("Bearer {token}") })
    }

    /// Sends one packed batch; gives what the server answered. Sent twice it counts once.
    ///
    /// # Errors
    /// When it was not taken, with what that means for the batch.
    pub fn send(&self, packed: &[u8]) -> Result<String, Undelivered> {
        let call = self
            .agent
            .post(self.batches.as_str())
            .header("Authorization", &self.bearer)
            .header("Content-Type", "application/json")
            .header("Content-Encoding", "gzip");
        let mut answer = call.send(packed).map_err(|error| Undelivered::Away(error.to_string()))?;
        let status = answer.status().as_u16();
        let text = answer.body_mut().with_config().limit(ANSWER).read_to_string().unwrap_or_default();
        let why = || format!("{status} {}", said(&text));
        match status {
            200..=299 => Ok(text),
            401 | 403 | 404 => Err(Undelivered::NotAllowed(why())),
            400 | 413 | 415 | 422 => Err(Undelivered::Refused(why())),
            // A redirect is somebody in between (a portal, a proxy); the batch waits.
            _ => Err(Undelivered::Away(why())),
        }
    }
}

/// What an answer says of itself: its problem detail (RFC 9457), else its beginning.
fn said(text: &str) -> String {
    let detail = text.split("\"detail\":\"").nth(1).and_then(|rest| rest.split('"').next());
    detail.unwrap_or(text).chars().filter(|letter| !letter.is_control()).take(300).collect()
}

fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uplink(to: &str, clear_text: bool) -> Result<Uplink, String> {
        Uplink::new(to, "ED-1", "tws_0123\n", b"", clear_text)
    }

    #[test]
    fn clear_text_stays_on_this_machine_unless_said() {
        assert!(uplink("http://127.0.0.1:8080", false).is_ok());
        assert!(uplink("http://[::1]:8080/", false).is_ok());
        assert!(uplink("http://10.0.0.7:8080", false).is_err());
        assert!(uplink("http://10.0.0.7:8080", true).is_ok());
        assert!(uplink("ftp://10.0.0.7", true).is_err());
        let there = uplink("https://tallyward.hospital.example/desk/", false).expect("an address");
        assert_eq!(there.batches.path(), "/desk/api/v1/sensors/ED-1/batches");
        assert!(Uplink::new("https://a.example", "ED-1", "\n", b"", false).is_err());
    }
}
