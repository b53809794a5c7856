//! Who is nobody's device here.
//!
//! A capture at the edge of a house holds the whole Internet: web servers that name their software, name servers, other people's
//! certificates. Somebody at such an address, whose card was never seen, is no device of the house, and neither is a group address.
//! What speaks a clinical protocol, or names a device in so many words, is kept wherever it is: houses with public addresses of
//! their own have their archives behind a router too.

use crate::hosts::is_public;
use rustc_hash::FxHashSet;
use std::net::IpAddr;
use tallyward_core::{Evidence, Field, Key, SourceKind};

/// The statements without those about outsiders.
pub(crate) fn without_outsiders(evidence: Vec<Evidence>) -> Vec<Evidence> {
    let doubtful = |key: &Key| match key {
        Key::Address { address, .. } => address.parse().is_ok_and(is_outside),
        _ => false,
    };
    let clinical: FxHashSet<Key> = evidence
        .iter()
        .filter(|piece| doubtful(&piece.subject) && is_clinical(piece))
        .map(|piece| piece.subject.clone())
        .collect();
    evidence
        .into_iter()
        .filter(|piece| !doubtful(&piece.subject) || clinical.contains(&piece.subject))
        .collect()
}

fn is_clinical(piece: &Evidence) -> bool {
    piece.source.kind == SourceKind::WireDevice
        || matches!(
            piece.field,
            Field::AeTitle
                | Field::DicomRole
                | Field::DicomImplementation
                | Field::Hl7Application
                | Field::RelayedBy
        )
}

/// A group address, or one of the public Internet.
fn is_outside(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            v4.is_multicast()
                || v4.is_broadcast()
                || !v4.is_loopback() && !v4.is_unspecified() && is_public(address)
        }
        IpAddr::V6(v6) => v6.is_multicast() || v6.segments()[0] & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tallyward_core::Source;

    fn said(address: &str, field: Field, kind: SourceKind) -> Evidence {
        Evidence {
            subject: Key::Address { site: "ED-1".to_owned(), address: address.to_owned() },
            field,
            value: "x".to_owned(),
            source: Source { kind, name: "ED-1".to_owned() },
            basis: String::new(),
            episodes: Vec::new(),
        }
    }

    #[test]
    fn the_internet_has_no_devices_of_this_house() {
        let network = SourceKind::WireNetwork;
        let web = said("8.8.4.4", Field::HttpServer, network);
        let group = said("224.0.0.251", Field::HostName, network);
        let six = said("2a00:1450::5", Field::Certificate, network);
        let inside = said("10.1.2.3", Field::HttpServer, network);
        let archive = said("130.92.1.1", Field::AeTitle, network);
        let its_server = said("130.92.1.1", Field::HttpServer, network);
        let all = vec![web, group, six, inside.clone(), archive.clone(), its_server.clone()];
        assert_eq!(without_outsiders(all), [inside, archive, its_server]);
    }
}
