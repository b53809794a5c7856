//! LLMNR (RFC 4795): hosts answer for their own names on their own link.
//!
//! Copied: names and addresses of A and AAAA records in answers. Questions are passed over.

use super::dns::{self, A, AAAA, Message};
use super::{DatagramProtocol, Visit};
use tallyward_core::{Field, SourceKind};

/// LLMNR.
pub(crate) const DATAGRAM: DatagramProtocol =
    DatagramProtocol { name: "llmnr", ports: &[5355], probe: dns::probe, read };

fn read(data: &[u8], visit: &mut Visit<'_>) {
    let Some(message) = Message::parse(data) else { return };
    visit.shared.opener = Some(if message.is_answer() { visit.receiver } else { visit.sender });
    if !message.is_answer() || message.failed() {
        return;
    }
    for record in message.records().filter(|record| matches!(record.kind, A | AAAA)) {
        let Some(address) = record.address() else { continue };
        let Some(name) = dns::name(data, record.at).filter(|name| dns::is_host_name(name)) else { continue };
        let Some((who, own)) = visit.holder_of(address) else { continue };
        let kind = if own { SourceKind::WireNetwork } else { SourceKind::Guess };
        visit.say_of(who, Field::HostName, &name, kind, "LLMNR");
    }
}

#[cfg(test)]
mod tests {
    use super::super::dns::tests::{encoded, message, record};
    use super::super::trial::{self, says};
    use super::*;

    #[test]
    fn a_host_answers_for_its_name() {
        let own = record(&encoded("MONITOR-4"), A, &[10, 0, 0, 1]);
        let read = |flags| {
            trial::datagram(&DATAGRAM, &message(flags, [0, 1, 0, 0], std::slice::from_ref(&own)), (5355, 5))
        };
        assert_eq!(read(0x8000), Some(vec![says(Field::HostName, "MONITOR-4", "LLMNR")]));
        assert_eq!(read(0x8003), Some(vec![]));
        assert_eq!(read(0x0000), None);
    }
}
