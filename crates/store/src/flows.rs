//! Flows: conversations summed over the ingests that saw them, each ingest once.

use crate::fault::{Inner, corrupt, refused};
use rusqlite::{Connection, OptionalExtension, Row, params};
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use std::net::IpAddr;
use tallyward_core::flow::Endpoint;
use tallyward_core::{Flow, IngestId, Mac, Timestamp};

const COLUMNS: &str = "id, client, client_mac, server, server_mac, transport, port, service, first, last, packets, \
                       bytes, count, seen_by";

/// Parts the names of those who saw a conversation; no name holds it.
const PART: char = '\u{1f}';
/// Names kept of those who saw one conversation: more sensors than that see no conversation of one house.
const MOST_SEEN_BY: usize = 32;

/// Adds what an ingest saw of a conversation. The same ingest again replaces its part where it is larger, so
/// a capture read twice changes nothing and the halves of one may come in any order.
pub fn write(work: &Connection, seen: &[(IngestId, Flow)]) -> Inner<()> {
    for (ingest, flow) in seen {
        let (id, seen_by) = flow_row(work, flow)?;
        let ingest = ingest.0.to_be_bytes();
        let new = [number(flow.packets)?, number(flow.bytes)?, number(flow.count)?];
        let old: [i64; 3] = work
            .prepare_cached("SELECT packets, bytes, count FROM flow_part WHERE flow = ?1 AND ingest = ?2")?
            .query_row(params![id, ingest], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]))
            .optional()?
            .unwrap_or_default();
        let part = [0, 1, 2].map(|at| new[at].max(old[at]));
        work.prepare_cached("INSERT OR REPLACE INTO flow_part VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![id, ingest, part[0], part[1], part[2]])?;
        let added = [0, 1, 2].map(|at| part[at] - old[at]);
        work.prepare_cached(
            "UPDATE flow SET packets = packets + ?2, bytes = bytes + ?3, count = count + ?4,
                 first = min(first, ?5), last = max(last, ?6),
                 service = CASE WHEN service = '' THEN ?7 WHEN ?7 = '' THEN service ELSE min(service, ?7) END,
                 seen_by = ?8
             WHERE id = ?1",
        )?
        .execute(params![
            id,
            added[0],
            added[1],
            added[2],
            flow.first.micros(),
            flow.last.micros(),
            flow.service,
            joined(&seen_by, &flow.seen_by)
        ])?;
    }
    Ok(())
}

/// The names in both, in order, each once.
fn joined(stored: &str, new: &[String]) -> String {
    let new = new.iter().map(|name| name.replace(PART, " "));
    let all: BTreeSet<String> = names(stored).chain(new).filter(|name| !name.is_empty()).collect();
    all.into_iter().take(MOST_SEEN_BY).collect::<Vec<_>>().join(&PART.to_string())
}

fn names(stored: &str) -> impl Iterator<Item = String> {
    stored.split(PART).filter(|name| !name.is_empty()).map(str::to_owned)
}

/// The row of a conversation, made if there is none, and who is known to have seen it.
fn flow_row(work: &Connection, flow: &Flow) -> Inner<(i64, String)> {
    let (client, client_mac) = ends(&flow.client);
    let (server, server_mac) = ends(&flow.server);
    let key = params![client, client_mac, server, server_mac, flow.transport, flow.port];
    let known = work
        .prepare_cached(
            "SELECT id, seen_by FROM flow WHERE client = ?1 AND client_mac = ?2 AND server = ?3 AND server_mac = ?4
             AND transport = ?5 AND port = ?6",
        )?
        .query_row(key, |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if let Some(known) = known {
        return Ok(known);
    }
    work.prepare_cached(
        "INSERT INTO flow (client, client_mac, server, server_mac, transport, port, service, first, last,
                           packets, bytes, count)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, '', ?7, ?8, 0, 0, 0)",
    )?
    .execute(params![
        client,
        client_mac,
        server,
        server_mac,
        flow.transport,
        flow.port,
        flow.first.micros(),
        flow.last.micros()
    ])?;
    Ok((work.last_insert_rowid(), String::new()))
}

fn ends(end: &Endpoint) -> (String, String) {
    (end.address.to_string(), end.mac.map(|mac| mac.to_string()).unwrap_or_default())
}

fn number(value: u64) -> Inner<i64> {
    // Sums of parts must stay within what a column holds, and no capture comes near this.
    i64::try_from(value)
        .ok()
        .filter(|value| *value < 1 << 56)
        .ok_or_else(|| refused(format!("a flow of {value} packets or bytes cannot be right")))
}

/// Flows of any of these cards or addresses, most bytes first, ties in the order they were first stored.
pub fn flows_of(view: &Connection, macs: &[Mac], addresses: &[String], limit: u32) -> Inner<Vec<Flow>> {
    let mut found: FxHashMap<i64, Flow> = FxHashMap::default();
    let macs: Vec<String> = macs.iter().map(Mac::to_string).collect();
    // An address may come in another spelling than ours (`FE80::1`); what is none cannot match.
    let addresses: Vec<String> = addresses
        .iter()
        .filter_map(|text| text.trim().parse::<IpAddr>().ok())
        .map(|address| address.to_string())
        .collect();
    for (condition, values) in [
        ("client = ?1", &addresses),
        ("server = ?1", &addresses),
        ("client_mac = ?1 AND client_mac <> ''", &macs),
        ("server_mac = ?1 AND server_mac <> ''", &macs),
    ] {
        let mut query = view.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM flow WHERE {condition} ORDER BY bytes DESC, id LIMIT ?2"
        ))?;
        for value in values {
            let mut rows = query.query(params![value, limit])?;
            while let Some(row) = rows.next()? {
                found.insert(row.get(0)?, read(row)?);
            }
        }
    }
    let mut flows: Vec<(i64, Flow)> = found.into_iter().collect();
    flows.sort_by_key(|(id, flow)| (std::cmp::Reverse(flow.bytes), *id));
    flows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(flows.into_iter().map(|(_, flow)| flow).collect())
}

/// Every flow, in the order they were first stored.
pub fn each(view: &Connection, take: &mut dyn FnMut(&Flow)) -> Inner<()> {
    let mut query = view.prepare_cached(&format!("SELECT {COLUMNS} FROM flow ORDER BY id"))?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        take(&read(row)?);
    }
    Ok(())
}

fn read(row: &Row<'_>) -> Inner<Flow> {
    let id: i64 = row.get(0)?;
    let bad = |what: String| corrupt("flow", id, what);
    let count = |at: usize| -> Inner<u64> {
        let value: i64 = row.get(at)?;
        u64::try_from(value).map_err(|_| bad(format!("column {at} is negative")))
    };
    let end = |at: usize| -> Inner<Endpoint> {
        let (address, mac): (String, String) = (row.get(at)?, row.get(at + 1)?);
        let mac = if mac.is_empty() {
            None
        } else {
            Some(mac.parse().map_err(|error: tallyward_core::id::BadId| bad(error.to_string()))?)
        };
        let address = address.parse().map_err(|_| bad(format!("{address:?} is no address")))?;
        Ok(Endpoint { address, mac })
    };
    Ok(Flow {
        client: end(1)?,
        server: end(3)?,
        transport: row.get(5)?,
        port: row.get(6)?,
        service: row.get(7)?,
        first: Timestamp::from_micros(row.get(8)?),
        last: Timestamp::from_micros(row.get(9)?),
        packets: count(10)?,
        bytes: count(11)?,
        count: count(12)?,
        seen_by: names(&row.get::<_, String>(13)?).collect(),
    })
}
