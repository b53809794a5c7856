//! Invented makers and what they sell.

use crate::rng::Rng;
use crate::tables::Tables;
use std::collections::BTreeSet;

/// Beginnings and ends of invented names; none of the words made of them is a maker's or a product's we know of.
const HEADS: &[&str] = &[
    "Ambro", "Belvi", "Cando", "Dorva", "Elmi", "Farro", "Gelmo", "Hestra", "Indro", "Jolva", "Kestro",
    "Lumbra", "Morvi", "Nestra", "Orlo", "Pelva", "Quendo", "Rosmi", "Selvo", "Tundra", "Ulmo", "Vestri",
    "Wendro", "Yalmo", "Zerva",
];
const MAKER_TAILS: &[&str] = &["dyne", "fort", "gard", "holm", "kine", "lund", "mark", "quist"];
const FAMILY_TAILS: &[&str] =
    &["cor", "del", "fex", "lis", "mar", "nova", "pax", "ron", "sen", "tis", "vue", "zon"];

/// What one maker sells under one name and number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Manufacturer.
    pub maker: String,
    /// Name of the model: a family and a code.
    pub model: String,
    /// Model number.
    pub model_number: String,
    /// The major version its releases count from.
    pub major: usize,
}

/// All products, from a seed.
#[derive(Clone, Debug)]
pub struct Catalogue {
    /// The seed it was drawn from.
    pub seed: u64,
    /// The products, by number.
    pub products: Vec<Product>,
}

impl Catalogue {
    /// `count` products. Makers are of very different size, as real ones are: the share of a maker falls with the
    /// square of its draw. One product in twenty is of the makers of the sample hospital.
    #[must_use]
    pub fn new(seed: u64, count: usize) -> Self {
        let mut rng = Rng::new(seed, "catalogue");
        let makers: Vec<String> = HEADS
            .iter()
            .flat_map(|head| MAKER_TAILS.iter().map(move |tail| format!("{head}{tail}")))
            .collect();
        let own: BTreeSet<String> = Tables::load().models.into_iter().map(|model| model.maker).collect();
        let own: Vec<String> = own.into_iter().collect();
        let products = (0..count).map(|number| {
            let skewed = rng.below(1_000) * rng.below(1_000) * makers.len() / 1_000_000;
            let maker = if number.is_multiple_of(20) { rng.pick(&own).cloned() } else { None };
            let family = number / 6 % (HEADS.len() * FAMILY_TAILS.len());
            let (head, tail) = (HEADS[family % HEADS.len()], FAMILY_TAILS[family / HEADS.len()]);
            Product {
                maker: maker.unwrap_or_else(|| makers[skewed].clone()),
                model: format!("{head}{tail} {}", 1_000 + number),
                model_number: format!("{}{:05}", &head[..2].to_uppercase(), 10_000 + number),
                major: 1 + rng.below(9),
            }
        });
        Self { seed, products: products.collect() }
    }

    /// One of the versions in circulation of a product: `release` counts from the oldest.
    #[must_use]
    pub fn version(product: &Product, release: usize) -> String {
        format!("{}.{}.{}", product.major + release / 8, release % 8, release % 3)
    }
}
