package iam

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"time"

	"github.com/writdev/writ/internal/authz"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/policy"
)

// loginProfile is the password of a user. There is no console to sign in to: a password
// can be changed by its user, and is compared with older ones.
type loginProfile struct {
	CreatedAt, ChangedAt time.Time
	ResetRequired        bool
	Passwords            []passwordHash // the current one first
}

// passwordHash is a password that cannot be read back.
type passwordHash struct{ Salt, Sum []byte }

const (
	hashRounds  = 10_000
	maxReuse    = 24 // passwords that a policy can forbid to use again
	loginIDOnly = "password"
)

func hashPassword(password string, salt []byte) (passwordHash, error) {
	sum, err := pbkdf2.Key(sha256.New, password, salt, hashRounds, sha256.Size)
	if err != nil {
		return passwordHash{}, fmt.Errorf("hash password: %w", err)
	}
	return passwordHash{salt, sum}, nil
}

func (h passwordHash) matches(password string) (bool, error) {
	other, err := hashPassword(password, h.Salt)
	return subtle.ConstantTimeCompare(h.Sum, other.Sum) == 1, err
}

// set makes a password the current one. It must conform to the account's policy.
func (p *loginProfile) set(c *operation.Call, password string) error {
	if err := checkPassword(c, password); err != nil {
		return err
	}
	rules, err := passwordPolicy(c)
	if err != nil && !isNotFound(err) {
		return err
	}
	if rules.PasswordReusePrevention != nil {
		for _, old := range p.Passwords[:min(len(p.Passwords), *rules.PasswordReusePrevention)] {
			switch again, err := old.matches(password); {
			case err != nil:
				return err
			case again:
				return errWeakPassword()
			}
		}
	}
	salt := make([]byte, 16)
	rand.Read(salt)
	h, err := hashPassword(password, salt)
	if err != nil {
		return err
	}
	p.Passwords = append([]passwordHash{h}, p.Passwords[:min(len(p.Passwords), maxReuse-1)]...)
	p.ChangedAt = c.Now
	return nil
}

func (p *loginProfile) view(h holder) *LoginProfile {
	return &LoginProfile{UserName: h.name, CreateDate: seconds(p.CreatedAt), PasswordResetRequired: &p.ResetRequired}
}

func findLoginProfile(c *operation.Call, h holder) (loginProfile, error) {
	p, err := readOwned[loginProfile](c, loginProfiles, h, loginIDOnly)
	if isNotFound(err) {
		return p, errNoSuchEntity("Login Profile for User %s cannot be found.", h.name)
	}
	return p, err
}

func createLoginProfile(c *operation.Call, in *CreateLoginProfileInput) (*CreateLoginProfileOutput, error) {
	h, err := holderOf(c, in.UserName)
	if err != nil {
		return nil, err
	}
	switch exists, err := loginProfiles.holds(c, h); {
	case err != nil:
		return nil, err
	case exists:
		return nil, errEntityAlreadyExists("Login Profile for user %s already exists.", h.name)
	case in.Password == nil: // only sessions of a root user in a member account need none
		return nil, invalid("1 validation error detected: Value at 'password' failed to satisfy constraint: Member must not be null")
	}
	p := loginProfile{CreatedAt: c.Now, ResetRequired: in.PasswordResetRequired != nil && *in.PasswordResetRequired}
	if err := p.set(c, *in.Password); err != nil {
		return nil, err
	}
	return &CreateLoginProfileOutput{LoginProfile: p.view(h)}, loginProfiles.put(c, h, loginIDOnly, p)
}

func getLoginProfile(c *operation.Call, in *GetLoginProfileInput) (*GetLoginProfileOutput, error) {
	h, err := holderOf(c, in.UserName)
	if err != nil {
		return nil, err
	}
	p, err := findLoginProfile(c, h)
	if err != nil {
		return nil, err
	}
	return &GetLoginProfileOutput{LoginProfile: p.view(h)}, nil
}

func updateLoginProfile(c *operation.Call, in *UpdateLoginProfileInput) (*UpdateLoginProfileOutput, error) {
	h, err := holderOf(c, &in.UserName)
	if err != nil {
		return nil, err
	}
	p, err := findLoginProfile(c, h)
	if err != nil {
		return nil, err
	}
	if in.Password != nil {
		if err := p.set(c, *in.Password); err != nil {
			return nil, err
		}
	}
	if in.PasswordResetRequired != nil {
		p.ResetRequired = *in.PasswordResetRequired
	}
	return &UpdateLoginProfileOutput{}, loginProfiles.put(c, h, loginIDOnly, p)
}

func deleteLoginProfile(c *operation.Call, in *DeleteLoginProfileInput) (*DeleteLoginProfileOutput, error) {
	h, err := holderOf(c, in.UserName)
	if err != nil {
		return nil, err
	}
	if _, err := findLoginProfile(c, h); err != nil {
		return nil, err
	}
	return &DeleteLoginProfileOutput{}, loginProfiles.delete(c, h, loginIDOnly)
}

// onOwnPassword is the target of ChangePassword. The password policy of the account may
// allow it to every user.
func onOwnPassword(c *operation.Call, _ *ChangePasswordInput) (t authz.Target, err error) {
	t.ARN = c.Caller.ARN()
	if c.Caller.Principal.Kind == policy.User {
		t.CallerPolicies, err = passwordGrant(c, t.ARN)
	}
	return t, err
}

func changePassword(c *operation.Call, in *ChangePasswordInput) (*ChangePasswordOutput, error) {
	if c.Caller.Principal.Kind != policy.User {
		return nil, errInvalidUserType("Only IAM Users can change their own password")
	}
	h, err := holderOf(c, nil)
	if err != nil {
		return nil, err
	}
	p, err := findLoginProfile(c, h)
	if err != nil {
		return nil, err
	}
	switch same, err := p.Passwords[0].matches(in.OldPassword); {
	case err != nil:
		return nil, err
	case !same:
		return nil, errInvalidInput("The old password was incorrect.")
	}
	if err := p.set(c, in.NewPassword); err != nil {
		return nil, err
	}
	p.ResetRequired = false
	return &ChangePasswordOutput{}, loginProfiles.put(c, h, loginIDOnly, p)
}
