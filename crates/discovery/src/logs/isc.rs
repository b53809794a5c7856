//! The lease files of ISC dhcpd, for IPv4 and IPv6.
//!
//! Copied of a lease: address, `starts`, `ends`, `cltt`, `hardware ethernet`, `client-hostname`, `vendor-class-identifier`, `binding state`;
//! of an IPv6 one the unique id in `ia-na`. The file is a journal: a lease stands in it once for each renewal. Times are UTC
//! unless `db-time-format local` was set, which writes seconds since 1970.

use super::pen::{Held, Pen, at};
use super::row::{read_address, read_mac, unlike};
use super::{Format, Log};
use crate::notes::Who;
use std::net::IpAddr;
use tallyward_core::{Field, Mac, Timestamp};

/// Leases.
pub(super) const LEASES: Format = Format {
    name: "ISC dhcpd leases",
    listens: false,
    told: |head| {
        head.any(|line| {
            line.starts_with("lease ") && line.trim_end().ends_with('{') || line.starts_with("ia-na \"")
        }) || head.any(|line| line.contains("isc-dhcp-") && line.starts_with('#'))
    },
    begin: |_| Box::new(Leases::default()),
};

#[derive(Debug, Default)]
struct Leases {
    open: Option<Lease>,
    /// The unique id of the IPv6 client whose addresses follow, and when it was last heard.
    client: Option<(String, Option<Timestamp>)>,
}

#[derive(Debug)]
struct Lease {
    line: u64,
    address: IpAddr,
    starts: Option<Timestamp>,
    ends: Option<Timestamp>,
    heard: Option<Timestamp>,
    mac: Option<Mac>,
    name: Option<String>,
    class: Option<String>,
    void: bool,
}

impl Log for Leases {
    fn line(&mut self, line: &str, pen: &mut Pen<'_>) -> Result<(), String> {
        let line = line.trim();
        if line.starts_with('#') {
            return Ok(());
        }
        if let Some(address) = line.strip_prefix("lease ").or_else(|| line.strip_prefix("iaaddr ")) {
            let cut = self.cut();
            let address = address.trim_end_matches('{').trim();
            let address =
                read_address(address).ok_or_else(|| unlike("the lease", "an IP address", address))?;
            self.open = Some(Lease {
                line: pen.line,
                address,
                starts: None,
                ends: None,
                heard: self.client.as_ref().and_then(|client| client.1),
                mac: None,
                name: None,
                class: None,
                void: false,
            });
            return cut;
        }
        if let Some(id) = line.strip_prefix("ia-na ").or_else(|| line.strip_prefix("ia-ta ")) {
            let cut = self.cut();
            self.client = Some((unique_id(id.trim_end_matches('{').trim()), None));
            return cut;
        }
        if line.starts_with('}') {
            return match self.open.take() {
                Some(lease) => {
                    let id = self.client.as_ref().map(|client| client.0.clone());
                    lease.tell(id.as_deref(), pen)
                }
                None => {
                    self.client = None;
                    Ok(())
                }
            };
        }
        match (&mut self.open, &mut self.client) {
            (Some(lease), _) => lease.line(line),
            (None, Some(client)) => {
                if let Some(time) = line.strip_prefix("cltt ") {
                    client.1 = moment(time)?;
                }
                Ok(())
            }
            // Declarations of the server itself: server-duid, failover state, …
            (None, None) => Ok(()),
        }
    }

    fn end(&mut self, _pen: &mut Pen<'_>) -> Result<(), String> {
        self.cut()
    }
}

impl Leases {
    fn cut(&mut self) -> Result<(), String> {
        match self.open.take() {
            Some(lease) => Err(format!("the lease begun in line {} has no end", lease.line)),
            None => Ok(()),
        }
    }
}

impl Lease {
    fn line(&mut self, line: &str) -> Result<(), String> {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "starts" => self.starts = moment(rest)?,
            "ends" => self.ends = moment(rest)?.or(Some(Timestamp::from_micros(i64::MAX))),
            "cltt" => self.heard = moment(rest)?,
            "hardware" => {
                if let Some(mac) = rest.strip_prefix("ethernet ") {
                    let mac = mac.trim_end_matches(';').trim();
                    self.mac =
                        Some(read_mac(mac).ok_or_else(|| unlike("hardware ethernet", "a MAC address", mac))?);
                }
            }
            "client-hostname" => self.name = Some(quoted(rest)),
            "binding" => self.void = rest.contains("abandoned"),
            "set" => {
                if let Some(class) = rest.strip_prefix("vendor-class-identifier = ") {
                    self.class = Some(quoted(class));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn tell(self, id: Option<&str>, pen: &mut Pen<'_>) -> Result<(), String> {
        if self.void {
            return Ok(());
        }
        let line = self.line;
        let missing = |what| move || format!("the lease begun in line {line} has no {what}");
        if let Some(id) = id {
            let heard = self.heard.ok_or_else(missing("cltt"))?.min(pen.taken);
            let who = at(self.address, None);
            pen.say(who, Field::IpAddress, &self.address.to_string(), "ISC dhcpd v6 lease", heard);
            pen.say(who, Field::DhcpUniqueId, id, "ISC dhcpd v6 lease ia-na", heard);
            return Ok(());
        }
        let from = self.starts.ok_or_else(missing("starts"))?;
        let until = self.ends.ok_or_else(missing("ends"))?;
        // A lease that was never used has no card; one that ended ends for everybody.
        let Some(mac) = self.mac else { return Ok(()) };
        let heard = self.heard.unwrap_or(from);
        let address = self.address;
        pen.held(&Held { mac, address, from, until, heard, basis: "ISC dhcpd lease" });
        let card = Who::Card(mac);
        if let Some(name) = &self.name {
            pen.say(card, Field::HostName, name, "ISC dhcpd lease client-hostname", heard);
        }
        if let Some(class) = &self.class {
            pen.say(card, Field::DhcpVendorClass, class, "ISC dhcpd lease vendor-class-identifier", heard);
        }
        Ok(())
    }
}

/// `3 2026/11/25 10:00:00;` in UTC, `epoch 1795600800; # …`, or `never`.
fn moment(text: &str) -> Result<Option<Timestamp>, String> {
    let text = text.split(';').next().unwrap_or_default().trim();
    if text == "never" {
        return Ok(None);
    }
    let read = match text.strip_prefix("epoch ") {
        Some(seconds) => super::moment::seconds(seconds.trim()),
        None => {
            let civil = text.split_once(' ').map_or(text, |(_, civil)| civil);
            super::moment::civil(civil.trim(), "%Y/%m/%d %H:%M:%S", &jiff::tz::TimeZone::UTC)
        }
    };
    read.map(Some).ok_or_else(|| unlike("the time", "such as 3 2026/11/25 10:00:00", text))
}

/// What stands in quotes, with the escapes taken back.
fn quoted(text: &str) -> String {
    let bytes = unquote(text.trim().trim_end_matches(';').trim());
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Bytes in quotes: `\ooo` in octal, `\"`, `\\`.
fn unquote(text: &str) -> Vec<u8> {
    let text = text.strip_prefix('"').unwrap_or(text);
    let text = text.strip_suffix('"').unwrap_or(text);
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        (rest, _) = match (first, tail) {
            (b'\\', [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', more @ ..]) => {
                (more, out.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0')))
            }
            (b'\\', [other, more @ ..]) => (more, out.push(*other)),
            (byte, more) => (more, out.push(*byte)),
        };
    }
    out
}

/// The unique id of an `ia-na`: behind four bytes that number the association.
fn unique_id(text: &str) -> String {
    unquote(text).iter().skip(4).take(130).map(|byte| format!("{byte:02x}")).collect()
}
