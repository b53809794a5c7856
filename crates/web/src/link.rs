//! The view is the URL: reading query strings and writing links.

use axum::extract::{FromRequestParts, OriginalUri};
use axum::http::request::Parts;
use std::convert::Infallible;

/// Percent-encodes one path segment or query value: everything but the unreserved characters of RFC 3986 section 2.3.
pub(crate) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => {
                const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
                out.push('%');
                out.push(char::from(DIGITS[usize::from(byte >> 4)]));
                out.push(char::from(DIGITS[usize::from(byte & 15)]));
            }
        }
    }
    out
}

/// The query string of a request, as pairs in their order; a pair without a value is no statement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ask(Vec<(String, String)>);

impl Ask {
    /// From pairs; blank values are dropped.
    pub(crate) fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs.into_iter().filter(|(_, value)| !value.trim().is_empty()).collect())
    }

    /// The value of `name`.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim())
    }

    /// The value of `name`, owned.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    /// The pairs.
    pub(crate) fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// The same view with `name` set to `value`, or without it; back on the first page.
    pub(crate) fn with(&self, name: &str, value: Option<&str>) -> Self {
        let mut pairs: Vec<_> = self
            .0
            .iter()
            .filter(|(key, _)| key != name && key != "after" && key != "seen")
            .cloned()
            .collect();
        if let Some(value) = value {
            pairs.push((name.to_owned(), value.to_owned()));
        }
        Self(pairs)
    }

    /// The next page of the same view.
    pub(crate) fn page(&self, after: &str, seen: usize) -> Self {
        let mut next = self.with("after", Some(after));
        next.0.push(("seen".to_owned(), seen.to_string()));
        next
    }

    /// `path` with this query string.
    pub(crate) fn at(&self, path: &str) -> String {
        let mut out = path.to_owned();
        for (position, (key, value)) in self.0.iter().enumerate() {
            out.push(if position == 0 { '?' } else { '&' });
            out.push_str(&encode(key));
            out.push('=');
            out.push_str(&encode(value));
        }
        out
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Ask {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let pairs = axum::extract::Query::<Vec<(String, String)>>::from_request_parts(parts, state)
            .await
            .map(|query| query.0)
            .unwrap_or_default();
        Ok(Self::new(pairs))
    }
}

/// Path and query of a request as the browser sent them.
pub(crate) async fn here<S: Send + Sync>(parts: &mut Parts, state: &S) -> String {
    let uri = OriginalUri::from_request_parts(parts, state).await.map(|uri| uri.0).unwrap_or_default();
    uri.path_and_query().map_or_else(|| "/".to_owned(), |path| path.as_str().to_owned())
}

/// `/devices/D12`.
pub(crate) fn device(id: tallyward_core::DeviceId) -> String {
    format!("/devices/{id}")
}

/// `/advisories/ICSMA-…`.
pub(crate) fn advisory(id: &str) -> String {
    format!("/advisories/{}", encode(id))
}

/// `/findings/D12/ICSMA-…/CVE-…`.
pub(crate) fn finding(id: tallyward_core::DeviceId, advisory: &str, vulnerability: &str) -> String {
    format!("/findings/{id}/{}/{}", encode(advisory), encode(vulnerability))
}

/// `/devices?unit=ICU-A`.
pub(crate) fn unit(code: &str) -> String {
    format!("/devices?unit={}", encode(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_is_its_link() {
        let ask = Ask::new(vec![("text".into(), "a&b ü".into()), ("unit".into(), " ".into())]);
        assert_eq!(ask.at("/devices"), "/devices?text=a%26b%20%C3%BC");
        let next = ask.with("unit", Some("ICU-A")).page("x|1", 50);
        assert_eq!(next.get("seen"), Some("50"));
        assert_eq!(next.with("text", None).at("/d"), "/d?unit=ICU-A");
    }
}
