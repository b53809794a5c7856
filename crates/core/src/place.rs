//! Places: where a device is, and what a subnet or VLAN says of it.

use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// A place, as far as it is known; an empty part is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// Site.
    #[serde(default)]
    pub site: String,
    /// Building.
    #[serde(default)]
    pub building: String,
    /// Floor.
    #[serde(default)]
    pub floor: String,
    /// Room.
    #[serde(default)]
    pub room: String,
}

impl Place {
    /// The parts that are known, from large to small, joined by commas. A floor that is a bare number or letter is
    /// called a floor: between a building and a room nobody would know what it is.
    #[must_use]
    pub fn plain(&self) -> String {
        let bare = self.floor.trim().chars().filter(|letter| letter.is_alphanumeric()).count() <= 3;
        let floor = match (self.floor.trim(), bare) {
            ("", _) => String::new(),
            (floor, true) => format!("floor {floor}"),
            (floor, false) => floor.to_owned(),
        };
        let parts = [&self.site, &self.building, &floor, &self.room];
        parts.into_iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(", ")
    }
}

/// One line of the places table: devices in this subnet (and VLAN) are in this place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PlaceRule {
    /// Network address of the subnet.
    pub network: IpAddr,
    /// Prefix length in bits.
    pub bits: u8,
    /// VLAN, when the line names one.
    #[serde(default)]
    pub vlan: Option<u16>,
    /// Where that is.
    pub place: Place,
    /// The unit there, when the subnet belongs to one.
    #[serde(default)]
    pub unit: String,
    /// Whether somebody listens there, so that silence means something.
    #[serde(default)]
    pub watched: bool,
}

impl PlaceRule {
    /// Whether `address` lies in the subnet.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        fn top(value: u128, width: u32, bits: u8) -> u128 {
            value.checked_shr(width.saturating_sub(u32::from(bits))).unwrap_or(0)
        }
        match (self.network, address) {
            (IpAddr::V4(net), IpAddr::V4(at)) => {
                top(u128::from(u32::from(net)), 32, self.bits)
                    == top(u128::from(u32::from(at)), 32, self.bits)
            }
            (IpAddr::V6(net), IpAddr::V6(at)) => {
                top(u128::from(net), 128, self.bits) == top(u128::from(at), 128, self.bits)
            }
            _ => false,
        }
    }

    /// The subnet as text: `10.20.4.0/24`.
    #[must_use]
    pub fn subnet(&self) -> String {
        format!("{}/{}", self.network, self.bits)
    }
}

/// One line of the places table for a port: what hangs there is in this place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PortRule {
    /// Switch and port (`sw-ed-1 Gi1/0/14`), or an access point.
    pub port: String,
    /// Where that is.
    pub place: Place,
    /// The unit there, when the port belongs to one.
    #[serde(default)]
    pub unit: String,
}

/// The places table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Places {
    /// Its lines, in the order of the file.
    pub rules: Vec<PlaceRule>,
}

impl Places {
    /// The line that says where `address` is: the longest subnet that holds it; a line that names the VLAN
    /// wins over one that names none, one that names another VLAN never applies.
    #[must_use]
    pub fn find(&self, address: IpAddr, vlan: Option<u16>) -> Option<&PlaceRule> {
        self.rules
            .iter()
            .filter(|rule| {
                rule.contains(address) && (rule.vlan.is_none() || vlan.is_none() || rule.vlan == vlan)
            })
            .max_by_key(|rule| (rule.bits, rule.vlan.is_some() && rule.vlan == vlan))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(network: &str, bits: u8, site: &str) -> PlaceRule {
        let place = Place { site: site.to_owned(), ..Place::default() };
        PlaceRule {
            network: network.parse().unwrap(),
            bits,
            vlan: None,
            place,
            unit: String::new(),
            watched: true,
        }
    }

    #[test]
    fn a_bare_floor_is_called_one_and_a_named_floor_keeps_its_name() {
        let on = |floor: &str| {
            Place { site: "S".to_owned(), floor: floor.to_owned(), room: "12".to_owned(), ..Place::default() }
                .plain()
        };
        assert_eq!(on("1"), "S, floor 1, 12");
        assert_eq!(on("-2"), "S, floor -2, 12");
        assert_eq!(on("EG"), "S, floor EG, 12");
        assert_eq!(on("Ground floor"), "S, Ground floor, 12");
        assert_eq!(on(" "), "S, 12");
    }

    #[test]
    fn the_longest_subnet_wins() {
        let places = Places { rules: vec![rule("10.0.0.0", 8, "all"), rule("10.1.2.0", 24, "ward")] };
        let at = |text: &str| places.find(text.parse().unwrap(), None).map(|found| found.place.site.as_str());
        assert_eq!(at("10.1.2.9"), Some("ward"));
        assert_eq!(at("10.9.9.9"), Some("all"));
        assert_eq!(at("192.168.0.1"), None);
        assert_eq!(at("::1"), None);
    }
}
