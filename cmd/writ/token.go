package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// tokenCmd is `writ token`.
type tokenCmd struct {
	Endpoint string            `default:"http://127.0.0.1:4566" env:"WRIT_ENDPOINT" placeholder:"URL" help:"The address of the server, on this machine (default ${default})."`
	Issuer   string            `required:"" placeholder:"HOST" help:"The issuer: token.actions.githubusercontent.com."`
	Sub      string            `required:"" placeholder:"TEXT" help:"The subject: repo:org/repo:ref:refs/heads/main."`
	Aud      []string          `required:"" placeholder:"TEXT" help:"The audience: sts.amazonaws.com. May be repeated."`
	Claim    map[string]string `placeholder:"NAME=VALUE" help:"An additional claim; JSON values are kept as JSON. May be repeated."`
	Life     time.Duration     `default:"10m" placeholder:"TIME" help:"How long the token is valid (default ${default})."`
}

// Run prints a token of the server's test issuer.
func (c *tokenCmd) Run(s streams) error {
	token, err := c.fetch()
	if err != nil {
		return fmt.Errorf("token of %s: %w", c.Issuer, err)
	}
	_, err = fmt.Fprintln(s.out, token)
	return err
}

// claims are those of the token, without what the issuer sets.
func (c *tokenCmd) claims() map[string]any {
	claims := map[string]any{}
	for name, text := range c.Claim {
		var value any
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			value = text
		}
		claims[name] = value
	}
	claims["sub"], claims["aud"] = c.Sub, c.Aud
	if len(c.Aud) == 1 {
		claims["aud"] = c.Aud[0]
	}
	return claims
}

func (c *tokenCmd) fetch() (string, error) {
	issuer := strings.TrimSuffix(strings.TrimPrefix(c.Issuer, "https://"), "/")
	body, err := json.Marshal(map[string]any{"claims": c.claims(), "seconds": int(c.Life.Seconds())})
	if err != nil {
		return "", err
	}
	client := http.Client{Timeout: 30 * time.Second}
	resp, err := client.Post(strings.TrimSuffix(c.Endpoint, "/")+"/_writ/oidc/"+issuer+"/token", "application/json", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	var answer struct{ Token, Message string }
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return "", fmt.Errorf("%s answers %s, as no Writ does", c.Endpoint, resp.Status)
	}
	if resp.StatusCode != http.StatusCreated {
		return "", errors.New(answer.Message)
	}
	return answer.Token, nil
}
