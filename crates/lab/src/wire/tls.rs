//! Just enough TLS to look like it: a client hello with a server name, and records of noise after it.

use super::len16;

/// A TLS 1.2 client hello record (RFC 8446, 4.1.2; RFC 6066, 3) asking for `server_name`.
#[must_use]
pub fn client_hello(server_name: &str, random: &[u8; 32]) -> Vec<u8> {
    let name = server_name.as_bytes();
    let mut sni = len16(name.len() + 3).to_be_bytes().to_vec();
    sni.push(0);
    sni.extend(len16(name.len()).to_be_bytes());
    sni.extend_from_slice(name);
    let mut extensions = Vec::new();
    for (kind, body) in [(0u16, sni.as_slice()), (10, &[0, 4, 0, 29, 0, 23]), (13, &[0, 4, 4, 3, 8, 4])] {
        extensions.extend(kind.to_be_bytes());
        extensions.extend(len16(body.len()).to_be_bytes());
        extensions.extend_from_slice(body);
    }
    let mut hello = vec![3, 3];
    hello.extend_from_slice(random);
    hello.push(0);
    hello.extend([0, 4, 0xc0, 0x2b, 0xc0, 0x2f, 1, 0]);
    hello.extend(len16(extensions.len()).to_be_bytes());
    hello.extend(extensions);
    let mut handshake = vec![1, 0];
    handshake.extend(len16(hello.len()).to_be_bytes());
    handshake.extend(hello);
    record(22, &handshake)
}

/// A record of application data.
#[must_use]
pub fn application_data(noise: &[u8]) -> Vec<u8> {
    record(23, noise)
}

fn record(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![kind, 3, 3];
    out.extend(len16(body.len()).to_be_bytes());
    out.extend_from_slice(body);
    out
}
