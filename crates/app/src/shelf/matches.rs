//! Which advisories match which products here, both ways.

use crate::App;
use crate::app::parse;
use crate::change::{ConfigId, DocKind};
use crate::error::Result;
use crate::fleet::Config;
use crate::ports::{JudgementsOf, VerdictCounts};
use crate::views::{MatchLine, MatchList, Moment};
use std::collections::BTreeMap;
use tallyward_core::Verdict;

impl App {
    /// Every product of the house that an advisory matches, with its findings: of one advisory, or of one product
    /// (`maker model`), or all. Worst first, then by product and advisory.
    pub fn matches(&self, advisory: Option<&str>, product: Option<&str>) -> Result<MatchList> {
        let mut configs: BTreeMap<ConfigId, (String, u64)> = BTreeMap::new();
        for row in self.store.configs()? {
            let config: Config = parse(DocKind::Setting, &row.id.0.to_string(), &row.body)?;
            let name = format!("{} {}", config.facts.maker, config.facts.model).trim().to_owned();
            if product.is_none_or(|wanted| wanted == name) {
                configs.insert(row.id, (name, row.devices));
            }
        }
        let mut lines: BTreeMap<(String, String), MatchLine> = BTreeMap::new();
        let mut last: Option<(ConfigId, String)> = None;
        for judged in self.judgements_of(advisory, product.map(|_| &configs))? {
            let Some((name, devices)) = configs.get(&judged.0) else { continue };
            let line = lines.entry((name.clone(), judged.1.advisory.clone())).or_insert_with(|| MatchLine {
                product: name.clone(),
                advisory: judged.1.advisory.clone(),
                devices: 0,
                findings: VerdictCounts::default(),
            });
            let at = (judged.0, judged.1.advisory);
            if last.as_ref() != Some(&at) {
                line.devices += devices;
                last = Some(at);
            }
            match judged.1.verdict {
                Verdict::Affected => line.findings.affected += devices,
                Verdict::Unknown => line.findings.unknown += devices,
                Verdict::NotAffected => line.findings.not_affected += devices,
            }
        }
        let mut rows: Vec<MatchLine> = lines.into_values().collect();
        rows.sort_by_key(|row| std::cmp::Reverse((row.findings.affected, row.findings.unknown)));
        Ok(MatchList { rows, as_of: Moment(self.now()) })
    }

    /// Stored verdicts in order of configuration and advisory, or of advisory and configuration.
    fn judgements_of(
        &self,
        advisory: Option<&str>,
        configs: Option<&BTreeMap<ConfigId, (String, u64)>>,
    ) -> Result<Vec<(ConfigId, crate::change::JudgementPut)>> {
        let mut all = Vec::new();
        match (advisory, configs) {
            (Some(id), _) => all = self.store.judgements(JudgementsOf::Advisory(id))?,
            (None, Some(configs)) => {
                for id in configs.keys() {
                    all.extend(self.store.judgements(JudgementsOf::Config(*id))?);
                }
            }
            (None, None) => {
                for held in self.stored_advisories()? {
                    all.extend(self.store.judgements(JudgementsOf::Advisory(&held.advisory.id))?);
                }
            }
        }
        Ok(all)
    }
}
