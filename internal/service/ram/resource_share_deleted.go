package ram

import (
	"fmt"
	"time"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
	"github.com/writdev/writ/internal/store"
)

// The owner of a deleted share can see it for two hours. The next write of the owner
// after that deletes the rows of the share. A row of deletionType records each
// deleted share; its ARN contains the time of deletion, so that the oldest come first.

// deletedRetention is how long the owner can see a deleted share.
// https://docs.aws.amazon.com/ram/latest/userguide/working-with-sharing-delete.html
const deletedRetention = 2 * time.Hour

// deletionType is the stored type of the rows that record deleted shares. Its name
// is part of the data format.
const deletionType = "resource-share-grave"

// maxPurged is the most deleted shares that one request purges.
const maxPurged = 10

// retentionElapsed reports whether a share was deleted so long ago that its owner
// can no longer see it. Its rows may still exist.
func retentionElapsed(share *sharing.Share, now time.Time) bool {
	return !share.Deleted.IsZero() && !now.Before(share.Deleted.Add(deletedRetention))
}

// recordDeletion writes the row by which purgeDeletedShares finds a deleted share.
func recordDeletion(c *operation.Call, share *sharing.Share) error {
	n := newName(c, deletionType, fmt.Sprintf("%020d-%s", c.Now.UnixMicro(), c.NewID()))
	r, err := operation.Record(c, store.Resource{
		ARN: n.String(), Service: api.Name, Type: deletionType, Account: n.Account, Region: n.Region, Name: share.Name,
	}, share.ARN)
	if err != nil {
		return err
	}
	return c.Tx.InsertResource(r)
}

// purgeDeletedShares deletes the rows of shares of the caller's account whose
// retention has elapsed.
func purgeDeletedShares(c *operation.Call) error {
	q := store.Query{Service: api.Name, Type: deletionType, Account: c.Account(), Prefix: newName(c, deletionType, "").String(), Limit: maxPurged}
	for deletion, err := range c.Tx.Resources(q) {
		if err != nil {
			return err
		}
		if c.Now.Before(deletion.CreatedAt.Add(deletedRetention)) {
			return nil // later rows are younger still
		}
		arn, err := operation.Decode[string](deletion)
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
		if err := c.Tx.DeleteResource(deletion.ARN); err != nil {
			return err
		}
	}
	return nil
}
