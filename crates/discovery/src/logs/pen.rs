//! What the reader of a line writes with.

use super::facts::Facts;
use super::flows::Flows;
use super::holders::{Holders, Lease};
use super::set::Certificates;
use crate::dissect::text;
use crate::notes::{Seen, Who};
use jiff::tz::TimeZone;
use rustc_hash::FxHashMap;
use std::net::IpAddr;
use tallyward_core::{Field, Flow, Mac, SourceKind, Timestamp};
use tallyward_identity::junk::{is_junk, is_junk_mac};
use tallyward_identity::oui;

/// Showings of certificates held of one file.
const MOST_SHOWN: usize = 65_536;

/// Where a reader notes what a line says.
pub(super) struct Pen<'a> {
    pub facts: &'a mut Facts,
    pub holders: &'a mut Holders,
    pub flows: &'a mut Flows,
    pub certificates: &'a mut Certificates,
    /// Who showed which certificate, by fingerprint, for each hour apart.
    pub shown: &'a mut FxHashMap<(Who, String, i64), Seen>,
    /// Where times without a zone are.
    pub zone: &'a TimeZone,
    /// When a table without times was taken.
    pub taken: Timestamp,
    /// Where the log was written: the name of the sensor, or of the switch whose table it is.
    pub source: &'a str,
    /// The present line.
    pub line: u64,
    /// First and last moment told of so far.
    pub span: &'a mut Option<(Timestamp, Timestamp)>,
}

/// Somebody at an address, with the card that sent from it, if the log says so.
pub(super) fn at(address: IpAddr, mac: Option<Mac>) -> Who {
    Who::At { mac, address }
}

/// An address in use by a card, as a log says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held {
    pub mac: Mac,
    pub address: IpAddr,
    /// Since when it is held.
    pub from: Timestamp,
    /// Until when it is held, perhaps in the future.
    pub until: Timestamp,
    /// When the device was last heard of, never in the future.
    pub heard: Timestamp,
    pub basis: &'static str,
}

impl Pen<'_> {
    fn seen(&mut self, first: Timestamp, last: Timestamp) -> Seen {
        let (first, last) = (first.min(last), last);
        let span = self.span.get_or_insert((first, last));
        *span = (span.0.min(first), span.1.max(last));
        Seen { first, last, count: 1, packet: self.line }
    }

    /// Notes what was said about somebody at a moment.
    pub(super) fn say(&mut self, who: Who, field: Field, value: &str, basis: &'static str, time: Timestamp) {
        self.state(who, field, value, SourceKind::WireNetwork, basis, (time, time));
    }

    /// Notes what is inferred about somebody.
    pub(super) fn guess(
        &mut self,
        who: Who,
        field: Field,
        value: &str,
        basis: &'static str,
        time: Timestamp,
    ) {
        self.state(who, field, value, SourceKind::Guess, basis, (time, time));
    }

    /// Notes a statement that held in a span.
    pub(super) fn state(
        &mut self,
        who: Who,
        field: Field,
        value: &str,
        kind: SourceKind,
        basis: &'static str,
        (first, last): (Timestamp, Timestamp),
    ) {
        let Some(value) = text(value.as_bytes()).filter(|value| !is_junk(value)) else { return };
        if matches!(who, Who::Card(mac) if is_junk_mac(mac)) {
            return;
        }
        let seen = self.seen(first, last);
        self.facts.add(who, field, value, kind, basis, seen);
    }

    /// Notes that a card was there.
    pub(super) fn card(&mut self, mac: Mac, basis: &'static str, span: (Timestamp, Timestamp)) {
        let who = Who::Card(mac);
        self.state(who, Field::MacAddress, &mac.to_string(), SourceKind::WireNetwork, basis, span);
        if let Some(maker) = oui::maker_of(mac).filter(|_| !is_junk_mac(mac)) {
            self.state(who, Field::NicMaker, maker.name, SourceKind::Guess, "MAC prefix", span);
        }
    }

    /// Notes that a card held an address.
    pub(super) fn held(&mut self, held: &Held) {
        let Held { mac, address, from, until, heard, basis } = *held;
        if is_junk_mac(mac) || address.is_unspecified() {
            return;
        }
        let first = from.min(heard);
        self.card(mac, basis, (first, heard));
        let who = Who::Card(mac);
        self.state(
            who,
            Field::IpAddress,
            &address.to_string(),
            SourceKind::WireNetwork,
            basis,
            (first, heard),
        );
        self.holders.lease(address, Lease { from, until, mac: Some(mac) });
    }

    /// Notes that nobody holds an address from now on.
    pub(super) fn released(&mut self, address: IpAddr, time: Timestamp) {
        self.holders.lease(address, Lease { from: time, until: time, mac: None });
    }

    /// Notes that a card sent from an address to a peer, in frames that the log's own sensor saw.
    pub(super) fn sent(&mut self, who: Who, peer: IpAddr, basis: &'static str, span: (Timestamp, Timestamp)) {
        let Who::At { mac: Some(mac), address } = who else { return };
        if is_junk_mac(mac) {
            return;
        }
        self.card(mac, basis, span);
        self.state(who, Field::IpAddress, &address.to_string(), SourceKind::WireNetwork, basis, span);
        self.holders.sent(mac, address, peer);
    }

    /// Notes that somebody showed a certificate that another line may describe.
    pub(super) fn shows(&mut self, who: Who, fingerprint: &str, time: Timestamp) {
        if fingerprint.len() > 128 {
            return;
        }
        let seen = self.seen(time, time);
        let name = (who, fingerprint.to_owned(), time.seconds().div_euclid(3600));
        if let Some(known) = self.shown.get_mut(&name) {
            known.join(seen);
        } else if self.shown.len() < MOST_SHOWN {
            self.shown.insert(name, seen);
        } else {
            self.facts.dropped += 1;
        }
    }

    /// Adds a conversation.
    pub(super) fn flow(&mut self, client: Who, server: Who, flow: Flow) {
        self.seen(flow.first, flow.last);
        self.flows.add(client, server, flow);
    }
}
