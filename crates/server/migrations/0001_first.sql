-- People.

CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    -- The address in lower case: what an account is known by.
    account TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    -- Null: no password opens it.
    password_hash TEXT,
    created_at BIGINT NOT NULL
);

CREATE TABLE sign_ins (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    -- SHA-256 of the token, which itself is kept nowhere.
    token_hash TEXT NOT NULL UNIQUE,
    device_name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL
);
CREATE INDEX sign_ins_of_user ON sign_ins (user_id, created_at, id);

CREATE TABLE sign_in_failures (
    id TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL,
    address TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX sign_in_failures_of_account ON sign_in_failures (account, at);
CREATE INDEX sign_in_failures_of_address ON sign_in_failures (address, at);
CREATE INDEX sign_in_failures_by_age ON sign_in_failures (at);

-- What they share.

CREATE TABLE workspaces (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- The greatest fencing token ever given out for its lock.
    fence BIGINT NOT NULL
);

CREATE TABLE members (
    workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id),
    role TEXT NOT NULL,
    joined_at BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, user_id)
);
CREATE INDEX members_by_user ON members (user_id);

CREATE TABLE projects (
    id TEXT NOT NULL PRIMARY KEY,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX projects_of_workspace ON projects (workspace_id, created_at, id);

-- No foreign key: what was done to a workspace outlives it.
CREATE TABLE audit (
    -- UUIDv7: in order of time.
    id TEXT NOT NULL PRIMARY KEY,
    -- Null: it concerned a user's own space.
    workspace_id TEXT,
    at BIGINT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    reason TEXT
);
CREATE INDEX audit_of_workspace ON audit (workspace_id, id);

-- What they draw.

CREATE TABLE documents (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- Of a personal document: whose. Else null, and it is a workspace's.
    owner_id TEXT REFERENCES users (id),
    workspace_id TEXT REFERENCES workspaces (id) ON DELETE CASCADE,
    project_id TEXT REFERENCES projects (id) ON DELETE CASCADE,
    version BIGINT NOT NULL,
    -- Live elements, so that a commit need not count them.
    elements BIGINT NOT NULL,
    -- The greatest fencing token ever given out for it or its elements.
    fence BIGINT NOT NULL,
    -- The latest one given out in exclusive mode, and to which session.
    exclusive_fence BIGINT NOT NULL,
    exclusive_session TEXT,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL REFERENCES users (id),
    updated_at BIGINT NOT NULL,
    updated_by TEXT NOT NULL REFERENCES users (id)
);
CREATE INDEX documents_of_owner ON documents (owner_id, updated_at, id);
CREATE INDEX documents_of_workspace ON documents (workspace_id, updated_at, id);
CREATE INDEX documents_of_project ON documents (project_id, updated_at, id);

-- What is in a document now: elements, files, and its scene (whose entry_id is empty). Deleted ones stay, with the deletion's version.
CREATE TABLE entries (
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    deleted BIGINT NOT NULL,
    -- The element's own index, by which elements are ordered.
    position TEXT {bytewise},
    -- Rises with each new entry of the document: the order of creation.
    created_order BIGINT NOT NULL,
    created_by TEXT NOT NULL REFERENCES users (id),
    updated_at BIGINT NOT NULL,
    updated_by TEXT NOT NULL REFERENCES users (id),
    sha256 TEXT,
    -- Null where deleted.
    data TEXT,
    PRIMARY KEY (document_id, kind, entry_id)
);

-- Every state that an entry ever had, and which version of the document brought it.
CREATE TABLE entry_versions (
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    document_version BIGINT NOT NULL,
    version BIGINT NOT NULL,
    deleted BIGINT NOT NULL,
    position TEXT {bytewise},
    updated_at BIGINT NOT NULL,
    updated_by TEXT NOT NULL REFERENCES users (id),
    sha256 TEXT,
    data TEXT,
    PRIMARY KEY (document_id, kind, entry_id, document_version)
);

CREATE TABLE commits (
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    version BIGINT NOT NULL,
    commit_id TEXT NOT NULL,
    base_version BIGINT NOT NULL,
    at BIGINT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    device_name TEXT NOT NULL,
    restored_version BIGINT,
    -- What changed, without data, as JSON: the history's line, and the answer to the same commit sent again.
    changes TEXT NOT NULL,
    PRIMARY KEY (document_id, version),
    UNIQUE (document_id, commit_id)
);

CREATE TABLE blobs (
    sha256 TEXT NOT NULL PRIMARY KEY,
    media_type TEXT NOT NULL,
    bytes {bytes} NOT NULL
);

-- Through which documents a file was put, and may be read.
CREATE TABLE document_files (
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    sha256 TEXT NOT NULL REFERENCES blobs (sha256),
    PRIMARY KEY (document_id, sha256)
);
CREATE INDEX document_files_by_hash ON document_files (sha256);

-- Sessions, leases, locks.

CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,
    sign_in_id TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    -- Null: the user's own space.
    workspace_id TEXT,
    device_name TEXT NOT NULL,
    ttl_ms BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    heartbeat_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- 1 while what is left of the lease is the grace after an unclean close.
    cut BIGINT NOT NULL,
    idle_ms BIGINT,
    -- Set once it has ended and its locks are gone; the id stays reserved for its user for a day.
    ended_at BIGINT
);
CREATE INDEX sessions_by_expiry ON sessions (expires_at) WHERE ended_at IS NULL;
CREATE INDEX sessions_by_end ON sessions (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX sessions_of_sign_in ON sessions (sign_in_id) WHERE ended_at IS NULL;
CREATE INDEX sessions_of_user ON sessions (user_id) WHERE ended_at IS NULL;
CREATE INDEX sessions_of_workspace ON sessions (workspace_id) WHERE ended_at IS NULL;

-- Which sockets speak for a session.
CREATE TABLE attachments (
    session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    connection_id TEXT NOT NULL,
    -- The server process that has the socket.
    replica TEXT NOT NULL,
    PRIMARY KEY (session_id, connection_id)
);
CREATE INDEX attachments_of_connection ON attachments (connection_id);

-- A lock is live as long as its session's lease is: nothing here says so twice.
CREATE TABLE locks (
    kind TEXT NOT NULL,
    -- Empty for a workspace's.
    document_id TEXT NOT NULL,
    -- The workspace, the document or the element.
    resource_id TEXT NOT NULL,
    session_id TEXT NOT NULL REFERENCES sessions (id),
    -- The space that the resource is in: one of the two.
    workspace_id TEXT,
    owner_id TEXT,
    mode TEXT NOT NULL,
    fence BIGINT NOT NULL,
    acquired_at BIGINT NOT NULL,
    PRIMARY KEY (kind, document_id, resource_id, session_id)
);
CREATE INDEX locks_of_session ON locks (session_id);
CREATE INDEX locks_of_document ON locks (document_id);
CREATE INDEX locks_of_workspace ON locks (workspace_id);
CREATE INDEX locks_of_owner ON locks (owner_id);

-- Who waits for a lock, in order of asking, and for whom a freed one is reserved.
CREATE TABLE waiters (
    kind TEXT NOT NULL,
    document_id TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    mode TEXT NOT NULL,
    asked_order BIGINT NOT NULL,
    asked_at BIGINT NOT NULL,
    PRIMARY KEY (kind, document_id, resource_id, session_id)
);
CREATE TABLE offers (
    kind TEXT NOT NULL,
    document_id TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    until_at BIGINT NOT NULL,
    PRIMARY KEY (kind, document_id, resource_id)
);
