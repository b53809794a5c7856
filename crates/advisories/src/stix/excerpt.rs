//! Objects of many answers, and what belongs together of them.

use super::object::StixObject;
use std::collections::{BTreeMap, BTreeSet};

/// Most objects that one excerpt has beside its subject, and most bytes of them.
const MAX_BESIDE: usize = 200;
const MAX_BESIDE_BYTES: usize = 1024 * 1024;

/// Objects by id; of several versions the newest.
#[derive(Clone, Debug, Default)]
pub struct Gathered {
    objects: BTreeMap<String, StixObject>,
    bytes: usize,
}

impl Gathered {
    /// Adds an object, unless a newer version of it is held.
    pub fn add(&mut self, object: StixObject) {
        if let Some(held) = self.objects.get(&object.id) {
            if held.modified > object.modified {
                return;
            }
            self.bytes -= held.raw.len();
        }
        self.bytes += object.raw.len();
        self.objects.insert(object.id.clone(), object);
    }

    /// How many bytes the objects have.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many objects there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.objects.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    /// An object.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&StixObject> {
        self.objects.get(id)
    }

    /// Every object.
    pub(super) fn all(&self) -> impl Iterator<Item = &StixObject> {
        self.objects.values()
    }

    /// Who speaks and how what they say is marked: sent once, and needed for all that follows.
    pub fn lasting(&self) -> impl Iterator<Item = &StixObject> {
        self.objects.values().filter(|one| matches!(one.kind.as_str(), "identity" | "marking-definition"))
    }

    /// What belongs together.
    #[must_use]
    pub fn excerpts(&self) -> Excerpts<'_> {
        let mut about: BTreeMap<&str, Vec<&StixObject>> = BTreeMap::new();
        for object in self.objects.values() {
            match object.kind.as_str() {
                "note" => {
                    object.texts("object_refs").for_each(|id| about.entry(id).or_default().push(object))
                }
                "relationship" => {
                    for end in ["source_ref", "target_ref"] {
                        about.entry(object.text(end)).or_default().push(object);
                    }
                }
                _ => {}
            }
        }
        Excerpts { gathered: self, about }
    }
}

/// What belongs together of some objects.
pub struct Excerpts<'a> {
    gathered: &'a Gathered,
    /// Notes and relationships by what they are about.
    about: BTreeMap<&'a str, Vec<&'a StixObject>>,
}

impl<'a> Excerpts<'a> {
    /// What becomes a letter of its own: every report; a flaw that is in none of their letters; a note that is in none
    /// at all. So nothing that says something is in no letter.
    #[must_use]
    pub fn subjects(&self) -> Vec<&'a StixObject> {
        let mut covered: BTreeSet<&str> = BTreeSet::new();
        let mut subjects = Vec::new();
        for kind in ["report", "vulnerability", "note"] {
            let of_kind = self.gathered.objects.values().filter(|one| one.kind == kind);
            let open = of_kind.filter(|one| kind == "report" || !covered.contains(one.id.as_str()));
            let mut open: Vec<&StixObject> = open.collect();
            open.sort_by(|a, b| (a.modified, &a.id).cmp(&(b.modified, &b.id)));
            for one in &open {
                covered.extend(self.members(one).into_iter().map(|member| member.id.as_str()));
            }
            subjects.extend(open);
        }
        subjects
    }

    /// An object by id.
    pub(super) fn find(&self, id: &str) -> Option<&'a StixObject> {
        self.gathered.get(id)
    }

    /// A subject and what it refers to, in an order that depends on nothing else. What is too much is left out.
    #[must_use]
    pub fn members(&self, subject: &'a StixObject) -> Vec<&'a StixObject> {
        let mut beside =
            Beside { gathered: self.gathered, taken: BTreeMap::new(), bytes: 0, without: &subject.id };
        // A report brings its flaws and notes, a flaw its notes, a note nothing that says something: so none of one kind
        // brings another of its kind.
        let brings: &[&str] = match subject.kind.as_str() {
            "report" => &["vulnerability", "note", "identity", "relationship"],
            _ => &["identity"],
        };
        for id in subject.texts("object_refs") {
            beside.take(id, brings);
        }
        let spoken_of: Vec<&str> = beside.ids("vulnerability").chain([subject.id.as_str()]).collect();
        let about = spoken_of.iter().filter(|_| subject.kind != "note").filter_map(|id| self.about.get(id));
        for one in about.flatten() {
            let ends = [one.text("source_ref"), one.text("target_ref")];
            let known = |end: &str| spoken_of.contains(&end) || end.starts_with("identity--");
            if one.kind == "note" || ends.into_iter().all(known) {
                beside.take(&one.id, &["note", "relationship"]);
            }
        }
        let relationships: Vec<&StixObject> =
            beside.ids("relationship").filter_map(|id| self.gathered.get(id)).collect();
        for one in relationships {
            beside.take(one.text("source_ref"), &["identity"]);
            beside.take(one.text("target_ref"), &["identity"]);
        }
        let all: Vec<&StixObject> = std::iter::once(subject).chain(beside.taken.values().copied()).collect();
        for one in &all {
            beside.take(one.text("created_by_ref"), &["identity"]);
        }
        for one in all.into_iter().chain(beside.taken.values().copied().collect::<Vec<_>>()) {
            for marking in one.markings() {
                beside.take(marking, &["marking-definition"]);
            }
        }
        std::iter::once(subject).chain(beside.taken.into_values()).collect()
    }

    /// The members as one document: each byte for byte as it came.
    #[must_use]
    pub fn document(&self, subject: &'a StixObject) -> Vec<u8> {
        let members: Vec<&str> = self.members(subject).iter().map(|one| one.raw.as_str()).collect();
        format!("{{\"objects\":[\n{}\n]}}\n", members.join(",\n")).into_bytes()
    }
}

struct Beside<'a> {
    gathered: &'a Gathered,
    taken: BTreeMap<&'a str, &'a StixObject>,
    bytes: usize,
    without: &'a str,
}

impl<'a> Beside<'a> {
    fn take(&mut self, id: &str, kinds: &[&str]) {
        let Some(object) = self.gathered.get(id) else { return };
        let fits = self.taken.len() < MAX_BESIDE && self.bytes + object.raw.len() <= MAX_BESIDE_BYTES;
        let new = id != self.without && !self.taken.contains_key(id);
        if fits && new && kinds.contains(&object.kind.as_str()) {
            self.bytes += object.raw.len();
            self.taken.insert(&object.id, object);
        }
    }

    fn ids<'b>(&'b self, kind: &'b str) -> impl Iterator<Item = &'a str> + 'b {
        self.taken.values().filter(move |one| one.kind == kind).map(|one| one.id.as_str())
    }
}
