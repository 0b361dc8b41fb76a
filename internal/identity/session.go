package identity

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/store"
	"github.com/writdev/writ/policy"
)

// Session is the session of temporary credentials. It is encrypted in the session token and not stored: a
// session costs no write, and every node that has the sealing key can read it.
type Session struct {
	Principal policy.Principal
	UserID    string // aws:userid: "AROA...:name" of a role, "111122223333:name" of a federated user
	Name      string // aws:username: only for the session of a user from GetSessionToken
	IssuerID  string // the unique id of the session's role or user; "" for a root user

	// Policy and PolicyARNs are the session policies: an inline document, and the ARNs of
	// managed policies, which each decision reads.
	Policy     string   `json:",omitempty"`
	PolicyARNs []string `json:",omitempty"`

	Tags           map[string]string `json:",omitempty"` // session tags, transitive ones included
	TransitiveKeys []string          `json:",omitempty"` // the keys of Tags that chained sessions inherit
	SourceIdentity string            `json:",omitempty"`

	// Keys are condition keys of the identity provider through which a role was assumed.
	Keys map[string][]string `json:",omitempty"`

	// MFAAt is the time at which the user authenticated with MFA; zero if it did not.
	MFAAt time.Time `json:",omitzero"`

	IssuedAt, ExpiresAt time.Time
}

// ErrExpiredToken is returned for an expired session token.
var ErrExpiredToken = errors.New("expired session token")

// TemporaryKey is an access key of a session with its token.
type TemporaryKey struct {
	AccessKey
	Token string
}

// sessionKeyPrefix is the prefix of access key ids of sessions.
const sessionKeyPrefix = "ASIA"

// sealedSession is the content of a session token.
type sealedSession struct {
	Session
	Secret string
}

// tokens is the encoding of session tokens. It is safe in headers and query strings and has only one valid
// form.
var tokens = base64.RawURLEncoding.Strict()

// StartSession creates the credentials of a session.
func (d *Directory) StartSession(s Session) (TemporaryKey, error) {
	key := TemporaryKey{AccessKey: AccessKey{ID: newSessionKeyID(s.Principal.Account), Secret: newSecret()}}
	text, err := json.Marshal(sealedSession{s, key.Secret})
	if err != nil {
		return TemporaryKey{}, fmt.Errorf("start session of %s: %w", s.Principal.ARN, err)
	}
	key.Token = tokens.EncodeToString(d.Sealer.Seal(text, d.sealPurpose(tokenPurpose(key.ID))))
	return key, nil
}

// tokenPurpose returns the purpose for which a session token is sealed: its access key.
func tokenPurpose(accessKeyID string) string { return "session token of " + accessKeyID }

// SessionCredential resolves the access key of a session by its token. The error is ErrUnknownKey for a token
// of another access key, and for one whose role or user was deleted, even if another was created under its
// name.
//
// The caller checks whether the session has expired, after verifying the signature.
func (d *Directory) SessionCredential(tx *store.Tx, accessKeyID, token string) (Credential, error) {
	sealed, err := tokens.DecodeString(token)
	if err != nil {
		return Credential{}, ErrUnknownKey
	}
	text, err := d.Sealer.Open(sealed, d.sealPurpose(tokenPurpose(accessKeyID)))
	if err != nil {
		return Credential{}, ErrUnknownKey
	}
	var s sealedSession
	if err := json.Unmarshal(text, &s); err != nil {
		return Credential{}, fmt.Errorf("session token of %s: %w", accessKeyID, err)
	}
	caller := Caller{Principal: s.Principal, UserID: s.UserID, Name: s.Name, AccessKeyID: accessKeyID, Session: &s.Session}
	credential := Credential{s.Secret, caller}
	if err := s.checkActive(tx); err != nil {
		return credential, fmt.Errorf("session token of %s: %w", accessKeyID, err)
	}
	return credential, nil
}

// checkActive returns ErrUnknownKey if the session's role or user was deleted, or deleted and created again
// under its name. It is called when the session is resolved, and again by the gate: the row may be deleted in
// between.
func (s *Session) checkActive(tx *store.Tx) error {
	arn := Caller{Principal: s.Principal}.issuer()
	if arn == "" {
		return nil
	}
	row, err := cachedAs[*identityRow](tx, arn)
	if isNotFound(err) || err == nil && row.id != s.IssuerID {
		return ErrUnknownKey
	}
	return err
}

func isRootARN(arn string) bool { return strings.HasSuffix(arn, ":root") }

// Expired reports whether the session has expired at a time.
func (s *Session) Expired(now time.Time) bool { return !now.Before(s.ExpiresAt) }

// Chained reports whether roles that the caller assumes are chained: the caller is itself a session of a
// role.
func (c Caller) Chained() bool { return c.Principal.Kind == policy.RoleSession }

// AcceptedBy reports whether a service accepts the caller's credentials: IAM rejects those of GetSessionToken
// without MFA. https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
func (c Caller) AcceptedBy(service string) bool {
	return service != "iam" || c.Session == nil || !c.Session.MFAAt.IsZero() || c.Principal.Kind != policy.User && c.Principal.Kind != policy.Root
}

// TransitiveTags returns the session tags that a chained session inherits.
func (s *Session) TransitiveTags() map[string]string {
	tags := map[string]string{}
	for _, key := range s.TransitiveKeys {
		tags[key] = s.Tags[key]
	}
	return tags
}

// newSessionKeyID returns an access key id for a session. After the first bit, 40 bits encode the account id,
// for GetAccessKeyInfo.
func newSessionKeyID(account string) string {
	var b [10]byte
	rand.Read(b[:])
	number, _ := strconv.ParseUint(account, 10, 64) // 12 digits
	b[0] = 0x80 | byte(number>>33)
	for i, shift := range []uint{25, 17, 9, 1} {
		b[i+1] = byte(number >> shift)
	}
	b[5] = byte(number<<7) | b[5]&0x7f
	return sessionKeyPrefix + base32.StdEncoding.EncodeToString(b[:])
}

// AccountOfSessionKey returns the account in the access key id of a session.
func AccountOfSessionKey(id string) (account string, ok bool) {
	text, ok := strings.CutPrefix(id, sessionKeyPrefix)
	b, err := base32.StdEncoding.DecodeString(text)
	if !ok || err != nil || len(b) != 10 {
		return "", false
	}
	number := uint64(b[0]&0x7f)<<33 | uint64(b[1])<<25 | uint64(b[2])<<17 | uint64(b[3])<<9 | uint64(b[4])<<1 | uint64(b[5])>>7
	account = fmt.Sprintf("%012d", number)
	return account, arn.IsAccountID(account)
}
