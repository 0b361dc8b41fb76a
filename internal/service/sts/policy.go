package sts

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// Limits of session policies and tags.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const (
	maxPolicyARNs = 10
	maxPolicyText = 2048 // characters of the session policy and the ARNs together
	maxPacked     = 2048 // bytes of policies and tags once compressed; AWS publishes no number
)

// sessionPolicies holds the session policies of a request.
type sessionPolicies struct {
	document string
	arns     []string
}

// readPolicies reads and checks the session policies of a request. Managed policies must be in the account of
// the session.
func readPolicies(c *operation.Call, account string, document *string, descriptors []PolicyDescriptorType) (sessionPolicies, error) {
	var p sessionPolicies
	if len(descriptors) > maxPolicyARNs {
		return p, invalid("The number of session policy ARNs, %d, exceeds the limit of %d.", len(descriptors), maxPolicyARNs)
	}
	length := 0
	for _, d := range descriptors {
		if d.ARN == nil {
			return p, invalid("A session policy descriptor has no arn.")
		}
		a, err := arn.Parse(*d.ARN)
		if err != nil || a.Account != account && a.Account != "aws" {
			return p, invalid("ARN %s is not valid.", *d.ARN)
		}
		_, err = identity.ManagedDocument(c.Tx, *d.ARN)
		if errors.Is(err, store.ErrNotFound) {
			return p, errMalformedPolicyDocument("Policy %s does not exist or is not attachable.", *d.ARN)
		}
		if err != nil {
			return p, err
		}
		length += utf8.RuneCountInString(*d.ARN)
		p.arns = append(p.arns, *d.ARN)
	}
	if document != nil {
		if err := checkPolicy(*document); err != nil {
			return p, err
		}
		length += utf8.RuneCountInString(*document)
		p.document = *document
	}
	if length > maxPolicyText {
		return p, invalid("The session policy and the session policy ARNs have %d characters; the limit is %d.", length, maxPolicyText)
	}
	return p, nil
}

// checkPolicy returns an error for a text that is not a valid session policy.
func checkPolicy(document string) error {
	doc, err := policy.Parse([]byte(document))
	if err != nil {
		if !json.Valid([]byte(document)) {
			return errMalformedPolicyDocument("This policy contains invalid Json")
		}
		return errMalformedPolicyDocument("Syntax errors in policy.")
	}
	if f, bad := policy.FirstRefused(policy.Validate(doc, policy.Session, nil)); bad {
		return errMalformedPolicyDocument("%s", f.Message)
	}
	return nil
}

// pack returns the compressed size of policies and tags in percent of the limit, or nil if there are none.
func pack(p sessionPolicies, tags map[string]string) (percent *int, err error) {
	if p.document == "" && p.arns == nil && len(tags) == 0 {
		return nil, nil
	}
	// JSON encodes the entries of a map in order, so equal sessions have equal sizes.
	text, err := json.Marshal(tags)
	if err != nil {
		return nil, err
	}
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestCompression)
	if err != nil {
		return nil, err
	}
	w.Write([]byte(p.document + strings.Join(p.arns, "\n")))
	w.Write(text)
	w.Close() // a write to memory does not fail
	size := (packed.Len()*100 + maxPacked - 1) / maxPacked
	switch {
	case size <= 100:
		return &size, nil
	case p.document == "" && p.arns == nil:
		return nil, errPackedPolicyTooLarge("Packed size of session tags consumes %d%% of allotted space.", size)
	default:
		return nil, errPackedPolicyTooLarge("Packed policy consumes %d%% of allotted space, please use smaller policy.", size)
	}
}

// readTags reads session tags. Their keys are not case-sensitive.
func readTags(list []Tag) (map[string]string, error) {
	tags := map[string]string{}
	seen := map[string]bool{}
	for _, t := range list {
		folded := strings.ToLower(t.Key)
		switch {
		case seen[folded]:
			return nil, invalidValue("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		case strings.HasPrefix(folded, "aws:"):
			return nil, invalidValue("Tag keys that begin with aws: are reserved.")
		}
		seen[folded] = true
		tags[t.Key] = t.Value
	}
	return tags, nil
}
