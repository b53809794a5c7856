//! Finding documents: by any required field, by CVE, by the product tree; filtered and sorted.

use crate::App;
use crate::advisories::StoredAdvisory;
use crate::error::Result;
use crate::views::AdvisoryLine;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tallyward_core::Advisory;

/// What a document can be searched, filtered and sorted by (CSAF 2.0, clause 9.1.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdvisoryField {
    /// `tracking.id`.
    Id,
    /// `title`.
    Title,
    /// `category`.
    Category,
    /// `publisher.name`, with what else is kept of the publisher.
    Publisher,
    /// `tracking.status`.
    Status,
    /// `tracking.version`.
    Revision,
    /// `tracking.initial_release_date`, as `2026-11-25`.
    Released,
    /// `tracking.current_release_date`, likewise.
    Revised,
    /// CVE or other id of a vulnerability.
    Cve,
    /// Vendor, product or version text of the product tree.
    Product,
}

impl AdvisoryField {
    /// All, in the order of a menu.
    pub const ALL: [Self; 10] = [
        Self::Id,
        Self::Title,
        Self::Category,
        Self::Publisher,
        Self::Status,
        Self::Revision,
        Self::Released,
        Self::Revised,
        Self::Cve,
        Self::Product,
    ];

    /// The name in a URL.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Title => "title",
            Self::Category => "category",
            Self::Publisher => "publisher",
            Self::Status => "status",
            Self::Revision => "revision",
            Self::Released => "released",
            Self::Revised => "revised",
            Self::Cve => "cve",
            Self::Product => "product",
        }
    }

    /// Reads [`Self::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.code() == code)
    }

    /// The values a document has there.
    fn values(self, advisory: &Advisory) -> Vec<String> {
        let date = |at: Option<tallyward_core::Timestamp>| at.map(|at| at.date()).into_iter().collect();
        match self {
            Self::Id => vec![advisory.id.clone()],
            Self::Title => vec![advisory.title.clone()],
            Self::Category => vec![advisory.category.clone()],
            Self::Publisher => vec![advisory.publisher.clone()],
            Self::Status => vec![advisory.status.clone()],
            Self::Revision => vec![advisory.revision.clone()],
            Self::Released => date(advisory.released),
            Self::Revised => date(advisory.revised),
            Self::Cve => advisory.vulnerabilities.iter().map(|flaw| flaw.id.clone()).collect(),
            Self::Product => advisory
                .products
                .iter()
                .map(|leaf| format!("{} {} {}", leaf.vendor, leaf.product, leaf.version))
                .collect(),
        }
    }
}

/// Order of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdvisoryOrder {
    /// Newest revision first.
    #[default]
    Newest,
    /// Highest CVSS base score first.
    Cvss,
    /// By the publisher's own severity word.
    Severity,
    /// Most affected devices first.
    Affected,
    /// By the first value of a field, ascending.
    Field(AdvisoryField),
}

/// Which documents, in which order. An absent filter does not filter; texts are found anywhere, case-blind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AdvisoryQuery {
    /// Text, and the field it stands in; without a field in any.
    pub text: Option<(String, Option<AdvisoryField>)>,
    /// Only those this person has not read in the revision on file.
    pub unread_by: Option<String>,
    /// Order.
    pub order: AdvisoryOrder,
}

impl AdvisoryQuery {
    fn takes(&self, advisory: &Advisory) -> bool {
        let Some((text, field)) = &self.text else { return true };
        let wanted = text.trim().to_lowercase();
        let fields = field.map_or_else(|| AdvisoryField::ALL.to_vec(), |field| vec![field]);
        fields
            .into_iter()
            .flat_map(|field| field.values(advisory))
            .any(|value| value.to_lowercase().contains(&wanted))
    }
}

impl App {
    /// The advisories that a query takes, in its order; ties by id.
    pub fn advisories_where(&self, query: &AdvisoryQuery) -> Result<Vec<AdvisoryLine>> {
        let read = match &query.unread_by {
            Some(login) => self.read_by(login)?,
            None => std::collections::BTreeMap::new(),
        };
        let mut held: Vec<Arc<StoredAdvisory>> = self.stored_advisories()?;
        held.retain(|one| {
            query.takes(&one.advisory)
                && (query.unread_by.is_none() || read.get(&one.advisory.id) != Some(&one.advisory.hash))
        });
        let mut lines: Vec<(AdvisoryLine, Arc<StoredAdvisory>)> =
            self.advisory_lines(&held)?.into_iter().zip(held).collect();
        lines.sort_by(|(a, held_a), (b, held_b)| {
            let (doc_a, doc_b) = (&held_a.advisory, &held_b.advisory);
            let first = |field: AdvisoryField, of: &Advisory| field.values(of).into_iter().min();
            let by = match query.order {
                AdvisoryOrder::Newest => b.revised.cmp(&a.revised),
                AdvisoryOrder::Cvss => tenths(&b.cvss).cmp(&tenths(&a.cvss)),
                AdvisoryOrder::Severity => rank(&b.severity).cmp(&rank(&a.severity)),
                AdvisoryOrder::Affected => b.devices_affected.cmp(&a.devices_affected),
                AdvisoryOrder::Field(field) => first(field, doc_a).cmp(&first(field, doc_b)),
            };
            by.then_with(|| b.revised.cmp(&a.revised)).then_with(|| a.id.cmp(&b.id))
        });
        Ok(lines.into_iter().map(|(line, _)| line).collect())
    }
}

/// A score as a number that orders.
fn tenths(score: &str) -> u16 {
    score.replace('.', "").parse().unwrap_or_default()
}

/// Publishers use their own words; the usual ones are ordered, others come before none.
fn rank(severity: &str) -> u8 {
    match severity.trim().to_lowercase().as_str() {
        "" => 0,
        "low" => 2,
        "medium" | "moderate" => 3,
        "high" | "important" => 4,
        "critical" => 5,
        _ => 1,
    }
}
