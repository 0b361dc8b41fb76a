package console

import (
	"net/http"
	"net/url"
	"strings"
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
		Endpoint string // for AWS clients
	}{c.frame(r, text("decisions.title"), "decisions"), list, filter, c.outcomes(filter["outcome"]), c.endpoint(r)})
}

// outcomes lists the outcomes to filter by: only in audit mode would a request be denied, or if the filter is set.
func (c *Console) outcomes(chosen string) []decision.Outcome {
	list := []decision.Outcome{decision.Allowed, decision.Denied}
	if c.cfg.Mode == "audit" || chosen == string(decision.WouldBeDenied) {
		list = append(list, decision.WouldBeDenied)
	}
	return list
}

// endpoint returns the address of the world for AWS clients, as the browser reached it.
func (c *Console) endpoint(r *http.Request) string {
	scheme := "http://"
	if r.TLS != nil || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https") {
		scheme = "https://"
	}
	return scheme + r.Host + c.root
}
