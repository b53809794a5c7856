//! Accounts, sign-in and sessions.

use crate::error::Result;
use crate::App;
use crate::views::{AccountLine, FirstSteps, Session};
use crate::{Role, Who};

impl App {
    /// What a new installation still lacks.
    pub fn first_steps(&self) -> Result<FirstSteps> {
        todo!()
    }

    /// On an installation without accounts: mints a one-time link (path with token) to make the first one; `None` when accounts exist.
    pub fn first_link(&self) -> Result<Option<String>> {
        todo!()
    }

    /// Whether this one-time token may still be used.
    pub fn first_link_valid(&self, token: &str) -> Result<bool> {
        todo!()
    }

    /// Makes the first administrator and answers a session token.
    pub fn create_first(&self, token: &str, login: &str, name: &str, password: &str) -> Result<String> {
        todo!()
    }

    /// Makes an account. Administrators only.
    pub fn create_account(&self, who: &Who, login: &str, name: &str, role: Role, password: &str) -> Result<()> {
        todo!()
    }

    /// Changes an account; disabling revokes its sessions. The last administrator stays.
    pub fn set_account(&self, who: &Who, login: &str, role: Role, disabled: bool) -> Result<()> {
        todo!()
    }

    /// Sets a password: one's own, or anybody's as administrator. Revokes the account's sessions.
    pub fn set_password(&self, who: &Who, login: &str, password: &str) -> Result<()> {
        todo!()
    }

    /// All accounts.
    pub fn accounts(&self) -> Result<Vec<AccountLine>> {
        todo!()
    }

    /// Checks a password and answers a session token. Rate-limited by login and address `from`; the answer never tells which part was wrong.
    pub fn sign_in(&self, login: &str, password: &str, from: &str) -> Result<String> {
        todo!()
    }

    /// The session behind a token, if it stands.
    pub fn session(&self, token: &str) -> Result<Option<Session>> {
        todo!()
    }

    /// Revokes one session.
    pub fn sign_out(&self, token: &str) -> Result<()> {
        todo!()
    }
}
