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
	service, account := r.URL.Query().Get("service"), r.URL.Query().Get("account")
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
		Shown            []overview.Resource
		Service, Account string
	}{c.frame(r, text("world.title"), "world"), "resources", o, slices.Sorted(maps.Keys(services)), services, shown, service, account})
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

func keep[T any](list []T, wanted func(T) bool) []T {
	return slices.DeleteFunc(list, func(v T) bool { return !wanted(v) })
}
