package worldfile

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/writdev/writ/arn"
)

// names resolves the short names of a file:
//
//	prod                  the account of that name; or its id
//	prod:role/deploy      arn:aws:iam::111122223333:role/deploy
//	prod:parameter/db     arn:aws:ssm:us-east-1:111122223333:parameter/db
//	prod:key/mine         arn:aws:kms:us-east-1:111122223333:key/ and an id made of the name
//	prod:secret:db        arn:aws:secretsmanager:us-east-1:111122223333:secret:db- and a suffix made of the name
//
// What begins with "arn:" is what it is.
type names struct {
	region   string
	accounts map[string]string // id by name, and by itself
}

// services are the services of the resource types that short names can have, by what the
// resource part of an ARN begins with. Those of IAM have no region.
var services = map[string]string{
	"root": "iam", "user": "iam", "group": "iam", "role": "iam", "policy": "iam", "instance-profile": "iam",
	"oidc-provider": "iam", "saml-provider": "iam",
	"parameter": "ssm", "document": "ssm", "opsitem": "ssm", "opsitemgroup": "ssm", "opsmetadata": "ssm",
	"key": "kms", "alias": "kms",
	"component": "imagebuilder", "image": "imagebuilder", "image-recipe": "imagebuilder", "container-recipe": "imagebuilder",
	"infrastructure-configuration": "imagebuilder", "distribution-configuration": "imagebuilder", "image-pipeline": "imagebuilder", "workflow": "imagebuilder",
	"lifecycle-policy": "imagebuilder",
	"project":          "rekognition", "collection": "rekognition",
	"secret":         "secretsmanager",
	"resource-share": "ram", "permission": "ram",
	"analyzer": "access-analyzer",
}

func newNames(f *File) *names {
	n := &names{region: f.Region, accounts: map[string]string{}}
	if n.region == "" {
		n.region = "us-east-1"
	}
	for _, a := range f.Accounts {
		n.accounts[a.ID] = a.ID
		if a.Name != "" {
			n.accounts[a.Name] = a.ID
		}
	}
	return n
}

// account is the id of a declared account.
func (n *names) account(name string) (string, error) {
	if id, ok := n.accounts[name]; ok {
		return id, nil
	}
	return "", fmt.Errorf("there is no account %q; declared are %s", name, strings.Join(slices.Sorted(maps.Keys(n.accounts)), ", "))
}

// full is the ARN of a resource.
func (n *names) full(name string) (string, error) {
	long, err := n.pattern(name)
	if err != nil {
		return "", err
	}
	if _, err := arn.Parse(long); err != nil {
		return "", err
	}
	return long, nil
}

// pattern is full for an ARN that may have wildcards, also "*" alone.
func (n *names) pattern(name string) (string, error) {
	if strings.HasPrefix(name, "arn:") || name == "*" {
		return name, nil
	}
	owner, resource, ok := strings.Cut(name, ":")
	if !ok {
		return "", fmt.Errorf("%q is no ARN and no short name, such as ACCOUNT:parameter/db", name)
	}
	account, err := n.account(owner)
	if err != nil {
		return "", err
	}
	kind, _, _ := strings.Cut(resource, "/")
	if name, _, ok := strings.Cut(kind, ":"); ok {
		kind = name
	}
	service, ok := services[kind]
	if !ok {
		return "", fmt.Errorf("%q is no type of resource with a short name; write the ARN, or one of %s", kind, strings.Join(slices.Sorted(maps.Keys(services)), ", "))
	}
	region := n.region
	if service == "iam" {
		region = ""
	}
	prefix := strings.Join([]string{"arn", "aws", service, region, account, ""}, ":")
	return prefix + withID(prefix, resource), nil
}

// principal is an ARN of a principal, an account id, a service, or "*".
func (n *names) principal(name string) (string, error) {
	if id, ok := n.accounts[name]; ok {
		return id, nil
	}
	if name == "*" || strings.HasSuffix(name, ".amazonaws.com") || arn.IsAccountID(name) {
		return name, nil
	}
	return n.full(name)
}

// isReference reports whether a member of an API call names a resource.
func isReference(member string) bool {
	for _, end := range []string{"arn", "arns", "keyid", "parentimage", "executionrole"} {
		if strings.HasSuffix(strings.ToLower(member), end) {
			return true
		}
	}
	return false
}

// reference resolves what may be a short name, in a member that may also hold other things.
func (n *names) reference(text string) string {
	owner, _, ok := strings.Cut(text, ":")
	if _, declared := n.accounts[owner]; ok && declared {
		if long, err := n.pattern(text); err == nil {
			return long
		}
	}
	return text
}

// madeAt is when projects and model versions without a time in their names were made: a
// part of their ARNs, in milliseconds since 1970.
const madeAt = "1767225600000" // 2026-01-01T00:00:00Z

var (
	uuidForm  = regexp.MustCompile(`^(mrk-[0-9a-f]{32}|[0-9a-f-]{36})$`)
	stampForm = regexp.MustCompile(`/[0-9]{13}$`)
)

// withID is the resource part of an ARN. Where AWS makes up an id, one is made of the name,
// so that the same file makes the same world.
func withID(prefix, resource string) string {
	kind, name, _ := strings.Cut(resource, "/")
	switch {
	case strings.HasPrefix(resource, "secret:"):
		if !strings.Contains(resource, "*") {
			return resource + "-" + strings.ReplaceAll(uuidOf(prefix+resource), "-", "")[:6]
		}
	case strings.Contains(name, "*"), name == "":
	case kind == "key" || kind == "resource-share":
		if !uuidForm.MatchString(name) {
			id := uuidOf(prefix + resource)
			if kind == "key" && strings.HasPrefix(name, "mrk-") {
				id = "mrk-" + strings.ReplaceAll(id, "-", "")
			}
			return kind + "/" + id
		}
	case kind == "opsitem" && !strings.HasPrefix(name, "oi-"):
		return kind + "/oi-" + strings.ReplaceAll(uuidOf(prefix+resource), "-", "")[:12]
	case kind == "project" && !stampForm.MatchString(name):
		return resource + "/" + madeAt
	}
	return resource
}

// uuidOf derives an id in the form of a UUID from a name.
func uuidOf(name string) string {
	sum := sha256.Sum256([]byte(name))
	text := hex.EncodeToString(sum[:])
	return strings.Join([]string{text[:8], text[8:12], "4" + text[13:16], "8" + text[17:20], text[20:32]}, "-")
}
