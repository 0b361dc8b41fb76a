package console

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/writdev/writ/internal/overview"
	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/policy/analyze"
)

// comparison is the effect of a change of a policy.
type comparison struct {
	// Verdict is "equal", "more", "less", "different" or "unknown": for the two documents alone, over all
	// possible requests.
	Verdict string   `json:"verdict"`
	Gained  *witness `json:"gained,omitempty"`
	Lost    *witness `json:"lost,omitempty"`
	Reason  string   `json:"reason,omitempty"`
	// Changes lists the principals of this world for which a decision changes.
	Changes []changedAccess `json:"changes"`
	// Unasked is the reason why the principals of the world, or some of them, were not checked.
	Unasked string     `json:"unasked,omitempty"`
	Lines   []diffLine `json:"lines"`
}

// witness is a request that the change allows or denies.
type witness struct {
	Principal string              `json:"principal"`
	Action    string              `json:"action"`
	Resource  string              `json:"resource"`
	Context   map[string][]string `json:"context,omitempty"`
}

// changedAccess is the access to a resource that a principal gains and loses.
type changedAccess struct {
	Principal string   `json:"principal"`
	Resource  string   `json:"resource"`
	Gained    []string `json:"gained,omitempty"`
	Lost      []string `json:"lost,omitempty"`
}

// compare responds to a script with the effect of replacing a policy of the world by a document.
func (c *Console) compare(w http.ResponseWriter, r *http.Request) {
	var q struct{ Name, Text string }
	if !readQuestion(w, r, &q) {
		return
	}
	out, err := c.comparison(r, q.Name, q.Text)
	if err != nil {
		w.WriteHeader(http.StatusConflict)
		writeJSON(w, map[string]string{"message": err.Error()})
		return
	}
	writeJSON(w, out)
}

func (c *Console) comparison(r *http.Request, name, written string) (*comparison, error) {
	found, err := c.storedPolicies(r, name)
	if err != nil {
		return nil, err
	}
	if name == "" || len(found) == 0 {
		return nil, errors.New(text("policies.gone", name))
	}
	p := found[0]
	before, err := policy.Parse([]byte(p.Document))
	if err != nil {
		return nil, err
	}
	after, err := policy.Parse([]byte(written))
	if err != nil {
		return nil, err
	}
	kind, _ := policy.ParseKind(p.Kind)
	exact := analyze.Compare(before, after, kind, analyze.Options{})
	out := &comparison{
		Verdict: exact.Verdict.String(), Gained: newWitness(exact.Gained), Lost: newWitness(exact.Lost), Reason: exact.Reason,
		Changes: []changedAccess{}, Lines: diffLines(linesOf(p.Document), linesOf(written)),
	}
	if err := c.addChanges(r, p, written, out); err != nil {
		out.Unasked = err.Error()
	}
	return out, nil
}

func newWitness(w *analyze.Witness) *witness {
	if w == nil {
		return nil
	}
	out := &witness{Principal: w.Request.Principal.ARN, Action: w.Request.Action, Resource: w.Request.Resource, Context: map[string][]string{}}
	if out.Principal == "" {
		out.Principal = w.Request.Principal.Kind.String()
	}
	for key, values := range w.Request.Context.All() {
		out.Context[key] = values
	}
	return out
}

// errNoPrincipals is returned for a policy that is attached to no principal.
var errNoPrincipals = errors.New(text("policies.of-nobody"))

// maxPrincipals limits the number of principals for which a policy is checked.
const maxPrincipals = 20

// addChanges adds the access that principals of the world gain and lose.
func (c *Console) addChanges(r *http.Request, p overview.Policy, written string, out *comparison) error {
	q := map[string]any{"old": json.RawMessage(p.Document), "new": json.RawMessage(written)}
	switch {
	case p.Kind == "scp", p.Kind == "rcp":
		q["kind"], q["policy"] = p.Kind, p.Name
		return c.askChange(r, q, out)
	case p.Resource != "":
		q["resource"] = p.Resource
		return c.askChange(r, q, out)
	case len(p.Principals) == 0:
		return errNoPrincipals
	}
	q["policy"] = p.Name
	for _, principal := range p.Principals[:min(len(p.Principals), maxPrincipals)] {
		q["principal"] = principal
		if err := c.askChange(r, q, out); err != nil {
			return err
		}
	}
	if more := len(p.Principals) - maxPrincipals; more > 0 {
		out.Unasked = text("policies.not-asked", maxPrincipals, more)
	}
	return nil
}

func (c *Console) askChange(r *http.Request, q map[string]any, out *comparison) error {
	var answer struct{ Changes []changedAccess }
	if err := c.request(r.Context(), http.MethodPost, "/_writ/diff", q, &answer); err != nil {
		return err
	}
	out.Changes = append(out.Changes, answer.Changes...)
	return nil
}
