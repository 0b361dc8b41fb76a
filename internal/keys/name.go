package keys

import (
	"regexp"
	"strings"
	"time"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/store"
)

// Scope is where keys live.
type Scope struct{ Partition, Region, Account string }

// Key is the ARN of the key with an id.
func (s Scope) Key(id string) string { return s.prefix() + "key/" + id }

// Alias is the ARN of the alias of a name, "alias/mine".
func (s Scope) Alias(name string) string { return s.prefix() + name }

func (s Scope) prefix() string {
	return "arn:" + s.Partition + ":" + Service + ":" + s.Region + ":" + s.Account + ":"
}

// Found is what a request's name for a key leads to.
type Found struct {
	ARN   string // of the key; of the alias, where it leads to none
	Alias string // the alias that the request named, "alias/mine"; else ""
	Key   *Key   // nil if there is none

	missing *awserr.Error
}

// Existing is the key that was found, or the error that there is none: a
// NotFoundException.
func (f Found) Existing() (*Key, error) {
	if f.Key == nil {
		return nil, f.missing
	}
	return f.Key, nil
}

// Find resolves what a caller in scope calls a key: its id or ARN, the name or
// the ARN of an alias. A key that does not exist is no error yet. The errors are
// an InvalidArnException and, for another region, a NotFoundException.
// https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id
func Find(tx *store.Tx, scope Scope, name string, now time.Time) (Found, error) {
	switch {
	case strings.HasPrefix(name, "arn:"):
		return findARN(tx, scope, name, now)
	case strings.HasPrefix(name, aliasPrefix):
		return findAlias(tx, scope, name, now)
	}
	return findKey(tx, scope, name, now)
}

// keyID matches the ids of keys: a UUID, or that of a multi-Region key.
var keyID = regexp.MustCompile(`^([0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|mrk-[0-9a-fA-F]{32})$`)

func findARN(tx *store.Tx, scope Scope, text string, now time.Time) (Found, error) {
	a, err := arn.Parse(text)
	if err != nil || a.Partition != scope.Partition || a.Service != Service || a.Account == "" {
		return Found{}, awserr.New("InvalidArnException", 400, "%s is not a valid ARN of a key or an alias.", text)
	}
	if a.Region != scope.Region {
		return Found{}, notFound("Invalid arn %s", a.Region)
	}
	scope.Account = a.Account
	switch kind, id, _ := strings.Cut(a.Resource, "/"); kind {
	case keyType:
		return findKey(tx, scope, id, now)
	case aliasType:
		return findAlias(tx, scope, a.Resource, now)
	}
	return Found{}, awserr.New("InvalidArnException", 400, "%s is not a valid ARN of a key or an alias.", text)
}

func findKey(tx *store.Tx, scope Scope, id string, now time.Time) (Found, error) {
	arn := scope.Key(id)
	if !keyID.MatchString(id) {
		return Found{ARN: arn, missing: notFound("Invalid keyId '%s'", id)}, nil
	}
	k, err := Read(tx, arn, now)
	if isNotFound(err) {
		err = nil
	}
	return Found{ARN: arn, Key: k, missing: notFound("Key '%s' does not exist", arn)}, err
}

func findAlias(tx *store.Tx, scope Scope, name string, now time.Time) (Found, error) {
	missing := Found{ARN: scope.Alias(name), Alias: name, missing: notFound("Alias %s is not found.", scope.Alias(name))}
	a, err := ReadAlias(tx, scope, name)
	if isNotFound(err) {
		return missing, nil
	}
	if err != nil {
		return Found{}, err
	}
	k, err := Read(tx, a.Target, now)
	if isNotFound(err) {
		return missing, nil
	}
	return Found{ARN: a.Target, Alias: name, Key: k}, err
}

func notFound(format string, args ...any) *awserr.Error {
	return awserr.New("NotFoundException", 400, format, args...)
}
