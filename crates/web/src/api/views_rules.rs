//! The properties of views of classification: rules, and why a device is held to be what it is.

use super::views::Property;

pub(super) const RULES: &[(&str, &str, &[Property])] = &[
    (
        "Step",
        "One step of the chain: a fact, the rule that read it (empty when a source states the value outright), and what follows.",
        &[
            ("value", "string"),
            ("score", "number?"),
            ("rule", "string"),
            ("rule_source", "string"),
            ("fact", "@Field"),
            ("said", "@Voice"),
            ("old", "boolean"),
        ],
    ),
    (
        "Answer",
        "What is known of one field and why; `value` is null when conclusions contradict each other or are too weak.",
        &[
            ("field", "@Field"),
            ("value", "string?"),
            ("stated", "boolean"),
            ("score", "number?"),
            ("why", "@Step[]"),
            ("against", "@Step[]"),
            ("hints", "@Step[]"),
        ],
    ),
    (
        "Explained",
        "Why a device is held to be what it is, under the tables named.",
        &[
            ("id", "handle"),
            ("name", "string"),
            ("answers", "@Answer[]"),
            ("contradictions", "string[]"),
            ("tables", "string"),
            ("as_of", "moment"),
        ],
    ),
    (
        "RuleTable",
        "A table of rules.",
        &[("name", "string"), ("version", "string"), ("source", "string"), ("rules", "integer")],
    ),
    (
        "OwnRules",
        "The house's own rules: file, text, who brought them and when (microseconds since 1970-01-01T00:00:00Z).",
        &[("name", "string"), ("text", "string"), ("by", "string"), ("at", "integer")],
    ),
    (
        "RecogFile",
        "A recog file in use, with the fingerprints left out by line.",
        &[
            ("name", "string"),
            ("fingerprints", "integer"),
            ("rules", "integer"),
            ("left_out", "(integer,string)[]"),
            ("unused", "string[]"),
        ],
    ),
    (
        "RulesPage",
        "Tables of classification in force, the house's own first.",
        &[
            ("tables", "@RuleTable[]"),
            ("own", "@OwnRules?"),
            ("refused", "(integer,string)[]"),
            ("recog", "@RecogFile[]"),
            ("registry", "string"),
        ],
    ),
];
