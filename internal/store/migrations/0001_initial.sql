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

CREATE INDEX resources_by_owner ON resources (service, type, account, arn, region);

CREATE TABLE policies (
	arn        TEXT NOT NULL,
	source     TEXT NOT NULL,
	name       TEXT NOT NULL,
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

CREATE TABLE dependencies (
	from_arn TEXT NOT NULL,
	to_arn   TEXT NOT NULL,
	PRIMARY KEY (from_arn, to_arn)
);

CREATE INDEX dependencies_by_target ON dependencies (to_arn, from_arn);

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

CREATE TABLE access_keys (
	id            TEXT NOT NULL PRIMARY KEY,
	principal     TEXT NOT NULL,
	account       TEXT NOT NULL,
	status        TEXT NOT NULL,
	sealed_secret TEXT NOT NULL,
	created_at    BIGINT NOT NULL
);

CREATE INDEX access_keys_by_principal ON access_keys (principal, id);
