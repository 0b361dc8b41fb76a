package store

import "fmt"

// Discovery makes a resource discoverable to a consumer through a share: to an account, to
// the accounts of an organization or organizational unit, or to whoever discovers the share.
type Discovery struct {
	Consumer string // 12 digits, or an ARN
	Region   string
	Type     string // "imagebuilder:Image"
	ARN      string
	Share    string // ARN
}

// PutDiscovery adds d, if it does not exist.
func (tx *Tx) PutDiscovery(d Discovery) error {
	err := tx.write(
		`INSERT INTO discoverable (consumer, region, type, arn, share) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (consumer, region, type, arn, share) DO NOTHING`,
		d.Consumer, d.Region, d.Type, d.ARN, d.Share)
	if err != nil {
		return fmt.Errorf("show %s to %s: %w", d.ARN, d.Consumer, err)
	}
	return nil
}

// DeleteDiscoveries removes everything that a share makes discoverable.
func (tx *Tx) DeleteDiscoveries(share string) error {
	if err := tx.write(`DELETE FROM discoverable WHERE share = $1`, share); err != nil {
		return fmt.Errorf("hide what %s shares: %w", share, err)
	}
	return nil
}

// DeleteDiscovery removes d, if it exists.
func (tx *Tx) DeleteDiscovery(d Discovery) error {
	err := tx.write(
		`DELETE FROM discoverable WHERE consumer = $1 AND region = $2 AND type = $3 AND arn = $4 AND share = $5`,
		d.Consumer, d.Region, d.Type, d.ARN, d.Share)
	if err != nil {
		return fmt.Errorf("hide %s from %s: %w", d.ARN, d.Consumer, err)
	}
	return nil
}

// Discoveries returns everything that a share makes discoverable, by ARN and consumer.
func (tx *Tx) Discoveries(share string) ([]Discovery, error) {
	list, err := queryAll(tx, func(from row) (Discovery, error) {
		d := Discovery{Share: share}
		err := from.Scan(&d.Consumer, &d.Region, &d.Type, &d.ARN)
		return d, err
	}, `SELECT consumer, region, type, arn FROM discoverable WHERE share = $1 ORDER BY arn, consumer`, share)
	if err != nil {
		return nil, fmt.Errorf("read what %s shares: %w", share, err)
	}
	return list, nil
}

// Discoverable returns the resources of a type that a consumer can discover in a region:
// at most limit ARNs, in order, that sort after the given one.
func (tx *Tx) Discoverable(consumer, region, typ, after string, limit int) ([]string, error) {
	list, err := queryAll(tx, scanText,
		`SELECT DISTINCT arn FROM discoverable WHERE consumer = $1 AND region = $2 AND type = $3 AND arn > $4 ORDER BY arn LIMIT $5`,
		consumer, region, typ, after, limit)
	if err != nil {
		return nil, fmt.Errorf("list what %s can discover: %w", consumer, err)
	}
	return list, nil
}
