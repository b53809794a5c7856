//! Places, units and contacts.

use crate::error::Result;
use crate::App;
use crate::views::TableReport;
use crate::Who;
use tallyward_core::{Contact, Places, Unit};

impl App {
    /// Replaces the places table: columns subnet, vlan, site, building, floor, unit, watched.
    pub fn import_places(&self, who: &Who, bytes: &[u8]) -> Result<TableReport> {
        todo!()
    }

    /// Adds or replaces units: columns code, name, site, building, floor, pools, aliases.
    pub fn import_units(&self, who: &Who, bytes: &[u8]) -> Result<TableReport> {
        todo!()
    }

    /// Replaces the contacts: columns unit, duty, profession, name, email, phone.
    pub fn import_contacts(&self, who: &Who, bytes: &[u8]) -> Result<TableReport> {
        todo!()
    }

    /// The places table.
    pub fn places(&self) -> Result<Places> {
        todo!()
    }

    /// Units.
    pub fn units(&self) -> Result<Vec<Unit>> {
        todo!()
    }

    /// Contacts.
    pub fn contacts(&self) -> Result<Vec<Contact>> {
        todo!()
    }
}
