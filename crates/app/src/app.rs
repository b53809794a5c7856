//! The use cases' common ground.

use crate::ports::{Clock, Entropy, Mailer, Store};
use crate::site::Site;
use std::sync::Arc;

/// The application: ports and settings, shared by every use case. Cheap to clone.
#[derive(Clone)]
pub struct App {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) mailer: Arc<dyn Mailer>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) site: Arc<Site>,
}
