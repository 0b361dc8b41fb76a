package console

import (
	"cmp"
	"net/http"
	"net/url"

	"github.com/writdev/writ/internal/fix"
	"github.com/writdev/writ/internal/overview"
	"github.com/writdev/writ/policy"
)

// policyKinds lists the kinds of policies in the order of the list.
var policyKinds = []string{"resource", "identity", "trust", "scp", "rcp"}

// scratchKinds lists the kinds of documents that the scratch pad checks.
var scratchKinds = []string{"identity", "resource", "trust", "boundary", "session", "scp", "rcp", "endpoint"}

// storedPolicies requests the policies of the world; with a name, that policy and its text.
func (c *Console) storedPolicies(r *http.Request, name string) ([]overview.Policy, error) {
	var answer struct{ Policies []overview.Policy }
	path := "/_writ/policies"
	if name != "" {
		path += "?name=" + url.QueryEscape(name)
	}
	return answer.Policies, c.request(r.Context(), http.MethodGet, path, nil, &answer)
}

// policies lists the policies of the world by kind.
func (c *Console) policies(w http.ResponseWriter, r *http.Request) {
	list, err := c.storedPolicies(r, "")
	if err != nil {
		c.failed(w, r, err)
		return
	}
	kinds := map[string][]overview.Policy{}
	for _, p := range list {
		kinds[p.Kind] = append(kinds[p.Kind], p)
	}
	byKind := map[string]listed[overview.Policy]{}
	for kind, policies := range kinds {
		byKind[kind] = newListed(r, policies)
	}
	c.render(w, r, http.StatusOK, "policies", struct {
		frame
		Kinds  []string
		ByKind map[string]listed[overview.Policy]
		None   bool
	}{c.frame(r, text("policies.title"), "policies"), policyKinds, byKind, len(list) == 0})
}

// scratch is the initial document of the scratch pad.
const scratch = `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "ssm:GetParameter",
      "Resource": "*"
    }
  ]
}`

// editorPage is a policy in the editor.
type editorPage struct {
	frame
	Policy  overview.Policy
	Scratch bool // it is not a policy of the world
	Text    string
	Kinds   []string
	Problem string // the reason why it was not saved
	Saved   bool
}

func (c *Console) editor(r *http.Request, p overview.Policy) *editorPage {
	page := &editorPage{frame: c.frame(r, text("policies.scratch"), "policies"), Policy: p, Scratch: p.Name == "", Text: indented(p.Document), Kinds: scratchKinds}
	page.Script = "editor"
	if page.Scratch {
		page.Policy.Kind, page.Text = policy.Identity.String(), scratch
	} else {
		page.Title = cmp.Or(p.Title, shortName(p.Name))
	}
	return page
}

// editPolicy shows a policy of the world in the editor, or the scratch pad.
func (c *Console) editPolicy(w http.ResponseWriter, r *http.Request) {
	p, ok := c.namedPolicy(w, r, r.URL.Query().Get("name"))
	if !ok {
		return
	}
	page := c.editor(r, p)
	page.Saved = r.URL.Query().Has("saved")
	c.render(w, r, http.StatusOK, "editor", page)
}

// namedPolicy returns a policy of the world by its name; the zero policy for no name. If there is none, it
// responds with an error.
func (c *Console) namedPolicy(w http.ResponseWriter, r *http.Request, name string) (overview.Policy, bool) {
	if name == "" {
		return overview.Policy{}, true
	}
	found, err := c.storedPolicies(r, name)
	switch {
	case err != nil:
		c.failed(w, r, err)
		return overview.Policy{}, false
	case len(found) == 0:
		c.fail(w, r, http.StatusNotFound, text("policies.gone", name))
		return overview.Policy{}, false
	}
	return found[0], true
}

// savePolicy replaces a policy by the edited document, through its service's API, as the chosen principal. A
// document that the service rejects stays in the editor.
func (c *Console) savePolicy(w http.ResponseWriter, r *http.Request) {
	name := cmp.Or(r.PostFormValue("name"), "?")
	p, ok := c.namedPolicy(w, r, name)
	if !ok {
		return
	}
	read := func(call fix.Call, into any) error { return c.call(r, call, into) }
	call, err := fix.Put(p.Kind, p.Name, p.Account, r.PostFormValue("text"), read)
	if err == nil {
		err = c.call(r, call, nil)
	}
	if err != nil {
		page := c.editor(r, p)
		page.Text, page.Problem = r.PostFormValue("text"), err.Error()
		page.Here = c.cfg.Path + "policies/edit?name=" + url.QueryEscape(name)
		c.render(w, r, http.StatusConflict, "editor", page)
		return
	}
	http.Redirect(w, r, c.cfg.Path+"policies/edit?saved&name="+url.QueryEscape(name), http.StatusSeeOther)
}
