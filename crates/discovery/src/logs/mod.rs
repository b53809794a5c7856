//! Logs and tables that others already write: evidence without a mirror port.
//!
//! A log goes in, whole or in pieces of any size ([`LogSet`], [`read_log`]); out comes the same [`Learned`] as of a capture. Which format it
//! is, its first lines tell ([`recognise`]). One file a format; a new one is one file and one line in `FORMATS`.
//!
//! Two decisions carry it. First, each format names the columns it copies in one list beside its reader, and nothing else of a line
//! ever leaves it: no user, no path, no URL, no question a person asked the DNS. Second, most logs name addresses and few name cards, so files that
//! belong together are read as one *set*: the leases, neighbour tables and link-layer columns of any of them say whose an address was at the time of
//! a line in any other. Who it was is settled when all are read, so their order does not matter. The price: a log read without the one that
//! names its cards speaks of "somebody at this address".

mod client_list;
mod dnsmasq;
mod eve;
mod facts;
mod flows;
mod head;
mod holders;
mod isc;
mod kea;
mod moment;
mod pen;
mod row;
mod set;
mod split;
mod switch;
mod syslog;
mod windows;
mod zeek;
mod zeek_tables;

pub use set::{LogPiece, LogSet};

use crate::options::{Learned, Options};
use head::Head;
use jiff::tz::TimeZone;
use pen::Pen;

/// How much of a file is looked at to tell what it is.
pub const HEAD: usize = 64 * 1024;

/// A reader of the lines of one file.
trait Log: std::fmt::Debug + Send {
    /// Reads a line, without its end. An error says what is wrong with it.
    fn line(&mut self, line: &str, pen: &mut Pen<'_>) -> Result<(), String>;

    /// The last line was read.
    fn end(&mut self, _pen: &mut Pen<'_>) -> Result<(), String> {
        Ok(())
    }
}

/// One format.
struct Format {
    /// What it is called, in words.
    name: &'static str,
    /// Whether it tells who was heard on a wire, so that silence in it means something.
    listens: bool,
    /// Whether the first lines are of this format.
    told: fn(&Head<'_>) -> bool,
    /// Begins to read a file.
    begin: fn(&Head<'_>) -> Box<dyn Log>,
}

/// Formats, the surest sign first.
static FORMATS: &[Format] = &[
    zeek::TABLES,
    zeek::JSON,
    eve::EVE,
    kea::V4,
    kea::V6,
    windows::AUDIT,
    isc::LEASES,
    dnsmasq::LEASES,
    client_list::COLUMNS,
    switch::TABLES,
    client_list::CSV,
    syslog::DHCP,
];

/// What log a file is, by its first [`HEAD`] bytes (all of them, if there are fewer); `None` when it is none that is read here.
#[must_use]
pub fn recognise(head: &[u8]) -> Option<&'static str> {
    format_of(&Head::of(head)).map(|format| format.name)
}

fn format_of(head: &Head<'_>) -> Option<&'static Format> {
    if head.is_binary() {
        return None;
    }
    FORMATS.iter().find(|format| (format.told)(head))
}

/// Reads a whole log that lies in memory, as a set of one. Times without a zone are of `zone`.
#[must_use]
pub fn read_log(bytes: &[u8], options: Options, zone: TimeZone) -> Learned {
    let ingest = options.ingest;
    let mut set = LogSet::new(options, zone);
    set.begin("");
    set.feed(bytes);
    set.end(ingest);
    set.finish().pop().map(|piece| piece.learned).unwrap_or_default()
}
