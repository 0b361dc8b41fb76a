package identity

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// User is an IAM user with the policies of its own side.
type User struct {
	ARN     string
	Account string
	Name    string
	ID      string // AIDA...: another for a user made again under the old name

	Policies map[string]string // inline policies: name to document
	Boundary *string           // the permissions boundary's document; nil for none
}

const (
	iamService = "iam"
	userType   = "user"
)

// NewUser is a user of the root path who does not exist in the store yet.
func NewUser(partition, account, name string) User {
	return User{
		ARN:     "arn:" + partition + ":iam::" + account + ":user/" + name,
		Account: account,
		Name:    name,
		ID:      newID("AIDA", 17),
	}
}

// ReadUser reads the user at an ARN; store.ErrNotFound if there is none.
func ReadUser(tx *store.Tx, arn string) (User, error) {
	r, err := tx.Resource(arn)
	if err != nil {
		return User{}, err
	}
	var u User
	if err := json.Unmarshal(r.Data, &u); err != nil {
		return User{}, fmt.Errorf("read user %s: %w", arn, err)
	}
	return u, nil
}

// PutUser creates or replaces a user. Its documents must be policies.
func PutUser(tx *store.Tx, u User, now time.Time) error {
	documents := slices.Collect(maps.Values(u.Policies))
	if u.Boundary != nil {
		documents = append(documents, *u.Boundary)
	}
	for _, text := range documents {
		if _, err := policy.Parse([]byte(text)); err != nil {
			return fmt.Errorf("put user %s: %w", u.ARN, err)
		}
	}
	data, err := json.Marshal(u)
	if err != nil {
		return fmt.Errorf("put user %s: %w", u.ARN, err)
	}
	return tx.PutResource(store.Resource{
		ARN: u.ARN, Service: iamService, Type: userType, Account: u.Account, Name: u.Name,
		Data: data, CreatedAt: now, UpdatedAt: now,
	})
}

func (u User) caller(accessKeyID string) Caller {
	return Caller{
		Principal:   policy.Principal{Kind: policy.User, ARN: u.ARN, Account: u.Account},
		UserID:      u.ID,
		Name:        u.Name,
		AccessKeyID: accessKeyID,
	}
}
