package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/writdev/writ/internal/decision"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/policy"
)

// decidedPolicies is the response of GET /_writ/decisions/{id}/policies.
type decidedPolicies struct {
	Decisions []struct {
		ID       string
		Policies []policyText
	}
}

// policyText is a document of a decision.
type policyText struct {
	Layer        string
	Level        int
	Policy, Text string
}

// part is one of the decisions of a request: that of its operation, or a child.
type part struct {
	Number int
	Record *decision.Record
}

// decisionPage is the page of one decision.
type decisionPage struct {
	frame
	ID      string
	Root    *decision.Record
	Parts   []part
	Part    int
	Record  *decision.Record // of the part
	Layers  []layerView
	Edits   []editView
	Changed *outcomeChange // the effect of a fix
	Session sessionForm    // the caller's
	Tour    bool           // the page is a step of the tour
}

// HasSession reports whether the caller's session limits or describes it.
func (p *decisionPage) HasSession() bool { return p.Session != sessionForm{} }

// decision shows one decision. If the request has children, the address selects the part, by default the one
// that denied.
func (c *Console) decision(w http.ResponseWriter, r *http.Request) {
	page, err := c.loadDecision(r, r.PathValue("id"))
	if err != nil {
		c.failed(w, r, err)
		return
	}
	c.render(w, r, http.StatusOK, "decision", page)
}

func (c *Console) loadDecision(r *http.Request, id string) (*decisionPage, error) {
	var root decision.Record
	path := "/_writ/decisions/" + url.PathEscape(id)
	if err := c.request(r.Context(), http.MethodGet, path, nil, &root); err != nil {
		return nil, err
	}
	var policies decidedPolicies
	if err := c.request(r.Context(), http.MethodGet, path+"/policies", nil, &policies); err != nil {
		return nil, err
	}
	p := &decisionPage{frame: c.frame(r, root.Action, "decisions"), ID: root.ID, Root: &root, Parts: partsOf(&root)}
	p.Script, p.Tour = "decision", r.URL.Query().Has("tour")
	p.Part = chosenPart(r, p.Parts)
	p.Record = p.Parts[p.Part].Record
	documents := policies.of(p.Record.ID)
	p.Layers = layersOf(p.Record, documents)
	p.Edits = editsOf(p.Record, documents)
	p.Session = sessionOf(p.Record, documents)
	return p, nil
}

// sessionOf returns the session of a record's caller, as far as a record has it: not whether MFA was used.
func sessionOf(r *decision.Record, documents []policyText) sessionForm {
	f := sessionForm{Tags: tagLines(r.Caller.SessionTags), SourceIdentity: r.Caller.SourceIdentity}
	var arns []string
	for _, d := range documents {
		switch {
		case d.Layer != policy.Session.String():
		case strings.HasSuffix(d.Policy, identity.InlineSessionPolicy):
			f.Policy = d.Text
		default:
			arns = append(arns, d.Policy)
		}
	}
	f.PolicyARNs = strings.Join(arns, "\n")
	return f
}

func (p decidedPolicies) of(id string) []policyText {
	for _, d := range p.Decisions {
		if d.ID == id {
			return d.Policies
		}
	}
	return nil
}

func partsOf(root *decision.Record) []part {
	parts := []part{{0, root}}
	for i := range root.Children {
		parts = append(parts, part{i + 1, &root.Children[i]})
	}
	return parts
}

// resultOf returns the outcome of one decision of a request: the request may be denied by another one.
func resultOf(r *decision.Record) decision.Outcome {
	if r.Verdict == policy.Allow.String() {
		return decision.Allowed
	}
	return r.Outcome
}

// chosenPart returns the part in the address, else the first that was denied, else the first.
func chosenPart(r *http.Request, parts []part) int {
	if n, err := strconv.Atoi(r.URL.Query().Get("part")); err == nil && n >= 0 && n < len(parts) {
		return n
	}
	return max(0, slices.IndexFunc(parts, func(p part) bool { return p.Record.Verdict != "allow" }))
}

// picture draws the part of a decision that the address selects.
func (c *Console) picture(w http.ResponseWriter, r *http.Request) {
	var root decision.Record
	if err := c.request(r.Context(), http.MethodGet, "/_writ/decisions/"+url.PathEscape(r.PathValue("id")), nil, &root); err != nil {
		c.failed(w, r, err)
		return
	}
	record := root
	if parts := partsOf(&root); r.URL.Query().Has("part") {
		record = *parts[chosenPart(r, parts)].Record
		record.Children, record.Outcome = nil, resultOf(&record)
	}
	// The picture contains its style. It has no scripts, and none would run.
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	w.Header().Set("Content-Type", "image/svg+xml")
	_ = record.WriteSVG(w) // the connection is closed
}

// layerView is one layer of policies as the page shows it.
type layerView struct {
	decision.Layer
	Deciding bool
	Missing  bool // it contains no policy, but one is required
	Policies []policyView
}

// policyView is one policy of a layer: the results of its statements, and its text.
type policyView struct {
	Name       string
	Statements []statementView
	Lines      []textLine
}

// statementView is one statement and its position in the text.
type statementView struct {
	decision.Statement
	State string // "allow", "deny" or "missed"
	At    string // "3:14" in the displayed text; "" without a text
}

// layersOf combines the statements of a record with the texts of their policies. It includes a deciding layer
// without policies.
func layersOf(r *decision.Record, documents []policyText) []layerView {
	var views []layerView
	shown := map[string]bool{}
	for _, l := range r.Layers {
		v := layerView{Layer: l, Deciding: slices.Contains(r.DecidedBy, l.Layer)}
		for _, s := range l.Statements {
			if n := len(v.Policies); n == 0 || v.Policies[n-1].Name != s.Policy {
				v.Policies = append(v.Policies, policyView{Name: s.Policy})
			}
			last := &v.Policies[len(v.Policies)-1]
			last.Statements = append(last.Statements, statementView{Statement: s, State: stateOf(s)})
		}
		for i := range v.Policies {
			v.Policies[i].addText(documents, l)
		}
		shown[l.Layer] = true
		views = append(views, v)
	}
	for _, layer := range r.DecidedBy {
		if !shown[layer] && r.Verdict != "allow" && layer != decision.Ownership {
			views = append(views, layerView{Layer: decision.Layer{Layer: layer, Verdict: r.Verdict}, Deciding: true, Missing: true})
		}
	}
	return views
}

func stateOf(s decision.Statement) string {
	switch {
	case !s.Applies:
		return "missed"
	case s.Effect == "Allow":
		return "allow"
	}
	return "deny"
}

// addText adds the text of the policy with its statements marked.
func (p *policyView) addText(documents []policyText, l decision.Layer) {
	for _, d := range documents {
		if d.Layer == l.Layer && d.Level == l.Level && d.Policy == p.Name {
			p.Lines = markedText(d.Text, p.Statements)
			return
		}
	}
}

// editView is one edit of the smallest change: the policy before and after, by lines.
type editView struct {
	decision.Edit
	Lines []diffLine
}

func editsOf(r *decision.Record, documents []policyText) []editView {
	if r.Change == nil {
		return nil
	}
	var views []editView
	for _, e := range r.Change.Edits {
		before := ""
		if i := slices.IndexFunc(documents, func(d policyText) bool { return e.Policy != "" && d.Policy == e.Policy }); i >= 0 {
			before = documents[i].Text
		}
		after := e.Document
		if after == "" && e.Add != "" {
			after = `{"Version":"2012-10-17","Statement":[` + e.Add + `]}`
		}
		views = append(views, editView{e, diffLines(linesOf(before), linesOf(after))})
	}
	return views
}
