-- Work that is due at a time, at most one for a resource.
CREATE TABLE timers (
	arn    TEXT NOT NULL PRIMARY KEY,
	due_at BIGINT NOT NULL
);

CREATE INDEX timers_by_time ON timers (due_at, arn);

-- So that those which have expired are found.
CREATE INDEX client_tokens_by_age ON client_tokens (created_at);
