-- An account's membership refers to its node, so that one query finds all that the
-- account's organization puts on it. The row's data is that ARN as a JSON string.
INSERT INTO dependencies (from_arn, to_arn)
SELECT arn, trim(data, '"') FROM resources WHERE service = 'organizations' AND type = 'membership'
ON CONFLICT (from_arn, to_arn) DO NOTHING;
