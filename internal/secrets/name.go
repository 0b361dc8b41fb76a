package secrets

import (
	"crypto/sha256"
	"errors"
	"strings"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// Name is the location and the name of a secret. Its ARN ends with six random letters and digits, so that a
// secret created later with the same name is a different resource for every policy.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen
type Name struct {
	Partition, Region, Account string
	Name                       string
	Suffix                     string // "AbCdEf"; "" if unknown
}

func (n Name) prefix() string { return n.kind(secretType) }

func (n Name) kind(typ string) string {
	return "arn:" + n.Partition + ":" + Service + ":" + n.Region + ":" + n.Account + ":" + typ + ":"
}

// ARN returns the ARN of the secret. If the suffix is unknown, as for a secret that does not exist, the ARN
// has none.
func (n Name) ARN() string {
	if n.Suffix == "" {
		return n.prefix() + n.Name
	}
	return n.prefix() + n.Name + "-" + n.Suffix
}

// index returns the key of the row that maps the name to the secret.
func (n Name) index() string { return n.kind(nameType) + n.Name }

// In returns the name of the replica in another region.
func (n Name) In(region string) Name {
	n.Region = region
	return n
}

// name returns the name of a secret.
func (s *Secret) name() Name {
	n := Name{Region: s.row.Region, Account: s.row.Account, Name: s.row.Name}
	n.Partition = strings.SplitN(s.row.ARN, ":", 3)[1]
	n.Suffix = strings.TrimPrefix(s.row.ARN, n.prefix()+n.Name+"-")
	return n
}

// NewName returns the name of a secret that the call creates. The suffix is derived from the random request
// id, so that the gate and the handler use the same.
func NewName(c *operation.Call, name string) Name {
	n := Name{Partition: c.Partition, Region: c.Region, Account: c.Account(), Name: name}
	if given, ok := strings.CutPrefix(c.NewARN, n.ARN()+"-"); ok {
		n.Suffix = given
		return n
	}
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	sum := sha256.Sum256([]byte(c.RequestID + "\x00" + name))
	suffix := make([]byte, 6)
	for i := range suffix {
		suffix[i] = letters[int(sum[i])%len(letters)]
	}
	n.Suffix = string(suffix)
	return n
}

// Found is the result of resolving a secret id of a request.
type Found struct {
	ARN    string  // of the secret; a hypothetical ARN if there is none
	Name   string  // the name in the request
	Secret *Secret // nil if there is none
}

// Find resolves a secret id of a request: a name, an ARN, or an ARN without the suffix. A secret that does
// not exist is not an error. The caller may modify the secret.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen
func Find(c *operation.Call, id string) (Found, error) {
	return find(c, id, func(arn string) (*Secret, error) {
		r, err := c.Tx.Resource(arn)
		if err != nil {
			return nil, err
		}
		return decode(r)
	})
}

// FindCached is Find for reading only: the secret may be shared with other requests and must not be modified.
func FindCached(c *operation.Call, id string) (Found, error) {
	return find(c, id, func(arn string) (*Secret, error) { return store.Cached(c.Tx, arn, decode) })
}

func find(c *operation.Call, id string, read func(arn string) (*Secret, error)) (Found, error) {
	n := Name{Partition: c.Partition, Region: c.Region, Account: c.Account(), Name: id}
	if strings.HasPrefix(id, "arn:") {
		a, err := arn.Parse(id)
		name, isSecret := strings.CutPrefix(a.Resource, secretType+":")
		if err != nil || !isSecret || a.Service != Service || a.Partition != c.Partition || a.Region != c.Region {
			return Found{ARN: id, Name: id}, nil
		}
		n.Account, n.Name = a.Account, name
		f, err := findExisting(c, id, read)
		if err != nil || f.Secret != nil {
			return f, err
		}
	}
	arn, err := store.Cached(c.Tx, n.index(), func(r store.Resource) (string, error) {
		text, err := operation.Decode[string](r)
		if err != nil {
			return "", err
		}
		return *text, nil
	})
	if errors.Is(err, store.ErrNotFound) {
		return Found{ARN: n.ARN(), Name: n.Name}, nil
	}
	if err != nil {
		return Found{}, err
	}
	f, err := findExisting(c, arn, read)
	if err == nil && f.Secret == nil {
		return Found{ARN: n.ARN(), Name: n.Name}, nil
	}
	return f, err
}

// findExisting returns the secret at an ARN, if it exists.
func findExisting(c *operation.Call, arn string, read func(arn string) (*Secret, error)) (Found, error) {
	s, err := read(arn)
	if errors.Is(err, store.ErrNotFound) || err == nil && (s.row.Type != secretType || s.isGone(c.Now)) {
		return Found{ARN: arn}, nil
	}
	if err != nil {
		return Found{}, err
	}
	return Found{ARN: arn, Name: s.Name(), Secret: s}, nil
}

// ReleaseName releases the name of a secret whose recovery window has ended.
func ReleaseName(c *operation.Call, n Name) error {
	index, err := c.Tx.Resource(n.index())
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	arn, err := operation.Decode[string](index)
	if err != nil {
		return err
	}
	r, err := c.Tx.Resource(*arn)
	if err != nil {
		return err
	}
	s, err := decode(r)
	if err != nil || !s.isGone(c.Now) {
		return err
	}
	return s.Delete(c)
}
