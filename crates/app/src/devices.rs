//! Devices: lists, pages, facts entered by people.

use crate::error::Result;
use crate::App;
use crate::query::DeviceQuery;
use crate::views::{Choices, DeviceList, DevicePage};
use crate::Who;
use tallyward_core::{DeviceId, Field};

impl App {
    /// A page of the device list.
    pub fn devices(&self, query: &DeviceQuery) -> Result<DeviceList> {
        todo!()
    }

    /// The values that filters offer.
    pub fn choices(&self) -> Result<Choices> {
        todo!()
    }

    /// One device.
    pub fn device(&self, id: DeviceId) -> Result<DevicePage> {
        todo!()
    }

    /// Records what a person read on a device. It becomes evidence; answers how many unknown findings it settled.
    pub fn enter_fact(&self, who: &Who, id: DeviceId, field: Field, value: &str) -> Result<u64> {
        todo!()
    }
}
