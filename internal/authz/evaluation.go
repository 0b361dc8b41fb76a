package authz

import (
	"fmt"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/policy"
)

// evaluation is the working memory of one decision. The gate reuses it; a Decision does not refer to it.
type evaluation struct {
	rows     identity.Rows
	request  policy.Request
	policies policy.Policies
	attached []policy.Attached // storage for the layers of policies

	keys, tags bool // some document may read condition keys, or tags
}

func newEvaluation() *evaluation {
	return &evaluation{rows: identity.Rows{}, attached: make([]policy.Attached, 0, 16)}
}

func (g *Gate) evaluation() *evaluation {
	if e, ok := g.evaluations.Get().(*evaluation); ok {
		return e
	}
	return newEvaluation()
}

// release makes an evaluation available for reuse. It drops all rows and documents.
func (g *Gate) release(e *evaluation) {
	clear(e.rows)
	e.reset()
	g.evaluations.Put(e)
}

// reset prepares the evaluation for another decision. It keeps the rows and drops the documents.
func (e *evaluation) reset() {
	clear(e.attached)
	*e = evaluation{rows: e.rows, request: e.request, attached: e.attached[:0]}
}

// compile compiles the documents of every layer.
func (e *evaluation) compile(in *Inputs, documents *documents) error {
	c := compiler{evaluation: e, documents: documents}
	e.policies = policy.Policies{
		Identity:        c.layer(in.Policies.Identity),
		Boundary:        c.layer(in.Policies.Boundary),
		Session:         c.layer(in.Policies.Session),
		Resource:        c.layer(in.Policies.Resource),
		ServiceControl:  c.levels(in.Policies.ServiceControl),
		ResourceControl: c.levels(in.Policies.ResourceControl),
	}
	return c.err
}

// compiler compiles layers until a document is not a valid policy.
type compiler struct {
	*evaluation
	documents *documents
	err       error
}

// layer preserves the difference between nil and empty.
func (c *compiler) layer(documents []identity.Document) []policy.Attached {
	if documents == nil {
		return nil
	}
	from := len(c.attached)
	for _, d := range documents {
		doc, err := c.documents.compile(d.Text)
		if err != nil && c.err == nil {
			c.err = fmt.Errorf("policy %s: %w", d.Name, err)
		}
		c.attached = append(c.attached, policy.Attached{Name: d.Name, Document: doc.Document})
		c.keys = c.keys || doc.keys
		c.tags = c.tags || doc.tags
	}
	return c.attached[from:len(c.attached):len(c.attached)]
}

// levels compiles the levels of an organization, from the root.
func (c *compiler) levels(levels [][]identity.Document) [][]policy.Attached {
	if levels == nil {
		return nil
	}
	list := make([][]policy.Attached, len(levels))
	for i, documents := range levels {
		list[i] = c.layer(documents)
	}
	return list
}

// build creates the request for the engine. Its context stays empty if no document may read a condition key.
// Most documents do not: they have neither a condition nor a policy variable.
func (e *evaluation) build(in *Inputs) {
	context := e.request.Context
	context.Reset()
	if e.keys {
		in.SetContext(&context)
	}
	e.request = policy.Request{
		Principal: in.Caller.Principal, Action: in.Action,
		Resource: in.Target.ARN, ResourceAccount: in.Owner, Context: context,
		NeedsResourceGrant: in.Target.MustGrant, AWSManaged: in.Target.AWSManaged,
	}
}
