//! Which device a published vulnerability touches, and why.
//!
//! Three questions, each with a file of its own: is this model the advisory's product ([`Resolver`]); does the
//! clause of that product cover this version (the `versions` room); and what do all leaves, statuses and
//! contradictions of the document together say ([`Matcher`]). The answer is a [`Judged`]: a verdict, the
//! sentences that led to it, and, when it is *unknown*, the fact that would settle it.
//!
//! Key decision: **not affected is the hard answer.** It needs a product that is the same beyond doubt, clauses
//! that all exclude the device, and facts fresh enough to rest on. A likeness of names, an old version, a
//! document at odds with itself each give *unknown*. Affected needs less: it may rest on an old version.
//!
//! Second decision: verdicts are worked out per distinct [`Configuration`], the facts a verdict depends on, and
//! a device's findings are a view of them ([`Fleet`]). A hundred thousand devices hold a few thousand
//! configurations.
//!
//! The price: *unknown* is frequent, on purpose, and has to be worked off ([`worklist`]). And a date of
//! manufacture, which splits configurations finely, is only kept apart for makers of whom some clause asks it.

mod budget;
mod codes;
mod conditions;
mod configuration;
mod fleet;
mod fold;
mod identifiers;
mod leaf;
mod matcher;
mod parts;
mod replay;
mod resolve;
mod target;
mod unmatched;
mod wildcard;
mod worklist;

pub use budget::{Effort, within_budget};
pub use conditions::may_be_settled;
pub use configuration::{Component, Configuration, VersionState, spoken_version};
pub use fleet::{Fleet, Group};
pub use fold::Judged;
pub use identifiers::{Ground, Identifier, spoken_identifiers};
pub use matcher::{Matcher, Resolved, clause_of};
pub use parts::{
    LookUp, PartVerdict, Standing, Stands, Word, judge_product, look_ups, packages_named, stands, stands_in,
    words,
};
pub use replay::{
    Expected, Made, Marks, Outcome, Replay, Touched, Truth, in_order_of_publication, made, next_sync,
};
pub use resolve::{Resolution, Resolver};
pub use target::product_name;
pub use unmatched::{Candidate, Unmatched, unmatched};
pub use worklist::{WorkItem, worklist};
