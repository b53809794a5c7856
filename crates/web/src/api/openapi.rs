//! The description of the API, written by the program and kept in `docs/reference/openapi.json`.

use super::schemas::schemas;
use serde_json::{Value, json};
use tallyward_app::AdvisoryField;

/// The OpenAPI 3.1 description of `/api/v1`.
#[must_use]
pub fn openapi() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Tallyward",
            "version": "1",
            "summary": "Devices, advisories, findings and notices of one installation.",
            "description": "Read-only but for what sensors send. The same queries and views as the console. Times are RFC 3339 in UTC unless a field says otherwise. Lists of devices and findings are keyset-paged: pass `next` of a page as `after` of the next request.",
            "license": { "name": "Apache-2.0 OR MIT", "identifier": "Apache-2.0 OR MIT" }
        },
        "servers": [{ "url": "/api/v1" }],
        "security": [{ "session": [] }],
        "paths": paths(),
        "components": {
            "securitySchemes": {
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "tallyward",
                    "description": "The cookie set by signing in at /sign-in; named __Host-tallyward when the console is served over HTTPS."
                },
                "sensor": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The token of a sensor, made in Settings, Sensors."
                }
            },
            "responses": { "Problem": {
                "description": "What went wrong, in words (RFC 9457).",
                "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } }
            } },
            "schemas": schemas()
        }
    })
}

fn paths() -> Value {
    json!({
        "/overview": get("overview", "What needs a person now, and how much is known", vec![], one("Overview")),
        "/devices": get("devices", "Devices, filtered and paged", device_filters(), one("DeviceList")),
        "/devices/{id}": get("device", "One device with its fields, findings, timeline and flows", vec![path("id", "Handle, such as D1042; a merged handle answers the device that was kept.")], one("DevicePage")),
        "/devices/{id}/explanation": get("explanation", "Why a device is held to be what it is: facts, rules, conclusions and contradictions", vec![path("id", "Handle, such as D1042.")], one("Explained")),
        "/rules": get("rules", "Tables of classification in force", vec![], one("RulesPage")),
        "/advisories": get("advisories", "Advisories on file, filtered and ordered", advisory_filters(), many("AdvisoryLine")),
        "/corrections": get("corrections", "Corrections of advisories made here, those to look at again first", vec![], many("CorrectionLine")),
        "/advisories/{id}": get("advisory", "One advisory with its clauses and whom it touches here", vec![path("id", "Tracking id of the document.")], one("AdvisoryPage")),
        "/changes": get("changes", "Verdicts that changed lately, by event, with whose and why", vec![query("days", "How many days back; 1 when absent, at most 366.", json!({ "type": "integer" }))], one("VerdictChanges")),
        "/matches": get("matches", "Products here and the advisories that match them, worst first", vec![query("advisory", "Only this tracking id.", text()), query("product", "Only this maker and model.", text())], one("MatchList")),
        "/runs": get("runs", "The newest runs of the matching, those asked for and those that started by themselves apart", vec![], one("RunList")),
        "/backtest": get("backtest", "Advisories on file, all of them: published, received, judged, whom they touch, what would settle the unknown", vec![], one("OnFile")),
        "/ports": get("ports", "Switch ports and access points: where they are, and who says so", vec![], one("PortList")),
        "/review": get("review", "Products of advisories that may be a model here, what holds up most first", vec![], one("ReviewList")),
        "/worklist": get("worklist", "Facts to find out, those that settle most first, with the devices that wait", vec![], one("Worklist")),
        "/round": get("round", "The worklist device by device, in the order one walks, as much as fits into the minutes there are", round_filters(), one("Round")),
        "/untold": get("untold", "What arrived, with the groups of operators that have not been told of it", vec![], one("UntoldList")),
        "/untold/{kind}/{id}": get("arrival", "One thing that arrived, and whom it concerns", vec![path("kind", "advisory or letter."), path("id", "Tracking id, or the hash of a letter.")], one("Arrival")),
        "/letters": get("letters", "What arrived and is no document, those with somebody untold first", vec![], many("LetterLine")),
        "/letters/{id}": get("letter", "One letter with what it says and names", vec![path("id", "SHA-256 of the original.")], one("LetterPage")),
        "/written": get("written", "Advisories written here, those that wait for a person first", vec![], many("WrittenLine")),
        "/findings": get("findings", "Findings, filtered and paged", finding_filters(), one("FindingList")),
        "/findings/{device}/{advisory}/{vulnerability}": get("finding", "One finding with its chain of reasons", vec![path("device", "Handle."), path("advisory", "Tracking id."), path("vulnerability", "CVE or other id.")], one("FindingPage")),
        "/notices": get("notices", "Released notices, open ones first", vec![], many("NoticeLine")),
        "/notices/{id}": get("notice", "One notice with deliveries, answers and clocks", vec![path("id", "Id of the notice.")], one("NoticePage")),
        "/sboms": get("sboms", "Parts lists of models and versions, with what known flaws of their parts come to", vec![], many("SbomLine")),
        "/sboms/{id}": get("sbom", "One parts list with its flaws, devices and parts", vec![path("id", "Id of the parts list.")], one("SbomPage")),
        "/sensors": get("sensors", "Sensors at mirror ports, those that need a person first", vec![], many("SensorLine")),
        "/sensors/{id}/batches": batches(),
        "/sources": get("sources", "Where advisories are fetched from, with the health of each", vec![], many("SourceLine")),
    })
}

fn round_filters() -> Vec<Value> {
    let minutes = || json!({ "type": "integer", "minimum": 1, "maximum": 480 });
    vec![
        query("site", "Only this site.", text()),
        query("unit", "Only this unit code.", text()),
        query(
            "minutes",
            "Minutes there are; the readings that settle most per minute are chosen.",
            minutes(),
        ),
        query(
            "untimed",
            "Minutes to count for a reading nobody has timed; without it those are left out of a budget.",
            minutes(),
        ),
    ]
}

fn get(id: &str, summary: &str, parameters: Vec<Value>, schema: Value) -> Value {
    let mut responses = json!({
        "200": { "description": "The view.", "content": { "application/json": { "schema": schema } } },
        "401": problem(),
        "503": problem(),
    });
    if !parameters.is_empty() {
        let code = if parameters.iter().any(|parameter| parameter["in"] == "path") { "404" } else { "422" };
        responses[code] = problem();
    }
    json!({ "get": { "operationId": id, "summary": summary, "parameters": parameters, "responses": responses } })
}

/// What a sensor posts; the one thing here that writes.
fn batches() -> Value {
    json!({ "post": {
        "operationId": "send_batch",
        "summary": "One batch of a sensor. Sent again it changes nothing.",
        "description": "JSON, gzip: at most 16 MiB packed and 128 MiB unpacked, 50,000 statements and as many flows. The document is described in docs/reference/sensor-batch.md.",
        "security": [{ "sensor": [] }],
        "parameters": [path("id", "Name of the sensor.")],
        "requestBody": { "required": true, "content": { "application/json": { "schema": { "type": "string", "format": "binary" } } } },
        "responses": {
            "200": { "description": "It is on file.", "content": { "application/json": { "schema": one("BatchTaken") } } },
            "403": problem(),
            "413": problem(),
            "422": problem(),
            "503": problem(),
        }
    } })
}

fn problem() -> Value {
    json!({ "$ref": "#/components/responses/Problem" })
}

fn one(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn many(name: &str) -> Value {
    json!({ "type": "array", "items": one(name) })
}

fn path(name: &str, description: &str) -> Value {
    json!({ "name": name, "in": "path", "required": true, "description": description, "schema": { "type": "string" } })
}

fn query(name: &str, description: &str, schema: Value) -> Value {
    json!({ "name": name, "in": "query", "required": false, "description": description, "schema": schema })
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn paging() -> [Value; 2] {
    [
        query("after", "`next` of the page before.", text()),
        query(
            "limit",
            "Rows a page; 50 when absent.",
            json!({ "type": "integer", "minimum": 1, "maximum": 1000 }),
        ),
    ]
}

fn verdict() -> Value {
    query("verdict", "With a finding of this verdict.", one("Verdict"))
}

fn device_filters() -> Vec<Value> {
    let mut filters = vec![
        query("presence", "How record and observation agree.", one("Presence")),
        query("unit", "Unit code.", text()),
        query("site", "Site.", text()),
        query("maker", "Canonical maker.", text()),
        query("model", "Canonical model.", text()),
        query("class", "Device class code.", text()),
        verdict(),
        query("advisory", "With a finding of this advisory.", text()),
        query("text", "Part of a tag, serial, MAC, AE title, room or model.", text()),
        query(
            "order",
            "Order of the list.",
            json!({ "enum": ["name", "model", "unit", "last_seen", "affected"] }),
        ),
    ];
    filters.extend(paging());
    filters
}

fn advisory_filters() -> Vec<Value> {
    let fields: Vec<&str> = AdvisoryField::ALL.iter().map(|field| field.code()).collect();
    let orders: Vec<&str> =
        ["newest", "cvss", "severity", "affected"].into_iter().chain(fields.iter().copied()).collect();
    vec![
        query("text", "Found anywhere in the field, case-blind.", text()),
        query("in", "The field the text stands in; any when absent.", json!({ "enum": fields })),
        query("order", "Order of the list.", json!({ "enum": orders })),
        query("unread", "Given: only those the caller has not marked as read.", text()),
    ]
}

fn finding_filters() -> Vec<Value> {
    let mut filters = vec![
        verdict(),
        query("advisory", "Tracking id.", text()),
        query("vulnerability", "CVE or other id.", text()),
        query("device", "Handle.", text()),
        query("unit", "Unit code.", text()),
    ];
    filters.extend(paging());
    filters
}
