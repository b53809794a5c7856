//! How well products are resolved, against people's labels: `cargo bench -p tallyward-matching --bench truth`.

#[path = "../tests/common/truth.rs"]
mod truth;

use truth::{Score, pairs};

fn main() {
    let pairs = pairs();
    for (name, score) in [
        ("all", Score::of(&pairs, |_| true)),
        ("tuning", Score::of(&pairs, |pair| !pair.held_out)),
        ("held out", Score::of(&pairs, |pair| pair.held_out)),
    ] {
        println!("{name}\n{score}");
        for wrong in &score.wrong {
            println!("  {wrong}");
        }
        println!();
    }
}
