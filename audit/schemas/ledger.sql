-- The file of a ledger, format 1. docs/ledger.md says what each table holds.

CREATE TABLE entries (
    idx INTEGER PRIMARY KEY,
    body BLOB NOT NULL
) STRICT;

CREATE TABLE nodes (
    position INTEGER PRIMARY KEY,
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE TABLE sidecars (
    digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
    body BLOB NOT NULL
) STRICT;

-- Which entry is the decision of a request, and which its release: at most one of each.
CREATE TABLE requests (
    request BLOB NOT NULL CHECK (length(request) = 16),
    kind TEXT NOT NULL CHECK (kind IN ('decision', 'release')),
    idx INTEGER NOT NULL,
    PRIMARY KEY (request, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoint (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    note BLOB NOT NULL
) STRICT;

-- The triggers keep mistakes out. What keeps an attacker out is the signature over the root.
CREATE TRIGGER entries_append BEFORE INSERT ON entries
WHEN NEW.idx IS NOT (SELECT coalesce(max(idx) + 1, 0) FROM entries)
BEGIN SELECT RAISE(ABORT, 'entries are appended'); END;

CREATE TRIGGER entries_update BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;

CREATE TRIGGER entries_delete BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;

CREATE TRIGGER nodes_append BEFORE INSERT ON nodes
WHEN NEW.position IS NOT (SELECT coalesce(max(position) + 1, 0) FROM nodes)
BEGIN SELECT RAISE(ABORT, 'nodes are appended'); END;

CREATE TRIGGER nodes_update BEFORE UPDATE ON nodes
BEGIN SELECT RAISE(ABORT, 'nodes are append-only'); END;

CREATE TRIGGER nodes_delete BEFORE DELETE ON nodes
BEGIN SELECT RAISE(ABORT, 'nodes are append-only'); END;

CREATE TRIGGER sidecars_once BEFORE INSERT ON sidecars
WHEN EXISTS (SELECT 1 FROM sidecars WHERE digest = NEW.digest)
BEGIN SELECT RAISE(ABORT, 'sidecars are append-only'); END;

CREATE TRIGGER sidecars_update BEFORE UPDATE ON sidecars
BEGIN SELECT RAISE(ABORT, 'sidecars are append-only'); END;

CREATE TRIGGER sidecars_delete BEFORE DELETE ON sidecars
BEGIN SELECT RAISE(ABORT, 'sidecars are append-only'); END;

CREATE TRIGGER requests_once BEFORE INSERT ON requests
WHEN EXISTS (SELECT 1 FROM requests WHERE request = NEW.request AND kind = NEW.kind)
BEGIN SELECT RAISE(ABORT, 'a request is decided once'); END;

CREATE TRIGGER requests_update BEFORE UPDATE ON requests
BEGIN SELECT RAISE(ABORT, 'requests are append-only'); END;

CREATE TRIGGER requests_delete BEFORE DELETE ON requests
BEGIN SELECT RAISE(ABORT, 'requests are append-only'); END;

CREATE TRIGGER checkpoint_delete BEFORE DELETE ON checkpoint
BEGIN SELECT RAISE(ABORT, 'the checkpoint stays'); END;
