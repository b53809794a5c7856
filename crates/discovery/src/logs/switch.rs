//! Tables of switches and routers as a terminal shows them: which card is behind which port, which card has which address.
//!
//! Read are the MAC address tables of Cisco IOS and NX-OS, Aruba CX, HP ProCurve and Juniper, and the neighbour (ARP) tables of these and of
//! Linux. Copied: card, port, VLAN, address, age, and the name of the switch from the prompt before the command (else the name under
//! which the table was taken in). A line is understood by its parts, not by its columns: these differ between versions.
//!
//! A port behind which there are many cards leads to another switch or an access point: its cards are on no port. Neither are those of
//! aggregated and virtual ports.

use super::head::Head;
use super::pen::{Held, Pen};
use super::row::{read_address, read_mac};
use super::{Format, Log};
use crate::notes::Who;
use std::collections::BTreeMap;
use std::net::IpAddr;
use tallyward_core::{Field, Mac, SourceKind};

/// Tables.
pub(super) const TABLES: Format =
    Format { name: "switch or router table", listens: false, told, begin: |_| Box::new(Tables::default()) };

/// Cards behind a port up to which it counts as one device's: a telephone, what is plugged into it, and one guest each.
const MOST_ON_PORT: usize = 4;
/// Ports held of one file.
const PORTS: usize = 65_536;
/// What a terminal shows above a table.
const SIGNS: [&str; 16] = [
    "mac address table",
    "mac-address-table",
    "mac address-table",
    "mac-address table",
    "ethernet switching table",
    "ethernet-switching table",
    "port address table",
    "hardware addr",
    "show mac",
    "sh mac",
    "show arp",
    "sh arp",
    "show ip arp",
    "sh ip arp",
    "lladdr",
    "[ether]",
];

fn told(head: &Head<'_>) -> bool {
    let sign = |line: &str| {
        let line = line.to_lowercase();
        SIGNS.iter().any(|sign| line.contains(sign)) || Order::of(&line).is_some()
    };
    let table = |line: &str| !line.contains(',') && words(line).iter().any(|word| read_mac(word).is_some());
    head.any(sign) && head.any(table)
}

/// Whether the port stands before the VLAN, as the head of a table says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    PortFirst,
    VlanFirst,
}

impl Order {
    fn of(line: &str) -> Option<Self> {
        if line.contains(',') || !(line.contains("mac address") || line.contains("mac-address")) {
            return None;
        }
        let port = ["port", "interface"].iter().find_map(|word| line.find(word))?;
        let vlan = line.find("vlan");
        Some(if vlan.is_some_and(|vlan| vlan < port) { Self::VlanFirst } else { Self::PortFirst })
    }
}

#[derive(Debug, Default)]
struct Tables {
    /// The switch whose prompt was seen.
    switch: Option<String>,
    order: Option<Order>,
    /// Cards by port, each with its line; never more than tell that they are too many.
    ports: BTreeMap<String, BTreeMap<Mac, u64>>,
}

impl Log for Tables {
    fn line(&mut self, line: &str, pen: &mut Pen<'_>) -> Result<(), String> {
        let words = words(line);
        let Some((at, mac)) = words.iter().enumerate().find_map(|(at, word)| Some((at, read_mac(word)?)))
        else {
            self.switch = prompt(line).or(self.switch.take());
            self.order = Order::of(&line.to_lowercase()).or(self.order);
            return Ok(());
        };
        match words.iter().find_map(|word| read_address(word)) {
            Some(address) => neighbour(mac, address, &words, pen),
            None => self.behind(mac, &words[..at], &words[at + 1..], pen),
        }
        Ok(())
    }

    fn end(&mut self, pen: &mut Pen<'_>) -> Result<(), String> {
        let end = pen.line;
        for (port, cards) in std::mem::take(&mut self.ports) {
            if cards.len() > MOST_ON_PORT {
                continue;
            }
            for (mac, line) in cards {
                pen.line = line;
                let (who, taken) = (Who::Card(mac), pen.taken);
                pen.say(who, Field::SwitchPort, &port, "switch MAC address table", taken);
            }
        }
        pen.line = end;
        Ok(())
    }
}

impl Tables {
    fn behind(&mut self, mac: Mac, before: &[&str], behind: &[&str], pen: &mut Pen<'_>) {
        if mac.is_junk() {
            return;
        }
        let now = (pen.taken, pen.taken);
        let number = |word: &&&str| word.parse::<u16>().is_ok_and(|vlan| (1..4095).contains(&vlan));
        let port_first = self.order == Some(Order::PortFirst);
        let port = behind.iter().rev().find(|word| is_port(word)).or(match behind {
            // A bare number is a port only where the head of the table says so.
            [port, ..] if port_first => Some(port),
            _ => None,
        });
        let after = if port_first { behind.get(1..).unwrap_or_default() } else { behind };
        let vlan = before.iter().find(number).or_else(|| after.iter().find(number));
        let Some(port) = port.map(|port| unit(port)).filter(|port| !is_shared(port)) else { return };
        pen.card(mac, "switch MAC address table", now);
        if let Some(vlan) = vlan {
            let kind = SourceKind::WireNetwork;
            pen.state(Who::Card(mac), Field::Vlan, vlan, kind, "switch MAC address table, VLAN", now);
        }
        let port = format!("{} {port}", self.switch.as_deref().unwrap_or(pen.source));
        if self.ports.len() >= PORTS && !self.ports.contains_key(&port) {
            pen.facts.dropped += 1;
            return;
        }
        let cards = self.ports.entry(port).or_default();
        if cards.len() <= MOST_ON_PORT {
            cards.entry(mac).or_insert(pen.line);
        }
    }
}

/// A line of a neighbour table. IOS gives the minutes since the entry was last confirmed.
fn neighbour(mac: Mac, address: IpAddr, words: &[&str], pen: &mut Pen<'_>) {
    let minutes = match words {
        ["Internet", _, minutes, ..] => minutes.parse::<i64>().unwrap_or(0).clamp(0, 100_000),
        _ => 0,
    };
    let heard = pen.taken.plus_seconds(-60 * minutes);
    pen.held(&Held { mac, address, from: heard, until: pen.taken, heard, basis: "neighbour (ARP) table" });
    let vlan = words.iter().find_map(|word| {
        let word = word.to_lowercase();
        let number = ["vlan", "irb.", "vl"].iter().find_map(|prefix| word.strip_prefix(prefix))?;
        number.parse::<u16>().ok().filter(|vlan| (1..4095).contains(vlan))
    });
    if let Some(vlan) = vlan {
        pen.say(Who::Card(mac), Field::Vlan, &vlan.to_string(), "neighbour (ARP) table, interface", heard);
    }
}

/// The words of a line, without the brackets some tables put around them.
fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().take(40).map(|word| word.trim_matches(['(', ')', '[', ']', '|'])).collect()
}

/// The switch's name from `sw-ed-1#show mac address-table` or `admin@sw-ed-1> show arp`.
fn prompt(line: &str) -> Option<String> {
    let (name, command) = line.split_once(['#', '>'])?;
    let command = command.trim_start().to_lowercase();
    if !["sh ", "sho ", "show ", "display "].iter().any(|word| command.starts_with(word)) {
        return None;
    }
    let name = name.rsplit('@').next().unwrap_or(name).trim();
    let is_name = !name.is_empty()
        && name.len() <= 64
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter));
    is_name.then(|| name.to_owned())
}

/// `Gi1/0/14`, `Eth1/14`, `1/1/14`, `A4`, `ge-0/0/14.0`, `Port14`.
fn is_port(word: &str) -> bool {
    let has = |is: fn(char) -> bool| word.chars().any(is);
    let digits = has(|letter| letter.is_ascii_digit());
    let plain = word.chars().all(|letter| letter.is_ascii_alphanumeric() || "/-.:".contains(letter));
    let begins = word.chars().next().is_some_and(|letter| letter.is_ascii_alphabetic());
    plain && digits && word.len() <= 40 && (word.contains('/') || begins && !word.contains(':'))
}

/// The physical port: Juniper tells its unit behind a dot.
fn unit(port: &str) -> &str {
    match port.rsplit_once('.') {
        Some((physical, unit))
            if physical.contains('/') && unit.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            physical
        }
        _ => port,
    }
}

/// Ports that are no single socket in a wall.
fn is_shared(port: &str) -> bool {
    const PREFIXES: [&str; 14] = [
        "po",
        "port-channel",
        "ae",
        "trk",
        "lag",
        "bagg",
        "bridge-aggregation",
        "vlan",
        "irb",
        "nve",
        "tu",
        "vxlan",
        "vtep",
        "sup-",
    ];
    let port = port.to_lowercase();
    let numbered = |prefix: &&str| {
        port.strip_prefix(*prefix).is_some_and(|rest| {
            rest.is_empty() || !rest.starts_with(|letter: char| letter.is_ascii_alphabetic())
        })
    };
    PREFIXES.iter().any(numbered) || ["cpu", "router", "switch", "drop"].contains(&&*port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_told_from_other_words() {
        for port in ["Gi1/0/14", "Eth1/14", "1/1/14", "A4", "ge-0/0/14.0", "Te1/1", "port14", "14/2"] {
            assert!(is_port(port) && !is_shared(unit(port)), "{port}");
        }
        for word in ["dynamic", "D", "F", "14", "0:45", "00:00:10", "", "*"] {
            assert!(!is_port(word), "{word}");
        }
        for shared in ["Po1", "Trk1", "ae0", "Port-channel7", "Vlan20", "CPU", "lag1"] {
            assert!(is_shared(unit(shared)), "{shared}");
        }
        assert_eq!(unit("ge-0/0/14.0"), "ge-0/0/14");
    }

    #[test]
    fn a_prompt_names_the_switch() {
        assert_eq!(prompt("sw-ed-1#show mac address-table").as_deref(), Some("sw-ed-1"));
        assert_eq!(prompt("admin@core-2> show ethernet-switching table").as_deref(), Some("core-2"));
        assert_eq!(prompt("a > b"), None);
        assert_eq!(prompt("Total: 5 # shown"), None);
    }
}
