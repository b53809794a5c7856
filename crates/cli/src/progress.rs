//! Progress: a bar on a terminal, plain lines elsewhere.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal as _;

/// One long piece of work.
pub struct Progress {
    bar: ProgressBar,
    name: String,
    plain: bool,
}

impl Progress {
    /// Announces `name` with `total` steps (0: not known).
    pub fn start(name: &str, total: u64) -> Self {
        let plain = !std::io::stderr().is_terminal();
        let bar = ProgressBar::with_draw_target(
            (total > 0).then_some(total),
            if plain { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() },
        );
        if let Ok(style) = ProgressStyle::with_template("{prefix:28} {wide_bar} {pos:>8}/{len:8}") {
            bar.set_style(style);
        }
        bar.set_prefix(name.to_owned());
        Self { bar, name: name.to_owned(), plain }
    }

    /// So many steps are done.
    pub fn at(&self, done: u64, total: u64) {
        self.bar.set_length(total);
        self.bar.set_position(done);
    }

    /// It is finished, and what came of it is told elsewhere.
    pub fn clear(self) {
        self.bar.finish_and_clear();
    }

    /// It is finished; `what` says what came of it.
    pub fn done(self, what: &str) {
        self.bar.finish_and_clear();
        if self.plain {
            eprintln!("{}: {what}", self.name);
        } else {
            eprintln!("{:28} {what}", self.name);
        }
    }
}
