//! Parts lists as CSV.

use super::{PartHit, SbomLine};
use crate::App;
use crate::error::Result;
use tallyward_report::Table;

impl App {
    /// Every parts list, one a line.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn export_sboms(&self) -> Result<Vec<u8>> {
        let mut table = Table::new(&[
            "Id",
            "Maker",
            "Model",
            "Version",
            "Format",
            "Made",
            "Taken in",
            "By",
            "Parts",
            "Without package URL",
            "Parts with a flaw or open",
            "Affected",
            "Unknown",
            "Not affected",
            "Devices",
            "Devices without a version",
        ]);
        for line in self.sboms()? {
            let SbomLine { id, maker, model, version, format, by, .. } = line;
            let made = line.created.map_or_else(String::new, |at| at.0.to_string());
            let counts =
                [line.parts, line.nameless, line.flawed, line.affected, line.unknown, line.not_affected];
            let head = [id, maker, model, version, format, made, line.received.0.to_string(), by];
            let counts = counts.map(|count| count.to_string());
            let devices = [line.devices, line.devices_unversioned].map(|count| count.to_string());
            table.push(head.into_iter().chain(counts).chain(devices));
        }
        Ok(table.to_csv().into_bytes())
    }

    /// One parts list: every flaw of every part, and the parts without any, one a line.
    ///
    /// # Errors
    /// When there is none with this id.
    pub fn export_sbom(&self, id: &str) -> Result<Vec<u8>> {
        let page = self.sbom(id)?;
        let mut table = Table::new(&[
            "Part",
            "Part version",
            "Supplier",
            "Package URL",
            "CPE",
            "Part has the flaw",
            "Flaw",
            "Records",
            "Used in attacks (KEV)",
            "Summary",
            "CVSS base",
            "Verdict on the product",
            "Because",
            "Missing",
        ]);
        for (at, part) in page.parts.iter().enumerate() {
            let head = [&part.name, &part.version, &part.supplier, &part.purl, &part.cpe].map(String::clone);
            let mut hits = page.hits.iter().filter(|hit| hit.part == at).peekable();
            if hits.peek().is_none() {
                let said = if part.purl.is_empty() { "not looked up: no package URL" } else { "none known" };
                table.push(head.clone().into_iter().chain(std::iter::once(said.to_owned())));
            }
            for hit in hits {
                table.push(head.clone().into_iter().chain(flaw(hit)));
            }
        }
        Ok(table.to_csv().into_bytes())
    }
}

fn flaw(hit: &PartHit) -> [String; 9] {
    let reasons: Vec<&str> = hit.reasons.iter().map(|reason| reason.text.as_str()).collect();
    [
        if hit.has_it { "yes" } else { "open" }.to_owned(),
        hit.flaw.clone(),
        hit.records.join(" "),
        hit.in_kev.map_or("not known", |listed| if listed { "yes" } else { "no" }).to_owned(),
        hit.summary.clone(),
        hit.base().to_owned(),
        hit.verdict.label().to_owned(),
        reasons.join(" "),
        hit.missing.clone(),
    ]
}
