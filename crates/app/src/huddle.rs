//! The daily huddle sheet.

use crate::App;
use crate::error::Result;
use crate::views::HuddleSheet;

impl App {
    /// Today's sheet of a unit.
    pub fn huddle(&self, unit: &str) -> Result<HuddleSheet> {
        todo!()
    }

    /// Units with the number of items on today's sheet: code, name, items.
    pub fn huddles(&self) -> Result<Vec<(String, String, usize)>> {
        todo!()
    }
}
