//! The use cases' common ground.

use crate::change::{AuditPut, DocKind, DocPut};
use crate::error::{AppError, Result};
use crate::known::Known;
use crate::ports::{Clock, Entropy, ListDocs, Mailer, NoPdf, PdfReader, Store, StoreError};
use crate::site::Site;
use crate::staged::Staged;
use crate::who::Who;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tallyward_core::Timestamp;
use tallyward_identity::aliases::Aliases;
use tallyward_identity::classify::RuleTables;
use tallyward_identity::reconcile::Rules;
use tallyward_response::Tables;

/// The application: ports and settings, shared by every use case. Cheap to clone.
#[derive(Clone)]
pub struct App {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) mailer: Arc<dyn Mailer>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) pdf: Arc<dyn PdfReader>,
    pub(crate) site: Arc<Site>,
    pub(crate) aliases: Arc<Aliases>,
    /// Precedence and the tables of classification as the program started with them.
    pub(crate) base_rules: Arc<Rules>,
    pub(crate) tables: Arc<Tables>,
    pub(crate) state: Arc<State>,
    /// Program version and the house's own tables: verdicts reached with others are reached anew.
    judges_with: Arc<str>,
}

/// What lives only as long as the process.
#[derive(Default)]
pub(crate) struct State {
    /// Held while evidence, projections or verdicts change, so that a change set is computed from what stands.
    pub fleet: Mutex<()>,
    /// Held while drafts, notices, accounts and settings change.
    pub desk: Mutex<()>,
    /// Held by the one who sends.
    pub sending: Mutex<()>,
    /// Held by the one who fetches: one run at a time, so that a provider sees one connection.
    pub syncing: Mutex<()>,
    /// The source that is fetched now.
    pub fetched: Mutex<Option<String>>,
    /// Sources a person asked to be fetched.
    pub asked: Mutex<std::collections::BTreeSet<String>>,
    /// How the last look into the folder of letters went.
    pub letter_folder: Mutex<Option<crate::letters::WatchedFolder>>,
    /// Files waiting for their mapping.
    pub staged: Mutex<Staged>,
    /// The advisories on file by id, patched with every commit that touches one.
    pub advisories: Mutex<Option<crate::advisories::OnFile>>,
    /// Which drafts there are, patched with every commit that touches one.
    pub drafts: Mutex<Option<Arc<crate::notice::shelf::Drafts>>>,
    /// What is known of the flaws on file; dropped when advisories or product decisions change.
    pub known: Mutex<Option<Arc<Known>>>,
    /// Who can reach which device; dropped by commits that may change it.
    pub exposures: Mutex<Option<Arc<crate::triage::Exposures>>>,
    /// What the overview counts, of one fleet version.
    pub summary: Mutex<Option<(u64, Arc<crate::overview::Summary>)>>,
    /// Missing facts by model, of one fleet version.
    pub facts: Mutex<Option<(u64, Arc<Vec<crate::findings::FactGroup>>)>>,
    /// Whom each advisory concerns, but for those that are stale.
    pub concerns: Mutex<Option<Arc<crate::untold::Concerns>>>,
    /// The advisories whose concerns have to be worked out again.
    pub stale: Mutex<crate::held::Stale>,
    /// How many commits changed anything that pages are worked out of.
    pub commits: std::sync::atomic::AtomicU64,
    /// How many groups are untold.
    pub glance: crate::held::Kept<crate::untold::UntoldGlance>,
    /// Everything that arrived, the untold first.
    pub arrivals: crate::held::Kept<Arc<Vec<crate::untold::Arrival>>>,
    /// The parts lists with what they come to.
    pub parts_lists: crate::held::Kept<Arc<Vec<crate::sboms::SbomLine>>>,
    /// How often what is known was read whole.
    pub read_known: std::sync::atomic::AtomicU64,
    /// Whether a sensor has begun to listen, or brought something, since that was last settled.
    pub sensors_begun: std::sync::atomic::AtomicBool,
    pub sensors_brought: std::sync::atomic::AtomicBool,
    /// The rules in force, with the house's own; dropped when those change.
    pub rules: Mutex<Option<Arc<Rules>>>,
    /// What devices teach of ports, and which hang on them.
    pub hung: Mutex<Option<crate::ports_taught::Hung>>,
    /// Sign-in and answer attempts.
    pub attempts: Mutex<crate::throttle::Throttle>,
}

/// Locks a mutex whose data stays sound even if a holder panicked.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl App {
    /// Puts the ports together. The alias table is the one shipped.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        mailer: Arc<dyn Mailer>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        site: Site,
    ) -> Self {
        Self {
            store,
            mailer,
            clock,
            entropy,
            pdf: Arc::new(NoPdf),
            site: Arc::new(site),
            aliases: Arc::new(Aliases::builtin()),
            base_rules: Arc::new(Rules::builtin()),
            tables: Arc::new(Tables::builtin()),
            state: Arc::default(),
            judges_with: env!("CARGO_PKG_VERSION").into(),
        }
    }

    /// Adds the house's own maker and model names (CSV as the shipped tables have it; empty for none).
    ///
    /// # Errors
    /// When a line of a table cannot be used.
    pub fn with_aliases(mut self, makers: &str, models: &str) -> Result<Self> {
        let mut aliases = Aliases::clone(&self.aliases);
        if !makers.is_empty() {
            aliases
                .extend_from_csv(makers)
                .map_err(|error| AppError::invalid("maker aliases", error.to_string()))?;
        }
        if !models.is_empty() {
            aliases
                .extend_models_from_csv(models)
                .map_err(|error| AppError::invalid("model aliases", error.to_string()))?;
        }
        self.aliases = Arc::new(aliases);
        let own = hex(&Sha256::digest(format!("{makers}\n{models}").as_bytes())[..8]);
        self.judges_with = format!("{} {own}", env!("CARGO_PKG_VERSION")).into();
        Ok(self)
    }

    /// With tables of classification besides the shipped ones: recog files, a newer registry of network cards.
    #[must_use]
    pub fn with_classification(mut self, tables: RuleTables) -> Self {
        self.base_rules = Arc::new(Rules::clone(&self.base_rules).with_classification(tables));
        self
    }

    /// With somebody who reads PDF files; without, their text is not read.
    #[must_use]
    pub fn with_pdf_reader(mut self, pdf: Arc<dyn PdfReader>) -> Self {
        self.pdf = pdf;
        self
    }

    /// What the installation was told about itself.
    #[must_use]
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// The store, for checks that stand outside the use cases (backup, audit verification).
    #[must_use]
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// What verdicts are reached with.
    pub(crate) fn judges_with(&self) -> &str {
        &self.judges_with
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// `bytes` of randomness as hexadecimal digits.
    pub(crate) fn random_hex(&self, bytes: usize) -> String {
        let mut buffer = vec![0u8; bytes];
        self.entropy.fill(&mut buffer);
        hex(&buffer)
    }

    /// One document, read.
    pub(crate) fn load<T: DeserializeOwned>(&self, kind: DocKind, id: &str) -> Result<Option<T>> {
        match self.store.get(kind, id)? {
            Some(row) => Ok(Some(parse(kind, &row.id, &row.body)?)),
            None => Ok(None),
        }
    }

    /// All documents of a noun in order of id, of one index value when given.
    pub(crate) fn load_all<T: DeserializeOwned>(&self, kind: DocKind, index: Option<&str>) -> Result<Vec<T>> {
        let rows = self.store.list(kind, &ListDocs { index, ..ListDocs::default() })?;
        rows.iter().map(|row| parse(kind, &row.id, &row.body)).collect()
    }

    /// An audit event at this moment.
    pub(crate) fn event(&self, who: &Who, action: &str, subject: impl Into<String>) -> AuditPut {
        AuditPut {
            at: self.now(),
            who: who.login.clone(),
            action: action.to_owned(),
            subject: subject.into(),
            before: String::new(),
            after: String::new(),
        }
    }
}

/// A document to write, unchecked against its revision.
pub(crate) fn doc<T: Serialize>(
    kind: DocKind,
    id: impl Into<String>,
    index: impl Into<String>,
    body: &T,
) -> DocPut {
    DocPut { kind, id: id.into(), index: index.into(), body: Some(json(body)), expected: None }
}

/// The removal of a document.
pub(crate) fn removal(kind: DocKind, id: impl Into<String>, index: impl Into<String>) -> DocPut {
    DocPut { kind, id: id.into(), index: index.into(), body: None, expected: None }
}

/// JSON of a value of ours.
pub(crate) fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("our own values have text keys and always serialise")
}

/// Reads a stored document.
pub(crate) fn parse<T: DeserializeOwned>(kind: DocKind, id: &str, body: &str) -> Result<T> {
    serde_json::from_str(body).map_err(|error| {
        StoreError::Corrupt { what: kind.code(), id: id.to_owned(), why: error.to_string() }.into()
    })
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
