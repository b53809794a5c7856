//! Which drafts there are, without what they say: what counts, lists of groups and refreshes ask of all of them.
//!
//! Key decision: a house has tens of thousands of drafts while their texts come to hundreds of megabytes, so the few
//! columns are read once, held in memory and brought up to date by every commit. The price: one pass over all drafts
//! after a start.

use crate::App;
use crate::app::{lock, parse};
use crate::change::{DocKind, DocPut};
use crate::error::Result;
use crate::ports::ListDocs;
use rustc_hash::FxHashMap;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tallyward_core::Tier;

/// Drafts read at once.
const PAGE: u32 = 500;

/// What is held of one draft.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Waiting {
    key: String,
    state: String,
    draft: About,
}

#[derive(Clone, Debug, Deserialize)]
struct About {
    advisory: String,
    tier: Tier,
}

/// Every draft on file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Drafts {
    by_id: BTreeMap<String, Waiting>,
    by_advisory: FxHashMap<String, BTreeSet<String>>,
    open_by_key: FxHashMap<String, BTreeSet<String>>,
}

impl Drafts {
    /// Ids of the drafts about an advisory, in any state.
    pub fn about(&self, advisory: &str) -> impl Iterator<Item = &str> {
        self.by_advisory.get(advisory).into_iter().flatten().map(String::as_str)
    }

    /// The advisories that drafts are about.
    pub fn advisories(&self) -> impl Iterator<Item = &String> {
        self.by_advisory.keys()
    }

    /// The draft that waits with this key.
    pub fn open_with(&self, key: &str) -> Option<&str> {
        self.open_by_key.get(key)?.last().map(String::as_str)
    }

    /// Tiers of the drafts that wait.
    pub fn open_tiers(&self) -> impl Iterator<Item = Tier> {
        self.by_id.values().filter(|one| one.state == "open").map(|one| one.draft.tier)
    }

    fn note(&mut self, id: &str, now: Option<Waiting>) {
        if let Some(was) = self.by_id.remove(id) {
            take_off(&mut self.by_advisory, &was.draft.advisory, id);
            take_off(&mut self.open_by_key, &was.key, id);
        }
        let Some(now) = now else { return };
        self.by_advisory.entry(now.draft.advisory.clone()).or_default().insert(id.to_owned());
        if now.state == "open" {
            self.open_by_key.entry(now.key.clone()).or_default().insert(id.to_owned());
        }
        self.by_id.insert(id.to_owned(), now);
    }
}

fn take_off(ids: &mut FxHashMap<String, BTreeSet<String>>, under: &str, id: &str) {
    if let Some(held) = ids.get_mut(under) {
        held.remove(id);
        if held.is_empty() {
            ids.remove(under);
        }
    }
}

/// What a change says of drafts, to be noted once it is committed.
pub(crate) fn of_change(docs: &[DocPut]) -> Result<Vec<(String, Option<Waiting>)>> {
    let drafts = docs.iter().filter(|put| put.kind == DocKind::Draft);
    let read = |put: &DocPut| {
        let body = put.body.as_deref();
        let now = body.map(|body| parse(DocKind::Draft, &put.id, body)).transpose()?;
        Ok((put.id.clone(), now))
    };
    drafts.map(read).collect()
}

impl App {
    /// Every draft on file.
    pub(crate) fn drafts_on_file(&self) -> Result<Arc<Drafts>> {
        let mut held = lock(&self.state.drafts);
        if let Some(held) = held.as_ref() {
            return Ok(Arc::clone(held));
        }
        let mut drafts = Drafts::default();
        let mut after: Option<String> = None;
        loop {
            let which = ListDocs { after: after.as_deref(), limit: Some(PAGE), ..ListDocs::default() };
            let rows = self.store.list(DocKind::Draft, &which)?;
            let Some(last) = rows.last() else { break };
            after = Some(last.id.clone());
            for row in &rows {
                drafts.note(&row.id, Some(parse(DocKind::Draft, &row.id, &row.body)?));
            }
        }
        let drafts = Arc::new(drafts);
        *held = Some(Arc::clone(&drafts));
        Ok(drafts)
    }

    /// Brings what is held to the state after a commit. Drafts change under one lock, so the last to tell is the last
    /// that was committed.
    pub(crate) fn note_drafts(&self, changed: Vec<(String, Option<Waiting>)>) {
        let mut held = lock(&self.state.drafts);
        let Some(drafts) = held.as_mut().filter(|_| !changed.is_empty()) else { return };
        let drafts = Arc::make_mut(drafts);
        for (id, now) in changed {
            drafts.note(&id, now);
        }
    }
}
