//! A whole hospital on demand, from a seed.
