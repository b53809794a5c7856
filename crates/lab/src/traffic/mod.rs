//! Half an hour at the mirror port.
//!
//! The sensor sits beside the router and sees each watched VLAN from the devices' side: a device's own frames
//! carry its address, whatever comes from another subnet carries the router's.

mod bedside;
mod imaging;
mod network;

use crate::device::LabDevice;
use crate::hospital::{Hospital, ROUTER, Subnet};
use crate::plan::Plan;
use crate::rng::Rng;
use crate::tables::{Network, Speaks};
use crate::wire::tcp::{Conversation, End};
use crate::wire::{Frame, Order, ether, ip, pcapng};
use std::net::{Ipv4Addr, SocketAddr};
use tallyward_core::{Mac, Timestamp};

/// Family and given name of the made-up patient in every image and observation.
pub const CANARY_NAME: (&str, &str) = ("Canarybird", "Zacharias");
/// Patient number in every image and observation.
pub const CANARY_ID: &str = "PX7741990";
/// Birth date in every image and observation, as DICOM and HL7 write it.
pub const CANARY_BIRTH: &str = "19470229";

/// Length of the capture in seconds.
pub const SECONDS: i64 = 1800;

impl Hospital {
    /// Thirty minutes of traffic that end at the plan's `now`, as a pcapng file with microsecond stamps.
    #[must_use]
    pub fn capture(&self) -> Vec<u8> {
        let mut writer = pcapng::Writer::new(Order::Little, 6, 0, "mirror0");
        for frame in self.frames() {
            writer.push(&frame);
        }
        writer.finish()
    }

    /// The frames of [`Self::capture`] in the order of time.
    #[must_use]
    pub fn frames(&self) -> Vec<Frame> {
        let mut scene = Scene::new(self);
        for at in 0..self.truth.len() {
            scene.device(at);
        }
        bedside::observations(&mut scene);
        let end = self.plan.now;
        let mut frames = scene.frames;
        frames.retain(|frame| frame.time <= end);
        frames.sort_by_key(|frame| frame.time);
        frames
    }
}

/// An endless stream of frames for benches: the traffic of one hospital after another, seeds counting up from
/// the plan's and each half hour following the last, with one hospital in memory at a time.
pub fn scaled(plan: &Plan) -> impl Iterator<Item = Frame> {
    let plan = plan.clone();
    (0u32..).flat_map(move |round| {
        let now = plan.now.plus_seconds(SECONDS * i64::from(round));
        let seed = plan.seed.wrapping_add(u64::from(round));
        crate::build(&Plan { seed, now, devices: plan.devices.max(1) }).frames()
    })
}

/// One device as it appears on the wire.
#[derive(Clone, Copy)]
struct Host<'a> {
    device: &'a LabDevice,
    subnet: &'a Subnet,
    mac: Mac,
    ip: Ipv4Addr,
}

impl Host<'_> {
    fn socket(&self, port: u16) -> SocketAddr {
        SocketAddr::from((self.ip, port))
    }
}

/// What has been seen so far, and whom the devices talk to.
struct Scene<'a> {
    hospital: &'a Hospital,
    rng: Rng,
    start: Timestamp,
    frames: Vec<Frame>,
    next_port: u16,
    archives: Vec<usize>,
    pump_gateways: Vec<usize>,
    monitor_gateways: Vec<usize>,
    engines: Vec<usize>,
    centrals: Vec<usize>,
}

impl<'a> Scene<'a> {
    fn new(hospital: &'a Hospital) -> Self {
        let of = |id: &str| {
            let seen = hospital.truth.iter().enumerate().filter(|(_, device)| device.seen.is_some());
            seen.filter(|(_, device)| hospital.models[device.model].id == id).map(|(at, _)| at).collect()
        };
        Self {
            hospital,
            rng: Rng::new(hospital.plan.seed, "traffic"),
            start: hospital.plan.now.plus_seconds(-SECONDS),
            frames: Vec::new(),
            next_port: 49_152,
            archives: of("corvane-pacs"),
            pump_gateways: of("halden-gw"),
            monitor_gateways: of("norvik-link"),
            engines: of("corvane-il"),
            centrals: of("norvik-central"),
        }
    }

    /// The device as a host; `None` when it is not in the traffic.
    fn host(&self, at: usize) -> Option<Host<'a>> {
        let device = &self.hospital.truth[at];
        let subnet = &self.hospital.subnets[device.seen.as_ref()?.subnet];
        Some(Host { device, subnet, mac: device.mac?, ip: device.ip? })
    }

    fn device(&mut self, at: usize) {
        let Some(host) = self.host(at) else { return };
        let model = &self.hospital.models[host.device.model];
        // All begin within the first eight minutes, so that every conversation fits before the end.
        let joined = self.moment(0, 480);
        if model.network == Network::Dhcp {
            network::lease(self, host, joined);
        }
        network::address_resolution(self, host, joined.plus_seconds(1));
        network::noise(self, host, joined.plus_seconds(3));
        match &model.speaks {
            Speaks::Dicom(modality) => imaging::modality(self, host, modality),
            Speaks::Query => imaging::workstation(self, host),
            Speaks::Pump => bedside::pump(self, host),
            Speaks::Monitor => bedside::monitor(self, host),
            Speaks::Web => network::web(self, host),
            Speaks::Archive | Speaks::Nothing => {}
        }
    }

    /// A random moment between two seconds of the capture.
    fn moment(&mut self, from: i64, to: i64) -> Timestamp {
        let span = usize::try_from((to - from).max(1) * 1_000_000).unwrap_or(1);
        let offset = self.rng.below(span) as i64 + from * 1_000_000;
        Timestamp::from_micros(self.start.micros() + offset)
    }

    fn port(&mut self) -> u16 {
        self.next_port = if self.next_port >= 65_000 { 49_152 } else { self.next_port + 1 };
        self.next_port
    }

    fn push(&mut self, time: Timestamp, bytes: Vec<u8>) {
        self.frames.push(Frame { time, bytes });
    }

    /// A datagram between a host and an address, seen in the host's VLAN.
    fn datagram(
        &mut self,
        time: Timestamp,
        host: Host<'_>,
        port: u16,
        to: (Mac, SocketAddr),
        payload: &[u8],
    ) {
        let body = ip::udp(host.socket(port), to.1, payload);
        let SocketAddr::V4(target) = to.1 else { return };
        let id = self.rng.draw() as u16;
        let packet = ip::v4(host.ip, *target.ip(), ip::UDP, id, &body);
        self.push(time, ether::frame(to.0, host.mac, &[host.subnet.vlan], ether::IPV4, &packet));
    }

    /// Opens a conversation from `client` to `port` of a server: the peer's own card when both are in one
    /// subnet, else the router's.
    fn open(
        &mut self,
        client: Host<'_>,
        server: Ipv4Addr,
        mac: Option<Mac>,
        port: u16,
        at: Timestamp,
    ) -> Conversation {
        let from = End { mac: client.mac, socket: client.socket(self.port()) };
        let to = End { mac: mac.unwrap_or(ROUTER), socket: SocketAddr::from((server, port)) };
        let step = 300 + self.rng.below(900) as i64;
        let sequence = self.rng.draw() as u32;
        Conversation::open(from, to, &[client.subnet.vlan], at, step, sequence)
    }

    /// The peer's own link-layer address, when it is in the same subnet.
    fn neighbour(host: Host<'_>, peer: Host<'_>) -> Option<Mac> {
        (host.subnet.vlan == peer.subnet.vlan).then_some(peer.mac)
    }
}
