//! Schemas of the views. A test holds them against what the API answers.

use serde_json::{Map, Value, json};
use tallyward_core::{Field, Presence, Verdict};

/// Name of a property and its type in short: `string`, `integer`, `boolean`, `moment`, `@Schema`, with `[]` for a
/// list, `?` for one that may be null, `(a,b)` for a tuple.
type Property = (&'static str, &'static str);

/// All schemas.
pub(super) fn schemas() -> Value {
    let mut all = Map::new();
    for (name, description, properties) in VIEWS {
        all.insert((*name).to_owned(), object(name, description, properties));
    }
    let fields: Vec<&str> = Field::ALL.iter().map(|field| field.code()).collect();
    all.insert("Verdict".into(), json!({ "enum": Verdict::ALL.map(Verdict::code) }));
    all.insert("Presence".into(), json!({ "enum": Presence::ALL.map(Presence::code) }));
    all.insert("Field".into(), json!({ "enum": fields, "description": "One field of a device." }));
    all.insert("MissingFact".into(), json!({
        "type": "object", "description": "A fact that would settle an unknown verdict; `fact` names its kind, further properties its subject.",
        "properties": { "fact": { "type": "string" } }, "required": ["fact"]
    }));
    all.insert("Voice".into(), json!({
        "type": "object",
        "description": "Who says a value: v value, s source (kind and name), b how the source knows, p place in it, f and l first and last moment it was said to hold, r when it was written down first (all microseconds since 1970-01-01T00:00:00Z), n how often, o older than the field's class allows.",
        "properties": {
            "v": { "type": "string" }, "s": { "$ref": "#/components/schemas/Source" }, "b": { "type": "string" }, "p": { "type": "string" },
            "f": { "type": "integer" }, "l": { "type": "integer" }, "r": { "type": "integer" }, "n": { "type": "integer" }, "o": { "type": "boolean" }
        },
        "required": ["v", "s", "b", "f", "l", "r", "n"]
    }));
    all.insert("Advisory".into(), json!({
        "type": "object",
        "description": "The document as read: product leaves, vulnerabilities, statements, remedies and scores, verbatim. Dates are microseconds since 1970-01-01T00:00:00Z.",
        "properties": { "id": { "type": "string" }, "title": { "type": "string" }, "revision": { "type": "string" }, "products": { "type": "array" }, "vulnerabilities": { "type": "array" } },
        "required": ["id", "title", "revision", "products", "vulnerabilities"]
    }));
    Value::Object(all)
}

fn object(title: &str, description: &str, properties: &[Property]) -> Value {
    let typed: Map<String, Value> =
        properties.iter().map(|(name, short)| ((*name).to_owned(), schema(short))).collect();
    let required: Vec<&str> =
        properties.iter().map(|(name, _)| *name).filter(|name| !SOMETIMES.contains(&(title, name))).collect();
    json!({ "type": "object", "description": description, "properties": typed, "required": required, "additionalProperties": false })
}

/// Properties that are absent when there is nothing to say.
const SOMETIMES: [(&str, &str); 7] = [
    ("Reason", "quote"),
    ("Problem", "field"),
    ("Part", "version"),
    ("Part", "supplier"),
    ("Part", "purl"),
    ("Part", "cpe"),
    ("Part", "reference"),
];

fn schema(short: &str) -> Value {
    if let Some(inner) = short.strip_suffix('?') {
        return json!({ "anyOf": [schema(inner), { "type": "null" }] });
    }
    if let Some(inner) = short.strip_suffix("[]") {
        return json!({ "type": "array", "items": schema(inner) });
    }
    if let Some(inner) = short.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        let parts: Vec<Value> = inner.split(',').map(schema).collect();
        return json!({ "type": "array", "prefixItems": parts, "minItems": parts.len(), "maxItems": parts.len() });
    }
    if let Some(name) = short.strip_prefix('@') {
        return json!({ "$ref": format!("#/components/schemas/{name}") });
    }
    match short {
        "moment" => json!({ "type": "string", "format": "date-time" }),
        "handle" => json!({ "type": "integer", "description": "The number of the handle: 1042 for D1042." }),
        plain => json!({ "type": plain }),
    }
}

const VIEWS: &[(&str, &str, &[Property])] = &[
    (
        "Problem",
        "Problem details (RFC 9457); `field` is present when one value was the fault.",
        &[
            ("type", "string"),
            ("title", "string"),
            ("status", "integer"),
            ("detail", "string"),
            ("field", "string"),
        ],
    ),
    ("Source", "One source of evidence.", &[("kind", "string"), ("name", "string")]),
    (
        "Place",
        "A place as far as it is known; an empty part is not known.",
        &[("site", "string"), ("building", "string"), ("floor", "string"), ("room", "string")],
    ),
    (
        "VerdictCounts",
        "Findings counted, each device and vulnerability once.",
        &[("affected", "integer"), ("unknown", "integer"), ("not_affected", "integer")],
    ),
    (
        "Reason",
        "One step of the chain that led to a verdict; `quote` is verbatim from the advisory and absent when the step rests on none.",
        &[("text", "string"), ("quote", "string")],
    ),
    (
        "Count",
        "A number and the console path of its rows.",
        &[("label", "string"), ("value", "integer"), ("link", "string")],
    ),
    (
        "Attention",
        "Something that needs a person.",
        &[("text", "string"), ("link", "string"), ("urgent", "boolean")],
    ),
    (
        "SignOff",
        "Something that must be signed before anything leaves the house.",
        &[
            ("what", "string"),
            ("plain", "string"),
            ("version", "string"),
            ("signed_by", "string?"),
            ("signed_at", "moment?"),
            ("outdated", "boolean"),
        ],
    ),
    (
        "Mode",
        "Whether anything may leave.",
        &[("shadow", "boolean"), ("missing", "string[]"), ("sign_offs", "@SignOff[]"), ("mailer", "string")],
    ),
    (
        "Overview",
        "What needs a person now, and how much is known.",
        &[
            ("attention", "@Attention[]"),
            ("devices", "integer"),
            ("presence", "@Count[]"),
            ("findings", "@VerdictCounts"),
            ("known", "@Count[]"),
            ("drafts", "integer"),
            ("notices", "integer"),
            ("answered", "integer"),
            ("advisories", "integer"),
            ("sensors", "(string,moment)[]"),
            ("mode", "@Mode"),
            ("as_of", "moment"),
        ],
    ),
    (
        "DeviceLine",
        "One row of the device list.",
        &[
            ("id", "handle"),
            ("name", "string"),
            ("tag", "string"),
            ("serial", "string"),
            ("maker", "string"),
            ("model", "string"),
            ("class", "string"),
            ("version", "string"),
            ("unit", "string"),
            ("pool", "string"),
            ("place", "@Place"),
            ("presence", "@Presence"),
            ("status", "string"),
            ("status_code", "string"),
            ("affected", "integer"),
            ("unknown", "integer"),
            ("not_affected", "integer"),
            ("last_seen", "moment?"),
        ],
    ),
    (
        "DeviceList",
        "A page of devices.",
        &[("rows", "@DeviceLine[]"), ("total", "integer"), ("next", "string?"), ("as_of", "moment")],
    ),
    (
        "FieldLine",
        "One field with everybody who spoke of it.",
        &[
            ("field", "@Field"),
            ("label", "string"),
            ("value", "string"),
            ("stale", "boolean"),
            ("support", "@Voice[]"),
            ("dissent", "@Voice[]"),
            ("also", "@Voice[]"),
        ],
    ),
    (
        "Contest",
        "A join that was refused: this device's key, the other's, and why.",
        &[("ours", "string"), ("theirs", "string"), ("why", "string")],
    ),
    (
        "Happening",
        "Something that happened to a device.",
        &[("at", "moment"), ("kind", "string"), ("text", "string"), ("link", "string")],
    ),
    (
        "FlowLine",
        "One aggregated conversation.",
        &[
            ("outgoing", "boolean"),
            ("peer", "string"),
            ("peer_id", "handle?"),
            ("address", "string"),
            ("service", "string"),
            ("first", "moment"),
            ("last", "moment"),
            ("count", "integer"),
            ("bytes", "integer"),
        ],
    ),
    (
        "DevicePage",
        "One device.",
        &[
            ("line", "@DeviceLine"),
            ("why", "string"),
            ("observed", "@Place?"),
            ("names", "string[]"),
            ("fields", "@FieldLine[]"),
            ("contested", "@Contest[]"),
            ("findings", "@FindingLine[]"),
            ("timeline", "@Happening[]"),
            ("flows", "@FlowLine[]"),
            ("as_of", "moment"),
        ],
    ),
    (
        "FindingLine",
        "One device and one vulnerability.",
        &[
            ("device", "handle"),
            ("name", "string"),
            ("model", "string"),
            ("unit", "string"),
            ("room", "string"),
            ("version", "string"),
            ("advisory", "string"),
            ("vulnerability", "string"),
            ("verdict", "@Verdict"),
            ("because", "string"),
            ("missing", "string?"),
            ("clinical", "string"),
            ("outcome", "string"),
            ("tier", "string"),
        ],
    ),
    (
        "FindingList",
        "A page of findings.",
        &[("rows", "@FindingLine[]"), ("total", "integer"), ("next", "string?"), ("as_of", "moment")],
    ),
    (
        "FindingPage",
        "A finding with its chain of reasons. Remedies are category and text.",
        &[
            ("line", "@FindingLine"),
            ("title", "string"),
            ("reasons", "@Reason[]"),
            ("missing", "@MissingFact?"),
            ("enter", "@Field?"),
            ("condition", "string?"),
            ("settled", "@SettledCondition[]"),
            ("software", "@FieldLine?"),
            ("rests_on", "string[]"),
            ("triage", "string[]"),
            ("beside", "string[]"),
            ("remedies", "(string,string)[]"),
            ("scores", "@ScoreLine[]"),
            ("remedy", "@RemedyMark?"),
            ("contradictions", "string[]"),
            ("as_of", "moment"),
        ],
    ),
    (
        "SettledCondition",
        "What a named person said of a condition of the advisory for this model.",
        &[
            ("decision", "string"),
            ("text", "string"),
            ("holds", "boolean"),
            ("by", "string"),
            ("at", "moment"),
        ],
    ),
    (
        "ScoreLine",
        "A severity score: base, severity and overall are worked out from the vector, claimed is what the document states beside it, disagreement says where the two differ.",
        &[
            ("version", "string"),
            ("vector", "string"),
            ("base", "string"),
            ("severity", "string"),
            ("overall", "string?"),
            ("claimed", "string"),
            ("disagreement", "string?"),
        ],
    ),
    (
        "AdvisoryLine",
        "One row of the advisory list.",
        &[
            ("id", "string"),
            ("title", "string"),
            ("category", "string"),
            ("cvss", "string"),
            ("cvss_version", "string"),
            ("severity", "string"),
            ("publisher", "string"),
            ("revision", "string"),
            ("released", "moment?"),
            ("revised", "moment?"),
            ("received", "moment"),
            ("vulnerabilities", "integer"),
            ("contradictions", "integer"),
            ("findings", "@VerdictCounts"),
            ("devices_affected", "integer"),
            ("devices_unknown", "integer"),
        ],
    ),
    (
        "AdvisoryCounts",
        "Whom an advisory touches here.",
        &[
            ("advisory", "string"),
            ("findings", "@VerdictCounts"),
            ("devices_affected", "integer"),
            ("devices_unknown", "integer"),
        ],
    ),
    (
        "ClauseLine",
        "One clause, verbatim and as it was read.",
        &[
            ("product_id", "string"),
            ("vendor", "string"),
            ("product", "string"),
            ("clause", "string"),
            ("read_as", "string"),
            ("quality", "string"),
            ("notes", "string[]"),
            ("says", "string"),
        ],
    ),
    (
        "UnmatchedProduct",
        "A product that no model here matches, with the nearest models.",
        &[("vendor", "string"), ("product", "string"), ("nearest", "string[]")],
    ),
    (
        "Contradiction",
        "A place where a document contradicts itself. An empty vulnerability means the whole document, an empty version the whole product.",
        &[("vulnerability", "string"), ("product", "string"), ("version", "string"), ("text", "string")],
    ),
    (
        "CorrectionLine",
        "A correction of an advisory made here: `look_again`, `in_force` or `ended`.",
        &[
            ("id", "string"),
            ("advisory", "string"),
            ("state", "string"),
            ("says", "string"),
            ("revision", "string"),
            ("by", "string"),
            ("at", "moment"),
            ("why", "string"),
            ("because", "string"),
        ],
    ),
    (
        "AdvisoryPage",
        "One advisory.",
        &[
            ("line", "@AdvisoryLine"),
            ("advisory", "@Advisory"),
            ("clauses", "@ClauseLine[]"),
            ("counts", "@AdvisoryCounts"),
            ("corrections", "@CorrectionLine[]"),
            ("contradictions_left", "@Contradiction[]"),
            ("unmatched", "@UnmatchedProduct[]"),
            ("changes", "string[]"),
            ("revisions", "@RevisionLine[]"),
            ("remedies", "@RemedyCounts[]"),
            ("semantic", "boolean"),
            ("comments", "@CommentLine[]"),
            ("read_by", "string[]"),
            ("tlp", "string"),
            ("original", "string"),
            ("as_of", "moment"),
        ],
    ),
    (
        "RemedyMark",
        "How far a remedy is, as somebody marked it; outdated when the document offers other remedies since.",
        &[
            ("state", "string"),
            ("label", "string"),
            ("by", "string"),
            ("at", "moment"),
            ("note", "string"),
            ("outdated", "boolean"),
        ],
    ),
    (
        "RemedyCounts",
        "How far the remedies of one vulnerability are, in devices.",
        &[
            ("vulnerability", "string"),
            ("matching", "integer"),
            ("not_remediated", "integer"),
            ("in_progress", "integer"),
            ("done", "integer"),
            ("outdated", "integer"),
        ],
    ),
    ("CommentLine", "A comment on a document.", &[("by", "string"), ("at", "moment"), ("text", "string")]),
    (
        "RunLine",
        "A run of the matching; no findings where a list came in.",
        &[("at", "moment"), ("cause", "string"), ("what", "string"), ("findings", "@VerdictCounts?")],
    ),
    (
        "RunList",
        "The newest runs.",
        &[("manual", "@RunLine[]"), ("automatic", "@RunLine[]"), ("as_of", "moment")],
    ),
    (
        "MatchLine",
        "A product here and an advisory that matches it; findings are counted with their devices.",
        &[
            ("product", "string"),
            ("advisory", "string"),
            ("devices", "integer"),
            ("findings", "@VerdictCounts"),
        ],
    ),
    ("MatchList", "Matches, worst first.", &[("rows", "@MatchLine[]"), ("as_of", "moment")]),
    (
        "PossibleMatch",
        "A product of an advisory that may be a model here.",
        &[
            ("advisory", "string"),
            ("product", "string"),
            ("named", "string"),
            ("maker", "string"),
            ("model", "string"),
            ("why", "string"),
            ("findings", "integer"),
            ("devices", "integer"),
        ],
    ),
    (
        "ReviewList",
        "The review list, what holds up most first.",
        &[("rows", "@PossibleMatch[]"), ("as_of", "moment")],
    ),
    (
        "MissingLine",
        "A fact that is missing, and on how many devices.",
        &[("what", "string"), ("devices", "integer")],
    ),
    (
        "OnFileRow",
        "An advisory on file, how long it took, and whom it touches.",
        &[
            ("advisory", "string"),
            ("title", "string"),
            ("revision", "string"),
            ("first_published", "moment?"),
            ("published", "moment?"),
            ("received", "moment"),
            ("hours", "number?"),
            ("judged", "boolean"),
            ("affected", "integer"),
            ("unknown", "integer"),
            ("not_affected", "integer"),
            ("missing", "@MissingLine[]"),
            ("taken_back", "integer"),
            ("settled", "integer"),
        ],
    ),
    (
        "OnFile",
        "Advisories on file, those that came last first.",
        &[("rows", "@OnFileRow[]"), ("more", "integer"), ("as_of", "moment")],
    ),
    (
        "UntoldList",
        "What arrived, those with somebody untold first.",
        &[("rows", "@Arrival[]"), ("as_of", "moment")],
    ),
    (
        "Arrival",
        "Something that arrived, an advisory or a letter; `state` is untold, ready (may be closed), closed or nobody (it concerns nobody here).",
        &[
            ("kind", "string"),
            ("id", "string"),
            ("title", "string"),
            ("arrived", "moment"),
            ("state", "string"),
            ("waiting", "integer"),
            ("groups", "@GroupLine[]"),
            ("advisories", "string[]"),
            ("closed", "@SignedLine?"),
        ],
    ),
    (
        "GroupLine",
        "A group of operators that an advisory concerns; `telling` is untold, draft, unsent, undecided, signed or told.",
        &[
            ("key", "string"),
            ("audience", "string"),
            ("unit", "string"),
            ("class", "string"),
            ("affected", "integer"),
            ("unknown", "integer"),
            ("not_told", "integer"),
            ("telling", "string"),
            ("notices", "string[]"),
            ("draft", "string"),
            ("signed", "@SignedLine?"),
            ("mark", "string"),
        ],
    ),
    (
        "SignedLine",
        "A name under a sentence.",
        &[("name", "string"), ("login", "string"), ("at", "moment"), ("because", "string")],
    ),
    (
        "LetterLine",
        "A letter as listed; sender and date are what it says of itself.",
        &[
            ("id", "string"),
            ("subject", "string"),
            ("sender", "string"),
            ("form", "string"),
            ("written", "moment?"),
            ("received", "moment"),
            ("state", "string"),
            ("cves", "string[]"),
            ("attachments", "integer"),
            ("names", "string[]"),
        ],
    ),
    (
        "LetterPage",
        "A letter with its text, what it names here, and the advisories it is about.",
        &[
            ("line", "@LetterLine"),
            ("name", "string"),
            ("bytes", "integer"),
            ("by", "string"),
            ("text", "string"),
            ("note", "string"),
            ("attachments", "@Attachment[]"),
            ("proposals", "@Proposal[]"),
            ("spoken_of", "(string,string)[]"),
            ("about", "string[]"),
            ("written", "@WrittenLine[]"),
            ("as_of", "moment"),
        ],
    ),
    (
        "Attachment",
        "A file attached to a mail.",
        &[("name", "string"), ("size", "integer"), ("hash", "string")],
    ),
    (
        "Proposal",
        "A maker or model held here that a letter names, to be confirmed by a person.",
        &[("maker", "string"), ("model", "string"), ("devices", "integer"), ("why", "string")],
    ),
    (
        "WrittenLine",
        "An advisory written here; `state` is written, waiting (for its second reader) or released.",
        &[
            ("id", "string"),
            ("title", "string"),
            ("state", "string"),
            ("letter", "string"),
            ("writers", "string[]"),
            ("revisions", "integer"),
            ("since", "moment"),
        ],
    ),
    (
        "RevisionLine",
        "An earlier revision of a document, with what it changed against the one before it.",
        &[
            ("revision", "string"),
            ("revised", "moment?"),
            ("received", "moment"),
            ("hash", "string"),
            ("changes", "string[]"),
        ],
    ),
    (
        "VerdictChange",
        "A verdict that is another than before, for devices that are alike; `devices` is empty for a new finding.",
        &[
            ("advisory", "string"),
            ("vulnerability", "string"),
            ("model", "string"),
            ("version", "string"),
            ("was", "@Verdict?"),
            ("is", "@Verdict?"),
            ("because", "string"),
            ("count", "integer"),
            ("devices", "string[]"),
        ],
    ),
    (
        "VerdictChangeEvent",
        "What one event changed.",
        &[("at", "moment"), ("cause", "string"), ("rows", "@VerdictChange[]")],
    ),
    (
        "VerdictChanges",
        "Verdicts that changed, newest event first.",
        &[("events", "@VerdictChangeEvent[]"), ("since", "moment"), ("as_of", "moment")],
    ),
    (
        "SbomLine",
        "A parts list of a model and version. `nameless` parts have no package URL and were held against nothing; `affected`, `unknown` and `not_affected` count flaws of parts by the verdict on the product.",
        &[
            ("id", "string"),
            ("maker", "string"),
            ("model", "string"),
            ("version", "string"),
            ("format", "string"),
            ("created", "moment?"),
            ("received", "moment"),
            ("by", "string"),
            ("parts", "integer"),
            ("nameless", "integer"),
            ("flawed", "integer"),
            ("affected", "integer"),
            ("unknown", "integer"),
            ("not_affected", "integer"),
            ("devices", "integer"),
            ("devices_unversioned", "integer"),
        ],
    ),
    (
        "SbomPage",
        "A parts list with its flaws, the worst first, its devices (at most 200) and all its parts.",
        &[
            ("line", "@SbomLine"),
            ("document", "string"),
            ("author", "string"),
            ("product", "string"),
            ("hash", "string"),
            ("file", "string"),
            ("hits", "@PartHit[]"),
            ("parts", "@Part[]"),
            ("devices", "@SbomDevice[]"),
            ("records", "integer"),
        ],
    ),
    (
        "PartHit",
        "A flaw of a part and what it comes to for the product; `part` is the position in the list, `has_it` false where that is open.",
        &[
            ("part", "integer"),
            ("name", "string"),
            ("part_version", "string"),
            ("record", "string"),
            ("flaw", "string"),
            ("summary", "string"),
            ("url", "string"),
            ("published", "moment?"),
            ("scores", "@ScoreLine[]"),
            ("has_it", "boolean"),
            ("verdict", "@Verdict"),
            ("reasons", "@Reason[]"),
            ("missing", "string"),
        ],
    ),
    (
        "Part",
        "A part as the list names it.",
        &[
            ("name", "string"),
            ("version", "string"),
            ("supplier", "string"),
            ("purl", "string"),
            ("cpe", "string"),
            ("reference", "string"),
        ],
    ),
    (
        "SbomDevice",
        "A device of the list's model and version.",
        &[
            ("id", "handle"),
            ("name", "string"),
            ("tag", "string"),
            ("version", "string"),
            ("is_stale", "boolean"),
            ("unit", "string"),
        ],
    ),
    (
        "SourceLine",
        "A source of advisories with its health: good, new, failing or stale; `doing` is nothing, asked or running.",
        &[
            ("name", "string"),
            ("kind", "string"),
            ("url", "string"),
            ("require", "string"),
            ("internal", "boolean"),
            ("clear_text", "boolean"),
            ("added", "moment"),
            ("health", "string"),
            ("last_success", "moment?"),
            ("age_hours", "integer?"),
            ("last_run", "moment?"),
            ("error", "string"),
            ("failures", "integer"),
            ("documents", "integer"),
            ("refused", "@RefusedLine[]"),
            ("delay", "@Delay?"),
            ("notes", "string[]"),
            ("doing", "string"),
        ],
    ),
    (
        "RefusedLine",
        "A document that was fetched and not taken in.",
        &[("url", "string"), ("why", "string"), ("at", "moment"), ("sha256", "string")],
    ),
    (
        "Delay",
        "From publication, as the source dates it, to receipt here, of documents published since the source was added.",
        &[
            ("measured", "integer"),
            ("median_hours", "number"),
            ("worst_hours", "number"),
            ("last_hours", "number"),
        ],
    ),
    (
        "NoticeLine",
        "One row of the notice list.",
        &[
            ("id", "string"),
            ("subject", "string"),
            ("advisory", "string"),
            ("unit", "string"),
            ("audience", "string"),
            ("kind", "string"),
            ("tier", "string"),
            ("state", "string"),
            ("released_by", "string"),
            ("released", "moment"),
            ("sent", "moment?"),
            ("delivered", "moment?"),
            ("acknowledged", "moment?"),
            ("done", "moment?"),
            ("due", "moment?"),
            ("overdue", "boolean"),
            ("raised", "string?"),
        ],
    ),
    (
        "DeliveryLine",
        "One delivery.",
        &[
            ("id", "string"),
            ("to", "string"),
            ("address", "string"),
            ("why", "string"),
            ("step", "string"),
            ("state", "string"),
            ("attempts", "integer"),
            ("detail", "string"),
            ("queued", "moment"),
            ("sent", "moment?"),
        ],
    ),
    (
        "AnswerLine",
        "One answer.",
        &[
            ("at", "moment"),
            ("answer", "string"),
            ("initials", "string"),
            ("strength", "string"),
            ("link_of", "string"),
            ("suspicious", "boolean"),
        ],
    ),
    (
        "NoticePage",
        "One notice. Devices are handle number, name and room; ladder steps are what, due and done; related notices are id and kind.",
        &[
            ("line", "@NoticeLine"),
            ("lines", "string[]"),
            ("technical", "string[]"),
            ("devices", "(handle,string,string)[]"),
            ("deliveries", "@DeliveryLine[]"),
            ("answers", "@AnswerLine[]"),
            ("ladder", "(string,moment,moment?)[]"),
            ("related", "(string,string)[]"),
            ("as_is_minutes", "integer?"),
            ("here_minutes", "integer?"),
            ("as_of", "moment"),
        ],
    ),
];
