CREATE TABLE share_associations (
	share      TEXT NOT NULL,
	kind       TEXT NOT NULL,
	entity     TEXT NOT NULL,
	consumer   TEXT NOT NULL,
	account    TEXT NOT NULL,
	region     TEXT NOT NULL,
	status     TEXT NOT NULL,
	data       TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (share, kind, entity)
);

CREATE INDEX share_associations_by_entity ON share_associations (kind, entity, share);

CREATE INDEX share_associations_by_owner ON share_associations (account, region, kind, entity, share);

CREATE INDEX share_associations_by_consumer ON share_associations (consumer, status, share);

CREATE TABLE discoverable (
	consumer TEXT NOT NULL,
	region   TEXT NOT NULL,
	type     TEXT NOT NULL,
	arn      TEXT NOT NULL,
	share    TEXT NOT NULL,
	PRIMARY KEY (consumer, region, type, arn, share)
);

CREATE INDEX discoverable_by_share ON discoverable (share, arn, consumer);
