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
	case !keyID.MatchString(name):
		return Found{ARN: scope.Key(name), missing: notFound("Invalid keyId '%s'", name)}, nil
	}
	return findKey(tx, scope.Key(name), now)
}

// keyID matches the ids of keys.
var keyID = regexp.MustCompile(`^(mrk-)?[0-9a-fA-F-]{32,36}$`)

func findARN(tx *store.Tx, scope Scope, text string, now time.Time) (Found, error) {
	a, err := arn.Parse(text)
	if err != nil || a.Partition != scope.Partition || a.Service != Service || a.Account == "" {
		return Found{}, awserr.New("InvalidArnException", 400, "%s is not a valid ARN of a key or an alias.", text)
	}
	if a.Region != scope.Region {
		return Found{}, notFound("Invalid arn %s", a.Region)
	}
	kind, _, _ := strings.Cut(a.Resource, "/")
	switch kind {
	case keyType:
		return findKey(tx, text, now)
	case aliasType:
		scope.Account = a.Account
		return findAlias(tx, scope, a.Resource, now)
	}
	return Found{}, awserr.New("InvalidArnException", 400, "%s is not a valid ARN of a key or an alias.", text)
}

func findKey(tx *store.Tx, arn string, now time.Time) (Found, error) {
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
	found, err := findKey(tx, a.Target, now)
	if found.Key == nil {
		return missing, err
	}
	found.Alias = name
	return found, err
}

func notFound(format string, args ...any) *awserr.Error {
	return awserr.New("NotFoundException", 400, format, args...)
}
