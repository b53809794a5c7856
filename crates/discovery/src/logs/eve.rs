//! Suricata's EVE log: JSON lines of many kinds.
//!
//! Copied are the members named in `COLUMNS` and nothing else: no server name, URL, user, file name, community string, payload, or question to
//! the DNS whose answer is not an address of the house. In `flow`, `tls`, `http`, `ssh`, `smb`, `rdp` and `krb5` records the
//! source is who asked. Kerberos client names are kept only for machines, which end in `$`.

use super::pen::{Held, Pen, at};
use super::row::{self, Row};
use super::set::is_inside;
use super::zeek_tables::service;
use super::{Format, Log};
use crate::notes::Who;
use std::net::IpAddr;
use tallyward_core::flow::Endpoint;
use tallyward_core::{Field, Flow, Mac, Timestamp};

/// EVE.
pub(super) const EVE: Format = Format {
    name: "Suricata EVE log",
    listens: true,
    told: |head| {
        let first = head.first();
        first.starts_with('{') && first.contains("\"timestamp\"") && first.contains("\"event_type\"")
    },
    begin: |_| Box::new(Eve),
};

const COLUMNS: &[&str] = &[
    "timestamp",
    "event_type",
    "src_ip",
    "dest_ip",
    "dest_port",
    "proto",
    "app_proto",
    "vlan",
    "ether.src_mac",
    "ether.dest_mac",
    "ether.src_macs",
    "ether.dest_macs",
    "flow.start",
    "flow.end",
    "flow.pkts_toserver",
    "flow.pkts_toclient",
    "flow.bytes_toserver",
    "flow.bytes_toclient",
    "dhcp.dhcp_type",
    "dhcp.client_mac",
    "dhcp.assigned_ip",
    "dhcp.client_ip",
    "dhcp.hostname",
    "dhcp.lease_time",
    "dhcp.vendor_class_identifier",
    "dns.type",
    "dns.rrname",
    "dns.grouped.A",
    "dns.grouped.AAAA",
    "tls.subject",
    "tls.notafter",
    "tls.ja4",
    "http.http_user_agent",
    "ssh.client.proto_version",
    "ssh.client.software_version",
    "ssh.server.proto_version",
    "ssh.server.software_version",
    "smb.ntlmssp.host",
    "smb.ntlmssp.domain",
    "smb.request.native_os",
    "smb.response.native_os",
    "rdp.client.client_name",
    "krb5.cname",
    "krb5.realm",
];

#[derive(Debug)]
struct Eve;

impl Log for Eve {
    fn line(&mut self, line: &str, pen: &mut Pen<'_>) -> Result<(), String> {
        let row = row::json(line, COLUMNS)?;
        let read = match row.get("event_type") {
            Some("flow") => flow,
            Some("dhcp") => dhcp,
            Some("dns") => dns,
            Some("tls") => tls,
            Some("http") => http,
            Some("ssh") => ssh,
            Some("smb") => smb,
            Some("rdp") => rdp,
            Some("krb5") => krb5,
            _ => return Ok(()),
        };
        read(&row, pen)
    }
}

/// Who asked, who answered, and when.
fn ends(row: &Row<'_>, pen: &Pen<'_>) -> Result<(Who, Who, Timestamp), String> {
    let end = |column| row.address(column)?.ok_or_else(|| format!("there is no {column}"));
    Ok((at(end("src_ip")?, None), at(end("dest_ip")?, None), row.moment("timestamp", pen.zone)?))
}

fn say(
    row: &Row<'_>,
    pen: &mut Pen<'_>,
    (who, time): (Who, Timestamp),
    column: &str,
    field: Field,
    basis: &'static str,
) {
    if let Some(value) = row.get(column) {
        pen.say(who, field, value, basis, time);
    }
}

/// The only card at an end; of several nobody knows whose the packets were.
fn card(row: &Row<'_>, one: &str, many: &str) -> Option<Mac> {
    let text = row.get(one).or_else(|| row.get(many))?;
    row::read_mac(text)
}

fn flow(row: &Row<'_>, pen: &mut Pen<'_>) -> Result<(), String> {
    let first = row.moment("flow.start", pen.zone)?;
    let last = row.moment("flow.end", pen.zone).unwrap_or(first).max(first);
    let client = row.address("src_ip")?.ok_or("there is no src_ip")?;
    let server = row.address("dest_ip")?.ok_or("there is no dest_ip")?;
    let macs = [card(row, "ether.src_mac", "ether.src_macs"), card(row, "ether.dest_mac", "ether.dest_macs")];
    let who = [at(client, macs[0]), at(server, macs[1])];
    pen.sent(who[0], server, "Suricata flow ether.src_macs", (first, last));
    if row.number("flow.pkts_toclient")? > 0 {
        pen.sent(who[1], client, "Suricata flow ether.dest_macs", (first, last));
    }
    if let (Some(vlan), Some(_)) = (row.get("vlan"), macs[0]) {
        // Of stacked tags the inner one is the device's.
        let inner = vlan.rsplit(',').next().unwrap_or_default();
        pen.say(who[0], Field::Vlan, inner, "Suricata flow vlan", first);
    }
    let (transport, port) = match row.get("proto") {
        Some("TCP") => (6, row.number("dest_port")?),
        Some("UDP") => (17, row.number("dest_port")?),
        Some("ICMP") => (1, 0),
        Some("IPv6-ICMP") => (58, 0),
        _ => return Ok(()),
    };
    let sum = |a: &str, b: &str| Ok::<u64, String>(row.number(a)?.saturating_add(row.number(b)?));
    let app = row.get("app_proto").filter(|app| *app != "failed").map_or("", service);
    let flow = Flow {
        client: Endpoint { address: client, mac: None },
        server: Endpoint { address: server, mac: None },
        transport,
        port: u16::try_from(port).map_err(|_| "dest_port is no port")?,
        service: app.to_owned(),
        first,
        last,
        packets: sum("flow.pkts_toserver", "flow.pkts_toclient")?,
        bytes: sum("flow.bytes_toserver", "flow.bytes_toclient")?,
        count: 1,
        seen_by: vec![pen.source.to_owned()],
    };
    pen.flow(who[0], who[1], flow);
    Ok(())
}

fn dhcp(row: &Row<'_>, pen: &mut Pen<'_>) -> Result<(), String> {
    let time = row.moment("timestamp", pen.zone)?;
    let Some(mac) = row.mac("dhcp.client_mac")? else { return Ok(()) };
    let card = (Who::Card(mac), time);
    pen.card(mac, "Suricata dhcp client_mac", (time, time));
    say(row, pen, card, "dhcp.hostname", Field::HostName, "Suricata dhcp hostname");
    let column = "dhcp.vendor_class_identifier";
    say(row, pen, card, column, Field::DhcpVendorClass, "Suricata dhcp vendor_class_identifier");
    let given = row.address("dhcp.assigned_ip")?.filter(|address| !address.is_unspecified());
    let address = given.or(row.address("dhcp.client_ip")?).filter(|address| !address.is_unspecified());
    match (row.get("dhcp.dhcp_type"), address) {
        (Some("ack"), Some(address)) => {
            let until = match row.number("dhcp.lease_time")? {
                0 => Timestamp::from_micros(i64::MAX),
                seconds => time.plus_seconds(i64::try_from(seconds).unwrap_or(i64::MAX)),
            };
            pen.held(&Held {
                mac,
                address,
                from: time,
                until,
                heard: time,
                basis: "Suricata dhcp assigned_ip",
            });
        }
        (Some("release"), Some(address)) => pen.released(address, time),
        _ => {}
    }
    Ok(())
}

fn dns(row: &Row<'_>, pen: &mut Pen<'_>) -> Result<(), String> {
    let Some(name) = row.get("dns.rrname").filter(|_| row.get("dns.type") == Some("answer")) else {
        return Ok(());
    };
    let time = row.moment("timestamp", pen.zone)?;
    for column in ["dns.grouped.A", "dns.grouped.AAAA"] {
        let answers = row.get(column).unwrap_or_default().split(',');
        let inside = answers.filter_map(|answer| answer.parse::<IpAddr>().ok()).filter(|one| is_inside(*one));
        for address in inside.take(4) {
            pen.guess(at(address, None), Field::HostName, name, "Suricata dns rrname, answer", time);
        }
    }
    Ok(())
}

fn tls(row: &Row<'_>, pen: &mut Pen<'_>) -> Result<(), String> {
    let (client, server, time) = ends(row, pen)?;
    say(row, pen, (client, time), "tls.ja4", Field::TlsFingerprint, "Suricata tls ja4");
    say(row, pen, (server, time), "tls.subject", Field::Certificate, "Suricata tls subject");
    if let Some(ends) =
        row.get("tls.notafter").and_then(|text| super::moment::any(text, &jiff::tz::TimeZone::UTC))
    {
        pen.say(server, Field::CertificateEnds, &ends.date(), "Suricata tls notafter", time);
    }
    Ok(())
}

fn http(row: &Row<'_>, pen: &mut Pen<'_>) -> Result<(), String> {
    let (client, _, time) = ends(row, pen)?;
    say(row, pen, (client, time), "http.http_user_agent", Field::UserAgent, "Suricata http http_user_agent");
    Ok(())
}

fn ssh(row: &Row<'_>, pen: &mut Pen<'_>) -> Result<(), String> {
    let (client, server, time) = ends(row, pen)?;
    let greeting = |version: &str, software: &str| {
        row.get(software).map(|software| format!("SSH-{}-{software}", row.get(version).unwrap_or("2.0")))
    };
    if let Some(text) = greeting("ssh.client.proto_version", "ssh.client.software_version") {
        pen.say(client, Field::Banner, &text, "Suricata ssh client", time);
    }
    if let Some(text) = greeting("ssh.server.proto_version", "ssh.server.software_version") {
        pen.say(server, Field::Banner, &text, "Suricata ssh server", time);
    }
    Ok(())
}

fn smb(row: &Row<'_>, pen: &mut Pen<'_>) -> Result<(), String> {
    let (client, server, time) = ends(row, pen)?;
    say(row, pen, (client, time), "smb.ntlmssp.host", Field::HostName, "Suricata smb ntlmssp.host");
    say(row, pen, (client, time), "smb.ntlmssp.domain", Field::NetworkDomain, "Suricata smb ntlmssp.domain");
    let (field, basis) = (Field::OperatingSystem, "Suricata smb native_os");
    say(row, pen, (client, time), "smb.request.native_os", field, basis);
    say(row, pen, (server, time), "smb.response.native_os", field, basis);
    Ok(())
}

fn rdp(row: &Row<'_>, pen: &mut Pen<'_>) -> Result<(), String> {
    let (client, _, time) = ends(row, pen)?;
    say(row, pen, (client, time), "rdp.client.client_name", Field::HostName, "Suricata rdp client_name");
    Ok(())
}

fn krb5(row: &Row<'_>, pen: &mut Pen<'_>) -> Result<(), String> {
    let (client, _, time) = ends(row, pen)?;
    if let Some(machine) = row.get("krb5.cname").and_then(|name| name.strip_suffix('$')) {
        pen.say(client, Field::HostName, machine, "Suricata krb5 cname of a machine", time);
        say(row, pen, (client, time), "krb5.realm", Field::NetworkDomain, "Suricata krb5 realm");
    }
    Ok(())
}
