//! Answers through a signed link.

use crate::App;
use crate::error::Result;
use crate::views::AnswerPage;

impl App {
    /// The page behind a link. Reading never acknowledges.
    pub fn answer_page(&self, token: &str) -> Result<AnswerPage> {
        todo!()
    }

    /// Records an answer. Repeating the same answer changes nothing.
    pub fn answer(&self, token: &str, answer: &str, initials: &str) -> Result<AnswerPage> {
        todo!()
    }
}
