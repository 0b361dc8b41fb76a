package trail

import (
	"time"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/policy"
)

// packer packs the fields of a value into bytes, or unpacks them. The same function does
// both, so that they cannot differ. Packed entries hold no pointers, so the garbage
// collector does not scan them.
type packer struct {
	data      []byte
	unpacking bool

	documents  *documents // the policies, which are packed by number
	references []uint32   // the references that were packed
}

func packEntry(p *packer, e *Entry) {
	packText(p, &e.ID)
	packTime(p, &e.Time)
	packNumber(p, &e.Latency)
	packText(p, &e.Operation)
	packText(p, &e.ErrorCode)
	packBool(p, &e.Audit)
	packBool(p, &e.NotOwner)
	packBool(p, &e.Replaces)
	packList(p, &e.Decisions, packDecision)
}

func packDecision(p *packer, d **authz.Decision) {
	if p.unpacking {
		*d = new(authz.Decision)
	}
	packInputs(p, &(*d).Inputs)
	packNumber(p, &(*d).Result.Verdict)
	packNumber(p, &(*d).Result.Layer)
}

func packInputs(p *packer, in *authz.Inputs) {
	packCaller(p, &in.Caller)
	packText(p, &in.Action)
	packTarget(p, &in.Target)
	packOptional(p, &in.Keys, packKeys)
	packText(p, &in.Owner)
	for _, layer := range [...]*[]identity.Document{&in.Policies.Identity, &in.Policies.Boundary, &in.Policies.Session, &in.Policies.Resource} {
		packList(p, layer, packDocument)
	}
	packList(p, &in.Policies.ServiceControl, packLevel)
	packList(p, &in.Policies.ResourceControl, packLevel)
	for _, o := range [...]*authz.Organization{&in.CallerOrganization, &in.OwnerOrganization} {
		packText(p, &o.ID)
		packText(p, &o.Path)
	}
	packMap(p, &in.ResourceTags, packText)
	packMap(p, &in.PrincipalTags, packText)
}

func packCaller(p *packer, c *identity.Caller) {
	packPrincipal(p, &c.Principal)
	packText(p, &c.UserID)
	packText(p, &c.Name)
	packText(p, &c.AccessKeyID)
	packOptional(p, &c.Session, packSession)
}

func packPrincipal(p *packer, who *policy.Principal) {
	packNumber(p, &who.Kind)
	packText(p, &who.ARN)
	packText(p, &who.Account)
	packText(p, &who.Issuer)
}

func packSession(p *packer, s *identity.Session) {
	packPrincipal(p, &s.Principal)
	packText(p, &s.UserID)
	packText(p, &s.Name)
	packText(p, &s.IssuerID)
	packText(p, &s.Policy)
	packList(p, &s.PolicyARNs, packText)
	packMap(p, &s.Tags, packText)
	packList(p, &s.TransitiveKeys, packText)
	packText(p, &s.SourceIdentity)
	packMap(p, &s.Keys, packTexts)
	packTime(p, &s.MFAAt)
	packTime(p, &s.IssuedAt)
	packTime(p, &s.ExpiresAt)
}

func packTarget(p *packer, t *authz.Target) {
	packText(p, &t.ARN)
	packText(p, &t.PolicyARN)
	packMap(p, &t.RequestTags, packText)
	packList(p, &t.TagKeys, packText)
	packMap(p, &t.Keys, packTexts)
	packBool(p, &t.MustGrant)
	packList(p, &t.ResourcePolicies, packDocument)
	packList(p, &t.CallerPolicies, packDocument)
	packBool(p, &t.AWSManaged)
}

func packKeys(p *packer, k *authz.RequestKeys) {
	packTime(p, &k.Time)
	packText(p, &k.Region)
	packBool(p, &k.Secure)
	packText(p, &k.UserAgent)
	packText(p, &k.RemoteAddr)
}

func packLevel(p *packer, level *[]identity.Document) { packList(p, level, packDocument) }

func packTexts(p *packer, texts *[]string) { packList(p, texts, packText) }

// packDocument packs a policy as its number in the ring's documents.
func packDocument(p *packer, d *identity.Document) {
	var n uint32
	if !p.unpacking {
		n = p.documents.addReference(*d)
		p.references = append(p.references, n)
	}
	packNumber(p, &n)
	if p.unpacking {
		*d = p.documents.get(n)
	}
}

// packTime packs a time in UTC, to the nanosecond.
func packTime(p *packer, t *time.Time) {
	seconds, nanos := t.Unix(), t.Nanosecond()
	packNumber(p, &seconds)
	packNumber(p, &nanos)
	if p.unpacking {
		*t = time.Unix(seconds, int64(nanos)).UTC()
	}
}
