//! Who is this: UDI, serials, MAC and OUI, aliases, reconciliation.
//!
//! Names come from labels, screens, network cards and spreadsheets, and each source spells them in its own
//! way. This room turns a spelling into something comparable and says how sure it is.
//!
//! Labels: [`udi::parse`] reads the four issuers' forms. The key decision is that a faulty identifier is
//! reported with everything that could be read, while `valid` alone decides whether it may be a key; the price
//! is that callers must ask. Makers and models: [`aliases::Aliases`] answers from reviewed tables only, never by
//! likeness, so two firms with similar names are never one; the price is a table to keep.

pub mod aliases;
pub mod device_class;
pub mod junk;
pub mod naming;
pub mod oui;
pub mod reconcile;
mod table;
pub mod text;
pub mod udi;
