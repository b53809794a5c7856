//! The resolver against people's labels. `cargo bench -p tallyward-matching --bench truth` prints the same.

#[path = "common/truth.rs"]
mod truth;

use truth::{Score, Set, pairs};

#[test]
fn what_is_called_the_same_is_and_what_is_the_same_is_found() {
    let pairs = pairs();
    assert!(pairs.len() >= 300 && pairs.iter().filter(|pair| pair.set == Set::HeldOut).count() >= 100);
    for (name, score) in [
        ("all", Score::of(&pairs, |pair| pair.set != Set::Disputed)),
        ("held out", Score::of(&pairs, |pair| pair.set == Set::HeldOut)),
    ] {
        println!("{name}\n{score}\n{}", score.wrong.join("\n"));
        assert!(score.precision() >= 995, "{name}: {score}\n{}", score.wrong.join("\n"));
        assert!(score.recall() >= 950, "{name}: {score}\n{}", score.wrong.join("\n"));
    }
}
