//! Device classes: what kind of device it is, for the tables of this room.

use crate::axis::codes;
use serde::{Deserialize, Serialize};

codes! {
    /// A device class. What a class is called on a ward, what a flaw in it could do and what there is to do at
    /// the bedside are rows of the tables, not code.
    DeviceClass {
        /// Large-volume infusion pump.
        InfusionPump = "infusion_pump", "infusion pump";
        /// Syringe pump.
        SyringePump = "syringe_pump", "syringe pump";
        /// Ventilator.
        Ventilator = "ventilator", "ventilator";
        /// Bedside patient monitor.
        PatientMonitor = "patient_monitor", "patient monitor";
        /// Central station.
        CentralStation = "central_station", "central station";
        /// Telemetry transmitter.
        Telemetry = "telemetry", "telemetry";
        /// Anaesthesia workstation.
        Anaesthesia = "anaesthesia", "anaesthesia machine";
        /// Computed tomography.
        Ct = "ct", "CT scanner";
        /// Magnetic resonance.
        Mr = "mr", "MR scanner";
        /// Ultrasound.
        Ultrasound = "ultrasound", "ultrasound";
        /// Radiography.
        Xray = "xray", "X-ray unit";
        /// Mobile fluoroscopy.
        CArm = "c_arm", "C-arm";
        /// Nuclear medicine.
        Nuclear = "nuclear", "nuclear camera";
        /// Electrocardiograph.
        Ecg = "ecg", "ECG machine";
        /// Defibrillator.
        Defibrillator = "defibrillator", "defibrillator";
        /// Dialysis.
        Dialysis = "dialysis", "dialysis machine";
        /// Incubator or warmer.
        Incubator = "incubator", "incubator";
        /// Laboratory analyser.
        LabAnalyzer = "lab_analyzer", "lab analyser";
        /// Point-of-care test device.
        Poct = "poct", "bedside test device";
        /// Automated dispensing cabinet.
        DispensingCabinet = "dispensing_cabinet", "medicine cabinet";
        /// Image archive.
        Pacs = "pacs", "image archive";
        /// Clinical workstation.
        Workstation = "workstation", "workstation";
        /// Gateway between devices and records.
        DeviceGateway = "device_gateway", "device gateway";
        /// Label, strip or film printer.
        MedicalPrinter = "medical_printer", "medical printer";
        /// Networked bed.
        Bed = "bed", "smart bed";
        /// Anything else, or not known.
        Other = "other", "device";
    }
}

impl DeviceClass {
    /// The class of a stored code; an empty or unknown code is [`DeviceClass::Other`].
    #[must_use]
    pub fn of(code: &str) -> Self {
        Self::from_code(code.trim()).unwrap_or(Self::Other)
    }
}
