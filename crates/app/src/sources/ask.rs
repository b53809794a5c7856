//! Runs that a person asks for; the one who fetches takes them up.

use super::health::SourceLine;
use super::source::administrator;
use crate::App;
use crate::app::{State, lock};
use crate::change::ChangeSet;
use crate::error::Result;
use crate::who::Who;
use serde::Serialize;

/// What goes on with a source at present.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Doing {
    /// Nothing.
    Nothing,
    /// A run was asked for and has not begun.
    Asked,
    /// A run goes on.
    Running,
}

impl App {
    /// The sources by name with their health and what goes on with each.
    pub fn source_lines(&self) -> Result<Vec<SourceLine>> {
        let (running, asked) = (lock(&self.state.fetched).clone(), lock(&self.state.asked).clone());
        let doing = |name: &str| match running.as_deref() {
            Some(now) if now == name => Doing::Running,
            _ if asked.contains(name) => Doing::Asked,
            _ => Doing::Nothing,
        };
        let now = self.now();
        let line = |source: super::Source| {
            let doing = doing(&source.name);
            source.line(now, doing)
        };
        Ok(self.sources()?.into_iter().map(line).collect())
    }

    /// Asks for a run over a source. It does not wait for it; asking again before it begins changes nothing.
    pub fn ask_sync(&self, who: &Who, name: &str) -> Result<()> {
        administrator(who)?;
        let source = self.source(name)?;
        if !lock(&self.state.asked).insert(source.name) {
            return Ok(());
        }
        let event = self.event(who, "source.ask", format!("source {name}"));
        self.commit(ChangeSet { audit: vec![event], ..ChangeSet::default() })?;
        Ok(())
    }

    /// The sources a run was asked for, for the one who fetches: each is answered once.
    #[must_use]
    pub fn take_asked(&self) -> Vec<String> {
        std::mem::take(&mut *lock(&self.state.asked)).into_iter().collect()
    }
}

/// Says which source is fetched for as long as it lives.
pub(super) struct Fetching<'a>(&'a State);

impl<'a> Fetching<'a> {
    pub(super) fn of(state: &'a State, name: &str) -> Self {
        *lock(&state.fetched) = Some(name.to_owned());
        Self(state)
    }
}

impl Drop for Fetching<'_> {
    fn drop(&mut self) {
        *lock(&self.0.fetched) = None;
    }
}
