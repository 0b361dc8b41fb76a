package server

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/identity"
)

// CredentialsRequest is the body of POST /_writ/credentials.
type CredentialsRequest struct {
	// Principal is the ARN of a user or of a role, or an account id for its root user.
	Principal string `json:"principal"`
	// SessionName is the name of the session of a role; "writ" if none is given.
	SessionName string `json:"sessionName,omitempty"`
}

// Credentials is the answer, in the form that AWS SDKs take from a process.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
type Credentials struct {
	Version         int        `json:"Version"`
	AccessKeyID     string     `json:"AccessKeyId"`
	SecretAccessKey string     `json:"SecretAccessKey"`
	SessionToken    string     `json:"SessionToken,omitempty"`
	Expiration      *time.Time `json:"Expiration,omitempty"`
}

// giveCredentials answers credentials of any principal that there is, for tests: no trust
// policy is asked. A server that other machines can reach gives none.
func (s *Server) giveCredentials(w http.ResponseWriter, r *http.Request) {
	if s.cfg.Public {
		fault(w, http.StatusForbidden, "This server can be reached by other machines: it gives credentials to nobody.")
		return
	}
	var in CredentialsRequest
	if !readBody(w, r, &in, `{"principal":"..."}`) {
		return
	}
	var out Credentials
	err := s.Operate(r.Context(), func(o *Operator) (err error) {
		out, err = o.credentials(in)
		return err
	})
	if !s.faulty(w, err) {
		ReplyJSON(w, http.StatusOK, out)
	}
}

func (o *Operator) credentials(in CredentialsRequest) (Credentials, error) {
	if arn.IsAccountID(in.Principal) {
		return Credentials{Version: 1, AccessKeyID: in.Principal, SecretAccessKey: identity.SandboxSecret}, nil
	}
	a, err := arn.Parse(in.Principal)
	if err != nil {
		return Credentials{}, badInput("principal is an account id or the ARN of a user or a role, not %q", in.Principal)
	}
	switch kind, _, _ := strings.Cut(a.Resource, "/"); kind {
	case "user":
		user, err := identity.FindCaller(o.Tx, in.Principal, o.Now())
		if err != nil {
			return Credentials{}, err
		}
		key, err := o.server.cfg.Directory.CreateAccessKey(o.Tx, user.ARN(), user.Account(), o.Now())
		return Credentials{Version: 1, AccessKeyID: key.ID, SecretAccessKey: key.Secret}, err
	case "role":
		return o.session(a, in)
	}
	return Credentials{}, badInput("%s is neither a user nor a role", in.Principal)
}

// session begins a session of a role.
func (o *Operator) session(role arn.ARN, in CredentialsRequest) (Credentials, error) {
	if in.SessionName == "" {
		in.SessionName = "writ"
	}
	input, err := json.Marshal(map[string]string{"RoleArn": role.String(), "RoleSessionName": in.SessionName})
	if err != nil {
		return Credentials{}, err
	}
	answer, err := o.Call(OperatorCall{Account: role.Account, Region: "us-east-1", Service: "sts", Operation: "AssumeRole", Input: input})
	if err != nil {
		return Credentials{}, err
	}
	var out struct {
		Credentials struct {
			AccessKeyID, SecretAccessKey, SessionToken string
			Expiration                                 json.Number
		}
	}
	if err := json.Unmarshal(answer, &out); err != nil {
		return Credentials{}, err
	}
	c := Credentials{Version: 1, AccessKeyID: out.Credentials.AccessKeyID, SecretAccessKey: out.Credentials.SecretAccessKey, SessionToken: out.Credentials.SessionToken}
	if seconds, err := out.Credentials.Expiration.Float64(); err == nil {
		at := time.Unix(int64(seconds), 0).UTC()
		c.Expiration = &at
	}
	return c, nil
}
