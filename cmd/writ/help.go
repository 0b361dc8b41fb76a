package main

import (
	"fmt"
	"slices"

	"github.com/alecthomas/kong"
)

// helpCmd is `writ help`.
type helpCmd struct {
	Verb []string `arg:"" optional:"" help:"The command, such as test or account create."`
}

// Run prints the flags of a verb and examples of its use.
func (c *helpCmd) Run(s streams, parser *kong.Kong) error {
	ctx, err := kong.Trace(parser, c.Verb)
	if err != nil {
		return err
	}
	if ctx.Error != nil && len(c.Verb) > 0 && ctx.Selected() == nil && !isGroup(parser.Model.Node, c.Verb) {
		fmt.Fprintf(s.err, "writ: there is no verb %q; writ help lists them\n", c.Verb[0])
		return exitCode(2)
	}
	if err := ctx.PrintUsage(false); err != nil {
		return err
	}
	if len(c.Verb) == 0 {
		return nil
	}
	lines := examples[c.Verb[0]]
	if len(lines) > 0 {
		fmt.Fprintln(s.out, "\nExamples:")
	}
	for _, line := range lines {
		fmt.Fprintln(s.out, "  "+line)
	}
	return nil
}

// isGroup reports whether words name a verb that has verbs below it.
func isGroup(n *kong.Node, words []string) bool {
	return slices.ContainsFunc(n.Children, func(child *kong.Node) bool { return child.Name == words[0] })
}

// examples are commands by their verb. A test parses each of them.
var examples = map[string][]string{
	"serve":      {"writ serve", "writ serve --data :memory: --world world.yaml", "writ serve --listen 127.0.0.1:0 --audit audit.jsonl"},
	"backup":     {"writ backup --data ./writ-data state.backup"},
	"restore":    {"writ restore state.backup --data ./restored"},
	"verify":     {"writ verify ./writ-data"},
	"move":       {"writ move --from ./writ-data --to postgres://writ@db/writ"},
	"account":    {"writ account create production", "writ account list"},
	"check":      {"writ check policy.json", "writ check --format sarif template.yaml plan.json", "writ check --fix policies/*.json"},
	"completion": {"writ completion bash > /etc/bash_completion.d/writ", "writ completion zsh > _writ", "writ completion fish > ~/.config/fish/completions/writ.fish"},
	"demo":       {"writ demo"},
	"diff":       {"writ diff old.json new.json --fail-on more", "writ diff --git main..HEAD --format markdown"},
	"doctor":     {"writ doctor", "writ doctor --listen 127.0.0.1:4567"},
	"export":     {"writ export -o world.yaml", "writ export --endpoint http://127.0.0.1:4566/_writ/w/NAME"},
	"escalate":   {"writ escalate --principal arn:aws:iam::111122223333:user/bob --identity policy.json"},
	"fix":        {"writ fix", "writ fix --apply"},
	"grants":     {"writ grants --action s3:DeleteBucket policy.json"},
	"health":     {"writ health"},
	"help":       {"writ help test"},
	"lsp":        {"writ lsp"},
	"man":        {"writ man /usr/local/share/man/man1"},
	"minimize":   {"writ minimize policy.json"},
	"prove":      {"writ prove world.yaml", "writ prove --format github world.yaml"},
	"public":     {"writ public bucket-policy.json --trust org=o-a1b2c3d4e5"},
	"explain":    {"writ explain", "writ explain REQUEST-ID --format svg"},
	"can":        {"writ can arn:aws:iam::111122223333:user/bob ssm:GetParameter arn:aws:ssm:us-east-1:111122223333:parameter/db"},
	"who-can":    {"writ who-can ssm:GetParameter arn:aws:ssm:us-east-1:111122223333:parameter/db", "writ who-can ssm:GetParameter arn:aws:ssm:us-east-1:111122223333:parameter/db --reach --world world.yaml"},
	"what-can":   {"writ what-can arn:aws:iam::111122223333:user/bob"},
	"log":        {"writ log -f --denied"},
	"token":      {"writ token --issuer token.actions.githubusercontent.com --sub repo:org/app:ref:refs/heads/main --aud sts.amazonaws.com"},
	"record":     {"writ record --to requests.jsonl", "writ record --to requests.jsonl -f"},
	"replay":     {"writ replay audit.jsonl --world world.yaml --fail-on newly-denied"},
	"test":       {"writ test world.yaml", "writ test --format junit worlds/one.yaml worlds/two.yaml"},
	"simulate":   {"writ simulate --principal arn:aws:iam::111122223333:user/bob --action s3:GetObject --resource arn:aws:s3:::b/x --identity policy.json"},
	"migrate":    {"writ migrate --data postgres://writ@db/writ"},
	"version":    {"writ version"},
}
