//! One name for a maker and one for a model, out of the many spellings in use.
//!
//! From reviewed tables only (`data/maker_aliases.csv`, `data/model_aliases.csv`, and what the house adds), never by
//! likeness: two firms with similar names must not become one. Firms that were bought stay makers of their own,
//! since labels and advisories keep the old name; the relation is recorded, so that a match across it can be
//! called possible.

use crate::text::{fold, repair, squash};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::LazyLock;

/// The most makers read out of one string; longer lists are taken as one unknown name.
const MOST_PIECES: usize = 16;

static BUILTIN: LazyLock<Aliases> = LazyLock::new(|| {
    let mut aliases = Aliases::default();
    let shipped = aliases
        .extend_from_csv(include_str!("../data/maker_aliases.csv"))
        .and_then(|_| aliases.extend_models_from_csv(include_str!("../data/model_aliases.csv")));
    shipped.expect("the shipped alias tables are read by the tests");
    aliases
});

/// Folded words that end a firm's name without telling it apart (`data/legal_forms.csv`).
static LEGAL_FORMS: LazyLock<FxHashSet<String>> = LazyLock::new(|| {
    crate::table::rows(include_str!("../data/legal_forms.csv"), "legal_forms.csv")
        .into_iter()
        .flatten()
        .collect()
});

/// How a canonical name was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// The text is the canonical name, apart from case, blanks and punctuation.
    Exact,
    /// A table says that the text means this name, or only a legal form (Inc, GmbH) was added.
    Alias,
    /// No table knows it; `name` is the text itself, tidied. Compare such names by [`fold`].
    Unknown,
}

/// A name to compare and show, and how far it can be relied on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Canonical {
    /// The canonical name, or the tidied text when unknown.
    pub name: String,
    /// How it was found.
    pub how: How,
}

/// How one maker stands to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// It belongs to the other and keeps its name on labels.
    OwnedBy,
    /// Its business went on under the other's name.
    Became,
}

/// Why a table of aliases was refused. Nothing of a refused table is used.
#[derive(Debug, thiserror::Error)]
pub enum BadAliases {
    /// Not readable as CSV at all.
    #[error("the alias table is not CSV: {0}")]
    Csv(#[from] csv::Error),
    /// A row with a missing cell or an unknown relation. Rows count from 1 after the header.
    #[error("alias table, row {row}: {what}")]
    Row {
        /// Which row, the first after the header being 1; comment lines do not count.
        row: usize,
        /// What was wrong and what was expected.
        what: String,
    },
}

/// The tables in force: those that ship, with the house's own laid over them.
#[derive(Debug, Clone, Default)]
pub struct Aliases {
    makers: FxHashMap<String, String>,
    related: FxHashMap<String, (Relation, String)>,
    models: FxHashMap<(String, String), String>,
}

impl Aliases {
    /// The tables that ship with the program.
    #[must_use]
    pub fn builtin() -> Self {
        BUILTIN.clone()
    }

    /// Adds maker aliases: a header line, then `alias,maker[,relation[,related]]` with relation `canonical`,
    /// `spelling` (the default), `owned_by` or `became`. Later rows win over earlier ones. Gives the number of rows.
    ///
    /// # Errors
    /// The first row that cannot be used; then nothing is added.
    pub fn extend_from_csv(&mut self, text: &str) -> Result<usize, BadAliases> {
        let rows = crate::table::read(text)?;
        let mut next = self.clone();
        for (index, row) in rows.iter().enumerate() {
            let bad = |what: &str| BadAliases::Row { row: index + 1, what: what.to_owned() };
            let cell = |column: usize| row.get(column).map(String::as_str).filter(|cell| !cell.is_empty());
            let alias = cell(0).ok_or_else(|| bad("the first cell (alias) is empty"))?;
            let maker = cell(1).ok_or_else(|| bad("the second cell (maker) is empty"))?;
            let relation = match cell(2) {
                None | Some("canonical" | "spelling") => None,
                Some("owned_by") => Some(Relation::OwnedBy),
                Some("became") => Some(Relation::Became),
                Some(_) => return Err(bad("relation must be canonical, spelling, owned_by or became")),
            };
            next.makers.insert(squash(alias), maker.to_owned());
            next.makers.entry(squash(maker)).or_insert_with(|| maker.to_owned());
            if let Some(relation) = relation {
                let related = cell(3).ok_or_else(|| bad("the fourth cell (related maker) is empty"))?;
                next.related.insert(maker.to_owned(), (relation, related.to_owned()));
            }
        }
        *self = next;
        Ok(rows.len())
    }

    /// Adds model aliases: a header line, then `maker,alias,model`. Later rows win. Gives the number of rows.
    ///
    /// # Errors
    /// The first row that cannot be used; then nothing is added.
    pub fn extend_models_from_csv(&mut self, text: &str) -> Result<usize, BadAliases> {
        let rows = crate::table::read(text)?;
        let mut added = Vec::with_capacity(rows.len());
        for (index, row) in rows.iter().enumerate() {
            match row.as_slice() {
                [maker, alias, model, ..] if !maker.is_empty() && !alias.is_empty() && !model.is_empty() => {
                    added.push(((squash(&self.canonical_maker(maker).name), squash(alias)), model.clone()));
                }
                _ => {
                    let what = "expected three filled cells: maker, alias, model".to_owned();
                    return Err(BadAliases::Row { row: index + 1, what });
                }
            }
        }
        self.models.extend(added);
        Ok(rows.len())
    }

    /// The canonical name of a maker. Legal forms at the end (Inc, GmbH, Co., Ltd.) are ignored when the full text
    /// is in no table.
    #[must_use]
    pub fn canonical_maker(&self, text: &str) -> Canonical {
        self.known_maker(text).unwrap_or_else(|| Canonical { name: tidy(text), how: How::Unknown })
    }

    fn known_maker(&self, text: &str) -> Option<Canonical> {
        let full = squash(text);
        let name = match self.makers.get(&full) {
            Some(name) => name,
            None => self.makers.get(&without_legal_forms(text))?,
        };
        let how = if squash(name) == full { How::Exact } else { How::Alias };
        Some(Canonical { name: name.clone(), how })
    }

    /// All makers named in one string, such as `Silex Technology and GE Healthcare`. The string is cut at commas,
    /// semicolons, slashes, ampersands and "and" only when that yields a known maker; else it is one name. A firm whose own
    /// name holds such a sign is found whole.
    #[must_use]
    pub fn makers_in(&self, text: &str) -> Vec<Canonical> {
        let whole = self.canonical_maker(text);
        let pieces = pieces(text);
        if whole.how != How::Unknown || pieces.len() < 2 || pieces.len() > MOST_PIECES {
            return vec![whole];
        }
        let mut found = Vec::new();
        let mut any_known = false;
        let mut first = 0;
        while first < pieces.len() {
            let start = pieces[first].0;
            let run = (first + 1..=pieces.len())
                .rev()
                .find_map(|end| Some((end, self.known_maker(&text[start..pieces[end - 1].1])?)));
            let piece = &text[start..pieces[first].1];
            match run {
                Some((end, known)) => {
                    any_known = true;
                    found.push(known);
                    first = end;
                }
                None => {
                    if !without_legal_forms(piece).is_empty() {
                        found.push(Canonical { name: tidy(piece), how: How::Unknown });
                    }
                    first += 1;
                }
            }
        }
        if any_known { found } else { vec![whole] }
    }

    /// Every spelling of a maker in the tables, squashed, with the canonical name.
    pub fn maker_spellings(&self) -> impl Iterator<Item = (&str, &str)> {
        self.makers.iter().map(|(spelling, maker)| (spelling.as_str(), maker.as_str()))
    }

    /// Every spelling of a model in the tables: squashed maker, squashed spelling, canonical model.
    pub fn model_spellings(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.models
            .iter()
            .map(|((maker, spelling), model)| (maker.as_str(), spelling.as_str(), model.as_str()))
    }

    /// The maker it belongs to or became, if the tables say so.
    #[must_use]
    pub fn related(&self, canonical_maker: &str) -> Option<(Relation, &str)> {
        self.related.get(canonical_maker).map(|(relation, other)| (*relation, other.as_str()))
    }

    /// Whether two canonical makers are the same or one stands above the other by ownership or succession. Then a product
    /// of one *may* be a product of the other; it is no proof.
    #[must_use]
    pub fn same_group(&self, one: &str, other: &str) -> bool {
        self.upward(one).any(|maker| maker == other) || self.upward(other).any(|maker| maker == one)
    }

    fn upward<'a>(&'a self, maker: &'a str) -> impl Iterator<Item = &'a str> {
        // A table that a user brings may hold a circle.
        std::iter::successors(Some(maker), |maker| self.related(maker).map(|(_, above)| above)).take(8)
    }

    /// The canonical name of a model of a maker. The maker's name in front of it is dropped.
    #[must_use]
    pub fn canonical_model(&self, maker: &str, model: &str) -> Canonical {
        let canonical = self.canonical_maker(maker).name;
        let tidied = tidy(model);
        let bare = without_maker(&tidied, &[&canonical, maker]);
        let key = squash(&canonical);
        for candidate in [tidied.as_str(), bare] {
            let squashed = squash(candidate);
            if let Some(name) = self.models.get(&(key.clone(), squashed.clone())) {
                let how = if squash(name) == squashed { How::Exact } else { How::Alias };
                return Canonical { name: name.clone(), how };
            }
        }
        Canonical { name: bare.to_owned(), how: How::Unknown }
    }
}

/// White space made single, damage of decoding repaired; nothing else.
fn tidy(text: &str) -> String {
    repair(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The squashed name with the legal forms at its end taken off; empty when nothing else is there.
fn without_legal_forms(text: &str) -> String {
    let folded = fold(text);
    let mut words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
    loop {
        let cut = (1..=3.min(words.len()))
            .rev()
            .find(|&count| LEGAL_FORMS.contains(&words[words.len() - count..].join(" ")));
        match cut {
            Some(count) => words.truncate(words.len() - count),
            None => return words.concat(),
        }
    }
}

/// A tidied model without a maker's name in front; the whole when nothing would be left.
fn without_maker<'a>(model: &'a str, makers: &[&str]) -> &'a str {
    for maker in makers.iter().map(|maker| squash(maker)).filter(|maker| !maker.is_empty()) {
        for (index, _) in model.match_indices(' ').take(6) {
            let rest = model[index..].trim_start_matches([' ', '-', ',', ':', '/']);
            if squash(&model[..index]) == maker && !squash(rest).is_empty() {
                return rest;
            }
        }
    }
    model
}

/// The stretches of a text between separators, as byte ranges without surrounding blanks; empty ones left out.
fn pieces(text: &str) -> Vec<(usize, usize)> {
    let mut pieces = Vec::new();
    let mut close = |start: usize, end: usize| {
        let piece = &text[start..end];
        let trimmed = piece.trim();
        if !trimmed.is_empty() {
            let start = start + (piece.len() - piece.trim_start().len());
            pieces.push((start, start + trimmed.len()));
        }
    };
    let mut start = 0;
    for (index, character) in text.char_indices() {
        let width = match character {
            _ if index < start => 0,
            ',' | ';' | '/' | '&' | '+' => 1,
            ' ' if text.get(index..index + 5).is_some_and(|word| word.eq_ignore_ascii_case(" and ")) => 5,
            _ => 0,
        };
        if width > 0 {
            close(start, index);
            start = index + width;
        }
    }
    close(start, text.len());
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spellings_lead_to_one_maker() {
        let aliases = Aliases::builtin();
        for (text, name, how) in [
            ("Phillips", "Philips", How::Alias),
            ("GE Healthcare", "GE HealthCare", How::Exact),
            ("General Electric", "GE HealthCare", How::Alias),
            ("Becton, Dickinson and Company (BD)", "BD", How::Alias),
            ("CareFusion", "BD", How::Alias),
            ("B.Braun Melsungen AG", "B. Braun", How::Alias),
            ("Draeger Medical Systems, Inc.", "Dräger", How::Alias),
            ("DRÄGER", "Dräger", How::Exact),
            ("Hamilton Medical AG", "Hamilton Medical", How::Alias),
            ("Innokas YhtymÃ¤ Oy", "Innokas Yhtymä", How::Alias),
            ("Medtronic ", "Medtronic", How::Exact),
            ("Hill-Rom Services, Inc.", "Hillrom", How::Alias),
            ("Acme  Pumps Inc.", "Acme Pumps Inc.", How::Unknown),
            ("Inc.", "Inc.", How::Unknown),
            ("", "", How::Unknown),
        ] {
            let found = aliases.canonical_maker(text);
            assert_eq!((found.name.as_str(), found.how), (name, how), "{text:?}");
        }
    }

    #[test]
    fn firms_that_were_bought_stay_apart_but_related() {
        let aliases = Aliases::builtin();
        assert_eq!(aliases.canonical_maker("Welch Allyn, Inc.").name, "Welch Allyn");
        assert_eq!(aliases.related("Welch Allyn"), Some((Relation::OwnedBy, "Hillrom")));
        assert!(aliases.same_group("Welch Allyn", "Baxter"));
        assert!(aliases.same_group("ICU Medical", "Smiths Medical"));
        assert!(!aliases.same_group("Hospira", "Smiths Medical"));
        assert!(!aliases.same_group("Fresenius Kabi", "Fresenius Medical Care"));
    }

    #[test]
    fn several_makers_in_one_string() {
        let aliases = Aliases::builtin();
        let names =
            |text: &str| aliases.makers_in(text).into_iter().map(|maker| maker.name).collect::<Vec<_>>();
        assert_eq!(names("Silex Technology and GE Healthcare"), ["Silex Technology", "GE HealthCare"]);
        assert_eq!(
            names("ENEA, Green Hills Software, ITRON, IP Infusion, and Wind River"),
            ["ENEA", "Green Hills Software", "ITRON", "IP Infusion", "Wind River"]
        );
        assert_eq!(names("Becton, Dickinson and Company (BD)"), ["BD"]);
        assert_eq!(names("SOOIL Developments Co, Ltd."), ["SOOIL Developments"]);
        assert_eq!(names("Philips, Acme Pumps, Inc."), ["Philips", "Acme Pumps"]);
        assert_eq!(names("Smith & Nephew"), ["Smith & Nephew"]);
    }

    #[test]
    fn every_vendor_of_the_real_advisories_is_known() {
        let Some(path) = tallyward_core::testkit::shared("icsma_leaf_expressions.jsonl") else { return };
        let aliases = Aliases::builtin();
        for line in std::fs::read_to_string(path).unwrap().lines() {
            let leaf: serde_json::Value = serde_json::from_str(line).unwrap();
            for maker in aliases.makers_in(leaf["vendor"].as_str().unwrap()) {
                assert_ne!(maker.how, How::Unknown, "{line}");
            }
        }
    }

    #[test]
    fn models() {
        let aliases = Aliases::builtin();
        let model = |maker: &str, model: &str| {
            let found = aliases.canonical_model(maker, model);
            (found.name, found.how)
        };
        assert_eq!(model("Phillips", "MX-800"), ("IntelliVue MX800".into(), How::Alias));
        assert_eq!(model("Philips", "Philips Intellivue MX800"), ("IntelliVue MX800".into(), How::Exact));
        assert_eq!(model("CareFusion", "8015"), ("Alaris PCU 8015".into(), How::Alias));
        assert_eq!(model("Becton Dickinson", "BD Alaris 8015"), ("Alaris PCU 8015".into(), How::Alias));
        assert_eq!(model("Acme", "Acme  Pump 3"), ("Pump 3".into(), How::Unknown));
        assert_eq!(model("Acme", "Acme"), ("Acme".into(), How::Unknown));
    }

    #[test]
    fn every_model_row_names_a_canonical_maker_and_leads_to_a_fixed_point() {
        let aliases = Aliases::builtin();
        for row in crate::table::rows(include_str!("../data/model_aliases.csv"), "model_aliases.csv") {
            assert_eq!(aliases.canonical_maker(&row[0]).how, How::Exact, "{row:?}");
            assert_eq!(aliases.canonical_model(&row[0], &row[1]).name, row[2], "{row:?}");
            assert_eq!(aliases.canonical_model(&row[0], &row[2]).name, row[2], "{row:?}");
        }
        for (alias, maker) in &aliases.makers {
            let again = aliases.canonical_maker(maker);
            assert_eq!((&again.name, again.how), (maker, How::Exact), "{alias}");
        }
    }

    #[test]
    fn the_house_adds_its_own() {
        let mut aliases = Aliases::builtin();
        assert_eq!(
            aliases.extend_from_csv("alias,maker\nHausmarke,Acme\nPhilips Haus,Philips\n").unwrap(),
            2
        );
        assert_eq!(aliases.canonical_maker("hausmarke").name, "Acme");
        assert_eq!(aliases.canonical_maker("ACME").how, How::Exact);
        let error = aliases.extend_from_csv("alias,maker,relation\nA,B,\nC,,\n").unwrap_err();
        assert_eq!(error.to_string(), "alias table, row 2: the second cell (maker) is empty");
        assert_eq!(aliases.canonical_maker("A").how, How::Unknown);
        assert!(aliases.extend_from_csv("alias,maker,relation,related\nA,B,sibling,C\n").is_err());
        aliases.extend_from_csv("alias,maker,relation,related\nX,X,owned_by,Y\nY,Y,owned_by,X\n").unwrap();
        assert!(aliases.same_group("X", "Y"));
        assert!(aliases.extend_models_from_csv("maker,alias,model\nAcme,P3,Pump 3\n").is_ok());
        assert_eq!(aliases.canonical_model("hausmarke", "p-3").name, "Pump 3");
    }

    proptest! {
        #[test]
        fn any_text_gets_an_answer_and_known_names_are_fixed_points(text in "\\PC{0,40}", glue in "(, | and |/|&|)", known in "(Philips|BD|Baxter|Dräger)") {
            let aliases = &*BUILTIN;
            for maker in aliases.makers_in(&format!("{text}{glue}{known}")) {
                let again = aliases.canonical_maker(&maker.name);
                prop_assert!(maker.how == How::Unknown || (again.name == maker.name && again.how == How::Exact));
            }
            let _ = aliases.canonical_model(known.as_str(), &text);
        }

        #[test]
        fn any_table_is_read_or_refused(text in any::<String>()) {
            let _ = Aliases::default().extend_from_csv(&text);
            let _ = Aliases::default().extend_models_from_csv(&text);
        }
    }
}
