package ssm

import (
	"errors"
	"time"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// The quotas of OpsItems for an account in a region, in total and per month.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/OpsCenter-troubleshooting.html
const (
	maxOpsItems        = 500_000
	maxOpsItemsOfMonth = 10_000
)

// opsItemCountType is the row type of the count of an account's OpsItems. The count is stored, so checking
// the quotas does not require iterating over them.
const opsItemCountType = "opsitem-count"

// opsItemCount counts the OpsItems of an account in a region.
type opsItemCount struct {
	Total   int
	Month   string // "2026-11": the month that OfMonth counts
	OfMonth int    // number of OpsItems created in the month
}

// countOpsItem counts an OpsItem with a creation time that was added (1) or removed (-1). It returns an
// OpsItemLimitExceededException if a quota is exceeded.
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
