package main

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/writdev/writ/policy"
	"github.com/writdev/writ/policy/analyze"
)

// publicCmd asks of resource policies whether they let in the public or, with
// --trust, anyone from outside a zone of trust. It exits with 0 if none does,
// with 1 if one does or that is unknown, with 2 if a document cannot be read.
type publicCmd struct {
	Files  []string `arg:"" name:"file" help:"Policy documents; - is standard input."`
	Trust  []string `placeholder:"TYPE=VALUE" help:"The zone of trust: account=, org=, org-path=, principal=, network=, vpc= or vpce= and a value. Without it, only public access is reported."`
	Kind   string   `default:"resource" enum:"resource,trust,endpoint" help:"The kind of the documents: ${enum}."`
	Format string   `default:"text" enum:"text,json" help:"Output format: ${enum}."`
}

// Run asks about every file.
func (c *publicCmd) Run(s streams) error {
	zone, err := parseZone(c.Trust)
	if err != nil {
		fmt.Fprintln(s.err, "writ: public:", err)
		return exitCode(2)
	}
	var answers []fileAnswer
	open, unreadable := false, false
	for _, file := range c.Files {
		d, kind, err := readPolicy(file, c.Kind)
		if err != nil {
			fmt.Fprintln(s.err, "writ: public:", err)
			unreadable = true
			continue
		}
		a := newFileAnswer(file, kind, c.ask(d, kind, zone))
		open = open || a.Answer != "no"
		answers = append(answers, a)
	}
	words := map[string]string{"yes": "is public", "no": "is not public"}
	if len(c.Trust) > 0 {
		words = map[string]string{"yes": "allows access from outside the zone of trust", "no": "allows no access from outside the zone of trust"}
	}
	if err := printAnswers(s.out, c.Format, words, answers); err != nil {
		return fmt.Errorf("public: %w", err)
	}
	switch {
	case unreadable:
		return exitCode(2)
	case open:
		return exitCode(1)
	}
	return nil
}

func (c *publicCmd) ask(d *policy.Document, kind policy.Kind, zone analyze.Zone) analyze.Answer {
	if len(c.Trust) == 0 {
		return analyze.Public(d, kind, options())
	}
	return analyze.Outside(d, kind, zone, options())
}

// parseZone reads the values of --trust.
func parseZone(trust []string) (z analyze.Zone, err error) {
	for _, t := range trust {
		name, value, ok := strings.Cut(t, "=")
		if !ok || value == "" {
			return z, fmt.Errorf("--trust %s: expected TYPE=VALUE", t)
		}
		switch name {
		case "account":
			if len(value) != 12 || strings.Trim(value, "0123456789") != "" {
				return z, fmt.Errorf("--trust %s: an account id has twelve digits", t)
			}
			z.Accounts = append(z.Accounts, value)
		case "org":
			z.Organizations = append(z.Organizations, value)
		case "org-path":
			z.OrgPaths = append(z.OrgPaths, value)
		case "principal":
			z.Principals = append(z.Principals, value)
		case "network":
			prefix, err := netip.ParsePrefix(value)
			if err != nil {
				return z, fmt.Errorf("--trust %s: %w", t, err)
			}
			z.Networks = append(z.Networks, prefix.Masked())
		case "vpc":
			z.VPCs = append(z.VPCs, value)
		case "vpce":
			z.VPCEndpoints = append(z.VPCEndpoints, value)
		default:
			return z, fmt.Errorf("--trust %s: the types are account, org, org-path, principal, network, vpc and vpce", t)
		}
	}
	return z, nil
}
