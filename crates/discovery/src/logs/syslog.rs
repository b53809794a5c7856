//! What DHCP servers write to the system log: ISC dhcpd, dnsmasq and Kea.
//!
//! Copied: the moment, the address, the card and the host name of `DHCPACK` and `DHCP4_LEASE_ALLOC`, the address of `DHCPRELEASE`. All other lines are
//! passed over. Times are RFC 3164 (`Nov 25 10:00:00`: no zone, so the house's; no year, so the last one that is not in the future), RFC 5424 or ISO.

use super::pen::{Held, Pen};
use super::row::{read_address, read_mac};
use super::{Format, Log};
use crate::notes::Who;
use std::net::IpAddr;
use tallyward_core::{Field, Mac, Timestamp};

/// Lines about leases among others.
pub(super) const DHCP: Format = Format {
    name: "DHCP server log (syslog)",
    listens: false,
    told: |head| head.any(|line| line.contains("DHCPACK") || line.contains(KEA) || line.contains("dhcpd[")),
    begin: |_| Box::new(Syslog),
};

const KEA: &str = "DHCP4_LEASE_ALLOC";

#[derive(Debug)]
struct Syslog;

impl Log for Syslog {
    fn line(&mut self, line: &str, pen: &mut Pen<'_>) -> Result<(), String> {
        let Some(event) = Event::read(line) else { return Ok(()) };
        let time = moment(line, pen).ok_or("the line does not begin with a time that can be read")?;
        match event {
            Event::Released(address) => pen.released(address, time),
            Event::Given { address, mac, name, seconds } => {
                let until =
                    seconds.map_or(Timestamp::from_micros(i64::MAX), |seconds| time.plus_seconds(seconds));
                pen.held(&Held { mac, address, from: time, until, heard: time, basis: "DHCP server log" });
                if let Some(name) = name {
                    pen.say(Who::Card(mac), Field::HostName, name, "DHCP server log, host name", time);
                }
            }
        }
        Ok(())
    }
}

enum Event<'a> {
    Given { address: IpAddr, mac: Mac, name: Option<&'a str>, seconds: Option<i64> },
    Released(IpAddr),
}

impl<'a> Event<'a> {
    fn read(line: &'a str) -> Option<Self> {
        if let Some((_, rest)) = line.split_once(KEA) {
            return Self::kea(rest);
        }
        if let Some((_, rest)) = line.split_once("DHCPRELEASE of ") {
            return read_address(rest.split(' ').next()?).map(Self::Released);
        }
        let (_, rest) = line.split_once("DHCPACK")?;
        if let Some(rest) = rest.strip_prefix(" on ") {
            // ISC: 10.0.0.5 to 00:11:22:33:44:55 (name) via eth0
            let mut words = rest.split(' ');
            let address = read_address(words.next()?)?;
            let mac = read_mac(words.nth(1)?)?;
            let name = words.next().and_then(|word| word.strip_prefix('(')?.strip_suffix(')'));
            return Some(Self::Given { address, mac, name, seconds: None });
        }
        // dnsmasq: DHCPACK(eth0) 10.0.0.5 00:11:22:33:44:55 name
        let (_, rest) = rest.strip_prefix('(')?.split_once(") ")?;
        let mut words = rest.split(' ');
        let (address, mac) = (read_address(words.next()?)?, read_mac(words.next()?)?);
        Some(Self::Given { address, mac, name: words.next().filter(|name| !name.is_empty()), seconds: None })
    }

    /// `[hwtype=1 00:11:22:33:44:55], cid=[…], tid=0x1: lease 10.0.0.5 has been allocated for 3600 seconds`
    fn kea(rest: &'a str) -> Option<Self> {
        let (_, hardware) = rest.split_once("hwtype=1 ")?;
        let mac = read_mac(hardware.split(']').next()?)?;
        let (_, lease) = rest.split_once("lease ")?;
        let address = read_address(lease.split(' ').next()?)?;
        let seconds = lease.split_once(" for ").and_then(|(_, tail)| tail.split(' ').next()?.parse().ok());
        Some(Self::Given { address, mac, name: None, seconds })
    }
}

/// The moment at the beginning of a line.
fn moment(line: &str, pen: &Pen<'_>) -> Option<Timestamp> {
    // RFC 5424: <13>1 2026-11-25T…
    let line = line.strip_prefix('<').and_then(|rest| rest.split_once('>')).map_or(line, |(_, rest)| rest);
    let line = line.strip_prefix("1 ").unwrap_or(line);
    let mut words = line.split_whitespace();
    let first = words.next()?;
    if first.starts_with(|letter: char| letter.is_ascii_digit()) {
        if let Some(moment) = super::moment::any(first, pen.zone) {
            return Some(moment);
        }
        return super::moment::any(&format!("{first} {}", words.next()?), pen.zone);
    }
    let (day, clock) = (words.next()?, words.next()?);
    let now = pen.zone.to_datetime(pen.taken.to_jiff());
    let of = |year: i16| {
        super::moment::civil(&format!("{year} {first} {day} {clock}"), "%Y %b %d %H:%M:%S", pen.zone)
    };
    of(now.year()).filter(|moment| *moment <= pen.taken.plus_days(1)).or_else(|| of(now.year() - 1))
}
