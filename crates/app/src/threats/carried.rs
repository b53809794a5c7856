//! Lists of threats on their way in a bundle.

use super::{ENRICHMENT, EPSS, Enrichments, KEV, Taking};
use crate::App;
use crate::app::lock;
use crate::change::DocKind;
use crate::error::{AppError, Result};
use crate::ports::ListDocs;
use crate::views::{ThreatOutcome, ThreatTaken};
use crate::who::Who;
use serde::de::DeserializeOwned;
use tallyward_advisories::threat::CveRecord;

impl App {
    /// The tables on file: name and JSON.
    pub(crate) fn threat_tables(&self) -> Result<Vec<(String, String)>> {
        let rows = self.store.list(DocKind::Threats, &ListDocs::default())?;
        let travels = |name: &str| [KEV, EPSS, ENRICHMENT].contains(&name);
        Ok(rows.into_iter().filter(|row| travels(&row.id)).map(|row| (row.id, row.body)).collect())
    }

    /// Takes a table of [`App::threat_tables`] in as if its list had come as a file: an older one changes nothing.
    pub(crate) fn take_threat_table(&self, who: &Who, name: &str, body: &str) -> Result<ThreatTaken> {
        let writing = lock(&self.state.fleet);
        let mut taking = Taking::begin(self, who)?;
        let taken = match name {
            KEV => taking.take_kev(name.to_owned(), read(name, body)?),
            EPSS => taking.take_epss(name.to_owned(), read(name, body)?),
            ENRICHMENT => {
                let records: Enrichments = read(name, body)?;
                let flaws = records.len();
                for (id, enrichment) in records {
                    taking.take_record(CveRecord { id, enrichment: Some(enrichment) });
                }
                let outcome =
                    if taking.intake.records > 0 { ThreatOutcome::Taken } else { ThreatOutcome::Unchanged };
                ThreatTaken {
                    file: name.to_owned(),
                    table: name.to_owned(),
                    of: String::new(),
                    dated: None,
                    flaws,
                    gone: 0,
                    outcome,
                }
            }
            _ => return Err(AppError::invalid("list", "a list of threats of a kind that is not known here")),
        };
        let (change, _) = taking.done();
        if !change.docs.is_empty() {
            self.commit(change)?;
            self.forget_known();
            drop(writing);
            self.refresh_drafts()?;
        }
        Ok(taken)
    }
}

fn read<T: DeserializeOwned>(name: &str, body: &str) -> Result<T> {
    serde_json::from_str(body).map_err(|error| AppError::invalid(name, error.to_string()))
}
