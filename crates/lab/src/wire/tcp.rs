//! TCP segments and whole conversations.

use super::{Frame, ether, ip};
use std::net::{IpAddr, SocketAddr};
use tallyward_core::{Mac, Timestamp};

/// The sender has no more to say.
pub const FIN: u8 = 1;
/// The first segment of a side.
pub const SYN: u8 = 2;
/// The connection is refused or broken.
pub const RST: u8 = 4;
/// Hand what came to the application.
pub const PSH: u8 = 8;
/// The acknowledgement number counts.
pub const ACK: u8 = 16;

/// The most payload a segment carries here: an Ethernet frame of 1500 bytes less both headers.
pub const MSS: usize = 1460;

/// A segment (RFC 9293, 3.1) with its checksum; a SYN carries the maximum segment size option.
#[must_use]
pub fn segment(
    from: SocketAddr,
    to: SocketAddr,
    sequence: u32,
    acknowledges: u32,
    flags: u8,
    payload: &[u8],
) -> Vec<u8> {
    let options: &[u8] = if flags & SYN != 0 { &[2, 4, 0x05, 0xb4] } else { &[] };
    let mut out = Vec::with_capacity(payload.len() + 24);
    out.extend(from.port().to_be_bytes());
    out.extend(to.port().to_be_bytes());
    out.extend(sequence.to_be_bytes());
    out.extend(acknowledges.to_be_bytes());
    out.push(((5 + options.len() as u8 / 4) << 4) & 0xf0);
    out.push(flags);
    out.extend(0xffffu16.to_be_bytes());
    out.extend([0; 4]);
    out.extend_from_slice(options);
    out.extend_from_slice(payload);
    let sum = ip::checksum(&[&ip::pseudo(from.ip(), to.ip(), ip::TCP, out.len()), &out]);
    out[16..18].copy_from_slice(&sum.to_be_bytes());
    out
}

/// One end of a conversation: the link-layer address the sensor sees (a router's, when the other end is in
/// another subnet) and the socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// Link-layer address in the frames.
    pub mac: Mac,
    /// Address and port.
    pub socket: SocketAddr,
}

/// A conversation written down as it goes, a frame for every segment and acknowledgements as a real stack
/// sends them: one for every second full segment and one at the end of each turn.
#[derive(Clone, Debug)]
pub struct Conversation {
    ends: [End; 2],
    next: [u32; 2],
    vlans: Vec<u16>,
    clock: Timestamp,
    step: i64,
    id: u16,
    frames: Vec<Frame>,
}

impl Conversation {
    /// Opens with the three-way handshake at `start`; `sequence` gives both initial sequence numbers. Frames
    /// follow each other by `step` microseconds.
    #[must_use]
    pub fn open(client: End, server: End, vlans: &[u16], start: Timestamp, step: i64, sequence: u32) -> Self {
        let mut talk = Self {
            ends: [client, server],
            next: [sequence, sequence.rotate_left(16) ^ 0x5bd1_e995],
            vlans: vlans.to_vec(),
            clock: start,
            step: step.max(1),
            id: sequence as u16,
            frames: Vec::new(),
        };
        talk.send(0, SYN, &[]);
        talk.send(1, SYN | ACK, &[]);
        talk.send(0, ACK, &[]);
        talk
    }

    /// The client says `bytes`.
    pub fn client(&mut self, bytes: &[u8]) {
        self.say(0, bytes);
    }

    /// The server says `bytes`.
    pub fn server(&mut self, bytes: &[u8]) {
        self.say(1, bytes);
    }

    /// Nothing happens for `micros` microseconds.
    pub fn wait(&mut self, micros: i64) {
        self.clock = Timestamp::from_micros(self.clock.micros().saturating_add(micros));
    }

    /// Closes from the client's side and gives the frames.
    #[must_use]
    pub fn close(mut self) -> Vec<Frame> {
        self.send(0, FIN | ACK, &[]);
        self.send(1, FIN | ACK, &[]);
        self.send(0, ACK, &[]);
        self.frames
    }

    /// The frames so far, the connection left open: a sensor that stops listening, or a long-lived session.
    #[must_use]
    pub fn leave_open(self) -> Vec<Frame> {
        self.frames
    }

    fn say(&mut self, side: usize, bytes: &[u8]) {
        let count = bytes.chunks(MSS).len();
        for (at, part) in bytes.chunks(MSS).enumerate() {
            let last = at + 1 == count;
            self.send(side, if last { PSH | ACK } else { ACK }, part);
            if last || at % 2 == 1 {
                self.send(1 - side, ACK, &[]);
            }
        }
    }

    fn send(&mut self, side: usize, flags: u8, payload: &[u8]) {
        let (from, to) = (self.ends[side], self.ends[1 - side]);
        let acknowledges = if flags & ACK != 0 { self.next[1 - side] } else { 0 };
        let body = segment(from.socket, to.socket, self.next[side], acknowledges, flags, payload);
        let (ethertype, packet) = match (from.socket.ip(), to.socket.ip()) {
            (IpAddr::V4(source), IpAddr::V4(target)) => {
                (ether::IPV4, ip::v4(source, target, ip::TCP, self.id, &body))
            }
            (source, target) => (ether::IPV6, ip::v6(as_v6(source), as_v6(target), ip::TCP, &body)),
        };
        self.id = self.id.wrapping_add(1);
        let phantom = u32::from(flags & (SYN | FIN) != 0);
        self.next[side] = self.next[side].wrapping_add(super::len32(payload.len())).wrapping_add(phantom);
        let bytes = ether::frame(to.mac, from.mac, &self.vlans, ethertype, &packet);
        self.frames.push(Frame { time: self.clock, bytes });
        self.wait(self.step);
    }
}

fn as_v6(address: IpAddr) -> std::net::Ipv6Addr {
    match address {
        IpAddr::V4(four) => four.to_ipv6_mapped(),
        IpAddr::V6(six) => six,
    }
}
