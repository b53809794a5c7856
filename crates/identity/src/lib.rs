//! Who is this: UDI, serials, MAC and OUI, aliases, reconciliation.
//!
//! Names come from labels, screens, network cards and spreadsheets, and each source spells them in its own
//! way. This room turns a spelling into something comparable and says how sure it is.
//!
//! Labels: [`udi::parse`] reads the four issuers' forms. The key decision is that a faulty identifier is
//! reported with everything that could be read, while `valid` alone decides whether it may be a key; the price
//! is that callers must ask. Makers and models: [`aliases::Aliases`] answers from reviewed tables only, never by
//! likeness, so two firms with similar names are never one; the price is a table to keep.
//!
//! Devices: [`reconcile::reconcile`] makes them from evidence, decisions, a precedence table and a point in time,
//! and keeps nothing between two calls. The key decision is that a doubtful join is refused and shown on both
//! sides, because two devices taken for one cost more than one device shown twice; the price is that a person
//! has to settle it. [`classify`] adds what rule tables conclude, below all that anybody states. [`presence::presence`] says how record and observation agree; silence counts only where
//! somebody listens.

pub mod aliases;
pub mod classify;
pub mod device_class;
pub mod junk;
pub mod naming;
pub mod oui;
pub mod ports;
pub mod presence;
pub mod reconcile;
mod table;
pub mod text;
pub mod udi;
