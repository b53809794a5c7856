//! Signing why somebody is not told, closing, opening again; saying what a letter is about.

use super::list::mark;
use super::{Arrival, ArrivalKind, SignedLine, StoredSignature, StoredTelling, telling_id};
use crate::App;
use crate::app::{doc, lock, parse};
use crate::change::{AuditPut, ChangeSet, DocKind, DocPut};
use crate::error::{AppError, Result};
use crate::notice::drafts::leads_only;
use crate::who::Who;
use crate::written::WrittenState;

/// Letters a reason has at least.
const SHORTEST: usize = 5;
/// Letters a reason may have.
const LONGEST: usize = 2_000;
/// Groups named in a refusal.
const NAMED: usize = 5;

impl App {
    /// A named lead signs why groups are not told of an advisory: `(key, mark)` of each as they saw it. It covers the
    /// devices there are now; others that come later are untold again. Refused when they are not those seen.
    pub fn sign_untold(
        &self,
        who: &Who,
        advisory: &str,
        groups: &[(String, String)],
        because: &str,
    ) -> Result<()> {
        leads_only(who, "sign why somebody is not told")?;
        let because = reason(because)?;
        if groups.is_empty() {
            return Err(AppError::invalid("group", "choose whom it is about"));
        }
        self.stored_advisory(advisory)?;
        let _writing = lock(&self.state.desk);
        let coverage = self.coverage(advisory)?;
        let (mut telling, revision) = self.telling(ArrivalKind::Advisory, advisory)?;
        let signed = SignedLine::of(who, self.now(), because);
        for (key, seen) in groups {
            let devices =
                coverage.get(key).ok_or_else(|| AppError::not_found("group of operators", key.clone()))?;
            if mark(devices) != *seen {
                return Err(AppError::Conflict);
            }
            telling.signatures.push(StoredSignature {
                key: key.clone(),
                devices: devices.clone(),
                signed: signed.clone(),
            });
        }
        let mut event = self.event(who, "untold.sign", format!("advisory {advisory}"));
        let keys: Vec<&str> = groups.iter().map(|(key, _)| key.as_str()).collect();
        event.after = format!("{because}\n{}", keys.join("\n"));
        self.keep_telling(ArrivalKind::Advisory, advisory, &telling, revision, event)
    }

    /// Closes what arrived, under a person's name. Refused, saying who, as long as somebody concerned is untold. A
    /// letter of which nobody said what it is about is closed with a reason only.
    pub fn close_arrival(&self, who: &Who, kind: ArrivalKind, id: &str, because: &str) -> Result<()> {
        named(who, "close it")?;
        let because = because.trim();
        if because.chars().count() > LONGEST {
            return Err(AppError::invalid("because", format!("at most {LONGEST} letters")));
        }
        let _writing = lock(&self.state.desk);
        let arrivals = self.arrivals()?;
        let arrival = find(&arrivals, kind, id).ok_or_else(|| AppError::not_found(kind.code(), id))?;
        if let Some(why) = self.kept_open_by(&arrivals, arrival)? {
            return Err(AppError::Refused(why));
        }
        if kind == ArrivalKind::Letter && arrival.advisories.is_empty() {
            reason(because)?;
        }
        let (mut telling, revision) = self.telling(kind, id)?;
        telling.closed = Some(SignedLine::of(who, self.now(), because));
        let mut event = self.event(who, "arrival.close", telling_id(kind, id));
        event.after = because.to_owned();
        self.keep_telling(kind, id, &telling, revision, event)
    }

    /// Opens it again.
    pub fn reopen_arrival(&self, who: &Who, kind: ArrivalKind, id: &str) -> Result<()> {
        named(who, "open it again")?;
        let _writing = lock(&self.state.desk);
        let (mut telling, revision) = self.telling(kind, id)?;
        if telling.closed.take().is_none() {
            return Err(AppError::Refused("it is not closed".to_owned()));
        }
        let event = self.event(who, "arrival.reopen", telling_id(kind, id));
        self.keep_telling(kind, id, &telling, revision, event)
    }

    /// Why an advisory may not leave the file yet, saying who is untold; nothing when everybody was told.
    pub(crate) fn advisory_kept_open_by(&self, id: &str) -> Result<Option<String>> {
        let arrivals = self.arrivals()?;
        match find(&arrivals, ArrivalKind::Advisory, id) {
            Some(arrival) => self.kept_open_by(&arrivals, arrival),
            None => Ok(None),
        }
    }

    /// Why it cannot be closed, in a sentence that says who is untold; nothing when it can.
    fn kept_open_by(&self, arrivals: &[Arrival], arrival: &Arrival) -> Result<Option<String>> {
        let waiting = |advisory: &Arrival| -> Vec<String> {
            let waits = advisory.groups.iter().filter(|group| group.telling.waits());
            waits.map(|group| format!("{} ({})", group.name(), group.telling.plain())).collect()
        };
        let mut names = waiting(arrival);
        for id in &arrival.advisories {
            names.extend(find(arrivals, ArrivalKind::Advisory, id).into_iter().flat_map(waiting));
        }
        if arrival.kind == ArrivalKind::Letter {
            let writing = self.written_of(&arrival.id)?;
            let open = writing.iter().filter(|one| one.state != WrittenState::Released);
            names.extend(open.map(|one| format!("{}, which {}", one.id, one.state.told())));
        }
        if names.is_empty() {
            return Ok(None);
        }
        let more = names.len().saturating_sub(NAMED);
        names.truncate(NAMED);
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        Ok(Some(format!("it cannot be closed while these wait: {}{more}", names.join("; "))))
    }

    /// Says that a letter is about an advisory on file, or takes that back.
    pub fn letter_about(&self, who: &Who, letter: &str, advisory: &str, is: bool) -> Result<()> {
        named(who, "say what a letter is about")?;
        let _writing = lock(&self.state.desk);
        let mut held = self.stored_letter(letter)?;
        if is {
            if self.store.get(DocKind::Advisory, advisory)?.is_none() {
                let why = format!("there is no advisory {advisory:?} on file");
                return Err(AppError::invalid("advisory", why));
            }
            held.advisories.insert(advisory.to_owned());
        } else if !held.advisories.remove(advisory) {
            let why = format!("nobody said that it is about {advisory:?}");
            return Err(AppError::invalid("advisory", why));
        }
        let mut event = self.event(who, "letter.about", format!("letter {letter}"));
        event.after = format!("{} {advisory}", if is { "is about" } else { "is not about" });
        self.commit(ChangeSet {
            docs: vec![doc(DocKind::Letter, letter, "", &held)],
            audit: vec![event],
            ..ChangeSet::default()
        })?;
        Ok(())
    }

    fn telling(&self, kind: ArrivalKind, id: &str) -> Result<(StoredTelling, u64)> {
        match self.store.get(DocKind::Telling, &telling_id(kind, id))? {
            Some(row) => Ok((parse(DocKind::Telling, &row.id, &row.body)?, row.revision)),
            None => Ok((StoredTelling::default(), 0)),
        }
    }

    fn keep_telling(
        &self,
        kind: ArrivalKind,
        id: &str,
        telling: &StoredTelling,
        revision: u64,
        event: AuditPut,
    ) -> Result<()> {
        let put = doc(DocKind::Telling, telling_id(kind, id), kind.code(), telling);
        self.commit(ChangeSet {
            docs: vec![DocPut { expected: Some(revision), ..put }],
            audit: vec![event],
            ..ChangeSet::default()
        })?;
        Ok(())
    }
}

fn find<'a>(arrivals: &'a [Arrival], kind: ArrivalKind, id: &str) -> Option<&'a Arrival> {
    arrivals.iter().find(|one| one.kind == kind && one.id == id)
}

fn reason(text: &str) -> Result<&str> {
    let text = text.trim();
    match text.chars().count() {
        count if count < SHORTEST => {
            Err(AppError::invalid("because", "say why, so that the next person can follow it"))
        }
        count if count > LONGEST => Err(AppError::invalid("because", format!("at most {LONGEST} letters"))),
        _ => Ok(text),
    }
}

/// A named person who may write; the program closes nothing.
fn named(who: &Who, what: &str) -> Result<()> {
    if who.role.may_write() && who.login != Who::program().login {
        Ok(())
    } else {
        Err(AppError::Refused(format!("only a named lead or administrator can {what}")))
    }
}
