//! dnsmasq's lease file: expiry, hardware address, address, host name, client id.
//!
//! Copied: the first four, and the unique id of IPv6 leases. The file does not say when a lease was given, so a device counts as heard of
//! when the file was read, or when its lease ended if that was before.

use super::pen::{Held, Pen, at};
use super::row::{read_address, read_mac, unlike};
use super::{Format, Log};
use tallyward_core::{Field, Timestamp};

/// Leases.
pub(super) const LEASES: Format = Format {
    name: "dnsmasq leases",
    listens: false,
    told: |head| {
        let is = |line: &str| {
            let parts: Vec<&str> = line.split_whitespace().collect();
            matches!(parts.as_slice(), [expiry, _, address, _, _]
                if expiry.bytes().all(|byte| byte.is_ascii_digit()) && read_address(address).is_some())
        };
        is(head.first()) || head.first().starts_with("duid ") && head.lines.len() > 1 && is(&head.lines[1])
    },
    begin: |_| Box::new(Leases),
};

#[derive(Debug)]
struct Leases;

impl Log for Leases {
    fn line(&mut self, line: &str, pen: &mut Pen<'_>) -> Result<(), String> {
        if line.starts_with("duid ") {
            return Ok(());
        }
        let parts: Vec<&str> = line.split_whitespace().take(6).collect();
        let [expiry, card, address, name, client] = parts.as_slice() else {
            return Err(format!("{} parts, expected expiry, card, address, name and client id", parts.len()));
        };
        let address =
            read_address(address).ok_or_else(|| unlike("the third part", "an IP address", address))?;
        let until = match *expiry {
            "0" => Timestamp::from_micros(i64::MAX),
            text => super::moment::seconds(text)
                .ok_or_else(|| unlike("the first part", "seconds since 1970", text))?,
        };
        let heard = until.min(pen.taken);
        let who = if address.is_ipv4() {
            // Other hardware than Ethernet has its type in front: 06-00:11:22:33:44:55.
            let Some(mac) = read_mac(card) else {
                return if card.contains('-') {
                    Ok(())
                } else {
                    Err(unlike("the second part", "a MAC address", card))
                };
            };
            pen.held(&Held { mac, address, from: heard, until, heard, basis: "dnsmasq lease" });
            crate::notes::Who::Card(mac)
        } else {
            let who = at(address, None);
            pen.say(who, Field::IpAddress, &address.to_string(), "dnsmasq v6 lease", heard);
            if *client != "*" {
                pen.say(
                    who,
                    Field::DhcpUniqueId,
                    &client.replace(':', ""),
                    "dnsmasq v6 lease client id",
                    heard,
                );
            }
            who
        };
        if *name != "*" {
            pen.say(who, Field::HostName, name, "dnsmasq lease name", heard);
        }
        Ok(())
    }
}
