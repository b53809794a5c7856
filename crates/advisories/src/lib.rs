//! Documents to advisories.
