package keys

import (
	"fmt"
	"strings"
	"time"

	"github.com/writdev/writ/internal/store"
)

// Alias is another name of a key.
type Alias struct {
	Scope
	Name      string // "alias/mine"
	Target    string // the ARN of the key
	CreatedAt time.Time
	UpdatedAt time.Time
}

const (
	aliasPrefix = aliasType + "/"
	awsPrefix   = aliasPrefix + "aws/"
)

// ARN is the alias's ARN.
func (a *Alias) ARN() string { return a.Scope.Alias(a.Name) }

// IsAlias reports whether a name has the form of an alias.
func IsAlias(name string) bool { return strings.HasPrefix(name, aliasPrefix) && name != aliasPrefix }

// IsReserved reports whether a name is reserved for the aliases of AWS managed keys.
func IsReserved(name string) bool { return strings.HasPrefix(name, awsPrefix) }

// ReadAlias returns the alias with a name; store.ErrNotFound if there is none. Its key
// may have been deleted.
func ReadAlias(tx *store.Tx, scope Scope, name string) (*Alias, error) {
	r, err := tx.Resource(scope.Alias(name))
	if err == nil && (r.Service != Service || r.Type != aliasType) {
		err = fmt.Errorf("%s is not an alias: %w", name, store.ErrNotFound)
	}
	if err != nil {
		return nil, err
	}
	return decode[Alias](r)
}

// Write stores the alias with a reference to its key.
func (a *Alias) Write(tx *store.Tx, now time.Time) error {
	err := write(tx, store.Resource{ARN: a.ARN(), Type: aliasType, Account: a.Account, Region: a.Region, Name: a.Name}, a, now)
	if err != nil {
		return err
	}
	return tx.SetReferences(a.ARN(), []string{a.Target})
}

// Aliases returns the aliases of an account in a region, ordered by name, without those
// of deleted keys.
func Aliases(tx *store.Tx, scope Scope, now time.Time) ([]*Alias, error) {
	var list []*Alias
	for r, err := range tx.Resources(store.Query{Service: Service, Type: aliasType, Account: scope.Account, Prefix: scope.Alias(aliasPrefix)}) {
		if err != nil {
			return nil, err
		}
		a, err := decode[Alias](r)
		if err != nil {
			return nil, err
		}
		_, err = Read(tx, a.Target, now)
		switch {
		case err == nil:
			list = append(list, a)
		case !isNotFound(err):
			return nil, err
		}
	}
	return list, nil
}

// Names returns the names of the key's aliases: "alias/mine".
func (k *Key) Names(tx *store.Tx) ([]string, error) {
	if k.Manager != "" { // an AWS managed key has only its predefined alias
		return []string{awsPrefix + k.Manager}, nil
	}
	users, err := tx.ReferencedBy(k.ARN(), 0)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, user := range users {
		if name, ok := strings.CutPrefix(user, k.prefix()); ok && strings.HasPrefix(name, aliasPrefix) {
			names = append(names, name)
		}
	}
	return names, nil
}
