//! Putting the ports together.

use crate::config::Config;
use crate::exit::Failure;
use crate::files;
use crate::pdf::OwnProcess;
use crate::ports::{SystemClock, SystemEntropy};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tallyward_app::ports::{Clock, Mailer, Store};
use tallyward_app::{App, Site};
use tallyward_connect::{Folder, Https, SignIn, Smtp, SmtpSettings};
use tallyward_identity::classify::{Recog, Registry, RuleTables};
use tallyward_store::SqliteStore;

/// The store file in a data folder.
pub fn store_path(data: &Path) -> PathBuf {
    data.join("tallyward.db")
}

/// An application and the store under it.
pub struct Wired {
    /// The use cases.
    pub app: App,
    /// The store, for backup and verification.
    pub store: Arc<SqliteStore>,
}

/// The application of an installation.
///
/// # Errors
/// When the store cannot be opened or an alias table cannot be used.
pub fn open(config: &Config) -> Result<Wired, Failure> {
    open_with(config, Arc::new(SystemClock))
}

/// As [`open`], with another clock.
///
/// # Errors
/// As [`open`].
pub fn open_with(config: &Config, clock: Arc<dyn Clock>) -> Result<Wired, Failure> {
    std::fs::create_dir_all(&config.data).map_err(|error| Failure::file("make", &config.data, &error))?;
    let store = Arc::new(SqliteStore::open(&store_path(&config.data))?);
    let app = app(config, Arc::clone(&store) as Arc<dyn Store>, mailer(config), clock)?;
    Ok(Wired { app, store })
}

/// The application of an installation for looking only: it may run beside a console and commits nothing.
///
/// # Errors
/// As [`open`].
pub fn open_to_read(config: &Config) -> Result<Wired, Failure> {
    let store = Arc::new(SqliteStore::open_read_only(&store_path(&config.data))?);
    let app = app(config, Arc::clone(&store) as Arc<dyn Store>, mailer(config), Arc::new(SystemClock))?;
    Ok(Wired { app, store })
}

/// An application whose store lives in memory: nothing is written.
///
/// # Errors
/// When an alias table cannot be used.
pub fn in_memory(config: &Config) -> Result<App, Failure> {
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open_in_memory()?);
    app(config, store, Arc::new(Nowhere), Arc::new(SystemClock))
}

fn app(
    config: &Config,
    store: Arc<dyn Store>,
    mailer: Arc<dyn Mailer>,
    clock: Arc<dyn Clock>,
) -> Result<App, Failure> {
    let site = Site {
        name: config.name.clone(),
        time_zone: config.time_zone.clone(),
        base_url: config.base_url.clone(),
        answer_url: config.answer_url.clone(),
        mail_from: config.mail.from.clone(),
        call: config.call.clone(),
    };
    let app =
        App::new(store, mailer, clock, Arc::new(SystemEntropy), site).with_pdf_reader(Arc::new(OwnProcess));
    let makers = files::read_text(config.maker_aliases.as_deref())?;
    let models = files::read_text(config.model_aliases.as_deref())?;
    let app = app.with_classification(classification(config)?);
    Ok(app.with_aliases(&makers, &models)?)
}

/// The tables of classification: those that ship, recog files, a newer registry of network cards.
///
/// # Errors
/// When the folder of recog files cannot be read. A file in it that cannot be used is said and left out.
pub fn classification(config: &Config) -> Result<RuleTables, Failure> {
    let mut recog = Vec::new();
    if let Some(folder) = &config.recog {
        for path in files::expand(std::slice::from_ref(folder), &["xml"])? {
            let name = files::name(&path);
            let bytes = files::read(&path)?;
            match Recog::read(&name, &String::from_utf8_lossy(&bytes)) {
                Ok(one) => recog.push(one),
                Err(error) => eprintln!("tallyward: not read: {error}"),
            }
        }
    }
    let usual = Path::new("/usr/share/ieee-data");
    let folder = config.registry.clone().or_else(|| usual.join("oui.csv").exists().then(|| usual.to_owned()));
    Ok(match (recog.is_empty(), folder) {
        (true, None) => RuleTables::builtin(),
        (_, None) => RuleTables::builtin().with(recog, Registry::default()),
        (_, Some(folder)) => RuleTables::builtin().with(recog, registry(folder)),
    })
}

/// The lists of a folder, read when the first card is looked up.
fn registry(folder: PathBuf) -> Registry {
    let from = folder.display().to_string();
    Registry::newer_from(&from, move || {
        let read = |name: &&str| Some(((*name).to_owned(), std::fs::read_to_string(folder.join(name)).ok()?));
        ["oui.csv", "mam.csv", "oui36.csv"].iter().filter_map(read).collect()
    })
}

/// What fetches, with the house's own certificate authorities beside the public ones.
///
/// # Errors
/// When the file of authorities cannot be read or used.
pub fn fetcher(config: &Config) -> Result<Https, Failure> {
    let authorities = match &config.sync.authorities {
        Some(path) => std::fs::read(path).map_err(|error| Failure::file("read", path, &error))?,
        None => Vec::new(),
    };
    let mut sign_ins = Vec::new();
    for (source, given) in &config.sync.sign_in {
        let wrong = |why: String| Failure::usage(format!("sync.sign_in.{source}: {why}"));
        sign_ins.push(sign_in(source, given).map_err(wrong)?);
    }
    Ok(Https::new(&authorities).map_err(Failure::usage)?.signing_in(sign_ins))
}

/// The sign-in of one source. A secret that cannot be read now is a fault of that source and holds up no other.
///
/// # Errors
/// In words, when what is given cannot be a sign-in.
pub fn sign_in(source: &str, given: &crate::config::SignIn) -> Result<SignIn, String> {
    let (file, token) = match (&given.token_file, &given.password_file) {
        (Some(file), None) if given.user.is_empty() => (file, true),
        (None, Some(file)) if !given.user.is_empty() => (file, false),
        _ => return Err("give either token_file, or user with password_file".to_owned()),
    };
    let secret = match std::fs::read_to_string(file) {
        Ok(text) => text.lines().next().unwrap_or_default().to_owned(),
        Err(error) => {
            let why = format!("its sign-in cannot be read from {}: {error}", file.display());
            return SignIn::missing(source, &given.at, why);
        }
    };
    if token {
        SignIn::bearer(source, &given.at, &secret)
    } else {
        SignIn::basic(source, &given.at, &given.user, &secret)
    }
}

fn mailer(config: &Config) -> Arc<dyn Mailer> {
    let mail = &config.mail;
    if mail.host.is_empty() {
        return Arc::new(Folder::new(config.data.join("outbox")));
    }
    Arc::new(Smtp::new(SmtpSettings {
        host: mail.host.clone(),
        port: mail.port,
        security: mail.security,
        user: mail.user.clone(),
        password: mail.password.clone(),
        timeout_seconds: mail.timeout,
    }))
}

/// The mailer of an application that keeps nothing and sends nothing.
struct Nowhere;

impl Mailer for Nowhere {
    fn describe(&self) -> String {
        "nowhere".to_owned()
    }

    fn send(&self, _: &tallyward_app::ports::Mail) -> tallyward_app::ports::SendOutcome {
        tallyward_app::ports::SendOutcome::Rejected { detail: "an assessment sends nothing".to_owned() }
    }
}
