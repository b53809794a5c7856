//! `/sign-out`

use crate::console::Console;
use crate::fault::Fault;
use crate::html::see;
use crate::posted::Posted;
use crate::signed::{clear_cookie, token};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;

/// Ends the session on the server and removes its cookie.
pub(crate) async fn leave(
    State(console): State<Console>,
    headers: HeaderMap,
    _posted: Posted,
) -> Result<Response, Fault> {
    let secure = console.options.secure_cookies;
    if let Some(token) = token(&headers, secure) {
        console.call(move |app| app.sign_out(&token)).await?;
    }
    let mut response = see("/sign-in");
    if let Ok(cookie) = HeaderValue::from_str(&clear_cookie(secure)) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
