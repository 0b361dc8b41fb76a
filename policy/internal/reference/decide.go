package reference

import "strings"

// World is a request and the policies that apply to it. Documents are JSON decoded
// into any. A nil layer is absent.
type World struct {
	Kind    string // user, session, federated, root, service, anonymous or provider
	ARN     string // as in the rules; for a service its name, for a provider its name
	Issuer  string // the role of a session, the user of a federated session
	Account string

	Action, Resource                   string
	ResourceAccount, ManagementAccount string
	AWSManaged, NeedsResourceGrant     bool
	Context                            map[string][]string // keys in lower case
	Multivalued                        map[string]bool     // the keys that AWS defines as multivalued, in lower case

	Identity, Boundary, Session, Resources, Endpoint []any
	SCP, RCP                                         [][]any
}

// grants holds the ways in which an allowing resource policy names the caller.
type grants struct{ anyone, account, issuer, name bool }

func (g grants) some() bool { return g.anyone || g.account || g.issuer || g.name }

// Decide returns a verdict ("allow", "implicitDeny", "explicitDeny") and the
// layer that decided, with the names of package policy.
func Decide(w *World) (verdict, layer string) {
	action := strings.ToLower(w.Action)
	service, _, _ := strings.Cut(action, ":")
	if action == "sts:getcalleridentity" || action == "sts:getsessiontoken" {
		return "allow", "exempt" // E22
	}
	owner := w.ResourceAccount
	if f := strings.SplitN(w.Resource, ":", 6); owner == "" && f[0] == "arn" && len(f) == 6 {
		owner = f[4]
	}
	if owner == "" {
		owner = w.Account
	}
	member := w.Kind == "user" || w.Kind == "session" || w.Kind == "federated" || w.Kind == "root"
	trust := strings.HasPrefix(action, "sts:assumerole")
	linked := w.Kind == "session" && serviceLinked(w.Issuer)

	// The layers that apply to the request.
	rcp := supported[service] && (w.ManagementAccount == "" || owner != w.ManagementAccount) && !linked && !w.AWSManaged &&
		!(trust && serviceLinked(w.Resource)) && action != "kms:retiregrant" // E18, E19
	scp := member && w.Account != w.ManagementAccount && !linked // E16, E17
	own := member && (owner == w.Account || owner == "aws")
	resource := w.Resources
	if w.Kind == "root" && owner == w.Account {
		switch action {
		case "s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy":
			resource = nil // E23
		}
	}

	// Explicit denies, in order: E3, E4.
	if rcp {
		for _, level := range w.RCP {
			if w.denies(level, "rcp") {
				return "explicitDeny", "rcp"
			}
		}
	}
	if scp {
		for _, level := range w.SCP {
			if w.denies(level, "scp") {
				return "explicitDeny", "scp"
			}
		}
	}
	if w.denies(w.Endpoint, "endpoint") {
		return "explicitDeny", "endpoint"
	}
	kind := "resource"
	if trust {
		kind = "trust"
	}
	if w.denies(resource, kind) {
		return "explicitDeny", "resource"
	}
	if member && w.Kind != "root" {
		if w.denies(w.Identity, "identity") {
			return "explicitDeny", "identity"
		}
		if w.denies(w.Boundary, "boundary") {
			return "explicitDeny", "boundary"
		}
	}
	if member && w.denies(w.Session, "session") {
		return "explicitDeny", "session"
	}

	// Limits that apply to every grant.
	if scp && w.SCP != nil {
		for _, level := range w.SCP {
			if ok, _ := w.allows(level, "scp"); !ok {
				return "implicitDeny", "scp" // E16
			}
		}
	}
	if w.Endpoint != nil {
		if ok, _ := w.allows(w.Endpoint, "endpoint"); !ok {
			return "implicitDeny", "endpoint" // E20
		}
	}

	if w.Kind == "federated" && (service == "iam" || service == "sts") {
		return "implicitDeny", "session" // E7
	}
	_, g := w.allows(resource, kind)
	crossPartition := member && partition(w.ARN) != "" && partition(w.Resource) != "" && partition(w.ARN) != partition(w.Resource)
	if crossPartition {
		g, own = grants{}, false // E24
	}
	id, _ := w.allows(w.Identity, "identity")
	boundary, session := true, true
	if w.Boundary != nil && w.Kind != "root" {
		boundary, _ = w.allows(w.Boundary, "boundary")
	}
	if w.Session != nil {
		session, _ = w.allows(w.Session, "session")
	} else if w.Kind == "federated" {
		session = false // U2
	}
	strict := w.NeedsResourceGrant || trust || service == "kms" && keyARN(w.Resource) // E12, E13, U11

	under := func(granted bool, by string) (string, string) {
		switch {
		case !granted:
			return "implicitDeny", "identity"
		case !boundary:
			return "implicitDeny", "boundary"
		case !session:
			return "implicitDeny", "session"
		}
		return "allow", by
	}
	switch {
	case !member: // E10, E11
		if g.some() {
			return "allow", "resource"
		}
		return "implicitDeny", "resource"
	case w.Kind == "root": // E8
		if own && !strict {
			return under(true, "root")
		}
		if !g.some() {
			return "implicitDeny", "resource"
		}
		return under(true, "resource")
	case !own: // E9
		if !g.some() {
			return "implicitDeny", "resource"
		}
		return under(id, "resource+identity")
	case g.anyone: // E5 to E7
		return "allow", "resource"
	case g.name:
		if trust && w.Kind == "user" && !boundary {
			return "implicitDeny", "boundary" // U5
		}
		return "allow", "resource"
	case strict && !g.some():
		return "implicitDeny", "resource"
	case g.issuer:
		return under(true, "resource")
	case strict:
		return under(id, "resource+identity")
	}
	return under(id, "identity")
}

func partition(name string) string {
	f := strings.Split(name, ":")
	if len(f) < 2 || f[0] != "arn" {
		return ""
	}
	if f[1] == "*" {
		return ""
	}
	return f[1]
}

func keyARN(name string) bool {
	i := strings.Index(name, ":key/")
	return i >= 0 && len(name) > i+len(":key/")
}

var supported = func() map[string]bool {
	m := map[string]bool{}
	for _, s := range strings.Fields(`aoss appconfig appstream autoscaling cloudfront cloudsearch codebuild
		codecommit codepipeline cognito-identity cognito-idp comprehend comprehendmedical cost-optimization-hub
		dax dynamodb ecr events firehose fis health inspector-scan kendra kinesisvideo kms logs memorydb
		networkmonitor opensearch pca-connector-ad polly pricing s3 secretsmanager signin sqs sts support textract
		timestream-influxdb transcribe transfer translate wafv2`) {
		m[s] = true
	}
	return m
}()

func (w *World) denies(documents []any, kind string) bool {
	for _, d := range documents {
		for _, s := range statements(d) {
			if s["Effect"] != "Allow" && w.applies(d, s, kind, true).some() {
				return true
			}
		}
	}
	return false
}

func (w *World) allows(documents []any, kind string) (bool, grants) {
	var all grants
	for _, d := range documents {
		for _, s := range statements(d) {
			if s["Effect"] != "Allow" {
				continue
			}
			g := w.applies(d, s, kind, false)
			all.anyone = all.anyone || g.anyone
			all.account = all.account || g.account
			all.issuer = all.issuer || g.issuer
			all.name = all.name || g.name
		}
	}
	return all.some(), all
}

func statements(document any) []map[string]any {
	switch s := document.(map[string]any)["Statement"].(type) {
	case map[string]any:
		return []map[string]any{s}
	case []any:
		var all []map[string]any
		for _, s := range s {
			all = append(all, s.(map[string]any))
		}
		return all
	}
	return nil
}

// applies evaluates one statement. A malformed Allow statement does not apply, a
// malformed Deny statement does.
func (w *World) applies(document any, s map[string]any, kind string, deny bool) grants {
	newer := document.(map[string]any)["Version"] == "2012-10-17"
	key := kind == "resource" && strings.HasPrefix(strings.ToLower(w.Action), "kms:")

	g := w.principals(s, kind, deny)
	if !g.some() {
		return g
	}
	action, hasAction := s["Action"]
	notAction, hasNotAction := s["NotAction"]
	var ok bool
	switch {
	case hasAction && hasNotAction:
		ok = deny
	case hasAction:
		ok = w.anyAction(action)
	case hasNotAction:
		ok = !w.anyAction(notAction)
	default:
		ok = deny && !key
	}
	if !ok {
		return grants{}
	}
	resource, hasResource := s["Resource"]
	notResource, hasNotResource := s["NotResource"]
	switch {
	case hasResource && hasNotResource:
		ok = deny
	case hasResource:
		ok = w.anyResource(resource, kind, newer)
	case hasNotResource:
		ok = !w.anyResource(notResource, kind, newer)
	case kind == "resource" || kind == "trust":
		ok = !key
	default:
		ok = deny
	}
	if !ok {
		return grants{}
	}
	block, _ := s["Condition"].(map[string]any)
	for operator, keys := range block {
		for key, values := range keys.(map[string]any) {
			if !w.holds(operator, key, list(values), newer, deny) {
				return grants{}
			}
		}
	}
	return g
}

// principals evaluates Principal and NotPrincipal: P1 to P4, E21, U3.
func (w *World) principals(s map[string]any, kind string, deny bool) grants {
	everyone := grants{anyone: true}
	principal, listed := s["Principal"]
	notPrincipal, unlisted := s["NotPrincipal"]
	switch kind {
	case "resource", "trust", "endpoint", "rcp":
	default:
		if (listed || unlisted) && !deny {
			return grants{}
		}
		return everyone
	}
	unclear := grants{}
	if deny {
		unclear = everyone
	}
	switch {
	case listed == unlisted:
		return unclear
	case listed:
		if text, ok := principal.(string); ok && text != "*" {
			return unclear
		}
		return w.named(principal)
	case !deny:
		return grants{}
	}
	bounded := w.Boundary != nil && (w.Kind == "user" || w.Kind == "session" || w.Kind == "federated")
	n := w.named(notPrincipal)
	exempted := n.anyone
	switch w.Kind {
	case "user":
		exempted = exempted || n.name && n.account
	case "session", "federated":
		exempted = exempted || n.name && n.issuer && n.account
	case "root":
		exempted = exempted || n.account
	case "service", "provider":
		exempted = exempted || n.name
	}
	if exempted && !bounded {
		return grants{}
	}
	return everyone
}

func (w *World) named(principal any) (g grants) {
	if text, ok := principal.(string); ok {
		return grants{anyone: text == "*"}
	}
	member := w.Kind == "user" || w.Kind == "session" || w.Kind == "federated"
	for kind, values := range principal.(map[string]any) {
		for _, v := range list(values) {
			switch kind {
			case "AWS":
				f := strings.SplitN(v, ":", 6)
				root := len(f) == 6 && f[2] == "iam" && f[5] == "root"
				switch {
				case v == "*":
					g.anyone = true
				case len(v) == 12 && digits(v):
					g.account = g.account || v == w.Account && (member || w.Kind == "root")
				case root:
					g.account = g.account || f[4] == w.Account && (member || w.Kind == "root")
				case member && v == w.ARN:
					g.name = true
				case member && w.Issuer != "" && v == w.Issuer:
					g.issuer = true
				}
			case "Service":
				g.name = g.name || w.Kind == "service" && v == w.ARN
			case "Federated":
				g.name = g.name || w.Kind == "provider" && v == w.ARN
			}
		}
	}
	return g
}

func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// list returns a value or list as a list; numbers and booleans as written.
func list(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case bool:
		if v {
			return []string{"true"}
		}
		return []string{"false"}
	case interface{ String() string }: // json.Number
		return []string{v.String()}
	case []any:
		var all []string
		for _, v := range v {
			all = append(all, list(v)...)
		}
		return all
	}
	return nil
}

// serviceLinked reports whether the resource part of the ARN begins with the
// reserved path.
func serviceLinked(role string) bool {
	fields := strings.SplitN(role, ":", 6)
	return len(fields) == 6 && strings.HasPrefix(fields[5], "role/aws-service-role/")
}
