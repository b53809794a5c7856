//! The list: what arrived, and who of those concerned has been told.

use super::concerned::Concern;
use super::{
    Arrival, ArrivalKind, ArrivalState, GroupLine, SignedLine, StoredTelling, Telling, UntoldList, telling_id,
};
use crate::App;
use crate::app::{hex, parse};
use crate::change::DocKind;
use crate::error::{AppError, Result};
use crate::letters::StoredLetter;
use crate::notice::shelf::Drafts;
use crate::notice::stored::Audience;
use crate::ports::ListDocs;
use crate::views::Moment;
use crate::written::WrittenState;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tallyward_core::{Contact, DeviceId, Unit};
use tallyward_report::Table;
use tallyward_response::{
    DeviceClass, DraftKind, NoticeState, Tables, audience, standing, technical_audience,
};

/// What notices told one group.
#[derive(Default)]
struct ToldDevices {
    told: BTreeSet<DeviceId>,
    /// Named by a notice that was released and has reached nobody.
    unsent: BTreeSet<DeviceId>,
    notices: Vec<String>,
}

/// What the list is worked out from, read once.
pub(super) struct Ground {
    told: BTreeMap<String, ToldDevices>,
    drafts: Arc<Drafts>,
    pub(super) tellings: BTreeMap<String, StoredTelling>,
    units: Vec<Unit>,
    contacts: Vec<Contact>,
    tables: Arc<Tables>,
}

/// Groups that keep something open, by why they do.
#[derive(Clone, Copy, Default)]
struct Waits {
    untold: usize,
    unassigned: usize,
    undecided: usize,
}

impl Waits {
    fn of(groups: &[GroupLine]) -> Self {
        let count = |is: fn(Telling) -> bool| groups.iter().filter(|group| is(group.telling)).count();
        Self {
            untold: count(Telling::is_untold),
            unassigned: count(|telling| telling == Telling::Unassigned),
            undecided: count(|telling| telling == Telling::Undecided),
        }
    }

    fn with(self, one: &Arrival) -> Self {
        Self {
            untold: self.untold + one.untold,
            unassigned: self.unassigned + one.unassigned,
            undecided: self.undecided + one.undecided,
        }
    }

    fn all(self) -> usize {
        self.untold + self.unassigned + self.undecided
    }

    /// The state of what they keep open, what presses most first; nothing when nobody waits.
    fn state(self) -> Option<ArrivalState> {
        if self.untold > 0 {
            Some(ArrivalState::Untold)
        } else if self.unassigned > 0 {
            Some(ArrivalState::Unassigned)
        } else {
            (self.undecided > 0).then_some(ArrivalState::Undecided)
        }
    }
}

impl App {
    /// Everything that arrived: those with somebody untold first, longest waiting first.
    pub fn untold(&self) -> Result<UntoldList> {
        let rows = self.state.arrivals.or(self.moment(), || {
            let mut rows = self.arrivals()?;
            rows.sort_by(|a, b| (a.state, a.arrived, &a.id).cmp(&(b.state, b.arrived, &b.id)));
            Ok(Arc::new(rows))
        })?;
        Ok(UntoldList { rows: Vec::clone(&rows), as_of: Moment(self.now()) })
    }

    /// One thing that arrived.
    pub fn arrival(&self, kind: ArrivalKind, id: &str) -> Result<Arrival> {
        self.arrivals()?
            .into_iter()
            .find(|one| one.kind == kind && one.id == id)
            .ok_or_else(|| AppError::not_found(kind.code(), id))
    }

    /// The list as CSV, one line for each group of operators.
    pub fn export_untold(&self) -> Result<Vec<u8>> {
        let mut table = Table::new(&[
            "kind",
            "id",
            "title",
            "arrived",
            "state",
            "group",
            "audience",
            "unit",
            "class",
            "affected",
            "unknown",
            "not_told",
            "how_it_stands",
            "notices",
            "draft",
            "signed_by",
            "signed_at",
            "because",
        ]);
        for one in self.untold()?.rows {
            let head = |state: &str| {
                [
                    one.kind.code().to_owned(),
                    one.id.clone(),
                    one.title.clone(),
                    one.arrived.0.to_string(),
                    state.to_owned(),
                ]
            };
            let signed = |line: Option<&SignedLine>| match line {
                Some(line) => [line.name.clone(), line.at.0.to_string(), line.because.clone()],
                None => Default::default(),
            };
            if one.groups.is_empty() {
                let about = one.advisories.join(" ");
                let how = if one.kind == ArrivalKind::Letter && about.is_empty() {
                    "nobody has said what it is about".to_owned()
                } else {
                    about
                };
                let blank = ["", "", "", "", "", "", ""].map(str::to_owned);
                let rest = [how, String::new(), String::new()];
                let cells = head(one.state.code()).into_iter().chain(blank).chain(rest);
                table.push(cells.chain(signed(one.closed.as_ref())).collect::<Vec<_>>());
            }
            for group in &one.groups {
                let cells = [
                    group.name(),
                    group.audience.clone(),
                    group.unit.clone(),
                    group.class.clone(),
                    group.affected.to_string(),
                    group.unknown.to_string(),
                    group.not_told.to_string(),
                    group.telling.plain().to_owned(),
                    group.notices.join(" "),
                    group.draft.clone(),
                ];
                let cells = head(one.state.code()).into_iter().chain(cells);
                table.push(cells.chain(signed(group.signed.as_ref())).collect::<Vec<_>>());
            }
        }
        Ok(table.to_csv().into_bytes())
    }

    pub(crate) fn arrivals(&self) -> Result<Vec<Arrival>> {
        let (concerns, ground) = (self.concerns()?, self.ground()?);
        let mut arrivals = Vec::new();
        let mut by_id: BTreeMap<String, usize> = BTreeMap::new();
        for held in self.stored_advisories()? {
            let id = held.advisory.id.clone();
            let telling = ground.tellings.get(&telling_id(ArrivalKind::Advisory, &id));
            let groups: Vec<GroupLine> = concerns
                .by_advisory
                .get(&id)
                .into_iter()
                .flat_map(|groups| groups.iter())
                .map(|(key, concern)| ground.group(key, concern, telling))
                .collect();
            let waits = Waits::of(&groups);
            let closed = telling.and_then(|telling| telling.closed.clone());
            let state = waits.state().unwrap_or(match (&closed, groups.is_empty()) {
                (Some(_), _) => ArrivalState::Closed,
                (None, true) => ArrivalState::Nobody,
                (None, false) => ArrivalState::Ready,
            });
            by_id.insert(id.clone(), arrivals.len());
            arrivals.push(Arrival {
                kind: ArrivalKind::Advisory,
                id,
                title: held.advisory.title.clone(),
                arrived: Moment(held.received),
                state,
                waiting: waits.all(),
                untold: waits.untold,
                unassigned: waits.unassigned,
                undecided: waits.undecided,
                groups,
                advisories: Vec::new(),
                closed,
            });
        }
        let letters = self.letter_arrivals(&ground, &arrivals, &by_id)?;
        arrivals.extend(letters);
        Ok(arrivals)
    }

    /// A letter is as open as the advisories it is about.
    fn letter_arrivals(
        &self,
        ground: &Ground,
        advisories: &[Arrival],
        by_id: &BTreeMap<String, usize>,
    ) -> Result<Vec<Arrival>> {
        let mut written: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut being_written: BTreeSet<String> = BTreeSet::new();
        for line in self.written()?.into_iter().filter(|line| !line.letter.is_empty()) {
            if line.state != WrittenState::Released {
                being_written.insert(line.letter.clone());
            }
            written.entry(line.letter).or_default().push(line.id);
        }
        let mut arrivals = Vec::new();
        for held in self.load_all::<StoredLetter>(DocKind::Letter, None)? {
            let made = written.get(&held.id).into_iter().flatten();
            let about: BTreeSet<&String> =
                held.advisories.iter().chain(made).filter(|id| by_id.contains_key(*id)).collect();
            let of = |id: &String| by_id.get(id).and_then(|at| advisories.get(*at));
            let waits = about.iter().filter_map(|id| of(id)).fold(Waits::default(), Waits::with);
            let telling = ground.tellings.get(&telling_id(ArrivalKind::Letter, &held.id));
            let closed = telling.and_then(|telling| telling.closed.clone());
            let state = waits.state().unwrap_or(match (&closed, about.is_empty()) {
                // What is being written of it has told nobody yet.
                _ if being_written.contains(&held.id) => ArrivalState::Writing,
                (Some(_), _) => ArrivalState::Closed,
                (None, true) => ArrivalState::Unsaid,
                (None, false) => ArrivalState::Ready,
            });
            arrivals.push(Arrival {
                kind: ArrivalKind::Letter,
                title: held.title().to_owned(),
                arrived: Moment(held.received),
                state,
                waiting: waits.all(),
                untold: waits.untold,
                unassigned: waits.unassigned,
                undecided: waits.undecided,
                groups: Vec::new(),
                advisories: about.into_iter().cloned().collect(),
                closed,
                id: held.id,
            });
        }
        Ok(arrivals)
    }

    pub(super) fn ground(&self) -> Result<Ground> {
        let mut told: BTreeMap<String, ToldDevices> = BTreeMap::new();
        for notice in self.stored_notices()? {
            let standing = standing(&notice.events);
            let over = matches!(standing.state, NoticeState::Withdrawn | NoticeState::StoodDown);
            if over || !notice.followed_by.is_empty() || notice.draft.kind == DraftKind::StandDown {
                continue;
            }
            let held = told.entry(notice.key).or_default();
            let devices = notice.devices.iter().map(|device| device.id);
            if standing.sent.is_some() {
                held.told.extend(devices)
            } else {
                held.unsent.extend(devices)
            }
            held.notices.push(notice.id);
        }
        let mut tellings = BTreeMap::new();
        for row in self.store.list(DocKind::Telling, &ListDocs::default())? {
            let telling: StoredTelling = parse(DocKind::Telling, &row.id, &row.body)?;
            tellings.insert(row.id, telling);
        }
        Ok(Ground {
            told,
            drafts: self.drafts_on_file()?,
            tellings,
            units: self.units()?,
            contacts: self.contacts()?,
            tables: Arc::clone(&self.tables),
        })
    }
}

impl Ground {
    /// Whether anybody on record could be told: in a unit that is known, whoever drafts go to.
    fn assigned(&self, concern: &Concern) -> bool {
        let whole_house = Unit::default();
        match concern.audience {
            Audience::Technical => !technical_audience(&whole_house, &self.contacts).is_empty(),
            Audience::Clinical | Audience::Huddle => {
                let profession = &self.tables.class(DeviceClass::of(&concern.class)).profession;
                let unit = self.units.iter().find(|unit| unit.code == concern.unit);
                unit.is_some_and(|unit| !audience(unit, &[], profession, &self.contacts).is_empty())
            }
        }
    }

    /// Whether a notice told the group with this key of the device.
    pub(super) fn has_told(&self, key: &str, device: DeviceId) -> bool {
        self.told.get(key).is_some_and(|told| told.told.contains(&device))
    }

    pub(super) fn group(&self, key: &str, concern: &Concern, telling: Option<&StoredTelling>) -> GroupLine {
        let none = ToldDevices::default();
        let told = self.told.get(key).unwrap_or(&none);
        let signatures: Vec<_> =
            telling.into_iter().flat_map(|one| &one.signatures).filter(|one| one.key == key).collect();
        let is_signed = |id: &DeviceId| signatures.iter().any(|one| one.devices.contains(id));
        let not_told: BTreeSet<DeviceId> = concern.affected.difference(&told.told).copied().collect();
        let open: Vec<DeviceId> = not_told.iter().copied().filter(|id| !is_signed(id)).collect();
        let undecided = concern.unknown.iter().any(|id| !is_signed(id));
        let draft = self.drafts.open_with(key).unwrap_or_default().to_owned();
        let telling = if !open.is_empty() && open.iter().all(|id| told.unsent.contains(id)) {
            Telling::Unsent
        } else if !open.is_empty() && !self.assigned(concern) {
            Telling::Unassigned
        } else if !open.is_empty() && !draft.is_empty() {
            Telling::Draft
        } else if !open.is_empty() {
            Telling::Untold
        } else if undecided {
            Telling::Undecided
        } else if !not_told.is_empty() || !concern.unknown.is_empty() {
            Telling::Signed
        } else {
            Telling::Told
        };
        GroupLine {
            key: key.to_owned(),
            audience: concern.audience.code().to_owned(),
            unit: concern.unit.clone(),
            class: concern.class.clone(),
            affected: concern.affected.len() as u64,
            unknown: concern.unknown.len() as u64,
            not_told: not_told.len() as u64,
            telling,
            notices: told.notices.clone(),
            draft,
            signed: signatures.last().map(|one| one.signed.clone()),
            mark: mark(&covered(concern, &told.told)),
        }
    }

    /// The devices a signature on this group would cover now.
    pub(super) fn covered_now(&self, key: &str, concern: &Concern) -> BTreeSet<DeviceId> {
        let none = ToldDevices::default();
        covered(concern, &self.told.get(key).unwrap_or(&none).told)
    }
}

fn covered(concern: &Concern, told: &BTreeSet<DeviceId>) -> BTreeSet<DeviceId> {
    concern.affected.difference(told).chain(&concern.unknown).copied().collect()
}

/// A hash of devices, so that nobody signs for others than they saw.
pub(super) fn mark(devices: &BTreeSet<DeviceId>) -> String {
    let mut hash = Sha256::new();
    for device in devices {
        hash.update(device.0.to_be_bytes());
    }
    hex(&hash.finalize()[..8])
}

impl App {
    /// What a signature on these groups would cover now, by key.
    pub(super) fn coverage(&self, advisory: &str) -> Result<BTreeMap<String, BTreeSet<DeviceId>>> {
        let (concerns, ground) = (self.concerns()?, self.ground()?);
        let held = concerns.by_advisory.get(advisory).into_iter().flat_map(|groups| groups.iter());
        Ok(held.map(|(key, concern)| (key.clone(), ground.covered_now(key, concern))).collect())
    }
}
