//! Lists of wireless clients, and any table of cards: CSV exports of controllers and switches, and what a controller's terminal shows.
//!
//! Copied are the columns named in `NAMES` and nothing else: above all no user name. Known are the exports of Cisco and Aruba controllers and of
//! Meraki's dashboard, the address leases that Windows writes with `Export-Csv`, and any table with a column of MAC addresses and one of ports,
//! access points or addresses. A list of devices with serial numbers or tags is none of these: it is imported as a list.

use super::head::Head;
use super::pen::{Held, Pen};
use super::row::{cells, read_address, read_mac, unlike};
use super::{Format, Log};
use crate::notes::Who;
use std::borrow::Cow;
use tallyward_core::Field;

/// Separated values.
pub(super) const CSV: Format = Format {
    name: "list of clients (CSV)",
    listens: false,
    told: |head| csv_head(head).is_some(),
    begin: |head| Box::new(Csv { layout: csv_head(head), begun: false }),
};

/// Columns of fixed width under a head.
pub(super) const COLUMNS: Format = Format {
    name: "list of wireless clients",
    listens: false,
    told: |head| head.any(|line| Widths::of(line).is_some_and(|widths| widths.has(Means::AccessPoint))),
    begin: |_| Box::new(Fixed::default()),
};

/// What a column means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Means {
    Mac,
    Address,
    HostName,
    AccessPoint,
    /// Access point or switch, by whether there is a port.
    Neighbour,
    Ssid,
    Vlan,
    Port,
    Switch,
    System,
    LastSeen,
}

/// Column names in small letters without blanks and signs.
const NAMES: &[(&str, Means)] = &[
    ("mac", Means::Mac),
    ("macaddress", Means::Mac),
    ("clientmac", Means::Mac),
    ("clientmacaddress", Means::Mac),
    ("devicemac", Means::Mac),
    ("hardwareaddress", Means::Mac),
    ("hwaddr", Means::Mac),
    ("physicaladdress", Means::Mac),
    ("clientid", Means::Mac),
    ("ip", Means::Address),
    ("ipaddress", Means::Address),
    ("ipv4", Means::Address),
    ("ipv4address", Means::Address),
    ("clientip", Means::Address),
    ("clientipaddress", Means::Address),
    ("hostname", Means::HostName),
    ("clienthostname", Means::HostName),
    ("dhcphostname", Means::HostName),
    ("ap", Means::AccessPoint),
    ("apname", Means::AccessPoint),
    ("accesspoint", Means::AccessPoint),
    ("accesspointname", Means::AccessPoint),
    ("associatedap", Means::AccessPoint),
    ("recentdevicename", Means::Neighbour),
    ("recentdevice", Means::Neighbour),
    ("ssid", Means::Ssid),
    ("essid", Means::Ssid),
    ("essidbssidphy", Means::Ssid),
    ("wlanname", Means::Ssid),
    ("wlanprofilename", Means::Ssid),
    ("vlan", Means::Vlan),
    ("vlanid", Means::Vlan),
    ("port", Means::Port),
    ("switchport", Means::Port),
    ("interface", Means::Port),
    ("portname", Means::Port),
    ("portid", Means::Port),
    ("switch", Means::Switch),
    ("switchname", Means::Switch),
    ("os", Means::System),
    ("operatingsystem", Means::System),
    ("lastseen", Means::LastSeen),
    ("lastseentime", Means::LastSeen),
];

/// Columns by which a table is told to be a list of devices.
const OF_LISTS: [&str; 6] = ["serial", "serialnumber", "serialno", "assettag", "assetid", "tag"];

fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

fn meaning(name: &str) -> Option<Means> {
    let name = plain(name);
    NAMES.iter().find(|(known, _)| *known == name).map(|(_, means)| *means)
}

#[derive(Clone, Debug)]
struct Layout {
    separator: char,
    means: Vec<Option<Means>>,
    head: String,
}

/// The first line as head of a table, if it is one.
fn csv_head(head: &Head<'_>) -> Option<Layout> {
    // PowerShell writes a line about types first.
    let line = head.lines.iter().find(|line| !line.starts_with("#TYPE "))?;
    let separator = [',', ';', '\t'].into_iter().max_by_key(|separator| line.matches(*separator).count())?;
    let names = cells(line, separator);
    if names.iter().any(|name| OF_LISTS.contains(&plain(name).as_str())) {
        return None;
    }
    let means: Vec<Option<Means>> = names.iter().map(|name| meaning(name)).collect();
    let has = |wanted: &[Means]| means.iter().flatten().any(|means| wanted.contains(means));
    let place = [Means::Address, Means::AccessPoint, Means::Neighbour, Means::Port];
    (has(&[Means::Mac]) && has(&place)).then(|| Layout { separator, means, head: line.clone().into_owned() })
}

#[derive(Debug)]
struct Csv {
    layout: Option<Layout>,
    begun: bool,
}

impl Log for Csv {
    fn line(&mut self, line: &str, pen: &mut Pen<'_>) -> Result<(), String> {
        let Some(layout) = &self.layout else { return Ok(()) };
        if !self.begun {
            self.begun = line == layout.head;
            return Ok(());
        }
        let found = cells(line, layout.separator);
        if found.len() < layout.means.len() {
            return Err(format!("{} cells, the head of the table has {}", found.len(), layout.means.len()));
        }
        let named = layout.means.iter().zip(&found).filter_map(|(means, cell)| Some(((*means)?, &**cell)));
        client(named, pen)
    }
}

/// Where the known columns of a table of fixed width lie.
#[derive(Debug)]
struct Widths(Vec<(Means, usize, usize)>);

impl Widths {
    /// Of a head such as `MAC Address    AP Name     Type`: names are parted by two blanks, and inside by one.
    fn of(line: &str) -> Option<Self> {
        if !line.is_ascii() || line.contains(',') || line.len() > 1000 {
            return None;
        }
        let lower = line.to_lowercase();
        let mut found: Vec<(Means, usize, usize)> = Vec::new();
        for (name, means) in [
            ("mac address", Means::Mac),
            ("mac", Means::Mac),
            ("ap name", Means::AccessPoint),
            ("ip address", Means::Address),
            ("ip", Means::Address),
            ("essid/bssid/phy", Means::Ssid),
            ("host name", Means::HostName),
        ] {
            if found.iter().any(|(known, ..)| *known == means) {
                continue;
            }
            let fits = |at: &usize| {
                let before = lower[..*at].chars().next_back().is_none_or(|letter| letter == ' ');
                before && lower[at + name.len()..].chars().next().is_none_or(|letter| letter == ' ')
            };
            if let Some(at) = lower.match_indices(name).map(|(at, _)| at).find(fits) {
                let gap = lower[at + name.len()..].bytes().take_while(|byte| *byte == b' ').count();
                let end = at + name.len() + gap;
                found.push((means, at, if end >= lower.len() { usize::MAX } else { end }));
            }
        }
        let widths = Self(found);
        widths.has(Means::Mac).then_some(widths)
    }

    /// With the columns as a line of dashes below the head shows them: names may stand in the middle of theirs.
    fn under(&mut self, ruler: &str) {
        let dash = |at: usize| ruler.as_bytes().get(at) == Some(&b'-');
        let starts: Vec<usize> =
            (0..ruler.len()).filter(|at| dash(*at) && (*at == 0 || !dash(at - 1))).collect();
        if starts.len() < 3 {
            return;
        }
        for (_, from, to) in &mut self.0 {
            let at = starts.iter().rposition(|start| start <= from).unwrap_or(0);
            *from = starts[at];
            *to = starts.get(at + 1).copied().unwrap_or(usize::MAX);
        }
    }

    fn has(&self, means: Means) -> bool {
        self.0.iter().any(|(known, ..)| *known == means)
    }
}

#[derive(Debug, Default)]
struct Fixed {
    widths: Option<Widths>,
}

impl Log for Fixed {
    fn line(&mut self, line: &str, pen: &mut Pen<'_>) -> Result<(), String> {
        if let Some(widths) = Widths::of(line).filter(|widths| widths.has(Means::AccessPoint)) {
            self.widths = Some(widths);
            return Ok(());
        }
        if line.bytes().all(|byte| b"- ".contains(&byte)) {
            if let Some(widths) = &mut self.widths {
                widths.under(line);
            }
            return Ok(());
        }
        let has_card = line.split_whitespace().any(|word| read_mac(word).is_some());
        let Some(widths) = self.widths.as_ref().filter(|_| has_card) else { return Ok(()) };
        let cut = |from: usize, to: usize| line.get(from..to.min(line.len())).map(str::trim);
        let mut named = Vec::new();
        for (means, from, to) in &widths.0 {
            match cut(*from, *to) {
                Some(cell) => named.push((*means, cell)),
                None if *from >= line.len() => {}
                None => return Err("the line does not stand under the head of its table".to_owned()),
            }
        }
        client(named.into_iter(), pen)
    }
}

/// Notes what a row says of a client.
fn client<'a>(cells: impl Iterator<Item = (Means, &'a str)>, pen: &mut Pen<'_>) -> Result<(), String> {
    let cells: Vec<(Means, &str)> =
        cells.filter(|(_, cell)| !matches!(*cell, "" | "-" | "--" | "N/A" | "Unknown" | "None")).collect();
    let get = |wanted: Means| cells.iter().find(|(means, _)| *means == wanted).map(|(_, cell)| *cell);
    let text = get(Means::Mac).ok_or("there is no MAC address")?;
    let mac = read_mac(text).ok_or_else(|| unlike("the MAC address", "one", text))?;
    let time = match get(Means::LastSeen) {
        Some(text) => {
            super::moment::any(text, pen.zone).ok_or_else(|| unlike("last seen", "a time", text))?
        }
        None => pen.taken,
    };
    let who = Who::Card(mac);
    pen.card(mac, "client list, MAC address", (time, time));
    if let Some(text) = get(Means::Address) {
        let address = read_address(text).ok_or_else(|| unlike("the IP address", "one", text))?;
        let basis = "client list, IP address";
        pen.held(&Held { mac, address, from: time, until: time, heard: time, basis });
    }
    if let Some(name) = get(Means::HostName) {
        pen.say(who, Field::HostName, name, "client list, host name", time);
    }
    if let Some(vlan) = get(Means::Vlan).filter(|vlan| vlan.parse::<u16>().is_ok()) {
        pen.say(who, Field::Vlan, vlan, "client list, VLAN", time);
    }
    if let Some(system) = get(Means::System) {
        // A controller works it out from what it overhears.
        pen.guess(who, Field::OperatingSystem, system, "client list, operating system", time);
    }
    let (port, switch) = (get(Means::Port), get(Means::Switch).or(get(Means::Neighbour)));
    if let Some(port) = port {
        let port = format!("{} {port}", switch.unwrap_or(pen.source));
        pen.say(who, Field::SwitchPort, &port, "client list, switch port", time);
    }
    let point = get(Means::AccessPoint).or(get(Means::Neighbour).filter(|_| port.is_none()));
    if let Some(point) = point {
        let network = get(Means::Ssid).map(|ssid| ssid.split('/').next().unwrap_or(ssid));
        let value = match network {
            Some(network) => Cow::Owned(format!("{point} ({network})")),
            None => Cow::Borrowed(point),
        };
        pen.say(who, Field::AccessPoint, &value, "client list, access point", time);
    }
    Ok(())
}
