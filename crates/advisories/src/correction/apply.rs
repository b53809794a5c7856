//! An advisory read with its corrections.

use super::{Correction, Edit, Fate, Leaf, said_of, words};
use crate::contradictions;
use std::collections::BTreeSet;
use tallyward_core::advisory::{Advisory, Product, ProductStatus, Statement};

/// The advisory read with its corrections, in their order, and what became of each. Contradictions that the
/// corrected words no longer show are gone, and those they newly show are there; what was wrong with the file
/// itself (an id defined twice, a status for an id without a leaf) stays.
#[must_use]
pub fn apply(advisory: &Advisory, corrections: &[Correction]) -> (Advisory, Vec<Fate>) {
    let mut corrected = advisory.clone();
    let fates: Vec<Fate> = corrections
        .iter()
        .map(|one| one.carry_out(&mut corrected).map_or_else(Fate::Stale, |()| Fate::Applied))
        .collect();
    if fates.contains(&Fate::Applied) {
        let shown = contradictions::find(advisory);
        corrected.contradictions.retain(|one| !shown.contains(one));
        corrected.contradictions.extend(contradictions::find(&corrected));
    }
    (corrected, fates)
}

impl Correction {
    fn carry_out(&self, advisory: &mut Advisory) -> Result<(), String> {
        if let Edit::Add(said) = &self.edit {
            return self.add(advisory, said);
        }
        let id = self.locate(advisory)?;
        match &self.edit {
            Edit::Version(text) => self.each_leaf(advisory, &id, |leaf| leaf.version.clone_from(text)),
            Edit::Name { vendor, product } => self.each_leaf(advisory, &id, |leaf| {
                leaf.vendor.clone_from(vendor);
                leaf.product.clone_from(product);
            }),
            Edit::Status { vulnerability, status } => {
                self.still_said(said_of(advisory, &id, Some(vulnerability)))?;
                let mut entries =
                    advisory.vulnerabilities.iter_mut().filter(|entry| entry.id == *vulnerability).peekable();
                entries.peek().ok_or_else(|| format!("The document no longer lists {vulnerability}."))?;
                for (at, entry) in entries.enumerate() {
                    entry.statements.retain(|one| one.product != id);
                    let said =
                        status.filter(|_| at == 0).map(|status| Statement { product: id.clone(), status });
                    entry.statements.extend(said);
                }
            }
            Edit::Drop => {
                self.still_said(said_of(advisory, &id, None))?;
                self.remove(advisory, &id)?;
            }
            Edit::Add(_) => {}
        }
        Ok(())
    }

    /// The id under which the leaf now stands: its own, or another when ids were numbered anew and one leaf alone
    /// has its words.
    fn locate(&self, advisory: &Advisory) -> Result<String, String> {
        let with_words: BTreeSet<&str> = advisory
            .products
            .iter()
            .filter(|leaf| self.leaf.same_words(leaf))
            .map(|leaf| leaf.id.as_str())
            .collect();
        if with_words.contains(self.leaf.id.as_str()) {
            return Ok(self.leaf.id.clone());
        }
        let mut others = with_words.into_iter();
        match (others.next(), others.next()) {
            (Some(only), None) => Ok(only.to_owned()),
            (Some(_), Some(_)) => Err(format!("Several leaves now read {}.", self.leaf.named())),
            (None, _) => Err(match advisory.product(&self.leaf.id).map(Leaf::of) {
                Some(now) => {
                    format!("The document now says {:?} where it said {:?}.", now.named(), self.leaf.named())
                }
                None => format!("The document no longer lists {}.", self.leaf.named()),
            }),
        }
    }

    fn each_leaf(&self, advisory: &mut Advisory, id: &str, make: impl Fn(&mut Product)) {
        let of = |leaf: &&mut Product| leaf.id == id && self.leaf.same_words(leaf);
        advisory.products.iter_mut().filter(of).for_each(make);
    }

    fn still_said(&self, now: Vec<(String, ProductStatus)>) -> Result<(), String> {
        if now == self.found {
            return Ok(());
        }
        let leaf = self.leaf.named();
        Err(format!("Of {leaf} the document now says: {}; it said: {}.", words(&now), words(&self.found)))
    }

    fn remove(&self, advisory: &mut Advisory, id: &str) -> Result<(), String> {
        let rests = |leaf: &Product| {
            leaf.relation.as_ref().is_some_and(|(_, one, other)| one.as_str() == id || other.as_str() == id)
        };
        if let Some(leaf) = advisory.products.iter().find(|leaf| rests(leaf)) {
            return Err(format!("The product {:?} rests on {}.", leaf.id, self.leaf.named()));
        }
        if advisory.products.iter().any(|leaf| leaf.id == id && !self.leaf.same_words(leaf)) {
            return Err(format!("Another leaf has the same id {id:?}."));
        }
        advisory.products.retain(|leaf| leaf.id != id);
        // An empty list of products means all of them, so a remedy or score for this one alone goes whole.
        let for_others = |products: &mut Vec<String>| {
            let had = products.len();
            products.retain(|one| one != id);
            had == 0 || !products.is_empty()
        };
        for entry in &mut advisory.vulnerabilities {
            entry.statements.retain(|one| one.product != id);
            entry.remediations.retain_mut(|remedy| for_others(&mut remedy.products));
            entry.scores.retain_mut(|score| for_others(&mut score.products));
        }
        Ok(())
    }

    fn add(&self, advisory: &mut Advisory, said: &[(String, ProductStatus)]) -> Result<(), String> {
        let leaf = &self.leaf;
        if advisory.products.iter().any(|one| one.id == leaf.id || leaf.same_words(one)) {
            return Err(format!(
                "The document now has a leaf {} or one with the id {:?} itself.",
                leaf.named(),
                leaf.id
            ));
        }
        let known = |flaw: &str| advisory.vulnerabilities.iter().any(|entry| entry.id == flaw);
        if let Some((flaw, _)) = said.iter().find(|(flaw, _)| !known(flaw)) {
            return Err(format!("The document lists no {flaw}."));
        }
        advisory.products.push(Product {
            id: leaf.id.clone(),
            name: leaf.named(),
            vendor: leaf.vendor.clone(),
            product: leaf.product.clone(),
            version: leaf.version.clone(),
            category: "product_version_range".to_owned(),
            ..Product::default()
        });
        for (flaw, status) in said {
            let entry = advisory.vulnerabilities.iter_mut().find(|entry| entry.id == *flaw);
            let statement = Statement { product: leaf.id.clone(), status: *status };
            entry.into_iter().for_each(|entry| entry.statements.push(statement.clone()));
        }
        Ok(())
    }
}
