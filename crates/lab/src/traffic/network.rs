//! What every host does: getting an address, resolving addresses, asking for names and time.

use super::{Host, Scene};
use crate::hospital::ROUTER;
use crate::wire::dhcp::{Kind, Message, client_id, fqdn};
use crate::wire::ether::{self, ArpKind};
use crate::wire::{ip, tls};
use std::net::{Ipv4Addr, SocketAddr};
use tallyward_core::{Mac, Timestamp};

/// Where makers' servers and the house's name and time servers stand: addresses kept for documentation
/// (RFC 5737) and the data centre's first ones.
const MAKERS: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 0);

/// DISCOVER to ACK, or for a device that remembers its address REQUEST and ACK alone.
pub(super) fn lease(scene: &mut Scene<'_>, host: Host<'_>, at: Timestamp) {
    let transaction = scene.rng.draw() as u32;
    let from_scratch = scene.rng.percent(60);
    let model = &scene.hospital.models[host.device.model];
    let server = host.subnet.address(1);
    let ask = |kind| {
        let mut message = Message::new(kind, transaction, host.mac)
            .with(61, client_id(host.mac))
            .with(50, host.ip.octets())
            .with(12, &host.device.host_name);
        if model.vendor_class.starts_with("MSFT") {
            message = message.with(81, fqdn(&format!("{}.larkfield.example", host.device.host_name)));
        }
        if !model.vendor_class.is_empty() {
            message = message.with(60, &model.vendor_class);
        }
        message.with(55, parameters(&model.vendor_class))
    };
    let grant = |kind| {
        let mut message = Message::new(kind, transaction, host.mac)
            .with(54, server.octets())
            .with(51, 86_400u32.to_be_bytes())
            .with(1, mask(host.subnet.bits))
            .with(3, server.octets())
            .with(6, [10, 32, 0, 10]);
        message.yours = host.ip;
        message
    };
    let mut messages = Vec::new();
    if from_scratch {
        messages.push(ask(Kind::Discover));
        messages.push(grant(Kind::Offer));
        messages.push(ask(Kind::Request).with(54, server.octets()));
    } else {
        messages.push(ask(Kind::Request));
    }
    messages.push(grant(Kind::Ack));
    for (turn, message) in messages.iter().enumerate() {
        let time = Timestamp::from_micros(at.micros() + 4_000 * turn as i64);
        let from_client = matches!(message.kind, Kind::Discover | Kind::Request);
        let frame = broadcast(host, server, from_client, &message.encode(), scene.rng.draw() as u16);
        scene.push(time, frame);
    }
}

fn broadcast(host: Host<'_>, server: Ipv4Addr, from_client: bool, payload: &[u8], id: u16) -> Vec<u8> {
    let everybody = Ipv4Addr::BROADCAST;
    let (mac, source, ports): (Mac, _, (u16, u16)) =
        if from_client { (host.mac, Ipv4Addr::UNSPECIFIED, (68, 67)) } else { (ROUTER, server, (67, 68)) };
    let body = ip::udp(SocketAddr::from((source, ports.0)), SocketAddr::from((everybody, ports.1)), payload);
    let packet = ip::v4(source, everybody, ip::UDP, id, &body);
    ether::frame(ether::BROADCAST, mac, &[host.subnet.vlan], ether::IPV4, &packet)
}

/// The options a client asks for tell its system; those of Windows are known, embedded ones ask for little.
fn parameters(vendor_class: &str) -> Vec<u8> {
    match vendor_class {
        "MSFT 5.0" => vec![1, 3, 6, 15, 31, 33, 43, 44, 46, 47, 119, 121, 249, 252],
        "" => vec![1, 3, 6],
        other => vec![1, 3, 6, 12, 15, 28, 42, 26 + (other.len() % 4) as u8],
    }
}

fn mask(bits: u8) -> [u8; 4] {
    u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0).to_be_bytes()
}

/// The host announces its address, then asks for the router's every eight minutes.
pub(super) fn address_resolution(scene: &mut Scene<'_>, host: Host<'_>, at: Timestamp) {
    let nobody = Mac([0; 6]);
    let router = host.subnet.address(1);
    let vlan = [host.subnet.vlan];
    let announce = ether::arp(ArpKind::Request, (host.mac, host.ip), (nobody, host.ip));
    scene.push(at, ether::frame(ether::BROADCAST, host.mac, &vlan, ether::ARP, &announce));
    for turn in 0..3 {
        let time = at.plus_seconds(1 + 400 * turn);
        let ask = ether::arp(ArpKind::Request, (host.mac, host.ip), (nobody, router));
        let reply = ether::arp(ArpKind::Reply, (ROUTER, router), (host.mac, host.ip));
        scene.push(time, ether::frame(ether::BROADCAST, host.mac, &vlan, ether::ARP, &ask));
        let later = Timestamp::from_micros(time.micros() + 250);
        scene.push(later, ether::frame(host.mac, ROUTER, &vlan, ether::ARP, &reply));
    }
}

/// Questions for the time and for a name, unanswered in the part of the net the sensor sees.
pub(super) fn noise(scene: &mut Scene<'_>, host: Host<'_>, at: Timestamp) {
    let time_server = SocketAddr::from(([10, 32, 0, 11], 123));
    let mut clock = [0u8; 48];
    clock[0] = 0x23;
    for turn in 0..4 {
        scene.datagram(at.plus_seconds(300 * turn), host, 123, (ROUTER, time_server), &clock);
    }
    let name_server = SocketAddr::from(([10, 32, 0, 10], 53));
    let question = name_question(&server_name(scene, host), scene.rng.draw() as u16);
    let port = scene.port();
    scene.datagram(at.plus_seconds(2), host, port, (ROUTER, name_server), &question);
}

/// A connection to the maker's server: TLS mostly, plain HTTP at times.
pub(super) fn web(scene: &mut Scene<'_>, host: Host<'_>) {
    let at = scene.moment(500, 1700);
    let maker = scene.hospital.models[host.device.model].oui[0];
    let [a, b, c, _] = MAKERS.octets();
    let server = Ipv4Addr::new(a, b, c, maker);
    let name = server_name(scene, host);
    if scene.rng.percent(30) {
        let mut talk = scene.open(host, server, None, 80, at);
        talk.client(
            format!("GET /status HTTP/1.1\r\nHost: {name}\r\nUser-Agent: device-agent/1.0\r\n\r\n")
                .as_bytes(),
        );
        talk.server(b"HTTP/1.1 200 OK\r\nServer: sample\r\nContent-Length: 2\r\n\r\nok");
        let frames = talk.close();
        scene.frames.extend(frames);
        return;
    }
    let mut random = [0u8; 32];
    random.copy_from_slice(&scene.rng.bytes(32));
    let mut talk = scene.open(host, server, None, 443, at);
    talk.client(&tls::client_hello(&name, &random));
    for _ in 0..2 + scene.rng.below(4) {
        let (ask, answer) = (scene.rng.bytes(180), scene.rng.bytes(1200));
        talk.server(&tls::application_data(&answer));
        talk.client(&tls::application_data(&ask));
    }
    let frames = talk.close();
    scene.frames.extend(frames);
}

fn server_name(scene: &Scene<'_>, host: Host<'_>) -> String {
    let maker = scene.hospital.models[host.device.model].maker.to_lowercase().replace(' ', "-");
    format!("update.{maker}.example")
}

/// A DNS query for an address record (RFC 1035, 4.1).
fn name_question(name: &str, id: u16) -> Vec<u8> {
    let mut out = id.to_be_bytes().to_vec();
    out.extend([1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    for label in name.split('.') {
        out.push(label.len().min(63) as u8);
        out.extend(label.bytes().take(63));
    }
    out.extend([0, 0, 1, 0, 1]);
    out
}
