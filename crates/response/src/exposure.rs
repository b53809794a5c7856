//! Who can reach a device, as far as its flows and its place say.

use crate::axis::{Exposure, PubliclyExposed};
use crate::tables::Tables;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use tallyward_core::{Places, Timestamp};

/// The exposure of a device, with its reasons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExposureFinding {
    /// What is known; `None` when nothing shows it, and triage then takes its stated default.
    pub value: Option<Exposure>,
    /// Whether somebody on the internet can reach it. Only a conversation shows that they can, and none shows that
    /// they cannot, so this is never `No`.
    pub public: Option<PubliclyExposed>,
    /// Why, in sentences.
    pub why: Vec<String>,
}

/// The conversations of one device, summed up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Talk {
    /// How many conversations.
    pub count: u64,
    /// When the first began and the last ended.
    pub span: Option<(Timestamp, Timestamp)>,
    /// The lowest public address it talked to.
    pub public: Option<IpAddr>,
    /// The lowest public address that began a conversation with it.
    pub called_from: Option<IpAddr>,
    /// The lowest address it talked to that is in no subnet of the places table and no group.
    pub stray: Option<IpAddr>,
}

impl Talk {
    /// Adds a conversation with `peer`, who began it or not.
    pub fn add(&mut self, peer: IpAddr, peer_began: bool, span: (Timestamp, Timestamp), places: &Places) {
        self.count += 1;
        let (first, last) = self.span.unwrap_or(span);
        self.span = Some((first.min(span.0), last.max(span.1)));
        let lowest = |held: &mut Option<IpAddr>| *held = Some(held.map_or(peer, |held| held.min(peer)));
        if is_public(peer) {
            lowest(&mut self.public);
            if peer_began {
                lowest(&mut self.called_from);
            }
        }
        if !is_group(peer) && places.find(peer, None).is_none() {
            lowest(&mut self.stray);
        }
    }

    /// Adds what was seen of the same device under another address.
    pub fn join(&mut self, other: &Self) {
        self.count += other.count;
        let spans = self.span.into_iter().chain(other.span);
        self.span = spans.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
        let lower = |a: Option<IpAddr>, b: Option<IpAddr>| a.into_iter().chain(b).min();
        self.public = lower(self.public, other.public);
        self.called_from = lower(self.called_from, other.called_from);
        self.stray = lower(self.stray, other.stray);
    }

    fn days(&self) -> i64 {
        self.span.map_or(0, |(first, last)| last.days_since(first))
    }
}

/// Works out the exposure of the device at `addresses` from what was seen.
///
/// Traffic alone never proves a fence, so [`Exposure::Small`] is never given here. A conversation with a public
/// address is [`Exposure::Open`]. A device whose subnet stands in the places table with a VLAN of its own, is
/// watched, and was seen over the days that the table of ages asks for to talk only inside subnets of the places table
/// is [`Exposure::Controlled`]. Anything else is not known.
#[must_use]
pub fn exposure(tables: &Tables, addresses: &[IpAddr], talk: &Talk, places: &Places) -> ExposureFinding {
    let open = |why: String, public| ExposureFinding { value: Some(Exposure::Open), public, why: vec![why] };
    if let Some(caller) = talk.called_from {
        let why = format!("{caller}, an address of the public internet, began a conversation with it.");
        return open(why, Some(PubliclyExposed::Yes));
    }
    if let Some(public) = talk.public {
        return open(format!("It was seen to talk to {public}, an address of the public internet."), None);
    }
    if let Some(public) = addresses.iter().filter(|address| is_public(**address)).min() {
        return open(format!("It has {public}, an address of the public internet."), None);
    }
    match barrier(tables, addresses, talk, places) {
        Ok(why) => ExposureFinding { value: Some(Exposure::Controlled), public: None, why: vec![why] },
        Err(why) => ExposureFinding { value: None, public: None, why: vec![why] },
    }
}

/// Why there is a barrier, or why none is shown.
fn barrier(tables: &Tables, addresses: &[IpAddr], talk: &Talk, places: &Places) -> Result<String, String> {
    if talk.count == 0 {
        return Err("No conversation of it was seen.".to_owned());
    }
    if addresses.is_empty() {
        return Err("No address of it is known.".to_owned());
    }
    for address in addresses {
        match places.find(*address, None) {
            Some(rule) if rule.vlan.is_some() && rule.watched => {}
            Some(rule) if rule.vlan.is_none() => {
                return Err(format!(
                    "Its subnet {} has no VLAN of its own in the places table.",
                    rule.subnet()
                ));
            }
            Some(rule) => return Err(format!("Nobody listens in its subnet {}.", rule.subnet())),
            None => return Err(format!("{address} is in no subnet of the places table.")),
        }
    }
    if let Some(stray) = talk.stray {
        return Err(format!("It was seen to talk to {stray}, which is in no subnet of the places table."));
    }
    let asked = tables.age("conversations");
    if talk.days() < asked.days {
        return Err(format!(
            "Its conversations seen span {} days; {} are asked for, because {}.",
            talk.days(),
            asked.days,
            asked.because
        ));
    }
    Ok(format!(
        "Its subnet is a VLAN of its own, and all {} conversations seen over {} days stay inside known subnets. That is a barrier, not a proof.",
        talk.count,
        talk.days()
    ))
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
    use tallyward_core::{Place, PlaceRule};

    static TABLES: std::sync::LazyLock<Tables> = std::sync::LazyLock::new(Tables::builtin);

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

    /// What is found for the device at `address` after talks with `peers` over `days`; `!` before one who began it.
    fn ask(address: &str, peers: &[&str], days: i64) -> ExposureFinding {
        let mut talk = Talk::default();
        let start = Timestamp::from_micros(0);
        for peer in peers {
            let (peer, began) = peer.strip_prefix('!').map_or((*peer, false), |peer| (peer, true));
            let span = (start, start.plus_seconds(days * 86_400));
            talk.add(peer.parse().unwrap(), began, span, &places());
        }
        exposure(&TABLES, &[address.parse().unwrap()], &talk, &places())
    }

    #[test]
    fn only_a_vlan_of_its_own_and_known_peers_for_a_week_are_a_barrier() {
        assert_eq!(ask("10.0.1.5", &["10.0.2.9", "224.0.0.251"], 7).value, Some(Exposure::Controlled));
        for (address, peers, days) in [
            ("10.0.1.5", vec!["10.0.2.9"], 6),
            ("10.0.1.5", vec!["10.0.2.9", "10.9.9.9"], 7),
            ("10.0.2.5", vec!["10.0.1.9"], 7),
            ("10.0.3.5", vec!["10.0.1.9"], 7),
            ("10.0.1.5", vec![], 7),
        ] {
            let found = ask(address, &peers, days);
            assert_eq!((found.value, found.public), (None, None), "{address} {peers:?}");
            assert_eq!(found.why.len(), 1);
        }
    }

    #[test]
    fn the_internet_is_open_and_reachable_from_it_only_when_it_called() {
        let called = ask("10.0.1.5", &["!8.8.8.8", "10.0.2.9"], 1);
        assert_eq!((called.value, called.public), (Some(Exposure::Open), Some(PubliclyExposed::Yes)));
        let calls = ask("10.0.1.5", &["2a00:1450::1"], 1);
        assert_eq!((calls.value, calls.public), (Some(Exposure::Open), None));
        assert_eq!(ask("8.8.4.4", &[], 1).value, Some(Exposure::Open));
    }

    #[test]
    fn talks_under_two_addresses_are_those_of_one_device() {
        let at = |peer: &str, day: i64| {
            let mut talk = Talk::default();
            let time = Timestamp::from_micros(day * 86_400_000_000);
            talk.add(peer.parse().unwrap(), true, (time, time), &places());
            talk
        };
        let (mut a, mut b) = (at("10.0.1.9", 0), at("9.9.9.9", 9));
        let before = a.clone();
        a.join(&b);
        b.join(&before);
        assert_eq!(a, b);
        assert_eq!((a.count, a.days(), a.called_from), (2, 9, "9.9.9.9".parse().ok()));
    }
}
