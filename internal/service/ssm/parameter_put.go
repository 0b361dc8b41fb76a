package ssm

import (
	"cmp"
	"errors"
	"regexp"
	"strconv"
	"strings"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
	"github.com/writdev/writ/internal/store"
)

// putTarget returns the target of PutParameter. Its condition keys are documented as the texts "true" and
// "false". https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-access.html
func putTarget(c *operation.Call, in *PutParameterInput) (authz.Target, error) {
	return authz.Target{ARN: ownARN(c, in.Name), RequestTags: tagMap(in.Tags), Keys: map[string][]string{
		"ssm:Overwrite": {strconv.FormatBool(isSet(in.Overwrite))},
		"ssm:Policies":  {strconv.FormatBool(in.Policies != nil)},
	}}, nil
}

func isSet(flag *bool) bool { return flag != nil && *flag }

func (s ssm) putParameter(c *operation.Call, in *PutParameterInput) (*PutParameterOutput, error) {
	name := trim(in.Name)
	if err := checkName(c, name); err != nil {
		return nil, err
	}
	tags, err := newTags(in.Tags)
	if err != nil {
		return nil, err
	}
	if len(tags) > 0 {
		if isSet(in.Overwrite) {
			return nil, notValid("%s", textTagsAndOverwrite)
		}
		if err := c.Authorize("ssm:AddTagsToResource", authz.Target{ARN: ownARN(c, in.Name), RequestTags: tags}); err != nil {
			return nil, err
		}
	}
	old, err := currentParameter(c, in)
	if err != nil {
		return nil, err
	}
	p := &parameter{Oldest: 1, row: store.Resource{
		ARN: ownARN(c, name), Service: api.Name, Type: parameterType, Account: c.Account(), Region: c.Region, Name: name,
	}}
	if old != nil {
		*p = *old
	}
	if p.version, err = p.version.next(c, in); err != nil {
		return nil, err
	}
	if err := p.applyTier(c, in, old); err != nil {
		return nil, err
	}
	if err := p.putVersion(c, old); err != nil {
		return nil, err
	}
	if err := p.setTimer(c, old); err != nil {
		return nil, err
	}
	return &PutParameterOutput{Version: &p.Number, Tier: &p.Tier}, operation.SetTags(c, p.arn(), tags, notValid)
}

// currentParameter returns the parameter that gets a new version, or nil if there is none. It may be shared
// with other requests. An expired parameter is deleted first, with its policies and shares: principals with
// access to the old parameter have none to the new one.
func currentParameter(c *operation.Call, in *PutParameterInput) (*parameter, error) {
	p, err := store.Cached(c.Tx, ownARN(c, in.Name), decodeParameter)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	case p.expired(c.Now):
		return nil, p.remove(c)
	case !isSet(in.Overwrite):
		return nil, errParameterAlreadyExists("%s", textExists)
	}
	return p, nil
}

// next returns the version that a request creates after v, which is the zero version before the first.
// Members that the request omits keep their values, except for the key: without one it is the default key.
// The value is still plaintext.
func (v version) next(c *operation.Call, in *PutParameterInput) (version, error) {
	v.Number, v.Value, v.ModifiedAt, v.ModifiedBy = v.Number+1, in.Value, c.Now, c.Caller.Principal.ARN
	set(&v.Type, in.Type)
	set(&v.Description, in.Description)
	set(&v.AllowedPattern, in.AllowedPattern)
	set(&v.DataType, in.DataType)
	v.DataType = cmp.Or(v.DataType, dataTypeText)
	switch {
	case v.Type == "":
		return v, notValid("A parameter type is required when you create a parameter.")
	case v.Type != ParameterTypeSecureString && in.KeyID != nil:
		return v, notValid("KeyId is only supported for parameters of the type SecureString.")
	}
	v.KeyID = ""
	if v.Type == ParameterTypeSecureString {
		v.KeyID = defaultKey
		set(&v.KeyID, in.KeyID)
	}
	if in.Policies != nil {
		var err error
		if v.Policies, v.Expires, err = parsePolicies(*in.Policies, c.Now); err != nil {
			return v, err
		}
	}
	return v, v.check()
}

// set sets a field to the value of a member, if the request has it.
func set[T any](field *T, member *T) {
	if member != nil {
		*field = *member
	}
}

// The data types of values.
const (
	dataTypeText        = "text"
	dataTypeImage       = "aws:ec2:image"
	dataTypeIntegration = "aws:ssm:integration"
)

var (
	nested  = regexp.MustCompile(`(?s)\{\{.*\}\}`)
	imageID = regexp.MustCompile(`^ami-([0-9a-f]{8}|[0-9a-f]{17})$`)
)

// check returns an error for an invalid value of a version, which is still plaintext.
func (v *version) check() error {
	if nested.MatchString(v.Value) {
		return notValid(`Parameter value can't nest another parameter. Do not use "{{}}" in the value.`)
	}
	switch v.DataType {
	case dataTypeText:
	case dataTypeIntegration:
		if v.Type != ParameterTypeSecureString {
			return notValid("The data type %s is only supported for parameters of the type SecureString.", v.DataType)
		}
	case dataTypeImage:
		if v.Type != ParameterTypeString {
			return notValid("The data type %s is only supported for parameters of the type String.", v.DataType)
		}
		if !imageID.MatchString(v.Value) {
			return notValid("The value of a parameter of the data type %s must be the ID of an Amazon Machine Image, such as ami-12345abcdeEXAMPLE.", v.DataType)
		}
	default:
		return notValid("The following data type is not supported: %s (Data type names are all lowercase.)", v.DataType)
	}
	if v.AllowedPattern == "" {
		return nil
	}
	if _, err := regexp.Compile(v.AllowedPattern); err != nil {
		return errInvalidAllowedPattern("The allowed pattern is not a valid regular expression: %s", v.AllowedPattern)
	}
	// The whole value must match, or each item of a list; empty items at its end are ignored, as observed
	// with AWS.
	pattern, err := regexp.Compile(`^(?:` + v.AllowedPattern + `)$`)
	if err != nil {
		return errInvalidAllowedPattern("The allowed pattern is too large: %s", v.AllowedPattern)
	}
	items := []string{v.Value}
	if v.Type == ParameterTypeStringList {
		items = strings.Split(strings.TrimRight(v.Value, ","), ",")
	}
	for _, item := range items {
		if !pattern.MatchString(item) {
			return errParameterPatternMismatch("Parameter value, cannot be validated against allowedPattern: %s", v.AllowedPattern)
		}
	}
	return nil
}

// applyTier sets the tier of the new version, encrypts its value, and updates whether the parameter can be
// shared.
func (p *parameter) applyTier(c *operation.Call, in *PutParameterInput, old *parameter) (err error) {
	if p.Tier, err = p.tier(c, in, old); err != nil {
		return err
	}
	p.Unshareable = ""
	if p.Tier == ParameterTierStandard {
		p.Unshareable = textAdvancedOnly
	}
	if p.Type == ParameterTypeSecureString {
		managed, err := p.encrypt(c)
		if err != nil {
			return err
		}
		if managed {
			p.Unshareable = cmp.Or(p.Unshareable, textCustomersKeys)
		}
	}
	if p.Unshareable == "" || old == nil || old.Unshareable != "" {
		return nil
	}
	shared, err := isShared(c, p.arn())
	if shared {
		err = notValid("%s", p.Unshareable)
	}
	return err
}

// isShared reports whether a parameter has a policy or a share.
func isShared(c *operation.Call, arn string) (bool, error) {
	policies, err := c.Tx.Policies(arn)
	if err != nil || len(policies) > 0 {
		return true, err
	}
	for _, err := range sharing.Associations(c.Tx, sharing.AssociationQuery{Type: sharing.Resource, Entity: arn}) {
		return err == nil, err
	}
	return false, nil
}

// putVersion writes a new version after old, which becomes a past version; old is nil for the first version.
func (p *parameter) putVersion(c *operation.Call, old *parameter) error {
	if old == nil {
		if err := count(c, "", p.Tier); err != nil {
			return err
		}
		r, err := operation.Record(c, p.row, p)
		if err != nil {
			return err
		}
		return c.Tx.InsertResource(r)
	}
	if err := count(c, old.Tier, p.Tier); err != nil {
		return err
	}
	if p.Number-p.Oldest == maxVersions {
		if err := p.dropOldest(); err != nil {
			return err
		}
	}
	if err := p.archive(c, old); err != nil {
		return err
	}
	return p.write(c)
}

// dropOldest removes the oldest version, unless it has a label.
func (p *parameter) dropOldest() error {
	if len(p.labelsOf(p.Oldest)) > 0 {
		return errParameterMaxVersionLimitExceeded("You attempted to create a new version of %s by calling the PutParameter API with the "+
			"overwrite flag. Version %d, the oldest version, can't be deleted because it has a label associated with it. Move the label "+
			"to another version of the parameter, and try again.", p.name(), p.Oldest)
	}
	p.Oldest++
	return nil
}
