//! The review list: products of advisories that may be a model here. Only a person says whether they are.

use crate::App;
use crate::error::{AppError, Result};
use crate::findings::FactGroup;
use crate::fleet::READ_CORRECTED;
use crate::ports::JudgementsOf;
use crate::views::{Moment, PossibleMatch, ReviewList};
use crate::who::Who;
use tallyward_core::{MissingFact, Product, Reason};
use tallyward_matching::product_name;
use tallyward_report::Table;

impl App {
    /// Possible matches that findings wait for, those that hold up most first.
    pub fn review(&self) -> Result<ReviewList> {
        let groups = self.fact_groups()?;
        let mut rows = Vec::new();
        for group in groups.iter() {
            if let MissingFact::SameProduct { product } = &group.fact {
                rows.push(self.possible(group, product)?);
            }
        }
        Ok(ReviewList { rows, as_of: Moment(self.now()) })
    }

    fn possible(&self, group: &FactGroup, product: &str) -> Result<PossibleMatch> {
        let (maker, model) = group.named.clone();
        Ok(PossibleMatch {
            advisory: group.advisory.clone(),
            product: product.to_owned(),
            named: group.model.clone(),
            maker,
            model,
            why: self.why_possible(group)?,
            findings: group.settles,
            devices: group.count,
        })
    }

    /// Why the product only may be the same: the first of the reasons of a finding that waits.
    fn why_possible(&self, group: &FactGroup) -> Result<String> {
        let missing = crate::app::json(&group.fact);
        for (config, _) in group.configs.iter().take(1) {
            let judged = self.store.judgements(JudgementsOf::Config(*config))?;
            if let Some((_, waiting)) = judged.into_iter().find(|(_, one)| one.missing == missing) {
                let reasons: Vec<Reason> = serde_json::from_str(&waiting.reasons).unwrap_or_default();
                let mut said = reasons.into_iter().map(|reason| reason.text);
                return Ok(said.find(|text| !text.starts_with(READ_CORRECTED)).unwrap_or_default());
            }
        }
        Ok(String::new())
    }

    /// Decides one row of the review list: whether the advisory's product, named `vendor product`, is the model here.
    /// Answers how many configurations were judged anew.
    ///
    /// # Errors
    /// When the list has no such row, or the advisory no such product.
    pub fn decide_possible(
        &self,
        who: &Who,
        advisory: &str,
        product: &str,
        named: &str,
        same: bool,
    ) -> Result<usize> {
        let list = self.review()?;
        let row = list.rows.into_iter().find(|row| row.product == product && row.named == named);
        let row = row.ok_or_else(|| AppError::not_found("possible match", format!("{named} / {product}")))?;
        let advisory = if advisory.is_empty() { &row.advisory } else { advisory };
        let (vendor, product) = self.product_named(advisory, product)?;
        self.decide_product(who, &vendor, &product, &row.maker, &row.model, same)
    }

    /// Vendor and product, as decisions name them, of the leaf of an advisory that reads `vendor product`.
    ///
    /// # Errors
    /// When the advisory is not on file or names no such product.
    pub fn product_named(&self, advisory: &str, named: &str) -> Result<(String, String)> {
        let document = self.corrected_advisory(advisory)?;
        let reads =
            |leaf: &&Product| format!("{} {}", leaf.vendor.trim(), leaf.product.trim()).trim() == named;
        document
            .products
            .iter()
            .find(reads)
            .map(|leaf| (leaf.vendor.clone(), product_name(&document, leaf)))
            .ok_or_else(|| AppError::invalid("product", format!("{advisory} names no product {named:?}")))
    }

    /// The review list as CSV.
    pub fn export_review(&self) -> Result<Vec<u8>> {
        let mut table = Table::new(&[
            "Advisory",
            "Product of the advisory",
            "Model here",
            "Why only possible",
            "Findings waiting",
            "Devices",
        ]);
        for row in self.review()?.rows {
            table.push([
                row.advisory,
                row.product,
                row.named,
                row.why,
                row.findings.to_string(),
                row.devices.to_string(),
            ]);
        }
        Ok(table.to_csv().into_bytes())
    }
}
