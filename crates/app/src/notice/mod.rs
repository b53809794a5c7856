//! Drafts, notices and answers: from findings to people and back.

pub(crate) mod answers;
pub(crate) mod drafting;
pub(crate) mod drafts;
pub(crate) mod follow;
pub(crate) mod huddle;
pub(crate) mod links;
pub(crate) mod notices;
pub(crate) mod paths;
pub(crate) mod sending;
pub(crate) mod shelf;
pub(crate) mod stored;
pub(crate) mod times;
