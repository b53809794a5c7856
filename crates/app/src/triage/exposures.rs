//! Who can reach which device, as far as flows and places say: worked out for all that were seen, by one pass over
//! the flows.

use crate::App;
use crate::app::lock;
use crate::error::Result;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use tallyward_core::flow::Endpoint;
use tallyward_core::{DeviceId, Flow, Key, Places};
use tallyward_response::{ExposureFinding, Talk, exposure};

/// The exposure of every device of which a conversation was seen.
pub(crate) struct Exposures {
    seen: FxHashMap<DeviceId, ExposureFinding>,
    unseen: ExposureFinding,
}

impl Exposures {
    /// What is known of a device.
    pub fn of(&self, device: DeviceId) -> &ExposureFinding {
        self.seen.get(&device).unwrap_or(&self.unseen)
    }
}

impl App {
    /// The exposures, held until conversations, places, or whose they are change.
    pub(crate) fn exposures(&self) -> Result<Arc<Exposures>> {
        let mut held = lock(&self.state.exposures);
        if let Some(held) = held.as_ref() {
            return Ok(Arc::clone(held));
        }
        let places = self.places()?;
        let mut ends: FxHashMap<Endpoint, Talk> = FxHashMap::default();
        self.store.each_flow(&mut |flow| add(&mut ends, flow, &places))?;
        let sensors: BTreeSet<String> =
            self.stored_captures()?.into_iter().map(|held| held.report.sensor).collect();
        let mut talks: FxHashMap<DeviceId, (Vec<IpAddr>, Talk)> = FxHashMap::default();
        for (end, talk) in ends {
            let Some(device) = self.device_at(&end, &sensors)? else { continue };
            let (addresses, held) = talks.entry(device).or_default();
            addresses.push(end.address);
            held.join(&talk);
        }
        let found = |(device, (mut addresses, talk)): (DeviceId, (Vec<IpAddr>, Talk))| {
            addresses.sort_unstable();
            addresses.dedup();
            (device, exposure(&self.tables, &addresses, &talk, &places))
        };
        let exposures = Arc::new(Exposures {
            seen: talks.into_iter().map(found).collect(),
            unseen: exposure(&self.tables, &[], &Talk::default(), &places),
        });
        *held = Some(Arc::clone(&exposures));
        Ok(exposures)
    }

    /// The device at the end of a flow: by its card, else as "somebody at this address" of a sensor.
    pub(crate) fn device_at<'a>(
        &self,
        end: &Endpoint,
        sensors: impl IntoIterator<Item = &'a String>,
    ) -> Result<Option<DeviceId>> {
        if let Some(mac) = end.mac
            && let Some(device) = self.store.device_of(&Key::Mac(mac))?
        {
            return Ok(Some(device));
        }
        for site in sensors {
            let key = Key::Address { site: site.clone(), address: end.address.to_string() };
            if let Some(device) = self.store.device_of(&key)? {
                return Ok(Some(device));
            }
        }
        Ok(None)
    }
}

fn add(ends: &mut FxHashMap<Endpoint, Talk>, flow: &Flow, places: &Places) {
    let span = (flow.first, flow.last);
    for (own, peer, peer_began) in [(&flow.client, &flow.server, false), (&flow.server, &flow.client, true)] {
        ends.entry(own.clone()).or_default().add(peer.address, peer_began, span, places);
    }
}
