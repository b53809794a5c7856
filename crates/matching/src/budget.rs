//! A round that fits into the minutes there are: which readings settle most of what waits.

use std::cmp::Reverse;
use std::num::NonZeroU32;

/// One thing that may be done in a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// Minutes it takes, as a person has timed or said. Nothing takes none: findings per minute would order nothing.
    pub minutes: NonZeroU32,
    /// Findings it settles.
    pub settles: u64,
}

/// Places of the efforts to do within a budget of minutes, ascending: those that settle most per minute come first,
/// and what no longer fits is passed over for the next that does. Equals are taken in the order given. When a single
/// effort settles more than all of those together, it is taken instead, with what still fits beside it; so that what
/// is chosen settles at least half of the best possible.
///
/// The minutes chosen are never more than the budget.
#[must_use]
pub fn within_budget(efforts: &[Effort], budget: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..efforts.len()).collect();
    // Findings per minute, compared crosswise to stay exact.
    order.sort_by(|a, b| {
        let (a, b) = (&efforts[*a], &efforts[*b]);
        let ahead = u128::from(a.settles) * u128::from(b.minutes.get());
        (u128::from(b.settles) * u128::from(a.minutes.get())).cmp(&ahead)
    });
    let chosen = fill(efforts, &order, budget);
    let most = (0..efforts.len())
        .filter(|at| u64::from(efforts[*at].minutes.get()) <= budget)
        .max_by_key(|at| (efforts[*at].settles, Reverse(*at)));
    let settled: u128 = chosen.iter().map(|at| u128::from(efforts[*at].settles)).sum();
    match most {
        Some(most) if u128::from(efforts[most].settles) > settled => {
            order.retain(|at| *at != most);
            order.insert(0, most);
            fill(efforts, &order, budget)
        }
        _ => chosen,
    }
}

fn fill(efforts: &[Effort], order: &[usize], budget: u64) -> Vec<usize> {
    let mut left = budget;
    let mut chosen = Vec::new();
    for at in order {
        let minutes = u64::from(efforts[*at].minutes.get());
        if minutes <= left {
            left -= minutes;
            chosen.push(*at);
        }
    }
    chosen.sort_unstable();
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn efforts(pairs: &[(u32, u64)]) -> Vec<Effort> {
        let minutes = |minutes| NonZeroU32::new(minutes).unwrap();
        pairs.iter().map(|(time, settles)| Effort { minutes: minutes(*time), settles: *settles }).collect()
    }

    fn sums(efforts: &[Effort], chosen: &[usize]) -> (u64, u64) {
        chosen.iter().fold((0, 0), |(minutes, settles), at| {
            (minutes + u64::from(efforts[*at].minutes.get()), settles + efforts[*at].settles)
        })
    }

    #[test]
    fn most_per_minute_first_and_gaps_are_filled() {
        // Per minute: 2, 3, 1, 0.8.
        let list = efforts(&[(5, 10), (4, 12), (3, 3), (5, 4)]);
        assert_eq!(within_budget(&list, 9), [0, 1]);
        assert_eq!(within_budget(&list, 8), [1, 2], "the 5 minutes no longer fit, the 3 do");
        assert_eq!(within_budget(&list, 2), [0; 0]);
        assert_eq!(within_budget(&list, 1_000), [0, 1, 2, 3]);
        assert_eq!(within_budget(&efforts(&[(2, 6), (2, 6), (2, 6)]), 4), [0, 1], "equals in their order");
    }

    #[test]
    fn one_that_settles_more_than_all_the_quick_ones_is_taken() {
        let list = efforts(&[(1, 2), (10, 15)]);
        assert_eq!(within_budget(&list, 10), [1]);
        assert_eq!(within_budget(&list, 11), [0, 1]);
    }

    proptest! {
        #[test]
        fn never_over_budget_never_twice_and_nothing_that_fits_is_left(
            pairs in prop::collection::vec((1u32..60, 0u64..50), 0..60),
            budget in 0u64..400,
        ) {
            let list = efforts(&pairs);
            let chosen = within_budget(&list, budget);
            prop_assert!(chosen.windows(2).all(|pair| pair[0] < pair[1]));
            let (minutes, _) = sums(&list, &chosen);
            prop_assert!(minutes <= budget);
            for (at, effort) in list.iter().enumerate() {
                prop_assert!(chosen.contains(&at) || minutes + u64::from(effort.minutes.get()) > budget);
            }
            prop_assert_eq!(chosen, within_budget(&list, budget));
        }

        #[test]
        fn at_least_half_of_the_best_possible(
            pairs in prop::collection::vec((1u32..20, 0u64..30), 0..10),
            budget in 0u64..60,
        ) {
            let list = efforts(&pairs);
            let (_, settled) = sums(&list, &within_budget(&list, budget));
            let best = (0u32..1 << list.len())
                .map(|set| (0..list.len()).filter(|at| set >> at & 1 == 1).collect::<Vec<_>>())
                .map(|set| sums(&list, &set))
                .filter(|(minutes, _)| *minutes <= budget)
                .map(|(_, settles)| settles)
                .max()
                .unwrap_or(0);
            prop_assert!(2 * settled >= best, "{settled} of {best}");
        }

        #[test]
        fn huge_numbers_are_no_trouble(pairs in prop::collection::vec((1u32.., any::<u64>()), 0..20), budget: u64) {
            let list = efforts(&pairs);
            let chosen = within_budget(&list, budget);
            let minutes: u64 = chosen.iter().map(|at| u64::from(list[*at].minutes.get())).sum();
            prop_assert!(minutes <= budget);
        }
    }
}
