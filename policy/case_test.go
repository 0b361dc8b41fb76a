package policy_test

import (
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/writdev/writ/policy"
)

var update = flag.Bool("update", false, "rewrite the explanations in testdata/cases")

// testCase is one request with one set of policies. testdata/README.md describes the
// format of the files.
type testCase struct {
	name     string
	file     *caseFile
	request  policy.Request
	policies policy.Policies
	want     string
}

type caseFile struct {
	path    string
	archive *txtar.Archive
}

// requestJSON is the JSON form of a request.
type requestJSON struct {
	Principal          string
	Issuer             string
	Action             string
	Resource           string
	ResourceAccount    string
	ManagementAccount  string
	AWSManaged         bool
	NeedsResourceGrant bool
	Context            map[string]any
}

func loadCases(t testing.TB) []testCase {
	t.Helper()
	var cases []testCase
	err := filepath.WalkDir("testdata/cases", func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".txtar" {
			return err
		}
		archive, err := txtar.ParseFile(path)
		if err != nil {
			return err
		}
		cases = append(cases, readCases(t, &caseFile{path, archive})...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return cases
}

func readCases(t testing.TB, file *caseFile) []testCase {
	t.Helper()
	var cases []testCase
	sections := make(map[string][]byte)
	for _, f := range file.archive.Files {
		if _, ok := sections[f.Name]; ok {
			t.Fatalf("%s: duplicate section %s", file.path, f.Name)
		}
		sections[f.Name] = f.Data
	}
	for _, f := range file.archive.Files {
		name, ok := strings.CutSuffix(f.Name, "/want")
		if !ok {
			continue
		}
		own := make(map[string][]byte)
		for section, data := range sections {
			if base, ok := strings.CutPrefix(section, name+"/"); ok {
				own[base] = data
			} else if !strings.Contains(section, "/") && sections[name+"/"+section] == nil {
				own[section] = data
			}
		}
		c := testCase{name: strings.TrimSuffix(filepath.Base(file.path), ".txtar") + "/" + name, file: file}
		c.want = strings.TrimSpace(string(f.Data))
		c.request = readRequest(t, c.name, sections["request.json"], sections[name+"/request.json"])
		c.policies = readPolicies(t, c.name, own)
		cases = append(cases, c)
	}
	return cases
}

// readRequest merges the request of the case into that of the file.
func readRequest(t testing.TB, name string, parts ...[]byte) policy.Request {
	t.Helper()
	var r requestJSON
	for _, part := range parts {
		if len(part) == 0 {
			continue
		}
		if err := json.Unmarshal(part, &r); err != nil {
			t.Fatalf("%s: request: %v", name, err)
		}
	}
	who, err := policy.ParsePrincipal(r.Principal)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if r.Issuer != "" {
		who.Issuer = r.Issuer
	}
	req := policy.Request{
		Principal: who, Action: r.Action, Resource: r.Resource, ResourceAccount: r.ResourceAccount,
		ManagementAccount: r.ManagementAccount, AWSManaged: r.AWSManaged, NeedsResourceGrant: r.NeedsResourceGrant,
	}
	for _, key := range slices.Sorted(maps.Keys(r.Context)) {
		switch v := r.Context[key].(type) {
		case string:
			req.Context.Add(key, v)
		case []any:
			for _, v := range v {
				req.Context.Add(key, v.(string))
			}
		case nil:
		default:
			t.Fatalf("%s: context key %s is %T", name, key, v)
		}
	}
	if _, ok := r.Context["aws:PrincipalArn"]; !ok {
		who.SetKeys(&req.Context)
	}
	return req
}

// readPolicies reads the sections LAYER.json and LAYER.N.json. For the organization's layers N is the level.
func readPolicies(t testing.TB, name string, sections map[string][]byte) policy.Policies {
	t.Helper()
	var p policy.Policies
	for _, section := range slices.Sorted(maps.Keys(sections)) {
		base, ok := strings.CutSuffix(section, ".json")
		if !ok || base == "request" {
			continue
		}
		layer, number, numbered := strings.Cut(base, ".")
		level := 0
		if numbered {
			level, _ = strconv.Atoi(number)
		}
		var attached []policy.Attached
		switch data := strings.TrimSpace(string(sections[section])); data {
		case "absent":
			continue
		case "nothing attached":
			attached = []policy.Attached{}
		default:
			doc, err := policy.Parse([]byte(data))
			if err != nil {
				t.Fatalf("%s: %s: %v", name, section, err)
			}
			attached = []policy.Attached{{Name: base, Document: doc}}
		}
		join := func(to *[]policy.Attached) {
			*to = append(append([]policy.Attached{}, *to...), attached...)
		}
		joinLevel := func(to *[][]policy.Attached) {
			for len(*to) <= level {
				*to = append(*to, []policy.Attached{})
			}
			join(&(*to)[level])
		}
		switch layer {
		case "identity":
			join(&p.Identity)
		case "boundary":
			join(&p.Boundary)
		case "session":
			join(&p.Session)
		case "resource":
			join(&p.Resource)
		case "endpoint":
			join(&p.Endpoint)
		case "scp":
			joinLevel(&p.ServiceControl)
		case "rcp":
			joinLevel(&p.ResourceControl)
		default:
			t.Fatalf("%s: section %s is not a layer", name, section)
		}
	}
	return p
}

// TestCases decides and explains every case of testdata/cases.
func TestCases(t *testing.T) {
	cases := loadCases(t)
	if len(cases) < 500 && !testing.Short() {
		t.Errorf("%d cases, want at least 500", len(cases))
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := policy.Decide(&c.request, &c.policies)
			if text := got.String(); text != c.want {
				t.Errorf("decided %s, want %s\n%s", text, c.want, policy.Explain(&c.request, &c.policies))
			}
			explained := policy.Explain(&c.request, &c.policies)
			if explained.Decision != got {
				t.Errorf("explained %v, decided %v", explained.Decision, got)
			}
			c.checkExplanation(t, explained.String())
		})
	}
	if *update {
		for _, c := range cases {
			if err := os.WriteFile(c.file.path, txtar.Format(c.file.archive), 0o666); err != nil && !errors.Is(err, fs.ErrExist) {
				t.Error(err)
			}
		}
	}
}

// checkExplanation compares the explanation with the golden text, or updates it.
func (c *testCase) checkExplanation(t *testing.T, got string) {
	t.Helper()
	section := c.name[strings.IndexByte(c.name, '/')+1:] + "/explanation"
	i := slices.IndexFunc(c.file.archive.Files, func(f txtar.File) bool { return f.Name == section })
	switch {
	case *update && i < 0:
		want := slices.IndexFunc(c.file.archive.Files, func(f txtar.File) bool { return f.Name == strings.TrimSuffix(section, "explanation")+"want" })
		c.file.archive.Files = slices.Insert(c.file.archive.Files, want+1, txtar.File{Name: section, Data: []byte(got)})
	case *update:
		c.file.archive.Files[i].Data = []byte(got)
	case i < 0:
		t.Errorf("no explanation; run with -update")
	default:
		if diff := cmp.Diff(string(c.file.archive.Files[i].Data), got); diff != "" {
			t.Errorf("explanation (-want +got):\n%s", diff)
		}
	}
}
