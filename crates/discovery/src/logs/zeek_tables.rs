//! What is copied of which Zeek log.
//!
//! The list of columns of a table is all that is taken of a line; user names, passwords, community strings, paths, URIs, questions
//! to the DNS for anything outside the house, and server names are on none of them. DNS: a name is kept only when its answer is an address of
//! a private range, because then it names a host of the house.

use super::pen::{Held, Pen, at};
use super::row::Row;
use super::set::is_inside;
use crate::notes::Who;
use std::net::IpAddr;
use tallyward_core::flow::Endpoint;
use tallyward_core::{Field, Flow, SourceKind, Timestamp};

/// One log.
#[derive(Debug)]
pub(super) struct Table {
    /// Its name, as in `#path`.
    pub path: &'static str,
    /// All that is copied.
    pub columns: &'static [&'static str],
    /// Members by which JSON lines of it are told: all of any of these groups.
    pub told_by: &'static [&'static [&'static str]],
    /// Notes what a line says.
    pub read: fn(&Row<'_>, &mut Pen<'_>) -> Result<(), String>,
}

/// The logs that are read.
pub(super) static LOGS: &[Table] = &[
    Table {
        path: "conn",
        columns: &[
            "ts",
            "id.orig_h",
            "id.resp_h",
            "id.resp_p",
            "proto",
            "service",
            "duration",
            "orig_bytes",
            "resp_bytes",
            "orig_pkts",
            "resp_pkts",
            "orig_ip_bytes",
            "resp_ip_bytes",
            "orig_l2_addr",
            "resp_l2_addr",
            "vlan",
        ],
        told_by: &[&["conn_state", "id.orig_h"]],
        read: conn,
    },
    Table {
        path: "dhcp",
        columns: &[
            "ts",
            "client_addr",
            "server_addr",
            "mac",
            "host_name",
            "client_fqdn",
            "assigned_addr",
            "lease_time",
            "msg_types",
            "client_software",
        ],
        told_by: &[&["msg_types"]],
        read: dhcp,
    },
    Table {
        path: "known_services",
        columns: &["ts", "host", "port_num", "port_proto", "service"],
        told_by: &[&["port_num", "port_proto"]],
        read: known_services,
    },
    Table {
        path: "known_devices",
        columns: &["ts", "mac", "dhcp_host_name"],
        told_by: &[&["mac", "dhcp_host_name"]],
        read: |row, pen| {
            let mac = row.mac("mac")?.ok_or("there is no mac")?;
            let time = row.moment("ts", pen.zone)?;
            pen.card(mac, "Zeek known_devices.log mac", (time, time));
            if let Some(name) = row.get("dhcp_host_name") {
                pen.say(Who::Card(mac), Field::HostName, name, "Zeek known_devices.log dhcp_host_name", time);
            }
            Ok(())
        },
    },
    Table {
        path: "software",
        columns: &[
            "ts",
            "host",
            "software_type",
            "name",
            "version.major",
            "version.minor",
            "version.minor2",
            "version.minor3",
            "version.addl",
            "unparsed_version",
        ],
        told_by: &[&["software_type"]],
        read: software,
    },
    Table {
        path: "ssh",
        columns: &["ts", "id.orig_h", "id.resp_h", "client", "server"],
        told_by: &[&["auth_attempts"], &["kex_alg"]],
        read: |row, pen| {
            say_of(row, pen, true, "client", Field::Banner, "Zeek ssh.log client")?;
            say_of(row, pen, false, "server", Field::Banner, "Zeek ssh.log server")
        },
    },
    Table {
        path: "snmp",
        columns: &["ts", "id.orig_h", "id.resp_h", "display_string"],
        told_by: &[&["get_requests"]],
        read: |row, pen| {
            say_of(
                row,
                pen,
                false,
                "display_string",
                Field::SystemDescription,
                "Zeek snmp.log display_string",
            )
        },
    },
    Table {
        path: "ntlm",
        columns: &[
            "ts",
            "id.orig_h",
            "id.resp_h",
            "hostname",
            "domainname",
            "server_nb_computer_name",
            "server_dns_computer_name",
            "server_tree_name",
        ],
        told_by: &[
            &["server_nb_computer_name"],
            &["server_dns_computer_name"],
            &["hostname", "domainname", "id.orig_h"],
        ],
        read: ntlm,
    },
    Table {
        path: "smb_mapping",
        columns: &["ts", "id.orig_h", "id.resp_h", "share_type"],
        told_by: &[&["share_type"]],
        read: |row, pen| {
            let role = match row.get("share_type") {
                Some("DISK") => "file server",
                Some("PRINT") => "print server",
                _ => return Ok(()),
            };
            let (who, time) = end(row, pen, false)?;
            pen.guess(who, Field::NetworkRole, role, "Zeek smb_mapping.log share_type", time);
            Ok(())
        },
    },
    Table {
        path: "smb_files",
        columns: &["ts"],
        told_by: &[&["action", "times.modified"]],
        read: |_, _| Ok(()),
    },
    Table {
        path: "http",
        columns: &["ts", "id.orig_h", "id.resp_h", "user_agent"],
        told_by: &[&["trans_depth"]],
        read: |row, pen| say_of(row, pen, true, "user_agent", Field::UserAgent, "Zeek http.log user_agent"),
    },
    Table {
        path: "ssl",
        columns: &["ts", "id.orig_h", "id.resp_h", "ja4", "subject", "cert_chain_fps"],
        told_by: &[&["established", "resumed"]],
        read: ssl,
    },
    Table {
        path: "x509",
        columns: &["fingerprint", "certificate.subject", "certificate.not_valid_after"],
        told_by: &[&["certificate.subject"]],
        read: |row, pen| {
            if let (Some(fingerprint), Some(subject)) =
                (row.get("fingerprint"), row.get("certificate.subject"))
            {
                let ends = row.get("certificate.not_valid_after");
                let ends = ends.and_then(|text| super::moment::any(text, pen.zone));
                pen.certificates.learn(fingerprint, subject, ends);
            }
            Ok(())
        },
    },
    Table {
        path: "rdp",
        columns: &["ts", "id.orig_h", "id.resp_h", "client_name"],
        told_by: &[&["client_build"], &["keyboard_layout"]],
        read: |row, pen| say_of(row, pen, true, "client_name", Field::HostName, "Zeek rdp.log client_name"),
    },
    Table {
        path: "dns",
        columns: &["ts", "id.orig_h", "id.resp_h", "query", "qtype_name", "answers"],
        told_by: &[&["trans_id", "rejected"]],
        read: dns,
    },
    // The last, because other logs have a column of this name too.
    Table {
        path: "known_hosts",
        columns: &["ts", "host"],
        told_by: &[&["host"]],
        read: |row, pen| {
            let who = at(row.address("host")?.ok_or("there is no host")?, None);
            let (time, text) = (row.moment("ts", pen.zone)?, row.need("host")?);
            pen.say(who, Field::IpAddress, text, "Zeek known_hosts.log host", time);
            Ok(())
        },
    },
];

/// One end of the line's conversation, and when: the one that asked, or the one that answered.
fn end(row: &Row<'_>, pen: &Pen<'_>, asked: bool) -> Result<(Who, Timestamp), String> {
    let column = if asked { "id.orig_h" } else { "id.resp_h" };
    let address = row.address(column)?.ok_or_else(|| format!("there is no {column}"))?;
    Ok((at(address, None), row.moment("ts", pen.zone)?))
}

/// Notes a column about one end.
fn say_of(
    row: &Row<'_>,
    pen: &mut Pen<'_>,
    asked: bool,
    column: &str,
    field: Field,
    basis: &'static str,
) -> Result<(), String> {
    let (who, time) = end(row, pen, asked)?;
    if let Some(value) = row.get(column) {
        pen.say(who, field, value, basis, time);
    }
    Ok(())
}

fn conn(row: &Row<'_>, pen: &mut Pen<'_>) -> Result<(), String> {
    let first = row.moment("ts", pen.zone)?;
    let duration = row.get("duration").and_then(super::moment::seconds).unwrap_or_default();
    let last = Timestamp::from_micros(first.micros().saturating_add(duration.micros()));
    let client = row.address("id.orig_h")?.ok_or("there is no id.orig_h")?;
    let server = row.address("id.resp_h")?.ok_or("there is no id.resp_h")?;
    let who = [at(client, row.mac("orig_l2_addr")?), at(server, row.mac("resp_l2_addr")?)];
    let answered = row.number("resp_pkts")? > 0;
    pen.sent(who[0], server, "Zeek conn.log orig_l2_addr", (first, last));
    if answered {
        // A card that never answered is only the one the frames were sent to.
        pen.sent(who[1], client, "Zeek conn.log resp_l2_addr", (first, last));
    }
    if let (Some(vlan), Who::At { mac: Some(_), .. }) = (row.get("vlan"), who[0]) {
        pen.say(who[0], Field::Vlan, vlan, "Zeek conn.log vlan", first);
    }
    let (transport, port) = match row.get("proto") {
        Some("tcp") => (6, row.number("id.resp_p")?),
        Some("udp") => (17, row.number("id.resp_p")?),
        Some("icmp") => (if client.is_ipv4() { 1 } else { 58 }, 0),
        _ => return Ok(()),
    };
    let sum = |a: &str, b: &str| Ok::<u64, String>(row.number(a)?.saturating_add(row.number(b)?));
    let bytes = match sum("orig_ip_bytes", "resp_ip_bytes")? {
        0 => sum("orig_bytes", "resp_bytes")?,
        bytes => bytes,
    };
    let flow = Flow {
        client: Endpoint { address: client, mac: None },
        server: Endpoint { address: server, mac: None },
        transport,
        port: u16::try_from(port).map_err(|_| "id.resp_p is no port")?,
        service: row.get("service").map_or("", service).to_owned(),
        first,
        last,
        packets: sum("orig_pkts", "resp_pkts")?,
        bytes,
        count: 1,
        seen_by: vec![pen.source.to_owned()],
    };
    pen.flow(who[0], who[1], flow);
    Ok(())
}

/// The first service named, if it is a name.
pub(super) fn service(text: &str) -> &str {
    let first = text.split(',').next().unwrap_or_default().trim_start_matches('-');
    let is_name =
        first.len() <= 24 && first.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if is_name { first } else { "" }
}

fn dhcp(row: &Row<'_>, pen: &mut Pen<'_>) -> Result<(), String> {
    let time = row.moment("ts", pen.zone)?;
    if let Some(server) = row.address("server_addr")? {
        pen.say(at(server, None), Field::NetworkRole, "DHCP server", "Zeek dhcp.log server_addr", time);
    }
    let Some(mac) = row.mac("mac")? else { return Ok(()) };
    let card = Who::Card(mac);
    pen.card(mac, "Zeek dhcp.log mac", (time, time));
    for (column, field, basis) in [
        ("host_name", Field::HostName, "Zeek dhcp.log host_name"),
        ("client_fqdn", Field::HostName, "Zeek dhcp.log client_fqdn"),
        ("client_software", Field::DhcpVendorClass, "Zeek dhcp.log client_software"),
    ] {
        if let Some(value) = row.get(column) {
            pen.say(card, field, value, basis, time);
        }
    }
    let messages = row.get("msg_types").unwrap_or_default();
    let did = |name: &str| messages.split(',').any(|one| one == name);
    let address = row.address("assigned_addr")?.or(row.address("client_addr")?);
    let Some(address) = address.filter(|address| !address.is_unspecified()) else { return Ok(()) };
    if did("ACK") {
        let until = row.get("lease_time").and_then(super::moment::span);
        let until = until.map_or(Timestamp::from_micros(i64::MAX), |seconds| time.plus_seconds(seconds));
        pen.held(&Held {
            mac,
            address,
            from: time,
            until,
            heard: time,
            basis: "Zeek dhcp.log assigned_addr",
        });
    } else if did("RELEASE") {
        pen.released(address, time);
    }
    Ok(())
}

fn known_services(row: &Row<'_>, pen: &mut Pen<'_>) -> Result<(), String> {
    let who = at(row.address("host")?.ok_or("there is no host")?, None);
    let time = row.moment("ts", pen.zone)?;
    let (port, transport) = (row.number("port_num")?, row.get("port_proto").map_or("", service));
    let name = row.get("service").map_or("", service).to_lowercase();
    let value = format!("{transport}/{port} {name}");
    pen.guess(who, Field::AnnouncedService, value.trim(), "Zeek known_services.log", time);
    Ok(())
}

fn software(row: &Row<'_>, pen: &mut Pen<'_>) -> Result<(), String> {
    let who = at(row.address("host")?.ok_or("there is no host")?, None);
    let time = row.moment("ts", pen.zone)?;
    let kind = row.get("software_type").unwrap_or_default();
    let family = kind.split("::").next().unwrap_or_default();
    let whole = row.get("unparsed_version");
    let raw = match (family, kind) {
        ("HTTP", "HTTP::BROWSER" | "HTTP::BROWSER_PLUGIN") => Some(Field::UserAgent),
        ("HTTP", "HTTP::SERVER" | "HTTP::APPSERVER") => Some(Field::HttpServer),
        ("SSH" | "FTP", _) => Some(Field::Banner),
        // What mail programs and databases say of themselves may name people.
        ("SMTP" | "MAIL" | "MYSQL", _) => return Ok(()),
        _ => None,
    };
    let basis = "Zeek software.log unparsed_version";
    if let (Some(field), Some(whole)) = (raw, whole) {
        pen.say(who, field, whole, basis, time);
        return Ok(());
    }
    let Some(name) = row.get("name") else { return Ok(()) };
    let parts = ["version.major", "version.minor", "version.minor2", "version.minor3"];
    let mut version = parts.into_iter().map_while(|part| row.get(part)).collect::<Vec<_>>().join(".");
    if let Some(more) = row.get("version.addl").filter(|_| !version.is_empty()) {
        version = format!("{version} {more}");
    }
    let value = format!("{name} {version}");
    let field = if family == "OS" { Field::OperatingSystem } else { Field::ComponentVersion };
    pen.guess(who, field, value.trim(), "Zeek software.log name, version", time);
    Ok(())
}

fn ntlm(row: &Row<'_>, pen: &mut Pen<'_>) -> Result<(), String> {
    say_of(row, pen, true, "hostname", Field::HostName, "Zeek ntlm.log hostname")?;
    say_of(row, pen, true, "domainname", Field::NetworkDomain, "Zeek ntlm.log domainname")?;
    let basis = "Zeek ntlm.log server_nb_computer_name";
    say_of(row, pen, false, "server_nb_computer_name", Field::HostName, basis)?;
    let basis = "Zeek ntlm.log server_dns_computer_name";
    say_of(row, pen, false, "server_dns_computer_name", Field::HostName, basis)?;
    say_of(row, pen, false, "server_tree_name", Field::NetworkDomain, "Zeek ntlm.log server_tree_name")
}

fn ssl(row: &Row<'_>, pen: &mut Pen<'_>) -> Result<(), String> {
    say_of(row, pen, true, "ja4", Field::TlsFingerprint, "Zeek ssl.log ja4")?;
    say_of(row, pen, false, "subject", Field::Certificate, "Zeek ssl.log subject")?;
    if let Some(chain) = row.get("cert_chain_fps") {
        let (server, time) = end(row, pen, false)?;
        pen.shows(server, chain.split(',').next().unwrap_or_default(), time);
    }
    Ok(())
}

fn dns(row: &Row<'_>, pen: &mut Pen<'_>) -> Result<(), String> {
    let Some(answers) = row.get("answers") else { return Ok(()) };
    let time = row.moment("ts", pen.zone)?;
    if let Some(server) = row.address("id.resp_h")?.filter(|server| is_inside(*server)) {
        pen.guess(at(server, None), Field::NetworkRole, "DNS server", "Zeek dns.log answers", time);
    }
    if !matches!(row.get("qtype_name"), Some("A" | "AAAA")) {
        return Ok(());
    }
    let Some(name) = row.get("query") else { return Ok(()) };
    let inside = answers.split(',').filter_map(|answer| answer.trim().parse::<IpAddr>().ok());
    for address in inside.filter(|address| is_inside(*address)).take(4) {
        let kind = SourceKind::Guess;
        pen.state(
            at(address, None),
            Field::HostName,
            name,
            kind,
            "Zeek dns.log query, answers",
            (time, time),
        );
    }
    Ok(())
}
