//! The one binary: `tallyward`.
//!
//! Here, and nowhere else, things are wired together: configuration and environment are read, the store, the
//! mailer, the clock and the source of randomness are chosen, and exit codes are decided. Every command is one
//! file that calls use cases and prints what they answer, for people on a terminal and with `--json` for programs.

mod args;
mod captures;
mod commands;
mod config;
mod exit;
mod files;
mod letter_folder;
mod output;
mod pdf;
mod ports;
mod progress;
mod unpack;
mod wire;

use clap::Parser;
use std::process::ExitCode;

/// Imports make and drop millions of short texts; the system's allocator spends a fifth of their time on it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let args = match args::Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Asking for help is no mistake; everything else is a usage error.
            let code = if error.use_stderr() { exit::USAGE } else { exit::DONE };
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    match commands::run(args) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            eprintln!("tallyward: {failure}");
            ExitCode::from(failure.code())
        }
    }
}
