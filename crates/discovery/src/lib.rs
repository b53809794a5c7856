//! Bytes to evidence and flows.
