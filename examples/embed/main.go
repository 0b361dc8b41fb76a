// Command embed is a small HTTP service whose permissions are IAM policies, decided by
// Writ's engine inside the process: it serves reports by team, and says why it does not.
//
//	go run ./examples/embed
//	curl -u ann:  localhost:8080/reports/finance/q1
//	curl -u ann:  localhost:8080/reports/sales/q1
//
// Who a caller is, a real service learns from its own sign-in; here it is the user name of
// basic authentication. docs/embed.md explains the steps.
package main

import (
	"fmt"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/writdev/writ/policy"
)

const account = "111122223333" // one for all users and reports of the service

// identityPolicies are the policies of users, by name. They could come from files or from a
// database: a document is parsed once and is safe for concurrent use.
var identityPolicies = map[string]string{
	"ann": `{"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Action": "reports:*", "Resource": "arn:aws:reports:::${aws:PrincipalTag/team}/*"},
		{"Effect": "Deny", "Action": "reports:Delete", "Resource": "*",
			"Condition": {"DateGreaterThan": {"aws:CurrentTime": "2026-12-31T00:00:00Z"}}}]}`,
	"bob": `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "reports:Read", "Resource": "*"}}`,
}

// teams are the tags of users, which policies may ask for.
var teams = map[string]string{"ann": "finance", "bob": "audit"}

// service decides each request before it handles it.
type service struct {
	policies map[string]*policy.Document
	now      func() time.Time // the engine has no clock of its own
}

// newService parses the policies of all users, and refuses those that are not valid.
func newService(now func() time.Time) (*service, error) {
	s := &service{policies: map[string]*policy.Document{}, now: now}
	for user, text := range identityPolicies {
		document, err := policy.Parse([]byte(text))
		if err != nil {
			return nil, fmt.Errorf("policy of %s: %w", user, err)
		}
		if f, refused := policy.FirstRefused(policy.Validate(document, policy.Identity, nil)); refused {
			return nil, fmt.Errorf("policy of %s: %s", user, f)
		}
		s.policies[user] = document
	}
	return s, nil
}

// authorize decides whether a user may do something. The error says why not; it is for the
// log of the service as well as for the caller.
func (s *service) authorize(user, action, resource, address string) error {
	principal, err := policy.ParsePrincipal("arn:aws:iam::" + account + ":user/" + user)
	if err != nil {
		return err
	}
	request := policy.Request{Principal: principal, Action: action, Resource: resource, ResourceAccount: account}
	request.Context.Set("aws:CurrentTime", s.now().UTC().Format(time.RFC3339))
	if address != "" {
		request.Context.Set("aws:SourceIp", address)
	}
	if team := teams[user]; team != "" {
		request.Context.Set("aws:PrincipalTag/team", team)
	}
	// A user without policies has an empty list, which allows nothing.
	policies := policy.Policies{Identity: []policy.Attached{}}
	if document := s.policies[user]; document != nil {
		policies.Identity = append(policies.Identity, policy.Attached{Name: user, Document: document})
	}
	if decision := policy.Decide(&request, &policies); !decision.Allowed() {
		return fmt.Errorf("%s", decision.Sentence(&request))
	}
	return nil
}

// actions are the actions of HTTP methods.
var actions = map[string]string{http.MethodGet: "reports:Read", http.MethodDelete: "reports:Delete"}

// ServeHTTP serves /reports/TEAM/NAME.
func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	user, _, _ := r.BasicAuth()
	action := actions[r.Method]
	if user == "" || action == "" {
		http.Error(w, "sign in, and GET or DELETE a report", http.StatusUnauthorized)
		return
	}
	resource := "arn:aws:reports:::" + r.PathValue("team") + "/" + r.PathValue("name")
	if err := s.authorize(user, action, resource, address(r)); err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	fmt.Fprintf(w, "%s of %s\n", action, resource)
}

// address is the caller's address without its port.
func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	return host
}

func main() {
	s, err := newService(time.Now)
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/reports/{team}/{name}", s)
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", mux))
}
