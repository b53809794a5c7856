//! Files that go back to other systems.

use crate::App;
use crate::app::parse;
use crate::change::DocKind;
use crate::devices::status;
use crate::error::Result;
use crate::model_book::MayRead;
use crate::query::{DeviceQuery, FindingQuery};
use crate::round::{RoundQuery, chosen, code};
use crate::shelf::AdvisoryQuery;
use crate::views::{Moment, StoredDevice};
use std::collections::BTreeSet;
use tallyward_core::{Device, Field, Label};
use tallyward_identity::classify::stated;
use tallyward_report::{CmmsRow, InventoryExport, InventoryRow, Table, cmms_csv};

/// Columns of the device export, those a person may edit and send back.
const FIELDS: [Field; 32] = [
    Field::AssetTag,
    Field::Manufacturer,
    Field::Model,
    Field::ModelNumber,
    Field::Serial,
    Field::Di,
    Field::Description,
    Field::DeviceClass,
    Field::SoftwareVersion,
    Field::HardwareVersion,
    Field::OperatingSystem,
    Field::MacAddress,
    Field::IpAddress,
    Field::HostName,
    Field::AeTitle,
    Field::Site,
    Field::Building,
    Field::Floor,
    Field::Room,
    Field::OperatingUnit,
    Field::Pool,
    Field::Custodian,
    Field::AccountableOwner,
    Field::LegalOwner,
    Field::PatchLevel,
    Field::LastPatched,
    Field::PatchedBy,
    Field::ApprovedLevel,
    Field::WhoMayPatch,
    Field::LifeCycle,
    Field::SupportEnds,
    Field::NextMaintenance,
];

impl App {
    /// CSV of exactly the devices that the query shows, all pages, with ids and row hashes so that it can be
    /// imported again.
    pub fn export_devices(&self, query: &DeviceQuery) -> Result<Vec<u8>> {
        let mut rows = Vec::new();
        for row in self.every_device(query)? {
            let stored: StoredDevice = parse(DocKind::Setting, &row.put.id.to_string(), &row.put.body)?;
            let value = |field: &Field| stored.device.get(*field).unwrap_or_default().to_owned();
            rows.push(InventoryRow {
                id: row.put.id.to_string(),
                values: FIELDS.iter().map(value).collect(),
            });
        }
        Ok(InventoryExport { fields: FIELDS.to_vec(), rows }.to_csv().into_bytes())
    }

    /// CSV for the CMMS, keyed by asset number: security status, verdict counts, patch status, open action.
    pub fn export_cmms(&self) -> Result<Vec<u8>> {
        let open = self.open_actions()?;
        let now = self.now();
        let mut rows = Vec::new();
        for row in self.every_device(&DeviceQuery::default())? {
            let stored: StoredDevice = parse(DocKind::Setting, &row.put.id.to_string(), &row.put.body)?;
            let due = open.get(&row.put.id);
            let open_action = match (due, row.unknown) {
                (Some(notices), _) => format!("answer and act on {}", notices.join(", ")),
                (None, 0) => String::new(),
                (None, _) => "find the missing fact (worklist)".to_owned(),
            };
            rows.push(CmmsRow {
                security_status: status(&row, &stored.device, due.is_some(), now).plain(),
                asset_tag: row.put.tag,
                affected: row.affected.into(),
                unknown: row.unknown.into(),
                not_affected: row.not_affected.into(),
                patch_status: patch_status(&stored.device),
                open_action,
                as_of: now.to_string(),
            });
        }
        Ok(cmms_csv(&rows).0.into_bytes())
    }

    /// CSV of exactly the findings that the query shows.
    pub fn export_findings(&self, query: &FindingQuery) -> Result<Vec<u8>> {
        let mut table = Table::new(&[
            "device",
            "name",
            "model",
            "unit",
            "room",
            "software_version",
            "advisory",
            "vulnerability",
            "verdict",
            "because",
            "missing",
            "clinical",
            "outcome",
            "tier",
            "outcome_calmest",
            "outcome_strictest",
            "ssvc_vector",
            "not_known",
        ]);
        let withheld: BTreeSet<String> = self
            .stored_advisories()?
            .into_iter()
            .filter(|held| !Label::of(&held.advisory.tlp).may_be_passed_on_inside())
            .map(|held| held.advisory.id.clone())
            .collect();
        let mut query = FindingQuery { limit: Some(1_000), after: None, ..query.clone() };
        loop {
            let page = self.findings(&query)?.page;
            for mut row in page.rows {
                if withheld.contains(&row.advisory) {
                    row.because = "withheld: the advisory is TLP:RED".to_owned();
                    row.missing = None;
                }
                table.push([
                    row.device.to_string(),
                    row.name,
                    row.model,
                    row.unit,
                    row.room,
                    row.version,
                    row.advisory,
                    row.vulnerability,
                    row.verdict.code().to_owned(),
                    row.because,
                    row.missing.unwrap_or_default(),
                    row.clinical,
                    row.outcome,
                    row.tier,
                    row.calmest,
                    row.strictest,
                    row.vector,
                    row.assumed.join(" "),
                ]);
            }
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(table.to_csv().into_bytes()),
            }
        }
    }

    /// CSV of the advisories on file, one a line, in the order of the query.
    pub fn export_advisories(&self, query: &AdvisoryQuery) -> Result<Vec<u8>> {
        let mut table = Table::new(&[
            "advisory",
            "title",
            "publisher",
            "category",
            "revision",
            "released",
            "revised",
            "received",
            "severity",
            "cvss",
            "cvss_version",
            "vulnerabilities",
            "contradictions",
            "affected",
            "unknown",
            "not_affected",
            "devices_affected",
            "devices_unknown",
        ]);
        let moment = |at: Option<Moment>| at.map(|at| at.0.to_string()).unwrap_or_default();
        for line in self.advisories_where(query)? {
            table.push([
                line.id,
                line.title,
                line.publisher,
                line.category,
                line.revision,
                moment(line.released),
                moment(line.revised),
                moment(Some(line.received)),
                line.severity,
                line.cvss,
                line.cvss_version,
                line.vulnerabilities.to_string(),
                line.contradictions.to_string(),
                line.findings.affected.to_string(),
                line.findings.unknown.to_string(),
                line.findings.not_affected.to_string(),
                line.devices_affected.to_string(),
                line.devices_unknown.to_string(),
            ]);
        }
        Ok(table.to_csv().into_bytes())
    }

    /// CSV of the products here and the advisories that match them: all, of one advisory, or of one product.
    pub fn export_matches(&self, advisory: Option<&str>, product: Option<&str>) -> Result<Vec<u8>> {
        let mut table =
            Table::new(&["product", "advisory", "devices", "affected", "unknown", "not_affected"]);
        for row in self.matches(advisory, product)?.rows {
            table.push([
                row.product,
                row.advisory,
                row.devices.to_string(),
                row.findings.affected.to_string(),
                row.findings.unknown.to_string(),
                row.findings.not_affected.to_string(),
            ]);
        }
        Ok(table.to_csv().into_bytes())
    }

    /// CSV of the worklist, one device and fact a line; of a round, when the query says which.
    pub fn export_worklist(&self, query: &RoundQuery) -> Result<Vec<u8>> {
        let mut table = Table::new(&[
            "find_out",
            "model",
            "device",
            "name",
            "asset_tag",
            "site",
            "unit",
            "room",
            "settles",
            "where_to_read",
            "may_be_read",
            "minutes",
            "settles_on_device",
            "code",
        ]);
        let items = self.worklist()?.items;
        for (item, device) in chosen(&items, query) {
            let reading = item.reading.as_ref();
            let minutes = reading.and_then(|one| one.minutes);
            table.push([
                item.plain.clone(),
                item.model.clone(),
                device.id.to_string(),
                device.name.clone(),
                device.tag.clone(),
                device.site.clone(),
                device.unit.clone(),
                device.room.clone(),
                item.settles.to_string(),
                reading.map(|one| one.path.clone()).unwrap_or_default(),
                reading.map_or_else(MayRead::default, |one| one.when).plain().to_owned(),
                minutes.map(|minutes| minutes.to_string()).unwrap_or_default(),
                device.settles.to_string(),
                item.field.map(|field| code(device.id, field)).unwrap_or_default(),
            ]);
        }
        Ok(table.to_csv().into_bytes())
    }
}

/// Patch level with when and by whom; what is not known is said.
pub(crate) fn patch_status(device: &Device) -> String {
    let level = device.get(Field::PatchLevel).or_else(|| stated(device, Field::SoftwareVersion));
    let Some(level) = level else { return "not known".to_owned() };
    let mut text = level.to_owned();
    if let Some(approved) = device.get(Field::ApprovedLevel).filter(|approved| *approved != level) {
        text.push_str(&format!(", maker approves {approved}"));
    }
    if let Some(date) = device.get(Field::LastPatched) {
        text.push_str(&format!(", patched {date}"));
    }
    if let Some(by) = device.get(Field::PatchedBy) {
        text.push_str(&format!(" by {by}"));
    }
    text
}
