//! One signed file with the documents on file, for houses and sites without internet.
//!
//! The bytes of each document travel as they arrived, under their hash. A bundle counts only when a key signed it that
//! an administrator trusts for bundles; its documents are then verified one by one and taken in as if they came as files. What is
//! held in a newer revision stands. The price: a bundle holds each document whole, so one is as large as the file of them packed.

mod contents;
mod read;
#[cfg(test)]
mod tests;
mod trust;
mod write;

pub use contents::Bundle;
pub use read::BundleIntake;
pub use trust::Sender;
pub use write::{Audience, BundleReport};

/// Most bytes of a bundle's file.
pub const MAX_BUNDLE: usize = 256 * 1024 * 1024;

/// What a bundle is signed for.
const KIND: &str = "advisory bundle";
