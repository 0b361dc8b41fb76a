package ssm

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// parameter is the stored state of a parameter in the row at its ARN: its current version and the properties
// of all versions, so that reading it requires one row.
type parameter struct {
	version
	// Oldest is the first stored version.
	Oldest int64
	// Labels maps each label to its version.
	Labels map[string]int64 `json:",omitempty"`
	// Past are the versions before the current one in its chapter, oldest first.
	Past []version `json:",omitempty"`
	// Unshareable is the reason why the parameter may not be shared; "" if it may. Package sharing reads it.
	Unshareable string `json:",omitempty"`

	row store.Resource
}

// version is one version of a parameter.
type version struct {
	Number         int64
	Type           ParameterType
	Value          string // for a SecureString: the ciphertext in base64
	KeyID          string `json:",omitempty"` // for a SecureString: as the caller named it
	Description    string `json:",omitempty"`
	AllowedPattern string `json:",omitempty"`
	DataType       string
	Tier           ParameterTier
	Policies       []parameterPolicy `json:",omitempty"`
	Expires        time.Time         `json:",omitzero"` // the time of its Expiration policy
	ModifiedAt     time.Time
	ModifiedBy     string // ARN
}

// arn and name return those of the parameter.
func (p *parameter) arn() string  { return p.row.ARN }
func (p *parameter) name() string { return p.row.Name }

// readParameter reads the parameter at an ARN. It returns store.ErrNotFound if there is none or if it has
// expired.
func readParameter(c *operation.Call, arn string) (*parameter, error) {
	r, err := c.Tx.Resource(arn)
	if err != nil {
		return nil, err
	}
	p, err := decodeParameter(r)
	return p.existing(c, err)
}

// existing returns a parameter that was read, unless it does not exist or has expired.
func (p *parameter) existing(c *operation.Call, err error) (*parameter, error) {
	switch {
	case err != nil:
		return nil, err
	case p.row.Type != parameterType || p.expired(c.Now):
		return nil, fmt.Errorf("read %s: %w", p.row.ARN, store.ErrNotFound)
	}
	return p, nil
}

// decodeParameter returns the parameter of a row.
func decodeParameter(r store.Resource) (*parameter, error) {
	p, err := operation.Decode[parameter](r)
	if err != nil {
		return nil, err
	}
	p.row = r
	return p, nil
}

// expired reports whether an Expiration policy has deleted the parameter.
func (p *parameter) expired(now time.Time) bool {
	return !p.Expires.IsZero() && !now.Before(p.Expires)
}

// find reads the parameter of a reference. It returns a ParameterNotFound if there is none, and a
// ValidationException if the name is not valid.
func (r reference) find(c *operation.Call) (*parameter, error) {
	return r.read(c, readParameter)
}

// findCached is find for reading only: the result may be shared with other requests and must not be modified.
func (r reference) findCached(c *operation.Call) (*parameter, error) {
	return r.read(c, func(c *operation.Call, arn string) (*parameter, error) {
		p, err := store.Cached(c.Tx, arn, decodeParameter)
		return p.existing(c, err)
	})
}

func (r reference) read(c *operation.Call, read func(c *operation.Call, arn string) (*parameter, error)) (*parameter, error) {
	if !r.isPossible() {
		return nil, notValid("%s", textBadName)
	}
	if strings.Contains(r.Selector, ":") {
		return nil, notFound(r.text())
	}
	if p, found := readPublic(c, r.ARN); found {
		return p, nil
	}
	p, err := read(c, r.ARN)
	if errors.Is(err, store.ErrNotFound) {
		err = notFound(r.text())
	}
	return p, err
}

// ownParameter is find for a plain name, for operations that change the caller's own parameter.
func ownParameter(c *operation.Call, name string) (*parameter, error) {
	return reference{ARN: ownARN(c, name), Name: trim(name)}.find(c)
}

// selected returns the version that a reference selects.
func (p *parameter) selected(c *operation.Call, r reference) (*version, error) {
	if !r.selected {
		return &p.version, nil
	}
	number, isLabel := p.Labels[r.Selector]
	if !isLabel {
		var err error
		if number, err = strconv.ParseInt(r.Selector, 10, 64); err != nil || strconv.FormatInt(number, 10) != r.Selector {
			return nil, errParameterVersionNotFound("Systems Manager could not find label %s for parameter %s. Verify the label and try again.", r.Selector, r)
		}
	}
	v, found, err := p.findVersion(c, number)
	if err == nil && !found {
		err = errParameterVersionNotFound("Systems Manager could not find version %s of %s. Verify the version and try again.", r.Selector, r)
	}
	return v, err
}

// write replaces the row of the parameter. Afterwards other requests share p, and it must not be modified.
func (p *parameter) write(c *operation.Call) error {
	r, err := operation.Record(c, p.row, p)
	if err != nil {
		return err
	}
	p.row = r
	return c.Tx.UpdateCached(r, p)
}

// timestamp returns a time with the precision of outputs: milliseconds.
func timestamp(t time.Time) *time.Time { return new(t.Truncate(time.Millisecond)) }

// optional returns nil for an empty text, so that the member is omitted.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
