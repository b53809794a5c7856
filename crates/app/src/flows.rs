//! Conversations as a list that other tools can read.

use crate::App;
use crate::error::Result;
use rustc_hash::FxHashMap;
use tallyward_core::Flow;
use tallyward_core::flow::Endpoint;
use tallyward_report::Table;

/// The handle and the name of the device at one end; both empty when no device is known there.
type Named = (String, String);

impl App {
    /// CSV of every conversation, oldest first: both ends with their devices where these are known, service, span, counts and who
    /// saw it. Times are UTC.
    pub fn export_flows(&self) -> Result<Vec<u8>> {
        let mut table = Table::new(&[
            "client",
            "client_mac",
            "client_device",
            "client_name",
            "server",
            "server_mac",
            "server_device",
            "server_name",
            "transport",
            "port",
            "service",
            "first",
            "last",
            "connections",
            "packets",
            "bytes",
            "seen_by",
        ]);
        let mut flows: Vec<Flow> = Vec::new();
        self.store.each_flow(&mut |flow| flows.push(flow.clone()))?;
        flows.sort_by(|a, b| {
            (a.first, &a.client, &a.server, a.port).cmp(&(b.first, &b.client, &b.server, b.port))
        });
        let mut known: FxHashMap<Endpoint, Named> = FxHashMap::default();
        for flow in flows {
            let (client_device, client_name) = self.end_of_flow(&flow.client, &flow.seen_by, &mut known)?;
            let (server_device, server_name) = self.end_of_flow(&flow.server, &flow.seen_by, &mut known)?;
            let mac = |end: &Endpoint| end.mac.map(|mac| mac.to_string()).unwrap_or_default();
            table.push([
                flow.client.address.to_string(),
                mac(&flow.client),
                client_device,
                client_name,
                flow.server.address.to_string(),
                mac(&flow.server),
                server_device,
                server_name,
                flow.transport.to_string(),
                flow.port.to_string(),
                flow.service,
                flow.first.to_string(),
                flow.last.to_string(),
                flow.count.to_string(),
                flow.packets.to_string(),
                flow.bytes.to_string(),
                flow.seen_by.join("; "),
            ]);
        }
        Ok(table.to_csv().into_bytes())
    }

    fn end_of_flow(
        &self,
        end: &Endpoint,
        seen_by: &[String],
        known: &mut FxHashMap<Endpoint, Named>,
    ) -> Result<Named> {
        if let Some(named) = known.get(end) {
            return Ok(named.clone());
        }
        let named = match self.device_at(end, seen_by)? {
            Some(id) => {
                let name = self.store.device(id)?.map(|row| row.put.name).unwrap_or_default();
                (id.to_string(), name)
            }
            None => Named::default(),
        };
        known.insert(end.clone(), named.clone());
        Ok(named)
    }
}
