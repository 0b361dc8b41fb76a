package iam

import (
	"unicode/utf8"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// The default quotas of an account.
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

// maxEntities are the quotas of entities per account by kind.
var maxEntities = map[identity.Kind]int{
	identity.UserKind:              5000,
	identity.GroupKind:             300,
	identity.RoleKind:              1000,
	identity.PolicyKind:            1500,
	identity.InstanceProfileKind:   1000,
	identity.ServerCertificateKind: 20,
}

// quotaNames are their names in error messages.
var quotaNames = map[identity.Kind]string{
	identity.UserKind:              "UsersPerAccount",
	identity.GroupKind:             "GroupsPerAccount",
	identity.RoleKind:              "RolesPerAccount",
	identity.PolicyKind:            "PoliciesPerAccount",
	identity.InstanceProfileKind:   "InstanceProfilesPerAccount",
	identity.ServerCertificateKind: "ServerCertificatesPerAccount",
}

func exceeds(quota string, most int) error {
	return errLimitExceeded("Cannot exceed quota for %s: %d", quota, most)
}

// checkQuota returns an error if the account cannot have another entity of a kind.
func checkQuota(c *operation.Call, kind identity.Kind) error {
	n, err := count(c, kind, maxEntities[kind])
	if err == nil && n >= maxEntities[kind] {
		return exceeds(quotaNames[kind], maxEntities[kind])
	}
	return err
}

// count counts the account's entities of a kind, up to most.
func count(c *operation.Call, kind identity.Kind, most int) (n int, err error) {
	for _, err := range c.Tx.Resources(entities(c, kind, "/", "", most)) {
		if err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}

// entities selects the account's entities of a kind below a path.
func entities(c *operation.Call, kind identity.Kind, path, after string, limit int) store.Query {
	return store.Query{
		Service: api.Name, Type: string(kind), Account: c.Account(),
		Prefix: newARN(c, kind, path, ""), After: after, Limit: limit,
	}
}

// size is the size of a document that quotas limit: its characters without white space.
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
