package worlds_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/writdev/writ/writtest"
)

// putFile makes a world of a file and returns the status and the body of the answer.
func putFile(t *testing.T, s *writtest.Server, target, file string) (int, string) {
	t.Helper()
	req, err := http.NewRequest("PUT", s.URL+"/_writ/worlds/"+target, strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// TestWorldOfFile: a world file in the body is a world; what is wrong with one is told, and
// makes none.
func TestWorldOfFile(t *testing.T) {
	s := writtest.New(t)
	const file = "accounts: [{id: 111122223333, name: prod}]\nparameters: [{arn: prod:parameter/db, type: String, value: x}]"
	if status, body := putFile(t, s, "mine", file); status != http.StatusCreated {
		t.Fatal(status, body)
	}
	cfg := s.Config(alice)
	endpoint := s.URL + "/_writ/w/mine"
	cfg.BaseEndpoint = &endpoint
	out, err := ssm.NewFromConfig(cfg).GetParameter(t.Context(), &ssm.GetParameterInput{Name: new("db")})
	if err != nil || *out.Parameter.Value != "x" {
		t.Errorf("the parameter of the file: %v", err)
	}
	for _, c := range []struct {
		target, file, want string
		status             int
	}{
		{"mine", file, "WorldExists", 409},
		{"form", "accounts: 1\nrolls: 2", `"faults":["body:1:11: accounts: expected a list","body:2:1: rolls: there is no member`, 400},
		{"refused", strings.Replace(file, "/db", "/aws/db", 1), `PutParameter refuses: AccessDeniedException`, 400},
		{"file", file + "\npolicies: {p: /etc/hostname}", `names no other files`, 400},
		{"both?from=main", file, "not both", 400},
		{"large", "#" + strings.Repeat(" ", 9<<20), "TooLarge", 413},
	} {
		if status, body := putFile(t, s, c.target, c.file); status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s: %d %.300s; want %d with %s", c.target, status, body, c.status, c.want)
		}
	}
	if status, _ := putFile(t, s, "form", ""); status != http.StatusCreated {
		t.Errorf("a refused file leaves a world: %d", status)
	}
}

// TestExport: what a world has is a world file, of which another can be made.
func TestExport(t *testing.T) {
	s := writtest.New(t)
	put(t, s, "main")
	one := s.World(t, "")
	put(t, one, "mine")
	get := func(name string) (int, string) {
		t.Helper()
		resp, err := http.Get(s.URL + "/_writ/worlds/" + name + "/file")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(body)
	}
	for name, want := range map[string]string{"main": ":parameter/main", one.Name(): ":parameter/mine"} {
		status, file := get(name)
		if status != http.StatusOK || !strings.Contains(file, want) || strings.Count(file, ":parameter/") != 1 {
			t.Errorf("%s: %d %s", name, status, file)
		}
		if status, body := putFile(t, s, "again-"+name[:1], file); status != http.StatusCreated {
			t.Errorf("the export of %s: %d %s", name, status, body)
		}
		if _, again := get("again-" + name[:1]); again != file {
			t.Errorf("the export of what was loaded is another:\n%s\nwas:\n%s", again, file)
		}
	}
	if status, _ := get("none"); status != http.StatusNotFound {
		t.Errorf("no world: %d", status)
	}
}
