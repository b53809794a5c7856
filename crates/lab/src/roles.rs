//! Who is a stranger, a ghost, moved or a zombie: chosen so that the counts are known by construction.

use crate::advisories;
use crate::device::LabDevice;
use crate::hospital::Subnet;
use crate::rng::Rng;
use crate::tables::{Speaks, Tables};
use tallyward_core::Presence;

/// Devices of each kind in a thousand; at least one of each where the house has a candidate.
const STRANGERS: usize = 20;
const GHOSTS: usize = 30;
const MOVED: usize = 15;
const ZOMBIES: usize = 5;

pub(crate) fn assign(seed: u64, tables: &Tables, subnets: &[Subnet], truth: &mut [LabDevice]) {
    let mut rng = Rng::new(seed, "roles");
    let total = truth.len();
    let share = |thousandth: usize| (total * thousandth / 1000).max(1);
    let mut order: Vec<usize> = (0..total).collect();
    rng.shuffle(&mut order);
    let named: Vec<bool> = tables.models.iter().map(|model| advisories::names_model(&model.id)).collect();

    // Retired devices stand only among models no advisory names: whether a retired device has findings is a
    // question of taste, and the counts should not hang on it.
    take(&order, share(ZOMBIES), truth, |device| !named[device.model] && may_vary(tables, device))
        .for_each(|at| truth[at].presence = Presence::Zombie);
    let movers = take(&order, share(MOVED), truth, |device| {
        tables.models[device.model].mobile && device.pool.is_empty() && may_vary(tables, device)
    });
    for (number, at) in movers.enumerate() {
        move_away(&mut truth[at], number, &mut rng, tables, subnets);
    }
    // A stranger that sends images says who it is; one that only asks for an address does not. Both occur.
    let says_itself = |device: &LabDevice| device.seen.as_ref().is_some_and(|seen| seen.in_dicom);
    let loud = share(STRANGERS) / 4;
    take(&order, loud, truth, |device| says_itself(device) && may_vary(tables, device))
        .for_each(|at| make_stranger(&mut truth[at]));
    take(&order, share(STRANGERS) - loud, truth, |device| !says_itself(device) && may_vary(tables, device))
        .for_each(|at| make_stranger(&mut truth[at]));
    take(&order, share(GHOSTS), truth, |device| may_vary(tables, device)).for_each(|at| {
        truth[at].presence = Presence::Ghost;
        truth[at].seen = None;
    });
    for device in truth {
        speak(device, tables, &mut rng);
    }
}

/// A device of this state may be given another: it is plainly known so far, and no other device's
/// conversations hang on it.
fn may_vary(tables: &Tables, device: &LabDevice) -> bool {
    let class = tables.models[device.model].class.as_str();
    device.presence == Presence::Known && !matches!(class, "pacs" | "device_gateway" | "central_station")
}

fn take(
    order: &[usize],
    count: usize,
    truth: &[LabDevice],
    wanted: impl Fn(&LabDevice) -> bool,
) -> std::vec::IntoIter<usize> {
    let found: Vec<usize> = order.iter().copied().filter(|&at| wanted(&truth[at])).take(count).collect();
    found.into_iter()
}

fn make_stranger(device: &mut LabDevice) {
    device.presence = Presence::Stranger;
}

/// Plugs the device into another watched unit's subnet; the list keeps its home. The addresses of guests begin
/// in the upper half of the subnet, which is never given to its own devices.
fn move_away(device: &mut LabDevice, number: usize, rng: &mut Rng, tables: &Tables, subnets: &[Subnet]) {
    let Some(seen) = &mut device.seen else { return };
    let others: Vec<usize> =
        (0..tables.units.len()).filter(|&at| at != device.unit && subnets[at].watched).collect();
    let Some(&target) = rng.pick(&others) else { return };
    let upper_half = 1usize << (31 - u32::from(subnets[target].bits));
    device.ip = Some(subnets[target].address(upper_half + number));
    seen.subnet = target;
    device.presence = Presence::Moved;
}

/// What the wire tells beyond addresses.
fn speak(device: &mut LabDevice, tables: &Tables, rng: &mut Rng) {
    let version = device.version.clone();
    let stranger = device.presence == Presence::Stranger;
    let Some(seen) = &mut device.seen else { return };
    match tables.models[device.model].speaks {
        Speaks::Dicom(_) => seen.version = rng.percent(90).then_some(version),
        // A gateway knows UDIs, not network cards: a stranger named by both would count twice.
        Speaks::Pump | Speaks::Monitor => seen.in_hl7 = !stranger,
        _ => {}
    }
}
