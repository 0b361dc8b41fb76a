package imagebuilder

import (
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/sharing"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// A resource is kept as the JSON of its API shape. Its tags and its policies
// have tables of their own and are never in that JSON.

// read returns the row at an ARN: one of the store, or one that Amazon
// publishes. Without one, and for an ARN of another region than the call's, it
// is a ResourceNotFoundException.
func read(c *operation.Call, arn string) (store.Resource, error) {
	n, err := parseName(arn)
	if err != nil || !isLocal(c, n) {
		return store.Resource{}, notFound(arn)
	}
	if n.Account == amazon {
		for r, err := range rows(c, arn, "") {
			if err != nil || r.ARN == arn {
				return r, err
			}
		}
		return store.Resource{}, notFound(arn)
	}
	r, err := c.Tx.Resource(arn)
	if errors.Is(err, store.ErrNotFound) {
		return store.Resource{}, notFound(arn)
	}
	return r, err
}

// isLocal reports whether n is of the partition and the region that are called.
func isLocal(c *operation.Call, n name) bool {
	return n.Partition == c.Partition && n.Region == c.Region
}

func notFound(arn string) error {
	return errResourceNotFound("The resource '%s' does not exist.", arn)
}

// load reads the resource at an ARN as its API shape.
func load[T any](c *operation.Call, arn string) (*T, error) {
	r, err := read(c, arn)
	if err != nil {
		return nil, err
	}
	return operation.Decode[T](r)
}

// record makes the row of a resource out of its API shape.
func record(c *operation.Call, n name, displayName string, v any) (store.Resource, error) {
	return operation.Record(c, store.Resource{
		ARN: n.String(), Service: api.Name, Type: n.Type, Account: n.Account, Region: n.Region, Name: displayName,
	}, v)
}

// insert adds a resource that refers to others. An ARN that is taken is a
// ResourceAlreadyExistsException.
func insert(c *operation.Call, n name, displayName string, v any, tags map[string]string, refers []string) error {
	r, err := record(c, n, displayName, v)
	if err != nil {
		return err
	}
	err = c.Tx.InsertResource(r)
	if errors.Is(err, store.ErrExists) {
		return errResourceAlreadyExists("The following resource '%s' already exists: '%s'.", shapeOf[n.Type], r.ARN)
	}
	if err != nil {
		return err
	}
	if err := operation.SetTags(c, r.ARN, tags, errInvalidParameterValue); err != nil {
		return err
	}
	if err := c.Tx.SetReferences(r.ARN, refers); err != nil || n.Build == 0 {
		return err
	}
	return countBuild(c, n)
}

// shapeOf is what errors call a type. Seen of image recipes:
// ministryofjustice/modernisation-platform-ami-builds#549.
var shapeOf = map[string]string{
	componentType:       "Component",
	imageType:           "Image",
	imageRecipeType:     "ImageRecipe",
	containerRecipeType: "ContainerRecipe",
	infrastructureType:  "InfrastructureConfiguration",
	distributionType:    "DistributionConfiguration",
	pipelineType:        "ImagePipeline",
	lifecyclePolicyType: "LifecyclePolicy",
}

// update replaces what is kept of a resource that exists.
func update(c *operation.Call, arn string, v any) error {
	r, err := read(c, arn)
	if err != nil {
		return err
	}
	if r, err = operation.Record(c, r, v); err != nil {
		return err
	}
	return c.Tx.UpdateResource(r)
}

// remove deletes a resource that nothing refers to and that is not shared;
// else it is a ResourceDependencyException.
func remove(c *operation.Call, arn string) error {
	r, err := read(c, arn)
	if err != nil {
		return err
	}
	users, err := c.Tx.ReferencedBy(arn, 1)
	if err != nil {
		return err
	}
	shared, err := isShared(c, r)
	if err != nil {
		return err
	}
	if len(users) > 0 || shared {
		return errResourceDependency("Resource dependency error: The resource ARN '%s' has other resources depended on it.", arn)
	}
	if err := c.Tx.DeleteResource(arn); err != nil {
		return err
	}
	if err := forgetBuild(c, arn); err != nil {
		return err
	}
	return sharing.Deleted(c, arn)
}

// isShared reports whether a policy on the resource lets another account in.
func isShared(c *operation.Call, r store.Resource) (bool, error) {
	policies, err := c.Tx.Policies(r.ARN)
	if err != nil {
		return false, err
	}
	for _, p := range policies {
		doc, err := policy.Parse([]byte(p.Document))
		if err != nil {
			return false, fmt.Errorf("policy of %s: %w", r.ARN, err)
		}
		if sharing.External(doc, r.Account) {
			return true, nil
		}
	}
	return false, nil
}

// rows yields the rows whose ARNs begin with prefix and sort after the given
// one, in their order. The prefix reaches to the type at least.
func rows(c *operation.Call, prefix, after string) iter.Seq2[store.Resource, error] {
	if accountOf(prefix) == amazon {
		return amazonRows(c, prefix, after)
	}
	return c.Tx.Resources(store.Query{Prefix: prefix, After: after})
}

// newest returns the concrete name that n stands for: of a version without
// build its newest build, of wildcards the newest version they cover. Nothing
// there is a ResourceNotFoundException. Other names stand for themselves.
//
// Of another account's resources only those count that the caller may read: what
// is not shared with it would be denied, and the denial would tell that it exists.
func newest(c *operation.Call, n name) (name, error) {
	if n.Version == "" {
		return n, nil
	}
	v, err := parseVersion(n.Version)
	if err != nil {
		return name{}, err
	}
	if n.Build != 0 || !n.hasBuilds() && !v.hasWildcard() {
		return n, nil
	}
	if !isLocal(c, n) {
		return name{}, notFound(n.String())
	}
	if last, err := lastBuild(c, n); err != nil || last.Build != 0 {
		return last, err
	}
	var best name
	for r, err := range rows(c, commonPrefix(n), "") {
		if err != nil {
			return name{}, err
		}
		candidate, err := parseName(r.ARN)
		if err != nil {
			return name{}, err
		}
		w, err := parseVersion(candidate.Version)
		if err != nil {
			return name{}, err
		}
		if !v.covers(w) || best != (name{}) && compareNames(candidate, best) < 0 {
			continue
		}
		if n.Account != c.Account() && n.Account != amazon {
			may, err := mayRead(c, r)
			if err != nil {
				return name{}, err
			}
			if !may {
				continue
			}
		}
		best = candidate
	}
	if best == (name{}) {
		return name{}, notFound(n.String())
	}
	return best, nil
}

// mayRead reports whether the caller may read what another account has. What is
// shared with no account it may not, also where the gate refuses nothing.
func mayRead(c *operation.Call, r store.Resource) (bool, error) {
	typ, ok := sharing.TypeOf(r.ARN)
	shared, err := isShared(c, r)
	if err != nil || !ok || !shared {
		return false, err
	}
	return c.May(typ.GetAction, authz.Target{ARN: r.ARN})
}

// commonPrefix is what the ARNs of all that n stands for begin with.
func commonPrefix(n name) string {
	version, _, wild := strings.Cut(n.Version, "x")
	if !wild {
		version += "/"
	}
	return n.prefix() + n.Slug + "/" + version
}

// timestamp writes an instant as the service does: "2026-11-22T08:03:28.000Z".
func timestamp(t time.Time) *string { return new(t.UTC().Format("2006-01-02T15:04:05.000Z")) }

// readNewest reads what an ARN stands for now, and says its name.
func readNewest(c *operation.Call, arn string) (name, store.Resource, error) {
	n, err := parseName(arn)
	if err != nil {
		return name{}, store.Resource{}, notFound(arn)
	}
	if n, err = newest(c, n); err != nil {
		return name{}, store.Resource{}, err
	}
	r, err := read(c, n.String())
	return n, r, err
}
