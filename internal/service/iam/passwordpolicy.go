package iam

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/operation"
	"github.com/writdev/writ/internal/store"
)

// The password policy of an account is one row.
const passwordPolicyType = "password-policy"

func passwordPolicyARN(c *operation.Call) string {
	return "arn:" + c.Partition + ":iam::" + c.Account() + ":" + passwordPolicyType
}

// updateAccountPasswordPolicy replaces the policy: what is not given is its default.
func updateAccountPasswordPolicy(c *operation.Call, in *UpdateAccountPasswordPolicyInput) (*UpdateAccountPasswordPolicyOutput, error) {
	p := PasswordPolicy{
		MinimumPasswordLength:      new(6),
		RequireSymbols:             orFalse(in.RequireSymbols),
		RequireNumbers:             orFalse(in.RequireNumbers),
		RequireUppercaseCharacters: orFalse(in.RequireUppercaseCharacters),
		RequireLowercaseCharacters: orFalse(in.RequireLowercaseCharacters),
		AllowUsersToChangePassword: orFalse(in.AllowUsersToChangePassword),
		ExpirePasswords:            new(in.MaxPasswordAge != nil),
		MaxPasswordAge:             in.MaxPasswordAge,
		PasswordReusePrevention:    in.PasswordReusePrevention,
		HardExpiry:                 in.HardExpiry,
	}
	if in.MinimumPasswordLength != nil {
		p.MinimumPasswordLength = in.MinimumPasswordLength
	}
	data, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("put password policy: %w", err)
	}
	return &UpdateAccountPasswordPolicyOutput{}, c.Tx.PutResource(store.Resource{
		ARN: passwordPolicyARN(c), Service: api.Name, Type: passwordPolicyType, Account: c.Account(), Name: passwordPolicyType,
		Data: data, CreatedAt: c.Now, UpdatedAt: c.Now,
	})
}

func orFalse(b *bool) *bool { return new(b != nil && *b) }

// passwordPolicy reads the account's password policy; store.ErrNotFound if it has none.
func passwordPolicy(c *operation.Call) (PasswordPolicy, error) {
	r, err := c.Tx.Resource(passwordPolicyARN(c))
	if err != nil {
		return PasswordPolicy{}, err
	}
	return decoded(r, same[PasswordPolicy])
}

func getAccountPasswordPolicy(c *operation.Call, _ *GetAccountPasswordPolicyInput) (*GetAccountPasswordPolicyOutput, error) {
	p, err := passwordPolicy(c)
	if isNotFound(err) {
		return nil, errNoSuchEntity("The Password Policy with domain name %s cannot be found.", c.Account())
	}
	return &GetAccountPasswordPolicyOutput{PasswordPolicy: &p}, err
}

func deleteAccountPasswordPolicy(c *operation.Call, _ *DeleteAccountPasswordPolicyInput) (*DeleteAccountPasswordPolicyOutput, error) {
	err := c.Tx.DeleteResource(passwordPolicyARN(c))
	if isNotFound(err) {
		return nil, errNoSuchEntity("The account policy with name PasswordPolicy cannot be found.")
	}
	return &DeleteAccountPasswordPolicyOutput{}, err
}

// checkPassword returns an error for a password that violates the account's policy or,
// without one, the default policy of AWS: eight characters of three kinds.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
func checkPassword(c *operation.Call, password string) error {
	p, err := passwordPolicy(c)
	if err != nil && !isNotFound(err) {
		return err
	}
	upper := strings.ContainsFunc(password, unicode.IsUpper)
	lower := strings.ContainsFunc(password, unicode.IsLower)
	digit := strings.ContainsFunc(password, unicode.IsDigit)
	symbol := strings.ContainsAny(password, "!@#$%^&*()_+-=[]{}|'")
	length := utf8.RuneCountInString(password)
	if isNotFound(err) {
		kinds := 0
		for _, has := range []bool{upper, lower, digit, symbol} {
			if has {
				kinds++
			}
		}
		if length < 8 || kinds < 3 {
			return errWeakPassword()
		}
		return nil
	}
	if length < *p.MinimumPasswordLength || *p.RequireUppercaseCharacters && !upper || *p.RequireLowercaseCharacters && !lower ||
		*p.RequireNumbers && !digit || *p.RequireSymbols && !symbol {
		return errWeakPassword()
	}
	return nil
}

func errWeakPassword() error {
	return errPasswordPolicyViolation("Password does not conform to the account password policy.")
}

// passwordGrant is the permission of users to change their own passwords, where the
// account's password policy gives it.
func passwordGrant(c *operation.Call, user string) ([]identity.Document, error) {
	p, err := passwordPolicy(c)
	if err != nil || !*p.AllowUsersToChangePassword {
		if isNotFound(err) {
			err = nil
		}
		return nil, err
	}
	text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": []any{
		map[string]string{"Effect": "Allow", "Action": "iam:" + apiChangePassword.Name, "Resource": user},
	}})
	return []identity.Document{{Name: "password policy of the account", Text: string(text)}}, err
}
