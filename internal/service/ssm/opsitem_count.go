package ssm

import (
	"errors"
	"time"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// How many OpsItems an account may have in a region, and make in a month. Who
// has too many deletes some.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/OpsCenter-troubleshooting.html
const (
	maxOpsItems        = 500_000
	maxOpsItemsOfMonth = 10_000
)

// opsItemCountType is the type in the store of the count of an account's OpsItems. It
// is kept, so that the quotas cost no walk over them.
const opsItemCountType = "opsitem-count"

// opsItemCount counts the OpsItems of an account in a region.
type opsItemCount struct {
	Total   int
	Month   string // "2026-11": the one that OfMonth is about
	OfMonth int    // of them were made in it
}

// countOpsItem notes that an OpsItem, made at a time, came (1) or went (-1). It is
// an OpsItemLimitExceededException if there is no place for it.
func countOpsItem(c *operation.Call, account string, made time.Time, by int) error {
	row := store.Resource{
		ARN: groupARN(c, account) + "/count", Service: api.Name, Type: opsItemCountType, Account: account, Region: c.Region, Name: opsItemCountType,
	}
	n := &opsItemCount{}
	known, err := c.Tx.Resource(row.ARN)
	if err == nil {
		row = known
		n, err = operation.Decode[opsItemCount](row)
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if now := monthOf(c.Now); n.Month != now {
		n.Month, n.OfMonth = now, 0
	}
	n.Total += by
	if monthOf(made) == n.Month {
		n.OfMonth += by
	}
	switch {
	case by > 0 && n.Total > maxOpsItems:
		return opsItemLimit("OpsItems", maxOpsItems)
	case by > 0 && n.OfMonth > maxOpsItemsOfMonth:
		return opsItemLimit("OpsItemsPerMonth", maxOpsItemsOfMonth)
	}
	if row, err = operation.Record(c, row, n); err != nil {
		return err
	}
	return c.Tx.PutResource(row)
}

func monthOf(t time.Time) string { return t.UTC().Format("2006-01") }
