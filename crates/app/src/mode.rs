//! Shadow mode and what must be signed before anything leaves.

use crate::App;
use crate::Who;
use crate::error::Result;
use crate::views::Mode;

impl App {
    /// Whether anything may leave, and what is missing.
    pub fn mode(&self) -> Result<Mode> {
        todo!()
    }

    /// Signs the present version of `tables`, `contacts` or `templates`.
    pub fn sign_off(&self, who: &Who, what: &str) -> Result<()> {
        todo!()
    }

    /// Leaves shadow mode; refused while a sign-off is missing.
    pub fn go_live(&self, who: &Who) -> Result<()> {
        todo!()
    }

    /// Returns to shadow mode at once.
    pub fn go_shadow(&self, who: &Who) -> Result<()> {
        todo!()
    }

    /// The tables that drafts rest on: name, version, source, CSV text.
    pub fn tables(&self) -> Result<Vec<(String, String, String, String)>> {
        todo!()
    }
}
