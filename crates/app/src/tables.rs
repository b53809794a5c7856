//! Places, units and contacts.

use crate::App;
use crate::app::{doc, lock, removal};
use crate::change::{ChangeSet, DocKind, DocPut};
use crate::error::{AppError, Result};
use crate::ports::ListDocs;
use crate::ports_taught::PORTS;
use crate::views::TableReport;
use crate::who::Who;
use sha2::{Digest, Sha256};
use std::net::IpAddr;
use tallyward_core::{Contact, Duty, Place, PlaceRule, Places, PortRule, Timestamp, Unit};
use tallyward_discovery::lists::{Table, read_table};

/// A row by column name.
struct Line<'a> {
    header: &'a [String],
    cells: &'a [String],
}

impl Line<'_> {
    fn get(&self, column: &str) -> String {
        let at = self.header.iter().position(|name| name.eq_ignore_ascii_case(column));
        at.and_then(|at| self.cells.get(at)).cloned().unwrap_or_default()
    }

    fn list(&self, column: &str) -> Vec<String> {
        let text = self.get(column);
        text.split(['|', '/']).map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    }
}

impl App {
    /// Replaces the places table: columns subnet, vlan, site, building, floor, room, unit, watched. A line that names a `switch_port` or an
    /// `access_point` instead of a subnet says where that is. Subnets replace subnets, ports ports.
    pub fn import_places(&self, who: &Who, bytes: &[u8]) -> Result<TableReport> {
        let (rows, report) = read(bytes, &["subnet", "site"], |line| {
            let since = line.get("watched").parse::<Timestamp>().ok();
            match port_rule(line)? {
                Some(port) => Ok((None, Some(port), since)),
                None => Ok((Some(place_rule(line)?), None, since)),
            }
        })?;
        let since = rows.iter().filter_map(|(.., since)| *since).min();
        let (rules, ports): (Vec<_>, Vec<_>) = rows.into_iter().map(|(rule, port, _)| (rule, port)).unzip();
        let rules: Vec<PlaceRule> = rules.into_iter().flatten().collect();
        let mut ports: Vec<PortRule> = ports.into_iter().flatten().collect();
        ports.sort();
        let mut docs = Vec::new();
        // A file that speaks of ports only leaves the subnets as they are, and the other way round.
        if !rules.is_empty() || ports.is_empty() {
            docs.push(doc(DocKind::Places, "current", "", &Places { rules }));
            docs.push(doc(DocKind::Setting, "listening_since", "", &since));
        }
        if !ports.is_empty() {
            docs.push(doc(DocKind::Places, PORTS, "", &ports));
        }
        self.replace(who, "places.import", docs, &report)?;
        self.refresh()?;
        self.refresh_drafts()?;
        Ok(report)
    }

    /// Adds or replaces units: columns code, name, site, building, floor, pools, aliases.
    pub fn import_units(&self, who: &Who, bytes: &[u8]) -> Result<TableReport> {
        let (units, report) = read(bytes, &["code", "name"], unit)?;
        let docs = units.iter().map(|unit| doc(DocKind::Unit, unit.code.clone(), "", unit)).collect();
        self.replace(who, "units.import", docs, &report)?;
        self.refresh()?;
        self.refresh_drafts()?;
        Ok(report)
    }

    /// Replaces the contacts: columns unit, duty, profession, name, email, phone.
    pub fn import_contacts(&self, who: &Who, bytes: &[u8]) -> Result<TableReport> {
        let (contacts, report) = read(bytes, &["duty", "name"], contact)?;
        let kept: std::collections::BTreeSet<&str> =
            contacts.iter().map(|contact| contact.id.as_str()).collect();
        let mut docs: Vec<DocPut> =
            contacts.iter().map(|one| doc(DocKind::Contact, one.id.clone(), one.unit.clone(), one)).collect();
        for row in self.store.list(DocKind::Contact, &ListDocs::default())? {
            if !kept.contains(row.id.as_str()) {
                docs.push(removal(DocKind::Contact, row.id, row.index));
            }
        }
        self.replace(who, "contacts.import", docs, &report)?;
        self.refresh_drafts()?;
        Ok(report)
    }

    /// The places table.
    pub fn places(&self) -> Result<Places> {
        Ok(self.load(DocKind::Places, "current")?.unwrap_or_default())
    }

    /// Units.
    pub fn units(&self) -> Result<Vec<Unit>> {
        self.load_all(DocKind::Unit, None)
    }

    /// Contacts.
    pub fn contacts(&self) -> Result<Vec<Contact>> {
        self.load_all(DocKind::Contact, None)
    }

    fn replace(&self, who: &Who, action: &str, docs: Vec<DocPut>, report: &TableReport) -> Result<()> {
        if !who.role.may_write() {
            return Err(AppError::Refused("a reader cannot change tables".to_owned()));
        }
        let _writing = lock(&self.state.desk);
        let mut event = self.event(who, action, "table");
        event.after = format!("{} lines taken, {} refused", report.taken, report.refused.len());
        self.commit(ChangeSet { docs, audit: vec![event], ..ChangeSet::default() })?;
        Ok(())
    }
}

fn read<T>(
    bytes: &[u8],
    needed: &[&str],
    one: impl Fn(&Line<'_>) -> std::result::Result<T, String>,
) -> Result<(Vec<T>, TableReport)> {
    let table: Table = read_table(bytes).map_err(|error| AppError::invalid("file", error.to_string()))?;
    for column in needed {
        if !table.header.iter().any(|name| name.eq_ignore_ascii_case(column)) {
            return Err(AppError::invalid(
                "line 1",
                format!("there is no column {column:?}; the header is {:?}", table.header.join(", ")),
            ));
        }
    }
    let mut report = TableReport::default();
    let mut taken = Vec::new();
    for row in &table.rows {
        let read = match &row.cells {
            Ok(cells) => one(&Line { header: &table.header, cells }),
            Err(why) => Err(why.clone()),
        };
        match read {
            Ok(value) => taken.push(value),
            Err(why) => report.refused.push((row.line, why)),
        }
    }
    report.taken = taken.len();
    Ok((taken, report))
}

/// The line of a port or access point, if it is one.
fn port_rule(line: &Line<'_>) -> std::result::Result<Option<PortRule>, String> {
    let named = ["switch_port", "access_point"].map(|column| line.get(column));
    let Some(port) = named.into_iter().find(|name| !name.is_empty()) else { return Ok(None) };
    if !line.get("subnet").is_empty() {
        return Err(format!("{port:?} stands beside a subnet: a line says where the one or the other is"));
    }
    let place = Place {
        site: line.get("site"),
        building: line.get("building"),
        floor: line.get("floor"),
        room: line.get("room"),
    };
    if place.plain().is_empty() {
        return Err(format!("{port:?} is given no place: expected at least a site or a room"));
    }
    Ok(Some(PortRule { port, place, unit: line.get("unit") }))
}

fn place_rule(line: &Line<'_>) -> std::result::Result<PlaceRule, String> {
    let subnet = line.get("subnet");
    let expected = || format!("{subnet:?} is no subnet: expected such as 10.20.4.0/24");
    let (address, bits) = subnet.split_once('/').ok_or_else(expected)?;
    let network: IpAddr = address.trim().parse().map_err(|_| expected())?;
    let bits: u8 = bits.trim().parse().map_err(|_| expected())?;
    if bits > if network.is_ipv4() { 32 } else { 128 } {
        return Err(expected());
    }
    let vlan = match line.get("vlan").as_str() {
        "" => None,
        text => match text.parse::<u16>() {
            Ok(vlan @ 1..=4094) => Some(vlan),
            _ => return Err(format!("{text:?} is no VLAN: expected a number from 1 to 4094")),
        },
    };
    let place = Place {
        site: line.get("site"),
        building: line.get("building"),
        floor: line.get("floor"),
        room: line.get("room"),
    };
    let watched = watched(&line.get("watched"))?;
    Ok(PlaceRule { network, bits, vlan, place, unit: line.get("unit"), watched })
}

/// Whether somebody listens there: `yes`, or the day since when, or `no`.
fn watched(text: &str) -> std::result::Result<bool, String> {
    match text.to_lowercase().as_str() {
        "yes" | "y" | "true" | "1" => Ok(true),
        "" | "no" | "n" | "false" | "0" => Ok(false),
        _ if text.parse::<Timestamp>().is_ok() => Ok(true),
        _ => Err(format!("{text:?}: expected yes, no, or the day since when somebody listens (2026-08-25)")),
    }
}

fn unit(line: &Line<'_>) -> std::result::Result<Unit, String> {
    let code = line.get("code");
    if code.is_empty() {
        return Err("a unit needs a code".to_owned());
    }
    Ok(Unit {
        code,
        name: line.get("name"),
        site: line.get("site"),
        building: line.get("building"),
        floor: line.get("floor"),
        pools: line.list("pools"),
        aliases: line.list("aliases"),
    })
}

fn contact(line: &Line<'_>) -> std::result::Result<Contact, String> {
    let said = line.get("duty").to_lowercase();
    let duty = Duty::from_code(&said).ok_or_else(|| {
        format!(
            "{said:?} is no duty: expected charge, profession, biomed, security, lead, supervisor or privacy"
        )
    })?;
    let (name, email, phone) = (line.get("name"), line.get("email"), line.get("phone"));
    if name.is_empty() {
        return Err("a contact needs a name".to_owned());
    }
    if email.is_empty() && phone.is_empty() {
        return Err(format!("{name:?} has neither mail address nor telephone number"));
    }
    if !email.is_empty()
        && !email.split_once('@').is_some_and(|(local, host)| !local.is_empty() && !host.is_empty())
    {
        return Err(format!("{email:?} is no mail address"));
    }
    let unit = line.get("unit");
    let id =
        crate::app::hex(&Sha256::digest(format!("{unit}|{}|{name}|{email}", duty.code()).as_bytes())[..8]);
    Ok(Contact { id, unit, duty, profession: line.get("profession"), name, email, phone })
}
