//! What people do with a document: comment on it, mark it as read, remove it.

use crate::App;
use crate::app::{doc, lock, removal};
use crate::change::{ChangeSet, DocKind};
use crate::error::{AppError, Result};
use crate::notice::drafts::is_open;
use crate::notice::stored::StoredNotice;
use crate::views::{CommentLine, Moment};
use crate::who::Who;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use tallyward_core::Timestamp;

/// Longest comment kept, in characters.
const LONGEST: usize = 4_000;

/// A comment on a document, or the mark that somebody read it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Remark {
    Comment { by: String, at: Timestamp, text: String },
    Read { by: String, at: Timestamp, hash: String },
}

impl App {
    /// Adds a comment to an advisory.
    ///
    /// # Errors
    /// When a reader asks, the advisory is not on file, or the text is empty or too long.
    pub fn comment_advisory(&self, who: &Who, id: &str, text: &str) -> Result<()> {
        if !who.role.may_write() {
            return Err(AppError::Refused("a reader cannot comment".to_owned()));
        }
        let text = text.trim();
        if text.is_empty() || text.chars().count() > LONGEST {
            return Err(AppError::invalid("text", format!("write 1 to {LONGEST} characters")));
        }
        self.stored_advisory(id)?;
        let remark = Remark::Comment { by: who.name.clone(), at: self.now(), text: text.to_owned() };
        let key = format!("{id}|{:020}|{}", self.now().micros().max(0), self.random_hex(4));
        let event = self.event(who, "advisory.comment", format!("advisory {id}"));
        self.commit(ChangeSet {
            docs: vec![doc(DocKind::Comment, key, id, &remark)],
            audit: vec![event],
            ..ChangeSet::default()
        })?;
        Ok(())
    }

    /// Marks an advisory as read by this person, in the revision on file; a later revision is unread again. Also
    /// takes the mark back.
    ///
    /// # Errors
    /// When a reader asks, who changes nothing, or the advisory is not on file.
    pub fn mark_read(&self, who: &Who, id: &str, read: bool) -> Result<()> {
        if !who.role.may_write() {
            return Err(AppError::Refused("a reader marks nothing".to_owned()));
        }
        let held = self.stored_advisory(id)?;
        let key = format!("{id}|read|{}", who.login);
        let put = if read {
            let hash = held.advisory.hash;
            doc(DocKind::Comment, key, id, &Remark::Read { by: who.login.clone(), at: self.now(), hash })
        } else {
            removal(DocKind::Comment, key, id)
        };
        let event =
            self.event(who, if read { "advisory.read" } else { "advisory.unread" }, format!("advisory {id}"));
        self.commit(ChangeSet { docs: vec![put], audit: vec![event], ..ChangeSet::default() })?;
        Ok(())
    }

    /// The comments on an advisory, oldest first, and who has read the revision with this hash.
    pub(crate) fn remarks(&self, id: &str, hash: &str) -> Result<(Vec<CommentLine>, Vec<String>)> {
        let (mut comments, mut readers) = (Vec::new(), Vec::new());
        for remark in self.load_all(DocKind::Comment, Some(id))? {
            match remark {
                Remark::Comment { by, at, text } => comments.push(CommentLine { by, at: Moment(at), text }),
                Remark::Read { by, hash: of, .. } if of == hash => readers.push(by),
                Remark::Read { .. } => {}
            }
        }
        comments.sort_by_key(|comment| comment.at);
        Ok((comments, readers))
    }

    /// Hashes of the documents this person has read, by advisory id.
    pub(crate) fn read_by(&self, login: &str) -> Result<BTreeMap<String, String>> {
        let mut read = BTreeMap::new();
        for row in self.store.list(DocKind::Comment, &crate::ports::ListDocs::default())? {
            if let Remark::Read { by, hash, .. } = crate::app::parse(DocKind::Comment, &row.id, &row.body)?
                && by == login
            {
                read.insert(row.index, hash);
            }
        }
        Ok(read)
    }

    /// Takes an advisory off the file, with its verdicts. Its last revision is kept among the earlier ones, so that
    /// notices and the audit log still lead somewhere.
    ///
    /// # Errors
    /// When a reader asks, no reason is given, a notice about it is still open, or somebody it concerns is untold.
    pub fn remove_advisory(&self, who: &Who, id: &str, why: &str) -> Result<()> {
        if !who.role.may_write() {
            return Err(AppError::Refused("a reader cannot remove an advisory".to_owned()));
        }
        let why = why.trim();
        if why.chars().count() < 5 {
            return Err(AppError::invalid("why", "say in a few words why it is removed"));
        }
        let running: Vec<StoredNotice> = self.load_all(DocKind::Notice, Some("open"))?;
        if let Some(open) = running.iter().find(|one| one.draft.advisory == id && is_open(one)) {
            return Err(AppError::Refused(format!(
                "notice {} about it is still open; stand it down first",
                open.id
            )));
        }
        if let Some(open) = self.advisory_kept_open_by(id)? {
            return Err(AppError::Refused(format!(
                "{open}; tell them, or sign why not, on the page of the untold"
            )));
        }
        let writing = lock(&self.state.fleet);
        let held = self.stored_advisory(id)?;
        let mut event = self.event(who, "advisory.remove", format!("advisory {id}"));
        event.before = format!("revision {} {}", held.advisory.revision, held.advisory.hash);
        event.after = why.to_owned();
        let touched = BTreeSet::from([id.to_owned()]);
        let docs = vec![crate::advisories::revision_put(&held), removal(DocKind::Advisory, id, "")];
        let cause = format!("{} removed {id}: {why}", who.name);
        self.commit_and_judge(writing, docs, event, &touched, &cause).map(|_| ())
    }
}
