//! What a CSAF 2.0 document consists of (clauses 3.1 and 3.2), as a table.

use super::format;
use super::shape::Shape;

const ANY: usize = usize::MAX;
static TEXT: Shape = Shape::Text;
static URI: Shape = Shape::Form(format::is_uri, "a web address (URI)");
static MOMENT: Shape = Shape::Form(format::is_moment, "a moment such as 2026-11-23T08:30:00Z");
static LANGUAGE: Shape = Shape::Form(format::is_language, "a language tag such as en or de-CH");
static VERSION: Shape = Shape::Form(format::is_version, "a version such as 3 or 1.2.0");
static TEXTS: Shape = Shape::List { of: &TEXT, least: 1, once: false };
static TEXTS_ONCE: Shape = Shape::List { of: &TEXT, least: 1, once: true };
static URIS: Shape = Shape::List { of: &URI, least: 1, once: false };
static SCORE: Shape = Shape::Score;

macro_rules! object {
    ($($name:literal $needed:literal $shape:expr),* $(,)?) => {
        Shape::Object { members: &[$(($name, $needed, $shape)),*], least: 0, most: ANY }
    };
    (least $least:literal; $($name:literal $needed:literal $shape:expr),* $(,)?) => {
        Shape::Object { members: &[$(($name, $needed, $shape)),*], least: $least, most: ANY }
    };
}

macro_rules! list_of {
    (once $shape:expr) => {
        Shape::List { of: $shape, least: 1, once: true }
    };
    ($shape:expr) => {
        Shape::List { of: $shape, least: 1, once: false }
    };
}

pub(super) static DOCUMENT: Shape = object! {
    "document" true &HEADER,
    "product_tree" false &TREE,
    "vulnerabilities" false &list_of!(&VULNERABILITY),
};

static HEADER: Shape = object! {
    "acknowledgments" false &ACKNOWLEDGMENTS,
    "aggregate_severity" false &object! { "namespace" false &URI, "text" true &TEXT },
    "category" true &Shape::Form(format::is_category, "a category without blanks or signs at its ends"),
    "csaf_version" true &Shape::OneOf(&["2.0"]),
    "distribution" false &object! { least 1;
        "text" false &TEXT,
        "tlp" false &object! {
            "label" true &Shape::OneOf(&["AMBER", "GREEN", "RED", "WHITE"]),
            "url" false &URI,
        },
    },
    "lang" false &LANGUAGE,
    "notes" false &NOTES,
    "publisher" true &object! {
        "category" true
            &Shape::OneOf(&["coordinator", "discoverer", "other", "translator", "user", "vendor"]),
        "contact_details" false &TEXT,
        "issuing_authority" false &TEXT,
        "name" true &TEXT,
        "namespace" true &URI,
    },
    "references" false &REFERENCES,
    "source_lang" false &LANGUAGE,
    "title" true &TEXT,
    "tracking" true &TRACKING,
};

static TRACKING: Shape = object! {
    "aliases" false &TEXTS_ONCE,
    "current_release_date" true &MOMENT,
    "generator" false &object! {
        "date" false &MOMENT,
        "engine" true &object! { "name" true &TEXT, "version" false &TEXT },
    },
    "id" true &Shape::Form(format::is_id, "an id without blanks at its ends"),
    "initial_release_date" true &MOMENT,
    "revision_history" true &list_of!(&object! {
        "date" true &MOMENT,
        "legacy_version" false &TEXT,
        "number" true &VERSION,
        "summary" true &TEXT,
    }),
    "status" true &Shape::OneOf(&["draft", "final", "interim"]),
    "version" true &VERSION,
};

static ACKNOWLEDGMENTS: Shape = list_of!(&object! { least 1;
    "names" false &TEXTS, "organization" false &TEXT, "summary" false &TEXT, "urls" false &URIS,
});

static NOTES: Shape = list_of!(&object! {
    "audience" false &TEXT,
    "category" true &Shape::OneOf(&[
        "description", "details", "faq", "general", "legal_disclaimer", "other", "summary",
    ]),
    "text" true &TEXT,
    "title" false &TEXT,
});

static REFERENCES: Shape = list_of!(&object! {
    "category" false &Shape::OneOf(&["external", "self"]),
    "summary" true &TEXT,
    "url" true &URI,
});

static TREE: Shape = object! { least 1;
    "branches" false &BRANCHES,
    "full_product_names" false &list_of!(&PRODUCT),
    "product_groups" false &list_of!(&object! {
        "group_id" true &TEXT,
        "product_ids" true &Shape::List { of: &TEXT, least: 2, once: true },
        "summary" false &TEXT,
    }),
    "relationships" false &list_of!(&object! {
        "category" true &Shape::OneOf(&[
            "default_component_of", "external_component_of", "installed_on", "installed_with",
            "optional_component_of",
        ]),
        "full_product_name" true &PRODUCT,
        "product_reference" true &TEXT,
        "relates_to_product_reference" true &TEXT,
    }),
};

static BRANCHES: Shape = list_of!(&BRANCH);

/// Category, name, and either branches or a product.
static BRANCH: Shape = Shape::Object {
    members: &[
        ("branches", false, &BRANCHES),
        (
            "category",
            true,
            &Shape::OneOf(&[
                "architecture",
                "host_name",
                "language",
                "legacy",
                "patch_level",
                "product_family",
                "product_name",
                "product_version",
                "product_version_range",
                "service_pack",
                "specification",
                "vendor",
            ]),
        ),
        ("name", true, &TEXT),
        ("product", false, &PRODUCT),
    ],
    least: 3,
    most: 3,
};

static PRODUCT: Shape = object! {
    "name" true &TEXT,
    "product_id" true &TEXT,
    "product_identification_helper" false &object! { least 1;
        "cpe" false &Shape::Form(format::is_cpe, "a CPE 2.2 or 2.3"),
        "hashes" false &list_of!(&object! {
            "file_hashes" true &list_of!(&object! {
                "algorithm" true &TEXT,
                "value" true &Shape::Form(format::is_hash, "32 or more hexadecimal digits"),
            }),
            "filename" true &TEXT,
        }),
        "model_numbers" false &TEXTS_ONCE,
        "purl" false &Shape::Form(format::is_purl, "a package URL such as pkg:npm/name@1.0"),
        "sbom_urls" false &URIS,
        "serial_numbers" false &TEXTS_ONCE,
        "skus" false &TEXTS,
        "x_generic_uris" false &list_of!(&object! { "namespace" true &URI, "uri" true &URI }),
    },
};

static VULNERABILITY: Shape = object! { least 1;
    "acknowledgments" false &ACKNOWLEDGMENTS,
    "cve" false &Shape::Form(format::is_cve, "a CVE id such as CVE-2024-12345"),
    "cwe" false &object! {
        "id" true &Shape::Form(format::is_cwe, "a CWE id such as CWE-79"),
        "name" true &TEXT,
    },
    "discovery_date" false &MOMENT,
    "flags" false &list_of!(once &object! {
        "date" false &MOMENT,
        "group_ids" false &TEXTS_ONCE,
        "label" true &Shape::OneOf(&[
            "component_not_present", "inline_mitigations_already_exist",
            "vulnerable_code_cannot_be_controlled_by_adversary",
            "vulnerable_code_not_in_execute_path", "vulnerable_code_not_present",
        ]),
        "product_ids" false &TEXTS_ONCE,
    }),
    "ids" false &list_of!(once &object! { "system_name" true &TEXT, "text" true &TEXT }),
    "involvements" false &list_of!(once &object! {
        "date" false &MOMENT,
        "party" true &Shape::OneOf(&["coordinator", "discoverer", "other", "user", "vendor"]),
        "status" true &Shape::OneOf(&[
            "completed", "contact_attempted", "disputed", "in_progress", "not_contacted", "open",
        ]),
        "summary" false &TEXT,
    }),
    "notes" false &NOTES,
    "product_status" false &object! { least 1;
        "first_affected" false &TEXTS_ONCE,
        "first_fixed" false &TEXTS_ONCE,
        "fixed" false &TEXTS_ONCE,
        "known_affected" false &TEXTS_ONCE,
        "known_not_affected" false &TEXTS_ONCE,
        "last_affected" false &TEXTS_ONCE,
        "recommended" false &TEXTS_ONCE,
        "under_investigation" false &TEXTS_ONCE,
    },
    "references" false &REFERENCES,
    "release_date" false &MOMENT,
    "remediations" false &list_of!(&REMEDIATION),
    "scores" false &list_of!(&SCORES),
    "threats" false &list_of!(&object! {
        "category" true &Shape::OneOf(&["exploit_status", "impact", "target_set"]),
        "date" false &MOMENT,
        "details" true &TEXT,
        "group_ids" false &TEXTS_ONCE,
        "product_ids" false &TEXTS_ONCE,
    }),
    "title" false &TEXT,
};

static REMEDIATION: Shape = object! {
    "category" true &Shape::OneOf(&[
        "mitigation", "no_fix_planned", "none_available", "vendor_fix", "workaround",
    ]),
    "date" false &MOMENT,
    "details" true &TEXT,
    "entitlements" false &TEXTS,
    "group_ids" false &TEXTS_ONCE,
    "product_ids" false &TEXTS_ONCE,
    "restart_required" false &object! {
        "category" true &Shape::OneOf(&[
            "connected", "dependencies", "machine", "none", "parent", "service", "system",
            "vulnerable_component", "zone",
        ]),
        "details" false &TEXT,
    },
    "url" false &URI,
};

static SCORES: Shape = object! { least 2;
    "cvss_v2" false &Shape::Test("6.1.8", &CVSS2),
    "cvss_v3" false &Shape::Test("6.1.8", &Shape::ByVersion(&[("3.0", &CVSS30), ("3.1", &CVSS31)])),
    "products" true &TEXTS_ONCE,
};

/// The metrics given beside a vector are held against it by the tests of scores; here only numbers and names of
/// severities are.
static CVSS2: Shape = object! {
    "version" true &Shape::OneOf(&["2.0"]),
    "vectorString" true &Shape::Form(super::cvss2::is_vector, "a CVSS 2.0 vector"),
    "baseScore" true &SCORE,
    "temporalScore" false &SCORE,
    "environmentalScore" false &SCORE,
};

static SEVERITY: Shape = Shape::OneOf(&["NONE", "LOW", "MEDIUM", "HIGH", "CRITICAL"]);

static CVSS30: Shape = object! {
    "version" true &Shape::OneOf(&["3.0"]),
    "vectorString" true &Shape::Form(super::cvss3::is_vector_30, "a CVSS 3.0 vector"),
    "baseScore" true &SCORE,
    "baseSeverity" true &SEVERITY,
    "temporalScore" false &SCORE,
    "temporalSeverity" false &SEVERITY,
    "environmentalScore" false &SCORE,
    "environmentalSeverity" false &SEVERITY,
};

static CVSS31: Shape = object! {
    "version" true &Shape::OneOf(&["3.1"]),
    "vectorString" true &Shape::Form(super::cvss3::is_vector_31, "a CVSS 3.1 vector"),
    "baseScore" true &SCORE,
    "baseSeverity" true &SEVERITY,
    "temporalScore" false &SCORE,
    "temporalSeverity" false &SEVERITY,
    "environmentalScore" false &SCORE,
    "environmentalSeverity" false &SEVERITY,
};
