//! What Wireshark's dissectors say of the same captures: TLS, Windows' own protocols, and greetings.

mod common;

use common::{bytes, options};
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::process::Command;
use tallyward_core::{Evidence, Field, testkit};
use tallyward_discovery::{Learned, read_capture};

/// What both say of a capture: rows of the fields asked for (repeated ones parted by semicolons), and what was learned here.
/// `None`, said loudly, without tshark or the capture.
fn both(capture: &str, filter: &str, fields: &[&str]) -> Option<(Vec<Vec<String>>, Learned)> {
    let ours = read_capture(&bytes(capture)?, options());
    let mut command = Command::new("tshark");
    command.arg("-r").arg(testkit::shared(&format!("pcaps/{capture}"))?);
    command.args(["-Y", filter, "-T", "fields", "-E", "aggregator=;"]);
    command.args(fields.iter().flat_map(|field| ["-e", field]));
    let Ok(output) = command.output() else {
        testkit::skipped("tshark is not installed");
        return None;
    };
    // 2 is how tshark says that a capture is cut short; what it had read before is there.
    assert!(matches!(output.status.code(), Some(0 | 2)), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Some((text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect(), ours))
}

fn pieces<'a>(ours: &'a Learned, field: Field, basis: &'a str) -> impl Iterator<Item = &'a Evidence> {
    ours.evidence.iter().filter(move |piece| piece.field == field && piece.basis == basis)
}

fn values(ours: &Learned, field: Field, basis: &str) -> BTreeSet<String> {
    pieces(ours, field, basis).map(|piece| piece.value.clone()).collect()
}

fn is_near(address: &str) -> bool {
    match address.parse() {
        Ok(IpAddr::V4(v4)) => v4.is_private() || v4.is_link_local(),
        Ok(IpAddr::V6(v6)) => v6.is_unique_local() || v6.is_unicast_link_local(),
        Err(_) => false,
    }
}

#[test]
fn names_asked_for_in_tls_are_those_of_tshark() {
    let mut found = 0;
    for capture in
        ["ppp__tls.pcap", "ndpi__tls-rdn-extract.pcap", "ndpi__443-chrome.pcap", "ndpi__sonos.pcapng"]
    {
        let fields = ["ip.dst", "ipv6.dst", "tls.handshake.extensions_server_name"];
        let Some((theirs, ours)) = both(capture, "tls.handshake.type == 1 && tcp", &fields) else { return };
        // An address is no name.
        let theirs: BTreeSet<String> = theirs
            .into_iter()
            .filter(|row| is_near(&format!("{}{}", row[0], row[1])) && !row[2].is_empty())
            .map(|row| row[2].clone())
            .filter(|name| name.parse::<IpAddr>().is_err())
            .collect();
        assert_eq!(values(&ours, Field::HostName, "TLS SNI"), theirs, "{capture}");
        found += theirs.len();
    }
    assert!(found >= 1, "only {found} names compared");
}

#[test]
fn certificates_are_those_of_tshark() {
    let mut found = 0;
    for capture in ["ppp__tls.pcap", "sv__ja4-tls_input.pcap", "ndpi__tls-rdn-extract.pcap"] {
        let fields = ["ip.src", "x509af.utcTime", "x509sat.uTF8String", "x509sat.printableString"];
        let Some((theirs, ours)) = both(capture, "tls.handshake.type == 11", &fields) else { return };
        let near: Vec<_> = theirs.iter().filter(|row| is_near(&row[0])).collect();
        let ends: BTreeSet<String> =
            near.iter().map(|row| row[1].split(';').nth(1).unwrap()[..10].to_owned()).collect();
        assert_eq!(values(&ours, Field::CertificateEnds, "TLS certificate validity"), ends, "{capture}");
        let words: BTreeSet<&str> =
            near.iter().flat_map(|row| row[2..].iter().flat_map(|all| all.split(';'))).collect();
        let subjects = values(&ours, Field::Certificate, "TLS certificate subject");
        assert_eq!(subjects.is_empty(), near.is_empty(), "{capture}");
        for part in subjects.iter().flat_map(|subject| subject.split(", ")) {
            let (_, value) = part.split_once('=').unwrap();
            assert!(words.contains(value), "{capture}: {value} of {words:?}");
            found += 1;
        }
    }
    assert!(found >= 4, "only {found} parts of subjects compared");
}

/// Neither tshark 4.0 nor older ones work JA4 out. Suricata's own test of this capture expects this value.
#[test]
fn a_fingerprint_is_that_of_another_implementation() {
    let Some(bytes) = bytes("sv__ja4-tls_input.pcap") else { return };
    let ours = read_capture(&bytes, options());
    let told: Vec<_> = pieces(&ours, Field::TlsFingerprint, "TLS client hello").collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].value, "t12i1810s1_27d4652c4487_06a4338d0495");
    assert_eq!(told[0].episodes[0].place, "packet 4");
}

/// Every value of these fields in the rows, without what tshark writes for nothing.
fn set(rows: &[Vec<String>], columns: std::ops::Range<usize>) -> BTreeSet<String> {
    rows.iter()
        .flat_map(|row| row.get(columns.clone()).unwrap_or_default())
        .flat_map(|all| all.split(';'))
        .map(str::trim)
        .filter(|value| !value.is_empty() && *value != "NULL")
        .map(str::to_owned)
        .collect()
}

#[test]
fn names_and_versions_in_ntlmssp_are_those_of_tshark() {
    let mut found = 0;
    for capture in [
        "sv__smb2-ntlmssp-negotiateflags_input.pcap",
        "sv__smb3-01_input.pcap",
        "zeek__dce-rpc_dce_rpc_ntlm.pcapng",
        "zeek__ldap_ctu-sme-11-win7ad-1-ldap-tcp-50041.pcap",
        "zeek__ldap_sasl-ntlm.pcap",
    ] {
        let fields = [
            "ntlmssp.challenge.target_info.nb_computer_name",
            "ntlmssp.challenge.target_info.dns_computer_name",
            "ntlmssp.auth.hostname",
            "ntlmssp.negotiate.callingworkstation",
            "ntlmssp.version.major",
            "ntlmssp.version.minor",
            "ntlmssp.version.build_number",
        ];
        let Some((theirs, ours)) = both(capture, "ntlmssp", &fields) else { return };
        assert_eq!(values(&ours, Field::HostName, "NTLMSSP challenge"), set(&theirs, 0..2), "{capture}");
        assert_eq!(values(&ours, Field::HostName, "NTLMSSP answer"), set(&theirs, 2..3), "{capture}");
        assert_eq!(values(&ours, Field::HostName, "NTLMSSP request"), set(&theirs, 3..4), "{capture}");
        let versions: BTreeSet<String> = theirs
            .iter()
            .filter(|row| !row[4].is_empty())
            .map(|row| format!("Windows {}.{} build {}", row[4], row[5], row[6]))
            .collect();
        assert_eq!(values(&ours, Field::OperatingSystem, "NTLMSSP version"), versions, "{capture}");
        found += versions.len() + set(&theirs, 0..4).len();
    }
    assert!(found >= 15, "only {found} values compared");
}

#[test]
fn systems_in_smb_are_those_of_tshark() {
    let mut found = 0;
    for capture in
        ["ndpi__smbv1.pcap", "sv__smb2-ntlmssp-negotiateflags_input.pcap", "ndpi__dos_win98_smb_netbeui.pcap"]
    {
        let fields = ["smb.native_os", "smb.native_lanman"];
        let Some((theirs, ours)) = both(capture, "smb.native_os && ip", &fields) else { return };
        let systems = values(&ours, Field::OperatingSystem, "SMB1 native OS");
        assert_eq!(systems, set(&theirs, 0..1), "{capture}");
        assert_eq!(values(&ours, Field::Banner, "SMB1 native LAN manager"), set(&theirs, 1..2), "{capture}");
        found += systems.len();
    }
    assert!(found >= 3, "only {found} systems compared");
}

#[test]
fn dialects_and_versions_are_those_of_tshark() {
    let dialects = [
        ("0x0202", "SMB 2.0.2"),
        ("0x0210", "SMB 2.1"),
        ("0x0300", "SMB 3.0"),
        ("0x0302", "SMB 3.0.2"),
        ("0x0311", "SMB 3.1.1"),
    ];
    let mut found = BTreeSet::new();
    for capture in [
        "sv__smb3-01_input.pcap",
        "sv__smb2-06_20171220_smb_net_user.pcap",
        "sv__smb2-ntlmssp-negotiateflags_input.pcap",
        "zeek__smb_smb1.pcap",
    ] {
        let filter = "smb2.cmd == 0 && smb2.flags.response == 1";
        let Some((theirs, ours)) = both(capture, filter, &["smb2.dialect"]) else { return };
        let theirs = set(&theirs, 0..1);
        let named = dialects.iter().filter(|(code, _)| theirs.contains(*code));
        let theirs: BTreeSet<String> = named.map(|(_, name)| (*name).to_owned()).collect();
        assert_eq!(values(&ours, Field::AnnouncedService, "SMB2 negotiate"), theirs, "{capture}");
        found.extend(theirs);
    }
    assert!(found.len() >= 2, "{found:?}");

    let fields = ["ip.src", "tls.handshake.version", "tls.handshake.extensions.supported_version"];
    for capture in ["ppp__tls.pcap", "sv__ja4-tls_input.pcap", "ndpi__sonos.pcapng"] {
        let filter = "tls.handshake.type == 2";
        let Some((theirs, ours)) = both(capture, filter, &fields) else { return };
        let version = |row: &Vec<String>| match (row[1].split(';').next(), row[2].as_str()) {
            (_, "0x0304") => "TLS 1.3",
            (Some("0x0303"), _) => "TLS 1.2",
            (Some("0x0302"), _) => "TLS 1.1",
            (Some("0x0301"), _) => "TLS 1.0",
            other => panic!("{other:?}"),
        };
        let near = theirs.iter().filter(|row| is_near(&row[0]));
        let theirs: BTreeSet<String> = near.map(|row| version(row).to_owned()).collect();
        assert_eq!(values(&ours, Field::AnnouncedService, "TLS server hello"), theirs, "{capture}");
        found.extend(theirs);
    }
    assert!(found.len() >= 4, "{found:?}");
}

#[test]
fn realms_and_computers_in_kerberos_are_those_of_tshark() {
    let fields = ["kerberos.realm", "kerberos.crealm", "kerberos.CNameString", "kerberos.addr_nb"];
    let filter = "kerberos.msg_type in {10, 11, 12, 13, 30}";
    let Some((theirs, ours)) = both("ndpi__kerberos.pcap", filter, &fields) else { return };
    let mut realms = values(&ours, Field::NetworkDomain, "Kerberos request");
    realms.extend(values(&ours, Field::NetworkDomain, "Kerberos answer"));
    assert_eq!(realms, set(&theirs, 0..2));
    let computers: BTreeSet<String> =
        set(&theirs, 2..3).iter().filter_map(|name| name.strip_suffix('$').map(str::to_owned)).collect();
    assert_eq!(values(&ours, Field::HostName, "Kerberos client"), computers);
    assert_eq!(values(&ours, Field::HostName, "Kerberos client address"), set(&theirs, 3..4));
    assert!(realms.len() >= 3 && computers.len() >= 2, "{realms:?} {computers:?}");

    let Some((theirs, ours)) =
        both("sv__smb2-06_20171220_smb_net_user.pcap", "kerberos.msg_type == 14", &["kerberos.SNameString"])
    else {
        return;
    };
    let named = values(&ours, Field::HostName, "Kerberos ticket");
    assert_eq!(named, ["DC1.contoso.local".to_owned()].into());
    assert!(set(&theirs, 0..1).is_superset(&named));
}

#[test]
fn remote_desktops_are_those_of_tshark() {
    let fields = ["rdp.client.name", "rdp.client.build"];
    let Some((theirs, ours)) = both("sv__rdp-protocol_RDP-003.pcap", "rdp.client.name", &fields) else {
        return;
    };
    assert_eq!(values(&ours, Field::HostName, "RDP client name"), set(&theirs, 0..1));
    let builds = values(&ours, Field::OperatingSystem, "RDP client build");
    let theirs: BTreeSet<String> =
        set(&theirs, 1..2).iter().map(|build| format!("Windows build {build}")).collect();
    assert_eq!(builds, theirs);
    assert_eq!(builds.len(), 1);
}

#[test]
fn greetings_are_those_of_tshark() {
    let mut found = 0;
    for capture in ["ndpi__ssh.pcap", "sv__ssh-hassh_input.pcap"] {
        let Some((theirs, ours)) = both(capture, "ssh.protocol", &["ssh.protocol"]) else { return };
        // It knows SSH by its port, we by content: ours may be more.
        let told = values(&ours, Field::Banner, "SSH identification");
        assert!(told.is_superset(&set(&theirs, 0..1)), "{capture}: {told:?}");
        found += theirs.len();
    }
    assert!(found >= 4, "only {found} greetings compared");
    let Some((theirs, ours)) =
        both("ndpi__telnet.pcap", "telnet.data && frame.number < 29", &["telnet.data"])
    else {
        return;
    };
    let banner = values(&ours, Field::Banner, "Telnet banner");
    assert_eq!(banner, ["OpenBSD/i386 (oof) (ttyp2)".to_owned()].into());
    assert!(theirs.iter().any(|row| row[0].contains("OpenBSD/i386 (oof) (ttyp2)")), "{theirs:?}");
    let Some((theirs, ours)) = both("ndpi__xdmcp.pcap", "xdmcp.hostname", &["xdmcp.hostname"]) else {
        return;
    };
    assert_eq!(values(&ours, Field::HostName, "XDMCP willing"), set(&theirs, 0..1));
}

/// Names that persons log in by are in these captures and must not come out of them.
#[test]
fn no_user_is_told() {
    for (capture, users) in [
        ("ndpi__rdp_over_tls.pcap", &["WDeployAd"][..]),
        ("zeek__rdp_rdp-to-ssl.pcap", &["AWAKECODI"]),
        ("sv__rdp-protocol_RDP-003.pcap", &["A70067"]),
        ("ndpi__kerberos.pcap", &["theresa"]),
        ("ndpi__telnet.pcap", &["fake", "user", "Last login"]),
        ("zeek__ldap_sasl-ntlm.pcap", &["sasladmin", "bjensen"]),
    ] {
        let Some(raw) = bytes(capture) else { return };
        let told = format!("{:?}", read_capture(&raw, options()));
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        for user in users {
            assert!(!told.contains(user), "{capture}: {user} was told");
            let there = |form: &[u8]| raw.windows(form.len()).any(|part| part == form);
            assert!(there(user.as_bytes()) || there(&wide(user)), "{capture}: {user} is not in it");
        }
    }
}

/// What runs on which port, known by content, where tshark says so too.
#[test]
fn services_are_known_by_content() {
    for (capture, service, port) in [
        ("ndpi__citrix.pcap", "ica", 1494),
        ("ndpi__rdp.pcap", "rdp", 3389),
        ("ndpi__netbios.pcap", "smb", 139),
        ("zeek__dce-rpc_dce_rpc_ntlm.pcapng", "dce-rpc", 54784),
        ("ndpi__ssh.pcap", "ssh", 8000),
        ("ndpi__kerberos.pcap", "kerberos", 88),
    ] {
        let Some(raw) = bytes(capture) else { return };
        let flows = read_capture(&raw, options()).flows;
        assert!(
            flows.iter().any(|flow| flow.service == service && flow.port == port),
            "{capture}: {flows:?}"
        );
    }
}
