package iam

import (
	"unicode/utf8"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// The quotas of an account, as AWS sets them for one that asked for no more.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const (
	maxManagedSize  = 6144 // characters without white space, here and below
	maxUserInline   = 2048 // of all inline policies together
	maxGroupInline  = 5120
	maxRoleInline   = 10240
	maxTrustSize    = 2048
	maxVersions     = 5  // of a managed policy
	maxAttached     = 10 // managed policies of one user, group or role
	maxGroupsOfUser = 10
	maxAccessKeys   = 2
	maxTags         = 50
)

// maxEntities is how many things of a kind an account may have.
var maxEntities = map[identity.Kind]int{
	identity.UserKind:            5000,
	identity.GroupKind:           300,
	identity.RoleKind:            1000,
	identity.PolicyKind:          1500,
	identity.InstanceProfileKind: 1000,
}

// quotaNames are what the error messages call those.
var quotaNames = map[identity.Kind]string{
	identity.UserKind:            "UsersPerAccount",
	identity.GroupKind:           "GroupsPerAccount",
	identity.RoleKind:            "RolesPerAccount",
	identity.PolicyKind:          "PoliciesPerAccount",
	identity.InstanceProfileKind: "InstanceProfilesPerAccount",
}

func exceeds(quota string, most int) error {
	return errLimitExceeded("Cannot exceed quota for %s: %d", quota, most)
}

// room makes sure that the account may have one thing more.
func room(c *operation.Call, kind identity.Kind) error {
	n, err := count(c, kind, maxEntities[kind])
	if err == nil && n >= maxEntities[kind] {
		return exceeds(quotaNames[kind], maxEntities[kind])
	}
	return err
}

// count counts the things of a kind that the account has, up to most.
func count(c *operation.Call, kind identity.Kind, most int) (n int, err error) {
	for _, err := range c.Tx.Resources(entities(c, kind, "/", "", most)) {
		if err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}

// entities selects the things of a kind below a path.
func entities(c *operation.Call, kind identity.Kind, path, after string, limit int) store.Query {
	return store.Query{
		Service: api.Name, Type: string(kind), Account: c.Account(),
		Prefix: newARN(c, kind, path, ""), After: after, Limit: limit,
	}
}

// size counts the characters of a document that quotas count.
func size(document string) int {
	n := utf8.RuneCountInString(document)
	for i := range len(document) {
		switch document[i] {
		case ' ', '\t', '\r', '\n':
			n--
		}
	}
	return n
}
