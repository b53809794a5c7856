//! Kea's lease files (memfile, CSV), for IPv4 and IPv6.
//!
//! Copied: address, hardware address, valid lifetime, expiry, host name, state, and for IPv6 the unique id. The file is a journal: a lease
//! stands in it once for each renewal. When the client was last heard is expiry less lifetime.

use super::pen::{Held, Pen, at};
use super::row::{Row, cells};
use super::{Format, Log};
use crate::notes::Who;
use tallyward_core::Field;

/// IPv4 leases.
pub(super) const V4: Format = Format {
    name: "Kea DHCPv4 leases",
    listens: false,
    told: |head| head.first().starts_with("address,hwaddr,client_id,valid_lifetime,expire"),
    begin: |_| Box::new(Leases::default()),
};

/// IPv6 leases.
pub(super) const V6: Format = Format {
    name: "Kea DHCPv6 leases",
    listens: false,
    told: |head| head.first().starts_with("address,duid,valid_lifetime,expire"),
    begin: |_| Box::new(Leases::default()),
};

const COLUMNS: &[&str] =
    &["address", "hwaddr", "valid_lifetime", "expire", "hostname", "state", "duid", "lease_type"];
/// `lease_type` of a single address.
const ONE_ADDRESS: &str = "0";

#[derive(Debug, Default)]
struct Leases {
    places: Vec<Option<usize>>,
}

impl Log for Leases {
    fn line(&mut self, line: &str, pen: &mut Pen<'_>) -> Result<(), String> {
        if line.starts_with("address,") {
            self.places = line.split(',').map(|name| Row::place(COLUMNS, name.trim())).collect();
            return Ok(());
        }
        let mut row = Row::of(COLUMNS);
        for (cell, place) in cells(line, ',').into_iter().zip(&self.places) {
            if let Some(place) = place {
                row.put(*place, cell);
            }
        }
        lease(&row, pen)
    }
}

fn lease(row: &Row<'_>, pen: &mut Pen<'_>) -> Result<(), String> {
    let address = row.address("address")?.ok_or("there is no address")?;
    if row.get("lease_type").is_some_and(|kind| kind != ONE_ADDRESS) || row.get("state") == Some("1") {
        // A prefix, or an address somebody else was found to hold.
        return Ok(());
    }
    let lifetime = i64::try_from(row.number("valid_lifetime")?).map_err(|_| "valid_lifetime is too long")?;
    let until = row.moment("expire", pen.zone)?;
    let from = until.plus_seconds(-lifetime);
    if lifetime == 0 {
        pen.released(address, until);
        return Ok(());
    }
    let (who, name, id) = if address.is_ipv4() {
        let mac = row.mac("hwaddr")?.ok_or("there is no hwaddr")?;
        pen.held(&Held { mac, address, from, until, heard: from, basis: "Kea lease hwaddr" });
        (Who::Card(mac), "Kea lease hostname", None)
    } else if let Some(mac) = row.mac("hwaddr")? {
        pen.held(&Held { mac, address, from, until, heard: from, basis: "Kea v6 lease hwaddr" });
        (Who::Card(mac), "Kea v6 lease hostname", row.get("duid"))
    } else {
        pen.say(at(address, None), Field::IpAddress, &address.to_string(), "Kea v6 lease address", from);
        (at(address, None), "Kea v6 lease hostname", row.get("duid"))
    };
    if let Some(host) = row.get("hostname") {
        pen.say(who, Field::HostName, host.trim_end_matches('.'), name, from);
    }
    if let Some(id) = id {
        pen.say(who, Field::DhcpUniqueId, &id.replace(':', ""), "Kea v6 lease duid", from);
    }
    Ok(())
}
