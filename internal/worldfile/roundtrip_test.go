package worldfile

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/writdev/writ/internal/server"
)

// TestExamplesRoundTrip loads the examples, exports and loads again.
func TestExamplesRoundTrip(t *testing.T) {
	files, err := filepath.Glob("../../examples/*/world.yaml")
	if err != nil || len(files) < 4 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			w, err := format(t).Read(file, text, func(name string) ([]byte, error) { return os.ReadFile(filepath.Join(filepath.Dir(file), name)) })
			if err != nil {
				t.Fatal(err)
			}
			first := emptyServer(t)
			if err := Load(t.Context(), first, w); err != nil {
				t.Fatal(err)
			}
			second := again(t, first)
			for _, s := range []*server.Server{first, second} {
				results, err := w.Test(t.Context(), s)
				if err != nil {
					t.Fatal(err)
				}
				for _, r := range results {
					if r.Failure != "" {
						t.Errorf("%s: %s", r.Name, r.Failure)
					}
				}
			}
		})
	}
}

// again loads the export of a server into another, whose export must be the same.
func again(t tester, first *server.Server) *server.Server {
	t.Helper()
	f := format(t)
	a, err := f.Export(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	w, err := f.Read("export.yaml", a, nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, a)
	}
	second := emptyServer(t)
	if err := Load(t.Context(), second, w); err != nil {
		t.Fatalf("%v\n%s", err, a)
	}
	b, err := f.Export(t.Context(), second)
	if err != nil {
		t.Fatal(err)
	}
	if string(a) != string(b) {
		t.Fatalf("the export of what was loaded is another:\n%s\nwas:\n%s", b, a)
	}
	return second
}

// The accounts of random worlds.
var accounts = []string{"111122223333", "222233334444", "333344445555"}

// world draws a world: principals with policies, boundaries and groups, an organization with
// control policies, resources with policies and tags, shares.
func world(t *rapid.T) object {
	type list = []any
	account := rapid.SampledFrom(accounts)
	some := func(name string, max int, one func(i int) any) list {
		out := list{}
		for i := range rapid.IntRange(0, max).Draw(t, name) {
			out = append(out, one(i))
		}
		return out
	}
	text := func(name string) string {
		return rapid.OneOf(rapid.StringN(1, 20, 60), rapid.StringMatching(`[a-z: #'"\n\t\r|>{}\[\]&*!%@-]{1,12}`), rapid.SampledFrom([]string{"yes", "null", "1e3", "012", "~", "2026-01-01", "<<", " x", "x ", "x\n", "x\n\n", "111122223333"})).Draw(t, name)
	}
	tags := func() object {
		out := object{}
		for i := range rapid.IntRange(0, 2).Draw(t, "tags") {
			out[fmt.Sprint("t", i)] = rapid.SampledFrom([]string{"a", "true", "12", "a b"}).Draw(t, "tag")
		}
		return out
	}
	actions := rapid.SampledFrom([]any{"ssm:GetParameter", "ssm:*", list{"kms:Decrypt", "imagebuilder:Get*"}, "*"})
	identity := func(string) any {
		st := object{"Effect": rapid.SampledFrom([]string{"Allow", "Allow", "Deny"}).Draw(t, "effect"), "Action": actions.Draw(t, "action"), "Resource": "*"}
		if rapid.Bool().Draw(t, "conditional") {
			st["Condition"] = object{"NumericLessThan": object{"aws:MultiFactorAuthAge": rapid.SampledFrom([]any{60, 123456789012, "60", 1.5}).Draw(t, "age")}}
		}
		return object{"Version": "2012-10-17", "Statement": list{st}}
	}
	named := func(prefix string) func(int) any {
		return func(i int) any {
			if rapid.IntRange(0, 4).Draw(t, "managed") == 0 {
				return "arn:aws:iam::aws:policy/" + rapid.SampledFrom([]string{"ReadOnlyAccess", "AdministratorAccess"}).Draw(t, "AWS managed")
			}
			return object{"name": fmt.Sprint(prefix, i), "document": identity(prefix)}
		}
	}
	unique := func(l list) list { // a managed policy is attached once
		out := list{}
		for _, d := range l {
			if s, ok := d.(string); !ok || !slices.Contains(out, any(s)) {
				out = append(out, d)
			}
		}
		return out
	}
	w := object{"accounts": list{object{"id": accounts[0], "name": "one"}, object{"id": accounts[1]}, object{"id": accounts[2], "name": "three", "email": "x@example.org"}}}
	if rapid.Bool().Draw(t, "organization") {
		scp := func(unit string) list {
			return append(some("control", 2, func(i int) any { return object{"name": fmt.Sprint(unit, i), "document": identity("scp")} }), "FullAWSAccess")
		}
		unit := object{"name": text("unit")[:1] + "u", "accounts": list{accounts[1]}, "units": list{object{"name": "below", "accounts": list{accounts[2]}, "serviceControlPolicies": scp("below")}}}
		w["organization"] = object{"managementAccount": accounts[0], "shareWithOrganization": rapid.Bool().Draw(t, "sharing"), "root": object{"accounts": list{accounts[0]}, "units": list{unit}, "serviceControlPolicies": scp("root")}}
	}
	w["groups"] = list{object{"arn": accounts[0] + ":group/path/all", "policies": unique(some("group policies", 1, named("g")))}}
	w["users"] = some("users", 3, func(i int) any {
		u := object{"arn": fmt.Sprintf("%s:user/u%d", account.Draw(t, "account"), i), "policies": unique(some("policies", 2, named("p"))), "tags": tags()}
		if rapid.Bool().Draw(t, "limited") {
			u["boundary"] = identity("boundary")
		}
		if rapid.Bool().Draw(t, "grouped") && u["arn"].(string)[:12] == accounts[0] {
			u["groups"] = list{accounts[0] + ":group/path/all"}
		}
		return u
	})
	w["roles"] = some("roles", 3, func(i int) any {
		trust := object{"to": list{account.Draw(t, "trusted"), "ec2.amazonaws.com"}}
		if i > 0 {
			trust = object{"to": w["roleARN"]}
		}
		long := fmt.Sprintf("%s:role/x/r%d", account.Draw(t, "account"), i)
		w["roleARN"] = long
		return object{"arn": long, "trustPolicy": trust, "policies": unique(some("policies", 2, named("p"))), "tags": tags(), "maxSessionDuration": rapid.SampledFrom([]int{3600, 7200}).Draw(t, "duration")}
	})
	delete(w, "roleARN")
	resource := func(action string) list {
		return some("resource policies", 1, func(int) any {
			return object{"allow": action, "to": list{account.Draw(t, "consumer")}}
		})
	}
	keys := some("keys", 2, func(i int) any {
		k := object{"arn": fmt.Sprintf("%s:key/k%d", account.Draw(t, "account"), i), "description": text("description"), "aliases": list{fmt.Sprint("alias/a", i)}, "tags": tags(), "rotation": rapid.Bool().Draw(t, "rotation")}
		switch rapid.IntRange(0, 3).Draw(t, "kind") {
		case 0:
			k["rotation"], k["origin"] = false, "EXTERNAL"
			if i == 0 {
				k["material"] = object{"description": rapid.SampledFrom([]string{"", "from our HSM: 1/2"}).Draw(t, "material")}
			}
		case 1:
			k["rotation"], k["rotationPeriodInDays"] = false, rapid.IntRange(90, 2560).Draw(t, "period")
		case 2:
			k["disabled"] = true
		}
		if k["origin"] == nil || k["material"] != nil {
			k["grants"] = some("grants", 3, func(i int) any {
				g := object{"granteePrincipal": account.Draw(t, "grantee"), "operations": rapid.SampledFrom([]list{{"Decrypt"}, {"Decrypt", "Encrypt"}}).Draw(t, "operations")}
				if rapid.Bool().Draw(t, "named") {
					g["name"] = fmt.Sprint("g", i)
				}
				if rapid.Bool().Draw(t, "constrained") {
					g["encryptionContextSubset"] = object{"app": "x"}
				}
				return g
			})
		}
		if rapid.Bool().Draw(t, "key policy") {
			k["policies"] = list{object{"allow": "kms:*", "to": account.Draw(t, "administrator")}}
		}
		return k
	})
	for _, account := range accounts {
		keys = append(keys, object{"arn": account + ":key/secrets"})
	}
	w["keys"] = keys
	var shared list
	w["parameters"] = some("parameters", 4, func(i int) any {
		long := fmt.Sprintf("%s:parameter/%s%d", account.Draw(t, "account"), rapid.SampledFrom([]string{"p", "a/b"}).Draw(t, "path"), i)
		if long[:12] == accounts[0] {
			shared = append(shared, long)
		}
		p := object{"arn": long, "type": "String", "value": text("value"), "tier": "Advanced", "tags": tags(), "policies": resource("ssm:GetParameter")}
		if rapid.Bool().Draw(t, "secret") {
			p["type"], p["keyId"] = "SecureString", long[:12]+":key/secrets"
		}
		return p
	})
	w["components"] = some("components", 2, func(i int) any {
		return object{"arn": fmt.Sprintf("%s:component/comp%d/1.0.0/1", account.Draw(t, "account"), i), "platform": "Linux", "tags": tags(), "policies": resource("imagebuilder:GetComponent"),
			"data": "schemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n      - name: A\n        action: ExecuteBash\n        inputs:\n          commands: [ls]\n"}
	})
	w["projects"] = some("projects", 1, func(i int) any {
		return object{"arn": accounts[0] + ":project/pr"}
	})
	if len(w["projects"].(list)) > 0 {
		w["datasets"] = some("datasets", 1, func(int) any {
			return object{"arn": accounts[0] + ":project/pr/dataset/train", "tags": tags(), "entries": some("entries", 3, func(i int) any { return fmt.Sprintf(`{"source-ref":"s3://b/%d.png"}`, i) })}
		})
	}
	w["secrets"] = some("secrets", 3, func(i int) any {
		long := fmt.Sprintf("%s:secret:%s%d", account.Draw(t, "account"), rapid.SampledFrom([]string{"db", "a/b-c"}).Draw(t, "path"), i)
		s := object{"arn": long, "description": text("description"), "tags": tags(), "policies": resource("secretsmanager:GetSecretValue")}
		switch rapid.IntRange(0, 2).Draw(t, "value") {
		case 0:
			s["secretString"] = text("value")
		case 1:
			s["secretBinary"] = "1234"
		}
		if rapid.Bool().Draw(t, "replicated") {
			s["addReplicaRegions"] = list{object{"Region": "eu-west-1"}}
		}
		if rapid.Bool().Draw(t, "own key") {
			s["kmsKeyId"] = long[:12] + ":key/secrets"
		}
		return s
	})
	w["opsItemGroups"] = some("groups of OpsItems", 1, func(int) any {
		return object{"arn": account.Draw(t, "account") + ":opsitemgroup/default", "policies": list{object{"allow": "ssm:GetOpsItem", "to": account.Draw(t, "consumer")}}}
	})
	if len(shared) > 0 {
		principals := list{accounts[1]}
		s := object{"arn": accounts[0] + ":resource-share/s", "resources": shared, "principals": principals, "tags": tags()}
		if rapid.Bool().Draw(t, "pending") && w["organization"] == nil {
			s["pending"] = principals
		}
		w["shares"] = list{s}
	}
	return w
}

// escaped writes what YAML does not allow as it is as its number.
func escaped(text []byte) []byte {
	var b strings.Builder
	for _, r := range string(text) {
		if r >= 0x7f && r < 0xa0 || r >= 0xfe00 && r < 0x10000 {
			fmt.Fprintf(&b, "\\u%04x", r)
			continue
		}
		b.WriteRune(r)
	}
	return []byte(b.String())
}

// TestRoundTrip: loading what was exported of a random world gives the same world: its
// export has the same bytes, and everybody may do the same.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, err := json.Marshal(world(t))
		if err != nil {
			t.Fatal(err)
		}
		text = escaped(text)
		w, err := format(t).Read("world.json", text, nil)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		first := emptyServer(t)
		if err := Load(t.Context(), first, w); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		second := again(t, first)
		a, b := decisions(t, w, first), decisions(t, w, second)
		if len(a) == 0 || !slices.Equal(a, b) {
			t.Fatalf("decisions differ:\n%v\n%v", a, b)
		}
	})
}

// decisions asks about every principal, action and resource of a world.
func decisions(t tester, w *World, s *server.Server) []string {
	t.Helper()
	principals := slices.Clone(accounts)
	for _, u := range w.Users {
		principals = append(principals, u.ARN)
	}
	for _, r := range w.Roles {
		principals = append(principals, r.ARN)
	}
	var resources []string
	for _, section := range sortedKeys(w.Entries) {
		for _, e := range w.Entries[section] {
			resources = append(resources, e.ARN)
		}
	}
	var list []string
	err := s.Observe(t.Context(), func(o *server.Operator) error {
		list = []string{"asked"}
		for _, p := range principals {
			principal, err := w.source.names.principal(p)
			if err != nil {
				return err
			}
			for _, r := range resources {
				long, err := w.source.names.full(r)
				if err != nil {
					return err
				}
				action := map[string]string{"ssm": "ssm:GetParameter", "kms": "kms:Decrypt", "imagebuilder": "imagebuilder:GetComponent",
					"rekognition": "rekognition:DescribeProjectVersions", "secretsmanager": "secretsmanager:GetSecretValue"}[strings.Split(long, ":")[2]]
				if strings.Contains(long, ":opsitemgroup/") {
					action = "ssm:GetOpsItem"
				}
				record, err := o.Decide(server.Question{Principal: principal, Action: action, Resource: long})
				if err != nil {
					return err
				}
				list = append(list, fmt.Sprint(p, action, r, record.Outcome, record.DecidedBy))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}
