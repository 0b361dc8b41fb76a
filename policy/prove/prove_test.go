package prove

import (
	"strings"
	"testing"
)

const (
	bob  = "arn:aws:iam::111122223333:user/bob"
	role = "arn:aws:iam::111122223333:role/path/r"
	next = "arn:aws:iam::111122223333:role/next"

	staff   = "arn:aws:iam::111122223333:group/staff"
	session = "arn:aws:sts::111122223333:assumed-role/next/ci"
)

// exampleWorld returns a world of a user, two roles and a parameter, and one invariant: that bob does not read the
// parameter. Bob may assume r, which may assume next.
func exampleWorld(change func(w *World)) *World {
	w := &World{
		Accounts:   []Account{{ID: "111122223333"}},
		Users:      []User{{ARN: bob, Policies: []Document{allow("sts:AssumeRole", "*", "")}, Tags: map[string]string{"team": "red"}}},
		Roles:      []Role{{ARN: role, TrustPolicy: trust(bob, ""), Policies: []Document{allow("sts:AssumeRole", "*", "")}}, {ARN: next, TrustPolicy: trust(role, ""), Policies: []Document{allow("ssm:GetParameter", "*", "")}}},
		Resources:  []Resource{{ARN: secret}},
		Invariants: []Invariant{{Name: "i", Actions: []string{"ssm:GetParameter"}, Resources: []string{secret}, Nobody: []string{bob}}},
	}
	if change != nil {
		change(w)
	}
	return w
}

func allow(action, resource, rest string) Document {
	return Document(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"` + action + `","Resource":"` + resource + `"` + rest + `}}`)
}

func trust(principal, rest string) Document {
	return Document(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + principal + `"},"Action":"sts:AssumeRole"` + rest + `}}`)
}

func condition(operator, key, value string) string {
	return `,"Condition":{"` + operator + `":{"` + key + `":"` + value + `"}}`
}

func TestWorked(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(w *World)
		want   Verdict
		length int
		reason string
	}{
		{"two roles", nil, Refuted, 3, ""},
		{"a group's policies are those of its members", func(w *World) {
			w.Users[0].Policies, w.Roles[0].TrustPolicy = nil, trust("111122223333", "")
			w.Users[0].Groups = []string{staff}
			w.Groups = []Group{{ARN: staff, Policies: []Document{allow("sts:AssumeRole", "*", "")}}}
		}, Refuted, 3, ""},
		{"a group without members", func(w *World) {
			w.Users[0].Policies, w.Roles[0].TrustPolicy = nil, trust("111122223333", "")
			w.Groups = []Group{{ARN: staff, Policies: []Document{allow("sts:AssumeRole", "*", "")}}}
		}, Proved, 0, ""},
		{"a declared session", func(w *World) {
			w.Sessions = []Session{{Role: next, Name: "ci"}}
			w.Invariants[0].Nobody = []string{session}
		}, Refuted, 1, ""},
		{"a declared session within the chain", func(w *World) {
			w.Sessions = []Session{{Role: role, Name: "ci"}}
			w.Invariants[0].Nobody = []string{strings.Replace(session, "next", "r", 1)}
		}, Refuted, 2, ""},
		{"a session policy limits the session", func(w *World) {
			w.Sessions = []Session{{Role: next, Name: "ci", Policies: []Document{allow("ssm:PutParameter", "*", "")}}}
			w.Invariants[0].Nobody = []string{session}
		}, Proved, 0, ""},
		{"a session has its own tags", func(w *World) {
			w.Sessions = []Session{{Role: next, Name: "ci", Tags: map[string]string{"team": "red"}}}
			w.Roles[1].Tags = map[string]string{"team": "blue"}
			w.Roles[1].Policies = []Document{allow("ssm:GetParameter", "*", condition("StringEquals", "aws:PrincipalTag/team", "red"))}
			w.Invariants[0].Nobody = []string{session}
		}, Refuted, 1, ""},
		{"a session has the tags of its role", func(w *World) {
			w.Sessions = []Session{{Role: next, Name: "ci"}}
			w.Roles[1].Tags = map[string]string{"team": "blue"}
			w.Roles[1].Policies = []Document{allow("ssm:GetParameter", "*", condition("StringEquals", "aws:PrincipalTag/team", "red"))}
			w.Invariants[0].Nobody = []string{session}
		}, Proved, 0, ""},
		{"too long", func(w *World) { w.Invariants[0].MaxLength = 2 }, Proved, 0, ""},
		{"roles that trust each other", func(w *World) {
			w.Roles[0].TrustPolicy = trust(next, "")
		}, Proved, 0, ""},
		{"a role that trusts itself", func(w *World) {
			w.Roles[1].TrustPolicy = trust(next, "")
		}, Proved, 0, ""},
		{"the session has the ARN of its role", func(w *World) {
			w.Roles[1].TrustPolicy = trust("111122223333", condition("ArnEquals", "aws:PrincipalArn", role))
		}, Refuted, 3, ""},
		{"the session does not have the ARN of its user", func(w *World) {
			w.Users[0].Policies = []Document{allow("sts:AssumeRole", role, "")}
			w.Roles[1].TrustPolicy = trust("111122223333", condition("ArnEquals", "aws:PrincipalArn", bob))
		}, Proved, 0, ""},
		{"the session does not have the tags of its user", func(w *World) {
			w.Roles[1].TrustPolicy = trust(role, condition("StringEquals", "aws:PrincipalTag/team", "red"))
		}, Proved, 0, ""},
		{"the session has the tags of its role", func(w *World) {
			w.Roles[0].Tags = map[string]string{"team": "red"}
			w.Roles[1].TrustPolicy = trust(role, condition("StringEquals", "aws:PrincipalTag/team", "red"))
		}, Refuted, 3, ""},
		{"the caller may choose tags", func(w *World) {
			w.Roles[0].TrustPolicy = Document(strings.Replace(string(trust(bob, "")), `"sts:AssumeRole"`, `["sts:AssumeRole","sts:TagSession"]`, 1))
			w.Roles[1].TrustPolicy = trust(role, condition("StringEquals", "aws:PrincipalTag/team", "red"))
		}, Unknown, 0, "may have tags"},
		{"the session does not have the permissions of its user", func(w *World) {
			w.Roles[0].Policies = nil
			w.Roles[1].TrustPolicy = trust("111122223333", "")
			w.Users[0].Policies = []Document{allow("sts:AssumeRole", role, ""), allow("ssm:PutParameter", "*", "")}
		}, Proved, 0, ""},
		{"a boundary of the role", func(w *World) {
			w.Roles[1].Boundary = allow("s3:*", "*", "")
		}, Proved, 0, ""},
		{"MFA is carried", func(w *World) {
			w.Roles[0].TrustPolicy = trust(bob, condition("Bool", "aws:MultiFactorAuthPresent", "false"))
			w.Roles[1].TrustPolicy = trust(role, condition("Bool", "aws:MultiFactorAuthPresent", "true"))
		}, Proved, 0, ""},
		{"MFA is inherited, and the key is escaped", func(w *World) {
			w.Roles[0].TrustPolicy = trust(bob, condition("Bool", `aws:\u004dultiFactorAuthPresent`, "false"))
			w.Roles[1].TrustPolicy = trust(role, condition("Bool", `aws:\u004dultiFactorAuthPresent`, "true"))
		}, Proved, 0, ""},
		{"a session that its caller may tag, and the key is escaped", func(w *World) {
			w.Roles[0].TrustPolicy = Document(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + bob + `"},"Action":["sts:AssumeRole","sts:TagSession"]}}`)
			w.Roles[1].TrustPolicy = trust(role, condition("StringEquals", `aws:\u0050rincipalTag/team`, "red"))
		}, Unknown, 0, "may have tags"},
		{"the session name", func(w *World) {
			w.Roles[1].TrustPolicy = trust("arn:aws:sts::111122223333:assumed-role/r/ops", "")
		}, Refuted, 3, ""},
		{"a session name that the role does not allow", func(w *World) {
			w.Roles[0].TrustPolicy = trust(bob, condition("StringEquals", "sts:RoleSessionName", "dev"))
			w.Roles[1].TrustPolicy = trust("arn:aws:sts::111122223333:assumed-role/r/ops", "")
		}, Unknown, 0, "session name"},
		{"a stranger", func(w *World) {
			w.Roles[1].TrustPolicy = trust("*", "")
			w.Invariants[0].Only, w.Invariants[0].Nobody = []string{"111122223333", services, federated}, nil
		}, Refuted, 2, ""},
		{"only a principal of the external account", func(w *World) {
			w.Accounts = append(w.Accounts, Account{ID: "999988887777", Name: "partner", External: true})
			w.Roles[1].TrustPolicy = trust("999988887777", "")
			w.Invariants[0].Only, w.Invariants[0].Nobody = []string{"111122223333", "partner"}, nil
		}, Proved, 0, ""},
		{"root users cannot assume roles", func(w *World) {
			w.Accounts = append(w.Accounts, Account{ID: "444455556666"})
			w.Roles[1].TrustPolicy = trust("444455556666", "")
			w.Invariants[0].Nobody = []string{"arn:aws:iam::444455556666:root"}
		}, Proved, 0, ""},
		{"an identity provider", func(w *World) {
			w.Roles[1].TrustPolicy = Document(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"accounts.google.com"},"Action":"sts:AssumeRoleWithWebIdentity"}}`)
			w.Invariants[0].Nobody = []string{federated}
		}, Refuted, 2, ""},
		{"a unique id that is not declared", func(w *World) {
			w.Roles[0].TrustPolicy = trust(bob, condition("StringEquals", "aws:userid", "AIDAX"))
		}, Unknown, 0, "unique id"},
		{"a unique id", func(w *World) {
			w.Users[0].ID = "AIDAX"
			w.Roles[0].TrustPolicy = trust(bob, condition("StringEquals", "aws:userid", "AIDAX"))
		}, Refuted, 3, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := compile(t, exampleWorld(c.change))
			r := m.Prove()[0]
			if r.Verdict != c.want || len(r.Chain) != c.length || !strings.Contains(r.Reason, c.reason) {
				t.Errorf("%v with a chain of %d, reason %q; want %v, %d, %q", r.Verdict, len(r.Chain), r.Reason, c.want, c.length, c.reason)
			}
			if r.Verdict == Refuted && c.name != "an identity provider" {
				confirm(t, m, &r)
			}
		})
	}
}

// TestReach checks every principal that reaches the parameter.
func TestReach(t *testing.T) {
	ways, err := compile(t, exampleWorld(nil)).Reach("ssm:GetParameter", secret)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, w := range ways {
		got[w.Start] = len(w.Chain)
	}
	for name, want := range map[string]int{next: 1, "arn:aws:iam::111122223333:root": 1, role: 2, bob: 3} {
		if got[name] != want {
			t.Errorf("%s reaches it in %d steps, want %d", name, got[name], want)
		}
	}
	if len(got) != 4 {
		t.Errorf("%v reach it", got)
	}
}
