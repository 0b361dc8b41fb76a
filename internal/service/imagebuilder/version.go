package imagebuilder

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// version is a semantic version, major.minor.patch. A node may be a wildcard.
// https://docs.aws.amazon.com/imagebuilder/latest/userguide/ibhow-semantic-versioning.html
type version [3]int

const (
	wildcard = -1        // written "x"
	maxNode  = 1<<30 - 1 // the greatest number a node may have
)

// parseVersion reads a version. All nodes to the right of the first wildcard
// must be wildcards too; the error is an InvalidVersionNumberException.
func parseVersion(text string) (version, error) {
	var v version
	nodes := strings.Split(text, ".")
	if len(nodes) != len(v) {
		return v, errInvalidVersionNumber("The version '%s' must have the form major.minor.patch.", text)
	}
	for i, node := range nodes {
		if node == "x" {
			v[i] = wildcard
			continue
		}
		n, err := strconv.Atoi(node)
		if err != nil || n < 0 || n > maxNode {
			return v, errInvalidVersionNumber("The version '%s' is out of bounds: each node is a number from 0 to %d.", text, maxNode)
		}
		if i > 0 && v[i-1] == wildcard {
			return v, errInvalidVersionNumber("The version '%s' is not valid: all nodes to the right of the first wildcard must also be wildcards.", text)
		}
		v[i] = n
	}
	return v, nil
}

func (v version) String() string {
	node := [len(v)]string{}
	for i, n := range v {
		node[i] = "x"
		if n != wildcard {
			node[i] = strconv.Itoa(n)
		}
	}
	return strings.Join(node[:], ".")
}

// hasWildcard reports whether v has a wildcard.
func (v version) hasWildcard() bool { return v[len(v)-1] == wildcard }

// covers reports whether w, which has no wildcard, is a version that v stands for.
func (v version) covers(w version) bool {
	for i, n := range v {
		if n != wildcard && n != w[i] {
			return false
		}
	}
	return true
}

func (v version) compare(w version) int { return slices.Compare(v[:], w[:]) }

// next is the version that a new resource gets which asks for v: the leftmost
// wildcard becomes the number after those in use under the fixed nodes before
// it, the others 0. What is in use comes in any order.
func (v version) next(used []version) (version, error) {
	first := slices.Index(v[:], wildcard)
	if first < 0 {
		return v, nil
	}
	highest := -1
	for _, u := range used {
		if v.covers(u) {
			highest = max(highest, u[first])
		}
	}
	if highest == maxNode {
		return v, errInvalidVersionNumber("No version is left for '%s'.", v)
	}
	v[first] = highest + 1
	for i := first + 1; i < len(v); i++ {
		v[i] = 0
	}
	return v, nil
}

// compareNames orders concrete names of one slug by version, then by build.
func compareNames(a, b name) int {
	va, _ := parseVersion(a.Version) // what the store holds is well-formed
	vb, _ := parseVersion(b.Version)
	return cmp.Or(va.compare(vb), cmp.Compare(a.Build, b.Build))
}

// references are the ARNs under which the newest resource of each range of
// versions is found.
func references(n name) *LatestVersionReferences {
	node := strings.Split(n.Version, ".") // as written: a node may have leading zeros
	return &LatestVersionReferences{
		LatestVersionARN:      new(n.withVersion("x.x.x").String()),
		LatestMajorVersionARN: new(n.withVersion(node[0] + ".x.x").String()),
		LatestMinorVersionARN: new(n.withVersion(node[0] + "." + node[1] + ".x").String()),
		LatestPatchVersionARN: new(n.withVersion(n.Version).String()),
	}
}
