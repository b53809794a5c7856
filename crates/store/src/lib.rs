//! The ports on SQLite.
