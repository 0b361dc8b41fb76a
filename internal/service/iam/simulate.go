package iam

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/policy"
)

// The simulator evaluates hypothetical requests with the engine that the gate uses.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html

// simulation is the input of a simulation except for the actions and resources.
type simulation struct {
	principal policy.Principal
	policies  policy.Policies
	boundary  bool
	member    bool // of an organization with service control policies
	owner     string
	tags      map[string]string // aws:PrincipalTag
	entries   []ContextEntry
	keys      []string // the condition keys in the policies
}

// question is one action on one resource.
type question struct{ action, resource string }

func simulateCustomPolicy(c *operation.Call, in *SimulateCustomPolicyInput) (*SimulateCustomPolicyOutput, error) {
	s := &simulation{entries: in.ContextEntries}
	s.principal = policy.Principal{Kind: policy.User, Account: c.Account(), ARN: newARN(c, identity.UserKind, "/", "simulated")}
	var err error
	if s.policies.Identity, err = attachInputs("PolicyInputList", in.PolicyInputList); err != nil {
		return nil, err
	}
	if s.policies.Boundary, err = attachInputs("PermissionsBoundaryPolicyInputList", in.PermissionsBoundaryPolicyInputList); err != nil {
		return nil, err
	}
	if err := s.complete(in.CallerARN, in.ResourcePolicy, in.ResourceOwner); err != nil {
		return nil, err
	}
	p, err := s.results(apiSimulateCustomPolicy.Name, in.ActionNames, in.ResourceARNs, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &SimulateCustomPolicyOutput{EvaluationResults: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}

func simulatePrincipalPolicy(c *operation.Call, in *SimulatePrincipalPolicyInput) (*SimulatePrincipalPolicyOutput, error) {
	s := &simulation{entries: in.ContextEntries}
	if err := s.as(c, in.PolicySourceARN); err != nil {
		return nil, err
	}
	more, err := attachInputs("PolicyInputList", in.PolicyInputList)
	if err != nil {
		return nil, err
	}
	s.policies.Identity = append(s.policies.Identity, more...)
	boundary, err := attachInputs("PermissionsBoundaryPolicyInputList", in.PermissionsBoundaryPolicyInputList)
	if err != nil {
		return nil, err
	}
	if boundary != nil {
		s.policies.Boundary = boundary
	}
	if err := s.complete(in.CallerARN, in.ResourcePolicy, in.ResourceOwner); err != nil {
		return nil, err
	}
	p, err := s.results(apiSimulatePrincipalPolicy.Name, in.ActionNames, in.ResourceARNs, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &SimulatePrincipalPolicyOutput{EvaluationResults: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}

// as simulates the user, group or role at an ARN, with the policies that apply to it.
func (s *simulation) as(c *operation.Call, source string) error {
	own, principal, err := principalPolicies(c, source)
	if err != nil {
		return err
	}
	s.principal = principal
	if s.tags, err = principalTags(c, own); err != nil {
		return err
	}
	if s.policies.Identity, err = compile(own.Identity); err != nil {
		return err
	}
	if s.policies.Boundary, err = compile(own.Boundary); err != nil {
		return err
	}
	m, err := identity.MembershipOf(c.Tx, principal.Account)
	if err != nil || m.ServiceControl == nil || m.ManagementAccount == principal.Account {
		return err
	}
	s.member = true
	for _, documents := range m.ServiceControl {
		level, err := compile(documents)
		if err != nil {
			return err
		}
		s.policies.ServiceControl = append(s.policies.ServiceControl, level)
	}
	return nil
}

// principalPolicies are the policies of the user, group or role at an ARN, and the
// principal that would make its requests.
func principalPolicies(c *operation.Call, source string) (own identity.PrincipalPolicies, p policy.Principal, err error) {
	a, err := arn.Parse(source)
	if err != nil || a.Service != "iam" {
		return own, p, errInvalidInput("ARN %s is not valid.", source)
	}
	kind, rest, _ := strings.Cut(a.Resource, "/")
	p = policy.Principal{Kind: policy.User, ARN: source, Account: a.Account}
	switch identity.Kind(kind) {
	case identity.UserKind, identity.GroupKind:
	case identity.RoleKind:
		session := "arn:" + a.Partition + ":sts::" + a.Account + ":assumed-role/" + rest[strings.LastIndexByte(rest, '/')+1:] + "/simulated"
		p = policy.Principal{Kind: policy.RoleSession, ARN: session, Account: a.Account, Issuer: source}
	default:
		return own, p, errInvalidInput("ARN %s is not valid.", source)
	}
	own, err = identity.LoadPrincipalPolicies(c.Tx, source)
	if isNotFound(err) {
		err = errNoSuchEntity("The entity %s cannot be found.", source)
	}
	return own, p, err
}

func principalTags(c *operation.Call, own identity.PrincipalPolicies) (map[string]string, error) {
	if own.Tagged == "" {
		return nil, nil
	}
	return c.Tx.Tags(own.Tagged)
}

func compile(documents []identity.Document) ([]policy.Attached, error) {
	if documents == nil {
		return nil, nil
	}
	list := make([]policy.Attached, len(documents))
	for i, d := range documents {
		doc, err := policy.Parse([]byte(d.Text))
		if err != nil {
			return nil, fmt.Errorf("policy %s: %w", d.Name, err)
		}
		list[i] = policy.Attached{Name: d.Name, Document: doc}
	}
	return list, nil
}

// attachInputs compiles the documents of a request; nil if there are none.
func attachInputs(member string, documents []string) ([]policy.Attached, error) {
	var list []policy.Attached
	for i, text := range documents {
		doc, err := parse(text)
		if err != nil {
			return nil, errInvalidInput("Invalid Entity: %s.%d: Syntax errors in policy.", member, i+1)
		}
		list = append(list, policy.Attached{Name: fmt.Sprintf("%s.%d", member, i+1), Document: doc})
	}
	return list, nil
}

// complete sets the caller, the resource owner and the resource-based policy.
func (s *simulation) complete(caller, resourcePolicy, owner *string) error {
	s.boundary = s.policies.Boundary != nil
	if caller != nil {
		p, err := policy.ParsePrincipal(*caller)
		if err != nil || p.Kind != policy.User {
			return errInvalidInput("Invalid Entity Arn: %s; it must be the ARN of a user.", *caller)
		}
		s.principal = p
	}
	if owner != nil {
		a, err := arn.Parse(*owner)
		switch {
		case err == nil:
			s.owner = a.Account
		case arn.IsAccountID(*owner):
			s.owner = *owner
		default:
			return errInvalidInput("Invalid Entity Arn: %s", *owner)
		}
	}
	if resourcePolicy != nil {
		doc, err := parse(*resourcePolicy)
		if err != nil {
			return errInvalidInput("Invalid Entity: ResourcePolicy: Syntax errors in policy.")
		}
		s.policies.Resource = []policy.Attached{{Name: sourceResource, Document: doc}}
	}
	for _, layer := range [][]policy.Attached{s.policies.Identity, s.policies.Boundary, s.policies.Resource} {
		for _, a := range layer {
			s.keys = append(s.keys, contextKeys(a.Document)...)
		}
	}
	s.keys = distinct(s.keys)
	return nil
}

// results returns a page of the results: each action on each resource.
func (s *simulation) results(op string, actions, resources []string, marker *string, maxItems *int) (page[EvaluationResult], error) {
	if len(resources) == 0 {
		resources = []string{"*"}
	}
	return paginate(op, marker, maxItems, func(after string) iter.Seq2[operation.Keyed[EvaluationResult], error] {
		return func(yield func(operation.Keyed[EvaluationResult], error) bool) {
			for i, action := range actions {
				for j, resource := range resources {
					key := fmt.Sprintf("%06d.%06d", i, j)
					if key > after && !yield(operation.Keyed[EvaluationResult]{Key: key, Item: s.ask(question{action, resource})}, nil) {
						return
					}
				}
			}
		}
	})
}

// ask evaluates one question.
func (s *simulation) ask(q question) EvaluationResult {
	req := policy.Request{
		Principal: s.principal, Action: q.action, Resource: q.resource,
		ResourceAccount: cmp.Or(s.owner, s.principal.Account), // whatever the ARN says
	}
	for _, e := range s.entries {
		if e.ContextKeyName != nil {
			req.Context.Set(*e.ContextKeyName, e.ContextKeyValues...)
		}
	}
	for key, value := range s.tags {
		if name := "aws:PrincipalTag/" + key; !req.Context.Has(name) {
			req.Context.Set(name, value)
		}
	}
	s.principal.SetKeys(&req.Context)
	policies := s.policies
	if policies.Resource == nil && req.ResourceAccount == s.principal.Account {
		policies.Resource = []policy.Attached{delegation(q.action, s.principal.Account)}
	}
	x := policy.Explain(&req, &policies)
	r := EvaluationResult{
		EvalActionName: q.action, EvalResourceName: &q.resource, EvalDecision: decisions[x.Decision.Verdict],
		MatchedStatements: []Statement{}, MissingContextValues: []string{},
	}
	organization, boundary := true, false
	for _, layer := range x.Layers {
		switch layer.Layer {
		case policy.LayerServiceControl:
			organization = organization && layer.Verdict == policy.Allow
			continue
		case policy.LayerBoundary:
			boundary = layer.Verdict == policy.Allow
		}
		for _, st := range layer.Statements {
			if st.Applies && st.Policy != "" {
				r.MatchedStatements = append(r.MatchedStatements, s.matched(st))
			}
		}
	}
	for _, key := range s.keys {
		if !req.Context.Has(key) {
			r.MissingContextValues = append(r.MissingContextValues, key)
		}
	}
	if s.boundary {
		r.PermissionsBoundaryDecisionDetail = &PermissionsBoundaryDecisionDetail{AllowedByPermissionsBoundary: &boundary}
	}
	if s.member {
		r.OrganizationsDecisionDetail = &OrganizationsDecisionDetail{AllowedByOrganizations: &organization}
	}
	return r
}

// delegation is the default resource-based policy: it delegates to the policies of the
// account, also where a resource-based policy is required (roles to assume, KMS keys). It
// has no name, since it is not in the input.
func delegation(action, account string) policy.Attached {
	resource := `,"Resource":"*"`
	if strings.HasPrefix(strings.ToLower(action), "sts:") {
		resource = "" // a trust policy has none
	}
	doc, err := policy.Parse([]byte(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + account + `"},"Action":"*"` + resource + `}}`))
	if err != nil {
		panic(err) // an account is twelve digits
	}
	return policy.Attached{Document: doc}
}

var decisions = map[policy.Verdict]PolicyEvaluationDecisionType{
	policy.Allow:        PolicyEvaluationDecisionTypeAllowed,
	policy.ExplicitDeny: PolicyEvaluationDecisionTypeExplicitDeny,
	policy.ImplicitDeny: PolicyEvaluationDecisionTypeImplicitDeny,
}

func getContextKeysForCustomPolicy(_ *operation.Call, in *GetContextKeysForCustomPolicyInput) (*GetContextKeysForCustomPolicyOutput, error) {
	list, err := attachInputs("PolicyInputList", in.PolicyInputList)
	if err != nil {
		return nil, err
	}
	return &GetContextKeysForCustomPolicyOutput{ContextKeyNames: contextKeysOf(list)}, nil
}

func getContextKeysForPrincipalPolicy(c *operation.Call, in *GetContextKeysForPrincipalPolicyInput) (*GetContextKeysForPrincipalPolicyOutput, error) {
	own, _, err := principalPolicies(c, in.PolicySourceARN)
	if err != nil {
		return nil, err
	}
	list, err := compile(slices.Concat(own.Identity, own.Boundary))
	if err != nil {
		return nil, err
	}
	more, err := attachInputs("PolicyInputList", in.PolicyInputList)
	if err != nil {
		return nil, err
	}
	return &GetContextKeysForPrincipalPolicyOutput{ContextKeyNames: contextKeysOf(append(list, more...))}, nil
}

func contextKeysOf(list []policy.Attached) []string {
	keys := []string{}
	for _, a := range list {
		keys = append(keys, contextKeys(a.Document)...)
	}
	return distinct(keys)
}

// contextKeys are the condition keys in the conditions and variables of a document.
func contextKeys(doc *policy.Document) (keys []string) {
	variables := func(values []policy.Value) {
		for _, v := range values {
			for _, part := range strings.Split(v.Text, "${")[1:] {
				name, _, closed := strings.Cut(part, "}")
				name, _, _ = strings.Cut(name, ",")
				if closed && strings.Contains(name, ":") {
					keys = append(keys, name)
				}
			}
		}
	}
	for _, s := range doc.Statements() {
		variables(s.Resource.Values)
		variables(s.NotResource.Values)
		for _, op := range s.Condition.Operators {
			for _, key := range op.Keys {
				keys = append(keys, key.Name)
				variables(key.Values.Values)
			}
		}
	}
	return keys
}

// distinct sorts keys and removes duplicates, ignoring case.
func distinct(keys []string) []string {
	slices.SortFunc(keys, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	return slices.CompactFunc(keys, strings.EqualFold)
}
