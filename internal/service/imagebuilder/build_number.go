package imagebuilder

import (
	"errors"

	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// The number of the last build of a version is kept in a row of its own, so that the next one
// is found without reading those before it, and no number is given twice while there are
// others.

// The rows that count builds are no resources of the service, so that nothing lists them.
const (
	buildsType    = "builds"
	buildsService = "imagebuilder-builds"
)

// buildCount is what is kept of the builds of a version.
type buildCount struct{ Last int }

// counterARN is the key of the row that counts the builds of n's version.
func counterARN(n name) string {
	n.Build, n.Type = 0, buildsType+"/"+n.Type
	return n.String()
}

// countOf reads the number of the last build of a version; 0 where no row counts them.
func countOf(c *operation.Call, n name) (int, error) {
	r, err := c.Tx.Resource(counterARN(n))
	if errors.Is(err, store.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	count, err := operation.Decode[buildCount](r)
	if err != nil {
		return 0, err
	}
	return count.Last, nil
}

// countBuild notes that n is the last build of its version.
func countBuild(c *operation.Call, n name) error {
	r, err := operation.Record(c, store.Resource{
		ARN: counterARN(n), Service: buildsService, Type: buildsType, Account: n.Account, Region: n.Region,
	}, buildCount{n.Build})
	if err != nil {
		return err
	}
	return c.Tx.PutResource(r)
}

// forgetBuild begins to count anew if a build that was deleted was the only one.
func forgetBuild(c *operation.Call, arn string) error {
	n, err := parseName(arn)
	if err != nil || n.Build == 0 {
		return err
	}
	for _, err := range rows(c, n.withVersion(n.Version).String()+"/", "") {
		return err // there is another
	}
	if err := c.Tx.DeleteResource(counterARN(n)); !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return nil
}

// nextBuild is n with the number that its next build gets. Where no row counts the builds, as
// in states of earlier versions of Writ, they are read.
func nextBuild(c *operation.Call, n name) (name, error) {
	last, err := countOf(c, n)
	if err != nil {
		return name{}, err
	}
	n.Build = last + 1
	if given, err := parseName(c.NewARN); err == nil && given.withVersion(n.Version) == n.withVersion(n.Version) && given.Build > last {
		n.Build = given.Build
		return n, nil
	}
	if last > 0 {
		return n, nil
	}
	for r, err := range rows(c, n.withVersion(n.Version).String()+"/", "") {
		if err != nil {
			return name{}, err
		}
		taken, err := parseName(r.ARN)
		if err != nil {
			return name{}, err
		}
		n.Build = max(n.Build, taken.Build+1)
	}
	return n, nil
}

// lastBuild is the last build of one version of the caller's own; without a number where that
// is not known at once.
func lastBuild(c *operation.Call, n name) (name, error) {
	v, err := parseVersion(n.Version)
	if err != nil {
		return name{}, err
	}
	if n.Account != c.Account() || v.hasWildcard() || !n.hasBuilds() {
		return n, nil
	}
	if n.Build, err = countOf(c, n); err != nil || n.Build == 0 {
		return n, err
	}
	_, err = c.Tx.Resource(n.String())
	if errors.Is(err, store.ErrNotFound) { // deleted since
		n.Build, err = 0, nil
	}
	return n, err
}
