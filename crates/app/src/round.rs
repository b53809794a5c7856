//! A round: the worklist device by device, in the order one walks, as much as fits into the minutes there are.

use crate::App;
use crate::app::parse;
use crate::change::DocKind;
use crate::error::{AppError, Result};
use crate::findings::component_of;
use crate::model_book::{MayRead, Reading};
use crate::views::{Moment, StoredDevice, WorkItem, WorklistDevice};
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use tallyward_core::{DeviceId, Field};
use tallyward_matching::{Effort, within_budget};
use tallyward_report::barcode_svg;

/// The most minutes of a round or of a reading: a working day.
const MOST_MINUTES: u32 = 480;

/// Which readings to take along; what is absent does not filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoundQuery {
    /// Site.
    pub site: Option<String>,
    /// Unit code.
    pub unit: Option<String>,
    /// Minutes there are. Only readings whose minutes are known count on it.
    pub minutes: Option<u32>,
    /// Minutes to count for a reading that nobody has timed. Without it such readings are not in a budget.
    pub untimed: Option<u32>,
    /// At most so many readings, those that settle most.
    pub most: Option<usize>,
}

impl RoundQuery {
    /// Reads minutes as typed; blank is none.
    ///
    /// # Errors
    /// When it is no whole number from 1 to 480.
    pub fn minutes_of(name: &'static str, text: &str) -> Result<Option<u32>> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        match text.trim().parse() {
            Ok(minutes @ 1..=MOST_MINUTES) => Ok(Some(minutes)),
            _ => {
                let why = format!("expected whole minutes from 1 to {MOST_MINUTES}, found {text:?}");
                Err(AppError::invalid(name, why))
            }
        }
    }

    fn takes(&self, device: &WorklistDevice) -> bool {
        let same = |wanted: &Option<String>, has: &str| wanted.as_deref().is_none_or(|wanted| wanted == has);
        same(&self.site, &device.site) && same(&self.unit, &device.unit)
    }
}

/// One field to read on one device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RoundLine {
    /// The device.
    pub device: WorklistDevice,
    /// The field.
    pub field: Field,
    /// Of which component, for a component's version; else empty.
    pub component: String,
    /// The facts it answers, in plain words.
    pub plain: Vec<String>,
    /// Maker and model.
    pub model: String,
    /// Where to read it, from the model book; none when nobody has written it down.
    pub reading: Option<Reading>,
    /// Minutes counted for it: timed ones, or those the query gives for a reading nobody has timed.
    pub minutes: Option<u32>,
    /// Findings of this device that wait for it.
    pub settles: u64,
    /// Next maintenance as recorded, empty when it is not.
    pub maintenance: String,
}

impl RoundLine {
    /// What a scanner reads to come back to this line: `D1042/software_version`.
    #[must_use]
    pub fn code(&self) -> String {
        code(self.device.id, self.field)
    }

    /// [`Self::code`] as a bar code, SVG in its true size.
    #[must_use]
    pub fn barcode(&self) -> String {
        // A handle and a field's name are short and plain ASCII.
        barcode_svg(&self.code()).unwrap_or_default()
    }

    /// Whether it may be read now. Nobody's word means not while on a patient.
    #[must_use]
    pub fn when(&self) -> MayRead {
        self.reading.as_ref().map_or_else(MayRead::default, |one| one.when)
    }
}

/// The readings of a round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Round {
    /// By site, unit, room and device.
    pub lines: Vec<RoundLine>,
    /// Readings that wait in all, within site and unit.
    pub waiting: u64,
    /// Those of them that nobody has timed.
    pub untimed: u64,
    /// Minutes of the lines, where they are known.
    pub minutes: u64,
    /// Findings the lines settle or bring forward.
    pub settles: u64,
    /// When this was true.
    pub as_of: Moment,
}

/// The code of a device and field.
#[must_use]
pub fn code(device: DeviceId, field: Field) -> String {
    format!("{device}/{field}")
}

/// Reads what was scanned or typed: `D1042/software_version`, in any case of letters, or an address that ends so.
#[must_use]
pub fn read_code(text: &str) -> Option<(DeviceId, Field)> {
    let text = text.trim().to_ascii_lowercase();
    let text = text.split(['?', '#']).next()?.trim_end_matches('/');
    let (rest, field) = text.rsplit_once('/')?;
    let device = rest.rsplit('/').next()?;
    Some((device.parse().ok()?, field.parse().ok()?))
}

impl App {
    /// The readings to take along.
    pub fn round(&self, query: &RoundQuery) -> Result<Round> {
        let mut round = choose(&self.worklist()?.items, query, Moment(self.now()));
        for line in &mut round.lines {
            if let Some(row) = self.store.device(line.device.id)? {
                let stored: StoredDevice = parse(DocKind::Setting, &row.put.id.to_string(), &row.put.body)?;
                line.maintenance = stored.device.get(Field::NextMaintenance).unwrap_or_default().to_owned();
            }
        }
        Ok(round)
    }
}

/// The lines of the worklist that belong to a query, with the fact each stands for.
pub(crate) fn chosen<'a>(
    items: &'a [WorkItem],
    query: &RoundQuery,
) -> Vec<(&'a WorkItem, &'a WorklistDevice)> {
    let within = query.minutes.map(|_| {
        let round = choose(items, query, Moment::default());
        round
            .lines
            .iter()
            .map(|line| (line.device.id, line.field, line.component.clone()))
            .collect::<BTreeSet<_>>()
    });
    let taken = |item: &WorkItem, device: &WorklistDevice| {
        query.takes(device)
            && within.as_ref().is_none_or(|keys| {
                item.field.is_some_and(|field| {
                    keys.contains(&(device.id, field, component_of(&item.fact).to_owned()))
                })
            })
    };
    items
        .iter()
        .flat_map(|item| item.devices.iter().map(move |device| (item, device)))
        .filter(|(item, device)| taken(item, device))
        .collect()
}

fn choose(items: &[WorkItem], query: &RoundQuery, as_of: Moment) -> Round {
    let all = lines(items, query);
    let waiting = all.len() as u64;
    let timed = |line: &&RoundLine| line.reading.as_ref().is_some_and(|one| one.minutes.is_some());
    let untimed = waiting - all.iter().filter(timed).count() as u64;
    let mut lines = match query.minutes {
        Some(budget) => within(all, budget),
        None => all,
    };
    if let Some(most) = query.most.filter(|most| *most < lines.len()) {
        lines.sort_by_key(|line| Reverse(line.settles));
        lines.truncate(most);
    }
    lines.sort_by(|a, b| walked(a).cmp(&walked(b)));
    Round {
        waiting,
        untimed,
        minutes: lines.iter().filter_map(|line| line.minutes).map(u64::from).sum(),
        settles: lines.iter().map(|line| line.settles).sum(),
        lines,
        as_of,
    }
}

/// One line a device, field and component, however many facts it answers; in order of device.
fn lines(items: &[WorkItem], query: &RoundQuery) -> Vec<RoundLine> {
    let mut lines: BTreeMap<(DeviceId, Field, String), RoundLine> = BTreeMap::new();
    for item in items {
        let Some(field) = item.field else { continue };
        let component = component_of(&item.fact).to_owned();
        let timed = item.reading.as_ref().and_then(|one| one.minutes);
        for device in item.devices.iter().filter(|device| query.takes(device)) {
            let line = lines.entry((device.id, field, component.clone())).or_insert_with(|| RoundLine {
                device: device.clone(),
                field,
                component: component.clone(),
                plain: Vec::new(),
                model: item.model.clone(),
                reading: item.reading.clone(),
                minutes: timed.or(query.untimed),
                settles: 0,
                maintenance: String::new(),
            });
            line.settles += device.settles;
            line.plain.push(item.plain.clone());
        }
    }
    lines.into_values().collect()
}

fn within(lines: Vec<RoundLine>, budget: u32) -> Vec<RoundLine> {
    let effort =
        |line: &RoundLine| Some(Effort { minutes: NonZeroU32::new(line.minutes?)?, settles: line.settles });
    let known: Vec<(RoundLine, Effort)> =
        lines.into_iter().filter_map(|line| effort(&line).map(|effort| (line, effort))).collect();
    let efforts: Vec<Effort> = known.iter().map(|(_, effort)| *effort).collect();
    let places = within_budget(&efforts, budget.into());
    let chosen = |at: &usize| places.binary_search(at).is_ok();
    known.into_iter().enumerate().filter(|(at, _)| chosen(at)).map(|(_, (line, _))| line).collect()
}

fn walked(line: &RoundLine) -> (&str, &str, &str, &str, DeviceId, Field, &str) {
    let WorklistDevice { site, unit, room, name, id, .. } = &line.device;
    (site, unit, room, name, *id, line.field, &line.component)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model_book::Written;
    use proptest::prelude::*;
    use tallyward_core::MissingFact;

    fn device(id: u64, unit: &str, room: &str, settles: u64) -> WorklistDevice {
        WorklistDevice {
            id: DeviceId(id),
            name: format!("Pump {id}"),
            tag: String::new(),
            unit: unit.to_owned(),
            room: room.to_owned(),
            site: "Main".to_owned(),
            settles,
        }
    }

    fn item(
        fact: MissingFact,
        field: Option<Field>,
        minutes: Option<u32>,
        devices: Vec<WorklistDevice>,
    ) -> WorkItem {
        let reading = field.filter(|_| minutes.is_some()).map(|field| Reading {
            field,
            component: String::new(),
            path: "Menu, About".to_owned(),
            when: MayRead::WhileInUse,
            minutes,
            written: Written::default(),
        });
        WorkItem {
            plain: fact.plain(),
            fact,
            field,
            model: "Norvik Vista".to_owned(),
            maker: "norvik".to_owned(),
            bare_model: "vista".to_owned(),
            reading,
            settles: devices.iter().map(|one| one.settles).sum(),
            advisory: "A-1".to_owned(),
            count: devices.len() as u64,
            devices,
        }
    }

    #[test]
    fn one_line_a_device_and_field_in_the_order_one_walks() {
        let version = Some(Field::SoftwareVersion);
        let items = [
            item(
                MissingFact::SoftwareVersion,
                version,
                Some(3),
                vec![device(1, "ICU", "2", 4), device(2, "ICU", "1", 4)],
            ),
            item(
                MissingFact::FresherVersion,
                version,
                Some(3),
                vec![device(1, "ICU", "2", 2), device(3, "ED", "9", 1)],
            ),
            item(MissingFact::AskMaker, None, None, vec![device(1, "ICU", "2", 9)]),
        ];
        let round = choose(&items, &RoundQuery::default(), Moment::default());
        let seen: Vec<_> = round.lines.iter().map(|line| (line.code(), line.settles)).collect();
        let code = |id: u64| format!("D{id}/software_version");
        assert_eq!(seen, [(code(3), 1), (code(2), 4), (code(1), 6)]);
        assert_eq!((round.waiting, round.minutes, round.settles, round.untimed), (3, 9, 11, 0));
        let icu = RoundQuery { unit: Some("ICU".into()), most: Some(1), ..RoundQuery::default() };
        let round = choose(&items, &icu, Moment::default());
        assert_eq!((round.lines[0].code(), round.lines.len(), round.waiting), (code(1), 1, 2));
    }

    #[test]
    fn what_nobody_has_timed_counts_only_as_somebody_says() {
        let items = [
            item(
                MissingFact::SoftwareVersion,
                Some(Field::SoftwareVersion),
                None,
                vec![device(1, "ICU", "1", 9)],
            ),
            item(
                MissingFact::OperatingSystem,
                Some(Field::OperatingSystem),
                Some(5),
                vec![device(1, "ICU", "1", 1)],
            ),
        ];
        let query = RoundQuery { minutes: Some(8), ..RoundQuery::default() };
        let round = choose(&items, &query, Moment::default());
        assert_eq!(round.lines.iter().map(|line| line.field).collect::<Vec<_>>(), [Field::OperatingSystem]);
        assert_eq!((round.untimed, round.minutes, chosen(&items, &query).len()), (1, 5, 1));
        let round = choose(&items, &RoundQuery { untimed: Some(4), ..query }, Moment::default());
        assert_eq!(round.lines.iter().map(|line| line.field).collect::<Vec<_>>(), [Field::SoftwareVersion]);
        assert_eq!(round.minutes, 4);
    }

    #[test]
    fn a_code_reads_back_however_it_was_scanned() {
        let wanted = Some((DeviceId(1042), Field::SoftwareVersion));
        for text in [
            "D1042/software_version",
            " d1042/SOFTWARE_VERSION\r\n",
            "https://tallyward.example/w/D1042/software_version?x=1#y",
            "/w/D1042/software_version/",
        ] {
            assert_eq!(read_code(text), wanted, "{text}");
        }
        for text in
            ["", "D1042", "D1042/", "1042/software_version", "D1042/colour", "software_version/D1042", "//"]
        {
            assert_eq!(read_code(text), None, "{text}");
        }
    }

    #[test]
    fn every_field_makes_a_bar_code() {
        for field in Field::ALL {
            assert!(barcode_svg(&code(DeviceId(u64::MAX), *field)).is_ok(), "{field}");
        }
    }

    #[test]
    fn minutes_are_whole_and_within_a_day() {
        assert_eq!(RoundQuery::minutes_of("minutes", " 120 ").unwrap(), Some(120));
        assert_eq!(RoundQuery::minutes_of("minutes", "").unwrap(), None);
        for text in ["0", "481", "-1", "1.5", "soon"] {
            assert!(RoundQuery::minutes_of("minutes", text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_round_is_never_over_its_budget(
            facts in prop::collection::vec((prop::option::of(1u32..40), prop::collection::vec((0u64..12, 0u64..9), 0..6)), 0..6),
            budget in 1u32..120,
            untimed in prop::option::of(1u32..20),
        ) {
            let fields = [Field::SoftwareVersion, Field::OperatingSystem, Field::HardwareVersion];
            let items: Vec<WorkItem> = facts
                .iter()
                .enumerate()
                .map(|(at, (minutes, devices))| {
                    let devices = devices.iter().map(|(id, settles)| device(*id, "ICU", "1", *settles)).collect();
                    item(MissingFact::SoftwareVersion, Some(fields[at % 3]), *minutes, devices)
                })
                .collect();
            let query = RoundQuery { minutes: Some(budget), untimed, ..RoundQuery::default() };
            let round = choose(&items, &query, Moment::default());
            prop_assert!(round.minutes <= u64::from(budget));
            prop_assert!(round.lines.iter().all(|line| line.minutes.is_some()));
            prop_assert_eq!(&round, &choose(&items, &query, Moment::default()));
        }

        #[test]
        fn any_text_is_a_code_or_none(text in ".{0,80}") {
            if let Some((device, field)) = read_code(&text) {
                prop_assert_eq!(read_code(&code(device, field)), Some((device, field)));
            }
        }
    }
}
