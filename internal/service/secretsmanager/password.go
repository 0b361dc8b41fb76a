package secretsmanager

import (
	"crypto/rand"
	"math/big"
	"strings"

	"github.com/writdev/writ/internal/operation"
)

// The characters of random passwords, by type.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html
const (
	lowercase       = "abcdefghijklmnopqrstuvwxyz"
	uppercase       = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	numbers         = "0123456789"
	punctuation     = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
	defaultPassword = 32 // characters
)

// getRandomPassword generates a password of all types of characters that are not excluded, with at least one
// of each by default.
func (sm *secretsManager) getRandomPassword(_ *operation.Call, in *GetRandomPasswordInput) (*GetRandomPasswordOutput, error) {
	length := defaultPassword
	if in.PasswordLength != nil {
		length = int(*in.PasswordLength)
	}
	types := passwordTypes(in)
	all := strings.Join(types, "")
	requiresEach := in.RequireEachIncludedType == nil || *in.RequireEachIncludedType
	switch {
	case all == "":
		return nil, errInvalidParameter("No characters are left to make a password of.")
	case requiresEach && length < len(types):
		return nil, errInvalidParameter("Password length is too short based on the required types.")
	}
	password := make([]byte, 0, length)
	if requiresEach {
		for _, characters := range types {
			c, err := pick(characters)
			if err != nil {
				return nil, err
			}
			password = append(password, c)
		}
	}
	for len(password) < length {
		c, err := pick(all)
		if err != nil {
			return nil, err
		}
		password = append(password, c)
	}
	if err := shuffle(password); err != nil {
		return nil, err
	}
	return &GetRandomPasswordOutput{RandomPassword: new(string(password))}, nil
}

// passwordTypes returns the non-empty character types of a request.
func passwordTypes(in *GetRandomPasswordInput) (types []string) {
	excluded := ""
	if in.ExcludeCharacters != nil {
		excluded = *in.ExcludeCharacters
	}
	for _, t := range []struct {
		characters string
		excluded   bool
	}{
		{lowercase, isTrue(in.ExcludeLowercase)}, {uppercase, isTrue(in.ExcludeUppercase)}, {numbers, isTrue(in.ExcludeNumbers)},
		{punctuation, isTrue(in.ExcludePunctuation)}, {" ", !isTrue(in.IncludeSpace)},
	} {
		left := strings.Map(func(r rune) rune {
			if strings.ContainsRune(excluded, r) {
				return -1
			}
			return r
		}, t.characters)
		if !t.excluded && left != "" {
			types = append(types, left)
		}
	}
	return types
}

// randomBelow returns a random number below n.
func randomBelow(n int) (int, error) {
	i, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		return 0, err
	}
	return int(i.Int64()), nil
}

func pick(characters string) (byte, error) {
	i, err := randomBelow(len(characters))
	if err != nil {
		return 0, err
	}
	return characters[i], nil
}

// shuffle permutes the characters uniformly at random.
func shuffle(text []byte) error {
	for i := len(text) - 1; i > 0; i-- {
		j, err := randomBelow(i + 1)
		if err != nil {
			return err
		}
		text[i], text[j] = text[j], text[i]
	}
	return nil
}
