//! What every handler shares.

use crate::fault::Fault;
use crate::when::Zone;
use std::sync::Arc;
use tallyward_app::App;
use tokio::sync::Semaphore;

/// How a console is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConsoleOptions {
    /// The console is reached over HTTPS: the session cookie is `Secure` and carries the `__Host-` prefix
    /// (RFC 6265bis section 4.1.3.2).
    pub secure_cookies: bool,
    /// Answer pages are served here too; `false` when they have a listener of their own.
    pub answers_here: bool,
}

/// Uploads held in memory at the same time; each is at most [`crate::upload::LIMIT`] bytes.
const UPLOADS_AT_ONCE: usize = 2;

/// What every handler shares: the use cases, the options, the site's time zone. Cheap to clone.
#[derive(Clone)]
pub struct Console {
    pub(crate) app: App,
    pub(crate) options: ConsoleOptions,
    pub(crate) zone: Zone,
    pub(crate) uploads: Arc<Semaphore>,
}

impl Console {
    /// A console over the use cases of `app`.
    #[must_use]
    pub fn new(app: App, options: ConsoleOptions) -> Self {
        let zone = Zone::named(&app.site().time_zone);
        Self { app, options, zone, uploads: Arc::new(Semaphore::new(UPLOADS_AT_ONCE)) }
    }

    /// Runs a use case on a thread that may block.
    pub(crate) async fn call<T, F>(&self, work: F) -> Result<T, Fault>
    where
        F: FnOnce(&App) -> tallyward_app::error::Result<T> + Send + 'static,
        T: Send + 'static,
    {
        let app = self.app.clone();
        match tokio::task::spawn_blocking(move || work(&app)).await {
            Ok(outcome) => outcome.map_err(Fault::App),
            Err(_) => Err(Fault::Defect),
        }
    }
}
