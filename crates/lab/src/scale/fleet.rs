//! Devices by the million, each drawn from its number.

use crate::rng::Rng;
use crate::scale::catalogue::Catalogue;

/// Versions a model is held in, on average.
const VERSIONS: usize = 4;

/// What an inventory says of one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScaleDevice {
    /// Manufacturer.
    pub maker: String,
    /// Model.
    pub model: String,
    /// Model number; empty when not recorded.
    pub model_number: String,
    /// Software version; empty when not recorded.
    pub version: String,
    /// Date of manufacture, ISO; empty when not recorded.
    pub manufactured: String,
}

/// A fleet of any size.
///
/// **The law**: a fleet of N devices has 10·√N distinct configurations (1,000 at 10⁴; 3,162 at 10⁵; 10,000 at 10⁶;
/// 31,622 at 10⁷). A hospital group that doubles buys mostly more of what it has. The first devices hold one of
/// each; every further one holds a configuration whose share falls with the square of its draw, so a few are very common.
#[derive(Clone, Debug)]
pub struct ScaleFleet<'a> {
    catalogue: &'a Catalogue,
    devices: usize,
    distinct: usize,
}

impl<'a> ScaleFleet<'a> {
    /// `devices` devices of the products of a catalogue.
    #[must_use]
    pub fn new(catalogue: &'a Catalogue, devices: usize) -> Self {
        Self { catalogue, devices, distinct: (100 * devices).isqrt().min(devices) }
    }

    /// How many devices there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.devices
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.devices == 0
    }

    /// How many configurations were drawn. Two draws may come out alike, so slightly fewer are distinct.
    #[must_use]
    pub fn distinct(&self) -> usize {
        self.distinct
    }

    /// Which configuration a device has.
    #[must_use]
    pub fn configuration_of(&self, device: usize) -> usize {
        if device < self.distinct {
            return device;
        }
        let draw = Rng::new(self.catalogue.seed ^ device as u64, "device").below(1 << 20);
        (((draw * draw) >> 20) * self.distinct) >> 20
    }

    /// A configuration by its number. One in eight lacks the version, four in ten the model number, and six in
    /// ten the date of manufacture, which is a year's first day so that it does not make every device its own.
    #[must_use]
    pub fn configuration(&self, number: usize) -> ScaleDevice {
        let products = &self.catalogue.products;
        let mut rng = Rng::new(self.catalogue.seed ^ number as u64, "configuration");
        // A stride that has no common divisor with the number of products spreads models over the makers.
        let product = &products[number / VERSIONS * 2_971 % products.len()];
        let version =
            if rng.below(8) == 0 { String::new() } else { Catalogue::version(product, rng.below(24)) };
        let model_number = if rng.percent(60) { product.model_number.clone() } else { String::new() };
        let manufactured =
            if rng.percent(40) { format!("20{}-01-01", 10 + rng.below(15)) } else { String::new() };
        ScaleDevice {
            maker: product.maker.clone(),
            model: product.model.clone(),
            model_number,
            version,
            manufactured,
        }
    }

    /// A device by its number.
    #[must_use]
    pub fn device(&self, number: usize) -> ScaleDevice {
        self.configuration(self.configuration_of(number))
    }
}
