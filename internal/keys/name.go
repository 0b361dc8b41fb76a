package keys

import (
	"regexp"
	"strings"
	"time"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/store"
)

// Scope is the partition, region and account of keys.
type Scope struct{ Partition, Region, Account string }

// Key is the ARN of the key with an id.
func (s Scope) Key(id string) string { return s.prefix() + "key/" + id }

// Alias is the ARN of the alias of a name, "alias/mine".
func (s Scope) Alias(name string) string { return s.prefix() + name }

func (s Scope) prefix() string {
	return "arn:" + s.Partition + ":" + Service + ":" + s.Region + ":" + s.Account + ":"
}

// Found is the result of Find.
type Found struct {
	ARN   string // of the key; of the alias if it has no key
	Alias string // the alias in the request, "alias/mine"; "" if there is none
	Key   *Key   // nil if it does not exist

	missing *awserr.Error
}

// Existing returns the key, or a NotFoundException if it does not exist.
func (f Found) Existing() (*Key, error) {
	if f.Key == nil {
		return nil, f.missing
	}
	return f.Key, nil
}

// Find resolves a key identifier of a caller in scope: a key id or ARN, the name or ARN
// of an alias. For a key that does not exist it returns no error; see Existing. The
// errors are an InvalidArnException and, for another region, a NotFoundException.
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

// keyID matches key ids: a UUID, or the id of a multi-Region key.
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
