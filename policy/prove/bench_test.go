package prove

import (
	"fmt"
	"testing"
)

// largeWorld has 1,000 users, 200 roles and 300 resources in 10 accounts. Every fourth trust policy delegates
// the decision to an account, the others name a role; every fifth has a condition.
func largeWorld() *World {
	w := &World{Policies: map[string]Document{}}
	account := func(i int) string { return fmt.Sprintf("%012d", 100000000000+i%10) }
	o := &Organization{ID: "o-1", ManagementAccount: account(0), Root: Unit{ID: "r-1"}}
	for i := range 10 {
		w.Accounts = append(w.Accounts, Account{ID: account(i)})
		o.Root.Accounts = append(o.Root.Accounts, account(i))
	}
	o.Root.ServiceControlPolicies = []Document{Document(`"FullAWSAccess"`), Document(`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"organizations:*","Resource":"*"}}`)}
	w.Organization = o
	role := func(i int) string { return fmt.Sprintf("arn:aws:iam::%s:role/r%d", account(i), i) }
	parameter := func(i int) string { return fmt.Sprintf("arn:aws:ssm:us-east-1:%s:parameter/p%d", account(i), i) }
	allow := func(action, resource, rest string) Document {
		return Document(fmt.Sprintf(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":%q,"Resource":%q%s}}`, action, resource, rest))
	}
	for i := range 1000 {
		w.Users = append(w.Users, User{ARN: fmt.Sprintf("arn:aws:iam::%s:user/u%d", account(i), i), Policies: []Document{
			allow("sts:AssumeRole", role(i%200), ""), allow("ssm:GetParameter", parameter(i%300), `,"Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`),
		}})
	}
	for i := range 200 {
		trusted, condition := account(i), ""
		if i%4 > 0 {
			trusted = role((i + 1) % 200)
		}
		if i%5 == 0 {
			condition = `,"Condition":{"StringEquals":{"sts:ExternalId":"x"}}`
		}
		w.Roles = append(w.Roles, Role{
			ARN: role(i), Policies: []Document{allow("sts:AssumeRole", role((i+199)%200), ""), allow("ssm:GetParameter", parameter(i), "")},
			TrustPolicy: Document(fmt.Sprintf(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":%q},"Action":"sts:AssumeRole"%s}}`, trusted, condition)),
		})
	}
	for i := range 300 {
		w.Resources = append(w.Resources, Resource{ARN: parameter(i)})
	}
	for i := range 10 {
		w.Invariants = append(w.Invariants, Invariant{
			Name: fmt.Sprint("i", i), Actions: []string{"ssm:GetParameter"}, Resources: []string{parameter(i * 7)}, Nobody: []string{outsideOrganization},
		}, Invariant{
			Name: fmt.Sprint("n", i), Actions: []string{"ssm:GetParameter"}, Resources: []string{parameter(i * 7)}, Nobody: []string{fmt.Sprintf("arn:aws:iam::*:user/u%d", 200+i*7)},
		})
	}
	w.Invariants = append(w.Invariants, Invariant{Name: "all", Actions: []string{"ssm:GetParameter"}, Resources: []string{"*"}, Nobody: []string{outsideOrganization}})
	return w
}

// BenchmarkProve compiles the large world and decides its 21 invariants.
func BenchmarkProve(b *testing.B) {
	w := largeWorld()
	for b.Loop() {
		var verdicts [3]int
		for _, r := range compile(b, w).Prove() {
			verdicts[r.Verdict]++
		}
		b.ReportMetric(float64(verdicts[Refuted]), "refuted")
		b.ReportMetric(float64(verdicts[Unknown]), "unknown")
	}
}
