package ram

import (
	"fmt"
	"time"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
	"github.com/writdev/writ/internal/store"
)

// A share that was deleted is seen by its owner for two hours more. Its rows go
// when the owner next writes a share after that; until then a grave, a row that
// sorts by the time of the deletion, tells which shares those are.

const graveType = "resource-share-grave"

// maxBuried bounds how many shares one call drops, so that it stays quick.
const maxBuried = 10

// gone reports whether nobody sees a share any more, though its rows may be there.
func gone(share *sharing.Share, now time.Time) bool {
	return !share.Deleted.IsZero() && !now.Before(share.Deleted.Add(keepDeleted))
}

func digGrave(c *operation.Call, share *sharing.Share) error {
	n := newName(c, graveType, fmt.Sprintf("%020d-%s", c.Now.UnixMicro(), c.NewID()))
	r, err := operation.Record(c, store.Resource{
		ARN: n.String(), Service: api.Name, Type: graveType, Account: n.Account, Region: n.Region, Name: share.Name,
	}, share.ARN)
	if err != nil {
		return err
	}
	return c.Tx.InsertResource(r)
}

// bury drops what is left of shares of the caller's account that are gone.
func bury(c *operation.Call) error {
	q := store.Query{Service: api.Name, Type: graveType, Account: c.Account(), Prefix: newName(c, graveType, "").String(), Limit: maxBuried}
	for grave, err := range c.Tx.Resources(q) {
		if err != nil {
			return err
		}
		if c.Now.Before(grave.CreatedAt.Add(keepDeleted)) {
			return nil // and so are all that come after it
		}
		arn, err := operation.Decode[string](grave)
		if err != nil {
			return err
		}
		share, err := sharing.ReadShare(c.Tx, *arn)
		if err != nil {
			return err
		}
		if err := share.Delete(c); err != nil {
			return err
		}
		if err := c.Tx.DeleteResource(grave.ARN); err != nil {
			return err
		}
	}
	return nil
}
