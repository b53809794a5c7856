//! Everything outbound: mail by SMTP, or into a folder when no server is set; documents fetched over HTTPS;
//! batches of a sensor to its server.
//!
//! A mailer tries once and says honestly how that ended: taken, refused for good, certainly not sent, or unknown.
//! Whether and when to try again is decided by the use case that owns the queue. The price of speaking SMTP step
//! by step instead of through a pooled transport is a new connection for each message; a house sends few.

mod address;
mod folder;
mod https;
mod message;
mod sign_in;
mod smtp;
mod spool;
mod uplink;

pub use folder::Folder;
pub use https::Https;
pub use sign_in::SignIn;
pub use smtp::{Security, Smtp, SmtpSettings};
pub use spool::{Spool, write_whole};
pub use uplink::{Undelivered, Uplink};
