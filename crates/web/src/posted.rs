//! Small forms: read whole, checked for the session's token.

use crate::console::Console;
use crate::fault::Fault;
use crate::signed::Signed;
use axum::extract::{FromRequest, FromRequestParts, RawForm, Request};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use tallyward_app::AppError;

/// The most bytes a small form may have.
pub(crate) const LIMIT: usize = 64 * 1024;

/// The fields of a form, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields(pub Vec<(String, String)>);

impl Fields {
    /// The value of `name`, trimmed; empty when absent.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
    }

    /// Every value of `name` in order, trimmed.
    pub(crate) fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.trim().to_owned()).collect()
    }

    /// The value of `name`, trimmed and owned.
    pub(crate) fn text(&self, name: &str) -> String {
        self.get(name).to_owned()
    }

    /// The value of `name` as typed: a password may begin with a blank.
    pub(crate) fn raw(&self, name: &str) -> String {
        self.0.iter().find(|(key, _)| key == name).map_or_else(String::new, |(_, value)| value.clone())
    }

    /// The answer to a question of yes or no.
    pub(crate) fn yes_or_no(&self, name: &str) -> Result<bool, Fault> {
        match self.get(name) {
            "yes" => Ok(true),
            "no" => Ok(false),
            _ => Err(Fault::App(AppError::invalid(name, "say yes or no"))),
        }
    }

    /// Whether a box was ticked.
    pub(crate) fn ticked(&self, name: &str) -> bool {
        !self.get(name).is_empty()
    }
}

/// A small form from anybody: sign-in and answers through a link.
pub(crate) struct Open(pub Fields);

impl<S: Send + Sync> FromRequest<S> for Open {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fault> {
        let body = RawForm::from_request(request, state).await.map_err(|rejection| {
            if rejection.into_response().status() == StatusCode::PAYLOAD_TOO_LARGE {
                Fault::TooLarge("64 KB")
            } else {
                Fault::Unreadable("expected a form as a browser sends it".to_owned())
            }
        })?;
        pairs(&body.0).map(|read| Self(Fields(read)))
    }
}

/// A small form of a signed-in person, with the right token.
pub(crate) struct Posted {
    pub signed: Signed,
    pub fields: Fields,
}

impl FromRequest<Console> for Posted {
    type Rejection = Fault;

    async fn from_request(request: Request, console: &Console) -> Result<Self, Fault> {
        let (mut parts, body) = request.into_parts();
        let signed = Signed::from_request_parts(&mut parts, console).await?;
        let Open(fields) = Open::from_request(Request::from_parts(parts, body), console).await?;
        check_token(&signed, fields.get("csrf"))?;
        Ok(Self { signed, fields })
    }
}

/// Refuses a form that does not carry the session's token. Compared without an early exit.
pub(crate) fn check_token(signed: &Signed, given: &str) -> Result<(), Fault> {
    let wanted = signed.session.csrf.as_bytes();
    let given = given.as_bytes();
    let differs = wanted.iter().zip(given).fold(0u8, |seen, (a, b)| seen | (a ^ b));
    if wanted.len() == given.len() && differs == 0 && !wanted.is_empty() {
        Ok(())
    } else {
        Err(Fault::Forged)
    }
}

fn pairs(body: &[u8]) -> Result<Vec<(String, String)>, Fault> {
    let text = std::str::from_utf8(body).map_err(|_| Fault::Unreadable("it is not UTF-8".to_owned()))?;
    Ok(text.split('&').filter(|pair| !pair.is_empty()).map(decode_pair).collect())
}

fn decode_pair(pair: &str) -> (String, String) {
    let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
    (decode(key), decode(value))
}

/// `application/x-www-form-urlencoded` (WHATWG URL section 5.1): plus is a blank, a broken escape stays as it is.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let hex = |offset: usize| bytes.get(at + offset).and_then(|digit| char::from(*digit).to_digit(16));
        match (byte, hex(1), hex(2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 3;
            }
            (b'+', _, _) => {
                out.push(b' ');
                at += 1;
            }
            _ => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_read_as_browsers_write_them() {
        let fields = Fields(pairs(b"a=1+2&b=%C3%BC%2&c&a=9").unwrap());
        assert_eq!(fields.get("a"), "1 2");
        assert_eq!(fields.get("b"), "ü%2");
        assert_eq!(fields.get("c"), "");
    }
}
