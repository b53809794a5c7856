//! Signing in where documents are fetched.
//!
//! A sign-in belongs to one source and to one scheme, host and port. It is put into a request to exactly that address
//! and over TLS only: neither a redirect, nor an address that a document names, nor a source of another name carries it
//! elsewhere. It prints nowhere.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use std::fmt;
use url::Url;

/// How to sign in for one source.
#[derive(Clone)]
pub struct SignIn {
    source: String,
    at: Url,
    /// Value of the header `Authorization`, or why there is none.
    header: Result<String, String>,
}

impl fmt::Debug for SignIn {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SignIn")
            .field("source", &self.source)
            .field("at", &self.at.as_str())
            .field("header", &"…")
            .finish()
    }
}

impl SignIn {
    /// A user name and password (RFC 7617), for the source of this name, at the host of `at`.
    ///
    /// # Errors
    /// In words, when `at` is no `https` address or the user name has a colon.
    pub fn basic(source: &str, at: &str, user: &str, password: &str) -> Result<Self, String> {
        if user.contains(':') {
            return Err("a user name cannot have a colon".to_owned());
        }
        let header = format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}")));
        Self::of(source, at, Ok(header))
    }

    /// A token (RFC 6750).
    ///
    /// # Errors
    /// In words, when `at` is no `https` address or the token cannot stand in a header.
    pub fn bearer(source: &str, at: &str, token: &str) -> Result<Self, String> {
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("a token has letters, digits and signs, without blanks".to_owned());
        }
        Self::of(source, at, Ok(format!("Bearer {token}")))
    }

    /// A sign-in that cannot be had now: requests of its source fail and say why, those of others go on.
    ///
    /// # Errors
    /// In words, when `at` is no `https` address.
    pub fn missing(source: &str, at: &str, why: String) -> Result<Self, String> {
        Self::of(source, at, Err(why))
    }

    fn of(source: &str, at: &str, header: Result<String, String>) -> Result<Self, String> {
        let url = Url::parse(at).map_err(|error| format!("{at:?} is no address: {error}"))?;
        if url.scheme() != "https" || url.host_str().is_none() {
            return Err(format!("{at:?} is no https address; nobody signs in over anything else"));
        }
        Ok(Self { source: source.to_owned(), at: url, header })
    }

    /// The header for a request of `source` to `url`; `None` when this sign-in is not for it.
    pub(crate) fn header_for(&self, source: &str, url: &Url) -> Option<&Result<String, String>> {
        let same = url.scheme() == "https"
            && url.host() == self.at.host()
            && url.port_or_known_default() == self.at.port_or_known_default();
        (same && self.source == source).then_some(&self.header)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(sign_in: &SignIn, source: &str, url: &str) -> Option<String> {
        sign_in.header_for(source, &url.parse().unwrap()).map(|header| header.clone().unwrap())
    }

    #[test]
    fn it_is_for_one_source_at_one_address_over_tls() {
        let one = SignIn::basic("isac", "https://taxii.example/taxii2/", "Aladdin", "open sesame").unwrap();
        // The example of RFC 7617 clause 2.
        let header = Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==".to_owned());
        assert_eq!(given(&one, "isac", "https://taxii.example:443/api1/collections/"), header);
        for url in [
            "http://taxii.example/taxii2/",
            "https://taxii.example:8443/taxii2/",
            "https://taxii.example.evil.example/taxii2/",
            "https://evil.example/?https://taxii.example/",
        ] {
            assert_eq!(given(&one, "isac", url), None, "{url}");
        }
        assert_eq!(given(&one, "other", "https://taxii.example/"), None);
    }

    #[test]
    fn it_prints_nowhere_and_is_refused_where_it_would_be_read() {
        let one = SignIn::bearer("isac", "https://taxii.example", "t0psecret").unwrap();
        assert!(!format!("{one:?}").contains("t0psecret"));
        assert!(SignIn::bearer("isac", "http://taxii.example", "t").is_err());
        assert!(SignIn::bearer("isac", "https://taxii.example", "a\r\nX: b").is_err());
        assert!(SignIn::basic("isac", "https://taxii.example", "a:b", "c").is_err());
    }
}
