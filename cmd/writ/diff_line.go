package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/policy/analyze"
)

// differ answers lines of writ diff --jsonl.
type differ struct{ out bytes.Buffer }

// pairJSON is a line that differ reads.
type pairJSON struct {
	ID   json.RawMessage `json:"id"`
	Kind *string         `json:"kind"`
	Old  json.RawMessage `json:"old"`
	New  json.RawMessage `json:"new"`
}

// answerJSON is a line that differ writes.
type answerJSON struct {
	ID      json.RawMessage `json:"id"`
	Verdict string          `json:"verdict,omitempty"`
	Gained  *requestJSON    `json:"gained,omitempty"`
	Lost    *requestJSON    `json:"lost,omitempty"`
	Reason  string          `json:"reason,omitempty"`
	Error   string          `json:"error,omitempty"`
}

func (d *differ) answer(line []byte) []byte {
	var in pairJSON
	var out answerJSON
	err := json.Unmarshal(line, &in)
	if err == nil {
		err = out.compare(&in)
	}
	if err != nil {
		out = answerJSON{Error: err.Error()}
	}
	if out.ID = in.ID; out.ID == nil {
		out.ID = json.RawMessage("null")
	}
	d.out.Reset()
	e := json.NewEncoder(&d.out)
	e.SetEscapeHTML(false)
	if err := e.Encode(out); err != nil {
		d.out.Reset()
		fmt.Fprintf(&d.out, "{\"id\":null,\"error\":%q}\n", err.Error())
	}
	return d.out.Bytes()
}

func (a *answerJSON) compare(in *pairJSON) error {
	if in.Kind == nil {
		return errors.New("kind is needed")
	}
	kind, ok := policy.ParseKind(*in.Kind)
	if !ok {
		return fmt.Errorf("kind: there is no kind of policy %q", *in.Kind)
	}
	old, err := documentOf(in.Old, kind)
	if err != nil {
		return fmt.Errorf("old: %w", err)
	}
	new, err := documentOf(in.New, kind)
	if err != nil {
		return fmt.Errorf("new: %w", err)
	}
	c := analyze.Compare(old, new, kind, options())
	a.Verdict, a.Reason = c.Verdict.String(), c.Reason
	a.Gained, a.Lost = witnessJSON(c.Gained), witnessJSON(c.Lost)
	return nil
}

func witnessJSON(w *analyze.Witness) *requestJSON {
	if w == nil {
		return nil
	}
	return newRequestJSON(&w.Request, &w.Around)
}

// documentOf reads a policy that is an object or a string that holds one.
func documentOf(value json.RawMessage, kind policy.Kind) (*policy.Document, error) {
	src := []byte(value)
	switch value = bytes.TrimSpace(value); {
	case len(value) > 0 && value[0] == '"':
		var text string
		if err := json.Unmarshal(value, &text); err != nil {
			return nil, err
		}
		src = []byte(text)
	case len(value) == 0 || value[0] != '{':
		return nil, errors.New("a policy is an object or a string that holds one")
	}
	d, err := policy.Parse(src)
	if err != nil {
		return nil, err
	}
	return d, analyze.Check(d, kind)
}
