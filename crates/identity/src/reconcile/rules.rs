//! The precedence table: whom to believe, field by field, and for how long.

use crate::classify::RuleTables;
use tallyward_core::{Field, SourceKind};

/// The table shipped with the program.
const BUILTIN: &str = include_str!("../../data/precedence.csv");

/// Every kind of source, in the order of [`SourceKind`].
const KINDS: [SourceKind; 5] = [
    SourceKind::Person,
    SourceKind::List,
    SourceKind::WireDevice,
    SourceKind::WireNetwork,
    SourceKind::Guess,
];

/// What the table says of one field and one kind of source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weight {
    /// 0 to 100; the higher is believed.
    pub rank: u8,
    /// Days after which a statement of this kind counts as old; `None` means never.
    pub max_age_days: Option<i64>,
}

/// The rules a reconciliation runs by: precedence by field and source kind, ages, and when a key counts as
/// shared. A pure value, so the same evidence can be run again under better rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    version: String,
    /// One line a field in the order of [`Field::ALL`], one cell a kind in the order of [`KINDS`].
    weights: Vec<[Weight; KINDS.len()]>,
    /// From this many keys that exclude each other on, a network key joins nothing.
    pub(super) shared_network: usize,
    /// From this many keys that exclude each other on, an identifying key joins nothing.
    pub(super) shared_identifying: usize,
    /// An identifying key tied to more network cards than this joins nothing (a default serial).
    pub(super) shared_cards: usize,
    /// What facts lead to.
    classification: RuleTables,
}

/// A precedence table that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("precedence table, line {line}: {found:?} where {expected} was expected")]
pub struct RulesError {
    /// Line of the file, counted from 1; 0 when the whole file is meant.
    pub line: usize,
    /// What stood there, at most 60 characters.
    pub found: String,
    /// What should have.
    pub expected: &'static str,
}

impl Rules {
    /// The rules shipped with the program.
    ///
    /// # Panics
    /// Never for a program that passed its tests: the table is part of it.
    #[must_use]
    pub fn builtin() -> Self {
        Self::from_csv(BUILTIN).expect("the shipped precedence table is read by a test")
    }

    /// Reads a table in the form of `data/precedence.csv`: `#` lines carry `version: …` and the limits
    /// `shared network`, `shared identifying` and `shared cards`; then the columns `field` (or `*` for all),
    /// `source_kind`, `rank` (0 to 100) and `max_age_days` (empty for never). A field's own line beats `*`.
    ///
    /// # Errors
    /// With the line, when a cell is not understood, a line stands twice, or the version is missing.
    pub fn from_csv(text: &str) -> Result<Self, RulesError> {
        let mut rules = Self {
            version: String::new(),
            weights: Vec::new(),
            shared_network: 2,
            shared_identifying: 3,
            shared_cards: 8,
            classification: RuleTables::builtin(),
        };
        let mut default = [None; KINDS.len()];
        let mut own = vec![[None; KINDS.len()]; Field::ALL.len()];
        let mut header = false;
        for (at, row) in text.lines().enumerate() {
            let line = at + 1;
            let row = row.trim();
            if let Some(note) = row.strip_prefix('#') {
                rules.read_note(note, line)?;
            } else if row.is_empty() {
            } else if !header {
                if row != "field,source_kind,rank,max_age_days" {
                    return Err(bad(line, row, "the header field,source_kind,rank,max_age_days"));
                }
                header = true;
            } else {
                let (field, kind, weight) = read_row(row, line)?;
                let cells = field.map_or(&mut default, |field| &mut own[place_of(field)]);
                if cells[kind].replace(weight).is_some() {
                    return Err(bad(line, row, "each field and source kind once"));
                }
            }
        }
        if rules.version.is_empty() {
            return Err(bad(0, "", "a line \"# version: …\""));
        }
        let fill = |cells: [Option<Weight>; KINDS.len()]| {
            std::array::from_fn(|kind| cells[kind].or(default[kind]).unwrap_or_default())
        };
        rules.weights = own.into_iter().map(fill).collect();
        Ok(rules)
    }

    /// These rules with other tables of classification.
    #[must_use]
    pub fn with_classification(mut self, tables: RuleTables) -> Self {
        self.classification = tables;
        self
    }

    /// The tables of classification.
    #[must_use]
    pub fn classification(&self) -> &RuleTables {
        &self.classification
    }

    /// The version line of the table.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What the table says of `field` when a source of `kind` speaks.
    #[must_use]
    pub fn weight(&self, field: Field, kind: SourceKind) -> Weight {
        let kind = KINDS.iter().position(|known| *known == kind);
        kind.and_then(|kind| self.weights.get(place_of(field))?.get(kind).copied()).unwrap_or_default()
    }

    fn read_note(&mut self, note: &str, line: usize) -> Result<(), RulesError> {
        let Some((name, value)) = note.split_once(':') else { return Ok(()) };
        let value = value.trim();
        let limit = match name.trim() {
            "version" => {
                value.clone_into(&mut self.version);
                return Ok(());
            }
            "shared network" => &mut self.shared_network,
            "shared identifying" => &mut self.shared_identifying,
            "shared cards" => &mut self.shared_cards,
            _ => return Ok(()),
        };
        // One key is never shared; a limit of 0 or 1 would keep every key from joining anything.
        *limit = value
            .parse()
            .ok()
            .filter(|limit| *limit >= 2)
            .ok_or_else(|| bad(line, value, "a number of keys, at least 2"))?;
        Ok(())
    }
}

/// A table is data, so its lines are numbered by [`Field::ALL`] and not by the compiler's numbering.
fn place_of(field: Field) -> usize {
    // The declaration order is the order of `ALL`, which a test holds.
    field as usize
}

fn read_row(row: &str, line: usize) -> Result<(Option<Field>, usize, Weight), RulesError> {
    let cells: Vec<&str> = row.split(',').map(str::trim).collect();
    let [field, kind, rank, age] = cells.as_slice() else {
        return Err(bad(line, row, "four cells"));
    };
    let field = match *field {
        "*" => None,
        name => Some(name.parse::<Field>().map_err(|_| bad(line, name, "a field or *"))?),
    };
    let kind = KINDS
        .iter()
        .position(|known| known.code() == *kind)
        .ok_or_else(|| bad(line, kind, "person, list, wire_device, wire_network or guess"))?;
    let rank = rank
        .parse()
        .ok()
        .filter(|rank| *rank <= 100u8)
        .ok_or_else(|| bad(line, rank, "a rank from 0 to 100"))?;
    let max_age_days = if age.is_empty() {
        None
    } else {
        let days = age.parse::<i64>().ok().filter(|days| (1..=36_500).contains(days));
        Some(days.ok_or_else(|| bad(line, age, "an age in days from 1 to 36500, or nothing"))?)
    };
    Ok((field, kind, Weight { rank, max_age_days }))
}

fn bad(line: usize, found: &str, expected: &'static str) -> RulesError {
    RulesError { line, found: found.chars().take(60).collect(), expected }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fields_are_numbered_as_listed() {
        for (at, field) in Field::ALL.iter().enumerate() {
            assert_eq!(place_of(*field), at);
        }
    }

    #[test]
    fn the_shipped_table_says_what_the_design_says() {
        let rules = Rules::builtin();
        assert_eq!(rules.version(), "1");
        let rank = |field, kind| rules.weight(field, kind).rank;
        use SourceKind::{Guess, List, Person, WireDevice, WireNetwork};
        for &field in Field::ALL {
            for kind in [Person, List, WireDevice, WireNetwork] {
                let listed = field == Field::Listed && kind != List && kind != Person;
                assert!(listed || rank(field, kind) > rank(field, Guess), "{field} {kind:?}");
            }
        }
        assert_eq!(
            rank(Field::SoftwareVersion, Person),
            rank(Field::SoftwareVersion, WireDevice),
            "the newer wins"
        );
        assert!(rank(Field::SoftwareVersion, WireDevice) > rank(Field::SoftwareVersion, List));
        assert!(rank(Field::Serial, Person) > rank(Field::Serial, WireDevice));
        for field in [Field::Site, Field::Room, Field::OperatingUnit, Field::AccountableOwner] {
            assert!(
                rank(field, List) > rank(field, WireDevice) && rank(field, Person) > rank(field, WireDevice)
            );
        }
    }

    #[test]
    fn a_bad_table_is_refused_with_its_line() {
        let head = "# version: 9\nfield,source_kind,rank,max_age_days\n";
        for (row, expected) in [
            ("serial,person,101,", "a rank from 0 to 100"),
            ("serial,person,1,0", "an age in days from 1 to 36500, or nothing"),
            ("serial,oracle,1,", "person, list, wire_device, wire_network or guess"),
            ("cereal,person,1,", "a field or *"),
            ("serial,person", "four cells"),
            ("*,person,1,\n*,person,2,", "each field and source kind once"),
        ] {
            let error = Rules::from_csv(&format!("{head}{row}")).unwrap_err();
            assert_eq!(error.expected, expected);
            assert!(error.line >= 3);
        }
        assert!(Rules::from_csv("field,source_kind,rank,max_age_days\n").is_err());
        assert!(Rules::from_csv("# version: 1\n# shared network: 1\n").is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,200}") {
            let _ = Rules::from_csv(&text);
        }
    }
}
