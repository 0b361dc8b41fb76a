package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/writdev/writ"
)

// accountCmd is `writ account`.
type accountCmd struct {
	Create createAccountCmd `cmd:"" help:"Create an account and an access key of its root user."`
	List   listAccountsCmd  `cmd:"" help:"List the created accounts."`
}

// where says which Writ a verb is about: one that runs, or the directory of one
// that does not.
type where struct {
	Endpoint string `default:"http://127.0.0.1:4566" env:"WRIT_ENDPOINT" placeholder:"URL" help:"The address of the server, on this machine (default ${default})."`
	Data     string `placeholder:"DATA" help:"Use the data directory of a stopped server, or a database, instead of a running server."`
	KeyFile  string `env:"WRIT_KEY_FILE" placeholder:"FILE" help:"With a database: the sealing key of its servers."`
}

// createAccountCmd is `writ account create`.
type createAccountCmd struct {
	where
	Name  string `arg:"" help:"The display name of the account."`
	Email string `placeholder:"ADDRESS" help:"The e-mail address of the account, which organizations can send invitations to."`
	JSON  bool   `name:"json" help:"Print JSON."`
}

// account is an account as /_writ/accounts has it; only a new one comes with
// its key.
type account struct {
	ID              string `json:"id"`
	Name            string `json:"name"`
	Email           string `json:"email"`
	AccessKeyID     string `json:"accessKeyId,omitempty"`
	SecretAccessKey string `json:"secretAccessKey,omitempty"`
}

// Run makes the account and prints its key, this once.
func (c *createAccountCmd) Run(s streams) error {
	made, err := c.create()
	if err != nil {
		return fmt.Errorf("create account %s: %w", c.Name, err)
	}
	if c.JSON {
		return json.NewEncoder(s.out).Encode(made)
	}
	_, err = fmt.Fprintf(s.out, `Account %s (%s) is made. This is the access key of its root user; the secret is shown only now:
  export AWS_ACCESS_KEY_ID=%s
  export AWS_SECRET_ACCESS_KEY=%s
`, made.ID, made.Name, made.AccessKeyID, made.SecretAccessKey)
	return err
}

func (c *createAccountCmd) create() (made account, err error) {
	if c.Data == "" {
		body, err := json.Marshal(map[string]string{"name": c.Name, "email": c.Email})
		if err != nil {
			return made, err
		}
		return made, c.call(http.MethodPost, body, &made)
	}
	err = c.open(func(w *writ.Server) error {
		a, key, err := w.CreateAccount(context.Background(), c.Name, c.Email)
		made = account{a.ID, a.Name, a.Email, key.ID, key.Secret}
		return err
	})
	return made, err
}

// listAccountsCmd is `writ account list`.
type listAccountsCmd struct {
	where
	JSON bool `name:"json" help:"Print JSON."`
}

// Run prints one account a line.
func (c *listAccountsCmd) Run(s streams) error {
	answer, err := c.list()
	if err != nil {
		return fmt.Errorf("list accounts: %w", err)
	}
	if c.JSON {
		return json.NewEncoder(s.out).Encode(answer)
	}
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	for _, a := range answer.Accounts {
		fmt.Fprintf(w, "%s\t%s\t%s\n", a.ID, a.Name, a.Email)
	}
	return w.Flush()
}

// accounts is the answer to who lists them.
type accounts struct {
	Accounts []account `json:"accounts"`
}

func (c *listAccountsCmd) list() (answer accounts, err error) {
	if c.Data == "" {
		return answer, c.call(http.MethodGet, nil, &answer)
	}
	answer.Accounts = []account{}
	err = c.open(func(w *writ.Server) error {
		list, err := w.Accounts(context.Background())
		for _, a := range list {
			answer.Accounts = append(answer.Accounts, account{ID: a.ID, Name: a.Name, Email: a.Email})
		}
		return err
	})
	return answer, err
}

// open runs fn on the data directory, which nothing else may hold.
func (w *where) open(fn func(*writ.Server) error) error {
	s, err := writ.New(writ.Config{Data: w.Data, KeyFile: w.KeyFile})
	if errors.Is(err, writ.ErrInUse) {
		return fmt.Errorf("%w; a server that runs is asked with --endpoint", err)
	}
	if err != nil {
		return err
	}
	return errors.Join(fn(s), s.Close())
}

// call asks the server.
func (w *where) call(method string, body []byte, into any) error {
	req, err := http.NewRequest(method, strings.TrimSuffix(w.Endpoint, "/")+"/_writ/accounts", bytes.NewReader(body))
	if err != nil {
		return err
	}
	client := http.Client{Timeout: 30 * time.Second}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		var refusal struct{ Message string }
		if err := json.NewDecoder(resp.Body).Decode(&refusal); err != nil || refusal.Message == "" {
			return fmt.Errorf("%s answers %s, as no Writ does", w.Endpoint, resp.Status)
		}
		return errors.New(refusal.Message)
	}
	return json.NewDecoder(resp.Body).Decode(into)
}
