package console

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/writdev/writ/internal/decision"
	"github.com/writdev/writ/internal/fix"
)

// The tour has two accounts and a parameter. Its steps are real requests: the user's progress is derived from
// the decisions.
const (
	tourOwner     = "111122223333"
	tourReader    = "444455556666"
	tourRegion    = "us-east-1"
	tourName      = "/tour/endpoint"
	tourParameter = "arn:aws:ssm:" + tourRegion + ":" + tourOwner + ":parameter" + tourName
	tourAction    = "ssm:GetParameter"
)

// tourPage is the progress of the tour.
type tourPage struct {
	frame
	Parameter, Owner, Reader string
	Denied                   *decision.Record // step 1
	Fixed                    bool             // step 3
	Allowed                  *decision.Record // step 4
	WhoCan                   []string         // step 5
	Step                     int              // the next one
}

func (c *Console) tour(w http.ResponseWriter, r *http.Request) {
	p := &tourPage{frame: c.frame(r, text("tour.title"), ""), Parameter: tourParameter, Owner: tourOwner, Reader: tourReader, Step: 1}
	if err := c.loadProgress(r, p); err != nil {
		c.failed(w, r, err)
		return
	}
	c.render(w, r, http.StatusOK, "tour", p)
}

// loadProgress derives the progress of the tour.
func (c *Console) loadProgress(r *http.Request, p *tourPage) error {
	var list decisionList
	query := url.Values{"brief": {"true"}, "limit": {"100"}, "action": {tourAction}, "resource": {tourParameter}, "principal": {rootUser(tourReader)}}
	if err := c.request(r.Context(), http.MethodGet, "/_writ/decisions?"+query.Encode(), nil, &list); err != nil {
		return err
	}
	for i := range list.Decisions {
		switch d := &list.Decisions[i]; {
		case d.Outcome == decision.Denied && p.Denied == nil:
			p.Denied = d
		case d.Outcome == decision.Allowed && p.Allowed == nil && p.Denied == nil:
			p.Allowed = d
		}
	}
	if p.Denied == nil {
		p.Allowed = nil
		return nil
	}
	p.Step = 3
	var now decision.Record
	if err := c.request(r.Context(), http.MethodPost, "/_writ/decide", map[string]string{"decision": p.Denied.ID}, &now); err != nil {
		return err
	}
	if now.Verdict != "allow" {
		p.Allowed = nil
		return nil
	}
	p.Fixed, p.Step = true, 4
	if p.Allowed == nil {
		return nil
	}
	p.Step = 5
	var who struct{ Principals []struct{ Principal string } }
	query = url.Values{"action": {tourAction}, "resource": {tourParameter}}
	if err := c.request(r.Context(), http.MethodGet, "/_writ/who-can?"+query.Encode(), nil, &who); err != nil {
		return err
	}
	for _, g := range who.Principals {
		p.WhoCan = append(p.WhoCan, g.Principal)
	}
	return nil
}

// takeStep performs a step of the tour.
func (c *Console) takeStep(w http.ResponseWriter, r *http.Request) {
	var err error
	switch r.PathValue("step") {
	case "1":
		if err = c.putTourParameter(r); err == nil {
			err = c.readTourParameter(r)
		}
	case "3":
		err = c.fixTour(r)
	case "4":
		err = c.readTourParameter(r)
	}
	if err != nil {
		c.failed(w, r, err)
		return
	}
	http.Redirect(w, r, c.cfg.Path+"tour", http.StatusSeeOther)
}

func (c *Console) putTourParameter(r *http.Request) error {
	return c.callAs(r.Context(), Choice{Principal: rootUser(tourOwner)}, fix.Call{Region: tourRegion, Service: "ssm", Operation: "PutParameter", Params: []fix.Param{
		{Name: "Name", Value: tourName}, {Name: "Type", Value: "String"}, {Name: "Value", Value: "https://db.internal"},
		{Name: "Tier", Value: "Advanced"}, {Name: "Overwrite", Flag: true},
	}}, nil)
}

// readTourParameter reads the parameter as the other account; a denial is not an error.
func (c *Console) readTourParameter(r *http.Request) error {
	err := c.callAs(r.Context(), Choice{Principal: rootUser(tourReader)}, fix.Call{
		Region: tourRegion, Service: "ssm", Operation: "GetParameter", Params: []fix.Param{{Name: "Name", Value: tourParameter}},
	}, nil)
	if _, denied := errors.AsType[*refusal](err); denied {
		return nil
	}
	return err
}

func (c *Console) fixTour(r *http.Request) error {
	p := new(tourPage)
	if err := c.loadProgress(r, p); err != nil || p.Denied == nil {
		return err
	}
	_, calls, err := c.fixCallsFor(r, p.Denied.ID)
	for i := 0; err == nil && i < len(calls); i++ {
		err = c.callAs(r.Context(), Choice{Principal: rootUser(tourOwner)}, calls[i], nil)
	}
	return err
}
