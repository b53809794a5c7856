//! What a run over the sample hospital must find, known by construction.

use crate::advisories::{self, Spec, Truth};
use crate::cmms;
use crate::device::LabDevice;
use crate::hospital::Hospital;
use tallyward_core::{Presence, Verdict};

/// Counts a run must reach.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expectations {
    /// Devices that truly exist.
    pub devices: usize,
    /// Devices the CMMS lists.
    pub listed: usize,
    /// Rows of the export after its header, repeated and nameless rows included.
    pub cmms_rows: usize,
    /// Rows that repeat another row exactly.
    pub cmms_duplicates: usize,
    /// Rows that name no device and must be refused.
    pub cmms_refused: usize,
    /// Devices in the traffic.
    pub seen: usize,
    /// Listed, and seen where they belong.
    pub known: usize,
    /// Seen, in no list. The addresses of [`Hospital::infrastructure`] are seen as well and not counted here.
    pub strangers: usize,
    /// Listed, on a watched subnet, not seen.
    pub ghosts: usize,
    /// Listed where nobody listens, or without a network card.
    pub not_observable: usize,
    /// Seen in another unit's subnet.
    pub moved: usize,
    /// Retired, and seen.
    pub zombies: usize,
    /// Devices of which neither list nor wire says a version.
    pub without_version: usize,
    /// Devices of which list and wire say different versions.
    pub version_disagreements: usize,
    /// Devices a gateway names by UDI in HL7.
    pub in_hl7: usize,
    /// Devices that name themselves in DICOM objects.
    pub in_dicom: usize,
    /// Documents.
    pub advisories: usize,
    /// Findings (a device and a vulnerability) by verdict.
    pub affected: usize,
    /// See `affected`.
    pub not_affected: usize,
    /// See `affected`.
    pub unknown: usize,
    /// Findings whose verdict hangs on facts the list may hold (the day of manufacture on the label).
    pub open: usize,
    /// The same counts after [`Hospital::advisory_update`]: affected, not affected, unknown.
    pub after_update: (usize, usize, usize),
}

/// A device and a vulnerability with the verdict a careful reader reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedFinding {
    /// Place of the device in [`Hospital::truth`].
    pub device: usize,
    /// Tracking id of the advisory.
    pub advisory: String,
    /// The vulnerability.
    pub cve: String,
    /// The verdict; `None` when it hangs on the day of manufacture and on whether the list gives it.
    pub verdict: Option<Verdict>,
}

impl Hospital {
    /// The counts.
    #[must_use]
    pub fn expectations(&self) -> Expectations {
        let count =
            |wanted: &dyn Fn(&LabDevice) -> bool| self.truth.iter().filter(|device| wanted(device)).count();
        let state = |state: Presence| count(&|device| device.presence == state);
        let listed = count(&|device| device.listed.is_some());
        let (cmms_duplicates, cmms_refused) =
            if listed == 0 { (0, 0) } else { (cmms::duplicates(listed), cmms::REFUSED) };
        let findings = self.findings();
        let verdicts = |findings: &[ExpectedFinding], verdict| {
            findings.iter().filter(|finding| finding.verdict == verdict).count()
        };
        let updated = self.findings_after_update();
        Expectations {
            devices: self.truth.len(),
            listed,
            cmms_rows: listed + cmms_duplicates + cmms_refused,
            cmms_duplicates,
            cmms_refused,
            seen: count(&|device| device.seen.is_some()),
            known: state(Presence::Known),
            strangers: state(Presence::Stranger),
            ghosts: state(Presence::Ghost),
            not_observable: state(Presence::NotObservable),
            moved: state(Presence::Moved),
            zombies: state(Presence::Zombie),
            without_version: count(&|device| device.believed_version().is_none()),
            version_disagreements: count(&LabDevice::versions_disagree),
            in_hl7: count(&|device| device.seen.as_ref().is_some_and(|seen| seen.in_hl7)),
            in_dicom: count(&|device| device.seen.as_ref().is_some_and(|seen| seen.in_dicom)),
            advisories: advisories::specs().len(),
            affected: verdicts(&findings, Some(Verdict::Affected)),
            not_affected: verdicts(&findings, Some(Verdict::NotAffected)),
            unknown: verdicts(&findings, Some(Verdict::Unknown)),
            open: verdicts(&findings, None),
            after_update: (
                verdicts(&updated, Some(Verdict::Affected)),
                verdicts(&updated, Some(Verdict::NotAffected)),
                verdicts(&updated, Some(Verdict::Unknown)),
            ),
        }
    }

    /// Every finding on the twelve advisories, for devices whose maker and model can be known.
    #[must_use]
    pub fn findings(&self) -> Vec<ExpectedFinding> {
        advisories::specs().iter().flat_map(|spec| self.findings_of(spec)).collect()
    }

    /// The same with the revised advisory in place of its first revision.
    #[must_use]
    pub fn findings_after_update(&self) -> Vec<ExpectedFinding> {
        let revised = advisories::revised();
        advisories::specs()
            .iter()
            .map(|spec| if spec.id == revised.id { revised } else { spec })
            .flat_map(|spec| self.findings_of(spec))
            .collect()
    }

    fn findings_of(&self, spec: &Spec) -> Vec<ExpectedFinding> {
        let mut findings = Vec::new();
        for (at, device) in self.truth.iter().enumerate().filter(|(_, device)| device.is_identified()) {
            let model = &self.models[device.model].id;
            let Some(truth) = spec.verdicts.iter().find(|truth| truth.model == *model) else { continue };
            findings.extend(spec.vulnerabilities.iter().map(|flaw| ExpectedFinding {
                device: at,
                advisory: spec.id.clone(),
                cve: flaw.cve.clone(),
                verdict: verdict(truth, device.believed_version()),
            }));
        }
        findings
    }
}

fn verdict(truth: &Truth, version: Option<&str>) -> Option<Verdict> {
    let holds = |list: &[String], version: &str| list.iter().any(|known| known == version);
    match version {
        _ if truth.open => None,
        None if truth.unread == "affected" => Some(Verdict::Affected),
        None => Some(Verdict::Unknown),
        Some(version) if holds(&truth.affected, version) => Some(Verdict::Affected),
        Some(version) if holds(&truth.not_affected, version) => Some(Verdict::NotAffected),
        Some(version) if holds(&truth.unknown, version) => Some(Verdict::Unknown),
        Some(_) => None,
    }
}
