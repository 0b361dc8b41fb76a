package identity

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// Kind is a kind of IAM entity, in the spelling of its ARN.
type Kind string

// The kinds that Writ serves.
const (
	UserKind            Kind = "user"
	GroupKind           Kind = "group"
	RoleKind            Kind = "role"
	PolicyKind          Kind = "policy"
	InstanceProfileKind Kind = "instance-profile"
)

// KindOf returns the kind of the entity at an ARN. The path in the ARN may resemble another kind:
// "role/a:user/b/name".
func KindOf(arn string) Kind {
	field := strings.SplitN(arn, ":", 6)
	kind, _, _ := strings.Cut(field[len(field)-1], "/")
	return Kind(kind)
}

// idPrefixes holds the prefixes of unique ids by kind.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
var idPrefixes = map[Kind]string{
	UserKind:              "AIDA",
	GroupKind:             "AGPA",
	RoleKind:              "AROA",
	PolicyKind:            "ANPA",
	InstanceProfileKind:   "AIPA",
	ServerCertificateKind: "ASCA",
}

// Entity holds the properties that every IAM entity has: a name and a path, which form its ARN, and a unique
// id. An entity that is created again under the same name has another id.
type Entity struct {
	ARN       string
	Account   string // 12 digits
	Path      string // "/" or "/division/"
	Name      string
	ID        string // 21 characters: "AROA..."
	CreatedAt time.Time
}

// newEntity returns an entity that is not yet stored.
func newEntity(kind Kind, partition, account, path, name string) Entity {
	return Entity{
		ARN:     entityARN(kind, partition, account, path, name),
		Account: account,
		Path:    path,
		Name:    name,
		ID:      newID(idPrefixes[kind], 17),
	}
}

func entityARN(kind Kind, partition, account, path, name string) string {
	return "arn:" + partition + ":iam::" + account + ":" + string(kind) + path + name
}

// partition returns the partition of the entity's ARN.
func (e *Entity) partition() string {
	_, rest, _ := strings.Cut(e.ARN, ":")
	partition, _, _ := strings.Cut(rest, ":")
	return partition
}

// ARNByName returns the ARN of the entity with a name in an account. If there is none, it returns the ARN
// with the path "/" and the error store.ErrNotFound. The name is case-sensitive.
func ARNByName(tx *store.Tx, kind Kind, partition, account, name string) (string, error) {
	taken, err := takenName(tx, kind, partition, account, name)
	if err != nil {
		return "", err
	}
	if strings.HasSuffix(taken, "/"+name) {
		return taken, nil
	}
	return entityARN(kind, partition, account, "/", name), fmt.Errorf("%s %s: %w", kind, name, store.ErrNotFound)
}

// NameTaken reports whether a name is in use in an account, with any path and in any case.
func NameTaken(tx *store.Tx, kind Kind, partition, account, name string) (bool, error) {
	arn, err := takenName(tx, kind, partition, account, name)
	return arn != "", err
}

func takenName(tx *store.Tx, kind Kind, partition, account, name string) (arn string, err error) {
	arns, err := tx.ReferencedBy(nameKey(kind, partition, account, name), 1)
	if err != nil || len(arns) == 0 {
		return "", err
	}
	return arns[0], nil
}

// An entity refers to its own name and id, so that both can be looked up: a name is unique in its account and
// an id everywhere, and neither contains the path, which is part of the ARN.

func nameKey(kind Kind, partition, account, name string) string {
	return "name:" + partition + ":" + account + ":" + string(kind) + "/" + strings.ToLower(name)
}

func idKey(id string) string { return "id:" + id }

// byID returns the ARN of the user or role with a unique id, or "" if there is none.
func byID(tx *store.Tx, id string) (string, error) {
	arns, err := tx.ReferencedBy(idKey(id), 1)
	if err != nil || len(arns) == 0 {
		return "", err
	}
	return arns[0], nil
}

// readAs reads the entity of a kind at an ARN. It returns store.ErrNotFound if there is none.
func readAs[T any](tx *store.Tx, kind Kind, arn string) (T, error) {
	r, err := tx.Resource(arn)
	if err != nil {
		var none T
		return none, err
	}
	return decodeKind[T](kind, r)
}

func decodeKind[T any](kind Kind, r store.Resource) (T, error) {
	if r.Service != iamService || r.Type != string(kind) {
		var none T
		return none, fmt.Errorf("%s is not a %s: %w", r.ARN, kind, store.ErrNotFound)
	}
	return decodeAs[T](r)
}

func decodeAs[T any](r store.Resource) (T, error) {
	var v T
	if err := json.Unmarshal(r.Data, &v); err != nil {
		return v, fmt.Errorf("read %s: %w", r.ARN, err)
	}
	return v, nil
}

// write stores an entity and its references to the entities that it uses.
func write(tx *store.Tx, kind Kind, e *Entity, v any, uses []string, now time.Time) error {
	if e.CreatedAt.IsZero() {
		e.CreatedAt = now
	}
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("put %s: %w", e.ARN, err)
	}
	err = tx.PutResource(store.Resource{
		ARN: e.ARN, Service: iamService, Type: string(kind), Account: e.Account, Name: e.Name,
		Data: data, CreatedAt: e.CreatedAt, UpdatedAt: now,
	})
	if err != nil {
		return err
	}
	keys := []string{nameKey(kind, e.partition(), e.Account, e.Name), idKey(e.ID)}
	return tx.SetReferences(e.ARN, slices.Concat(keys, uses))
}

const iamService = "iam"

// isNotFound reports whether err is store.ErrNotFound.
func isNotFound(err error) bool { return errors.Is(err, store.ErrNotFound) }

// Grants holds the inline and attached policies of a user, a group or a role.
type Grants struct {
	Policies map[string]string // inline: name to document
	Attached []string          // the ARNs of managed policies, in the order in which they were attached
}

// SetPolicy adds an inline policy or replaces the policy with the same name.
func (g *Grants) SetPolicy(name, document string) {
	if g.Policies == nil {
		g.Policies = map[string]string{}
	}
	g.Policies[name] = document
}

// parse checks that the inline policies are valid: an invalid one would make every request of its principal
// fail.
func (g *Grants) parse() error {
	for name, document := range g.Policies {
		if _, err := policy.Parse([]byte(document)); err != nil {
			return fmt.Errorf("policy %s: %w", name, err)
		}
	}
	return nil
}
