//! Everything outbound: SMTP and the outbox folder.
