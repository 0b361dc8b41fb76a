package keys

import (
	"time"

	"github.com/writdev/writ/internal/store"
)

// storeType is the resource type of custom key stores in the store.
const storeType = "custom-key-store"

// Store is the record of a custom key store: of a CloudHSM cluster or the proxy of an
// external key store. It contains no password and no secret.
type Store struct {
	Scope
	ID        string // "cks-1234567890abcdef0"
	Name      string
	Type      string // "AWS_CLOUDHSM" or "EXTERNAL_KEY_STORE"
	CreatedAt time.Time

	Cluster     string `json:",omitempty"`
	TrustAnchor string `json:",omitempty"` // PEM

	Endpoint, Path              string `json:",omitempty"` // of the proxy
	Connectivity                string `json:",omitempty"`
	AccessKeyID                 string `json:",omitempty"` // with which KMS would sign requests to the proxy
	VPCService, VPCServiceOwner string `json:",omitempty"`
}

// ARN is the key of the record in the store.
func (s *Store) ARN() string { return s.prefix() + storeType + "/" + s.ID }

// Write stores the record.
func (s *Store) Write(tx *store.Tx, now time.Time) error {
	return write(tx, store.Resource{ARN: s.ARN(), Type: storeType, Account: s.Account, Region: s.Region, Name: s.Name}, s, now)
}

// Stores returns the custom key stores of an account in a region, ordered by id.
func Stores(tx *store.Tx, scope Scope) ([]*Store, error) {
	var list []*Store
	for r, err := range tx.Resources(store.Query{Service: Service, Type: storeType, Account: scope.Account, Prefix: scope.prefix() + storeType + "/"}) {
		if err != nil {
			return nil, err
		}
		s, err := decode[Store](r)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}
