-- What people call a version. Named ones are never thinned.
ALTER TABLE commits ADD COLUMN name TEXT;

-- Up to which version the history has been looked at for thinning.
ALTER TABLE documents ADD COLUMN settled_version BIGINT NOT NULL DEFAULT 0;

-- Commits whose versions can't be looked at any more. What they answered is kept: the same commit may be sent again.
CREATE TABLE thinned_commits (
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    version BIGINT NOT NULL,
    commit_id TEXT NOT NULL,
    changes TEXT NOT NULL,
    PRIMARY KEY (document_id, version),
    UNIQUE (document_id, commit_id)
);
