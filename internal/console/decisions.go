package console

import (
	"net/http"
	"net/url"
	"time"

	"github.com/writdev/writ/internal/decision"
)

// firstRows is the number of decisions in a page before its script loads the others.
const firstRows = "60"

// filterNames lists the filters of the list, with their names in the address.
var filterNames = []string{"outcome", "principal", "action", "resource", "service"}

// decisionList is the response of GET /_writ/decisions.
type decisionList struct {
	Kept, Size int
	Since      *time.Time
	Decisions  []decision.Record
}

// decisions shows the list. The filters in the address are passed to the API.
func (c *Console) decisions(w http.ResponseWriter, r *http.Request) {
	query := url.Values{"brief": {"true"}, "limit": {firstRows}}
	filter := map[string]string{}
	for _, name := range filterNames {
		if value := r.URL.Query().Get(name); value != "" {
			query.Set(name, value)
			filter[name] = value
		}
	}
	var list decisionList
	if err := c.request(r.Context(), http.MethodGet, "/_writ/decisions?"+query.Encode(), nil, &list); err != nil {
		c.failed(w, r, err)
		return
	}
	c.render(w, r, http.StatusOK, "decisions", struct {
		frame
		decisionList
		Filter   map[string]string
		Outcomes []decision.Outcome
	}{c.frame(r, text("decisions.title"), "decisions"), list, filter, []decision.Outcome{decision.Allowed, decision.Denied, decision.WouldBeDenied}})
}
