//! Signing in and out, and the first account.

mod first;
mod sign_in;
mod sign_out;

pub(crate) use first::{first, make_first};
pub(crate) use sign_in::{enter, form};
pub(crate) use sign_out::leave;

use crate::html::see;
use crate::signed::set_cookie;
use axum::http::{HeaderValue, header};
use axum::response::Response;

/// Goes to `path` with a new session.
fn begin(secure: bool, token: &str, path: &str) -> Response {
    let mut response = see(path);
    if let Ok(cookie) = HeaderValue::from_str(&set_cookie(secure, token)) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// A path of this console to go to after sign-in; anything else, such as another site, becomes the overview.
fn local(next: Option<&str>) -> &str {
    match next {
        Some(path)
            if path.starts_with('/')
                && !path.starts_with("//")
                && !path.contains(['\\', '\r', '\n', '\t'])
                && path.is_ascii()
                && !path.starts_with("/sign-") =>
        {
            path
        }
        _ => "/",
    }
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn sign_in_never_leads_to_another_site() {
        for bad in ["https://example.org/", "//example.org", "/\\example.org", "devices", "/\nX", "/sign-out"]
        {
            assert_eq!(local(Some(bad)), "/");
        }
        assert_eq!(local(Some("/devices?unit=ICU")), "/devices?unit=ICU");
        assert_eq!(local(None), "/");
    }
}
