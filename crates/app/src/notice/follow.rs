//! Ending and mending a notice: the same people are told.

use crate::App;
use crate::app::lock;
use crate::change::ChangeSet;
use crate::error::{AppError, Result};
use crate::notice::drafting::Follow;
use crate::notice::drafts::leads_only;
use crate::notice::stored::StoredDraft;
use crate::who::Who;

impl App {
    /// Ends a notice: the same people are told. Answers the id of the stand-down notice.
    pub fn stand_down(&self, who: &Who, id: &str, text: &str) -> Result<String> {
        self.follow(who, id, text, |text| Follow::StandDown { because: text })
    }

    /// Mends a notice: the same people are told. Answers the id of the correction.
    pub fn correct(&self, who: &Who, id: &str, text: &str) -> Result<String> {
        self.follow(who, id, text, |text| Follow::Mended { wrong: text })
    }

    fn follow<'a>(
        &self,
        who: &Who,
        id: &str,
        text: &'a str,
        make: impl FnOnce(&'a str) -> Follow<'a>,
    ) -> Result<String> {
        leads_only(who, "end or mend a notice")?;
        let text = text.trim();
        if text.chars().count() < 5 {
            return Err(AppError::invalid("text", "say in a few plain words what has changed"));
        }
        let writing = lock(&self.state.desk);
        let notice = self.stored_notice(id)?;
        if !notice.followed_by.is_empty() {
            return Err(AppError::Refused(format!("{id} was already followed by {}", notice.followed_by)));
        }
        let advisory = self.corrected_advisory(&notice.draft.advisory)?;
        let draft = self.follow_text(&self.desk()?, &advisory, &notice, &make(text))?;
        let released = self.released(who, &draft)?;
        let stored = StoredDraft { state: "released".to_owned(), ..self.follow_draft(&notice, draft) };
        let mut change = ChangeSet::default();
        let new = self.make_notice(&stored, &released, who, &mut change)?;
        self.commit(change)?;
        drop(writing);
        self.refresh_drafts()?;
        Ok(new)
    }
}
