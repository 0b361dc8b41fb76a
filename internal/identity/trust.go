package identity

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// UnknownPrincipalError is returned for a policy that names a user or role that does not exist.
type UnknownPrincipalError struct{ Type, Value string }

func (e *UnknownPrincipalError) Error() string {
	return `Invalid principal in policy: "` + e.Type + `":"` + e.Value + `"`
}

// ResolveTrust prepares a trust policy for the store: the users and roles that it names must exist, and
// unique ids are replaced by ARNs. The document must be valid. The error is an *UnknownPrincipalError if a
// principal does not exist.
//
// Trust policies keep unique ids:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
func ResolveTrust(tx *store.Tx, partition, document string) (string, error) {
	return rewritePrincipals(document, func(name string) (string, error) {
		entity, err := principalEntity(tx, partition, name)
		if err != nil {
			return "", err
		}
		switch {
		case entity == "" && mustExist(partition, name):
			return "", &UnknownPrincipalError{"AWS", name}
		case isUniqueID(name):
			return entity, nil
		}
		return name, nil
	})
}

// mustExist reports whether a policy may name a principal only if it exists: a user, a role or a session of
// one, but not an account, a federated user or "*".
func mustExist(partition, name string) bool {
	if name == "*" || arn.IsAccountID(name) {
		return false
	}
	a, err := arn.Parse(name)
	if err != nil || a.Partition != partition || !arn.IsAccountID(a.Account) {
		return true
	}
	kind, _, _ := strings.Cut(a.Resource, "/")
	return a.Service+":"+a.Resource != "iam:root" && a.Service+":"+kind != "sts:federated-user"
}

// ResolvePrincipal resolves a principal named by a request to its ARN, which replaces a
// unique id, and to the unique id of the user or role, "" for an account. The error is
// an *UnknownPrincipalError if the principal must exist and does not.
func ResolvePrincipal(tx *store.Tx, partition, name string) (arn, id string, err error) {
	entity, err := principalEntity(tx, partition, name)
	switch {
	case err != nil:
		return "", "", err
	case entity == "" && mustExist(partition, name):
		return "", "", &UnknownPrincipalError{"AWS", name}
	case entity == "":
		return name, "", nil
	}
	r, err := tx.Resource(entity)
	if err != nil {
		return "", "", err
	}
	e, err := decodeAs[Entity](r)
	if isUniqueID(name) {
		name = e.ARN
	}
	return name, e.ID, err
}

func isUniqueID(name string) bool {
	return strings.HasPrefix(name, idPrefixes[UserKind]) || strings.HasPrefix(name, idPrefixes[RoleKind])
}

// principalEntity returns the ARN of the user or role that a principal names, or "" if there is none.
func principalEntity(tx *store.Tx, partition, name string) (string, error) {
	if isUniqueID(name) {
		return byID(tx, name)
	}
	a, err := arn.Parse(name)
	if err != nil || a.Partition != partition {
		return "", nil
	}
	kind, rest, _ := strings.Cut(a.Resource, "/")
	switch {
	case a.Service == "sts" && kind == "assumed-role":
		role, _, _ := strings.Cut(rest, "/")
		found, err := ARNByName(tx, RoleKind, a.Partition, a.Account, role)
		if isNotFound(err) {
			return "", nil
		}
		return found, err
	case a.Service == "iam" && (kind == "user" || kind == "role"):
		r, err := tx.Resource(name)
		if isNotFound(err) || err == nil && r.Type != kind {
			return "", nil
		}
		return name, err
	}
	return "", nil
}

// trustedEntities returns the ARNs of the existing users and roles that a trust policy names.
func trustedEntities(tx *store.Tx, partition, document string) (list []string, err error) {
	_, err = rewritePrincipals(document, func(name string) (string, error) {
		entity, err := principalEntity(tx, partition, name)
		list = append(list, optionalList(entity)...)
		return name, err
	})
	return list, err
}

// replacePrincipal updates every trust policy that names a user or role whose ARN changes, or which is
// deleted if the new ARN is "".
func replacePrincipal(tx *store.Tx, e Entity, to string, now time.Time) error {
	users, err := tx.ReferencedBy(e.ARN, 0)
	if err != nil {
		return err
	}
	for _, user := range users {
		role, err := ReadRole(tx, user)
		if isNotFound(err) {
			continue // not a role: an instance profile has no trust policy
		}
		if err != nil {
			return err
		}
		role.TrustPolicy, err = rewritePrincipals(role.TrustPolicy, func(name string) (string, error) {
			entity, err := principalEntity(tx, e.partition(), name)
			switch {
			case err != nil || entity != e.ARN:
				return name, err
			case to != "":
				return to, nil
			case name == e.ARN:
				return e.ID, nil
			}
			return e.ID + name[strings.LastIndexByte(name, '/'):], nil // a session: it matches no principal
		})
		if err != nil {
			return err
		}
		if err := PutRole(tx, role, now); err != nil {
			return err
		}
	}
	return nil
}

// rewritePrincipals replaces the AWS principals of a document and leaves the rest of its text unchanged.
func rewritePrincipals(document string, replace func(string) (string, error)) (string, error) {
	doc, err := policy.Parse([]byte(document))
	if err != nil {
		return "", fmt.Errorf("trust policy: %w", err)
	}
	var out strings.Builder
	done := 0
	for i := range doc.Statements() {
		for _, entry := range doc.Statements()[i].Principal.Entries {
			if entry.Type != "AWS" {
				continue
			}
			for _, v := range entry.Values.Values {
				name, err := replace(v.Text)
				if err != nil {
					return "", err
				}
				if name == v.Text {
					continue
				}
				quoted, err := json.Marshal(name) // a path may contain quotes
				if err != nil {
					return "", fmt.Errorf("trust policy: %w", err)
				}
				out.WriteString(document[done:v.Span.Start.Offset])
				out.Write(quoted)
				done = v.Span.End.Offset
			}
		}
	}
	return out.String() + document[done:], nil
}
