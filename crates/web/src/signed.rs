//! Who is asking: the session behind a request.

use crate::console::Console;
use crate::desk::Desk;
use crate::fault::Fault;
use crate::link::here;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use tallyward_app::App;
use tallyward_app::views::Session;

/// Name of the session cookie. With the `__Host-` prefix browsers insist on `Secure`, path `/` and no domain.
pub(crate) fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-tallyward" } else { "tallyward" }
}

/// `Set-Cookie` for a new session; it ends with the browser, and earlier on the server.
pub(crate) fn set_cookie(secure: bool, token: &str) -> String {
    let flag = if secure { "; Secure" } else { "" };
    format!("{}={token}; Path=/; HttpOnly; SameSite=Lax{flag}", cookie_name(secure))
}

/// `Set-Cookie` that removes the session.
pub(crate) fn clear_cookie(secure: bool) -> String {
    format!("{}; Max-Age=0", set_cookie(secure, ""))
}

/// The session token that a request carries.
pub(crate) fn token(headers: &HeaderMap, secure: bool) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == cookie_name(secure))
        .map(|(_, value)| value.to_owned())
        .filter(|value| !value.is_empty() && value.len() <= 256)
}

/// A signed-in request.
#[derive(Clone)]
pub(crate) struct Signed {
    pub console: Console,
    pub session: Session,
    /// Path and query, for links back.
    pub here: String,
}

impl Signed {
    /// Runs a use case and gathers what every page shows around its view.
    pub(crate) async fn view<T, F>(self, work: F) -> Result<(Desk, T), Fault>
    where
        F: FnOnce(&App) -> tallyward_app::error::Result<T> + Send + 'static,
        T: Send + 'static,
    {
        let (mode, now, seen) = self
            .console
            .call(move |app| {
                let seen = work(app)?;
                Ok((app.mode()?, app.now(), seen))
            })
            .await?;
        Ok((Desk { console: self.console, session: self.session, here: self.here, mode, now }, seen))
    }

    /// Runs a use case on behalf of this person.
    pub(crate) async fn act<T, F>(&self, work: F) -> Result<T, Fault>
    where
        F: FnOnce(&App, &tallyward_app::Who) -> tallyward_app::error::Result<T> + Send + 'static,
        T: Send + 'static,
    {
        let who = self.session.who.clone();
        self.console.call(move |app| work(app, &who)).await
    }
}

impl FromRequestParts<Console> for Signed {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Fault> {
        let here = here(parts, console).await;
        let session = match token(&parts.headers, console.options.secure_cookies) {
            Some(token) => console.call(move |app| app.session(&token)).await?,
            None => None,
        };
        match session {
            Some(session) => Ok(Self { console: console.clone(), session, here }),
            None if parts.method == Method::POST => Err(Fault::SessionEnded),
            None => Err(Fault::SignIn { next: here }),
        }
    }
}
