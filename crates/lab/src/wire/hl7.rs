//! HL7 version 2 messages and their framing (MLLP).

use std::fmt::Write;

/// Frames a message for TCP: vertical tab before, file separator and carriage return after (HL7 MLLP release 1).
#[must_use]
pub fn mllp(message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len() + 3);
    out.push(0x0b);
    out.extend_from_slice(message);
    out.extend([0x1c, 0x0d]);
    out
}

/// Who sends to whom: MSH-3 to MSH-6.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Sending application.
    pub from: String,
    /// Sending facility.
    pub from_facility: String,
    /// Receiving application.
    pub to: String,
    /// Receiving facility.
    pub to_facility: String,
}

impl Route {
    /// The way back.
    #[must_use]
    pub fn reversed(&self) -> Self {
        Self {
            from: self.to.clone(),
            from_facility: self.to_facility.clone(),
            to: self.from.clone(),
            to_facility: self.from_facility.clone(),
        }
    }
}

/// How a message names the device that measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceIn {
    /// OBX-18, equipment instance identifier.
    Obx18,
    /// PRT-10, participation device, with role EQUIP in PRT-4 (HL7 2.9, chapter 7.4.4).
    Prt10,
}

/// One observation report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// Who sends to whom.
    pub route: Route,
    /// MSH-7, `YYYYMMDDHHMMSS+ZZZZ`.
    pub time: String,
    /// MSH-10.
    pub control_id: String,
    /// PID-3, PID-5 and PID-7: number, name (`Family^Given`) and birth date of a made-up patient.
    pub patient: (String, String, String),
    /// Device identifier as an entity identifier (`id^namespace^universal id^type`).
    pub device: String,
    /// Where the device is named.
    pub named_in: DeviceIn,
    /// OBX-3, OBX-5 and OBX-6 of each value.
    pub values: Vec<(String, String, String)>,
}

impl Observation {
    /// The message ORU^R01, segments ended by carriage returns.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = header(&self.route, &self.time, "ORU^R01^ORU_R01", &self.control_id);
        let (number, name, birth) = &self.patient;
        let _ = write!(out, "PID|1||{number}^^^LARKFIELD^MR||{name}||{birth}|U\r");
        let _ = write!(out, "PV1|1|I|^^BED\r");
        let _ = write!(out, "OBR|1|{0}|{0}|69990^MDC_OBS_CONTINUOUS^MDC|||{1}\r", self.control_id, self.time);
        for (at, (code, value, unit)) in self.values.iter().enumerate() {
            let place = at + 1;
            let equipment = if self.named_in == DeviceIn::Obx18 { self.device.as_str() } else { "" };
            let _ = write!(
                out,
                "OBX|{place}|NM|{code}|1.1.{place}|{value}|{unit}|||||R|||{0}||||{equipment}\r",
                self.time
            );
            if at == 0 && self.named_in == DeviceIn::Prt10 {
                let _ = write!(out, "PRT|1|UC||EQUIP^Equipment^HL70912||||||{}\r", self.device);
            }
        }
        out.into_bytes()
    }

    /// The acknowledgement the receiver answers with.
    #[must_use]
    pub fn acknowledgement(&self) -> Vec<u8> {
        let mut out =
            header(&self.route.reversed(), &self.time, "ACK^R01^ACK", &format!("A{}", self.control_id));
        let _ = write!(out, "MSA|AA|{}\r", self.control_id);
        out.into_bytes()
    }
}

fn header(route: &Route, time: &str, kind: &str, control_id: &str) -> String {
    format!(
        "MSH|^~\\&|{}|{}|{}|{}|{time}||{kind}|{control_id}|P|2.9\r",
        route.from, route.from_facility, route.to, route.to_facility
    )
}
