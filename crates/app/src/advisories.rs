//! Advisories taken in and shown.

use crate::error::Result;
use crate::App;
use crate::views::{AdvisoryIntake, AdvisoryLine, AdvisoryPage};
use crate::Who;

impl App {
    /// Takes in CSAF files: `(name, bytes)`. A damaged file is reported with its place and the rest goes on; an unchanged one does nothing.
    pub fn import_advisories(&self, who: &Who, files: Vec<(String, Vec<u8>)>) -> Result<AdvisoryIntake> {
        todo!()
    }

    /// Advisories on file, newest first.
    pub fn advisories(&self) -> Result<Vec<AdvisoryLine>> {
        todo!()
    }

    /// One advisory.
    pub fn advisory(&self, id: &str) -> Result<AdvisoryPage> {
        todo!()
    }

    /// Records whether an advisory's product and a model here are the same. Answers how many configurations were judged anew.
    pub fn decide_product(&self, who: &Who, vendor: &str, product: &str, maker: &str, model: &str, same: bool) -> Result<usize> {
        todo!()
    }
}
