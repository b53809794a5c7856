//! The whole of it, from outside: the real program on real files, and the use cases on the real store.
//!
//! One file is one subject. They are one test program, so that it is linked once.

#![expect(clippy::unwrap_used, reason = "this is a test program; its helpers fail as its tests do")]

#[path = "../../../connect/tests/provider/mod.rs"]
mod provider;
mod support;

mod assess;
mod backtest;
mod browser;
mod bundle;
mod captures;
mod changes;
mod conditions;
mod corrections;
mod crash;
mod demo;
mod identifiers;
mod judging;
mod labels;
mod laws;
mod letters;
mod live;
mod model_book;
mod pages;
mod pdf;
mod ports;
mod privacy;
mod readers;
mod release;
mod review;
mod sboms;
mod serials;
mod shelf;
mod small_tools;
mod smtp;
mod sources;
mod taxii;
mod threats;
mod triage;
mod untold;
mod worklist;
mod written;
