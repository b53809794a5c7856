//! SSDP (UPnP Device Architecture 2.0 section 1): announcements and answers over UDP.
//!
//! Copied: SERVER, the kind announced (NT, ST), the unique name in USN, and USER-AGENT of searches. What is searched for and where
//! a description lies is passed over; the latter tells who is announced.

use super::head::Head;
use super::soap::host_of;
use super::{DatagramProtocol, Probe, Visit, text};
use tallyward_core::{Field, SourceKind};
use tallyward_identity::junk::is_junk;

/// SSDP.
pub(crate) const DATAGRAM: DatagramProtocol = DatagramProtocol { name: "ssdp", ports: &[1900], probe, read };

fn probe(data: &[u8]) -> Probe {
    let starts = [&b"NOTIFY * HTTP/1"[..], b"M-SEARCH * HTTP/1", b"HTTP/1.1 200 "];
    if starts.iter().any(|start| data.starts_with(start)) { Probe::Yes } else { Probe::No }
}

fn read(data: &[u8], visit: &mut Visit<'_>) {
    let head = Head::parse(data);
    let wire = SourceKind::WireNetwork;
    let value = |name: &str| head.get(name).and_then(text).filter(|value| !is_junk(value));
    if data.starts_with(b"M-SEARCH") {
        visit.shared.opener = Some(visit.sender);
        if let Some(agent) = value("user-agent") {
            visit.say(Field::UserAgent, &agent, wire, "SSDP USER-AGENT");
        }
        return;
    }
    visit.shared.opener = Some(if data.starts_with(b"HTTP") { visit.receiver } else { visit.sender });
    // Some announce the devices of others.
    let place = value("location").and_then(|url| visit.holder_of(host_of(&url)?));
    let (who, kind) = match place {
        Some((who, true)) => (who, wire),
        Some((who, false)) => (who, SourceKind::Guess),
        None => (visit.sender, wire),
    };
    if let Some(server) = value("server") {
        visit.say_of(who, Field::SystemDescription, &server, kind, "SSDP SERVER");
    }
    let announced = value("nt").or_else(|| value("st"));
    if let Some(service) = announced.filter(|name| name.starts_with("urn:")) {
        visit.say_of(who, Field::AnnouncedService, &service, kind, "SSDP");
    }
    let unique = value("usn").filter(|name| name.starts_with("uuid:"));
    if let Some(name) = unique.as_deref().and_then(|name| name.split("::").next()) {
        visit.say_of(who, Field::EndpointReference, name, kind, "SSDP USN");
    }
}

#[cfg(test)]
mod tests {
    use super::super::trial::{self, RECEIVER, says};
    use super::*;

    fn notify(address: &str) -> Vec<u8> {
        format!(
            "NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nLOCATION: http://{address}:49152/d.xml\r\nNT: urn:schemas-upnp-org:device:Basic:1\r\n\
             SERVER: Linux/5.4 UPnP/1.0 Acme/2\r\nUSN: uuid:12-34::urn:schemas-upnp-org:device:Basic:1\r\n\r\n"
        )
        .into_bytes()
    }

    #[test]
    fn an_announcement_is_about_whoever_is_at_its_location() {
        let said = trial::datagram(&DATAGRAM, &notify("10.0.0.1"), (1900, 1900)).unwrap();
        let want = [
            says(Field::SystemDescription, "Linux/5.4 UPnP/1.0 Acme/2", "SSDP SERVER"),
            says(Field::AnnouncedService, "urn:schemas-upnp-org:device:Basic:1", "SSDP"),
            says(Field::EndpointReference, "uuid:12-34", "SSDP USN"),
        ];
        assert_eq!(said, want);
        let said = trial::datagram(&DATAGRAM, &notify("10.0.0.2"), (1900, 1900)).unwrap();
        assert!(said.len() == 3 && said.iter().all(|one| one.0 == RECEIVER));
    }

    #[test]
    fn a_search_tells_only_who_searches() {
        let search = b"M-SEARCH * HTTP/1.1\r\nST: ssdp:all\r\nUSER-AGENT: Windows/10 UPnP/1.1\r\n\r\n";
        let said = trial::datagram(&DATAGRAM, search, (5000, 1900)).unwrap();
        assert_eq!(said, [says(Field::UserAgent, "Windows/10 UPnP/1.1", "SSDP USER-AGENT")]);
    }
}
