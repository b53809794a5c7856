//! Accounts, sign-in and sessions.

use crate::App;
use crate::app::{doc, hex, lock, removal};
use crate::change::{ChangeSet, DocKind, DocPut};
use crate::error::{AppError, Result};
use crate::ports::ListDocs;
use crate::views::{AccountLine, FirstSteps, Moment, Session};
use crate::who::{Role, Who};
use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tallyward_core::Timestamp;

/// Shortest password.
const MIN_PASSWORD: usize = 10;
/// Longest password; longer ones only cost time.
const MAX_PASSWORD: usize = 200;
/// A session ends so long after it began, hours.
const SESSION_HOURS: i64 = 12;
/// A link to make the first account is good for so long, hours.
const INVITE_HOURS: i64 = 24;

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct StoredAccount {
    login: String,
    name: String,
    role: Role,
    disabled: bool,
    password: String,
    last_sign_in: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
struct StoredSession {
    login: String,
    csrf: String,
    expires: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct StoredInvite {
    expires: Timestamp,
}

impl App {
    /// What a new installation still lacks.
    pub fn first_steps(&self) -> Result<FirstSteps> {
        Ok(FirstSteps {
            needs_account: self.store.count(DocKind::Account, None)? == 0,
            needs_devices: self.store.facet(crate::query::Facet::Presence)?.is_empty(),
            needs_advisories: self.store.count(DocKind::Advisory, None)? == 0,
            needs_contacts: self.store.count(DocKind::Contact, None)? == 0,
        })
    }

    /// On an installation without accounts: mints a one-time link (path with token) to make the first one;
    /// `None` when accounts exist. An older link stops working.
    pub fn first_link(&self) -> Result<Option<String>> {
        let _writing = lock(&self.state.desk);
        if self.store.count(DocKind::Account, None)? > 0 {
            return Ok(None);
        }
        let token = self.random_hex(24);
        let invite = StoredInvite { expires: self.now().plus_seconds(INVITE_HOURS * 3_600) };
        let mut docs = self.removed(DocKind::Invite, None)?;
        docs.push(doc(DocKind::Invite, digest(&token), "", &invite));
        self.commit(ChangeSet { docs, ..ChangeSet::default() })?;
        Ok(Some(format!("/first/{token}")))
    }

    /// Whether this one-time token may still be used.
    pub fn first_link_valid(&self, token: &str) -> Result<bool> {
        let invite: Option<StoredInvite> = self.load(DocKind::Invite, &digest(token))?;
        let open = invite.is_some_and(|invite| self.now() < invite.expires);
        Ok(open && self.store.count(DocKind::Account, None)? == 0)
    }

    /// Makes the first administrator and answers a session token.
    pub fn create_first(&self, token: &str, login: &str, name: &str, password: &str) -> Result<String> {
        let _writing = lock(&self.state.desk);
        if !self.first_link_valid(token)? {
            return Err(AppError::Refused(
                "this link was used or is older than a day; start Tallyward again for a new one".to_owned(),
            ));
        }
        let account = self.account(login, name, Role::Administrator, password)?;
        let who = Who { name: account.name.clone(), login: account.login.clone(), role: account.role };
        let mut docs = self.removed(DocKind::Invite, None)?;
        docs.push(DocPut { expected: Some(0), ..doc(DocKind::Account, account.login.clone(), "", &account) });
        let event = self.event(&who, "account.first", format!("account {}", account.login));
        self.commit(ChangeSet { docs, audit: vec![event], ..ChangeSet::default() })?;
        self.open_session(&account.login)
    }

    /// Makes an account. Administrators only.
    pub fn create_account(
        &self,
        who: &Who,
        login: &str,
        name: &str,
        role: Role,
        password: &str,
    ) -> Result<()> {
        administrators_only(who)?;
        let _writing = lock(&self.state.desk);
        let account = self.account(login, name, role, password)?;
        if self.store.get(DocKind::Account, &account.login)?.is_some() {
            return Err(AppError::invalid("login", format!("{:?} is taken", account.login)));
        }
        let mut event = self.event(who, "account.create", format!("account {}", account.login));
        event.after = role.code().to_owned();
        let put = doc(DocKind::Account, account.login.clone(), "", &account);
        self.commit(ChangeSet { docs: vec![put], audit: vec![event], ..ChangeSet::default() })?;
        Ok(())
    }

    /// Changes an account; disabling revokes its sessions. The last administrator stays.
    pub fn set_account(&self, who: &Who, login: &str, role: Role, disabled: bool) -> Result<()> {
        administrators_only(who)?;
        let _writing = lock(&self.state.desk);
        let all: Vec<StoredAccount> = self.load_all(DocKind::Account, None)?;
        let runs = |one: &StoredAccount| one.role == Role::Administrator && !one.disabled;
        let others = all.iter().filter(|one| one.login != login && runs(one)).count();
        let mut account = all
            .into_iter()
            .find(|one| one.login == login)
            .ok_or_else(|| AppError::not_found("account", login))?;
        if others == 0 && runs(&account) && (disabled || role != Role::Administrator) {
            return Err(AppError::Refused("the last administrator stays; make another one first".to_owned()));
        }
        let mut event = self.event(who, "account.change", format!("account {login}"));
        event.before =
            format!("{} {}", account.role.code(), if account.disabled { "disabled" } else { "enabled" });
        event.after = format!("{} {}", role.code(), if disabled { "disabled" } else { "enabled" });
        (account.role, account.disabled) = (role, disabled);
        let mut docs = self.removed(DocKind::Session, Some(login))?;
        docs.push(doc(DocKind::Account, login, "", &account));
        self.commit(ChangeSet { docs, audit: vec![event], ..ChangeSet::default() })?;
        Ok(())
    }

    /// Sets a password: one's own, or anybody's as administrator. Revokes the account's sessions.
    pub fn set_password(&self, who: &Who, login: &str, password: &str) -> Result<()> {
        if who.login != login {
            administrators_only(who)?;
        }
        let _writing = lock(&self.state.desk);
        let mut account: StoredAccount =
            self.load(DocKind::Account, login)?.ok_or_else(|| AppError::not_found("account", login))?;
        account.password = self.hashed(password)?;
        let mut docs = self.removed(DocKind::Session, Some(login))?;
        docs.push(doc(DocKind::Account, login, "", &account));
        let event = self.event(who, "account.password", format!("account {login}"));
        self.commit(ChangeSet { docs, audit: vec![event], ..ChangeSet::default() })?;
        Ok(())
    }

    /// All accounts.
    pub fn accounts(&self) -> Result<Vec<AccountLine>> {
        let all: Vec<StoredAccount> = self.load_all(DocKind::Account, None)?;
        Ok(all
            .into_iter()
            .map(|one| AccountLine {
                login: one.login,
                name: one.name,
                role: one.role,
                disabled: one.disabled,
                last_sign_in: one.last_sign_in.map(Moment),
            })
            .collect())
    }

    /// Checks a password and answers a session token. Rate-limited by login and address `from`; the answer never
    /// tells which part was wrong.
    pub fn sign_in(&self, login: &str, password: &str, from: &str) -> Result<String> {
        let login = login.trim().to_lowercase();
        let now = self.now();
        {
            let mut attempts = lock(&self.state.attempts);
            let by_login = attempts.attempt(&format!("login {login}"), now);
            let by_address = attempts.attempt(&format!("from {from}"), now);
            if !by_login || !by_address {
                return Err(AppError::Refused("too many attempts; wait five minutes".to_owned()));
            }
        }
        let wrong = || AppError::Refused("this name and password do not fit together".to_owned());
        let account: Option<StoredAccount> = self.load(DocKind::Account, &login)?;
        // A missing account costs the same time as a wrong password, so that names cannot be found out.
        let stored = account.as_ref().map_or(DUMMY, |account| account.password.as_str());
        let parsed = PasswordHash::new(stored).map_err(|_| wrong())?;
        let fits = Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok();
        let Some(account) = account.filter(|account| fits && !account.disabled) else {
            return Err(wrong());
        };
        {
            let mut attempts = lock(&self.state.attempts);
            attempts.clear(&format!("login {login}"));
            attempts.clear(&format!("from {from}"));
        }
        let _writing = lock(&self.state.desk);
        // Checking took a while: what an administrator did in between counts.
        let held: Option<StoredAccount> = self.load(DocKind::Account, &login)?;
        let Some(mut account) = held.filter(|held| !held.disabled && held.password == account.password)
        else {
            return Err(wrong());
        };
        account.last_sign_in = Some(now);
        let put = doc(DocKind::Account, login.clone(), "", &account);
        let who = Who { name: account.name.clone(), login: login.clone(), role: account.role };
        let event = self.event(&who, "account.sign_in", format!("account {login}"));
        self.commit(ChangeSet { docs: vec![put], audit: vec![event], ..ChangeSet::default() })?;
        self.open_session(&login)
    }

    /// The session behind a token, if it stands.
    pub fn session(&self, token: &str) -> Result<Option<Session>> {
        let Some(session) = self.load::<StoredSession>(DocKind::Session, &digest(token))? else {
            return Ok(None);
        };
        if self.now() >= session.expires {
            return Ok(None);
        }
        let account: Option<StoredAccount> = self.load(DocKind::Account, &session.login)?;
        Ok(account.filter(|account| !account.disabled).map(|account| Session {
            who: Who { name: account.name, login: account.login, role: account.role },
            csrf: session.csrf,
        }))
    }

    /// Revokes one session.
    pub fn sign_out(&self, token: &str) -> Result<()> {
        let put = removal(DocKind::Session, digest(token), "");
        self.commit(ChangeSet { docs: vec![put], ..ChangeSet::default() })?;
        Ok(())
    }

    fn open_session(&self, login: &str) -> Result<String> {
        let token = self.random_hex(32);
        let session = StoredSession {
            login: login.to_owned(),
            csrf: self.random_hex(16),
            expires: self.now().plus_seconds(SESSION_HOURS * 3_600),
        };
        // Ended sessions go with the next sign-in, so that they cannot pile up.
        let mut docs = Vec::new();
        for row in self.store.list(DocKind::Session, &ListDocs::default())? {
            let held: StoredSession = crate::app::parse(DocKind::Session, &row.id, &row.body)?;
            if self.now() >= held.expires {
                docs.push(removal(DocKind::Session, row.id, row.index));
            }
        }
        docs.push(doc(DocKind::Session, digest(&token), login, &session));
        self.commit(ChangeSet { docs, ..ChangeSet::default() })?;
        Ok(token)
    }

    /// Removals of all documents of a noun, of one index value when given.
    pub(crate) fn removed(&self, kind: DocKind, index: Option<&str>) -> Result<Vec<DocPut>> {
        let rows = self.store.list(kind, &ListDocs { index, ..ListDocs::default() })?;
        Ok(rows.into_iter().map(|row| removal(kind, row.id, row.index)).collect())
    }

    fn account(&self, login: &str, name: &str, role: Role, password: &str) -> Result<StoredAccount> {
        let login = login.trim().to_lowercase();
        let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_' | '@');
        if login.len() < 2 || login.len() > 60 || !login.chars().all(fits) {
            return Err(AppError::invalid("login", "expected 2 to 60 letters, digits, dots, dashes or @"));
        }
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        if name.chars().count() < 3 || name.len() > 80 {
            return Err(AppError::invalid(
                "name",
                "expected the name that stands under what this person releases",
            ));
        }
        let password = self.hashed(password)?;
        Ok(StoredAccount { login, name, role, disabled: false, password, last_sign_in: None })
    }

    fn hashed(&self, password: &str) -> Result<String> {
        if password.chars().count() < MIN_PASSWORD || password.len() > MAX_PASSWORD {
            let why = format!("expected at least {MIN_PASSWORD} characters; a few words make a good one");
            return Err(AppError::invalid("password", why));
        }
        let mut salt = [0u8; 16];
        self.entropy.fill(&mut salt);
        Argon2::default()
            .hash_password_with_salt(password.as_bytes(), &salt)
            .map(|hash| hash.to_string())
            .map_err(|error| AppError::invalid("password", error.to_string()))
    }
}

/// A hash that no password fits, checked in place of a missing account's.
const DUMMY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn administrators_only(who: &Who) -> Result<()> {
    if who.role == Role::Administrator {
        Ok(())
    } else {
        Err(AppError::Refused("only an administrator manages accounts".to_owned()))
    }
}

/// Tokens are kept as hashes: who reads the store cannot sign in with it.
fn digest(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}
