-- Where a share has more than 16 consumers, it is itself the consumer of its resources, and
-- each of them discovers the share.
INSERT INTO discoverable (consumer, region, type, arn, share)
SELECT DISTINCT share, region, type, arn, share FROM discoverable
WHERE share IN (SELECT share FROM discoverable GROUP BY share HAVING COUNT(DISTINCT consumer) > 16);

INSERT INTO discoverable (consumer, region, type, arn, share)
SELECT DISTINCT consumer, region, 'resource-share', share, share FROM discoverable
WHERE consumer <> share AND share IN (SELECT share FROM discoverable WHERE consumer = share);

DELETE FROM discoverable
WHERE consumer <> share AND type <> 'resource-share' AND share IN (SELECT share FROM discoverable WHERE consumer = share);
