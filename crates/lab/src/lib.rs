//! A whole hospital on demand, from a seed.
//!
//! The demo, the tests and the benches need a hospital that nobody may show: its CMMS export with all its
//! faults, its places, units and people, half an hour of its traffic, and advisories that touch what it holds.
//! [`build`] draws one from a [`Plan`]; the [`Hospital`] prints each file as bytes. Nothing is read or written,
//! and the same plan gives the same bytes.
//!
//! The key decision is that the truth comes first: devices are drawn with what is so ([`LabDevice`]), then what
//! the list says of them ([`Listed`]) and what the wire shows ([`Seen`]), each wrong in the ways lists and wires
//! are. So the counts a run must reach are known by construction ([`Expectations`]) and not by running the
//! program. The price is a second set of encoders ([`wire`]), written apart from the readers they test, and
//! that traps are only those somebody thought of: real captures and real advisories stay the better test.
//!
//! Every maker, product, person, flaw and number here is invented.

mod advisories;
mod book;
mod cmms;
mod device;
mod expectations;
mod hospital;
mod listed;
mod lists;
mod plan;
mod rng;
mod roles;
pub mod scale;
mod tables;
mod traffic;
pub mod wire;

pub use cmms::CANARY_NOTE;
pub use device::{LabDevice, Listed, Seen};
pub use expectations::{Expectations, ExpectedFinding};
pub use hospital::{Hospital, ROUTER, Subnet, build};
pub use plan::Plan;
pub use rng::Rng;
pub use tables::{Model, Network, Speaks};
pub use traffic::{CANARY_BIRTH, CANARY_ID, CANARY_NAME, SECONDS, scaled};
