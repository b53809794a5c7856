//! Who can reach a device, as far as its flows and its place say.

use crate::axis::Exposure;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use tallyward_core::{Flow, Places};

/// The exposure of a device, with its reasons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExposureFinding {
    /// What is known; `None` when nothing shows it, and triage then takes its stated default.
    pub value: Option<Exposure>,
    /// Why, in sentences.
    pub why: Vec<String>,
}

/// Works out the exposure of the device at `addresses` from what was seen.
///
/// Traffic alone never proves a fence, so [`Exposure::Small`] is never given here. A conversation with a public
/// address is [`Exposure::Open`]. A device whose subnet stands in the places table with a VLAN of its own, is
/// watched, and was seen to talk only inside subnets of that table is [`Exposure::Controlled`]. Anything else is
/// not known.
#[must_use]
pub fn exposure(addresses: &[IpAddr], flows: &[Flow], places: &Places) -> ExposureFinding {
    let ours = |address: IpAddr| addresses.contains(&address);
    let peers: Vec<IpAddr> = flows
        .iter()
        .filter_map(|flow| match (ours(flow.client.address), ours(flow.server.address)) {
            (true, false) => Some(flow.server.address),
            (false, true) => Some(flow.client.address),
            _ => None,
        })
        .collect();
    if let Some(public) = peers.iter().find(|peer| is_public(**peer)) {
        let why = format!("It was seen to talk to {public}, an address of the public internet.");
        return ExposureFinding { value: Some(Exposure::Open), why: vec![why] };
    }
    if let Some(public) = addresses.iter().find(|address| is_public(**address)) {
        let why = format!("It has {public}, an address of the public internet.");
        return ExposureFinding { value: Some(Exposure::Open), why: vec![why] };
    }
    let unknown = |why: String| ExposureFinding { value: None, why: vec![why] };
    if addresses.is_empty() {
        return unknown("No address of it is known.".to_owned());
    }
    if peers.is_empty() {
        return unknown("No conversation of it was seen.".to_owned());
    }
    for address in addresses {
        match places.find(*address, None) {
            Some(rule) if rule.vlan.is_some() && rule.watched => {}
            Some(rule) if rule.vlan.is_none() => {
                return unknown(format!(
                    "Its subnet {} has no VLAN of its own in the places table.",
                    rule.subnet()
                ));
            }
            Some(rule) => return unknown(format!("Nobody listens in its subnet {}.", rule.subnet())),
            None => return unknown(format!("{address} is in no subnet of the places table.")),
        }
    }
    if let Some(stray) = peers.iter().find(|peer| !is_group(**peer) && places.find(**peer, None).is_none()) {
        return unknown(format!(
            "It was seen to talk to {stray}, which is in no subnet of the places table."
        ));
    }
    let why = format!(
        "Its subnet is a VLAN of its own, and all {} conversations seen stay inside known subnets. That is a barrier, not a proof.",
        peers.len()
    );
    ExposureFinding { value: Some(Exposure::Controlled), why: vec![why] }
}

/// Multicast and broadcast: said to all neighbours, to nobody outside.
fn is_group(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_multicast() || v4.is_broadcast() || v4.is_unspecified(),
        IpAddr::V6(v6) => v6.is_multicast() || v6.is_unspecified(),
    }
}

/// An address that is routed on the internet (IANA special-purpose registries, the ranges that matter here).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            let shared = a == 100 && (64..128).contains(&b);
            !(v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_documentation()
                || is_group(address)
                || shared
                || a == 0
                || a >= 240)
        }
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => is_public(IpAddr::V4(v4)),
            None => {
                let documentation = v6.segments()[0] == 0x2001 && v6.segments()[1] == 0xdb8;
                (v6.segments()[0] & 0xe000) == 0x2000 && !documentation
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tallyward_core::flow::Endpoint;
    use tallyward_core::{Place, PlaceRule, Timestamp};

    fn talk(client: &str, server: &str) -> Flow {
        let end = |text: &str| Endpoint { address: text.parse().unwrap(), mac: None };
        Flow {
            client: end(client),
            server: end(server),
            transport: 6,
            port: 104,
            service: String::new(),
            first: Timestamp::default(),
            last: Timestamp::default(),
            packets: 1,
            bytes: 1,
            count: 1,
        }
    }

    fn places() -> Places {
        let rule = |network: &str, vlan| PlaceRule {
            network: network.parse().unwrap(),
            bits: 24,
            vlan,
            place: Place::default(),
            unit: String::new(),
            watched: true,
        };
        Places { rules: vec![rule("10.0.1.0", Some(10)), rule("10.0.2.0", None)] }
    }

    fn ask(address: &str, flows: &[Flow]) -> Option<Exposure> {
        exposure(&[address.parse().unwrap()], flows, &places()).value
    }

    #[test]
    fn only_a_vlan_of_its_own_and_known_peers_are_a_barrier() {
        assert_eq!(ask("10.0.1.5", &[talk("10.0.1.5", "10.0.2.9")]), Some(Exposure::Controlled));
        assert_eq!(ask("10.0.1.5", &[talk("10.0.1.5", "10.9.9.9")]), None);
        assert_eq!(ask("10.0.2.5", &[talk("10.0.2.5", "10.0.1.9")]), None);
        assert_eq!(ask("10.0.1.5", &[]), None);
        assert_eq!(ask("10.0.1.5", &[talk("10.0.1.7", "10.0.1.8")]), None);
    }

    #[test]
    fn the_internet_is_open() {
        assert_eq!(ask("10.0.1.5", &[talk("8.8.8.8", "10.0.1.5")]), Some(Exposure::Open));
        assert_eq!(ask("10.0.1.5", &[talk("10.0.1.5", "2a00:1450::1")]), Some(Exposure::Open));
    }
}
