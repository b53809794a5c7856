//! Notices: released, sent, answered, ended.

use crate::App;
use crate::Who;
use crate::error::Result;
use crate::views::{NoticeLine, NoticePage};

impl App {
    /// Notices, open ones first.
    pub fn notices(&self) -> Result<Vec<NoticeLine>> {
        todo!()
    }

    /// One notice with deliveries, answers and clocks.
    pub fn notice(&self, id: &str) -> Result<NoticePage> {
        todo!()
    }

    /// Ends a notice: the same people are told. Answers the id of the stand-down notice.
    pub fn stand_down(&self, who: &Who, id: &str, text: &str) -> Result<String> {
        todo!()
    }

    /// Mends a notice: the same people are told. Answers the id of the correction.
    pub fn correct(&self, who: &Who, id: &str, text: &str) -> Result<String> {
        todo!()
    }

    /// Records an answer given by a signed-in person.
    pub fn answer_signed_in(&self, who: &Who, id: &str, answer: &str) -> Result<()> {
        todo!()
    }

    /// Sends what is queued and fires reminders and escalations that are due. Nothing in shadow mode. Answers how many attempts were made.
    pub fn send_due(&self) -> Result<usize> {
        todo!()
    }
}

impl App {
    /// Devices named by notices that still wait for somebody to act, with the notices' ids.
    pub(crate) fn open_actions(
        &self,
    ) -> Result<std::collections::BTreeMap<tallyward_core::DeviceId, Vec<String>>> {
        Ok(std::collections::BTreeMap::new())
    }

    /// What notices did to a device, for its timeline.
    pub(crate) fn notices_naming(
        &self,
        _id: tallyward_core::DeviceId,
    ) -> Result<Vec<crate::views::Happening>> {
        Ok(Vec::new())
    }
}
