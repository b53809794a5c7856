//! Ports and where they are: what devices teach, what a person's table says, and what follows for devices that hang there.
//!
//! What is taught is held in memory, worked out of all devices once and brought up to date with each commit. A change of what a port
//! teaches changes where the devices on it stand, so these are worked out again at once; what they teach themselves does not
//! depend on that, so it ends there.

use crate::App;
use crate::app::{doc, lock, parse};
use crate::change::{ChangeSet, DevicePut, DocKind};
use crate::error::{AppError, Result};
use crate::query::DeviceQuery;
use crate::views::{Moment, PortList, PortReport, StoredDevice};
use crate::who::Who;
use std::collections::BTreeMap;
use std::sync::Arc;
use tallyward_core::{Device, DeviceId, Key, Place, PortRule};
use tallyward_identity::ports::{Lesson, Ports, hangs_on, lessons};
use tallyward_identity::text::fold;
use tallyward_report::Table;

/// The longest name of a port.
const LONGEST: usize = 120;

/// What one device teaches, and the port it hangs on in the spelling of comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OnPort {
    lessons: Vec<Lesson>,
    port: Option<String>,
}

impl OnPort {
    fn of(device: &Device) -> Self {
        let port = hangs_on(device).map(|(port, _)| fold(port.split(" (").next().unwrap_or(port)));
        Self { lessons: lessons(device), port }
    }

    fn is_nothing(&self) -> bool {
        self.port.is_none() && self.lessons.is_empty()
    }
}

/// All devices on ports, and the map that follows.
#[derive(Debug, Default)]
pub(crate) struct Hung {
    devices: BTreeMap<DeviceId, OnPort>,
    map: Option<Arc<Ports>>,
}

/// What a commit changes of it.
pub(crate) struct HungChange {
    put: Vec<(DeviceId, OnPort)>,
    gone: Vec<DeviceId>,
    table: bool,
}

fn on_port(put: &DevicePut) -> Result<OnPort> {
    // Most devices hang on no port that anybody told; their bodies need not be read.
    if !put.body.contains("switch_port") && !put.body.contains("access_point") {
        return Ok(OnPort::default());
    }
    let stored: StoredDevice = parse(DocKind::Setting, &put.id.to_string(), &put.body)?;
    Ok(OnPort::of(&stored.device))
}

impl App {
    /// Where ports are, as of now.
    pub(crate) fn ports_map(&self) -> Result<Arc<Ports>> {
        let mut held = lock(&self.state.hung);
        if held.is_none() {
            let mut devices = BTreeMap::new();
            for row in self.every_device(&DeviceQuery::default())? {
                let on = on_port(&row.put)?;
                if !on.is_nothing() {
                    devices.insert(row.put.id, on);
                }
            }
            *held = Some(Hung { devices, map: None });
        }
        let hung = held.get_or_insert_default();
        if let Some(map) = &hung.map {
            return Ok(Arc::clone(map));
        }
        let lessons = hung.devices.values().flat_map(|on| on.lessons.iter().cloned());
        let map = Arc::new(Ports::new(&self.port_rules()?, lessons));
        hung.map = Some(Arc::clone(&map));
        Ok(map)
    }

    /// The lines of the places table that name ports.
    pub fn port_rules(&self) -> Result<Vec<PortRule>> {
        Ok(self.load(DocKind::Places, PORTS)?.unwrap_or_default())
    }

    /// What a change does to what is held.
    pub(crate) fn hung_after(&self, change: &ChangeSet) -> Result<HungChange> {
        let put = change.devices.iter().map(|put| Ok((put.id, on_port(put)?))).collect::<Result<_>>()?;
        let gone = change.gone.iter().copied().chain(change.redirects.iter().map(|(old, _)| *old)).collect();
        let table = change.docs.iter().any(|put| put.kind == DocKind::Places);
        Ok(HungChange { put, gone, table })
    }

    /// Brings what is held up to date with a commit that went through.
    pub(crate) fn note_hung(&self, change: HungChange) {
        let mut held = lock(&self.state.hung);
        let Some(hung) = held.as_mut() else { return };
        let mut changed = change.table;
        for id in change.gone {
            changed |= hung.devices.remove(&id).is_some();
        }
        for (id, on) in change.put {
            if hung.devices.get(&id).unwrap_or(&OnPort::default()) == &on {
                continue;
            }
            changed = true;
            if on.is_nothing() {
                hung.devices.remove(&id);
            } else {
                hung.devices.insert(id, on);
            }
        }
        if changed {
            hung.map = None;
        }
    }

    /// Works out again the devices on ports whose place is another than it was in `before`. The caller holds the fleet.
    pub(crate) fn settle_ports(&self, before: &Arc<Ports>) -> Result<()> {
        let now = self.ports_map()?;
        if Arc::ptr_eq(before, &now) {
            return Ok(());
        }
        let changed = before.differing(&now);
        if changed.is_empty() {
            return Ok(());
        }
        let ids: Vec<DeviceId> = {
            let held = lock(&self.state.hung);
            let devices = held.iter().flat_map(|hung| &hung.devices);
            let on = devices.filter(|(_, on)| on.port.as_ref().is_some_and(|port| changed.contains(port)));
            on.map(|(id, _)| *id).collect()
        };
        let mut keys: Vec<Key> = Vec::new();
        for id in ids {
            keys.extend(self.store.device(id)?.into_iter().flat_map(|row| row.put.keys));
        }
        if keys.is_empty() {
            return Ok(());
        }
        let world = self.world()?;
        let evidence = self.store.component(&keys)?;
        let mut change = self.fleet_change()?;
        self.rebuild(&evidence, &world, &mut change)?;
        let cause = "It became known, or doubtful, where a port is.";
        change.docs.extend(self.record_of_devices(cause, world.as_of, &change)?);
        self.commit(change)?;
        Ok(())
    }

    /// Every port that anything is known of, with how many devices hang on it.
    pub fn ports(&self) -> Result<PortList> {
        let map = self.ports_map()?;
        let mut count: BTreeMap<String, usize> = BTreeMap::new();
        if let Some(hung) = lock(&self.state.hung).as_ref() {
            for port in hung.devices.values().filter_map(|on| on.port.clone()) {
                *count.entry(port).or_default() += 1;
            }
        }
        let ports = map
            .lines()
            .map(|line| PortReport {
                port: line.port.clone(),
                place: line.holds.as_ref().map(|at| at.place.clone()),
                unit: line.holds.as_ref().map(|at| at.unit.clone()).unwrap_or_default(),
                by_table: line.table.is_some(),
                taught: line.taught.clone(),
                contested: line.is_contested(),
                devices: count.get(&fold(&line.port)).copied().unwrap_or(0),
            })
            .collect();
        Ok(PortList { ports, as_of: Moment(self.now()) })
    }

    /// Says where a port or access point is, in the name of a person; an empty place takes back what was said. It beats what devices teach.
    pub fn place_port(&self, who: &Who, port: &str, place: Place, unit: &str) -> Result<()> {
        if !who.role.may_write() {
            return Err(AppError::Refused("a reader cannot say where a port is".to_owned()));
        }
        let port = port.split_whitespace().collect::<Vec<_>>().join(" ");
        if fold(&port).is_empty() || port.len() > LONGEST {
            let why = format!("expected a switch and its port, such as sw-ed-1 Gi1/0/14, found {port:?}");
            return Err(AppError::invalid("port", why));
        }
        let _writing = lock(&self.state.fleet);
        let before = self.ports_map()?;
        let mut rules = self.port_rules()?;
        let old = rules.iter().find(|rule| fold(&rule.port) == fold(&port)).map(|rule| rule.place.plain());
        rules.retain(|rule| fold(&rule.port) != fold(&port));
        let said = place.plain();
        if !said.is_empty() {
            rules.push(PortRule { port: port.clone(), place, unit: unit.trim().to_owned() });
            rules.sort();
        }
        let mut event = self.event(who, "port.place", format!("port {port}"));
        event.before = old.unwrap_or_default();
        event.after = said;
        let docs = vec![doc(DocKind::Places, PORTS, "", &rules)];
        self.commit(ChangeSet { docs, audit: vec![event], ..ChangeSet::default() })?;
        self.settle_ports(&before)
    }

    /// The ports as a table: what can be read back as places stands in the same columns.
    pub fn export_ports(&self) -> Result<Vec<u8>> {
        let mut table = Table::new(&[
            "switch_port",
            "site",
            "building",
            "floor",
            "room",
            "unit",
            "by",
            "devices",
            "taught",
            "subnet",
        ]);
        for line in self.ports()?.ports {
            let by = match (&line.place, line.by_table) {
                (_, true) => "table",
                (Some(_), false) => "devices",
                (None, false) if line.contested => "contested",
                (None, false) => "",
            };
            let place = line.place.unwrap_or_default();
            let taught =
                line.taught.iter().map(|(place, devices, _)| format!("{} ({devices})", place.plain()));
            table.push([
                line.port,
                place.site,
                place.building,
                place.floor,
                place.room,
                line.unit,
                by.to_owned(),
                line.devices.to_string(),
                taught.collect::<Vec<_>>().join("; "),
                String::new(),
            ]);
        }
        Ok(table.to_csv().into_bytes())
    }
}

/// The document of the lines that name ports.
pub(crate) const PORTS: &str = "ports";
