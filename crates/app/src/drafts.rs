//! Drafts: worked out by the software, waiting for a person.

use crate::App;
use crate::Who;
use crate::error::Result;
use crate::views::{DraftEdit, DraftLine, DraftPage};

impl App {
    /// Works out drafts from the present findings: new ones, corrections and stand-downs of released ones. Answers how many changed.
    pub fn refresh_drafts(&self) -> Result<usize> {
        todo!()
    }

    /// Drafts waiting, most urgent first.
    pub fn drafts(&self) -> Result<Vec<DraftLine>> {
        todo!()
    }

    /// One draft with its devices, recipients and lints.
    pub fn draft(&self, id: &str) -> Result<DraftPage> {
        todo!()
    }

    /// Changes a draft; the text is worked out anew and linted.
    pub fn edit_draft(&self, who: &Who, id: &str, edit: &DraftEdit) -> Result<()> {
        todo!()
    }

    /// Sets a draft aside with a reason; it comes back only when the devices or the advisory change.
    pub fn discard_draft(&self, who: &Who, id: &str, reason: &str) -> Result<()> {
        todo!()
    }

    /// Releases a draft under the person's name: the notice and its deliveries are committed before anything leaves. Answers the notice id. Refused in shadow mode, to other roles than lead, and while a lint blocks.
    pub fn release(&self, who: &Who, id: &str) -> Result<String> {
        todo!()
    }
}
