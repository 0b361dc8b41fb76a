package secretsmanager_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/writdev/writ/writtest"
)

// TestRandomPassword checks the characters of passwords, over many samples.
func TestRandomPassword(t *testing.T) {
	c := newClient(t, writtest.New(t), alice)
	const letters, punctuation = "abcdefghijklmnopqrstuvwxyz", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
	types := map[string]string{"lower": letters, "upper": strings.ToUpper(letters), "digits": "0123456789", "punctuation": punctuation, "space": " "}
	for _, test := range []struct {
		name string
		in   secretsmanager.GetRandomPasswordInput
		size int
		has  string // the types that each password has
	}{
		{"default", secretsmanager.GetRandomPasswordInput{}, 32, "lower upper digits punctuation"},
		{"short", secretsmanager.GetRandomPasswordInput{PasswordLength: new(int64(4))}, 4, "lower upper digits punctuation"},
		{"space", secretsmanager.GetRandomPasswordInput{PasswordLength: new(int64(5)), IncludeSpace: new(true)}, 5, "lower upper digits punctuation space"},
		{"letters", secretsmanager.GetRandomPasswordInput{ExcludeNumbers: new(true), ExcludePunctuation: new(true)}, 32, "lower upper"},
		{"digits", secretsmanager.GetRandomPasswordInput{ExcludeLowercase: new(true), ExcludeUppercase: new(true), ExcludeCharacters: new(punctuation), PasswordLength: new(int64(1))}, 1, "digits"},
	} {
		t.Run(test.name, func(t *testing.T) {
			for range 50 {
				out, err := c.GetRandomPassword(ctx, &test.in)
				ok(t, err)
				password := *out.RandomPassword
				if len(password) != test.size {
					t.Fatalf("%q has %d characters", password, len(password))
				}
				for name, characters := range types {
					if has := strings.ContainsAny(password, characters); has != strings.Contains(test.has, name) {
						t.Errorf("%q: %s %t", password, name, has)
					}
				}
			}
		})
	}
	_, err := c.GetRandomPassword(ctx, &secretsmanager.GetRandomPasswordInput{PasswordLength: new(int64(3))})
	wantError(t, err, invalidParameter, "Password length is too short based on the required types.")
	_, err = c.GetRandomPassword(ctx, &secretsmanager.GetRandomPasswordInput{PasswordLength: new(int64(3)), RequireEachIncludedType: new(false)})
	ok(t, err)
	_, err = c.GetRandomPassword(ctx, &secretsmanager.GetRandomPasswordInput{PasswordLength: new(int64(4097))})
	wantError(t, err, validation, "")
	_, err = c.GetRandomPassword(ctx, &secretsmanager.GetRandomPasswordInput{ExcludeNumbers: new(true), ExcludePunctuation: new(true), ExcludeLowercase: new(true), ExcludeUppercase: new(true)})
	wantError(t, err, invalidParameter, "")
}
