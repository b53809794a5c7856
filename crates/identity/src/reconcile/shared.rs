//! Keys that more than one device bears: a gateway's card, a default serial, a tag that reads "none".

use super::join::{Edge, exclusive};
use super::rules::Rules;
use rustc_hash::FxHashMap;
use tallyward_core::{Key, KeyStrength};

/// The shared keys of a component, each with why in a sentence.
pub(super) type Shared = FxHashMap<u32, String>;

/// Looks at every key of one component and at all that is tied to it, so that the answer does not depend on
/// the order of anything.
///
/// A card is shared when what it is tied to cannot be one device. An identifying key gets more benefit of the
/// doubt, because a single clash is more likely a mistyped cell, which the refused join shows anyway.
/// Locally administered cards are not counted: one device may invent many.
pub(super) fn shared_keys(keys: &[&Key], edges: &[Edge<'_>], rules: &Rules) -> Shared {
    let mut ties: Vec<(u32, u32)> = Vec::with_capacity(edges.len() * 2);
    for edge in edges.iter().filter(|edge| edge.tells_use()) {
        ties.push((edge.a, edge.b));
        ties.push((edge.b, edge.a));
    }
    ties.sort_unstable();
    ties.dedup();
    let mut shared = Shared::default();
    let least = rules.shared_network.min(rules.shared_identifying).min(rules.shared_cards + 1);
    for tied in ties.chunk_by(|x, y| x.0 == y.0).filter(|tied| tied.len() >= least) {
        let key = keys[tied[0].0 as usize];
        let others = tied.iter().map(|(_, other)| keys[*other as usize]);
        if let Some(why) = sharing(key, others, rules) {
            shared.insert(tied[0].0, why);
        }
    }
    shared
}

fn sharing<'k>(key: &Key, others: impl Iterator<Item = &'k Key> + Clone, rules: &Rules) -> Option<String> {
    let network = key.strength() == KeyStrength::Network;
    let limit = if network { rules.shared_network } else { rules.shared_identifying };
    let mut borne: Vec<((u8, &str), &str)> = others.clone().filter_map(exclusive).collect();
    borne.sort_unstable();
    borne.dedup();
    let clashing = borne.chunk_by(|a, b| a.0 == b.0).map(<[_]>::len).max().unwrap_or(0);
    if clashing >= limit {
        return Some(format!("{} is shared by {clashing} devices, so it joins nothing", key.plain()));
    }
    let cards = others.filter(|other| matches!(other, Key::Mac(mac) if !mac.is_local())).count();
    (!network && cards > rules.shared_cards)
        .then(|| format!("{} is shared by {cards} network cards, so it joins nothing", key.plain()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_key() -> impl Strategy<Value = Key> {
        let part = || "[ab]";
        prop_oneof![
            (part(), part()).prop_map(|(di, serial)| Key::DiSerial { di, serial }),
            (part(), part()).prop_map(|(model, serial)| Key::MakerModelSerial {
                maker: "m".to_owned(),
                model,
                serial
            }),
            (part(), part()).prop_map(|(scope, tag)| Key::AssetTag { scope, tag }),
            (part(), part()).prop_map(|(system, id)| Key::SystemId { system, id }),
            part().prop_map(Key::HostName),
        ]
    }

    proptest! {
        /// Joining asks for exclusive properties instead of comparing all pairs; both must say the same.
        #[test]
        fn an_exclusive_property_is_what_excludes(a in any_key(), b in any_key()) {
            let clash = match (exclusive(&a), exclusive(&b)) {
                (Some((what, one)), Some((other, two))) => what == other && one != two,
                _ => false,
            };
            prop_assert_eq!(clash, a.excludes(&b));
        }
    }
}
