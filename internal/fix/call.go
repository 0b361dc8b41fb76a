package fix

import (
	"strings"
	"unicode"
)

// Call is one call of an AWS API.
type Call struct {
	Account   string // the account whose administrator makes it
	Region    string
	Service   string // in the notation of the AWS CLI: "ssm"
	Operation string // "PutResourcePolicy"
	Params    []Param
}

// Param is one member of the input of a call.
type Param struct {
	Name  string // as in the API model: "ResourceArn"
	Value string
	Flag  bool // the member is the Boolean true, and Value is empty
}

// Command returns the call as a command of the AWS CLI, quoted for a POSIX shell.
func (c Call) Command() string {
	words := []string{"aws", c.Service, kebabCase(c.Operation), "--region", c.Region}
	for _, p := range c.Params {
		words = append(words, "--"+kebabCase(p.Name))
		if !p.Flag {
			words = append(words, shellQuote(p.Value))
		}
	}
	return strings.Join(words, " ")
}

// kebabCase returns a name in the notation of the AWS CLI: "PutResourcePolicy" becomes "put-resource-policy".
func kebabCase(name string) string {
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// shellQuote returns a quoted word of a POSIX shell.
func shellQuote(text string) string {
	const safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=@%+,"
	if text != "" && strings.Trim(text, safe) == "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
