//! Configuration: a TOML file, then environment variables, each key with a default.
//!
//! The table of keys is `docs/setup/configuration.md`; a test compares the two.

use crate::exit::Failure;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use tallyward_connect::Security;

/// Everything an installation is told.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Folder of the store, the outbox and nothing else.
    pub data: PathBuf,
    /// Address of the console.
    pub listen: SocketAddr,
    /// Address of a listener that serves answer pages and nothing else; empty for none.
    pub answer_listen: Option<SocketAddr>,
    /// Name of the house.
    pub name: String,
    /// IANA time zone.
    pub time_zone: String,
    /// Where the console is reached from outside, without a trailing slash; empty: `http://` and `listen`.
    pub base_url: String,
    /// Where answer pages are reached; empty: `base_url`, or the answer listener.
    pub answer_url: String,
    /// The number to call that notices give; empty: the first biomed contact's.
    pub call: String,
    /// Session cookies only over HTTPS.
    pub secure_cookies: bool,
    /// The house's own maker names (CSV).
    pub maker_aliases: Option<PathBuf>,
    /// The house's own model names (CSV).
    pub model_aliases: Option<PathBuf>,
    /// Folder of recog XML files, read as further rules of classification.
    pub recog: Option<PathBuf>,
    /// Folder with the IEEE's lists of network card makers (`oui.csv`, `mam.csv`, `oui36.csv`).
    pub registry: Option<PathBuf>,
    /// Mail.
    pub mail: Mail,
    /// Fetching of advisories.
    pub sync: Sync,
    /// Letters.
    pub letters: Letters,
}

/// How letters arrive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Letters {
    /// Folder in which `serve` looks for them: a Maildir, or one of files; none when not set.
    pub folder: Option<PathBuf>,
}

/// How advisories are fetched.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sync {
    /// Hours between two runs of `serve` over all sources; 0 for none.
    pub every_hours: u32,
    /// Certificate authorities of the house (PEM), trusted beside the public ones.
    pub authorities: Option<PathBuf>,
    /// How to sign in, by name of the source.
    pub sign_in: BTreeMap<String, SignIn>,
}

/// How to sign in at one source: the secret itself stands in a file of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The `https` address whose host, and no other, is given the secret.
    pub at: String,
    /// User name, with `password_file`.
    #[serde(default)]
    pub user: String,
    /// File whose first line is the password of `user`.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// File whose first line is a bearer token.
    #[serde(default)]
    pub token_file: Option<PathBuf>,
}

impl Default for Sync {
    fn default() -> Self {
        Self { every_hours: 6, authorities: None, sign_in: BTreeMap::new() }
    }
}

/// How mail leaves.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mail {
    /// Sender address.
    pub from: String,
    /// SMTP host; empty: messages are written into `outbox/` in the data folder.
    pub host: String,
    /// SMTP port.
    pub port: u16,
    /// `starttls`, `tls` or `none`.
    pub security: Security,
    /// User name; empty for none.
    pub user: String,
    /// Password; better kept in `password_file`.
    pub password: String,
    /// File whose first line is the password.
    pub password_file: Option<PathBuf>,
    /// Seconds to wait for each answer of the server.
    pub timeout: u64,
}

impl fmt::Debug for Mail {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Mail")
            .field("from", &self.from)
            .field("host", &self.host)
            .field("port", &self.port)
            .field("password", &"…")
            .finish_non_exhaustive()
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data: PathBuf::from("tallyward-data"),
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            answer_listen: None,
            name: "This hospital".to_owned(),
            time_zone: "UTC".to_owned(),
            base_url: String::new(),
            answer_url: String::new(),
            call: String::new(),
            secure_cookies: false,
            maker_aliases: None,
            model_aliases: None,
            recog: None,
            registry: None,
            mail: Mail::default(),
            sync: Sync::default(),
            letters: Letters::default(),
        }
    }
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            from: "tallyward@localhost".to_owned(),
            host: String::new(),
            port: 587,
            security: Security::Starttls,
            user: String::new(),
            password: String::new(),
            password_file: None,
            timeout: 20,
        }
    }
}

/// Every key with the environment variable that overrides it.
pub const KEYS: [(&str, &str); 24] = [
    ("data", "TALLYWARD_DATA"),
    ("listen", "TALLYWARD_LISTEN"),
    ("answer_listen", "TALLYWARD_ANSWER_LISTEN"),
    ("name", "TALLYWARD_NAME"),
    ("time_zone", "TALLYWARD_TIME_ZONE"),
    ("base_url", "TALLYWARD_BASE_URL"),
    ("answer_url", "TALLYWARD_ANSWER_URL"),
    ("call", "TALLYWARD_CALL"),
    ("secure_cookies", "TALLYWARD_SECURE_COOKIES"),
    ("maker_aliases", "TALLYWARD_MAKER_ALIASES"),
    ("model_aliases", "TALLYWARD_MODEL_ALIASES"),
    ("recog", "TALLYWARD_RECOG"),
    ("registry", "TALLYWARD_REGISTRY"),
    ("mail.from", "TALLYWARD_MAIL_FROM"),
    ("mail.host", "TALLYWARD_MAIL_HOST"),
    ("mail.port", "TALLYWARD_MAIL_PORT"),
    ("mail.security", "TALLYWARD_MAIL_SECURITY"),
    ("mail.user", "TALLYWARD_MAIL_USER"),
    ("mail.password", "TALLYWARD_MAIL_PASSWORD"),
    ("mail.password_file", "TALLYWARD_MAIL_PASSWORD_FILE"),
    ("mail.timeout", "TALLYWARD_MAIL_TIMEOUT"),
    ("sync.every_hours", "TALLYWARD_SYNC_EVERY_HOURS"),
    ("sync.authorities", "TALLYWARD_SYNC_AUTHORITIES"),
    ("letters.folder", "TALLYWARD_LETTERS_FOLDER"),
];

impl Config {
    /// Reads the file (given, or `./tallyward.toml` when it exists), then the environment.
    ///
    /// # Errors
    /// When the file cannot be read, or a value cannot be used; the message names the key.
    pub fn load(file: Option<&Path>, variable: impl Fn(&str) -> Option<String>) -> Result<Self, Failure> {
        let default = Path::new("tallyward.toml");
        let path = file.or_else(|| default.exists().then_some(default));
        let mut table = match path {
            Some(path) => {
                let text =
                    std::fs::read_to_string(path).map_err(|error| Failure::file("read", path, &error))?;
                text.parse::<toml::Table>()
                    .map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?
            }
            None => toml::Table::new(),
        };
        for (key, name) in KEYS {
            if let Some(value) = variable(name) {
                set(&mut table, key, &value);
            }
        }
        let mut config: Self = table
            .try_into()
            .map_err(|error| Failure::usage(format!("the configuration cannot be used: {error}")))?;
        config.complete()?;
        Ok(config)
    }

    fn complete(&mut self) -> Result<(), Failure> {
        if self.base_url.is_empty() {
            self.base_url = format!("http://{}", self.listen);
        }
        if self.answer_url.is_empty() {
            self.answer_url = self
                .answer_listen
                .map_or_else(|| self.base_url.clone(), |address| format!("http://{address}"));
        }
        for url in [&mut self.base_url, &mut self.answer_url] {
            let kept = url.trim_end_matches('/').len();
            url.truncate(kept);
        }
        if let Some(path) = &self.mail.password_file {
            let text = std::fs::read_to_string(path).map_err(|error| Failure::file("read", path, &error))?;
            self.mail.password = text.lines().next().unwrap_or_default().to_owned();
        }
        Ok(())
    }
}

/// Sets a key from text: a number or a truth value where the text is one and the key wants one.
fn set(table: &mut toml::Table, key: &str, value: &str) {
    let typed = match key {
        "mail.port" | "mail.timeout" | "sync.every_hours" => value.parse().map(toml::Value::Integer).ok(),
        "secure_cookies" => value.parse().map(toml::Value::Boolean).ok(),
        _ => None,
    };
    let typed = typed.unwrap_or_else(|| toml::Value::String(value.to_owned()));
    match key.split_once('.') {
        None => {
            table.insert(key.to_owned(), typed);
        }
        Some((section, key)) => {
            let inner = table.entry(section).or_insert_with(|| toml::Value::Table(toml::Table::new()));
            if let toml::Value::Table(inner) = inner {
                inner.insert(key.to_owned(), typed);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environment_wins_over_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.toml");
        std::fs::write(&path, "name = \"St. Anne\"\n[mail]\nhost = \"a\"\nport = 25\n").unwrap();
        let environment = |name: &str| match name {
            "TALLYWARD_MAIL_PORT" => Some("2525".to_owned()),
            "TALLYWARD_SECURE_COOKIES" => Some("true".to_owned()),
            _ => None,
        };
        let config = Config::load(Some(&path), environment).unwrap();
        assert_eq!((config.name.as_str(), config.mail.port, config.secure_cookies), ("St. Anne", 2525, true));
        assert_eq!(config.answer_url, "http://127.0.0.1:8080");
    }

    #[test]
    fn a_wrong_key_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.toml");
        std::fs::write(&path, "lisen = \"127.0.0.1:1\"\n").unwrap();
        let failure = Config::load(Some(&path), |_| None).unwrap_err();
        assert!(failure.to_string().contains("lisen"), "{failure}");
    }

    #[test]
    fn secrets_do_not_print() {
        let mail = Mail { password: "hunter2".to_owned(), ..Mail::default() };
        assert!(!format!("{mail:?}").contains("hunter2"));
    }

    #[test]
    fn the_documentation_names_every_key() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/setup/configuration.md");
        let text = std::fs::read_to_string(path).unwrap();
        for (key, variable) in KEYS {
            assert!(text.contains(&format!("`{key}`")) && text.contains(&format!("`{variable}`")), "{key}");
        }
    }
}
