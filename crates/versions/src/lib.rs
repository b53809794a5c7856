//! The language of version clauses: the text of an advisory that says which versions of a product it means.
//!
//! Advisories for medical devices write these clauses by hand: `<= 4.1`, `Rev B-M`, `2.3.6 and below`, a date, a
//! model number, a condition in brackets. No published scheme decides them, and a wrong "not affected" leaves a
//! device unpatched at a bedside. So a [`Clause`] is a tree with typed leaves (a version is never held against a
//! model, a date never against a string), it keeps its text verbatim, says how well it was read, and answers in
//! three values.
//!
//! The key decision: **a machine may say "not affected" only when it understood every word.** The parser knows the
//! words of `data/words.csv` and nothing else; one word more and the whole clause goes to a person. The verdict is
//! three-valued logic over the tree in which a missing fact is unknown, so learning a fact may settle a verdict and
//! never turns it round. Versions are ordered inside one comparable series only ([`compare`]); where leading zeros,
//! depth, series or wording allow two readings that disagree, the answer is unknown with the reason.
//!
//! Its price: more unknowns than a scheme that always orders (`U61` against `L75`, `1.52.01` against `<= 1.52`,
//! `4,1`), and a table of words that has to grow by hand when makers find new ones.
//!
//! ```
//! use tallyward_versions::{Clause, ClauseVerdict, Facts};
//!
//! let clause = Clause::parse("<=2.6.2");
//! let device = Facts { version: Some("2.6.10"), ..Facts::default() };
//! assert_eq!(clause.decide(&device).verdict, ClauseVerdict::NotAffected);
//! ```

mod aside;
mod canonical;
mod cell;
mod date;
mod decide;
mod facts;
mod item;
mod judge;
mod lex;
mod list;
mod model;
mod named;
mod node;
mod order;
mod ordered;
mod parse;
mod prose;
mod scheme;
mod segment;
mod serial;
mod serial_list;
mod value;
mod vers;
mod words;

pub use date::{Date, DateKind};
pub use facts::{ClauseVerdict, Decision, Facts, Missing, Quality, Question, Settled};
pub use node::{Node, Op};
pub use order::compare;
pub use scheme::{Ecosystem, Scheme};
pub use segment::{Part, Tag, Version};
pub use serial::Serials;

use std::fmt;

/// One version clause: the text verbatim, the tree read from it, and how well it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    text: String,
    tree: Node,
    quality: Quality,
    notes: Vec<String>,
}

impl Clause {
    /// Reads a clause. Total and linear: what is not understood, or longer than 4 KiB, becomes
    /// [`Quality::NeedsPerson`] with the text kept.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let parsed = parse::parse(text);
        let quality = match (&parsed.node, parsed.exact) {
            (Node::Person(_), _) => Quality::NeedsPerson,
            (_, true) => Quality::Exact,
            (_, false) => Quality::Tolerant,
        };
        Self { text: text.to_owned(), tree: parsed.node, quality, notes: parsed.notes }
    }

    /// The text as the advisory has it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How well it was read.
    #[must_use]
    pub fn quality(&self) -> Quality {
        self.quality
    }

    /// What a reader should know about the reading, in plain words.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// What was read.
    #[must_use]
    pub fn tree(&self) -> &Node {
        &self.tree
    }

    /// What the clause says of a device, with the reason and, when unknown, the missing fact. The product is taken
    /// as matched; nothing but the clause and the facts is looked at.
    #[must_use]
    pub fn decide(&self, facts: &Facts<'_>) -> Decision {
        let decision = decide::decide(&self.tree, facts);
        match (&self.tree, self.notes.first()) {
            (Node::Person(_), Some(why)) if decision.verdict == ClauseVerdict::Unknown => {
                Decision { reason: why.clone(), ..decision }
            }
            _ => decision,
        }
    }

    /// Whether it covers every version, so that no fact about the device is needed.
    #[must_use]
    pub fn covers_everything(&self) -> bool {
        *self.tree.bare() == Node::Everything
    }

    /// The versions it names, as single versions or as bounds, in order of appearance; for finding a version that
    /// the document elsewhere calls fixed. Versions of components and hardware are left out.
    #[must_use]
    pub fn named_versions(&self) -> Vec<&str> {
        let mut named = Vec::new();
        self.tree.each_version(&mut |version| named.push(version));
        named
    }
}

/// The canonical print. Parsing it gives the same tree.
impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(natural) = canonical::natural(&self.tree)
            && parse::parse(&natural).node == self.tree
        {
            return f.write_str(&natural);
        }
        let mut out = String::new();
        canonical::write(&self.tree, &mut out);
        f.write_str(&out)
    }
}
