//! The audit log of the Windows DHCP server (`DhcpSrvLog-Mon.log`).
//!
//! Copied: event id, date, time, IP address, host name, MAC address, vendor class as text. Never the user name, nor what a relay adds. The
//! month comes first in dates; times are local.

use super::pen::{Held, Pen};
use super::row::{Row, cells, read_mac};
use super::{Format, Log};
use crate::notes::Who;
use tallyward_core::{Field, Timestamp};

/// Audit log.
pub(super) const AUDIT: Format = Format {
    name: "Windows DHCP audit log",
    listens: false,
    told: |head| head.any(is_head),
    begin: |_| Box::new(Audit::default()),
};

fn is_head(line: &str) -> bool {
    line.starts_with("ID,Date,Time,Description,IP Address,Host Name,MAC Address")
}

const COLUMNS: &[&str] =
    &["ID", "Date", "Time", "IP Address", "Host Name", "MAC Address", "VendorClass(ASCII)"];

#[derive(Debug, Default)]
struct Audit {
    /// For each column of the file its place among those copied; empty above the header.
    places: Vec<Option<usize>>,
}

impl Log for Audit {
    fn line(&mut self, line: &str, pen: &mut Pen<'_>) -> Result<(), String> {
        if is_head(line) {
            self.places = line.split(',').map(|name| Row::place(COLUMNS, name.trim())).collect();
            return Ok(());
        }
        if self.places.is_empty() {
            return Ok(());
        }
        let mut row = Row::of(COLUMNS);
        for (cell, place) in cells(line, ',').into_iter().zip(&self.places) {
            if let Some(place) = place {
                row.put(*place, cell);
            }
        }
        event(&row, pen)
    }
}

fn event(row: &Row<'_>, pen: &mut Pen<'_>) -> Result<(), String> {
    let given = match row.need("ID")? {
        "10" | "11" => true,
        "12" | "16" | "17" | "18" => false,
        id if id.bytes().all(|byte| byte.is_ascii_digit()) => return Ok(()),
        _ => return Err("the line does not begin with the id of an event".to_owned()),
    };
    let written = format!("{} {}", row.need("Date")?, row.need("Time")?);
    let time = ["%m/%d/%y %H:%M:%S", "%m/%d/%Y %H:%M:%S"]
        .iter()
        .find_map(|layout| super::moment::civil(&written, layout, pen.zone))
        .ok_or("date and time are not such as 11/25/26,10:00:00")?;
    let address = row.address("IP Address")?.ok_or("there is no IP Address")?;
    if !given {
        pen.released(address, time);
        return Ok(());
    }
    // Longer ones are of no Ethernet card (remote access clients).
    let Some(mac) = row.get("MAC Address").and_then(read_mac) else { return Ok(()) };
    let until = Timestamp::from_micros(i64::MAX);
    pen.held(&Held {
        mac,
        address,
        from: time,
        until,
        heard: time,
        basis: "Windows DHCP audit log MAC Address",
    });
    let card = Who::Card(mac);
    if let Some(name) = row.get("Host Name") {
        pen.say(card, Field::HostName, name.trim_end_matches('.'), "Windows DHCP audit log Host Name", time);
    }
    if let Some(class) = row.get("VendorClass(ASCII)") {
        pen.say(card, Field::DhcpVendorClass, class, "Windows DHCP audit log VendorClass", time);
    }
    Ok(())
}
