//! DHCP for IPv4 (RFC 2131, options RFC 2132 and RFC 4702).

use std::net::Ipv4Addr;
use tallyward_core::Mac;

/// What a message is (option 53).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A client looks for servers.
    Discover = 1,
    /// A server offers an address.
    Offer = 2,
    /// A client asks for an address.
    Request = 3,
    /// A server grants it.
    Ack = 5,
}

/// A message; what is absent is not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What it is.
    pub kind: Kind,
    /// Transaction.
    pub transaction: u32,
    /// The client's link-layer address (`chaddr`).
    pub client: Mac,
    /// The address given to the client (`yiaddr`).
    pub yours: Ipv4Addr,
    /// The relay (`giaddr`).
    pub relay: Ipv4Addr,
    /// Options in the order they are written; option 53 goes before and 255 after them. A value of more than
    /// 255 bytes is written as several options of the same code (RFC 3396).
    pub options: Vec<(u8, Vec<u8>)>,
}

impl Message {
    /// A message without options and addresses.
    #[must_use]
    pub fn new(kind: Kind, transaction: u32, client: Mac) -> Self {
        let nobody = Ipv4Addr::UNSPECIFIED;
        Self { kind, transaction, client, yours: nobody, relay: nobody, options: Vec::new() }
    }

    /// Adds an option.
    #[must_use]
    pub fn with(mut self, code: u8, value: impl AsRef<[u8]>) -> Self {
        self.options.push((code, value.as_ref().to_vec()));
        self
    }

    /// The payload of a UDP datagram between ports 68 and 67, padded to the 300 bytes BOOTP asks for.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let reply = matches!(self.kind, Kind::Offer | Kind::Ack);
        let mut out = vec![if reply { 2 } else { 1 }, 1, 6, u8::from(!self.relay.is_unspecified())];
        out.extend(self.transaction.to_be_bytes());
        out.extend([0; 4]);
        out.extend([0; 4]);
        out.extend(self.yours.octets());
        out.extend([0; 4]);
        out.extend(self.relay.octets());
        out.extend(self.client.0);
        out.resize(236, 0);
        out.extend([0x63, 0x82, 0x53, 0x63]);
        out.extend([53, 1, self.kind as u8]);
        for (code, value) in &self.options {
            for part in value.chunks(255) {
                out.extend([*code, part.len() as u8]);
                out.extend_from_slice(part);
            }
        }
        out.push(255);
        if out.len() < 300 {
            out.resize(300, 0);
        }
        out
    }
}

/// The value of option 81 (RFC 4702): the client asks the server to register `name`, given in ASCII.
#[must_use]
pub fn fqdn(name: &str) -> Vec<u8> {
    let mut out = vec![0, 0, 0];
    out.extend_from_slice(name.as_bytes());
    out
}

/// The value of option 61 that names an Ethernet address.
#[must_use]
pub fn client_id(mac: Mac) -> Vec<u8> {
    let mut out = vec![1];
    out.extend(mac.0);
    out
}
