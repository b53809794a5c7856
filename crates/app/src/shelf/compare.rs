//! Two revisions of one document, held against each other.

use crate::App;
use crate::advisories::StoredAdvisory;
use crate::change::DocKind;
use crate::error::{AppError, Result};
use crate::views::{Comparison, Moment, RevisionLine};
use tallyward_advisories::changes;

impl App {
    /// What the revision with hash `to` says otherwise than the one with hash `from`; without `to` the one on file.
    ///
    /// # Errors
    /// When no such revision is kept.
    pub fn compare_revisions(&self, id: &str, from: &str, to: Option<&str>) -> Result<Comparison> {
        let mut kept: Vec<StoredAdvisory> = self.load_all(DocKind::Revision, Some(id))?;
        let newest: Option<StoredAdvisory> = self.load(DocKind::Advisory, id)?;
        let wanted = to.map(str::to_owned).or_else(|| newest.as_ref().map(|one| one.advisory.hash.clone()));
        kept.extend(newest);
        let of = |hash: &str| {
            kept.iter()
                .find(|one| one.advisory.hash == hash)
                .ok_or_else(|| AppError::not_found("revision", format!("{id} {hash}")))
        };
        let old = of(from)?;
        let new = of(wanted.as_deref().unwrap_or_default())?;
        Ok(Comparison {
            id: id.to_owned(),
            old: revision_line(old),
            new: revision_line(new),
            changes: changes(&old.advisory, &new.advisory),
        })
    }
}

/// A kept revision as it is listed.
pub(crate) fn revision_line(held: &StoredAdvisory) -> RevisionLine {
    RevisionLine {
        revision: held.advisory.revision.clone(),
        revised: held.advisory.revised.map(Moment),
        received: Moment(held.received),
        hash: held.advisory.hash.clone(),
        changes: held.changes.clone(),
    }
}
