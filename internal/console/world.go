package console

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/writdev/writ/internal/overview"
)

// overview requests the overview of the world.
func (c *Console) overview(ctx context.Context) (*overview.Overview, error) {
	o := new(overview.Overview)
	return o, c.request(ctx, http.MethodGet, "/_writ/overview", nil, o)
}

// world lists the resources, by service and account.
func (c *Console) world(w http.ResponseWriter, r *http.Request) {
	o, err := c.overview(r.Context())
	if err != nil {
		c.failed(w, r, err)
		return
	}
	query := r.URL.Query()
	service, account := query.Get("service"), query.Get("account")
	services := map[string]int{}
	var shown []overview.Resource
	for _, resource := range o.Resources {
		services[resource.Service]++
		if (service == "" || resource.Service == service) && (account == "" || resource.Account == account) {
			shown = append(shown, resource)
		}
	}
	c.render(w, r, http.StatusOK, "world", struct {
		frame
		Tab              string
		Overview         *overview.Overview
		Services         []string
		Counts           map[string]int
		Shown            listed[overview.Resource]
		Service, Account string
	}{c.frame(r, text("world.title"), "world"), "resources", o, slices.Sorted(maps.Keys(services)), services, newListed(r, shown), service, account})
}

// resource shows one resource: its properties, its policies, and with whom it is shared.
func (c *Console) resource(w http.ResponseWriter, r *http.Request) {
	arn := r.URL.Query().Get("arn")
	o, err := c.overview(r.Context())
	if err != nil {
		c.failed(w, r, err)
		return
	}
	at := slices.IndexFunc(o.Resources, func(x overview.Resource) bool { return x.ARN == arn })
	if at < 0 {
		c.fail(w, r, http.StatusNotFound, text("world.no-resource", arn))
		return
	}
	var policies struct{ Policies []overview.Policy }
	if err := c.request(r.Context(), http.MethodGet, "/_writ/policies", nil, &policies); err != nil {
		c.failed(w, r, err)
		return
	}
	c.render(w, r, http.StatusOK, "resource", struct {
		frame
		Tab      string
		Resource overview.Resource
		Policies []overview.Policy
		Edges    []overview.Edge
		Shares   []overview.Share
		Query    string // the ARN, escaped for a query
	}{
		c.frame(r, shortName(arn), "world"), "resources", o.Resources[at],
		keep(policies.Policies, func(p overview.Policy) bool { return p.Resource == arn }),
		keep(o.Edges, func(e overview.Edge) bool { return e.Resource == arn }),
		keep(o.Shares, func(s overview.Share) bool {
			return slices.ContainsFunc(s.Resources, func(m overview.Member) bool { return m.Entity == arn })
		}),
		url.QueryEscape(arn),
	})
}

// maxListed limits the rows of a list: a page with more is shown only on request.
const maxListed = 200

// listed is the part of a list that a page shows.
type listed[T any] struct {
	Rows  []T
	Total int
	All   string // the address of the page with all rows; "" if it shows them
}

// newListed returns the part of a list for a request: all of it with "all" in the address.
func newListed[T any](r *http.Request, list []T) listed[T] {
	if len(list) <= maxListed || r.URL.Query().Has("all") {
		return listed[T]{Rows: list, Total: len(list)}
	}
	query := r.URL.Query()
	query.Set("all", "yes")
	return listed[T]{list[:maxListed], len(list), "?" + query.Encode()}
}

func keep[T any](list []T, wanted func(T) bool) []T {
	return slices.DeleteFunc(list, func(v T) bool { return !wanted(v) })
}
