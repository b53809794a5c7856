//! Product resolution, finding verdict with reasons, missing facts, the fleet index.
