//! What the CMMS says of each device, with the ways in which lists are wrong.

use crate::advisories;
use crate::device::{LabDevice, Listed};
use crate::rng::Rng;
use crate::tables::{Model, Tables};
use tallyward_core::{Presence, Unit};
use tallyward_identity::udi::gs1_check_digit;

/// Placeholders found in serial cells.
const JUNK: [&str; 4] = ["N/A", "Default string", "To be filled by O.E.M.", "SEE LABEL"];

pub(crate) fn write(seed: u64, tables: &Tables, truth: &mut [LabDevice]) {
    let mut rng = Rng::new(seed, "list");
    for device in truth.iter_mut().filter(|device| device.presence != Presence::Stranger) {
        let model = &tables.models[device.model];
        let unit = &tables.units[device.unit];
        device.listed = Some(listed(device, model, unit, &mut rng));
    }
}

fn listed(device: &LabDevice, model: &Model, unit: &Unit, rng: &mut Rng) -> Listed {
    let in_hl7 = device.seen.as_ref().is_some_and(|seen| seen.in_hl7);
    let in_dicom = device.seen.as_ref().is_some_and(|seen| seen.in_dicom);
    // What the wire names by serial or UDI must find the same in the list, or one device would count as two.
    let serial_matters = in_hl7 || in_dicom;
    let named = advisories::names_model(&model.id);
    let junk = !serial_matters && device.mac.is_some() && rng.percent(3);
    let serial = match rng.pick(&JUNK) {
        Some(word) if junk => (*word).to_owned(),
        _ => device.serial.clone(),
    };
    let misspelt = !named && rng.percent(15);
    // A device that sends images is found by maker and serial, so its MAC cell may be blank.
    let no_mac = in_dicom && !misspelt && rng.percent(40);
    let old = matches!(device.presence, Presence::Moved | Presence::Zombie);
    Listed {
        maker: maker_cell(&model.maker, misspelt, rng),
        serial,
        udi: udi_cell(device, in_hl7, junk, rng),
        version: version_cell(device, model, rng),
        mac: device.mac.filter(|_| !no_mac),
        ip: device.ip.filter(|_| !old && (device.seen.is_none() || rng.percent(30))),
        unit: unit_cell(unit, rng),
        status: status_cell(device, model, rng).to_owned(),
    }
}

/// Case, blanks and legal form vary everywhere. True misspellings stand only where no advisory names the model,
/// since whether a misspelt maker is the same one is for a person to say.
fn maker_cell(maker: &str, misspelt: bool, rng: &mut Rng) -> String {
    if misspelt {
        let lost = 1 + rng.below(maker.len().saturating_sub(2));
        return maker.char_indices().filter(|(at, _)| *at != lost).map(|(_, letter)| letter).collect();
    }
    match rng.below(20) {
        0 => maker.to_uppercase(),
        1 => format!("{maker}  "),
        2 => maker.to_lowercase(),
        3 => format!("{maker}, Inc."),
        _ => maker.to_owned(),
    }
}

fn udi_cell(device: &LabDevice, needed: bool, junk: bool, rng: &mut Rng) -> String {
    // A good label beside a junk serial would make the junk harmless, and the trap with it.
    if junk {
        return String::new();
    }
    let scanned = device.udi.replace(['(', ')'], "");
    match rng.below(20) {
        0..10 => device.udi.clone(),
        _ if needed => scanned,
        10..12 => scanned,
        12 => wrong_check_digit(&device.udi),
        13 => "9.52E+12".to_owned(),
        _ => String::new(),
    }
}

/// The label with the check digit of its GTIN raised by one: typed wrong, so never a key.
fn wrong_check_digit(udi: &str) -> String {
    let Some(body) = udi.get(4..17) else { return udi.to_owned() };
    let Some(right) = gs1_check_digit(body).and_then(|digit| digit.to_digit(10)) else {
        return udi.to_owned();
    };
    format!("(01){body}{}{}", (right + 1) % 10, &udi[18..])
}

fn version_cell(device: &LabDevice, model: &Model, rng: &mut Rng) -> Option<String> {
    let on_wire = device.seen.as_ref().is_some_and(|seen| seen.version.is_some());
    if !rng.percent(if on_wire { 80 } else { 56 }) {
        return None;
    }
    let at = model.versions.iter().position(|version| *version == device.version)?;
    // A list is not told when somebody updates a device.
    if on_wire && at > 0 && rng.percent(60) {
        return model.versions.get(at - 1).cloned();
    }
    Some(device.version.clone())
}

fn unit_cell(unit: &Unit, rng: &mut Rng) -> String {
    match rng.below(10) {
        0..2 => unit.name.clone(),
        2 => rng.pick(&unit.aliases).unwrap_or(&unit.code).clone(),
        _ => unit.code.clone(),
    }
}

fn status_cell(device: &LabDevice, model: &Model, rng: &mut Rng) -> &'static str {
    let idle = device.mac.is_none() && !advisories::names_model(&model.id);
    match rng.below(10) {
        _ if device.presence == Presence::Zombie => "Retired",
        0 if idle => "Retired",
        1..3 if idle => "In Storage",
        3..5 => "Active",
        5 => "in service ",
        _ => "In Service",
    }
}
