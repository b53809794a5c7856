//! What the tests share: the real program, a house in memory, and the peers it talks to.

pub mod browser;
pub mod documents;
pub mod files;
pub mod house;
pub mod mailbox;
pub mod program;
