//! Which keys are one device.

use super::claims::{Claim, Claims, NONE};
use super::judged::Judged;
use super::links::{Sets, may_join};
use super::rules::Rules;
use super::shared::{Shared, shared_keys};
use rustc_hash::FxHashMap;
use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;
use tallyward_core::{Decision, Field, Key, KeyStrength};

/// The joined keys and the joins that were refused.
pub(super) struct Joined {
    /// For each key the number of the key that stands for its device.
    pub(super) device: Vec<u32>,
    /// Refused joins, both ways round: our key, their key, why.
    pub(super) refused: Vec<(u32, u32, String)>,
}

/// Why two keys should be one device.
#[derive(Clone, Copy)]
enum Ground<'a> {
    Decision(&'a Decision),
    Claim(&'a Claim<'a>),
}

#[derive(Clone, Copy)]
pub(super) struct Edge<'a> {
    pub(super) a: u32,
    pub(super) b: u32,
    ground: Ground<'a>,
}

impl Edge<'_> {
    /// Whether traffic or a list says it, so that it counts when a key is examined for being shared. A person
    /// or a decision tells of one device, not of how a key is used.
    pub(super) fn tells_use(&self) -> bool {
        matches!(self.ground, Ground::Claim(claim) if claim.said.source.kind != tallyward_core::SourceKind::Person)
    }
}

/// Joins keys into devices.
pub(super) fn join(claims: &Claims<'_>, judged: &Judged<'_>, rules: &Rules) -> Joined {
    let edges = edges(claims, judged);
    let mut raw = Sets::new(claims.keys.len());
    for edge in &edges {
        raw.join(edge.a, edge.b);
    }
    let mut splits: FxHashMap<u32, Vec<(u32, &Decision)>> = FxHashMap::default();
    for (a, b, decision) in &judged.splits {
        if let (Some(&a), Some(&b)) = (claims.numbers.get(a), claims.numbers.get(b)) {
            splits.entry(a).or_default().push((b, decision));
            splits.entry(b).or_default().push((a, decision));
        }
    }
    let mut joiner = Joiner {
        keys: &claims.keys,
        sets: Sets::new(claims.keys.len()),
        borne: FxHashMap::default(),
        splits,
        refused: Vec::new(),
    };
    for mut group in in_groups(edges, &mut raw) {
        let shared =
            if group.len() > 1 { shared_keys(&claims.keys, &group, rules) } else { Shared::default() };
        if group.len() > 1 {
            group.sort_unstable_by(|a, b| canonical(&claims.keys, rules, a, b));
        }
        for edge in &group {
            joiner.offer(edge, &shared);
        }
    }
    let device: Vec<u32> = (0..claims.keys.len() as u32).map(|key| joiner.sets.find(key)).collect();
    // A tie refused over a shared key may have come about another way.
    let mut refused = joiner.refused;
    refused.retain(|(ours, theirs, _)| device[*ours as usize] != device[*theirs as usize]);
    Joined { device, refused }
}

fn edges<'c>(claims: &'c Claims<'_>, judged: &'c Judged<'_>) -> Vec<Edge<'c>> {
    let mut edges = Vec::new();
    for (a, b, decision) in &judged.merges {
        let (a, b) = (claims.numbers[*a], claims.numbers[*b]);
        edges.push(Edge { a, b, ground: Ground::Decision(decision) });
    }
    for claim in claims.list.iter().filter(|claim| claim.other != NONE && !claim.history) {
        debug_assert_eq!(claim.said.field, Field::Key);
        let (a, b) = (claim.subject, claim.other);
        if may_join(claims.keys[a as usize], claims.keys[b as usize]) {
            edges.push(Edge { a, b, ground: Ground::Claim(claim) });
        }
    }
    edges.retain(|edge| edge.a != edge.b);
    edges
}

/// The edges of each component, in no particular order of components.
fn in_groups<'c>(mut edges: Vec<Edge<'c>>, raw: &mut Sets) -> Vec<Vec<Edge<'c>>> {
    edges.sort_by_cached_key(|edge| raw.find(edge.a));
    edges.chunk_by(|x, y| raw.find(x.a) == raw.find(y.a)).map(<[Edge<'c>]>::to_vec).collect()
}

/// The order in which joins are tried: decisions, the latest first; then ties between two identifying keys
/// before those that lead over a network card; then the better kind of source; then the newer statement; then
/// the text of the keys and of the source, so that the order never depends on how evidence came in.
fn canonical(keys: &[&Key], rules: &Rules, x: &Edge<'_>, y: &Edge<'_>) -> Ordering {
    let pair = |edge: &Edge<'_>| {
        let (a, b) = (keys[edge.a as usize], keys[edge.b as usize]);
        if a <= b { (a, b) } else { (b, a) }
    };
    match (x.ground, y.ground) {
        (Ground::Decision(x), Ground::Decision(y)) => (y.at, &y.id).cmp(&(x.at, &x.id)),
        (Ground::Decision(_), Ground::Claim(_)) => Ordering::Less,
        (Ground::Claim(_), Ground::Decision(_)) => Ordering::Greater,
        (Ground::Claim(p), Ground::Claim(q)) => {
            let weaker =
                |edge: &Edge<'_>| keys[edge.a as usize].strength().max(keys[edge.b as usize].strength());
            let rank = |claim: &Claim<'_>| {
                Reverse((rules.weight(Field::Key, claim.said.source.kind).rank, claim.span.since))
            };
            (weaker(x), rank(p))
                .cmp(&(weaker(y), rank(q)))
                .then_with(|| pair(x).cmp(&pair(y)))
                .then_with(|| (&p.said.source, &p.said.basis).cmp(&(&q.said.source, &q.said.basis)))
                .then_with(|| p.said.subject.cmp(&q.said.subject))
        }
    }
}

/// What a device can bear one of, as (kind, scope); the value is what it bears.
type Borne<'a> = BTreeMap<(u8, &'a str), &'a str>;

/// The exclusive property a key gives its device. Agrees with [`Key::excludes`], which a test holds.
pub(super) fn exclusive(key: &Key) -> Option<((u8, &str), &str)> {
    match key {
        Key::DiSerial { serial, .. } => Some(((0, ""), serial)),
        Key::MakerModelSerial { serial, .. } => Some(((1, ""), serial)),
        Key::AssetTag { scope, tag } => Some(((2, scope), tag)),
        Key::SystemId { system, id } => Some(((3, system), id)),
        _ => None,
    }
}

/// What the sets that grew past one key bear, kept at the key that stands for the set.
#[derive(Default)]
struct Bearings<'a> {
    exclusive: Borne<'a>,
    /// Members that some decision keeps apart from another key.
    split: Vec<u32>,
}

struct Joiner<'a, 'd> {
    keys: &'a [&'a Key],
    sets: Sets,
    borne: FxHashMap<u32, Bearings<'a>>,
    splits: FxHashMap<u32, Vec<(u32, &'d Decision)>>,
    refused: Vec<(u32, u32, String)>,
}

impl<'a> Joiner<'a, '_> {
    /// Joins the two ends, or says why not.
    fn offer(&mut self, edge: &Edge<'_>, shared: &Shared) {
        let (a, b) = (self.sets.find(edge.a), self.sets.find(edge.b));
        if a == b {
            return;
        }
        if let Ground::Claim(_) = edge.ground
            && let Some(why) = shared.get(&edge.a).or_else(|| shared.get(&edge.b))
        {
            return self.refuse(edge, why);
        }
        let (left, right) = (self.take(a), self.take(b));
        let obstacle = conflict(&left, &right).or_else(|| self.kept_apart(&left, &right, a, b));
        if let Some(why) = obstacle {
            self.borne.insert(a, left);
            self.borne.insert(b, right);
            return self.refuse(edge, &why);
        }
        let weight = |side: &Bearings<'_>| side.exclusive.len() + side.split.len();
        let (mut large, small) = if weight(&left) < weight(&right) { (right, left) } else { (left, right) };
        large.exclusive.extend(small.exclusive);
        large.split.extend(small.split);
        self.sets.join(a, b);
        let kept = self.sets.find(a);
        self.borne.insert(kept, large);
    }

    fn refuse(&mut self, edge: &Edge<'_>, why: &str) {
        let why = format!("{}; {why}", self.grounds(edge));
        self.refused.push((edge.a, edge.b, why.clone()));
        self.refused.push((edge.b, edge.a, why));
    }

    /// What the set that `root` stands for bears; a set of one has no entry yet.
    fn take(&mut self, root: u32) -> Bearings<'a> {
        self.borne.remove(&root).unwrap_or_else(|| Bearings {
            exclusive: exclusive(self.keys[root as usize]).into_iter().collect(),
            split: if self.splits.contains_key(&root) { vec![root] } else { Vec::new() },
        })
    }

    fn kept_apart(&mut self, left: &Bearings<'_>, right: &Bearings<'_>, a: u32, b: u32) -> Option<String> {
        let (members, other) =
            if left.split.len() <= right.split.len() { (&left.split, b) } else { (&right.split, a) };
        let mut found: Option<&Decision> = None;
        for member in members {
            for (partner, decision) in self.splits.get(member).into_iter().flatten() {
                // The first that stands is named, so that deciding it again changes nothing.
                let earlier = found.is_none_or(|held| (decision.at, &decision.id) < (held.at, &held.id));
                if earlier && self.sets.find(*partner) == other {
                    found = Some(decision);
                }
            }
        }
        found.map(|decision| {
            let reason =
                if decision.reason.is_empty() { String::new() } else { format!(": {}", decision.reason) };
            format!("{} keeps them apart since {}{reason}", decision.by, decision.at.date())
        })
    }

    fn grounds(&self, edge: &Edge<'_>) -> String {
        let (a, b) = (self.keys[edge.a as usize], self.keys[edge.b as usize]);
        let (a, b) = if a <= b { (a, b) } else { (b, a) };
        let who = match edge.ground {
            Ground::Decision(decision) => format!("{} decided on {}", decision.by, decision.at.date()),
            Ground::Claim(claim) => format!("{} ({}) says", claim.said.source.name, claim.said.basis),
        };
        format!("{who} that {} and {} are one device", a.plain(), b.plain())
    }
}

/// The exclusive property the two sides bear in different values.
fn conflict(left: &Bearings<'_>, right: &Bearings<'_>) -> Option<String> {
    let (small, large) =
        if left.exclusive.len() <= right.exclusive.len() { (left, right) } else { (right, left) };
    let mut clashes = small.exclusive.iter().filter_map(|(what, ours)| {
        let theirs = large.exclusive.get(what).filter(|theirs| *theirs != ours)?;
        Some((what, ours.min(theirs), ours.max(theirs)))
    });
    clashes.next().map(|((kind, scope), one, two)| {
        let what = match kind {
            0 | 1 => "serial numbers".to_owned(),
            2 if scope.is_empty() => "asset tags".to_owned(),
            2 => format!("asset tags of {scope}"),
            _ => format!("records of {scope}"),
        };
        format!("one device cannot bear two {what}, {one} and {two}")
    })
}

/// The strength of the weaker key decides how far a tie is trusted, so the order of the enum matters here.
const _: () = assert!((KeyStrength::Identifying as u8) < (KeyStrength::Network as u8));
