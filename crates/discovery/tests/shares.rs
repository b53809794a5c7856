//! Several readers that share a capture learn what one learns.

mod common;

use common::{captures, options};
use proptest::prelude::*;
use tallyward_discovery::{Learned, Part, Reader, Share, read_capture};

fn shared(bytes: &[u8], readers: u32, backwards: bool) -> Learned {
    let mut parts: Vec<Part> = Share::all(readers)
        .into_iter()
        .map(|share| {
            let mut reader = Reader::sharing(options(), share);
            reader.feed(bytes);
            reader.part()
        })
        .collect();
    if backwards {
        parts.reverse();
    }
    parts.into_iter().reduce(Part::join).expect("at least one share").learned()
}

fn assert_same(one: &Learned, many: &Learned, what: &str) {
    assert_eq!(one.stats, many.stats, "{what}");
    assert_eq!(one.problems, many.problems, "{what}");
    assert_eq!(one.flows, many.flows, "{what}");
    let differ = one.evidence.iter().zip(&many.evidence).find(|(a, b)| a != b);
    assert_eq!(differ, None, "{what}");
    assert_eq!(one.evidence.len(), many.evidence.len(), "{what}");
}

#[test]
fn two_and_seven_readers_learn_what_one_learns_from_every_capture() {
    for path in captures() {
        let bytes = std::fs::read(&path).expect("a shared capture can be read");
        // The two that take longest in a debug build are read by the bench.
        if bytes.len() > 3 << 20 {
            continue;
        }
        let one = read_capture(&bytes, options());
        for readers in [2, 7] {
            let what = format!("{} by {readers}", path.display());
            assert_same(&one, &shared(&bytes, readers, readers == 7), &what);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn damage_is_met_alike_by_every_share(
        pick in any::<prop::sample::Index>(),
        readers in 2u32..6,
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..40),
    ) {
        let captures = captures();
        prop_assume!(!captures.is_empty());
        let mut bytes = std::fs::read(&captures[pick.index(captures.len())]).expect("readable");
        bytes.truncate(100_000);
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let one = read_capture(&bytes, options());
        assert_same(&one, &shared(&bytes, readers, true), "damaged");
    }
}
