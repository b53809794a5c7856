//! Why a device is held to be what it is, and the rules that say so.

use crate::App;
use crate::app::{doc, lock, parse, removal};
use crate::change::{ChangeSet, DocKind, DocPut};
use crate::error::{AppError, Result};
use crate::views::{Explained, Moment, OwnRules, RecogLine, RulesPage, StoredDevice, TableReport};
use crate::who::Who;
use std::sync::Arc;
use tallyward_core::DeviceId;
use tallyward_identity::classify::{RuleError, RuleTables, explain};
use tallyward_identity::reconcile::Rules;
use tallyward_report::Table;

/// Id of the document that holds the house's own rules.
const OWN: &str = "own_rules";
/// A file of rules may have so many bytes.
const MOST_BYTES: usize = 4 << 20;

impl App {
    /// The rules in force: those the program started with and the house's own.
    pub(crate) fn rules(&self) -> Result<Arc<Rules>> {
        if let Some(rules) = lock(&self.state.rules).as_ref() {
            return Ok(Arc::clone(rules));
        }
        let rules = match self.own_rules()? {
            None => Arc::clone(&self.base_rules),
            Some(own) => {
                let (tables, _) = self.base_rules.classification().with_own(&own.name, &own.text);
                Arc::new(Rules::clone(&self.base_rules).with_classification(tables))
            }
        };
        *lock(&self.state.rules) = Some(Arc::clone(&rules));
        Ok(rules)
    }

    /// Why a device is held to be what it is: fact, rule, conclusion, and what contradicts it.
    pub fn explain(&self, id: DeviceId) -> Result<Explained> {
        let row = self.store.device(id)?.ok_or_else(|| AppError::not_found("device", id.to_string()))?;
        let stored: StoredDevice = parse(DocKind::Setting, &row.put.id.to_string(), &row.put.body)?;
        let now = self.now();
        let explanation = explain(&stored.device, &*self.rules()?, now);
        Ok(Explained { id: row.put.id, name: row.put.name, explanation, as_of: Moment(now) })
    }

    /// Every table of classification in force.
    pub fn rule_tables(&self) -> Result<RulesPage> {
        let rules = self.rules()?;
        let tables = rules.classification();
        let own = self.own_rules()?;
        let refused =
            own.as_ref().map(|own| lines(RuleTables::check(&own.name, &own.text).1)).unwrap_or_default();
        let recog = tables.recog().iter().map(|one| RecogLine {
            name: one.name().to_owned(),
            fingerprints: one.fingerprints,
            rules: one.rules(),
            left_out: one.left_out.clone(),
            unused: one.unused.iter().cloned().collect(),
        });
        Ok(RulesPage {
            tables: tables.infos(),
            refused,
            recog: recog.collect(),
            registry: tables.registry().describe(),
            own,
        })
    }

    /// CSV of the tables in force, a table a line.
    pub fn export_rules(&self) -> Result<Vec<u8>> {
        let mut table = Table::new(&["table", "version", "rules", "source"]);
        for info in self.rules()?.classification().infos() {
            table.push([info.name, info.version, info.rules.to_string(), info.source]);
        }
        Ok(table.to_csv().into_bytes())
    }

    /// Replaces the house's own rules. Lines that cannot be used are said and left out; a file without a single rule
    /// changes nothing. All devices are worked out again.
    pub fn import_rules(&self, who: &Who, name: &str, bytes: &[u8]) -> Result<TableReport> {
        if bytes.len() > MOST_BYTES {
            return Err(AppError::invalid("file", format!("more than {MOST_BYTES} bytes of rules")));
        }
        let text = std::str::from_utf8(bytes)
            .map_err(|error| AppError::invalid("file", format!("it is no UTF-8 text: {error}")))?;
        let (info, errors) = RuleTables::check(name, text);
        if info.rules == 0 {
            let why = errors.first().map_or_else(|| "it holds no rule".to_owned(), ToString::to_string);
            return Err(AppError::invalid("file", why));
        }
        let own =
            OwnRules { name: name.to_owned(), text: text.to_owned(), by: who.name.clone(), at: self.now() };
        let report = TableReport { taken: info.rules, refused: lines(errors) };
        let after = format!("{name}: {} rules, {} lines refused", report.taken, report.refused.len());
        self.put_rules(who, "rules.import", doc(DocKind::Setting, OWN, "", &own), after)?;
        Ok(report)
    }

    /// Takes the house's own rules away. All devices are worked out again.
    pub fn remove_rules(&self, who: &Who) -> Result<()> {
        let own = self.own_rules()?.ok_or_else(|| AppError::not_found("table of rules", "own"))?;
        self.put_rules(who, "rules.remove", removal(DocKind::Setting, OWN, ""), own.name)
    }

    fn own_rules(&self) -> Result<Option<OwnRules>> {
        self.load(DocKind::Setting, OWN)
    }

    fn put_rules(&self, who: &Who, action: &str, put: DocPut, after: String) -> Result<()> {
        if !who.role.may_write() {
            return Err(AppError::Refused("a reader cannot change rules".to_owned()));
        }
        {
            let _writing = lock(&self.state.desk);
            let mut event = self.event(who, action, "rules");
            event.after = after;
            self.commit(ChangeSet { docs: vec![put], audit: vec![event], ..ChangeSet::default() })?;
            *lock(&self.state.rules) = None;
        }
        self.refresh()?;
        Ok(())
    }
}

fn lines(errors: Vec<RuleError>) -> Vec<(u64, String)> {
    errors.into_iter().map(|error| (error.line, error.what)).collect()
}
