//! The hospital as a value, and how it is drawn from a plan.

use crate::device::{LabDevice, Seen};
use crate::plan::Plan;
use crate::rng::Rng;
use crate::tables::{Ground, Holding, Model, Network, Speaks, Tables};
use crate::{listed, roles};
use std::net::Ipv4Addr;
use tallyward_core::{Contact, Mac, Place, Presence, Timestamp, Unit};
use tallyward_identity::udi::{Day, Gs1Label};

/// A whole sample hospital. Everything it can print is a pure function of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hospital {
    /// What it was built from.
    pub plan: Plan,
    /// Name of the house.
    pub name: String,
    /// Sites, in the order of the units.
    pub sites: Vec<String>,
    /// Units.
    pub units: Vec<Unit>,
    /// People to reach.
    pub contacts: Vec<Contact>,
    /// What is in use here.
    pub models: Vec<Model>,
    /// Subnets: the units' in the order of `units`, then the data centre's.
    pub subnets: Vec<Subnet>,
    /// Ground truth, one entry a device.
    pub truth: Vec<LabDevice>,
    /// Link-layer addresses in the traffic that belong to the network itself (the router), in no list.
    pub infrastructure: Vec<Mac>,
}

/// One subnet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subnet {
    /// Unit code, or `DC` for the data centre, which belongs to no unit.
    pub code: String,
    /// Network address.
    pub network: Ipv4Addr,
    /// Prefix length.
    pub bits: u8,
    /// VLAN.
    pub vlan: u16,
    /// Where it is; rooms are not known to a subnet.
    pub place: Place,
    /// Whether the sensor sees it.
    pub watched: bool,
}

impl Subnet {
    /// The `number`-th address; 1 is the router's.
    #[must_use]
    pub fn address(&self, number: usize) -> Ipv4Addr {
        Ipv4Addr::from(u32::from(self.network).wrapping_add(u32::try_from(number).unwrap_or(0)))
    }
}

/// The router's address in every VLAN: a virtual router address (RFC 5798, 7.3), as redundant routers have.
pub const ROUTER: Mac = Mac([0x00, 0x00, 0x5e, 0x00, 0x01, 0x01]);

/// The first address number of a subnet that a device gets.
const FIRST_ADDRESS: usize = 20;

impl Hospital {
    /// Since when the sensor has listened: 90 days before the plan's `now`, which is longer than any class of
    /// device here may be silent. A ghost is one only for a run that is told so.
    #[must_use]
    pub fn listening_since(&self) -> Timestamp {
        self.plan.now.plus_days(-90)
    }
}

/// Builds the hospital of `plan`.
#[must_use]
pub fn build(plan: &Plan) -> Hospital {
    let tables = Tables::load();
    let counts = apportion(&tables.holdings, plan.devices);
    let subnets = subnets(&tables.grounds, &tables.holdings, &counts);
    let mut rng = Rng::new(plan.seed, "devices");
    let mut maker = Maker::new(plan, &tables, &subnets);
    let mut truth = Vec::with_capacity(plan.devices);
    for (holding, count) in tables.holdings.iter().zip(counts) {
        for _ in 0..count {
            truth.push(maker.device(holding, &mut rng));
        }
    }
    roles::assign(plan.seed, &tables, &subnets, &mut truth);
    listed::write(plan.seed, &tables, &mut truth);
    let mut sites: Vec<String> = Vec::new();
    for unit in &tables.units {
        if !sites.contains(&unit.site) {
            sites.push(unit.site.clone());
        }
    }
    Hospital {
        plan: plan.clone(),
        name: "Larkfield Health (sample)".to_owned(),
        sites,
        units: tables.units,
        contacts: tables.contacts,
        models: tables.models,
        subnets,
        truth,
        infrastructure: vec![ROUTER],
    }
}

/// Shares `total` out in proportion to the table's counts; what rounding leaves over goes to the largest
/// remainders, so that the sum is exact.
fn apportion(holdings: &[Holding], total: usize) -> Vec<usize> {
    let whole: usize = holdings.iter().map(|holding| holding.count).sum();
    let exact = |holding: &Holding| holding.count as u128 * total as u128;
    let whole = (whole as u128).max(1);
    let mut counts: Vec<usize> = holdings.iter().map(|holding| (exact(holding) / whole) as usize).collect();
    let mut order: Vec<usize> = (0..holdings.len()).collect();
    order.sort_by_key(|&at| std::cmp::Reverse(exact(&holdings[at]) % whole));
    let missing = total - counts.iter().sum::<usize>();
    for &at in order.iter().cycle().take(missing) {
        counts[at] += 1;
    }
    counts
}

/// Every subnet gets room for all its devices and as many guests again.
fn subnets(grounds: &[Ground], holdings: &[Holding], counts: &[usize]) -> Vec<Subnet> {
    let most = (0..grounds.len())
        .map(|ground| {
            let here = holdings.iter().zip(counts).filter(|(holding, _)| holding.subnet == ground);
            here.map(|(_, count)| count).sum::<usize>()
        })
        .max()
        .unwrap_or(0);
    let bits = [24u8, 20, 16].into_iter().find(|bits| most * 2 + 40 < 1 << (32 - bits)).unwrap_or(16);
    grounds
        .iter()
        .zip(0u8..)
        .map(|(ground, at)| Subnet {
            code: ground.code.clone(),
            network: Ipv4Addr::new(10, 20 + at, 0, 0),
            bits,
            vlan: 100 + 10 * u16::from(at),
            place: Place {
                site: ground.site.clone(),
                building: ground.building.clone(),
                floor: ground.floor.clone(),
                room: String::new(),
            },
            watched: ground.watched,
        })
        .collect()
}

/// Gives out numbers that must not repeat.
struct Maker<'a> {
    tables: &'a Tables,
    subnets: &'a [Subnet],
    now: Timestamp,
    made: u32,
    offset: u32,
    addresses: Vec<usize>,
}

impl<'a> Maker<'a> {
    fn new(plan: &Plan, tables: &'a Tables, subnets: &'a [Subnet]) -> Self {
        let offset = Rng::new(plan.seed, "numbers").below(1 << 24) as u32;
        Self {
            tables,
            subnets,
            now: plan.now,
            made: 0,
            offset,
            addresses: vec![FIRST_ADDRESS; subnets.len()],
        }
    }

    fn device(&mut self, holding: &Holding, rng: &mut Rng) -> LabDevice {
        let model = &self.tables.models[holding.model];
        self.made += 1;
        // An odd factor makes this a permutation of all 24-bit numbers: scattered, yet never the same twice.
        let number = self.made.wrapping_mul(0x009e_3779).wrapping_add(self.offset) & 0x00ff_ffff;
        let serial = format!("{}{number:08}", model.serial_prefix);
        let made = self.now.plus_days(-200 - rng.below(2900) as i64).date();
        let udi = label(&model.di, &serial, &made);
        let networked = model.network != Network::None;
        let [a, b, c] = model.oui;
        let [_, d, e, f] = number.to_be_bytes();
        let subnet = &self.subnets[holding.subnet];
        let short = number % 100_000;
        let speaks_dicom = matches!(model.speaks, Speaks::Dicom(_) | Speaks::Query | Speaks::Archive);
        let mut place = subnet.place.clone();
        place.room = format!("{}{:02}", place.floor, 1 + rng.below(40));
        LabDevice {
            model: holding.model,
            tag: format!("LGH-{:05}", 10_000 + self.made),
            udi,
            made,
            version: rng.pick(&model.versions).cloned().unwrap_or_default(),
            unit: holding.unit,
            pool: holding.pool.clone(),
            place,
            mac: networked.then_some(Mac([a, b, c, d, e, f])),
            ip: networked.then(|| self.next_address(holding.subnet)),
            host_name: if networked { format!("{}-{short:05}", model.host_prefix) } else { String::new() },
            ae_title: if speaks_dicom { format!("{}_{short:05}", model.host_prefix) } else { String::new() },
            seen: if networked && subnet.watched { Some(first_sight(holding.subnet, model)) } else { None },
            listed: None,
            presence: if networked && subnet.watched { Presence::Known } else { Presence::NotObservable },
            serial,
        }
    }

    fn next_address(&mut self, subnet: usize) -> Ipv4Addr {
        let number = self.addresses[subnet];
        self.addresses[subnet] += 1;
        self.subnets[subnet].address(number)
    }
}

/// What the wire shows before roles are given out.
fn first_sight(subnet: usize, model: &Model) -> Seen {
    Seen { subnet, in_dicom: matches!(model.speaks, Speaks::Dicom(_)), in_hl7: false, version: None }
}

/// The label of a device: GTIN, day of manufacture and serial number, as printed for people.
fn label(di: &str, serial: &str, made: &str) -> String {
    let mut parts = made.splitn(3, '-').map(|part| part.parse::<u16>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    let day = Day::new(next(), next() as u8, next() as u8);
    let label = Gs1Label { manufactured: day, ..Gs1Label::new(di, serial) };
    label.bracketed().expect("the tables give a valid GTIN, and serials of capital letters and digits")
}
