//! Evidence pages: what one source says of one subject, and the links that join subjects.

use crate::fault::{Inner, corrupt, refused};
use rusqlite::{Connection, OptionalExtension, params};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use tallyward_app::change::EvidencePage;
use tallyward_core::{Episode, Evidence, Field, Key, Source, SourceKind};

/// How many subjects one question may reach, plus [`REACH_PER_KEY`] for each key asked for. Past that a shared
/// key has joined what it should not, or too much was asked at once; a part of a component would give wrong
/// devices, so it is an error and not a cut.
const REACH: usize = 50_000;
const REACH_PER_KEY: usize = 16;

/// A page as stored. Subject and source stand once, in its row; an episode stands once and statements refer to
/// it by its place, because a row of a list makes all its statements in one episode.
#[derive(Serialize, Deserialize)]
struct Body<'a> {
    #[serde(rename = "e")]
    episodes: Vec<Cow<'a, Episode>>,
    #[serde(rename = "s", borrow)]
    statements: Vec<Said<'a>>,
}

#[derive(Serialize, Deserialize)]
struct Said<'a> {
    #[serde(rename = "f")]
    field: Field,
    #[serde(rename = "v", borrow)]
    value: Cow<'a, str>,
    #[serde(rename = "b", borrow)]
    basis: Cow<'a, str>,
    #[serde(rename = "e")]
    episodes: Vec<u32>,
}

impl<'a> Body<'a> {
    fn of(statements: &'a [Evidence]) -> Self {
        let mut episodes = Vec::new();
        let mut places: FxHashMap<&Episode, u32> = FxHashMap::default();
        let mut place = |episode: &'a Episode| {
            *places.entry(episode).or_insert_with(|| {
                episodes.push(Cow::Borrowed(episode));
                u32::try_from(episodes.len() - 1).expect("fewer episodes than memory has room for")
            })
        };
        let statements = statements
            .iter()
            .map(|piece| Said {
                field: piece.field,
                value: Cow::Borrowed(&piece.value),
                basis: Cow::Borrowed(&piece.basis),
                episodes: piece.episodes.iter().map(&mut place).collect(),
            })
            .collect();
        Self { episodes, statements }
    }

    /// The statements, or `None` when one refers to an episode that is not there.
    fn statements(&self, subject: &Key, source: &Source) -> Option<Vec<Evidence>> {
        let episode = |place: &u32| self.episodes.get(*place as usize).map(|held| held.as_ref().clone());
        let evidence = |one: &Said<'_>| {
            Some(Evidence {
                subject: subject.clone(),
                field: one.field,
                value: one.value.clone().into_owned(),
                source: source.clone(),
                basis: one.basis.clone().into_owned(),
                episodes: one.episodes.iter().map(episode).collect::<Option<_>>()?,
            })
        };
        self.statements.iter().map(evidence).collect()
    }
}

/// Writes pages, each replacing the stored one together with its links.
pub fn write(work: &Connection, pages: &[EvidencePage]) -> Inner<()> {
    let mut sources = FxHashMap::default();
    for page in pages {
        let source = match sources.get(&page.source) {
            Some(id) => *id,
            None => {
                let id = source_id(work, &page.source)?;
                sources.insert(page.source.clone(), id);
                id
            }
        };
        write_page(work, page, source)?;
    }
    Ok(())
}

fn source_id(work: &Connection, source: &Source) -> Inner<i64> {
    work.prepare_cached("INSERT OR IGNORE INTO source (kind, name) VALUES (?1, ?2)")?
        .execute(params![source.kind.code(), source.name])?;
    Ok(work
        .prepare_cached("SELECT id FROM source WHERE kind = ?1 AND name = ?2")?
        .query_row(params![source.kind.code(), source.name], |row| row.get(0))?)
}

fn write_page(work: &Connection, page: &EvidencePage, source: i64) -> Inner<()> {
    let subject = page.subject.to_string();
    for piece in &page.statements {
        if piece.subject != page.subject || piece.source != page.source {
            return Err(refused(format!(
                "the evidence page of {subject} holds a statement about {} by {:?}",
                piece.subject, piece.source.name
            )));
        }
    }
    let mut unlink = work.prepare_cached("DELETE FROM link WHERE subject = ?1 AND source = ?2")?;
    if page.statements.is_empty() {
        work.prepare_cached("DELETE FROM evidence WHERE subject = ?1 AND source = ?2")?
            .execute(params![subject, source])?;
        unlink.execute(params![subject, source])?;
        return Ok(());
    }
    let body = Body::of(&page.statements);
    let body = serde_json::to_string(&body).map_err(|error| corrupt("evidence page", &subject, error))?;
    let replaced = work
        .prepare_cached("UPDATE evidence SET body = ?3 WHERE subject = ?1 AND source = ?2")?
        .execute(params![subject, source, body])?;
    if replaced == 0 {
        work.prepare_cached("INSERT INTO evidence (subject, source, body) VALUES (?1, ?2, ?3)")?
            .execute(params![subject, source, body])?;
    } else {
        unlink.execute(params![subject, source])?;
    }
    let mut link = work.prepare_cached("INSERT OR IGNORE INTO link VALUES (?1, ?2, ?3)")?;
    for other in page.links.iter().filter(|other| **other != page.subject) {
        link.execute(params![subject, source, other.to_string()])?;
    }
    Ok(())
}

/// All evidence of the components that hold any of `keys`, in order of subject and source.
pub fn component(view: &Connection, keys: &[Key]) -> Inner<Vec<Evidence>> {
    let mut evidence = Vec::new();
    let mut pages = view.prepare_cached(
        "SELECT kind, name, body FROM evidence JOIN source ON source.id = evidence.source
         WHERE subject = ?1 ORDER BY kind, name",
    )?;
    for subject in reached(view, keys)? {
        let mut rows = pages.query([&subject])?;
        let mut key = None;
        while let Some(row) = rows.next()? {
            let key = match &key {
                Some(key) => key,
                None => key.insert(read_key(&subject)?),
            };
            let source = Source { kind: read_kind(row.get_ref(0)?.as_str()?)?, name: row.get(1)? };
            let body = row.get_ref(2)?.as_str()?;
            let body: Body<'_> =
                serde_json::from_str(body).map_err(|error| corrupt("evidence page", &subject, error))?;
            let said = body.statements(key, &source);
            evidence.extend(said.ok_or_else(|| corrupt("evidence page", &subject, "an episode is missing"))?);
        }
    }
    Ok(evidence)
}

/// Every key the links lead to from `keys`, themselves included, in order.
fn reached(view: &Connection, keys: &[Key]) -> Inner<Vec<String>> {
    let bound = REACH.saturating_add(keys.len().saturating_mul(REACH_PER_KEY));
    let mut seen: FxHashSet<String> = FxHashSet::default();
    let mut open: Vec<String> = Vec::new();
    for key in keys {
        let key = key.to_string();
        if seen.insert(key.clone()) {
            open.push(key);
        }
    }
    let mut neighbours = view.prepare_cached(
        "SELECT other FROM link WHERE subject = ?1 UNION ALL SELECT subject FROM link WHERE other = ?1",
    )?;
    while let Some(key) = open.pop() {
        let mut rows = neighbours.query([&key])?;
        while let Some(row) = rows.next()? {
            let other = row.get_ref(0)?.as_str()?;
            if seen.contains(other) {
                continue;
            }
            if seen.len() >= bound {
                return Err(refused(format!(
                    "the evidence around {key} joins more than {bound} subjects: ask for fewer keys at once, or \
                     look for a key that many devices share"
                )));
            }
            seen.insert(other.to_owned());
            open.push(other.to_owned());
        }
    }
    let mut keys: Vec<String> = seen.into_iter().collect();
    keys.sort_unstable();
    Ok(keys)
}

/// Subjects that have evidence, in order of their canonical text.
pub fn subjects(view: &Connection, after: Option<&Key>, limit: u32) -> Inner<Vec<Key>> {
    let after = after.map(Key::to_string).unwrap_or_default();
    read_keys(
        &mut *view.prepare_cached(
            "SELECT DISTINCT subject FROM evidence WHERE subject > ?1 ORDER BY subject LIMIT ?2",
        )?,
        params![after, limit],
    )
}

/// Subjects that have evidence of this source, in order of their canonical text.
pub fn subjects_of_source(view: &Connection, source: &Source) -> Inner<Vec<Key>> {
    let id: Option<i64> = view
        .prepare_cached("SELECT id FROM source WHERE kind = ?1 AND name = ?2")?
        .query_row(params![source.kind.code(), source.name], |row| row.get(0))
        .optional()?;
    read_keys(
        &mut *view.prepare_cached("SELECT subject FROM evidence WHERE source = ?1 ORDER BY subject")?,
        params![id],
    )
}

fn read_keys(query: &mut rusqlite::Statement<'_>, values: impl rusqlite::Params) -> Inner<Vec<Key>> {
    let mut rows = query.query(values)?;
    let mut keys = Vec::new();
    while let Some(row) = rows.next()? {
        keys.push(read_key(row.get_ref(0)?.as_str()?)?);
    }
    Ok(keys)
}

fn read_key(text: &str) -> Inner<Key> {
    text.parse().map_err(|error| corrupt("key", text, error))
}

fn read_kind(code: &str) -> Inner<SourceKind> {
    serde_json::from_value(code.into()).map_err(|error| corrupt("source kind", code, error))
}
