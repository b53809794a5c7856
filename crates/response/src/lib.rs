//! Triage, clinical level, drafts and their lints, release, ladders, answers.
