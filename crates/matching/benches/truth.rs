//! How well products are resolved, against people's labels: `cargo bench -p tallyward-matching --bench truth`.

#[path = "../tests/common/truth.rs"]
mod truth;

use truth::{Score, Set, pairs};

fn main() {
    let pairs = pairs();
    for (name, score) in [
        ("all", Score::of(&pairs, |pair| pair.set != Set::Disputed)),
        ("tuning", Score::of(&pairs, |pair| pair.set == Set::Tuning)),
        ("held out", Score::of(&pairs, |pair| pair.set == Set::HeldOut)),
        ("disputed", Score::of(&pairs, |pair| pair.set == Set::Disputed)),
    ] {
        println!("{name}\n{score}");
        for wrong in &score.wrong {
            println!("  {wrong}");
        }
        println!();
    }
}
