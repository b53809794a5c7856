//! Pumps, monitors, their gateways, and the observations that flow to the interface engine.

use super::{CANARY_BIRTH, CANARY_ID, CANARY_NAME, Host, Scene};
use crate::hospital::ROUTER;
use crate::tables::Speaks;
use crate::wire::hl7::{DeviceIn, Observation, Route, mllp};
use std::net::SocketAddr;

/// Port of the made-up protocol between pump and gateway.
const PUMP_PORT: u16 = 5170;
/// Port of the made-up protocol between monitor and central station.
const MONITOR_PORT: u16 = 5180;
/// Port of HL7 over MLLP (IANA).
const HL7_PORT: u16 = 2575;
/// Observations in one connection of a gateway.
const PER_CONNECTION: usize = 12;

/// A status report to the gateway every ten minutes, in a protocol nobody here can read.
pub(super) fn pump(scene: &mut Scene<'_>, host: Host<'_>) {
    let gateways = &scene.pump_gateways;
    let Some(&at) = gateways.get(u32::from(host.ip) as usize % gateways.len().max(1)) else { return };
    let Some(gateway) = scene.host(at) else { return };
    for turn in 0..2 {
        let time = scene.moment(500 + 600 * turn, 1100 + 600 * turn);
        let mac = Scene::neighbour(host, gateway);
        let mut talk = scene.open(host, gateway.ip, mac, PUMP_PORT, time);
        let (report, answer) = (noise(scene, "INFUSE-REPORT/8 ", 240), noise(scene, "INFUSE-REPORT/8 ", 24));
        talk.client(&report);
        talk.server(&answer);
        let frames = talk.close();
        scene.frames.extend(frames);
    }
}

/// A packet of curves to a central station every half minute; telemetry sends smaller ones.
pub(super) fn monitor(scene: &mut Scene<'_>, host: Host<'_>) {
    let centrals: Vec<Host<'_>> = scene.centrals.iter().filter_map(|&at| scene.host(at)).collect();
    let same = centrals.iter().find(|central| central.subnet.vlan == host.subnet.vlan);
    let Some(central) = same.or_else(|| centrals.first()) else { return };
    let mac = Scene::neighbour(host, *central).unwrap_or(ROUTER);
    let to = (mac, SocketAddr::from((central.ip, MONITOR_PORT)));
    let size = if host.device.host_name.starts_with("TELE") { 120 } else { 420 };
    let begin = scene.moment(490, 520);
    for turn in 0..40 {
        let curves = noise(scene, "VISTA-STREAM/1  ", size);
        scene.datagram(begin.plus_seconds(30 * turn), host, MONITOR_PORT, to, &curves);
    }
}

/// A payload of a made-up protocol: its name and letters without meaning. Any byte would do for our readers, but
/// a guesser such as tshark finds other protocols in random bytes.
fn noise(scene: &mut Scene<'_>, name: &str, size: usize) -> Vec<u8> {
    let mut out = name.as_bytes().to_vec();
    out.extend(scene.rng.bytes(size).iter().map(|byte| b'@' | byte & 0x3f));
    out
}

/// What the gateways tell the interface engine: two observations of every device that has a gateway.
pub(super) fn observations(scene: &mut Scene<'_>) {
    let reported: Vec<usize> = (0..scene.hospital.truth.len())
        .filter(|&at| scene.hospital.truth[at].seen.as_ref().is_some_and(|seen| seen.in_hl7))
        .collect();
    let is_pump = |at: usize| scene.hospital.models[scene.hospital.truth[at].model].speaks == Speaks::Pump;
    let (pumps, monitors): (Vec<usize>, Vec<usize>) = reported.into_iter().partition(|&at| is_pump(at));
    let Some(engine) = scene.engines.first().and_then(|&at| scene.host(at)) else { return };
    for (gateways, devices, kind) in [
        (scene.pump_gateways.clone(), pumps, DeviceIn::Prt10),
        (scene.monitor_gateways.clone(), monitors, DeviceIn::Obx18),
    ] {
        let gateways: Vec<Host<'_>> = gateways.iter().filter_map(|&at| scene.host(at)).collect();
        for round in 0..2 {
            for (number, part) in devices.chunks(PER_CONNECTION).enumerate() {
                let Some(&gateway) = gateways.get(number % gateways.len().max(1)) else { continue };
                connection(scene, gateway, engine, part, kind, round);
            }
        }
    }
}

fn connection(
    scene: &mut Scene<'_>,
    gateway: Host<'_>,
    engine: Host<'_>,
    devices: &[usize],
    kind: DeviceIn,
    round: i64,
) {
    let at = scene.moment(500 + 600 * round, 1080 + 600 * round);
    let stamp = at.to_jiff().strftime("%Y%m%d%H%M%S+0000").to_string();
    let mac = Scene::neighbour(gateway, engine);
    let mut talk = scene.open(gateway, engine.ip, mac, HL7_PORT, at);
    for &device in devices {
        let observation = observation(scene, device, kind, &stamp);
        talk.client(&mllp(&observation.encode()));
        talk.server(&mllp(&observation.acknowledgement()));
        talk.wait(800_000);
    }
    let frames = talk.close();
    scene.frames.extend(frames);
}

fn observation(scene: &mut Scene<'_>, device: usize, kind: DeviceIn, stamp: &str) -> Observation {
    let truth = &scene.hospital.truth[device];
    let application = match kind {
        DeviceIn::Prt10 => "INFUSEGW",
        DeviceIn::Obx18 => "VISTALINK",
    };
    let value = |code: &str, value: usize, unit: &str| (code.to_owned(), value.to_string(), unit.to_owned());
    let values = match kind {
        DeviceIn::Prt10 => vec![
            value(
                "157784^MDC_FLOW_FLUID_PUMP^MDC",
                5 + scene.rng.below(120),
                "265266^MDC_DIM_MILLI_L_PER_HR^MDC",
            ),
            value("157872^MDC_VOL_FLUID_TBI_REMAIN^MDC", scene.rng.below(900), "263762^MDC_DIM_MILLI_L^MDC"),
        ],
        DeviceIn::Obx18 => vec![
            value(
                "147842^MDC_ECG_HEART_RATE^MDC",
                50 + scene.rng.below(60),
                "264864^MDC_DIM_BEAT_PER_MIN^MDC",
            ),
            value("150456^MDC_PULS_OXIM_SAT_O2^MDC", 90 + scene.rng.below(10), "262688^MDC_DIM_PERCENT^MDC"),
        ],
    };
    Observation {
        route: Route {
            from: application.to_owned(),
            from_facility: "LARKFIELD".to_owned(),
            to: "INTERLINK".to_owned(),
            to_facility: "LARKFIELD".to_owned(),
        },
        time: stamp.to_owned(),
        control_id: format!("{:08X}", scene.rng.draw() as u32),
        patient: (
            CANARY_ID.to_owned(),
            format!("{}^{}", CANARY_NAME.0, CANARY_NAME.1),
            CANARY_BIRTH.to_owned(),
        ),
        device: format!("{}^GS1^2.51.1.1^ISO", truth.udi),
        named_in: kind,
        values,
    }
}
