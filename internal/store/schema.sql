-- The schema as it is now: what all the migrations come to. It is here to be
-- read; a test compares the two. A change to it is a new file in migrations/,
-- and then the same change here.
--
-- Only TEXT and BIGINT, so that SQLite and PostgreSQL mean the same by it.
-- Instants (..._at) are unix microseconds. Nothing is NULL: what is absent is ''.
-- Text sorts byte by byte.

-- Everything that an ARN addresses. data is the owning service's JSON.
CREATE TABLE resources (
	arn        TEXT NOT NULL PRIMARY KEY,
	service    TEXT NOT NULL,
	type       TEXT NOT NULL,
	account    TEXT NOT NULL,
	region     TEXT NOT NULL,
	name       TEXT NOT NULL,
	data       TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL
);

-- For lists. arn stands before region so that a list over all regions (IAM has
-- none) comes sorted too; region is there to skip rows without looking them up.
CREATE INDEX resources_by_owner ON resources (service, type, account, arn, region);

-- Resource-based policies. No foreign key to resources: some stand on an ARN
-- that no row describes, such as an account's group of OpsItems.
CREATE TABLE policies (
	arn        TEXT NOT NULL,
	source     TEXT NOT NULL, -- 'user' or 'ram'
	name       TEXT NOT NULL, -- the slot, '' where there is one only
	document   TEXT NOT NULL,
	revision   TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (arn, source, name)
);

CREATE TABLE tags (
	arn   TEXT NOT NULL,
	key   TEXT NOT NULL,
	value TEXT NOT NULL,
	PRIMARY KEY (arn, key)
);

-- Which resource uses which.
CREATE TABLE dependencies (
	from_arn TEXT NOT NULL,
	to_arn   TEXT NOT NULL,
	PRIMARY KEY (from_arn, to_arn)
);

CREATE INDEX dependencies_by_target ON dependencies (to_arn, from_arn);

-- What create calls answered, by their client token. output is JSON.
CREATE TABLE client_tokens (
	account     TEXT NOT NULL,
	region      TEXT NOT NULL,
	operation   TEXT NOT NULL,
	token       TEXT NOT NULL,
	fingerprint TEXT NOT NULL,
	output      TEXT NOT NULL,
	created_at  BIGINT NOT NULL,
	PRIMARY KEY (account, region, operation, token)
);

-- So that those which have expired are found.
CREATE INDEX client_tokens_by_age ON client_tokens (created_at);

-- Work that is due at a time, at most one for a resource.
CREATE TABLE timers (
	arn    TEXT NOT NULL PRIMARY KEY,
	due_at BIGINT NOT NULL
);

CREATE INDEX timers_by_time ON timers (due_at, arn);

-- sealed_secret is base64.
CREATE TABLE access_keys (
	id            TEXT NOT NULL PRIMARY KEY,
	principal     TEXT NOT NULL,
	account       TEXT NOT NULL,
	status        TEXT NOT NULL,
	sealed_secret TEXT NOT NULL,
	created_at    BIGINT NOT NULL
);

CREATE INDEX access_keys_by_principal ON access_keys (principal, id);

-- What is in a share of resources: resources, principals and sources. Who owns
-- the share stands here too, for lists.
CREATE TABLE share_associations (
	share      TEXT NOT NULL, -- its ARN
	kind       TEXT NOT NULL, -- 'RESOURCE', 'PRINCIPAL' or 'SOURCE'
	entity     TEXT NOT NULL,
	consumer   TEXT NOT NULL, -- of a principal: its account, or the organization or unit that it is
	account    TEXT NOT NULL,
	region     TEXT NOT NULL,
	status     TEXT NOT NULL,
	data       TEXT NOT NULL, -- JSON
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (share, kind, entity)
);

CREATE INDEX share_associations_by_entity ON share_associations (kind, entity, share);

CREATE INDEX share_associations_by_owner ON share_associations (account, region, kind, entity, share);

CREATE INDEX share_associations_by_consumer ON share_associations (consumer, status, share);

-- What shares make discoverable, and to whom: it follows from the shares, and is
-- kept so that a list reads no more than it shows.
CREATE TABLE discoverable (
	consumer TEXT NOT NULL, -- an account, or the ARN of an organization, a unit or a share
	region   TEXT NOT NULL,
	type     TEXT NOT NULL, -- as RAM calls it: 'imagebuilder:Image'; 'resource-share' for a share
	arn      TEXT NOT NULL,
	share    TEXT NOT NULL,
	PRIMARY KEY (consumer, region, type, arn, share)
);

CREATE INDEX discoverable_by_share ON discoverable (share, arn, consumer);
