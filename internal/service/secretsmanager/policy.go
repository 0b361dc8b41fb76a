package secretsmanager

import (
	"errors"
	"regexp"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/secrets"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/policy/analyze"
)

// A secret has at most one policy. The caller who writes it must be able to write it again, and may request
// that it be rejected if it grants public access, which the analysis decides.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html

// The messages about invalid policies, as in AWS's guide.
const (
	textSyntax    = "This resource policy contains a syntax error."
	textPrincipal = "This resource policy contains an unsupported principal."
	textLockout   = "Your requested changes will not allow you to manage this secret in the future."
	textPublic    = "You can't attach a resource-based policy that allows broad access to the secret."
)

// checked is the stateless part of checking a document.
type checked struct {
	syntax string // the error in it; "" for none
	public bool   // it grants public access, or the analysis cannot decide
}

// checkDocument checks a document ahead of the transaction.
func checkDocument(document string) checked {
	doc, err := policy.Parse([]byte(document))
	if err != nil {
		return checked{syntax: err.Error()} // contains line and column
	}
	findings := policy.Validate(doc, policy.Resource, &policy.Rules{
		ForbidEmpty:       true,
		ActionPrefixes:    []string{api.Name},
		RequireResource:   true,
		ForbidNotResource: true,
		Tolerates:         []string{"POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA"}, // the model has its own limit
	})
	if f, found := policy.FirstRefused(findings); found {
		return checked{syntax: f.String()}
	}
	for i := range doc.Statements() {
		st := &doc.Statements()[i]
		if st.Effect.Text == "Allow" && st.NotPrincipal.Present() {
			return checked{syntax: st.NotPrincipal.Path().String() + ": NotPrincipal with Allow would let everyone else in"}
		}
		for _, r := range st.Resource.Values {
			if r.Text != "*" && !secretPattern.MatchString(r.Text) {
				return checked{syntax: r.Path().String() + `: Resource is "*" or the ARN of a secret`}
			}
		}
	}
	answer := analyze.Public(doc, policy.Resource, analyze.Options{})
	return checked{public: answer.Witness != nil || answer.Unknown}
}

// secretPattern matches the ARNs of secrets, also those with wildcards.
var secretPattern = regexp.MustCompile(`^arn:[^:]+:secretsmanager:[^:]+:[^:]+:secret:.+$`)

func (sm *secretsManager) putResourcePolicy(c *operation.Call, in *PutResourcePolicyInput) (*PutResourcePolicyOutput, error) {
	s, err := findPrimary(c, in.SecretID)
	if err != nil {
		return nil, err
	}
	check := c.Prepared.(checked)
	switch {
	case check.syntax != "":
		return nil, errMalformedPolicyDocument("%s %s", textSyntax, check.syntax)
	case check.public && isTrue(in.BlockPublicPolicy):
		return nil, errPublicPolicy(textPublic)
	}
	document, err := identity.ResolveTrust(c.Tx, c.Partition, in.ResourcePolicy)
	if _, unknown := errors.AsType[*identity.UnknownPrincipalError](err); unknown {
		return nil, errMalformedPolicyDocument(textPrincipal)
	}
	if err != nil {
		return nil, err
	}
	allowed, err := staysManageable(c, s, in.SecretID, document)
	if err == nil && !allowed {
		err = errMalformedPolicyDocument(textLockout)
	}
	if err != nil {
		return nil, err
	}
	err = c.Tx.PutPolicy(store.Policy{ARN: s.ARN(), Source: store.SourceUser, Document: document, CreatedAt: c.Now, UpdatedAt: c.Now})
	if err != nil {
		return nil, err
	}
	return &PutResourcePolicyOutput{ARN: new(s.ARN()), Name: new(s.Name())}, save(c, s)
}

// staysManageable reports whether the caller could write the policy of a secret with the document as its
// policy.
func staysManageable(c *operation.Call, s *secrets.Secret, id, document string) (bool, error) {
	t := secrets.Target(secrets.Found{ARN: s.ARN(), Secret: s}, id)
	condition(t.Keys).truth("BlockPublicPolicy", nil, true)
	t.PolicyARN = "*"
	t.ResourcePolicies = []identity.Document{{Text: document}}
	return c.May("secretsmanager:PutResourcePolicy", t)
}

func (sm *secretsManager) getResourcePolicy(c *operation.Call, in *GetResourcePolicyInput) (*GetResourcePolicyOutput, error) {
	s, err := findActive(c, in.SecretID)
	if err != nil {
		return nil, err
	}
	out := &GetResourcePolicyOutput{ARN: new(s.ARN()), Name: new(s.Name())}
	policies, err := c.Tx.Policies(s.ARN())
	if len(policies) > 0 {
		out.ResourcePolicy = &policies[0].Document
	}
	return out, err
}

func (sm *secretsManager) deleteResourcePolicy(c *operation.Call, in *DeleteResourcePolicyInput) (*DeleteResourcePolicyOutput, error) {
	s, err := findPrimary(c, in.SecretID)
	if err != nil {
		return nil, err
	}
	if err := secrets.DeletePolicy(c, s.ARN()); err != nil {
		return nil, err
	}
	return &DeleteResourcePolicyOutput{ARN: new(s.ARN()), Name: new(s.Name())}, save(c, s)
}

// validateResourcePolicy reports whether a document could be put with BlockPublicPolicy: a malformed document
// is an error, other findings are part of the output.
func (sm *secretsManager) validateResourcePolicy(c *operation.Call, in *ValidateResourcePolicyInput) (*ValidateResourcePolicyOutput, error) {
	var s *secrets.Secret
	if in.SecretID != nil {
		var err error
		if s, err = findActive(c, *in.SecretID); err != nil {
			return nil, err
		}
	}
	check := c.Prepared.(checked)
	if check.syntax != "" {
		return nil, errMalformedPolicyDocument("%s %s", textSyntax, check.syntax)
	}
	faults := []ValidationErrorsEntry{}
	add := func(name, text string) {
		faults = append(faults, ValidationErrorsEntry{CheckName: &name, ErrorMessage: &text})
	}
	if check.public {
		add("PUBLIC_ACCESS", textPublic)
	}
	_, err := identity.ResolveTrust(c.Tx, c.Partition, in.ResourcePolicy)
	if _, unknown := errors.AsType[*identity.UnknownPrincipalError](err); unknown {
		add("UNSUPPORTED_PRINCIPAL", textPrincipal)
	} else if err != nil {
		return nil, err
	}
	if s != nil {
		allowed, err := staysManageable(c, s, *in.SecretID, in.ResourcePolicy)
		if err != nil {
			return nil, err
		}
		if !allowed {
			add("LOCKOUT", textLockout)
		}
	}
	return &ValidateResourcePolicyOutput{PolicyValidationPassed: new(len(faults) == 0), ValidationErrors: faults}, nil
}
