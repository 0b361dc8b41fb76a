package fix

import (
	"strings"
	"unicode"
)

// Call is one call of an AWS API.
type Call struct {
	Account   string // whose administrator makes it
	Region    string
	Service   string // as the AWS CLI calls it: "ssm"
	Operation string // "PutResourcePolicy"
	Params    []Param
}

// Param is one member of the input of a call.
type Param struct {
	Name  string // as in the API's model: "ResourceArn"
	Value string
	Flag  bool // the member is the Boolean true, and Value is empty
}

// Command is the call as a command of the AWS CLI, quoted for a POSIX shell.
func (c Call) Command() string {
	words := []string{"aws", c.Service, kebab(c.Operation), "--region", c.Region}
	for _, p := range c.Params {
		words = append(words, "--"+kebab(p.Name))
		if !p.Flag {
			words = append(words, shellQuoted(p.Value))
		}
	}
	return strings.Join(words, " ")
}

// kebab is the form that the AWS CLI gives a name: "PutResourcePolicy" becomes
// "put-resource-policy".
func kebab(name string) string {
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// shellQuoted is a word of a POSIX shell.
func shellQuoted(text string) string {
	const safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=@%+,"
	if text != "" && strings.Trim(text, safe) == "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
