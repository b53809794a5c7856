//! All advisories, held ready to be asked about one configuration after another.

use crate::configuration::Configuration;
use crate::fold::{Hit, Judged, fold};
use crate::leaf::{Reading, read};
use crate::resolve::{Resolution, Resolver, Subject, product_key};
use crate::target::Target;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::sync::Arc;
use tallyward_core::Cpe;
use tallyward_core::advisory::{Advisory, Product, ProductStatus};
use tallyward_identity::aliases::Aliases;
use tallyward_identity::text::squash;
use tallyward_versions::{Clause, Node};

/// A leaf's place: advisory and product, by index.
type Place = (usize, usize);

/// An advisory with its leaves prepared.
struct Prepared {
    advisory: Arc<Advisory>,
    /// Whether a later document of the same id has taken its place.
    retired: bool,
    clauses: Vec<Clause>,
    /// Vulnerabilities by id, in document order; statements of entries with the same id are one.
    vulnerabilities: Vec<String>,
    /// Per product: vulnerability and what is said.
    statements: Vec<Vec<(usize, ProductStatus)>>,
}

/// A distinct product text with the leaves under it.
struct Entry {
    target: Target,
    places: Vec<Place>,
}

/// A naming with the entries it resolves to, so that configurations that differ only in versions share the work, and
/// so that a new advisory costs nothing but its own products.
#[derive(Clone, Debug)]
pub struct Resolved {
    subject: Subject,
    hits: Vec<(usize, Resolution)>,
    /// Entries looked at so far.
    seen: usize,
}

/// All advisories and the resolver, indexed by maker.
pub struct Matcher {
    resolver: Resolver,
    advisories: Vec<Prepared>,
    entries: Vec<Entry>,
    by_text: FxHashMap<(String, String, String), Vec<usize>>,
    /// Entries by squashed maker.
    by_maker: FxHashMap<String, Vec<usize>>,
    /// Entries by the squashed makers that stand above theirs.
    by_owner: FxHashMap<String, Vec<usize>>,
    /// Entries by the device identifiers they name.
    by_di: FxHashMap<String, Vec<usize>>,
    /// Entries that name any.
    named_by_di: Vec<usize>,
    /// Makers with a clause that asks for a date; squashed.
    dated: FxHashSet<String>,
    /// Leaves whose clause or identification helper names serial numbers, by entry.
    serials: Vec<(usize, Place)>,
}

impl Matcher {
    /// Prepares the advisories. Cost grows with their leaves, once.
    #[must_use]
    pub fn new(advisories: &[Advisory], resolver: Resolver) -> Self {
        let mut matcher = Self {
            resolver,
            advisories: Vec::new(),
            entries: Vec::new(),
            by_text: FxHashMap::default(),
            by_maker: FxHashMap::default(),
            by_owner: FxHashMap::default(),
            by_di: FxHashMap::default(),
            named_by_di: Vec::new(),
            dated: FxHashSet::default(),
            serials: Vec::new(),
        };
        for advisory in advisories {
            matcher.add(advisory.clone());
        }
        matcher
    }

    /// Adds an advisory and gives its index. It takes the place of an earlier document with the same id.
    pub fn add(&mut self, advisory: Advisory) -> usize {
        let index = self.advisories.len();
        for earlier in self.advisories.iter_mut().filter(|earlier| earlier.advisory.id == advisory.id) {
            earlier.retired = true;
        }
        for (product, leaf) in advisory.products.iter().enumerate() {
            self.add_leaf(&advisory, leaf, (index, product));
        }
        self.advisories.push(Prepared::of(advisory));
        self.note_dates(index);
        self.note_serials(index);
        index
    }

    /// Takes an advisory off, so that it decides nothing any more.
    pub fn remove(&mut self, id: &str) {
        for held in self.advisories.iter_mut().filter(|held| held.advisory.id == id) {
            held.retired = true;
        }
    }

    /// The index of the advisory that stands under an id.
    #[must_use]
    pub fn index_of(&self, id: &str) -> Option<usize> {
        self.advisories.iter().rposition(|held| held.advisory.id == id && !held.retired)
    }

    fn add_leaf(&mut self, advisory: &Advisory, leaf: &Product, place: Place) {
        let target = Target::of(advisory, leaf, self.resolver.aliases());
        let text = (target.vendor.clone(), target.product.clone(), identifiers(leaf));
        let same = |entry: &usize| {
            let held = &self.entries[*entry].target;
            held.is_loose == target.is_loose && held.by_title == target.by_title && held.ids == target.ids
        };
        let known = self.by_text.get(&text).and_then(|entries| entries.iter().copied().find(same));
        let entry = known.unwrap_or_else(|| {
            let entry = self.entries.len();
            let by_cpe = target.ids.as_ref().and_then(|ids| ids.maker());
            let makers = target.makers.iter().chain(&target.named_makers).map(String::as_str);
            for maker in makers.chain(by_cpe) {
                insert(&mut self.by_maker, squash(maker), entry);
                for above in above(self.resolver.aliases(), maker) {
                    insert(&mut self.by_owner, above, entry);
                }
            }
            for di in target.ids.iter().flat_map(|ids| ids.dis()) {
                insert(&mut self.by_di, di.to_owned(), entry);
                if self.named_by_di.last() != Some(&entry) {
                    self.named_by_di.push(entry);
                }
            }
            self.by_text.entry(text).or_default().push(entry);
            self.entries.push(Entry { target, places: Vec::new() });
            entry
        });
        self.entries[entry].places.push(place);
        // A combination concerns whoever holds one of its parts.
        if let Some((_, part, whole)) = &leaf.relation {
            for id in [part, whole] {
                if let Some(half) = advisory.product(id).filter(|half| half.relation.is_none()) {
                    let mut half = half.clone();
                    half.id.clone_from(&leaf.id);
                    self.add_leaf(advisory, &half, place);
                }
            }
        }
    }

    fn note_dates(&mut self, index: usize) {
        let dated: FxHashSet<usize> = (0..self.advisories[index].clauses.len())
            .filter(|product| holds(self.advisories[index].clauses[*product].tree(), &is_date))
            .collect();
        if dated.is_empty() {
            return;
        }
        for entry in &self.entries {
            if entry.places.iter().any(|(advisory, product)| *advisory == index && dated.contains(product)) {
                let makers = entry.target.makers.iter().chain(&entry.target.named_makers);
                self.dated.extend(makers.map(|maker| squash(maker)));
            }
        }
    }

    fn note_serials(&mut self, index: usize) {
        let prepared = &self.advisories[index];
        let asks = |product: &usize| {
            holds(prepared.clauses[*product].tree(), &is_serial)
                || !prepared.advisory.products[*product].serial_numbers.is_empty()
        };
        let asking: Vec<Place> =
            (0..self.advisories[index].clauses.len()).filter(asks).map(|product| (index, product)).collect();
        for place in asking {
            let entries = self.entries.iter().enumerate().filter(|(_, entry)| entry.places.contains(&place));
            self.serials.extend(entries.map(|(entry, _)| (entry, place)));
        }
    }

    /// What resolves products here.
    #[must_use]
    pub fn resolver(&self) -> &Resolver {
        &self.resolver
    }

    /// The advisories asked, in the order they were added.
    pub fn advisories(&self) -> impl Iterator<Item = &Advisory> {
        self.advisories.iter().filter(|prepared| !prepared.retired).map(|prepared| &*prepared.advisory)
    }

    /// Every verdict on a configuration, ordered by advisory, then vulnerability in document order. Products that
    /// do not resolve yield nothing.
    #[must_use]
    pub fn decide(&self, configuration: &Configuration) -> Vec<Judged> {
        self.judge(configuration, &self.resolve(configuration), None)
    }

    /// The verdicts of one advisory, by its index.
    #[must_use]
    pub fn decide_one(&self, configuration: &Configuration, advisory: usize) -> Vec<Judged> {
        self.judge(configuration, &self.resolve(configuration), Some(advisory))
    }

    /// The verdicts of the advisories with these indices on a configuration, of which `resolved` is what
    /// [`Matcher::resolve`] said of it once. Advisories added since are looked at.
    #[must_use]
    pub fn decide_these(
        &self,
        configuration: &Configuration,
        resolved: &mut Resolved,
        advisories: &[usize],
    ) -> Vec<Judged> {
        self.resolve_more(resolved);
        advisories.iter().flat_map(|one| self.judge(configuration, resolved, Some(*one))).collect()
    }

    /// What the names of a configuration resolve to.
    #[must_use]
    pub fn resolve(&self, configuration: &Configuration) -> Resolved {
        let subject = self.resolver.subject(configuration);
        let mut resolved = Resolved { subject, hits: Vec::new(), seen: 0 };
        self.resolve_more(&mut resolved);
        resolved
    }

    /// Looks at the entries that came since. A product text that was known before is an entry already.
    pub(crate) fn resolve_more(&self, resolved: &mut Resolved) {
        for entry in self.candidates(&resolved.subject, resolved.seen) {
            match self.resolver.decide(&resolved.subject, &self.entries[entry].target) {
                Resolution::No => {}
                found => resolved.hits.push((entry, found)),
            }
        }
        resolved.seen = self.entries.len();
    }

    /// Whether anything tells which model this is. If not, the one missing fact is what the device is.
    #[must_use]
    pub fn is_identified(&self, configuration: &Configuration) -> bool {
        self.resolver.subject(configuration).is_identified()
    }

    /// The configuration without facts that no clause about its maker asks for.
    #[must_use]
    pub fn relevant(&self, configuration: &Configuration) -> Configuration {
        let mut relevant = configuration.clone();
        if !self.asks_date_of(configuration) {
            relevant.manufacture_date.clear();
        }
        if relevant.serial.is_some() && !self.asks_serial(configuration) {
            relevant.serial = None;
        }
        if relevant.di.is_some() && !self.asks_di(configuration) {
            relevant.di = None;
        }
        relevant
    }

    /// Whether the device identifier of a device counts: a document names it, or names a product that this is, or may
    /// be, by one. Costs nothing while no advisory names device identifiers.
    #[must_use]
    pub fn asks_di(&self, configuration: &Configuration) -> bool {
        if !self.asks_any_di() {
            return false;
        }
        let subject = self.resolver.subject(configuration);
        self.with_dis().any(|target| self.resolver.decide(&subject, target) != Resolution::No)
    }

    /// Whether any document names device identifiers.
    #[must_use]
    pub fn asks_any_di(&self) -> bool {
        self.with_dis().next().is_some()
    }

    /// Whether a document names this device identifier.
    #[must_use]
    pub fn names_di(&self, di: &str) -> bool {
        let is_in_force = |entry: &usize| self.is_in_force(*entry);
        self.by_di.get(di).is_some_and(|entries| entries.iter().any(is_in_force))
    }

    /// Products in force that a document names by device identifiers.
    fn with_dis(&self) -> impl Iterator<Item = &Target> {
        self.named_by_di
            .iter()
            .filter(|entry| self.is_in_force(**entry))
            .map(|entry| &self.entries[*entry].target)
    }

    /// Whether an advisory, by its index, lists serial numbers.
    #[must_use]
    pub fn lists_serials(&self, advisory: usize) -> bool {
        self.advisories[advisory].advisory.products.iter().any(|leaf| !leaf.serial_numbers.is_empty())
    }

    /// Device identifiers that one advisory names, by its index; 14 digits each.
    pub fn dis_of(&self, advisory: usize) -> impl Iterator<Item = &str> {
        let of_it = move |entry: &&Entry| entry.places.iter().any(|place| place.0 == advisory);
        self.entries
            .iter()
            .filter(of_it)
            .filter_map(|entry| entry.target.ids.as_ref())
            .flat_map(|ids| ids.dis())
    }

    /// Whether an advisory in force has a leaf of this text.
    fn is_in_force(&self, entry: usize) -> bool {
        self.entries[entry].places.iter().any(|(advisory, _)| !self.advisories[*advisory].retired)
    }

    /// Whether a document lists serial numbers of this maker, or of one related to it, so that one of its devices may be
    /// told by its serial number alone.
    #[must_use]
    pub fn lists_serials_of(&self, configuration: &Configuration) -> bool {
        self.listing_serials().any(|target| {
            let aliases = self.resolver.aliases();
            configuration.maker.is_empty()
                || target.makers.iter().chain(&target.named_makers).any(|maker| {
                    squash(maker) == squash(&configuration.maker)
                        || aliases.same_group(maker, &configuration.maker)
                })
        })
    }

    fn listing_serials(&self) -> impl Iterator<Item = &Target> {
        let lists = |(_, place): &&(usize, Place)| {
            !self.advisories[place.0].advisory.products[place.1].serial_numbers.is_empty()
        };
        self.serials_in_force().filter(lists).map(|(entry, _)| &self.entries[*entry].target)
    }

    /// The names a configuration resolves by. Without the serial number, unless some document lists serial numbers, so
    /// that devices share the work.
    pub(crate) fn naming(&self, configuration: &Configuration) -> Configuration {
        let mut naming = configuration.naming();
        if self.listing_serials().next().is_none() {
            naming.serial = None;
        }
        naming
    }

    /// Whether the serial number of a device counts: a clause about a product that this is, or may be, asks for it, or a
    /// document lists it. Costs nothing while no advisory names serial numbers.
    #[must_use]
    pub fn asks_serial(&self, configuration: &Configuration) -> bool {
        if !self.asks_any_serial() {
            return false;
        }
        let subject = self.resolver.subject(configuration);
        self.serials_in_force()
            .any(|(entry, _)| self.resolver.decide(&subject, &self.entries[*entry].target) != Resolution::No)
    }

    /// As [`Matcher::asks_serial`], of a configuration of which `resolved` is what [`Matcher::resolve`] said once.
    #[must_use]
    pub fn asks_serial_of(&self, resolved: &mut Resolved) -> bool {
        if !self.asks_any_serial() {
            return false;
        }
        self.resolve_more(resolved);
        self.serials_in_force().any(|(entry, _)| resolved.hits.iter().any(|(hit, _)| hit == entry))
    }

    /// As [`Matcher::asks_di`], likewise.
    #[must_use]
    pub fn asks_di_of(&self, resolved: &mut Resolved) -> bool {
        if !self.asks_any_di() {
            return false;
        }
        self.resolve_more(resolved);
        let mut named = self.named_by_di.iter().filter(|entry| self.is_in_force(**entry));
        named.any(|entry| resolved.hits.iter().any(|(hit, _)| hit == entry))
    }

    /// Whether any document names serial numbers.
    #[must_use]
    pub fn asks_any_serial(&self) -> bool {
        self.serials_in_force().next().is_some()
    }

    fn serials_in_force(&self) -> impl Iterator<Item = &(usize, Place)> {
        self.serials.iter().filter(|(_, (advisory, _))| !self.advisories[*advisory].retired)
    }

    fn asks_date_of(&self, configuration: &Configuration) -> bool {
        // Without a maker, with a related one or with components any clause may be asked.
        !self.dated.is_empty()
            && (configuration.maker.is_empty()
                || !configuration.components.is_empty()
                || self.dated.contains(&squash(&configuration.maker))
                || self.resolver.aliases().related(&configuration.maker).is_some()
                || self.has_decision(configuration))
    }

    fn has_decision(&self, configuration: &Configuration) -> bool {
        self.resolver.decided_products(&self.resolver.subject(configuration)).next().is_some()
    }

    /// What tells whether other facts are asked for than before: makers whose clauses ask for a date, which only grow,
    /// the leaves in force that ask for a serial number, and the products in force named by device identifiers.
    pub(crate) fn asked(&self) -> (usize, Vec<(usize, Place)>, Vec<usize>) {
        let by_di = self.named_by_di.iter().copied().filter(|entry| self.is_in_force(*entry));
        (self.dated.len(), self.serials_in_force().copied().collect(), by_di.collect())
    }

    /// Entries from `first` on whose product may concern the subject: of its maker or a related one, or decided by
    /// a person, or, for parts and devices without a maker, all.
    fn candidates(&self, subject: &Subject, first: usize) -> Vec<usize> {
        if subject.maker.is_empty() || subject.has_parts() {
            return (first..self.entries.len()).collect();
        }
        let key = squash(&subject.maker);
        let above = above(self.resolver.aliases(), &subject.maker);
        let of_makers = std::iter::once(&key).chain(&above).filter_map(|maker| self.by_maker.get(maker));
        let of_owned = self.by_owner.get(&key);
        let lists = of_makers.chain(of_owned).chain(self.by_di.get(&subject.di));
        // Entries are numbered as they come, so each list ascends.
        let mut candidates: Vec<usize> = lists
            .flat_map(|entries| &entries[entries.partition_point(|entry| *entry < first)..])
            .copied()
            .collect();
        for key in self.resolver.decided_products(subject) {
            let decided = self.entries.iter().enumerate().skip(first);
            let decided =
                decided.filter(|(_, entry)| product_key(&entry.target.vendor, &entry.target.product) == *key);
            candidates.extend(decided.map(|(entry, _)| entry));
        }
        candidates.sort_unstable();
        candidates.dedup();
        candidates
    }

    /// The verdicts on a configuration whose names resolve as given; of one advisory only, by index, when asked.
    pub(crate) fn judge(
        &self,
        configuration: &Configuration,
        resolved: &Resolved,
        only: Option<usize>,
    ) -> Vec<Judged> {
        let mut hits: BTreeMap<Place, (&Resolution, Reading)> = BTreeMap::new();
        for (entry, resolution) in &resolved.hits {
            let component = match resolution {
                Resolution::Exact { component, .. } => component.as_deref(),
                _ => None,
            };
            for place in
                self.entries[*entry].places.iter().filter(|place| only.is_none_or(|only| place.0 == only))
            {
                // Both halves of a combination may lead to it; the order of entries must not matter.
                if hits.get(place).is_some_and(|(held, _)| *held <= resolution) {
                    continue;
                }
                let prepared = &self.advisories[place.0];
                if prepared.retired {
                    continue;
                }
                let leaf = &prepared.advisory.products[place.1];
                let settled = self.resolver.settled(&resolved.subject, &prepared.advisory.id);
                let clause = &prepared.clauses[place.1];
                let reading = read(clause, &leaf.product, configuration, component, &settled);
                hits.insert(*place, (resolution, reading));
            }
        }
        self.fold_hits(&resolved.subject, &hits)
    }

    fn fold_hits(&self, subject: &Subject, hits: &BTreeMap<Place, (&Resolution, Reading)>) -> Vec<Judged> {
        let mut by_vulnerability: BTreeMap<(usize, usize), Vec<(ProductStatus, Hit<'_>)>> = BTreeMap::new();
        for ((advisory, product), (resolution, reading)) in hits {
            let prepared = &self.advisories[*advisory];
            let leaf = &prepared.advisory.products[*product];
            for (vulnerability, status) in &prepared.statements[*product] {
                let said = by_vulnerability.entry((*advisory, *vulnerability)).or_default();
                let (clause, serial) = (&prepared.clauses[*product], subject.serial.as_ref());
                let serial = serial.map(|(_, shown)| shown.as_str());
                said.push((*status, Hit { leaf, clause, resolution, reading, serial }));
            }
        }
        let judged = by_vulnerability.iter().filter_map(|((advisory, vulnerability), said)| {
            let prepared = &self.advisories[*advisory];
            let settled = self.resolver.settled(subject, &prepared.advisory.id);
            fold(&prepared.advisory, &prepared.vulnerabilities[*vulnerability], said, &settled)
        });
        judged.collect()
    }
}

/// The squashed makers above one, by ownership or succession. A table that a user brings may hold a circle.
fn above(aliases: &Aliases, maker: &str) -> Vec<String> {
    const HIGHEST: usize = 8;
    let owner = |maker: &&str| aliases.related(maker).map(|(_, above)| above);
    std::iter::successors(Some(maker), owner).skip(1).take(HIGHEST).map(squash).collect()
}

fn insert(index: &mut FxHashMap<String, Vec<usize>>, key: String, entry: usize) {
    let entries = index.entry(key).or_default();
    if entries.last() != Some(&entry) {
        entries.push(entry);
    }
}

impl Prepared {
    fn of(advisory: Advisory) -> Self {
        let mut vulnerabilities: Vec<String> = Vec::new();
        let mut of_id: FxHashMap<&str, Vec<(usize, ProductStatus)>> = FxHashMap::default();
        for entry in &advisory.vulnerabilities {
            let index = vulnerabilities.iter().position(|id| *id == entry.id).unwrap_or_else(|| {
                vulnerabilities.push(entry.id.clone());
                vulnerabilities.len() - 1
            });
            for statement in &entry.statements {
                let said = of_id.entry(&statement.product).or_default();
                if !said.contains(&(index, statement.status)) {
                    said.push((index, statement.status));
                }
            }
        }
        let of_product = |id: &String| of_id.get(id.as_str()).cloned().unwrap_or_default();
        let statements = advisory.products.iter().map(|product| of_product(&product.id)).collect();
        let clauses = advisory.products.iter().map(clause_of).collect();
        Self { clauses, statements, vulnerabilities, advisory: Arc::new(advisory), retired: false }
    }
}

/// The clause of a leaf: its version text, or, when it has none, the version in its CPE name.
#[must_use]
pub fn clause_of(leaf: &Product) -> Clause {
    if !leaf.version.trim().is_empty() || leaf.relation.is_some() {
        return Clause::parse(&leaf.version);
    }
    let cpe = leaf.other_ids.iter().find_map(|text| Cpe::read(text)).filter(|cpe| !cpe.version.is_empty());
    match cpe {
        Some(cpe) if cpe.part == "h" => Clause::parse(&format!("hardware version {}", cpe.version)),
        Some(cpe) => Clause::parse(&cpe.version),
        None => Clause::parse(&leaf.version),
    }
}

/// The numbers a leaf names its product by beside the name, as one text.
fn identifiers(leaf: &Product) -> String {
    let lists = [&leaf.model_numbers, &leaf.skus, &leaf.serial_numbers, &leaf.generic_uris];
    lists.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join("\n")
}

/// Whether a clause holds an atom of a kind.
fn holds(node: &Node, is_it: &impl Fn(&Node) -> bool) -> bool {
    is_it(node) || node.children().iter().any(|child| holds(child, is_it))
}

fn is_date(atom: &Node) -> bool {
    matches!(atom, Node::Date(..))
}

fn is_serial(atom: &Node) -> bool {
    matches!(atom, Node::Serial(_))
}
