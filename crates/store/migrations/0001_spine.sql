-- Counters of the store: fleet_version, next_handle.
CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO counter VALUES ('fleet_version', 0), ('next_handle', 1001);

-- Evidence: one page for each subject and source, its statements as JSON.
CREATE TABLE source (
    id   INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (kind, name)
);
CREATE TABLE evidence (
    id      INTEGER PRIMARY KEY,
    subject TEXT NOT NULL,
    source  INTEGER NOT NULL REFERENCES source (id),
    body    TEXT NOT NULL,
    UNIQUE (subject, source)
);
CREATE INDEX evidence_source ON evidence (source);
CREATE TABLE link (
    subject TEXT NOT NULL,
    source  INTEGER NOT NULL REFERENCES source (id),
    other   TEXT NOT NULL,
    PRIMARY KEY (subject, source, other)
) WITHOUT ROWID;
CREATE INDEX link_other ON link (other, subject);

-- Handles: minted once for a key; a merged one redirects straight to the one that was kept.
CREATE TABLE handle (key TEXT PRIMARY KEY, device INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE redirect (merged INTEGER PRIMARY KEY, kept INTEGER NOT NULL);
CREATE INDEX redirect_kept ON redirect (kept);

-- Configurations and the verdicts on them.
CREATE TABLE config (
    id           INTEGER PRIMARY KEY,
    body         TEXT NOT NULL,
    affected     INTEGER NOT NULL,
    unknown      INTEGER NOT NULL,
    not_affected INTEGER NOT NULL
);
CREATE TABLE judgement (
    id            INTEGER PRIMARY KEY,
    config        INTEGER NOT NULL REFERENCES config (id),
    advisory      TEXT NOT NULL,
    vulnerability TEXT NOT NULL,
    verdict       INTEGER NOT NULL CHECK (verdict BETWEEN 0 AND 2),
    missing       TEXT NOT NULL,
    reasons       TEXT NOT NULL,
    UNIQUE (config, advisory, vulnerability)
);
-- The order of the finding list, worst verdict first.
CREATE INDEX judgement_order ON judgement (verdict, advisory, vulnerability, config);
CREATE INDEX judgement_missing ON judgement (missing, config, vulnerability, advisory) WHERE verdict = 1;

-- Devices: the columns of lists apart from the body, so that reading all of them stays cheap.
CREATE TABLE device (
    id        INTEGER PRIMARY KEY,
    presence  TEXT NOT NULL,
    unit      TEXT NOT NULL,
    pool      TEXT NOT NULL,
    site      TEXT NOT NULL,
    class     TEXT NOT NULL,
    maker     TEXT NOT NULL,
    model     TEXT NOT NULL,
    name      TEXT NOT NULL,
    tag       TEXT NOT NULL,
    room      TEXT NOT NULL,
    version   TEXT NOT NULL,
    last_seen INTEGER,
    config    INTEGER NOT NULL REFERENCES config (id) DEFERRABLE INITIALLY DEFERRED,
    search    TEXT NOT NULL,
    keys      TEXT NOT NULL
);
CREATE INDEX device_config ON device (config);
CREATE TABLE device_body (id INTEGER PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE device_key (
    key    TEXT NOT NULL,
    device INTEGER NOT NULL,
    PRIMARY KEY (key, device)
) WITHOUT ROWID;

-- Flows: one row a conversation, one part an ingest, so that an ingest counts once.
CREATE TABLE flow (
    id         INTEGER PRIMARY KEY,
    client     TEXT NOT NULL,
    client_mac TEXT NOT NULL,
    server     TEXT NOT NULL,
    server_mac TEXT NOT NULL,
    transport  INTEGER NOT NULL,
    port       INTEGER NOT NULL,
    service    TEXT NOT NULL,
    first      INTEGER NOT NULL,
    last       INTEGER NOT NULL,
    packets    INTEGER NOT NULL,
    bytes      INTEGER NOT NULL,
    count      INTEGER NOT NULL,
    UNIQUE (client, client_mac, server, server_mac, transport, port)
);
CREATE INDEX flow_client ON flow (client, bytes DESC);
CREATE INDEX flow_server ON flow (server, bytes DESC);
CREATE INDEX flow_client_mac ON flow (client_mac, bytes DESC) WHERE client_mac <> '';
CREATE INDEX flow_server_mac ON flow (server_mac, bytes DESC) WHERE server_mac <> '';
CREATE TABLE flow_part (
    flow    INTEGER NOT NULL REFERENCES flow (id),
    ingest  BLOB NOT NULL,
    packets INTEGER NOT NULL,
    bytes   INTEGER NOT NULL,
    count   INTEGER NOT NULL,
    PRIMARY KEY (flow, ingest)
) WITHOUT ROWID;

-- Documents of the nouns of low volume.
CREATE TABLE doc (
    kind     TEXT NOT NULL,
    id       TEXT NOT NULL,
    idx      TEXT NOT NULL,
    body     TEXT NOT NULL,
    revision INTEGER NOT NULL,
    PRIMARY KEY (kind, id)
);
CREATE INDEX doc_index ON doc (kind, idx, id);

-- The audit log: entries are added and never touched again.
CREATE TABLE audit (
    seq      INTEGER PRIMARY KEY,
    at       INTEGER NOT NULL,
    who      TEXT NOT NULL,
    action   TEXT NOT NULL,
    subject  TEXT NOT NULL,
    before   TEXT NOT NULL,
    after    TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash     TEXT NOT NULL
);
CREATE INDEX audit_subject ON audit (subject, seq);
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN SELECT raise(ABORT, 'an entry of the audit log is never changed'); END;
CREATE TRIGGER audit_is_never_removed BEFORE DELETE ON audit
BEGIN SELECT raise(ABORT, 'an entry of the audit log is never removed'); END;
