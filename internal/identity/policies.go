package identity

import (
	"fmt"
	"maps"
	"strings"

	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// Document is the text of a policy document and its name in explanations.
type Document struct{ Name, Text string }

// PrincipalPolicies holds the policies of a principal, without those of its organization. A nil Boundary or
// Session means that there is none; an empty one allows nothing.
type PrincipalPolicies struct {
	Identity []Document
	Boundary []Document
	Session  []Document

	Tagged string // the ARN whose tags the principal has: the user's or the role's; "" for none
}

// LoadPrincipalPolicies reads the policies of the user, group or role at an ARN. It returns store.ErrNotFound
// if there is none.
func LoadPrincipalPolicies(tx *store.Tx, arn string) (PrincipalPolicies, error) {
	rows := Rows{}
	if err := store.LoadReachable(tx, rows, decodeLinked, arn); err != nil {
		return PrincipalPolicies{}, err
	}
	return rows.identityPolicies(arn)
}

// ManagedDocument reads the document of a managed policy's default version. It returns store.ErrNotFound if
// there is no such policy.
func ManagedDocument(tx *store.Tx, arn string) (string, error) {
	if text, ok := awsManagedDocument(arn); ok {
		return text, nil
	}
	row, err := cachedAs[*policyRow](tx, arn)
	if err != nil {
		return "", err
	}
	return row.document.Text, nil
}

// PrincipalPolicies computes the policies of a caller. A root user has none. The error is ErrUnknownKey if
// the caller's user or role no longer exists.
func (rows Rows) PrincipalPolicies(c Caller) (p PrincipalPolicies, err error) {
	if err := rows.checkActive(c); err != nil {
		return p, err
	}
	switch arn := c.issuer(); {
	case arn != "":
		p, err = rows.identityPolicies(arn)
	case c.Principal.Kind == policy.FederatedUser:
		p.Identity = []Document{{c.Principal.Issuer, rootGrant}}
	}
	if err == nil && c.Session != nil {
		err = rows.addSession(&p, c.Session)
	}
	if err != nil {
		return PrincipalPolicies{}, fmt.Errorf("policies of %s: %w", c.ARN(), err)
	}
	return p, nil
}

// rootGrant is the identity policy of a root user's federated users: a root user has no policies and may do
// everything; session policies restrict its federated users.
const rootGrant = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`

// checkActive returns ErrUnknownKey if the caller's user or role was deleted after the signature was
// verified, or deleted and created again under the same name.
func (rows Rows) checkActive(c Caller) error {
	arn, id := c.issuer(), c.UserID
	if c.Session != nil {
		id = c.Session.IssuerID
	} else if c.Principal.Kind != policy.User {
		return nil
	}
	if arn == "" {
		return nil
	}
	row, err := rowAt[*identityRow](rows, arn)
	if isNotFound(err) || err == nil && row.id != id {
		return ErrUnknownKey
	}
	return err
}

// identityPolicies returns the policies of the user, group or role at an ARN: its own, those of a user's
// groups, and its permissions boundary.
func (rows Rows) identityPolicies(arn string) (p PrincipalPolicies, err error) {
	row, err := rowAt[*identityRow](rows, arn)
	if err != nil {
		return p, err
	}
	if row.kind != GroupKind {
		p.Tagged = arn
	}
	p.Identity = make([]Document, 0, len(row.inline)+len(row.attached)+4*len(row.groups))
	if err := rows.addIdentity(&p, row); err != nil {
		return PrincipalPolicies{}, err
	}
	for _, arn := range row.groups {
		group, err := rowAt[*identityRow](rows, arn)
		if err == nil {
			err = rows.addIdentity(&p, group)
		}
		if err != nil {
			return PrincipalPolicies{}, err
		}
	}
	if row.boundary != "" {
		document, err := rows.managedDocument(row.boundary)
		if err != nil {
			return PrincipalPolicies{}, err
		}
		p.Boundary = []Document{document}
	}
	return p, nil
}

// addIdentity adds the inline and attached policies of a user, group or role.
func (rows Rows) addIdentity(p *PrincipalPolicies, row *identityRow) error {
	p.Identity = append(p.Identity, row.inline...)
	for _, arn := range row.attached {
		document, err := rows.managedDocument(arn)
		if err != nil {
			return err
		}
		p.Identity = append(p.Identity, document)
	}
	return nil
}

// InlineSessionPolicy is the end of the name of an inline session policy, after the ARN of its session.
const InlineSessionPolicy = "/session-policy"

// addSession adds the policies of a session. A federated user without session policies has an empty session
// layer, which allows nothing.
func (rows Rows) addSession(p *PrincipalPolicies, s *Session) error {
	if s.Principal.Kind == policy.FederatedUser {
		p.Session = []Document{}
	}
	if s.Policy != "" {
		p.Session = append(p.Session, Document{s.Principal.ARN + InlineSessionPolicy, s.Policy})
	}
	for _, arn := range s.PolicyARNs {
		document, err := rows.managedDocument(arn)
		if isNotFound(err) {
			p.Session = append([]Document{}, p.Session...) // a deleted policy allows nothing
			continue
		}
		if err != nil {
			return err
		}
		p.Session = append(p.Session, document)
	}
	return nil
}

// Tags returns the values of aws:PrincipalTag: session tags take precedence over those of the caller's user
// or role.
func (c Caller) Tags(own map[string]string) map[string]string {
	if c.Session == nil {
		return own
	}
	return overlay(own, c.Session.Tags)
}

// overlay returns tags with the values of over in place of those with the same key. The keys of session tags
// are not case-sensitive. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
func overlay(tags, over map[string]string) map[string]string {
	if len(over) == 0 {
		return tags
	}
	all := maps.Clone(over)
	for key, value := range tags {
		if !hasFold(over, key) {
			all[key] = value
		}
	}
	return all
}

func hasFold(tags map[string]string, key string) bool {
	for k := range tags {
		if strings.EqualFold(k, key) {
			return true
		}
	}
	return false
}
