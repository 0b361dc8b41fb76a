package operation

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/awserr"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/keys"
	"github.com/writdev/writ/policy"
)

// The same rules apply to a use of a KMS key by callers of KMS and by services on behalf
// of their callers: the key policy, the caller's policies and the key's grants. Services
// use EncryptVia and DecryptVia; KMS itself uses KeyTarget.

// KeyUse is one use of a key.
type KeyUse struct {
	Operation string            // "Decrypt"
	Context   map[string]string // the encryption context
	Via       string            // the service that acts for the caller, "ssm"; "" for a call of KMS
	Keys      map[string]string // condition keys that only this operation has: "kms:SigningAlgorithm"
}

// Scope is the partition, region and account of the caller's keys.
func (c *Call) Scope() keys.Scope {
	return keys.Scope{Partition: c.Partition, Region: c.Region, Account: c.Account()}
}

// FindKey resolves a key id, ARN or alias in the caller's scope; see keys.Find.
func (c *Call) FindKey(name string) (keys.Found, error) {
	return keys.Find(c.Tx, c.Scope(), name, c.Now)
}

// ProvideKey is FindKey in an operation that writes: it creates an AWS managed key
// named by its alias at its first use.
func (c *Call) ProvideKey(name string) (keys.Found, error) {
	found, err := c.FindKey(name)
	manager := keys.ManagerOf(found.Alias)
	if err != nil || found.Key != nil || manager == "" || found.ARN != c.Scope().Alias(found.Alias) {
		return found, err
	}
	if _, err := keys.Managed(c.Tx, c.Directory.Sealer, c.Scope(), manager, c.NewID(), c.Now); err != nil {
		return keys.Found{}, err
	}
	return c.FindKey(name)
}

// EncryptVia encrypts under a key on behalf of the caller of the service via. The
// operation must write if name may be the alias of an AWS managed key. Its errors are
// the gate's and those of KMS, by code: NotFoundException, DisabledException,
// KMSInvalidStateException.
func (c *Call) EncryptVia(via, name string, context map[string]string, plaintext []byte) (blob []byte, key *keys.Key, err error) {
	found, err := c.ProvideKey(name)
	if err != nil {
		return nil, nil, err
	}
	if key, err = c.useKey(found, KeyUse{Operation: "Encrypt", Context: context, Via: via}); err != nil {
		return nil, nil, err
	}
	blob, _, err = key.Encrypt(c.Directory.Sealer, c.Now, symmetricUse("Encrypt", context), plaintext)
	return blob, key, err
}

// DecryptVia is the inverse of EncryptVia. It has the same errors and
// InvalidCiphertextException.
func (c *Call) DecryptVia(via string, blob []byte, context map[string]string) (plaintext []byte, key *keys.Key, err error) {
	arn, err := keys.BlobKey(blob)
	if err != nil {
		return nil, nil, err
	}
	found, err := c.FindKey(arn)
	if err != nil {
		return nil, nil, err
	}
	if key, err = c.useKey(found, KeyUse{Operation: "Decrypt", Context: context, Via: via}); err != nil {
		return nil, nil, err
	}
	plaintext, _, err = key.Decrypt(c.Directory.Sealer, c.Now, symmetricUse("Decrypt", context), blob)
	return plaintext, key, err
}

// symmetricUse is the use of a key by a service, which is always symmetric.
func symmetricUse(operation string, context map[string]string) keys.Use {
	return keys.Use{Operation: operation, Algorithm: keys.SymmetricDefault, Context: context}
}

func (c *Call) useKey(found keys.Found, use KeyUse) (*keys.Key, error) {
	target, err := c.KeyTarget(found, use)
	if err != nil {
		return nil, err
	}
	if err := c.Authorize("kms:"+use.Operation, target); err != nil {
		return nil, err
	}
	return found.Existing()
}

// UseKeyVia authorizes the service via to use a key on behalf of the caller for each of
// the operations: "GenerateDataKey". It encrypts nothing. Its errors are the gate's and
// those of KMS, by code: NotFoundException, DisabledException, KMSInvalidStateException.
func (c *Call) UseKeyVia(via, name string, operations ...string) error {
	found, err := c.FindKey(name)
	if err != nil {
		return err
	}
	for _, op := range operations {
		target, err := c.KeyTarget(found, KeyUse{Operation: op, Via: via})
		if err != nil {
			return err
		}
		if err := c.Authorize("kms:"+op, target); err != nil {
			return err
		}
	}
	key, err := found.Existing()
	if err != nil {
		return err
	}
	return key.CheckUsable(c.Now)
}

// KeyTarget is a key as the target of one use of it.
//
// A key that does not exist is authorized with the default key policy, so that only
// callers who may use the keys of the account learn which exist. For an alias without a
// key there is no key policy.
func (c *Call) KeyTarget(found keys.Found, use KeyUse) (authz.Target, error) {
	t := authz.Target{ARN: found.ARN, Keys: map[string][]string{"kms:CallerAccount": {c.Account()}}}
	if use.Via != "" {
		t.Keys["kms:ViaService"] = []string{keys.ViaService(use.Via, c.Region)}
		SetVia(t.Keys, use.Via)
	}
	if keys.HasContext(use.Operation) {
		t.Keys["kms:EncryptionAlgorithm"] = []string{keys.SymmetricDefault}
	}
	for key, value := range use.Keys {
		t.Keys[key] = []string{value}
	}
	if found.Alias != "" && keys.AcceptsAlias(use.Operation) {
		t.Keys["kms:RequestAlias"] = []string{found.Alias}
	}
	if err := setContext(t.Keys, use.Context); err != nil {
		return t, err
	}
	switch {
	case found.Key != nil:
		return t, c.describeKey(&t, found.Key, use)
	case found.Alias != "":
		t.PolicyARN = "*"
	case c.Caller.OwnsARN(found.ARN):
		t.ResourcePolicies = []identity.Document{{Name: "default", Text: keys.DefaultPolicy(c.Scope())}}
	}
	return t, nil
}

// SetVia sets the condition keys of what a service does on the caller's behalf in another.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-calledvia
func SetVia(condition map[string][]string, service string) {
	host := service + ".amazonaws.com"
	condition["aws:ViaAWSService"] = []string{"true"}
	for _, key := range []string{"aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast"} {
		condition[key] = []string{host}
	}
}

// setContext sets the condition keys of an encryption context. They are not
// case-sensitive, so it rejects two keys that differ only in case.
// https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
func setContext(condition map[string][]string, context map[string]string) error {
	if len(context) == 0 {
		return nil
	}
	seen := map[string]bool{}
	for key, value := range context {
		folded := strings.ToLower(key)
		if seen[folded] {
			return awserr.New("ValidationException", 400, "Two keys of the encryption context differ only in case: %q.", folded)
		}
		seen[folded] = true
		condition["kms:EncryptionContext:"+key] = []string{value}
	}
	condition["kms:EncryptionContextKeys"] = slices.Sorted(maps.Keys(context))
	return nil
}

// describeKey sets the properties of the key: condition keys, and the grants that allow
// the caller this use.
func (c *Call) describeKey(t *authz.Target, k *keys.Key, use KeyUse) error {
	t.AWSManaged = k.Manager != ""
	for key, value := range map[string]string{
		"kms:KeyOrigin": k.Origin, "kms:KeySpec": k.Spec, "kms:KeyUsage": k.Usage, "kms:MultiRegion": strconv.FormatBool(k.MultiRegion != nil),
	} {
		t.Keys[key] = []string{value}
	}
	if k.MultiRegion != nil {
		t.Keys["kms:MultiRegionKeyType"] = []string{k.MultiRegionType()}
	}
	names, err := k.Names(c.Tx)
	if err != nil {
		return err
	}
	if len(names) > 0 {
		t.Keys["kms:ResourceAliases"] = names
	}
	grants, err := k.Grants(c.Tx)
	if err != nil {
		return err
	}
	for _, g := range grants {
		if c.IsPrincipal(g.Grantee, g.GranteeID) && g.Allows(use.Operation, use.Context) {
			c.AllowByGrant(t, g.ARN(), g.Grantee, use.Operation)
		}
	}
	return nil
}

// IsPrincipal reports whether the caller is the principal of a grant, or a session of the
// role that is. The unique id must be equal, too: a user or role that was deleted and
// created again under the same name is another principal.
func (c *Call) IsPrincipal(arn, id string) bool {
	p, s := c.Caller.Principal, c.Caller.Session
	if isAccount(arn) {
		return arn == c.Account() || arn == identity.RootARN(c.Partition, c.Account())
	}
	if p.Kind == policy.RoleSession && s != nil {
		return (arn == p.Issuer || arn == p.ARN) && id == s.IssuerID
	}
	own := c.Caller.UserID
	if s != nil {
		own = s.IssuerID
	}
	return arn == p.ARN && (id == "" || id == own)
}

func isAccount(principal string) bool {
	return arn.IsAccountID(principal) || strings.HasSuffix(principal, ":root")
}

// AllowByGrant lets the caller do one operation on a key because a grant names it as
// grantee: no identity-based policy is needed. If the grantee is an account,
// identity-based policies still decide who in the account may.
func (c *Call) AllowByGrant(t *authz.Target, name, principal, operation string) {
	t.ResourcePolicies = append(t.ResourcePolicies, identity.Document{Name: name, Text: allowKey(`"Principal":{"AWS":`+quoted(principal)+`},`, operation)})
	if !isAccount(principal) {
		t.CallerPolicies = append(t.CallerPolicies, identity.Document{Name: name, Text: allowKey("", operation)})
	}
}

func allowKey(principal, operation string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":{"Effect":"Allow",%s"Action":"kms:%s","Resource":"*"}}`, principal, operation)
}

func quoted(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string is always JSON
	}
	return string(text)
}
