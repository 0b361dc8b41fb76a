package worldfile

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/writdev/writ/arn"
	"github.com/writdev/writ/internal/identity"
	"github.com/writdev/writ/internal/server"
	"github.com/writdev/writ/internal/store"
)

// Export writes the state of a server as a world file, in YAML: the same state is always
// the same bytes. What a world file cannot say is left out, and a comment at the top says
// what that is.
func (f *Format) Export(ctx context.Context, s *server.Server) ([]byte, error) {
	var text []byte
	err := s.Observe(ctx, func(o *server.Operator) error {
		x := &exporter{format: f, Operator: o, out: File{Entries: map[string][]Entry{}}, accounts: map[string]bool{}, left: map[string]int{}}
		if err := x.export(); err != nil {
			return fmt.Errorf("export: %w", err)
		}
		var err error
		text, err = x.text()
		return err
	})
	return text, err
}

// exporter reads a state into a file.
type exporter struct {
	format *Format
	*server.Operator
	out      File
	accounts map[string]bool // that something belongs to or speaks of
	left     map[string]int  // what is left out, by what it is
}

func (x *exporter) leave(what string) { x.left[what]++ }

// export reads every row there is. Rows that follow from others have no part in it.
func (x *exporter) export() error {
	rows := map[string][]store.Resource{} // by service and type
	for r, err := range x.Tx.Resources(store.Query{Prefix: "arn:"}) {
		if err != nil {
			return err
		}
		key := r.Service + " " + r.Type
		if r.Service == "imagebuilder" && strings.HasPrefix(r.Type, "workflow") {
			key = "imagebuilder workflow"
		}
		rows[key] = append(rows[key], r)
	}
	if err := x.readGroups(rows); err != nil {
		return err
	}
	if err := x.readAccounts(rows["account account"]); err != nil {
		return err
	}
	if err := x.readOrganization(rows); err != nil {
		return err
	}
	for i := range kinds {
		k := &kinds[i]
		if err := x.section(k, rows[k.service+" "+k.typ]); err != nil {
			return err
		}
		delete(rows, k.service+" "+k.typ)
	}
	if err := x.principals(rows); err != nil {
		return err
	}
	if err := x.shares(rows["ram resource-share"]); err != nil {
		return err
	}
	for key, list := range rows {
		if follows[key] == "" {
			for range list {
				x.leave(key)
			}
		}
	}
	for id := range x.accounts {
		if !slices.ContainsFunc(x.out.Accounts, func(a Account) bool { return a.ID == id }) {
			x.out.Accounts = append(x.out.Accounts, Account{ID: id})
		}
	}
	slices.SortFunc(x.out.Accounts, func(a, b Account) int { return cmp.Compare(a.ID, b.ID) })
	return nil
}

// follows are the rows that follow from others, or that were read with them, with what
// becomes of them.
var follows = map[string]string{
	"account account": "accounts", "iam user": "users", "iam role": "roles", "iam group": "groups",
	"organizations organization": "organization", "organizations membership": "organization", "organizations root": "organization",
	"organizations ou": "organization", "organizations account": "organization", "organizations policy": "organization",
	"organizations handshake": "made with the organization", "ram sharing-with-organization": "organization",
	"ram resource-share": "shares", "ram resource-share-invitation": "made with the shares", "ram quota": "counted again",
	"kms alias": "keys", "kms grant": "keys",
	"ssm parameter-counts": "counted again", "ssm parameter-chapter": "parameters", "ssm document-content": "documents",
	"ssm opsitem-count": "counted again", "ssm opsitem-event": "made with opsItems; later ones are not kept",
	"imagebuilder-builds builds":     "counted again",
	"secretsmanager secretvalue":     "secrets",
	"secretsmanager secretname":      "secrets",
	"access-analyzer archive-rule":   "analyzers",
	"access-analyzer finding-status": "findings are made again; their status is not kept",
}

// readGroups adds the groups of OpsItems that have a policy: they have no rows.
func (x *exporter) readGroups(rows map[string][]store.Resource) error {
	arns, err := x.Tx.PolicyARNs()
	if err != nil {
		return err
	}
	k, _ := kindOfSection("opsItemGroups")
	for _, long := range arns {
		if a, err := arn.Parse(long); err == nil && a.Service == k.service {
			if _, ok := k.named(a.Resource); ok {
				rows[k.service+" "+k.typ] = append(rows[k.service+" "+k.typ], store.Resource{ARN: long})
			}
		}
	}
	return nil
}

func (x *exporter) readAccounts(rows []store.Resource) error {
	for _, r := range rows {
		a, err := identity.AccountOf(x.Tx, r.Account)
		if err != nil {
			return err
		}
		out := Account{ID: a.ID, Name: a.Name, Email: a.Email}
		if out.Email == a.ID+"@example.com" {
			out.Email = ""
		}
		if out.Name == a.ID {
			out.Name = ""
		}
		x.accounts[a.ID] = true
		if !isAccountName(out.Name) {
			x.leave("name of an account, which a file cannot use")
			out.Name = ""
		}
		if out.Name != "" && slices.ContainsFunc(x.out.Accounts, func(o Account) bool { return o.Name == out.Name }) {
			x.leave("name of an account, which another has")
			out.Name = ""
		}
		x.out.Accounts = append(x.out.Accounts, out)
	}
	return nil
}

// owner is the account of an ARN, which is declared then.
func (x *exporter) owner(long string) arn.ARN {
	a, err := arn.Parse(long)
	if err == nil && arn.IsAccountID(a.Account) {
		x.accounts[a.Account] = true
	}
	return a
}

// get makes a call that reads, as the account that an ARN belongs to.
func (x *exporter) get(long, service, operation string, in map[string]any) (map[string]any, error) {
	a := x.owner(long)
	input, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	region := a.Region
	if region == "" {
		region = globalRegion
	}
	answer, err := x.Call(server.OperatorCall{Account: a.Account, Region: region, Service: service, Operation: operation, Input: input})
	if err != nil {
		return nil, fmt.Errorf("%s of %s: %w", operation, long, err)
	}
	out := map[string]any{}
	d := json.NewDecoder(strings.NewReader(string(answer)))
	d.UseNumber()
	return out, d.Decode(&out)
}

// member finds a value in an answer, by the names of its members.
func member(answer map[string]any, path string) any {
	var v any = answer
	for name := range strings.SplitSeq(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			v = at[name]
		default:
			return nil
		}
	}
	return v
}

// document is a stored document of a name.
func document(name, text string) Document { return Document{Name: name, Text: json.RawMessage(text)} }
