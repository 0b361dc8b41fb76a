package rekognition_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/writdev/writ"
	"github.com/writdev/writ/writtest"
)

// TestTrace tests the policy operations on the wire: the members, their case, and the status of each
// response.
func TestTrace(t *testing.T) {
	now := time.Now().Truncate(time.Second).Add(86 * time.Millisecond)
	s := writtest.NewFromConfig(t, writ.Config{Now: func() time.Time { return now }})
	project := newClient(t, s, alice).project("birds")
	text, err := json.Marshal(share(bob))
	ok(t, err)
	call := func(operation, members string) (int, map[string]any) {
		return raw(t, s, alice, operation, `{"ProjectArn":"`+project+`"`+members+`}`)
	}
	list := func() []any {
		status, answer := call("ListProjectPolicies", `,"MaxResults":5`)
		if status != 200 || len(answer) != 1 {
			t.Errorf("list: %d %v", status, answer)
		}
		return answer["ProjectPolicies"].([]any)
	}
	if got := list(); len(got) != 0 {
		t.Errorf("at first %v", got)
	}
	status, answer := call("PutProjectPolicy", `,"PolicyName":"copy","PolicyDocument":`+string(text))
	revision, _ := answer["PolicyRevisionId"].(string)
	if status != 200 || len(answer) != 1 || !revisionForm.MatchString(revision) {
		t.Errorf("put: %d %v", status, answer)
	}
	seconds := math.Round(float64(now.UnixMilli())) / 1000
	want := []any{map[string]any{
		"ProjectArn": project, "PolicyName": "copy", "PolicyRevisionId": revision, "PolicyDocument": share(bob),
		"CreationTimestamp": seconds, "LastUpdatedTimestamp": seconds,
	}}
	if diff := cmp.Diff(want, list()); diff != "" {
		t.Errorf("list (-want +got):\n%s", diff)
	}
	fails := func(name string, status int, answer map[string]any, code, message string) {
		t.Helper()
		if status != 400 || answer["__type"] != code || answer["Code"] != code || len(answer) != 4 {
			t.Errorf("%s: %d %v", name, status, answer)
		}
		if text, _ := answer["Message"].(string); !strings.HasPrefix(text, message) {
			t.Errorf("%s: message %q, want %q", name, text, message)
		}
		if id, _ := answer["Logref"].(string); len(id) != 36 {
			t.Errorf("%s: Logref %q", name, id)
		}
	}
	status, answer = call("DeleteProjectPolicy", `,"PolicyName":"copy","PolicyRevisionId":"0`+revision[1:]+`0"`)
	fails("another revision", status, answer, badRevision, "The supplied revision id for the project policy is invalid.")
	status, answer = call("DeleteProjectPolicy", `,"PolicyName":"copy","PolicyRevisionId":"`+revision+`"`)
	if status != 200 || len(answer) != 0 {
		t.Errorf("delete: %d %v", status, answer)
	}

	status, answer = call("PutProjectPolicy", `,"PolicyName":"copy"`)
	fails("no document", status, answer, badParameter, "Input parameter violated a constraint.")
	status, answer = raw(t, s, alice, "ListProjectPolicies", `{}`)
	fails("no project", status, answer, badParameter, "Input parameter violated a constraint.")
	status, answer = raw(t, s, bob, "ListProjectPolicies", `{"ProjectArn":"`+project+`"}`)
	fails("not allowed", status, answer, accessDenied, "User: arn:aws:iam::"+bob+":root is not authorized to perform: rekognition:ListProjectPolicies")
	status, answer = raw(t, s, bob, "DeleteProject", `{"ProjectArn":"`+project+`"}`)
	fails("not the owner", status, answer, accessDenied, "You are not authorized to perform the action.")
	status, answer = raw(t, s, alice, "DetectFaces", `{}`)
	fails("not served", status, answer, "UnknownOperationException", "Writ does not serve the operation DetectFaces of Amazon Rekognition")
	status, answer = raw(t, s, alice, "DetectSarcasm", `{}`)
	fails("unknown", status, answer, "UnknownOperationException", "Unknown operation")
}
