//! The use cases, each one function a caller can name, and the ports they need.
