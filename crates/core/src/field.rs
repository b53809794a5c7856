//! The fields of a device.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $label:literal, $many:literal;)*) => {
        /// One field of a device. Only what is listed here is ever stored of a list or of traffic.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Field { $($(#[$doc])* $name,)* }

        impl Field {
            /// Every field, in the order of a device page.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stored and exported name, such as `software_version`.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The name on a screen.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self { $(Self::$name => $label,)* }
            }

            /// Whether a device may truly have several values at once (network cards, AE titles).
            #[must_use]
            pub const fn is_many(self) -> bool {
                match self { $(Self::$name => $many,)* }
            }
        }

        impl FromStr for Field {
            type Err = crate::id::BadId;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($code => Ok(Self::$name),)*
                    _ => Err(crate::id::BadId {
                        text: text.chars().take(60).collect(),
                        kind: "field name (expected such as software_version)",
                    }),
                }
            }
        }
    };
}

fields! {
    /// An identity statement: the subject and the key in the value are the same device.
    Key = "key", "Also named", true;
    /// Manufacturer, as said by the source.
    Manufacturer = "manufacturer", "Manufacturer", false;
    /// Model name.
    Model = "model", "Model", false;
    /// Model, catalogue or reference number.
    ModelNumber = "model_number", "Model number", false;
    /// Serial number.
    Serial = "serial", "Serial number", false;
    /// The whole UDI as scanned or sent.
    Udi = "udi", "UDI", false;
    /// UDI device identifier.
    Di = "di", "UDI device identifier", false;
    /// Asset tag as printed.
    AssetTag = "asset_tag", "Asset tag", false;
    /// What the list calls it: "Infusion pump, large volume".
    Description = "description", "Description", false;
    /// Code of the device class table (`infusion_pump`).
    DeviceClass = "device_class", "Device class", false;
    /// Version of the device's software or firmware.
    SoftwareVersion = "software_version", "Software version", false;
    /// Version of the hardware.
    HardwareVersion = "hardware_version", "Hardware version", false;
    /// Component and its version, `name version` (wireless battery module v17).
    ComponentVersion = "component_version", "Component version", true;
    /// Operating system with version or build.
    OperatingSystem = "operating_system", "Operating system", false;
    /// Date of manufacture, ISO.
    ManufactureDate = "manufacture_date", "Made on", false;
    /// Link-layer address.
    MacAddress = "mac_address", "MAC address", true;
    /// IP address at the time of the statement.
    IpAddress = "ip_address", "IP address", true;
    /// VLAN number.
    Vlan = "vlan", "VLAN", true;
    /// Name the device gives itself on the network.
    HostName = "host_name", "Host name", true;
    /// DICOM application entity title.
    AeTitle = "ae_title", "AE title", true;
    /// Role worked out from DICOM services (modality, archive, workstation …).
    DicomRole = "dicom_role", "DICOM role", false;
    /// DICOM implementation class UID and version name.
    DicomImplementation = "dicom_implementation", "DICOM implementation", true;
    /// Library behind the DICOM implementation, never the maker.
    DicomToolkit = "dicom_toolkit", "DICOM toolkit", true;
    /// HL7 v2 sending or receiving application (MSH-3, MSH-5).
    Hl7Application = "hl7_application", "HL7 application", true;
    /// HL7 v2 facility (MSH-4, MSH-6).
    Hl7Facility = "hl7_facility", "HL7 facility", true;
    /// DHCP vendor class (option 60).
    DhcpVendorClass = "dhcp_vendor_class", "DHCP vendor class", true;
    /// DHCP parameter request list (option 55), comma-separated.
    DhcpParameters = "dhcp_parameters", "DHCP parameter list", true;
    /// Unique id by which a client names itself to DHCP (RFC 8415 section 11), in hexadecimal.
    DhcpUniqueId = "dhcp_unique_id", "DHCP unique id", true;
    /// What the device says it is, in its own words (SNMP sysDescr, LLDP and CDP descriptions).
    SystemDescription = "system_description", "Describes itself as", true;
    /// Where the device says it is (SNMP sysLocation, LLDP-MED, SDC location). Never a place by itself.
    StatedLocation = "stated_location", "Says it is at", true;
    /// Kinds of service it announces (mDNS, SSDP, WS-Discovery types).
    AnnouncedService = "announced_service", "Announces", true;
    /// Name by which it is addressed in discovery (UPnP UDN, WS-Discovery endpoint reference).
    EndpointReference = "endpoint_reference", "Endpoint reference", true;
    /// Windows, Kerberos or directory domain it belongs to.
    NetworkDomain = "network_domain", "Network domain", true;
    /// SNMP engine id (RFC 3411), in hexadecimal.
    SnmpEngine = "snmp_engine", "SNMP engine id", true;
    /// What its web server calls itself.
    HttpServer = "http_server", "HTTP server", true;
    /// What its web client calls itself.
    UserAgent = "user_agent", "User agent", true;
    /// Greeting of another service, its first line: SSH, Telnet, FTP, RTSP, SIP.
    Banner = "banner", "Service greeting", true;
    /// Fingerprint of its TLS client (JA4).
    TlsFingerprint = "tls_fingerprint", "TLS fingerprint (JA4)", true;
    /// Subject of the certificate it shows.
    Certificate = "certificate", "Certificate", true;
    /// When a certificate it shows ends, ISO date.
    CertificateEnds = "certificate_ends", "Certificate ends", true;
    /// How its TCP stack opens a connection: hop limit, window and options in order.
    TcpStack = "tcp_stack", "TCP stack", true;
    /// What it does on the network by its own word: bridge, router, telephone, access point.
    NetworkRole = "network_role", "Network role", true;
    /// The switch and port it hangs on.
    SwitchPort = "switch_port", "Switch port", true;
    /// The access point and wireless network it uses.
    AccessPoint = "access_point", "Access point", true;
    /// Maker of the network card, from the MAC prefix.
    NicMaker = "nic_maker", "Network card maker", true;
    /// The gateway, engine or archive that spoke for the device.
    RelayedBy = "relayed_by", "Relayed by", true;
    /// Site as recorded.
    Site = "site", "Site", false;
    /// Building as recorded.
    Building = "building", "Building", false;
    /// Floor as recorded.
    Floor = "floor", "Floor", false;
    /// Room as recorded.
    Room = "room", "Room", false;
    /// The clinical team that uses it.
    OperatingUnit = "operating_unit", "Operating unit", false;
    /// The shared pool it belongs to.
    Pool = "pool", "Shared pool", false;
    /// Who maintains it.
    Custodian = "custodian", "Custodian", false;
    /// Who answers for it.
    AccountableOwner = "accountable_owner", "Accountable owner", false;
    /// Who owns, leases or lends it.
    LegalOwner = "legal_owner", "Legal owner", false;
    /// Patch level.
    PatchLevel = "patch_level", "Patch level", false;
    /// When it was last patched, ISO date.
    LastPatched = "last_patched", "Last patched", false;
    /// Who patched it last.
    PatchedBy = "patched_by", "Patched by", false;
    /// The level its maker has approved.
    ApprovedLevel = "approved_level", "Maker-approved level", false;
    /// Who may patch it.
    WhoMayPatch = "who_may_patch", "Who may patch", false;
    /// Life-cycle state as recorded: in service, in storage, retired …
    LifeCycle = "life_cycle", "Life-cycle state", false;
    /// Whether a complete list still names it: `yes` or `no`.
    Listed = "listed", "Named by the list", false;
    /// End of the maker's support, ISO date.
    SupportEnds = "support_ends", "Support ends", false;
    /// Next maintenance date, ISO.
    NextMaintenance = "next_maintenance", "Next maintenance", false;
}

impl fmt::Display for Field {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.code())
    }
}

impl Serialize for Field {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_back() {
        for field in Field::ALL {
            assert_eq!(field.code().parse::<Field>().unwrap(), *field);
        }
    }
}
