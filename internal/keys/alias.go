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

// IsAlias reports whether a name is one that an alias may have.
func IsAlias(name string) bool { return strings.HasPrefix(name, aliasPrefix) && name != aliasPrefix }

// IsReserved reports whether the alias of a name is for AWS managed keys.
func IsReserved(name string) bool { return strings.HasPrefix(name, awsPrefix) }

// ReadAlias returns the alias of a name; store.ErrNotFound if there is none. Its
// key may be gone.
func ReadAlias(tx *store.Tx, scope Scope, name string) (*Alias, error) {
	r, err := tx.Resource(scope.Alias(name))
	if err == nil && (r.Service != Service || r.Type != aliasType) {
		err = fmt.Errorf("%s is no alias: %w", name, store.ErrNotFound)
	}
	if err != nil {
		return nil, err
	}
	return decode[Alias](r)
}

// Write stores the alias. It refers to its key.
func (a *Alias) Write(tx *store.Tx, now time.Time) error {
	err := write(tx, store.Resource{ARN: a.ARN(), Type: aliasType, Account: a.Account, Region: a.Region, Name: a.Name}, a, now)
	if err != nil {
		return err
	}
	return tx.SetReferences(a.ARN(), []string{a.Target})
}

// Aliases returns the aliases of an account in a region whose keys are there, in
// the order of their names.
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

// Names returns the aliases that lead to the key: "alias/mine".
func (k *Key) Names(tx *store.Tx) ([]string, error) {
	if k.Manager != "" { // whose policy lets nobody name it
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
