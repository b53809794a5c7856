//! From evidence to what its sources say now.

use super::judged::Judged;
use super::links::{is_junk_key, other_key};
use rustc_hash::FxHashMap;
use std::cmp::Ordering;
use tallyward_core::{Episode, Evidence, Field, Key, SourceKind, Timestamp};

/// No key.
pub(super) const NONE: u32 = u32::MAX;

/// When a statement was made, over the episodes that count.
#[derive(Clone, Copy)]
pub(super) struct Span<'a> {
    /// First moment.
    pub(super) first: Timestamp,
    /// Last moment.
    pub(super) last: Timestamp,
    /// First moment of the newest episode.
    newest: Timestamp,
    /// For a list, when the value came to stand where it stands; else `last`.
    pub(super) since: Timestamp,
    /// When it was first written down.
    pub(super) recorded_at: Timestamp,
    /// How often it was made.
    pub(super) count: u64,
    /// Where in the newest ingest.
    pub(super) place: &'a str,
}

/// One statement that counts at the time asked for.
#[derive(Clone, Copy)]
pub(super) struct Claim<'a> {
    /// The statement.
    pub(super) said: &'a Evidence,
    /// Number of its subject.
    pub(super) subject: u32,
    /// Number of the key on the other side of an identity statement, else [`NONE`].
    pub(super) other: u32,
    /// When.
    pub(super) span: Span<'a>,
    /// Its own source has said otherwise since.
    pub(super) history: bool,
}

/// Keys by number, and the statements that count, in order of their subject's number.
pub(super) struct Claims<'a> {
    pub(super) keys: Vec<&'a Key>,
    pub(super) numbers: FxHashMap<&'a Key, u32>,
    pub(super) list: Vec<Claim<'a>>,
    /// Where the claims of a subject begin in `list`; one entry more than there are keys.
    pub(super) starts: Vec<u32>,
}

/// The evidence holds one statement twice, or episodes out of order: it must be normalised first.
pub(super) struct NotNormal;

/// The far ends of the identity statements, by their index in the evidence.
pub(super) fn far_ends(evidence: &[Evidence]) -> Vec<(u32, Key)> {
    let ends = evidence.iter().enumerate().filter(|(_, piece)| piece.field == Field::Key);
    ends.filter_map(|(at, piece)| Some((at as u32, other_key(piece)?))).collect()
}

impl<'a> Claims<'a> {
    /// Reads what counts at `as_of`.
    pub(super) fn read(
        evidence: &'a [Evidence],
        far_ends: &'a [(u32, Key)],
        judged: &Judged<'a>,
        as_of: Timestamp,
    ) -> Result<Self, NotNormal> {
        let mut claims =
            Self { keys: Vec::new(), numbers: FxHashMap::default(), list: Vec::new(), starts: Vec::new() };
        let spoken = claims.number(evidence, far_ends);
        for (a, b, _) in &judged.merges {
            claims.intern(a);
            claims.intern(b);
        }
        let order = claims.by_subject(&spoken);
        let counts =
            |episode: &Episode| episode.recorded_at <= as_of && !judged.retracted.contains(&episode.ingest);
        claims.list.reserve_exact(spoken.len());
        let (mut from, ends) = (0, std::mem::take(&mut claims.starts));
        for subject in 0..claims.keys.len() as u32 {
            claims.starts.push(claims.list.len() as u32);
            let to = ends[subject as usize] as usize;
            let said = order[from..to].iter().map(|at| spoken[*at as usize]);
            claims.take_subject(said, subject, evidence, &counts)?;
            from = to;
        }
        claims.starts.push(claims.list.len() as u32);
        Ok(claims)
    }

    /// The claims whose subject is the key of this number.
    pub(super) fn of(&self, key: u32) -> &[Claim<'a>] {
        let at = key as usize;
        &self.list[self.starts[at] as usize..self.starts[at + 1] as usize]
    }

    /// The number of `key`, given now when it has none.
    pub(super) fn intern(&mut self, key: &'a Key) -> u32 {
        *self.numbers.entry(key).or_insert_with(|| {
            self.keys.push(key);
            (self.keys.len() - 1) as u32
        })
    }

    /// Numbers the keys and keeps what says anything, as (index of the evidence, subject, other key).
    fn number(&mut self, evidence: &'a [Evidence], far_ends: &'a [(u32, Key)]) -> Vec<(u32, u32, u32)> {
        let mut spoken = Vec::with_capacity(evidence.len());
        let mut ends = far_ends.iter().peekable();
        let mut last: Option<(&Key, u32)> = None;
        for (at, piece) in evidence.iter().enumerate() {
            let end = ends.next_if(|(end, _)| *end as usize == at);
            let silent =
                if piece.field == Field::Key { end.is_none() } else { piece.value.trim().is_empty() };
            if silent {
                continue;
            }
            // Statements about one subject usually stand together.
            let subject = match last {
                Some((key, number)) if *key == piece.subject => number,
                _ if is_junk_key(&piece.subject) => NONE,
                _ => self.intern(&piece.subject),
            };
            last = Some((&piece.subject, subject));
            if subject == NONE {
                continue;
            }
            let other = end.map_or(NONE, |(_, key)| self.intern(key));
            spoken.push((at as u32, subject, other));
        }
        spoken
    }

    /// Indices of `spoken` in order of subject; leaves in `starts` where each subject's run ends.
    fn by_subject(&mut self, spoken: &[(u32, u32, u32)]) -> Vec<u32> {
        let mut ends = vec![0u32; self.keys.len() + 1];
        for (_, subject, _) in spoken {
            ends[*subject as usize + 1] += 1;
        }
        for at in 1..ends.len() {
            ends[at] += ends[at - 1];
        }
        let mut order = vec![0; spoken.len()];
        for (at, (_, subject, _)) in spoken.iter().enumerate() {
            let slot = &mut ends[*subject as usize];
            order[*slot as usize] = at as u32;
            *slot += 1;
        }
        self.starts = ends;
        order
    }

    fn take_subject(
        &mut self,
        said: impl Iterator<Item = (u32, u32, u32)>,
        subject: u32,
        evidence: &'a [Evidence],
        counts: &impl Fn(&Episode) -> bool,
    ) -> Result<(), NotNormal> {
        let from = self.list.len();
        let mut pieces: Vec<(&'a Evidence, u32)> =
            said.map(|(at, _, other)| (&evidence[at as usize], other)).collect();
        pieces.sort_unstable_by(|a, b| self.order(*a, *b));
        let same = |pair: &[(&Evidence, u32)]| self.order(pair[0], pair[1]) == Ordering::Equal;
        if pieces.windows(2).any(same) {
            return Err(NotNormal);
        }
        for (said, other) in pieces {
            if !said.episodes.is_sorted_by(|a, b| a.ingest < b.ingest) {
                return Err(NotNormal);
            }
            if let Some(span) = span(&said.episodes, counts) {
                self.list.push(Claim { said, subject, other, span, history: false });
            }
        }
        let Self { keys, list, .. } = self;
        for group in list[from..].chunk_by_mut(|a, b| same_group(keys, a, b)) {
            settle(group, counts);
        }
        Ok(())
    }

    /// Statements of one source on one question stand together, those of one value within them.
    fn order(&self, (a, of_a): (&Evidence, u32), (b, of_b): (&Evidence, u32)) -> Ordering {
        a.field
            .cmp(&b.field)
            .then_with(|| a.source.cmp(&b.source))
            .then_with(|| question(&self.keys, of_a).cmp(&question(&self.keys, of_b)))
            .then_with(|| a.value.cmp(&b.value))
            .then_with(|| a.basis.cmp(&b.basis))
    }
}

/// What an identity statement answers: which serial, which tag of that issuer, which card. A list that gives a
/// new serial takes its old one back, and says nothing about the card.
fn question<'k>(keys: &[&'k Key], other: u32) -> (u8, &'k str) {
    match keys.get(other as usize) {
        None => (0, ""),
        Some(Key::DiSerial { .. }) => (1, ""),
        Some(Key::MakerModelSerial { .. }) => (2, ""),
        Some(Key::AssetTag { scope, .. }) => (3, scope),
        Some(Key::SystemId { system, .. }) => (4, system),
        Some(Key::Mac(_)) => (5, ""),
        Some(Key::AeTitle { .. }) => (6, ""),
        Some(Key::HostName(_)) => (7, ""),
        Some(_) => (8, ""),
    }
}

fn same_group(keys: &[&Key], a: &Claim<'_>, b: &Claim<'_>) -> bool {
    a.said.field == b.said.field
        && a.said.source == b.said.source
        && question(keys, a.other) == question(keys, b.other)
}

/// The span of the episodes that count, if there is one.
fn span<'a>(episodes: &'a [Episode], counts: &impl Fn(&Episode) -> bool) -> Option<Span<'a>> {
    let mut whole: Option<Span<'a>> = None;
    for episode in episodes.iter().filter(|episode| counts(episode)) {
        // A source may get its own times the wrong way round.
        let (first, last) = (episode.first.min(episode.last), episode.first.max(episode.last));
        let alone = Span {
            first,
            last,
            newest: first,
            since: last,
            recorded_at: episode.recorded_at,
            count: episode.count,
            place: &episode.place,
        };
        let Some(held) = &mut whole else {
            whole = Some(alone);
            continue;
        };
        if (last, first) > (held.last, held.newest) {
            held.newest = first;
            held.place = &episode.place;
        }
        held.first = held.first.min(first);
        held.last = held.last.max(last);
        held.since = held.last;
        held.recorded_at = held.recorded_at.min(episode.recorded_at);
        held.count = held.count.saturating_add(episode.count);
    }
    whole
}

/// The greatest time among the claims of any value but one, found in one pass over a group sorted by value.
struct Rivals<'a> {
    best: Option<(Timestamp, &'a str)>,
    second: Option<Timestamp>,
}

impl<'a> Rivals<'a> {
    fn of(group: &[Claim<'a>], time: impl Fn(&Span<'a>) -> Timestamp) -> Self {
        let mut rivals = Self { best: None, second: None };
        for same in group.chunk_by(|a, b| a.said.value == b.said.value) {
            let top = same.iter().map(|claim| time(&claim.span)).max();
            match (top, rivals.best) {
                (Some(top), Some((best, _))) if top <= best => rivals.second = rivals.second.max(Some(top)),
                (Some(top), best) => {
                    rivals.second = best.map(|(time, _)| time);
                    rivals.best = Some((top, &same[0].said.value));
                }
                (None, _) => {}
            }
        }
        rivals
    }

    fn against(&self, value: &str) -> Option<Timestamp> {
        self.best.and_then(|(time, best)| if best == value { self.second } else { Some(time) })
    }
}

/// Works out, within what one source says on one question, what is history and since when the rest holds.
///
/// A list and a person give an answer as a whole, so a newer one takes the older back; so does the wire for a
/// field that has one value. An older value is history only when it was last said before the newest sighting
/// of another one began: two values said by turns are a disagreement of the source with itself.
fn settle(group: &mut [Claim<'_>], counts: &impl Fn(&Episode) -> bool) {
    let Some(head) = group.first() else { return };
    let (field, kind) = (head.said.field, head.said.source.kind);
    if let [alone] = group {
        if kind == SourceKind::List {
            alone.span.since = alone.span.first;
        }
        return;
    }
    let one_answer = matches!(kind, SourceKind::List | SourceKind::Person) || !field.is_many();
    if one_answer {
        let newest = Rivals::of(group, |span| span.newest);
        for claim in group.iter_mut() {
            claim.history = newest.against(&claim.said.value).is_some_and(|other| other > claim.span.last);
        }
    }
    if kind == SourceKind::List {
        let rivals = Rivals::of(group, |span| span.last);
        for same in group.chunk_by_mut(|a, b| a.said.value == b.said.value) {
            let rival = if field.is_many() { None } else { rivals.against(&same[0].said.value) };
            let since = came_to_stand(same, rival, counts);
            for claim in same {
                claim.span.since = since;
            }
        }
    }
}

/// When a list's value came to stand: its first statement after the last one of any other value.
fn came_to_stand(
    same: &[Claim<'_>],
    rival: Option<Timestamp>,
    counts: &impl Fn(&Episode) -> bool,
) -> Timestamp {
    let first = same.iter().map(|claim| claim.span.first).min().unwrap_or_default();
    let Some(rival) = rival.filter(|rival| *rival >= first) else { return first };
    let episodes = same.iter().flat_map(|claim| &claim.said.episodes).filter(|episode| counts(episode));
    // When both are still being said, neither replaced the other.
    episodes.map(|episode| episode.first).filter(|start| *start > rival).min().unwrap_or(first)
}
