//! Version texts in the shape of the real ones.

use crate::rng::Rng;
use crate::scale::catalogue::{Catalogue, Product};

/// Releases a clause may name.
const RELEASES: usize = 24;

/// The category of a leaf and its version text. The shares are those counted over 607 leaves of 144 medical
/// documents: 43 % everything, 25 % one number or one comparator, 6 % model numbers, 4 % each of lists and letters, and so on.
pub(crate) fn clause(rng: &mut Rng, product: &Product) -> (&'static str, String) {
    let low = rng.below(RELEASES - 4);
    let (older, newer) = (Catalogue::version(product, low), Catalogue::version(product, low + 4));
    let major = product.major;
    let letter = char::from(b'B' + u8::try_from(rng.below(12)).unwrap_or_default());
    let number = 10 + rng.below(80);
    match rng.below(100) {
        0..34 => ("product_version", "vers:all/*".to_owned()),
        34..43 => ("product_version_range", "vers:all/*".to_owned()),
        43..54 => ("product_version_range", format!("< {newer}")),
        54..62 => ("product_version_range", format!("<={older}")),
        62..68 => ("product_version", older),
        68..74 => ("product_version", product.model_number.clone()),
        74..78 => ("product_version", format!("{letter}{number} | {letter}{}", number + 1)),
        78..82 => ("product_version_range", format!("<= {letter}.0{}", rng.below(9))),
        82..85 => ("product_version", format!("{older} MR Build {number}")),
        85..88 => ("product_version_range", format!("manufactured < 20{}-06-01", 12 + rng.below(12))),
        88..91 => ("product_version_range", format!(">= {older} | <= {newer}")),
        91..93 => ("product_version", format!("{major}.x")),
        93..95 => ("product_version_range", format!("<= {newer} with wireless option")),
        95..97 => ("product_version", format!("{letter}{number}")),
        97 => ("product_version", format!("{older} | {newer}")),
        98 => ("product_version_range", format!("{newer} and below")),
        _ => ("product_version", format!("Wireless Module < {major}.{}", rng.below(9))),
    }
}
